//! The platforms on which people have names: their hosts, their words, and the shape of a name. One row each.

/// A platform.
#[derive(Debug)]
pub(crate) struct Platform {
    /// Its word in canonical values.
    pub name: &'static str,
    /// Its hosts, without `www.` or `m.`.
    pub hosts: &'static [&'static str],
    /// Words by which people call it that mean nothing else.
    pub words: &'static [&'static str],
    /// Words and abbreviations that mean other things too: they count only right before a sign.
    pub abbreviations: &'static [&'static str],
    /// Where in a URL's path a name stands: `*` is the name, `*` after a sign is the name behind it; other words stand
    /// for themselves. The first that fits counts.
    pub paths: &'static [&'static str],
    /// First words of paths that are the platform's own.
    pub reserved: &'static [&'static str],
    /// Signs that a name may hold beside letters and digits.
    pub signs: &'static str,
    /// How long a name is, in characters.
    pub length: std::ops::RangeInclusive<usize>,
}

/// Every platform.
pub(crate) const PLATFORMS: [Platform; 19] = [
    Platform {
        name: "instagram",
        hosts: &["instagram.com", "instagr.am", "ig.me"],
        words: &["instagram", "insta", "instgram", "инстаграм", "инста"],
        abbreviations: &["ig", "inst"],
        paths: &["_u/*", "stories/*", "m/*", "*"],
        reserved: &[
            "p", "reel", "reels", "explore", "accounts", "tv", "stories", "about", "developer", "directory", "legal",
            "direct", "web", "privacy", "challenge", "share", "_u", "m",
        ],
        signs: "._",
        length: 2..=30,
    },
    Platform {
        name: "telegram",
        hosts: &["t.me", "telegram.me", "telegram.dog"],
        words: &["telegram", "telegramm", "telegrama", "телеграм", "телеграмм", "телега"],
        abbreviations: &["tg", "tele", "telly", "tlgrm", "тг"],
        paths: &["s/*", "*"],
        reserved: &[
            "joinchat", "addstickers", "addemoji", "addlist", "share", "proxy", "socks", "setlanguage", "addtheme",
            "iv", "c", "s", "login", "confirmphone", "contact", "bg", "msg", "invoice", "boost",
        ],
        signs: "_",
        length: 4..=32,
    },
    Platform {
        name: "snapchat",
        hosts: &["snapchat.com", "story.snapchat.com"],
        words: &["snapchat", "snap chat"],
        abbreviations: &["snap", "sc", "snp"],
        paths: &["add/*", "@*", "u/*"],
        reserved: &[],
        signs: "._-",
        length: 3..=15,
    },
    Platform {
        name: "twitter",
        hosts: &["twitter.com", "x.com", "mobile.twitter.com", "nitter.net"],
        words: &["twitter"],
        abbreviations: &["x", "twt", "twit"],
        paths: &["@*", "*"],
        reserved: &[
            "i", "intent", "home", "search", "share", "hashtag", "explore", "login", "signup", "settings", "tos",
            "privacy", "about", "messages", "notifications", "compose", "download", "jobs", "who_to_follow",
        ],
        signs: "_",
        length: 2..=15,
    },
    Platform {
        name: "facebook",
        hosts: &[
            "facebook.com", "fb.com", "fb.me", "m.me", "mobile.facebook.com", "mbasic.facebook.com",
            "web.facebook.com", "l.facebook.com", "business.facebook.com", "messenger.com",
        ],
        words: &["facebook", "messenger", "фейсбук"],
        abbreviations: &["fb", "face", "msgr"],
        paths: &["profile.php?id=*", "people/_/*", "pg/*", "t/*", "*"],
        reserved: &[
            "sharer", "sharer.php", "share.php", "share", "dialog", "groups", "events", "pages", "watch",
            "marketplace", "login", "login.php", "plugins", "tr", "help", "policies", "photo.php", "photo", "photos",
            "story.php", "permalink.php", "hashtag", "reel", "media", "gaming", "business", "ads", "privacy",
            "legal", "l.php", "home.php", "profile.php", "people", "pg", "t", "policy.php", "about", "dialog.php",
        ],
        signs: ".",
        length: 4..=50,
    },
    Platform {
        name: "tiktok",
        hosts: &["tiktok.com"],
        words: &["tiktok", "tik tok", "tik-tok"],
        abbreviations: &["tt"],
        paths: &["@*"],
        reserved: &[],
        signs: "._",
        length: 2..=24,
    },
    Platform {
        name: "kik",
        hosts: &["kik.me", "kik.com"],
        words: &["kik"],
        abbreviations: &["kik messenger"],
        paths: &["u/*", "*"],
        reserved: &["about", "privacy", "terms", "help", "u"],
        signs: "._",
        length: 2..=30,
    },
    Platform {
        name: "wechat",
        hosts: &["u.wechat.com", "weixin.qq.com"],
        words: &["wechat", "we chat", "weixin", "wei xin", "微信"],
        abbreviations: &["wx", "vx", "wc"],
        paths: &[],
        reserved: &[],
        signs: "_-",
        length: 6..=20,
    },
    Platform {
        name: "line",
        hosts: &["line.me", "page.line.me", "lin.ee"],
        words: &["line id", "lineid", "line-id"],
        abbreviations: &["line"],
        paths: &["ti/p/~*", "ti/p/@*", "r/ti/p/~*", "r/ti/p/@*"],
        reserved: &[],
        signs: "._-",
        length: 3..=20,
    },
    Platform {
        name: "onlyfans",
        hosts: &["onlyfans.com"],
        words: &["onlyfans", "only fans", "onlyfan"],
        abbreviations: &["of"],
        paths: &["*"],
        reserved: &["my", "help", "terms", "privacy", "contact", "about", "posts", "dmca", "cookies"],
        signs: "._-",
        length: 3..=30,
    },
    Platform {
        name: "whatsapp",
        hosts: &["wa.me", "whatsapp.com", "api.whatsapp.com", "web.whatsapp.com", "chat.whatsapp.com"],
        words: &[],
        abbreviations: &[],
        paths: &[],
        reserved: &[],
        signs: "._",
        length: 3..=35,
    },
    Platform {
        name: "skype",
        hosts: &["join.skype.com", "skype.com"],
        words: &["skype", "скайп"],
        abbreviations: &[],
        paths: &[],
        reserved: &[],
        signs: "._-,:",
        length: 6..=40,
    },
    Platform {
        name: "discord",
        hosts: &["discord.com", "discordapp.com", "discord.gg"],
        words: &["discord"],
        abbreviations: &["disc", "dc"],
        paths: &["users/*"],
        reserved: &[],
        signs: "._#",
        length: 2..=37,
    },
    Platform {
        name: "vk",
        hosts: &["vk.com", "vk.ru", "vkontakte.ru", "m.vk.com"],
        words: &["vkontakte", "вконтакте"],
        abbreviations: &["vk", "вк"],
        paths: &["*"],
        reserved: &[
            "share.php", "feed", "login", "away.php", "market", "im", "search", "audio", "video", "groups", "friends",
            "albums", "docs", "apps", "games", "support", "about", "terms", "privacy", "dev", "page",
        ],
        signs: "._",
        length: 2..=32,
    },
    Platform {
        name: "youtube",
        hosts: &["youtube.com", "m.youtube.com"],
        words: &["youtube", "you tube"],
        abbreviations: &["yt"],
        paths: &["@*", "c/*", "user/*", "channel/*"],
        reserved: &[],
        signs: "._-",
        length: 3..=40,
    },
    Platform {
        name: "cashapp",
        hosts: &["cash.app", "cash.me"],
        words: &["cashapp", "cash app", "cash-app", "cashtag"],
        abbreviations: &["ca"],
        paths: &["$*"],
        reserved: &[],
        signs: "_-",
        length: 1..=20,
    },
    Platform {
        name: "venmo",
        hosts: &["venmo.com", "account.venmo.com"],
        words: &["venmo"],
        abbreviations: &[],
        paths: &["u/*", "*"],
        reserved: &["about", "legal", "signup", "login", "help", "code", "u", "business", "account"],
        signs: "_-",
        length: 5..=30,
    },
    Platform {
        name: "paypal",
        hosts: &["paypal.me", "paypal.com"],
        words: &["paypal", "pay pal", "paypal.me"],
        abbreviations: &["pp"],
        paths: &["paypalme/*", "*"],
        reserved: &["webapps", "us", "uk", "de", "fr", "signin", "home", "business", "donate", "cgi-bin", "myaccount"],
        signs: "",
        length: 2..=20,
    },
    Platform {
        name: "signal",
        hosts: &["signal.me", "signal.group"],
        words: &[],
        abbreviations: &["signal"],
        paths: &[],
        reserved: &[],
        signs: "._",
        length: 3..=35,
    },
];

impl Platform {
    /// The canonical name of what was written as one on this platform; None where it is none.
    pub fn name_of(&self, written: &str) -> Option<String> {
        let name = written.trim_end_matches(['.', '-', ',', ':', '#']);
        let length = name.chars().count();
        let fits = self.length.contains(&length)
            && name
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || self.signs.contains(letter))
            && name.chars().any(|letter| letter.is_ascii_alphanumeric());
        fits.then(|| name.to_ascii_lowercase())
    }
}

/// The platform of this name or word.
pub(crate) fn by_word(word: &str) -> Option<&'static Platform> {
    let word = word.to_lowercase();
    PLATFORMS.iter().find(|platform| {
        platform.name == word
            || platform.words.contains(&word.as_str())
            || platform.abbreviations.contains(&word.as_str())
    })
}

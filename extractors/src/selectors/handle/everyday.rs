//! Everyday words around names: what stands between a label and a name, and what is no name.

/// Words that stand between a platform's word and a name.
pub(super) const FILLERS: [&str; 21] = [
    "id", "name", "username", "user", "handle", "acct", "account", "is", "me", "at", "on", "my",
    "page", "profile", "contact", "add", "as", "ник", "nick", "usuario", "us",
];
/// Words that follow a label and are no names.
pub(super) const NOT_NAMES: [&str; 93] = [
    "pictures",
    "photos",
    "videos",
    "content",
    "premium",
    "verification",
    "line",
    "wechat",
    "weixin",
    "kakao",
    "qq",
    "viber",
    "signal",
    "skype",
    "discord",
    "youtube",
    "onlyfans",
    "paypal",
    "cashapp",
    "premium",
    "verified",
    "ask",
    "none",
    "no",
    "yes",
    "me",
    "my",
    "the",
    "coming",
    "available",
    "only",
    "dm",
    "text",
    "call",
    "message",
    "add",
    "follow",
    "for",
    "or",
    "and",
    "on",
    "in",
    "at",
    "to",
    "is",
    "null",
    "below",
    "here",
    "link",
    "same",
    "soon",
    "private",
    "username",
    "user",
    "name",
    "see",
    "check",
    "via",
    "with",
    "us",
    "accepted",
    "welcome",
    "too",
    "also",
    "id",
    "account",
    "page",
    "profile",
    "http",
    "https",
    "www",
    "number",
    "whatsapp",
    "instagram",
    "telegram",
    "snapchat",
    "facebook",
    "twitter",
    "tiktok",
    "kik",
    "snap",
    "insta",
    "not",
    "if",
    "you",
    "your",
    "our",
    "deposit",
    "payment",
    "payments",
    "ready",
    "request",
    "preferred",
];
/// Words behind an at sign that are places, not names.
pub(super) const NOT_AT: [&str; 17] = [
    "http", "https", "www", "home", "gmail", "yahoo", "hotmail", "outlook", "icloud", "work",
    "all", "everyone", "here", "channel", "media", "import", "param",
];

/// True for a platform's abbreviation that sentences are made of, unless it stands in capitals.
pub(super) fn is_everyday(word: &str) -> bool {
    matches!(
        word.to_lowercase().as_str(),
        "of" | "line" | "face" | "x" | "ca" | "disc" | "signal"
    ) && !(word.len() > 1 && word.chars().all(char::is_uppercase))
}

/// True behind `RT`, which says whose words are repeated.
pub(super) fn is_repeated(before: &str) -> bool {
    let Some(rest) = before.len().checked_sub(2).and_then(|at| before.get(..at)) else {
        return false;
    };
    before[rest.len()..].eq_ignore_ascii_case("rt") && !rest.ends_with(char::is_alphanumeric)
}

/// True for a word that begins something else behind a name: `snap: roselane and more`.
pub(super) fn is_joining(word: &str) -> bool {
    const JOINING: [&str; 34] = [
        "and", "or", "after", "before", "from", "until", "till", "at", "on", "for", "with", "if",
        "only", "any", "anytime", "every", "please", "kindly", "thanks", "y", "e", "o", "et", "ou",
        "und", "oder", "en", "o", "i", "a", "na", "not", "no", "text",
    ];
    JOINING.iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// True for what ends as words do that say what is done or counted: `looking for`, `pictures and`.
pub(super) fn looks_inflected(token: &str) -> bool {
    const ENDINGS: [&str; 18] = [
        "s", "ing", "ed", "ly", "ion", "ment", "able", "ible", "idad", "ung", "ando", "endo",
        "ado", "ada", "mente", "ful", "ive", "ible",
    ];
    let lower = token.to_ascii_lowercase();
    ENDINGS.iter().any(|ending| lower.ends_with(ending))
}

/// True for a sign that points at what follows.
pub(super) fn is_pointer(letter: char) -> bool {
    matches!(letter, '»' | '›' | '\u{fe0f}' | '☞' | '☛' | '►' | '▶' | '▷' | '⇨' | '👉' | '👇' | '⬇' | '\u{2190}'..='\u{21ff}' | '\u{2794}'..='\u{27bf}')
}

/// True for pictures and ornaments: signs that end no sentence and begin no other thing.
pub(super) fn is_ornament(letter: char) -> bool {
    matches!(letter, '“' | '”' | '«' | '‘' | '’' | '【' | '】' | '「' | '」' | '\u{2500}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

/// True for a label in a script without spaces.
pub(super) fn is_wide(label: &str) -> bool {
    label.starts_with(is_ideographic)
}

/// True for a label that is a picture: nobody writes a colon behind one in a sentence.
pub(super) fn is_picture(label: &str) -> bool {
    !label.contains(char::is_alphanumeric)
}

/// Scripts without spaces between words: a name may end where they begin.
pub(super) fn is_ideographic(letter: char) -> bool {
    matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{e00}'..='\u{e7f}')
}

/// The length of the word for "name" or "ID" at the beginning of a text in another script; 0 where there is none.
pub(super) fn naming_prefix(text: &str) -> usize {
    const NAMING: [&str; 14] = [
        "아이디",
        "ไอดี",
        "айди",
        "ид",
        "ник",
        "логин",
        "آيدي",
        "ايدي",
        "يوزر",
        "账号",
        "帳號",
        "帐号",
        "用户名",
        "ユーザー名",
    ];
    NAMING
        .iter()
        .find(|word| text.starts_with(**word))
        .map_or(0, |word| word.len())
}

/// True for a word that says that a name follows.
pub(super) fn is_naming(word: &str) -> bool {
    ["id", "name", "username", "user", "handle", "nick"]
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known))
}

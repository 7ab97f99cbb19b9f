//! Everyday words around names: what stands between a label and a name, and what is no name.

/// Words that stand between a platform's word and a name.
const FILLERS: &[&str] = &[
    "acct", "acc", "acount", "me", "at", "on", "my", "page", "contact", "add", "us", "the", "also",
    "our", "here",
    // Spanish, Portuguese, French, Italian, German, Dutch, Polish, Romanian, Turkish, Vietnamese.
    "mi", "yo", "el", "en", "me", "llamo", "mio", "meu", "eu", "no", "mon", "moi", "le", "il", "lo",
    "mein", "mich", "unter", "auf", "mijn", "ik", "op", "moje", "moj", "mam", "nazywam", "sie",
    "meu", "lui", "de", "do", "di", "del", "von", "van", "da", "adim", "minha", "nome", "toi",
    "la",
];
/// Words that say that what follows is a name.
const NAMING: &[&str] = &[
    "id",
    "name",
    "username",
    "uname",
    "user",
    "handle",
    "nick",
    "nickname",
    "account",
    "profile",
    "tag",
    "alias",
    "login",
    "usuario",
    "usuaria",
    "nombre",
    "cuenta",
    "perfil",
    "conta",
    "nome",
    "utente",
    "profilo",
    "conto",
    "pseudo",
    "pseudonyme",
    "compte",
    "profil",
    "identifiant",
    "nom",
    "benutzer",
    "benutzername",
    "nutzername",
    "konto",
    "gebruiker",
    "gebruikersnaam",
    "naam",
    "profiel",
    "nazwa",
    "nik",
    "nume",
    "utilizator",
    "cont",
    "hesap",
    "hesabim",
    "kullanici",
    "adi",
    "uzivatel",
    "prezdivka",
    "jmeno",
    "namn",
    "ten",
    "akun",
    "addy",
];
/// Words by which a name is told in a sentence: "my insta is rose_lane", "sígueme como rose_lane".
const TELLING: &[&str] = &[
    "is", "its", "as", "called", "under", "es", "soy", "como", "est", "suis", "comme", "ist",
    "bin", "als", "heisst", "heisse", "sono", "come", "chiamo", "jest", "jestem", "jako", "sou",
    "e", "sunt", "este", "ca", "ben", "olarak", "je", "jsem", "jako", "ar", "heter", "som", "heet",
    "adalah",
];

/// The same in other letters, with words for "name" and "account" in other scripts.
const OTHER: &[&str] = &[
    "아이디는",
    "아이디",
    "계정",
    "이름",
    "ไอดี",
    "ชื่อ",
    "ยูส",
    "айди",
    "ид",
    "ник",
    "нік",
    "логин",
    "логін",
    "аккаунт",
    "акк",
    "юзернейм",
    "юзер",
    "никнейм",
    "нікнейм",
    "имя пользователя",
    "имя",
    "имʼя",
    "пользователь",
    "это",
    "це",
    "мой",
    "мій",
    "моя",
    "я ",
    "آيدي",
    "ايدي",
    "يوزري",
    "يوزر",
    "حسابي",
    "حساب",
    "معرفي",
    "معرف",
    "اسمي",
    "اسم المستخدم",
    "هو",
    "账号",
    "帳號",
    "帐号",
    "賬號",
    "账户",
    "用户名",
    "名字",
    "号码",
    "id是",
    "ユーザー名",
    "ユーザー",
    "アカウント",
    "ネーム",
    "名は",
    "όνομα",
    "χρήστη",
    "λογαριασμός",
    "είναι",
    "είμαι",
    "שם",
    "משתמש",
    "יוזר",
    "είμαι η",
    "là ",
    "é ",
    "è ",
    "är ",
    "kullanıcı adı",
    "kullanıcı",
    "hesabım",
    "adım",
    "użytkownik",
    "się ",
    "usuário",
    "tài khoản",
    "tên",
];

/// Words that follow a label and are no names.
const NOT_NAMES: &[&str] = &[
    "pictures",
    "photos",
    "videos",
    "video",
    "photo",
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
    "please",
    "friendly",
    "everyday",
    "anytime",
    "always",
    "today",
    "tonight",
    "channel",
    "group",
    "groups",
    "channels",
    "story",
    "stories",
    "reels",
    "chat",
    "calls",
    "messenger",
    "app",
    "open",
    "active",
    "down",
    "banned",
    "blocked",
    "hacked",
    "deleted",
    "public",
    "real",
    "disabled",
    "suspended",
    "gone",
    "new",
    "empty",
    "listed",
    "waiting",
    "off",
    "free",
    "back",
    "working",
    "favorite",
    "favourite",
    "fake",
    "linked",
    "hidden",
    "secret",
    "sexy",
    "daily",
    "weekly",
    "extra",
    "first",
    "anyone",
    "everyone",
    "someone",
    "nothing",
    "everything",
    "something",
    "another",
    "other",
    "others",
    "instead",
    "pending",
    "possible",
    "live",
    "now",
    "online",
    "offline",
    "discreet",
    "included",
    "sex",
    "show",
    "shows",
    "session",
    "sessions",
    "cam",
    "hookup",
    "roses",
    "donation",
    "tribute",
    "verify",
    "friends",
    "followers",
    "subscribers",
    "service",
    "services",
    "support",
    "feed",
    // In other languages, without their marks.
    "disponible",
    "disponibles",
    "solo",
    "solamente",
    "tambien",
    "gratis",
    "privado",
    "privada",
    "activo",
    "abierto",
    "fotos",
    "aussi",
    "uniquement",
    "seulement",
    "disponibile",
    "anche",
    "privato",
    "nur",
    "auch",
    "verfugbar",
    "privat",
    "erreichbar",
    "ook",
    "alleen",
    "beschikbaar",
    "tylko",
    "dostepny",
    "dostepna",
    "rowniez",
    "tambem",
    "apenas",
    "disponivel",
    "doar",
    "disponibil",
    "disponibila",
    "kanal",
    "canal",
    "grupo",
    "gruppo",
    "gruppe",
    "groep",
    "grup",
    "grupa",
    "kanaal",
    "canale",
    "sadece",
    "mesaj",
    "mensaje",
    "mensajes",
    "mensagem",
    "message",
    "messages",
    "nachricht",
    "messaggio",
    "contacto",
    "contact",
    "kontakt",
    "numero",
    "nummer",
    "numer",
    "wiadomosc",
    "bericht",
    "reserva",
    "reservas",
    "info",
    "informacion",
    "prive",
    "pagamento",
    "pago",
];
/// Words behind an at sign that are places, not names.
pub(super) const NOT_AT: [&str; 17] = [
    "http", "https", "www", "home", "gmail", "yahoo", "hotmail", "outlook", "icloud", "work",
    "all", "everyone", "here", "channel", "media", "import", "param",
];
/// Words that stand between a name and its platform: `rose_lane on my ig`.
pub(super) const PLACING: &[&str] = &[
    "on", "my", "the", "via", "at", "in", "en", "mi", "sur", "mon", "auf", "mein", "meinem", "bei",
    "su", "no", "em", "meu", "na", "w", "mojej", "mojem", "op", "mijn", "pe", "di", "on my",
    "trên", "på", "για", "στο", "i", "de", "do", "da", "lui", "pa", "на", "в", "у", "мой", "моём",
    "моем", "моя", "over", "for", "is", "şu", "v",
];
/// Words behind which a plain word is a name: "add rosedemo on snap", "find me as rosedemo on ig".
pub(super) const CALLING: &[&str] = &[
    "add",
    "follow",
    "as",
    "called",
    "named",
    "user",
    "username",
    "name",
    "search",
    "lookup",
    "im",
    "i'm",
    "is",
    "its",
    "como",
    "soy",
    "usuario",
    "agrega",
    "agregame",
    "sigue",
    "busca",
    "buscame",
    "como:",
    "sou",
    "adiciona",
    "segue",
    "comme",
    "pseudo",
    "ajoute",
    "suis",
    "cherche",
    "als",
    "heisse",
    "suche",
    "adde",
    "folge",
    "come",
    "sono",
    "aggiungi",
    "cerca",
    "segui",
    "jako",
    "dodaj",
    "szukaj",
    "jestem",
    "zoek",
    "volg",
    "voeg",
    "sunt",
    "cauta",
    "ekle",
    "ник",
    "ищи",
    "добавь",
    "добавляй",
    "id",
];

fn is_one_of(words: &[&str], word: &str) -> bool {
    words.iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// True for a word that may stand between a label and a name.
pub(super) fn is_filler(word: &str) -> bool {
    is_one_of(FILLERS, word) || is_naming(word) || is_telling(word)
}

/// True for a word that says that a name follows.
pub(super) fn is_naming(word: &str) -> bool {
    is_one_of(NAMING, word)
}

/// True for a word by which a name is told in a sentence.
pub(super) fn is_telling(word: &str) -> bool {
    is_one_of(TELLING, word)
}

/// True for a word that no one is called.
pub(super) fn is_no_name(word: &str) -> bool {
    is_one_of(NOT_NAMES, word) || is_one_of(NAMING, word)
}

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
    const JOINING: &[&str] = &[
        "and", "or", "after", "before", "from", "until", "till", "at", "on", "for", "with", "if",
        "only", "any", "anytime", "every", "please", "kindly", "thanks", "y", "e", "o", "et", "ou",
        "und", "oder", "en", "i", "a", "na", "not", "no", "text", "to", "dm", "msg", "when", "but",
        "then", "para", "por", "pour", "per", "oraz", "lub", "of", "si", "sau", "ve", "veya",
        "och", "och", "og", "pls", "plz", "follow", "add", "hmu", "call",
    ];
    is_one_of(JOINING, word)
}

/// True where two labels share what follows: `IG/TikTok`, `IG & snap`, `Insta и TG`.
pub(super) fn is_joint(between: &str) -> bool {
    const JOINTS: &[&str] = &[
        "/",
        "&",
        "+",
        "|",
        ",",
        "·",
        "•",
        "-",
        "–",
        "—",
        "、",
        "／",
        "＆",
        ";",
        "and",
        "or",
        "und",
        "oder",
        "y",
        "et",
        "e",
        "o",
        "ou",
        "ed",
        "i",
        "oraz",
        "lub",
        "en",
        "of",
        "and my",
        "or my",
        "si",
        "și",
        "şi",
        "sau",
        "ve",
        "veya",
        "a",
        "och",
        "og",
        "ja",
        "или",
        "и",
        "та",
        "і",
        "або",
        "και",
        "ή",
        "和",
        "与",
        "或",
        "및",
        "와",
        "と",
        "และ",
        "หรือ",
        "va",
        "và",
        "hoặc",
        "& my",
        ", and",
        ", or",
        "و",
        "أو",
        "או",
        "and/or",
        "n",
        "plus",
        "aka",
    ];
    JOINTS.contains(&between.trim())
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
    matches!(letter, '»' | '›' | '\u{fe0f}' | '☞' | '☛' | '►' | '▶' | '▷' | '⇨' | '👉' | '👇' | '⬇' | '➜' | '\u{2190}'..='\u{21ff}' | '\u{2794}'..='\u{27bf}')
}

/// True for pictures and ornaments: signs that end no sentence and begin no other thing.
pub(super) fn is_ornament(letter: char) -> bool {
    matches!(letter, '“' | '”' | '«' | '‘' | '’' | '【' | '】' | '「' | '」' | '『' | '』' | '《' | '》' | '\u{2500}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
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

/// The length of a word at the beginning of a text that says, in other letters, that a name follows; 0 where there is
/// none.
pub(super) fn naming_prefix(text: &str) -> usize {
    let found = OTHER.iter().filter(|word| {
        let starts = text
            .get(..word.len())
            .is_some_and(|start| start == **word || start.to_lowercase() == **word);
        let goes_on = || {
            text[word.len()..].starts_with(|letter: char| {
                letter.is_alphabetic() && !letter.is_ascii() && !is_ideographic(letter)
            })
        };
        starts && (word.ends_with(' ') || !goes_on())
    });
    found.map(|word| word.len()).max().unwrap_or(0)
}

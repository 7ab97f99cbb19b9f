//! What figures are said to be an amount of: what is counted, measured, paid or dated.

use std::sync::LazyLock;

use crate::selectors::words;

/// Words between figures that make each of them an amount of its own.
pub(super) fn tells_of_amounts(between: &str) -> bool {
    let folded = words::fold(between);
    let mut words = folded
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .peekable();
    let mut before = "";
    std::iter::from_fn(|| Some((words.next()?, words.peek().copied()))).any(|(word, next)| {
        // "No games", "sin ocultos": of what is denied there is no amount.
        let is_denied = NEGATIONS.contains(&before);
        before = word;
        // "Am Anfang 0171" is no time of the morning.
        let is_german = word == "am"
            && next.is_some_and(|next| ["anfang", "ende", "schluss", "beginn"].contains(&next));
        AMOUNT_WORDS.contains(word) && !is_german
            // `Kuss` is one.
            || word.len() > 3 && word.ends_with('s') && !word.ends_with("ss") && !is_denied && !FILLERS_IN_S.contains(&word)
    })
}

/// True for a figure's own word: "34 years old", `162 cm`, "2 girls", "6. Stock". The words begin right behind the figure.
pub(super) fn is_of_amount(behind: &str) -> bool {
    /// The longest word that is looked at, in bytes.
    const LONGEST: usize = 16;
    let (rest, is_ordinal) = match behind.strip_prefix(". ") {
        Some(rest) => (rest, true),
        None => (behind.strip_prefix(' ').unwrap_or_default(), false),
    };
    let near = &rest[..rest.floor_char_boundary(LONGEST)];
    let length = near.find(|letter: char| !letter.is_alphabetic() && letter != '/');
    let Some(length) = length.or((near.len() < LONGEST).then_some(near.len())) else {
        return false;
    };
    let folded = words::fold(&near[..length]);
    match is_ordinal {
        true => FLOORS.contains(&&*folded),
        false => {
            !OTHERS.contains(&&*folded)
                && (COUNTED.contains(&&*folded) || tells_of_amounts(&folded))
        }
    }
}

/// True for a word by which the figure behind it is a room's, a floor's, an age, or what something costs at least.
pub(super) fn names_figure(word: &str) -> bool {
    let folded = words::fold(word);
    FLOORS.contains(&&*folded) || NAMES.contains(&&*folded)
}

/// What is counted, beside what stands between figures, too.
const COUNTED: [&str; 14] = [
    "y/o", "anni", "damen", "frauen", "madchen", "ragazze", "donne", "vrouwen", "meiden", "rose",
    "rosen", "rozen", "kussen", "kilo",
];

/// What is counted with a full stop.
const FLOORS: [&str; 11] = [
    "stock",
    "etage",
    "og",
    "stockwerk",
    "floor",
    "planta",
    "piso",
    "piano",
    "verdieping",
    "etaj",
    "pietro",
];

/// What else a figure is told by.
const NAMES: [&str; 52] = [
    "apto",
    "dpto",
    "depto",
    "local",
    "nro",
    "nr",
    "no",
    "nº",
    "n",
    "whg",
    "wohnung",
    "huisnr",
    "hausnr",
    "house",
    "haus",
    "size",
    "talla",
    "taglia",
    "maat",
    "grosse",
    "kf",
    "gr",
    "room",
    "flat",
    "apt",
    "unit",
    "suite",
    "zimmer",
    "kamer",
    "chambre",
    "hab",
    "habitacion",
    "camera",
    "stanza",
    "interno",
    "quarto",
    "pokoj",
    "cuarto",
    "porte",
    "puerta",
    "porta",
    "age",
    "aged",
    "edad",
    "alter",
    "leeftijd",
    "from",
    "ab",
    "desde",
    "vanaf",
    "od",
    "dès",
];

/// Words of amounts that a telephone number may stand before as well: "0171 23125123 in Berlin", "… from 10".
const OTHERS: [&str; 38] = [
    "in", "am", "x", "of", "per", "off", "extra", "let", "m", "till", "until", "between", "from",
    "room", "flat", "street", "aged", "age", "alter", "rent", "miete", "size", "account", "dd",
    "zwischen", "entre", "tra", "tussen", "miedzy", "intre", "since", "seit", "depuis", "desde",
    "sinds", "gio", "ft", "st",
];

/// Words by which something is denied.
pub(super) const NEGATIONS: [&str; 22] = [
    "no", "not", "without", "never", "sin", "ni", "nada", "kein", "keine", "ohne", "sans", "pas",
    "senza", "niente", "sem", "nao", "geen", "zonder", "bez", "fara", "nu", "без",
];

/// Words in s that are no plural of something that is counted.
const FILLERS_IN_S: [&str; 38] = [
    "apres",
    "beijos",
    "beijinhos",
    "bises",
    "baisers",
    "saludos",
    "abrazos",
    "abracos",
    "cheers",
    "kiss",
    "kisses",
    "always",
    "yes",
    "plus",
    "this",
    "boss",
    "miss",
    "texts",
    "calls",
    "messages",
    "thanks",
    "numbers",
    "digits",
    "comes",
    "hugs",
    "ladies",
    "gents",
    "guys",
    "follows",
    "ends",
    "besos",
    "bisous",
    "puis",
    "schluss",
    "pues",
    "despues",
    "depois",
    "finals",
];

static AMOUNT_WORDS: LazyLock<words::Set> = LazyLock::new(|| AMOUNTS.split_whitespace().collect());

/// What is counted, measured, paid or dated; rents, in the languages of their ads; spans of time; numbers of papers, and
/// other numbers that follow.
const AMOUNTS: &str = "\
    am pm h hr hrs hour std uhr min mins minute heure hora ora uur yo yr yrs year ans anos jahre jaar lat let age \
    aged old usd eur gbp euro dollar pound quid bucks rub zl kr lei cm mm m km kg lb lbs ft in inch feet foot st nd \
    rd th cup dd size bust waist hips room flat apt floor street road avenue ave unit suite jan feb mar apr may jun \
    jul aug sep oct nov dec january february march april june july august september october november december monday \
    sunday till until between x of per off extra night day week month half percent pics \
    qm warm kalt miete kaution loyer caution fianza deposito alquiler renta affitto cauzione renda aluguel chirie \
    garantie czynsz kaucja huur borg deposit rent gia \
    zwischen entre tra tussen miedzy intre since seit depuis desde sinds gio \
    docket folio blatt \
    tower block building bay parking level locker desk seat gate platform terminal turm etage stock zimmer stellplatz tour \
    etage porte batiment planta piso torre bloque puerta scala interno piano andar bloco verdieping kamer pietro etaj \
    account konto \
    tage tagen nacht nachte stunde stunden woche wochen monat minuten giorno giorni notte notti ore settimana settimane mese \
    minuti jour nuit semaine mois semana dia dias noche noite uur uren dagen week weken maand godzina godziny godzin \
    dzien dni tydzien tygodniu minut zile noapte saptamana hodin hodiny \
    день дня днеи ночь неделю недели неделя час часа часов минут сутки года годин тиждень \
    ngay tuan tieng thang phut tuoi nghin trieu hafta saat \
    ghz mhz mah gb tb kwh bpm pieces \
    alter gewicht oberweite taille poids mensurations altura peso edad idade altezza misura wiek wzrost waga biust возраст рост вес \
    грудь varsta inaltime greutate height weight";

//! What the columns of a table are called, in the languages of those who write them.

use sightline_model::Kind;

use crate::draft::EntryDraft;

/// A field of a draft, as columns are mapped to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Field {
    /// The kind of selector.
    Kind,
    /// The identifier.
    Value,
    /// Why it is looked for.
    Purpose,
    /// What permits it.
    LegalBasis,
    /// Who answers for it.
    Owner,
    /// Whose identifier it is thought to be.
    Category,
    /// When it must be looked at again.
    ReviewAt,
    /// When it ends.
    ExpiresAt,
    /// The organisation's own case.
    CaseReference,
    /// How far it may be shared.
    Tlp,
    /// How grave a sighting is.
    Severity,
    /// For those who read the alert.
    Note,
    /// Words to sort it by.
    Tags,
    /// How far beyond its value it reaches.
    Way,
    /// Why it is looked for although a warning list names it.
    DespiteWarning,
    /// Whether it is looked for already: `draft` or `active`.
    State,
}

/// Each field, and the names that its column goes by; the first is its own. A name is compared in lower case, with `_`
/// for spaces and hyphens.
const FIELDS: [(Field, &[&str]); 16] = [
    (
        Field::Kind,
        &[
            "kind",
            "type",
            "selector_type",
            "art",
            "typ",
            "genre",
            "nature",
            "tipo",
            "clase",
            "soort",
            "rodzaj",
            "вид",
            "тип",
            "种类",
            "类型",
            "種類",
            "النوع",
            "loại",
        ],
    ),
    (
        Field::Value,
        &[
            "value",
            "selector",
            "identifier",
            "indicator",
            "wert",
            "kennung",
            "valeur",
            "identifiant",
            "valor",
            "identificador",
            "valore",
            "identificatore",
            "waarde",
            "kenmerk",
            "wartość",
            "identyfikator",
            "valoare",
            "значение",
            "идентификатор",
            "значення",
            "ідентифікатор",
            "值",
            "标识",
            "値",
            "القيمة",
            "giá_trị",
        ],
    ),
    (
        Field::Purpose,
        &[
            "purpose",
            "zweck",
            "finalité",
            "but",
            "finalidad",
            "propósito",
            "finalidade",
            "scopo",
            "finalità",
            "doel",
            "cel",
            "scop",
            "цель",
            "мета",
            "目的",
            "الغرض",
            "mục_đích",
        ],
    ),
    (
        Field::LegalBasis,
        &[
            "legal_basis",
            "lawful_basis",
            "basis",
            "legal_ground",
            "rechtsgrundlage",
            "base_légale",
            "base_juridique",
            "base_legal",
            "base_jurídica",
            "base_giuridica",
            "rechtsgrondslag",
            "grondslag",
            "podstawa_prawna",
            "temei_juridic",
            "temei_legal",
            "правовое_основание",
            "правова_підстава",
            "法律依据",
            "法的根拠",
            "الأساس_القانوني",
            "cơ_sở_pháp_lý",
        ],
    ),
    (
        Field::Owner,
        &[
            "owner",
            "responsible",
            "verantwortlich",
            "verantwortliche",
            "responsable",
            "responsável",
            "responsabile",
            "eigenaar",
            "verantwoordelijke",
            "właściciel",
            "responsabil",
            "ответственный",
            "владелец",
            "відповідальний",
            "负责人",
            "担当者",
            "المسؤول",
            "người_phụ_trách",
        ],
    ),
    (
        Field::Category,
        &[
            "category",
            "category_of_person",
            "person",
            "kategorie",
            "catégorie",
            "categoría",
            "categoria",
            "categorie",
            "kategoria",
            "категория",
            "категорія",
            "类别",
            "区分",
            "الفئة",
        ],
    ),
    (
        Field::ReviewAt,
        &[
            "review_at",
            "review",
            "review_date",
            "review_by",
            "review_on",
            "wiedervorlage",
            "überprüfung",
            "überprüfen_am",
            "révision",
            "date_de_révision",
            "revisión",
            "fecha_de_revisión",
            "revisão",
            "data_de_revisão",
            "revisione",
            "data_di_revisione",
            "herziening",
            "przegląd",
            "data_przeglądu",
            "revizuire",
            "пересмотр",
            "дата_пересмотра",
            "перегляд",
            "复核日期",
            "見直し",
        ],
    ),
    (
        Field::ExpiresAt,
        &[
            "expires_at",
            "expires",
            "expiry",
            "expiry_date",
            "valid_until",
            "until",
            "ablauf",
            "gültig_bis",
            "expiration",
            "valable_jusqu'au",
            "vencimiento",
            "válido_hasta",
            "caduca",
            "validade",
            "válido_até",
            "scadenza",
            "valido_fino_al",
            "vervalt",
            "geldig_tot",
            "ważne_do",
            "expiră",
            "действует_до",
            "дійсний_до",
            "有效期至",
            "有効期限",
        ],
    ),
    (
        Field::CaseReference,
        &[
            "case_reference",
            "case",
            "case_id",
            "case_number",
            "case_ref",
            "aktenzeichen",
            "fall",
            "az",
            "dossier",
            "numéro_de_dossier",
            "référence",
            "caso",
            "expediente",
            "processo",
            "inquérito",
            "pratica",
            "fascicolo",
            "zaak",
            "zaaknummer",
            "sprawa",
            "numer_sprawy",
            "dosar",
            "дело",
            "номер_дела",
            "справа",
            "номер_справи",
            "案件编号",
            "事件番号",
            "رقم_القضية",
        ],
    ),
    (Field::Tlp, &["tlp", "marking", "tlp_marking"]),
    (
        Field::Severity,
        &[
            "severity",
            "priority",
            "schwere",
            "priorität",
            "gravité",
            "priorité",
            "gravedad",
            "prioridad",
            "gravidade",
            "prioridade",
            "gravità",
            "priorità",
            "ernst",
            "prioriteit",
            "priorytet",
            "prioritate",
            "важность",
            "приоритет",
            "пріоритет",
            "优先级",
            "重要度",
        ],
    ),
    (
        Field::Note,
        &[
            "note",
            "notes",
            "comment",
            "comments",
            "remarks",
            "notiz",
            "bemerkung",
            "kommentar",
            "anmerkung",
            "remarque",
            "commentaire",
            "nota",
            "notas",
            "observaciones",
            "comentario",
            "observações",
            "comentário",
            "osservazioni",
            "commento",
            "opmerking",
            "uwagi",
            "komentarz",
            "notatka",
            "observații",
            "примечание",
            "комментарий",
            "примітка",
            "коментар",
            "备注",
            "備考",
            "ملاحظات",
            "ghi_chú",
        ],
    ),
    (
        Field::Tags,
        &[
            "tags",
            "tag",
            "labels",
            "keywords",
            "schlagworte",
            "stichworte",
            "étiquettes",
            "mots_clés",
            "etiquetas",
            "palabras_clave",
            "palavras_chave",
            "etichette",
            "trefwoorden",
            "etykiety",
            "etichete",
            "метки",
            "теги",
            "мітки",
            "标签",
            "タグ",
        ],
    ),
    (Field::Way, &["match", "match_type", "matching"]),
    (Field::DespiteWarning, &["despite_warning"]),
    (Field::State, &["state"]),
];

/// Columns of values that are all of one kind, by what they are called.
const KINDS: [(Kind, &[&str]); 7] = [
    (
        Kind::Phone,
        &[
            "phone",
            "phones",
            "tel",
            "telephone",
            "mobile",
            "phone_number",
            "telephone_number",
            "msisdn",
            "telefon",
            "telefonnummer",
            "rufnummer",
            "handynummer",
            "téléphone",
            "numéro_de_téléphone",
            "portable",
            "teléfono",
            "número_de_teléfono",
            "móvil",
            "telefone",
            "número_de_telefone",
            "telemóvel",
            "celular",
            "telefono",
            "numero_di_telefono",
            "cellulare",
            "telefoon",
            "telefoonnummer",
            "numer_telefonu",
            "număr_de_telefon",
            "телефон",
            "номер_телефона",
            "номер_телефону",
            "电话",
            "电话号码",
            "手机",
            "電話番号",
            "الهاتف",
            "رقم_الهاتف",
            "số_điện_thoại",
        ],
    ),
    (
        Kind::Email,
        &[
            "email",
            "e_mail",
            "mail",
            "email_address",
            "e_mail_address",
            "e_mail_adresse",
            "courriel",
            "adresse_e_mail",
            "correo",
            "correo_electrónico",
            "endereço_de_e_mail",
            "indirizzo_e_mail",
            "e_mailadres",
            "adres_e_mail",
            "электронная_почта",
            "почта",
            "електронна_пошта",
            "电子邮件",
            "邮箱",
            "メール",
            "メールアドレス",
            "البريد_الإلكتروني",
        ],
    ),
    (
        Kind::Handle,
        &[
            "handle",
            "username",
            "user_name",
            "account",
            "profile",
            "benutzername",
            "profil",
            "konto",
            "pseudo",
            "nom_d'utilisateur",
            "compte",
            "usuario",
            "cuenta",
            "perfil",
            "usuário",
            "nome_utente",
            "gebruikersnaam",
            "nazwa_użytkownika",
            "никнейм",
            "аккаунт",
            "用户名",
            "ユーザー名",
        ],
    ),
    (
        Kind::Url,
        &[
            "url",
            "urls",
            "uri",
            "link",
            "lien",
            "enlace",
            "collegamento",
            "ссылка",
            "посилання",
            "链接",
            "リンク",
        ],
    ),
    (
        Kind::Domain,
        &[
            "domain",
            "domains",
            "domaine",
            "dominio",
            "domínio",
            "domein",
            "domena",
            "домен",
            "域名",
            "ドメイン",
        ],
    ),
    (
        Kind::Wallet,
        &[
            "wallet",
            "wallet_address",
            "cryptocurrency_wallet",
            "crypto_address",
        ],
    ),
    (Kind::Image, &["sha256", "sha_256", "image_hash"]),
];

impl Field {
    /// The fields that a draft has, in the order of an export.
    pub(super) const OF_DRAFTS: [Self; 15] = [
        Self::Kind,
        Self::Value,
        Self::Purpose,
        Self::LegalBasis,
        Self::Owner,
        Self::Category,
        Self::ReviewAt,
        Self::ExpiresAt,
        Self::CaseReference,
        Self::Tlp,
        Self::Severity,
        Self::Note,
        Self::Tags,
        Self::Way,
        Self::DespiteWarning,
    ];

    /// The field that a column of this folded name has, and the kind of its values where the name tells it.
    pub(super) fn of(column: &str) -> Option<(Self, Option<Kind>)> {
        let field = FIELDS.iter().find(|(_, names)| names.contains(&column));
        if let Some((field, _)) = field {
            return Some((*field, None));
        }
        let kind = KINDS.iter().find(|(_, names)| names.contains(&column));
        kind.map(|(kind, _)| (Self::Value, Some(*kind)))
    }

    /// Its own name, as an export has it.
    pub fn name(self) -> &'static str {
        FIELDS
            .iter()
            .find(|(field, _)| *field == self)
            .map_or("", |(_, names)| names[0])
    }

    /// The field of this name, as it is written in a mapping.
    pub(super) fn named(name: &str) -> Option<Self> {
        let folded = folded(name);
        FIELDS
            .iter()
            .find(|(_, names)| names[0] == folded)
            .map(|(field, _)| *field)
    }

    /// Where a draft keeps it; nowhere where it is none of the draft's.
    pub(super) fn place(self, draft: &mut EntryDraft) -> Option<&mut Option<String>> {
        Some(match self {
            Self::Kind => &mut draft.kind,
            Self::Value => &mut draft.value,
            Self::Purpose => &mut draft.purpose,
            Self::LegalBasis => &mut draft.legal_basis,
            Self::Owner => &mut draft.owner,
            Self::Category => &mut draft.category,
            Self::ReviewAt => &mut draft.review_at,
            Self::ExpiresAt => &mut draft.expires_at,
            Self::CaseReference => &mut draft.case_reference,
            Self::Tlp => &mut draft.tlp,
            Self::Severity => &mut draft.severity,
            Self::Note => &mut draft.note,
            Self::Tags => &mut draft.tags,
            Self::Way => &mut draft.way,
            Self::DespiteWarning => &mut draft.despite_warning,
            Self::State => return None,
        })
    }
}

/// A column's name as it is compared.
pub(super) fn folded(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let name: String = name.trim().trim_end_matches([':', '*']).nfc().collect();
    name.trim()
        .to_lowercase()
        .replace('’', "'")
        .replace([' ', '-', '.', '\u{a0}'], "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_means_two_things() {
        let mut all: Vec<&str> = FIELDS
            .iter()
            .flat_map(|(_, names)| names.iter().copied())
            .collect();
        all.extend(KINDS.iter().flat_map(|(_, names)| names.iter().copied()));
        for name in &all {
            assert_eq!(folded(name), *name, "it could never be met");
        }
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn columns_are_known_in_many_languages() {
        for (name, field, kind) in [
            ("Wert", Field::Value, None),
            ("Gültig bis", Field::ExpiresAt, None),
            ("Base légale", Field::LegalBasis, None),
            ("Telefonnummer:", Field::Value, Some(Kind::Phone)),
            ("Correo electrónico", Field::Value, Some(Kind::Email)),
            ("E-Mail", Field::Value, Some(Kind::Email)),
            ("номер телефона", Field::Value, Some(Kind::Phone)),
            ("电话号码", Field::Value, Some(Kind::Phone)),
            ("Re\u{301}vision", Field::ReviewAt, None),
        ] {
            assert_eq!(Field::of(&folded(name)), Some((field, kind)), "{name}");
        }
    }
}

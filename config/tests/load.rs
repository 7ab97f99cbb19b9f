//! What the loader says, shown on the settings of a small shop: mistakes are data, one check function reads them.

use std::collections::BTreeMap;

use proptest::prelude::*;
use schemars::JsonSchema;
use serde::Deserialize;
use sightline_config::{Layers, Loaded, Located, describe};
use sightline_model::Problem;

/// A shop.
#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code)]
struct Shop {
    /// What it is called.
    name: String,
    /// Where it listens.
    #[serde(default)]
    port: u16,
    /// Discount as a share.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1.0))]
    discount: f64,
    /// Open now?
    #[serde(default)]
    open: bool,
    /// What it sells.
    #[serde(default)]
    goods: Vec<String>,
    /// When it opens.
    #[serde(default)]
    day: Option<Day>,
    /// Whom to write to, by name.
    #[serde(default)]
    clerks: BTreeMap<String, Clerk>,
    /// What hangs outside.
    #[serde(default)]
    #[schemars(extend("type" = ["string", "array"], "items" = {"type": "string"}))]
    sign: serde_json::Value,
    /// Its shelves.
    #[serde(flatten)]
    shelves: Shelves,
}

/// A day.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Day {
    /// The first.
    Monday,
    /// The second.
    Tuesday,
}

/// One who serves.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[expect(dead_code)]
enum Clerk {
    /// By mail.
    Mail {
        /// The address.
        address: String,
        /// The variable that holds the password.
        #[serde(default)]
        password_env: Option<String>,
    },
    /// By telephone.
    Phone {
        /// The number.
        number: u32,
        /// Where it rings.
        bell: Option<Even>,
    },
}

/// Where things lie.
#[derive(Debug, Deserialize, JsonSchema)]
struct Shelves {
    /// How many.
    #[serde(default)]
    shelves: Option<Vec<Shelf>>,
}

/// One of them.
#[derive(Debug, Deserialize, JsonSchema)]
struct Shelf {
    /// How wide, in metres.
    width: f64,
}

/// An even number, which only serde knows.
#[derive(Debug, JsonSchema)]
#[expect(dead_code)]
struct Even(String);

impl<'de> Deserialize<'de> for Even {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.len() % 2 {
            0 => Ok(Self(text)),
            _ => Err(serde::de::Error::custom("it has an odd number of letters")),
        }
    }
}

const DEFAULTS: &str = "port = 80\ndiscount = 0.5\nopen = false\ngoods = []\n";

fn load(text: &str, variables: &[(&str, &str)]) -> Result<Loaded<Shop>, Vec<Located>> {
    let variables = variables
        .iter()
        .map(|&(name, value)| (name.to_owned(), value.to_owned()));
    Layers::new()
        .defaults("default.toml", DEFAULTS)
        .file("shop.toml", text)
        .environment("SHOP__", variables)
        .load(|shop: &Shop| {
            let mut problems = Vec::new();
            if shop.name == "bad" {
                problems.push(Problem::new(
                    "name",
                    "`name` is a bad one",
                    "choose another",
                ));
            }
            if matches!(shop.day, Some(Day::Tuesday)) && shop.discount > 0.7 {
                problems.push(Problem::new("discount", "not on Tuesdays", "take less"));
            }
            for (at, good) in shop.goods.iter().enumerate() {
                if good == "poison" {
                    problems.push(Problem::new(
                        format!("goods[{at}]"),
                        "we don't sell that",
                        "sell tea",
                    ));
                }
            }
            problems
        })
}

#[test]
fn layers_overrule_each_other() {
    let shop = load(
        "name = 'tea'\nport = 81\n[clerks.'a.b']\nkind = 'mail'\naddress = 'a@example.org'",
        &[
            ("SHOP__PORT", "82"),
            ("SHOP__GOODS", "tea, milk"),
            ("SHOP__OPEN", "true"),
            ("SHOP__CLERKS__A.B__ADDRESS", "b@example.org"),
            ("SHOP__DAY", "tuesday"),
            ("SHOP__SHELVES", "[{width = 2}]"),
            ("SHOP_OTHER", "not ours"),
        ],
    )
    .unwrap()
    .value;
    assert_eq!((shop.port, shop.discount, shop.open), (82, 0.5, true));
    assert_eq!(shop.goods, ["tea", "milk"]);
    assert!(matches!(shop.day, Some(Day::Tuesday)));
    assert!(
        matches!(&shop.clerks["a.b"], Clerk::Mail { address, .. } if address == "b@example.org")
    );
    assert_eq!(shop.shelves.shelves.unwrap()[0].width, 2.0);
}

/// `expected` has one line for each problem: place, key, message, remedy.
fn check(text: &str, variables: &[(&str, &str)], expected: &[&str]) {
    let problems = load(text, variables).err().unwrap_or_default();
    let said: Vec<_> = problems
        .iter()
        .map(|problem| {
            format!(
                "{} {}: {}; {}",
                problem.place, problem.key, problem.message, problem.remedy
            )
        })
        .collect();
    assert_eq!(said, expected, "\n{text}");
}

#[test]
fn mistakes_are_named_with_place_and_remedy() {
    let cases: &[(&str, &[&str])] = &[
        (
            "name = 'tea'\nprot = 1",
            &["shop.toml:2:1 prot: unknown key `prot`; did you mean `port`?"],
        ),
        (
            "name = 'tea'\nzebra = 1",
            &[
                "shop.toml:2:1 zebra: unknown key `zebra`; use one of `clerks`, `day`, `discount`, `goods`, `name`, `open`, `port`, `shelves` or `sign`",
            ],
        ),
        (
            "port = 1",
            &["shop.toml name: `name` is missing; write name = …: what it is called"],
        ),
        (
            "name = 'tea'\nport = '1'",
            &[
                "shop.toml:2:8 port: `port` is to be a whole number, but is text; write a whole number from 0 to 65535, without quotation marks",
            ],
        ),
        (
            "name = 'tea'\nport = 70000",
            &[
                "shop.toml:2:8 port: `port` can't be 70000; write a whole number from 0 to 65535, without quotation marks",
            ],
        ),
        (
            "name = 'tea'\ndiscount = 1.5",
            &[
                "shop.toml:2:12 discount: `discount` can't be 1.5; write a number from 0 to 1, without quotation marks",
            ],
        ),
        (
            "name = 'tea'\nday = 'tuseday'",
            &["shop.toml:2:7 day: `day` can't be \"tuseday\"; did you mean \"tuesday\"?"],
        ),
        (
            "name = 'tea'\n[[shelves]]\nwidth = 1\n[[shelves]]\nwidht = 2",
            &[
                "shop.toml:5:1 shelves[1].widht: unknown key `shelves[1].widht`; did you mean `width`?",
            ],
        ),
        // What depends on a slip is judged by what was meant.
        (
            "name = 'tea'\nday = 'tuseday'\ndiscount = 0.8",
            &[
                "shop.toml:2:7 day: `day` can't be \"tuseday\"; did you mean \"tuesday\"?",
                "shop.toml:3:12 discount: not on Tuesdays; take less",
            ],
        ),
        (
            "name = 'tea'\n[clerks.a]\nkind = 'phome'\n[clerks.b]\nnumber = 1",
            &[
                "shop.toml:2:9 clerks.a.number: `clerks.a.number` is missing; write number = …: the number",
                "shop.toml:3:8 clerks.a.kind: `clerks.a.kind` can't be \"phome\"; did you mean \"phone\"?",
                "shop.toml:4:9 clerks.b.kind: `clerks.b.kind` is missing; use one of `mail` or `phone`",
            ],
        ),
        (
            "name = 'tea'\n[clerks.a]\nkind = 'mail'\naddress = 'a@example.org'\npassword = 'pa55'",
            &[
                "shop.toml:5:1 clerks.a.password: `clerks.a.password` is a secret, and none may stand here; put it into a variable of the environment, and write the variable's name: password_env = \"SIGHTLINE_…\"",
            ],
        ),
        (
            "name = 'pg://tea:pa55@example.org'",
            &[
                "shop.toml:1:8 name: `name` holds a password, and none may stand here; take it out of the URL; passwords come from the environment or from a file",
            ],
        ),
        (
            "name = 'tea'\n[clerks.a]\nkind = 'phone'\nnumber = 1\nbell = 'odd'",
            &[
                "shop.toml:5:8 clerks.a.bell: `clerks.a.bell` can't be read: it has an odd number of letters; what is meant here: where it rings",
            ],
        ),
        // What is wrong in one table is not blamed on the tag of another.
        (
            "name = 'tea'\n[clerks.a]\nkind = 'mail'\naddress = 'a@example.org'\n[clerks.b]\nkind = 'phone'\nnumber = 1\nbell = 'odd'",
            &[
                "shop.toml:8:8 clerks.b.bell: `clerks.b.bell` can't be read: it has an odd number of letters; what is meant here: where it rings",
            ],
        ),
        // A value that can't be read hides nothing, and nothing is said of what stands in for it.
        (
            "name = 'bad'\ndiscount = nan\nprot = 1\ngoods = ['poison']",
            &[
                "shop.toml:1:8 name: `name` is a bad one; choose another",
                "shop.toml:2:12 discount: `discount` is not a number to count with; write one such as 1.5",
                "shop.toml:3:1 prot: unknown key `prot`; did you mean `port`?",
                "shop.toml:4:10 goods[0]: we don't sell that; sell tea",
            ],
        ),
        (
            "name = 'bad'\nport = 99999999999999999999",
            &[
                "shop.toml:1:8 name: `name` is a bad one; choose another",
                "shop.toml:2:8 port: `port` is a number that is too large; write a smaller one",
            ],
        ),
        // Semantic problems are found beside those of form.
        (
            "name = 'bad'\nprot = 1\ngoods = ['tea', 'poison']",
            &[
                "shop.toml:1:8 name: `name` is a bad one; choose another",
                "shop.toml:2:1 prot: unknown key `prot`; did you mean `port`?",
                "shop.toml:3:17 goods[1]: we don't sell that; sell tea",
            ],
        ),
        // A value that is taken out keeps its place: what follows it in a list is named by its own index.
        (
            "name = 'tea'\ngoods = ['tea', 3, 'poison']\n[[shelves]]\n[[shelves]]\nwidth = 1\ndepth = 2",
            &[
                "shop.toml:2:17 goods[1]: `goods[1]` is to be text, but is a whole number; write it between quotation marks",
                "shop.toml:2:20 goods[2]: we don't sell that; sell tea",
                "shop.toml:3:1 shelves[0].width: `shelves[0].width` is missing; write width = …: how wide, in metres",
                "shop.toml:6:1 shelves[1].depth: unknown key `shelves[1].depth`; use one of `width`",
            ],
        ),
        (
            "name = tea\nport = 80",
            &[
                "shop.toml:1:8 : this is not TOML: invalid boolean, expected `true`; put text between quotation marks: key = \"value\"; or write true or false",
            ],
        ),
        (
            "name = 'tea'\nname = 'milk'",
            &["shop.toml:2:1 : this is not TOML: duplicate key; keep one of the two"],
        ),
        (
            "name = 'tea'\ndiscount = inf",
            &[
                "shop.toml:2:12 discount: `discount` is not a number to count with; write one such as 1.5",
            ],
        ),
        (
            "name = 'tea'\ngoods = 'tea'",
            &[
                "shop.toml:2:9 goods: `goods` is to be a list, but is text; write it between [ and ]",
            ],
        ),
        (
            "name = 'tea'\nclerks = 3",
            &[
                "shop.toml:2:10 clerks: `clerks` is to be a table, but is a whole number; write a [section], or keys between { and }",
            ],
        ),
        ("name = 'tea'\nsign = ['open', 'late']", &[]),
        (
            "name = 'tea'\nsign = 3",
            &[
                "shop.toml:2:8 sign: `sign` is to be text or a list, but is a whole number; write it between quotation marks",
            ],
        ),
        (
            "name = 'tea'\nsign = ['open', 3]",
            &[
                "shop.toml:2:17 sign[1]: `sign[1]` is to be text, but is a whole number; write it between quotation marks",
            ],
        ),
    ];
    for (text, expected) in cases {
        check(text, &[], expected);
    }
}

#[test]
fn mistakes_in_the_environment_name_the_variable_and_not_its_value() {
    check(
        "name = 'tea'",
        &[
            ("SHOP__PORT", "many"),
            ("SHOP__PROT", "1"),
            ("SHOP__CLERKS__A__KIND", "mail"),
        ],
        &[
            "$SHOP__CLERKS__A__KIND clerks.a.address: `clerks.a.address` is missing; write address = …: the address",
            "$SHOP__PORT port: `port` is to be a whole number, but is text; write a whole number from 0 to 65535, without quotation marks",
            "$SHOP__PROT prot: unknown key `prot`; did you mean `port`?",
        ],
    );
}

#[test]
fn a_problem_reads_like_a_good_compilers() {
    let problems = load("name = 'tea'\n\n\tprot\t= 1 # ü", &[]).err().unwrap();
    assert_eq!(
        problems[0].to_string(),
        "problem: unknown key `prot`\n --> shop.toml:3:2\n  |\n3 |  prot = 1 # ü\n  |  ^^^^\n  = did you mean `port`?",
    );
}

#[test]
fn of_a_long_line_what_stands_around_the_mistake_is_shown() {
    let long = "z".repeat(170);
    let blanks = " ".repeat(200);
    for text in [
        format!("{long} {long} {long}"),
        format!("[{long}{blanks}ü"),
        // Blanks at a line's end are not shown, and the mistake may stand among them.
        format!("[{long}{blanks}\u{0}"),
        format!("[{long}{blanks}\r"),
    ] {
        let problems = load(&text, &[]).err().unwrap();
        let said = problems[0].to_string();
        assert!(said.contains("zzzz"), "{said}");
        assert!(
            said.lines().all(|line| line.chars().count() < 200),
            "{said}"
        );
    }
}

#[test]
fn secrets_are_never_shown() {
    for text in [
        "name = 'tea'\n[clerks]\na = { kind = 'mail', password = 'pa55', adress = 'x' }",
        "name = 'tea'\nclerks.a.password = pa55",
        "name = 'tea'\nclerks.a.password = '''\npa55\n'''",
        "name = 'tea'\ntoken = 'pa55'; x",
        "name = 'pg://tea:pa55@example.org'",
        "name = 'tea'\nport = 'pg://tea:pa55@example.org'",
        "name = 'tea'\nsecret = ['pa55']",
        "name = 'tea'\nday = 'pg://a:pa55@b'",
    ] {
        let problems = load(text, &[]).err().unwrap();
        for problem in &problems {
            let said = format!("{problem} {}", serde_json::to_string(problem).unwrap());
            assert!(!said.contains("pa55"), "{text}\n{said}");
        }
    }
}

#[test]
fn the_page_names_every_key_with_type_default_and_meaning() {
    let page = describe::<Shop>(DEFAULTS);
    for line in [
        "| `port` | a whole number, 0 to 65535 | `80` | Where it listens. |",
        "| `name` | text | required | What it is called. |",
        "| `day` | `\"monday\"`, `\"tuesday\"` |  | When it opens.<br>`\"monday\"`: The first.<br>`\"tuesday\"`: The second. |",
        "| `clerks` | sections by name |  | Whom to write to, by name. |",
        "### `[clerks.NAME]` with `kind = \"mail\"`",
        "### `[shelves[]]`",
    ] {
        assert!(page.contains(line), "{line}\nis not in\n{page}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "[a-z'\"=\\[\\]{}.,\n#0-9 ü-]{0,80}", value in ".{0,20}") {
        if let Err(problems) = load(&text, &[("SHOP__CLERKS", &value), ("SHOP__GOODS__X", &value)]) {
            for problem in problems {
                prop_assert!(!problem.to_string().is_empty());
            }
        }
    }
}

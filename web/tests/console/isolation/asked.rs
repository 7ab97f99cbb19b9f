//! What is asked of a route: every address and every body in which an identifier can stand.

use axum::http::Method;
use serde_json::{Value, json};
use sightline_web::routes::{Face, Route};

use super::theirs::{Ids, KNOWN};

/// One request.
pub struct Ask {
    pub path: String,
    /// Its media type and itself.
    pub body: Option<(&'static str, String)>,
}

/// What is asked beyond the bare address; identifiers stand in braces.
const QUERIES: &[(&str, &[&str])] = &[
    ("/", &["watchlist={watchlists}", "source={sources}"]),
    (
        "/events",
        &["since=0", "since=0&tab=mine&watchlist={watchlists}"],
    ),
    (
        "/sightings",
        &["watchlist={watchlists}", "source={sources}"],
    ),
    ("/listings", &["source={sources}"]),
    (
        "/search",
        &["q=lilac", "q=lilac&source={sources}", "q={known}"],
    ),
    ("/selectors", &["kind=phone&value={known}"]),
    ("/deliveries", &["state=dead", "state=pending"]),
    ("/audit", &["subject={entries}", "subject={known}"]),
    (
        "/holds",
        &["of=alert&name={alerts}", "of=entry&name={entries}"],
    ),
    ("/exports/alerts", &["format=json"]),
    ("/exports/sightings", &["format=json"]),
    ("/exports/listings", &["format=json"]),
    ("/exports/audit", &["format=json"]),
    ("/watchlists/{id}", &["q=W"]),
    ("/watchlists/{id}/export", &["format=json"]),
    ("/sources/{id}/edit", &["version=1"]),
    (
        "/api/v1/alerts",
        &[
            "watchlist={watchlists}",
            "source={sources}",
            "after=grave.{alerts}",
            "raised_since=2020-01-01T00:00:00Z",
            "come_since=2020-01-01T00:00:00Z&state=open",
        ],
    ),
    ("/api/v1/entries/due", &["after=0.{entries}"]),
    ("/api/v1/entries/ending", &["after=0.{entries}"]),
    ("/api/v1/entries/{id}/alerts", &["after={alerts}"]),
    ("/api/v1/holds", &["after={holds}", "standing=true"]),
    (
        "/api/v1/sightings",
        &[
            "watchlist={watchlists}",
            "source={sources}",
            "after={sightings}",
        ],
    ),
    (
        "/api/v1/listings",
        &["source={sources}", "after={listings}"],
    ),
    ("/api/v1/listings/search", &["q=lilac", "q={known}"]),
    ("/api/v1/selectors", &["q={known}"]),
    ("/api/v1/selectors/about", &["kind=phone&value={known}"]),
    (
        "/api/v1/selectors/observations",
        &["kind=phone&value={known}"],
    ),
    ("/api/v1/runs", &["source={sources}"]),
    ("/api/v1/deliveries", &["state=dead", "state=pending"]),
    ("/api/v1/audit", &["subject={entries}"]),
    ("/api/v1/exports/alerts", &["format=json"]),
    ("/api/v1/exports/sightings", &["format=json"]),
    ("/api/v1/exports/listings", &["format=json"]),
    ("/api/v1/exports/audit", &["format=json"]),
    ("/api/v1/watchlists/{id}/export", &["format=json"]),
];

/// What a form of the console says, by the end of its address. What a form does not ask for is passed over by it.
const FORMS: &[(&str, &str)] = &[
    ("/alerts/acknowledge", "alert={alerts}&back=/"),
    (
        "/welcome/{secret}",
        "name=Zoe+Ng&password=a+good+long+password",
    ),
    ("/reset/{secret}", "password=a+good+long+password"),
    ("/comment", "text=a+word"),
    ("/assign", "to=Night+desk"),
    ("/close", "as=rejected&why=a+slip"),
    ("/verdict", "verdict=rejected&why=a+slip&alert={alerts}"),
    ("/silence", "hours=24&reason=quiet"),
    (
        "/silences",
        "watchlist={watchlists}&source={sources}&hours=24&reason=quiet",
    ),
    (
        "/furniture",
        "kind=phone&value=%2B12025550199&state=declared&reason=a+hotline",
    ),
    (
        "/edit",
        "name=Jade&text=start&why=so&was=x&purpose=so&legal_basis=so&owner=so&category=victim&reason=so&review_at=2027-02-01",
    ),
    ("/check", "text=start"),
    (
        "/schedule",
        "was=x&digest=x&cron=0+9+*+*+*&zone=Europe/Paris",
    ),
    ("/plan", "cron=0+9+*+*+*&zone=Europe/Paris"),
    (
        "/test",
        "url=https://ads.example/&kind=detail&page=%3Ch1%3Ea",
    ),
    ("/role", "role=analyst"),
    ("/invite", "role=analyst"),
    ("/holds", "of=entry&name={entries}&reason=so"),
    ("/lift", "reason=so"),
    ("/add", ENTRY),
    ("/preview", ENTRY),
    ("/activate", "purpose=so&legal_basis=so&owner=so"),
    ("/review", "review_at=2027-02-01&why=so"),
    ("/withdraw", "reason=so"),
    ("/tokens", "name=ours&days=9&scopes=account.own"),
];

const ENTRY: &str = "kind=email&value=new@example.org&purpose=so&legal_basis=so&owner=so&category=victim&review_at=2027-01-01";

/// What a program sends, by the end of the address.
fn sent(path: &str, ids: &Ids) -> Value {
    let entry = json!({
        "kind": "email", "value": "new@example.org", "purpose": "so", "legal_basis": "so", "owner": "so",
        "category": "victim", "review_at": "2027-01-01",
    });
    let bodies = [
        ("/v1/alerts/acknowledge", json!({"alerts": [ids["alerts"]]})),
        ("/hand-back", json!({"why": "so"})),
        ("/reopen", json!({"why": "so"})),
        ("/assign", json!({"to": "Night desk"})),
        ("/comments", json!({"text": "a word"})),
        ("/close", json!({"as": "rejected", "why": "a slip"})),
        (
            "/silences",
            json!({"covers": {"entry": ids["entries"], "watchlist": ids["watchlists"]}, "until": "2026-12-24T00:00:00Z", "reason": "so"}),
        ),
        ("/v1/watchlists", json!({"name": "Jade"})),
        (
            "/entries/{id}/edit",
            json!({"fields": {"note": "tall"}, "reason": "so"}),
        ),
        (
            "/file/edit",
            json!({"text": "start = [\"https://ads.example/\"]\n", "why": "so"}),
        ),
        ("/file/check", json!({"text": "start"})),
        ("/watchlists/{id}/edit", json!({"name": "Jade"})),
        ("/watchlists/{id}/entries", entry.clone()),
        ("/preview", entry.clone()),
        ("/backtest", entry),
        ("/activate", json!({"fields": {"note": "tall"}})),
        (
            "/review",
            json!({"fields": {"review_at": "2027-02-01"}, "reason": "so"}),
        ),
        ("/entries/{id}/withdraw", json!({"reason": "so"})),
        ("/verdict", json!({"verdict": "rejected", "why": "so"})),
        (
            "/furniture",
            json!({"kind": "phone", "value": "+12025550199", "state": "declared", "reason": "a hotline"}),
        ),
        (
            "/test",
            json!({"url": "https://ads.example/", "kind": "detail", "page": "<h1>a"}),
        ),
        (
            "/me/tokens",
            json!({"name": "ours", "days": 9, "scopes": ["account.own"]}),
        ),
        ("/role", json!({"role": "analyst"})),
        ("/v1/invitations", json!({"role": "analyst"})),
        (
            "/v1/holds",
            json!({"of": {"entry": ids["entries"]}, "reason": "so"}),
        ),
        ("/lift", json!({"reason": "so"})),
    ];
    let of = bodies.into_iter().find(|(end, _)| path.ends_with(end));
    of.map_or(json!({}), |(_, body)| body)
}

/// The text with its braces filled.
fn filled(text: &str, ids: &Ids) -> String {
    let mut text = text.replace("{known}", &KNOWN.replace('+', "%2B"));
    for (part, id) in ids {
        text = text.replace(&format!("{{{part}}}"), id);
    }
    text
}

/// The address of a route with these identifiers.
fn address(route: &Route, ids: &Ids) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in route.path.split('/') {
        let before = parts.last().copied().unwrap_or_default();
        parts.push(match part {
            "{id}" | "{secret}" => &ids[before],
            "{name}" if before == "channels" => "desk",
            "{version}" if route.path.contains("/versions/") => "1",
            "{version}" => "0",
            "{name}" => "none",
            other => other,
        });
    }
    parts.join("/")
}

/// All that a route is asked.
pub fn asks(route: &Route, ids: &Ids) -> Vec<Ask> {
    let bare = address(route, ids);
    if route.method == Method::GET {
        let queries = QUERIES.iter().filter(|(path, _)| *path == route.path);
        let queries = queries.flat_map(|(_, queries)| queries.iter());
        let with = queries.map(|query| format!("{bare}?{}", filled(query, ids)));
        let mut all = vec![bare.clone()];
        all.extend(with);
        return all
            .into_iter()
            .map(|path| Ask { path, body: None })
            .collect();
    }
    let body = match route.face {
        Face::Page if route.path.ends_with("/import") => (
            "multipart/form-data; boundary=edge",
            "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nkind,value\r\n\
             email,new@example.org\r\n--edge--\r\n"
                .to_owned(),
        ),
        Face::Page => {
            let form = FORMS.iter().find(|(end, _)| route.path.ends_with(end));
            let form = form.map_or("", |(_, form)| form);
            ("application/x-www-form-urlencoded", filled(form, ids))
        }
        Face::Api if route.path.ends_with("/import") => {
            ("text/csv", "kind,value\nemail,new@example.org\n".to_owned())
        }
        Face::Api => ("application/json", sent(route.path, ids).to_string()),
    };
    vec![Ask {
        path: bare,
        body: Some(body),
    }]
}

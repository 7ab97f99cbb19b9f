//! Hostile texts in every field of every form, in every body and question of the API, and in what sites say: nothing of them
//! acts on any page, in any file, header or message. The fields are those that the pages and the API's document have, so
//! that none can be forgotten.

mod furnished;
mod marks;

use std::{
    collections::{BTreeMap, BTreeSet},
    slice::from_ref,
};

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use serde_json::{Value, json};
use sightline_model::*;
use sightline_pipeline::deliver::deliver_due;
use sightline_store::deliveries;
use sightline_web::routes::{Face, table};

use furnished::{Door, enter, furnish};
use marks::{HOSTILE, got_through, has_signs};

use crate::{
    forms::{Form, forms, route_of, walk},
    samples::{operations, texts},
    source_files::{ADS, crawled},
    support::{Answer, Asker, Place, START},
    world::Words,
};

/// A console in which everything is there that has a form, with a hostile text in all that sites say.
struct World {
    place: Place,
    value: &'static str,
    alert: Alert,
    source: SourceId,
    found: BTreeSet<String>,
    /// How many answers were looked at, and which routes gave one.
    answers: usize,
}

impl World {
    async fn of(value: &'static str) -> Self {
        let place = Place::open_with(None, |web| web.requests_per_minute = 100_000).await;
        let words = Words {
            title: value,
            before: value,
            raw: value,
            after: value,
        };
        let alert = place.alert_of(Severity::Grave, &words).await;
        let source = crawled(&place, ADS).await;
        let delivery = Delivery {
            id: place.mint.id(START),
            topic: Topic::Alert(alert.id),
            batch: 1,
            channel: "desk".to_owned(),
            purpose: Purpose::News,
            waits: None,
            carrier: None,
            state: DeliveryState::Pending,
            attempts: 0,
            next_at: START,
            last_error: None,
            message: None,
            progress: None,
            created_at: START,
            delivered_at: None,
        };
        let letter = Delivery {
            id: place.mint.id(START),
            channel: "letters".to_owned(),
            ..delivery.clone()
        };
        let dead = Delivery {
            id: place.mint.id(START),
            channel: "lost".to_owned(),
            ..delivery.clone()
        };
        let mut tx = place.write().await;
        for one in [&delivery, &letter, &dead] {
            deliveries::insert(&mut tx, from_ref(one)).await.unwrap();
        }
        let end = deliveries::DeliveryEnd::Dead {
            error: value.to_owned(),
        };
        deliveries::finish(&mut tx, dead.id, &end, START)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        Self {
            place,
            value,
            alert,
            source,
            found: BTreeSet::new(),
            answers: 0,
        }
    }

    fn look(&mut self, at: &str, answer: &Answer) {
        self.answers += 1;
        let value = self.value;
        // The capture of this world was never kept in an archive, and is told to be damaged.
        let is_kept = at.ends_with("/evidence") || at.ends_with("/download");
        if is_kept || at.starts_with("/images/") {
            return;
        }
        let found = got_through(answer).into_iter();
        self.found
            .extend(found.map(|what| format!("{at}, {value:?}: {what}")));
    }

    /// Sends a form as it is shown now to somebody who comes by this door, with the value in these fields. Gives the forms
    /// that come of it, and who may send them.
    async fn send(&mut self, door: Door, form: &Form, names: &[String]) -> (Asker, Vec<Form>) {
        let (who, pages) = enter(&self.place, door, self.value).await;
        // A secret of theirs is in the address: they have a page of their own in the place of that one.
        let route = route_of(&Method::GET, &form.page);
        let mut pages = pages.into_iter();
        let at = pages.find(|page| route_of(&Method::GET, page) == route);
        let at = at.unwrap_or_else(|| form.page.clone());
        let page = self.place.get(&who, &at).await;
        self.look(&at, &page);
        let now = forms(&at, &page.body);
        let route = route_of(&Method::POST, &form.action);
        let is_it = |one: &&Form| one.action == form.action;
        let is_like_it = |one: &&Form| route_of(&Method::POST, &one.action) == route;
        // Some deeds take their form away.
        let now = now.iter().find(is_it).or(now.iter().find(is_like_it));
        let Some(now) = now else {
            return (who, Vec::new());
        };
        let come = self.post(&who, now, names).await;
        (who, come)
    }

    /// Posts a form with the value in these fields, and goes where that leads. Gives the forms that stand there.
    async fn post(&mut self, who: &Asker, form: &Form, names: &[String]) -> Vec<Form> {
        let mut filled = form.filled(self.value, names);
        if form.page.ends_with("/edit") && !names.contains(&"text".to_owned()) {
            // A source's file that says what it said is not kept.
            let text = filled.iter_mut().find(|(name, _)| name == "text");
            if let Some((_, text)) = text {
                text.push_str(&format!("\n# {}", self.answers));
            }
        }
        let name = if names.is_empty() { "list" } else { self.value };
        let answer = match form.is_file {
            true => {
                self.place
                    .send(upload(who, form, &filled, (name, self.value)))
                    .await
            }
            false => {
                let filled = filled
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.as_str()));
                let filled: Vec<_> = filled.collect();
                self.place.post(who, &form.action, &filled).await
            }
        };
        let at = format!("POST {} {names:?}", form.action);
        self.look(&at, &answer);
        let on = answer.header(header::LOCATION).to_owned();
        let mut come = forms(&form.action, &answer.body);
        if on.starts_with('/') {
            let page = self.place.get(who, &on).await;
            self.look(&on, &page);
            come.extend(forms(&on, &page.body));
        }
        come
    }

    /// Every form of every page, each of its fields by itself, and all at once; and once more, for what the first brought about.
    async fn fill_in(&mut self) -> BTreeSet<&'static str> {
        let mut met = BTreeSet::new();
        for _ in 0..2 {
            let mut known: BTreeMap<&str, (Door, Form)> = BTreeMap::new();
            for door in Door::ALL {
                let (who, from) = enter(&self.place, door, self.value).await;
                let from: Vec<&str> = from.iter().map(String::as_str).collect();
                let mut pages = walk(&self.place, &who, &from).await;
                if door != Door::Administrator {
                    // What else they may see, administrators see as well.
                    pages.retain(|(path, _)| from.contains(&path.as_str()));
                }
                for (path, page) in &pages {
                    self.look(path, page);
                    for form in forms(path, &page.body) {
                        let route = posted(&form);
                        if !met.contains(route) {
                            known.entry(route).or_insert((door, form));
                        }
                    }
                }
            }
            let mut forms: Vec<(&str, (Door, Form))> = known.into_iter().collect();
            forms.sort_by_key(|(route, _)| LAST.iter().any(|word| route.ends_with(word)));
            met.extend(forms.iter().map(|(route, _)| *route));
            for (_, (door, form)) in &forms {
                let names = form.names();
                let each = names.iter().map(from_ref);
                // A file whose name no request can carry comes by another as well.
                let by_another = form.is_file.then_some(&[][..]);
                let all = [names.as_slice()].into_iter().chain(each);
                for names in all.chain(by_another) {
                    // Some end the session that they are sent with.
                    let (who, come) = self.send(*door, form, names).await;
                    // What stands on no page that a link leads to, such as what is to be confirmed.
                    for form in come {
                        if met.insert(posted(&form)) {
                            let names = form.names();
                            for name in &names {
                                self.post(&who, &form, from_ref(name)).await;
                            }
                            self.post(&who, &form, &names).await;
                        }
                    }
                }
            }
        }
        met
    }

    /// Every operation of the API, each text of its body and of its query by itself.
    async fn call(&mut self) {
        let program = self.place.program(Role::Administrator).await;
        let ids = self.ids(&program).await;
        for operation in operations(&|name| ids.get(name).cloned()) {
            let family = operation.path.split('/').nth(3).unwrap_or_default();
            let Some(path) = filled(&operation.path, ids.get(family)) else {
                continue;
            };
            if operation.path == "/api/v1/events" {
                continue;
            }
            for parameter in &operation.parameters {
                let query = url::form_urlencoded::Serializer::new(String::new())
                    .append_pair(parameter, self.value)
                    .finish();
                let asked = format!("{path}?{query}");
                let method = Method::try_from(operation.method.as_str()).unwrap();
                let body = operation
                    .body
                    .clone()
                    .map_or(Body::empty(), |body| Body::from(body.to_string()));
                let request = program.request(method, &asked, body, "application/json");
                let answer = self.place.send(request).await;
                self.look(&asked, &answer);
            }
            let Some(body) = operation.body else {
                continue;
            };
            for text in texts(&body) {
                let mut body = body.clone();
                *body.pointer_mut(&text).unwrap() = json!(self.value);
                let answer = self.place.call_if(&program, &path, "*", body).await;
                self.look(&format!("{path} {text}"), &answer);
            }
        }
    }

    /// What is there of each family of the API's resources, and of each sort that a body names.
    async fn ids(&self, program: &Asker) -> BTreeMap<String, String> {
        let mut ids = BTreeMap::new();
        for family in [
            "watchlists",
            "sightings",
            "listings",
            "runs",
            "deliveries",
            "accounts",
            "tokens",
            "holds",
        ] {
            let listed = self.place.get(program, &format!("/api/v1/{family}")).await;
            let first = &listed.json()["items"][0];
            let id = &first["id"];
            let id = id.as_str().map_or(id.to_string(), str::to_owned);
            ids.insert(family.to_owned(), id);
        }
        let (alert, entry) = (self.alert.id.to_string(), self.alert.entry.to_string());
        let list = self.alert.watchlist.to_string();
        for (name, id) in [
            ("alerts", &alert),
            ("entries", &entry),
            ("entry", &entry),
            ("watchlist", &list),
            ("sources", &self.source.to_string()),
            ("source", &self.source.to_string()),
            ("channels", &"desk".to_owned()),
        ] {
            ids.insert(name.to_owned(), id.clone());
        }
        ids
    }

    /// Reads everything: pages, what the API gives, files, and the messages that are sent.
    async fn read(&mut self) {
        let (who, _) = enter(&self.place, Door::Administrator, self.value).await;
        for (path, page) in walk(&self.place, &who, &FROM).await {
            self.look(&path, &page);
        }
        let program = self.place.program(Role::Administrator).await;
        let ids = self.ids(&program).await;
        let list = ids["watchlists"].clone();
        for operation in operations(&|_| None) {
            let family = operation.path.split('/').nth(3).unwrap_or_default();
            let path = filled(&operation.path, ids.get(family));
            if let Some(path) = path.filter(|_| operation.method == "GET" && family != "events") {
                let answer = self.place.get(&program, &path).await;
                self.look(&path, &answer);
            }
        }
        for export in [
            &*format!("watchlists/{list}/export"),
            "exports/alerts",
            "exports/sightings",
            "exports/listings",
            "exports/audit",
        ] {
            for format in ["csv", "json"] {
                let path = format!("/api/v1/{export}?format={format}");
                let answer = self.place.get(&program, &path).await;
                assert!(answer.status.is_success(), "{path}: {}", answer.body);
                self.look(&path, &answer);
            }
        }
    }

    /// Sends what waits, and reads all that was sent.
    async fn tell(&self) {
        deliver_due(&self.place.instance, &self.place.stop)
            .await
            .unwrap();
        let (lines, letters) = self.place.messages();
        assert!(
            !lines.is_empty() && !letters.is_empty(),
            "messages are sent"
        );
        for line in lines.lines() {
            serde_json::from_str::<Value>(line).unwrap();
        }
        for letter in letters {
            let (head, body) = letter.split_once("\r\n\r\n").unwrap();
            let lines = head.lines().map(str::to_lowercase);
            let foreign: Vec<String> = lines
                .filter(|line| line.starts_with("zqon:") || line.starts_with("bcc:"))
                .collect();
            assert_eq!(foreign, Vec::<String>::new());
            assert!(!has_signs(&letter), "{letter}");
            if let Some((_, html)) = body.split_once("text/html") {
                assert!(!html.contains("<zq-x"), "{letter}");
            }
        }
    }
}

/// Where pages are read from on: what no link leads to by itself stands here.
const FROM: [&str; 3] = ["/", "/search?q=zq", "/deliveries?state=dead"];

/// The route that a form is sent to.
fn posted(form: &Form) -> &'static str {
    route_of(&Method::POST, &form.action).expect("a form goes somewhere")
}

/// A path with its identifiers; nothing where there is none of what it names.
fn filled(path: &str, id: Option<&String>) -> Option<String> {
    let path = path.replace("{version}", "1");
    let name = ["{id}", "{name}"]
        .into_iter()
        .find(|name| path.contains(name));
    match name {
        Some(name) => id.map(|id| path.replace(name, id)),
        None => Some(path),
    }
}

/// A form with a file of this name and with this in its cells.
fn upload(
    who: &Asker,
    form: &Form,
    fields: &[(String, String)],
    (name, value): (&str, &str),
) -> Request<Body> {
    let quoted = name.replace('"', "%22").replace(['\r', '\n'], " ");
    let mut body = String::new();
    for (name, value) in fields {
        body += &format!(
            "--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
    }
    let cell = value.replace('"', "\"\"");
    body += &format!(
        "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{quoted}.csv\"\r\nContent-Type: text/csv\r\n\r\n\
         kind,value,note,\"{cell}\"\r\nphone,+12025550188,\"{cell}\",\"{cell}\"\r\n\"{cell}\",\"{cell}\",\"{cell}\",x\r\n\r\n--edge--\r\n"
    );
    let kind = "multipart/form-data; boundary=edge";
    let mut request = who.request(Method::POST, &form.action, Body::from(body), kind);
    let headers = request.headers_mut();
    headers.insert("sec-fetch-site", "same-origin".parse().unwrap());
    request
}

async fn nothing_gets_through(values: &[&'static str]) {
    for value in values {
        let mut world = World::of(value).await;
        // The forms close the alert, and silence what is left.
        world.tell().await;
        furnish(&world.place, &world.alert, value).await;
        let met = world.fill_in().await;
        world.call().await;
        world.read().await;
        world.tell().await;
        println!("{value:?}: {} answers", world.answers);
        let posts = table()
            .into_iter()
            .filter(|route| route.face == Face::Page && route.method == Method::POST);
        let missed: Vec<&str> = posts
            .map(|route| route.path)
            .filter(|path| !met.contains(path) && !OF_SOMEBODY.contains(path))
            .collect();
        assert_eq!(missed, Vec::<&str>::new(), "no form leads there");
        let found: Vec<String> = world.found.into_iter().collect();
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
}

/// Buttons of an alert that somebody else has taken, as nobody in this world has; neither has a text to fill in.
const OF_SOMEBODY: [&str; 2] = ["/alerts/{id}/take-over", "/alerts/{id}/hand-back"];

/// What takes away what others are tried on.
const LAST: [&str; 6] = [
    "sign-out",
    "disable",
    "withdraw",
    "end",
    "reset-second-factor",
    "close",
];

#[tokio::test]
async fn nothing_gets_through_that_acts_on_pages() {
    nothing_gets_through(&HOSTILE[..2]).await;
}

#[tokio::test]
async fn nothing_gets_through_that_acts_in_headers() {
    nothing_gets_through(&HOSTILE[2..4]).await;
}

#[tokio::test]
async fn nothing_gets_through_that_acts_in_addresses() {
    nothing_gets_through(&HOSTILE[4..]).await;
}

//! Pages of listings that show for a while what other pages show, or lead on no further: what stood behind them is not gone.

use serde_json::{Value, json};
use sightline_model::RunOutcome::{Complete, Partial};

use crate::{
    missing::{after, by_links, links},
    support::{HOUR, Machine, Place, START, Site},
};

/// Two ads a page.
const ADS: [&str; 10] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];

/// Pages of these ads, two on each, every one of which leads to the next.
fn write(site: &Site, ads: &[&str]) {
    let pages = ads.len() / 2;
    for number in 1..=pages {
        site.write(&format!("/l/{number}.html"), &page(ads, number, pages));
    }
    for ad in ads {
        let text = format!("<div id=ad><h1>Rose {ad}</h1></div>");
        site.write(&format!("/ad/{ad}"), &text);
    }
}

fn page(ads: &[&str], number: usize, pages: usize) -> String {
    let next = match number < pages {
        true => format!("<a class=next href=\"/l/{}.html\">next</a>", number + 1),
        false => String::new(),
    };
    links(&ads[number * 2 - 2..number * 2]) + &next
}

/// That it is crawled by its links, or by the numbers of its pages.
fn ways() -> [Value; 2] {
    let counted = json!({ "list": { "links": ["a.ad"], "page_url": "/l/{page}.html" } });
    [json!({}), counted]
}

async fn crawled(site: &Site, place: &Place, way: &Value) -> Machine {
    write(site, &ADS);
    let machine = place.machine("one", START, &by_links(site, way)).await;
    assert_eq!(after(&machine).await, (Some(Complete), 10, 0));
    machine
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_shows_what_another_does_is_no_end() {
    type Answer = fn(&Site);
    let answers: [(&str, Answer); 5] = [
        ("sent to the first", |site| {
            site.lead("/l/3.html", "/l/1.html")
        }),
        ("sent back", |site| site.lead("/l/3.html", "/l/2.html")),
        ("sent ahead", |site| site.lead("/l/3.html", "/l/4.html")),
        ("shows the first", |site| {
            site.write("/l/3.html", &page(&ADS, 1, 5));
        }),
        ("shows the one before", |site| {
            site.write("/l/3.html", &page(&ADS, 2, 5));
        }),
    ];
    for way in ways() {
        for (name, answer) in answers {
            let (site, place) = (Site::start().await, Place::new());
            let machine = crawled(&site, &place, &way).await;
            answer(&site);
            for _ in 0..2 {
                machine.clock.advance(24 * HOUR);
                assert_eq!(
                    after(&machine).await,
                    (Some(Partial), 10, 0),
                    "{name} {way}"
                );
            }
            write(&site, &ADS);
            assert_eq!(
                after(&machine).await,
                (Some(Complete), 10, 0),
                "{name} {way}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_leads_back_or_no_further_is_no_end() {
    // With an ad fewer; what stands behind it is three pages.
    for next in ["", "<a class=next href=\"/l/1.html\">next</a>"] {
        let (site, place) = (Site::start().await, Place::new());
        let machine = crawled(&site, &place, &json!({})).await;
        site.write("/l/2.html", &(links(&["c"]) + next));
        machine.clock.advance(24 * HOUR);
        assert_eq!(after(&machine).await, (Some(Partial), 10, 0), "{next}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ads_that_move_on_by_a_page_are_where_they_are() {
    for way in ways() {
        let (site, place) = (Site::start().await, Place::new());
        let machine = crawled(&site, &place, &way).await;
        let moved: Vec<&str> = ["y", "z"].into_iter().chain(ADS).collect();
        write(&site, &moved);
        assert_eq!(after(&machine).await, (Some(Complete), 12, 0), "{way}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_always_has_two_addresses_is_complete() {
    // The second page leads back to the first by another name; and a list of a part stands beside that of the whole.
    let write = |site: &Site, [first, second]: [&[&str]; 2]| {
        let back = "<a class=next href=\"/l/first.html\">1</a>";
        let on = "<a class=next href=\"/l/2.html\">2</a>";
        for name in ["/l/1.html", "/l/first.html"] {
            site.write(name, &(links(first) + on));
        }
        site.write("/l/2.html", &(links(second) + back));
        site.write("/part.html", &links(&second[..1]));
        for ad in first.iter().chain(second) {
            let text = format!("<div id=ad><h1>Rose {ad}</h1></div>");
            site.write(&format!("/ad/{ad}"), &text);
        }
    };
    let (site, place) = (Site::start().await, Place::new());
    write(&site, [&["a", "b"], &["c", "d"]]);
    let starts = json!({"start": [site.url("/l/1.html"), site.url("/part.html")]});
    let machine = place.machine("one", START, &by_links(&site, &starts)).await;
    assert_eq!(after(&machine).await, (Some(Complete), 4, 0));
    // All of them turn over.
    write(&site, [&["e", "f"], &["g", "h"]]);
    machine.clock.advance(24 * HOUR);
    assert_eq!(after(&machine).await, (Some(Complete), 4, 4));
}

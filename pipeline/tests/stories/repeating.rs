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
    write_ads(site, ads);
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

/// How pages of listings lead to each other.
type Leading = fn(number: usize, pages: usize) -> Vec<usize>;

const LEADINGS: [(&str, Leading); 4] = [
    ("to all", |_, pages| (1..=pages).collect()),
    ("to two on each side", |number, pages| {
        (number.saturating_sub(2).max(1)..=(number + 2).min(pages)).collect()
    }),
    ("to the next and the last", |number, pages| {
        vec![(number + 1).min(pages), pages]
    }),
    ("to those beside it", |number, pages| {
        vec![number.saturating_sub(1).max(1), (number + 1).min(pages)]
    }),
];

/// The links by which one of so many pages leads to the others.
fn leads(leading: Leading, number: usize, pages: usize) -> String {
    let linked = leading(number, pages).into_iter();
    linked
        .map(|to| format!("<a class=next href=\"/l/{to}.html\">{to}</a> "))
        .collect()
}

/// Pages of these ads that lead to each other so; the first has another address, where the list begins.
fn lead(site: &Site, ads: &[&str], leading: Leading) {
    let pages: Vec<&[&str]> = ads.chunks(2).collect();
    for number in 1..=5 {
        site.remove(&format!("/l/{number}.html"));
    }
    for (index, ads) in pages.iter().enumerate() {
        let page = links(ads) + &leads(leading, index + 1, pages.len());
        site.write(&format!("/l/{}.html", index + 1), &page);
        if index == 0 {
            site.write("/list.html", &page);
        }
    }
    write_ads(site, ads);
}

fn write_ads(site: &Site, ads: &[&str]) {
    for ad in ads {
        let text = format!("<div id=ad><h1>Rose {ad}</h1></div>");
        site.write(&format!("/ad/{ad}"), &text);
    }
}

async fn begun_at(site: &Site, place: &Place, path: &str) -> Machine {
    let settings = by_links(site, &json!({ "start": [site.url(path)] }));
    place.machine("one", START, &settings).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_gets_shorter_or_longer_by_a_page_is_complete_however_its_pages_lead() {
    for (name, leading) in LEADINGS {
        let (site, place) = (Site::start().await, Place::new());
        lead(&site, &ADS, leading);
        let machine = begun_at(&site, &place, "/list.html").await;
        assert_eq!(after(&machine).await, (Some(Complete), 10, 0), "{name}");
        for (ads, gone) in [(9, 1), (7, 3), (9, 1)] {
            lead(&site, &ADS[..ads], leading);
            machine.clock.advance(24 * HOUR);
            // Where each leads to the last, which is read early, another is as full as it was and leads to nothing new.
            if name == "to the next and the last" && ads == 7 {
                assert_eq!(after(&machine).await, (Some(Partial), 9, 1), "{name}");
                machine.clock.advance(24 * HOUR);
            }
            assert_eq!(after(&machine).await, (Some(Complete), ads, gone), "{name}");
        }
        // Full to its end, it may be broken off there: until the next day.
        lead(&site, &ADS[..8], leading);
        machine.clock.advance(24 * HOUR);
        let (outcome, there, _) = after(&machine).await;
        assert!(outcome == Some(Complete) || there > 8, "{name}: {there}");
        machine.clock.advance(24 * HOUR);
        assert_eq!(after(&machine).await, (Some(Complete), 8, 2), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn days_that_all_lead_to_each_other_go_by() {
    let (site, place) = (Site::start().await, Place::new());
    let show = |today: usize| {
        let days = today..today + 7;
        let linked = days
            .clone()
            .map(|day| format!("<a class=next href=\"/day/{day}\">{day}</a> "));
        let linked: String = linked.collect();
        for day in days {
            let ad = format!("ad{day}");
            site.write(&format!("/day/{day}"), &(links(&[&ad]) + &linked));
            write_ads(&site, &[&ad]);
        }
        site.remove(&format!("/day/{}", today.wrapping_sub(1)));
        let ad = format!("ad{today}");
        site.write("/today", &(links(&[&ad]) + &linked));
    };
    show(0);
    let machine = begun_at(&site, &place, "/today").await;
    assert_eq!(after(&machine).await, (Some(Complete), 7, 0));
    for today in 1..10 {
        show(today);
        machine.clock.advance(24 * HOUR);
        let found = after(&machine).await;
        assert_eq!(found, (Some(Complete), 7, today), "day {today}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_shows_what_another_does_is_no_end_however_pages_lead() {
    for (name, leading) in LEADINGS {
        // In the midst, and the last one.
        for number in [3, 5] {
            for is_sent in [true, false] {
                let (site, place) = (Site::start().await, Place::new());
                lead(&site, &ADS, leading);
                let machine = begun_at(&site, &place, "/list.html").await;
                assert_eq!(after(&machine).await, (Some(Complete), 10, 0), "{name}");
                let page = format!("/l/{number}.html");
                match is_sent {
                    true => site.lead(&page, "/list.html"),
                    false => site.write(&page, &(links(&ADS[..2]) + &leads(leading, 1, 5))),
                }
                for _ in 0..2 {
                    machine.clock.advance(24 * HOUR);
                    let found = after(&machine).await;
                    let what = format!("{name}, {number}, {is_sent}");
                    assert_eq!(found, (Some(Partial), 10, 0), "{what}");
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_in_two_orders_that_are_one_is_complete_every_day() {
    let (site, place) = (Site::start().await, Place::new());
    let show = |day: usize| {
        let ads: Vec<String> = (0..4).map(|ad| format!("d{day}n{ad}")).collect();
        let ads: Vec<&str> = ads.iter().map(String::as_str).collect();
        for order in ["/list", "/newest"] {
            let next = format!("<a class=next href=\"{order}/2.html\">2</a> ");
            let sort = "<a class=next href=\"/newest.html\">newest first</a>";
            let page = links(&ads[..2]) + &next + sort;
            site.write(&format!("{order}.html"), &page);
            site.write(&format!("{order}/2.html"), &links(&ads[2..]));
        }
        write_ads(&site, &ads);
    };
    show(0);
    let machine = begun_at(&site, &place, "/list.html").await;
    assert_eq!(after(&machine).await, (Some(Complete), 4, 0));
    for day in 1..5 {
        show(day);
        machine.clock.advance(24 * HOUR);
        let found = after(&machine).await;
        assert_eq!(found, (Some(Complete), 4, day * 4), "day {day}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn small_parts_of_a_list_beside_its_first_page_turn_over() {
    let (site, place) = (Site::start().await, Place::new());
    let show = |day: usize| {
        let parts = ["x", "y", "z"];
        let ads: Vec<String> = parts.iter().map(|part| format!("{part}{day}")).collect();
        let ads: Vec<&str> = ads.iter().map(String::as_str).collect();
        let linked = parts.map(|part| format!("<a class=next href=\"/of/{part}\">{part}</a> "));
        site.write("/list.html", &(links(&ads) + &linked.concat()));
        for (part, ad) in parts.iter().zip(&ads) {
            site.write(&format!("/of/{part}"), &links(&[ad]));
        }
        write_ads(&site, &ads);
    };
    show(0);
    let machine = begun_at(&site, &place, "/list.html").await;
    assert_eq!(after(&machine).await, (Some(Complete), 3, 0));
    for day in 1..4 {
        show(day);
        machine.clock.advance(24 * HOUR);
        let found = after(&machine).await;
        assert_eq!(found, (Some(Complete), 3, day * 3), "day {day}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_was_broken_before_is_no_end_where_it_is_broken_again() {
    // To the list, and to the first page, which is another address of it.
    for to in ["/list.html", "/l/1.html"] {
        let (_, leading) = LEADINGS[0];
        let (site, place) = (Site::start().await, Place::new());
        lead(&site, &ADS, leading);
        let machine = begun_at(&site, &place, "/list.html").await;
        assert_eq!(after(&machine).await, (Some(Complete), 10, 0), "{to}");
        site.lead("/l/3.html", to);
        for expected in [
            (Partial, 10, 0),
            (Partial, 10, 0),
            (Partial, 10, 0),
            (Complete, 8, 2),
        ] {
            machine.clock.advance(24 * HOUR);
            let (outcome, there, gone) = after(&machine).await;
            assert_eq!((outcome.unwrap(), there, gone), expected, "{to}");
        }
        lead(&site, &ADS, leading);
        machine.clock.advance(24 * HOUR);
        assert_eq!(after(&machine).await, (Some(Complete), 10, 0), "{to}");
        site.lead("/l/3.html", to);
        machine.clock.advance(24 * HOUR);
        assert_eq!(after(&machine).await, (Some(Partial), 10, 0), "{to}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn counted_pages_beyond_the_end_may_show_the_first() {
    let (site, place) = (Site::start().await, Place::new());
    write(&site, &ADS);
    site.lead("/l/6.html", "/l/1.html");
    let [_, counted] = ways();
    let machine = place
        .machine("one", START, &by_links(&site, &counted))
        .await;
    assert_eq!(after(&machine).await, (Some(Complete), 10, 0));
    machine.clock.advance(24 * HOUR);
    assert_eq!(after(&machine).await, (Some(Complete), 10, 0));
    // One page fewer is believed the day after.
    site.lead("/l/5.html", "/l/1.html");
    machine.clock.advance(24 * HOUR);
    assert_eq!(after(&machine).await, (Some(Partial), 10, 0));
    machine.clock.advance(24 * HOUR);
    assert_eq!(after(&machine).await, (Some(Complete), 8, 2));
    // Grown again, it has ads of its own there, and one bad answer hides those behind it, too.
    let more: Vec<&str> = ADS.into_iter().chain(["k", "l"]).collect();
    write(&site, &more);
    site.lead("/l/7.html", "/l/1.html");
    machine.clock.advance(24 * HOUR);
    assert_eq!(after(&machine).await, (Some(Complete), 12, 0));
    site.lead("/l/5.html", "/l/1.html");
    machine.clock.advance(24 * HOUR);
    assert_eq!(after(&machine).await, (Some(Partial), 12, 0));
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

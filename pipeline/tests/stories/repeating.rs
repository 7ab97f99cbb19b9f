//! Pages of listings that show for a while what other pages show, or less than they had: an ad that no list leads to any more is asked
//! for itself before it counts as gone.

use serde_json::{Value, json};
use sightline_model::{
    Outcome,
    RunOutcome::{Complete, Partial},
    VisitKind,
};
use sightline_store::{Filter, visits};

use crate::{
    missing::{after, by_links, gone, links},
    removing::source,
    support::{HOUR, Machine, Place, START, Site},
};

/// Two ads a page.
const ADS: [&str; 10] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];

const DAY: std::time::Duration = HOUR.saturating_mul(24);

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

/// The pages of these ads, and none of the others.
fn write_ads(site: &Site, ads: &[&str]) {
    gone(site, &ADS);
    for ad in ads {
        let text = format!("<div id=ad><h1>Rose {ad}</h1></div>");
        site.write(&format!("/ad/{ad}"), &text);
    }
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
async fn a_page_that_shows_what_another_does_takes_no_ad_away() {
    type Answer = fn(&Site);
    let answers: [(&str, Answer); 8] = [
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
        ("shows one that is read later", |site| {
            site.write("/l/2.html", &page(&ADS, 4, 5));
        }),
        ("the first shows the second", |site| {
            site.write("/l/1.html", &page(&ADS, 2, 5));
        }),
        ("shows an ad of another, and leads on", |site| {
            let next = "<a class=next href=\"/l/4.html\">next</a>";
            site.write("/l/3.html", &(links(&["a"]) + next));
        }),
    ];
    for way in ways() {
        for (name, answer) in answers {
            let (site, place) = (Site::start().await, Place::new());
            let machine = crawled(&site, &place, &way).await;
            answer(&site);
            for _ in 0..2 {
                machine.clock.advance(DAY);
                let (_, there, removed) = after(&machine).await;
                assert_eq!((there, removed), (10, 0), "{name} {way}");
            }
            write(&site, &ADS);
            machine.clock.advance(DAY);
            let found = after(&machine).await;
            assert_eq!(found, (Some(Complete), 10, 0), "{name} {way}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_page_that_leads_to_another_takes_no_ad_away() {
    let (site, place) = (Site::start().await, Place::new());
    site.write("/c/a", &links(&ADS[..5]));
    site.write("/c/b", &links(&ADS[5..]));
    write_ads(&site, &ADS);
    let starts = json!({ "start": [site.url("/c/a"), site.url("/c/b")] });
    let machine = place.machine("one", START, &by_links(&site, &starts)).await;
    assert_eq!(after(&machine).await, (Some(Complete), 10, 0));
    site.lead("/c/b", "/c/a");
    machine.clock.advance(DAY);
    assert_eq!(after(&machine).await, (Some(Complete), 10, 0));
}

/// What became of the pages of ads in all runs so far, by their path.
pub(crate) async fn asked(machine: &Machine, path: &str) -> Vec<Outcome> {
    let mut tx = machine.read().await;
    let filter = Filter {
        limit: 1_000,
        ..Filter::default()
    };
    let all = visits::list(&mut tx, &filter, None).await.unwrap();
    let of_ad = all
        .iter()
        .filter(|one| one.kind == VisitKind::Detail && one.url.path() == path);
    of_ad.rev().filter_map(|one| one.outcome).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_no_list_shows_is_gone_where_its_own_page_says_so_or_after_three_days() {
    type Case = (
        &'static str,
        fn(&Site),
        &'static [(usize, usize)],
        &'static [Outcome],
    );
    use Outcome::{Fetched, Gone, Unchanged};
    let answers: [Case; 4] = [
        (
            "not there",
            |site| gone(site, &["j"]),
            &[(9, 1), (9, 1)],
            &[Fetched, Gone],
        ),
        (
            "another page in its place",
            |site| site.write("/ad/j", "<p>This ad has expired.</p>"),
            &[(9, 1), (9, 1)],
            &[Fetched, Gone],
        ),
        (
            "still there",
            |_| {},
            &[(10, 0), (10, 0), (10, 0), (9, 1)],
            &[Fetched, Unchanged, Unchanged, Unchanged],
        ),
        (
            "sold, and still there",
            |site| site.write("/ad/j", "<div id=ad><h1>Rose j</h1> sold</div>"),
            &[(10, 0), (10, 0), (10, 0), (9, 1)],
            &[Fetched, Fetched, Unchanged, Unchanged],
        ),
    ];
    for (name, answer, days, outcomes) in answers {
        let (site, place) = (Site::start().await, Place::new());
        let machine = crawled(&site, &place, &json!({})).await;
        site.write("/l/5.html", &links(&["i"]));
        answer(&site);
        for (day, (there, removed)) in days.iter().enumerate() {
            machine.clock.advance(DAY);
            let found = after(&machine).await;
            assert_eq!(found, (Some(Complete), *there, *removed), "{name}, {day}");
        }
        assert_eq!(asked(&machine, "/ad/j").await, outcomes, "{name}");
        // Whoever comes back is there.
        write(&site, &ADS);
        machine.clock.advance(DAY);
        assert_eq!(after(&machine).await, (Some(Complete), 10, 0), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_days_are_counted_anew_once_a_list_has_shown_an_ad_again() {
    let (site, place) = (Site::start().await, Place::new());
    let machine = crawled(&site, &place, &json!({})).await;
    for _ in 0..3 {
        for _ in 0..2 {
            site.write("/l/5.html", &links(&["i"]));
            machine.clock.advance(DAY);
            assert_eq!(after(&machine).await, (Some(Complete), 10, 0));
        }
        write(&site, &ADS);
        machine.clock.advance(DAY);
        assert_eq!(after(&machine).await, (Some(Complete), 10, 0));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_of_a_list_that_the_run_did_not_come_to_are_gone_the_next_day() {
    let (site, place) = (Site::start().await, Place::new());
    let list = |keys: &[&str], next: &str| {
        let records = keys.iter().map(|key| {
            format!("<li class=ad><a href=\"/ad/{key}\">ad {key}</a> <p>Rose, {key}.</p></li>")
        });
        records.collect::<String>() + next
    };
    let next = "<a class=next href=\"/two\">next</a>";
    site.write("/one", &list(&["a", "b"], next));
    site.write("/two", &list(&["c", "d"], ""));
    let settings = source(json!({
        "start": [site.url("/one")],
        "list": { "next": ["a.next"], "record": {
            "root": "li.ad", "link": "a", "title": "a", "body": "p", "key": { "url": "/ad/(\\w+)" },
        } },
    }));
    let machine = place.machine("one", START, &settings).await;
    assert_eq!(after(&machine).await, (Some(Complete), 4, 0));
    // The list ends a page sooner, and what its first page dropped is gone.
    site.write("/one", &list(&["a"], ""));
    machine.clock.advance(DAY);
    assert_eq!(after(&machine).await, (Some(Complete), 3, 1));
    machine.clock.advance(DAY);
    assert_eq!(after(&machine).await, (Some(Complete), 1, 3));
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

async fn begun_at(site: &Site, place: &Place, path: &str) -> Machine {
    let settings = by_links(site, &json!({ "start": [site.url(path)] }));
    place.machine("one", START, &settings).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_gets_shorter_or_longer_is_complete_however_its_pages_lead() {
    for (name, leading) in LEADINGS {
        let (site, place) = (Site::start().await, Place::new());
        lead(&site, &ADS, leading);
        let machine = begun_at(&site, &place, "/list.html").await;
        assert_eq!(after(&machine).await, (Some(Complete), 10, 0), "{name}");
        for (ads, removed) in [(9, 1), (7, 3), (9, 1), (8, 2), (4, 6)] {
            lead(&site, &ADS[..ads], leading);
            machine.clock.advance(DAY);
            // A last page that is full and leads nowhere is believed the day after.
            if name == "to the next and the last" && ads % 2 == 0 {
                assert_eq!(after(&machine).await.0, Some(Partial), "{name}");
                machine.clock.advance(DAY);
            }
            let found = after(&machine).await;
            assert_eq!(found, (Some(Complete), ads, removed), "{name}");
        }
    }
}

/// What a site shows on a day, and how many ads that are.
type Shows = fn(&Site, day: usize) -> usize;

/// Writes a page that shows ads, and leads to further pages.
fn show(site: &Site, path: &str, ads: &[String], pages: &[String]) {
    let ads: Vec<&str> = ads.iter().map(String::as_str).collect();
    let pages = pages
        .iter()
        .map(|page| format!("<a class=next href=\"{page}\">{page}</a> "));
    site.write(path, &(links(&ads) + &pages.collect::<String>()));
    for ad in ads {
        let text = format!("<div id=ad><h1>Rose {ad}</h1></div>");
        site.write(&format!("/ad/{ad}"), &text);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_turns_over_every_day_is_complete_every_day() {
    let turning: [(&str, &str, Shows); 5] = [
        ("days that all lead to each other", "/today", |site, day| {
            let days: Vec<String> = (day..day + 7).map(|day| format!("/day/{day}")).collect();
            for day in day..day + 7 {
                show(site, &format!("/day/{day}"), &[format!("d{day}")], &days);
            }
            site.remove(&format!("/day/{}", day.wrapping_sub(1)));
            show(site, "/today", &[format!("d{day}")], &days);
            gone(site, &[&format!("d{}", day.wrapping_sub(1))]);
            7
        }),
        ("a day that leads to the next", "/today", |site, day| {
            let [today, next] = [day, day + 1].map(|day| format!("/day/{day}"));
            show(
                site,
                "/today",
                &[format!("d{day}")],
                &[today.clone(), next.clone()],
            );
            show(
                site,
                &today,
                &[format!("d{day}")],
                std::slice::from_ref(&next),
            );
            show(site, &next, &[format!("d{}", day + 1)], &[]);
            site.remove(&format!("/day/{}", day.wrapping_sub(1)));
            gone(site, &[&format!("d{}", day.wrapping_sub(1))]);
            2
        }),
        ("two orders that are one", "/list", |site, day| {
            let ads: Vec<String> = (0..4).map(|ad| format!("d{day}n{ad}")).collect();
            for order in ["/list", "/newest"] {
                let further = [format!("{order}/2"), "/newest".to_owned()];
                show(site, order, &ads[..2], &further);
                show(site, &format!("{order}/2"), &ads[2..], &[]);
            }
            for ad in 0..4 {
                gone(site, &[&format!("d{}n{ad}", day.wrapping_sub(1))]);
            }
            4
        }),
        ("small parts beside a first page", "/list", |site, day| {
            let parts = ["x", "y", "z"];
            let ads = parts.map(|part| format!("{part}{day}"));
            let pages = parts.map(|part| format!("/of/{part}"));
            show(site, "/list", &ads, &pages);
            for (page, ad) in pages.iter().zip(&ads) {
                show(site, page, std::slice::from_ref(ad), &[]);
            }
            gone(
                site,
                &parts
                    .map(|part| format!("{part}{}", day.wrapping_sub(1)))
                    .each_ref()
                    .map(String::as_str),
            );
            3
        }),
        (
            "a list that always has two addresses",
            "/l/1",
            |site, day| {
                let [first, second] = [format!("a{day}"), format!("b{day}")];
                for name in ["/l/1", "/l/first"] {
                    show(
                        site,
                        name,
                        std::slice::from_ref(&first),
                        &["/l/2".to_owned()],
                    );
                }
                show(site, "/l/2", &[second], &["/l/first".to_owned()]);
                let before = day.wrapping_sub(1);
                gone(site, &[&format!("a{before}"), &format!("b{before}")]);
                2
            },
        ),
    ];
    for (name, start, shows) in turning {
        let (site, place) = (Site::start().await, Place::new());
        let mut before = 0;
        shows(&site, 0);
        let machine = begun_at(&site, &place, start).await;
        for day in 0..6 {
            let there = shows(&site, day);
            let (outcome, found, removed) = after(&machine).await;
            assert_eq!((outcome, found), (Some(Complete), there), "{name}, {day}");
            assert!(day == 0 || removed > before, "{name}, {day}: {removed}");
            before = removed;
            machine.clock.advance(DAY);
        }
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
    for _ in 0..2 {
        assert_eq!(after(&machine).await, (Some(Complete), 10, 0));
        machine.clock.advance(DAY);
    }
    site.lead("/l/5.html", "/l/1.html");
    gone(&site, &ADS[8..]);
    assert_eq!(after(&machine).await, (Some(Complete), 8, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_page_that_leads_on_no_further_is_the_end_the_next_day() {
    let (site, place) = (Site::start().await, Place::new());
    let machine = crawled(&site, &place, &json!({})).await;
    site.write("/l/2.html", &links(&ADS[2..4]));
    machine.clock.advance(DAY);
    assert_eq!(after(&machine).await, (Some(Partial), 10, 0));
    machine.clock.advance(DAY);
    assert_eq!(after(&machine).await, (Some(Complete), 10, 0));
    machine.clock.advance(DAY * 3);
    assert_eq!(after(&machine).await, (Some(Complete), 4, 6));
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

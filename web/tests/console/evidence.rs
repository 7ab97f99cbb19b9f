//! What was kept: images written anew, veiled until somebody asks, and captures to take away; read from a real archive.

use std::{io::Cursor, path::Path};

use axum::http::{HeaderMap, StatusCode, header};
use image::{ImageFormat, RgbImage};
use sightline_egress::Secrets;
use sightline_model::*;
use sightline_pipeline::{
    crawl::crawl,
    progress::Progress,
    source::{Source, SourceSettings},
};
use sightline_proof::bundle::verify;
use sightline_store::{Filter, alerts, audit, captures, images, listings};
use tokio_util::sync::CancellationToken;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path};

use crate::support::{Asker, Place};

/// A page that would do something to whoever opened it, with an image that is also a page, one that is none, and one
/// that is gone.
const PAGE: &str = "<h1>New in town</h1><p>call +1 202-555-0101</p><script>alert(1)</script>\
                    <img src=/1.png><img src=/2.png><img src='/3.png?x=<script>'>";
/// What stands behind the image's last byte.
const BEHIND: &[u8] = b"<script>alert(1)</script>";

fn drawn() -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    RgbImage::from_fn(64, 32, |x, _| image::Rgb([x as u8 * 3, 10, 10]))
        .write_to(&mut bytes, ImageFormat::Png)
        .unwrap();
    let mut bytes = bytes.into_inner();
    bytes.extend_from_slice(BEHIND);
    bytes
}

/// Crawls a site with one ad, and gives the ad's listing.
pub async fn crawled(place: &Place) -> Listing {
    let server = MockServer::start().await;
    for (at, body, media_type) in [
        ("/", "<a class=ad href=/ad/1>one</a>".into(), "text/html"),
        ("/ad/1", PAGE.into(), "text/html"),
        ("/1.png", drawn(), "image/png"),
        ("/2.png", "<html>no image</html>".into(), "image/png"),
    ] {
        let body: Vec<u8> = body;
        let answer = ResponseTemplate::new(200).set_body_raw(body, media_type);
        Mock::given(path(at))
            .respond_with(answer)
            .mount(&server)
            .await;
    }
    let settings: SourceSettings = serde_json::from_value(serde_json::json!({
        "start": [format!("{}/", server.uri())],
        "politeness": { "unlimited": true },
        "list": { "links": ["a.ad"] },
        "detail": { "title": { "css": "h1" }, "body": { "css": "p" }, "images": { "css": "img" } },
    }))
    .unwrap();
    let secrets = Secrets {
        folder: Path::new(""),
        environment: &|_| None,
    };
    let source = Source::compile(&settings, "cityforum").unwrap();
    let known = place.instance.register(vec![source], secrets).await;
    let stop = CancellationToken::new();
    crawl(
        &place.instance,
        &known.unwrap().watched,
        "R. Operator",
        &Progress::default(),
        &stop,
    )
    .await
    .unwrap();
    let mut tx = place.write().await;
    let found = listings::list(&mut tx, &Filter::default()).await.unwrap();
    found.into_iter().next().expect("the ad was read").listing
}

/// Writes zeros over every WARC file below a folder.
fn damage_captures(folder: &Path) {
    for file in std::fs::read_dir(folder).unwrap() {
        let file = file.unwrap().path();
        if file.is_dir() {
            damage_captures(&file);
        } else if file.to_string_lossy().contains(".warc.gz") {
            let length = file.metadata().unwrap().len();
            std::fs::write(file, vec![0; length as usize]).unwrap();
        }
    }
}

async fn logged(place: &Place, what: &str) -> usize {
    let mut tx = place.write().await;
    let log = audit::list(&mut tx, &Filter::default()).await.unwrap();
    log.iter().filter(|one| one.deed.what == what).count()
}

fn is_sealed(headers: &HeaderMap) {
    for (name, value) in [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'; sandbox",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        assert_eq!(headers[&name], value);
        assert_eq!(headers.get_all(&name).iter().count(), 1, "{name}");
    }
}

#[tokio::test]
async fn images_are_veiled_until_somebody_asks_and_never_the_strangers_bytes() {
    let place = Place::open().await;
    let listing = crawled(&place).await;
    let reader = place.somebody(Role::Investigator).await;
    let here = format!("/listings/{}", listing.id);
    let page = place.get(&reader, &here).await;
    let mut tx = place.write().await;
    let shown = images::of_listings(&mut tx, &[listing.id]).await.unwrap();
    let ids: Vec<ImageId> = shown.iter().filter_map(|one| one.image).collect();
    let image = images::get(&mut tx, &ids).await.unwrap().remove(0);
    drop(tx);
    let clear = format!("/images/{}", image.digest);
    let veiled = format!("{clear}/veiled");
    assert!(
        page.body
            .contains(&format!("<img src=\"{veiled}\" class=\"veiled\""))
    );
    assert!(
        !page.body.contains(&format!("src=\"{clear}\"")),
        "{}",
        page.body
    );
    assert!(page.body.contains("No picture that can be shown") && !page.body.contains("<script>"));

    // Asked for by a form, for this once.
    let page = place.post(&reader, &format!("{here}/images"), &[]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.body.contains(&format!("<img src=\"{clear}\"")),
        "{}",
        page.body
    );
    assert!(!page.body.contains(&veiled));
    let again = place.get(&reader, &here).await;
    assert!(
        again.body.contains(&veiled),
        "the address alone shows nothing"
    );
    // A program finds there what it may ask for; one that may not read evidence, where it is from.
    let account = place.account(Role::Investigator).await;
    let digest = serde_json::json!(image.digest);
    let nothing = serde_json::Value::Null;
    for (scopes, digest) in [
        (&["listings.read", "evidence.read"][..], &digest),
        (&["listings.read"], &nothing),
    ] {
        let scopes = scopes.iter().map(|one| (*one).to_owned()).collect();
        let program = place.token(&account, scopes).await;
        let read = place.get(&program, &format!("/api/v1{here}")).await.json();
        let images = read["images"].as_array().unwrap();
        assert_eq!(images.len(), 3, "{read}");
        assert!(images[0]["url"].as_str().unwrap().ends_with("/1.png"));
        assert_eq!(&images[0]["image"]["digest"], digest);
        assert_eq!(images[1]["image"], nothing, "it is none");
    }

    place.plans.take();
    for (address, size, reads) in [(&veiled, (10, 5), 0), (&clear, (64, 32), 1)] {
        let (status, headers, body) = place.take(&reader, address).await;
        assert_eq!(status, StatusCode::OK);
        is_sealed(&headers);
        assert_eq!(headers[header::CONTENT_TYPE], "image/jpeg");
        let bytes = image::load_from_memory_with_format(&body, ImageFormat::Jpeg).unwrap();
        assert_eq!((bytes.width(), bytes.height()), size);
        assert!(!body.windows(BEHIND.len()).any(|part| part == BEHIND));
        assert_eq!(logged(&place, "image.read").await, reads, "{address}");
    }
    for step in place.plans.take() {
        let is_log = step.statement.contains("audit");
        assert!(is_log || !step.walks_a_big_table(), "{}", step.statement);
    }

    for nonsense in ["0", "..%2F..%2Fetc", "%3Cscript%3E", &"0".repeat(64)] {
        let (status, ..) = place.take(&reader, &format!("/images/{nonsense}")).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{nonsense}");
    }
    assert_eq!(logged(&place, "image.read").await, 1);
}

#[tokio::test]
async fn a_capture_is_given_as_it_came_only_to_be_taken_away() {
    let place = Place::open().await;
    crawled(&place).await;
    let reader = place.somebody(Role::Investigator).await;
    let mut tx = place.write().await;
    let kept = captures::list(&mut tx, &Filter::default()).await.unwrap();
    drop(tx);
    let ad = kept.iter().find(|one| one.url.path() == "/ad/1").unwrap();
    let address = format!("/captures/{}/download", ad.id);
    let (status, headers, body) = place.take(&reader, &address).await;
    assert_eq!((status, body.as_slice()), (StatusCode::OK, PAGE.as_bytes()));
    is_sealed(&headers);
    assert_eq!(headers[header::CONTENT_TYPE], "application/octet-stream");
    let name = format!("attachment; filename=\"capture-{}.bin\"", ad.id);
    assert_eq!(headers[header::CONTENT_DISPOSITION], name.as_str());
    assert_eq!(logged(&place, "capture.read").await, 1);
    // Who may not see it learns nothing, and neither is it logged as read.
    for who in [Asker::nobody(), place.somebody(Role::Operator).await] {
        let (status, _, body) = place.take(&who, &address).await;
        assert_ne!(status, StatusCode::OK);
        assert!(!String::from_utf8_lossy(&body).contains("New in town"));
    }
    let (status, ..) = place.take(&reader, "/captures/999999/download").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(logged(&place, "capture.read").await, 1);
}

#[tokio::test]
async fn all_that_lies_behind_an_alert_is_given_signed_and_only_to_be_taken_away() {
    let place = Place::open().await;
    // Its entry is looked for, the number on the page; what the crawl finds of it raises another.
    let before = place.alert(Severity::Grave).await;
    let mut tx = place.write().await;
    let now = place.console.now();
    alerts::close(&mut tx, before.id, Closed::Rejected, now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    crawled(&place).await;
    let mut tx = place.write().await;
    let all = alerts::list(&mut tx, &Filter::default()).await.unwrap();
    drop(tx);
    let alert = all.iter().find(|one| one.id != before.id).unwrap().id;

    let reader = place.somebody(Role::Investigator).await;
    let here = format!("/alerts/{alert}");
    let page = place.get(&reader, &here).await;
    let address = format!("{here}/evidence");
    assert!(
        page.body
            .contains(&format!("<a href=\"{address}\" download>"))
    );
    let program = place.program(Role::Analyst).await;
    // Its images are told of as those of a listing are: without bytes to a program that may not read evidence.
    let account = place.account(Role::Investigator).await;
    let blind = place.token(&account, vec!["alerts.read".to_owned()]).await;
    for (who, has_bytes) in [(&program, true), (&blind, false)] {
        let read = place.get(who, &format!("/api/v1{here}")).await.json();
        let image = &read["images"][0];
        assert!(image["url"].as_str().unwrap().ends_with("/1.png"), "{read}");
        assert_eq!(image["image"]["digest"].is_string(), has_bytes, "{image}");
        let keys = image.as_object().unwrap().keys();
        assert_eq!(keys.collect::<Vec<_>>(), ["image", "url"], "nothing else");
    }
    for (asker, address) in [
        (&reader, &address),
        (&program, &format!("/api/v1{address}")),
    ] {
        let (status, headers, body) = place.take(asker, address).await;
        assert_eq!(status, StatusCode::OK);
        is_sealed(&headers);
        assert_eq!(headers[header::CONTENT_TYPE], "application/zip");
        let name = format!("attachment; filename=\"sightline-alert-{alert}.zip\"");
        assert_eq!(headers[header::CONTENT_DISPOSITION], name.as_str());
        let verified = verify(&body[..], None).unwrap();
        assert_eq!(verified.folder, format!("sightline-alert-{alert}"));
        // The page as it came, and the image taken out of its capture.
        assert!(body.windows(BEHIND.len()).any(|part| part == BEHIND));
    }
    assert_eq!(logged(&place, "evidence.export").await, 2);
    // What is damaged is told of as that, and by what it is mended.
    damage_captures(place.store_file().parent().unwrap());
    for (asker, address) in [
        (&reader, &address),
        (&program, &format!("/api/v1{address}")),
    ] {
        let (status, _, body) = place.take(asker, address).await;
        let body = String::from_utf8_lossy(&body).into_owned();
        assert_eq!(status, StatusCode::CONFLICT, "{body}");
        assert!(
            body.contains("damaged or not there") && body.contains("doctor --all"),
            "{body}"
        );
    }
    for who in [Asker::nobody(), place.somebody(Role::Auditor).await] {
        let (status, ..) = place.take(&who, &address).await;
        assert_ne!(status, StatusCode::OK);
    }
    let (status, ..) = place
        .take(&reader, &format!("/alerts/{}/evidence", before.entry))
        .await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(logged(&place, "evidence.export").await, 2);
}

#[tokio::test]
async fn the_log_tells_that_somebody_searched_and_not_what_for() {
    let place = Place::open().await;
    let reader = place.somebody(Role::Investigator).await;
    let program = place.program(Role::Analyst).await;
    for (asker, address) in [
        (&reader, "/search?q=%2B12025550123"),
        (&program, "/api/v1/selectors?q=%2B12025550123"),
        (&program, "/api/v1/listings/search?q=%2B12025550123"),
        (&reader, "/selectors?kind=phone&value=%2B12025550123"),
    ] {
        assert_eq!(
            place.get(asker, address).await.status,
            StatusCode::OK,
            "{address}"
        );
    }
    let mut tx = place.write().await;
    let log = audit::list(&mut tx, &Filter::default()).await.unwrap();
    drop(tx);
    assert!(log.iter().all(|one| !one.deed.subject.contains("5550123")));
    let sought = log.iter().filter(|one| one.deed.what == "search");
    let subjects: Vec<_> = sought.map(|one| &one.deed.subject).collect();
    assert_eq!(subjects.len(), 3);
    assert!(
        subjects
            .iter()
            .all(|one| *one == subjects[0] && one.starts_with("hmac:"))
    );
    // Whoever knows what to ask for is told.
    let auditor = place.somebody(Role::Auditor).await;
    let found = place.get(&auditor, "/audit?subject=%2B12025550123").await;
    assert_eq!(found.body.matches("data-line").count(), 3, "{}", found.body);
}

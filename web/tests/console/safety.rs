//! Safety: the headers of every answer, forms of other sites, and failures that tell nothing.

use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use sightline_model::{Role, Severity};

use crate::support::{Asker, Place};

#[tokio::test]
async fn every_answer_has_its_headers() {
    let place = Place::open().await;
    let browser = place.somebody(Role::Administrator).await;
    for path in [
        "/",
        "/sign-in",
        "/nowhere",
        "/api/v1/alerts",
        "/api/v1",
        "/healthz",
        "/account",
    ] {
        let answer = place.get(&browser, path).await;
        let policy = answer.header(header::CONTENT_SECURITY_POLICY);
        assert!(policy.starts_with("default-src 'none'"), "{path}");
        assert!(
            policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"),
            "{path}"
        );
        assert_eq!(
            answer.header(header::X_CONTENT_TYPE_OPTIONS),
            "nosniff",
            "{path}"
        );
        assert_eq!(
            answer.header(header::REFERRER_POLICY),
            "no-referrer",
            "{path}"
        );
        assert_eq!(answer.header(header::CACHE_CONTROL), "no-store", "{path}");
    }
}

#[tokio::test]
async fn pages_have_no_script_and_no_style_of_their_own() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let browser = place.somebody(Role::Administrator).await;
    for path in [
        "/",
        "/account",
        "/api/v1",
        "/sign-in",
        "/nowhere",
        &format!("/alerts/{}", alert.id),
    ] {
        let body = place.get(&browser, path).await.body.to_lowercase();
        for inline in ["<style", " style=", "javascript:", " onclick=", "<script>"] {
            assert!(!body.contains(inline), "{path} has {inline}");
        }
        assert!(
            body.contains("<html lang=\"en\">") && body.contains("<main id=\"main\""),
            "{path}"
        );
    }
}

#[tokio::test]
async fn forms_of_other_sites_are_refused() {
    let place = Place::open_with(Some("https://sightline.example.org/"), |_| ()).await;
    let form = "application/x-www-form-urlencoded";
    for (name, value, is_refused) in [
        ("sec-fetch-site", "cross-site", true),
        ("sec-fetch-site", "same-site", true),
        ("sec-fetch-site", "same-origin", false),
        ("origin", "https://evil.example", true),
        ("origin", "null", true),
        // A proxy of ours has put another Host: the public address is ours all the same.
        ("origin", "https://sightline.example.org", false),
        ("origin", "http://127.0.0.1:8787", false),
    ] {
        let body = Body::from("name=a&password=b");
        let mut request = Asker::nobody().request(Method::POST, "/sign-in", body, form);
        request.headers_mut().insert(name, value.parse().unwrap());
        let answer = place.send(request).await;
        let expected = match is_refused {
            true => StatusCode::FORBIDDEN,
            false => StatusCode::UNPROCESSABLE_ENTITY,
        };
        assert_eq!(answer.status, expected, "{name}: {value}");
    }
}

#[tokio::test]
async fn a_failure_of_ours_is_told_without_its_cause() {
    let place = Place::open().await;
    let browser = place.somebody(Role::Administrator).await;
    let program = place.program(Role::Administrator).await;
    place.store.close().await;
    let page = place.get(&browser, "/").await;
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(page.body.contains("tell your operator"), "{}", page.body);
    let problem = place.get(&program, "/api/v1/alerts").await;
    assert_eq!(problem.status, StatusCode::INTERNAL_SERVER_ERROR);
    for body in [page.body, problem.body] {
        assert!(!body.to_lowercase().contains("pool"), "{body}");
    }
    assert_eq!(
        place.get(&Asker::nobody(), "/healthz").await.status,
        StatusCode::OK
    );
    let ready = place.get(&Asker::nobody(), "/readyz").await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(ready.json()["ready"], false);
}

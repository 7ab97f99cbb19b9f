//! The listing site of the tests does what its driver says: what other stories compare with is true.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use crate::support::{Tools, site::Site};

#[test]
fn the_site_changes_as_it_is_told_and_tells_who_asked() {
    let Some(tools) = Tools::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let site = Site::start(&tools, folder.path());
    let truth = site.truth();
    assert_eq!(truth.len(), 120);
    assert_eq!(status_of(&site, &truth[4].path), 200);
    let before = site.posts();
    assert_eq!(before.len(), 120);
    assert_eq!(before[4].title, truth[4].title);
    assert_eq!(before[4].images, truth[4].images);

    site.edit(truth[4].pk, "New words, call (510) 555-0123.");
    site.delete(truth[5].pk);
    let created = site.create("Cleaning: by the hour", "Ring 020 7946 0123.");

    let posts = site.posts();
    assert_eq!(posts.len(), 120, "one less, one more");
    let edited = posts.iter().find(|post| post.pk == truth[4].pk).unwrap();
    assert_eq!(edited.description, "New words, call (510) 555-0123.");
    assert_eq!(edited.path, truth[4].path);
    assert_eq!(status_of(&site, &truth[5].path), 404);
    assert!(
        created.starts_with(&site.base()) && created.contains("cleaning"),
        "{created}"
    );

    let log = site.access_log();
    let asked = log
        .iter()
        .find(|request| request.path == truth[4].path)
        .unwrap();
    assert_eq!(asked.status, 200);
    assert_eq!(asked.user_agent.as_deref(), Some("a test"));
}

/// What the site answers to a GET of this path.
fn status_of(site: &Site, path: &str) -> u16 {
    let host = site.base().split_once("://").unwrap().1.to_owned();
    let mut stream = TcpStream::connect(&host).unwrap();
    let request = format!("GET {path} HTTP/1.0\r\nHost: {host}\r\nUser-Agent: a test\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

//! The environment's proxies, which are not heeded. The variables are set for a child process that runs one test.

use std::{env, process::Command};

use crate::support::{client, gate, get, site::Site};

const CHILD: &str = "SIGHTLINE_TEST_PROXY_CHILD";

#[tokio::test]
async fn proxies_of_the_environment_are_not_heeded() {
    if env::var_os(CHILD).is_some() {
        let site = Site::ok().await;
        let client = client(&gate(&["127.0.0.0/8"], None));
        assert_eq!(
            get(&client, &format!("http://{}/", site.address)).await,
            Ok(200)
        );
        return;
    }
    // Port 9 discards, and nobody listens there: whoever heeded these would fail.
    let mut child = Command::new(env::current_exe().unwrap());
    for name in [
        "http_proxy",
        "HTTP_PROXY",
        "https_proxy",
        "HTTPS_PROXY",
        "all_proxy",
        "ALL_PROXY",
    ] {
        child.env(name, "http://127.0.0.1:9");
    }
    let output = child
        .env(CHILD, "1")
        .args([
            "--exact",
            "environment::proxies_of_the_environment_are_not_heeded",
        ])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}"
    );
}

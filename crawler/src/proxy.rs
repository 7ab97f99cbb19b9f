//! A source's own way out: an HTTP or SOCKS5 proxy that its file names. The environment's proxies are never heeded.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_egress::{Proxy, SecretError, SecretPlace, Secrets};
use sightline_model::Problem;
use url::Url;

/// The proxy that a source is fetched through.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ProxySettings {
    /// Its address: `http://proxy.example:3128`, `socks5://proxy.example:1080` (names are resolved here, and checked),
    /// or `socks5h://…` (names are resolved by the proxy). A proxy inside your network needs egress.allow_networks.
    pub url: Url,
    /// The user name, if it asks for one.
    #[serde(default)]
    pub username: Option<String>,
    /// The environment variable that holds the password.
    #[serde(default)]
    pub password_env: Option<String>,
    /// The file that holds the password.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub password_file: Option<PathBuf>,
}

impl ProxySettings {
    /// What is wrong with these settings. Looks into neither the environment nor the file.
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if !matches!(self.url.scheme(), "http" | "https" | "socks5" | "socks5h") {
            problems.push(Problem::new(
                "url",
                format!("'{}' is not a kind of proxy", self.url.scheme()),
                "begin with http://, https://, socks5:// or socks5h://",
            ));
        }
        if self.url.host_str().is_none_or(str::is_empty) {
            problems.push(Problem::new(
                "url",
                "it names no host",
                "write it as socks5://proxy.example:1080",
            ));
        }
        if !self.url.username().is_empty() || self.url.password().is_some() {
            problems.push(Problem::new(
                "url",
                "it carries a user name or password",
                "use username, and password_env or password_file",
            ));
        }
        problems.extend(self.password().check());
        if self.username.is_none() && !self.password().is_empty() {
            problems.push(Problem::new(
                "username",
                "there is a password without a user name",
                "add username",
            ));
        }
        let is_socks = self.url.scheme().starts_with("socks");
        if self.username.is_some() && self.password().is_empty() && is_socks {
            // RFC 1929 §2: at least one byte. An HTTP proxy may be content with a name.
            problems.push(Problem::new(
                "password_env",
                "there is a user name without a password, and SOCKS5 logs nobody in without one",
                "name the environment variable that holds it, such as password_env = \"PROXY_PASSWORD\", or take username out",
            ));
        }
        problems
    }

    /// The proxy with its password, read from where the settings say.
    ///
    /// # Errors
    /// Names the variable or file that is missing; never its content.
    pub fn load(&self, secrets: Secrets<'_>) -> Result<Proxy, SecretError> {
        let password = self.password().read(secrets)?.unwrap_or_default();
        Ok(Proxy {
            url: self.url.clone(),
            login: self.username.clone().map(|user| (user, password)),
        })
    }

    fn password(&self) -> SecretPlace<'_> {
        SecretPlace {
            key: "password",
            variable: self.password_env.as_deref(),
            file: self.password_file.as_deref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use secrecy::ExposeSecret;

    use super::*;

    fn proxy(url: &str) -> ProxySettings {
        ProxySettings {
            url: url.parse().unwrap(),
            username: None,
            password_env: None,
            password_file: None,
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (url, expected) in [
            ("socks5://proxy.example:1080", 0),
            ("http://proxy.example:3128", 0),
            ("ftp://proxy.example", 1),
            ("http://me:secret@proxy.example", 1),
            ("socks5:nowhere", 1),
        ] {
            assert_eq!(proxy(url).check().len(), expected, "{url}");
        }
    }

    #[test]
    fn half_a_login_is_named() {
        for (url, username, password, expected) in [
            (
                "socks5://proxy.example:1080",
                Some("crawler"),
                Some("P"),
                None,
            ),
            (
                "socks5://proxy.example:1080",
                Some("crawler"),
                None,
                Some("password_env"),
            ),
            (
                "socks5h://proxy.example:1080",
                Some("crawler"),
                None,
                Some("password_env"),
            ),
            (
                "socks5://proxy.example:1080",
                None,
                Some("P"),
                Some("username"),
            ),
            (
                "http://proxy.example:3128",
                None,
                Some("P"),
                Some("username"),
            ),
            // A key that is all there is to a login.
            ("http://proxy.example:3128", Some("key"), None, None),
        ] {
            let settings = ProxySettings {
                username: username.map(str::to_owned),
                password_env: password.map(str::to_owned),
                ..proxy(url)
            };
            let found = settings.check();
            let keys: Vec<&str> = found.iter().map(|problem| &*problem.key).collect();
            assert_eq!(keys, Vec::from_iter(expected), "{url} {username:?}");
        }
    }

    #[test]
    fn the_password_comes_from_a_file_and_does_not_show() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("password");
        fs::write(&file, "open sesame\n").unwrap();
        let mut settings = proxy("socks5://proxy.example:1080");
        settings.username = Some("crawler".to_owned());
        settings.password_file = Some("password".into());
        let secrets = Secrets {
            folder: folder.path(),
            environment: &|_| None,
        };
        let loaded = settings.load(secrets).unwrap();
        let (user, password) = loaded.login.as_ref().unwrap();
        assert_eq!(user, "crawler");
        assert_eq!(password.expose_secret(), "open sesame");
        assert!(!format!("{loaded:?}").contains("sesame"));

        fs::remove_file(&file).unwrap();
        let error = settings.load(secrets).unwrap_err().to_string();
        assert!(error.contains("password_file"), "{error}");
    }
}

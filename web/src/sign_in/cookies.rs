//! The cookie that a session is known by.
//!
//! Where people reach the console by HTTPS, it is `__Host-sightline` with `Secure`: no other host and no plain page can set
//! it. On plain HTTP over loopback it is `sightline` without `Secure`, for not every browser takes secure cookies from
//! `http://127.0.0.1` (Safari does not), and loopback crosses no network. `SameSite=Lax`, and not `Strict`: the link in a
//! message has to find whoever opens it signed in; forms of other sites are refused besides.

use axum::http::{HeaderMap, HeaderValue};
use axum_extra::extract::CookieJar;

use super::Secret;

/// The session's cookie, of one kind for the whole console.
pub(crate) struct Cookies {
    is_secure: bool,
}

impl Cookies {
    /// Cookies of a console that is reached by HTTPS, or is not.
    pub(crate) fn new(is_secure: bool) -> Self {
        Self { is_secure }
    }

    /// True where the console is reached by HTTPS.
    pub(crate) fn is_secure(&self) -> bool {
        self.is_secure
    }

    /// The session's secret that a browser sent.
    pub(crate) fn session(&self, headers: &HeaderMap) -> Option<String> {
        let jar = CookieJar::from_headers(headers);
        jar.get(self.name()).map(|cookie| cookie.value().to_owned())
    }

    /// Gives a browser the session's secret; it forgets it when it is closed.
    pub(crate) fn give(&self, secret: &Secret) -> HeaderValue {
        self.cookie(secret.expose(), "")
    }

    /// Lets a browser forget it.
    pub(crate) fn take(&self) -> HeaderValue {
        self.cookie("", "; Max-Age=0")
    }

    fn name(&self) -> &'static str {
        match self.is_secure {
            true => "__Host-sightline",
            false => "sightline",
        }
    }

    fn cookie(&self, value: &str, more: &str) -> HeaderValue {
        let secure = match self.is_secure {
            true => "; Secure",
            false => "",
        };
        let cookie = format!(
            "{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{more}",
            self.name()
        );
        // Letters of base 64 and our own words have no byte that a header could not hold.
        HeaderValue::from_str(&cookie).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}

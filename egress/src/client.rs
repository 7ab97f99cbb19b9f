//! HTTP through the gate: a client that cannot be made to connect to what the gate refuses.

use std::{fmt, net::IpAddr, time::Duration};

use reqwest::{Request, Response, redirect::Policy};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::{Egress, EgressError, Failure, Refusal, proxied::Proxied, resolver::Checked};

/// How a client connects.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// From asking for a connection to its last handshake.
    pub connect_timeout: Duration,
    /// The most header lines in an answer; one more is [`sightline_model::Outcome::TooLarge`].
    pub max_headers: usize,
    /// The way out, if it is not the direct one.
    pub proxy: Option<Proxy>,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            max_headers: 200,
            proxy: None,
        }
    }
}

/// A proxy that an operator named for a source.
#[derive(Clone, Debug)]
pub struct Proxy {
    /// `http://`, `https://`, `socks5://` (names resolved here, and checked) or `socks5h://` (names resolved by the
    /// proxy, as Tor needs it).
    pub url: Url,
    /// The user's name and password, if the proxy asks for them.
    pub login: Option<(String, SecretString)>,
}

impl Proxy {
    /// True where the proxy, not the gate, decides which address a name stands for.
    fn resolves_names(&self) -> bool {
        self.url.scheme() != "socks5"
    }
}

/// An HTTP client behind the gate. Clones share its connections.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    egress: Egress,
    resolve_first: bool,
    /// The proxy that it goes through, if any.
    proxied: Option<Proxied>,
}

impl Egress {
    /// A client that follows no redirect, keeps no cookies, undoes no content encoding, repeats no request and heeds
    /// no proxy of the environment.
    ///
    /// # Errors
    /// If the proxy's URL or address is refused, or the client cannot be built.
    pub fn client(&self, options: &ClientOptions) -> Result<Client, EgressError> {
        let mut builder = reqwest::Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .tls_backend_preconfigured(self.trust().for_http()?)
            .dns_resolver(Checked(self.clone()))
            .connect_timeout(options.connect_timeout)
            .http1_max_headers(options.max_headers)
            // HTTP/2 counts bytes instead: about what HTTP/1 takes by default.
            .http2_max_header_list_size(400 * 1024)
            // Idle connections only bother the server. One that is asked by many at once keeps theirs for the moment: making
            // a connection for each request would bother it more.
            .pool_idle_timeout(Duration::from_secs(30))
            .pool_max_idle_per_host(64);
        if let Some(proxy) = &options.proxy {
            builder = builder.proxy(self.checked_proxy(proxy)?);
        }
        Ok(Client {
            http: builder
                .build()
                .map_err(|error| EgressError::Client(Failure::of(&error).detail))?,
            egress: self.clone(),
            resolve_first: options.proxy.as_ref().is_some_and(Proxy::resolves_names),
            proxied: options.proxy.as_ref().map(Proxied::by),
        })
    }

    fn checked_proxy(&self, proxy: &Proxy) -> Result<reqwest::Proxy, EgressError> {
        if !matches!(proxy.url.scheme(), "http" | "https" | "socks5" | "socks5h") {
            return Err(EgressError::Proxy(format!(
                "'{}' is not a scheme for proxies; write http, https, socks5 or socks5h",
                proxy.url.scheme()
            )));
        }
        let Some(host) = proxy.url.host_str() else {
            return Err(EgressError::Proxy("its URL names no host".to_owned()));
        };
        // A name is checked when it is resolved; a literal address never is, so it is checked here.
        if let Ok(address) = host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .parse::<IpAddr>()
        {
            self.check_address(host, address)
                .map_err(EgressError::ProxyRefused)?;
        }
        let built = reqwest::Proxy::all(proxy.url.clone())
            .map_err(|error| EgressError::Proxy(Failure::of(&error).detail))?;
        Ok(match &proxy.login {
            Some((user, password)) => built.basic_auth(user, password.expose_secret()),
            None => built,
        })
    }
}

/// Shows nothing of the HTTP client, which knows the proxy's password.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("egress", &self.egress)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Sends `request` if the gate permits its target, and returns once the head of the answer is there.
    /// The only time limit is that on connecting; the caller sets the others.
    ///
    /// # Errors
    /// Typed by what went wrong; a refusal is [`sightline_model::Outcome::EgressRefused`], and what goes wrong at the proxy
    /// [`sightline_model::Outcome::ProxyFailed`].
    pub async fn execute(&self, request: Request) -> Result<Response, Failure> {
        self.egress.check_url(request.url())?;
        if self.resolve_first {
            self.check_name(request.url()).await?;
        }
        let Some(proxied) = &self.proxied else {
            let answer = self.http.execute(request).await;
            return answer.map_err(|error| Failure::of(&error));
        };
        let target = request.url().clone();
        match self.http.execute(request).await {
            Ok(response) => match proxied.answered(response.status(), &target) {
                Some(failure) => Err(failure),
                None => Ok(response),
            },
            Err(error) => Err(proxied.failure(&error, &target)),
        }
    }

    /// The proxy will resolve the name itself, so this is the best that can be done: a name that leads inside as we
    /// see it is refused; one that we cannot resolve is the proxy's to judge.
    async fn check_name(&self, url: &Url) -> Result<(), Refusal> {
        let host = url.host_str().ok_or(Refusal::NoHost)?;
        match self.egress.resolve(host, 0).await {
            Ok(_) | Err(Refusal::Dns { .. }) => Ok(()),
            Err(refusal) => Err(refusal),
        }
    }
}

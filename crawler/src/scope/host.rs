//! Hosts of a scope: one by name, or all below a name; with or without a port.

use url::Url;

/// A host of a scope.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum HostPattern {
    Every,
    One { name: String, port: Option<u16> },
    Below { suffix: String, port: Option<u16> },
}

impl HostPattern {
    /// As it is written in the settings.
    pub fn parse(text: &str) -> Option<Self> {
        let (below, name) = match text.strip_prefix("*.") {
            Some(name) => (true, name),
            None => (false, text),
        };
        // The URL parser brings a name into the form that URLs have it in: lower case, ASCII. An explicit default port is
        // lost on the way, so http and https are both asked.
        let [plain, tls] =
            ["http", "https"].map(|scheme| Url::parse(&format!("{scheme}://{name}")).ok());
        let (plain, tls) = (plain?, tls?);
        let bare = plain.path() == "/" && plain.query().is_none() && plain.fragment().is_none();
        if !bare || !plain.username().is_empty() || name.ends_with(['/', ':']) || name.contains('*')
        {
            return None;
        }
        let has_port = plain.port().or(tls.port());
        let name = plain.host_str()?.to_owned();
        Some(match below {
            true => Self::Below {
                suffix: format!(".{name}"),
                port: has_port,
            },
            false => Self::One {
                name,
                port: has_port,
            },
        })
    }

    /// The host of a start URL: its port counts where it isn't the scheme's own.
    pub fn of(url: &Url) -> Option<Self> {
        Some(Self::One {
            name: url.host_str()?.to_owned(),
            port: url.port(),
        })
    }

    pub fn matches(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let on = |port: &Option<u16>| port.is_none() || *port == url.port_or_known_default();
        match self {
            Self::Every => true,
            Self::One { name, port } => host == name && on(port),
            Self::Below { suffix, port } => host.ends_with(suffix) && on(port),
        }
    }
}

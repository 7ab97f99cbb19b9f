//! Mail through the gate: a connection to a checked address, with the certificate verified for the host's name.

use std::{net::SocketAddr, time::Duration};

use lettre::transport::smtp::{
    client::AsyncSmtpConnection, client::TlsParameters, extension::ClientId,
};
use tokio::time::timeout;

use crate::{Egress, Refusal};

/// How a mail connection is protected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SmtpEncryption {
    /// Not at all: for a relay on the same machine.
    None,
    /// By STARTTLS (RFC 3207), without which nothing is sent.
    StartTls,
    /// From the first byte (RFC 8314).
    Implicit,
}

/// A mail server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SmtpServer {
    /// Its name, which the certificate must bear, or its address.
    pub host: String,
    /// Its port: 587 with STARTTLS, 465 with implicit TLS.
    pub port: u16,
    /// How the connection is protected.
    pub encryption: SmtpEncryption,
    /// What we call ourselves in EHLO. None: this machine's name.
    pub hello: Option<String>,
    /// From resolving the name to the last handshake.
    pub timeout: Duration,
}

/// Why there is no mail connection. None of them is final: a retry may find it mended.
#[derive(Debug, thiserror::Error)]
pub enum SmtpFailure {
    /// The gate refused it, or the name does not resolve.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It took too long.
    #[error("{host}:{port} took longer than {} seconds to connect", .limit.as_secs_f64())]
    TimedOut {
        /// The server's host.
        host: String,
        /// The server's port.
        port: u16,
        /// The limit.
        limit: Duration,
    },
    /// The server, the network or TLS said no.
    #[error("cannot talk to {host}:{port}: {source}")]
    Smtp {
        /// The server's host.
        host: String,
        /// The server's port.
        port: u16,
        /// What lettre met.
        source: lettre::transport::smtp::Error,
    },
}

impl Egress {
    /// A connection to `server`, encrypted as it says and past EHLO; the caller logs in and sends.
    /// The caller also limits the time of what it then does: lettre itself waits for ever.
    ///
    /// # Errors
    /// If the gate refuses the server's addresses, or it cannot be reached, or cannot prove its name.
    pub async fn smtp(&self, server: &SmtpServer) -> Result<AsyncSmtpConnection, SmtpFailure> {
        timeout(server.timeout, self.connect_smtp(server))
            .await
            .unwrap_or_else(|_| {
                Err(SmtpFailure::TimedOut {
                    host: server.host.clone(),
                    port: server.port,
                    limit: server.timeout,
                })
            })
    }

    async fn connect_smtp(&self, server: &SmtpServer) -> Result<AsyncSmtpConnection, SmtpFailure> {
        let addresses = self.resolve(&server.host, server.port).await?;
        let failed = |source| SmtpFailure::Smtp {
            host: server.host.clone(),
            port: server.port,
            source,
        };
        let hello = server
            .hello
            .clone()
            .map_or_else(ClientId::default, ClientId::Domain);
        let tls = match server.encryption {
            SmtpEncryption::None => None,
            SmtpEncryption::StartTls | SmtpEncryption::Implicit => {
                Some(self.trust().for_mail(&server.host).map_err(failed)?)
            }
        };
        connect(&addresses, server, tls, &hello)
            .await
            .map_err(failed)
    }
}

async fn connect(
    addresses: &[SocketAddr],
    server: &SmtpServer,
    tls: Option<TlsParameters>,
    hello: &ClientId,
) -> Result<AsyncSmtpConnection, lettre::transport::smtp::Error> {
    let (at_once, later) = match server.encryption {
        SmtpEncryption::StartTls => (None, tls),
        SmtpEncryption::None | SmtpEncryption::Implicit => (tls, None),
    };
    // An equal share for each address, so that a silent one leaves time for the next.
    let share = server.timeout / u32::try_from(addresses.len()).unwrap_or(u32::MAX).max(1);
    let mut connection =
        AsyncSmtpConnection::connect_tokio1(addresses, Some(share), hello, at_once, None).await?;
    if let Some(tls) = later {
        connection.starttls(tls, hello).await?;
    }
    Ok(connection)
}

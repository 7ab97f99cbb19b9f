//! Mail through the gate: a connection to a checked address, with the certificate verified for the host's name.

use std::{io, net::SocketAddr, time::Duration};

use lettre::transport::smtp::{
    client::AsyncSmtpConnection, client::TlsParameters, extension::ClientId,
};
use tokio::time::timeout;

use crate::{Egress, Refusal, Unproven, failure::causes};

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
    /// It can't prove its name, or does not speak TLS as it should.
    #[error("{host}:{port} does not prove who it is: {why}; {}", .why.remedy())]
    Unproven {
        /// The server's host.
        host: String,
        /// The server's port.
        port: u16,
        /// Why not.
        why: Unproven,
    },
    /// It has no STARTTLS, and nothing is sent without.
    #[error(
        "{host}:{port} does not offer STARTTLS, and nothing is sent in the clear; look whether its port is right, or write \
         encryption = \"implicit\" where it speaks TLS from the first byte"
    )]
    NoStartTls {
        /// The server's host.
        host: String,
        /// The server's port.
        port: u16,
    },
    /// It hung up, or what it said is no SMTP.
    #[error(
        "{host}:{port} hung up, or does not speak as a mail server does; look whether its port is right, and whether \
         `encryption` is what it speaks there"
    )]
    HungUp {
        /// The server's host.
        host: String,
        /// The server's port.
        port: u16,
    },
    /// The server or the network said no.
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
        let failed = |source| failure(server, source);
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
        let (at_once, later) = match server.encryption {
            SmtpEncryption::StartTls => (None, tls),
            SmtpEncryption::None | SmtpEncryption::Implicit => (tls, None),
        };
        let connected = connect(&addresses, server, at_once, &hello).await;
        let mut connection = connected.map_err(failed)?;
        if let Some(tls) = later {
            if !connection.can_starttls() {
                return Err(SmtpFailure::NoStartTls {
                    host: server.host.clone(),
                    port: server.port,
                });
            }
            connection.starttls(tls, &hello).await.map_err(failed)?;
        }
        Ok(connection)
    }
}

/// What an error of the library means.
fn failure(server: &SmtpServer, source: lettre::transport::smtp::Error) -> SmtpFailure {
    let (host, port) = (server.host.clone(), server.port);
    let tls = causes(&source).find_map(|cause| cause.downcast_ref::<rustls::Error>());
    if let Some(why) = tls.map(Unproven::of) {
        return SmtpFailure::Unproven { host, port, why };
    }
    let hung_up = |io: &io::Error| io.kind() == io::ErrorKind::UnexpectedEof;
    let is_over = source.is_response()
        || causes(&source)
            .filter_map(|cause| cause.downcast_ref())
            .any(hung_up);
    match is_over {
        true => SmtpFailure::HungUp { host, port },
        false => SmtpFailure::Smtp { host, port, source },
    }
}

async fn connect(
    addresses: &[SocketAddr],
    server: &SmtpServer,
    tls: Option<TlsParameters>,
    hello: &ClientId,
) -> Result<AsyncSmtpConnection, lettre::transport::smtp::Error> {
    // An equal share for each address, so that a silent one leaves time for the next.
    let share = server.timeout / u32::try_from(addresses.len()).unwrap_or(u32::MAX).max(1);
    AsyncSmtpConnection::connect_tokio1(addresses, Some(share), hello, tls, None).await
}

//! Mail: connections to checked addresses, with the certificate verified for the host's name.

use std::time::Duration;

use sightline_egress::{Egress, Refusal, SmtpEncryption, SmtpFailure, SmtpServer};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio_rustls::TlsAcceptor;

use crate::{
    support::{dns::Dns, settings, site::Site, tls_file},
    tls::acceptor,
};

const HELLO: &[u8] = b"220 mail.example ready\r\n";

/// Speaks just enough SMTP. Returns when the client asks for STARTTLS.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: BufReader<S>,
    offer: &str,
) -> Option<S> {
    let mut line = String::new();
    while stream
        .read_line(&mut line)
        .await
        .is_ok_and(|length| length > 0)
    {
        let reply = match line.split_whitespace().next().unwrap_or_default() {
            "EHLO" => format!("250-mail.example\r\n{offer}250 8BITMIME\r\n"),
            "STARTTLS" => {
                stream.write_all(b"220 go ahead\r\n").await.ok()?;
                return Some(stream.into_inner());
            }
            _ => "221 bye\r\n".to_owned(),
        };
        stream.write_all(reply.as_bytes()).await.ok()?;
        line.clear();
    }
    None
}

async fn server(offer: &'static str, tls: Option<(TlsAcceptor, SmtpEncryption)>) -> Site {
    Site::start(move |mut stream| {
        let tls = tls.clone();
        async move {
            if let Some((acceptor, SmtpEncryption::Implicit)) = &tls {
                if let Ok(mut stream) = acceptor.accept(stream).await {
                    stream.write_all(HELLO).await.unwrap();
                    converse(BufReader::new(stream), offer).await;
                }
                return;
            }
            stream.write_all(HELLO).await.unwrap();
            let upgrade = converse(BufReader::new(stream), offer).await;
            if let (Some(stream), Some((acceptor, _))) = (upgrade, tls)
                && let Ok(stream) = acceptor.accept(stream).await
            {
                converse(BufReader::new(stream), "").await;
            }
        }
    })
    .await
}

async fn egress(allow: &[&str]) -> Egress {
    let dns = Dns::with(&[("mail.example", &["127.0.0.1"])]).await;
    let mut settings = settings(allow, Some(dns.address));
    settings.ca_files = vec![tls_file("authority.pem")];
    Egress::new(&settings).unwrap()
}

fn at(site: &Site, encryption: SmtpEncryption) -> SmtpServer {
    SmtpServer {
        host: "mail.example".to_owned(),
        port: site.port(),
        encryption,
        hello: Some("sightline.example".to_owned()),
        timeout: Duration::from_secs(5),
    }
}

async fn refused(egress: &Egress, server: &SmtpServer) -> SmtpFailure {
    match egress.smtp(server).await {
        Ok(_) => panic!("{server:?} was connected to"),
        Err(failure) => failure,
    }
}

const STARTTLS: &str = "250-STARTTLS\r\n";

#[tokio::test]
async fn each_encryption_is_what_it_says() {
    use SmtpEncryption::{Implicit, None as Plain, StartTls};
    let egress = egress(&["127.0.0.1/32"]).await;
    for (encryption, offer, encrypted) in [
        (Plain, "", false),
        (StartTls, STARTTLS, true),
        (Implicit, "", true),
    ] {
        let site = server(offer, Some((acceptor("good.pem"), encryption))).await;
        let connection = egress.smtp(&at(&site, encryption)).await.unwrap();
        assert_eq!(connection.is_encrypted(), encrypted, "{encryption:?}");
    }
}

#[tokio::test]
async fn no_mail_goes_to_a_server_that_cannot_prove_its_name() {
    let egress = egress(&["127.0.0.1/32"]).await;
    for (certificate, words) in [
        ("other.pem", "for another name"),
        ("expired.pem", "has ended; have it renewed"),
        ("self-signed.pem", "egress.ca_files"),
    ] {
        for (encryption, offer) in [
            (SmtpEncryption::StartTls, STARTTLS),
            (SmtpEncryption::Implicit, ""),
        ] {
            let site = server(offer, Some((acceptor(certificate), encryption))).await;
            let failure = refused(&egress, &at(&site, encryption)).await;
            assert!(
                matches!(failure, SmtpFailure::Unproven { .. })
                    && failure.to_string().contains(words),
                "{certificate}: {failure}"
            );
        }
    }
}

#[tokio::test]
async fn a_server_that_does_not_speak_as_is_asked_for_is_told_with_what_to_look_at() {
    let egress = egress(&["127.0.0.1/32"]).await;
    let mute = Site::start(|stream| async move { drop(stream) }).await;
    for (site, encryption, words) in [
        // It is not given up where it is not offered.
        (server("", None).await, SmtpEncryption::StartTls, "STARTTLS"),
        (
            server(STARTTLS, None).await,
            SmtpEncryption::Implicit,
            "does not speak TLS there",
        ),
        (mute, SmtpEncryption::None, "hung up"),
    ] {
        let failure = refused(&egress, &at(&site, encryption)).await.to_string();
        for part in ["mail.example", "encryption", words] {
            assert!(failure.contains(part), "{part}: {failure}");
        }
    }
}

#[tokio::test]
async fn mail_passes_the_same_gate() {
    let site = server("", None).await;
    let egress = egress(&[]).await;
    for host in ["mail.example", "127.0.0.1", "::1", "localhost"] {
        let server = SmtpServer {
            host: host.to_owned(),
            ..at(&site, SmtpEncryption::None)
        };
        let failure = refused(&egress, &server).await;
        assert!(
            matches!(failure, SmtpFailure::Refused(Refusal::Address { .. })),
            "{host}: {failure}"
        );
    }
    assert_eq!(site.connections(), 0);
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let silent = Site::start(|stream| async move {
        std::future::pending::<()>().await;
        drop(stream);
    })
    .await;
    let egress = egress(&["127.0.0.1/32"]).await;
    let server = SmtpServer {
        timeout: Duration::from_millis(200),
        ..at(&silent, SmtpEncryption::None)
    };
    let failure = refused(&egress, &server).await;
    assert!(matches!(failure, SmtpFailure::TimedOut { .. }), "{failure}");
}

//! The demonstration's webhook receiver: takes a message only if its signature is right, and keeps what it took.
//!
//! It checks signatures by the text of Standard Webhooks 1.0.0 and not with Sightline's own sender, so that a mistake
//! there can't confirm itself.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use sightline_model::{Clock, Timestamp};

use super::http::{Request, Response, Server};

/// How far a message's time may lie from the receiver's, as the standard advises.
const TOLERANCE: Duration = Duration::from_secs(5 * 60);

/// A message whose signature was right.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Received {
    /// The webhook-id header: the same on every try of one message.
    pub id: String,
    /// The body, as it was signed.
    pub body: String,
}

/// The running receiver.
#[derive(Debug)]
pub struct Hook {
    server: Server,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Hook {
    /// Opens the receiver on a free port of 127.0.0.1. `key` is the shared secret's bytes.
    pub async fn open(key: Vec<u8>, clock: Arc<dyn Clock>) -> io::Result<Self> {
        let received = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&received);
        let server = Server::start(move |request| match verified(&request, &key, clock.now()) {
            Some(message) => {
                locked(&kept).push(message);
                Response::empty(204)
            }
            None => Response::empty(401),
        })
        .await?;
        Ok(Self { server, received })
    }

    /// Where messages are to be posted.
    pub fn url(&self) -> String {
        format!("http://{}/alerts", self.server.address())
    }

    /// What was received so far, in order.
    pub fn received(&self) -> Vec<Received> {
        locked(&self.received).clone()
    }
}

/// A list of whole messages has no state that a panic could leave half-made.
fn locked(received: &Mutex<Vec<Received>>) -> MutexGuard<'_, Vec<Received>> {
    received.lock().unwrap_or_else(|broken| broken.into_inner())
}

fn verified(request: &Request, key: &[u8], now: Timestamp) -> Option<Received> {
    let id = request.header("webhook-id")?;
    let sent = request.header("webhook-timestamp")?;
    let at = Timestamp(sent.parse::<i64>().ok()?.checked_mul(1000)?);
    if at > now + TOLERANCE || now > at + TOLERANCE {
        return None;
    }
    let body = std::str::from_utf8(&request.body).ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(format!("{id}.{sent}.{body}").as_bytes());
    // Several signatures stand side by side while a secret is being changed.
    let right = request
        .header("webhook-signature")?
        .split(' ')
        .any(|signature| {
            signature
                .strip_prefix("v1,")
                .and_then(|encoded| BASE64_STANDARD.decode(encoded).ok())
                .is_some_and(|signature| mac.clone().verify_slice(&signature).is_ok())
        });
    right.then(|| Received {
        id: id.to_owned(),
        body: body.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the standard's own reference libraries.
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const SENT: &str = "1614265330";
    const BODY: &str = r#"{"test": 2432232314}"#;
    const KEY: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn check(signature: &str, body: &str, now: i64, taken: bool) {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let request = Request {
            method: "POST".to_owned(),
            target: "/alerts".to_owned(),
            headers: vec![
                header("webhook-id", ID),
                header("webhook-timestamp", SENT),
                header("webhook-signature", signature),
            ],
            body: body.as_bytes().to_vec(),
        };
        let key = BASE64_STANDARD.decode(KEY).unwrap();
        let received = verified(&request, &key, Timestamp(now * 1000));
        assert_eq!(received.is_some(), taken, "{signature} {body} {now}");
    }

    #[test]
    fn only_the_right_signature_of_the_right_time_is_taken() {
        check(SIGNATURE, BODY, 1_614_265_330, true);
        check(&format!("v1,AAAA {SIGNATURE}"), BODY, 1_614_265_400, true);
        check(SIGNATURE, "{}", 1_614_265_330, false);
        check("v1,AAAA", BODY, 1_614_265_330, false);
        check("", BODY, 1_614_265_330, false);
        check(SIGNATURE, BODY, 1_614_265_330 + 301, false);
        check(SIGNATURE, BODY, 1_614_265_330 - 301, false);
    }
}

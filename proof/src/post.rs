//! One request through the gate, whose answer is read up to a limit and in time.

use std::time::Duration;

use reqwest::{
    Body, Method, Request,
    header::{CONTENT_TYPE, HeaderValue},
};
use sightline_egress::{Client, ClientOptions, Egress, EgressError};
use tokio::time::timeout;
use url::Url;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(15);

/// Who asks.
#[derive(Clone, Debug)]
pub struct Poster(Client);

impl Poster {
    /// Asks through this gate.
    ///
    /// # Errors
    /// If there is no client to be had.
    pub fn new(egress: &Egress) -> Result<Self, EgressError> {
        Ok(Self(egress.client(&ClientOptions::default())?))
    }

    /// Sends `body`, and gives the body of an answer that says that all is well, of `most` bytes at most.
    ///
    /// # Errors
    /// In words: refused by the gate, not reached, too late, too large, or another answer. Redirects are not followed.
    pub async fn post(
        &self,
        url: &Url,
        media_type: &'static str,
        body: Vec<u8>,
        most: usize,
    ) -> Result<Vec<u8>, String> {
        let mut request = Request::new(Method::POST, url.clone());
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        *request.body_mut() = Some(Body::from(body));
        let asked = timeout(PATIENCE, async {
            let mut response = self
                .0
                .execute(request)
                .await
                .map_err(|failure| failure.detail)?;
            if !response.status().is_success() {
                return Err(format!("it answered {}", response.status()));
            }
            let mut answer = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(|error| error.to_string())? {
                if answer.len() + chunk.len() > most {
                    return Err(format!("its answer has more than {most} bytes"));
                }
                answer.extend_from_slice(&chunk);
            }
            Ok(answer)
        });
        let late = |_| format!("it took longer than {} seconds", PATIENCE.as_secs());
        asked.await.map_err(late)?
    }
}

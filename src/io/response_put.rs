//! The PUT that answers CloudFormation.

use std::fmt;
use std::time::Duration;

use reqwest::StatusCode;

use crate::response_url::ResponseUrl;

use super::clock::Clock;
use super::http::causes;

/// How long one attempt may take: short enough for a second one, should the first
/// have been sent on a connection that had died meanwhile.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);

/// Why no answer went out. It never holds the URL.
#[derive(Clone, Debug)]
pub struct Unsent {
    attempts: u32,
    last: String,
}

impl fmt::Display for Unsent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { attempts, last } = self;
        write!(
            f,
            "CloudFormation could not be answered, attempts: {attempts}, the last one: {last}"
        )
    }
}

impl std::error::Error for Unsent {}

/// Sends the answer, and again until `time` is up where sending it failed for a
/// while only: no connection, 5xx, 429, 408, S3's `RequestTimeout`. Any other
/// status is final, and no redirect is followed.
///
/// # Errors
///
/// Where the answer was refused, or time was up before it was taken.
pub async fn put(
    client: &reqwest::Client,
    clock: &Clock,
    url: &ResponseUrl,
    body: Vec<u8>,
    time: Duration,
) -> Result<(), Unsent> {
    let mut unsent = Unsent {
        attempts: 0,
        last: "none was made".to_owned(),
    };
    let sending = async {
        let mut backoff = clock.backoff(time);
        loop {
            unsent.attempts += 1;
            "no reply in time".clone_into(&mut unsent.last);
            match attempt(client, url, body.clone()).await {
                Attempt::Taken => return true,
                Attempt::Refused(why) => {
                    unsent.last = why;
                    return false;
                }
                Attempt::Failed(why) => unsent.last = why,
            }
            if !backoff.pause().await {
                return false;
            }
        }
    };
    match tokio::time::timeout(time, sending).await {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => Err(unsent),
    }
}

enum Attempt {
    Taken,
    Refused(String),
    Failed(String),
}

async fn attempt(client: &reqwest::Client, url: &ResponseUrl, body: Vec<u8>) -> Attempt {
    // No Content-Type: the URL is signed without one.
    let request = client
        .put(url.secret().clone())
        .timeout(ATTEMPT_TIMEOUT)
        .body(body);
    let response = match request.send().await {
        Ok(response) => response,
        Err(error) => return Attempt::Failed(causes(&error.without_url())),
    };
    let status = response.status();
    if status.is_success() {
        return Attempt::Taken;
    }
    let passing = status.is_server_error()
        || status == StatusCode::TOO_MANY_REQUESTS
        || status == StatusCode::REQUEST_TIMEOUT;
    let code = s3_code(response).await;
    let why = match &code {
        Some(code) => format!("HTTP {status}, {code}"),
        None => format!("HTTP {status}"),
    };
    if passing || code.as_deref() == Some("RequestTimeout") {
        Attempt::Failed(why)
    } else {
        Attempt::Refused(why)
    }
}

/// The `<Code>` of S3's error document. The rest of it may repeat the request, and
/// with it the secret.
async fn s3_code(response: reqwest::Response) -> Option<String> {
    let text = response.text().await.ok()?;
    let (_, rest) = text.split_once("<Code>")?;
    let (code, _) = rest.split_once("</Code>")?;
    let word =
        !code.is_empty() && code.len() <= 64 && code.bytes().all(|b| b.is_ascii_alphanumeric());
    word.then(|| code.to_owned())
}

//! Sends the answer to CloudFormation: a PUT to the presigned URL.

use std::time::Duration;

use reqwest::StatusCode;

use crate::cloudformation::response_url::ResponseUrl;

use super::clock::Clock;
use crate::text::causes;

/// How long one attempt may take. It leaves time for a second attempt if the connection
/// of the first one had died unnoticed.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);

/// How long the first attempt may take at least, even if the time is up: the clock may be wrong.
const FIRST_ATTEMPT: Duration = Duration::from_secs(1);

/// Sends the answer, at least once. It is sent again until `time` is up if there is no connection, and
/// after 5xx, 429, 408 and S3's `RequestTimeout`. Any other status is final, and no
/// redirect is followed.
///
/// Returns an error if the answer was refused or was not accepted in time. The text never holds
/// the URL.
pub(crate) async fn put(
    client: &reqwest::Client,
    clock: &Clock,
    url: &ResponseUrl,
    body: Vec<u8>,
    time: Duration,
) -> Result<(), String> {
    let (mut attempts, mut last) = (0, "no reply in time".to_owned());
    let sending = async {
        let mut backoff = clock.backoff_until(clock.now() + time);
        loop {
            attempts += 1;
            match attempt(client, url, body.clone()).await {
                Sending::Accepted => return true,
                Sending::Refused(why) => {
                    last = why;
                    return false;
                }
                Sending::Failed(why) => last = why,
            }
            if !backoff.pause().await {
                return false;
            }
        }
    };
    match tokio::time::timeout(time.max(FIRST_ATTEMPT), sending).await {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => Err(format!(
            "CloudFormation could not be answered, attempts: {attempts}, the last error: {last}"
        )),
    }
}

enum Sending {
    Accepted,
    Refused(String),
    Failed(String),
}

async fn attempt(client: &reqwest::Client, url: &ResponseUrl, body: Vec<u8>) -> Sending {
    // There is no Content-Type, since the URL is signed without one.
    let request = client.put(url.secret().clone()).timeout(ATTEMPT_TIMEOUT).body(body);
    let response = match request.send().await {
        Ok(response) => response,
        Err(error) => return Sending::Failed(causes(&error.without_url())),
    };
    let status = response.status();
    if status.is_success() {
        return Sending::Accepted;
    }
    let is_transient = status.is_server_error()
        || status == StatusCode::TOO_MANY_REQUESTS
        || status == StatusCode::REQUEST_TIMEOUT;
    let code = s3_code(response).await;
    let why = match &code {
        Some(code) => format!("HTTP {status}, {code}"),
        None => format!("HTTP {status}"),
    };
    if is_transient || code.as_deref() == Some("RequestTimeout") {
        Sending::Failed(why)
    } else {
        Sending::Refused(why)
    }
}

/// The `<Code>` of S3's error document. The rest of the document may repeat the request
/// and its secret.
async fn s3_code(response: reqwest::Response) -> Option<String> {
    let text = response.text().await.ok()?;
    let (_, rest) = text.split_once("<Code>")?;
    let (code, _) = rest.split_once("</Code>")?;
    let word =
        !code.is_empty() && code.len() <= 64 && code.bytes().all(|b| b.is_ascii_alphanumeric());
    word.then(|| code.to_owned())
}

//! AWS's Signature Version 4 for one operation.

use std::env;

use ring::{digest, hmac};
use time::OffsetDateTime;

use crate::Result;

const SIGNED: &str = "content-type;host;x-amz-date;x-amz-security-token;x-amz-target";

pub(crate) struct Signer {
    region: String,
    key: String,
    secret: String,
    token: String,
}

impl Signer {
    pub(crate) fn from_env() -> Result<Self> {
        Ok(Self {
            region: env::var("AWS_REGION")?,
            key: env::var("AWS_ACCESS_KEY_ID")?,
            secret: env::var("AWS_SECRET_ACCESS_KEY")?,
            token: env::var("AWS_SESSION_TOKEN")?,
        })
    }

    /// Returns the head of a signed `CreateContact` request.
    pub(crate) fn sign(&self, host: &str, body: &str) -> String {
        let (region, key, token) = (&self.region, &self.key, &self.token);
        let (date, time) = now();
        let scope = format!("{date}/{region}/ssm-contacts/aws4_request");
        let headers = format!(
            "content-type:application/x-amz-json-1.1\nhost:{host}\nx-amz-date:{time}\n\
             x-amz-security-token:{token}\nx-amz-target:SSMContacts.CreateContact\n"
        );
        let canonical = format!("POST\n/\n\n{headers}\n{SIGNED}\n{}", sha256(body));
        let to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", sha256(&canonical));
        let secret = format!("AWS4{}", self.secret);
        let signing_key = [&date, region, "ssm-contacts", "aws4_request"]
            .iter()
            .fold(secret.into_bytes(), |key, part| keyed(&key, part));
        let signature = hex::encode(keyed(&signing_key, &to_sign));
        let length = body.len();
        format!(
            "POST / HTTP/1.1\r\n{}Authorization: AWS4-HMAC-SHA256 Credential={key}/{scope}, \
             SignedHeaders={SIGNED}, Signature={signature}\r\nContent-Length: {length}\r\n\r\n",
            headers.replace('\n', "\r\n")
        )
    }
}

/// Returns the current date and time in AWS's form: `20250131` and `20250131T235959Z`.
fn now() -> (String, String) {
    let now = OffsetDateTime::now_utc();
    let (year, month, day) = (now.year(), u8::from(now.month()), now.day());
    let (hour, minute, second) = now.to_hms();
    let date = format!("{year:04}{month:02}{day:02}");
    let time = format!("{date}T{hour:02}{minute:02}{second:02}Z");
    (date, time)
}

fn sha256(text: &str) -> String {
    hex::encode(digest::digest(&digest::SHA256, text.as_bytes()))
}

fn keyed(key: &[u8], text: &str) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
}

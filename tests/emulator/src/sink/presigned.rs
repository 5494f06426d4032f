//! URLs that let one request's answer in, and nothing else.

use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::Sha256;

use crate::cloudformation::Ids;

/// The key that URLs are signed with. It is no secret: event files hold signatures.
const KEY: &[u8] = b"the key of the emulated bucket";

/// What S3 leaves unescaped in a path.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// Path and query in the form of signature version 2, which does not say when it was
/// signed.
pub(super) fn version_2(ids: &Ids) -> String {
    let path = path(ids);
    let signature = signature(&path);
    format!("{path}?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=4102444800&Signature={signature}")
}

/// Path and query in the form of version 4, signed at this time (`20261123T095800Z`).
pub(super) fn version_4(ids: &Ids, time: &str) -> String {
    let path = path(ids);
    let signature = signature(&format!("{path}\n{time}"));
    let day = time.get(..8).unwrap_or(time);
    format!(
        "{path}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date={time}&X-Amz-SignedHeaders=host\
         &X-Amz-Expires=7200&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F{day}%2Fus-east-2%2Fs3%2Faws4_request\
         &X-Amz-Signature={signature}"
    )
}

/// The request that a path and query were made for, if they stand as they were made.
///
/// Stricter than S3, which puts up with parameters in another order: whoever uses the
/// URL is to leave it alone.
pub(super) fn request_of(path: &str, query: &str) -> Option<Ids> {
    let ids = ids(path)?;
    let time = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("X-Amz-Date="));
    let made = match time {
        Some(time) => version_4(&ids, time),
        None => version_2(&ids),
    };
    (made == format!("{path}?{query}")).then_some(ids)
}

/// `/<stack id>%7C<logical id>%7C<request id>`, percent-encoded.
fn path(ids: &Ids) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, PATH).to_string();
    let Ids {
        stack_id,
        logical_id,
        request_id,
    } = ids;
    format!(
        "/{}%7C{}%7C{}",
        encoded(stack_id),
        encoded(logical_id),
        encoded(request_id)
    )
}

fn ids(path: &str) -> Option<Ids> {
    let decoded = percent_decode_str(path.strip_prefix('/')?)
        .decode_utf8()
        .ok()?;
    let mut parts = decoded.rsplitn(3, '|').map(ToOwned::to_owned);
    let (request_id, logical_id, stack_id) = (parts.next()?, parts.next()?, parts.next()?);
    Some(Ids {
        stack_id,
        request_id,
        logical_id,
    })
}

/// The signature covers the method, the absence of a content type, and what it is given.
/// The port is not signed, so that event files hold for every port.
fn signature(signed: &str) -> String {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY).expect("a key");
    mac.update(format!("PUT\n\n{signed}").as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

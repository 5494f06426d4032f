//! Presigned URLs, each for the response to one request.

use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::Sha256;

use crate::cloudformation::Ids;

/// The signing key. It need not be secret, and is constant because event files contain signatures.
const KEY: &[u8] = b"the key of the emulated bucket";

const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Returns a path and query with signature version 2, which contains no signing time.
pub(super) fn version_2(ids: &Ids) -> String {
    let path = path(ids);
    let signature = signature(&path);
    format!("{path}?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=4102444800&Signature={signature}")
}

/// Returns a path and query with signature version 4 and this signing time (`20261123T095800Z`).
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

/// Unlike S3, this function rejects parameters in another order, because a client must use the URL
/// unchanged.
pub(super) fn request_of(path: &str, query: &str) -> Option<Ids> {
    let ids = ids(path)?;
    let time = query.split('&').find_map(|pair| pair.strip_prefix("X-Amz-Date="));
    let presigned = match time {
        Some(time) => version_4(&ids, time),
        None => version_2(&ids),
    };
    (presigned == format!("{path}?{query}")).then_some(ids)
}

/// Returns `/<stack id>%7C<logical id>%7C<request id>`, with percent-encoded ids.
fn path(ids: &Ids) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, PATH).to_string();
    let Ids { stack_id, logical_id, request_id } = ids;
    format!("/{}%7C{}%7C{}", encoded(stack_id), encoded(logical_id), encoded(request_id))
}

fn ids(path: &str) -> Option<Ids> {
    let decoded = percent_decode_str(path.strip_prefix('/')?).decode_utf8().ok()?;
    let mut parts = decoded.rsplitn(3, '|').map(ToOwned::to_owned);
    let (request_id, logical_id, stack_id) = (parts.next()?, parts.next()?, parts.next()?);
    Some(Ids { stack_id, request_id, logical_id })
}

/// Returns the signature of the method, an empty content type and the argument. It does not cover
/// the host and port, so that event files work with any.
fn signature(signed: &str) -> String {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY).expect("a key");
    mac.update(format!("PUT\n\n{signed}").as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

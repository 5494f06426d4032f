//! The presigned URL that the answer goes to. It must be CloudFormation's, and it is a
//! secret.

use std::time::Duration;

use url::{Host, Position, Url};

/// The beginning of the names of CloudFormation's buckets for answers.
const BUCKET_PREFIX: &str = "cloudformation-custom-resource-response-";

/// The DNS suffixes of AWS's partitions (botocore's `partitions.json`).
const AWS_SUFFIXES: [&str; 7] = [
    ".amazonaws.com",
    ".amazonaws.com.cn",
    ".amazonaws.eu",
    ".c2s.ic.gov",
    ".cloud.adc-e.uk",
    ".csp.hci.ic.gov",
    ".sc2s.sgov.gov",
];

/// Hosts that are allowed besides CloudFormation's, for local runs and other engines.
#[derive(Clone, Debug, Default)]
pub struct ResponseHosts(Vec<(Host, Option<u16>)>);

impl ResponseHosts {
    /// Parses a comma-separated list of `host` (any port) or `host:port`. An entry that is
    /// neither is passed to `refused` and allows nothing.
    pub fn parse(list: &str, mut refused: impl FnMut(&str)) -> Self {
        let mut hosts = Vec::new();
        for entry in list.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            match host_and_port(entry) {
                Some(host) => hosts.push(host),
                None => refused(entry),
            }
        }
        Self(hosts)
    }

    fn allow(&self, url: &Url) -> bool {
        self.0.iter().any(|(host, port)| {
            url.host().is_some_and(|found| found.to_owned() == *host)
                && port.is_none_or(|port| url.port_or_known_default() == Some(port))
        })
    }
}

fn host_and_port(entry: &str) -> Option<(Host, Option<u16>)> {
    let (host, port) = match entry.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port.parse().ok()?)),
        _ => (entry, None),
    };
    Some((Host::parse(host).ok()?, port))
}

/// When a URL was signed and until when it can be used, since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct UrlTimes {
    pub(crate) signed_at: Option<Duration>,
    pub(crate) expires_at: Option<Duration>,
}

/// A presigned URL whose host is allowed. Whoever has its query can answer in place of the
/// function, so it has no `Debug`.
pub(crate) struct ResponseUrl(Url);

impl ResponseUrl {
    /// Parses and checks a ResponseURL.
    ///
    /// Returns an error if the URL is refused. The text does not contain the URL.
    pub(crate) fn parse(text: &str, extra: &ResponseHosts) -> Result<Self, &'static str> {
        let url = Url::parse(text).map_err(|_| "it is no URL")?;
        // The signature covers path and query, so they must be sent unchanged.
        let after_scheme = text.split_once("://").map_or("", |(_, rest)| rest);
        let path_and_query = after_scheme.find('/').and_then(|at| after_scheme.get(at..));
        if path_and_query != Some(&url[Position::BeforePath..]) {
            return Err("its path or query would have to be rewritten to be sent");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("it holds a user name");
        }
        if !(matches!(url.scheme(), "http" | "https") && extra.allow(&url)) {
            check_bucket_host(&url)?;
        }
        Ok(Self(url))
    }

    /// The URL, for the PUT.
    pub(crate) fn secret(&self) -> &Url {
        &self.0
    }

    /// Signature version 4 has `X-Amz-Date` and `X-Amz-Expires`, a number of seconds. Version 2
    /// has `Expires`, a time.
    pub(crate) fn times(&self) -> UrlTimes {
        let parameter = |wanted: &str| {
            let mut pairs = self.0.query_pairs();
            pairs.find_map(|(name, value)| name.eq_ignore_ascii_case(wanted).then_some(value))
        };
        let seconds = |name| Some(Duration::from_secs(parameter(name)?.parse().ok()?));
        let signed_at = parameter("x-amz-date").and_then(|date| {
            let iso = time::format_description::well_known::Iso8601::PARSING;
            let signed = time::OffsetDateTime::parse(&date, &iso).ok()?;
            u64::try_from(signed.unix_timestamp()).ok().map(Duration::from_secs)
        });
        let valid_for = signed_at.zip(seconds("x-amz-expires"));
        UrlTimes {
            signed_at,
            expires_at: valid_for
                .map(|(signed_at, valid_for)| signed_at.saturating_add(valid_for))
                .or_else(|| seconds("expires")),
        }
    }
}

/// Checks that the host is an S3 host of a bucket of CloudFormation's:
/// `<bucket>.s3[.dualstack][.<region>].<suffix>` or `<bucket>.s3-<region>.<suffix>`.
fn check_bucket_host(url: &Url) -> Result<(), &'static str> {
    let host = url.host_str().unwrap_or_default();
    let service = AWS_SUFFIXES.iter().find_map(|suffix| host.strip_suffix(suffix));
    let Some((bucket, service)) = service.and_then(|rest| rest.split_once('.')) else {
        return Err("its host is not one of AWS, nor in RESPONSE_HOSTS");
    };
    if bucket.strip_prefix(BUCKET_PREFIX).is_none_or(str::is_empty) {
        return Err(
            "its host does not begin with cloudformation-custom-resource-response-, nor is it in RESPONSE_HOSTS",
        );
    }
    let is_s3 = service.strip_prefix("s3").is_some_and(|rest| {
        let region = rest.strip_prefix(".dualstack.").or_else(|| rest.strip_prefix(['.', '-']));
        rest.is_empty() || region.is_some_and(is_region)
    });
    if !is_s3 {
        return Err("its host is not an endpoint of S3, nor is it in RESPONSE_HOSTS");
    }
    if url.scheme() != "https" || url.port().is_some() {
        return Err("it is not https on the usual port");
    }
    Ok(())
}

/// Such as `us-east-1`, `us-gov-west-1`, `eusc-de-east-1`; not `website-us-east-1`.
fn is_region(label: &str) -> bool {
    let parts: Vec<&str> = label.split('-').collect();
    let is_word = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    match parts.as_slice() {
        [first, words @ .., number] => {
            (2..=4).contains(&first.len())
                && is_word(first)
                && (1..=2).contains(&words.len())
                && words.iter().all(is_word)
                && !number.is_empty()
                && number.bytes().all(|b| b.is_ascii_digit())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;

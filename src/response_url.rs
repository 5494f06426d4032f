//! The presigned URL that the answer goes to. It must be CloudFormation's, and it is a
//! secret.

use std::fmt;

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

/// Hosts that are allowed besides CloudFormation's, for local runs and tests.
#[derive(Clone, Debug, Default)]
pub struct ResponseHosts(Vec<(Host, Option<u16>)>);

impl ResponseHosts {
    /// Parses a comma-separated list of `host` (any port) or `host:port`.
    ///
    /// # Errors
    ///
    /// Returns an error if an entry is neither: the first such entry.
    pub fn parse(list: &str) -> Result<Self, String> {
        let entries = list.split(',').map(str::trim).filter(|e| !e.is_empty());
        entries
            .map(|entry| host_and_port(entry).ok_or_else(|| entry.to_owned()))
            .collect::<Result<_, _>>()
            .map(Self)
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

/// A presigned URL whose host is allowed. Whoever has its query can answer in place of the
/// function, so `Debug` does not print it.
#[derive(Clone, Eq, PartialEq)]
pub struct ResponseUrl(Url);

impl ResponseUrl {
    /// Parses and checks a ResponseURL.
    ///
    /// # Errors
    ///
    /// Returns an error if the URL is refused. The text does not contain the URL.
    pub fn parse(text: &str, extra: &ResponseHosts) -> Result<Self, &'static str> {
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
        let sendable = matches!(url.scheme(), "http" | "https") && extra.allow(&url);
        if sendable || is_cloudformations(&url) {
            Ok(Self(url))
        } else {
            Err("its host is neither CloudFormation's nor in RESPONSE_HOSTS")
        }
    }

    /// The URL, for the PUT.
    #[must_use]
    pub fn secret(&self) -> &Url {
        &self.0
    }

    /// When it was signed (`X-Amz-Date`), in seconds since the Unix epoch. Only URLs of
    /// signature version 4 have it.
    #[must_use]
    pub fn signed_at(&self) -> Option<u64> {
        let (_, date) = self
            .0
            .query_pairs()
            .find(|(name, _)| name.eq_ignore_ascii_case("x-amz-date"))?;
        let iso = time::format_description::well_known::Iso8601::PARSING;
        let signed = time::OffsetDateTime::parse(&date, &iso).ok()?;
        u64::try_from(signed.unix_timestamp()).ok()
    }
}

impl fmt::Debug for ResponseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.0.host_str().unwrap_or_default();
        write!(f, "ResponseUrl({}://{host}/***)", self.0.scheme())
    }
}

/// Whether the host is an S3 host of a bucket of CloudFormation's:
/// `<bucket>.s3[.dualstack][.<region>].<suffix>` or `<bucket>.s3-<region>.<suffix>`.
fn is_cloudformations(url: &Url) -> bool {
    let Some(Host::Domain(host)) = url.host() else {
        return false;
    };
    let service = AWS_SUFFIXES
        .iter()
        .find_map(|suffix| host.strip_suffix(suffix));
    let Some((bucket, service)) = service.and_then(|rest| rest.split_once('.')) else {
        return false;
    };
    let is_s3 = match service.strip_prefix("s3") {
        Some("") => true,
        Some(rest) => {
            let region = rest.strip_prefix(".dualstack.");
            let region = region.or_else(|| rest.strip_prefix(['.', '-']));
            region.is_some_and(is_region)
        }
        None => false,
    };
    url.scheme() == "https"
        && url.port().is_none()
        && is_s3
        && bucket
            .strip_prefix(BUCKET_PREFIX)
            .is_some_and(|region| !region.is_empty())
}

/// Such as `us-east-1`, `us-gov-west-1`, `eusc-de-east-1`.
fn is_region(label: &str) -> bool {
    let parts: Vec<&str> = label.split('-').collect();
    let word = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    match parts.as_slice() {
        [words @ .., number] => {
            words.len() >= 2
                && words.iter().all(word)
                && !number.is_empty()
                && number.bytes().all(|b| b.is_ascii_digit())
        }
        [] => false,
    }
}

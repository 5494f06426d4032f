use super::*;

const PATH: &str = "/arn%3Aaws%3Acloudformation%3Aus-east-1%3A1%3Astack%2Fs%2F1%7CAkua%7C3f9c?X-Amz-Signature=5ec3e7";
const OURS: &str = "https://cloudformation-custom-resource-response-useast1.s3.amazonaws.com";

fn parse(text: &str, hosts: &str) -> Result<ResponseUrl, &'static str> {
    ResponseUrl::parse(text, &ResponseHosts::parse(hosts, |entry| panic!("{entry}")))
}

fn error(text: &str, hosts: &str) -> &'static str {
    parse(text, hosts).err().unwrap_or_else(|| panic!("{text} is allowed"))
}

#[test]
fn cloudformations_hosts_of_every_partition_are_allowed() {
    for host in [
        "useast1.s3.amazonaws.com",
        "useast1.s3-us-east-1.amazonaws.com",
        "useast2.s3.us-east-2.amazonaws.com",
        "apsoutheast2.s3-ap-southeast-2.amazonaws.com",
        "cnnorth1.s3.cn-north-1.amazonaws.com.cn",
        "usgovwest1.s3-us-gov-west-1.amazonaws.com",
        "useast1.s3.dualstack.us-east-1.amazonaws.com",
        "usisoeast1.s3.us-iso-east-1.c2s.ic.gov",
        "usisobeast1.s3.us-isob-east-1.sc2s.sgov.gov",
        "euscdeeast1.s3.eusc-de-east-1.amazonaws.eu",
        "euisoewest1.s3.eu-isoe-west-1.cloud.adc-e.uk",
        "usisofsouth1.s3.us-isof-south-1.csp.hci.ic.gov",
    ] {
        let url = format!("https://cloudformation-custom-resource-response-{host}{PATH}");
        let parsed = parse(&url, "").unwrap_or_else(|why| panic!("{host}: {why}"));
        assert_eq!(parsed.secret().as_str(), url, "the URL is unchanged");
    }
}

/// Nobody else gets in, and the refusal names what is wrong, without the URL.
#[test]
#[rustfmt::skip]
fn anything_else_is_refused() {
    const BUCKET: &str = "cloudformation-custom-resource-response-x";
    for (url, why) in [
        (OURS.replacen("https", "http", 1), "it is not https on the usual port"),
        (OURS.replacen("https", "ftp", 1), "it is not https on the usual port"),
        (format!("{OURS}:8443"), "it is not https on the usual port"),
        (OURS.replacen("//", "//user@", 1), "it holds a user name"),
        (format!("{OURS}@evil.example"), "it holds a user name"),
        (OURS.replacen("//", "//:secret@", 1), "it holds a user name"),
        (format!("{OURS}.evil.example"), "is not one of AWS"),
        (format!("https://{BUCKET}.s3.us-east-1.amazonaws.com.evil"), "is not one of AWS"),
        (format!("https://{BUCKET}.s3.evilamazonaws.com"), "is not one of AWS"),
        (format!("https://{BUCKET}.s3.amazonaws.com."), "is not one of AWS"),
        (format!("https://evil.example/{BUCKET}"), "is not one of AWS"),
        ("https://169.254.169.254".into(), "is not one of AWS"),
        ("https://[::1]".into(), "is not one of AWS"),
        ("https://s3.amazonaws.com/cloudformation-custom-resource-response-useast1".into(), "is not one of AWS"),
        ("https://bucket.s3.amazonaws.com".into(), "does not begin with cloudformation-"),
        (format!("https://a.{BUCKET}.s3.amazonaws.com"), "does not begin with cloudformation-"),
        ("https://cloudformation-custom-resource-response-.s3.amazonaws.com".into(), "does not begin with"),
        (format!("https://{BUCKET}.evil.amazonaws.com"), "is not an endpoint of S3"),
        (format!("https://{BUCKET}.s3.evil.amazonaws.com"), "is not an endpoint of S3"),
        (format!("https://{BUCKET}.s3x.us-east-1.amazonaws.com"), "is not an endpoint of S3"),
        (format!("https://{BUCKET}.s3-website-us-east-1.amazonaws.com"), "is not an endpoint of S3"),
        (format!("https://{BUCKET}.s3-website.us-east-2.amazonaws.com"), "is not an endpoint of S3"),
        (format!("https://{BUCKET}.s3.us-east-1.evil.amazonaws.com"), "is not an endpoint of S3"),
        (format!("https://{BUCKET}.y.s3.us-east-1.amazonaws.com"), "is not an endpoint of S3"),
        ("/only/a/path".into(), "it is no URL"),
        ("https://".into(), "it is no URL"),
    ] {
        let told = error(&format!("{url}{PATH}"), "");
        assert!(told.contains(why) && !told.contains("5ec3e7"), "{url}: {told}");
    }
    for path in ["/a/../b?s=1", "/a b?s=1", "/a\tb?s=1", "/a?s=é", "", "?a=/b", "/%2e%2e/b"] {
        assert!(error(&format!("{OURS}{path}"), "").contains("rewritten"), "{path}");
    }
}

#[test]
#[rustfmt::skip]
fn response_hosts_adds_hosts_with_any_port_or_one() {
    for (url, allowed) in [
        ("http://localhost/x", true), ("http://localhost:8080/x", true), ("https://LOCALHOST:8443/x", true),
        ("http://127.0.0.1:9001/x", true), ("http://127.0.0.1:9002/x", false), ("http://127.0.0.1/x", false),
        ("http://[::1]:9002/x", true), ("http://[::1]/x", false), ("https://tls.test/x", true),
        ("http://tls.test/x", false), ("http://sink.test.evil/x", false), ("http://evil.sink.test/x", false),
        ("http://user@localhost/x", false), ("ftp://localhost/x", false),
    ] {
        let hosts = "localhost, 127.0.0.1:9001 ,,[::1]:9002,sink.test,tls.test:443";
        assert_eq!(parse(url, hosts).is_ok(), allowed, "{url}");
    }
    let mut refused = Vec::new();
    let list = "http://localhost,local host,localhost:port,a/b,localhost:70000,::1,good.test";
    let hosts = ResponseHosts::parse(list, |entry| refused.push(entry.to_owned()));
    assert_eq!(refused, list.split(',').take(6).collect::<Vec<_>>());
    assert!(ResponseUrl::parse("http://good.test/x", &hosts).is_ok());
    assert!(ResponseUrl::parse("http://localhost/x", &hosts).is_err());
}

#[test]
#[rustfmt::skip]
fn the_times_of_the_signature_are_read() {
    const SIGNED: u64 = 1_795_427_880;
    for (query, signed_at, expires_at) in [
        ("X-Amz-Date=20261123T095800Z", Some(SIGNED), None),
        ("X-Amz-Expires=7200&X-Amz-Date=20261123T095800Z", Some(SIGNED), Some(SIGNED + 7200)),
        ("x-amz-date=20261123T095800Z&x-amz-expires=0", Some(SIGNED), Some(SIGNED)),
        ("X-Amz-Expires=7200", None, None),
        ("AWSAccessKeyId=A&Expires=1795435080&Signature=b", None, Some(SIGNED + 7200)),
        ("Expires=soon", None, None), ("X-Amz-Date=yesterday", None, None),
        ("X-Amz-Date=19000101T000000Z", None, None),
        ("X-Amz-Date=20261123T095800Z&X-Amz-Expires=18446744073709551615", Some(SIGNED), Some(u64::MAX)),
        ("", None, None),
    ] {
        let times = parse(&format!("{OURS}/x?{query}"), "").unwrap().times();
        let seconds = |time: Option<Duration>| time.map(|time| time.as_secs());
        assert_eq!((seconds(times.signed_at), seconds(times.expires_at)), (signed_at, expires_at), "{query}");
    }
}

//! docs/behavior.md, section 16: which hosts an answer may go to, and that the URL is not printed.

use ssm_contact_resource::response_url::{ResponseHosts, ResponseUrl};

const PATH: &str = "/arn%3Aaws%3Acloudformation%3Aus-east-1%3A1%3Astack%2Fs%2F1%7CAkua%7C3f9c?X-Amz-Signature=5ec3e7&X-Amz-Date=20261123T095800Z";

fn parse(text: &str, hosts: &str) -> Result<ResponseUrl, &'static str> {
    ResponseUrl::parse(text, &ResponseHosts::parse(hosts).unwrap())
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

#[test]
fn anything_else_is_refused() {
    let ours = "cloudformation-custom-resource-response-useast1.s3.amazonaws.com";
    for url in [
        format!("http://{ours}{PATH}"),
        format!("https://{ours}:8443{PATH}"),
        format!("https://user@{ours}{PATH}"),
        format!("https://{ours}@evil.example{PATH}"),
        format!("https://{ours}.evil.example{PATH}"),
        format!("https://evil.example/{ours}{PATH}"),
        format!("https://bucket.s3.amazonaws.com{PATH}"),
        format!(
            "https://a-bucket-of-somebody-else-with-a-name-just-as-long.s3.amazonaws.com{PATH}"
        ),
        format!("https://s3.amazonaws.com/cloudformation-custom-resource-response-useast1{PATH}"),
        format!("https://cloudformation-custom-resource-response-.s3.amazonaws.com{PATH}"),
        format!("https://cloudformation-custom-resource-response-x.evil.amazonaws.com{PATH}"),
        format!("https://cloudformation-custom-resource-response-x.s3.evil.amazonaws.com{PATH}"),
        format!("https://cloudformation-custom-resource-response-x.s3website.amazonaws.com{PATH}"),
        format!(
            "https://cloudformation-custom-resource-response-x.s3.us-east-1.amazonaws.com.evil{PATH}"
        ),
        format!("https://169.254.169.254{PATH}"),
        format!("https://[::1]{PATH}"),
        format!("file:///etc/passwd{PATH}"),
        "ftp://localhost/x".into(),
        "not a url".into(),
        String::new(),
    ] {
        assert!(parse(&url, "").is_err(), "{url}");
    }
}

#[test]
fn a_url_that_could_only_be_sent_rewritten_is_refused() {
    let host = "https://cloudformation-custom-resource-response-useast1.s3.amazonaws.com";
    for path in ["/a/../b?s=1", "/a b?s=1", "/a\tb?s=1", "/a?s=é"] {
        assert!(parse(&format!("{host}{path}"), "").is_err(), "{path}");
    }
    for path in [
        "/a%7Cb?s=%2F+x~",
        "/a%20b?A=1&A=2",
        "/%2e%2E?x=",
        "/a?s='1'",
    ] {
        let parsed = parse(&format!("{host}{path}"), "");
        if let Ok(url) = parsed {
            assert_eq!(url.secret().as_str(), format!("{host}{path}"));
        }
    }
    parse(&format!("{host}/a%7Cb?s=%2F+x~"), "").unwrap();
}

#[test]
fn response_hosts_adds_hosts_with_any_port_or_one() {
    let hosts = "localhost, 127.0.0.1:9001 ,[::1]:9002,sink.test";
    for (url, allowed) in [
        ("http://localhost/x", true),
        ("http://localhost:8080/x", true),
        ("https://LOCALHOST:8443/x", true),
        ("http://127.0.0.1:9001/x", true),
        ("http://127.0.0.1:9002/x", false),
        ("http://127.0.0.1/x", false),
        ("http://[::1]:9002/x", true),
        ("http://[::1]/x", false),
        ("http://sink.test.evil/x", false),
        ("http://evil.sink.test/x", false),
        ("ftp://localhost/x", false),
    ] {
        assert_eq!(parse(url, hosts).is_ok(), allowed, "{url}");
    }
    for bad in ["http://localhost", "local host", "localhost:port", "a,b/c"] {
        assert!(ResponseHosts::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn nothing_prints_the_query() {
    let url =
        format!("https://cloudformation-custom-resource-response-useast1.s3.amazonaws.com{PATH}");
    let printed = format!("{:?}", parse(&url, "").unwrap());
    assert!(
        !printed.contains("5ec3e7") && !printed.contains("3f9c"),
        "{printed}"
    );
    assert!(printed.contains("response-useast1"), "{printed}");
    let refused = parse(&format!("https://evil.example{PATH}"), "").unwrap_err();
    assert!(!refused.contains("5ec3e7"));
}

#[test]
fn the_date_of_the_signature_is_read() {
    let host = "https://cloudformation-custom-resource-response-useast1.s3.amazonaws.com/x";
    let signed_at = |query: &str| parse(&format!("{host}?{query}"), "").unwrap().signed_at();
    assert_eq!(
        signed_at("X-Amz-Date=20261123T095800Z"),
        Some(1_795_427_880)
    );
    assert_eq!(signed_at("AWSAccessKeyId=A&Expires=1&Signature=b"), None);
    assert_eq!(signed_at("X-Amz-Date=yesterday"), None);
    assert_eq!(signed_at("X-Amz-Date=19000101T000000Z"), None);
}

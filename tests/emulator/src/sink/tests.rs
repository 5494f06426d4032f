//! Tests of the checks of S3 and CloudFormation, and of injected faults.

use serde_json::{Value, json};

use super::{PutFault, Sink};
use crate::cloudformation::Ids;
use crate::raw::{self, Raw, hangs};

const TIME: &str = "20261123T095800Z";

fn ids() -> Ids {
    Ids {
        stack_id: "arn:aws:cloudformation:us-east-2:111122223333:stack/on-call/1".to_owned(),
        logical_id: "Akua".to_owned(),
        request_id: "r-1".to_owned(),
    }
}

fn response_body(ids: &Ids) -> Value {
    json!({"Status": "SUCCESS", "PhysicalResourceId": "id", "StackId": ids.stack_id,
        "RequestId": ids.request_id, "LogicalResourceId": ids.logical_id})
}

/// A bucket, a URL for the response to a request, and a response.
async fn started() -> (Sink, String, String) {
    let sink = Sink::start(0).await.unwrap();
    let url = sink.presign(&ids());
    (sink, url, response_body(&ids()).to_string())
}

/// Sends a PUT of a body with a content length and additional headers.
async fn put(sink: &Sink, url: &str, body: &str, headers: &[&str]) -> Option<Raw> {
    let target = url.split_once(&sink.host()).unwrap().1;
    let first = format!("PUT {target} HTTP/1.1");
    let length = format!("content-length: {}", body.len());
    let mut head = vec![first.as_str(), &length];
    head.extend(headers);
    raw::send(&sink.host(), &head, body).await
}

async fn status(sink: &Sink, url: &str, body: &str, headers: &[&str]) -> u16 {
    put(sink, url, body, headers).await.unwrap().status
}

#[tokio::test]
async fn a_response_is_stored_unchanged() {
    for version in [2, 4] {
        let sink = Sink::start(0).await.unwrap();
        let url = match version {
            2 => sink.presign(&ids()),
            _ => sink.presign_v4(&ids(), TIME),
        };
        let body = response_body(&ids()).to_string();
        assert_eq!(status(&sink, &url, &body, &[]).await, 200, "{url}");
        let stored = sink.puts().pop().unwrap();
        assert_eq!(stored.body, body);
        assert_eq!(stored.request, ids());
        assert_eq!(stored.response.unwrap().physical_id, "id");
        assert!(sink.refusals().is_empty());
    }
}

#[tokio::test]
async fn a_changed_url_is_refused() {
    let sink = Sink::start(0).await.unwrap();
    let (v2, v4) = (sink.presign(&ids()), sink.presign_v4(&ids(), TIME));
    for (url, old, new) in [
        (&v2, "%7CAkua", "%7CKofi"),
        (&v2, "%7CAkua", "|Akua"),
        (&v2, "%7CAkua", "%7cAkua"),
        (&v2, "%3A", ":"),
        (&v2, "4102444800", "4102444801"),
        (&v2, "&Signature=", "&x=1&Signature="),
        (&v2, "AWSAccessKeyId=", "awsaccesskeyid="),
        (&v4, "20261123T095800Z", "20261123T095801Z"),
        (&v4, "%2Fus-east-2", "/us-east-2"),
        (&v4, "Expires=7200", "Expires=9999"),
    ] {
        let changed = url.replacen(old, new, 1);
        assert_ne!(&changed, url);
        let body = response_body(&ids()).to_string();
        let response = put(&sink, &changed, &body, &[]).await.unwrap();
        assert_eq!(response.status, 403, "{changed}");
        assert!(response.body.contains("<Code>SignatureDoesNotMatch</Code>"), "{response:?}");
    }
    assert!(sink.puts().is_empty());
    assert_eq!(sink.refusals().len(), 10);
}

#[tokio::test]
async fn a_content_type_does_not_match_the_signature() {
    let (sink, url, body) = started().await;
    let typed = ["content-type: application/json"];
    assert_eq!(status(&sink, &url, &body, &typed).await, 403);
    assert_eq!(sink.refusals(), ["403 SignatureDoesNotMatch"]);
    assert_eq!(status(&sink, &url, &body, &["content-type:"]).await, 200);
}

#[tokio::test]
async fn only_a_put_with_a_content_length_is_stored() {
    let (sink, url, _) = started().await;
    let target = url.split_once(&sink.host()).unwrap().1;
    let post = format!("POST {target} HTTP/1.1");
    let put = format!("PUT {target} HTTP/1.1");
    for (head, body, expected) in [
        (vec![post.as_str(), "content-length: 2"], "{}", 405),
        (vec![&put], "", 411),
        (vec![&put, "transfer-encoding: chunked"], "2\r\n{}\r\n0\r\n\r\n", 501),
    ] {
        let response = raw::send(&sink.host(), &head, body).await.unwrap();
        assert_eq!(response.status, expected, "{head:?}");
    }
    assert!(sink.puts().is_empty());
}

#[tokio::test]
async fn s3_stores_what_cloudformation_ignores() {
    let (sink, url, body) = started().await;
    for (body, expected) in
        [(format!("{body}{}", " ".repeat(4096)), "4096"), (body.replace("r-1", "r-2"), "RequestId")]
    {
        assert_eq!(status(&sink, &url, &body, &[]).await, 200);
        let error = sink.puts().pop().unwrap().response.unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
}

#[tokio::test]
async fn faults_occur_in_order_and_once() {
    let (sink, url, body) = started().await;
    sink.fault(PutFault::Status(503, ""));
    sink.fault(PutFault::Status(400, "RequestTimeout"));
    sink.fault(PutFault::Redirect("http://127.0.0.1:1/".to_owned()));
    assert_eq!(status(&sink, &url, &body, &[]).await, 503);
    let timeout = put(&sink, &url, &body, &[]).await.unwrap();
    assert_eq!(timeout.status, 400);
    assert!(timeout.body.contains("<Code>RequestTimeout</Code>"));
    let moved = put(&sink, &url, &body, &[]).await.unwrap();
    assert_eq!(moved.status, 307);
    assert!(moved.head.contains("location: http://127.0.0.1:1/"));
    assert_eq!(status(&sink, &url, &body, &[]).await, 200);
    assert_eq!(sink.puts().len(), 1);
}

#[tokio::test]
async fn a_put_may_be_stored_although_the_connection_closes() {
    for (fault, stored) in [(PutFault::Close, 0), (PutFault::CloseAfterStoring, 1)] {
        let (sink, url, body) = started().await;
        sink.fault(fault);
        assert!(put(&sink, &url, &body, &[]).await.is_none());
        assert_eq!(sink.puts().len(), stored);
    }
    let (sink, url, body) = started().await;
    sink.fault(PutFault::Hang);
    assert!(hangs(put(&sink, &url, &body, &[])).await);
    assert!(sink.puts().is_empty());
}

#[tokio::test]
async fn waiting_ends_when_a_put_is_stored_or_refused() {
    let (sink, url, body) = started().await;
    assert!(hangs(sink.arrived()).await);
    for headers in [&[][..], &["content-type: a/b"]] {
        tokio::join!(sink.arrived(), put(&sink, &url, &body, headers)).1.unwrap();
    }
}

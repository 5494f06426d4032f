//! What S3 takes, what CloudFormation makes of it, and what goes wrong on the way.

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

fn answer(ids: &Ids) -> Value {
    json!({"Status": "SUCCESS", "PhysicalResourceId": "id", "StackId": ids.stack_id,
        "RequestId": ids.request_id, "LogicalResourceId": ids.logical_id})
}

/// PUTs a body as the function should, with more headers if given.
async fn put(sink: &Sink, url: &str, body: &str, more: &[&str]) -> Option<Raw> {
    let target = url.split_once(&sink.host()).unwrap().1;
    let first = format!("PUT {target} HTTP/1.1");
    let length = format!("content-length: {}", body.len());
    let mut head = vec![first.as_str(), &length];
    head.extend(more);
    raw::send(&sink.host(), &head, body).await
}

async fn status(sink: &Sink, url: &str, body: &str, more: &[&str]) -> u16 {
    put(sink, url, body, more).await.unwrap().status
}

#[tokio::test]
async fn an_answer_is_kept_as_it_came() {
    for version in [2, 4] {
        let sink = Sink::start(0).await.unwrap();
        let url = match version {
            2 => sink.presign(&ids()),
            _ => sink.presign_v4(&ids(), TIME),
        };
        let body = answer(&ids()).to_string();
        assert_eq!(status(&sink, &url, &body, &[]).await, 200, "{url}");
        let kept = sink.put_for("r-1").await;
        assert_eq!(kept.body, body);
        assert_eq!(kept.request, ids());
        assert_eq!(kept.response.unwrap().physical_id, "id");
        assert!(sink.refusals().is_empty());
    }
}

#[tokio::test]
async fn a_url_that_was_touched_is_refused() {
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
        let touched = url.replacen(old, new, 1);
        assert_ne!(&touched, url);
        let body = answer(&ids()).to_string();
        let answer = put(&sink, &touched, &body, &[]).await.unwrap();
        assert_eq!(answer.status, 403, "{touched}");
        assert!(
            answer.body.contains("<Code>SignatureDoesNotMatch</Code>"),
            "{answer:?}"
        );
    }
    assert!(sink.puts().is_empty());
    assert_eq!(sink.refusals().len(), 10);
}

#[tokio::test]
async fn a_content_type_breaks_the_signature() {
    let sink = Sink::start(0).await.unwrap();
    let (url, body) = (sink.presign(&ids()), answer(&ids()).to_string());
    let typed = ["content-type: application/json"];
    assert_eq!(status(&sink, &url, &body, &typed).await, 403);
    assert_eq!(sink.refusals(), ["403 SignatureDoesNotMatch"]);
    assert_eq!(status(&sink, &url, &body, &["content-type:"]).await, 200);
}

#[tokio::test]
async fn only_a_put_of_known_length_is_taken() {
    let sink = Sink::start(0).await.unwrap();
    let url = sink.presign(&ids());
    let target = url.split_once(&sink.host()).unwrap().1;
    let post = format!("POST {target} HTTP/1.1");
    let put = format!("PUT {target} HTTP/1.1");
    for (head, body, wanted) in [
        (vec![post.as_str(), "content-length: 2"], "{}", 405),
        (vec![&put], "", 411),
        (
            vec![&put, "transfer-encoding: chunked"],
            "2\r\n{}\r\n0\r\n\r\n",
            501,
        ),
    ] {
        let answer = raw::send(&sink.host(), &head, body).await.unwrap();
        assert_eq!(answer.status, wanted, "{head:?}");
    }
    assert!(sink.puts().is_empty());
}

#[tokio::test]
async fn s3_keeps_what_cloudformation_ignores() {
    let sink = Sink::start(0).await.unwrap();
    let url = sink.presign(&ids());
    let with = |name: &str, value: Value| {
        let mut body = answer(&ids());
        body[name] = value;
        body.to_string()
    };
    let padded = format!("{}{}", answer(&ids()), " ".repeat(4096));
    for (body, wanted) in [
        (padded, "4096"),
        ("hello".to_owned(), "JSON"),
        (with("Status", json!("DONE")), "Status"),
        (with("Status", json!("FAILED")), "Reason"),
        (with("PhysicalResourceId", json!("")), "PhysicalResourceId"),
        (with("PhysicalResourceId", json!("é".repeat(513))), "1024"),
        (with("StackId", json!("arn:…")), "StackId"),
        (with("RequestId", json!("r-2")), "RequestId"),
        (
            with("LogicalResourceId", json!("akua")),
            "LogicalResourceId",
        ),
    ] {
        assert_eq!(status(&sink, &url, &body, &[]).await, 200);
        let why = sink.puts().pop().unwrap().response.unwrap_err();
        assert!(why.contains(wanted), "{why}");
    }
}

#[tokio::test]
async fn faults_occur_in_order_and_once() {
    let sink = Sink::start(0).await.unwrap();
    let (url, body) = (sink.presign(&ids()), answer(&ids()).to_string());
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
async fn a_lost_reply_tells_nothing_of_what_was_kept() {
    for (fault, kept) in [(PutFault::Close, 0), (PutFault::CloseAfterStoring, 1)] {
        let sink = Sink::start(0).await.unwrap();
        let (url, body) = (sink.presign(&ids()), answer(&ids()).to_string());
        sink.fault(fault);
        assert!(put(&sink, &url, &body, &[]).await.is_none());
        assert_eq!(sink.puts().len(), kept);
    }
    let sink = Sink::start(0).await.unwrap();
    sink.fault(PutFault::Hang);
    let (url, body) = (sink.presign(&ids()), answer(&ids()).to_string());
    assert!(hangs(put(&sink, &url, &body, &[])).await);
    assert!(sink.puts().is_empty());
}

#[tokio::test]
async fn whoever_waits_for_an_answer_is_told() {
    let sink = Sink::start(0).await.unwrap();
    assert!(hangs(sink.put_for("r-1")).await);
    let (url, body) = (sink.presign(&ids()), answer(&ids()).to_string());
    let (kept, _) = tokio::join!(sink.put_for("r-1"), put(&sink, &url, &body, &[]));
    assert_eq!(kept.body, body);
    let refused = put(&sink, &url, &body, &["content-type: a/b"]);
    tokio::join!(sink.arrived(), refused).1.unwrap();
}

/// Event files work as they stand, on whatever port.
#[tokio::test]
async fn the_urls_in_the_event_files_are_open() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../events");
    let mut requests = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let event: Value = serde_json::from_str(&text).unwrap();
        let ids = Ids::of_event(&event).unwrap();
        let sink = Sink::start(0).await.unwrap();
        let url = event["ResponseURL"].as_str().unwrap();
        let here = url.replace("127.0.0.1:4567", &sink.host());
        let body = answer(&ids).to_string();
        assert_eq!(status(&sink, &here, &body, &[]).await, 200, "{url}");
        assert!(sink.puts()[0].response.is_ok());
        requests.push(ids.request_id);
    }
    let all = requests.len();
    requests.sort();
    requests.dedup();
    assert_eq!((requests.len(), all), (7, 7));
}

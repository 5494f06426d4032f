//! Tests of the rules of the response body.

use serde_json::{Value, json};

use super::super::{Properties, Request, RequestType, Response, ResponseStatus};
use super::fake::response_body;

fn request() -> Request {
    Request {
        stack_id: "arn:stack".into(),
        request_id: "r".into(),
        logical_id: "A".into(),
        resource_type: "Custom::SSMContact".into(),
        request_type: RequestType::Create {
            properties: Properties::from_template(&json!({}), "arn:token"),
        },
        response_url: String::new(),
    }
}

fn parse(body: &Value) -> Result<Response, String> {
    Response::parse(body.to_string().as_bytes(), &request().ids())
}

/// Parses a response with a member that has this value, or without it.
fn with(member: &str, value: impl Into<Option<Value>>) -> Result<Response, String> {
    let status = if member == "Reason" { "FAILED" } else { "SUCCESS" };
    let mut body = response_body(&request(), status, "id");
    match value.into() {
        Some(value) => body[member] = value,
        None => drop(body.as_object_mut().unwrap().remove(member)),
    }
    parse(&body)
}

#[test]
fn all_members_of_a_response_are_parsed() {
    let mut body = response_body(&request(), "SUCCESS", "id");
    body["Data"] = json!({"Arn": "arn"});
    body["NoEcho"] = true.into();
    let read = parse(&body).unwrap();
    assert_eq!((read.status, read.physical_id.as_str()), (ResponseStatus::Success, "id"));
    assert_eq!((read.no_echo, read.data["Arn"].as_str()), (true, Some("arn")));
}

#[test]
fn what_violates_a_rule_is_said() {
    let long = |length: usize| json!("x".repeat(length));
    let rest = 4096 - response_body(&request(), "SUCCESS", "id").to_string().len();
    let data = |length: usize| json!({"X": "x".repeat(length)});
    // `,"Data":{"X":""}`
    let rest = rest - 16;
    let rows = [
        ("StackId", json!("other"), "StackId is not that of the request"),
        ("RequestId", json!("other"), "RequestId is not that of the request"),
        ("LogicalResourceId", json!("other"), "LogicalResourceId is not that of the request"),
        ("Status", json!("OK"), "Status is neither SUCCESS nor FAILED"),
        ("Reason", json!(null), "Reason has the wrong type"),
        ("PhysicalResourceId", json!(""), "PhysicalResourceId is empty"),
        ("PhysicalResourceId", long(1025), "PhysicalResourceId has 1025 bytes, more than 1024"),
        ("PhysicalResourceId", json!(1), "PhysicalResourceId has the wrong type"),
        ("Data", data(rest + 1), "the body has 4097 bytes, more than 4096"),
        ("NoEcho", json!("true"), "NoEcho has the wrong type"),
        ("Data", json!([]), "Data has the wrong type"),
        ("ResponseURL", json!("x"), "ResponseURL is not a member of a response"),
    ];
    for (member, value, wanted) in rows {
        assert_eq!(with(member, value).unwrap_err(), wanted);
    }
    for member in ["LogicalResourceId", "Status", "PhysicalResourceId"] {
        assert_eq!(with(member, None).unwrap_err(), format!("{member} is missing"));
    }
    assert_eq!(with("Reason", None).unwrap_err(), "FAILED without a Reason");
    for body in [&b"[]"[..], b"\xff"] {
        let error = Response::parse(body, &request().ids()).unwrap_err();
        assert_eq!(error, "the body is not a JSON object");
    }
    with("PhysicalResourceId", long(1024)).unwrap();
    with("Data", data(rest)).unwrap();
    let mut no_reason = response_body(&request(), "SUCCESS", "id");
    no_reason.as_object_mut().unwrap().remove("Reason");
    parse(&no_reason).unwrap();
}

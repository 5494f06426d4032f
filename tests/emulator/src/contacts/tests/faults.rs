//! Tests of injected faults.

use std::time::Duration;

use serde_json::json;

use super::akua;
use super::wire::call;
use crate::contacts::{Effect, Fault, Service, ServiceError};
use crate::raw::hangs;

/// Calls CreateContact with a fault. Returns whether the contact exists and the status of the
/// response.
async fn create(fault: Fault) -> (bool, Option<u16>) {
    let service = Service::start(0).await.unwrap();
    service.fault(fault);
    let response = call(&service, "CreateContact", &akua(json!({}))).await;
    (exists(&service), response.map(|response| response.status))
}

fn exists(service: &Service) -> bool {
    service.backend(|backend| backend.contact("akuam").is_some())
}

fn refused() -> Effect {
    Effect::Refuse(ServiceError::throttling())
}

#[tokio::test]
async fn a_fault_occurs_before_or_after_the_call_is_applied() {
    let on = |effect| Fault::on("CreateContact", effect);
    let internal = Effect::Refuse(ServiceError::internal());
    for (fault, expected) in [
        (on(refused()), (false, Some(400))),
        (on(refused()).once_applied(), (true, Some(400))),
        (on(internal), (false, Some(500))),
        (on(Effect::Close), (false, None)),
        (on(Effect::Close).once_applied(), (true, None)),
        (on(Effect::Replace(502, "<html>".into())), (false, Some(502))),
        (Fault::on("GetContact", refused()), (true, Some(200))),
        (Fault::on_any(refused()), (false, Some(400))),
        (on(refused()).after(1), (true, Some(200))),
        (on(Effect::Delay(Duration::from_millis(20))), (true, Some(200))),
    ] {
        assert_eq!(create(fault.clone()).await, expected, "{fault:?}");
    }
}

#[tokio::test]
async fn a_fault_affects_the_set_number_of_calls() {
    let service = Service::start(0).await.unwrap();
    service.fault(Fault::on("CreateContact", refused()).after(1).times(2));
    let mut statuses = Vec::new();
    for alias in ["a", "b", "c", "d"] {
        let response = call(&service, "CreateContact", &akua(json!({"Alias": alias}))).await;
        statuses.push(response.unwrap().status);
    }
    assert_eq!(statuses, [200, 400, 400, 200]);
}

#[tokio::test]
async fn a_truncated_response_is_shorter_than_its_content_length() {
    let service = Service::start(0).await.unwrap();
    service.fault(Fault::on_any(Effect::Truncate));
    let response = call(&service, "CreateContact", &akua(json!({}))).await.unwrap();
    let length = response.head.split("content-length: ").nth(1).unwrap();
    let announced: usize = length.lines().next().unwrap().parse().unwrap();
    assert!(response.body.len() < announced, "{response:?}");
    assert!(exists(&service));
}

#[tokio::test]
async fn a_dripped_response_is_complete() {
    let service = Service::start(0).await.unwrap();
    service.fault(Fault::on_any(Effect::Drip(Duration::from_millis(1))));
    let response = call(&service, "CreateContact", &akua(json!({}))).await.unwrap();
    assert!(response.body.ends_with("contact/akuam\"}"), "{response:?}");
}

#[tokio::test]
async fn a_replaced_response_has_no_headers_of_the_protocol() {
    let service = Service::start(0).await.unwrap();
    for status in [408, 429, 502] {
        service.fault(Fault::on_any(Effect::Replace(status, "<html>".into())));
        let response = call(&service, "CreateContact", &akua(json!({}))).await.unwrap();
        assert_eq!((response.status, response.body.as_str()), (status, "<html>"));
        for header in ["x-amzn-errortype", "content-type"] {
            assert!(!response.head.contains(header), "{response:?}");
        }
    }
}

#[tokio::test]
async fn a_hanging_call_is_recorded() {
    for (fault, applied) in
        [(Fault::on_any(Effect::Hang), false), (Fault::on_any(Effect::Hang).once_applied(), true)]
    {
        let service = Service::start(0).await.unwrap();
        service.fault(fault);
        assert!(hangs(call(&service, "CreateContact", &akua(json!({})))).await);
        assert_eq!((service.count(), exists(&service)), (1, applied));
        assert_eq!(service.calls()[0].status, 0);
    }
}

#[tokio::test]
async fn waiting_for_a_stopped_call_ends() {
    let service = Service::start(0).await.unwrap();
    service.fault(Fault::on("CreateContact", Effect::Stop).once_applied());
    let input = akua(json!({}));
    tokio::select! {
        response = call(&service, "CreateContact", &input) => panic!("{response:?}"),
        () = service.stopped() => {}
    }
    assert!(exists(&service));
}

#[tokio::test]
async fn a_limit_below_one_call_per_second_allows_one_call() {
    let service = Service::start(0).await.unwrap();
    service.limit(0.01);
    let mut statuses = Vec::new();
    for _ in 0..2 {
        let response = call(&service, "ListContacts", &json!({})).await.unwrap();
        statuses.push(response.status);
    }
    assert_eq!(statuses, [200, 400]);
}

#[tokio::test]
async fn calls_beyond_the_limit_are_throttled() {
    let service = Service::start(0).await.unwrap();
    service.limit(2.0);
    let mut statuses = Vec::new();
    for _ in 0..4 {
        let response = call(&service, "ListContacts", &json!({})).await.unwrap();
        statuses.push(response.status);
    }
    assert_eq!(statuses[..2], [200, 200]);
    assert!(statuses[2..].contains(&400), "{statuses:?}");
    assert!(service.calls().iter().any(|call| call.response["__type"] == "ThrottlingException"));
}

//! Faults by script.

use std::time::Duration;

use serde_json::json;

use super::akua;
use super::wire::call;
use crate::contacts::{Effect, Fault, Service, ServiceError};
use crate::raw::hangs;

/// Whether a create with a fault in its way has made a contact, and its response's status.
async fn create(fault: Fault) -> (bool, Option<u16>) {
    let service = Service::start(0).await.unwrap();
    service.fault(fault);
    let response = call(&service, "CreateContact", &akua(json!({}))).await;
    (made(&service), response.map(|response| response.status))
}

fn made(service: &Service) -> bool {
    service.backend(|backend| backend.contact("akuam").is_some())
}

fn refused() -> Effect {
    Effect::Refuse(ServiceError::throttling())
}

#[tokio::test]
async fn an_answer_goes_wrong_before_or_after_the_call_applied() {
    let on = |effect| Fault::on("CreateContact", effect);
    let internal = Effect::Refuse(ServiceError::internal());
    for (fault, wanted) in [
        (on(refused()), (false, Some(400))),
        (on(refused()).once_applied(), (true, Some(400))),
        (on(internal), (false, Some(500))),
        (on(Effect::Close), (false, None)),
        (on(Effect::Close).once_applied(), (true, None)),
        (
            on(Effect::Replace(502, "<html>".into())),
            (false, Some(502)),
        ),
        (Fault::on("GetContact", refused()), (true, Some(200))),
        (Fault::on_any(refused()), (false, Some(400))),
        (on(refused()).after(1), (true, Some(200))),
        (
            on(Effect::Delay(Duration::from_millis(20))),
            (true, Some(200)),
        ),
    ] {
        assert_eq!(create(fault.clone()).await, wanted, "{fault:?}");
    }
}

#[tokio::test]
async fn a_fault_hits_so_many_calls_and_then_is_over() {
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
async fn a_truncated_answer_announces_more_than_it_holds() {
    let service = Service::start(0).await.unwrap();
    service.fault(Fault::on_any(Effect::Truncate));
    let response = call(&service, "CreateContact", &akua(json!({})))
        .await
        .unwrap();
    let length = response.head.split("content-length: ").nth(1).unwrap();
    let announced: usize = length.lines().next().unwrap().parse().unwrap();
    assert!(response.body.len() < announced, "{response:?}");
    assert!(made(&service));
}

#[tokio::test]
async fn a_dripping_answer_comes_whole_in_the_end() {
    let service = Service::start(0).await.unwrap();
    service.fault(Fault::on_any(Effect::Drip(Duration::from_millis(1))));
    let response = call(&service, "CreateContact", &akua(json!({})))
        .await
        .unwrap();
    assert!(response.body.ends_with("contact/akuam\"}"), "{response:?}");
}

#[tokio::test]
async fn a_garbled_answer_bears_nothing_of_the_protocol() {
    let service = Service::start(0).await.unwrap();
    for status in [408, 429, 502] {
        service.fault(Fault::on_any(Effect::Replace(status, "<html>".into())));
        let response = call(&service, "CreateContact", &akua(json!({})))
            .await
            .unwrap();
        assert_eq!(
            (response.status, response.body.as_str()),
            (status, "<html>")
        );
        for header in ["x-amzn-errortype", "content-type"] {
            assert!(!response.head.contains(header), "{response:?}");
        }
    }
}

#[tokio::test]
async fn a_hanging_call_is_on_record_all_the_same() {
    for (fault, applied) in [
        (Fault::on_any(Effect::Hang), false),
        (Fault::on_any(Effect::Hang).once_applied(), true),
    ] {
        let service = Service::start(0).await.unwrap();
        service.fault(fault);
        assert!(hangs(call(&service, "CreateContact", &akua(json!({})))).await);
        assert_eq!((service.count(), made(&service)), (1, applied));
        assert_eq!(service.calls()[0].status, 0);
    }
}

#[tokio::test]
async fn whoever_waits_learns_that_a_call_was_stopped() {
    let service = Service::start(0).await.unwrap();
    service.fault(Fault::on("CreateContact", Effect::Stop).once_applied());
    let input = akua(json!({}));
    tokio::select! {
        response = call(&service, "CreateContact", &input) => panic!("{response:?}"),
        () = service.stopped() => {}
    }
    assert!(made(&service));
}

#[tokio::test]
async fn a_rate_below_one_a_second_lets_one_through() {
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
async fn a_rate_lets_so_many_calls_through_and_throttles_the_rest() {
    let service = Service::start(0).await.unwrap();
    service.limit(2.0);
    let mut statuses = Vec::new();
    for _ in 0..4 {
        let response = call(&service, "ListContacts", &json!({})).await.unwrap();
        statuses.push(response.status);
    }
    assert_eq!(statuses[..2], [200, 200]);
    assert!(statuses[2..].contains(&400), "{statuses:?}");
    assert!(
        service
            .calls()
            .iter()
            .any(|call| call.response["__type"] == "ThrottlingException")
    );
}

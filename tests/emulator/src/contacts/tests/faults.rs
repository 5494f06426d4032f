//! Tests of injected faults.

use std::time::Duration;

use serde_json::json;

use super::akua;
use super::wire::call;
use crate::contacts::{Effect, Fault, Service, ServiceError};
use crate::raw::{Raw, hangs};

async fn with_fault(fault: Fault) -> Service {
    let service = Service::start(0).await.unwrap();
    service.fault(fault);
    service
}

async fn create(service: &Service) -> Option<Raw> {
    call(service, "CreateContact", &akua(json!({}))).await
}

async fn statuses(service: &Service, calls: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..calls {
        statuses.push(call(service, "ListContacts", &json!({})).await.unwrap().status);
    }
    statuses
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
        let service = with_fault(fault.clone()).await;
        let status = create(&service).await.map(|response| response.status);
        assert_eq!((exists(&service), status), expected, "{fault:?}");
    }
}

#[tokio::test]
async fn a_fault_affects_the_set_number_of_calls() {
    let service = with_fault(Fault::on("ListContacts", refused()).after(1).times(2)).await;
    assert_eq!(statuses(&service, 4).await, [200, 400, 400, 200]);
}

#[tokio::test]
async fn a_response_can_be_truncated_dripped_or_replaced() {
    let service = with_fault(Fault::on_any(Effect::Truncate)).await;
    let response = create(&service).await.unwrap();
    let length = response.head.split("content-length: ").nth(1).unwrap();
    let announced: usize = length.lines().next().unwrap().parse().unwrap();
    assert!(response.body.len() < announced && exists(&service), "{response:?}");

    let service = with_fault(Fault::on_any(Effect::Drip(Duration::from_millis(1)))).await;
    let response = create(&service).await.unwrap();
    assert!(response.body.ends_with("contact/akuam\"}"), "{response:?}");

    for status in [408, 429, 502] {
        service.fault(Fault::on_any(Effect::Replace(status, "<html>".into())));
        let response = create(&service).await.unwrap();
        assert_eq!((response.status, response.body.as_str()), (status, "<html>"));
        for header in ["x-amzn-errortype", "content-type"] {
            assert!(!response.head.contains(header), "{response:?}");
        }
    }
}

#[tokio::test]
async fn a_hanging_call_is_recorded() {
    let hang = Fault::on_any(Effect::Hang);
    for (fault, applied) in [(hang.clone(), false), (hang.once_applied(), true)] {
        let service = with_fault(fault).await;
        assert!(hangs(create(&service)).await);
        assert_eq!((service.count(), exists(&service)), (1, applied));
        assert_eq!(service.calls()[0].status, 0);
    }
}

#[tokio::test]
async fn waiting_for_a_stopped_call_ends() {
    let service = with_fault(Fault::on("CreateContact", Effect::Stop).once_applied()).await;
    tokio::select! {
        response = create(&service) => panic!("{response:?}"),
        () = service.stopped() => {}
    }
    assert!(exists(&service));
}

#[tokio::test]
async fn calls_beyond_the_limit_are_throttled() {
    let service = Service::start(0).await.unwrap();
    service.limit(0.01);
    // A limit below one call per second allows one.
    assert_eq!(statuses(&service, 2).await, [200, 400]);
    service.limit(2.0);
    let found = statuses(&service, 4).await;
    assert!(found[..2] == [200, 200] && found[2..].contains(&400), "{found:?}");
    assert!(service.calls().iter().any(|call| call.response["__type"] == "ThrottlingException"));
}

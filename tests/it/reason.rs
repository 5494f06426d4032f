//! The Reason of a failed request.

use emulator::contacts::{Effect, Fault, ServiceError};
use serde_json::json;

use crate::fixture::{CREATED, Fixture, akua, arn, failure, outcome_unknown, own, success, told};

/// What each error means is a table beside `aws/failure`. Here, the errors come over the wire.
#[tokio::test]
async fn contract_reason_names_what_the_service_said_and_the_next_step() {
    let fixture = Fixture::start().await;
    let fields = ["alias", "plan"].map(|name| (name.to_owned(), "is odd".to_owned()));
    for (error, words) in [
        (
            ServiceError::new("SomethingNewException", "the moon is full."),
            "SomethingNewException: the moon is full ",
        ),
        (
            ServiceError::fields(&fields),
            "ValidationException; FIELD_VALIDATION_FAILED; alias: is odd; plan: is odd",
        ),
        (
            ServiceError::invalid("Account not found for the request"),
            "AWS::SSMIncidents::ReplicationSet",
        ),
        (
            ServiceError::new("ValidationException", ""),
            "look at the replication set of Incident Manager",
        ),
        (
            ServiceError::access_denied("ssm-contacts:AssociateContact", "*"),
            "Next step: allow the function's role ssm-contacts:AssociateContact",
        ),
        (ServiceError::quota_exceeded("L-1234ABCD", "too many"), "quota L-1234ABCD"),
    ] {
        fixture.emulator.contacts.clear_faults();
        fixture.refuse("CreateContact", error);
        let delivered = fixture.create(&akua(json!({}))).await;
        let id = &delivered.response().unwrap().physical_id;
        let reason = told(&delivered, id, &[words, "(request id 00000000-"]);
        assert!(reason.starts_with("CreateContact failed for akuam: "), "{reason}");
    }
}

#[tokio::test]
async fn contract_reason_keeps_the_way_out_however_much_is_named() {
    let fixture = Fixture::on_a_test_clock().await;
    fixture.seed("akuam", &own(CREATED));
    let rotation = |n: u8| format!("arn:aws:ssm-contacts:us-east-2:111122223333:rotation/{n:036}");
    fixture.backend(|backend| {
        (0..40).for_each(|n| backend.add_to_rotation("akuam", &rotation(n)));
    });
    let deleted = fixture.delete(&arn("akuam"), &akua(json!({}))).await;
    told(&deleted, &arn("akuam"), &[" and 32 more", "RetainResources"]);
}

#[tokio::test]
async fn contract_reason_of_a_throttled_deadline_tells_the_last_reply() {
    let fixture = Fixture::start().await;
    fixture.refuse("CreateContact", ServiceError::throttling());
    let delivered = fixture.create(&akua(json!({"ServiceTimeout": "1"}))).await;
    told(&delivered, &outcome_unknown(&delivered), &["the last reply: ThrottlingException"]);
    // RetryAfterSeconds is honoured: another attempt would come too late.
    fixture.emulator.contacts.clear_faults();
    let throttled = ServiceError::throttling().with("RetryAfterSeconds", 2);
    fixture.fault(Fault::on("CreateContact", Effect::Refuse(throttled)));
    let delivered = fixture.create(&akua(json!({"ServiceTimeout": "2"}))).await;
    failure(&delivered, &outcome_unknown(&delivered));
    assert_eq!(delivered.calls.len(), 1);
    success(&fixture.create(&akua(json!({}))).await);
}

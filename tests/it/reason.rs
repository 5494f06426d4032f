//! The Reason of a failed request.

use emulator::contacts::{Effect, Fault, ServiceError};
use serde_json::json;

use crate::fixture::{
    CREATED, Fixture, akua, arn, failure, nothing_created, outcome_unknown, own, success, told,
};

/// The Reason of a Create whose CreateContact was refused with this error.
async fn create_refused(fixture: &Fixture, error: ServiceError) -> String {
    fixture.fault(Fault::on("CreateContact", Effect::Refuse(error)));
    let delivered = fixture.create(&akua(json!({}))).await;
    failure(&delivered, &delivered.response().unwrap().physical_id).to_owned()
}

/// The Reason of an Update, one call of which was refused with this error.
async fn update_refused(operation: &'static str, error: ServiceError) -> String {
    let fixture = Fixture::start().await;
    fixture.seed("akuam", &own(CREATED));
    fixture.refuse(operation, error);
    let new = akua(json!({"DisplayName": "New", "Tags": [{"Key": "a", "Value": "1"}]}));
    let delivered = fixture.update(&arn("akuam"), &akua(json!({})), &new).await;
    failure(&delivered, &arn("akuam")).to_owned()
}

fn fields(fields: &[(&str, &str)]) -> ServiceError {
    let field = |(name, message): &(&str, &str)| ((*name).to_owned(), (*message).to_owned());
    ServiceError::fields(&fields.iter().map(field).collect::<Vec<_>>())
}

#[tokio::test]
async fn contract_reason_names_operation_code_message_and_request_id() {
    let fixture = Fixture::start().await;
    let error = ServiceError::new("SomethingNewException", "the moon is full.");
    assert_eq!(
        create_refused(&fixture, error.clone()).await,
        "CreateContact failed for akuam: SomethingNewException: the moon is full \
         (request id 00000000-0000-4000-8000-000000000000)."
    );
    let reason = update_refused("UpdateContact", error).await;
    let begin = format!("UpdateContact failed for {}: Something", arn("akuam"));
    assert!(reason.starts_with(&begin), "{reason}");
}

#[tokio::test]
async fn contract_reason_gives_details_and_the_next_step_where_the_cause_is_known() {
    let invalid = |message: &str| ServiceError::new("ValidationException", message);
    let look = "look at the replication set of Incident Manager: it must be active, with an enabled KMS key, and have \
                this Region";
    let long_fields: Vec<(String, String)> = (0..7)
        .map(|n| (format!("tags{n}"), "region ".repeat(100)))
        .chain([("tags".to_owned(), "region".to_owned())])
        .collect();
    let fixture = Fixture::start().await;
    for (error, told) in [
        (
            fields(&[("alias", "is odd"), ("plan", "is empty")]),
            "ValidationException; FIELD_VALIDATION_FAILED; alias: is odd; plan: is empty",
        ),
        (invalid("Account not found for the request"), "AWS::SSMIncidents::ReplicationSet"),
        (invalid(""), look),
        (invalid("").with("Reason", "OTHER"), look),
        (
            ServiceError::access_denied("ssm-contacts:AssociateContact", "*"),
            "Next step: allow the function's role ssm-contacts:AssociateContact",
        ),
        (
            ServiceError::new("AccessDeniedException", ""),
            "allow the function's role ssm-contacts:CreateContact",
        ),
        (
            ServiceError::access_denied("ssm-contacts:CreateContact", &"x".repeat(5000)),
            "Next step: allow the function's role",
        ),
        (ServiceError::new("DataEncryptionException", "key is disabled"), "KMS key"),
        (ServiceError::quota_exceeded("L-1234ABCD", "too many"), "quota L-1234ABCD"),
        (ServiceError::quota_exceeded("L-1", "too many"), "Service Quotas"),
        (ServiceError::new("ExpiredTokenException", "expired"), "the function's role exists"),
        (
            invalid("Tags can be used only in the first Region of the replication set"),
            "deploy the function and its stacks there",
        ),
        (
            fields(&[("tags", "only in the first Region of the replication set")]),
            "deploy the function and its stacks there",
        ),
        (ServiceError::fields(&long_fields), "deploy the function and its stacks there"),
    ] {
        let reason = create_refused(&fixture, error).await;
        assert!(reason.contains(told), "{told}: {reason}");
    }
}

#[tokio::test]
async fn contract_reason_advises_only_what_it_knows() {
    let missing = "arn:aws:ssm-contacts:us-east-2:111122223333:contact-channel/akuam/1";
    for (operation, error, told, misleading) in [
        (
            "UpdateContact",
            fields(&[("Plan.Stages[0]", "The contact channel is in another Region")]),
            "",
            "deploy the function",
        ),
        (
            "UpdateContact",
            ServiceError::quota_exceeded("L-STAGES", "Too many stages"),
            "L-STAGES",
            "delete contacts",
        ),
        ("UpdateContact", ServiceError::not_found(missing), "DependsOn", "update the stack again"),
        (
            "UpdateContact",
            ServiceError::not_found(&arn("akuam")),
            "update the stack again",
            "DependsOn",
        ),
        (
            "ListTagsForResource",
            ServiceError::not_found(&arn("akuam")),
            "",
            "update the stack again",
        ),
        (
            "TagResource",
            ServiceError::quota_exceeded("L-TAGS", "Too many tags"),
            "at most 50 tags",
            "contacts that nobody needs",
        ),
    ] {
        let reason = update_refused(operation, error).await;
        assert!(reason.contains(told) && !reason.contains(misleading), "{reason}");
    }
    let fixture = Fixture::start().await;
    let clock = ServiceError::new("InvalidSignatureException", "Signature expired");
    let reason = create_refused(&fixture, clock).await;
    assert!(!reason.contains("role"), "{reason}");
}

#[tokio::test]
async fn contract_reason_that_is_too_long_is_cut_within_4096_bytes() {
    let fixture = Fixture::start().await;
    let stage = json!({"DurationInMinutes": "阿夸\"", "Targets": []});
    let long = akua(json!({"Plan": {"Stages": vec![stage; 100]}}));
    let delivered = fixture.create(&long).await;
    let reason = failure(&delivered, &nothing_created(&delivered));
    assert!(delivered.puts[0].body.len() <= 4096);
    let says_so = reason.ends_with("… (cut here; the function's log has more of it)");
    assert!(says_so || reason.contains("70 more"), "{reason}");
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
    let dependent =
        |n| json!({"RelationType": format!("ROTATION{n}"), "DependentResourceIds": [rotation(n)]});
    let in_use = ServiceError::conflict("The contact is in use", &arn("akuam"));
    let dependents: Vec<_> = (0..40).map(dependent).collect();
    fixture.refuse("DeleteContact", in_use.with("DependentEntities", dependents));
    let deleted = fixture.delete(&arn("akuam"), &akua(json!({}))).await;
    told(&deleted, &arn("akuam"), &["RetainResources"]);
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

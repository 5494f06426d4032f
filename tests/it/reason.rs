//! docs/behavior.md, section 15: the Reason of a failed request.

use emulator::contacts::{Effect, Fault, ServiceError};
use serde_json::json;

use crate::fixture::{Fixture, akua, arn, failure, nothing_created, outcome_unknown, success};

/// Returns the Reason of a Create whose CreateContact call was refused with this error.
async fn create_refused(error: ServiceError) -> String {
    let fixture = Fixture::start().await;
    fixture
        .emulator
        .contacts
        .fault(Fault::on("CreateContact", Effect::Refuse(error)));
    let delivered = fixture.create(&akua(json!({}))).await;
    failure(&delivered, &nothing_created(&delivered)).to_owned()
}

#[tokio::test]
async fn contract_reason_names_operation_code_message_and_request_id() {
    let error = ServiceError::new("SomethingNewException", "the moon is full.");
    let reason = create_refused(error).await;
    assert_eq!(
        reason,
        "CreateContact failed for akuam: SomethingNewException: the moon is full \
         (request id 00000000-0000-4000-8000-000000000000)."
    );
}

#[tokio::test]
async fn contract_reason_tells_a_validation_exceptions_reason_and_fields() {
    let fields = [
        ("alias".to_owned(), "is odd".to_owned()),
        ("plan".to_owned(), "is empty".to_owned()),
    ];
    let reason = create_refused(ServiceError::fields(&fields)).await;
    let told = "ValidationException; FIELD_VALIDATION_FAILED; alias: is odd; plan: is empty";
    assert!(reason.contains(told), "{reason}");
}

#[tokio::test]
async fn contract_reason_gives_the_next_step_where_the_cause_is_known() {
    let cases = [
        (
            ServiceError::new("ValidationException", "Account not found for the request"),
            "AWS::SSMIncidents::ReplicationSet",
        ),
        (
            ServiceError::access_denied("ssm-contacts:AssociateContact", "*"),
            "allow the function's role ssm-contacts:AssociateContact",
        ),
        (
            ServiceError::new("AccessDeniedException", ""),
            "allow the function's role ssm-contacts:CreateContact",
        ),
        (
            ServiceError::new("DataEncryptionException", "key is disabled"),
            "KMS key",
        ),
        (
            ServiceError::new("ServiceQuotaExceededException", "too many")
                .with("QuotaCode", "L-1234ABCD")
                .with("ServiceCode", "ssm-contacts"),
            "quota L-1234ABCD",
        ),
        (
            ServiceError::new("ExpiredTokenException", "expired"),
            "the function's role exists",
        ),
    ];
    for (error, expected) in cases {
        let code = error.code.clone();
        let reason = create_refused(error).await;
        assert!(
            reason.contains(&code) && reason.contains(expected),
            "{reason}"
        );
        assert!(reason.contains("Next step: "), "{reason}");
    }
}

#[tokio::test]
async fn contract_reason_says_that_tags_are_refused_outside_the_first_region() {
    let fixture = Fixture::start().await;
    fixture
        .emulator
        .contacts
        .backend(|backend| backend.refuses_tags = true);
    let delivered = fixture.create(&akua(json!({}))).await;
    let reason = failure(&delivered, &nothing_created(&delivered));
    assert!(reason.contains("OWNERSHIP_TAGS=off"), "{reason}");
    assert!(!fixture.exists("akuam"));
}

#[tokio::test]
async fn contract_reason_of_an_update_names_the_contact() {
    let fixture = Fixture::start().await;
    success(&fixture.create(&akua(json!({}))).await);
    let denied = ServiceError::access_denied("ssm-contacts:UpdateContact", &arn("akuam"));
    fixture
        .emulator
        .contacts
        .fault(Fault::on("UpdateContact", Effect::Refuse(denied)));
    let new = akua(json!({"DisplayName": "New"}));
    let delivered = fixture.update(&arn("akuam"), &akua(json!({})), &new).await;
    let reason = failure(&delivered, &arn("akuam"));
    let begin = format!(
        "UpdateContact failed for {}: AccessDeniedException",
        arn("akuam")
    );
    assert!(reason.starts_with(&begin), "{reason}");
}

#[tokio::test]
async fn contract_reason_that_is_too_long_is_cut_within_4096_bytes() {
    let fixture = Fixture::start().await;
    let stage = json!({"DurationInMinutes": "阿夸\"", "Targets": []});
    let delivered = fixture
        .create(&akua(json!({"Plan": {"Stages": vec![stage; 100]}})))
        .await;
    let reason = failure(&delivered, &nothing_created(&delivered));
    assert!(
        reason.ends_with("… (cut here; the function's log has the whole reason)"),
        "{reason}"
    );
}

#[tokio::test]
async fn contract_reason_keeps_the_way_out_however_much_is_named() {
    let fixture = Fixture::start().await;
    success(&fixture.create(&akua(json!({}))).await);
    fixture.emulator.contacts.backend(|backend| {
        for n in 0..40 {
            let rotation = format!("arn:aws:ssm-contacts:us-east-2:111122223333:rotation/{n:036}");
            backend.add_to_rotation("akuam", &rotation);
        }
    });
    let short = akua(json!({"ServiceTimeout": "4"}));
    let delivered = fixture.delete(&arn("akuam"), &short).await;
    let reason = failure(&delivered, &arn("akuam"));
    assert!(
        reason.contains(" and 32 more") && reason.contains("RetainResources"),
        "{reason}"
    );
    let long = ServiceError::access_denied("ssm-contacts:CreateContact", &"x".repeat(5000));
    let reason = create_refused(long).await;
    assert!(
        reason.contains("Next step: allow the function's role"),
        "{reason}"
    );
}

#[tokio::test]
async fn contract_reason_names_what_a_plan_misses() {
    let fixture = Fixture::start().await;
    success(&fixture.create(&akua(json!({}))).await);
    let channel = "arn:aws:ssm-contacts:us-east-2:111122223333:contact-channel/akuam/1";
    let missing = ServiceError::not_found(channel);
    fixture
        .emulator
        .contacts
        .fault(Fault::on("UpdateContact", Effect::Refuse(missing)));
    let new = akua(json!({"DisplayName": "New"}));
    let delivered = fixture.update(&arn("akuam"), &akua(json!({})), &new).await;
    let reason = failure(&delivered, &arn("akuam"));
    assert!(
        reason.contains(channel) && reason.contains("DependsOn"),
        "{reason}"
    );
}

#[tokio::test]
async fn contract_reason_finds_the_refused_tags_among_the_fields() {
    let fields = [(
        "tags".to_owned(),
        "only in the first Region of the replication set".to_owned(),
    )];
    let reason = create_refused(ServiceError::fields(&fields)).await;
    assert!(reason.contains("OWNERSHIP_TAGS=off"), "{reason}");
}

#[tokio::test]
async fn contract_reason_does_not_blame_the_role_for_a_clock() {
    let error = ServiceError::new("InvalidSignatureException", "Signature expired");
    let reason = create_refused(error).await;
    assert!(!reason.contains("role"), "{reason}");
}

#[tokio::test]
async fn contract_reason_of_too_many_tags_is_not_about_contacts() {
    let fixture = Fixture::start().await;
    success(&fixture.create(&akua(json!({}))).await);
    fixture.emulator.contacts.backend(|backend| {
        let tags = &mut backend.contact_mut("akuam").unwrap().tags;
        tags.extend((0..47).map(|n| (format!("theirs{n}"), "1".to_owned())));
    });
    let new = akua(json!({"Tags": [{"Key": "a", "Value": "1"}]}));
    let delivered = fixture.update(&arn("akuam"), &akua(json!({})), &new).await;
    let reason = failure(&delivered, &arn("akuam"));
    assert!(reason.contains("at most 50 tags"), "{reason}");
    assert!(!reason.contains("contacts that nobody needs"), "{reason}");
}

#[tokio::test]
async fn contract_reason_of_a_refused_token_says_to_change_it() {
    let fixture = Fixture::on_a_test_clock("on").await;
    let with_token = |alias: &str| akua(json!({"Alias": alias, "IdempotencyToken": "t1"}));
    success(&fixture.create(&with_token("akuam")).await);
    let delivered = fixture.create(&with_token("another")).await;
    let reason = failure(&delivered, &nothing_created(&delivered));
    assert!(reason.contains("change the IdempotencyToken"), "{reason}");
}

#[tokio::test]
async fn contract_reason_of_a_deadline_tells_the_last_reply_that_came() {
    let fixture = Fixture::start().await;
    let throttled = Effect::Refuse(ServiceError::throttling());
    fixture
        .emulator
        .contacts
        .fault(Fault::on("CreateContact", throttled));
    let hangs = Fault::on("CreateContact", Effect::Hang).after(1).forever();
    fixture.emulator.contacts.fault(hangs);
    let delivered = fixture.create(&akua(json!({"ServiceTimeout": "4"}))).await;
    let reason = failure(&delivered, &outcome_unknown(&delivered));
    let told = "waiting for CreateContact for akuam, attempts: 1, the last reply: \
                ThrottlingException: Rate exceeded (request id 00000000-0000-4000-8000-000000000000)";
    assert!(reason.contains(told), "{reason}");
}

#[tokio::test]
async fn contract_reason_names_the_way_out_of_many_dependents_and_fields() {
    let fixture = Fixture::start().await;
    success(&fixture.create(&akua(json!({}))).await);
    let rotation = |n: u8| {
        let id = format!("arn:aws:ssm-contacts:us-east-2:111122223333:rotation/{n:036}");
        json!({"RelationType": "ROTATION", "DependentResourceIds": [id]})
    };
    let dependents: Vec<_> = (0..40).map(rotation).collect();
    let in_use = ServiceError::new("ConflictException", "The contact is in use")
        .with("ResourceId", arn("akuam"))
        .with("ResourceType", "CONTACT")
        .with("DependentEntities", dependents);
    let fault = Fault::on("DeleteContact", Effect::Refuse(in_use)).forever();
    fixture.emulator.contacts.fault(fault);
    let short = akua(json!({"ServiceTimeout": "4"}));
    let deleted = fixture.delete(&arn("akuam"), &short).await;
    let reason = failure(&deleted, &arn("akuam"));
    assert!(reason.contains("RetainResources"), "{reason}");

    let long = |n: u8| (format!("tags{n}"), "region ".repeat(100));
    let fields: Vec<_> = (0..8)
        .map(long)
        .chain([("tags".into(), "region".into())])
        .collect();
    let reason = create_refused(ServiceError::fields(&fields)).await;
    assert!(reason.contains("OWNERSHIP_TAGS=off"), "{reason}");
}

#[tokio::test]
async fn contract_reason_advises_only_what_it_knows() {
    for (operation, refusal, misleading) in [
        (
            "UpdateContact",
            ServiceError::fields(&[(
                "Plan.Stages[0].Targets[0]".to_owned(),
                "The contact channel is in another Region".to_owned(),
            )]),
            "OWNERSHIP_TAGS",
        ),
        (
            "UpdateContact",
            ServiceError::new("ServiceQuotaExceededException", "Too many stages")
                .with("QuotaCode", "L-STAGES")
                .with("ServiceCode", "ssm-contacts"),
            "delete contacts",
        ),
        (
            "ListTagsForResource",
            ServiceError::not_found(&arn("akuam")),
            "was deleted meanwhile",
        ),
        (
            "CreateContact",
            ServiceError::new(
                "ConflictException",
                "A create with this token is in progress",
            ),
            "change the IdempotencyToken",
        ),
    ] {
        let fixture = Fixture::on_a_test_clock("on").await;
        let delivered = if operation == "CreateContact" {
            let fault = Fault::on(operation, Effect::Refuse(refusal)).forever();
            fixture.emulator.contacts.fault(fault);
            fixture.create(&akua(json!({}))).await
        } else {
            success(&fixture.create(&akua(json!({}))).await);
            let fault = Fault::on(operation, Effect::Refuse(refusal)).forever();
            fixture.emulator.contacts.fault(fault);
            let new = akua(json!({"DisplayName": "New"}));
            fixture.update(&arn("akuam"), &akua(json!({})), &new).await
        };
        let reason = delivered.response().unwrap().reason.clone().unwrap();
        assert!(!reason.contains(misleading), "{reason}");
    }
}

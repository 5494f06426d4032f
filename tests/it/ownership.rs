//! docs/behavior.md, sections 5 and 7: who owns a contact.

use emulator::contacts::{Effect, Fault, ServiceError};
use serde_json::json;

use crate::fixture::{
    Fixture, STRANGER, akua, arn, both_ways, failure, nothing_created, outcome_unknown, own,
    success,
};

#[tokio::test]
async fn contract_a_strangers_contact_is_left_alone() {
    both_ways(async |fixture| {
        for (tags, owner) in [(&[][..], "nobody"), (&STRANGER[..], "stack/other/1")] {
            let before = fixture.seed("akuam", tags);
            let created = fixture.create(&akua(json!({}))).await;
            let id = nothing_created(&created);
            let reason = failure(&created, &id);
            assert!(
                reason.contains(owner) && reason.contains("PERSONAL"),
                "{reason}"
            );
            // The rollback.
            success(&fixture.delete(&id, &akua(json!({}))).await);
            assert_eq!(fixture.contact("akuam"), before);
        }
    })
    .await;
}

#[tokio::test]
async fn contract_our_own_contact_is_brought_to_the_desired_state() {
    let fixture = Fixture::start().await;
    fixture.seed("akuam", &own("r0"));
    let created = fixture
        .create(&akua(json!({"Tags": [{"Key": "a", "Value": "1"}]})))
        .await;
    success(&created);
    let contact = fixture.contact("akuam");
    assert_eq!(contact.display_name.as_deref(), Some("Akua Mansa"));
    assert_eq!(contact.tags["a"], "1");
    let request = created.event["RequestId"].as_str().unwrap();
    assert_eq!(
        contact.tags["cloudformation-origin"], request,
        "the claim sets the origin tag"
    );
    let expected = [
        "CreateContact",
        "GetContact",
        "ListTagsForResource",
        "UpdateContact",
        "TagResource",
    ];
    assert_eq!(created.operations(), expected);
}

#[tokio::test]
async fn contract_a_conflict_over_another_contact_claims_nothing() {
    let fixture = Fixture::start().await;
    let before = fixture.seed("other", &own("r0"));
    let conflict = ServiceError::new("ConflictException", "The other contact is being changed")
        .with("ResourceId", arn("other"))
        .with("ResourceType", "CONTACT");
    fixture
        .emulator
        .contacts
        .fault(Fault::on("CreateContact", Effect::Refuse(conflict)).forever());
    let created = fixture.create(&akua(json!({}))).await;
    let reason = failure(&created, &outcome_unknown(&created));
    assert!(
        reason.contains("The other contact is being changed"),
        "{reason}"
    );
    assert_eq!(fixture.contact("other"), before);
}

#[tokio::test]
async fn contract_our_own_contact_of_another_type_is_refused() {
    let fixture = Fixture::start().await;
    let before = fixture.seed("akuam", &own("r0"));
    let created = fixture.create(&akua(json!({"Type": "ESCALATION"}))).await;
    failure(&created, &nothing_created(&created));
    assert_eq!(fixture.contact("akuam"), before);
}

#[tokio::test]
async fn contract_an_update_of_anothers_contact_is_refused() {
    let fixture = Fixture::start().await;
    let before = fixture.seed("akuam", &STRANGER);
    let updated = fixture
        .update(&arn("akuam"), &akua(json!({})), &akua(json!({})))
        .await;
    let reason = failure(&updated, &arn("akuam"));
    assert!(reason.contains("stack/other/1"), "{reason}");
    assert_eq!(fixture.contact("akuam"), before);
}

#[tokio::test]
async fn contract_an_update_of_another_account_is_refused() {
    let fixture = Fixture::start().await;
    let elsewhere = arn("akuam").replace("1111", "9999");
    let updated = fixture
        .update(&elsewhere, &akua(json!({})), &akua(json!({})))
        .await;
    let reason = failure(&updated, &elsewhere);
    assert!(reason.contains("is in another account"), "{reason}");
    assert!(updated.calls.is_empty());
    let deleted = fixture.delete(&elsewhere, &akua(json!({}))).await;
    success(&deleted);
    assert!(
        deleted.calls.is_empty(),
        "the stack deletes only what it created"
    );
}

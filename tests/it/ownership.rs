//! docs/behavior.md, sections 5 and 7: who owns a contact.

use emulator::contacts::{Effect, Fault, ServiceError};
use serde_json::json;

use crate::scene::{
    STRANGER, Scene, akua, arn, both_ways, failure, nothing_created, outcome_unknown, own, success,
};

#[tokio::test]
async fn contract_a_strangers_contact_is_left_alone() {
    both_ways(async |scene| {
        for (tags, owner) in [(&[][..], "nobody"), (&STRANGER[..], "stack/other/1")] {
            let before = scene.seed("akuam", tags);
            let created = scene.create(&akua(json!({}))).await;
            let id = nothing_created(&created);
            let reason = failure(&created, &id);
            assert!(
                reason.contains(owner) && reason.contains("PERSONAL"),
                "{reason}"
            );
            // The rollback.
            success(&scene.delete(&id, &akua(json!({}))).await);
            assert_eq!(scene.contact("akuam"), before);
        }
    })
    .await;
}

#[tokio::test]
async fn contract_our_own_contact_is_brought_to_the_desired_state() {
    let scene = Scene::start().await;
    scene.seed("akuam", &own("r0"));
    let created = scene
        .create(&akua(json!({"Tags": [{"Key": "a", "Value": "1"}]})))
        .await;
    success(&created);
    let contact = scene.contact("akuam");
    assert_eq!(contact.display_name.as_deref(), Some("Akua Mansa"));
    assert_eq!(contact.tags["a"], "1");
    let request = created.event["RequestId"].as_str().unwrap();
    assert_eq!(contact.tags["cloudformation-origin"], request, "re-stamped");
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
    let scene = Scene::start().await;
    let before = scene.seed("other", &own("r0"));
    let conflict = ServiceError::new("ConflictException", "The other contact is being changed")
        .with("ResourceId", arn("other"))
        .with("ResourceType", "CONTACT");
    scene
        .world
        .contacts
        .fault(Fault::on("CreateContact", Effect::Refuse(conflict)).forever());
    let created = scene.create(&akua(json!({}))).await;
    let reason = failure(&created, &outcome_unknown(&created));
    assert!(
        reason.contains("The other contact is being changed"),
        "{reason}"
    );
    assert_eq!(scene.contact("other"), before);
}

#[tokio::test]
async fn contract_our_own_contact_of_another_type_is_refused() {
    let scene = Scene::start().await;
    let before = scene.seed("akuam", &own("r0"));
    let created = scene.create(&akua(json!({"Type": "ESCALATION"}))).await;
    failure(&created, &nothing_created(&created));
    assert_eq!(scene.contact("akuam"), before);
}

#[tokio::test]
async fn contract_an_update_of_anothers_contact_is_refused() {
    let scene = Scene::start().await;
    let before = scene.seed("akuam", &STRANGER);
    let updated = scene
        .update(&arn("akuam"), &akua(json!({})), &akua(json!({})))
        .await;
    let reason = failure(&updated, &arn("akuam"));
    assert!(reason.contains("stack/other/1"), "{reason}");
    assert_eq!(scene.contact("akuam"), before);
}

#[tokio::test]
async fn contract_an_update_of_another_account_is_refused() {
    let scene = Scene::start().await;
    let elsewhere = arn("akuam").replace("1111", "9999");
    let updated = scene
        .update(&elsewhere, &akua(json!({})), &akua(json!({})))
        .await;
    let reason = failure(&updated, &elsewhere);
    assert!(reason.contains("is in another account"), "{reason}");
    assert!(updated.calls.is_empty());
    let deleted = scene.delete(&elsewhere, &akua(json!({}))).await;
    success(&deleted);
    assert!(
        deleted.calls.is_empty(),
        "what the stack did not create, the stack does not delete"
    );
}

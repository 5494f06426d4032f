//! docs/behavior.md, section 4: Delete.

use std::time::Duration;

use serde_json::json;

use crate::fixture::{Fixture, akua, arn, failure, success};

#[tokio::test]
async fn contract_delete_deletes() {
    let fixture = Fixture::start().await;
    success(&fixture.create(&akua(json!({}))).await);
    let delivered = fixture.delete(&arn("akuam"), &akua(json!({}))).await;
    let answer = success(&delivered);
    assert_eq!(answer.physical_id, arn("akuam"));
    assert!(answer.data.is_empty());
    assert_eq!(
        delivered.operations(),
        ["ListTagsForResource", "DeleteContact"]
    );
    assert!(!fixture.exists("akuam"));
}

#[tokio::test]
async fn contract_delete_disappears() {
    let fixture = Fixture::start().await;
    success(&fixture.delete(&arn("akuam"), &akua(json!({}))).await);
    success(&fixture.create(&akua(json!({}))).await);
    fixture
        .emulator
        .contacts
        .backend(|backend| backend.has_no_replication_set = true);
    success(&fixture.delete(&arn("akuam"), &akua(json!({}))).await);
}

#[tokio::test]
async fn contract_delete_never_checks_the_properties() {
    let fixture = Fixture::start().await;
    success(&fixture.create(&akua(json!({}))).await);
    success(
        &fixture
            .delete(&arn("akuam"), &json!({"Nonsense": [1]}))
            .await,
    );
    assert!(!fixture.exists("akuam"));
}

#[tokio::test]
async fn contract_delete_waits_until_the_contact_is_free() {
    let fixture = Fixture::start().await;
    success(&fixture.create(&akua(json!({}))).await);
    let rotation = "arn:aws:ssm-contacts:us-east-2:111122223333:rotation/r1";
    fixture
        .emulator
        .contacts
        .backend(|backend| backend.add_to_rotation("akuam", rotation));
    let removal = async {
        while !fixture
            .emulator
            .contacts
            .calls()
            .iter()
            .any(|call| call.operation == "DeleteContact")
        {
            fixture.emulator.contacts.called().await;
        }
        fixture
            .emulator
            .contacts
            .backend(|backend| backend.delete_rotation(rotation));
    };
    let properties = akua(json!({}));
    let akuam = arn("akuam");
    let (delivered, ()) = tokio::join!(fixture.delete(&akuam, &properties), removal);
    success(&delivered);
    assert!(!fixture.exists("akuam"));
}

#[tokio::test]
async fn contract_delete_of_a_contact_in_use_names_what_holds_it() {
    let fixture = Fixture::start().await;
    success(&fixture.create(&akua(json!({}))).await);
    let rotation = "arn:aws:ssm-contacts:us-east-2:111122223333:rotation/r1";
    fixture
        .emulator
        .contacts
        .backend(|backend| backend.add_to_rotation("akuam", rotation));
    let delivered = fixture.delete(&arn("akuam"), &akua(json!({}))).await;
    let reason = failure(&delivered, &arn("akuam"));
    assert!(
        reason.contains(rotation) && reason.contains("RetainResources"),
        "{reason}"
    );
    assert!(fixture.exists("akuam"));
}

#[tokio::test]
async fn contract_delete_of_a_contact_in_use_is_sent_again_for_30_seconds() {
    let fixture = Fixture::on_a_test_clock("on").await;
    success(&fixture.create(&akua(json!({}))).await);
    let rotation = "arn:aws:ssm-contacts:us-east-2:111122223333:rotation/r1";
    fixture
        .emulator
        .contacts
        .backend(|backend| backend.add_to_rotation("akuam", rotation));
    let delivered = fixture.delete(&arn("akuam"), &akua(json!({}))).await;
    failure(&delivered, &arn("akuam"));
    assert_eq!(fixture.clock().waited(), Duration::from_secs(30));
    let operations = delivered.operations();
    let sent = operations.iter().filter(|name| **name == "DeleteContact");
    assert!(sent.count() > 3, "{delivered}");
}

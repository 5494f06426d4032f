//! docs/behavior.md, sections 4, 5, 6 and 7: a contact is adopted and released.

use emulator::contacts::{Effect, Fault, ServiceError};
use serde_json::json;

use crate::fixture::{
    Fixture, STACK, STRANGER, adopting, akua, arn, both_ways, failure, nothing_created,
    outcome_unknown, own, success,
};

#[tokio::test]
async fn contract_adoption_and_release() {
    both_ways(async |fixture| {
        fixture.seed("akuam", &[("theirs", "1")]);
        let created = fixture.create(&adopting()).await;
        assert_eq!(success(&created).physical_id, arn("akuam"));
        let operations = created.operations();
        assert_eq!(
            operations[operations.len() - 2..],
            ["TagResource", "UpdateContact"],
            "the contact is tagged before it is changed"
        );
        let adopted = fixture.contact("akuam");
        assert_eq!(adopted.tags["cloudformation-origin"], "adopted");
        assert_eq!(adopted.display_name.as_deref(), Some("Akua Mansa"));

        let deleted = fixture.delete(&arn("akuam"), &adopting()).await;
        success(&deleted);
        assert_eq!(
            deleted.operations(),
            ["ListTagsForResource", "UntagResource"]
        );
        let released = fixture.contact("akuam");
        let tags: Vec<&str> = released.tags.keys().map(String::as_str).collect();
        assert_eq!(tags, ["theirs"]);
    })
    .await;
}

#[tokio::test]
async fn contract_adoption_needs_the_type_to_fit_and_no_owner() {
    let fixture = Fixture::start().await;
    for (alias, tags, contact_type) in [
        ("typed", &[][..], "ESCALATION"),
        ("owned", &STRANGER[..], "PERSONAL"),
        ("partly", &STRANGER[2..], "PERSONAL"),
    ] {
        let before = fixture.seed(alias, tags);
        let wanted = akua(json!({"Alias": alias, "Type": contact_type, "AdoptExisting": true}));
        let created = fixture.create(&wanted).await;
        failure(&created, &nothing_created(&created));
        assert_eq!(fixture.contact(alias), before);
    }
}

#[tokio::test]
async fn contract_a_failed_adoption_is_released_by_the_delete_that_follows() {
    let fixture = Fixture::start().await;
    fixture.seed("akuam", &[]);
    let denied = ServiceError::access_denied("ssm-contacts:UpdateContact", "*");
    fixture
        .emulator
        .contacts
        .fault(Fault::on("UpdateContact", Effect::Refuse(denied)));
    let created = fixture.create(&adopting()).await;
    let id = outcome_unknown(&created);
    failure(&created, &id);
    success(&fixture.delete(&id, &adopting()).await);
    assert!(
        fixture.contact("akuam").tags.is_empty(),
        "{:?}",
        fixture.contact("akuam")
    );
}

#[tokio::test]
async fn contract_an_update_keeps_adopted_adopted() {
    let fixture = Fixture::start().await;
    fixture.seed("akuam", &own("adopted"));
    let old = adopting();
    let new = akua(json!({"DisplayName": "New"}));
    success(&fixture.update(&arn("akuam"), &old, &new).await);
    assert_eq!(
        fixture.contact("akuam").tags["cloudformation-origin"],
        "adopted"
    );
    success(&fixture.delete(&arn("akuam"), &new).await);
    assert!(fixture.exists("akuam"));
}

#[tokio::test]
async fn contract_an_update_puts_back_missing_ownership_tags() {
    let fixture = Fixture::start().await;
    for (alias, before, adopt, origin) in [
        ("a", &[][..], false, "adopted"),
        ("b", &[][..], true, "adopted"),
        ("c", &own("r0")[..2], false, "update"),
        ("d", &own("r0")[..2], true, "adopted"),
        ("e", &own("r0")[1..], false, "r0"),
    ] {
        fixture.seed(alias, before);
        let properties = akua(json!({"Alias": alias, "AdoptExisting": adopt}));
        let updated = fixture.update(&arn(alias), &properties, &properties).await;
        success(&updated);
        let tags = fixture.contact(alias).tags;
        assert_eq!(tags["cloudformation-origin"], origin);
        assert_eq!(tags["cloudformation-stack-id"], STACK);
    }
}

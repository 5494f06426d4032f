//! Whose contact it is: a taken alias is claimed, adopted or left alone.

use std::time::Duration;

use emulator::contacts::{Backend, Effect, Fault, ServiceError};
use serde_json::json;

use crate::fixture::{
    ADOPTED, CREATED, Fixture, READS, STRANGER, adopting, akua, arn, assert_attempt, changes,
    each_refusal_of_a_taken_alias, failure, nothing_created, outcome_unknown, own, own_as, success,
    told,
};

#[tokio::test]
async fn contract_a_strangers_contact_is_left_alone() {
    each_refusal_of_a_taken_alias(async |fixture| {
        for (tags, owner) in [
            (&[][..], "belongs to nobody"),
            (&STRANGER[..], "stack/other/1"),
            (&STRANGER[2..], "an unknown owner"),
        ] {
            let before = fixture.seed("akuam", tags);
            // `true` never takes a contact from another resource.
            let properties = if tags.is_empty() { akua(json!({})) } else { adopting() };
            let created = fixture.create(&properties).await;
            let id = nothing_created(&created);
            let reason = told(&created, &id, &[owner, "PERSONAL"]);
            let advises = reason.contains("AdoptExisting: true");
            assert_eq!(advises, tags.is_empty(), "{reason}");
            success(&fixture.delete(&id, &properties).await);
            assert_eq!(fixture.contact("akuam"), before);
        }
    })
    .await;
}

#[tokio::test]
async fn contract_a_claim_brings_our_contact_to_the_desired_state() {
    each_refusal_of_a_taken_alias(async |fixture| {
        fixture.seed("akuam", &own(CREATED));
        let wanted = akua(json!({"Tags": [{"Key": "a", "Value": "1"}]}));
        let created = fixture.create(&wanted).await;
        success(&created);
        let contact = fixture.contact("akuam");
        assert_eq!(contact.display_name.as_deref(), Some("Akua Mansa"));
        assert_eq!(contact.tags["a"], "1");
        let expected =
            ["CreateContact", READS[0], READS[1], "UpdateContact", "TagResource", "TagResource"];
        assert_eq!(created.operations(), expected, "the origin is written last");
        assert_attempt(&fixture.origin("akuam"), "create:adopted:", &created);
    })
    .await;
}

#[tokio::test]
async fn contract_retained_added_again_and_rolled_back_keeps_the_contact() {
    let fixture = Fixture::start().await;
    let properties = akua(json!({}));
    success(&fixture.create(&properties).await);
    // DeletionPolicy: Retain kept it. The resource is added again, and the stack fails.
    for fails in [false, true] {
        if fails {
            fixture.deny(&["UpdateContact"]);
        }
        let changed = akua(json!({"DisplayName": "New"}));
        let created = fixture.create(&changed).await;
        let id = created.response().unwrap().physical_id.clone();
        fixture.deny(&[]);
        success(&fixture.delete(&id, &changed).await);
        assert!(fixture.exists("akuam"), "{id}");
        fixture.seed("akuam", &own(CREATED));
    }
}

#[tokio::test]
async fn contract_adoption_and_release_without_a_wait() {
    for by_update in [false, true] {
        let fixture = Fixture::on_a_test_clock().await;
        fixture.seed("akuam", &[("theirs", "1")]);
        let adopted = if by_update {
            let old = akua(json!({"Alias": "akua-m"}));
            fixture.update(&arn("akua-m"), &old, &adopting()).await
        } else {
            fixture.create(&adopting()).await
        };
        assert_eq!(success(&adopted).physical_id, arn("akuam"));
        let expected = ["CreateContact", READS[0], READS[1], "TagResource", "UpdateContact"];
        assert_eq!(adopted.operations(), expected, "the tags are written first");
        let prefix = if by_update { "update:adopted:" } else { "create:adopted:" };
        assert_attempt(&fixture.origin("akuam"), prefix, &adopted);
        let (old, new) = (adopting(), akua(json!({"DisplayName": "New"})));
        success(&fixture.update(&arn("akuam"), &old, &new).await);
        assert_attempt(&fixture.origin("akuam"), prefix, &adopted);

        let deleted = fixture.delete(&arn("akuam"), &new).await;
        success(&deleted);
        assert_eq!(deleted.operations(), [READS[0], READS[1], "UntagResource"]);
        let released = fixture.contact("akuam");
        assert_eq!(released.tags.keys().collect::<Vec<_>>(), ["theirs"]);
        // Delivered again, it leaves the contact alone.
        success(&fixture.delete(&arn("akuam"), &new).await);
        assert_eq!(fixture.contact("akuam"), released);
        assert_eq!(fixture.clock().waited(), Duration::ZERO);
    }
}

#[tokio::test]
async fn contract_a_failed_claim_or_adoption_leaves_a_contact_that_stood_before_it() {
    for (tags, adopt) in
        [(&own(CREATED)[..], "false"), (&own_as("Old", CREATED)[..], "Old"), (&[][..], "true")]
    {
        for denied in ["UpdateContact", "TagResource"] {
            let fixture = Fixture::start().await;
            let before = fixture.seed("akuam", tags);
            fixture.deny(&[denied]);
            let properties = akua(json!({"AdoptExisting": adopt}));
            let created = fixture.create(&properties).await;
            let id = outcome_unknown(&created);
            told(&created, &id, &[denied]);
            // An adoption writes its tags first.
            let has_changed = fixture.contact("akuam") != before;
            assert_eq!(has_changed, tags.is_empty() == (denied == "UpdateContact"), "{adopt}");
            success(&fixture.delete(&id, &properties).await);
            assert_eq!(fixture.contact("akuam").tags, before.tags);
        }
    }
}

#[tokio::test]
async fn contract_a_renamed_resource_keeps_its_contact_by_naming_the_old_logical_id() {
    let fixture = Fixture::start().await;
    for (origin, adopt) in [(CREATED, "Old"), (ADOPTED, "Old")] {
        let before = fixture.seed("akuam", &own_as("Old", origin));
        // Without a word, and with `true`, it is told what to do.
        for adopt in ["false", "true", "Other"] {
            let created = fixture.create(&akua(json!({"AdoptExisting": adopt}))).await;
            let reason = failure(&created, &nothing_created(&created));
            for told in [
                "belongs to Old of this stack",
                "AdoptExisting: Old",
                "swap their aliases, free one alias in an update of its own first",
                "another Alias",
            ] {
                assert!(reason.contains(told), "{told}: {reason}");
            }
            assert!(!reason.contains("remove"), "{reason}");
            assert_eq!(fixture.contact("akuam"), before);
        }
        let renamed = akua(json!({"AdoptExisting": adopt}));
        let created = fixture.create(&renamed).await;
        assert_eq!(success(&created).physical_id, arn("akuam"));
        assert_eq!(changes(&created).last(), Some(&"TagResource"), "its tags come last");
        assert_attempt(&fixture.origin("akuam"), "create:adopted:", &created);
        assert_eq!(fixture.contact("akuam").tags["cloudformation-logical-id"], "Akua");
        // CloudFormation deletes the old logical id in the clean-up.
        let mut delete = fixture.delete_event(&arn("akuam"), &renamed);
        delete["LogicalResourceId"] = json!("Old");
        success(&fixture.deliver(delete).await);
        assert!(fixture.exists("akuam"));
    }
}

#[tokio::test]
async fn contract_swapped_aliases_are_told_to_take_two_updates() {
    let fixture = Fixture::start().await;
    fixture.seed("akuam", &own(CREATED));
    let other = fixture.seed("akua-m", &own_as("Other", CREATED));
    let (old, new) = (akua(json!({})), akua(json!({"Alias": "akua-m"})));
    let updated = fixture.update(&arn("akuam"), &old, &new).await;
    told(&updated, &arn("akuam"), &["free one alias in an update of its own first"]);
    assert_eq!(fixture.contact("akua-m"), other);
}

#[tokio::test]
async fn contract_a_holder_that_cant_be_found_or_read_is_not_claimed() {
    let conflict = |resource: &str| {
        let error = ServiceError::new("ConflictException", "It is being changed");
        error.with("ResourceId", resource).with("ResourceType", "CONTACT")
    };
    // A conflict over another contact claims nothing.
    for resource in [String::new(), arn("other")] {
        let fixture = Fixture::on_a_test_clock().await;
        let before = fixture.seed("other", &own(CREATED));
        fixture.refuse("CreateContact", conflict(&resource));
        let created = fixture.create(&akua(json!({}))).await;
        told(&created, &outcome_unknown(&created), &["It is being changed"]);
        assert_eq!(created.operations(), ["CreateContact", READS[0], READS[1]]);
        assert_eq!(fixture.clock().waited(), Duration::ZERO);
        assert_eq!(fixture.contact("other"), before);
    }
    let fixture = Fixture::start().await;
    fixture.seed("akuam", &STRANGER);
    fixture.deny(&["GetContact"]);
    let created = fixture.create(&akua(json!({}))).await;
    let reason = failure(&created, &nothing_created(&created));
    let begin =
        "The alias is taken, and the contact that holds it can't be read: GetContact failed";
    assert!(reason.starts_with(begin), "{reason}");
    assert!(reason.contains("allow the function's role ssm-contacts:GetContact"), "{reason}");
    // Whose it is can be told although the channels can't be listed.
    fixture.deny(&["ListContactChannels"]);
    let channels =
        json!([{"Name": "a", "Type": "SMS", "DeliveryAddress": {"SimpleAddress": "+12"}}]);
    let created = fixture.create(&akua(json!({"Channels": channels}))).await;
    told(&created, &nothing_created(&created), &["stack/other/1", "choose another Alias"]);
}

#[tokio::test]
async fn contract_any_sending_without_a_reply_leaves_the_outcome_unknown() {
    let refusals = [
        ServiceError::access_denied("ssm-contacts:CreateContact", "*"),
        ServiceError::conflict("The alias is taken", &arn("akuam")),
    ];
    for (n, effect) in [
        Effect::Close,
        Effect::Truncate,
        Effect::Replace(200, "<html>".into()),
        Effect::Replace(503, String::new()),
        // The attempt times out.
        Effect::Hang,
        Effect::Refuse(ServiceError::internal()),
    ]
    .into_iter()
    .enumerate()
    {
        let fixture = Fixture::on_a_test_clock().await;
        fixture.fault(Fault::on("CreateContact", effect.clone()).once_applied());
        let refused = Effect::Refuse(refusals[n % 2].clone());
        fixture.fault(Fault::on("CreateContact", refused).after(1));
        let created = fixture.create(&akua(json!({}))).await;
        if n % 2 == 1 {
            // It finds its own contact: the same attempt made it.
            success(&created);
            assert_attempt(&fixture.origin("akuam"), "create:", &created);
            continue;
        }
        let id = outcome_unknown(&created);
        failure(&created, &id);
        assert!(fixture.exists("akuam"), "{effect:?}: the create was applied");
        success(&fixture.delete(&id, &akua(json!({}))).await);
        assert!(!fixture.exists("akuam"), "{effect:?}");
    }
}

#[tokio::test]
async fn contract_a_stranger_who_is_found_after_a_lost_sending_proves_nothing() {
    let fixture = Fixture::on_a_test_clock().await;
    fixture.seed("akuam", &STRANGER);
    fixture.fault(Fault::on("CreateContact", Effect::Close));
    let created = fixture.create(&akua(json!({}))).await;
    told(&created, &outcome_unknown(&created), &["stack/other/1"]);
}

#[tokio::test]
async fn contract_tags_decide_and_not_the_region_of_the_arn() {
    let fixture = Fixture::start().await;
    fixture.switch(|switches| switches.first_region = Some("us-east-1".to_owned()));
    let event = fixture.event("Create", &akua(json!({})));
    let created = fixture.deliver(event.clone()).await;
    let id = success(&created).physical_id.clone();
    assert!(id.contains(":us-east-1:"), "{id}");
    fixture.backend(Backend::expire_tokens);
    let again = fixture.deliver(event).await;
    assert_eq!(success(&again).physical_id, id);
    assert_eq!(again.calls[1].body["ContactId"], id, "the conflict names it");
    success(&fixture.delete(&id, &akua(json!({}))).await);
    assert!(!fixture.exists("akuam"));
}

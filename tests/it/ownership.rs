//! Contract section 3: whose contact it is.

use emulator::cloudformation::Verdict;
use emulator::contacts::{Contact, Effect, Fault, ServiceError};
use serde_json::{Value, json};

use crate::scene::{STACK, Scene, akua, arn, failure, marker, success};

fn adopting() -> Value {
    akua(json!({"AdoptExisting": "true"}))
}

fn seed(scene: &Scene, alias: &str, tags: &[(&str, &str)]) -> Contact {
    scene
        .world
        .contacts
        .backend(|backend| backend.seed(alias, "PERSONAL", tags));
    scene.contact(alias)
}

fn own(origin: &'static str) -> [(&'static str, &'static str); 3] {
    [
        ("cloudformation-stack-id", STACK),
        ("cloudformation-logical-id", "Akua"),
        ("cloudformation-origin", origin),
    ]
}

const STRANGER: [(&str, &str); 3] = [
    (
        "cloudformation-stack-id",
        "arn:aws:cloudformation:us-east-2:111122223333:stack/other/1",
    ),
    ("cloudformation-logical-id", "Akua"),
    ("cloudformation-origin", "r0"),
];

/// Both ways in which the service may say that an alias is taken.
async fn both_ways(check: impl AsyncFn(Scene)) {
    for taken_alias_is_invalid in [false, true] {
        let scene = Scene::start().await;
        scene
            .world
            .contacts
            .backend(|backend| backend.taken_alias_is_invalid = taken_alias_is_invalid);
        check(scene).await;
    }
}

#[tokio::test]
async fn contract_a_strangers_contact_is_left_alone() {
    both_ways(async |scene| {
        for (tags, owner) in [(&[][..], "nobody"), (&STRANGER[..], "stack/other/1")] {
            let before = seed(&scene, "akuam", tags);
            let created = scene.create(&akua(json!({}))).await;
            let id = marker(&created);
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
async fn contract_a_redelivered_create_finds_its_own_contact() {
    both_ways(async |scene| {
        let event = scene.event("Create", &akua(json!({})));
        success(&scene.deliver(event.clone()).await);
        scene
            .world
            .contacts
            .backend(emulator::contacts::Backend::forget_tokens);
        let again = scene.deliver(event).await;
        assert_eq!(success(&again).physical_id, arn("akuam"));
        let expected = ["CreateContact", "GetContact", "ListTagsForResource"];
        assert_eq!(again.operations(), expected, "nothing is left to do");
    })
    .await;
}

#[tokio::test]
async fn contract_a_redelivered_create_sends_the_same_token() {
    for setting in ["on", "off"] {
        let scene = Scene::with(|function| function.env("OWNERSHIP_TAGS", setting)).await;
        let event = scene.event("Create", &akua(json!({})));
        let (first, again) = (
            scene.deliver(event.clone()).await,
            scene.deliver(event).await,
        );
        assert_eq!(success(&first), success(&again));
        assert_eq!(again.operations(), ["CreateContact"]);
        assert_eq!(first.calls[0].body, again.calls[0].body);
    }
}

#[tokio::test]
async fn contract_our_own_contact_is_brought_to_the_desired_state() {
    let scene = Scene::start().await;
    seed(&scene, "akuam", &own("r0"));
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
        "TagResource",
        "UpdateContact",
    ];
    assert_eq!(created.operations(), expected);
}

#[tokio::test]
async fn contract_a_conflict_over_another_contact_claims_nothing() {
    let scene = Scene::start().await;
    let before = seed(&scene, "other", &own("r0"));
    let conflict = ServiceError::new("ConflictException", "The other contact is being changed")
        .with("ResourceId", arn("other"))
        .with("ResourceType", "CONTACT");
    scene
        .world
        .contacts
        .fault(Fault::on("CreateContact", Effect::Refuse(conflict)));
    let created = scene.create(&akua(json!({}))).await;
    let reason = failure(&created, &marker(&created));
    assert!(
        reason.contains("The other contact is being changed"),
        "{reason}"
    );
    assert_eq!(scene.contact("other"), before);
}

#[tokio::test]
async fn contract_our_own_contact_of_another_type_is_refused() {
    let scene = Scene::start().await;
    let before = seed(&scene, "akuam", &own("r0"));
    let created = scene.create(&akua(json!({"Type": "ESCALATION"}))).await;
    failure(&created, &marker(&created));
    assert_eq!(scene.contact("akuam"), before);
}

#[tokio::test]
async fn contract_adoption_and_release() {
    both_ways(async |scene| {
        seed(&scene, "akuam", &[("theirs", "1")]);
        let created = scene.create(&adopting()).await;
        assert_eq!(success(&created).physical_id, arn("akuam"));
        let operations = created.operations();
        assert_eq!(
            operations[operations.len() - 2..],
            ["TagResource", "UpdateContact"],
            "tags first"
        );
        let adopted = scene.contact("akuam");
        assert_eq!(adopted.tags["cloudformation-origin"], "adopted");
        assert_eq!(adopted.display_name.as_deref(), Some("Akua Mansa"));

        let deleted = scene.delete(&arn("akuam"), &adopting()).await;
        success(&deleted);
        assert_eq!(
            deleted.operations(),
            ["ListTagsForResource", "UntagResource"]
        );
        let released = scene.contact("akuam");
        let tags: Vec<&str> = released.tags.keys().map(String::as_str).collect();
        assert_eq!(tags, ["theirs"]);
    })
    .await;
}

#[tokio::test]
async fn contract_adoption_needs_the_type_to_fit_and_no_owner() {
    let scene = Scene::start().await;
    for (alias, tags, contact_type) in [
        ("typed", &[][..], "ESCALATION"),
        ("owned", &STRANGER[..], "PERSONAL"),
        ("partly", &STRANGER[2..], "PERSONAL"),
    ] {
        let before = seed(&scene, alias, tags);
        let wanted = akua(json!({"Alias": alias, "Type": contact_type, "AdoptExisting": true}));
        let created = scene.create(&wanted).await;
        failure(&created, &marker(&created));
        assert_eq!(scene.contact(alias), before);
    }
}

#[tokio::test]
async fn contract_a_failed_adoption_is_released_by_the_delete_that_follows() {
    let scene = Scene::start().await;
    seed(&scene, "akuam", &[]);
    let denied = ServiceError::access_denied("ssm-contacts:UpdateContact", "*");
    scene
        .world
        .contacts
        .fault(Fault::on("UpdateContact", Effect::Refuse(denied)));
    let created = scene.create(&adopting()).await;
    let id = marker(&created);
    failure(&created, &id);
    success(&scene.delete(&id, &adopting()).await);
    assert!(
        scene.contact("akuam").tags.is_empty(),
        "{:?}",
        scene.contact("akuam")
    );
}

#[tokio::test]
async fn contract_an_update_keeps_adopted_adopted() {
    let scene = Scene::start().await;
    seed(&scene, "akuam", &own("adopted"));
    let old = adopting();
    let new = akua(json!({"DisplayName": "New"}));
    success(&scene.update(&arn("akuam"), &old, &new).await);
    assert_eq!(
        scene.contact("akuam").tags["cloudformation-origin"],
        "adopted"
    );
    success(&scene.delete(&arn("akuam"), &new).await);
    assert!(scene.exists("akuam"));
}

#[tokio::test]
async fn contract_an_update_puts_back_missing_ownership_tags() {
    let scene = Scene::start().await;
    for (alias, adopt, origin) in [("a", false, None), ("b", true, Some("adopted"))] {
        seed(&scene, alias, &[]);
        let properties = akua(json!({"Alias": alias, "AdoptExisting": adopt}));
        let updated = scene.update(&arn(alias), &properties, &properties).await;
        success(&updated);
        let request = updated.event["RequestId"].as_str().unwrap();
        let tags = scene.contact(alias).tags;
        assert_eq!(tags["cloudformation-origin"], origin.unwrap_or(request));
        assert_eq!(tags["cloudformation-stack-id"], STACK);
    }
}

#[tokio::test]
async fn contract_an_update_of_anothers_contact_is_refused() {
    let scene = Scene::start().await;
    let before = seed(&scene, "akuam", &STRANGER);
    let updated = scene
        .update(&arn("akuam"), &akua(json!({})), &akua(json!({})))
        .await;
    let reason = failure(&updated, &arn("akuam"));
    assert!(reason.contains("stack/other/1"), "{reason}");
    assert_eq!(scene.contact("akuam"), before);
}

#[tokio::test]
async fn contract_an_update_of_another_account_or_region_is_refused() {
    let scene = Scene::start().await;
    for elsewhere in [
        arn("akuam").replace("us-east-2", "eu-west-1"),
        arn("akuam").replace("1111", "9999"),
    ] {
        let updated = scene
            .update(&elsewhere, &akua(json!({})), &akua(json!({})))
            .await;
        let reason = failure(&updated, &elsewhere);
        assert!(reason.contains("lives in"), "{reason}");
        assert!(updated.calls.is_empty());
        let deleted = scene.delete(&elsewhere, &akua(json!({}))).await;
        success(&deleted);
        assert!(
            deleted.calls.is_empty(),
            "what the stack did not create, the stack does not delete"
        );
    }
}

#[tokio::test]
async fn contract_a_delete_leaves_what_is_not_ours() {
    let scene = Scene::start().await;
    let mut sibling = own("r0");
    sibling[1].1 = "Other";
    for tags in [&[][..], &STRANGER[..], &sibling[..], &own("r0")[..1]] {
        let before = seed(&scene, "akuam", tags);
        success(&scene.delete(&arn("akuam"), &akua(json!({}))).await);
        assert_eq!(scene.contact("akuam"), before);
    }
    let log = scene.function.whole_log().await.join("\n");
    assert!(log.contains("WARN") && log.contains("left alone"), "{log}");
}

#[tokio::test]
async fn contract_tags_that_cant_be_read_fail_the_delete() {
    let scene = Scene::start().await;
    success(&scene.create(&akua(json!({}))).await);
    let denied = ServiceError::access_denied("ssm-contacts:ListTagsForResource", "*");
    scene
        .world
        .contacts
        .fault(Fault::on("ListTagsForResource", Effect::Refuse(denied)));
    let deleted = scene.delete(&arn("akuam"), &akua(json!({}))).await;
    let reason = failure(&deleted, &arn("akuam"));
    assert!(
        reason.contains("ssm-contacts:ListTagsForResource"),
        "{reason}"
    );
    assert!(scene.exists("akuam"));
}

#[tokio::test]
async fn contract_a_markers_delete_removes_only_what_its_request_created() {
    let scene = Scene::start().await;
    for (origin, goes) in [("r1", true), ("r2", false)] {
        seed(&scene, "akuam", &own(origin));
        success(&scene.delete("not-created:r1", &akua(json!({}))).await);
        assert_eq!(!scene.exists("akuam"), goes, "{origin}");
    }
}

#[tokio::test]
async fn contract_a_create_whose_outcome_is_unknown_is_cleaned_up() {
    let scene = Scene::start().await;
    scene.world.contacts.fault(
        Fault::on("CreateContact", Effect::Hang)
            .once_applied()
            .forever(),
    );
    let properties = akua(json!({"ServiceTimeout": "2"}));
    let created = scene.create(&properties).await;
    let id = marker(&created);
    let reason = failure(&created, &id);
    assert!(
        reason.contains("waiting for CreateContact for akuam"),
        "{reason}"
    );
    assert!(scene.exists("akuam"), "it was applied all the same");
    success(&scene.delete(&id, &properties).await);
    assert!(!scene.exists("akuam"));
}

#[tokio::test]
async fn contract_a_delete_with_an_invented_id_waits_for_the_create() {
    let scene = Scene::start().await;
    let other = Scene::start().await;
    let properties = akua(json!({}));
    let coming = async {
        while other.world.contacts.count() == 0 {
            other.world.contacts.called().await;
        }
        seed(&other, "akuam", &own("r0"));
    };
    let (deleted, ()) = tokio::join!(
        other.delete("on-call-Akua-1XB2VS8G3K2W9", &properties),
        coming
    );
    success(&deleted);
    assert_eq!(
        deleted.answer().unwrap().physical_id,
        "on-call-Akua-1XB2VS8G3K2W9"
    );
    assert!(!other.exists("akuam"));
    // Never ours: it is looked for as long as there is time, and stays.
    let before = seed(&scene, "akuam", &STRANGER);
    let short = akua(json!({"ServiceTimeout": "3"}));
    success(&scene.delete("on-call-Akua-1XB2VS8G3K2W9", &short).await);
    assert_eq!(scene.contact("akuam"), before);
}

#[tokio::test]
async fn contract_a_delete_with_an_invented_id_gives_up_after_30_seconds() {
    let scene = Scene::start().await;
    let deleted = scene
        .delete("on-call-Akua-1XB2VS8G3K2W9", &akua(json!({})))
        .await;
    success(&deleted);
    assert!(deleted.calls.len() > 3, "{deleted}");
}

#[tokio::test]
async fn contract_a_delete_with_an_alias_that_could_never_be_makes_no_call() {
    let scene = Scene::start().await;
    for id in ["on-call-Akua-1XB2VS8G3K2W9", "not-created:r1"] {
        for properties in [json!({"Alias": "NO ALIAS"}), json!({}), Value::Null] {
            let deleted = scene.delete(id, &properties).await;
            success(&deleted);
            assert!(deleted.calls.is_empty());
        }
    }
}

#[tokio::test]
async fn contract_the_rollback_of_a_rename_with_either_id() {
    for carries_the_new_id in [false, true] {
        let scene = Scene::start().await;
        let (a, b) = (akua(json!({})), akua(json!({"Alias": "akua-m"})));
        success(&scene.create(&a).await);
        success(&scene.update(&arn("akuam"), &a, &b).await);
        let id = arn(if carries_the_new_id {
            "akua-m"
        } else {
            "akuam"
        });
        let rolled_back = scene.update(&id, &b, &a).await;
        assert_eq!(success(&rolled_back).physical_id, arn("akuam"));
        if carries_the_new_id {
            // Another id was answered, so CloudFormation deletes this one.
            success(&scene.delete(&id, &b).await);
        }
        assert!(scene.exists("akuam") && !scene.exists("akua-m"));
    }
}

#[tokio::test]
async fn contract_the_rollback_of_a_refused_rename_touches_no_stranger() {
    let scene = Scene::start().await;
    let (a, b) = (akua(json!({})), akua(json!({"Alias": "akua-m"})));
    success(&scene.create(&a).await);
    for tags in [&[][..], &STRANGER[..]] {
        let before = seed(&scene, "akua-m", tags);
        failure(&scene.update(&arn("akuam"), &a, &b).await, &arn("akuam"));
        success(&scene.update(&arn("akuam"), &b, &a).await);
        assert_eq!(scene.contact("akua-m"), before);
        assert!(scene.exists("akuam"));
    }
}

#[tokio::test]
async fn contract_the_rollback_of_a_refused_update_finds_nothing_to_do() {
    let scene = Scene::start().await;
    let (old, new) = (akua(json!({})), akua(json!({"DisplayName": "New"})));
    success(&scene.create(&old).await);
    let denied = ServiceError::access_denied("ssm-contacts:UpdateContact", "*");
    scene
        .world
        .contacts
        .fault(Fault::on("UpdateContact", Effect::Refuse(denied)).forever());
    failure(
        &scene.update(&arn("akuam"), &old, &new).await,
        &arn("akuam"),
    );
    success(&scene.update(&arn("akuam"), &new, &old).await);
}

#[tokio::test]
async fn contract_another_logical_id_does_not_take_the_contact() {
    let scene = Scene::start().await;
    success(&scene.create(&akua(json!({}))).await);
    let mut event = scene.event("Create", &akua(json!({})));
    event["LogicalResourceId"] = json!("Renamed");
    let created = scene.deliver(event).await;
    let id = marker(&created);
    failure(&created, &id);
    let mut event = scene.delete_event(&id, &akua(json!({})));
    event["LogicalResourceId"] = json!("Renamed");
    success(&scene.deliver(event).await);
    assert!(scene.exists("akuam"));
}

#[tokio::test]
async fn contract_a_templates_token_is_sent_and_its_contact_read_back() {
    let scene = Scene::start().await;
    let properties = akua(json!({"IdempotencyToken": "t1"}));
    let created = scene.create(&properties).await;
    success(&created);
    assert_eq!(
        created.operations(),
        ["CreateContact", "GetContact", "ListTagsForResource"]
    );
    assert_eq!(created.calls[0].body["IdempotencyToken"], "t1");
}

#[tokio::test]
async fn contract_a_templates_old_token_that_brings_back_one_that_is_gone_is_told() {
    let scene = Scene::start().await;
    // The service may hold the token against the same parameters only: the event is
    // the same one, late.
    let event = scene.event("Create", &akua(json!({"IdempotencyToken": "t1"})));
    success(&scene.deliver(event.clone()).await);
    scene
        .world
        .contacts
        .backend(|backend| backend.vanish("akuam"));
    let created = scene.deliver(event).await;
    let reason = failure(&created, &marker(&created));
    assert!(reason.contains("change the IdempotencyToken"), "{reason}");
}

#[tokio::test]
async fn contract_an_updates_create_never_sends_the_templates_token_itself() {
    let scene = Scene::start().await;
    let old = akua(json!({"IdempotencyToken": "t1"}));
    let new = akua(json!({"IdempotencyToken": "t1", "Alias": "akua-m"}));
    success(&scene.create(&old).await);
    let updated = scene.update(&arn("akuam"), &old, &new).await;
    success(&updated);
    let token = updated.calls[0].body["IdempotencyToken"].as_str().unwrap();
    assert_eq!(token.len(), 64);
}

#[tokio::test]
async fn contract_ownership_tags_off_writes_none_and_still_heeds_them() {
    let scene = Scene::with(|function| function.env("OWNERSHIP_TAGS", "off")).await;
    scene
        .world
        .contacts
        .backend(|backend| backend.refuses_tags = true);
    let (old, new) = (akua(json!({})), akua(json!({"DisplayName": "New"})));
    success(&scene.create(&old).await);
    assert!(scene.contact("akuam").tags.is_empty());
    success(&scene.update(&arn("akuam"), &old, &new).await);
    assert!(scene.contact("akuam").tags.is_empty());
    success(&scene.delete(&arn("akuam"), &new).await);
    assert!(
        !scene.exists("akuam"),
        "an untagged contact is deleted by its ARN"
    );

    let before = seed(&scene, "theirs", &STRANGER);
    success(
        &scene
            .delete(&arn("theirs"), &akua(json!({"Alias": "theirs"})))
            .await,
    );
    assert_eq!(scene.contact("theirs"), before);

    let before = seed(&scene, "untagged", &[]);
    let properties = akua(json!({"Alias": "untagged"}));
    for id in ["not-created:r1", "on-call-Akua-1XB2VS8G3K2W9"] {
        success(&scene.delete(id, &properties).await);
    }
    assert_eq!(scene.contact("untagged"), before, "only by its ARN");

    let created = scene.create(&adopting()).await;
    let reason = failure(&created, &marker(&created));
    assert!(reason.contains("AdoptExisting"), "{reason}");
}

#[tokio::test]
async fn contract_ownership_tags_off_leaves_a_strangers_contact_when_a_rename_is_rolled_back() {
    let scene = Scene::with(|function| function.env("OWNERSHIP_TAGS", "off")).await;
    let (a, b) = (akua(json!({})), akua(json!({"Alias": "akua-m"})));
    success(&scene.create(&a).await);
    let before = seed(&scene, "akua-m", &[]);
    failure(&scene.update(&arn("akuam"), &a, &b).await, &arn("akuam"));
    success(&scene.update(&arn("akuam"), &b, &a).await);
    assert_eq!(scene.contact("akua-m"), before);
}

#[tokio::test]
async fn contract_a_crash_between_any_two_calls_ends_in_the_same_state() {
    for killed_at in 0..3 {
        for applied in [false, true] {
            let scene = Scene::start().await;
            seed(&scene, "akuam", &[]);
            let event = scene.event("Create", &adopting());
            let mut fault = Fault::on_any(Effect::Stop).after(killed_at);
            if applied {
                fault = fault.once_applied();
            }
            scene.world.contacts.fault(fault);
            let killing = async {
                scene.world.contacts.stopped().await;
                scene.function.kill().await;
            };
            let (first, ()) = tokio::join!(scene.deliver(event.clone()), killing);
            assert_eq!(first.ended, emulator::Ended::Died);
            let second = scene.deliver(event).await;
            assert_eq!(success(&second).verdict, Verdict::Success);
            let contact = scene.contact("akuam");
            assert_eq!(contact.display_name.as_deref(), Some("Akua Mansa"));
            assert_eq!(contact.tags["cloudformation-origin"], "adopted");
        }
    }
}

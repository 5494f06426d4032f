//! Contract section 3: what the stack did not create, the stack does not delete.

use emulator::contacts::{Effect, Fault, ServiceError};
use serde_json::{Value, json};

use crate::scene::{STRANGER, Scene, akua, arn, failure, marker, own, success};

#[tokio::test]
async fn contract_a_delete_leaves_what_is_not_ours() {
    let scene = Scene::start().await;
    let mut sibling = own("r0");
    sibling[1].1 = "Other";
    for tags in [&[][..], &STRANGER[..], &sibling[..], &own("r0")[..1]] {
        let before = scene.seed("akuam", tags);
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
        scene.seed("akuam", &own(origin));
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
        other.seed("akuam", &own("r0"));
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
    let before = scene.seed("akuam", &STRANGER);
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

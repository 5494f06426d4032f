//! Contract section 3: `OWNERSHIP_TAGS=off`.

use serde_json::json;

use crate::scene::{STRANGER, Scene, adopting, akua, arn, failure, marker, own, success};

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

    let before = scene.seed("theirs", &STRANGER);
    success(
        &scene
            .delete(&arn("theirs"), &akua(json!({"Alias": "theirs"})))
            .await,
    );
    assert_eq!(scene.contact("theirs"), before);

    let before = scene.seed("untagged", &[]);
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
    let before = scene.seed("akua-m", &[]);
    failure(&scene.update(&arn("akuam"), &a, &b).await, &arn("akuam"));
    success(&scene.update(&arn("akuam"), &b, &a).await);
    assert_eq!(scene.contact("akua-m"), before);
}

#[tokio::test]
async fn contract_ownership_tags_off_spares_an_adopted_contact_in_every_redelivery() {
    let scene = Scene::with(|function| function.env("OWNERSHIP_TAGS", "off")).await;
    scene.seed("akuam", &own("adopted"));
    let event = scene.delete_event(&arn("akuam"), &akua(json!({})));
    success(&scene.deliver(event.clone()).await);
    success(&scene.deliver(event).await);
    assert!(scene.exists("akuam"));
}

#[tokio::test]
async fn contract_ownership_tags_off_never_advises_what_it_refuses() {
    let scene = Scene::with(|function| function.env("OWNERSHIP_TAGS", "off")).await;
    scene.seed("akuam", &[]);
    let created = scene.create(&akua(json!({}))).await;
    let reason = failure(&created, &marker(&created));
    assert!(!reason.contains("AdoptExisting"), "{reason}");
}

//! Contract section 3: what CloudFormation rolls back, with whatever id.

use emulator::contacts::{Effect, Fault, ServiceError};
use serde_json::json;

use crate::scene::{STRANGER, Scene, akua, arn, failure, marker, success};

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
        let before = scene.seed("akua-m", tags);
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
async fn contract_the_rollback_of_a_rename_does_not_fail_for_what_is_in_use() {
    let scene = Scene::start().await;
    let (a, b) = (
        akua(json!({})),
        akua(json!({"Alias": "akua-m", "ServiceTimeout": "8"})),
    );
    success(&scene.create(&a).await);
    success(&scene.update(&arn("akuam"), &a, &b).await);
    let rotation = "arn:aws:ssm-contacts:us-east-2:111122223333:rotation/r1";
    scene
        .world
        .contacts
        .backend(|backend| backend.hold("akua-m", rotation));
    let a = akua(json!({"ServiceTimeout": "8"}));
    success(&scene.update(&arn("akuam"), &b, &a).await);
    scene
        .world
        .contacts
        .backend(|backend| backend.let_go(rotation));
    success(&scene.delete(&arn("akua-m"), &b).await);
    assert!(scene.exists("akuam") && !scene.exists("akua-m"));
}

#[tokio::test]
async fn contract_the_rollback_of_an_update_does_not_fail_for_tags_that_are_refused() {
    let scene = Scene::start().await;
    scene.seed("akuam", &[]);
    scene
        .world
        .contacts
        .backend(|backend| backend.refuses_tags = true);
    let (old, new) = (akua(json!({})), akua(json!({"DisplayName": "New"})));
    success(&scene.update(&arn("akuam"), &old, &new).await);
    success(&scene.update(&arn("akuam"), &new, &old).await);
}

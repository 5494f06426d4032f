//! `examples/migrate/`: from the native type to the custom resource and back. The contact
//! keeps its ARN and its plan, and nobody ever deletes it.

use std::collections::BTreeSet;

use emulator::cloudformation::{Change, OtherFailure, Status};
use emulator::contacts::Contact;
use serde_json::{Value, json};

use super::sent;
use super::stage::{Stage, stack_template};
use super::template::{folder, read, resources, templates};
use crate::fixture::arn;

const EMAIL: [(&str, &str); 1] = [("Email", "akua@example.com")];
const OWNERSHIP: [&str; 3] = [
    "cloudformation-stack-id",
    "cloudformation-logical-id",
    "cloudformation-origin",
];

fn step(name: &str) -> Value {
    read(&format!("migrate/{name}"))
}

fn import() -> Value {
    let path = folder().join("migrate/resources-to-import.json");
    let list: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let [import] = list.as_array().unwrap().as_slice() else {
        panic!("one resource is imported: {list}");
    };
    import.clone()
}

fn akua(stage: &Stage) -> Contact {
    stage.contacts()["akuam"].clone()
}

/// The contact without our tags.
fn untagged(mut contact: Contact) -> Contact {
    contact
        .tags
        .retain(|key, _| !OWNERSHIP.contains(&key.as_str()));
    contact
}

async fn native() -> Stage {
    let mut stage = Stage::open().await;
    stage.deploy(&step("1-native.yaml"), &EMAIL).await;
    let plan = akua(&stage).plan;
    assert_eq!(plan["Stages"][0]["DurationInMinutes"], 5, "{plan}");
    stage
}

#[tokio::test]
async fn a_contact_moves_to_the_custom_resource_and_back() {
    let mut found = templates();
    found.retain(|name| name.starts_with("migrate/"));
    let steps = ["1-native", "2-custom", "3-import"].map(|step| format!("migrate/{step}.yaml"));
    assert_eq!(found, BTreeSet::from(steps));
    let mut stage = native().await;
    let at_first = akua(&stage);

    let outcome = stage.deploy(&step("2-custom.yaml"), &EMAIL).await;
    assert_eq!(sent(&outcome), ["Create AkuaContact"]);
    assert_eq!(outcome.retained[0].logical_id, "Akua");
    assert_eq!(akua(&stage).tags["cloudformation-origin"], "adopted");
    assert_eq!(untagged(akua(&stage)), at_first);

    stage.import(&step("3-import.yaml"), &EMAIL, &import());
    assert_eq!(untagged(akua(&stage)), at_first);

    let outcome = stage.deploy(&step("1-native.yaml"), &EMAIL).await;
    assert_eq!(sent(&outcome), ["Delete AkuaContact"]);
    assert_eq!(akua(&stage), at_first);
    assert_eq!(stage.deleted(), [""; 0]);

    // It stands under Retain, so it stays even now; its plan goes with its own resource.
    stage.delete().await;
    assert_eq!(akua(&stage).plan, json!({"Stages": []}));
    assert_eq!(stage.deleted(), [""; 0]);
}

#[tokio::test]
async fn the_custom_resource_changes_the_contact_and_not_its_plan() {
    let mut stage = native().await;
    let plan = akua(&stage).plan;
    let mut template = step("2-custom.yaml");
    stage.deploy(&template, &EMAIL).await;
    template["Resources"]["AkuaContact"]["Properties"]["DisplayName"] = "Akua M. Mansa".into();
    stage.deploy(&template, &EMAIL).await;
    assert_eq!(akua(&stage).display_name.as_deref(), Some("Akua M. Mansa"));
    assert_eq!(akua(&stage).plan, plan);
}

#[tokio::test]
async fn a_move_that_fails_leaves_the_contact_as_it_was() {
    let mut stage = native().await;
    let at_first = akua(&stage);
    let wanted = resources(&step("2-custom.yaml"), &EMAIL);
    let change = Change::to(stack_template(&wanted)).with_failure(OtherFailure::AtTheEnd);
    let outcome = stage.change(&wanted, change).await;
    assert_eq!(outcome.status, Status::UpdateRollbackComplete, "{outcome}");
    assert_eq!(akua(&stage), at_first);
    assert_eq!(stage.deleted(), [""; 0]);
}

#[tokio::test]
async fn without_the_import_the_way_back_fails_and_the_contact_stays() {
    let mut stage = native().await;
    stage.deploy(&step("2-custom.yaml"), &EMAIL).await;
    let adopted = akua(&stage);
    let wanted = resources(&step("1-native.yaml"), &EMAIL);
    let change = Change::to(stack_template(&wanted));
    let outcome = stage.change(&wanted, change).await;
    assert_eq!(outcome.status, Status::UpdateRollbackComplete, "{outcome}");
    assert!(
        outcome.to_string().contains("ConflictException"),
        "{outcome}"
    );
    assert_eq!(akua(&stage), adopted);
    assert_eq!(stage.deleted(), [""; 0]);
}

#[tokio::test]
async fn a_contact_that_the_custom_resource_created_goes_over_under_retain() {
    let mut stage = Stage::open().await;
    let mut template = step("2-custom.yaml");
    stage.deploy(&template, &EMAIL).await;
    let created = akua(&stage);
    assert_ne!(created.tags["cloudformation-origin"], "adopted");

    template["Resources"]["AkuaContact"]["DeletionPolicy"] = "Retain".into();
    let outcome = stage.deploy(&template, &EMAIL).await;
    assert_eq!(sent(&outcome), [""; 0]);
    template["Resources"]["Akua"] = step("3-import.yaml")["Resources"]["Akua"].take();
    stage.import(&template, &EMAIL, &import());
    let outcome = stage.deploy(&step("1-native.yaml"), &EMAIL).await;
    assert_eq!(sent(&outcome), [""; 0]);
    assert_eq!(akua(&stage), created, "the tags are to be removed by hand");
    assert_eq!(akua(&stage).arn, arn("akuam"));
    assert_eq!(stage.deleted(), [""; 0]);
}

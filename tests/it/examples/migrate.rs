//! `examples/migrate/`: a contact migrates from the native type to the custom resource and back. It
//! keeps its ARN and its plan, and it is never deleted.

use std::collections::BTreeSet;

use emulator::cloudformation::{Change, OtherFailure, Status};
use emulator::contacts::Contact;
use serde_json::{Value, json};

use super::fixture::{ExampleStack, stack_template};
use super::sent;
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

fn akua(example: &ExampleStack) -> Contact {
    example.contacts()["akuam"].clone()
}

/// Returns the contact without the ownership tags.
fn untagged(mut contact: Contact) -> Contact {
    contact
        .tags
        .retain(|key, _| !OWNERSHIP.contains(&key.as_str()));
    contact
}

async fn native() -> ExampleStack {
    let mut example = ExampleStack::open().await;
    example.deploy(&step("1-native.yaml"), &EMAIL).await;
    let plan = akua(&example).plan;
    assert_eq!(plan["Stages"][0]["DurationInMinutes"], 5, "{plan}");
    example
}

#[tokio::test]
async fn a_contact_moves_to_the_custom_resource_and_back() {
    let mut found = templates();
    found.retain(|name| name.starts_with("migrate/"));
    let steps = ["1-native", "2-custom", "3-import"].map(|step| format!("migrate/{step}.yaml"));
    assert_eq!(found, BTreeSet::from(steps));
    let mut example = native().await;
    let at_first = akua(&example);

    let outcome = example.deploy(&step("2-custom.yaml"), &EMAIL).await;
    assert_eq!(sent(&outcome), ["Create AkuaContact"]);
    assert_eq!(outcome.retained[0].logical_id, "Akua");
    assert_eq!(akua(&example).tags["cloudformation-origin"], "adopted");
    assert_eq!(untagged(akua(&example)), at_first);

    example.import(&step("3-import.yaml"), &EMAIL, &import());
    assert_eq!(untagged(akua(&example)), at_first);

    let outcome = example.deploy(&step("1-native.yaml"), &EMAIL).await;
    assert_eq!(sent(&outcome), ["Delete AkuaContact"]);
    assert_eq!(akua(&example), at_first);
    assert_eq!(example.deleted(), [""; 0]);

    // The contact has the policy Retain, so it is not deleted. The resource of the plan has no such
    // policy, so the plan is removed.
    example.delete().await;
    assert_eq!(akua(&example).plan, json!({"Stages": []}));
    assert_eq!(example.deleted(), [""; 0]);
}

#[tokio::test]
async fn the_custom_resource_changes_the_contact_and_not_its_plan() {
    let mut example = native().await;
    let plan = akua(&example).plan;
    let mut template = step("2-custom.yaml");
    example.deploy(&template, &EMAIL).await;
    template["Resources"]["AkuaContact"]["Properties"]["DisplayName"] = "Akua M. Mansa".into();
    example.deploy(&template, &EMAIL).await;
    assert_eq!(
        akua(&example).display_name.as_deref(),
        Some("Akua M. Mansa")
    );
    assert_eq!(akua(&example).plan, plan);
}

#[tokio::test]
async fn a_move_that_fails_leaves_the_contact_as_it_was() {
    let mut example = native().await;
    let at_first = akua(&example);
    let wanted = resources(&step("2-custom.yaml"), &EMAIL);
    let change = Change::to(stack_template(&wanted)).with_failure(OtherFailure::AtTheEnd);
    let outcome = example.change(&wanted, change).await;
    assert_eq!(outcome.status, Status::UpdateRollbackComplete, "{outcome}");
    assert_eq!(akua(&example), at_first);
    assert_eq!(example.deleted(), [""; 0]);
}

#[tokio::test]
async fn without_the_import_the_way_back_fails_and_the_contact_stays() {
    let mut example = native().await;
    example.deploy(&step("2-custom.yaml"), &EMAIL).await;
    let adopted = akua(&example);
    let wanted = resources(&step("1-native.yaml"), &EMAIL);
    let change = Change::to(stack_template(&wanted));
    let outcome = example.change(&wanted, change).await;
    assert_eq!(outcome.status, Status::UpdateRollbackComplete, "{outcome}");
    assert!(
        outcome.to_string().contains("ConflictException"),
        "{outcome}"
    );
    assert_eq!(akua(&example), adopted);
    assert_eq!(example.deleted(), [""; 0]);
}

#[tokio::test]
async fn a_contact_that_the_custom_resource_created_goes_over_under_retain() {
    let mut example = ExampleStack::open().await;
    let mut template = step("2-custom.yaml");
    example.deploy(&template, &EMAIL).await;
    let created = akua(&example);
    assert_ne!(created.tags["cloudformation-origin"], "adopted");

    template["Resources"]["AkuaContact"]["DeletionPolicy"] = "Retain".into();
    let outcome = example.deploy(&template, &EMAIL).await;
    assert_eq!(sent(&outcome), [""; 0]);
    template["Resources"]["Akua"] = step("3-import.yaml")["Resources"]["Akua"].take();
    example.import(&template, &EMAIL, &import());
    let outcome = example.deploy(&step("1-native.yaml"), &EMAIL).await;
    assert_eq!(sent(&outcome), [""; 0]);
    assert_eq!(
        akua(&example),
        created,
        "the ownership tags remain until a person removes them"
    );
    assert_eq!(akua(&example).arn, arn("akuam"));
    assert_eq!(example.deleted(), [""; 0]);
}

//! `examples/migrate/`: a person migrates from the native types to the custom resource and back. The
//! contact keeps its ARN, its plan and its channel, which remains activated. Nothing is deleted.

use std::collections::BTreeSet;

use emulator::cloudformation::{Change, OtherFailure, Status};
use emulator::contacts::{Channel, Contact};
use serde_json::Value;

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

/// The resources to import. The file has the ARN of a channel of somebody else.
fn imports(example: &ExampleStack) -> Vec<Value> {
    let path = folder().join("migrate/resources-to-import.json");
    let mut list: Vec<Value> =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    for import in &mut list {
        if import["ResourceType"] == "AWS::SSMContacts::ContactChannel" {
            import["ResourceIdentifier"]["Arn"] = channel(example).arn.into();
        }
    }
    list
}

/// Imports the resources of `3-import.yaml` one after the other.
fn import(example: &mut ExampleStack) {
    let mut template = step("2-custom.yaml");
    for import in imports(example) {
        let name = import["LogicalResourceId"].as_str().unwrap();
        template["Resources"][name] = step("3-import.yaml")["Resources"][name].take();
        example.import(&template, &EMAIL, &import);
    }
    assert_eq!(template, step("3-import.yaml"));
}

/// The only channel.
fn channel(example: &ExampleStack) -> Channel {
    let [channel] = example.channels("akuam").try_into().unwrap();
    channel
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
    let channel = channel(&example).arn;
    let contacts = &example.transport.fixture.emulator.contacts;
    contacts.backend(|backend| backend.activate_channel(&channel));
    example
}

#[tokio::test]
async fn a_contact_moves_to_the_custom_resource_and_back() {
    let mut found = templates();
    found.retain(|name| name.starts_with("migrate/"));
    let steps = ["1-native", "2-custom", "3-import"].map(|step| format!("migrate/{step}.yaml"));
    assert_eq!(found, BTreeSet::from(steps));
    let mut example = native().await;
    let (at_first, channel_at_first) = (akua(&example), channel(&example));

    let outcome = example.deploy(&step("2-custom.yaml"), &EMAIL).await;
    assert_eq!(sent(&outcome), ["Create AkuaContact"]);
    let retained = outcome.retained.iter().map(|it| it.logical_id.as_str());
    let retained: BTreeSet<&str> = retained.collect();
    assert_eq!(
        retained,
        BTreeSet::from(["Akua", "AkuaByEmail", "AkuaPlan"])
    );
    assert_eq!(akua(&example).tags["cloudformation-origin"], "adopted");
    assert_eq!(untagged(akua(&example)), at_first);

    import(&mut example);
    assert_eq!(untagged(akua(&example)), at_first);

    let outcome = example.deploy(&step("1-native.yaml"), &EMAIL).await;
    assert_eq!(sent(&outcome), ["Delete AkuaContact"]);
    assert_eq!(akua(&example), at_first);
    assert_eq!(example.deleted(), [""; 0]);

    // The policy Retain keeps everything.
    example.delete().await;
    assert_eq!(akua(&example), at_first);
    assert_eq!(channel(&example), channel_at_first);
    assert_eq!(example.deleted(), [""; 0]);
}

#[tokio::test]
async fn the_custom_resource_changes_the_contact_and_not_its_plan_and_channel() {
    let mut example = native().await;
    let (plan, channel_at_first) = (akua(&example).plan, channel(&example));
    let mut template = step("2-custom.yaml");
    example.deploy(&template, &EMAIL).await;
    template["Resources"]["AkuaContact"]["Properties"]["DisplayName"] = "Akua M. Mansa".into();
    example.deploy(&template, &EMAIL).await;
    assert_eq!(
        akua(&example).display_name.as_deref(),
        Some("Akua M. Mansa")
    );
    assert_eq!(akua(&example).plan, plan);
    assert_eq!(channel(&example), channel_at_first);
}

#[tokio::test]
async fn a_move_that_fails_leaves_the_contact_as_it_was() {
    let mut example = native().await;
    let (at_first, channel_at_first) = (akua(&example), channel(&example));
    let wanted = resources(&step("2-custom.yaml"), &EMAIL);
    let change = Change::to(stack_template(&wanted)).with_failure(OtherFailure::AtTheEnd);
    let outcome = example.change(&wanted, change).await;
    assert_eq!(outcome.status, Status::UpdateRollbackComplete, "{outcome}");
    assert_eq!(akua(&example), at_first);
    assert_eq!(channel(&example), channel_at_first);
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
    let imported = imports(&example).swap_remove(0);
    template["Resources"]["Akua"] = step("3-import.yaml")["Resources"]["Akua"].take();
    example.import(&template, &EMAIL, &imported);
    let mut native = step("1-native.yaml");
    for resource in ["AkuaByEmail", "AkuaPlan"] {
        native["Resources"]
            .as_object_mut()
            .unwrap()
            .remove(resource);
    }
    let outcome = example.deploy(&native, &EMAIL).await;
    assert_eq!(sent(&outcome), [""; 0]);
    assert_eq!(
        akua(&example),
        created,
        "the ownership tags remain until a person removes them"
    );
    assert_eq!(akua(&example).arn, arn("akuam"));
    assert_eq!(example.deleted(), [""; 0]);
}

//! `examples/migrate/`: a person migrates from the native types to the custom resource and back. The
//! contact keeps its ARN, its plan and its channel, which remains activated. Nothing is deleted.

use std::collections::BTreeSet;

use emulator::cloudformation::Status;
use emulator::contacts::{Channel, Contact};
use emulator::deployment::Import;

use super::example::{Example, changed, read, templates};
use super::sent;
use crate::fixture::{Fixture, arn};

const EMAIL: [(&str, &str); 1] = [("Email", "akua@example.com")];
const OWNERSHIP: [&str; 3] =
    ["cloudformation-stack-id", "cloudformation-logical-id", "cloudformation-origin"];

fn step(name: &str) -> String {
    read(&format!("migrate/{name}"))
}

fn imports() -> Vec<Import> {
    Import::read(&step("resources-to-import.json")).unwrap()
}

/// The only channel.
fn channel(example: &Example<'_>) -> Channel {
    let [channel] = example.channels("akuam").try_into().unwrap();
    channel
}

fn akua(example: &Example<'_>) -> Contact {
    example.contacts()["akuam"].clone()
}

/// Returns the contact without the ownership tags.
fn untagged(mut contact: Contact) -> Contact {
    contact.tags.retain(|key, _| !OWNERSHIP.contains(&key.as_str()));
    contact
}

async fn native(fixture: &Fixture) -> Example<'_> {
    let mut example = Example::new(fixture);
    example.deploy(&step("1-native.yaml"), &EMAIL).await;
    let plan = akua(&example).plan;
    assert_eq!(plan["Stages"][0]["DurationInMinutes"], 5, "{plan}");
    let channel = channel(&example).arn;
    let contacts = &fixture.emulator.contacts;
    contacts.backend(|backend| backend.activate_channel(&channel));
    example
}

#[tokio::test]
async fn a_contact_moves_to_the_custom_resource_and_back() {
    let mut found = templates();
    found.retain(|name| name.starts_with("migrate/"));
    let steps = ["1-native", "2-custom", "3-import"].map(|step| format!("migrate/{step}.yaml"));
    assert_eq!(found, BTreeSet::from(steps));
    let fixture = Fixture::start().await;
    let mut example = native(&fixture).await;
    let (at_first, channel_at_first) = (akua(&example), channel(&example));

    let outcome = example.deploy(&step("2-custom.yaml"), &EMAIL).await;
    assert_eq!(sent(&outcome), ["Create AkuaContact"]);
    let retained = outcome.retained.iter().map(|it| it.logical_id.as_str());
    let retained: BTreeSet<&str> = retained.collect();
    assert_eq!(retained, BTreeSet::from(["Akua", "AkuaByEmail", "AkuaPlan"]));
    assert!(akua(&example).tags["cloudformation-origin"].starts_with("create:adopted:"));
    assert_eq!(untagged(akua(&example)), at_first);

    let imported = example.import(&step("3-import.yaml"), &EMAIL, &imports());
    imported.unwrap();
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
async fn a_move_that_fails_leaves_the_contact_as_it_was() {
    let fixture = Fixture::start().await;
    let mut example = native(&fixture).await;
    let (at_first, channel_at_first) = (akua(&example), channel(&example));
    // A resource that is created after the adoption fails.
    let late = "  Late:\n    Type: AWS::SSMContacts::Plan\n    Properties:\n      \
                ContactId: !Ref AkuaContact\n      Stages: []\n";
    let template = format!("{}\n{late}", step("2-custom.yaml"));
    let outcome = example.deploy_failing(&template, &EMAIL, "Late").await;
    assert_eq!(outcome.status, Status::UpdateRollbackComplete, "{outcome}");
    assert_eq!(sent(&outcome)[0], "Create AkuaContact");
    assert_eq!(akua(&example), at_first);
    assert_eq!(channel(&example), channel_at_first);
    assert_eq!(example.deleted(), [""; 0]);
}

#[tokio::test]
async fn without_the_import_the_way_back_fails_and_the_contact_stays() {
    let fixture = Fixture::start().await;
    let mut example = native(&fixture).await;
    example.deploy(&step("2-custom.yaml"), &EMAIL).await;
    let adopted = akua(&example);
    let outcome = example.try_deploy(&step("1-native.yaml"), &EMAIL).await;
    assert_eq!(outcome.status, Status::UpdateRollbackComplete, "{outcome}");
    assert!(outcome.to_string().contains("ConflictException"), "{outcome}");
    assert_eq!(akua(&example), adopted);
    assert_eq!(example.deleted(), [""; 0]);
}

#[tokio::test]
async fn a_contact_that_the_custom_resource_created_goes_over_under_retain() {
    let fixture = Fixture::start().await;
    let mut example = Example::new(&fixture);
    let template = step("2-custom.yaml");
    example.deploy(&template, &EMAIL).await;
    let created = akua(&example);
    assert_ne!(created.tags["cloudformation-origin"], "adopted");

    let retaining = |text: &str| {
        let custom = "  AkuaContact:\n";
        changed(text, custom, &format!("{custom}    DeletionPolicy: Retain\n"))
    };
    let outcome = example.deploy(&retaining(&template), &EMAIL).await;
    assert_eq!(sent(&outcome), [""; 0]);
    // Only the contact is native afterwards: the custom resource has made its own channel.
    let only_contact = |text: &str| text.split_once("\n\n  AkuaByEmail:").unwrap().0.to_owned();
    let contact = only_contact(&step("3-import.yaml"));
    let (_, contact) = contact.split_once("Resources:\n").unwrap();
    let with_import = format!("{}\n{contact}\n", retaining(&template));
    example.import(&with_import, &EMAIL, &imports()[..1]).unwrap();
    let native = only_contact(&step("1-native.yaml"));
    let outcome = example.deploy(&native, &EMAIL).await;
    assert_eq!(sent(&outcome), [""; 0]);
    assert_eq!(akua(&example), created, "the ownership tags remain until a person removes them");
    assert_eq!(akua(&example).arn, arn("akuam"));
    assert_eq!(example.deleted(), [""; 0]);
}

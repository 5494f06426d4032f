//! `examples/migrate/`: a contact migrates from the native type to the custom resource and back. It
//! keeps its ARN and its plan, and it is never deleted.

use std::collections::BTreeSet;

use emulator::cloudformation::Status;
use emulator::contacts::Contact;
use emulator::deployment::Import;
use serde_json::json;

use super::example::{Example, changed, read, templates};
use super::sent;
use crate::fixture::{Fixture, arn};

const EMAIL: [(&str, &str); 1] = [("Email", "akua@example.com")];
const OWNERSHIP: [&str; 3] = [
    "cloudformation-stack-id",
    "cloudformation-logical-id",
    "cloudformation-origin",
];

fn step(name: &str) -> String {
    read(&format!("migrate/{name}"))
}

fn imports() -> Vec<Import> {
    Import::read(&step("resources-to-import.json")).unwrap()
}

fn akua(example: &Example<'_>) -> Contact {
    example.contacts()["akuam"].clone()
}

/// Returns the contact without the ownership tags.
fn untagged(mut contact: Contact) -> Contact {
    contact
        .tags
        .retain(|key, _| !OWNERSHIP.contains(&key.as_str()));
    contact
}

async fn native(fixture: &Fixture) -> Example<'_> {
    let mut example = Example::new(fixture);
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
    let fixture = Fixture::start().await;
    let mut example = native(&fixture).await;
    let at_first = akua(&example);

    let outcome = example.deploy(&step("2-custom.yaml"), &EMAIL).await;
    assert_eq!(sent(&outcome), ["Create AkuaContact"]);
    assert_eq!(outcome.retained[0].logical_id, "Akua");
    assert_eq!(akua(&example).tags["cloudformation-origin"], "adopted");
    assert_eq!(untagged(akua(&example)), at_first);

    let imported = example.import(&step("3-import.yaml"), &EMAIL, &imports());
    imported.unwrap();
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
    let fixture = Fixture::start().await;
    let mut example = native(&fixture).await;
    let plan = akua(&example).plan;
    let template = step("2-custom.yaml");
    example.deploy(&template, &EMAIL).await;
    let template = changed(&template, "Name: Akua Mansa", "Name: Akua M. Mansa");
    example.deploy(&template, &EMAIL).await;
    assert_eq!(
        akua(&example).display_name.as_deref(),
        Some("Akua M. Mansa")
    );
    assert_eq!(akua(&example).plan, plan);
}

#[tokio::test]
async fn a_move_that_fails_leaves_the_contact_as_it_was() {
    let fixture = Fixture::start().await;
    let mut example = native(&fixture).await;
    let at_first = akua(&example);
    // The new address is sent after the adoption.
    let email = [("Email", "mansa@example.com")];
    let outcome = example
        .deploy_failing(&step("2-custom.yaml"), &email, "AkuaByEmail")
        .await;
    assert_eq!(outcome.status, Status::UpdateRollbackComplete, "{outcome}");
    assert_eq!(akua(&example), at_first);
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
    assert!(
        outcome.to_string().contains("ConflictException"),
        "{outcome}"
    );
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
        changed(
            text,
            custom,
            &format!("{custom}    DeletionPolicy: Retain\n"),
        )
    };
    let outcome = example.deploy(&retaining(&template), &EMAIL).await;
    assert_eq!(sent(&outcome), [""; 0]);
    let with_import = retaining(&step("3-import.yaml"));
    example.import(&with_import, &EMAIL, &imports()).unwrap();
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

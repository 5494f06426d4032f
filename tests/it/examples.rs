//! Deploys each template of `examples/` with an emulated stack. The real `bootstrap` handles the
//! custom resources.

mod cases;
mod command;
mod example;
mod migrate;

use std::collections::BTreeMap;

use emulator::cloudformation::Outcome;
use emulator::contacts::Contact;
use serde_json::{Value, json};

use crate::fixture::{Fixture, arn};
use example::{Example, changed, folder, parameters, read, templates};

/// The requests of an operation, such as `Update Akua`.
fn sent(outcome: &Outcome) -> Vec<String> {
    let name = |request: &emulator::cloudformation::Request| {
        format!("{} {}", request.request_type.name(), request.logical_id)
    };
    let exchanges = outcome.exchanges.iter();
    exchanges.map(|exchange| name(&exchange.request)).collect()
}

fn plan_of<'a>(contacts: &'a BTreeMap<String, Contact>, alias: &str) -> &'a Value {
    &contacts[alias].plan
}

#[tokio::test]
async fn every_template_makes_its_contacts_and_takes_all_away_again() {
    let mut names = templates();
    names.retain(|name| !name.starts_with("migrate/"));
    assert!(!names.is_empty());
    for name in &names {
        let (template, given) = (read(name), parameters(name));
        let fixture = Fixture::start().await;
        let mut example = Example::new(&fixture);
        example.deploy(&template, given).await;
        let contacts = example.contacts();
        let resolved = example.resolved(&template, given);
        let stack = example.deployment.stack();
        let is_custom = |id: &&str| resolved.type_of(id) == Some("Custom::SSMContact");
        for logical_id in resolved.logical_ids().filter(is_custom) {
            let reference = stack.physical_id(logical_id).unwrap();
            let mut contacts = contacts.values();
            let contact = contacts.find(|contact| contact.arn == reference).unwrap();
            assert_eq!(contact.tags["cloudformation-stack-id"], stack.id(), "{name}");
            assert_eq!(contact.tags["cloudformation-logical-id"], logical_id, "{name}");
        }

        let again = example.deploy(&template, given).await;
        assert_eq!(sent(&again), [""; 0], "{name}");

        example.delete().await;
        assert_eq!(example.contacts(), BTreeMap::new(), "{name}");
        assert_eq!(example.deployment.rotations(), [""; 0], "{name}");
    }
}

#[test]
fn the_readmes_name_every_template() {
    for name in templates() {
        let path = folder().join(name);
        let readme = std::fs::read_to_string(path.with_file_name("README.md")).unwrap();
        let link = format!("({})", path.file_name().unwrap().to_str().unwrap());
        assert!(readme.contains(&link), "{}", path.display());
    }
}

#[tokio::test]
async fn a_member_of_the_team_who_gets_another_phone_keeps_the_channels_and_the_plan() {
    let (template, given) = (read("team.yaml"), parameters("team.yaml"));
    let fixture = Fixture::start().await;
    let mut example = Example::new(&fixture);
    example.deploy(&template, given).await;
    let plan = plan_of(&example.contacts(), "akuam").clone();
    let mut wanted = example.channels("akuam");
    let names: Vec<&str> = wanted.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["email", "mobile"]);
    for (stage, channel) in wanted.iter().enumerate() {
        let target = &plan["Stages"][stage]["Targets"][0]["ChannelTargetInfo"];
        assert_eq!(target["ContactChannelId"], channel.arn.as_str(), "{plan}");
    }

    let mut given = given.to_vec();
    given[1].1 = "+12065550102";
    let outcome = example.deploy(&template, &given).await;
    assert_eq!(sent(&outcome), ["Update Akua"]);
    wanted[1].address = "+12065550102".into();
    assert_eq!(example.channels("akuam"), wanted);
    assert_eq!(plan_of(&example.contacts(), "akuam"), &plan);
}

#[tokio::test]
async fn a_member_of_the_team_who_gets_another_alias_gets_channels_and_a_plan_of_the_new_contact() {
    let (template, given) = (read("team.yaml"), parameters("team.yaml"));
    let fixture = Fixture::start().await;
    let mut example = Example::new(&fixture);
    example.deploy(&template, given).await;
    let template = changed(&template, "Alias: kwesib", "Alias: kwesi");
    example.deploy(&template, given).await;
    let contacts = example.contacts();
    let aliases: Vec<&str> = contacts.keys().map(String::as_str).collect();
    assert_eq!(aliases, ["akuam", "kwesi", "payments-team"]);
    let [channel] = example.channels("kwesi").try_into().unwrap();
    let stage_of = |alias: &str, n: usize| contacts[alias].plan["Stages"][n]["Targets"][0].clone();
    assert_eq!(stage_of("kwesi", 0)["ChannelTargetInfo"]["ContactChannelId"], channel.arn);
    assert_eq!(stage_of("payments-team", 1)["ContactTargetInfo"]["ContactId"], arn("kwesi"));
    example.delete().await;
    assert_eq!(example.contacts(), BTreeMap::new());
}

#[tokio::test]
async fn a_person_leaves_the_rotation_before_the_contact_goes() {
    let name = "oncall-schedule.yaml";
    let template = read(name);
    let fixture = Fixture::start().await;
    let mut example = Example::new(&fixture);
    example.deploy(&template, parameters(name)).await;
    assert_eq!(
        example.contacts()["payments-on-call"].plan,
        json!({"RotationIds": example.deployment.rotations()})
    );

    let (before, after) = template.split_once("  Kwesi:\n").unwrap();
    let (_, after) = after.split_once("\n\n").unwrap();
    let template = changed(&format!("{before}{after}"), "        - !Ref Kwesi\n", "");
    let outcome = example.deploy(&template, parameters(name)).await;
    assert_eq!(sent(&outcome), ["Update Weekly", "Delete Kwesi"]);
    assert_eq!(example.deleted(), [arn("kwesib")]);

    let outcome = example.delete().await;
    assert_eq!(sent(&outcome), ["Delete Schedule", "Delete Weekly", "Delete Akua"]);
}

#[tokio::test]
async fn the_escalation_plan_takes_its_parameter() {
    let template = read("escalation.yaml");
    let fixture = Fixture::start().await;
    let mut example = Example::new(&fixture);
    example.deploy(&template, &[]).await;
    let given = [("MinutesToAnswer", "15")];
    let outcome = example.deploy(&template, &given).await;
    assert_eq!(sent(&outcome), ["Update Escalation"]);
    let contacts = example.contacts();
    let stages = &plan_of(&contacts, "payments-escalation")["Stages"];
    assert_eq!(stages[0]["DurationInMinutes"], 15);
    assert_eq!(
        stages[1]["Targets"][1]["ContactTargetInfo"],
        json!({"ContactId": arn("kwesib"), "IsEssential": false})
    );
}

#[tokio::test]
async fn an_adopted_contact_is_the_same_when_its_stack_is_gone() {
    let (name, template) = ("adopt.yaml", read("adopt.yaml"));
    let fixture = Fixture::start().await;
    fixture.seed("akuam", &[("theirs", "1")]);
    let minute = json!({"Stages": [{"DurationInMinutes": 1, "Targets": []}]});
    fixture.emulator.contacts.backend(|backend| {
        let akua = backend.contact_mut("akuam").unwrap();
        akua.display_name = Some("Akua".to_owned());
        akua.plan = minute;
        backend.add_channel("akuam", "mobile", "SMS", "+12065550101", true);
        backend.add_channel("akuam", "private", "SMS", "+12065550102", true);
    });
    let mut example = Example::new(&fixture);
    let before = example.contacts();
    let channels = example.channels("akuam");
    example.deploy(&template, parameters(name)).await;
    let adopted = example.contacts()["akuam"].clone();
    assert!(adopted.tags["cloudformation-origin"].starts_with("create:adopted:"));
    assert_eq!(
        (&adopted.display_name, &adopted.plan),
        (&before["akuam"].display_name, &before["akuam"].plan)
    );

    let line = "      AdoptExisting: true\n";
    let tags = format!("{line}      Tags: [{{ Key: ours, Value: '1' }}]\n");
    let tagged = changed(&template, line, &tags);
    example.deploy(&tagged, parameters(name)).await;
    assert_eq!(example.contacts()["akuam"].tags["ours"], "1");
    example.deploy(&template, parameters(name)).await;

    example.delete().await;
    assert_eq!(example.contacts(), before);
    assert_eq!(example.channels("akuam"), channels);
    assert_eq!(example.deleted(), [""; 0]);
}

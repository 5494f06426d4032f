//! `stack` of the emulator's command: its library entry with every template, and its exit status.

use std::collections::BTreeSet;

use emulator::cloudformation::{STACK_TYPE, Status};
use emulator::contacts::Backend;
use emulator::contacts_to_json;
use emulator::deployment::{File, Progress, Report, Request};
use serde_json::{Value, json};

use super::example::{parameters, play, read, request, templates};
use crate::events::emulator;
use crate::fixture::Fixture;

fn import() -> File {
    let name = "migrate/resources-to-import.json";
    File { name: name.to_owned(), text: read(name) }
}

/// The events of a report without their times, such as `Akua CREATE_COMPLETE`.
fn events(report: &Report) -> Vec<String> {
    let event = |progress: &Progress| match progress {
        Progress::Event(_, event) => Some(format!("{} {}", event.logical_id, event.status)),
        Progress::Call(_) | Progress::Violation(_) => None,
    };
    report.progress.iter().filter_map(event).collect()
}

#[tokio::test]
async fn every_resource_of_every_template_can_fail_in_a_create() {
    for name in templates() {
        let mut request = request(&[&name], parameters(&name));
        let text = &request.templates[0].text;
        let (_, resources) = text.split_once("Resources:\n").unwrap();
        let resources = resources.split("\nOutputs:").next().unwrap();
        let is_name = |line: &&str| line.starts_with("  ") && !line[2..].starts_with([' ', '#']);
        let names = resources.lines().filter(is_name);
        let names: Vec<String> = names.map(|line| line[2..].replace(':', "")).collect();
        assert!(!names.is_empty());
        for logical_id in names {
            request.fail = Some(logical_id.clone());
            let fixture = Fixture::start().await;
            let (as_asked, reports) = play(&fixture, &request).await;
            assert!(!as_asked);
            let [report] = reports.as_slice() else {
                panic!("{name}: {reports:?}");
            };
            assert_eq!(report.status, Some(Status::RollbackComplete), "{name}");
            assert_eq!(report.problems, [""; 0], "{name}: {logical_id}");
            let failed = format!("{logical_id} CREATE_FAILED");
            assert!(events(report).contains(&failed), "{name}: {report:?}");
            // The template of the migration retains the native contact, also in a rollback.
            let retained = report.retained.iter().map(|it| it.physical_id.as_str());
            let retained = retained.filter(|id| id.contains(":contact/"));
            let retained: BTreeSet<&str> = retained.collect();
            assert_eq!(report.contacts.len(), retained.len(), "{name}: {logical_id}");
        }
    }
}

#[test]
fn a_list_of_contacts_that_was_printed_can_be_read_again() {
    let before = json!([{
        "Alias": "akuam", "Type": "PERSONAL", "DisplayName": "Akua",
        "Plan": {"Stages": []}, "Tags": {"theirs": "1"},
        "Channels": [{
            "Name": "mobile", "Type": "SMS", "ActivationStatus": "ACTIVATED",
            "DeliveryAddress": {"SimpleAddress": "+12065550101"},
        }],
    }]);
    let read = |document: &Value| {
        let mut backend = Backend::default();
        emulator::add_contacts(&mut backend, document).unwrap();
        contacts_to_json(&backend)
    };
    let list = read(&before);
    assert_eq!(list[0]["Channels"][0]["ActivationStatus"], "ACTIVATED");
    assert_eq!(read(&json!({"contacts": list})), list);
}

/// Replaces the text of a line, in braces, with its number in the file whose name is before it.
fn with_line_number(error: &str) -> String {
    let Some((before, after)) = error.split_once(":{") else {
        return error.to_owned();
    };
    let (line, after) = after.split_once('}').unwrap();
    let text = read(before.strip_prefix("examples/").unwrap());
    let number = text.lines().position(|it| it == line).unwrap() + 1;
    format!("{before}:{number}{after}")
}

/// A change of a request, and the error that it leads to, with the text of a line in place of its
/// number.
type Row = (Box<dyn Fn(&mut Request)>, &'static str);

#[test]
fn what_can_not_be_played_is_refused_before_anything_happens() {
    let environment = emulator::template::Environment {
        account: "111122223333".into(),
        region: "us-east-2".into(),
        partition: "aws".into(),
        stack_name: "on-call".into(),
        stack_id: "arn:stack".into(),
        service_token: "arn:function".into(),
    };
    let error = |change: &dyn Fn(&mut Request)| {
        let names = ["migrate/1-native.yaml", "migrate/2-custom.yaml", "migrate/3-import.yaml"];
        let mut request = request(&names, parameters(names[0]));
        change(&mut request);
        request.steps(&environment).unwrap_err()
    };
    let replaced = |number: usize, from: &'static str, to: &'static str| {
        move |request: &mut Request| {
            request.import = Some(import());
            let text = &mut request.templates[number].text;
            assert!(text.contains(from), "{from}");
            *text = text.replacen(from, to, 1);
        }
    };
    let rows: [Row; 9] = [
        (
            Box::new(|request| drop(request.parameters.insert("Mail".into(), String::new()))),
            "no template has the parameter Mail",
        ),
        (
            Box::new(|request| request.parameters.clear()),
            "examples/migrate/1-native.yaml:{  Email:}: parameters have no value: give --parameter Email=…",
        ),
        (
            Box::new(|request| request.fail = Some("Kwesi".into())),
            "--fail Kwesi: examples/migrate/3-import.yaml has no such resource",
        ),
        (
            Box::new(|request| {
                request.import = Some(import());
                request.fail = Some("Akua".into());
            }),
            "--fail: the last template is an import, which can't fail",
        ),
        (
            Box::new(|request| {
                request.import = Some(import());
                request.templates.truncate(2);
            }),
            "migrate/resources-to-import.json: no update adds these resources",
        ),
        (
            Box::new(replaced(2, "    DeletionPolicy: Retain\n", "")),
            "examples/migrate/3-import.yaml:{  Akua:}: an import needs a DeletionPolicy",
        ),
        (
            Box::new(replaced(2, "      AdoptExisting: true\n", "")),
            "examples/migrate/3-import.yaml:{  AkuaContact:}: an import can't change or add another resource",
        ),
        (
            Box::new(replaced(2, "Description: The", "Description: A")),
            "examples/migrate/3-import.yaml: an import can't change another section than Resources",
        ),
        (
            Box::new(|request| {
                let text = &mut request.templates[1].text;
                *text = text.replace("AkuaContact", "Akua");
            }),
            "examples/migrate/2-custom.yaml:{  AkuaContact:}: CloudFormation can't change the type of the resource \
             Akua; use another logical id",
        ),
    ];
    for (change, wanted) in rows {
        assert_eq!(error(&change), with_line_number(wanted));
    }
}

#[test]
fn json_is_a_document_for_each_operation_with_a_version() {
    let Some(output) = emulator(&["stack", "--json", "examples/escalation.yaml"]) else {
        return;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    let documents: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [create, delete] = documents.as_slice() else {
        panic!("{text}");
    };
    assert_eq!(create["version"], 1);
    assert_eq!(create["status"], "CREATE_COMPLETE");
    assert_eq!(create["calls"][0]["operation"], "CreateContact");
    assert_eq!(create["outputs"]["Escalation"], create["contacts"][2]["ContactArn"]);
    assert_eq!(create["events"][0]["ResourceType"], STACK_TYPE);
    assert_eq!(delete["status"], "DELETE_COMPLETE");
    assert_eq!(delete["contacts"], json!([]));
}

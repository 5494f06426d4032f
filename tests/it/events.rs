//! The event files in `events/`: they have CloudFormation's form, and the emulator runs them
//! unchanged.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Command, Output};

use aws_lambda_events::event::cloudformation::CloudFormationCustomResourceRequest;
use emulator::Emulator;
use emulator::cloudformation::Ids;
use serde_json::Value;

use crate::files::root;

/// Runs the emulator's command with these arguments. The command is in the folder of the function's
/// binary. `cargo test --workspace` builds it there; `cargo test` of this package alone does not,
/// and then this returns `None`.
pub(crate) fn emulator(arguments: &[&str]) -> Option<Output> {
    let command = crate::fixture::bootstrap().with_file_name("emulator");
    if !command.exists() {
        assert!(std::env::var_os("CI").is_none(), "CI builds the whole workspace");
        eprintln!("not checked: cargo test --workspace builds the emulator's command");
        return None;
    }
    let output = Command::new(command)
        .current_dir(root())
        .arg("--bootstrap")
        .arg(crate::fixture::bootstrap())
        .args(arguments)
        .output();
    Some(output.unwrap())
}

/// The files of all events but the check, which is no request of CloudFormation.
fn requests() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join("events")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.filter(|path| !path.ends_with("check-reachability.json")).collect()
}

#[test]
fn every_event_is_cloudformations_as_aws_lambda_events_reads_it() {
    let mut count = 0;
    for path in requests() {
        let text = std::fs::read_to_string(&path).unwrap();
        let request: CloudFormationCustomResourceRequest = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let again = serde_json::to_value(&request).unwrap();
        let event: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(again, event, "{}: a round trip loses nothing", path.display());
        count += 1;
    }
    assert_eq!(count, 10);
}

/// The events can be delivered without the emulator's command, which signs them anew.
#[tokio::test]
async fn the_response_url_of_every_event_is_signed_for_the_emulator() {
    let emulator = Emulator::start().await.unwrap();
    let mut urls = BTreeSet::new();
    for path in requests() {
        let text = std::fs::read_to_string(&path).unwrap();
        let event: Value = serde_json::from_str(&text).unwrap();
        let presigned = emulator.sink.presign(&Ids::of_event(&event).unwrap());
        let (_, path_and_query) = presigned.rsplit_once("/arn").unwrap();
        let url = event["ResponseURL"].as_str().unwrap();
        assert!(url.ends_with(path_and_query), "{}: {url}", path.display());
        assert!(urls.insert(url.to_owned()), "each event is another request: {url}");
    }
}

/// The documents of a run with these events, all of which must succeed.
fn played(events: &[&str]) -> Option<Vec<Value>> {
    let files: Vec<String> = events.iter().map(|name| format!("events/{name}.json")).collect();
    let mut arguments = vec!["--json"];
    arguments.extend(files.iter().map(String::as_str));
    let output = emulator(&arguments)?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    Some(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

#[test]
fn a_life_runs_as_it_stands() {
    let Some(documents) = played(&[
        "create-personal",
        "create-oncall-schedule",
        "create-escalation",
        "update-plan",
        "update-rename",
        "delete",
    ]) else {
        return;
    };
    assert!(documents.iter().all(|it| it["answer"]["Status"] == "SUCCESS"), "{documents:?}");
    let contacts = documents[5]["contacts"].as_array().unwrap().iter();
    let aliases: Vec<&str> = contacts.map(|it| it["Alias"].as_str().unwrap()).collect();
    assert_eq!(aliases, ["akua-mansa", "on-call-escalation", "primary-on-call"]);
}

#[test]
fn a_person_is_made_changed_and_deleted() {
    let Some(documents) = played(&["create-person", "update-person", "delete-person"]) else {
        return;
    };
    let calls = |document: &Value| -> Vec<String> {
        let calls = document["calls"].as_array().unwrap().iter();
        calls
            .map(|call| call["operation"].as_str().unwrap().to_owned())
            .filter(|operation| !operation.starts_with("Get") && !operation.starts_with("List"))
            .collect()
    };
    assert_eq!(
        documents.iter().map(calls).collect::<Vec<_>>(),
        [
            vec!["CreateContact", "CreateContactChannel", "CreateContactChannel", "UpdateContact"],
            vec!["UpdateContact", "UpdateContactChannel", "DeleteContactChannel"],
            vec!["DeleteContact"],
        ]
    );
}

#[test]
fn the_command_fails_where_cloudformation_would_see_failed() {
    let Some(output) = emulator(&["events/create-invalid.json"]) else {
        return;
    };
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("The properties have 5 violations"), "{text}");
}

//! Checks with software of others: botocore verifies the signatures and has a model of the service,
//! and boto3 is a client of the emulator.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use emulator::contacts::Call;
use emulator::{CREDENTIALS, Emulator};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::fixture::{Fixture, akua, arn, success};

/// Returns a Python that has these modules: the one that `TEST_PYTHON` names, or else `python3`. If
/// it does not have them, returns `None`, or panics if `TEST_PYTHON` or `CI` is set.
async fn python(modules: &str) -> Option<PathBuf> {
    let named = std::env::var_os("TEST_PYTHON").map(PathBuf::from);
    let python = named.clone().unwrap_or_else(|| "python3".into());
    let import = Command::new(&python)
        .args(["-c", &format!("import {modules}")])
        .stderr(Stdio::null())
        .status()
        .await;
    if import.is_ok_and(|status| status.success()) {
        return Some(python);
    }
    assert!(named.is_none(), "TEST_PYTHON can't import {modules}");
    assert!(std::env::var_os("CI").is_none(), "CI needs a Python with {modules}");
    eprintln!("not checked: no Python with {modules} here; .ci/run installs one");
    None
}

async fn run(python: &Path, script: &str, argument: Option<&str>, input: &str) -> (bool, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python").join(script);
    let mut child = Command::new(python)
        .arg(script)
        .args(argument)
        .envs(CREDENTIALS)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).await.unwrap();
    let output = child.wait_with_output().await.unwrap();
    let text =
        [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    (output.status.success(), text.concat())
}

fn captured(calls: &[Call]) -> String {
    let line = |call: &Call| {
        json!({"url": call.url, "headers": call.headers, "body": call.text}).to_string() + "\n"
    };
    calls.iter().map(line).collect()
}

/// Every operation that the function calls, with every member that it sends.
async fn all_requests() -> Vec<Call> {
    let fixture = Fixture::start().await;
    let channel = arn("akuam").replace("contact/", "contact-channel/") + "/1";
    let plan = |duration: u8| {
        json!({"Stages": [{"DurationInMinutes": duration, "Targets": [
            {"ChannelTargetInfo": {"ContactChannelId": channel, "RetryIntervalInMinutes": 1}},
            {"ChannelTargetInfo": {"ContactChannelId": channel}}]}]})
    };
    let old = akua(
        json!({"DisplayName": "Akua Mänsa 阿夸", "Plan": plan(1), "Tags": [{"Key": "a", "Value": "1 é"}]}),
    );
    let new =
        akua(json!({"DisplayName": "Akua", "Plan": plan(2), "Tags": [{"Key": "b", "Value": "2"}]}));
    success(&fixture.create(&old).await);
    success(&fixture.update(&arn("akuam"), &old, &new).await);
    success(&fixture.delete(&arn("akuam"), &new).await);
    let escalation = json!({"Alias": "esc", "Type": "ESCALATION", "Plan": {"Stages": [
        {"DurationInMinutes": 0, "Targets": [{"ContactTargetInfo": {"ContactId": arn("akuam"), "IsEssential": true}}]}]}});
    success(&fixture.create(&escalation).await);
    let schedule = json!({"Alias": "sched", "Type": "ONCALL_SCHEDULE",
        "Plan": {"RotationIds": ["arn:aws:ssm-contacts:us-east-2:111122223333:rotation/1"]}});
    success(&fixture.create(&schedule).await);
    success(&fixture.create(&json!({"Alias": "bare", "Type": "ONCALL_SCHEDULE"})).await);
    create_and_change_channels(&fixture).await;
    fixture.emulator.contacts.calls()
}

/// Calls each operation on channels: a channel is made, gets another address, is dropped.
async fn create_and_change_channels(fixture: &Fixture) {
    let person = |addresses: &[(&str, &str)]| {
        let channel = |(name, address): &(&str, &str)| {
            json!({"Name": name, "Type": "SMS", "DeferActivation": true,
                "DeliveryAddress": {"SimpleAddress": address}})
        };
        let channels: Vec<_> = addresses.iter().map(channel).collect();
        json!({"Alias": "person", "Type": "PERSONAL", "Channels": channels})
    };
    let (one, two) = (("one é", "+12065550100"), ("two", "+12065550101"));
    let templates = [
        person(&[one, two]),
        person(&[("one é", "+12065550102"), ("renamed", "+12065550101")]),
        person(&[("renamed", "+12065550101")]),
    ];
    success(&fixture.create(&templates[0]).await);
    for (old, new) in templates.iter().zip(&templates[1..]) {
        success(&fixture.update(&arn("person"), old, new).await);
    }
}

#[tokio::test]
async fn botocore_verifies_every_request() {
    let Some(python) = python("botocore, regex").await else {
        return;
    };
    let calls = all_requests().await;
    let mut operations: Vec<&str> = calls.iter().map(|call| call.operation.as_str()).collect();
    operations.sort_unstable();
    operations.dedup();
    assert_eq!(operations.len(), 11, "{operations:?}");
    let (well, report) = run(&python, "verify_requests.py", None, &captured(&calls)).await;
    assert!(well, "{report}");
}

#[tokio::test]
async fn boto3_is_content_with_the_emulator() {
    let Some(python) = python("boto3").await else {
        return;
    };
    let emulator = Emulator::start().await.unwrap();
    let (well, report) = run(&python, "boto3_client.py", Some(&emulator.contacts.url()), "").await;
    assert!(well, "{report}");
}

#[tokio::test]
async fn the_emulator_has_the_constraints_of_botocores_model() {
    let Some(python) = python("botocore").await else {
        return;
    };
    let emulator = Emulator::start().await.unwrap();
    let url = emulator.contacts.url();
    let (well, report) = run(&python, "compare_constraints.py", Some(&url), "").await;
    assert!(well, "{report}");
}

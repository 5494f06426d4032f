//! The check whether everybody can be paged: what it calls, and its lines of the log.

use std::time::Duration;

use emulator::InvocationOutcome;
use emulator::contacts::{Backend, Effect, Fault, ServiceError};
use serde_json::{Value, json};

use crate::fixture::{Fixture, ROTATION, arn};

/// Adds a contact with a plan of these targets.
fn add(backend: &mut Backend, alias: &str, contact_type: &str, targets: &[Value]) {
    backend.seed(alias, contact_type, &[]);
    set_plan(backend, alias, targets);
}

/// Adds a person whose plan has one channel.
fn add_person(backend: &mut Backend, alias: &str, is_activated: bool) {
    backend.seed(alias, "PERSONAL", &[]);
    backend.add_channel(alias, "mail", "EMAIL", "a@example.com", true);
    let channel = backend.add_channel(alias, "mobile", "SMS", "+12065550107", is_activated);
    let target = json!({"ChannelTargetInfo": {"ContactChannelId": channel}});
    set_plan(backend, alias, &[target]);
}

fn set_plan(backend: &mut Backend, alias: &str, targets: &[Value]) {
    let plan = json!({"Stages": [{"DurationInMinutes": 5, "Targets": targets}]});
    backend.contact_mut(alias).unwrap().plan = plan;
}

fn to(alias: &str) -> Value {
    json!({"ContactTargetInfo": {"ContactId": arn(alias), "IsEssential": true}})
}

async fn check(fixture: &Fixture) -> emulator::Invocation {
    fixture.keep_secret("+1206");
    fixture.keep_secret("@example");
    let delivered = fixture.deliver(json!({"check": "reachability"})).await;
    assert!(delivered.puts.is_empty());
    let is_read = |name: &str| name.starts_with("Get") || name.starts_with("List");
    assert!(delivered.operations().into_iter().all(is_read), "{delivered}");
    delivered
}

#[tokio::test]
async fn contract_each_finding_is_a_line_and_the_last_one_has_the_metric() {
    let fixture = Fixture::start().await;
    fixture.backend(|backend| {
        backend.switches.contacts_per_page = Some(2);
        backend.switches.channels_per_page = Some(1);
        add_person(backend, "anna", true);
        add_person(backend, "ben", false);
        backend.seed("empty", "PERSONAL", &[]);
        backend.seed("shift", "ONCALL_SCHEDULE", &[]);
        backend.seed("staffed", "ONCALL_SCHEDULE", &[]);
        backend.contact_mut("staffed").unwrap().plan = json!({"RotationIds": [ROTATION]});
        add(backend, "good", "ESCALATION", &[to("anna")]);
        add(backend, "half", "ESCALATION", &[to("staffed"), to("gone")]);
        add(backend, "bad", "ESCALATION", &[to("ben")]);
        add(backend, "loop-a", "ESCALATION", &[to("loop-b")]);
        add(backend, "loop-b", "ESCALATION", &[to("loop-a")]);
        let mut elsewhere = to("x");
        elsewhere["ContactTargetInfo"]["ContactId"] = json!(arn("x").replace("1111", "9999"));
        add(backend, "shared", "ESCALATION", &[elsewhere]);
    });
    let delivered = check(&fixture).await;
    assert_eq!(delivered.outcome, InvocationOutcome::Response(Value::Null));
    let pages = delivered.operations().iter().filter(|name| **name == "ListContacts").count();
    assert_eq!(pages, 6, "all pages of 11 contacts");
    let lines = fixture.lines().await;
    let (last, findings) = lines.split_last().unwrap();
    let told: Vec<(&str, &str, &str)> = findings
        .iter()
        .map(|line| {
            assert_eq!(line["level"], "WARN");
            assert_eq!(line["contact"], arn(line["alias"].as_str().unwrap()));
            let text = |name: &str| line[name].as_str().unwrap();
            (text("alias"), text("message"), text("why"))
        })
        .collect();
    let (unreachable, degraded) = ("can't be paged", "can be paged, but not by every target");
    let gone = format!("targets that do not exist: {}", arn("gone"));
    assert_eq!(
        told,
        [
            ("bad", unreachable, "targets that can't be paged: ben"),
            ("ben", unreachable, "channels that are not activated: mobile"),
            ("empty", unreachable, "it has no plan"),
            ("half", degraded, gone.as_str()),
            ("loop-a", unreachable, "targets that can't be paged: loop-b"),
            ("loop-b", unreachable, "targets that can't be paged: loop-a"),
            ("shift", unreachable, "it has no rotation"),
        ]
    );
    assert_eq!(
        (&last["contacts"], &last["unreachable"], &last["degraded"]),
        (&json!(11), &json!(6), &json!(1))
    );
    assert_eq!(
        (&last["UnreachableContacts"], &last["FunctionName"]),
        (&json!(6), &json!("ssm-contact"))
    );
    assert!(last["ms"].is_u64() && last["_aws"]["Timestamp"].is_u64(), "{last}");
    let metrics = json!([{"Namespace": "IncidentManagerContacts", "Dimensions": [["FunctionName"]],
        "Metrics": [{"Name": "UnreachableContacts", "Unit": "Count"}]}]);
    assert_eq!(last["_aws"]["CloudWatchMetrics"], metrics);
}

#[tokio::test]
async fn contract_without_findings_the_metric_is_zero_whatever_the_level_of_the_log() {
    let fixture = Fixture::with(|function| function.env("AWS_LAMBDA_LOG_LEVEL", "ERROR")).await;
    fixture.backend(|backend| {
        add_person(backend, "anna", true);
        add_person(backend, "ben", true);
    });
    // A contact that goes meanwhile is skipped, and throttling is waited for.
    let gone = Effect::Refuse(ServiceError::not_found(&arn("ben")));
    fixture.fault(Fault::on("GetContact", gone));
    fixture.fault(Fault::on("ListContacts", Effect::Refuse(ServiceError::throttling())));
    check(&fixture).await;
    let lines = fixture.lines().await;
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(lines[0]["UnreachableContacts"], 0);
    assert_eq!(lines[0]["contacts"], 1);
}

#[tokio::test]
async fn contract_a_check_that_may_not_read_ends_as_an_error_without_the_metric() {
    for denied in ["ListContacts", "GetContact", "ListContactChannels"] {
        let fixture = Fixture::start().await;
        fixture.backend(|backend| add_person(backend, "ben", false));
        fixture.deny(&[denied]);
        let InvocationOutcome::Error(error) = check(&fixture).await.outcome else {
            panic!("it ended well");
        };
        let message = error["errorMessage"].as_str().unwrap();
        assert!(message.contains(&format!("ssm-contacts:{denied}")), "{message}");
        assert!(!fixture.log().await.contains("UnreachableContacts"));
    }
}

#[tokio::test]
async fn contract_a_check_without_time_reports_what_it_saw() {
    for is_activated in [false, true] {
        let fixture =
            Fixture::with(|function| function.timeout(Some(Duration::from_secs(2)))).await;
        fixture.backend(|backend| {
            add_person(backend, "ben", is_activated);
            add(backend, "esc", "ESCALATION", &[to("zoe")]);
            add_person(backend, "zoe", false);
        });
        // The first channels that are listed are ben's or zoe's; the others never come.
        fixture.fault(Fault::on("ListContactChannels", Effect::Hang).after(1).forever());
        let delivered = check(&fixture).await;
        assert_eq!(delivered.outcome, InvocationOutcome::Response(Value::Null));
        let lines = fixture.lines().await;
        let (last, findings) = lines.split_last().unwrap();
        assert_eq!((&last["contacts"], &last["read"]), (&json!(3), &json!(2)), "{last}");
        assert_eq!(last["level"], "WARN");
        let unreachable =
            findings.iter().filter(|line| line["message"] == "can't be paged").count();
        let read_zoe = findings.iter().any(|line| line["alias"] == "zoe");
        let read_ben = !is_activated && !read_zoe;
        assert_eq!(unreachable, if read_zoe { 2 } else { usize::from(read_ben) }, "{lines:?}");
        assert_eq!(last.get("UnreachableContacts").is_some(), unreachable > 0, "{last}");
    }
}

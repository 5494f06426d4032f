//! A stack of many contacts against a service that allows a few calls a second: each
//! contact has a process of its own, and all begin at once.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anstream::println;
use emulator::Emulator;
use emulator::cloudformation::{Ids, Response, ResponseStatus};
use emulator::function::Function;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::Instant;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The longest that CloudFormation waits for one answer.
const HOUR: Duration = Duration::from_hours(1);
/// The function's Timeout in `template.yaml`.
const TIMEOUT: Duration = Duration::from_mins(15);

/// Runs stacks of these sizes and prints a row for each phase of each.
pub(crate) async fn run(bootstrap: &Path, sizes: &[usize], rate: f64) -> Result<bool, Failure> {
    println!("| contacts | phase | succeeded | longest answer | calls | throttled |");
    println!("|---|---|---|---|---|---|");
    let mut well = true;
    for size in sizes {
        well &= stack(bootstrap, *size, rate).await?;
    }
    Ok(well)
}

async fn stack(bootstrap: &Path, size: usize, rate: f64) -> Result<bool, Failure> {
    let emulator = Emulator::start().await?;
    emulator.contacts.limit(rate);
    let mut functions = Vec::new();
    for _ in 0..size {
        let function = emulator.function(bootstrap).await?.timeout(Some(TIMEOUT));
        functions.push(Arc::new(function));
    }
    let mut well = true;
    for phase in ["Create", "Update", "Delete"] {
        let calls = emulator.contacts.count();
        let answers = at_once(&emulator, &functions, phase).await?;
        let made = emulator.contacts.calls_since(calls);
        let throttled = made.iter().filter(|call| call.status == 400).count();
        let good = answers.iter().filter(|(succeeded, _)| *succeeded).count();
        let longest = answers
            .iter()
            .map(|(_, took)| *took)
            .max()
            .unwrap_or_default();
        let seconds = longest.as_secs_f64();
        println!(
            "| {size} | {phase} | {good} | {seconds:.0} s | {} | {throttled} |",
            made.len()
        );
        well &= good == size && longest < HOUR;
    }
    Ok(well)
}

async fn at_once(
    emulator: &Emulator,
    functions: &[Arc<Function>],
    phase: &'static str,
) -> Result<Vec<(bool, Duration)>, Failure> {
    let mut running = JoinSet::new();
    for (number, function) in functions.iter().enumerate() {
        let (emulator, function) = (emulator.clone(), Arc::clone(function));
        running.spawn(async move { one(&emulator, &function, phase, number).await });
    }
    let mut answers = Vec::new();
    while let Some(answer) = running.join_next().await {
        answers.push(answer??);
    }
    Ok(answers)
}

async fn one(
    emulator: &Emulator,
    function: &Function,
    phase: &str,
    number: usize,
) -> Result<(bool, Duration), Failure> {
    let event = event(emulator, phase, number);
    let request_id = format!("{phase}-{number}");
    #[expect(clippy::disallowed_methods, reason = "this measures real time")]
    let began = Instant::now();
    function.invoke(&event).await?;
    let took = began.elapsed();
    let puts = emulator.sink.puts();
    let put = puts.iter().find(|put| put.request.request_id == request_id);
    let succeeded = |answer: &Response| answer.status == ResponseStatus::Success;
    let succeeded = put.is_some_and(|put| put.response.as_ref().is_ok_and(succeeded));
    Ok((succeeded, took))
}

fn event(emulator: &Emulator, phase: &str, number: usize) -> Value {
    let alias = format!("contact-{number}");
    let properties = |name: &str| json!({"Alias": alias, "Type": "PERSONAL", "DisplayName": name});
    let mut event = json!({
        "RequestType": phase, "RequestId": format!("{phase}-{number}"),
        "StackId": "arn:aws:cloudformation:us-east-2:111122223333:stack/storm/1",
        "LogicalResourceId": format!("Contact{number}"), "ResourceType": "Custom::SSMContact",
        "ResourceProperties": properties(if phase == "Create" { "One" } else { "Two" }),
    });
    let url = Ids::of_event(&event).map(|ids| emulator.sink.presign(&ids));
    let Some(members) = event.as_object_mut() else {
        return event;
    };
    members.insert("ResponseURL".to_owned(), url.into());
    if phase != "Create" {
        let arn = emulator.contacts.backend(|backend| backend.arn(&alias));
        members.insert("PhysicalResourceId".to_owned(), arn.into());
        members.insert("OldResourceProperties".to_owned(), properties("One"));
    }
    event
}

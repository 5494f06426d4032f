//! The subcommand `throttle`: creates, updates and deletes many contacts at the same time with a
//! service that allows a few calls per second. Each contact has its own process of the function.

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

use crate::Failure;

/// The longest time that CloudFormation waits for a response.
const MAX_SERVICE_TIMEOUT: Duration = Duration::from_hours(1);
/// The `Timeout` of the function in `template.yaml`.
const TIMEOUT: Duration = Duration::from_mins(15);

/// Runs the phases for each number of contacts and prints a table row for each phase. Returns
/// whether all requests succeeded in time.
pub(crate) async fn run(bootstrap: &Path, sizes: &[usize], rate: f64) -> Result<bool, Failure> {
    println!("| contacts | phase | succeeded | longest response | calls | throttled |");
    println!("|---|---|---|---|---|---|");
    let mut succeeded = true;
    for size in sizes {
        succeeded &= run_phases(bootstrap, *size, rate).await?;
    }
    Ok(succeeded)
}

async fn run_phases(bootstrap: &Path, size: usize, rate: f64) -> Result<bool, Failure> {
    let emulator = Emulator::start().await?;
    emulator.contacts.limit(rate);
    let mut functions = Vec::new();
    for _ in 0..size {
        let function = emulator.function(bootstrap).await?.timeout(Some(TIMEOUT));
        functions.push(Arc::new(function));
    }
    let mut all_succeeded = true;
    for phase in ["Create", "Update", "Delete"] {
        let before = emulator.contacts.count();
        let results = invoke_all(&emulator, &functions, phase).await?;
        let calls = emulator.contacts.calls_since(before);
        let throttled = calls.iter().filter(|call| call.status == 400).count();
        let succeeded = results.iter().filter(|(succeeded, _)| *succeeded).count();
        let longest = results.iter().map(|(_, elapsed)| *elapsed).max().unwrap_or_default();
        let seconds = longest.as_secs_f64();
        println!(
            "| {size} | {phase} | {succeeded} | {seconds:.0} s | {} | {throttled} |",
            calls.len()
        );
        all_succeeded &= succeeded == size && longest < MAX_SERVICE_TIMEOUT;
    }
    Ok(all_succeeded)
}

async fn invoke_all(
    emulator: &Emulator,
    functions: &[Arc<Function>],
    phase: &'static str,
) -> Result<Vec<(bool, Duration)>, Failure> {
    let mut running = JoinSet::new();
    for (number, function) in functions.iter().enumerate() {
        let (emulator, function) = (emulator.clone(), Arc::clone(function));
        running.spawn(async move { invoke(&emulator, &function, phase, number).await });
    }
    let mut results = Vec::new();
    while let Some(result) = running.join_next().await {
        results.push(result??);
    }
    Ok(results)
}

async fn invoke(
    emulator: &Emulator,
    function: &Function,
    phase: &str,
    number: usize,
) -> Result<(bool, Duration), Failure> {
    let event = event(emulator, phase, number);
    let request_id = format!("{phase}-{number}");
    #[expect(clippy::disallowed_methods, reason = "this measures real time")]
    let start = Instant::now();
    function.invoke(&event).await?;
    let elapsed = start.elapsed();
    let puts = emulator.sink.puts();
    let put = puts.iter().find(|put| put.request.request_id == request_id);
    let succeeded = |response: &Response| response.status == ResponseStatus::Success;
    let succeeded = put.is_some_and(|put| put.response.as_ref().is_ok_and(succeeded));
    Ok((succeeded, elapsed))
}

fn event(emulator: &Emulator, phase: &str, number: usize) -> Value {
    let alias = format!("contact-{number}");
    let properties = |name: &str| json!({"Alias": alias, "Type": "PERSONAL", "DisplayName": name});
    let mut event = json!({
        "RequestType": phase, "RequestId": format!("{phase}-{number}"),
        "StackId": "arn:aws:cloudformation:us-east-2:111122223333:stack/throttle/1",
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

//! Prints the invocation of a check, which no stack waits for: it succeeds if the function does.

use anstream::println;
use emulator::{Invocation, InvocationOutcome};
use serde_json::{Value, json};

use crate::event::Event;
use crate::show::{self, BAD, ContactWithChannels, DIM, HEAD};
use crate::terminal::{Shown, print};

pub(crate) fn succeeded(invocation: &Invocation) -> bool {
    problem(invocation).is_none() && invocation.violations().is_empty()
}

fn problem(invocation: &Invocation) -> Option<String> {
    let responded = matches!(invocation.outcome, InvocationOutcome::Response(_));
    (!responded).then(|| invocation.outcome.to_string())
}

/// Returns the warnings in the log of the function. A line is JSON or text.
pub(crate) fn warnings(log: &[String]) -> Vec<Value> {
    let warning = |line: &String| match serde_json::from_str::<Value>(line) {
        Ok(line) => Some(line).filter(|line| line.get("level") == Some(&"WARN".into())),
        Err(_) => line.contains("WARN").then(|| line.as_str().into()),
    };
    log.iter().filter_map(warning).collect()
}

pub(crate) fn print_text(
    event: &Event,
    invocation: &Invocation,
    warnings: &[Value],
    contacts: &[ContactWithChannels],
    verbose: bool,
) {
    let mut shown = Shown::new(verbose);
    let kind = invocation.event.get("check").and_then(Value::as_str);
    let kind = kind.unwrap_or_default();
    let path = event.path.display();
    println!("{HEAD}Check {kind}{HEAD:#}  {DIM}{path}{DIM:#}");
    for call in &invocation.calls {
        shown.mask.learn(&call.response);
        show::call(call, &shown);
    }
    for warning in warnings {
        let mut warning = warning.clone();
        if let Some(members) = warning.as_object_mut() {
            members.retain(|name, _| !["level", "timestamp"].contains(&name.as_str()));
        }
        let text = warning.as_str().map(|line| shown.text(line));
        let text = text.unwrap_or_else(|| shown.json(&warning));
        print(&format!("  {BAD}WARN{BAD:#} {text}"), "        ");
    }
    let failures = problem(invocation).into_iter();
    for failure in failures.chain(invocation.violations()) {
        let failure = shown.text(&failure);
        print(&format!("  {BAD}failure{BAD:#} {failure}"), "        ");
    }
    println!();
    show::print_contacts(contacts, &shown);
    println!();
}

pub(crate) fn to_json(
    event: &Event,
    invocation: &Invocation,
    warnings: &[Value],
    contacts: &[Value],
) -> Value {
    let mut document = show::to_json(&event.path, invocation, contacts);
    if let Some(members) = document.as_object_mut() {
        members.insert("problem".to_owned(), json!(problem(invocation)));
        members.insert("warnings".to_owned(), json!(warnings));
    }
    document
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::warnings;

    #[test]
    fn a_warning_is_json_or_text() {
        let log = [
            r#"{"level":"INFO","message":"a"}"#,
            r#"{"level":"WARN","why":"b"}"#,
            "2026-11-30T05:00:00Z WARN c",
            "INFO d",
        ];
        let found = warnings(&log.map(ToOwned::to_owned));
        let expected = [json!({"level": "WARN", "why": "b"}), log[2].into()];
        assert_eq!(found, expected);
    }
}

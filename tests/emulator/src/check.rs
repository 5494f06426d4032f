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
        let level = warning.get("level").and_then(Value::as_str).unwrap_or_default();
        let mut rest = warning.clone();
        if let Some(members) = rest.as_object_mut() {
            members.retain(|name, _| !["level", "timestamp"].contains(&name.as_str()));
        }
        print(&format!("  {BAD}{level}{BAD:#} {}", shown.json(&rest)), "        ");
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

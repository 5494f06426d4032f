//! Prints invocations: as text for people, and as JSON for programs.

use std::collections::BTreeMap;
use std::path::Path;

use anstream::println;
use anstyle::{AnsiColor, Style};
use emulator::Invocation;
use emulator::cloudformation::ResponseStatus;
use emulator::contacts::{Call, Contact};
use emulator::sink::Put;
use serde_json::{Value, json};

const HEAD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const CALL: Style = AnsiColor::Cyan.on_default();

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Prints an invocation and the contacts after it as text.
pub(crate) fn print_text(
    path: &Path,
    invocation: &Invocation,
    contacts: &BTreeMap<String, Contact>,
) {
    let event = &invocation.event;
    let (kind, logical_id) = (text(event, "RequestType"), text(event, "LogicalResourceId"));
    println!(
        "{HEAD}{kind} {logical_id}{HEAD:#}  {DIM}{}{DIM:#}",
        path.display()
    );
    if let Some(id) = event.get("PhysicalResourceId").and_then(Value::as_str) {
        println!("  {DIM}id{DIM:#} {id}");
    }
    if let Some(old) = event.get("OldResourceProperties") {
        println!("  {DIM}old properties{DIM:#}");
        members(&properties(old));
    }
    println!("  {DIM}properties{DIM:#}");
    members(&properties(
        event.get("ResourceProperties").unwrap_or(&Value::Null),
    ));
    println!();
    for item in &invocation.calls {
        call(item);
    }
    for item in &invocation.puts {
        put(item);
    }
    if let Err(error) = invocation.response() {
        println!("  {BAD}CloudFormation has no answer{BAD:#}: {error}");
    }
    for violation in invocation.violations() {
        println!("  {BAD}violation{BAD:#} {violation}");
    }
    println!();
    match contacts.len() {
        0 => println!("  {DIM}no contacts{DIM:#}"),
        _ => contacts.values().for_each(contact),
    }
    println!();
}

/// Returns the properties without those that CloudFormation defines.
fn properties(properties: &Value) -> Value {
    let mut shown = properties.clone();
    if let Some(members) = shown.as_object_mut() {
        members.retain(|name, _| !name.starts_with("Service"));
    }
    shown
}

/// Prints each member of an object on a line.
fn members(value: &Value) {
    match value.as_object() {
        Some(object) => object.iter().for_each(|(name, value)| {
            println!("      {DIM}{name}{DIM:#} {value}");
        }),
        None => println!("      {value}"),
    }
}

/// Prints a call and its response.
pub(crate) fn call(call: &Call) {
    println!("  {CALL}→ {}{CALL:#}", call.operation);
    members(&call.body);
    let style = if call.status == 200 { GOOD } else { BAD };
    println!("  {CALL}←{CALL:#} {style}{}{style:#}", call.status);
    members(&call.response);
}

/// Prints a PUT of a response.
pub(crate) fn put(put: &Put) {
    let style = match &put.response {
        Ok(response) if response.status == ResponseStatus::Success => GOOD,
        _ => BAD,
    };
    println!("  {style}⇒ PUT, {} bytes{style:#}", put.body.len());
    members(&serde_json::from_slice(&put.body).unwrap_or_default());
    if let Err(error) = &put.response {
        println!("  {BAD}CloudFormation would not accept this{BAD:#}: {error}");
    }
}

/// Prints the error of a PUT that S3 refused.
pub(crate) fn refusal(error: &str) {
    println!("  {BAD}⇒ PUT refused{BAD:#}: {error}");
}

fn contact(contact: &Contact) {
    let name = contact.display_name.as_deref().unwrap_or("(no name)");
    println!(
        "  {HEAD}{}{HEAD:#} {} {name}",
        contact.alias, contact.contact_type
    );
    println!("    {DIM}plan{DIM:#} {}", contact.plan);
    for (key, value) in &contact.tags {
        println!("    {DIM}tag{DIM:#}  {key} = {value}");
    }
}

/// Converts an invocation and the contacts after it to JSON.
pub(crate) fn to_json(
    path: &Path,
    invocation: &Invocation,
    contacts: &BTreeMap<String, Contact>,
) -> Value {
    let calls: Vec<Value> = invocation
        .calls
        .iter()
        .map(|call| {
            json!({"operation": call.operation, "body": call.body, "status": call.status, "answer": call.response})
        })
        .collect();
    let response = invocation
        .puts
        .first()
        .map(|put| serde_json::from_slice::<Value>(&put.body).unwrap_or_default());
    let contacts: Vec<Value> = contacts
        .values()
        .map(|contact| {
            let mut output = contact.output();
            if let Some(members) = output.as_object_mut() {
                members.insert("Tags".to_owned(), json!(contact.tags));
            }
            output
        })
        .collect();
    json!({
        "file": path.display().to_string(), "event": invocation.event, "calls": calls, "answer": response,
        "problem": invocation.response().err(), "violations": invocation.violations(), "contacts": contacts,
    })
}

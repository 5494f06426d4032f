//! How the command shows what happened: a story for people, a document for machines.

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

/// One event's way, for a person.
pub(crate) fn story(path: &Path, delivered: &Invocation, contacts: &BTreeMap<String, Contact>) {
    let event = &delivered.event;
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
    for made in &delivered.calls {
        call(made);
    }
    for sent in &delivered.puts {
        put(sent);
    }
    if let Err(why) = delivered.response() {
        println!("  {BAD}CloudFormation has no answer{BAD:#}: {why}");
    }
    for violation in delivered.violations() {
        println!("  {BAD}violation{BAD:#} {violation}");
    }
    println!();
    match contacts.len() {
        0 => println!("  {DIM}no contacts{DIM:#}"),
        _ => contacts.values().for_each(contact),
    }
    println!();
}

/// The properties without CloudFormation's own.
fn properties(properties: &Value) -> Value {
    let mut shown = properties.clone();
    if let Some(members) = shown.as_object_mut() {
        members.retain(|name, _| !name.starts_with("Service"));
    }
    shown
}

/// The members of an object, a line each.
fn members(value: &Value) {
    match value.as_object() {
        Some(object) => object.iter().for_each(|(name, value)| {
            println!("      {DIM}{name}{DIM:#} {value}");
        }),
        None => println!("      {value}"),
    }
}

/// One call and its answer.
pub(crate) fn call(call: &Call) {
    println!("  {CALL}→ {}{CALL:#}", call.operation);
    members(&call.body);
    let style = if call.status == 200 { GOOD } else { BAD };
    println!("  {CALL}←{CALL:#} {style}{}{style:#}", call.status);
    members(&call.response);
}

/// One answer to CloudFormation.
pub(crate) fn put(put: &Put) {
    let style = match &put.response {
        Ok(answer) if answer.status == ResponseStatus::Success => GOOD,
        _ => BAD,
    };
    println!("  {style}⇒ PUT, {} bytes{style:#}", put.body.len());
    members(&serde_json::from_slice(&put.body).unwrap_or_default());
    if let Err(why) = &put.response {
        println!("  {BAD}CloudFormation would not take this{BAD:#}: {why}");
    }
}

/// A PUT that S3 did not keep.
pub(crate) fn refusal(why: &str) {
    println!("  {BAD}⇒ PUT refused{BAD:#}: {why}");
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

/// One event's way, for a machine.
pub(crate) fn document(
    path: &Path,
    delivered: &Invocation,
    contacts: &BTreeMap<String, Contact>,
) -> Value {
    let calls: Vec<Value> = delivered
        .calls
        .iter()
        .map(|call| {
            json!({"operation": call.operation, "body": call.body, "status": call.status, "answer": call.response})
        })
        .collect();
    let answer = delivered
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
        "file": path.display().to_string(), "event": delivered.event, "calls": calls, "answer": answer,
        "problem": delivered.response().err(), "breaches": delivered.violations(), "contacts": contacts,
    })
}

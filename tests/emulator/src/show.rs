//! Prints invocations: as text for people, and as JSON for programs.

use std::path::Path;

use anstream::println;
use anstyle::{AnsiColor, Style};
use emulator::cloudformation::ResponseStatus;
use emulator::contacts::{Backend, Call, Channel, Contact};
use emulator::sink::Put;
use emulator::{AddressMask, Invocation, masked_address};
use serde_json::{Value, json};

pub(crate) const HEAD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
const CALL: Style = AnsiColor::Cyan.on_default();

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A contact and its channels.
pub(crate) struct ContactWithChannels {
    contact: Contact,
    channels: Vec<Channel>,
}

/// Returns all contacts with their channels.
pub(crate) fn contacts(backend: &Backend) -> Vec<ContactWithChannels> {
    let contacts = backend.contacts().iter();
    contacts
        .map(|(alias, contact)| ContactWithChannels {
            contact: contact.clone(),
            channels: backend.channels(alias),
        })
        .collect()
}

/// Prints an invocation and the contacts after it as text. Addresses of channels are masked: the
/// text of a terminal is shown to others.
pub(crate) fn print_text(path: &Path, invocation: &Invocation, contacts: &[ContactWithChannels]) {
    let mut mask = AddressMask::default();
    mask.learn(&invocation.event);
    for call in &invocation.calls {
        mask.learn(&call.body);
        mask.learn(&call.response);
    }
    let event = &mask.json(&invocation.event);
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
        call(item, &mask);
    }
    for item in &invocation.puts {
        put(item, &mask);
    }
    if let Err(error) = invocation.response() {
        println!(
            "  {BAD}CloudFormation has no answer{BAD:#}: {}",
            mask.text(&error)
        );
    }
    for violation in invocation.violations() {
        println!("  {BAD}violation{BAD:#} {}", mask.text(&violation));
    }
    println!();
    print_contacts(contacts);
    println!();
}

/// Prints all contacts.
pub(crate) fn print_contacts(contacts: &[ContactWithChannels]) {
    match contacts {
        [] => println!("  {DIM}no contacts{DIM:#}"),
        contacts => contacts.iter().for_each(contact),
    }
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
pub(crate) fn call(call: &Call, mask: &AddressMask) {
    println!("  {CALL}→ {}{CALL:#}", call.operation);
    members(&mask.json(&call.body));
    let style = if call.status == 200 { GOOD } else { BAD };
    println!("  {CALL}←{CALL:#} {style}{}{style:#}", call.status);
    members(&mask.json(&call.response));
}

/// Prints a PUT of a response.
pub(crate) fn put(put: &Put, mask: &AddressMask) {
    let style = match &put.response {
        Ok(response) if response.status == ResponseStatus::Success => GOOD,
        _ => BAD,
    };
    println!("  {style}⇒ PUT, {} bytes{style:#}", put.body.len());
    let body = serde_json::from_slice(&put.body).unwrap_or_default();
    members(&mask.json(&body));
    if let Err(error) = &put.response {
        println!(
            "  {BAD}CloudFormation would not accept this{BAD:#}: {}",
            mask.text(error)
        );
    }
}

/// Prints the error of a PUT that S3 refused.
pub(crate) fn refusal(error: &str) {
    println!("  {BAD}⇒ PUT refused{BAD:#}: {error}");
}

fn contact(ContactWithChannels { contact, channels }: &ContactWithChannels) {
    let name = contact.display_name.as_deref().unwrap_or("(no name)");
    println!(
        "  {HEAD}{}{HEAD:#} {} {name}",
        contact.alias, contact.contact_type
    );
    println!("    {DIM}plan{DIM:#} {}", contact.plan);
    for (key, value) in &contact.tags {
        println!("    {DIM}tag{DIM:#}  {key} = {value}");
    }
    for channel in channels {
        let output = channel.output();
        println!(
            "    {DIM}channel{DIM:#} {} {} {} {}",
            channel.name,
            channel.channel_type,
            masked_address(&channel.address),
            text(&output, "ActivationStatus")
        );
    }
}

/// Converts a call and its response to JSON.
pub(crate) fn call_to_json(call: &Call) -> Value {
    json!({"operation": call.operation, "body": call.body, "status": call.status, "answer": call.response})
}

/// Converts an invocation and the contacts after it to JSON. Nothing is masked.
pub(crate) fn to_json(path: &Path, invocation: &Invocation, contacts: &[Value]) -> Value {
    let calls: Vec<Value> = invocation.calls.iter().map(call_to_json).collect();
    let response = invocation
        .puts
        .first()
        .map(|put| serde_json::from_slice::<Value>(&put.body).unwrap_or_default());
    json!({
        "file": path.display().to_string(), "event": invocation.event, "calls": calls, "answer": response,
        "problem": invocation.response().err(), "violations": invocation.violations(), "contacts": contacts,
    })
}

//! Prints invocations: as text for people, and as JSON for programs.

use std::path::Path;

use anstream::println;
use anstyle::{AnsiColor, Style};
use emulator::cloudformation::ResponseStatus;
use emulator::contacts::{Backend, Call, Channel, Contact};
use emulator::sink::Put;
use emulator::{Invocation, masked_address};
use serde_json::{Value, json};

use crate::terminal::{Shown, print};

pub(crate) const HEAD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
const CALL: Style = AnsiColor::Cyan.on_default();

/// The version of the documents that `--json` prints. It changes when a member is removed or gets
/// another meaning.
pub(crate) const JSON_VERSION: u32 = 1;

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

pub(crate) struct ContactWithChannels {
    contact: Contact,
    channels: Vec<Channel>,
    can_be_paged: bool,
}

pub(crate) fn contacts(backend: &Backend) -> Vec<ContactWithChannels> {
    let contacts = backend.contacts().iter();
    contacts
        .map(|(alias, contact)| ContactWithChannels {
            contact: contact.clone(),
            channels: backend.channels(alias),
            can_be_paged: can_be_paged(backend, &contact.arn, &mut Vec::new()),
        })
        .collect()
}

/// Whether the plan of a contact reaches an activated channel. `open` are the contacts whose plans
/// led here. The members of a rotation are contacts of their own, which are marked.
fn can_be_paged(backend: &Backend, arn: &str, open: &mut Vec<String>) -> bool {
    let alias = arn.rsplit_once('/').map_or(arn, |(_, alias)| alias);
    let Some(contact) = backend.contact(alias).filter(|_| !open.iter().any(|it| it == arn)) else {
        return false;
    };
    if contact.contact_type == "ONCALL_SCHEDULE" {
        let rotations = contact.plan.get("RotationIds").and_then(Value::as_array);
        return rotations.is_some_and(|rotations| !rotations.is_empty());
    }
    let activated = backend.channels(alias).into_iter().filter(|channel| channel.is_activated);
    let activated: Vec<String> = activated.map(|channel| channel.arn).collect();
    open.push(arn.to_owned());
    let stages = contact.plan.get("Stages").and_then(Value::as_array);
    let targets = stages.into_iter().flatten().filter_map(|stage| stage.get("Targets")?.as_array());
    let reaches = targets.flatten().any(|target| {
        let id = |info: &str, id: &str| Some(target.get(info)?.get(id)?.as_str()?.to_owned());
        match id("ChannelTargetInfo", "ContactChannelId") {
            Some(channel) => activated.contains(&channel),
            None => id("ContactTargetInfo", "ContactId")
                .is_some_and(|contact| can_be_paged(backend, &contact, open)),
        }
    });
    open.pop();
    reaches
}

pub(crate) fn print_text(
    path: &Path,
    request: &Value,
    invocation: &Invocation,
    contacts: &[ContactWithChannels],
    verbose: bool,
) {
    let mut shown = Shown::new(verbose);
    shown.mask.learn(request);
    for call in &invocation.calls {
        shown.mask.learn(&call.body);
        shown.mask.learn(&call.response);
    }
    let (kind, logical_id) = (text(request, "RequestType"), text(request, "LogicalResourceId"));
    println!("{HEAD}{kind} {logical_id}{HEAD:#}  {DIM}{}{DIM:#}", path.display());
    if let Some(id) = request.get("PhysicalResourceId").and_then(Value::as_str) {
        print(&format!("  {DIM}id{DIM:#} {}", shown.text(id)), MEMBER_INDENT);
    }
    if let Some(old) = request.get("OldResourceProperties") {
        println!("  {DIM}old properties{DIM:#}");
        members(&properties(old), &shown);
    }
    println!("  {DIM}properties{DIM:#}");
    let new = request.get("ResourceProperties").unwrap_or(&Value::Null);
    members(&properties(new), &shown);
    println!();
    for item in &invocation.calls {
        call(item, &shown);
    }
    for item in &invocation.puts {
        put(item, &shown);
    }
    if let Err(error) = invocation.response() {
        let error = shown.text(&error);
        print(&format!("  {BAD}CloudFormation has no answer{BAD:#}: {error}"), MEMBER_INDENT);
    }
    for violation in invocation.violations() {
        let violation = shown.text(&violation);
        print(&format!("  {BAD}violation{BAD:#} {violation}"), MEMBER_INDENT);
    }
    println!();
    print_contacts(contacts, &shown);
    println!();
}

pub(crate) fn print_contacts(contacts: &[ContactWithChannels], shown: &Shown) {
    match contacts {
        [] => println!("  {DIM}no contacts{DIM:#}"),
        contacts => contacts.iter().for_each(|it| contact(it, shown)),
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

const MEMBER_INDENT: &str = "        ";

fn members(value: &Value, shown: &Shown) {
    // An address is known as such by its name, so the object is masked as a whole.
    let masked = shown.mask.json(value);
    let Some(object) = masked.as_object() else {
        let value = shown.short(masked.to_string());
        return print(&format!("      {value}"), MEMBER_INDENT);
    };
    for (name, value) in object {
        let value = shown.short(value.to_string());
        print(&format!("      {DIM}{name}{DIM:#} {value}"), MEMBER_INDENT);
    }
}

pub(crate) fn call(call: &Call, shown: &Shown) {
    println!("  {CALL}→ {}{CALL:#}", call.operation);
    members(&call.body, shown);
    let style = if call.status == 200 { GOOD } else { BAD };
    println!("  {CALL}←{CALL:#} {style}{}{style:#}", call.status);
    members(&call.response, shown);
}

pub(crate) fn put(put: &Put, shown: &Shown) {
    let style = match &put.response {
        Ok(response) if response.status == ResponseStatus::Success => GOOD,
        _ => BAD,
    };
    println!("  {style}⇒ PUT, {} bytes{style:#}", put.body.len());
    let body = serde_json::from_slice(&put.body).unwrap_or_default();
    members(&body, shown);
    if let Err(error) = &put.response {
        let error = shown.text(error);
        print(
            &format!("  {BAD}CloudFormation would not accept this{BAD:#}: {error}"),
            MEMBER_INDENT,
        );
    }
}

pub(crate) fn refusal(error: &str) {
    println!("  {BAD}⇒ PUT refused{BAD:#}: {error}");
}

const OWNERSHIP_TAGS: [&str; 3] =
    ["cloudformation-stack-id", "cloudformation-logical-id", "cloudformation-origin"];

fn contact(contact: &ContactWithChannels, shown: &Shown) {
    let ContactWithChannels { contact, channels, can_be_paged } = contact;
    let name = contact.display_name.as_deref().unwrap_or("(no name)");
    println!("  {HEAD}{}{HEAD:#} {} {name}", contact.alias, contact.contact_type);
    let mut plan = shown.json(&contact.plan);
    for channel in channels.iter().filter(|_| !shown.verbose) {
        let named = json!({"ContactChannelName": channel.name}).to_string();
        let id = shown.json(&json!({"ContactChannelId": channel.arn}));
        plan = plan.replace(id.trim_matches(['{', '}']), named.trim_matches(['{', '}']));
    }
    print(&format!("    {DIM}plan{DIM:#} {plan}"), MEMBER_INDENT);
    if !can_be_paged {
        println!("    {BAD}can't be paged{BAD:#}: the plan reaches no activated channel");
    }
    let owner = owner(contact).filter(|_| !shown.verbose);
    for (key, value) in &contact.tags {
        if owner.is_none() || !OWNERSHIP_TAGS.contains(&key.as_str()) {
            let value = shown.text(value);
            print(&format!("    {DIM}tag{DIM:#}  {key} = {value}"), MEMBER_INDENT);
        }
    }
    if let Some(owner) = owner {
        println!("    {DIM}owner{DIM:#} {}", shown.text(&owner));
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

/// Returns the three ownership tags in short. The origin has the word `adopted` only if the contact
/// was.
fn owner(contact: &Contact) -> Option<String> {
    let [stack, logical_id, origin] = OWNERSHIP_TAGS.map(|key| contact.tags.get(key));
    let is_adopted = origin?.contains("adopted");
    let origin = if is_adopted { "adopted" } else { "created" };
    Some(format!("{} of {}, {origin}", logical_id?, stack?))
}

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
        "version": JSON_VERSION,
        "file": path.display().to_string(), "event": invocation.event, "calls": calls, "answer": response,
        "problem": invocation.response().err(), "violations": invocation.violations(), "contacts": contacts,
    })
}

//! Prints the events of a stack and what an operation did: as text for people, and as JSON for
//! programs.

use std::time::SystemTime;

use anstream::println;
use emulator::cloudformation::{PhysicalResource, STACK_TYPE, StackEvent};
use emulator::deployment::{Progress, Report, Step};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::show::{self, BAD, ContactWithChannels, DIM, GOOD, HEAD, JSON_VERSION};
use crate::terminal::{self, Shown};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Columns {
    logical_id: usize,
    resource_type: usize,
}

/// The width of most statuses. A longer one moves its reason to the right.
const STATUS_WIDTH: usize = "CREATE_IN_PROGRESS".len();

impl Columns {
    pub(crate) fn of(steps: &[Step], stack_name: &str) -> Self {
        let templates = steps.iter().filter_map(|step| match step {
            Step::Deploy { template, .. } | Step::Import { template, .. } => Some(template),
            Step::Delete => None,
        });
        let mut columns = Self { logical_id: stack_name.len(), resource_type: STACK_TYPE.len() };
        for template in templates {
            for logical_id in template.logical_ids() {
                let resource_type = template.type_of(logical_id).unwrap_or_default();
                columns.logical_id = columns.logical_id.max(logical_id.len());
                columns.resource_type = columns.resource_type.max(resource_type.len());
            }
        }
        columns
    }

    /// Prints an event on a line, folded to the width of the terminal.
    pub(crate) fn print(self, at: SystemTime, event: &StackEvent, shown: &Shown) {
        let time = OffsetDateTime::from(at);
        let (hour, minute, second) = (time.hour(), time.minute(), time.second());
        let StackEvent { logical_id, resource_type, status, .. } = event;
        let reason = shown.text(event.reason.as_deref().unwrap_or_default());
        let Self { logical_id: id_width, resource_type: type_width } = self;
        let line = format!(
            "{hour:02}:{minute:02}:{second:02}  {logical_id:<id_width$}  {resource_type:<type_width$}  \
             {status:<STATUS_WIDTH$}  {reason}"
        );
        let style = if status.ends_with("FAILED") || status.contains("ROLLBACK") {
            BAD
        } else if status.ends_with("COMPLETE") {
            GOOD
        } else {
            DIM
        };
        let styled = format!("{style}{status}{style:#}");
        let folded = terminal::fold(line.trim_end(), "          ");
        println!("{}", folded.replacen(status.as_str(), &styled, 1));
    }
}

/// Prints the warnings of the function. That of a request which failed is the reason of an event.
pub(crate) fn print_warnings(report: &Report, shown: &Shown) {
    let of_runtime = ["timestamp", "level", "message", "stack_id", "request_id", "calls", "ms"];
    let is_reason = |line: &&Value| line.get("status") != Some(&"FAILED".into());
    for line in report.warnings.iter().filter(is_reason) {
        let message = line.get("message").and_then(Value::as_str).unwrap_or_default();
        let members = line.as_object().into_iter().flatten();
        let members = members.filter(|(name, _)| !of_runtime.contains(&name.as_str()));
        let members: Vec<String> = members
            .map(|(name, value)| match value {
                Value::String(text) => format!("{DIM}{name}{DIM:#} {}", shown.text(text)),
                other => format!("{DIM}{name}{DIM:#} {}", shown.json(other)),
            })
            .collect();
        let line = format!("  {BAD}warning{BAD:#} {message}  {}", members.join("  "));
        terminal::print(line.trim_end(), "          ");
    }
}

pub(crate) fn print_state(report: &Report, contacts: &[ContactWithChannels], shown: &Shown) {
    println!();
    if !report.outputs.is_empty() {
        println!("{HEAD}Outputs{HEAD:#}");
        for (name, value) in &report.outputs {
            println!("  {DIM}{name}{DIM:#} {}", shown.text(value));
        }
    }
    println!("{HEAD}Contacts{HEAD:#}");
    show::print_contacts(contacts, shown);
    for (word, resources) in [("retained", &report.retained), ("left", &report.abandoned)] {
        for resource in resources {
            println!("  {DIM}{word}{DIM:#} {}", shown.text(&resource.to_string()));
        }
    }
    for problem in &report.problems {
        println!("  {BAD}problem{BAD:#} {}", shown.text(problem));
    }
    println!();
}

/// Prints what the check of the function found.
pub(crate) fn print_findings(findings: &[Value], shown: &Shown) {
    if findings.is_empty() {
        return;
    }
    println!("{HEAD}Check{HEAD:#}");
    for finding in findings {
        let text = |name: &str| finding.get(name).and_then(Value::as_str).unwrap_or_default();
        let line = format!("  {} {}: {}", text("alias"), text("message"), text("why"));
        terminal::print(&shown.text(&line), "        ");
    }
    println!();
}

/// Returns what ended, such as `Create, 2 updates and delete`.
pub(crate) fn sentence(operations: &[&str]) -> String {
    let words: Vec<String> = operations
        .chunk_by(|one, next| one == next)
        .filter_map(|same| match same {
            [one] => Some((*one).to_owned()),
            [first, ..] => Some(format!("{} {first}s", same.len())),
            [] => None,
        })
        .collect();
    let text = match words.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => words.concat(),
    };
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}

pub(crate) fn to_json(report: &Report, findings: &[Value]) -> Value {
    let progress = || report.progress.iter();
    let events = progress().filter_map(|progress| match progress {
        Progress::Event(at, event) => Some(event_to_json(*at, event)),
        _ => None,
    });
    let calls = progress().filter_map(|progress| match progress {
        Progress::Call(call) => Some(show::call_to_json(call)),
        _ => None,
    });
    let resources = |resources: &[PhysicalResource]| -> Vec<Value> {
        let resource = |it: &PhysicalResource| json!({"LogicalResourceId": it.logical_id, "PhysicalResourceId": it.physical_id});
        resources.iter().map(resource).collect()
    };
    let outputs = report.outputs.iter();
    let outputs = outputs.map(|(name, value)| (name.clone(), value.clone().into()));
    json!({
        "version": JSON_VERSION,
        "operation": report.operation,
        "file": report.file,
        "status": report.status.map(|status| status.to_string()),
        "succeeded": report.is_as_asked(),
        "events": events.collect::<Vec<_>>(),
        "calls": calls.collect::<Vec<_>>(),
        "outputs": outputs.collect::<serde_json::Map<_, _>>(),
        "retained": resources(&report.retained),
        "abandoned": resources(&report.abandoned),
        "warnings": report.warnings,
        "problems": report.problems,
        "contacts": report.contacts,
        "check": findings,
    })
}

fn event_to_json(at: SystemTime, event: &StackEvent) -> Value {
    let at = OffsetDateTime::from(at);
    let at = at.replace_millisecond(at.millisecond()).unwrap_or(at);
    json!({
        "Timestamp": at.format(&Rfc3339).ok(),
        "LogicalResourceId": event.logical_id,
        "PhysicalResourceId": event.physical_id,
        "ResourceType": event.resource_type,
        "ResourceStatus": event.status,
        "ResourceStatusReason": event.reason,
    })
}

//! The check whether everybody can be paged. It reads all contacts of the account and Region,
//! whoever made them, and changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde_json::{Value, json};

use crate::aws::failure::Meaning;
use crate::aws::operations::{self, Operations};
use crate::contact::arn::{AccountAndRegion, ContactArn, channel_key};
use crate::contact::personal_data::shown_name;
use crate::contact::plan::{ChannelReference, Plan, Target};
use crate::contact::{Contact, ContactType};
use crate::io::log::{self, milliseconds};
use crate::text::list_of;

/// How many contacts are read at the same time.
const IN_FLIGHT: usize = 16;

/// Account and alias. They identify a contact, whatever Region an ARN names.
type Key = (String, String);

/// The contacts that were listed; each is `None` until it was read.
type Contacts = BTreeMap<Key, Option<Contact>>;

/// What was read so far.
#[derive(Default)]
struct Seen {
    contacts: Contacts,
    /// Whether all contacts were listed.
    is_listed: bool,
}

/// Something that is wrong with a contact.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Finding {
    pub(crate) contact: ContactArn,
    /// Whether the contact can't be paged at all, or only one of its targets.
    pub(crate) is_unreachable: bool,
    pub(crate) why: String,
}

/// What the check found.
#[derive(Debug)]
pub(crate) struct Report {
    /// Whether all contacts were listed and read.
    pub(crate) is_complete: bool,
    /// How many contacts were listed.
    pub(crate) contacts: usize,
    /// How many of them were read.
    pub(crate) read: usize,
    pub(crate) findings: Vec<Finding>,
}

/// Reads the contacts. What was read stays if the time is over.
#[derive(Default)]
pub(crate) struct Check(Mutex<Seen>);

impl Check {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads all contacts. One that goes meanwhile is skipped.
    ///
    /// Returns an error if a read fails for good.
    pub(crate) async fn read(&self, operations: Operations<'_>) -> operations::Result<()> {
        let mut listed = Vec::new();
        let found = |arn: ContactArn| {
            self.seen().contacts.insert(arn.key(), None);
            listed.push(arn);
        };
        operations.list_contacts(found).await?;
        self.seen().is_listed = true;
        let reads = listed.into_iter().map(async |arn| {
            match read_contact(operations, &arn).await {
                Ok(contact) => self.seen().contacts.insert(arn.key(), Some(contact)),
                Err(call) if call.meaning == Meaning::NotFound => {
                    self.seen().contacts.remove(&arn.key())
                }
                Err(call) => return Err(call),
            };
            Ok(())
        });
        stream::iter(reads).buffer_unordered(IN_FLIGHT).try_collect().await
    }

    /// `home` is the account of the function, if it is known.
    pub(crate) fn report(&self, home: Option<&AccountAndRegion>) -> Report {
        let Seen { contacts, is_listed } = &*self.seen();
        report(contacts, *is_listed, home)
    }
}

async fn read_contact(operations: Operations<'_>, arn: &ContactArn) -> operations::Result<Contact> {
    let contact = operations.get_contact(arn).await?;
    if contact.contact_type != Some(ContactType::Personal) {
        return Ok(contact);
    }
    let channels = Some(operations.list_contact_channels(arn).await?);
    Ok(Contact { channels, ..contact })
}

/// What is wrong with the contacts that were read. What was not read counts as in order.
fn report(contacts: &Contacts, is_listed: bool, home: Option<&AccountAndRegion>) -> Report {
    let read: Vec<(&Key, &Contact)> =
        contacts.iter().filter_map(|(key, contact)| Some((key, contact.as_ref()?))).collect();
    // Another account's contacts can't be looked at. An emulator may give the function an account
    // that no contact has.
    let is_home = |(_, contact): &&(&Key, &Contact)| {
        home.is_some_and(|home| contact.arn.is_in_account_of(home))
    };
    let of_home = read.iter().find(is_home).or(read.first());
    let account = of_home.map(|((account, _), _)| account);
    let is_elsewhere = |(of, _): &Key| account.is_some_and(|account| account != of);
    // An escalation can be paged if one of its targets can. Contacts that page
    // only each other in a loop never become reachable.
    let unread = contacts.iter().filter(|(_, contact)| contact.is_none());
    let mut reachable: BTreeSet<&Key> = unread.map(|(key, _)| key).collect();
    let assess = |contact: &Contact, reachable: &BTreeSet<&Key>| {
        Targets::of(contact, |id| match ContactArn::parse(id) {
            Some(arn) if is_elsewhere(&arn.key()) || reachable.contains(&arn.key()) => None,
            Some(arn) if contacts.contains_key(&arn.key()) => {
                Some((UNREACHABLE, arn.alias().to_string()))
            }
            // It may be listed later.
            _ if !is_listed => None,
            _ => Some((MISSING, id.to_owned())),
        })
    };
    loop {
        let is_new = |(key, contact): &&(&Key, &Contact)| {
            !reachable.contains(key) && assess(contact, &reachable).has_reachable
        };
        let new: Vec<&Key> = read.iter().filter(is_new).map(|(key, _)| *key).collect();
        if new.is_empty() {
            break;
        }
        reachable.extend(new);
    }
    let finding = |(_, contact): &(&Key, &Contact)| {
        let targets = assess(contact, &reachable);
        let why = targets.why()?;
        Some(Finding { contact: contact.arn.clone(), is_unreachable: !targets.has_reachable, why })
    };
    Report {
        is_complete: is_listed && read.len() == contacts.len(),
        contacts: contacts.len(),
        read: read.len(),
        findings: read.iter().filter_map(finding).collect(),
    }
}

const NOT_ACTIVATED: &str = "channels that are not activated";
const UNREACHABLE: &str = "targets that can't be paged";
const MISSING: &str = "targets that do not exist";

/// Why a target of a plan can't be paged: one of the above, and what to call the target.
type Problem = (&'static str, String);

/// The targets of a contact's plan.
#[derive(Default)]
struct Targets {
    has_reachable: bool,
    /// What the plan lacks altogether.
    lacks: Option<&'static str>,
    /// The targets that can't be paged, by the reason.
    problems: BTreeMap<&'static str, BTreeSet<String>>,
}

impl Targets {
    fn of(contact: &Contact, problem_of_contact: impl Fn(&str) -> Option<Problem>) -> Self {
        let mut targets = Self::default();
        match &contact.plan {
            Some(Plan::Rotations(rotations)) => {
                // A rotation always has members, and each of them is looked at as a person.
                targets.has_reachable = !rotations.is_empty();
                targets.lacks = rotations.is_empty().then_some("it has no rotation");
            }
            Some(Plan::Stages(stages)) if stages.is_empty() => {
                targets.lacks = Some("it has no plan");
            }
            Some(plan) if plan.targets().next().is_none() => {
                targets.lacks = Some(match contact.contact_type {
                    Some(ContactType::Personal) => "there is no channel in its plan",
                    _ => "there is no contact in its plan",
                });
            }
            Some(_) => {}
            // This program can't express it, so it can't tell.
            None => targets.has_reachable = true,
        }
        for target in contact.plan.iter().flat_map(Plan::targets) {
            let problem = match target {
                Target::Contact { contact_id: None, .. } => {
                    Some((MISSING, "a target without a contact".to_owned()))
                }
                Target::Contact { contact_id: Some(id), .. } => problem_of_contact(id),
                Target::Channel { channel, .. } => problem_of_channel(contact, channel),
            };
            match problem {
                None => targets.has_reachable = true,
                Some((why, name)) => drop(targets.problems.entry(why).or_default().insert(name)),
            }
        }
        targets
    }

    /// What is wrong; `None` if nothing is. The problems are in alphabetical order.
    fn why(&self) -> Option<String> {
        let problems = self.problems.iter().map(|(why, names)| {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            format!("{why}: {}", list_of(&names))
        });
        let lacks = self.lacks.map(ToOwned::to_owned);
        let parts: Vec<String> = lacks.into_iter().chain(problems).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

fn problem_of_channel(contact: &Contact, channel: &ChannelReference) -> Option<Problem> {
    let (ChannelReference::Arn(id) | ChannelReference::Name(id)) = channel;
    let mut channels = contact.channels.iter().flatten();
    match channels
        .find(|channel| channel_key(id).is_some_and(|key| channel_key(&channel.arn) == Some(key)))
    {
        Some(channel) if channel.is_activated => None,
        Some(channel) => Some((NOT_ACTIVATED, shown_name(&channel.name).to_owned())),
        None => Some((MISSING, id.clone())),
    }
}

impl Report {
    /// Logs the findings, and last a line with the counts. It is written in the embedded
    /// metric format
    /// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>),
    /// at `now` since the Unix epoch.
    pub(crate) fn log(&self, function_name: &str, now: Duration, took: Duration) {
        for Finding { contact, is_unreachable, why } in &self.findings {
            log::finding(contact, *is_unreachable, why);
        }
        log::json(&self.line(function_name, now, took));
    }

    fn line(&self, function_name: &str, now: Duration, took: Duration) -> Value {
        let unreachable = self.findings.iter().filter(|finding| finding.is_unreachable).count();
        let is_complete = self.is_complete;
        let mut line = json!({
            "level": if self.findings.is_empty() && is_complete { "INFO" } else { "WARN" },
            "message": if is_complete {
                "checked all contacts"
            } else {
                "time ran out before all contacts were read"
            },
            "contacts": self.contacts,
            "read": self.read,
            "unreachable": unreachable,
            "degraded": self.findings.len() - unreachable,
            "ms": milliseconds(took),
        });
        // A part of the contacts says nothing about the others.
        if let Some(line) = line.as_object_mut().filter(|_| is_complete || unreachable > 0) {
            line.insert("FunctionName".to_owned(), function_name.into());
            line.insert("UnreachableContacts".to_owned(), unreachable.into());
            let metric = json!({
                "Namespace": "IncidentManagerContacts",
                "Dimensions": [["FunctionName"]],
                "Metrics": [{"Name": "UnreachableContacts", "Unit": "Count"}],
            });
            let metadata = json!({"Timestamp": milliseconds(now), "CloudWatchMetrics": [metric]});
            line.insert("_aws".to_owned(), metadata);
        }
        line
    }
}

#[cfg(test)]
mod tests;

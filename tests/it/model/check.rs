//! The model: which contacts must exist, and which values they must have.

use std::collections::{BTreeMap, BTreeSet};

use emulator::contacts::Contact;
use serde_json::{Value, json};

use super::channels::{Operation, State, fits, named};
use super::history::{CHANNEL, Resources, Wanted, Written, plan};

/// The state of the model.
#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    /// The resources of the stack.
    pub(super) resources: Resources,
    /// The contacts of other owners by alias, as they were created.
    pub(super) others: BTreeMap<String, Contact>,
    /// Aliases that some template was allowed to adopt.
    pub(super) adoptable: BTreeSet<String>,
    /// Aliases whose contact somebody deleted.
    pub(super) vanished: BTreeSet<String>,
    /// ARNs of contacts that CloudFormation abandoned.
    pub(super) abandoned: BTreeSet<String>,
    /// The values that persons set and no template sets, by alias.
    pub(super) written: BTreeMap<&'static str, ByPersons>,
    /// The retry interval that the service fills in.
    pub(super) filled_in: Option<i64>,
}

/// The values that persons set on a contact, and which of them may be lost. A value may be lost if
/// a failed update set the same property: the rollback of the update clears it (docs/limits.md).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ByPersons {
    written: Written,
    lost: [bool; 3],
}

pub(super) type Contacts = BTreeMap<String, Contact>;

fn tag<'a>(contact: &'a Contact, name: &str) -> Option<&'a str> {
    contact
        .tags
        .get(&format!("cloudformation-{name}"))
        .map(String::as_str)
}

/// Whether a contact has this stack's tag.
pub(super) fn is_of(contact: &Contact, stack_id: &str) -> bool {
    tag(contact, "stack-id") == Some(stack_id)
}

impl Model {
    /// The differences between the contacts and the model.
    pub(super) fn wrong(
        &self,
        stack_id: &str,
        operation: &Operation,
        complete: bool,
        after: &State,
    ) -> Vec<String> {
        let contacts = &after.contacts;
        let mut wrong = self.others_changed(operation, after);
        let ours = |contact: &&Contact| is_of(contact, stack_id);
        for (logical_id, wanted) in &self.resources {
            match contacts.get(wanted.alias) {
                None if self.vanished.contains(wanted.alias) => {}
                None => wrong.push(format!("{logical_id}: {} is missing", wanted.alias)),
                Some(contact) if !ours(&contact) && self.vanished.contains(wanted.alias) => {}
                Some(contact) => wrong.extend(
                    self.differences(stack_id, logical_id, wanted, contact)
                        .into_iter()
                        .chain(self.wrong_plan(operation, complete, after, (logical_id, wanted)))
                        .map(|what| format!("{logical_id}: {}: {what}", wanted.alias)),
                ),
            }
        }
        let left = contacts.values().filter(ours).filter(|contact| {
            !self
                .resources
                .iter()
                .any(|(_, wanted)| wanted.alias == contact.alias)
                && !self.abandoned.contains(&contact.arn)
        });
        wrong.extend(left.map(|contact| format!("left behind: {contact:?}")));
        wrong
    }

    pub(super) fn write(&mut self, alias: &'static str, new: Written) {
        let ByPersons { written, lost } = self.written.entry(alias).or_default();
        *lost = [
            lost[0] && new.display_name.is_none(),
            lost[1] && new.minutes.is_none(),
            lost[2] && new.tag.is_none(),
        ];
        written.display_name = new.display_name.or(written.display_name);
        written.minutes = new.minutes.or(written.minutes);
        written.tag = new.tag.or(written.tag);
    }

    /// Forgets the values that a template sets from now on. If the update failed after the function
    /// had accepted the template, these values may have been overwritten and cleared, so they may
    /// be lost.
    pub(super) fn settle_written(&mut self, new: &Resources, complete: bool) {
        for (logical_id, wanted) in new {
            let same = self.resources.iter().any(|(known, before)| {
                known == logical_id
                    && before.alias == wanted.alias
                    && before.contact_type == wanted.contact_type
            });
            let Some(by_persons) = self.written.get_mut(wanted.alias) else {
                continue;
            };
            let gives = [
                wanted.display_name.is_some(),
                wanted.minutes.is_some(),
                wanted.tag.is_some(),
            ];
            if complete {
                let Written {
                    display_name,
                    minutes,
                    tag,
                } = &mut by_persons.written;
                *display_name = display_name.filter(|_| !gives[0]);
                *minutes = minutes.filter(|_| !gives[1]);
                *tag = tag.filter(|_| !gives[2]);
            } else if same && !wanted.fault {
                for (lost, gives) in by_persons.lost.iter_mut().zip(gives) {
                    *lost |= gives;
                }
            }
        }
    }

    /// Takes into account that a person removed a channel that the plan of the template names, or
    /// added another one of its Name. The plan may then no longer be the one that the template
    /// gave, and if the template drops it, it stays.
    pub(super) fn plan_may_stay(&mut self, alias: &'static str) {
        self.written.entry(alias).or_default().lost[1] = true;
    }

    fn others_changed(&self, operation: &Operation, after: &State) -> Vec<String> {
        let contacts = &after.contacts;
        let mut wrong = Vec::new();
        for (alias, before) in &self.others {
            let Some(now) = contacts.get(alias) else {
                wrong.push(format!("another owner's contact is missing: {before:?}"));
                continue;
            };
            let may_be_adopted = before.tags.is_empty() && self.adoptable.contains(alias);
            if !may_be_adopted && now != before {
                wrong.push(format!(
                    "another owner's contact was changed: {before:?} to {now:?}"
                ));
            }
            let channels = |state: &State| state.channels.get(alias).cloned();
            let (before, now) = (channels(&operation.before), channels(after));
            if !may_be_adopted && now != before {
                wrong.push(format!(
                    "another owner's channels were changed: {before:?} to {now:?}"
                ));
            }
        }
        wrong
    }

    fn differences(
        &self,
        stack_id: &str,
        logical_id: &str,
        wanted: &Wanted,
        contact: &Contact,
    ) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut check = |what: &str, found: String, expected: String| {
            if found != expected {
                wrong.push(format!("{what} is {found}, not {expected}"));
            }
        };
        check(
            "the type",
            contact.contact_type.clone(),
            wanted.contact_type.into(),
        );
        check(
            "the stack",
            format!("{:?}", tag(contact, "stack-id")),
            format!("{:?}", Some(stack_id)),
        );
        check(
            "the logical id",
            format!("{:?}", tag(contact, "logical-id")),
            format!("{:?}", Some(logical_id)),
        );
        let adopted = self.others.contains_key(wanted.alias);
        if adopted {
            check(
                "the origin",
                format!("{:?}", tag(contact, "origin")),
                r#"Some("adopted")"#.into(),
            );
        } else {
            check(
                "the origin",
                format!("{}", tag(contact, "origin") == Some("adopted")),
                "false".into(),
            );
        }
        // A value that no template sets is the one that a person set. If no person set it, a
        // contact that the stack created does not have it. On a contact that was adopted or once
        // abandoned, such a value is not checked.
        let was_there = adopted || self.abandoned.contains(&contact.arn);
        let ByPersons { written, lost } =
            self.written.get(wanted.alias).copied().unwrap_or_default();
        let open =
            |wanted: bool, written: bool, lost: bool| !wanted && (lost || (was_there && !written));
        let name = wanted.display_name.or(written.display_name);
        if !open(wanted.display_name.is_some(), name.is_some(), lost[0]) {
            check(
                "the name",
                format!("{:?}", contact.display_name.as_deref().unwrap_or_default()),
                format!("{:?}", name.unwrap_or_default()),
            );
        }
        let tag = wanted.tag.or(written.tag);
        if !open(wanted.tag.is_some(), tag.is_some(), lost[2]) {
            let tags: Vec<_> = contact
                .tags
                .iter()
                .filter(|(key, _)| !key.starts_with("cloudformation-"))
                .collect();
            let expected: Vec<_> = tag.map(|tag| ("ours", tag)).into_iter().collect();
            check("the tags", format!("{tags:?}"), format!("{expected:?}"));
        }
        wrong
    }

    /// A plan that names a channel must have the ARN of the template's channel. A plan that was
    /// wrong before may stay so if the template was not applied since: a person removed the
    /// channel.
    fn wrong_plan(
        &self,
        operation: &Operation,
        complete: bool,
        after: &State,
        (logical_id, wanted): (&str, &Wanted),
    ) -> Option<String> {
        let contact = after.contacts.get(wanted.alias)?;
        let ByPersons { written, lost } =
            self.written.get(wanted.alias).copied().unwrap_or_default();
        let was_there =
            self.others.contains_key(wanted.alias) || self.abandoned.contains(&contact.arn);
        let minutes = wanted.minutes.or(written.minutes);
        if wanted.minutes.is_none() && (lost[1] || (was_there && minutes.is_none())) {
            return None;
        }
        let minutes = minutes.unwrap_or_default();
        let allowed = |state: &State| -> Vec<Value> {
            let arns = targets(state, wanted);
            let plan = |arn| {
                let info = json!({"ContactChannelId": arn});
                plan(minutes, wanted.contact_type, info, self.filled_in)
            };
            arns.into_iter().map(plan).collect()
        };
        let expected = allowed(after);
        if expected.contains(&contact.plan) {
            return None;
        }
        let before = &operation.before;
        let was = before
            .contacts
            .get(wanted.alias)
            .map(|contact| &contact.plan);
        let was_wrong = was.is_some_and(|plan| !allowed(before).contains(plan));
        let declared = (logical_id, wanted);
        let is_applied = complete && !operation.old.iter().any(|(id, old)| (*id, old) == declared);
        if was_wrong && !is_applied && was == Some(&contact.plan) {
            return None;
        }
        Some(format!(
            "the plan is {}, not one of {expected:?}",
            contact.plan
        ))
    }
}

/// The ARNs that the plan of the template may refer to.
fn targets(state: &State, wanted: &Wanted) -> Vec<String> {
    let Some(channel) = wanted.target_name().and_then(|name| wanted.channel(name)) else {
        return vec![CHANNEL.to_owned()];
    };
    let channels = state.channels.get(wanted.alias).map(Vec::as_slice);
    let mut named = named(channels.unwrap_or_default(), channel.name);
    if named.iter().any(|c| fits(c, channel)) {
        named.retain(|c| fits(c, channel));
        if named.iter().any(|c| c.is_activated) {
            named.retain(|c| c.is_activated);
        }
    }
    named.into_iter().map(|c| c.arn.clone()).collect()
}

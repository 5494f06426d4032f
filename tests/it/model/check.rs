//! What the world should be, said as plainly as possible.

use std::collections::{BTreeMap, BTreeSet};

use emulator::contacts::Contact;
use serde_json::Value;

use super::life::{Resources, Wanted};

/// The world as the model has it.
#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    /// The resources that stand.
    pub(super) resources: Resources,
    /// Contacts of others, as they were; by alias.
    pub(super) others: BTreeMap<String, Contact>,
    /// Aliases that some template was allowed to adopt.
    pub(super) adoptable: BTreeSet<String>,
    /// Aliases whose contact somebody deleted.
    pub(super) vanished: BTreeSet<String>,
    /// ARNs that CloudFormation gave up.
    pub(super) abandoned: BTreeSet<String>,
}

pub(super) type Contacts = BTreeMap<String, Contact>;

fn tag<'a>(contact: &'a Contact, name: &str) -> Option<&'a str> {
    contact
        .tags
        .get(&format!("cloudformation-{name}"))
        .map(String::as_str)
}

/// Whether a contact bears this stack's tag.
pub(super) fn is_of(contact: &Contact, stack_id: &str) -> bool {
    tag(contact, "stack-id") == Some(stack_id)
}

impl Model {
    /// What is wrong with the world, if anything is.
    pub(super) fn wrong(&self, stack_id: &str, contacts: &Contacts) -> Vec<String> {
        let mut wrong = self.others_changed(contacts);
        let ours = |contact: &&Contact| is_of(contact, stack_id);
        for (logical_id, wanted) in &self.resources {
            match contacts.get(wanted.alias) {
                None if self.vanished.contains(wanted.alias) => {}
                None => wrong.push(format!("{logical_id}: {} is missing", wanted.alias)),
                Some(contact) if !ours(&contact) && self.vanished.contains(wanted.alias) => {}
                Some(contact) => wrong.extend(
                    self.differences(stack_id, logical_id, wanted, contact)
                        .into_iter()
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

    fn others_changed(&self, contacts: &Contacts) -> Vec<String> {
        let mut wrong = Vec::new();
        for (alias, before) in &self.others {
            let Some(now) = contacts.get(alias) else {
                wrong.push(format!("a stranger's contact is gone: {before:?}"));
                continue;
            };
            let may_be_adopted = before.tags.is_empty() && self.adoptable.contains(alias);
            if !may_be_adopted && now != before {
                wrong.push(format!(
                    "a stranger's contact was changed: {before:?} to {now:?}"
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
        // On a contact that the stack created, what no template says is not there; on one
        // that was there before, adopted or given up once, it is as it was.
        let was_there = adopted || self.abandoned.contains(&contact.arn);
        if wanted.display_name.is_some() || !was_there {
            let name = |name: Option<&str>| format!("{:?}", name.unwrap_or_default());
            check(
                "the name",
                name(contact.display_name.as_deref()),
                name(wanted.display_name),
            );
        }
        if let Some(plan) = wanted.plan() {
            check("the plan", contact.plan.to_string(), plan.to_string());
        } else if !was_there {
            check(
                "the plan",
                contact.plan.to_string(),
                Value::from_iter([("Stages", Value::Array(vec![]))]).to_string(),
            );
        }
        if wanted.tag.is_some() || !was_there {
            let tags: Vec<_> = contact
                .tags
                .iter()
                .filter(|(key, _)| !key.starts_with("cloudformation-"))
                .collect();
            check(
                "the tags",
                format!("{tags:?}"),
                format!(
                    "{:?}",
                    wanted
                        .tag
                        .map(|tag| ("ours", tag))
                        .into_iter()
                        .collect::<Vec<_>>()
                ),
            );
        }
        wrong
    }
}

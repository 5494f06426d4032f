//! An operation of the stack: the contacts before it, both templates, and what may go wrong in it.

use std::collections::{BTreeMap, BTreeSet};

use emulator::Emulator;
use emulator::contacts::{Channel, Contact};

use super::history::{ALIASES, LastingFault, Resources, Wanted};

/// The contacts and their channels, by alias.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub(super) contacts: BTreeMap<String, Contact>,
    pub(super) channels: BTreeMap<String, Vec<Channel>>,
}

impl State {
    pub(super) fn of(emulator: &Emulator) -> Self {
        emulator.contacts.backend(|backend| Self {
            contacts: backend.contacts().clone(),
            channels: ALIASES
                .into_iter()
                .map(|alias| (alias.to_owned(), backend.channels(alias)))
                .collect(),
        })
    }
}

/// How an operation ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Ending {
    Complete,
    RolledBack,
    /// The stack is deleted.
    Deleted,
    /// The contacts of the stack may match either template.
    Broken,
}

/// Whose a contact is, by its tags.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Owner {
    /// It belongs to the resource with this logical id, which created or adopted it.
    Ours {
        logical_id: String,
        is_created: bool,
    },
    Nobody,
    /// Somebody removed some of the tags.
    Incomplete,
    Stranger,
}

pub(super) fn owner(contact: &Contact, stack_id: &str) -> Owner {
    let tag = |name: &str| contact.tags.get(&format!("cloudformation-{name}"));
    match (tag("stack-id"), tag("logical-id"), tag("origin")) {
        (None, None, None) => Owner::Nobody,
        (Some(stack), ..) if stack != stack_id => Owner::Stranger,
        (Some(_), Some(logical_id), origin) => Owner::Ours {
            logical_id: logical_id.clone(),
            is_created: origin.is_some_and(|origin| !origin.contains(":adopted:")),
        },
        _ => Owner::Incomplete,
    }
}

/// An operation of the stack.
#[derive(Clone, Debug, Default)]
pub(super) struct Operation {
    pub(super) before: State,
    /// How many calls were made before it.
    pub(super) calls: usize,
    pub(super) old: Resources,
    pub(super) new: Resources,
    pub(super) fault: Option<LastingFault>,
    /// Whether a request may stay without an answer.
    pub(super) is_unanswered: bool,
    /// The aliases of contacts that CloudFormation retained or could not delete.
    pub(super) stays: BTreeSet<String>,
    /// The request ids that are used again.
    pub(super) request_ids: BTreeSet<String>,
    /// The retry interval that the service fills in.
    pub(super) filled: Option<i64>,
}

impl Operation {
    pub(super) fn is_denied(&self, operation: &'static str) -> bool {
        self.fault == Some(LastingFault::Denied(operation))
    }

    /// Whether a contact may stay that no resource has: CloudFormation left it, or the rollback of
    /// a replacement may not delete it, which it does not fail for.
    pub(super) fn stays(&self, alias: &str) -> bool {
        let is_denied =
            matches!(self.fault, Some(LastingFault::Denied(_) | LastingFault::TagsRefused));
        let is_replacement = of(&self.new, alias).iter().any(|(id, _)| self.old.contains_key(id));
        self.stays.contains(alias) || (is_denied && is_replacement)
    }

    /// Whether dropped channels may stay, since the permission to delete or to list them lacks.
    pub(super) fn keeps_dropped(&self) -> bool {
        self.is_denied("ListContactChannels") || self.is_denied("DeleteContactChannel")
    }

    /// Whether the update to the template must succeed.
    pub(super) fn must_succeed(&self, stack_id: &str) -> bool {
        let Operation { before, old, new, fault, is_unanswered, .. } = self;
        let can_be_taken = |logical_id: &str, wanted: &Wanted| {
            let Some(contact) = before.contacts.get(wanted.alias) else {
                return true;
            };
            let is_held = old.values().any(|old| old.alias == wanted.alias);
            let adopts = wanted.adopt.unwrap_or_default();
            let may_take = match owner(contact, stack_id) {
                Owner::Ours { logical_id: known, .. } if known == logical_id => !is_held,
                Owner::Ours { logical_id: known, .. } => {
                    known == adopts && !new.contains_key(adopts)
                }
                Owner::Nobody => adopts == "true" && !is_held,
                Owner::Incomplete | Owner::Stranger => false,
            };
            may_take && contact.contact_type == wanted.contact_type
        };
        let can_be_deployed = |(logical_id, wanted): (&&'static str, &Wanted)| {
            let is_alone = new.values().filter(|other| other.alias == wanted.alias).count() == 1;
            let has_place = match old.get(logical_id) {
                Some(old) if old.alias == wanted.alias => {
                    old.contact_type == wanted.contact_type
                        && before.contacts.contains_key(wanted.alias)
                }
                _ => can_be_taken(logical_id, wanted),
            };
            // For an old token, the service returns the contact that was created with it.
            is_alone && has_place && !wanted.is_invalid && wanted.token.is_none()
        };
        matches!(fault, None | Some(LastingFault::None))
            && !is_unanswered
            && new.iter().all(can_be_deployed)
    }

    /// Whether an update has nothing to go back to, so that its rollback may fail: it renames a
    /// resource whose contact lacks ownership tags, or gives the alias of a contact that somebody
    /// deleted to another resource or another type.
    pub(super) fn has_no_way_back(&self, stack_id: &str) -> bool {
        let Self { before, old, new, .. } = self;
        let contacts = &before.contacts;
        old.iter().any(|(logical_id, old)| {
            let is_same = |(id, new): (&&str, &Wanted)| {
                new.alias != old.alias || (id == logical_id && new.contact_type == old.contact_type)
            };
            if !contacts.contains_key(old.alias) && !new.iter().all(is_same) {
                return true;
            }
            let is_renamed = new.get(logical_id).is_some_and(|new| new.alias != old.alias);
            let is_ours = |contact| matches!(owner(contact, stack_id), Owner::Ours { .. });
            is_renamed && !contacts.get(old.alias).is_some_and(is_ours)
        })
    }
}

/// The resources of a template that have this alias.
pub(super) fn of<'a>(template: &'a Resources, alias: &str) -> Vec<(&'static str, &'a Wanted)> {
    let all = template.iter().map(|(id, wanted)| (*id, wanted));
    all.filter(|(_, wanted)| wanted.alias == alias).collect()
}

/// Whether a template gives this alias to this logical id.
pub(super) fn gives(template: &Resources, logical_id: &str, alias: &str) -> bool {
    template.get(logical_id).is_some_and(|wanted| wanted.alias == alias)
}

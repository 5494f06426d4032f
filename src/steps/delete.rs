//! What a Delete, or the rollback of a replacement, does about a contact.

use std::time::Duration;

use super::{CONSISTENCY, Step};
use crate::contact::{Contact, ContactType, Tags};
use crate::error::Error;
use crate::identity::{
    LOGICAL_TAG, MarkerKind, OWNERSHIP_TAGS, Origin, Ownership, OwnershipTags, Resource, STACK_TAG,
};
use crate::properties::UncheckedProperties;

/// How long to look for the contact of a Create that may still be in progress.
const CREATE_IN_PROGRESS: Duration = Duration::from_secs(30);

/// How a request identifies the contact to delete.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum DeleteBy {
    /// The contact's ARN.
    Arn,
    /// The marker of a failed Create: its kind and origin.
    Marker(MarkerKind, String),
    /// An id that CloudFormation invented.
    InventedId,
    /// The old alias of an Update that rolls back a replacement, which wanted this type.
    RolledBackReplacement(Option<ContactType>),
}

/// What happens to a contact.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum DeleteDecision {
    /// The stack created the contact, and deletes it.
    Delete,
    /// The stack adopted the contact: the ownership tags are removed, the contact stays.
    Release(Step),
    /// The contact is left alone, for this reason.
    LeaveAlone(String),
}

/// How long to look for a contact that can't be found, or that has no ownership tags.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LookAgain {
    /// While no contact is found.
    pub while_absent: Duration,
    /// While ownership tags are missing.
    pub while_untagged: Duration,
}

/// Decides about a contact with these tags. It is asked once no ownership tag is missing, or
/// after the last wait for one: see [`tags_may_appear`](super::tags_may_appear).
#[must_use]
pub fn delete_decision(
    resource: &Resource,
    by: &DeleteBy,
    tags: &Tags,
    setting: OwnershipTags,
) -> DeleteDecision {
    let leave = |why: &str| DeleteDecision::LeaveAlone(why.to_owned());
    match (resource.ownership(tags), by) {
        (Ownership::Ours(origin), _) => match (origin, by) {
            (Origin::Adopted, _) => DeleteDecision::Release(release(tags, setting)),
            (_, DeleteBy::Arn | DeleteBy::RolledBackReplacement(_))
            | (Origin::Create(_), DeleteBy::InventedId) => DeleteDecision::Delete,
            (Origin::Create(origin), DeleteBy::Marker(_, request)) if origin == *request => {
                DeleteDecision::Delete
            }
            (Origin::Create(_), DeleteBy::Marker(..)) => {
                leave("another Create of this resource made it")
            }
            (Origin::Update, _) => leave("an Update of this resource made it, and no Create"),
            (Origin::Missing, _) => leave("its tags do not tell which request made it"),
        },
        (Ownership::Nobody, DeleteBy::Arn | DeleteBy::Marker(MarkerKind::Created, _))
            if setting == OwnershipTags::Off =>
        {
            DeleteDecision::Delete
        }
        (ownership, _) => leave(&format!("it belongs to {ownership}")),
    }
}

/// Removes the ownership tags. Under `off` the origin stays. Without it, a second delivery of
/// this Delete would take the contact for an untagged one and delete it.
fn release(tags: &Tags, setting: OwnershipTags) -> Step {
    let removed = match setting {
        OwnershipTags::On => &OWNERSHIP_TAGS[..],
        OwnershipTags::Off => &[STACK_TAG, LOGICAL_TAG],
    };
    let present = removed.iter().filter(|key| tags.contains_key(**key));
    Step::Untag(present.map(|key| (*key).to_owned()).collect())
}

/// How long a Delete with these last properties looks for the contact.
#[must_use]
pub fn look_before_delete(
    by: &DeleteBy,
    last: &UncheckedProperties,
    setting: OwnershipTags,
) -> LookAgain {
    let of_create = match by {
        DeleteBy::Marker(kind, _) => *kind == MarkerKind::OutcomeUnknown,
        DeleteBy::InventedId => true,
        DeleteBy::Arn | DeleteBy::RolledBackReplacement(_) => false,
    };
    // Under `off`, what a Create in progress makes has no tags and would be left alone.
    let waits = of_create && setting == OwnershipTags::On;
    let time = |waits| {
        if waits {
            CREATE_IN_PROGRESS
        } else {
            CONSISTENCY
        }
    };
    LookAgain {
        while_absent: time(waits),
        // The Create may be about to adopt a contact that nobody owns.
        while_untagged: time(waits && last.optional.adopt_existing),
    }
}

/// How long the rollback of a replacement looks for the contact that the replacement made.
#[must_use]
pub fn look_after_replacement(setting: OwnershipTags) -> LookAgain {
    LookAgain {
        while_absent: match setting {
            OwnershipTags::On => CREATE_IN_PROGRESS,
            OwnershipTags::Off => CONSISTENCY,
        },
        while_untagged: CONSISTENCY,
    }
}

/// Whether the contact under the alias of a replacement can be what the replacement made.
/// A contact of another type was there before, and the replacement was refused.
#[must_use]
pub fn is_of_replacement(wanted: Option<ContactType>, contact: &Contact) -> bool {
    wanted == contact.contact_type
}

/// Whether the rollback of a replacement goes on although its contact was not deleted.
///
/// A contact is usually in use by another resource that CloudFormation knows. CloudFormation
/// then deletes the contact later. A rollback must not fail for a missing permission to read
/// or to release.
#[must_use]
pub fn may_stay_after_rollback(error: &Error) -> bool {
    let is_delete = error.failed_operation() == Some("DeleteContact");
    error.is_conflict() || (error.is_access_denied() && !is_delete)
}

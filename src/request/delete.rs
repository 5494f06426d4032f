//! A Delete, and the rollback of a replacement: deletes what the stack created, releases what it
//! adopted, and leaves everything else alone.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Context, ReadChannels, read};
use crate::aws::failure::{FailedCall, Meaning};
use crate::aws::operations::{self, Operation};
use crate::contact::arn::ContactArn;
use crate::contact::{Contact, ContactType};
use crate::error::Error;
use crate::ownership::{self, Attempt, Creator, Owner, PhysicalId, Resource};
use crate::properties::{AdoptExisting, LastProperties};

/// How long DeleteContact is sent again while the contact is in use.
const IN_USE: Duration = Duration::from_secs(30);
/// How long to look for the contact of a request that may still be in progress.
const IN_PROGRESS: Duration = Duration::from_secs(30);

/// How a request identifies the contact that it deletes.
#[derive(Clone, Debug, Eq, PartialEq)]
enum DeleteBy {
    Arn,
    /// The marker of a failed Create of this attempt.
    Attempt(Attempt),
    /// An id that CloudFormation made up for a Create that never answered.
    MadeUpId,
    /// The old alias of an Update that rolls back a replacement, which had this type.
    RolledBackReplacement(ContactType),
}

/// What happens to a contact.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Take {
    /// The stack created it, and deletes it.
    Delete,
    /// The stack adopted it: the ownership tags go, the contact stays.
    Release,
    /// It is left alone, for this reason.
    Leave(&'static str),
}

/// Deletes or releases the contact, if it is this resource's.
pub(super) async fn delete(
    cx: &Context<'_>,
    id: PhysicalId,
    last: &LastProperties,
) -> Result<(), Error> {
    let by = match id {
        PhysicalId::NothingCreated => return Ok(()),
        PhysicalId::Contact(arn) => {
            if let Err(error) = cx.check_account(&arn) {
                cx.log.warning("left alone", &arn, &error);
                return Ok(());
            }
            return delete_if_ours(cx, &arn, &DeleteBy::Arn, last).await;
        }
        PhysicalId::OutcomeUnknown(attempt) => DeleteBy::Attempt(attempt),
        PhysicalId::Other => DeleteBy::MadeUpId,
    };
    match (&last.alias, &cx.function) {
        (Some(alias), Some(function)) => {
            delete_if_ours(cx, &function.contact(alias), &by, last).await
        }
        // No contact has an alias that the API would refuse.
        _ => Ok(()),
    }
}

/// Deletes or releases the contact that a rolled-back replacement brought. What can't be read or
/// deleted stays: the rollback must not fail for it.
pub(super) async fn roll_back_replacement(
    cx: &Context<'_>,
    arn: &ContactArn,
    contact_type: ContactType,
) {
    let by = DeleteBy::RolledBackReplacement(contact_type);
    let nothing = LastProperties {
        alias: None,
        adopt_existing: AdoptExisting::No,
    };
    if let Err(error) = delete_if_ours(cx, arn, &by, &nothing).await {
        cx.log.warning("left behind", arn, &error);
    }
}

async fn delete_if_ours(
    cx: &Context<'_>,
    arn: &ContactArn,
    by: &DeleteBy,
    last: &LastProperties,
) -> Result<(), Error> {
    let Some(contact) = look(cx, arn, by, last).await? else {
        return Ok(());
    };
    let done = match may_take(cx.resource, by, &contact) {
        Take::Delete => delete_once_free(cx, arn).await,
        Take::Release => {
            cx.contacts
                .untag_resource(arn, ownership::ownership_keys(&contact.tags))
                .await
        }
        Take::Leave(why) => {
            cx.log.warning("left alone", arn, &why);
            return Ok(());
        }
    };
    match done {
        Err(failed)
            if (failed.is(Meaning::NotFound) || failed.is(Meaning::Validation))
                && is_gone(cx, arn).await =>
        {
            Ok(())
        }
        other => Ok(other?),
    }
}

/// Reads the contact and its tags; returns `None` if it is gone. While the request that brings it
/// may be in progress, it looks again.
async fn look(
    cx: &Context<'_>,
    arn: &ContactArn,
    by: &DeleteBy,
    last: &LastProperties,
) -> Result<Option<Contact>, Error> {
    let mut wait = cx.backoff(if *by == DeleteBy::Arn {
        Duration::ZERO
    } else {
        IN_PROGRESS
    });
    loop {
        match read(cx, arn, ReadChannels::No).await {
            Ok(None) if wait.pause().await => {}
            // The Create may be about to adopt it.
            Ok(Some(holder))
                if *by == DeleteBy::MadeUpId
                    && would_adopt(cx.resource, last, &holder)
                    && wait.pause().await => {}
            // The ARN is well formed, so there is no replication set, and no contact at all.
            Err(Error::Call(call))
                if call.operation == Operation::GetContact && call.is(Meaning::Validation) =>
            {
                return Ok(None);
            }
            // It went while it was being read.
            Err(Error::Call(call)) if call.is(Meaning::NotFound) && is_gone(cx, arn).await => {
                return Ok(None);
            }
            other => return other,
        }
    }
}

/// Whether there is no such contact (any more).
async fn is_gone(cx: &Context<'_>, arn: &ContactArn) -> bool {
    let found = cx.contacts.get_contact(arn).await;
    found.is_err_and(|call| call.is(Meaning::NotFound) || call.is(Meaning::Validation))
}

/// Whether the template would adopt this contact.
fn would_adopt(resource: &Resource, last: &LastProperties, contact: &Contact) -> bool {
    match (resource.owner(&contact.tags), &last.adopt_existing) {
        (Owner::Nobody, AdoptExisting::Untagged) => true,
        (Owner::Sibling(tag), AdoptExisting::OfLogicalId(named)) => {
            ownership::is_logical_id(&tag, named)
        }
        _ => false,
    }
}

/// Decides about a contact. Its tags say whose it is; who finds it by its alias must have
/// brought it, too.
fn may_take(resource: &Resource, by: &DeleteBy, contact: &Contact) -> Take {
    let Owner::Us(origin) = resource.owner(&contact.tags) else {
        return Take::Leave("its tags do not say that it is this resource's");
    };
    let is_brought = match (by, &origin) {
        (DeleteBy::Arn, _) => true,
        (_, None) => false,
        (DeleteBy::Attempt(attempt), Some(origin)) => origin.attempt == *attempt,
        (DeleteBy::MadeUpId, Some(origin)) => origin.by == Creator::Create,
        (DeleteBy::RolledBackReplacement(contact_type), Some(origin)) => {
            origin.by == Creator::Update && contact.contact_type == Some(*contact_type)
        }
    };
    match origin {
        _ if !is_brought => Take::Leave("another request of this resource brought it"),
        Some(origin) if !origin.is_adopted => Take::Delete,
        _ => Take::Release,
    }
}

/// DeleteContact, until nothing holds the contact.
async fn delete_once_free(cx: &Context<'_>, arn: &ContactArn) -> operations::Result<()> {
    let mut wait = cx.backoff(IN_USE);
    let mut deleted = BTreeSet::new();
    loop {
        let refusal = match cx.contacts.delete_contact(arn).await {
            Err(refusal) if refusal.is(Meaning::Conflict) => refusal,
            other => return other,
        };
        let mut is_freed = false;
        for channel in channels_that_hold(&refusal, arn) {
            if deleted.contains(&channel) {
                continue;
            }
            match cx.contacts.delete_contact_channel(&channel).await {
                Err(failed) if !failed.is(Meaning::NotFound) => return Err(failed),
                _ => is_freed = deleted.insert(channel),
            }
        }
        if !is_freed && !wait.pause().await {
            return Err(if deleted.is_empty() {
                refusal
            } else {
                refusal.with_note("the channels of the contact are deleted already")
            });
        }
    }
}

/// The channels to delete before a contact whose DeleteContact was refused: what depends on
/// the contact, if these are all channels of its own. A person who stays on call, because a
/// rotation holds the contact, must stay reachable.
fn channels_that_hold(refusal: &FailedCall, contact: &ContactArn) -> Vec<String> {
    let dependents = refusal.dependents();
    let are_channels = dependents.iter().all(|arn| contact.has_channel(arn));
    if are_channels {
        dependents.to_vec()
    } else {
        Vec::new()
    }
}

#[cfg(test)]
mod tests;

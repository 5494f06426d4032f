//! A Delete, and the rollback of a replacement: deletes what the stack created, releases what it
//! adopted, and leaves everything else alone.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Context, ReadChannels, read};
use crate::aws::failure::{FailedCall, Meaning};
use crate::aws::operations::{self, Operation};
use crate::contact::arn::ContactArn;
use crate::contact::{Contact, ContactType};
use crate::ownership::{self, Attempt, BroughtBy, Owner, PhysicalId, Resource};
use crate::properties::{AdoptExisting, LastProperties};

/// How long DeleteContact is sent again while the contact is in use.
const IN_USE: Duration = Duration::from_secs(30);
/// How long to look for the contact of a request that may still be in progress.
const IN_PROGRESS: Duration = Duration::from_secs(30);

/// How a request finds the contact that it deletes.
#[derive(Clone, Debug, Eq, PartialEq)]
enum FoundBy {
    Arn,
    /// The marker of a failed Create of this attempt.
    Attempt(Attempt),
    /// An id that CloudFormation made up for a Create that never answered. Its template would adopt
    /// this.
    MadeUpId(AdoptExisting),
    /// The old alias of an Update that rolls back a replacement, which had this type.
    RolledBackReplacement(ContactType),
}

/// What happens to a contact.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fate {
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
    last: LastProperties,
) -> operations::Result<()> {
    let of_alias = last.alias.map(|alias| cx.home.contact(&alias));
    let (arn, found_by) = match id {
        PhysicalId::NothingCreated => return Ok(()),
        PhysicalId::Contact(arn) => (Some(arn), FoundBy::Arn),
        PhysicalId::OutcomeUnknown(attempt) => (of_alias, FoundBy::Attempt(attempt)),
        PhysicalId::Other => (of_alias, FoundBy::MadeUpId(last.adopt_existing)),
    };
    // No contact has an alias that the API would refuse.
    let Some(arn) = arn else { return Ok(()) };
    if let Err(error) = cx.check_account(&arn) {
        cx.log.warning("left alone", &arn, &error);
        return Ok(());
    }
    delete_if_ours(cx, &arn, &found_by).await
}

/// Deletes or releases the contact that a rolled-back replacement brought. What can't be read or
/// deleted in time stays: the rollback must not fail for it.
pub(super) async fn roll_back_replacement(
    cx: &Context<'_>,
    arn: &ContactArn,
    contact_type: ContactType,
) {
    let found_by = FoundBy::RolledBackReplacement(contact_type);
    if let Err(why) = cx.optional(delete_if_ours(cx, arn, &found_by)).await {
        cx.log.warning("left behind", arn, &why);
    }
}

async fn delete_if_ours(
    cx: &Context<'_>,
    arn: &ContactArn,
    found_by: &FoundBy,
) -> operations::Result<()> {
    let Some(contact) = look(cx, arn, found_by).await? else {
        return Ok(());
    };
    let done = match fate_of(cx.resource, found_by, &contact) {
        Fate::Delete => delete_once_free(cx, arn).await,
        Fate::Release => {
            let keys = ownership::ownership_keys(&contact.tags);
            cx.service.untag_resource(arn, keys).await
        }
        Fate::Leave(why) => {
            cx.log.warning("left alone", arn, &why);
            return Ok(());
        }
    };
    match done {
        Err(failed) if is_gone(cx, arn, &failed).await => Ok(()),
        other => other,
    }
}

/// Reads the contact and its tags; returns `None` if it is gone. While the request that brings it
/// may be in progress, it looks again.
async fn look(
    cx: &Context<'_>,
    arn: &ContactArn,
    found_by: &FoundBy,
) -> operations::Result<Option<Contact>> {
    let mut wait = cx.backoff(if *found_by == FoundBy::Arn { Duration::ZERO } else { IN_PROGRESS });
    loop {
        let found = match read(cx, arn, ReadChannels::No).await {
            Err(failed) if is_gone(cx, arn, &failed).await => return Ok(None),
            found => found?,
        };
        let may_change = match (&found, found_by) {
            (None, _) => true,
            // The Create may be about to adopt it.
            (Some(holder), FoundBy::MadeUpId(adopt_existing)) => {
                adopt_existing.allows(&cx.resource.owner(&holder.tags))
            }
            _ => false,
        };
        if !(may_change && wait.pause().await) {
            return Ok(found);
        }
    }
}

/// Whether a call failed because there is no such contact (any more). The ARN is well formed, so
/// a GetContact that calls it invalid says that there is no replication set, and no contact at
/// all.
async fn is_gone(cx: &Context<'_>, arn: &ContactArn, failed: &FailedCall) -> bool {
    let may_be_gone =
        |failed: &FailedCall| matches!(failed.meaning, Meaning::NotFound | Meaning::Validation);
    if failed.operation == Operation::GetContact || !may_be_gone(failed) {
        return may_be_gone(failed);
    }
    let found = cx.service.get_contact(arn).await;
    found.is_err_and(|failed| may_be_gone(&failed))
}

/// Decides about a contact. Its tags say whose it is. A request that knows no ARN may delete only
/// what its own request brought.
fn fate_of(resource: &Resource, found_by: &FoundBy, contact: &Contact) -> Fate {
    let Owner::Us(origin) = resource.owner(&contact.tags) else {
        return Fate::Leave("its tags do not say that it is this resource's");
    };
    let is_brought = match (found_by, &origin) {
        (FoundBy::Arn, _) => true,
        (_, None) => false,
        (FoundBy::Attempt(attempt), Some(origin)) => origin.attempt == *attempt,
        (FoundBy::MadeUpId(_), Some(origin)) => origin.by == BroughtBy::Create,
        (FoundBy::RolledBackReplacement(contact_type), Some(origin)) => {
            origin.by == BroughtBy::Update && contact.contact_type == Some(*contact_type)
        }
    };
    match origin {
        _ if !is_brought => {
            Fate::Leave("it is this resource's, but not what this request may delete")
        }
        Some(origin) if !origin.is_adopted => Fate::Delete,
        _ => Fate::Release,
    }
}

/// DeleteContact, until nothing holds the contact.
async fn delete_once_free(cx: &Context<'_>, arn: &ContactArn) -> operations::Result<()> {
    let mut wait = cx.backoff(IN_USE);
    let mut deleted = BTreeSet::new();
    loop {
        let refusal = match cx.service.delete_contact(arn).await {
            Err(refusal) if refusal.meaning == Meaning::Conflict => refusal,
            other => return other,
        };
        let mut is_freed = false;
        for channel in channels_that_hold(&refusal, arn) {
            if deleted.contains(&channel) {
                continue;
            }
            match cx.service.delete_contact_channel(&channel).await {
                Err(failed) if failed.meaning != Meaning::NotFound => return Err(failed),
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
    let are_channels = refusal.dependents.iter().all(|arn| contact.has_channel(arn));
    if are_channels { refusal.dependents.clone() } else { Vec::new() }
}

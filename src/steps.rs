//! Every decision: what to call, what a refusal means, when to look again, what to delete.
//!
//! The functions are pure. They compare what the template wants with the contact as it is,
//! and return what to do. `lifecycle` makes the calls, and waits as long as it is told here.

use std::time::Duration;

use crate::channel::{Address, Channel, DesiredChannel, DesiredPlan};
use crate::contact::{Contact, ContactType, Plan, Tags};
use crate::error::Error;
use crate::identity::{OWNERSHIP_TAGS, Ownership, OwnershipTags, Resource};

mod channels;
mod create;
mod delete;
mod update;

pub use channels::{
    AfterChannelRefusal, ReadChannels, after_channel_refusal, channels_that_block,
    may_go_without_channels, may_keep_channel, read_channels, steps_after_create,
};
pub use create::{
    AfterRefusal, CreateCalls, after_refusal, check_token, claim_or_adopt, looks_until_found,
    marker_kind, plan_to_create, possible_holder, tags_to_create, template_token,
};
pub use delete::{
    DeleteBy, DeleteDecision, LookAgain, delete_decision, is_of_replacement,
    look_after_replacement, look_before_delete, may_stay_after_rollback,
};
pub use update::{
    alias_of_rolled_back_replacement, channels_may_appear, check_account, check_update,
    may_go_without_tags, update_steps,
};

/// How long a Delete waits for a contact that is in use.
pub const IN_USE: Duration = Duration::from_secs(30);

/// How long a new contact or its tags may be missing before they count as missing.
pub const CONSISTENCY: Duration = Duration::from_secs(5);

/// One call that changes a contact.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Step {
    /// UpdateContact. What is `None` is left out of the call and stays as it is.
    Update {
        /// The new name. An empty one clears it.
        display_name: Option<String>,
        /// The new plan. A Name in it is that of a channel which an earlier step creates.
        plan: Option<DesiredPlan>,
    },
    /// CreateContactChannel.
    CreateChannel {
        /// The channel.
        channel: DesiredChannel,
        /// The idempotency token.
        token: String,
    },
    /// UpdateContactChannel, with a new Name.
    RenameChannel {
        /// The channel's ARN.
        arn: String,
        /// The new Name.
        name: String,
    },
    /// UpdateContactChannel, with a new address.
    ChangeAddress {
        /// The channel's ARN.
        arn: String,
        /// The new address.
        address: Address,
    },
    /// DeleteContactChannel. If it is denied, the Update goes on, since a rollback must not
    /// fail for it.
    DeleteChannel {
        /// The channel's ARN.
        arn: String,
    },
    /// No call: the channel stays as it is, and a warning says why.
    KeepChannel {
        /// The channel's ARN.
        arn: String,
        /// Why.
        why: &'static str,
    },
    /// TagResource, with these tags.
    Tag(Tags),
    /// UntagResource, with these keys.
    Untag(Vec<String>),
    /// TagResource, with ownership tags that are missing. If they are refused, the Update
    /// goes on, since a rollback must not fail for them.
    Restore(Tags),
    /// DeleteContact.
    Delete,
}

/// The result of reading a contact.
#[derive(Clone, Debug)]
pub enum Reading<T> {
    /// No contact has the ARN.
    Absent,
    /// What was asked for.
    Present(T),
    /// The contact exists, and its tags or its channels can't be read, for this reason.
    Unreadable(Error),
}

impl<T> Reading<T> {
    /// Applies `part` to what was found.
    pub fn map<U>(self, part: impl FnOnce(T) -> U) -> Reading<U> {
        match self {
            Self::Absent => Reading::Absent,
            Self::Present(whole) => Reading::Present(part(whole)),
            Self::Unreadable(error) => Reading::Unreadable(error),
        }
    }
}

/// Combines the results of GetContact, ListTagsForResource and ListContactChannels.
///
/// # Errors
///
/// Returns an error if a read failed for a reason that says nothing about the contact.
pub fn reading(
    contact: Result<Contact, Error>,
    tags: Result<Tags, Error>,
    channels: Result<Option<Vec<Channel>>, Error>,
    setting: OwnershipTags,
) -> Result<Reading<Contact>, Error> {
    let contact = match contact {
        Ok(contact) => contact,
        Err(error) if error.is_not_found() => return Ok(Reading::Absent),
        Err(error) => return Err(error),
    };
    let tags = match tags {
        Ok(tags) => tags,
        // Outside the first Region of the replication set, the service may refuse to list
        // tags. A contact can't have tags there.
        Err(error) if error.refuses_tags_in_region() && setting == OwnershipTags::Off => {
            Tags::new()
        }
        Err(error) => return unreadable(error),
    };
    // The service may refuse to list the channels of a contact that is no person.
    let is_person = contact.contact_type == Some(ContactType::Personal);
    let channels = channels.or_else(|error| if is_person { Err(error) } else { Ok(None) });
    Ok(match channels {
        Ok(channels) => Reading::Present(Contact {
            tags,
            channels,
            ..contact
        }),
        Err(error) => return unreadable(error),
    })
}

/// A contact that was found, and of which another read failed. It may be too new.
fn unreadable<T>(error: Error) -> Result<Reading<T>, Error> {
    if error.is_validation() || error.is_not_found() {
        Ok(Reading::Unreadable(error))
    } else {
        Err(error)
    }
}

/// Whether ownership tags that a contact lacks may still appear.
#[must_use]
pub fn tags_may_appear(resource: &Resource, tags: &Tags, setting: OwnershipTags) -> bool {
    let are_missing = OWNERSHIP_TAGS.iter().any(|key| !tags.contains_key(*key));
    let is_others = matches!(resource.ownership(tags), Ownership::Other { .. });
    setting == OwnershipTags::On && are_missing && !is_others
}

/// Whether the contact has this plan.
fn is_met(plan: &Plan, contact: &Contact) -> bool {
    let held = contact.plan.as_ref();
    held.is_some_and(|held| plan.is_matched_by(held))
}

/// UpdateContact with what differs. A plan that names a channel which does not exist yet
/// differs.
fn update_step(
    display_name: Option<String>,
    plan: Option<DesiredPlan>,
    contact: &Contact,
) -> Option<Step> {
    let display_name = display_name.filter(|name| *name != contact.display_name);
    let differs = |plan: &DesiredPlan| {
        let complete = plan.resolve(|_| None);
        complete.map_or(true, |plan| !is_met(&plan, contact))
    };
    let plan = plan.filter(differs);
    (display_name.is_some() || plan.is_some()).then_some(Step::Update { display_name, plan })
}

/// TagResource with what differs.
fn tag_step(mut tags: Tags, contact: &Contact) -> Option<Step> {
    tags.retain(|key, value| contact.tags.get(key) != Some(value));
    (!tags.is_empty()).then_some(Step::Tag(tags))
}

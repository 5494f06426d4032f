//! What a Create, or an Update that creates, does: the contact that it creates, whether the
//! holder of a taken alias is claimed, adopted or left alone, and what the marker of a failed
//! Create says.

use std::collections::BTreeSet;

use super::channels::{OldChannels, OldTemplate, channel_steps};
use super::{Step, tag_step, update_step};
use crate::contact::{AccountAndRegion, Contact, ContactArn, ContactType, Plan, Tags};
use crate::error::{AliasTaken, Error};
use crate::identity::{
    Creator, MarkerKind, ORIGIN_TAG, Origin, Ownership, OwnershipTags, Resource,
};
use crate::properties::{Desired, UncheckedProperties};

/// What became of the CreateContact calls of one request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CreateCalls {
    /// CreateContact was called once and refused, the refusal is not retried, and no other
    /// call changed anything. A second CreateContact follows a conflict, when a create of the
    /// alias may be in progress.
    Refused,
    /// A call succeeded.
    Succeeded,
    /// Anything else.
    Unknown,
}

/// What follows a CreateContact that was refused.
#[derive(Clone, Debug)]
pub enum AfterRefusal {
    /// This contact holds the alias: claim it.
    Claim(Contact),
    /// A create of the alias may be in progress: send CreateContact again.
    SendAgain(Error),
    /// The request fails.
    Fail(Error),
}

/// The marker of a Create that failed with this error. `setting` is `None` if the settings
/// are not allowed.
#[must_use]
pub fn marker_kind(
    error: &Error,
    create_calls: CreateCalls,
    setting: Option<OwnershipTags>,
) -> MarkerKind {
    if error.is_invalid_input() {
        return MarkerKind::NothingCreated;
    }
    // Without ownership tags, only this marker lets the Delete find the contact.
    let is_known = !error.is_interruption() || error.is_time_out();
    if is_known && (create_calls, setting) == (CreateCalls::Succeeded, Some(OwnershipTags::Off)) {
        return MarkerKind::Created;
    }
    // After a conflict whose holder can't be found or read, a create of the alias may be in
    // progress, perhaps by an earlier delivery of the same request.
    let is_about_holder = error.is_about_channel()
        || error
            .failed_operation()
            .is_some_and(|operation| operation != "CreateContact");
    if error.is_interruption() || error.is_conflict() || is_about_holder {
        return MarkerKind::OutcomeUnknown;
    }
    match create_calls {
        CreateCalls::Refused => MarkerKind::NothingCreated,
        CreateCalls::Succeeded | CreateCalls::Unknown => MarkerKind::OutcomeUnknown,
    }
}

/// The tags of a contact that a request creates.
#[must_use]
pub fn tags_to_create(
    resource: &Resource,
    desired: &Desired,
    creator: Creator,
    setting: OwnershipTags,
) -> Tags {
    let mut tags = desired.optional.tags.clone();
    if setting == OwnershipTags::On {
        tags.extend(resource.tags(creator));
    }
    tags
}

/// The plan of a contact that a request creates. It is empty if the template's names channels,
/// which don't exist yet. The service refuses even an empty list of stages for an on-call
/// schedule.
#[must_use]
pub fn plan_to_create(desired: &Desired) -> Option<Plan> {
    let wanted = desired.optional.plan.as_ref();
    let complete = wanted.and_then(|plan| plan.resolve(|_| None).ok());
    complete.or_else(|| match desired.contact_type {
        ContactType::OncallSchedule => None,
        ContactType::Personal | ContactType::Escalation => Some(desired.contact_type.empty_plan()),
    })
}

/// The template's token, if CreateContact sends it unchanged. An Update does not send it,
/// since the service would return the contact of the Create. Under `off` it is not sent,
/// since no tags would say whose contact the service returned.
#[must_use]
pub fn template_token(desired: &Desired, creator: Creator, setting: OwnershipTags) -> Option<&str> {
    let token = desired.optional.idempotency_token.as_deref();
    token.filter(|_| creator == Creator::Create && setting == OwnershipTags::On)
}

/// Checks the contact that a template's token was answered with.
///
/// # Errors
///
/// Returns an error if the token was used before, for another alias.
pub fn check_token(arn: &ContactArn, desired: &Desired) -> Result<(), Error> {
    if *arn.alias() == desired.alias {
        Ok(())
    } else {
        Err(Error::token_used_before(arn.clone(), false))
    }
}

/// The ARN of the contact that may hold the alias after a refused CreateContact. AWS does not
/// document which error a taken alias causes, and the quota may be checked first.
#[must_use]
pub fn possible_holder(
    refusal: &Error,
    desired: &Desired,
    function: Option<&AccountAndRegion>,
) -> Option<ContactArn> {
    if !(refusal.is_conflict() || refusal.is_validation() || refusal.is_quota()) {
        return None;
    }
    let named = refusal.conflicting_resource().and_then(ContactArn::parse);
    named
        .filter(|arn| *arn.alias() == desired.alias)
        .or_else(|| function.map(|function| function.contact(&desired.alias)))
}

/// Whether to keep reading until the holder is found. After a conflict, CreateContact is sent
/// again instead.
#[must_use]
pub fn looks_until_found(refusal: &Error) -> bool {
    !refusal.is_conflict()
}

/// What follows a refused CreateContact, once the possible holder was looked for.
#[must_use]
pub fn after_refusal(
    refusal: Error,
    desired: &Desired,
    holder: Result<Option<Contact>, Error>,
) -> AfterRefusal {
    match holder {
        Ok(Some(holder)) => AfterRefusal::Claim(holder),
        Ok(None) if refusal.is_conflict() => AfterRefusal::SendAgain(refusal),
        // A conflict says that the alias is taken, so the read matters. Any other refusal
        // may be about something else.
        Err(read) if refusal.is_conflict() => {
            AfterRefusal::Fail(Error::holder_unreadable(desired.alias.clone(), read))
        }
        Ok(None) | Err(_) => AfterRefusal::Fail(refusal),
    }
}

/// The steps that claim or adopt the holder of a taken alias. A holder that is this resource's
/// is claimed; one that belongs to nobody is adopted if the template says `AdoptExisting`.
///
/// A claim writes the origin last: if the Create fails before that, its Delete leaves the
/// contact alone. An adoption writes the tags first: if the function dies, the owner is known.
///
/// # Errors
///
/// Returns an error if the holder has another owner or another type, if it has no owner
/// and may not be adopted, or if it can't be told which of its channels the template means.
pub fn claim_or_adopt(
    resource: &Resource,
    desired: &Desired,
    old: Option<&UncheckedProperties>,
    holder: &Contact,
    creator: Creator,
    setting: OwnershipTags,
) -> Result<Vec<Step>, Error> {
    let wanted = &desired.optional;
    let ownership = resource.ownership(&holder.tags);
    let type_fits = holder.contact_type == Some(desired.contact_type);
    let old = old.map(|old| OldChannels {
        channels: &old.optional.channels,
        template: OldTemplate::OfAnotherAlias,
    });
    let plan = BTreeSet::new();
    let mut tags = wanted.tags.clone();
    match &ownership {
        Ownership::Ours(origin) if type_fits => {
            let channels = channel_steps(resource, desired, old, holder, &plan)?;
            let origin = match origin {
                Origin::Adopted => None,
                Origin::Missing if wanted.adopt_existing => {
                    resource.adoption_tags().remove(ORIGIN_TAG)
                }
                Origin::Create(_) | Origin::Update | Origin::Missing => {
                    Some(resource.origin(creator))
                }
            };
            let origin = origin.filter(|_| setting == OwnershipTags::On);
            let origin = origin.map(|origin| (ORIGIN_TAG.to_owned(), origin));
            let mut last = Tags::new();
            if creator == Creator::Create && !channels.has_calls_after_tags() {
                tags.extend(origin);
            } else {
                last.extend(origin);
            }
            let plan = wanted.plan.as_ref().map(|plan| channels.with_arns(plan));
            let update = update_step(wanted.display_name.clone(), plan, holder);
            let last = tag_step(last, holder).map(|step| match (step, creator) {
                // An Update may be a rollback, which must not fail for the origin.
                (Step::Tag(tags), Creator::Update) => Step::Restore(tags),
                (step, _) => step,
            });
            let steps = channels.create.into_iter().chain(update);
            let steps = steps.chain(tag_step(tags, holder)).chain(channels.change);
            Ok(steps.chain(last).collect())
        }
        Ownership::Nobody | Ownership::Released if type_fits && wanted.adopt_existing => {
            let channels = channel_steps(resource, desired, old, holder, &plan)?;
            tags.extend(resource.adoption_tags());
            let plan = wanted.plan.as_ref().map(|plan| channels.with_arns(plan));
            let update = update_step(wanted.display_name.clone(), plan, holder);
            let steps = tag_step(tags, holder).into_iter().chain(channels.create);
            Ok(steps.chain(update).chain(channels.change).collect())
        }
        _ => Err(Error::alias_taken(AliasTaken {
            alias: desired.alias.clone(),
            holder: holder.arn.clone(),
            holder_type: holder.contact_type,
            ownership,
            wanted_type: desired.contact_type,
            may_adopt: setting == OwnershipTags::On,
        })),
    }
}

//! A Create, and an Update that creates: CreateContact, and what follows if the alias is taken.

use super::reconcile::{Old, Step, reconcile};
use super::{Bringing, Context, Done, ReadChannels, apply, read};
use crate::aws::failure::{FailedCall, Meaning};
use crate::aws::operations::Operation;
use crate::contact::arn::{AccountAndRegion, ContactArn};
use crate::contact::plan::Plan;
use crate::contact::{Contact, ContactType};
use crate::error::{AliasTaken, Error};
use crate::ownership::{BroughtBy, Left, Origin, Owner, Resource};
use crate::properties::Desired;

/// Creates the contact, or takes over the one that holds the alias.
pub(super) async fn create(
    cx: &Context<'_>,
    desired: &Desired,
    by: Bringing<'_>,
) -> Result<Done, Error> {
    let mut tags = cx.resource.ownership_tags(&cx.resource.origin(by.request(), false));
    tags.extend(desired.tags.clone());
    let (token, is_templates_token) = token(cx.resource, desired, by);
    let plan = plan_to_create(desired);
    match cx.service.create_contact(desired, plan.as_ref(), &tags, &token).await {
        Ok(arn) if is_templates_token => read_back(cx, desired, by, arn).await,
        Ok(arn) => apply(cx, desired, arn, Vec::new(), steps_after_create(desired)).await,
        Err(refusal) => {
            let refusal = if is_templates_token { refusal } else { refusal.without_token_advice() };
            let was_refused_at_once = refusal.was_refused_at_once;
            let holder = find_holder(cx, desired, by, refusal).await?;
            take_over(cx, desired, by, holder, was_refused_at_once).await
        }
    }
}

/// The contact that a template's token was answered with. The token may be an old one, and the
/// contact gone or another owner's.
async fn read_back(
    cx: &Context<'_>,
    desired: &Desired,
    by: Bringing<'_>,
    arn: ContactArn,
) -> Result<Done, Error> {
    if *arn.alias() != desired.alias {
        return Err(Error::TokenUsedBefore { arn, is_gone: false });
    }
    match read(cx, &arn, ReadChannels::of(desired, None)).await? {
        Some(contact) => take_over(cx, desired, by, contact, false).await,
        None => Err(Error::TokenUsedBefore { arn, is_gone: true }),
    }
}

/// The contact that holds the alias after a refused CreateContact, if the refusal can be about the
/// alias. AWS does not document which error a taken alias causes, and a quota may be checked first.
///
/// Returns the refusal if there is no such contact.
async fn find_holder(
    cx: &Context<'_>,
    desired: &Desired,
    by: Bringing<'_>,
    refusal: Box<FailedCall>,
) -> Result<Contact, Error> {
    let Some(arn) = possible_holder(&refusal, desired, &cx.home) else {
        return Err(refusal.into());
    };
    let failed = match read(cx, &arn, ReadChannels::of(desired, None)).await {
        Ok(Some(holder)) => return Ok(holder),
        Ok(None) => return Err(refusal.into()),
        Err(failed) => failed,
    };
    // The channels of a contact that is left alone are not needed.
    if failed.operation == Operation::ListContactChannels
        && let Ok(Some(holder)) = read(cx, &arn, ReadChannels::No).await
    {
        let owner = cx.resource.owner(&holder.tags);
        if origin_if_taken(cx.resource, desired, by.request(), &holder, &owner).is_none() {
            return Ok(holder);
        }
        // An earlier delivery may have made it.
        return Err(Error::HolderUnreadable { read: failed, was_refused_at_once: false });
    }
    // A conflict says that the alias is taken, so the read matters. Any other refusal may be about
    // something else.
    Err(if refusal.meaning == Meaning::Conflict {
        let was_refused_at_once = refusal.was_refused_at_once;
        Error::HolderUnreadable { read: failed, was_refused_at_once }
    } else {
        refusal.into()
    })
}

/// Brings the holder of the alias to the desired state, if it is this resource's already or may
/// be adopted.
async fn take_over(
    cx: &Context<'_>,
    desired: &Desired,
    by: Bringing<'_>,
    holder: Contact,
    was_refused_at_once: bool,
) -> Result<Done, Error> {
    let owner = cx.resource.owner(&holder.tags);
    let Some(origin) = origin_if_taken(cx.resource, desired, by.request(), &holder, &owner) else {
        return Err(Error::AliasTaken(Box::new(AliasTaken {
            was_refused_at_once,
            holder: holder.arn,
            holder_type: holder.contact_type,
            owner,
            wanted_type: desired.contact_type,
        })));
    };
    let steps = steps_to_take(cx.resource, desired, by, &holder, &owner, &origin);
    apply(cx, desired, holder.arn, holder.channels.unwrap_or_default(), steps).await
}

/// The new origin of a holder that is claimed, since it is this resource's already, or adopted;
/// `None` if it is left alone.
fn origin_if_taken(
    resource: &Resource,
    desired: &Desired,
    by: BroughtBy,
    holder: &Contact,
    owner: &Owner,
) -> Option<Origin> {
    if holder.contact_type != Some(desired.contact_type) {
        return None;
    }
    match owner {
        Owner::Us(old) => {
            let was_adopted = old.as_ref().is_none_or(|old| old.is_adopted);
            // A Create has not created what another request made, so a rollback keeps it.
            let is_anothers =
                by == BroughtBy::Create && resource.is_of_another_request(old.as_ref());
            Some(resource.origin(by, was_adopted || is_anothers))
        }
        owner => desired.adopt_existing.allows(owner).then(|| resource.origin(by, true)),
    }
}

/// The steps that take a contact over.
///
/// The origin is written last: if a Create fails before that, its Delete leaves the contact alone.
/// Only the tags of a contact that nobody owns come first: refused, as outside the first Region,
/// they have changed nothing.
fn steps_to_take(
    resource: &Resource,
    desired: &Desired,
    by: Bringing<'_>,
    holder: &Contact,
    owner: &Owner,
    origin: &Origin,
) -> Vec<Step> {
    let old = match by {
        Bringing::Create => Old::NoTemplate,
        Bringing::Update { old, .. } => Old::of_update(old, holder),
    };
    let mut steps = reconcile(desired, old, holder);
    let mut tags = resource.ownership_tags(origin);
    tags.retain(|key, value| holder.tags.get(key) != Some(value));
    // Without an ARN, CloudFormation deletes the old id next. That Delete finds this contact by
    // its alias, and only the new origin protects it.
    let is_claim = matches!(owner, Owner::Us(_));
    let may_fail = is_claim && matches!(by, Bringing::Update { has_arn: true, .. });
    if !tags.is_empty() {
        let place = if *owner == Owner::Nobody { 0 } else { steps.len() };
        steps.insert(place, Step::Own { tags, may_fail });
    }
    steps
}

/// The idempotency token of CreateContact, and whether it is the template's. An Update does not
/// send the template's, since the service would return the contact of the Create.
fn token(resource: &Resource, desired: &Desired, by: Bringing<'_>) -> (String, bool) {
    match (&desired.idempotency_token, by) {
        (Some(token), Bringing::Create) => (token.clone(), true),
        (token, _) => (resource.token(&desired.alias, token.as_deref(), None), false),
    }
}

/// The plan of a contact that a request creates. It is empty if the template's names channels,
/// which don't exist yet. The service refuses even an empty list of stages for an on-call
/// schedule.
fn plan_to_create(desired: &Desired) -> Option<Plan> {
    match &desired.plan {
        Some(plan) if !plan.has_names() => Some(plan.clone()),
        None if desired.contact_type == ContactType::OncallSchedule => None,
        _ => Some(Plan::empty(desired.contact_type)),
    }
}

/// The steps after a CreateContact that was accepted: the channels, then the plan if it names
/// one of them.
fn steps_after_create(desired: &Desired) -> Vec<Step> {
    let plan = desired.plan.clone().filter(Plan::has_names);
    let update = plan.map(|plan| Step::Update { display_name: None, plan: Some(plan) });
    let channels = desired.channels.iter().cloned().map(Step::CreateChannel);
    channels.chain(update).collect()
}

/// The ARN of the contact that may hold the alias.
fn possible_holder(
    refusal: &FailedCall,
    desired: &Desired,
    home: &AccountAndRegion,
) -> Option<ContactArn> {
    if !matches!(refusal.meaning, Meaning::Conflict | Meaning::Validation | Meaning::Quota) {
        return None;
    }
    let named = ContactArn::parse(&refusal.resource_id);
    let of_alias = named.filter(|arn| *arn.alias() == desired.alias);
    Some(of_alias.unwrap_or_else(|| home.contact(&desired.alias)))
}

/// What a Create has left that failed with this error.
///
/// Only a refusal for good, at the only sending, proves that nothing was made, if nothing was
/// claimed after it. After anything else, such as a time-out, a panic or a lost reply, a contact
/// may exist or still come, and the Delete that follows looks for it. So it may after a conflict
/// that nobody is found for: another delivery of the same event may be creating the contact.
pub(crate) fn what_it_left(error: &Error) -> Left {
    let is_nothing = match error {
        Error::InvalidProperties(_) | Error::NoStackArn | Error::UnknownRequestType(_) => true,
        Error::Call(call) => {
            call.operation == Operation::CreateContact
                && call.was_refused_at_once
                && call.meaning != Meaning::Conflict
        }
        Error::AliasTaken(taken) => taken.was_refused_at_once,
        Error::HolderUnreadable { was_refused_at_once, .. } => *was_refused_at_once,
        _ => false,
    };
    if is_nothing { Left::NothingCreated } else { Left::OutcomeUnknown }
}

#[cfg(test)]
mod tests;

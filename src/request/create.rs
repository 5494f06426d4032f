//! A Create, and an Update that creates: CreateContact, and what follows if the alias is taken.

use super::reconcile::{Old, Step, reconcile};
use super::{By, Context, Done, ReadChannels, apply, read};
use crate::aws::failure::{FailedCall, Meaning};
use crate::aws::operations::Operation;
use crate::contact::arn::{AccountAndRegion, ContactArn};
use crate::contact::plan::Plan;
use crate::contact::{Contact, ContactType};
use crate::error::{AliasTaken, Error};
use crate::ownership::{self, Creator, MarkerKind, Origin, Owner, Resource};
use crate::properties::{AdoptExisting, Desired};

/// Creates the contact, or takes over the one that holds the alias.
pub(super) async fn create(cx: &Context<'_>, desired: &Desired, by: By<'_>) -> Result<Done, Error> {
    let mut tags = cx
        .resource
        .ownership_tags(&cx.resource.origin(by.creator(), false));
    tags.extend(desired.tags.clone());
    let (token, is_templates_token) = token(cx.resource, desired, by);
    let plan = plan_to_create(desired);
    match cx
        .contacts
        .create_contact(desired, plan.as_ref(), &tags, &token)
        .await
    {
        Ok(arn) if is_templates_token => read_back(cx, desired, by, arn).await,
        Ok(arn) => apply(cx, desired, arn, Vec::new(), steps_after_create(desired)).await,
        Err(refusal) => {
            let refusal = if is_templates_token {
                refusal
            } else {
                refusal.without_token_advice()
            };
            let was_refused_at_once = refusal.was_refused_at_once;
            let holder = find_holder(cx, desired, refusal).await?;
            take_over(cx, desired, by, holder, was_refused_at_once).await
        }
    }
}

/// The contact that a template's token was answered with. The token may be an old one, and the
/// contact gone or another owner's.
async fn read_back(
    cx: &Context<'_>,
    desired: &Desired,
    by: By<'_>,
    arn: ContactArn,
) -> Result<Done, Error> {
    if *arn.alias() != desired.alias {
        return Err(Error::TokenUsedBefore {
            arn,
            is_gone: false,
        });
    }
    match read(cx, &arn, ReadChannels::of(desired, None)).await? {
        Some(contact) => take_over(cx, desired, by, contact, false).await,
        None => Err(Error::TokenUsedBefore { arn, is_gone: true }),
    }
}

/// The contact that holds the alias after a refused CreateContact. AWS does not document which
/// error a taken alias causes, and a quota may be checked first.
///
/// Returns the refusal if there is no such contact.
async fn find_holder(
    cx: &Context<'_>,
    desired: &Desired,
    refusal: Box<FailedCall>,
) -> Result<Contact, Error> {
    let Some(arn) = possible_holder(&refusal, desired, cx.function.as_ref()) else {
        return Err(refusal.into());
    };
    match read(cx, &arn, ReadChannels::of(desired, None)).await {
        Ok(Some(holder)) => Ok(holder),
        // A conflict says that the alias is taken, so the read matters. Any other refusal may be
        // about something else.
        Err(Error::Call(read)) if refusal.is(Meaning::Conflict) => {
            Err(Error::HolderUnreadable(read))
        }
        Ok(None) | Err(_) => Err(refusal.into()),
    }
}

/// Brings the holder of the alias to the desired state, if it is this resource's already or may
/// be adopted. A claim writes its origin last: if it fails before that, its Delete leaves the
/// contact alone.
async fn take_over(
    cx: &Context<'_>,
    desired: &Desired,
    by: By<'_>,
    holder: Contact,
    was_refused_at_once: bool,
) -> Result<Done, Error> {
    let owner = cx.resource.owner(&holder.tags);
    let Some(take) = may_take(cx.resource, desired, by.creator(), &holder, &owner) else {
        return Err(Error::AliasTaken(Box::new(AliasTaken {
            was_refused_at_once,
            holder: holder.arn,
            holder_type: holder.contact_type,
            owner,
            wanted_type: desired.contact_type,
        })));
    };
    let steps = steps_to_take(cx.resource, desired, by, &holder, &take);
    apply(
        cx,
        desired,
        holder.arn,
        holder.channels.unwrap_or_default(),
        steps,
    )
    .await
}

/// How a contact that holds the alias is taken over.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Take {
    /// It is this resource's already.
    Claim(Origin),
    /// It belongs to another logical id of this stack, which `AdoptExisting` names.
    AdoptSibling(Origin),
    /// It belongs to nobody.
    AdoptUntagged(Origin),
}

/// Whether, and how, the holder of the alias may be taken over.
fn may_take(
    resource: &Resource,
    desired: &Desired,
    by: Creator,
    holder: &Contact,
    owner: &Owner,
) -> Option<Take> {
    if holder.contact_type != Some(desired.contact_type) {
        return None;
    }
    let origin = |is_adopted| resource.origin(by, is_adopted);
    match (owner, &desired.adopt_existing) {
        (Owner::Us(old), _) => {
            let was_adopted = old.as_ref().is_none_or(|old| old.is_adopted);
            // A Create has not created what another request made, so a rollback keeps it.
            let is_anothers = by == Creator::Create && resource.is_of_another_request(old.as_ref());
            Some(Take::Claim(origin(was_adopted || is_anothers)))
        }
        (Owner::Nobody, AdoptExisting::Untagged) => Some(Take::AdoptUntagged(origin(true))),
        (Owner::Sibling(tag), AdoptExisting::OfLogicalId(named))
            if ownership::is_logical_id(tag, named) =>
        {
            Some(Take::AdoptSibling(origin(true)))
        }
        _ => None,
    }
}

/// The steps that take a contact over.
fn steps_to_take(
    resource: &Resource,
    desired: &Desired,
    by: By<'_>,
    holder: &Contact,
    take: &Take,
) -> Vec<Step> {
    let old = match by {
        By::Create => Old::None,
        By::Update { old, .. } => Old::of_update(old, holder),
    };
    let mut steps = reconcile(desired, old, holder);
    let (Take::Claim(origin) | Take::AdoptSibling(origin) | Take::AdoptUntagged(origin)) = take;
    let mut tags = resource.ownership_tags(origin);
    tags.retain(|key, value| holder.tags.get(key) != Some(value));
    if tags.is_empty() {
        return steps;
    }
    let may_fail = matches!(
        (take, by),
        (Take::Claim(_), By::Update { has_arn: true, .. })
    );
    let own = Step::Own { tags, may_fail };
    match take {
        // Refused, as outside the first Region, it has changed nothing.
        Take::AdoptUntagged(_) => steps.insert(0, own),
        Take::Claim(_) | Take::AdoptSibling(_) => steps.push(own),
    }
    steps
}

/// The idempotency token of CreateContact, and whether it is the template's. An Update does not
/// send the template's, since the service would return the contact of the Create.
fn token(resource: &Resource, desired: &Desired, by: By<'_>) -> (String, bool) {
    match (&desired.idempotency_token, by) {
        (Some(token), By::Create) => (token.clone(), true),
        (token, _) => (
            resource.token(&desired.alias, token.as_deref(), None),
            false,
        ),
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
    let update = plan.map(|plan| Step::Update {
        display_name: None,
        plan: Some(plan),
    });
    let channels = desired.channels.iter().cloned().map(Step::CreateChannel);
    channels.chain(update).collect()
}

/// The ARN of the contact that may hold the alias.
fn possible_holder(
    refusal: &FailedCall,
    desired: &Desired,
    function: Option<&AccountAndRegion>,
) -> Option<ContactArn> {
    if !(refusal.is(Meaning::Conflict)
        || refusal.is(Meaning::Validation)
        || refusal.is(Meaning::Quota))
    {
        return None;
    }
    let named = refusal.conflicting_resource().and_then(ContactArn::parse);
    let of_alias = named.filter(|arn| *arn.alias() == desired.alias);
    of_alias.or_else(|| function.map(|function| function.contact(&desired.alias)))
}

/// What the marker of a Create says that failed with this error.
///
/// A conflict whose holder can't be found or read proves nothing: another delivery of the same
/// event may be creating the contact.
pub(super) fn marker(error: &Error) -> MarkerKind {
    let is_nothing = match error {
        Error::InvalidProperties(_) | Error::NoStackArn | Error::UnknownRequestType(_) => true,
        Error::Call(call) => {
            call.operation == Operation::CreateContact
                && call.was_refused_at_once
                && !call.is(Meaning::Conflict)
        }
        Error::AliasTaken(taken) => taken.was_refused_at_once,
        _ => false,
    };
    if is_nothing {
        MarkerKind::NothingCreated
    } else {
        MarkerKind::OutcomeUnknown
    }
}

#[cfg(test)]
mod tests;

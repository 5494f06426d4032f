//! What a request needs done: pure decisions over what the template wants and what
//! the contact is.

use std::time::Duration;

use crate::contact::{Contact, ContactArn, ContactType, Home, Plan, Tags};
use crate::error::{CHANGE_THE_TOKEN, Error};
use crate::identity::{
    Creator, LOGICAL_TAG, Left, ORIGIN_TAG, OWNERSHIP_TAGS, Origin, Ownership, OwnershipTags,
    Resource, STACK_TAG,
};
use crate::properties::{Desired, Readable, TAGS_MAX, tags_max};

/// How long to wait for a contact in use to be let go.
pub const IN_USE: Duration = Duration::from_secs(30);
/// How long to look for the contact of a Create that may still be under way.
pub const CREATE_UNDER_WAY: Duration = Duration::from_secs(30);
/// How long to look again before what the service says of a new contact is believed.
pub const CONSISTENCY: Duration = Duration::from_secs(5);

/// One call that changes a contact.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Step {
    /// UpdateContact; what is `None` is left out of the call and stays.
    Update {
        /// The new name; empty clears it.
        display_name: Option<String>,
        /// The new plan.
        plan: Option<Plan>,
    },
    /// UntagResource, with these keys.
    Untag(Vec<String>),
    /// TagResource, with these tags.
    Tag(Tags),
    /// TagResource, with ownership tags that are missing. If they are refused, the
    /// contact goes without: a rollback must not fail for them.
    Restore(Tags),
    /// DeleteContact.
    Delete,
}

/// What reads of a contact have found.
#[derive(Clone, Debug)]
pub enum Reading<T> {
    /// No contact has the ARN.
    Absent,
    /// What was asked for.
    Present(T),
    /// The contact is there, and its tags can't be read, because of this.
    WithoutTags(Error),
}

impl<T> Reading<T> {
    /// The same about a part of what was asked for.
    pub fn map<U>(self, part: impl FnOnce(T) -> U) -> Reading<U> {
        match self {
            Self::Absent => Reading::Absent,
            Self::Present(whole) => Reading::Present(part(whole)),
            Self::WithoutTags(error) => Reading::WithoutTags(error),
        }
    }
}

/// What entitles a request to delete a contact.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Entitlement {
    /// The contact's ARN, which CloudFormation knows from an answer.
    Arn,
    /// The marker of a Create of this origin: what it left.
    Marker(Left, String),
    /// An id that CloudFormation invented for a Create that never answered.
    Invented,
    /// A replacement that is rolled back.
    Replacement,
}

/// What a Delete does about a contact.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Disposal {
    /// The stack created it: it goes.
    Delete,
    /// The stack adopted it: our tags go, the contact stays.
    Release(Step),
    /// It is not ours to touch, because of this.
    Leave(String),
}

/// What is known of the creation of a contact by one request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Creation {
    /// Every CreateContact was refused for good, and nothing was changed.
    Refused,
    /// A CreateContact was answered.
    Answered,
    /// Anything else.
    Unknown,
}

/// What a Create that failed with this error has left.
#[must_use]
pub fn left_by_create(error: &Error, creation: Creation, setting: Option<OwnershipTags>) -> Left {
    // A conflict whose holder can't be found or read: a create of this alias may be under
    // way, perhaps by an earlier delivery of the same request.
    if error.is_interruption()
        || error.is_conflict()
        || error.is_about_another_call("CreateContact")
    {
        return Left::Unknown;
    }
    match (creation, setting) {
        _ if error.is_about_input() => Left::Nothing,
        (Creation::Refused, _) => Left::Nothing,
        (Creation::Answered, Some(OwnershipTags::Off)) => Left::Contact,
        _ => Left::Unknown,
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
    let mut tags = desired.tags.clone();
    if setting == OwnershipTags::On {
        tags.extend(resource.tags(creator));
    }
    tags
}

/// The template's idempotency token, where it is sent as it is. An Update's would speak
/// of the contact that the Create made, and without ownership tags nothing would tell
/// whose contact an old token brings back.
#[must_use]
pub fn templates_token(
    desired: &Desired,
    creator: Creator,
    setting: OwnershipTags,
) -> Option<&str> {
    let token = desired.idempotency_token.as_deref();
    token.filter(|_| creator == Creator::Create && setting == OwnershipTags::On)
}

/// The contact that may hold the alias of a create that was refused. The alias is taken
/// if it can be found: which error tells so is not confirmed, and a full quota may be
/// told first.
#[must_use]
pub fn possible_holder(
    refusal: &Error,
    desired: &Desired,
    home: Option<&Home>,
) -> Option<ContactArn> {
    if !(refusal.is_conflict() || refusal.is_validation() || refusal.is_quota()) {
        return None;
    }
    let named = refusal.conflicting_resource().and_then(ContactArn::parse);
    named
        .filter(|arn| *arn.alias() == desired.alias)
        .or_else(|| home.map(|home| home.contact(&desired.alias)))
}

/// What GetContact and ListTagsForResource say together.
///
/// # Errors
///
/// Returns the error of a read that tells nothing about the contact.
pub fn reading(
    contact: Result<Contact, Error>,
    tags: Result<Tags, Error>,
    setting: OwnershipTags,
) -> Result<Reading<Contact>, Error> {
    let contact = match contact {
        Ok(contact) => contact,
        Err(error) if error.is_not_found() => return Ok(Reading::Absent),
        Err(error) => return Err(error),
    };
    match tags {
        Ok(tags) => Ok(Reading::Present(Contact { tags, ..contact })),
        // Tags may not be listed outside the first Region of the replication set, where
        // there can't be any.
        Err(error) if error.is_validation() && setting == OwnershipTags::Off => {
            Ok(Reading::Present(contact))
        }
        Err(error) if error.is_validation() || error.is_not_found() => {
            Ok(Reading::WithoutTags(error))
        }
        Err(error) => Err(error),
    }
}

/// Whether tags that a contact lacks may still appear.
#[must_use]
pub fn tags_may_appear(resource: &Resource, tags: &Tags, setting: OwnershipTags) -> bool {
    let missing = OWNERSHIP_TAGS.iter().any(|key| !tags.contains_key(*key));
    let others = matches!(resource.ownership(tags), Ownership::Other { .. });
    setting == OwnershipTags::On && missing && !others
}

/// Whether an Update may touch the contact, and can do what is asked.
///
/// # Errors
///
/// Returns an error if the contact's tags name another owner, and if its type would have
/// to change.
pub fn check_update(
    resource: &Resource,
    desired: &Desired,
    contact: &Contact,
) -> Result<(), Error> {
    if let Ownership::Other { .. } = resource.ownership(&contact.tags) {
        return Err(Error::refused(
            format!(
                "The contact {} belongs to {}, so nothing was changed",
                contact.arn,
                owner_in_words(resource, &contact.tags)
            ),
            "give this resource another Alias, or take the contact's ownership tags away if its owner is gone",
        ));
    }
    if contact.contact_type == Some(desired.contact_type) {
        return Ok(());
    }
    Err(Error::refused(
        format!(
            "The contact {} has the type {} and a contact's type can't change to {}",
            contact.arn,
            type_in_words(contact),
            desired.contact_type
        ),
        "change the Alias together with the Type, so that CloudFormation replaces the contact (an alias is unique)",
    ))
}

/// Checks the contact that a template's token brought back, before its tags are read.
///
/// # Errors
///
/// Returns an error if the token was used for another alias.
pub fn check_token(arn: &ContactArn, desired: &Desired) -> Result<(), Error> {
    if *arn.alias() == desired.alias {
        return Ok(());
    }
    let what = format!("The IdempotencyToken was used before, for the contact {arn}");
    Err(Error::refused(what, CHANGE_THE_TOKEN))
}

/// The error of a template's token that brings back a contact that is gone.
#[must_use]
pub fn token_of_a_gone_contact(arn: &ContactArn) -> Error {
    let what =
        format!("The IdempotencyToken was used before, for the contact {arn}, which is gone");
    Error::refused(what, CHANGE_THE_TOKEN)
}

/// Whether the old template can have given the contact what it has: a Create would have
/// accepted the old properties, and they are about this contact. Otherwise they are
/// those of a refused update that is rolled back.
fn gave(resource: &Resource, old: &Readable, contact: &Contact, setting: OwnershipTags) -> bool {
    // The settings may have changed since. Under `on` a contact of ours has its ownership
    // tags, which leave room for fewer others.
    let made_under = match resource.ownership(&contact.tags) {
        Ownership::Ours(_) | Ownership::Incomplete => OwnershipTags::On,
        Ownership::Nobody | Ownership::Released | Ownership::Other { .. } => OwnershipTags::Off,
    };
    let may_adopt = !old.adopt_existing || setting == OwnershipTags::On;
    old.is_sound
        && old.tags.len() <= tags_max(made_under)
        && may_adopt
        && old.alias.as_ref() == Some(contact.arn.alias())
        && old.contact_type.is_some()
        && old.contact_type == contact.contact_type
}

/// The steps of an Update: what differs from the contact as it is.
///
/// What the template never set is left alone. What it had and dropped is cleared
/// while the contact still has the value that the old template gave it.
#[must_use]
pub fn to_update(
    resource: &Resource,
    desired: &Desired,
    old: &Readable,
    contact: &Contact,
    setting: OwnershipTags,
) -> Vec<Step> {
    let given = Some(old).filter(|old| gave(resource, old, contact, setting));
    let dropped_name = given
        .and_then(|old| old.display_name.as_ref())
        .filter(|name| **name == contact.display_name);
    let display_name = desired
        .display_name
        .clone()
        .or_else(|| dropped_name.map(|_| String::new()));
    let dropped_plan = given
        .and_then(|old| old.plan.as_ref())
        .filter(|plan| is_met(plan, contact));
    let plan = desired
        .plan
        .clone()
        .or_else(|| dropped_plan.map(|_| desired.contact_type.empty_plan()));
    let old_tags = given.into_iter().flat_map(|old| &old.tags);
    let dropped = old_tags.filter(|(key, value)| {
        !desired.tags.contains_key(*key) && contact.tags.get(*key) == Some(*value)
    });
    let dropped: Vec<String> = dropped.map(|(key, _)| key.clone()).collect();

    let untag = (!dropped.is_empty()).then_some(Step::Untag(dropped));
    let tag = tag_step(desired.tags.clone(), contact);
    let added = desired
        .tags
        .keys()
        .filter(|key| !contact.tags.contains_key(*key));
    let fits = contact.tags.len() + added.count() <= TAGS_MAX;
    let tagging = if fits { [tag, untag] } else { [untag, tag] };
    update_step(display_name, plan, contact)
        .into_iter()
        .chain(tagging.into_iter().flatten())
        .chain(restore_step(resource, desired, old, contact, setting))
        .collect()
}

/// Puts back the ownership tags that a contact lacks. Nobody knows who made a contact
/// that has lost all three, and what the stack did not create it does not delete.
fn restore_step(
    resource: &Resource,
    desired: &Desired,
    old: &Readable,
    contact: &Contact,
    setting: OwnershipTags,
) -> Option<Step> {
    let adopted = resource.ownership(&contact.tags) == Ownership::Nobody
        || desired.adopt_existing
        || old.adopt_existing;
    let mut missing = if adopted {
        resource.adoption_tags()
    } else {
        resource.tags(Creator::Update)
    };
    missing.retain(|key, _| !contact.tags.contains_key(key));
    (setting == OwnershipTags::On && !missing.is_empty()).then_some(Step::Restore(missing))
}

/// Whether an Update goes on although ownership tags could not be put back.
#[must_use]
pub fn may_go_without_tags(error: &Error) -> bool {
    error.is_validation() || error.is_access_denied() || error.is_quota()
}

/// The steps that make the holder of a taken alias this resource's.
///
/// A contact of ours bears the origin of this request only once it is as desired: until
/// then it is not this request's to delete. A contact that is adopted is tagged first, so
/// that a crash between the calls leaves a contact whose owner is known.
///
/// # Errors
///
/// Returns an error if the holder is another's, or nobody's and may not be adopted, or of
/// another type. It says who holds the alias and what to do.
pub fn to_claim(
    resource: &Resource,
    desired: &Desired,
    holder: &Contact,
    creator: Creator,
    setting: OwnershipTags,
) -> Result<Vec<Step>, Error> {
    let ownership = resource.ownership(&holder.tags);
    let type_fits = holder.contact_type == Some(desired.contact_type);
    let update = update_step(desired.display_name.clone(), desired.plan.clone(), holder);
    let mut tags = desired.tags.clone();
    match &ownership {
        Ownership::Ours(origin) if type_fits => {
            let origin = match origin {
                Origin::Adopted => None,
                Origin::Missing if desired.adopt_existing => {
                    resource.adoption_tags().remove(ORIGIN_TAG)
                }
                Origin::Create(_) | Origin::Update | Origin::Missing => {
                    Some(resource.origin(creator))
                }
            };
            if let (Some(origin), OwnershipTags::On) = (origin, setting) {
                tags.insert(ORIGIN_TAG.to_owned(), origin);
            }
            Ok(update.into_iter().chain(tag_step(tags, holder)).collect())
        }
        Ownership::Nobody | Ownership::Released if type_fits && desired.adopt_existing => {
            tags.extend(resource.adoption_tags());
            Ok(tag_step(tags, holder).into_iter().chain(update).collect())
        }
        _ => Err(alias_taken(resource, desired, holder, &ownership, setting)),
    }
}

/// What is to be done about a contact of these tags.
#[must_use]
pub fn to_delete(
    resource: &Resource,
    entitlement: &Entitlement,
    tags: &Tags,
    setting: OwnershipTags,
) -> Disposal {
    let leave = |why: &str| Disposal::Leave(why.to_owned());
    match (resource.ownership(tags), entitlement) {
        (Ownership::Ours(origin), _) => match (origin, entitlement) {
            (Origin::Adopted, _) => Disposal::Release(release(tags, setting)),
            (_, Entitlement::Arn | Entitlement::Replacement)
            | (Origin::Create(_), Entitlement::Invented) => Disposal::Delete,
            (Origin::Create(by), Entitlement::Marker(_, request)) if by == *request => {
                Disposal::Delete
            }
            (Origin::Create(_), Entitlement::Marker(..)) => {
                leave("another Create of this resource made it")
            }
            (Origin::Update, _) => leave("an Update of this resource made it, and no Create"),
            (Origin::Missing, _) => leave("its tags do not tell which request made it"),
        },
        (Ownership::Nobody, Entitlement::Arn | Entitlement::Marker(Left::Contact, _))
            if setting == OwnershipTags::Off =>
        {
            Disposal::Delete
        }
        _ => leave(&format!("it belongs to {}", owner_in_words(resource, tags))),
    }
}

/// How long to look for a contact that is to be deleted and can't be found.
#[must_use]
pub fn how_long_to_look(entitlement: &Entitlement, setting: OwnershipTags) -> Duration {
    match entitlement {
        Entitlement::Marker(Left::Unknown, _)
        | Entitlement::Invented
        | Entitlement::Replacement
            if setting == OwnershipTags::On =>
        {
            CREATE_UNDER_WAY
        }
        _ => CONSISTENCY,
    }
}

/// Takes our tags away. Under `off` the origin stays: a Delete that is delivered again
/// would delete an untagged contact.
fn release(tags: &Tags, setting: OwnershipTags) -> Step {
    let ours = match setting {
        OwnershipTags::On => &OWNERSHIP_TAGS[..],
        OwnershipTags::Off => &[STACK_TAG, LOGICAL_TAG],
    };
    let present = ours.iter().filter(|key| tags.contains_key(**key));
    Step::Untag(present.map(|key| (*key).to_owned()).collect())
}

fn is_met(plan: &Plan, contact: &Contact) -> bool {
    contact
        .plan
        .as_ref()
        .is_some_and(|held| plan.is_met_by(held))
}

fn update_step(
    display_name: Option<String>,
    plan: Option<Plan>,
    contact: &Contact,
) -> Option<Step> {
    let display_name = display_name.filter(|name| *name != contact.display_name);
    let plan = plan.filter(|plan| !is_met(plan, contact));
    (display_name.is_some() || plan.is_some()).then_some(Step::Update { display_name, plan })
}

fn tag_step(mut tags: Tags, contact: &Contact) -> Option<Step> {
    tags.retain(|key, value| contact.tags.get(key) != Some(value));
    (!tags.is_empty()).then_some(Step::Tag(tags))
}

fn alias_taken(
    resource: &Resource,
    desired: &Desired,
    holder: &Contact,
    ownership: &Ownership,
    setting: OwnershipTags,
) -> Error {
    let what = format!(
        "The alias {} is taken by the {} contact {}, which belongs to {}; it was left as it is",
        desired.alias,
        type_in_words(holder),
        holder.arn,
        owner_in_words(resource, &holder.tags)
    );
    let type_fits = holder.contact_type == Some(desired.contact_type);
    let next = match ownership {
        Ownership::Nobody | Ownership::Released | Ownership::Ours(_) if !type_fits => format!(
            "choose another Alias, or delete that contact first (it is no {})",
            desired.contact_type
        ),
        Ownership::Nobody | Ownership::Released if setting == OwnershipTags::On => {
            "choose another Alias, delete that contact, or set AdoptExisting: true to take it over"
                .to_owned()
        }
        Ownership::Nobody | Ownership::Released => {
            "choose another Alias, or delete that contact".to_owned()
        }
        _ => "choose another Alias, or delete that contact with its owner".to_owned(),
    };
    Error::refused(what, next)
}

fn type_in_words(contact: &Contact) -> &'static str {
    contact.contact_type.map_or("unknown", ContactType::as_str)
}

/// The owner that the tags name.
fn owner_in_words(resource: &Resource, tags: &Tags) -> String {
    match resource.ownership(tags) {
        Ownership::Ours(_) => "this resource".to_owned(),
        Ownership::Nobody => "nobody (it bears no ownership tags)".to_owned(),
        Ownership::Released => "nobody (a stack that had adopted it has released it)".to_owned(),
        Ownership::Incomplete => "an unknown owner (its ownership tags are incomplete)".to_owned(),
        Ownership::Other { stack, logical_id } => format!(
            "{} of the stack {}",
            logical_id.as_deref().unwrap_or("a resource"),
            stack.as_deref().unwrap_or("that no tag names")
        ),
    }
}

/// Whether a contact is of another account than the function.
///
/// # Errors
///
/// Returns an error if it is: an Update never reaches into another account.
pub fn check_account(arn: &ContactArn, home: Option<&Home>) -> Result<(), Error> {
    match home {
        Some(home) if !home.is_account_of(arn) => Err(Error::refused(
            format!(
                "The contact {arn} lives in {}, the function in {home}",
                arn.home()
            ),
            "let the function of that account manage it, or give this resource another Alias",
        )),
        _ => Ok(()),
    }
}

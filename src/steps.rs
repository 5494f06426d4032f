//! What a request needs done: pure decisions over what the template wants and what
//! the contact is.

use crate::contact::{Contact, ContactArn, ContactType, Home, Plan, Tags};
use crate::error::Error;
use crate::identity::{
    ORIGIN_TAG, OWNERSHIP_TAGS, Origin, Ownership, OwnershipTags, PhysicalId, Resource,
};
use crate::properties::{Desired, Readable};

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
    /// TagResource, with ownership tags that are missing. Where the service refuses
    /// them, the contact goes without: a rollback must not fail for them.
    Restore(Tags),
    /// DeleteContact.
    Delete,
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

/// The tags of a contact that a request creates.
#[must_use]
pub fn tags_to_create(resource: &Resource, desired: &Desired, setting: OwnershipTags) -> Tags {
    let mut tags = desired.tags.clone();
    if setting == OwnershipTags::On {
        tags.extend(resource.tags());
    }
    tags
}

/// Whether an Update may touch the contact, and can do what is asked.
///
/// # Errors
///
/// Where its tags name another owner, and where its type would have to change.
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
    let display_name = match (&desired.display_name, &old.display_name) {
        (Some(wanted), _) => Some(wanted.clone()),
        (None, Some(dropped)) if *dropped == contact.display_name => Some(String::new()),
        (None, _) => None,
    };
    let plan = match (&desired.plan, &old.plan) {
        (Some(wanted), _) => Some(wanted.clone()),
        (None, Some(dropped)) if contact.plan.as_ref() == Some(dropped) => {
            Some(desired.contact_type.empty_plan())
        }
        (None, _) => None,
    };
    let dropped = old.tags.iter().filter(|(key, value)| {
        !desired.tags.contains_key(*key)
            && !OWNERSHIP_TAGS.contains(&key.as_str())
            && contact.tags.get(*key) == Some(*value)
    });
    let dropped: Vec<String> = dropped.map(|(key, _)| key.clone()).collect();
    let adopting = desired.adopt_existing || old.adopt_existing;
    let mut missing = match setting {
        OwnershipTags::On if adopting => resource.adoption_tags(),
        OwnershipTags::On => resource.tags(),
        OwnershipTags::Off => Tags::new(),
    };
    missing.retain(|key, _| !contact.tags.contains_key(key));
    update_step(display_name, plan, contact)
        .into_iter()
        .chain((!dropped.is_empty()).then_some(Step::Untag(dropped)))
        .chain(tag_step(desired.tags.clone(), contact))
        .chain((!missing.is_empty()).then_some(Step::Restore(missing)))
        .collect()
}

/// The steps that make the holder of a taken alias this resource's: first the tags,
/// so that a crash between the calls leaves a contact whose owner is known.
///
/// # Errors
///
/// Where the holder is another's, or nobody's and may not be adopted, or of another
/// type; the error says who holds the alias and what to do.
pub fn to_claim(
    resource: &Resource,
    desired: &Desired,
    holder: &Contact,
    setting: OwnershipTags,
) -> Result<Vec<Step>, Error> {
    let ownership = resource.ownership(&holder.tags);
    let type_fits = holder.contact_type == Some(desired.contact_type);
    let adopt = ownership == Ownership::Nobody && desired.adopt_existing;
    let ours = match &ownership {
        Ownership::Ours(Origin::Adopted) => resource.adoption_tags(),
        Ownership::Ours(_) => resource.tags(),
        Ownership::Nobody if adopt => resource.adoption_tags(),
        _ => return Err(alias_taken(resource, desired, holder, &ownership, setting)),
    };
    if !type_fits {
        return Err(alias_taken(resource, desired, holder, &ownership, setting));
    }
    let mut tags = desired.tags.clone();
    if setting == OwnershipTags::On {
        tags.extend(ours);
    }
    let update = update_step(desired.display_name.clone(), desired.plan.clone(), holder);
    Ok(tag_step(tags, holder).into_iter().chain(update).collect())
}

/// What is to be done about the contact that a Delete names, or that an Update
/// leaves behind.
#[must_use]
pub fn to_delete(
    resource: &Resource,
    id: &PhysicalId,
    tags: &Tags,
    setting: OwnershipTags,
) -> Disposal {
    match (resource.ownership(tags), id) {
        (Ownership::Ours(Origin::Adopted), _) => Disposal::Release(release(tags, setting)),
        (Ownership::Ours(Origin::Request(origin)), PhysicalId::Marker(request))
            if origin != *request =>
        {
            Disposal::Leave("another request of this resource created it".to_owned())
        }
        (Ownership::Ours(Origin::Unknown), PhysicalId::Marker(_)) => {
            Disposal::Leave("nothing tells which request created it".to_owned())
        }
        (Ownership::Ours(Origin::Request(_) | Origin::Unknown), _) => Disposal::Delete,
        (Ownership::Nobody, PhysicalId::Contact(_)) if setting == OwnershipTags::Off => {
            Disposal::Delete
        }
        (Ownership::Nobody | Ownership::Incomplete | Ownership::Other { .. }, _) => {
            Disposal::Leave(format!("it belongs to {}", owner_in_words(resource, tags)))
        }
    }
}

/// Takes our tags away. Under `off` the origin stays: a Delete that is delivered again
/// would delete an untagged contact.
fn release(tags: &Tags, setting: OwnershipTags) -> Step {
    let ours = OWNERSHIP_TAGS.into_iter().filter(|key| {
        tags.contains_key(*key) && (setting == OwnershipTags::On || *key != ORIGIN_TAG)
    });
    Step::Untag(ours.map(ToOwned::to_owned).collect())
}

fn update_step(
    display_name: Option<String>,
    plan: Option<Plan>,
    contact: &Contact,
) -> Option<Step> {
    let display_name = display_name.filter(|name| *name != contact.display_name);
    let plan = plan.filter(|plan| contact.plan.as_ref() != Some(plan));
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
        Ownership::Nobody | Ownership::Ours(_) if !type_fits => format!(
            "choose another Alias, or delete that contact first (it is no {})",
            desired.contact_type
        ),
        Ownership::Nobody if setting == OwnershipTags::On => {
            "choose another Alias, delete that contact, or set AdoptExisting: true to take it over"
                .to_owned()
        }
        Ownership::Nobody => "choose another Alias, or delete that contact".to_owned(),
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
        Ownership::Incomplete => "an unknown owner (its ownership tags are incomplete)".to_owned(),
        Ownership::Other { stack, logical_id } => format!(
            "{} of the stack {}",
            logical_id.as_deref().unwrap_or("a resource"),
            stack.as_deref().unwrap_or("that no tag names")
        ),
    }
}

/// Whether a contact lives elsewhere than the function.
///
/// # Errors
///
/// Where it does: an Update never reaches into another account or Region.
pub fn check_home(arn: &ContactArn, home: Option<&Home>) -> Result<(), Error> {
    match home {
        Some(home) if arn.home() != home => Err(Error::refused(
            format!(
                "The contact {arn} lives in {}, the function in {home}",
                arn.home()
            ),
            "let the function of that account and Region manage it, or give this resource another Alias",
        )),
        _ => Ok(()),
    }
}

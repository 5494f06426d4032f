//! An Update: reads the contact as it is, and changes what differs.

use super::create::create;
use super::reconcile::{Old, reconcile};
use super::{Bringing, Context, Done, ReadChannels, apply, delete, read};
use crate::contact::Contact;
use crate::error::Error;
use crate::ownership::{Owner, PhysicalId, Resource};
use crate::properties::Desired;

/// Updates the contact. `old` is the old template, if a Create accepts it.
pub(super) async fn update(
    cx: &Context<'_>,
    id: PhysicalId,
    desired: &Desired,
    old: Option<&Desired>,
) -> Result<Done, Error> {
    let PhysicalId::Contact(arn) = id else {
        return create(cx, desired, Bringing::Update { old, has_arn: false }).await;
    };
    cx.check_account(&arn)?;
    let by = Bringing::Update { old, has_arn: true };
    if *arn.alias() != desired.alias {
        return create(cx, desired, by).await;
    }
    let done = match read(cx, &arn, ReadChannels::of(desired, old)).await? {
        None => {
            let created = create(cx, desired, by).await?;
            // CloudFormation takes another text for another contact, and deletes the first.
            Done { contact: Some((arn.clone(), desired.contact_type)), ..created }
        }
        Some(contact) => {
            check_owner_and_type(cx.resource, desired, &contact)?;
            let steps = reconcile(desired, Old::of_update(old, &contact), &contact);
            apply(cx, desired, arn.clone(), contact.channels.unwrap_or_default(), steps).await?
        }
    };
    // The contact has the new alias already. If the old properties name another, this Update rolls
    // back a replacement. One whose properties were refused has made nothing.
    if let Some(replacement) = old.filter(|old| old.alias != *arn.alias()) {
        let left_behind = arn.with_alias(&replacement.alias);
        delete::roll_back_replacement(cx, &left_behind, replacement.contact_type).await;
    }
    Ok(done)
}

/// Checks that the contact belongs to no other resource and has the wanted type.
fn check_owner_and_type(
    resource: &Resource,
    desired: &Desired,
    contact: &Contact,
) -> Result<(), Error> {
    let arn = contact.arn.clone();
    match resource.owner(&contact.tags) {
        owner @ (Owner::Sibling(_) | Owner::Other { .. }) => Err(Error::OwnedByAnother(arn, owner)),
        _ if contact.contact_type == Some(desired.contact_type) => Ok(()),
        _ => Err(Error::TypeChange { arn, from: contact.contact_type, to: desired.contact_type }),
    }
}

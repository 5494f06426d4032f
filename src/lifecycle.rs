//! Create, Update and Delete: makes the calls that `steps` decides on.

use crate::aws::operations::Operations;
use crate::contact::{AccountAndRegion, Contact, ContactArn};
use crate::error::Error;
use crate::event::Action;
use crate::identity::{Creator, MarkerKind, OwnershipTags, PhysicalId, Resource};
use crate::io::clock::TimeLimit;
use crate::io::log;
use crate::properties::{Desired, UncheckedProperties};
use crate::response::Data;
use crate::steps::{self, AfterRefusal, DeleteBy, DeleteDecision, LookAgain, Reading, Step};

mod apply;
mod read;

/// A request, and what is needed to carry it out.
#[derive(Clone, Copy, Debug)]
pub struct Lifecycle<'a> {
    /// The resource and the request's id.
    pub resource: &'a Resource,
    /// The function's account and Region, if they are known.
    pub function: Option<&'a AccountAndRegion>,
    /// Whether ownership tags are written.
    pub ownership_tags: OwnershipTags,
    /// The calls.
    pub operations: Operations<'a>,
    /// Until when the request may pause.
    pub time: TimeLimit<'a>,
}

/// How a request succeeded.
#[derive(Clone, Debug)]
pub enum Done {
    /// The contact is as the template says.
    Present(ContactArn, Data),
    /// The contact is gone, or was left alone for a reason that is in the log.
    Absent,
}

impl Lifecycle<'_> {
    /// Carries out a request.
    ///
    /// # Errors
    ///
    /// Returns an error if the request failed.
    pub async fn carry_out(&self, action: &Action) -> Result<Done, Error> {
        match action {
            Action::Create { properties } => {
                let desired = self.parse(properties)?;
                self.create(&desired, Creator::Create, None).await
            }
            Action::Update {
                physical_id,
                properties,
                old_properties,
            } => {
                let id = self.physical_id(physical_id.as_deref());
                if let PhysicalId::Contact(arn) = &id {
                    steps::check_account(arn, self.function)?;
                }
                let desired = self.parse(properties)?;
                let old = UncheckedProperties::parse(old_properties);
                match id {
                    PhysicalId::Contact(arn) if *arn.alias() == desired.alias => {
                        self.update(&arn, &desired, &old).await
                    }
                    _ => self.create(&desired, Creator::Update, Some(&old)).await,
                }
            }
            Action::Delete {
                physical_id,
                properties,
            } => {
                let id = self.physical_id(physical_id.as_deref());
                let last = UncheckedProperties::parse(properties);
                self.delete(id, &last).await?;
                Ok(Done::Absent)
            }
            Action::Unknown { request_type, .. } => Err(Error::unknown_request_type(request_type)),
        }
    }

    fn parse(&self, properties: &serde_json::Value) -> Result<Desired, Error> {
        Desired::parse(properties, self.ownership_tags).map_err(Error::invalid_properties)
    }

    fn physical_id(&self, text: Option<&str>) -> PhysicalId {
        PhysicalId::parse(text.unwrap_or_default(), self.resource)
    }

    /// Creates the contact, or claims the one that holds the alias.
    async fn create(
        &self,
        desired: &Desired,
        creator: Creator,
        old: Option<&UncheckedProperties>,
    ) -> Result<Done, Error> {
        let setting = self.ownership_tags;
        let plan = steps::plan_to_create(desired);
        let tags = steps::tags_to_create(self.resource, desired, creator, setting);
        let template_token = steps::template_token(desired, creator, setting);
        let token = template_token.map_or_else(
            || {
                self.resource.token(
                    &desired.alias,
                    desired.optional.idempotency_token.as_deref(),
                )
            },
            ToOwned::to_owned,
        );
        let mut wait = self.time.backoff(steps::CONSISTENCY);
        loop {
            let created = self
                .operations
                .create_contact(desired, plan.as_ref(), &tags, &token);
            let refusal = match created.await {
                Ok(arn) if template_token.is_some() => return self.verify(arn, desired).await,
                Ok(arn) => {
                    let steps = steps::steps_after_create(self.resource, desired);
                    self.apply(&arn, steps).await?;
                    return Ok(present(arn, desired));
                }
                Err(refusal) if template_token.is_some() => refusal,
                Err(refusal) => refusal.without_token_advice(),
            };
            let Some(arn) = steps::possible_holder(&refusal, desired, self.function) else {
                return Err(refusal);
            };
            let until_found = steps::looks_until_found(&refusal);
            let channels = steps::read_channels(desired, None);
            let holder = self.look(&arn, &mut wait, until_found, channels).await;
            match steps::after_refusal(refusal, desired, holder) {
                AfterRefusal::Claim(holder) => {
                    return self.claim(&holder, desired, creator, old).await;
                }
                AfterRefusal::SendAgain(_) if wait.pause().await => {}
                AfterRefusal::SendAgain(error) | AfterRefusal::Fail(error) => return Err(error),
            }
        }
    }

    /// Reads back the contact that a template's token was answered with. The token may be an
    /// old one, and the contact gone or another owner's.
    async fn verify(&self, arn: ContactArn, desired: &Desired) -> Result<Done, Error> {
        steps::check_token(&arn, desired)?;
        let mut wait = self.time.backoff(steps::CONSISTENCY);
        let channels = steps::read_channels(desired, None);
        match self.look(&arn, &mut wait, true, channels).await? {
            Some(contact) => self.claim(&contact, desired, Creator::Create, None).await,
            None => Err(Error::token_used_before(arn, true)),
        }
    }

    async fn claim(
        &self,
        holder: &Contact,
        desired: &Desired,
        creator: Creator,
        old: Option<&UncheckedProperties>,
    ) -> Result<Done, Error> {
        let setting = self.ownership_tags;
        let steps = steps::claim_or_adopt(self.resource, desired, old, holder, creator, setting)?;
        self.apply(&holder.arn, steps).await?;
        Ok(present(holder.arn.clone(), desired))
    }

    async fn update(
        &self,
        arn: &ContactArn,
        desired: &Desired,
        old: &UncheckedProperties,
    ) -> Result<Done, Error> {
        let mut wait = self.time.backoff(steps::CONSISTENCY);
        let done = match self.look_for_update(arn, desired, old, &mut wait).await? {
            None => {
                self.create(desired, Creator::Update, Some(old)).await?;
                // Under another ARN, CloudFormation would take the old one for another
                // contact and delete it.
                present(arn.clone(), desired)
            }
            Some(contact) => {
                steps::check_update(self.resource, desired, &contact)?;
                let setting = self.ownership_tags;
                let steps = steps::update_steps(self.resource, desired, old, &contact, setting)?;
                self.apply(arn, steps).await?;
                present(arn.clone(), desired)
            }
        };
        let replaced = steps::alias_of_rolled_back_replacement(arn, old, self.ownership_tags);
        if let Some(alias) = replaced {
            let left_behind = arn.account_and_region().contact(alias);
            self.clean_up(&left_behind, old).await?;
        }
        Ok(done)
    }

    /// Deletes or releases the contact that a rolled-back replacement made.
    async fn clean_up(
        &self,
        left_behind: &ContactArn,
        replacement: &UncheckedProperties,
    ) -> Result<(), Error> {
        let look = steps::look_after_replacement(self.ownership_tags);
        let by = DeleteBy::RolledBackReplacement(replacement.contact_type);
        match self.delete_if_owned(left_behind, &by, look).await {
            Err(error) if error.is_not_found() => Ok(()),
            Err(error) if steps::may_stay_after_rollback(&error) => {
                log::contact_warning("left behind", left_behind, &error);
                Ok(())
            }
            other => other,
        }
    }

    async fn delete(&self, id: PhysicalId, last: &UncheckedProperties) -> Result<(), Error> {
        let by = match &id {
            PhysicalId::Contact(arn) => {
                if let Err(error) = steps::check_account(arn, self.function) {
                    log::contact_warning("left alone", arn, &error);
                    return Ok(());
                }
                DeleteBy::Arn
            }
            PhysicalId::Marker(MarkerKind::NothingCreated, _) => return Ok(()),
            PhysicalId::Marker(kind, origin) => DeleteBy::Marker(*kind, origin.clone()),
            PhysicalId::Invented => DeleteBy::InventedId,
            PhysicalId::Unrecognized => {
                log::warning("the physical id is not of this function: nothing was deleted");
                return Ok(());
            }
        };
        let arn = match (id, &last.alias, self.function) {
            (PhysicalId::Contact(arn), ..) => arn,
            (_, Some(alias), Some(function)) => function.contact(alias),
            // No contact has an alias that the API would refuse.
            _ => return Ok(()),
        };
        let look = steps::look_before_delete(&by, last, self.ownership_tags);
        self.delete_if_owned(&arn, &by, look).await
    }

    /// Deletes or releases a contact if it belongs to this resource.
    async fn delete_if_owned(
        &self,
        arn: &ContactArn,
        by: &DeleteBy,
        look: LookAgain,
    ) -> Result<(), Error> {
        let mut while_absent = self.time.backoff(look.while_absent);
        let mut while_untagged = self.time.backoff(look.while_untagged);
        loop {
            let tags = match self.read_tags(arn).await {
                Err(error) if error.is_no_replication_set() => return Ok(()),
                Ok(Reading::Absent) if while_absent.pause().await => continue,
                Ok(Reading::Absent) => return Ok(()),
                Ok(Reading::Unreadable(_)) if while_untagged.pause().await => continue,
                Err(error) | Ok(Reading::Unreadable(error)) => return Err(error),
                Ok(Reading::Present(tags)) => tags,
            };
            if self.tags_may_appear(&tags) && while_untagged.pause().await {
                continue;
            }
            let step = match steps::delete_decision(self.resource, by, &tags, self.ownership_tags) {
                DeleteDecision::Delete => Step::Delete,
                DeleteDecision::Release(step) => step,
                DeleteDecision::LeaveAlone(why) => {
                    log::contact_warning("left alone", arn, &why);
                    return Ok(());
                }
            };
            if step == Step::Delete && !self.is_of_replacement(arn, by).await? {
                log::contact_warning("left alone", arn, &"the replacement did not make it");
                return Ok(());
            }
            return match self.apply(arn, vec![step]).await {
                Err(error) if self.is_gone(arn, &error).await => Ok(()),
                other => other,
            };
        }
    }

    /// Whether this request may delete the contact. Only the rollback of a replacement has a
    /// condition: the type.
    async fn is_of_replacement(&self, arn: &ContactArn, by: &DeleteBy) -> Result<bool, Error> {
        match by {
            DeleteBy::RolledBackReplacement(wanted) => {
                let contact = self.operations.get_contact(arn).await?;
                Ok(steps::is_of_replacement(*wanted, &contact))
            }
            _ => Ok(true),
        }
    }

    /// Whether a call failed because the contact is gone. The service may call the ARN of
    /// a contact that is gone invalid.
    async fn is_gone(&self, arn: &ContactArn, error: &Error) -> bool {
        if error.is_validation() {
            let contact = self.operations.get_contact(arn).await;
            return contact.is_err_and(|error| error.is_not_found());
        }
        error.is_not_found() || error.is_no_replication_set()
    }
}

fn present(arn: ContactArn, desired: &Desired) -> Done {
    let data = Data::new(&arn, desired.contact_type);
    Done::Present(arn, data)
}

//! Create, Update and Delete: which calls are made in which order.
//!
//! What is to be done is decided in `steps`; here the decisions meet the service.

use std::time::Duration;

use futures_util::future::join;

use crate::contact::{Contact, ContactArn, Home, Tags};
use crate::error::Error;
use crate::event::Action;
use crate::identity::{Creator, Left, OwnershipTags, PhysicalId, Resource};
use crate::io::clock::Backoff;
use crate::io::contacts::Contacts;
use crate::properties::{Desired, Readable};
use crate::response::Data;
use crate::steps::{self, Disposal, Entitlement, Reading, Step};

/// One request, and what it needs to be carried out.
#[derive(Clone, Copy, Debug)]
pub struct Lifecycle<'a> {
    /// Who asks.
    pub resource: &'a Resource,
    /// Where the function's contacts live, as far as anybody can tell.
    pub home: Option<&'a Home>,
    /// Whether ownership tags are written.
    pub ownership_tags: OwnershipTags,
    /// The calls.
    pub contacts: &'a Contacts<'a>,
}

/// How a request ended well.
#[derive(Clone, Debug)]
pub enum Done {
    /// The contact is as the template says.
    Present(ContactArn, Data),
    /// The contact is gone, or left alone for a reason that has been logged.
    Absent,
}

impl Lifecycle<'_> {
    /// Does what a request asks.
    ///
    /// # Errors
    ///
    /// Returns what the person who reads the Reason needs to know.
    pub async fn carry_out(&self, action: &Action) -> Result<Done, Error> {
        match action {
            Action::Create { properties } => {
                let desired = self.parse(properties)?;
                self.create(&desired, Creator::Create).await
            }
            Action::Update {
                physical_id,
                properties,
                old_properties,
            } => {
                let id = self.physical_id(physical_id.as_deref());
                if let PhysicalId::Contact(arn) = &id {
                    steps::check_account(arn, self.home)?;
                }
                let desired = self.parse(properties)?;
                match id {
                    PhysicalId::Contact(arn) if *arn.alias() == desired.alias => {
                        let old = Readable::parse(old_properties);
                        self.update(&arn, &desired, &old).await
                    }
                    _ => self.create(&desired, Creator::Update).await,
                }
            }
            Action::Delete {
                physical_id,
                properties,
            } => {
                let id = self.physical_id(physical_id.as_deref());
                self.delete(id, &Readable::parse(properties)).await?;
                Ok(Done::Absent)
            }
            Action::Unknown { request_type, .. } => Err(Error::refused(
                format!("The request type {request_type:?} is none of Create, Update and Delete"),
                "look at who sends events to this function; CloudFormation sends no other types",
            )),
        }
    }

    fn parse(&self, properties: &serde_json::Value) -> Result<Desired, Error> {
        Desired::parse(properties, self.ownership_tags).map_err(Error::properties)
    }

    fn physical_id(&self, text: Option<&str>) -> PhysicalId {
        PhysicalId::parse(text.unwrap_or_default(), self.resource)
    }

    /// Creates the contact, or claims the one that holds the alias.
    async fn create(&self, desired: &Desired, creator: Creator) -> Result<Done, Error> {
        let resource = self.resource;
        let tags = steps::tags_to_create(resource, desired, creator, self.ownership_tags);
        let templates_token = steps::templates_token(desired, creator, self.ownership_tags);
        let token = templates_token.map_or_else(
            || resource.token(desired.alias.as_str(), desired.idempotency_token.as_deref()),
            ToOwned::to_owned,
        );
        let mut wait = self.contacts.wait(steps::CONSISTENCY);
        loop {
            let refusal = match self.contacts.create(desired, &tags, &token).await {
                Ok(arn) if templates_token.is_some() => return self.verify(arn, desired).await,
                Ok(arn) => return Ok(present(arn, desired)),
                Err(refusal) => refusal,
            };
            let Some(arn) = steps::possible_holder(&refusal, desired, self.home) else {
                return Err(refusal);
            };
            let send_again = refusal.is_conflict();
            match self.look(&arn, &mut wait, !send_again).await {
                Ok(Some(holder)) => return self.claim(&holder, desired, creator).await,
                // A create of this alias may be under way.
                Ok(None) if send_again && wait.pause().await => {}
                Err(error) if refusal.is_conflict() => return Err(error),
                // The refusal was about something else.
                Ok(None) | Err(_) => return Err(refusal),
            }
        }
    }

    /// A template's token may be an old one, and then the answer speaks of a contact
    /// that is gone or of somebody else's.
    async fn verify(&self, arn: ContactArn, desired: &Desired) -> Result<Done, Error> {
        steps::check_token(&arn, desired)?;
        let mut wait = self.contacts.wait(steps::CONSISTENCY);
        match self.look(&arn, &mut wait, true).await? {
            Some(contact) => self.claim(&contact, desired, Creator::Create).await,
            None => Err(steps::token_of_a_gone_contact(&arn)),
        }
    }

    async fn claim(
        &self,
        holder: &Contact,
        desired: &Desired,
        creator: Creator,
    ) -> Result<Done, Error> {
        let steps = steps::to_claim(self.resource, desired, holder, creator, self.ownership_tags)?;
        self.apply(&holder.arn, steps).await?;
        Ok(present(holder.arn.clone(), desired))
    }

    async fn update(
        &self,
        arn: &ContactArn,
        desired: &Desired,
        old: &Readable,
    ) -> Result<Done, Error> {
        let mut wait = self.contacts.wait(steps::CONSISTENCY);
        let done = match self.look(arn, &mut wait, true).await? {
            None => self.create(desired, Creator::Update).await?,
            Some(contact) => {
                steps::check_update(self.resource, desired, &contact)?;
                let steps =
                    steps::to_update(self.resource, desired, old, &contact, self.ownership_tags);
                self.apply(arn, steps).await?;
                present(arn.clone(), desired)
            }
        };
        // The contact has the new alias already, and the old properties name another:
        // this rolls back a replacement, which may have left a contact behind.
        if let Some(alias) = old.alias.as_ref().filter(|alias| *alias != arn.alias()) {
            self.clean_up(&arn.home().contact(alias), old).await?;
        }
        Ok(done)
    }

    /// Deletes what a replacement that is rolled back has left, if it is ours.
    async fn clean_up(&self, left_behind: &ContactArn, old: &Readable) -> Result<(), Error> {
        let entitlement = Entitlement::Replacement;
        let time = if old.are_accepted(self.ownership_tags) {
            steps::how_long_to_look(&entitlement, self.ownership_tags)
        } else {
            Duration::ZERO
        };
        match self.delete_if_ours(left_behind, &entitlement, time).await {
            // What holds the contact knew its ARN, so CloudFormation knows it, too, and
            // deletes it once the holder has been rolled back. Where the role may not
            // look, it could not create either.
            Err(error) if error.is_conflict() || error.is_denied_read() => {
                warn("left behind", left_behind, &error);
                Ok(())
            }
            other => other,
        }
    }

    async fn delete(&self, id: PhysicalId, last: &Readable) -> Result<(), Error> {
        let entitlement = match id {
            PhysicalId::Contact(arn) => {
                if let Err(elsewhere) = steps::check_account(&arn, self.home) {
                    warn("left alone", &arn, &elsewhere);
                    return Ok(());
                }
                let time = steps::CONSISTENCY;
                return self.delete_if_ours(&arn, &Entitlement::Arn, time).await;
            }
            PhysicalId::Marker(Left::Nothing, _) => return Ok(()),
            PhysicalId::Marker(left, origin) => Entitlement::Marker(left, origin),
            PhysicalId::Invented => Entitlement::Invented,
            PhysicalId::Unrecognized => {
                tracing::warn!("the physical id is none of this function's: nothing was deleted");
                return Ok(());
            }
        };
        // No contact has an alias that could never be valid.
        let (Some(alias), Some(home)) = (&last.alias, self.home) else {
            return Ok(());
        };
        let time = steps::how_long_to_look(&entitlement, self.ownership_tags);
        let arn = home.contact(alias);
        self.delete_if_ours(&arn, &entitlement, time).await
    }

    /// Deletes or releases a contact if it is ours. Looks for it for so long.
    async fn delete_if_ours(
        &self,
        arn: &ContactArn,
        entitlement: &Entitlement,
        time: Duration,
    ) -> Result<(), Error> {
        let mut while_absent = self.contacts.wait(time);
        let mut while_untagged = self.contacts.wait(steps::CONSISTENCY);
        loop {
            let tags = match self.read_tags(arn).await {
                Err(error) if error.is_no_replication_set() => return Ok(()),
                Ok(Reading::Absent) if while_absent.pause().await => continue,
                Ok(Reading::Absent) => return Ok(()),
                Ok(Reading::WithoutTags(_)) if while_untagged.pause().await => continue,
                Err(error) | Ok(Reading::WithoutTags(error)) => return Err(error),
                Ok(Reading::Present(tags)) => tags,
            };
            let step =
                match steps::to_delete(self.resource, entitlement, &tags, self.ownership_tags) {
                    Disposal::Delete => Step::Delete,
                    Disposal::Release(step) => step,
                    Disposal::Leave(_)
                        if self.may_appear(&tags) && while_untagged.pause().await =>
                    {
                        continue;
                    }
                    Disposal::Leave(why) => {
                        warn("left alone", arn, &why);
                        return Ok(());
                    }
                };
            return match self.apply(arn, vec![step]).await {
                Err(error) if error.is_not_found() => Ok(()),
                other => other,
            };
        }
    }

    /// The contact as it is, with its tags; `None` if there is none. Looks again while the
    /// service may be behind itself.
    async fn look(
        &self,
        arn: &ContactArn,
        wait: &mut Backoff<'_>,
        until_found: bool,
    ) -> Result<Option<Contact>, Error> {
        loop {
            match self.read(arn).await? {
                Reading::Absent if until_found && wait.pause().await => {}
                Reading::Absent => return Ok(None),
                Reading::WithoutTags(_) if wait.pause().await => {}
                Reading::WithoutTags(error) => return Err(error),
                Reading::Present(contact)
                    if self.may_appear(&contact.tags) && wait.pause().await => {}
                Reading::Present(contact) => return Ok(Some(contact)),
            }
        }
    }

    async fn read(&self, arn: &ContactArn) -> Result<Reading<Contact>, Error> {
        let (contact, tags) = join(self.contacts.get(arn), self.contacts.tags(arn)).await;
        steps::reading(contact, tags, self.ownership_tags)
    }

    /// The contact's tags, in one call where that tells enough.
    async fn read_tags(&self, arn: &ContactArn) -> Result<Reading<Tags>, Error> {
        match self.contacts.tags(arn).await {
            Ok(tags) => Ok(Reading::Present(tags)),
            Err(error) if error.is_not_found() => Ok(Reading::Absent),
            Err(error) if error.is_validation() => {
                let contact = self.contacts.get(arn).await;
                let reading = steps::reading(contact, Err(error), self.ownership_tags)?;
                Ok(reading.map(|contact| contact.tags))
            }
            Err(error) => Err(error),
        }
    }

    fn may_appear(&self, tags: &Tags) -> bool {
        steps::tags_may_appear(self.resource, tags, self.ownership_tags)
    }

    async fn apply(&self, arn: &ContactArn, steps: Vec<Step>) -> Result<(), Error> {
        for step in steps {
            match step {
                Step::Update { display_name, plan } => {
                    self.contacts.update(arn, display_name, plan).await?;
                }
                Step::Untag(keys) => self.contacts.untag(arn, keys).await?,
                Step::Tag(tags) => self.contacts.tag(arn, &tags).await?,
                Step::Restore(tags) => match self.contacts.tag(arn, &tags).await {
                    Err(error) if steps::may_go_without_tags(&error) => {
                        warn("goes without ownership tags", arn, &error);
                    }
                    other => other?,
                },
                Step::Delete => self.delete_once_free(arn).await?,
            }
        }
        Ok(())
    }

    async fn delete_once_free(&self, arn: &ContactArn) -> Result<(), Error> {
        let mut wait = self.contacts.wait(steps::IN_USE);
        loop {
            match self.contacts.delete(arn).await {
                Err(error) if error.is_conflict() && wait.pause().await => {}
                other => return other,
            }
        }
    }
}

fn present(arn: ContactArn, desired: &Desired) -> Done {
    let data = Data::new(&arn, desired.contact_type);
    Done::Present(arn, data)
}

/// Values are logged as text fields, which the log escapes: they may hold what somebody
/// wrote.
fn warn(what: &'static str, arn: &ContactArn, why: &impl ToString) {
    tracing::warn!(contact = arn.to_string(), why = why.to_string(), "{what}");
}

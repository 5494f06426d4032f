//! Create, Update and Delete: which calls are made in which order.
//!
//! What is to be done is decided in `steps`; here the decisions meet the service.

use crate::contact::{Contact, ContactArn, Home};
use crate::error::Error;
use crate::event::Action;
use crate::identity::{OwnershipTags, PhysicalId, Resource};
use crate::io::contacts::{Contacts, Creation};
use crate::properties::{Desired, Readable};
use crate::response::Data;
use crate::steps::{self, Disposal, Step};

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
    Stands(ContactArn, Data),
    /// The contact is gone, or left alone for a reason that has been logged.
    Gone,
}

impl Lifecycle<'_> {
    /// Does what a request asks.
    ///
    /// # Errors
    ///
    /// What the person who reads the Reason needs to know.
    pub async fn carry_out(&self, action: &Action) -> Result<Done, Error> {
        match action {
            Action::Create { properties } => {
                let desired = self.parse(properties)?;
                let token = desired.idempotency_token.clone();
                self.create(&desired, token).await
            }
            Action::Update {
                physical_id,
                properties,
                old_properties,
            } => {
                let id = PhysicalId::parse(physical_id.as_deref().unwrap_or_default());
                if let PhysicalId::Contact(arn) = &id {
                    steps::check_home(arn, self.home)?;
                }
                let desired = self.parse(properties)?;
                let old = Readable::parse(old_properties);
                match id {
                    PhysicalId::Contact(arn) if *arn.alias() == desired.alias => {
                        self.update(&arn, &desired, &old).await
                    }
                    _ => self.create(&desired, None).await,
                }
            }
            Action::Delete {
                physical_id,
                properties,
            } => {
                let id = PhysicalId::parse(physical_id.as_deref().unwrap_or_default());
                self.delete(&id, &Readable::parse(properties)).await?;
                Ok(Done::Gone)
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

    /// Creates the contact, or claims the one that holds the alias.
    async fn create(&self, desired: &Desired, token: Option<String>) -> Result<Done, Error> {
        let templates_token = token.is_some();
        let idempotency_token = token.unwrap_or_else(|| {
            let templates = desired.idempotency_token.as_deref();
            self.resource.token(desired.alias.as_str(), templates)
        });
        let created = self
            .contacts
            .create(Creation {
                alias: &desired.alias,
                contact_type: desired.contact_type,
                display_name: desired.display_name.as_deref(),
                plan: desired.plan.as_ref(),
                tags: steps::tags_to_create(self.resource, desired, self.ownership_tags),
                idempotency_token,
            })
            .await;
        match created {
            Ok(arn) if templates_token => self.verify(arn, desired).await,
            Ok(arn) => Ok(stands(arn, desired)),
            Err(error) => self.claim(desired, error).await,
        }
    }

    /// A template's token may be an old one, and then the answer speaks of a contact
    /// that is gone or of somebody else's.
    async fn verify(&self, arn: ContactArn, desired: &Desired) -> Result<Done, Error> {
        let change = "change the IdempotencyToken, or leave it out (the function makes its own)";
        if *arn.alias() != desired.alias {
            let what = format!("The IdempotencyToken was used before, for the contact {arn}");
            return Err(Error::refused(what, change));
        }
        let contact = match self.contacts.get(&arn).await {
            Err(error) if error.is_not_found() => {
                let what = format!(
                    "The IdempotencyToken was used before, for the contact {arn}, which is gone"
                );
                return Err(Error::refused(what, change));
            }
            other => other?,
        };
        if self.ownership_tags == OwnershipTags::Off {
            steps::check_update(self.resource, desired, &contact)?;
            return Ok(stands(arn, desired));
        }
        self.take(&contact, desired).await
    }

    /// A create that was refused: if somebody holds the alias, it may be ours.
    async fn claim(&self, desired: &Desired, refusal: Error) -> Result<Done, Error> {
        if !refusal.is_conflict() && !refusal.is_validation() {
            return Err(refusal);
        }
        let named = refusal.conflicting_resource().and_then(ContactArn::parse);
        let named = named.filter(|arn| *arn.alias() == desired.alias);
        let built = || self.home.map(|home| home.contact(&desired.alias));
        let Some(arn) = named.or_else(built) else {
            return Err(refusal);
        };
        match self.contacts.get(&arn).await {
            Ok(holder) => self.take(&holder, desired).await,
            // Nobody holds it: the refusal was about something else.
            Err(error) if error.is_not_found() || refusal.is_validation() => Err(refusal),
            Err(error) => Err(error),
        }
    }

    async fn take(&self, holder: &Contact, desired: &Desired) -> Result<Done, Error> {
        let steps = steps::to_claim(self.resource, desired, holder, self.ownership_tags)?;
        self.apply(&holder.arn, steps).await?;
        Ok(stands(holder.arn.clone(), desired))
    }

    async fn update(
        &self,
        arn: &ContactArn,
        desired: &Desired,
        old: &Readable,
    ) -> Result<Done, Error> {
        let done = match self.contacts.get(arn).await {
            Err(error) if error.is_not_found() => self.create(desired, None).await?,
            Err(error) => return Err(error),
            Ok(contact) => {
                steps::check_update(self.resource, desired, &contact)?;
                let steps =
                    steps::to_update(self.resource, desired, old, &contact, self.ownership_tags);
                self.apply(arn, steps).await?;
                stands(arn.clone(), desired)
            }
        };
        // The contact has the new alias already, and the old properties name another:
        // this rolls back a replacement, which may have left a contact behind.
        if let Some(alias) = old.alias.as_ref().filter(|alias| *alias != arn.alias()) {
            let left_behind = arn.home().contact(alias);
            match self.dispose(&left_behind, &PhysicalId::Foreign).await {
                // What holds it knew its ARN, so CloudFormation knows it, too, and
                // deletes it once the holder has been rolled back.
                Err(error) if error.is_conflict() => {
                    tracing::warn!(contact = %left_behind, why = %error, "left behind");
                }
                other => {
                    other?;
                }
            }
        }
        Ok(done)
    }

    async fn delete(&self, id: &PhysicalId, last: &Readable) -> Result<(), Error> {
        if let PhysicalId::Contact(arn) = id {
            return match steps::check_home(arn, self.home) {
                Ok(()) => self.dispose(arn, id).await.map(|_| ()),
                Err(elsewhere) => {
                    tracing::warn!(contact = %arn, why = %elsewhere, "left alone");
                    Ok(())
                }
            };
        }
        let (Some(alias), Some(home)) = (&last.alias, self.home) else {
            return Ok(());
        };
        let arn = home.contact(alias);
        if *id == PhysicalId::Foreign && self.ownership_tags == OwnershipTags::On {
            let mut pauses = self.contacts.until_a_cancelled_create_is_done();
            while self.dispose(&arn, id).await?.is_none() && pauses.pause().await {}
            return Ok(());
        }
        self.dispose(&arn, id).await.map(|_| ())
    }

    /// Deletes or releases a contact if it is ours; `None` where it was left alone or
    /// is not there.
    async fn dispose(&self, arn: &ContactArn, id: &PhysicalId) -> Result<Option<()>, Error> {
        let tags = match self.contacts.tags(arn).await {
            Err(error) if error.is_gone() => return Ok(None),
            other => other?,
        };
        let step = match steps::to_delete(self.resource, id, &tags, self.ownership_tags) {
            Disposal::Leave(why) => {
                tracing::warn!(contact = %arn, why, "left alone");
                return Ok(None);
            }
            Disposal::Delete => Step::Delete,
            Disposal::Release(step) => step,
        };
        match self.contacts.apply(arn, step).await {
            Err(error) if error.is_gone() => Ok(Some(())),
            other => other.map(Some),
        }
    }

    async fn apply(&self, arn: &ContactArn, steps: Vec<Step>) -> Result<(), Error> {
        for step in steps {
            self.contacts.apply(arn, step).await?;
        }
        Ok(())
    }
}

fn stands(arn: ContactArn, desired: &Desired) -> Done {
    let data = Data::new(&arn, desired.contact_type);
    Done::Stands(arn, data)
}

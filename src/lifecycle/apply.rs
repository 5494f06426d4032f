//! Makes the calls that change a contact and its channels.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::Lifecycle;
use crate::channel::DesiredChannel;
use crate::contact::ContactArn;
use crate::error::Error;
use crate::io::log;
use crate::steps::{self, AfterChannelRefusal, Step};

impl Lifecycle<'_> {
    /// Carries out the steps, in order.
    pub(super) async fn apply(&self, arn: &ContactArn, steps: Vec<Step>) -> Result<(), Error> {
        let mut created = BTreeMap::new();
        let mut steps = VecDeque::from(steps);
        while let Some(step) = steps.pop_front() {
            match step {
                Step::Update { display_name, plan } => {
                    let plan = plan.map(|plan| plan.resolve(|name| created.get(name).cloned()));
                    let plan = plan.transpose();
                    let plan = plan.map_err(|name| Error::no_such_channel(arn.clone(), name))?;
                    self.operations
                        .update_contact(arn, display_name, plan)
                        .await?;
                }
                Step::CreateChannel { channel, token } => {
                    let (id, has_address) = self.create_channel(arn, &channel, &token).await?;
                    if !has_address {
                        let is_update = |step: &Step| matches!(step, Step::Update { .. });
                        let after_plan = steps.iter().position(is_update).map_or(0, |n| n + 1);
                        let (arn, address) = (id.clone(), channel.address);
                        steps.insert(after_plan, Step::ChangeAddress { arn, address });
                    }
                    created.insert(channel.name, id);
                }
                Step::RenameChannel { arn, name } => {
                    let name = Some(name.as_str());
                    self.operations
                        .update_contact_channel(&arn, name, None)
                        .await?;
                }
                Step::ChangeAddress { arn, address } => {
                    self.operations
                        .update_contact_channel(&arn, None, Some(&address))
                        .await?;
                }
                Step::DeleteChannel { arn } => {
                    match self.operations.delete_contact_channel(&arn).await {
                        Err(error) if steps::may_keep_channel(&error) => {
                            log::channel_warning("not deleted", &arn, &error);
                        }
                        other => other?,
                    }
                }
                Step::KeepChannel { arn, why } => {
                    log::channel_warning("left as it is", &arn, &why);
                }
                Step::Untag(keys) => self.operations.untag_resource(arn, keys).await?,
                Step::Tag(tags) => self.operations.tag_resource(arn, &tags).await?,
                Step::Restore(tags) => match self.operations.tag_resource(arn, &tags).await {
                    Err(error) if steps::may_go_without_tags(&error) => {
                        log::contact_warning("has no ownership tags", arn, &error);
                    }
                    other => other?,
                },
                Step::Delete => self.delete_once_free(arn).await?,
            }
        }
        Ok(())
    }

    /// Creates a channel, or finds it. Returns its ARN, and whether it has the wanted address.
    async fn create_channel(
        &self,
        contact: &ContactArn,
        channel: &DesiredChannel,
        token: &str,
    ) -> Result<(String, bool), Error> {
        let mut wait = self.time.backoff(steps::CONSISTENCY);
        loop {
            let created = self
                .operations
                .create_contact_channel(contact, channel, token)
                .await;
            let refusal = match created {
                Err(refusal) if refusal.is_conflict() || refusal.is_validation() => refusal,
                other => return other.map(|arn| (arn, true)),
            };
            let listed = self.operations.list_contact_channels(contact).await;
            match steps::after_channel_refusal(refusal, channel, listed) {
                AfterChannelRefusal::Found(found) => {
                    let has_address = found.reaches_as(channel);
                    return Ok((found.arn, has_address));
                }
                AfterChannelRefusal::SendAgain(_) if wait.pause().await => {}
                AfterChannelRefusal::SendAgain(error) | AfterChannelRefusal::Fail(error) => {
                    return Err(error);
                }
            }
        }
    }

    async fn delete_once_free(&self, arn: &ContactArn) -> Result<(), Error> {
        let mut wait = self.time.backoff(steps::IN_USE);
        let mut deleted = BTreeSet::new();
        loop {
            let refusal = match self.operations.delete_contact(arn).await {
                Err(refusal) if refusal.is_conflict() => refusal,
                other => return other,
            };
            let mut is_freed = false;
            for channel in steps::channels_that_block(&refusal, arn) {
                if deleted.contains(&channel) {
                    continue;
                }
                match self.operations.delete_contact_channel(&channel).await {
                    Err(error) if !error.is_not_found() => return Err(error),
                    _ => is_freed = deleted.insert(channel),
                }
            }
            if !is_freed && !wait.pause().await {
                return Err(refusal);
            }
        }
    }
}

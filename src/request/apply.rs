//! Makes the calls of the steps.

use std::collections::BTreeMap;

use super::reconcile::Step;
use super::{Context, Done, label};
use crate::aws::failure::Meaning;
use crate::aws::operations;
use crate::contact::arn::ContactArn;
use crate::contact::channel::{Channel, DesiredChannel};
use crate::error::Error;
use crate::properties::Desired;

/// Carries out the steps, in order. `channels` are those of the contact, as far as they are known.
pub(super) async fn apply(
    cx: &Context<'_>,
    desired: &Desired,
    arn: ContactArn,
    mut channels: Vec<Channel>,
    steps: Vec<Step>,
) -> Result<Done, Error> {
    let mut created = BTreeMap::new();
    for step in steps {
        match step {
            Step::CreateChannel(channel) => {
                let channel = create_channel(cx, desired, &arn, channel).await?;
                created.insert(channel.name.clone(), channel.arn.clone());
                channels.push(channel);
            }
            Step::RenameChannel { arn, name } => {
                cx.service.update_contact_channel(&arn, Some(&name), None).await?;
                let renamed = channels.iter_mut().filter(|channel| channel.arn == arn);
                renamed.for_each(|channel| channel.name.clone_from(&name));
            }
            Step::ChangeAddress { arn, address } => {
                cx.service.update_contact_channel(&arn, None, Some(&address)).await?;
            }
            Step::DeleteChannel(channel) => {
                match cx.optional(cx.service.delete_contact_channel(&channel)).await {
                    Ok(()) => channels.retain(|known| known.arn != channel),
                    Err(why) => cx.log.warning("a channel was not deleted", &arn, &why),
                }
            }
            Step::Update { display_name, mut plan } => {
                if let Some(plan) = &mut plan {
                    plan.resolve(&created);
                }
                cx.service.update_contact(&arn, display_name, plan).await?;
            }
            Step::Tag(tags) | Step::Own { tags, may_fail: false } => {
                cx.service.tag_resource(&arn, &tags).await?;
            }
            Step::Untag(keys) => cx.service.untag_resource(&arn, keys).await?,
            Step::Own { tags, may_fail: true } => {
                if let Err(why) = cx.optional(cx.service.tag_resource(&arn, &tags)).await {
                    cx.log.warning("has no new ownership tags", &arn, &why);
                }
            }
            Step::Warn(why) => cx.log.warning("a channel needs attention", &arn, &why),
        }
    }
    let not_activated = channels.iter().filter(|channel| !channel.is_activated);
    Ok(Done {
        not_activated: not_activated.map(label).collect(),
        contact: Some((arn, desired.contact_type)),
    })
}

/// Creates a channel. After a conflict, an earlier delivery of the event may have made it.
async fn create_channel(
    cx: &Context<'_>,
    desired: &Desired,
    contact: &ContactArn,
    channel: DesiredChannel,
) -> operations::Result<Channel> {
    let template_token = desired.idempotency_token.as_deref();
    let token = cx.resource.token(&desired.alias, template_token, Some(&channel.name));
    let refusal = match cx.service.create_contact_channel(contact, &channel, &token).await {
        Err(refusal) if refusal.meaning == Meaning::Conflict => refusal,
        created => {
            return Ok(Channel {
                arn: created?,
                name: channel.name,
                channel_type: Some(channel.channel_type),
                address: channel.address,
                is_activated: false,
            });
        }
    };
    let listed = cx.service.list_contact_channels(contact).await?;
    let is_it =
        |found: &Channel| found.name == channel.name && found.has_type_and_address_of(&channel);
    listed.into_iter().find(is_it).ok_or(refusal)
}

//! The operations of SSM Contacts that the function calls, one method each.

use std::fmt;

use aws_sdk_ssmcontacts::Client;

use crate::contact::arn::{Arn, ContactArn};
use crate::contact::channel::{Address, Channel, DesiredChannel};
use crate::contact::personal_data::shown_name;
use crate::contact::plan::Plan;
use crate::contact::{Contact, Tags};
use crate::properties::Desired;

use super::call_log::{CallLog, Ended};
use super::conversion;
use super::failure::FailedCall;

/// An operation of SSM Contacts, by the name that the API uses.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Operation {
    CreateContact,
    CreateContactChannel,
    DeleteContact,
    DeleteContactChannel,
    GetContact,
    ListContactChannels,
    ListContacts,
    ListTagsForResource,
    TagResource,
    UntagResource,
    UpdateContact,
    UpdateContactChannel,
}

impl Operation {
    /// Whether a message about it may repeat an address.
    pub(super) fn is_about_channels(self) -> bool {
        matches!(
            self,
            Self::CreateContactChannel
                | Self::DeleteContactChannel
                | Self::ListContactChannels
                | Self::UpdateContactChannel
        )
    }

    /// Whether it sends an address.
    pub(super) fn has_address(self) -> bool {
        matches!(self, Self::CreateContactChannel | Self::UpdateContactChannel)
    }

    pub(super) fn is_read(self) -> bool {
        matches!(
            self,
            Self::GetContact
                | Self::ListContactChannels
                | Self::ListContacts
                | Self::ListTagsForResource
        )
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// The operations, for one request: each call is recorded in the request's log.
#[derive(Clone, Copy)]
pub(crate) struct Operations<'a> {
    client: &'a Client,
    log: &'a CallLog,
}

/// Sends a request and records the call.
macro_rules! call {
    ($self:ident, $operation:ident, $subject:expr, $request:expr) => {{
        let subject = $subject.to_string();
        let record = $self.log.begin(Operation::$operation, &subject);
        let request = $request.customize().interceptor(record.clone());
        let result = request.send().await;
        let ended = record.end();
        result.map_err(|error| FailedCall::new(Operation::$operation, &subject, error, ended))
    }};
}

/// Passes the items of a list to `$each`, page by page. An empty token for the next page is none.
macro_rules! all_pages {
    ($self:ident, $operation:ident, $subject:expr, $request:expr, $items:ident, $each:expr) => {{
        let mut next = None;
        loop {
            let page = call!($self, $operation, $subject, $request.set_next_token(next))?;
            page.$items().iter().for_each(&mut $each);
            next = page.next_token().filter(|token| !token.is_empty()).map(ToOwned::to_owned);
            if next.is_none() {
                break;
            }
        }
    }};
}

pub(crate) type Result<T> = std::result::Result<T, Box<FailedCall>>;

impl<'a> Operations<'a> {
    pub(crate) fn new(client: &'a Client, log: &'a CallLog) -> Self {
        Self { client, log }
    }

    /// CreateContact. Without a plan, the `Plan` that is sent has no members.
    pub(crate) async fn create_contact(
        &self,
        desired: &Desired,
        plan: Option<&Plan>,
        tags: &Tags,
        idempotency_token: &str,
    ) -> Result<ContactArn> {
        let alias = &desired.alias;
        let plan = conversion::plan_or_empty(plan)
            .map_err(|error| unsendable(Operation::CreateContact, alias, error))?;
        let request = self
            .client
            .create_contact()
            .alias(alias.as_str())
            .set_display_name(desired.display_name.clone())
            .r#type(desired.contact_type.as_str().into())
            .plan(plan)
            .set_tags(Some(conversion::tags(tags)))
            .idempotency_token(idempotency_token);
        let created = call!(self, CreateContact, alias, request)?;
        ContactArn::parse(created.contact_arn())
            .ok_or_else(|| FailedCall::unusable(Operation::CreateContact, alias.as_str()))
    }

    /// GetContact: the contact without its tags and channels.
    pub(crate) async fn get_contact(&self, arn: &ContactArn) -> Result<Contact> {
        let request = self.client.get_contact().contact_id(arn.to_string());
        let found = call!(self, GetContact, arn, request)?;
        Ok(conversion::contact(arn, &found))
    }

    /// ListTagsForResource.
    pub(crate) async fn list_tags_for_resource(&self, arn: &ContactArn) -> Result<Tags> {
        let request = self.client.list_tags_for_resource().resource_arn(arn.to_string());
        let found = call!(self, ListTagsForResource, arn, request)?;
        Ok(conversion::tags_from(found.tags()))
    }

    /// UpdateContact. What is `None` stays as it is.
    pub(crate) async fn update_contact(
        &self,
        arn: &ContactArn,
        display_name: Option<String>,
        plan: Option<Plan>,
    ) -> Result<()> {
        let plan = plan.as_ref().map(conversion::plan).transpose();
        let plan = plan.map_err(|error| unsendable(Operation::UpdateContact, arn, error))?;
        let request = self
            .client
            .update_contact()
            .contact_id(arn.to_string())
            .set_display_name(display_name)
            .set_plan(plan);
        call!(self, UpdateContact, arn, request).map(|_| ())
    }

    /// TagResource.
    pub(crate) async fn tag_resource(&self, arn: &ContactArn, tags: &Tags) -> Result<()> {
        let request = self
            .client
            .tag_resource()
            .resource_arn(arn.to_string())
            .set_tags(Some(conversion::tags(tags)));
        call!(self, TagResource, arn, request).map(|_| ())
    }

    /// UntagResource.
    pub(crate) async fn untag_resource(&self, arn: &ContactArn, keys: Vec<String>) -> Result<()> {
        let request =
            self.client.untag_resource().resource_arn(arn.to_string()).set_tag_keys(Some(keys));
        call!(self, UntagResource, arn, request).map(|_| ())
    }

    /// DeleteContact.
    pub(crate) async fn delete_contact(&self, arn: &ContactArn) -> Result<()> {
        let request = self.client.delete_contact().contact_id(arn.to_string());
        call!(self, DeleteContact, arn, request).map(|_| ())
    }

    /// ListContactChannels, all pages.
    pub(crate) async fn list_contact_channels(&self, arn: &ContactArn) -> Result<Vec<Channel>> {
        let request = self.client.list_contact_channels().contact_id(arn.to_string());
        let mut channels = Vec::new();
        let mut each = |channel: &_| channels.push(conversion::channel_from(channel));
        all_pages!(self, ListContactChannels, arn, request.clone(), contact_channels, each);
        Ok(channels)
    }

    /// ListContacts: passes the ARNs of the contacts to `found`, page by page.
    pub(crate) async fn list_contacts(&self, mut found: impl FnMut(ContactArn)) -> Result<()> {
        let request = self.client.list_contacts();
        let mut each = |contact: &aws_sdk_ssmcontacts::types::Contact| {
            ContactArn::parse(contact.contact_arn()).into_iter().for_each(&mut found);
        };
        all_pages!(self, ListContacts, "all contacts", request.clone(), contacts, each);
        Ok(())
    }

    /// CreateContactChannel: returns the ARN of the channel.
    pub(crate) async fn create_contact_channel(
        &self,
        contact: &ContactArn,
        channel: &DesiredChannel,
        idempotency_token: &str,
    ) -> Result<String> {
        let subject = format!("channel {} of {contact}", shown_name(&channel.name));
        let request = self
            .client
            .create_contact_channel()
            .contact_id(contact.to_string())
            .name(&channel.name)
            .r#type(channel.channel_type.as_str().into())
            .delivery_address(conversion::address(&channel.address))
            .set_defer_activation(channel.defer_activation)
            .idempotency_token(idempotency_token);
        let created = call!(self, CreateContactChannel, subject, request)?;
        let arn = created.contact_channel_arn();
        if Arn::parse(arn).is_none() {
            return Err(FailedCall::unusable(Operation::CreateContactChannel, &subject));
        }
        Ok(arn.to_owned())
    }

    /// UpdateContactChannel. What is `None` stays as it is.
    pub(crate) async fn update_contact_channel(
        &self,
        arn: &str,
        name: Option<&str>,
        address: Option<&Address>,
    ) -> Result<()> {
        let request = self
            .client
            .update_contact_channel()
            .contact_channel_id(arn)
            .set_name(name.map(ToOwned::to_owned))
            .set_delivery_address(address.map(conversion::address));
        call!(self, UpdateContactChannel, arn, request).map(|_| ())
    }

    /// DeleteContactChannel.
    pub(crate) async fn delete_contact_channel(&self, arn: &str) -> Result<()> {
        let request = self.client.delete_contact_channel().contact_channel_id(arn);
        call!(self, DeleteContactChannel, arn, request).map(|_| ())
    }
}

/// A request that the SDK's types can't express.
fn unsendable(
    operation: Operation,
    subject: &impl ToString,
    error: aws_sdk_ssmcontacts::error::BuildError,
) -> Box<FailedCall> {
    FailedCall::new(operation, &subject.to_string(), error, Ended::default())
}

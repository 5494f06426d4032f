//! The operations of SSM Contacts that the function calls, one method each.

use aws_sdk_ssmcontacts::Client;

use crate::channel::{Address, Channel, DesiredChannel};
use crate::contact::{Contact, ContactArn, Plan, Tags};
use crate::error::{Cause, Error, FailedCall};
use crate::properties::Desired;

use super::call_log::CallLog;
use super::conversion;
use super::failure::call_failed;

/// The operations, for one request: each call is recorded in the request's log.
#[derive(Clone, Copy, Debug)]
pub struct Operations<'a> {
    client: &'a Client,
    log: &'a CallLog,
}

/// Sends a request and records the call.
macro_rules! call {
    ($self:ident, $operation:literal, $subject:expr, $request:expr) => {{
        let subject = $subject.to_string();
        let record = $self.log.begin($operation, &subject);
        let request = $request.customize().interceptor(record.clone());
        let result = request.send().await;
        record.end();
        result.map_err(|error| call_failed($operation, &subject, error))
    }};
}

impl<'a> Operations<'a> {
    /// The operations of one request.
    #[must_use]
    pub fn new(client: &'a Client, log: &'a CallLog) -> Self {
        Self { client, log }
    }

    /// CreateContact. Without a plan, the `Plan` that is sent has no members.
    ///
    /// # Errors
    ///
    /// Returns an error if the service refuses the call or does not answer with the ARN of
    /// a contact.
    pub async fn create_contact(
        &self,
        desired: &Desired,
        plan: Option<&Plan>,
        tags: &Tags,
        idempotency_token: &str,
    ) -> Result<ContactArn, Error> {
        let alias = &desired.alias;
        let plan = conversion::plan_or_empty(plan)
            .map_err(|error| call_failed("CreateContact", alias.as_str(), error))?;
        let request = self
            .client
            .create_contact()
            .alias(alias.as_str())
            .set_display_name(desired.optional.display_name.clone())
            .r#type(conversion::contact_type(desired.contact_type))
            .plan(plan)
            .set_tags(Some(conversion::tags(tags)).filter(|tags| !tags.is_empty()))
            .idempotency_token(idempotency_token);
        let created = call!(self, "CreateContact", alias, request)?;
        ContactArn::parse(created.contact_arn()).ok_or_else(|| {
            Error::call_failed(FailedCall {
                operation: "CreateContact",
                subject: alias.to_string(),
                code: "no usable answer".to_owned(),
                message: format!("{:?} is not the ARN of a contact", created.contact_arn()),
                request_id: None,
                cause: Cause::Other,
                next_step: None,
            })
        })
    }

    /// GetContact: the contact without its tags.
    ///
    /// # Errors
    ///
    /// Returns an error if the contact is gone or can't be read.
    pub async fn get_contact(&self, arn: &ContactArn) -> Result<Contact, Error> {
        let request = self.client.get_contact().contact_id(arn.to_string());
        let found = call!(self, "GetContact", arn, request)?;
        Ok(conversion::contact(arn, &found))
    }

    /// ListTagsForResource.
    ///
    /// # Errors
    ///
    /// Returns an error if the contact is gone or its tags can't be read.
    pub async fn list_tags_for_resource(&self, arn: &ContactArn) -> Result<Tags, Error> {
        let request = self
            .client
            .list_tags_for_resource()
            .resource_arn(arn.to_string());
        let found = call!(self, "ListTagsForResource", arn, request)?;
        Ok(conversion::tags_from(found.tags()))
    }

    /// UpdateContact. What is `None` stays as it is.
    ///
    /// # Errors
    ///
    /// Returns an error if the service refuses the call.
    pub async fn update_contact(
        &self,
        arn: &ContactArn,
        display_name: Option<String>,
        plan: Option<Plan>,
    ) -> Result<(), Error> {
        let plan = plan.as_ref().map(conversion::plan).transpose();
        let plan = plan.map_err(|error| call_failed("UpdateContact", &arn.to_string(), error))?;
        let request = self
            .client
            .update_contact()
            .contact_id(arn.to_string())
            .set_display_name(display_name)
            .set_plan(plan);
        call!(self, "UpdateContact", arn, request).map(|_| ())
    }

    /// TagResource.
    ///
    /// # Errors
    ///
    /// Returns an error if the service refuses the call.
    pub async fn tag_resource(&self, arn: &ContactArn, tags: &Tags) -> Result<(), Error> {
        let request = self
            .client
            .tag_resource()
            .resource_arn(arn.to_string())
            .set_tags(Some(conversion::tags(tags)));
        call!(self, "TagResource", arn, request).map(|_| ())
    }

    /// UntagResource.
    ///
    /// # Errors
    ///
    /// Returns an error if the service refuses the call.
    pub async fn untag_resource(&self, arn: &ContactArn, keys: Vec<String>) -> Result<(), Error> {
        let request = self
            .client
            .untag_resource()
            .resource_arn(arn.to_string())
            .set_tag_keys(Some(keys));
        call!(self, "UntagResource", arn, request).map(|_| ())
    }

    /// DeleteContact.
    ///
    /// # Errors
    ///
    /// Returns an error if the service refuses the call.
    pub async fn delete_contact(&self, arn: &ContactArn) -> Result<(), Error> {
        let request = self.client.delete_contact().contact_id(arn.to_string());
        call!(self, "DeleteContact", arn, request).map(|_| ())
    }

    /// ListContactChannels, all pages.
    ///
    /// # Errors
    ///
    /// Returns an error if the contact is gone or its channels can't be read.
    pub async fn list_contact_channels(&self, arn: &ContactArn) -> Result<Vec<Channel>, Error> {
        let mut channels = Vec::new();
        let mut next = None;
        loop {
            let request = self.client.list_contact_channels();
            let request = request.contact_id(arn.to_string()).set_next_token(next);
            let page = call!(self, "ListContactChannels", arn, request)?;
            channels.extend(page.contact_channels().iter().map(conversion::channel_from));
            next = page
                .next_token()
                .filter(|token| !token.is_empty())
                .map(ToOwned::to_owned);
            if next.is_none() {
                return Ok(channels);
            }
        }
    }

    /// CreateContactChannel: returns the ARN of the channel.
    ///
    /// # Errors
    ///
    /// Returns an error if the service refuses the call.
    pub async fn create_contact_channel(
        &self,
        contact: &ContactArn,
        channel: &DesiredChannel,
        idempotency_token: &str,
    ) -> Result<String, Error> {
        let subject = format!("channel {} of {contact}", channel.name);
        let request = self
            .client
            .create_contact_channel()
            .contact_id(contact.to_string())
            .name(&channel.name)
            .r#type(conversion::channel_type(channel.channel_type))
            .delivery_address(conversion::address(&channel.address))
            .set_defer_activation(channel.defer_activation)
            .idempotency_token(idempotency_token);
        let created = call!(self, "CreateContactChannel", subject, request)?;
        Ok(created.contact_channel_arn().to_owned())
    }

    /// UpdateContactChannel. What is `None` stays as it is.
    ///
    /// # Errors
    ///
    /// Returns an error if the service refuses the call.
    pub async fn update_contact_channel(
        &self,
        arn: &str,
        name: Option<&str>,
        address: Option<&Address>,
    ) -> Result<(), Error> {
        let request = self
            .client
            .update_contact_channel()
            .contact_channel_id(arn)
            .set_name(name.map(ToOwned::to_owned))
            .set_delivery_address(address.map(conversion::address));
        call!(self, "UpdateContactChannel", arn, request).map(|_| ())
    }

    /// DeleteContactChannel.
    ///
    /// # Errors
    ///
    /// Returns an error if the service refuses the call.
    pub async fn delete_contact_channel(&self, arn: &str) -> Result<(), Error> {
        let request = self.client.delete_contact_channel().contact_channel_id(arn);
        call!(self, "DeleteContactChannel", arn, request).map(|_| ())
    }
}

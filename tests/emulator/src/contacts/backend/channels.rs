//! The operations on contact channels.

use serde_json::{Value, json};

use super::channel::Channel;
use super::pages::page;
use super::{Backend, Output, created, denied, remember, text};
use crate::contacts::error::{Result, ServiceError};
use crate::contacts::rules::address_fits;

impl Backend {
    /// Returns the channels of a contact in order of creation.
    pub fn channels(&self, alias: &str) -> Vec<Channel> {
        self.channels.of(alias).cloned().collect()
    }

    /// Adds a channel without validation, as if in the console. Returns its ARN.
    pub fn add_channel(
        &mut self,
        alias: &str,
        name: &str,
        channel_type: &str,
        address: &str,
        is_activated: bool,
    ) -> String {
        let contact = self.contacts.get(alias);
        let contact_arn = contact.map_or_else(|| self.arn(alias), |contact| contact.arn.clone());
        let channel = Channel {
            arn: String::new(),
            name: name.to_owned(),
            channel_type: channel_type.to_owned(),
            address: address.to_owned(),
            is_activated,
        };
        self.channels.add(alias, &contact_arn, channel)
    }

    /// Returns a channel to be changed without validation, as if in the console.
    pub fn channel_mut(&mut self, arn: &str) -> Option<&mut Channel> {
        self.channels.get_mut(arn)
    }

    /// Removes a channel, as if in the console.
    pub fn remove_channel(&mut self, arn: &str) {
        self.channels.remove(arn);
    }

    pub(super) fn create_channel(&mut self, input: &Value) -> Output {
        if !self.switches.forgets_channel_tokens
            && let Some(arn) = created(&self.channel_tokens, input)?
        {
            return Ok(json!({"ContactChannelArn": arn}));
        }
        let contact = self.found("CreateContactChannel", input);
        // The model has no ResourceNotFoundException for this operation.
        let contact = contact.map_err(|error| match error.code.as_str() {
            "ResourceNotFoundException" => {
                ServiceError::invalid("Invalid value provided - the contact was not found")
            }
            _ => error,
        })?;
        if contact.contact_type != "PERSONAL" {
            return Err(ServiceError::invalid(
                "Invalid value provided - only a PERSONAL contact can have contact channels",
            ));
        }
        let (alias, contact_arn) = (contact.alias.clone(), contact.arn.clone());
        let (channel_type, address) = (text(input, "Type"), address(input));
        address_fits(channel_type, address)?;
        let channel = Channel {
            arn: String::new(),
            name: text(input, "Name").to_owned(),
            channel_type: channel_type.to_owned(),
            address: self.switches.stored_address(channel_type, address),
            is_activated: self.activates_new_channels,
        };
        self.check_unique(&alias, &channel)?;
        let arn = self.channels.add(&alias, &contact_arn, channel.clone());
        if input.get("DeferActivation") != Some(&Value::Bool(true)) {
            let arn = arn.clone();
            self.send_code_to(Channel { arn, ..channel });
        }
        remember(&mut self.channel_tokens, input, &arn);
        Ok(json!({"ContactChannelArn": arn}))
    }

    pub(super) fn update_channel(&mut self, input: &Value) -> Output {
        let (alias, mut channel) = self.found_channel("UpdateContactChannel", input)?;
        if input.get("DeliveryAddress").is_some_and(Value::is_object) {
            address_fits(&channel.channel_type, address(input))?;
            let address = self.switches.stored_address(&channel.channel_type, address(input));
            if address != channel.address && !self.switches.changed_address_keeps_activation {
                channel.is_activated = false;
            }
            channel.address = address;
        }
        if let Some(name) = input.get("Name").and_then(Value::as_str) {
            name.clone_into(&mut channel.name);
        }
        self.check_unique(&alias, &channel)?;
        if let Some(before) = self.channels.get_mut(&channel.arn) {
            before.clone_from(&channel);
        }
        Ok(json!({}))
    }

    pub(super) fn delete_channel(&mut self, input: &Value) -> Output {
        let (_, channel) = self.found_channel("DeleteContactChannel", input)?;
        self.channels.remove(&channel.arn);
        Ok(json!({}))
    }

    pub(super) fn list_channels(&mut self, input: &Value) -> Output {
        let alias = self.found("ListContactChannels", input)?.alias.clone();
        let channels = self.channels.of(&alias);
        let channels = channels.map(|channel| (channel.id(), channel.output()));
        let default = self.switches.channels_per_page;
        Ok(page("ContactChannels", channels, input, default))
    }

    pub(super) fn found_channel(
        &self,
        operation: &str,
        input: &Value,
    ) -> Result<(String, Channel)> {
        let arn = text(input, "ContactChannelId");
        if self.alias(&contact_arn(arn)).is_none() {
            return Err(denied(operation, arn));
        }
        let found = self.channel(arn);
        let (alias, channel) = found.ok_or_else(|| ServiceError::not_found(arn))?;
        Ok((alias.to_owned(), channel.clone()))
    }

    pub(super) fn channel<'a>(&'a self, arn: &'a str) -> Option<(&'a str, &'a Channel)> {
        let (contact, id) = arn.rsplit_once('/')?;
        let (_, alias) = contact.split_once(":contact-channel/")?;
        self.alias(&contact_arn(contact))?;
        let channel = self.channels.of(alias).find(|channel| channel.id() == id)?;
        Some((alias, channel))
    }

    fn check_unique(&self, alias: &str, new: &Channel) -> Result<()> {
        let others = || self.channels.of(alias).filter(|other| other.arn != new.arn);
        let names = self.switches.channel_names_are_unique;
        let same_name = others().find(|other| names && other.name == new.name);
        let addresses = self.switches.channel_addresses_are_unique;
        let same_address = others().find(|other| {
            addresses && (&other.channel_type, &other.address) == (&new.channel_type, &new.address)
        });
        let conflict = |what: &str, other: &Channel| {
            let message = format!("A contact channel with this {what} exists");
            Err(ServiceError::conflict(&message, &other.arn))
        };
        match (same_name, same_address) {
            (Some(other), _) => conflict("name", other),
            (None, Some(other)) => conflict("address", other),
            (None, None) => Ok(()),
        }
    }
}

/// Returns the beginning of the ARN of a channel as that of its contact, with the same path.
fn contact_arn(channel: &str) -> String {
    channel.replacen(":contact-channel/", ":contact/", 1)
}

fn address(input: &Value) -> &str {
    let address = input.get("DeliveryAddress");
    address.map_or("", |address| text(address, "SimpleAddress"))
}

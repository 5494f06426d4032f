//! The operations on contact channels.

use serde_json::{Value, json};

use super::channel::Channel;
use super::{Backend, Output};
use crate::contacts::ServiceError;
use crate::contacts::constraints::{Validator, address_fits};
use crate::contacts::listing::most_results;

impl Backend {
    /// Returns the channels of a contact in order of creation, regardless of
    /// [`Switches::channels_listed_after`](crate::contacts::Switches::channels_listed_after).
    #[must_use]
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
        self.channels.add(alias, &contact_arn, None, channel)
    }

    /// Activates a channel, as its owner does with the code that the service sent.
    pub fn activate_channel(&mut self, arn: &str) {
        if let Some(channel) = self.channels.get_mut(arn) {
            channel.is_activated = true;
        }
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
        let mut validator = Validator::default();
        validator.arn(input, "ContactId");
        validator.channel_name(input, true);
        validator.channel_type(input);
        validator.delivery_address(input, true);
        validator.defer_activation(input);
        validator.token(input, "IdempotencyToken");
        validator.into_result()?;
        let (name, channel_type) = (text(input, "Name"), text(input, "Type"));
        let token = text(input, "IdempotencyToken");
        if let Some((before, arn)) = self.channels.tokens.get(token) {
            if before != input {
                return Err(ServiceError::invalid(
                    "Invalid value provided - the idempotency token was used with other parameters",
                ));
            }
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
        let address = address(input).unwrap_or_default();
        address_fits(channel_type, address)?;
        self.check_name(&alias, name, "")?;
        let channel = Channel {
            arn: String::new(),
            name: name.to_owned(),
            channel_type: channel_type.to_owned(),
            address: self.switches.stored_address(channel_type, address),
            is_activated: false,
        };
        let now = Some(self.clock.now());
        let arn = self.channels.add(&alias, &contact_arn, now, channel);
        if !token.is_empty() {
            let call = (input.clone(), arn.clone());
            self.channels.tokens.insert(token.to_owned(), call);
        }
        Ok(json!({"ContactChannelArn": arn}))
    }

    pub(super) fn get_channel(&mut self, input: &Value) -> Output {
        let (_, channel) = self.found_channel("GetContactChannel", input)?;
        Ok(channel.output())
    }

    pub(super) fn update_channel(&mut self, input: &Value) -> Output {
        let mut validator = Validator::default();
        validator.arn(input, "ContactChannelId");
        validator.channel_name(input, false);
        validator.delivery_address(input, false);
        validator.into_result()?;
        let (alias, mut channel) = self.found_channel("UpdateContactChannel", input)?;
        if input.get("DeliveryAddress").is_some_and(|a| !a.is_null()) {
            let address = address(input).unwrap_or_default();
            address_fits(&channel.channel_type, address)?;
            let address = self.switches.stored_address(&channel.channel_type, address);
            if address != channel.address && !self.switches.changed_address_keeps_activation {
                channel.is_activated = false;
            }
            channel.address = address;
        }
        if let Some(name) = input.get("Name").and_then(Value::as_str) {
            self.check_name(&alias, name, &channel.arn)?;
            name.clone_into(&mut channel.name);
        }
        let arn = channel.arn.clone();
        self.channels.put(&arn, self.clock.now(), Some(channel));
        Ok(json!({}))
    }

    pub(super) fn delete_channel(&mut self, input: &Value) -> Output {
        let (_, channel) = self.found_channel("DeleteContactChannel", input)?;
        self.channels.put(&channel.arn, self.clock.now(), None);
        Ok(json!({}))
    }

    /// Returns a page of the channels of a contact. `NextToken` is the id of the channel with which
    /// the next page starts.
    pub(super) fn list_channels(&mut self, input: &Value) -> Output {
        let mut validator = Validator::default();
        validator.arn(input, "ContactId");
        validator.token(input, "NextToken");
        validator.most_results(input);
        validator.into_result()?;
        let alias = self.found("ListContactChannels", input)?.alias.clone();
        let (now, lag) = (self.clock.now(), self.switches.channels_listed_after);
        let first = text(input, "NextToken");
        let channels = self.channels.listed(&alias, now, lag);
        let mut rest = channels.filter(|channel| channel.id() >= first);
        let most = most_results(input).or(self.switches.channels_per_page);
        let most = most.unwrap_or(usize::MAX);
        let page: Vec<Value> = rest.by_ref().take(most).map(Channel::output).collect();
        let mut output = json!({"ContactChannels": page});
        if let (Some(next), Some(output)) = (rest.next(), output.as_object_mut()) {
            output.insert("NextToken".to_owned(), next.id().into());
        }
        Ok(output)
    }

    /// Returns the channel of a request, and the alias of its contact. For an ARN of another
    /// account or Region, access is denied as by IAM.
    fn found_channel(
        &self,
        operation: &str,
        input: &Value,
    ) -> Result<(String, Channel), ServiceError> {
        let mut validator = Validator::default();
        validator.arn(input, "ContactChannelId");
        validator.into_result()?;
        let arn = text(input, "ContactChannelId");
        // The ARN of a channel differs from that of its contact in the type and the id.
        let as_contact = arn.replacen(":contact-channel/", ":contact/", 1);
        let Some(path) = self.alias(&as_contact) else {
            let action = format!("ssm-contacts:{operation}");
            return Err(ServiceError::access_denied(&action, arn));
        };
        path.split_once('/')
            .filter(|_| as_contact != arn)
            .and_then(|(alias, id)| {
                let channel = self.channels.of(alias).find(|channel| channel.id() == id)?;
                Some((alias.to_owned(), channel.clone()))
            })
            .ok_or_else(|| ServiceError::not_found(arn))
    }

    /// Returns an error if names are unique and another channel of the contact has this one.
    fn check_name(&self, alias: &str, name: &str, own_arn: &str) -> Result<(), ServiceError> {
        let other = self
            .channels
            .of(alias)
            .find(|channel| channel.name == name && channel.arn != own_arn);
        match other {
            Some(other) if self.switches.channel_names_are_unique => Err(ServiceError::conflict(
                "A contact channel with this name exists",
                &other.arn,
            )),
            _ => Ok(()),
        }
    }
}

fn text<'a>(input: &'a Value, name: &str) -> &'a str {
    input.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn address(input: &Value) -> Option<&str> {
    input.get("DeliveryAddress")?.get("SimpleAddress")?.as_str()
}

//! The contact channels of the service.

use serde_json::{Value, json};

#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    pub arn: String,
    pub name: String,
    /// SMS, VOICE or EMAIL.
    pub channel_type: String,
    pub address: String,
    pub is_activated: bool,
}

impl Channel {
    pub fn output(&self) -> Value {
        let status = if self.is_activated { "ACTIVATED" } else { "NOT_ACTIVATED" };
        json!({
            "ContactArn": self.contact_arn(), "ContactChannelArn": self.arn, "Name": self.name,
            "Type": self.channel_type, "DeliveryAddress": {"SimpleAddress": self.address},
            "ActivationStatus": status,
        })
    }

    fn contact_arn(&self) -> String {
        let contact = self.arn.rsplit_once('/').map_or("", |(contact, _)| contact);
        contact.replacen(":contact-channel/", ":contact/", 1)
    }

    pub(super) fn id(&self) -> &str {
        self.arn.rsplit_once('/').map_or("", |(_, id)| id)
    }
}

/// The channels of all contacts, each with the alias of its contact.
#[derive(Clone, Debug, Default)]
pub(super) struct Channels {
    /// In order of creation, and so in order of their ids.
    all: Vec<(String, Channel)>,
    created: u64,
}

impl Channels {
    pub(super) fn add(&mut self, alias: &str, contact_arn: &str, new: Channel) -> String {
        self.created += 1;
        let channels = contact_arn.replacen(":contact/", ":contact-channel/", 1);
        let arn = format!("{channels}/00000000-0000-4000-9000-{:012}", self.created);
        let channel = Channel { arn: arn.clone(), ..new };
        self.all.push((alias.to_owned(), channel));
        arn
    }

    pub(super) fn of(&self, alias: &str) -> impl Iterator<Item = &Channel> {
        let all = self.all.iter();
        all.filter(move |(owner, _)| owner == alias).map(|(_, channel)| channel)
    }

    pub(super) fn get_mut(&mut self, arn: &str) -> Option<&mut Channel> {
        let mut channels = self.all.iter_mut().map(|(_, channel)| channel);
        channels.find(|channel| channel.arn == arn)
    }

    pub(super) fn remove(&mut self, arn: &str) {
        self.all.retain(|(_, channel)| channel.arn != arn);
    }

    pub(super) fn remove_all(&mut self, alias: &str) {
        self.all.retain(|(owner, _)| owner != alias);
    }
}

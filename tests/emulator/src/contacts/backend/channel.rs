//! The contact channels of the service and their history.

use std::time::Duration;

use serde_json::{Value, json};

/// A contact channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    /// The ARN.
    pub arn: String,
    /// The name.
    pub name: String,
    /// SMS, VOICE or EMAIL.
    pub channel_type: String,
    /// The phone number or email address as it is stored.
    pub address: String,
    /// Whether its owner has activated it.
    pub is_activated: bool,
}

impl Channel {
    /// Returns the output of GetContactChannel.
    #[must_use]
    pub fn output(&self) -> Value {
        let status = if self.is_activated {
            "ACTIVATED"
        } else {
            "NOT_ACTIVATED"
        };
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

    /// Returns the part of the ARN that no other channel has.
    pub(super) fn id(&self) -> &str {
        self.arn.rsplit_once('/').map_or("", |(_, id)| id)
    }
}

/// The channels of all contacts.
#[derive(Clone, Debug, Default)]
pub(super) struct Channels {
    /// In order of creation, and so in order of their ids.
    records: Vec<Record>,
    created: u64,
}

/// A channel and what it was before each operation that changed it.
#[derive(Clone, Debug)]
struct Record {
    /// The alias of the contact.
    alias: String,
    current: Option<Channel>,
    /// The time of each operation and the state until then, which is none before the creation.
    past: Vec<(Duration, Option<Channel>)>,
}

impl Record {
    /// Returns the channel without the changes that are more recent than `lag`.
    fn listed(&self, now: Duration, lag: Duration) -> Option<&Channel> {
        self.past
            .iter()
            .find(|(until, _)| now.saturating_sub(*until) < lag)
            .map_or(self.current.as_ref(), |(_, before)| before.as_ref())
    }

    fn is(&self, arn: &str) -> bool {
        self.current
            .as_ref()
            .is_some_and(|channel| channel.arn == arn)
    }
}

impl Channels {
    /// Adds a channel. Without a time, it was added by a person.
    pub(super) fn add(
        &mut self,
        alias: &str,
        contact_arn: &str,
        created_at: Option<Duration>,
        new: Channel,
    ) -> String {
        self.created += 1;
        let channels = contact_arn.replacen(":contact/", ":contact-channel/", 1);
        let arn = format!("{channels}/00000000-0000-4000-9000-{:012}", self.created);
        self.records.push(Record {
            alias: alias.to_owned(),
            current: Some(Channel {
                arn: arn.clone(),
                ..new
            }),
            past: created_at.map(|at| (at, None)).into_iter().collect(),
        });
        arn
    }

    /// Returns the channels of a contact.
    pub(super) fn of(&self, alias: &str) -> impl Iterator<Item = &Channel> {
        self.records
            .iter()
            .filter(move |record| record.alias == alias)
            .filter_map(|record| record.current.as_ref())
    }

    /// Returns the channels of a contact without the changes that are more recent than `lag`.
    pub(super) fn listed(
        &self,
        alias: &str,
        now: Duration,
        lag: Duration,
    ) -> impl Iterator<Item = &Channel> {
        self.records
            .iter()
            .filter(move |record| record.alias == alias)
            .filter_map(move |record| record.listed(now, lag))
    }

    /// Returns the channel with this ARN.
    pub(super) fn get_mut(&mut self, arn: &str) -> Option<&mut Channel> {
        let record = self.records.iter_mut().find(|record| record.is(arn))?;
        record.current.as_mut()
    }

    /// Changes or removes a channel with an operation at this time.
    pub(super) fn put(&mut self, arn: &str, at: Duration, state: Option<Channel>) {
        if let Some(record) = self.records.iter_mut().find(|record| record.is(arn)) {
            record
                .past
                .push((at, std::mem::replace(&mut record.current, state)));
        }
    }

    /// Removes a channel as a person.
    pub(super) fn remove(&mut self, arn: &str) {
        if let Some(record) = self.records.iter_mut().find(|record| record.is(arn)) {
            record.current = None;
        }
    }

    /// Removes the channels of a contact, and their history.
    pub(super) fn remove_all(&mut self, alias: &str) {
        self.records.retain(|record| record.alias != alias);
    }
}

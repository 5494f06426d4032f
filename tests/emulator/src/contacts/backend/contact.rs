//! A contact of the service.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

/// A contact of the service. Contacts are equal if the API returns the same for them.
#[derive(Clone, Debug)]
pub struct Contact {
    /// The ARN.
    pub arn: String,
    /// The alias, unique in the account and Region.
    pub alias: String,
    /// PERSONAL, ESCALATION or ONCALL_SCHEDULE.
    pub contact_type: String,
    /// The display name, which is optional.
    pub display_name: Option<String>,
    /// The engagement plan as it was sent, with the values that
    /// [`Switches::fills_in_retry_interval`](crate::contacts::Switches::fills_in_retry_interval)
    /// adds.
    pub plan: Value,
    /// The tags.
    pub tags: BTreeMap<String, String>,
    /// The CreateContact that created it. A seeded contact has none.
    pub(super) creation: Option<Creation>,
}

/// What the service stores about a CreateContact.
#[derive(Clone, Debug)]
pub(super) struct Creation {
    pub(super) at: Duration,
    /// The tags of the call, without those that TagResource wrote later.
    pub(super) tags: BTreeMap<String, String>,
}

impl Contact {
    /// Returns the output of GetContact.
    #[must_use]
    pub fn output(&self) -> Value {
        let mut output = json!({
            "ContactArn": self.arn, "Alias": self.alias, "Type": self.contact_type, "Plan": self.plan,
        });
        if let (Some(name), Some(output)) = (&self.display_name, output.as_object_mut()) {
            output.insert("DisplayName".to_owned(), name.clone().into());
        }
        output
    }

    /// Returns the time since the CreateContact. For a seeded contact, it exceeds any delay.
    pub(super) fn age(&self, now: Duration) -> Duration {
        self.creation
            .as_ref()
            .map_or(Duration::MAX, |creation| now.saturating_sub(creation.at))
    }

    /// Writes tags with an operation other than CreateContact.
    pub(super) fn tag(&mut self, tags: BTreeMap<String, String>) {
        if let Some(creation) = &mut self.creation {
            creation.tags.retain(|key, _| !tags.contains_key(key));
        }
        self.tags.extend(tags);
    }

    /// Returns the tags that operations other than CreateContact wrote.
    pub(super) fn tags_written_since(&self) -> impl Iterator<Item = (&String, &String)> {
        self.tags.iter().filter(|(key, value)| {
            self.creation
                .as_ref()
                .is_none_or(|creation| creation.tags.get(*key) != Some(value))
        })
    }
}

impl PartialEq for Contact {
    fn eq(&self, other: &Self) -> bool {
        let Self {
            arn,
            alias,
            contact_type,
            display_name,
            plan,
            tags,
            creation: _,
        } = self;
        *arn == other.arn
            && *alias == other.alias
            && *contact_type == other.contact_type
            && *display_name == other.display_name
            && *plan == other.plan
            && *tags == other.tags
    }
}

//! A contact as the service keeps it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

/// A contact as the service keeps it. Two are equal where the service shows no difference.
#[derive(Clone, Debug)]
pub struct Contact {
    /// Its ARN.
    pub arn: String,
    /// Its alias, unique in the account and Region.
    pub alias: String,
    /// PERSONAL, ESCALATION or ONCALL_SCHEDULE.
    pub contact_type: String,
    /// Its full name; `None` where it has none.
    pub display_name: Option<String>,
    /// Its plan, as it was sent, with what
    /// [`Switches::fills_in_retry_interval`](crate::contacts::Switches::fills_in_retry_interval)
    /// adds.
    pub plan: Value,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// How CreateContact made it; `None` where it was seeded.
    pub(super) creation: Option<Creation>,
}

/// What the service still knows of a CreateContact.
#[derive(Clone, Debug)]
pub(super) struct Creation {
    pub(super) at: Duration,
    /// The tags that it gave, without those that TagResource wrote since.
    pub(super) tags: BTreeMap<String, String>,
}

impl Contact {
    /// What GetContact answers.
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

    /// The time since its CreateContact; a seeded contact is older than any limit.
    pub(super) fn age(&self, now: Duration) -> Duration {
        self.creation
            .as_ref()
            .map_or(Duration::MAX, |creation| now.saturating_sub(creation.at))
    }

    /// Writes tags by another operation than CreateContact.
    pub(super) fn tag(&mut self, tags: BTreeMap<String, String>) {
        if let Some(creation) = &mut self.creation {
            creation.tags.retain(|key, _| !tags.contains_key(key));
        }
        self.tags.extend(tags);
    }

    /// The tags that another operation than CreateContact wrote.
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

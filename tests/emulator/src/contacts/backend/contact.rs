//! A contact as the service keeps it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// A contact as the service keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct Contact {
    /// Its ARN.
    pub arn: String,
    /// Its alias, unique in the account and Region.
    pub alias: String,
    /// PERSONAL, ESCALATION or ONCALL_SCHEDULE.
    pub contact_type: String,
    /// Its full name; `None` where it has none.
    pub display_name: Option<String>,
    /// Its plan, as it was sent.
    pub plan: Value,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
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
}

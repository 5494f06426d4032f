//! A contact of the service.

use std::collections::BTreeMap;

use serde_json::{Value, json};

#[derive(Clone, Debug, PartialEq)]
pub struct Contact {
    pub arn: String,
    /// The alias, unique in the account and Region.
    pub alias: String,
    /// PERSONAL, ESCALATION or ONCALL_SCHEDULE.
    pub contact_type: String,
    pub display_name: Option<String>,
    /// The engagement plan as it was sent, with the values that
    /// [`Switches::fills_in_retry_interval`](crate::contacts::Switches::fills_in_retry_interval)
    /// adds.
    pub plan: Value,
    pub tags: BTreeMap<String, String>,
}

impl Contact {
    pub(crate) fn output(&self) -> Value {
        let mut output = json!({
            "ContactArn": self.arn, "Alias": self.alias, "Type": self.contact_type, "Plan": self.plan,
        });
        if let (Some(name), Some(output)) = (&self.display_name, output.as_object_mut()) {
            output.insert("DisplayName".to_owned(), name.clone().into());
        }
        output
    }
}

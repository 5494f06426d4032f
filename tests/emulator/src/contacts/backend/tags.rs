//! `TagResource`, `UntagResource` and `ListTagsForResource`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Backend, Contact, Output, items, text};
use crate::contacts::error::{Result, ServiceError};

impl Backend {
    pub(super) fn tag(&mut self, input: &Value) -> Output {
        let contact = self.found_with_tags("TagResource", input)?;
        let tags = tags(input);
        let new = tags.keys().filter(|key| !contact.tags.contains_key(*key));
        if contact.tags.len() + new.count() > 50 {
            return Err(ServiceError::quota_exceeded("L-TAGS", "Too many tags"));
        }
        contact.tags.extend(tags);
        Ok(json!({}))
    }

    pub(super) fn untag(&mut self, input: &Value) -> Output {
        let contact = self.found_with_tags("UntagResource", input)?;
        for key in items(input, "TagKeys").filter_map(Value::as_str) {
            contact.tags.remove(key);
        }
        Ok(json!({}))
    }

    pub(super) fn list_tags(&mut self, input: &Value) -> Output {
        let contact = self.found_with_tags("ListTagsForResource", input)?;
        let tag = |(key, value)| json!({"Key": key, "Value": value});
        let tags: Vec<Value> = contact.tags.iter().map(tag).collect();
        Ok(json!({"Tags": tags}))
    }

    /// Returns the contact whose tags a request reads or changes, unless the service refuses tags.
    fn found_with_tags(&mut self, operation: &str, input: &Value) -> Result<&mut Contact> {
        let refused =
            self.refuses_tags && (operation == "TagResource" || self.switches.refuses_to_list_tags);
        let contact = self.found(operation, input)?;
        if refused { Err(tags_refused()) } else { Ok(contact) }
    }
}

pub(super) fn tags_refused() -> ServiceError {
    ServiceError::invalid(
        "You can only tag resources created in the first Region of your replication set",
    )
}

pub(super) fn tags(input: &Value) -> BTreeMap<String, String> {
    let pair = |tag| (text(tag, "Key").to_owned(), text(tag, "Value").to_owned());
    items(input, "Tags").map(pair).collect()
}

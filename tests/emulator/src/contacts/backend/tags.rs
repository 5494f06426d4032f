//! `TagResource`, `UntagResource` and `ListTagsForResource`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Backend, Contact, Output};
use crate::contacts::ServiceError;
use crate::contacts::constraints::Validator;

impl Backend {
    pub(super) fn tag(&mut self, input: &Value) -> Output {
        let mut validator = Validator::default();
        validator.tags(input, true);
        validator.into_result()?;
        let contact = self.found_with_tags("TagResource", input)?;
        let tags = tags(input);
        let more = tags.keys().filter(|key| !contact.tags.contains_key(*key));
        if contact.tags.len() + more.count() > 50 {
            return Err(ServiceError::quota_exceeded("L-TAGS", "Too many tags"));
        }
        contact.tag(tags);
        Ok(json!({}))
    }

    pub(super) fn untag(&mut self, input: &Value) -> Output {
        let mut validator = Validator::default();
        validator.tag_keys(input);
        validator.into_result()?;
        let contact = self.found_with_tags("UntagResource", input)?;
        for key in input
            .get("TagKeys")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            contact.tags.remove(key.as_str().unwrap_or_default());
        }
        Ok(json!({}))
    }

    pub(super) fn list_tags(&mut self, input: &Value) -> Output {
        let (now, after) = (self.clock.now(), self.switches.tags_appear_after);
        let contact = self.found_with_tags("ListTagsForResource", input)?;
        let tag = |(key, value)| json!({"Key": key, "Value": value});
        let tags: Vec<Value> = if contact.age(now) >= after {
            contact.tags.iter().map(tag).collect()
        } else {
            contact.tags_written_since().map(tag).collect()
        };
        Ok(json!({"Tags": tags}))
    }

    /// The contact whose tags a request reads or changes, unless the service refuses that
    /// here.
    fn found_with_tags(
        &mut self,
        operation: &str,
        input: &Value,
    ) -> Result<&mut Contact, ServiceError> {
        let refused =
            self.refuses_tags && (operation == "TagResource" || self.switches.refuses_to_list_tags);
        let contact = self.found(operation, input)?;
        if refused {
            return Err(tags_refused());
        }
        Ok(contact)
    }
}

pub(super) fn tags_refused() -> ServiceError {
    ServiceError::invalid(
        "You can only tag resources created in the first Region of your replication set",
    )
}

pub(super) fn tags(input: &Value) -> BTreeMap<String, String> {
    let empty = Vec::new();
    let list = input
        .get("Tags")
        .and_then(Value::as_array)
        .unwrap_or(&empty);
    let member = |tag: &Value, name: &str| {
        tag.get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    list.iter()
        .map(|tag| (member(tag, "Key"), member(tag, "Value")))
        .collect()
}

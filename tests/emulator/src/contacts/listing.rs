//! `ListContacts`, with its filters and pages.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::constraints::Validator;
use super::{Contact, ServiceError};

/// Returns a page of the readable contacts that match the request. `NextToken` is the alias with
/// which the next page starts.
pub(super) fn list(
    contacts: &BTreeMap<String, Contact>,
    is_readable: impl Fn(&Contact) -> bool,
    input: &Value,
) -> Result<Value, ServiceError> {
    let mut validator = Validator::default();
    validator.alias(input, "AliasPrefix", false);
    validator.contact_type(input, false);
    validator.token(input, "NextToken");
    validator.most_results(input);
    validator.into_result()?;
    let text = |name: &str| input.get(name).and_then(Value::as_str);
    let first = text("NextToken").unwrap_or_default();
    let most = most_results(input).unwrap_or(usize::MAX);
    let matches = |contact: &&Contact| {
        is_readable(contact)
            && text("AliasPrefix").is_none_or(|prefix| contact.alias.starts_with(prefix))
            && text("Type").is_none_or(|contact_type| contact.contact_type == contact_type)
    };
    let mut rest = contacts
        .range(first.to_owned()..)
        .map(|(_, contact)| contact)
        .filter(matches);
    let page: Vec<Value> = rest.by_ref().take(most).map(summary).collect();
    let mut output = json!({"Contacts": page});
    if let (Some(next), Some(output)) = (rest.next(), output.as_object_mut()) {
        output.insert("NextToken".to_owned(), next.alias.clone().into());
    }
    Ok(output)
}

/// Returns the page size that a request has. The model allows 0 and does not define its meaning.
pub(super) fn most_results(input: &Value) -> Option<usize> {
    let most = input.get("MaxResults").and_then(Value::as_u64)?;
    usize::try_from(most).ok().filter(|most| *most > 0)
}

fn summary(contact: &Contact) -> Value {
    let mut summary = contact.output();
    if let Some(summary) = summary.as_object_mut() {
        summary.remove("Plan");
    }
    summary
}

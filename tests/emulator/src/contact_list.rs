//! The contacts of the service as JSON: what `--json` prints and `--contacts` reads.

use serde_json::{Map, Value, json};

use crate::contacts::{Backend, Channel};

/// Returns all contacts with their tags and channels, in order of their aliases.
pub fn contacts_to_json(backend: &Backend) -> Vec<Value> {
    let contacts = backend.contacts().iter();
    contacts
        .map(|(alias, contact)| {
            let channels = backend.channels(alias);
            let channels: Vec<Value> = channels.iter().map(Channel::output).collect();
            let mut output = contact.output();
            if let Some(members) = output.as_object_mut() {
                members.insert("Tags".to_owned(), json!(contact.tags));
                members.insert("Channels".to_owned(), channels.into());
            }
            output
        })
        .collect()
}

/// Adds contacts as if they had existed before. The list may be a member `contacts`, as in the
/// documents that `--json` prints.
pub fn add_contacts(backend: &mut Backend, document: &Value) -> Result<(), String> {
    let list = document.get("contacts").unwrap_or(document);
    let list = list.as_array().ok_or("this is no list of contacts")?;
    for (number, contact) in (1..).zip(list) {
        add(backend, contact).map_err(|error| format!("contact {number}: {error}"))?;
    }
    Ok(())
}

fn add(backend: &mut Backend, contact: &Value) -> Result<(), String> {
    let (alias, contact_type) = (required(contact, "Alias")?, required(contact, "Type")?);
    let ours = backend.arn(alias);
    if let Some(arn) = contact.get("ContactArn")
        && *arn != ours.as_str()
    {
        return Err(format!("its ContactArn is {arn}, but here it would be {ours}"));
    }
    let no_tags = Map::new();
    let tags = contact.get("Tags").and_then(Value::as_object);
    let tags = tags.unwrap_or(&no_tags).iter();
    let tags: Vec<(&str, &str)> =
        tags.map(|(key, value)| (key.as_str(), value.as_str().unwrap_or_default())).collect();
    backend.seed(alias, contact_type, &tags);
    if let Some(added) = backend.contact_mut(alias) {
        if let Some(plan) = contact.get("Plan") {
            added.plan = plan.clone();
        }
        let name = contact.get("DisplayName").and_then(Value::as_str);
        added.display_name = name.map(ToOwned::to_owned);
    }
    // A rotation that a plan names existed before, too.
    let rotations = contact.pointer("/Plan/RotationIds");
    let rotations = rotations.and_then(Value::as_array).into_iter().flatten();
    for rotation in rotations.filter_map(Value::as_str) {
        backend.add_rotation(rotation);
    }
    let channels = contact.get("Channels").and_then(Value::as_array);
    for channel in channels.into_iter().flatten() {
        add_channel(backend, alias, channel)?;
    }
    Ok(())
}

fn add_channel(backend: &mut Backend, alias: &str, channel: &Value) -> Result<(), String> {
    let (name, channel_type) = (required(channel, "Name")?, required(channel, "Type")?);
    let address = channel.get("DeliveryAddress").ok_or("DeliveryAddress is missing")?;
    let address = required(address, "SimpleAddress")?;
    let is_activated = channel.get("ActivationStatus").and_then(Value::as_str) == Some("ACTIVATED");
    let arn = backend.add_channel(alias, name, channel_type, address, is_activated);
    let given = channel.get("ContactChannelArn").and_then(Value::as_str);
    if let (Some(given), Some(added)) = (given, backend.channel_mut(&arn)) {
        // The plan may name it.
        given.clone_into(&mut added.arn);
    }
    Ok(())
}

fn required<'a>(value: &'a Value, name: &str) -> Result<&'a str, String> {
    let text = value.get(name).and_then(Value::as_str);
    text.ok_or_else(|| format!("{name} is missing or not a string"))
}

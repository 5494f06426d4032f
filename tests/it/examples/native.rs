//! Handlers for AWS's own resource types, as far as the examples need them. They call the emulated
//! service.

use std::collections::BTreeMap;

use emulator::cloudformation::RequestType;
use emulator::contacts::{Backend, ServiceError};
use serde_json::{Map, Value, json};

use super::template::Identity;
use crate::fixture::arn;

const CONTACT: &str = "AWS::SSMContacts::Contact";
const CHANNEL: &str = "AWS::SSMContacts::ContactChannel";
const PLAN: &str = "AWS::SSMContacts::Plan";
const ROTATION: &str = "AWS::SSMContacts::Rotation";

/// Returns the values of `Ref` and of the only attribute, `Arn`. Both are the ARN of the resource.
pub(super) fn identity(kind: &str, logical_id: &str, properties: &Value) -> Identity {
    let of = |what: &str, name: &str| {
        format!("arn:aws:ssm-contacts:us-east-2:111122223333:{what}/{name}")
    };
    let reference = match kind {
        CONTACT => arn(text(properties, "Alias")),
        CHANNEL => {
            let contact = text(properties, "ContactId");
            let alias = contact.rsplit('/').next().unwrap();
            of("contact-channel", &format!("{alias}/{logical_id}"))
        }
        PLAN => text(properties, "ContactId").to_owned(),
        ROTATION => of("rotation", logical_id),
        other => panic!("{logical_id}: the tests do not support the type {other}"),
    };
    Identity {
        attributes: Map::from_iter([("Arn".to_owned(), reference.clone().into())]),
        reference,
    }
}

fn text<'a>(properties: &'a Value, name: &str) -> &'a str {
    let value = properties[name].as_str();
    value.unwrap_or_else(|| panic!("{name} is missing: {properties}"))
}

/// The resources other than contacts that the handlers created, and their calls to the service.
#[derive(Debug, Default)]
pub(super) struct Natives {
    /// The contact of each channel.
    channels: BTreeMap<String, String>,
    /// The contacts of each rotation.
    rotations: BTreeMap<String, Vec<String>>,
    /// Operation and contact of each call.
    pub(super) calls: Vec<(&'static str, Value)>,
}

type Done = Result<(), ServiceError>;

impl Natives {
    /// Whether no channel and no rotation is left.
    pub(super) fn are_gone(&self) -> bool {
        self.channels.is_empty() && self.rotations.is_empty()
    }

    /// Handles one request of a stack and returns the physical id. Returns an error if the service
    /// refuses a call.
    pub(super) fn handle(
        &mut self,
        backend: &mut Backend,
        kind: &str,
        logical_id: &str,
        task: &RequestType,
    ) -> Result<String, ServiceError> {
        let properties = task.properties().to_json();
        let id = match task.physical_id() {
            Some(id) if task.name() == "Delete" => id.to_owned(),
            _ => identity(kind, logical_id, &properties).reference,
        };
        let stays = task.physical_id() == Some(&id);
        match (kind, task.name()) {
            (CONTACT, "Delete") => self.delete_contact(backend, &id)?,
            (CONTACT, _) if stays => {
                let input = json!({"ContactId": id, "DisplayName": properties["DisplayName"]});
                self.call(backend, "UpdateContact", input)?;
            }
            (CONTACT, _) => self.create_contact(backend, &properties)?,
            (CHANNEL, "Delete") => {
                self.channels.remove(&id);
                backend.remove_channel(&id);
            }
            (CHANNEL, _) => self.put_channel(backend, &id, &properties)?,
            (PLAN, "Delete") => self.empty_plan(backend, &id)?,
            (PLAN, _) => self.put_plan(backend, &id, &properties)?,
            (ROTATION, "Delete") => {
                self.rotations.remove(&id);
                backend.delete_rotation(&id);
            }
            (ROTATION, _) => self.put_rotation(backend, &id, &properties)?,
            (other, _) => panic!("the tests do not support the type {other}"),
        }
        Ok(id)
    }

    fn call(&mut self, backend: &mut Backend, operation: &'static str, input: Value) -> Done {
        backend.call(operation, &input)?;
        self.calls.push((operation, input));
        Ok(())
    }

    fn create_contact(&mut self, backend: &mut Backend, properties: &Value) -> Done {
        let input = json!({
            "Alias": properties["Alias"], "DisplayName": properties["DisplayName"],
            "Type": properties["Type"], "Plan": {"Stages": []},
        });
        self.call(backend, "CreateContact", input)
    }

    /// The service deletes a contact's channels together with the contact.
    fn delete_contact(&mut self, backend: &mut Backend, id: &str) -> Done {
        self.call(backend, "DeleteContact", json!({"ContactId": id}))?;
        self.channels.retain(|_, contact| contact != id);
        Ok(())
    }

    fn put_channel(&mut self, backend: &mut Backend, id: &str, properties: &Value) -> Done {
        let contact = text(properties, "ContactId");
        let found = backend.call("GetContact", &json!({"ContactId": contact}))?;
        let alias = found["Alias"].as_str().expect("Alias");
        let [name, kind, address] =
            ["ChannelName", "ChannelType", "ChannelAddress"].map(|name| text(properties, name));
        if backend.channel_mut(id).is_none() {
            let arn = backend.add_channel(alias, name, kind, address, false);
            id.clone_into(&mut backend.channel_mut(&arn).unwrap().arn);
        }
        let channel = backend.channel_mut(id).unwrap();
        (channel.name, channel.address) = (name.to_owned(), address.to_owned());
        self.channels.insert(id.to_owned(), contact.to_owned());
        Ok(())
    }

    fn put_plan(&mut self, backend: &mut Backend, id: &str, properties: &Value) -> Done {
        let stages = properties["Stages"].as_array().expect("Stages");
        let stages: Vec<Value> = stages.iter().map(|stage| self.stage(id, stage)).collect();
        let input = json!({"ContactId": id, "Plan": {"Stages": stages}});
        self.call(backend, "UpdateContact", input)
    }

    /// Converts a stage of channels to the API's form, whose members have other names.
    fn stage(&self, contact: &str, stage: &Value) -> Value {
        let target = |target: &Value| {
            let info = &target["ChannelTargetInfo"];
            let channel = text(info, "ChannelId");
            let of = self.channels.get(channel).map(String::as_str);
            assert_eq!(of, Some(contact), "{channel} is a channel of the contact");
            json!({"ChannelTargetInfo": {
                "ContactChannelId": channel, "RetryIntervalInMinutes": number(info, "RetryIntervalInMinutes"),
            }})
        };
        let targets = stage["Targets"].as_array().into_iter().flatten();
        let targets: Vec<Value> = targets.map(target).collect();
        json!({"DurationInMinutes": number(stage, "DurationInMinutes"), "Targets": targets})
    }

    fn empty_plan(&mut self, backend: &mut Backend, id: &str) -> Done {
        let input = json!({"ContactId": id, "Plan": {"Stages": []}});
        self.call(backend, "UpdateContact", input)
    }

    fn put_rotation(&mut self, backend: &mut Backend, id: &str, properties: &Value) -> Done {
        let contacts = properties["ContactIds"].as_array().expect("ContactIds");
        for contact in contacts {
            let found = backend.call("GetContact", &json!({"ContactId": contact}))?;
            assert_eq!(
                found["Type"], "PERSONAL",
                "a rotation has only PERSONAL contacts"
            );
        }
        backend.delete_rotation(id);
        let contacts = contacts.iter().map(|arn| arn.as_str().unwrap().to_owned());
        let contacts: Vec<String> = contacts.collect();
        for contact in &contacts {
            backend.add_to_rotation(contact.rsplit('/').next().unwrap(), id);
        }
        self.rotations.insert(id.to_owned(), contacts);
        Ok(())
    }
}

/// Parses a number. In an event, numbers are strings.
fn number(properties: &Value, name: &str) -> u64 {
    text(properties, name).parse().unwrap()
}

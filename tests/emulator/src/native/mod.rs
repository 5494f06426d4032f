//! Handles AWS's own resource types for contacts with the operations that their handlers call.
//!
//! A request and its response have the form of a custom resource's, so that a stack treats all
//! resources alike. Rotations have no operations in the emulated service: it stores only which
//! contacts a rotation has.

mod plan;
#[cfg(test)]
mod tests;

use serde_json::{Value, json};

use crate::cloudformation::{Request, RequestType};
use crate::contacts::{Backend, Call, ServiceError};
use crate::template::{CHANNEL, CONTACT, PLAN, ROTATION};

/// The handlers of the native types, and the calls that they made.
#[derive(Debug, Default)]
pub struct Natives {
    /// The ARNs of the existing rotations.
    rotations: Vec<String>,
    created_rotations: u32,
    calls: Vec<Call>,
}

type Handled<T> = Result<T, ServiceError>;

impl Natives {
    /// Whether a resource has a type that these handlers support.
    #[must_use]
    pub fn support(resource_type: &str) -> bool {
        [CONTACT, CHANNEL, PLAN, ROTATION].contains(&resource_type)
    }

    /// Returns the ARNs of the existing rotations.
    #[must_use]
    pub fn rotations(&self) -> &[String] {
        &self.rotations
    }

    /// Returns the calls since the last time, in order, and forgets them.
    pub fn take_calls(&mut self) -> Vec<Call> {
        std::mem::take(&mut self.calls)
    }

    /// Handles a request and returns the response.
    pub fn handle(&mut self, backend: &mut Backend, request: &Request) -> Value {
        let mut response = json!({
            "StackId": request.stack_id, "RequestId": request.request_id,
            "LogicalResourceId": request.logical_id,
        });
        let members = match self.physical_id(backend, request) {
            Ok(id) => json!({"Status": "SUCCESS", "PhysicalResourceId": id, "Data": {"Arn": id}}),
            Err(error) => {
                // A resource that was not created has no id, but a response must have one. The
                // Delete with this id does nothing.
                let id = request.request_type.physical_id();
                let id = id.unwrap_or(&request.logical_id);
                json!({"Status": "FAILED", "PhysicalResourceId": id, "Reason": text(&error)})
            }
        };
        if let (Some(response), Value::Object(members)) = (response.as_object_mut(), members) {
            response.extend(members);
        }
        response
    }

    /// Does what a request asks for, and returns the physical id, which is an ARN.
    fn physical_id(&mut self, backend: &mut Backend, request: &Request) -> Handled<String> {
        let properties = &request.request_type.properties().to_json();
        if let RequestType::Delete { physical_id, .. } = &request.request_type {
            self.delete(backend, &request.resource_type, physical_id)?;
            return Ok(physical_id.clone());
        }
        let before = request.request_type.physical_id();
        match request.resource_type.as_str() {
            CONTACT => self.put_contact(backend, before, properties),
            CHANNEL => self.put_channel(backend, before, properties),
            PLAN => self.put_plan(backend, properties),
            ROTATION => self.put_rotation(backend, before, properties),
            other => {
                let message = format!("the emulator does not support {other}");
                Err(ServiceError::new("InvalidRequest", &message))
            }
        }
    }

    /// Runs an operation and records the call.
    fn call(&mut self, backend: &mut Backend, operation: &str, body: Value) -> Handled<Value> {
        let result = backend.call(operation, &body);
        let (status, response) = match &result {
            Ok(output) => (200, output.clone()),
            Err(error) => (error.status, error.body()),
        };
        self.calls.push(Call {
            operation: operation.to_owned(),
            url: String::new(),
            headers: Vec::new(),
            text: body.to_string(),
            body,
            status,
            response,
        });
        result
    }

    /// Creates a contact, or updates it if it has the alias and the type of the template. These
    /// can't be changed, so otherwise another contact replaces it.
    fn put_contact(
        &mut self,
        backend: &mut Backend,
        before: Option<&str>,
        properties: &Value,
    ) -> Handled<String> {
        let (alias, contact_type) = (member(properties, "Alias"), member(properties, "Type"));
        let plan = properties.get("Plan");
        let plan = plan.map(|plan| plan::of_contact(plan, &contact_type));
        let name = member(properties, "DisplayName");
        let existing = alias.as_str().and_then(|alias| backend.contact(alias));
        let stays = existing.is_some_and(|contact| {
            Some(contact.arn.as_str()) == before && contact_type == contact.contact_type.as_str()
        });
        if let (true, Some(id)) = (stays, before) {
            let mut input = json!({"ContactId": id, "DisplayName": name});
            if let (Some(plan), Some(input)) = (plan, input.as_object_mut()) {
                input.insert("Plan".to_owned(), plan);
            }
            self.call(backend, "UpdateContact", input)?;
            return Ok(id.to_owned());
        }
        let plan = plan.unwrap_or_else(|| plan::empty(&contact_type));
        let input =
            json!({"Alias": alias, "DisplayName": name, "Type": contact_type, "Plan": plan});
        let output = self.call(backend, "CreateContact", input)?;
        Ok(arn_in(&output, "ContactArn"))
    }

    /// Creates a channel, or updates it if it has the contact and the type of the template.
    fn put_channel(
        &mut self,
        backend: &mut Backend,
        before: Option<&str>,
        properties: &Value,
    ) -> Handled<String> {
        let contact = member(properties, "ContactId");
        let channel_type = member(properties, "ChannelType");
        let name = member(properties, "ChannelName");
        let address = json!({"SimpleAddress": member(properties, "ChannelAddress")});
        let channels = backend.channels(alias_of(&contact));
        let stays = channels.iter().any(|channel| {
            Some(channel.arn.as_str()) == before && channel_type == channel.channel_type.as_str()
        });
        if let (true, Some(id)) = (stays, before) {
            let input = json!({"ContactChannelId": id, "Name": name, "DeliveryAddress": address});
            self.call(backend, "UpdateContactChannel", input)?;
            return Ok(id.to_owned());
        }
        let mut input = json!({
            "ContactId": contact, "Name": name, "Type": channel_type, "DeliveryAddress": address,
        });
        if let (Some(defer), Some(input)) =
            (properties.get("DeferActivation"), input.as_object_mut())
        {
            input.insert("DeferActivation".to_owned(), plan::boolean(defer));
        }
        let output = self.call(backend, "CreateContactChannel", input)?;
        Ok(arn_in(&output, "ContactChannelArn"))
    }

    /// Sets the plan of a contact. The id of the plan is that of the contact.
    fn put_plan(&mut self, backend: &mut Backend, properties: &Value) -> Handled<String> {
        let contact = member(properties, "ContactId");
        let plan = plan::of_plan(properties);
        let input = json!({"ContactId": contact, "Plan": plan});
        self.call(backend, "UpdateContact", input)?;
        Ok(contact.as_str().unwrap_or_default().to_owned())
    }

    fn put_rotation(
        &mut self,
        backend: &mut Backend,
        before: Option<&str>,
        properties: &Value,
    ) -> Handled<String> {
        if backend.denied.contains("CreateRotation") {
            return Err(ServiceError::access_denied(
                "ssm-contacts:CreateRotation",
                "*",
            ));
        }
        let contacts = member(properties, "ContactIds");
        let contacts = contacts.as_array().into_iter().flatten();
        let contacts: Vec<&Value> = contacts.collect();
        for contact in &contacts {
            let found = self.call(backend, "GetContact", json!({"ContactId": contact}))?;
            if member(&found, "Type") != "PERSONAL" {
                let message = "Invalid value provided - a rotation has only PERSONAL contacts";
                return Err(ServiceError::invalid(message));
            }
        }
        let id = match before {
            Some(id) => id.to_owned(),
            None => self.new_rotation(backend),
        };
        backend.delete_rotation(&id);
        for contact in contacts {
            backend.add_to_rotation(alias_of(contact), &id);
        }
        Ok(id)
    }

    fn new_rotation(&mut self, backend: &Backend) -> String {
        self.created_rotations += 1;
        let (region, account) = (&backend.region, &backend.account);
        let number = self.created_rotations;
        let id = format!(
            "arn:aws:ssm-contacts:{region}:{account}:rotation/00000000-0000-4000-a000-{number:012}"
        );
        self.rotations.push(id.clone());
        id
    }

    /// Deletes a resource. What does not exist counts as deleted.
    fn delete(&mut self, backend: &mut Backend, resource_type: &str, id: &str) -> Handled<()> {
        if !id.starts_with("arn:") {
            return Ok(());
        }
        let deleted = match resource_type {
            CONTACT => self.call(backend, "DeleteContact", json!({"ContactId": id})),
            CHANNEL => {
                let input = json!({"ContactChannelId": id});
                self.call(backend, "DeleteContactChannel", input)
            }
            PLAN => {
                let contact = backend.contact(alias_of(&id.into()));
                let empty =
                    contact.map(|contact| plan::empty(&contact.contact_type.as_str().into()));
                let plan = empty.unwrap_or_else(|| plan::empty(&Value::Null));
                let input = json!({"ContactId": id, "Plan": plan});
                self.call(backend, "UpdateContact", input)
            }
            _ => {
                backend.delete_rotation(id);
                self.rotations.retain(|rotation| rotation != id);
                Ok(Value::Null)
            }
        };
        match deleted {
            Err(error) if error.code != "ResourceNotFoundException" => Err(error),
            _ => Ok(()),
        }
    }
}

fn member(properties: &Value, name: &str) -> Value {
    properties.get(name).cloned().unwrap_or_default()
}

fn arn_in(output: &Value, name: &str) -> String {
    let arn = output.get(name).and_then(Value::as_str);
    arn.unwrap_or_default().to_owned()
}

/// Returns the last part of an ARN, which is the alias of a contact.
fn alias_of(arn: &Value) -> &str {
    let arn = arn.as_str().unwrap_or_default();
    arn.rsplit_once('/').map_or(arn, |(_, alias)| alias)
}

/// Returns an error as text: its code with its message, or with the fields that are invalid.
fn text(error: &ServiceError) -> String {
    let field = |field: &Value| {
        let part = |name| field.get(name).and_then(Value::as_str).unwrap_or_default();
        format!("{}: {}", part("Name"), part("Message"))
    };
    let fields = error.members.get("Fields").and_then(Value::as_array);
    let fields: Vec<String> = fields.into_iter().flatten().map(field).collect();
    let message = if error.message.is_empty() {
        fields.join("; ")
    } else {
        error.message.clone()
    };
    format!("{}: {message}", error.code)
}

//! Handles AWS's own resource types for contacts with the operations that their handlers call.
//!
//! A request and its response have the form of a custom resource's, so that a stack treats all
//! resources alike. CloudFormation checks the properties with the type's schema before it calls the
//! handler. Rotations, replication sets and response plans have no operations in the emulated
//! service: it stores only which contacts a rotation has, and whether there is a replication set.

mod plan;
mod schema;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::cloudformation::{Request, RequestType};
use crate::contacts::{Backend, Call, Channel, Contact, ServiceError};
use plan::{empty_plan, plan_of_contact, renamed, texts};

pub(crate) use schema::is_native;

const CONTACT: &str = "AWS::SSMContacts::Contact";
const CHANNEL: &str = "AWS::SSMContacts::ContactChannel";
const PLAN: &str = "AWS::SSMContacts::Plan";
const ROTATION: &str = "AWS::SSMContacts::Rotation";
const RESPONSE_PLAN: &str = "AWS::SSMIncidents::ResponsePlan";
pub(crate) const REPLICATION_SET: &str = "AWS::SSMIncidents::ReplicationSet";

#[derive(Debug, Default)]
pub struct Natives {
    rotations: Vec<String>,
    created: u32,
    response_plans: BTreeSet<String>,
    deletion_protected: bool,
    calls: Vec<Call>,
}

type Handled<T> = Result<T, ServiceError>;
type Id = Handled<String>;

impl Natives {
    pub(crate) fn rotations(&self) -> &[String] {
        &self.rotations
    }

    /// Returns the calls since the last time, in order, and forgets them.
    pub(crate) fn take_calls(&mut self) -> Vec<Call> {
        std::mem::take(&mut self.calls)
    }

    pub(crate) fn handle(&mut self, backend: &mut Backend, request: &Request) -> Value {
        let mut response = json!({
            "StackId": request.stack_id, "RequestId": request.request_id,
            "LogicalResourceId": request.logical_id,
        });
        let members = match self.physical_id(backend, request) {
            Ok(id) => json!({"Status": "SUCCESS", "PhysicalResourceId": id, "Data": {"Arn": id}}),
            Err(reason) => {
                // A resource that was not created has no id, but a response must have one. The
                // Delete with this id does nothing.
                let id = request.request_type.physical_id();
                let id = id.unwrap_or(&request.logical_id);
                json!({"Status": "FAILED", "PhysicalResourceId": id, "Reason": reason})
            }
        };
        if let (Some(response), Value::Object(members)) = (response.as_object_mut(), members) {
            response.extend(members);
        }
        response
    }

    /// Does what a request asks for, and returns the physical id, which is an ARN.
    fn physical_id(&mut self, backend: &mut Backend, request: &Request) -> Result<String, String> {
        let message = |error: ServiceError| {
            format!("Resource handler returned message: \"{}\"", text(&error))
        };
        let kind = request.resource_type.as_str();
        if let RequestType::Delete { physical_id, .. } = &request.request_type {
            self.delete(backend, kind, physical_id).map_err(message)?;
            return Ok(physical_id.clone());
        }
        let properties = request.request_type.properties().to_json();
        let properties = schema::conform(kind, &properties).map_err(|violations| {
            let (id, violations) = (&request.logical_id, violations.join("; "));
            format!("Properties validation failed for resource {id} with message: {violations}")
        })?;
        let before = request.request_type.physical_id();
        let put = match kind {
            CONTACT => self.put_contact(backend, before, &properties),
            CHANNEL => self.put_channel(backend, before, &properties),
            PLAN => self.put_plan(backend, &properties),
            ROTATION => self.put_rotation(backend, before, &properties),
            REPLICATION_SET => self.put_replication_set(backend, before, &properties),
            RESPONSE_PLAN => self.put_response_plan(backend, before, &properties),
            // CDK's metadata do nothing.
            _ => Ok(request.logical_id.clone()),
        };
        put.map_err(message)
    }

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
    fn put_contact(&mut self, backend: &mut Backend, before: Option<&str>, given: &Value) -> Id {
        let (alias, contact_type) = (text_of(given, "Alias"), text_of(given, "Type"));
        let plan = given.get("Plan");
        let plan = plan.map(|plan| plan_of_contact(plan, contact_type));
        let is_same = |contact: &&Contact| contact.contact_type == contact_type;
        let existing = backend.contact(alias).filter(is_same).map(|it| it.arn.clone());
        let name = member(given, "DisplayName");
        if let Some(id) = existing.filter(|id| before == Some(id)) {
            let input = json!({"ContactId": id, "DisplayName": name, "Plan": plan});
            self.call(backend, "UpdateContact", without_nulls(input))?;
            return Ok(id);
        }
        let input = json!({
            "Alias": alias, "DisplayName": name, "Type": contact_type,
            "Plan": plan.unwrap_or_else(|| empty_plan(contact_type)), "Tags": given.get("Tags"),
        });
        let output = self.call(backend, "CreateContact", without_nulls(input))?;
        Ok(text_of(&output, "ContactArn").to_owned())
    }

    /// Creates a channel, or updates it if it has the contact and the type of the template.
    fn put_channel(&mut self, backend: &mut Backend, before: Option<&str>, given: &Value) -> Id {
        let (contact, name) = (member(given, "ContactId"), member(given, "ChannelName"));
        let channel_type = member(given, "ChannelType");
        let address = json!({"SimpleAddress": member(given, "ChannelAddress")});
        let channels = backend.channels(alias_of(text_of(given, "ContactId")));
        let is_same = |it: &Channel| channel_type == it.channel_type.as_str();
        let existing = channels.into_iter().filter(is_same).map(|channel| channel.arn);
        if let Some(id) = existing.into_iter().find(|id| before == Some(id)) {
            let input = json!({"ContactChannelId": id, "Name": name, "DeliveryAddress": address});
            self.call(backend, "UpdateContactChannel", input)?;
            return Ok(id);
        }
        let input = json!({
            "ContactId": contact, "Name": name, "Type": channel_type, "DeliveryAddress": address,
            "DeferActivation": given.get("DeferActivation"),
        });
        let output = self.call(backend, "CreateContactChannel", without_nulls(input))?;
        Ok(text_of(&output, "ContactChannelArn").to_owned())
    }

    /// Sets the plan of a contact. The id of the plan is that of the contact.
    fn put_plan(&mut self, backend: &mut Backend, given: &Value) -> Id {
        let mut plan = renamed(given);
        let contact = plan.as_object_mut().and_then(|plan| plan.remove("ContactId"));
        let input = json!({"ContactId": contact, "Plan": plan});
        self.call(backend, "UpdateContact", input)?;
        Ok(text_of(given, "ContactId").to_owned())
    }

    fn put_rotation(&mut self, backend: &mut Backend, before: Option<&str>, given: &Value) -> Id {
        allowed(backend, "ssm-contacts:CreateRotation")?;
        let contacts = texts(given, "ContactIds");
        for contact in &contacts {
            let found = self.call(backend, "GetContact", json!({"ContactId": contact}))?;
            if text_of(&found, "Type") != "PERSONAL" {
                let message = "Invalid value provided - a rotation has only PERSONAL contacts";
                return Err(ServiceError::invalid(message));
            }
        }
        let id = before.map_or_else(
            || {
                let (region, account) = (&backend.region, &backend.account);
                let id = self.new_id();
                format!("arn:aws:ssm-contacts:{region}:{account}:rotation/{id}")
            },
            ToOwned::to_owned,
        );
        self.rotations.retain(|rotation| *rotation != id);
        self.rotations.push(id.clone());
        backend.delete_rotation(&id);
        for contact in contacts {
            backend.add_to_rotation(alias_of(contact), &id);
        }
        Ok(id)
    }

    fn new_id(&mut self) -> String {
        self.created += 1;
        format!("00000000-0000-4000-a000-{:012}", self.created)
    }

    /// An account has at most one replication set.
    fn put_replication_set(
        &mut self,
        backend: &mut Backend,
        before: Option<&str>,
        given: &Value,
    ) -> Id {
        allowed(backend, "ssm-incidents:CreateReplicationSet")?;
        let account = &backend.account;
        let id = match before {
            Some(id) => id.to_owned(),
            None if backend.has_no_replication_set => {
                let id = self.new_id();
                format!("arn:aws:ssm-incidents::{account}:replication-set/{id}")
            }
            None => {
                let message = "The account has a replication set already";
                return Err(ServiceError::new("ConflictException", message));
            }
        };
        backend.has_no_replication_set = false;
        self.deletion_protected = given.get("DeletionProtected") == Some(&true.into());
        Ok(id)
    }

    /// Creates a response plan, or updates it if it has the name of the template. The contacts that
    /// it engages must exist.
    fn put_response_plan(
        &mut self,
        backend: &mut Backend,
        before: Option<&str>,
        given: &Value,
    ) -> Id {
        allowed(backend, "ssm-incidents:CreateResponsePlan")?;
        if backend.has_no_replication_set {
            let message = "The account has no replication set";
            return Err(ServiceError::new("ResourceNotFoundException", message));
        }
        for arn in texts(given, "Engagements") {
            let contact = backend.contact(alias_of(arn));
            if contact.is_none_or(|contact| contact.arn != arn) {
                let message = format!("The engagement {arn} does not exist");
                return Err(ServiceError::new("ResourceNotFoundException", &message));
            }
        }
        let (account, name) = (&backend.account, text_of(given, "Name"));
        let id = format!("arn:aws:ssm-incidents::{account}:response-plan/{name}");
        if !self.response_plans.insert(id.clone()) && before != Some(&id) {
            let message = "A response plan with this name exists";
            return Err(ServiceError::new("ConflictException", message));
        }
        Ok(id)
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
                let contact = backend.contact(alias_of(id));
                let plan = empty_plan(contact.map_or("", |contact| &contact.contact_type));
                let input = json!({"ContactId": id, "Plan": plan});
                self.call(backend, "UpdateContact", input)
            }
            REPLICATION_SET => self.delete_replication_set(backend),
            RESPONSE_PLAN => {
                self.response_plans.remove(id);
                Ok(Value::Null)
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

    /// Deletes the replication set and with it all data of Incident Manager (API reference,
    /// `DeleteReplicationSet`).
    fn delete_replication_set(&mut self, backend: &mut Backend) -> Handled<Value> {
        if self.deletion_protected {
            let message = "The replication set is protected from deletion";
            return Err(ServiceError::new("ValidationException", message));
        }
        let aliases: Vec<String> = backend.contacts().keys().cloned().collect();
        for alias in &aliases {
            backend.remove(alias);
        }
        for rotation in self.rotations.drain(..) {
            backend.delete_rotation(&rotation);
        }
        self.response_plans.clear();
        backend.has_no_replication_set = true;
        Ok(Value::Null)
    }
}

/// Returns an error if the stack's resource is to fail.
fn allowed(backend: &Backend, action: &str) -> Handled<()> {
    let (_, operation) = action.split_once(':').unwrap_or_default();
    if backend.denied.contains(operation) {
        return Err(ServiceError::access_denied(action, "*"));
    }
    Ok(())
}

fn without_nulls(mut input: Value) -> Value {
    if let Some(members) = input.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    input
}

fn member(properties: &Value, name: &str) -> Value {
    properties.get(name).cloned().unwrap_or_default()
}

fn text_of<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Returns the last part of an ARN, which is the alias of a contact.
fn alias_of(arn: &str) -> &str {
    arn.rsplit_once('/').map_or(arn, |(_, alias)| alias)
}

fn text(error: &ServiceError) -> String {
    let field =
        |field: &Value| format!("{}: {}", text_of(field, "Name"), text_of(field, "Message"));
    let fields = error.members.get("Fields").and_then(Value::as_array);
    let fields: Vec<String> = fields.into_iter().flatten().map(field).collect();
    let message = if error.message.is_empty() { fields.join("; ") } else { error.message.clone() };
    format!("{}: {message}", error.code)
}

use serde_json::{Value, json};

use super::Natives;
use crate::cloudformation::{Properties, Request, RequestType};
use crate::contacts::Backend;
use crate::template::{CHANNEL, CONTACT, PLAN, ROTATION};

const AKUA: &str = "arn:aws:ssm-contacts:us-east-2:111122223333:contact/akuam";

/// The service and the handlers, with a contact `akuam` that a handler created.
struct Handlers {
    backend: Backend,
    natives: Natives,
}

impl Handlers {
    fn new() -> Self {
        let mut handlers = Self {
            backend: Backend::default(),
            natives: Natives::default(),
        };
        assert_eq!(handlers.put(CONTACT, None, akua("Akua")), AKUA);
        handlers
    }

    fn handle(&mut self, resource_type: &str, request_type: RequestType) -> Value {
        let request = Request {
            stack_id: "stack".into(),
            request_id: "request".into(),
            logical_id: "A".into(),
            resource_type: resource_type.into(),
            request_type,
            response_url: String::new(),
        };
        self.natives.handle(&mut self.backend, &request)
    }

    fn try_put(&mut self, resource_type: &str, before: Option<&str>, properties: Value) -> Value {
        let properties = Properties::native(properties);
        let request_type = match before {
            None => RequestType::Create { properties },
            Some(id) => RequestType::Update {
                physical_id: id.into(),
                old_properties: properties.clone(),
                properties,
            },
        };
        self.handle(resource_type, request_type)
    }

    /// Creates or updates a resource, which must succeed, and returns its id.
    fn put(&mut self, resource_type: &str, before: Option<&str>, properties: Value) -> String {
        let response = self.try_put(resource_type, before, properties);
        assert_eq!(response["Status"], "SUCCESS", "{response}");
        assert_eq!(response["Data"]["Arn"], response["PhysicalResourceId"]);
        response["PhysicalResourceId"].as_str().unwrap().to_owned()
    }

    fn delete(&mut self, resource_type: &str, id: &str) -> Value {
        let request_type = RequestType::Delete {
            physical_id: id.into(),
            properties: Properties::native(json!({})),
        };
        self.handle(resource_type, request_type)
    }

    fn operations(&mut self) -> Vec<String> {
        let calls = self.natives.take_calls();
        calls.into_iter().map(|call| call.operation).collect()
    }
}

fn akua(name: &str) -> Value {
    json!({"Alias": "akuam", "DisplayName": name, "Type": "PERSONAL"})
}

fn email(address: &str) -> Value {
    json!({
        "ContactId": AKUA, "ChannelName": "by email", "ChannelType": "EMAIL",
        "ChannelAddress": address,
    })
}

#[test]
fn a_contact_is_updated_in_place_unless_its_alias_or_type_changes() {
    let mut handlers = Handlers::new();
    assert_eq!(handlers.put(CONTACT, Some(AKUA), akua("Akua M.")), AKUA);
    let name = handlers
        .backend
        .contact("akuam")
        .unwrap()
        .display_name
        .clone();
    assert_eq!(name.as_deref(), Some("Akua M."));
    let other = json!({"Alias": "kwesib", "DisplayName": "Kwesi", "Type": "PERSONAL"});
    assert!(
        handlers
            .put(CONTACT, Some(AKUA), other)
            .ends_with("/kwesib")
    );
    let retyped = json!({"Alias": "akuam", "DisplayName": "Akua", "Type": "ESCALATION"});
    let response = handlers.try_put(CONTACT, Some(AKUA), retyped);
    assert_eq!(response["PhysicalResourceId"], AKUA);
    assert_eq!(
        response["Reason"],
        "ConflictException: A contact with this alias exists"
    );
    let calls = [
        "CreateContact",
        "UpdateContact",
        "CreateContact",
        "CreateContact",
    ];
    assert_eq!(handlers.operations(), calls);
}

#[test]
fn a_channel_is_updated_in_place_and_a_deleted_one_counts_as_deleted() {
    let mut handlers = Handlers::new();
    let id = handlers.put(CHANNEL, None, email("akua@example.com"));
    assert_eq!(handlers.put(CHANNEL, Some(&id), email("a@example.com")), id);
    assert_eq!(
        handlers.backend.channels("akuam")[0].address,
        "a@example.com"
    );
    for _ in 0..2 {
        assert_eq!(handlers.delete(CHANNEL, &id)["Status"], "SUCCESS");
    }
    assert_eq!(handlers.backend.channels("akuam"), []);
}

#[test]
fn a_plan_has_the_members_of_the_api_and_leaves_an_empty_one() {
    let mut handlers = Handlers::new();
    let channel = handlers.put(CHANNEL, None, email("akua@example.com"));
    let target = json!({"ChannelId": channel, "RetryIntervalInMinutes": "2"});
    let plan = json!({
        "ContactId": AKUA,
        "Stages": [{"DurationInMinutes": "5", "Targets": [{"ChannelTargetInfo": target}]}],
    });
    assert_eq!(handlers.put(PLAN, None, plan), AKUA);
    let target = json!({"ContactChannelId": channel, "RetryIntervalInMinutes": 2});
    let stage = json!({"DurationInMinutes": 5, "Targets": [{"ChannelTargetInfo": target}]});
    let plan = |handlers: &Handlers| handlers.backend.contact("akuam").unwrap().plan.clone();
    assert_eq!(plan(&handlers), json!({"Stages": [stage]}));
    assert_eq!(handlers.delete(PLAN, AKUA)["Status"], "SUCCESS");
    assert_eq!(plan(&handlers), json!({"Stages": []}));
}

#[test]
fn a_contact_of_a_rotation_can_not_be_deleted() {
    let mut handlers = Handlers::new();
    let properties = json!({"ContactIds": [AKUA], "Name": "weekly"});
    let id = handlers.put(ROTATION, None, properties.clone());
    assert_eq!(handlers.put(ROTATION, Some(&id), properties), id);
    assert_eq!(handlers.delete(CONTACT, AKUA)["Status"], "FAILED");
    assert_eq!(handlers.delete(ROTATION, &id)["Status"], "SUCCESS");
    assert_eq!(handlers.delete(CONTACT, AKUA)["Status"], "SUCCESS");
    let missing = json!({"ContactIds": [AKUA], "Name": "weekly"});
    let reason = handlers.try_put(ROTATION, None, missing);
    let reason = reason["Reason"].as_str().unwrap();
    assert!(reason.starts_with("ResourceNotFoundException"), "{reason}");
}

#[test]
fn fields_that_are_invalid_are_in_the_reason() {
    let mut handlers = Handlers::new();
    let wrong = json!({"Alias": "A", "DisplayName": "Akua", "Type": "PERSONAL"});
    let response = handlers.try_put(CONTACT, None, wrong);
    let reason = response["Reason"].as_str().unwrap();
    assert!(
        reason.starts_with("ValidationException: Alias: "),
        "{reason}"
    );
    let id = response["PhysicalResourceId"].as_str().unwrap();
    assert_eq!(handlers.delete(CONTACT, id)["Status"], "SUCCESS");
}

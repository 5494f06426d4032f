use serde_json::{Value, json};

use super::{CHANNEL, CONTACT, Natives, PLAN, REPLICATION_SET, RESPONSE_PLAN, ROTATION};
use crate::cloudformation::{Properties, Request, RequestType};
use crate::contacts::Backend;

const AKUA: &str = "arn:aws:ssm-contacts:us-east-2:111122223333:contact/akuam";

/// The service and the handlers, with a contact `akuam` that a handler created.
struct Handlers {
    backend: Backend,
    natives: Natives,
}

impl Handlers {
    fn new() -> Self {
        let mut handlers = Self { backend: Backend::default(), natives: Natives::default() };
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
    assert_eq!(handlers.put(CONTACT, Some(AKUA), akua("Akua M")), AKUA);
    let name = handlers.backend.contact("akuam").unwrap().display_name.clone();
    assert_eq!(name.as_deref(), Some("Akua M"));
    let other = json!({"Alias": "kwesib", "DisplayName": "Kwesi", "Type": "PERSONAL"});
    assert!(handlers.put(CONTACT, Some(AKUA), other).ends_with("/kwesib"));
    let retyped = json!({"Alias": "akuam", "DisplayName": "Akua", "Type": "ESCALATION"});
    let response = handlers.try_put(CONTACT, Some(AKUA), retyped);
    assert_eq!(response["PhysicalResourceId"], AKUA);
    assert_eq!(
        response["Reason"],
        "Resource handler returned message: \"ConflictException: A contact with this alias exists\""
    );
    let calls = ["CreateContact", "UpdateContact", "CreateContact", "CreateContact"];
    assert_eq!(handlers.operations(), calls);
}

#[test]
fn a_channel_is_updated_in_place_and_a_deleted_one_counts_as_deleted() {
    let mut handlers = Handlers::new();
    let id = handlers.put(CHANNEL, None, email("akua@example.com"));
    assert_eq!(handlers.put(CHANNEL, Some(&id), email("a@example.com")), id);
    assert_eq!(handlers.backend.channels("akuam")[0].address, "a@example.com");
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
    let properties = weekly("weekly");
    let id = handlers.put(ROTATION, None, properties.clone());
    assert_eq!(handlers.put(ROTATION, Some(&id), properties), id);
    assert_eq!(handlers.delete(CONTACT, AKUA)["Status"], "FAILED");
    assert_eq!(handlers.delete(ROTATION, &id)["Status"], "SUCCESS");
    assert_eq!(handlers.delete(CONTACT, AKUA)["Status"], "SUCCESS");
    let reason = handlers.try_put(ROTATION, None, weekly("weekly"));
    let reason = reason["Reason"].as_str().unwrap();
    assert!(reason.contains("ResourceNotFoundException"), "{reason}");
}

fn weekly(name: &str) -> Value {
    json!({
        "ContactIds": [AKUA], "Name": name, "StartTime": "2027-01-04T09:00:00", "TimeZoneId": "Africa/Accra",
        "Recurrence": {"NumberOfOnCalls": 1, "RecurrenceMultiplier": 1, "DailySettings": ["09:00"]},
    })
}

/// A change of properties: the path of a member, and its value. Null removes the member.
fn changed(mut properties: Value, path: &str, value: Value) -> Value {
    let (parent, name) = path.rsplit_once('/').unwrap();
    let parent = properties.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    parent.insert(name.to_owned(), value);
    parent.retain(|_, value| !value.is_null());
    properties
}

#[test]
fn the_schema_of_a_type_is_checked_before_its_handler() {
    let weekday = json!([{"DayOfWeek": "MONDAY", "HandOffTime": "09:00"}]);
    // A type, a member, its value and what is wrong. `~` is the message of a pattern.
    let rows = json!({"rows": [
        [CONTACT, "/DisplayName", "Åse Ødegård", "#/DisplayName: ~"],
        [CONTACT, "/Alias", "a.b", null],
        [CONTACT, "/Alias", "A", "#/Alias: ~"],
        [CONTACT, "/Type", "TEAM", "#/Type: \"TEAM\" is not a valid enum value"],
        [CONTACT, "/Nam", 1, "#: extraneous key [Nam] is not permitted"],
        [CONTACT, "/Type", null, "#: required key [Type] not found"],
        [CONTACT, "/Plan", 1, "#/Plan: expected type: Array"],
        [ROTATION, "/Name", "business-hours", "#/Name: ~"],
        [ROTATION, "/StartTime", "2027-01-04", "#/StartTime: ~"],
        [ROTATION, "/TimeZoneId", "Oslo!", "#/TimeZoneId: ~"],
        [ROTATION, "/ContactIds", [], "#/ContactIds: expected minItems: 1, actual: 0"],
        [ROTATION, "/Recurrence/DailySettings", ["9.00"], "#/Recurrence/DailySettings/0: ~"],
        [ROTATION, "/Recurrence/RecurrenceMultiplier", "101",
            "#/Recurrence/RecurrenceMultiplier: expected maximum: 100, actual: 101"],
        [ROTATION, "/Recurrence/WeeklySettings", weekday,
            "#/Recurrence: 2 subschemas matched instead of one; \
             #/Recurrence/WeeklySettings/0/DayOfWeek: \"MONDAY\" is not a valid enum value"],
    ]});
    for row in rows["rows"].as_array().unwrap() {
        let kind = row[0].as_str().unwrap();
        let properties = if kind == CONTACT { akua("A") } else { weekly("weekly") };
        let properties = changed(properties, row[1].as_str().unwrap(), row[2].clone());
        let response = Handlers::new().try_put(kind, None, properties);
        let Some(wanted) = row[3].as_str() else {
            // The schema allows a dot, and CreateContact does not.
            let reason = response["Reason"].as_str().unwrap();
            assert!(reason.starts_with("Resource handler returned"), "{reason}");
            continue;
        };
        let wanted = wanted.replace('~', "failed validation constraint for keyword [pattern]");
        let wanted = format!("Properties validation failed for resource A with message: {wanted}");
        assert_eq!(response["Reason"], wanted);
    }
}

#[test]
fn a_response_plan_engages_contacts_that_exist_and_a_replication_set_takes_all_with_it() {
    let mut handlers = Handlers::new();
    let template = json!({"Title": "t", "Impact": 1});
    let plan = |engages: &str| json!({"Name": "critical", "Engagements": [engages], "IncidentTemplate": template});
    let set = |protected: bool| json!({"Regions": [{"RegionName": "us-east-2"}], "DeletionProtected": protected});
    let refused = |response: Value, wanted: &str| {
        let reason = response["Reason"].as_str().unwrap();
        assert!(reason.contains(wanted), "{reason}");
    };
    let nobody = AKUA.replace("akuam", "nobody");
    refused(handlers.try_put(RESPONSE_PLAN, None, plan(&nobody)), "ResourceNotFoundException");
    let id = handlers.put(RESPONSE_PLAN, None, plan(AKUA));
    assert_eq!(id, "arn:aws:ssm-incidents::111122223333:response-plan/critical");
    refused(handlers.try_put(RESPONSE_PLAN, None, plan(AKUA)), "ConflictException");
    handlers.put(RESPONSE_PLAN, Some(&id), plan(AKUA));
    refused(handlers.try_put(REPLICATION_SET, None, set(false)), "ConflictException");

    handlers.backend.has_no_replication_set = true;
    refused(handlers.try_put(RESPONSE_PLAN, None, plan(AKUA)), "no replication set");
    let id = handlers.put(REPLICATION_SET, None, set(true));
    refused(handlers.delete(REPLICATION_SET, &id), "protected");
    handlers.put(REPLICATION_SET, Some(&id), set(false));
    assert_eq!(handlers.delete(REPLICATION_SET, &id)["Status"], "SUCCESS");
    assert!(handlers.backend.contacts().is_empty());
    refused(handlers.try_put(CONTACT, None, akua("A")), "Account not found");
}

//! Tests of engagement plans: the form that the type of the contact requires, and what they name.

use serde_json::{Value, json};

use super::{akua, arn, call, channel_arn, invalid, rotation, with_channel};
use crate::contacts::{Backend, ServiceError};

fn create(contact_type: &str, plan: &Value) -> Result<Value, ServiceError> {
    let input = json!({"Type": contact_type, "Plan": plan});
    call(&mut Backend::default(), "CreateContact", input)
}

fn update(contact_type: &str, plan: &Value) -> Result<Value, ServiceError> {
    let mut backend = Backend::default();
    backend.seed("akuam", contact_type, &[]);
    call(&mut backend, "UpdateContact", json!({"Plan": plan}))
}

fn stage(target: &Value) -> Value {
    json!({"Stages": [{"DurationInMinutes": 1, "Targets": [target]}]})
}

fn channel(id: &str) -> Value {
    stage(&json!({"ChannelTargetInfo": {"ContactChannelId": id}}))
}

fn contact(id: &str) -> Value {
    stage(&json!({"ContactTargetInfo": {"ContactId": id, "IsEssential": true}}))
}

#[test]
fn the_type_of_a_contact_says_what_its_plan_has() {
    let stages = json!({"Stages": []});
    let rotations = json!({"RotationIds": []});
    let both = json!({"Stages": [], "RotationIds": []});
    let (channel, contact) = (channel(&channel_arn(1)), contact(&arn("b")));
    let anybody = stage(&json!({"ContactTargetInfo": {"IsEssential": false}}));
    let of_schedule = "ONCALL SCHEDULE contact cannot have stages in plan";
    let only_schedules = "only an ONCALL SCHEDULE contact can have rotations in plan";
    let of_personal = "the targets of a PERSONAL contact must be ChannelTargetInfo";
    let of_escalation = "the targets of an ESCALATION contact must be ContactTargetInfo";
    let rows = json!({"rows": [
        ["PERSONAL", stages, null],
        ["PERSONAL", channel, null],
        ["PERSONAL", contact, of_personal],
        ["PERSONAL", rotations, only_schedules],
        ["ESCALATION", stages, null],
        ["ESCALATION", contact, null],
        ["ESCALATION", anybody, null],
        ["ESCALATION", channel, of_escalation],
        ["ESCALATION", rotations, only_schedules],
        ["ONCALL_SCHEDULE", rotations, null],
        ["ONCALL_SCHEDULE", {}, null],
        ["ONCALL_SCHEDULE", stages, of_schedule],
        ["ONCALL_SCHEDULE", both, of_schedule],
    ]});
    for row in rows["rows"].as_array().unwrap() {
        for act in [create, update] {
            let result = act(row[0].as_str().unwrap(), &row[1]);
            match row[2].as_str() {
                None => drop(result.unwrap()),
                Some(why) => {
                    let message = format!("Invalid value provided - {why}");
                    assert_eq!(invalid(result), message, "{row}");
                }
            }
        }
    }
    for contact_type in ["PERSONAL", "ESCALATION"] {
        assert!(invalid(create(contact_type, &json!({}))).contains("stages"));
        update(contact_type, &json!({})).unwrap();
    }
}

/// The service with a person, a channel, an escalation plan, a rotation and a schedule.
fn with_targets(refuses_unknown_targets: bool) -> Backend {
    let mut backend = with_channel();
    backend.seed("kwesib", "PERSONAL", &[]);
    backend.add_channel("kwesib", "mail", "EMAIL", "kwesi@example.com", false);
    backend.seed("esc", "ESCALATION", &[]);
    backend.seed("sched", "ONCALL_SCHEDULE", &[]);
    backend.add_rotation(&rotation(1));
    backend.switches.refuses_unknown_targets = refuses_unknown_targets;
    backend
}

#[test]
fn a_plan_names_only_what_exists_in_this_account_and_region() {
    let of_kwesi = channel_arn(2).replace("akuam", "kwesib");
    let elsewhere =
        |arn: &str| [arn.replace("1111", "4444"), arn.replace("us-east-2", "eu-west-1")];
    let rotations = |id: &str| json!({"RotationIds": [rotation(1), id]});
    let mut rows = vec![
        // A channel need not be activated, and a schedule can be a target.
        ("akuam", channel(&channel_arn(1)), None),
        ("kwesib", channel(&of_kwesi), None),
        ("esc", contact(&arn("akuam")), None),
        ("esc", contact(&arn("sched")), None),
        ("sched", rotations(&rotation(1)), None),
    ];
    for (alias, plan, id, resource_type) in [
        (
            "akuam",
            &(|id: &str| channel(id)) as &dyn Fn(&str) -> Value,
            channel_arn(1),
            "CONTACT_CHANNEL",
        ),
        ("esc", &|id: &str| contact(id), arn("akuam"), "CONTACT"),
        ("sched", &rotations, rotation(1), "ROTATION"),
    ] {
        let mut unknown = elsewhere(&id).to_vec();
        unknown.push(id.clone() + "9");
        if alias == "akuam" {
            unknown.extend([of_kwesi.clone(), arn("akuam")]);
        }
        rows.extend(unknown.into_iter().map(|id| (alias, plan(&id), Some((id, resource_type)))));
    }
    for (alias, plan, refused) in rows {
        let input = json!({"ContactId": arn(alias), "Plan": plan});
        call(&mut with_targets(false), "UpdateContact", input.clone()).unwrap();
        let mut backend = with_targets(true);
        let before = backend.contact(alias).cloned();
        let result = call(&mut backend, "UpdateContact", input);
        let Some((id, resource_type)) = refused else {
            result.unwrap();
            continue;
        };
        let error = result.unwrap_err();
        assert_eq!(error.code, "ResourceNotFoundException");
        assert_eq!(error.members["ResourceId"], id);
        let expected = if id == arn("akuam") { "CONTACT" } else { resource_type };
        assert_eq!(error.members["ResourceType"], expected);
        assert_eq!(backend.contact(alias).cloned(), before);
        // CreateContact has no such error.
        let contact_type = before.unwrap().contact_type;
        let input = akua(json!({"Alias": "new", "Type": contact_type, "Plan": plan}));
        assert!(invalid(backend.call("CreateContact", &input)).contains(&id));
        assert!(backend.contact("new").is_none());
    }
}

#[test]
fn a_channel_that_is_deleted_later_stays_in_the_plan() {
    let mut backend = with_targets(true);
    let plan = channel(&channel_arn(1));
    call(&mut backend, "UpdateContact", json!({"Plan": plan})).unwrap();
    call(&mut backend, "DeleteContactChannel", json!({})).unwrap();
    let found = call(&mut backend, "GetContact", json!({})).unwrap();
    assert_eq!(found["Plan"], plan);
    call(&mut backend, "UpdateContact", json!({"DisplayName": "Akua"})).unwrap();
}

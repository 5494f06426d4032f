//! Tests of engagement plans: constraints, and the form that the type of the contact requires.

use serde_json::{Value, json};

use super::{akua, arn, fields, invalid};
use crate::contacts::{Backend, ServiceError};

const CHANNEL: &str = "arn:aws:ssm-contacts:us-east-2:111122223333:contact-channel/akuam/1";

fn create(contact_type: &str, plan: &Value) -> Result<Value, ServiceError> {
    let input = akua(json!({"Type": contact_type, "Plan": plan}));
    Backend::default().call("CreateContact", &input)
}

fn update(contact_type: &str, plan: &Value) -> Result<Value, ServiceError> {
    let mut backend = Backend::default();
    backend.seed("akuam", contact_type, &[]);
    backend.call(
        "UpdateContact",
        &json!({"ContactId": arn("akuam"), "Plan": plan}),
    )
}

fn stage(minutes: u32, targets: &Value) -> Value {
    json!({"Stages": [{"DurationInMinutes": minutes, "Targets": targets}]})
}

fn channel(retry: &Value) -> Value {
    json!([{"ChannelTargetInfo": {"ContactChannelId": CHANNEL, "RetryIntervalInMinutes": retry}}])
}

fn contact(essential: &Value) -> Value {
    json!([{"ContactTargetInfo": {"ContactId": arn("b"), "IsEssential": essential}}])
}

#[test]
fn numbers_have_ranges() {
    for (minutes, retry, refused) in [
        (0, json!(0), vec![]),
        (30, json!(60), vec![]),
        (31, json!(0), vec!["Plan.Stages[0].DurationInMinutes"]),
        (
            1,
            json!(61),
            vec!["Plan.Stages[0].Targets[0].ChannelTargetInfo.RetryIntervalInMinutes"],
        ),
        (
            1,
            json!("5"),
            vec!["Plan.Stages[0].Targets[0].ChannelTargetInfo.RetryIntervalInMinutes"],
        ),
        (
            1,
            json!(1.5),
            vec!["Plan.Stages[0].Targets[0].ChannelTargetInfo.RetryIntervalInMinutes"],
        ),
    ] {
        let result = create("PERSONAL", &stage(minutes, &channel(&retry)));
        if refused.is_empty() {
            result.unwrap();
        } else {
            assert_eq!(fields(result), refused);
        }
    }
}

#[test]
fn a_stage_of_0_minutes_needs_a_target() {
    assert!(create("PERSONAL", &stage(1, &json!([]))).is_ok());
    let refused = create("PERSONAL", &stage(0, &json!([])));
    assert_eq!(fields(refused), ["Plan.Stages[0].DurationInMinutes"]);
}

#[test]
fn violations_have_paths() {
    let plan = json!({"Stages": [
        {"DurationInMinutes": 1, "Targets": []},
        {"Targets": [{"ChannelTargetInfo": {"ContactChannelId": "phone", "RetryInterval": 1}}, {}, 7]},
        "stage",
    ], "Stage": []});
    assert_eq!(
        fields(create("PERSONAL", &plan)),
        [
            "Plan.Stage",
            "Plan.Stages[1].DurationInMinutes",
            "Plan.Stages[1].Targets[0].ChannelTargetInfo.RetryInterval",
            "Plan.Stages[1].Targets[0].ChannelTargetInfo.ContactChannelId",
            "Plan.Stages[1].Targets[1]",
            "Plan.Stages[1].Targets[2]",
            "Plan.Stages[2]",
        ]
    );
}

#[test]
fn a_target_has_exactly_one_of_its_members() {
    let both = json!([{"ChannelTargetInfo": {"ContactChannelId": CHANNEL}, "ContactTargetInfo": {"IsEssential": true}}]);
    let refused = create("PERSONAL", &stage(1, &both));
    assert_eq!(fields(refused), ["Plan.Stages[0].Targets[0]"]);
}

#[test]
fn a_contact_target_requires_is_essential_but_no_contact_id() {
    let no_contact = json!([{"ContactTargetInfo": {"IsEssential": false}}]);
    assert!(create("ESCALATION", &stage(1, &no_contact)).is_ok());
    for essential in [json!(null), json!("true")] {
        let refused = create("ESCALATION", &stage(1, &contact(&essential)));
        assert_eq!(
            fields(refused),
            ["Plan.Stages[0].Targets[0].ContactTargetInfo.IsEssential"]
        );
    }
}

#[test]
fn personal_plans_have_channel_targets_and_escalation_plans_have_contact_targets() {
    let (channels, contacts) = (
        stage(1, &channel(&json!(1))),
        stage(1, &contact(&json!(true))),
    );
    for act in [create, update] {
        assert!(act("PERSONAL", &channels).is_ok());
        assert!(act("ESCALATION", &contacts).is_ok());
        assert!(invalid(act("PERSONAL", &contacts)).contains("ChannelTargetInfo"));
        assert!(invalid(act("ESCALATION", &channels)).contains("ContactTargetInfo"));
    }
}

#[test]
fn a_schedule_cannot_have_stages_even_if_empty() {
    for act in [create, update] {
        for plan in [
            json!({"Stages": []}),
            json!({"Stages": [], "RotationIds": []}),
        ] {
            assert_eq!(
                invalid(act("ONCALL_SCHEDULE", &plan)),
                "Invalid value provided - ONCALL SCHEDULE contact cannot have stages in plan"
            );
        }
        assert!(act("ONCALL_SCHEDULE", &json!({})).is_ok());
    }
}

#[test]
fn only_schedules_have_rotations_and_at_most_25() {
    let rotations = |n: usize| {
        let rotation = arn("x").replace("contact/x", "rotation/1");
        json!({"RotationIds": vec![rotation; n]})
    };
    assert!(create("ONCALL_SCHEDULE", &rotations(25)).is_ok());
    assert_eq!(
        fields(create("ONCALL_SCHEDULE", &rotations(26))),
        ["Plan.RotationIds"]
    );
    let refused = create("ONCALL_SCHEDULE", &json!({"RotationIds": ["", 1]}));
    let (first, second) = ("Plan.RotationIds[0]", "Plan.RotationIds[1]");
    assert_eq!(fields(refused), [first, first, second]);
    for act in [create, update] {
        for contact_type in ["PERSONAL", "ESCALATION"] {
            assert!(invalid(act(contact_type, &rotations(0))).contains("rotations"));
        }
    }
}

#[test]
fn stages_are_required_only_for_creation() {
    for contact_type in ["PERSONAL", "ESCALATION"] {
        assert!(invalid(create(contact_type, &json!({}))).contains("stages"));
        assert!(update(contact_type, &json!({})).is_ok());
    }
}

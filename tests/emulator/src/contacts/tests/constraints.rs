//! Tests of the constraints of the model. `compare_constraints.py` compares all of them with
//! botocore.

use serde_json::{Value, json};

use super::{
    ON_A_CHANNEL, ON_A_CONTACT, ON_TAGS, call, channel_arn, fields, request, with_channel,
};

/// The members that are refused for a constraint when these are sent.
fn refused(operation: &str, more: Value) -> Vec<String> {
    match call(&mut with_channel(), operation, more) {
        Err(error) if error.members.contains_key("Fields") => fields(Err(error)),
        _ => Vec::new(),
    }
}

#[test]
fn lengths_patterns_and_ranges_are_those_of_the_model() {
    let tag = |key: &str, value: &str| json!([{"Key": key, "Value": value}]);
    let address = |length: usize| json!({"SimpleAddress": format!("{}@example.com", "a".repeat(length - 12))});
    let channel = |retry: Value| {
        let info = json!({"ContactChannelId": channel_arn(1), "RetryIntervalInMinutes": retry});
        json!({"Stages": [{"DurationInMinutes": 1, "Targets": [{"ChannelTargetInfo": info}]}]})
    };
    let empty = |minutes: u8| json!({"Stages": [{"DurationInMinutes": minutes, "Targets": []}]});
    let retry = "Plan.Stages[0].Targets[0].ChannelTargetInfo.RetryIntervalInMinutes";
    let minutes = "Plan.Stages[0].DurationInMinutes";
    let tags = |n: usize| -> Value {
        (0..n).map(|n| json!({"Key": format!("k{n}"), "Value": "v"})).collect()
    };
    // An operation, a member, what is accepted, what is refused, and where.
    let rows = json!({"rows": [
        ["CreateContact", "Alias", "a".repeat(255), "a".repeat(256), "Alias"],
        ["CreateContact", "Alias", "a-z_09", "Akua", "Alias"],
        ["CreateContact", "Alias", "a", "a.b", "Alias"],
        ["CreateContact", "Alias", "a", "akuam\n", "Alias"],
        ["CreateContact", "Alias", "a", 1, "Alias"],
        ["CreateContact", "DisplayName", "夸".repeat(255), "夸".repeat(256), "DisplayName"],
        ["CreateContact", "DisplayName", "", "a@b", "DisplayName"],
        ["CreateContact", "DisplayName", "Ákua\u{3000}夸 Ⅷ_.-é", "e\u{301}", "DisplayName"],
        ["CreateContact", "Type", "ESCALATION", "personal", "Type"],
        ["CreateContact", "Plan", empty(30), "none", "Plan"],
        ["CreateContact", "Plan", empty(30), empty(31), minutes],
        ["CreateContact", "Plan", empty(1), empty(0), minutes],
        ["CreateContact", "Plan", channel(json!(60)), channel(json!(61)), retry],
        ["CreateContact", "Plan", channel(json!(0)), channel(json!("5")), retry],
        ["CreateContact", "Plan", channel(json!(0)), channel(json!(1.5)), retry],
        ["CreateContact", "Tags", tags(50), tags(51), "Tags"],
        ["CreateContact", "Tags", tag(r"\/aZ09_+=-", "Ä 夸_.:/=+-@"), tag("a:b", "v"), "Tags[0].Key"],
        ["CreateContact", "Tags", tag(&"k".repeat(128), "v"), tag("", "v"), "Tags[0].Key"],
        ["CreateContact", "Tags", tag("k", &"夸".repeat(256)), tag("k", "a,b"), "Tags[0].Value"],
        ["TagResource", "Tags", tag("k", "v"), tag("k", ""), "Tags[0].Value"],
        ["TagResource", "Tags", [], "a", "Tags"],
        ["UntagResource", "TagKeys", ["a"], ["a", "b c"], "TagKeys[1]"],
        ["GetContact", "ContactId", channel_arn(1), "akuam", "ContactId"],
        ["ListContacts", "AliasPrefix", "a", "A", "AliasPrefix"],
        ["ListContacts", "Type", "PERSONAL", "NONE", "Type"],
        ["ListContacts", "MaxResults", 1024, 1025, "MaxResults"],
        ["ListContactChannels", "NextToken", "a=b", "a:b", "NextToken"],
        ["CreateContactChannel", "Name", "Ákua\u{3000}Ⅷ_.-", "", "Name"],
        ["CreateContactChannel", "Type", "VOICE", "FAX", "Type"],
        ["CreateContactChannel", "DeferActivation", true, "true", "DeferActivation"],
        ["CreateContactChannel", "IdempotencyToken", r"\/aZ9_+=-", "a:b", "IdempotencyToken"],
        ["UpdateContactChannel", "DeliveryAddress", null, "+1", "DeliveryAddress"],
        ["ActivateContactChannel", "ActivationCode", "0123456789", "12345a", "ActivationCode"],
        ["ActivateContactChannel", "ActivationCode", "012345", "12345", "ActivationCode"],
    ]});
    for row in rows["rows"].as_array().unwrap() {
        let [operation, member, place] = [0, 1, 4].map(|column| row[column].as_str().unwrap());
        let with = |value: &Value| refused(operation, json!({ member: value }));
        assert_eq!(with(&row[2]), [""; 0], "{row}");
        assert_eq!(with(&row[3]), [place], "{row}");
    }
    let mail = |length| json!({"Type": "EMAIL", "DeliveryAddress": address(length)});
    assert_eq!(refused("CreateContactChannel", mail(320)), [""; 0]);
    let too_long = refused("CreateContactChannel", mail(321));
    assert_eq!(too_long, ["DeliveryAddress.SimpleAddress"]);
}

#[test]
fn all_violations_are_returned_at_once_with_their_paths() {
    let plan = json!({"Stages": [
        {"DurationInMinutes": 1, "Targets": []},
        {"Targets": [
            {"ChannelTargetInfo": {"ContactChannelId": "phone", "RetryInterval": 1}},
            {},
            7,
            {"ChannelTargetInfo": {"ContactChannelId": channel_arn(1)}, "ContactTargetInfo": {"IsEssential": true}},
            {"ContactTargetInfo": {"IsEssential": "true"}},
        ]},
        "stage",
    ], "Stage": []});
    let tags = ["a", "A", "a"].map(|key| json!({"Key": key, "Value": "v"}));
    let wrong =
        json!({"Alias": null, "Type": 1, "Plan": plan, "Tags": tags, "AdoptExisting": true});
    assert_eq!(
        refused("CreateContact", wrong),
        [
            "AdoptExisting",
            "Alias",
            "Type",
            "Plan.Stage",
            "Plan.Stages[1].DurationInMinutes",
            "Plan.Stages[1].Targets[0].ChannelTargetInfo.RetryInterval",
            "Plan.Stages[1].Targets[0].ChannelTargetInfo.ContactChannelId",
            "Plan.Stages[1].Targets[1]",
            "Plan.Stages[1].Targets[2]",
            "Plan.Stages[1].Targets[3]",
            "Plan.Stages[1].Targets[4].ContactTargetInfo.IsEssential",
            "Plan.Stages[2]",
            "Tags[2].Key",
        ]
    );
    let rotations = |ids: Value| json!({"Type": "ONCALL_SCHEDULE", "Plan": {"RotationIds": ids}});
    let (first, second) = ("Plan.RotationIds[0]", "Plan.RotationIds[1]");
    let refused = |ids| refused("CreateContact", rotations(ids));
    assert_eq!(refused(json!(["", 1])), [first, first, second]);
    assert_eq!(refused(json!(vec![channel_arn(1); 25])), [""; 0]);
    assert_eq!(refused(json!(vec![channel_arn(1); 26])), ["Plan.RotationIds"]);
}

#[test]
fn each_operation_requires_its_members_and_defines_no_others() {
    let creates = ["CreateContact", "CreateContactChannel"];
    for operation in creates.into_iter().chain(ON_A_CHANNEL).chain(ON_A_CONTACT).chain(ON_TAGS) {
        let input = request(operation, json!({"DisplayName": null}));
        for name in input.as_object().unwrap().keys() {
            assert_eq!(refused(operation, json!({name: null})), [name.as_str()], "{operation}");
        }
        assert_eq!(refused(operation, json!({"Other": 1})), ["Other"], "{operation}");
    }
}

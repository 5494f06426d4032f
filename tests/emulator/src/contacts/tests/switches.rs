//! Tests of each switch, on and off.

use std::time::Duration;

use serde_json::{Value, json};

use super::{akua, arn, code, invalid, with_akua};
use crate::contacts::{Backend, ServiceError, Switches};

/// The operations on one contact by its ARN.
pub(super) const ON_A_CONTACT: [&str; 3] = ["GetContact", "UpdateContact", "DeleteContact"];
/// The operations on the tags of one contact.
pub(super) const ON_TAGS: [&str; 3] = ["ListTagsForResource", "TagResource", "UntagResource"];

pub(super) fn create(backend: &mut Backend, more: Value) -> Result<Value, ServiceError> {
    backend.call("CreateContact", &akua(more))
}

/// Calls an operation on a contact with a minimal input.
pub(super) fn call(
    backend: &mut Backend,
    operation: &str,
    arn: &str,
) -> Result<Value, ServiceError> {
    let input = match operation {
        "TagResource" => json!({"ResourceARN": arn, "Tags": [{"Key": "asked", "Value": "1"}]}),
        "UntagResource" => json!({"ResourceARN": arn, "TagKeys": ["asked"]}),
        "ListTagsForResource" => json!({"ResourceARN": arn}),
        _ => json!({"ContactId": arn}),
    };
    backend.call(operation, &input)
}

#[test]
fn all_are_off_by_default() {
    let off = Switches {
        refuses_to_list_tags: false,
        gone_is_invalid_arn: false,
        tags_appear_after: Duration::ZERO,
        readable_after: Duration::ZERO,
        same_token_conflicts_meanwhile: false,
        first_region: None,
        quota: None,
        quota_before_alias: false,
        fills_in_retry_interval: None,
        channels_block_delete: false,
        channel_names_are_unique: false,
        changed_address_keeps_activation: false,
        channels_listed_after: Duration::ZERO,
        normalizes_addresses: false,
        channels_per_page: None,
    };
    assert_eq!(Backend::default().switches, off);
}

#[test]
fn listing_tags_can_be_refused_outside_the_first_region() {
    let mut backend = with_akua();
    for (refuses_tags, refuses_to_list_tags, refused) in [
        (false, true, vec![]),
        (true, false, vec!["TagResource"]),
        (true, true, ON_TAGS.to_vec()),
    ] {
        backend.refuses_tags = refuses_tags;
        backend.switches.refuses_to_list_tags = refuses_to_list_tags;
        for operation in ON_TAGS {
            let response = call(&mut backend, operation, &arn("akuam"));
            if refused.contains(&operation) {
                assert!(invalid(response).contains("first Region"), "{operation}");
            } else {
                response.unwrap();
            }
        }
    }
}

#[test]
fn the_arn_of_a_missing_contact_can_be_invalid_for_tag_operations() {
    let mut backend = Backend::default();
    for switch in [false, true] {
        backend.switches.gone_is_invalid_arn = switch;
        for operation in ON_TAGS {
            let response = call(&mut backend, operation, &arn("akuam"));
            if switch {
                assert_eq!(invalid(response), "Invalid resource Arn", "{operation}");
            } else {
                assert_eq!(code(response), "ResourceNotFoundException", "{operation}");
            }
        }
        for operation in ON_A_CONTACT {
            let response = call(&mut backend, operation, &arn("akuam"));
            assert_eq!(code(response), "ResourceNotFoundException", "{operation}");
        }
    }
    let mut backend = with_akua();
    backend.switches.gone_is_invalid_arn = true;
    for operation in ON_TAGS {
        call(&mut backend, operation, &arn("akuam")).unwrap();
    }
}

/// The ARN of the example in a Region.
fn akua_in(region: &str) -> String {
    arn("akuam").replace("us-east-2", region)
}

#[test]
fn arns_can_be_of_the_first_region() {
    let mut backend = Backend::default();
    assert_eq!(backend.arn("akuam"), akua_in("us-east-2"));
    backend.switches.first_region = Some("eu-west-1".to_owned());
    let first = akua_in("eu-west-1");
    assert_eq!(backend.arn("akuam"), first);
    let created = create(&mut backend, json!({}));
    assert_eq!(created, Ok(json!({"ContactArn": first})));
    assert_eq!(backend.contact("akuam").unwrap().arn, first);
    for region in ["eu-west-1", "us-east-2"] {
        let found = call(&mut backend, "GetContact", &akua_in(region)).unwrap();
        assert_eq!(found["ContactArn"], first);
    }
    let page = backend.call("ListContacts", &json!({})).unwrap();
    assert_eq!(page["Contacts"][0]["ContactArn"], first);
    let taken = create(&mut backend, json!({})).unwrap_err();
    assert_eq!(taken.members["ResourceId"], first);
}

#[test]
fn operations_accept_arns_of_both_regions_and_no_other() {
    for (first_region, found) in [
        (None, vec!["us-east-2"]),
        (Some("eu-west-1"), vec!["us-east-2", "eu-west-1"]),
    ] {
        for region in ["us-east-2", "eu-west-1", "ap-south-1"] {
            let mut backend = Backend::default();
            backend.switches.first_region = first_region.map(ToOwned::to_owned);
            create(&mut backend, json!({})).unwrap();
            let (here, other_account) = (akua_in(region), akua_in(region).replace("1111", "4444"));
            for operation in ON_TAGS.into_iter().chain(ON_A_CONTACT) {
                let refused = call(&mut backend, operation, &other_account);
                assert_eq!(code(refused), "AccessDeniedException");
                let response = call(&mut backend, operation, &here);
                if found.contains(&region) {
                    response.unwrap();
                } else {
                    assert_eq!(
                        code(response),
                        "AccessDeniedException",
                        "{operation} {here}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_contact_with_an_arn_of_the_first_region_can_be_in_a_rotation() {
    for region in ["us-east-2", "eu-west-1"] {
        let mut backend = Backend::default();
        backend.switches.first_region = Some("eu-west-1".to_owned());
        backend.seed("akuam", "PERSONAL", &[]);
        backend.add_to_rotation("akuam", "r1");
        let refused = call(&mut backend, "DeleteContact", &akua_in(region)).unwrap_err();
        assert_eq!(refused.code, "ConflictException");
        assert_eq!(refused.members["ResourceId"], akua_in("eu-west-1"));
        backend.delete_rotation("r1");
        call(&mut backend, "DeleteContact", &akua_in(region)).unwrap();
    }
}

/// A backend whose quota the example reaches.
fn at_quota() -> Backend {
    let mut backend = Backend::default();
    backend.switches.quota = Some(1);
    create(&mut backend, json!({"IdempotencyToken": "t"})).unwrap();
    backend
}

#[test]
fn a_contact_beyond_the_quota_is_refused() {
    let other = json!({"Alias": "other", "IdempotencyToken": "u"});
    create(&mut with_akua(), other.clone()).unwrap();
    let mut backend = at_quota();
    let refused = create(&mut backend, other.clone()).unwrap_err();
    assert_eq!(
        (refused.status, refused.code.as_str()),
        (400, "ServiceQuotaExceededException")
    );
    assert_eq!(
        Value::Object(refused.members),
        json!({"QuotaCode": "L-CONTACTS", "ServiceCode": "ssm-contacts",
            "ResourceId": "other", "ResourceType": "CONTACT"})
    );
    assert!(backend.contact("other").is_none());
    call(&mut backend, "DeleteContact", &arn("akuam")).unwrap();
    create(&mut backend, other).unwrap();
}

#[test]
fn a_token_returns_its_arn_when_the_quota_is_reached() {
    let again = create(&mut at_quota(), json!({"IdempotencyToken": "t"}));
    assert_eq!(again, Ok(json!({"ContactArn": arn("akuam")})));
}

#[test]
fn the_quota_can_be_checked_before_the_alias() {
    for (taken_alias_is_invalid, quota_before_alias, expected) in [
        (false, false, "ConflictException"),
        (true, false, "ValidationException"),
        (false, true, "ServiceQuotaExceededException"),
        (true, true, "ServiceQuotaExceededException"),
    ] {
        let mut backend = at_quota();
        backend.taken_alias_is_invalid = taken_alias_is_invalid;
        backend.switches.quota_before_alias = quota_before_alias;
        assert_eq!(code(create(&mut backend, json!({}))), expected);
    }
    let mut backend = at_quota();
    backend.switches.quota = Some(2);
    backend.switches.quota_before_alias = true;
    let taken = create(&mut backend, json!({}));
    assert_eq!(code(taken), "ConflictException");
}

/// A plan with an empty stage and a stage with a channel for each retry interval. Null means
/// a channel without one.
fn channels(retries: &[Value]) -> Value {
    let channel = |retry: &Value| {
        let id = arn("akuam").replace(":contact/", ":contact-channel/");
        let mut info = json!({"ContactChannelId": format!("{id}/1")});
        if !retry.is_null() {
            info["RetryIntervalInMinutes"] = retry.clone();
        }
        json!({"ChannelTargetInfo": info})
    };
    let targets: Vec<Value> = retries.iter().map(channel).collect();
    json!({"Stages": [
        {"DurationInMinutes": 1, "Targets": []},
        {"DurationInMinutes": 1, "Targets": targets},
    ]})
}

#[test]
fn a_missing_retry_interval_can_be_filled_in() {
    let sent = channels(&[json!(null), json!(0), json!(7)]);
    for (minutes, expected) in [
        (None, sent.clone()),
        (Some(5), channels(&[json!(5), json!(0), json!(7)])),
    ] {
        let mut backend = Backend::default();
        backend.switches.fills_in_retry_interval = minutes;
        let token = json!({"Plan": sent, "IdempotencyToken": "t"});
        let created = create(&mut backend, token.clone());
        let found = call(&mut backend, "GetContact", &arn("akuam")).unwrap();
        assert_eq!(found["Plan"], expected);
        assert_eq!(
            create(&mut backend, token),
            created,
            "the input has not changed"
        );

        backend.contact_mut("akuam").unwrap().plan = json!({"Stages": []});
        let update = json!({"ContactId": arn("akuam"), "Plan": sent});
        backend.call("UpdateContact", &update).unwrap();
        let found = call(&mut backend, "GetContact", &arn("akuam")).unwrap();
        assert_eq!(found["Plan"], expected);
    }
}

#[test]
fn a_retry_interval_is_filled_in_only_for_channel_targets() {
    let targets = json!([{"ContactTargetInfo": {"ContactId": arn("b"), "IsEssential": true}}]);
    let stages = json!({"Stages": [{"DurationInMinutes": 1, "Targets": targets}]});
    for (contact_type, plan) in [("ESCALATION", stages), ("ONCALL_SCHEDULE", json!({}))] {
        let mut backend = Backend::default();
        backend.switches.fills_in_retry_interval = Some(5);
        let input = json!({"Type": contact_type, "Plan": plan});
        create(&mut backend, input).unwrap();
        assert_eq!(backend.contact("akuam").unwrap().plan, plan);
    }
}

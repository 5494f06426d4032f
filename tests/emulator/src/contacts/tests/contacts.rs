//! Tests of the operations on contacts and their tags.

use serde_json::{Value, json};

use super::{
    ON_A_CHANNEL, ON_A_CONTACT, ON_TAGS, akua, arn, call, channel_arn, code, each, invalid,
    with_akua,
};
use super::{channel_names, rotation, with_channel};
use crate::contacts::Backend;

const CREATES: [&str; 3] = ["CreateContact", "CreateContactChannel", "ListContacts"];

fn tag(key: &str, value: &str) -> Value {
    json!({"Key": key, "Value": value})
}

fn tags(backend: &mut Backend) -> Value {
    call(backend, "ListTagsForResource", json!({})).unwrap()["Tags"].clone()
}

#[test]
fn the_example_of_the_api_reference_is_created() {
    let mut backend = with_akua();
    let found = call(&mut backend, "GetContact", json!({}));
    assert_eq!(found, Ok(akua(json!({"ContactArn": arn("akuam")}))));
    let taken = call(&mut backend, "CreateContact", json!({"Type": "ESCALATION"})).unwrap_err();
    assert_eq!(taken.code, "ConflictException");
    assert_eq!(taken.members["ResourceId"], arn("akuam"));
    assert_eq!(taken.members["ResourceType"], "CONTACT");
    backend.taken_alias_is_invalid = true;
    let taken = call(&mut backend, "CreateContact", json!({}));
    assert!(invalid(taken).contains("Alias"));
    call(&mut backend, "DeleteContact", json!({})).unwrap();
    backend.region = "eu-west-1".to_owned();
    backend.account = "444455556666".to_owned();
    let created = call(&mut backend, "CreateContact", json!({}));
    let there = "arn:aws:ssm-contacts:eu-west-1:444455556666:contact/akuam";
    assert_eq!(created, Ok(json!({"ContactArn": there})));
}

#[test]
fn members_omitted_from_an_update_do_not_change() {
    let mut backend = with_akua();
    let stages = json!({"Stages": [{"DurationInMinutes": 1, "Targets": []}]});
    for (more, name) in [
        (json!({"Plan": stages}), json!("Akua Mansa")),
        (json!({"DisplayName": "Akua"}), json!("Akua")),
        (json!({}), json!("Akua")),
        (json!({"DisplayName": ""}), json!(null)),
    ] {
        assert_eq!(call(&mut backend, "UpdateContact", more), Ok(json!({})));
        let found = call(&mut backend, "GetContact", json!({})).unwrap();
        assert_eq!((&found["Plan"], &found["DisplayName"]), (&stages, &name));
        let before = backend.contact("akuam").cloned();
        for (name, plan) in [("a@b", json!({"Stages": []})), ("Other", json!({"RotationIds": []}))]
        {
            let refused = json!({"DisplayName": name, "Plan": plan});
            call(&mut backend, "UpdateContact", refused).unwrap_err();
            assert_eq!(backend.contact("akuam").cloned(), before);
        }
    }
}

#[test]
fn what_is_missing_is_not_found_and_what_is_of_others_is_denied() {
    let (contact, channel) = (arn("akuam"), channel_arn(1));
    for operation in ON_TAGS.into_iter().chain(ON_A_CONTACT).chain(ON_A_CHANNEL) {
        let (member, id, resource_type) = match operation {
            it if ON_TAGS.contains(&it) => ("ResourceARN", &contact, "CONTACT"),
            it if ON_A_CHANNEL.contains(&it) => ("ContactChannelId", &channel, "CONTACT_CHANNEL"),
            _ => ("ContactId", &contact, "CONTACT"),
        };
        let error = call(&mut Backend::default(), operation, json!({})).unwrap_err();
        assert_eq!(error.code, "ResourceNotFoundException", "{operation}");
        assert_eq!(error.members["ResourceId"], *id);
        assert_eq!(error.members["ResourceType"], resource_type);
        for (from, to) in [("1111", "4444"), ("us-east-2", "us-west-1")] {
            let other = json!({member: id.replace(from, to)});
            let error = call(&mut with_channel(), operation, other).unwrap_err();
            assert_eq!(error.code, "AccessDeniedException");
            assert!(error.message.contains(&format!("ssm-contacts:{operation}")));
        }
    }
}

#[test]
fn every_operation_can_be_denied_and_needs_a_replication_set() {
    for operation in CREATES.into_iter().chain(ON_TAGS).chain(ON_A_CONTACT).chain(ON_A_CHANNEL) {
        let mut backend = with_channel();
        backend.has_no_replication_set = true;
        let refused = backend.call(operation, &json!({}));
        assert_eq!(invalid(refused), "Account not found for the request");
        backend.denied.insert(operation);
        let refused = backend.call(operation, &json!({}));
        assert_eq!(code(refused), "AccessDeniedException");
    }
    let unknown = Backend::default().call("Unknown", &json!({}));
    assert_eq!(code(unknown), "UnknownOperationException");
}

#[test]
fn a_contact_of_a_rotation_cannot_be_deleted_before_the_rotation() {
    let mut backend = with_channel();
    backend.seed("kwesib", "PERSONAL", &[]);
    let aliases = ["akuam", "kwesib"];
    for alias in aliases {
        backend.add_to_rotation(alias, &rotation(1));
    }
    for alias in aliases {
        let refused =
            call(&mut backend, "DeleteContact", json!({"ContactId": arn(alias)})).unwrap_err();
        assert_eq!(refused.code, "ConflictException");
        assert_eq!(refused.members["ResourceId"], arn(alias));
        let dependents =
            json!([{"RelationType": "ROTATION", "DependentResourceIds": [rotation(1)]}]);
        assert_eq!(refused.members["DependentEntities"], dependents);
    }
    assert_eq!(channel_names(&mut backend), ["mobile"]);
    backend.delete_rotation(&rotation(1));
    for alias in aliases {
        let deleted = call(&mut backend, "DeleteContact", json!({"ContactId": arn(alias)}));
        assert_eq!(deleted, Ok(json!({})));
        let again = call(&mut backend, "DeleteContact", json!({"ContactId": arn(alias)}));
        assert_eq!(code(again), "ResourceNotFoundException");
    }
}

#[test]
fn contacts_are_listed_by_alias_with_filters_and_pages() {
    for per_page in [None, Some(1)] {
        let mut backend = Backend::default();
        backend.switches.contacts_per_page = per_page;
        for (alias, contact_type) in
            [("x", "ONCALL_SCHEDULE"), ("team-b", "ESCALATION"), ("team-a", "PERSONAL")]
        {
            backend.seed(alias, contact_type, &[("k", "v")]);
        }
        let mut all = |more: Value| {
            let (mut listed, mut sizes, mut token) = (Vec::new(), Vec::new(), json!(null));
            loop {
                let mut input = more.clone();
                input["NextToken"] = token;
                let page = call(&mut backend, "ListContacts", input).unwrap();
                listed.extend(page["Contacts"].as_array().unwrap().clone());
                sizes.push(page["Contacts"].as_array().unwrap().len());
                token = page["NextToken"].clone();
                if token.is_null() {
                    return (listed.into(), sizes);
                }
            }
        };
        let person = json!([{"Alias": "team-a", "Type": "PERSONAL", "ContactArn": arn("team-a")}]);
        assert_eq!(all(json!({"Type": "PERSONAL"})).0, person);
        for (more, expected) in [
            (json!({}), vec!["team-a", "team-b", "x"]),
            (json!({"AliasPrefix": "team-"}), vec!["team-a", "team-b"]),
            (json!({"AliasPrefix": "team-", "Type": "ESCALATION"}), vec!["team-b"]),
            (json!({"AliasPrefix": "y"}), vec![]),
        ] {
            assert_eq!(each(&all(more).0, "Alias"), expected);
        }
        for (more, default, with_switch) in [
            (json!({"MaxResults": 0}), vec![3], vec![1, 1, 1]),
            (json!({"MaxResults": 2}), vec![2, 1], vec![2, 1]),
            (json!({"MaxResults": 3}), vec![3], vec![3]),
        ] {
            let expected = if per_page.is_some() { with_switch } else { default };
            assert_eq!(all(more).1, expected);
        }
    }
    let named = call(&mut with_akua(), "ListContacts", json!({})).unwrap();
    assert_eq!(named["Contacts"][0]["DisplayName"], "Akua Mansa");
}

#[test]
fn tags_are_added_changed_and_removed_and_are_at_most_50() {
    let mut backend = Backend::default();
    let input = json!({"Tags": [tag("a", "1"), tag("b", "2")]});
    call(&mut backend, "CreateContact", input).unwrap();
    let set = |backend: &mut Backend, tags: Vec<Value>| {
        call(backend, "TagResource", json!({"Tags": tags}))
    };
    set(&mut backend, vec![tag("b", "3"), tag("c", "4")]).unwrap();
    call(&mut backend, "UntagResource", json!({"TagKeys": ["a", "never"]})).unwrap();
    assert_eq!(tags(&mut backend), json!([tag("b", "3"), tag("c", "4")]));
    let found = call(&mut backend, "GetContact", json!({})).unwrap();
    assert!(found.get("Tags").is_none());
    let more: Vec<Value> = (0..48).map(|n| tag(&format!("k{n}"), "v")).collect();
    for _ in 0..2 {
        set(&mut backend, more.clone()).unwrap();
    }
    let error = set(&mut backend, vec![tag("one-more", "v")]).unwrap_err();
    assert_eq!(error.code, "ServiceQuotaExceededException");
    assert!(error.members.contains_key("QuotaCode") && error.members.contains_key("ServiceCode"));
    assert_eq!(tags(&mut backend).as_array().unwrap().len(), 50);
}

#[test]
fn outside_the_first_region_tags_are_refused() {
    let mut backend = Backend::default();
    backend.refuses_tags = true;
    let tagged = call(&mut backend, "CreateContact", json!({"Tags": [tag("a", "1")]}));
    assert!(invalid(tagged).contains("first Region"));
    call(&mut backend, "CreateContact", json!({"Tags": []})).unwrap();
    for refuses_to_list in [false, true] {
        backend.switches.refuses_to_list_tags = refuses_to_list;
        for operation in ON_TAGS {
            let answer = call(&mut backend, operation, json!({}));
            if operation == "TagResource" || refuses_to_list {
                assert!(invalid(answer).contains("first Region"), "{operation}");
            } else {
                answer.unwrap();
            }
        }
    }
    backend.refuses_tags = false;
    call(&mut backend, "ListTagsForResource", json!({})).unwrap();
}

//! Tests of `CreateContact`: constraints and aliases.

use serde_json::{Value, json};

use super::{akua, arn, code, fields, invalid, with_akua};
use crate::contacts::Backend;

fn create(input: &Value) -> Result<Value, crate::contacts::ServiceError> {
    Backend::default().call("CreateContact", input)
}

#[test]
fn the_example_of_the_api_reference_is_created() {
    let mut backend = Backend::default();
    let created = backend.call(
        "CreateContact",
        &akua(json!({"IdempotencyToken": "5b03013e-6255-404c-a673-1aa10EXAMPLE"})),
    );
    assert_eq!(created, Ok(json!({"ContactArn": arn("akuam")})));
    let found = backend.call("GetContact", &json!({"ContactId": arn("akuam")}));
    assert_eq!(found, Ok(akua(json!({"ContactArn": arn("akuam")}))));
}

#[test]
fn lengths_are_counted_in_characters() {
    for (member, accepted, refused) in [
        ("Alias", "a".repeat(255), "a".repeat(256)),
        ("Alias", "a".to_owned(), String::new()),
        ("DisplayName", "夸".repeat(255), "夸".repeat(256)),
        ("DisplayName", String::new(), "夸".repeat(300)),
        ("IdempotencyToken", "t".repeat(2048), "t".repeat(2049)),
    ] {
        assert!(create(&akua(json!({member: accepted}))).is_ok(), "{member}");
        assert_eq!(fields(create(&akua(json!({member: refused})))), [member]);
    }
}

#[test]
fn patterns_are_those_of_the_model() {
    for (member, accepted, refused) in [
        ("Alias", "a-z_09", "Akua"),
        ("Alias", "a", "a.b"),
        ("Alias", "a", "akuam\n"),
        ("DisplayName", "Ákua\u{3000}夸 Ⅷ_.-", "a@b"),
        ("DisplayName", "é", "e\u{301}"),
        ("IdempotencyToken", r"\/aZ9_+=-", "a:b"),
    ] {
        assert!(
            create(&akua(json!({member: accepted}))).is_ok(),
            "{accepted:?}"
        );
        let refused = create(&akua(json!({member: refused})));
        assert_eq!(fields(refused), [member]);
    }
}

#[test]
fn all_constraint_violations_are_returned_at_once() {
    assert_eq!(fields(create(&json!({}))), ["Alias", "Type", "Plan"]);
    let wrong = json!({"Alias": 1, "Type": "personal", "DisplayName": [], "Plan": "none"});
    assert_eq!(
        fields(create(&wrong)),
        ["Alias", "Type", "DisplayName", "Plan"]
    );
}

#[test]
fn an_alias_is_unique_among_all_types() {
    let other = akua(json!({"Type": "ESCALATION"}));
    let refused = with_akua().call("CreateContact", &other).unwrap_err();
    assert_eq!(refused.code, "ConflictException");
    assert_eq!(refused.members["ResourceId"], arn("akuam"));
    assert_eq!(refused.members["ResourceType"], "CONTACT");
}

#[test]
fn an_alias_in_use_can_be_a_validation_error() {
    let mut backend = with_akua();
    backend.taken_alias_is_invalid = true;
    let again = backend.call("CreateContact", &akua(json!({})));
    assert!(invalid(again).contains("Alias"));
}

#[test]
fn the_alias_of_a_deleted_contact_can_be_used_again() {
    let mut backend = with_akua();
    let akuam = json!({"ContactId": arn("akuam")});
    backend.call("DeleteContact", &akuam).unwrap();
    assert!(backend.call("CreateContact", &akua(json!({}))).is_ok());
}

#[test]
fn without_a_replication_set_every_operation_fails() {
    let mut backend = with_akua();
    backend.has_no_replication_set = true;
    for operation in [
        "CreateContact",
        "GetContact",
        "UpdateContact",
        "DeleteContact",
        "TagResource",
        "UntagResource",
        "ListTagsForResource",
        "ListContacts",
        "CreateContactChannel",
        "GetContactChannel",
        "UpdateContactChannel",
        "DeleteContactChannel",
        "ListContactChannels",
    ] {
        let refused = backend.call(operation, &akua(json!({})));
        assert_eq!(invalid(refused), "Account not found for the request");
    }
}

#[test]
fn an_unknown_operation_is_an_error() {
    let unknown = Backend::default().call("Unknown", &json!({}));
    assert_eq!(code(unknown), "UnknownOperationException");
}

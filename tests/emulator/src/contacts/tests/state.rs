//! What is kept, what changes, and what stands in the way of a delete.

use serde_json::{Value, json};

use super::{akua, arn, code, fields, with_akua};
use crate::contacts::Backend;

fn id() -> Value {
    json!({"ContactId": arn("akuam")})
}

#[test]
fn members_left_out_of_an_update_stay() {
    let mut backend = with_akua();
    let stages = json!({"Stages": [{"DurationInMinutes": 1, "Targets": []}]});
    backend
        .call(
            "UpdateContact",
            &json!({"ContactId": arn("akuam"), "Plan": stages}),
        )
        .unwrap();
    let contact = backend.contact("akuam").unwrap();
    assert_eq!(contact.display_name.as_deref(), Some("Akua Mansa"));
    backend
        .call(
            "UpdateContact",
            &json!({"ContactId": arn("akuam"), "DisplayName": "Akua"}),
        )
        .unwrap();
    assert_eq!(
        backend.call("GetContact", &id()),
        Ok(
            json!({"ContactArn": arn("akuam"), "Alias": "akuam", "Type": "PERSONAL", "DisplayName": "Akua", "Plan": stages})
        )
    );
}

#[test]
fn an_empty_name_clears_it() {
    let mut backend = with_akua();
    let cleared = json!({"ContactId": arn("akuam"), "DisplayName": ""});
    backend.call("UpdateContact", &cleared).unwrap();
    let found = backend.call("GetContact", &id()).unwrap();
    assert!(found.get("DisplayName").is_none(), "{found}");
}

#[test]
fn a_refused_update_changes_nothing() {
    let mut backend = with_akua();
    let before = backend.contact("akuam").cloned();
    for (name, plan) in [
        ("a@b", json!({"Stages": []})),
        ("Akua", json!({"RotationIds": []})),
    ] {
        let input = json!({"ContactId": arn("akuam"), "DisplayName": name, "Plan": plan});
        backend.call("UpdateContact", &input).unwrap_err();
        assert_eq!(backend.contact("akuam").cloned(), before);
    }
}

#[test]
fn what_is_not_there_is_not_found() {
    let absent = arn("nobody");
    for operation in [
        "GetContact",
        "UpdateContact",
        "DeleteContact",
        "TagResource",
        "UntagResource",
        "ListTagsForResource",
    ] {
        let input = if operation.ends_with("Contact") {
            json!({"ContactId": absent})
        } else {
            json!({"ResourceARN": absent, "Tags": [], "TagKeys": []})
        };
        let error = Backend::default().call(operation, &input).unwrap_err();
        assert_eq!(error.code, "ResourceNotFoundException", "{operation}");
        assert_eq!(error.members["ResourceId"], absent);
        assert_eq!(error.members["ResourceType"], "CONTACT");
    }
}

#[test]
fn another_account_or_region_is_denied_by_the_operations_own_action() {
    for elsewhere in [
        "arn:aws:ssm-contacts:us-east-2:444455556666:contact/akuam",
        "arn:aws:ssm-contacts:us-west-1:111122223333:contact/akuam",
    ] {
        for operation in ["GetContact", "UpdateContact", "DeleteContact"] {
            let error = with_akua()
                .call(operation, &json!({"ContactId": elsewhere}))
                .unwrap_err();
            assert_eq!(error.code, "AccessDeniedException");
            let action = format!("ssm-contacts:{operation}");
            assert!(error.message.contains(&action), "{}", error.message);
        }
    }
}

#[test]
fn what_is_no_arn_is_invalid() {
    for id in [json!("akuam"), json!(""), json!(null), json!(7)] {
        let refused = with_akua().call("GetContact", &json!({"ContactId": id}));
        assert!(fields(refused).iter().all(|field| field == "ContactId"));
    }
}

#[test]
fn a_contact_of_a_rotation_cannot_be_deleted_before_the_rotation() {
    let mut backend = with_akua();
    let rotation = "arn:aws:ssm-contacts:us-east-2:111122223333:rotation/1";
    backend.add_to_rotation("akuam", rotation);
    let refused = backend.call("DeleteContact", &id()).unwrap_err();
    assert_eq!(refused.code, "ConflictException");
    assert_eq!(refused.members["ResourceId"], arn("akuam"));
    assert_eq!(
        refused.members["DependentEntities"],
        json!([{"RelationType": "ROTATION", "DependentResourceIds": [rotation]}])
    );
    assert!(backend.contact("akuam").is_some());
    backend.delete_rotation(rotation);
    assert_eq!(backend.call("DeleteContact", &id()), Ok(json!({})));
    let again = backend.call("DeleteContact", &id());
    assert_eq!(code(again), "ResourceNotFoundException");
}

#[test]
fn another_region_and_account_can_be_had() {
    let mut backend = Backend::default();
    backend.region = "eu-west-1".to_owned();
    backend.account = "444455556666".to_owned();
    assert_eq!(
        backend.call("CreateContact", &akua(json!({}))),
        Ok(json!({"ContactArn": "arn:aws:ssm-contacts:eu-west-1:444455556666:contact/akuam"}))
    );
}

#[test]
fn a_rotation_has_several_contacts() {
    let mut backend = with_akua();
    backend.seed("kwesib", "PERSONAL", &[]);
    for alias in ["akuam", "kwesib"] {
        backend.add_to_rotation(alias, "r1");
    }
    for alias in ["akuam", "kwesib"] {
        let refused = backend.call("DeleteContact", &json!({"ContactId": arn(alias)}));
        assert_eq!(code(refused), "ConflictException");
    }
    backend.delete_rotation("r1");
    for alias in ["akuam", "kwesib"] {
        let deleted = backend.call("DeleteContact", &json!({"ContactId": arn(alias)}));
        assert_eq!(deleted, Ok(json!({})));
    }
}

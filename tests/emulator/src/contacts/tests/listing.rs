//! Tests of `ListContacts`.

use serde_json::{Value, json};

use super::fields;
use crate::contacts::Backend;

fn backend() -> Backend {
    let mut backend = Backend::default();
    backend.seed("team-a", "PERSONAL", &[("k", "v")]);
    backend.seed("team-b", "ESCALATION", &[]);
    backend.seed("x", "ONCALL_SCHEDULE", &[]);
    backend
}

fn aliases(page: &Value) -> Vec<&str> {
    let contacts = page["Contacts"].as_array().unwrap();
    contacts
        .iter()
        .map(|contact| contact["Alias"].as_str().unwrap())
        .collect()
}

#[test]
fn a_summary_has_neither_plan_nor_tags() {
    let page = backend()
        .call("ListContacts", &json!({"Type": "PERSONAL"}))
        .unwrap();
    assert_eq!(
        page,
        json!({"Contacts": [{"Alias": "team-a", "Type": "PERSONAL",
            "ContactArn": "arn:aws:ssm-contacts:us-east-2:111122223333:contact/team-a"}]})
    );
}

#[test]
fn filters_select_contacts() {
    for (input, expected) in [
        (json!({}), vec!["team-a", "team-b", "x"]),
        (json!({"AliasPrefix": "team-"}), vec!["team-a", "team-b"]),
        (
            json!({"AliasPrefix": "team-", "Type": "ESCALATION"}),
            vec!["team-b"],
        ),
        (json!({"AliasPrefix": "y"}), vec![]),
    ] {
        let page = backend().call("ListContacts", &input).unwrap();
        assert_eq!(aliases(&page), expected, "{input}");
        assert!(page.get("NextToken").is_none());
    }
}

#[test]
fn a_token_leads_to_the_next_page() {
    let mut backend = backend();
    let first = backend
        .call("ListContacts", &json!({"MaxResults": 2}))
        .unwrap();
    assert_eq!(aliases(&first), ["team-a", "team-b"]);
    let next = json!({"MaxResults": 2, "NextToken": first["NextToken"]});
    let second = backend.call("ListContacts", &next).unwrap();
    assert_eq!(aliases(&second), ["x"]);
    assert!(second.get("NextToken").is_none());
}

#[test]
fn the_input_is_validated() {
    let input = json!({"AliasPrefix": "A", "Type": "NONE", "NextToken": "a:b", "MaxResults": 1025});
    let refused = backend().call("ListContacts", &input);
    assert_eq!(
        fields(refused),
        ["AliasPrefix", "Type", "NextToken", "MaxResults"]
    );
}

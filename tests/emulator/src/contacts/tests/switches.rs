//! What the documents leave open: each switch, and what the service does without it.

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

/// Calls an operation on a contact with an input that changes little.
pub(super) fn ask(
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
    };
    assert_eq!(Backend::default().switches, off);
}

#[test]
fn outside_the_first_region_tags_may_not_even_be_listed() {
    let mut backend = with_akua();
    for (refuses_tags, refuses_to_list_tags, refused) in [
        (false, true, vec![]),
        (true, false, vec!["TagResource"]),
        (true, true, ON_TAGS.to_vec()),
    ] {
        backend.refuses_tags = refuses_tags;
        backend.switches.refuses_to_list_tags = refuses_to_list_tags;
        for operation in ON_TAGS {
            let answer = ask(&mut backend, operation, &arn("akuam"));
            if refused.contains(&operation) {
                assert!(invalid(answer).contains("first Region"), "{operation}");
            } else {
                answer.unwrap();
            }
        }
    }
}

#[test]
fn the_tags_of_a_contact_that_is_gone_may_have_an_invalid_arn() {
    let mut backend = Backend::default();
    for switch in [false, true] {
        backend.switches.gone_is_invalid_arn = switch;
        for operation in ON_TAGS {
            let answer = ask(&mut backend, operation, &arn("akuam"));
            if switch {
                assert_eq!(invalid(answer), "Invalid resource Arn", "{operation}");
            } else {
                assert_eq!(code(answer), "ResourceNotFoundException", "{operation}");
            }
        }
        for operation in ON_A_CONTACT {
            let answer = ask(&mut backend, operation, &arn("akuam"));
            assert_eq!(code(answer), "ResourceNotFoundException", "{operation}");
        }
    }
    let mut backend = with_akua();
    backend.switches.gone_is_invalid_arn = true;
    for operation in ON_TAGS {
        ask(&mut backend, operation, &arn("akuam")).unwrap();
    }
}

//! Tests of idempotency tokens.

use serde_json::json;

use super::{akua, arn, code, invalid};
use crate::contacts::Backend;

#[test]
fn a_token_creates_no_second_contact_after_the_first_is_removed() {
    let mut backend = Backend::default();
    let input = akua(json!({"IdempotencyToken": "t"}));
    let created = backend.call("CreateContact", &input);
    assert_eq!(backend.call("CreateContact", &input), created);
    backend.remove("akuam");
    assert_eq!(backend.call("CreateContact", &input), created);
    assert!(backend.contact("akuam").is_none());
}

#[test]
fn a_token_requires_the_same_parameters() {
    let mut backend = Backend::default();
    let input = akua(json!({"IdempotencyToken": "t"}));
    backend.call("CreateContact", &input).unwrap();
    for other in [
        json!({"IdempotencyToken": "t", "DisplayName": "Akua"}),
        json!({"IdempotencyToken": "t", "Alias": "other"}),
        json!({"IdempotencyToken": "t", "Tags": []}),
    ] {
        let refused = backend.call("CreateContact", &akua(other));
        assert!(invalid(refused).contains("token"));
    }
}

#[test]
fn the_token_of_a_failed_create_can_be_used_again() {
    let mut backend = Backend::default();
    backend.seed("akuam", "PERSONAL", &[]);
    let input = akua(json!({"IdempotencyToken": "t"}));
    let taken = backend.call("CreateContact", &input);
    assert_eq!(code(taken), "ConflictException");
    backend.remove("akuam");
    assert_eq!(
        backend.call("CreateContact", &input),
        Ok(json!({"ContactArn": arn("akuam")}))
    );
}

#[test]
fn an_expired_token_can_be_used_again() {
    let mut backend = Backend::default();
    let input = akua(json!({"IdempotencyToken": "t"}));
    backend.call("CreateContact", &input).unwrap();
    backend.expire_tokens();
    let taken = backend.call("CreateContact", &input);
    assert_eq!(code(taken), "ConflictException");
}

//! Idempotency tokens.

use serde_json::json;

use super::{akua, arn, code, invalid};
use crate::contacts::Backend;

#[test]
fn a_token_makes_one_contact_even_once_that_is_gone() {
    let mut backend = Backend::default();
    let input = akua(json!({"IdempotencyToken": "t"}));
    let made = backend.call("CreateContact", &input);
    assert_eq!(backend.call("CreateContact", &input), made);
    backend.remove("akuam");
    assert_eq!(backend.call("CreateContact", &input), made);
    assert!(backend.contact("akuam").is_none());
}

#[test]
fn a_token_is_for_the_same_parameters_only() {
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
fn a_refused_create_leaves_its_token_free() {
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
fn a_lapsed_token_is_a_new_one() {
    let mut backend = Backend::default();
    let input = akua(json!({"IdempotencyToken": "t"}));
    backend.call("CreateContact", &input).unwrap();
    backend.forget_tokens();
    let taken = backend.call("CreateContact", &input);
    assert_eq!(code(taken), "ConflictException");
}

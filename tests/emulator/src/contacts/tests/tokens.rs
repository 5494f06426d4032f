//! Tests of idempotency tokens.

use serde_json::{Value, json};

use super::{arn, call, channel_arn, code, invalid};
use crate::contacts::{Backend, ServiceError};

fn create(backend: &mut Backend, operation: &str, more: &Value) -> Result<Value, ServiceError> {
    let mut input = json!({"IdempotencyToken": "t"});
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    call(backend, operation, input)
}

#[test]
fn a_token_creates_once_with_the_same_parameters() {
    let mut backend = Backend::default();
    let channel = channel_arn(1);
    let removals: [fn(&mut Backend); 2] =
        [|backend| backend.remove_channel(&channel_arn(1)), |backend| backend.remove("akuam")];
    // The tokens of contacts and channels are independent.
    for (operation, created) in [
        ("CreateContact", json!({"ContactArn": arn("akuam")})),
        ("CreateContactChannel", json!({"ContactChannelArn": channel})),
    ] {
        for _ in 0..2 {
            assert_eq!(create(&mut backend, operation, &json!({})), Ok(created.clone()));
        }
    }
    assert_eq!(backend.channels("akuam").len(), 1);
    for (operation, other) in [
        ("CreateContact", json!({"DisplayName": "Akua"})),
        ("CreateContact", json!({"Alias": "other"})),
        ("CreateContact", json!({"Tags": []})),
        ("CreateContactChannel", json!({"Name": "home"})),
        ("CreateContactChannel", json!({"DeferActivation": true})),
    ] {
        assert!(invalid(create(&mut backend, operation, &other)).contains("token"));
    }
    for remove in removals {
        remove(&mut backend);
    }
    for operation in ["CreateContact", "CreateContactChannel"] {
        create(&mut backend, operation, &json!({})).unwrap();
    }
    assert!(backend.contact("akuam").is_none() && backend.channels("akuam").is_empty());
    backend.expire_tokens();
    for operation in ["CreateContact", "CreateContactChannel"] {
        create(&mut backend, operation, &json!({})).unwrap();
    }
    assert_eq!(backend.channels("akuam")[0].arn, channel_arn(2));
    backend.expire_tokens();
    let taken = create(&mut backend, "CreateContact", &json!({}));
    assert_eq!(code(taken), "ConflictException");
}

#[test]
fn the_token_of_a_failed_create_can_be_used_again() {
    let mut backend = Backend::default();
    create(&mut backend, "CreateContactChannel", &json!({})).unwrap_err();
    backend.seed("akuam", "PERSONAL", &[]);
    create(&mut backend, "CreateContactChannel", &json!({})).unwrap();
    create(&mut backend, "CreateContact", &json!({})).unwrap_err();
    backend.remove("akuam");
    create(&mut backend, "CreateContact", &json!({})).unwrap();
}

#[test]
fn the_tokens_of_channels_can_be_forgotten() {
    let mut backend = Backend::default();
    backend.seed("akuam", "PERSONAL", &[]);
    backend.switches.forgets_channel_tokens = true;
    for number in [1, 2] {
        let created = create(&mut backend, "CreateContactChannel", &json!({}));
        assert_eq!(created, Ok(json!({"ContactChannelArn": channel_arn(number)})));
    }
}

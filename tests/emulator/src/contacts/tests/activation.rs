//! Tests of the activation of channels with codes.

use serde_json::{Value, json};

use super::{call, channel_arn, code, invalid, with_akua, with_channel};
use crate::contacts::Backend;

fn codes(backend: &Backend) -> Vec<&str> {
    backend.sent_codes().iter().map(|sent| sent.code.as_str()).collect()
}

fn activate(backend: &mut Backend, code: &str) -> Result<Value, crate::contacts::ServiceError> {
    call(backend, "ActivateContactChannel", json!({"ActivationCode": code}))
}

fn is_activated(backend: &Backend) -> bool {
    backend.channels("akuam")[0].is_activated
}

#[test]
fn a_code_is_sent_unless_the_activation_is_deferred() {
    for (defer, sent) in [(json!(null), 1), (json!(false), 1), (json!(true), 0)] {
        let mut backend = with_akua();
        let more = json!({"DeferActivation": defer, "IdempotencyToken": "t"});
        for _ in 0..2 {
            call(&mut backend, "CreateContactChannel", more.clone()).unwrap();
        }
        assert_eq!(codes(&backend).len(), sent);
        call(&mut backend, "SendActivationCode", json!({})).unwrap();
        assert_eq!(codes(&backend).len(), sent + 1);
        let last = backend.sent_codes().last().unwrap().clone();
        assert_eq!(last.channel, backend.channels("akuam")[0]);
        assert_eq!(last.channel.arn, channel_arn(1));
        assert!(!is_activated(&backend));
        assert_eq!(activate(&mut backend, &last.code), Ok(json!({})));
        assert!(is_activated(&backend));
    }
}

#[test]
fn only_the_last_code_of_the_channel_and_its_address_activates() {
    let mut backend = with_channel();
    for _ in 0..2 {
        call(&mut backend, "CreateContactChannel", json!({"Name": "home"})).unwrap();
    }
    call(&mut backend, "SendActivationCode", json!({})).unwrap();
    assert_eq!(codes(&backend), ["000001", "000002", "000003", "000004"]);
    let address = json!({"DeliveryAddress": {"SimpleAddress": "+49"}});
    call(&mut backend, "UpdateContactChannel", address).unwrap();
    for wrong in ["000001", "000002", "999999", "000004"] {
        assert!(invalid(activate(&mut backend, wrong)).contains("activation code"));
        assert!(!is_activated(&backend));
    }
    call(&mut backend, "SendActivationCode", json!({})).unwrap();
    activate(&mut backend, "000005").unwrap();
    assert!(is_activated(&backend));
    call(&mut backend, "DeleteContactChannel", json!({})).unwrap();
    assert_eq!(code(activate(&mut backend, "000005")), "ResourceNotFoundException");
}

#[test]
fn new_channels_can_be_activated_at_once() {
    let mut backend = with_akua();
    backend.activates_new_channels = true;
    call(&mut backend, "CreateContactChannel", json!({})).unwrap();
    assert!(is_activated(&backend));
    let address = json!({"DeliveryAddress": {"SimpleAddress": "+49"}});
    call(&mut backend, "UpdateContactChannel", address).unwrap();
    assert!(!is_activated(&backend));
}

//! Checks that no payload makes the parser panic, and that the answer to every request is not too
//! long.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use ssm_contact_resource::event::{self, Action};
use ssm_contact_resource::identity::{MarkerKind, OwnershipTags};
use ssm_contact_resource::properties::{Desired, UncheckedProperties};
use ssm_contact_resource::response::{BODY_MAX, Outcome, body};
use ssm_contact_resource::response_url::ResponseHosts;

fuzz_target!(|bytes: &[u8]| {
    let Ok(payload) = serde_json::from_slice::<Value>(bytes) else {
        return;
    };
    check(&payload);
    // The same payload as the properties of an event that is otherwise valid.
    let mut event = serde_json::json!({
        "RequestType": "Create", "StackId": "s", "RequestId": "r", "LogicalResourceId": "l",
        "ResponseURL": "http://localhost/s%7Cl%7Cr?Signature=s",
    });
    event["ResourceProperties"] = payload;
    assert!(check(&event), "an event with the members that an answer needs gets one");
});

/// Answers the requests of a payload. Returns whether there was one.
fn check(payload: &Value) -> bool {
    let hosts = ResponseHosts::parse("localhost").unwrap();
    let mut answered = false;
    for request in event::parse(payload, &hosts).requests.into_iter().flatten() {
        let (Action::Create { properties }
        | Action::Update { properties, .. }
        | Action::Delete { properties, .. }) = &request.action
        else {
            continue;
        };
        let old = UncheckedProperties::parse(properties);
        for setting in [OwnershipTags::On, OwnershipTags::Off] {
            let new = Desired::parse(properties, setting);
            assert_eq!(old.is_accepted(setting), new.is_ok(), "as old and as new properties");
        }
        let reason = match Desired::parse(properties, OwnershipTags::On) {
            Ok(_) => "valid".to_owned(),
            Err(violations) => violations.iter().map(ToString::to_string).collect(),
        };
        let outcome = Outcome {
            physical_id: request.resource.marker(MarkerKind::OutcomeUnknown),
            result: Err(reason),
        };
        let bytes = body(&request.resource, &outcome).unwrap();
        assert!(bytes.len() <= BODY_MAX, "{} bytes", bytes.len());
        answered = true;
    }
    answered
}

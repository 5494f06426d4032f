//! docs/behavior.md, section 12: the form of the answer.

use proptest::prelude::*;
use serde_json::{Value, json};
use ssm_contact_resource::contact::{ContactArn, ContactType};
use ssm_contact_resource::identity::{MarkerKind, Resource};
use ssm_contact_resource::response::{BODY_MAX, CUT, Data, Outcome, body};

fn resource() -> Resource {
    Resource {
        stack_id: "arn:aws:cloudformation:us-east-2:111122223333:stack/on-call/4a7a".into(),
        logical_id: "Akua".into(),
        request_id: "3f9c1c52-6bf4-4f52-a4a8-5a2bb6bbf8a1".into(),
    }
}

fn failed(reason: String) -> Outcome {
    Outcome {
        physical_id: resource().marker(MarkerKind::OutcomeUnknown),
        result: Err(reason),
    }
}

#[test]
fn success_has_data_and_no_reason() {
    let arn =
        ContactArn::parse("arn:aws:ssm-contacts:us-east-2:111122223333:contact/akuam").unwrap();
    let outcome = Outcome {
        physical_id: arn.to_string(),
        result: Ok(Some(Data::new(&arn, ContactType::Personal))),
    };
    let answer: Value = serde_json::from_slice(&body(&resource(), &outcome).unwrap()).unwrap();
    let arn = arn.to_string();
    assert_eq!(
        answer,
        json!({
            "Status": "SUCCESS", "PhysicalResourceId": arn,
            "StackId": resource().stack_id, "LogicalResourceId": "Akua",
            "RequestId": resource().request_id,
            "Data": {"ContactArn": arn, "Arn": arn, "Alias": "akuam", "Type": "PERSONAL"},
        })
    );
}

#[test]
fn a_reason_that_fits_is_whole() {
    let answer = body(&resource(), &failed("short".into())).unwrap();
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    assert_eq!(answer["Reason"], "short");
    assert_eq!(answer["Status"], "FAILED");
    assert!(answer.get("Data").is_none());
}

proptest! {
    #[test]
    fn a_long_reason_is_cut_at_a_character_and_says_so(
        unit in "[a-z\"\\\\\\n\\x00é阿😀]{1,20}",
        times in 1usize..2000,
    ) {
        let reason = unit.repeat(times);
        let bytes = body(&resource(), &failed(reason.clone())).unwrap();
        prop_assert!(bytes.len() <= BODY_MAX);
        let answer: Value = serde_json::from_slice(&bytes).unwrap();
        let told = answer["Reason"].as_str().unwrap();
        if let Some(kept) = told.strip_suffix(CUT) {
            prop_assert!(reason.starts_with(kept));
            // The Reason is as long as possible: with another character, the answer would be too
            // long.
            prop_assert!(bytes.len() > BODY_MAX - 6);
        } else {
            prop_assert_eq!(told, reason);
        }
    }
}

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::ownership::Left;

fn resource() -> Resource {
    let stack = "arn:aws:cloudformation:us-east-2:111122223333:stack/on-call/4a7a";
    Resource::new(stack.into(), "Akua".into(), "3f9c1c52".into(), "https://localhost/?s")
}

fn encoded(
    resource: &Resource,
    physical_id: String,
    result: Result<Option<Data>, String>,
) -> (usize, Value) {
    let bytes = body(resource, &Outcome { physical_id, result }).unwrap();
    (bytes.len(), serde_json::from_slice(&bytes).unwrap())
}

#[test]
fn the_longest_contact_fits() {
    let long = Resource::new("s".repeat(1024), "l".repeat(256), "r".repeat(256), "u");
    let arn = format!(
        "arn:aws-us-gov:ssm-contacts:us-gov-west-1:111122223333:contact/{}",
        "a".repeat(255)
    );
    let data = Data::new(&ContactArn::parse(&arn).unwrap(), ContactType::OncallSchedule);
    assert!(encoded(&long, arn, Ok(Some(data))).0 <= BODY_MAX);
    let (length, answer) = encoded(&long, "p".repeat(1024), Err("r".repeat(5000)));
    assert_eq!(length, BODY_MAX);
    assert!(answer["Reason"].as_str().unwrap().starts_with('r'));
    assert!(long.marker(Left::OutcomeUnknown).len() <= 1024);
}

proptest! {
    #[test]
    fn a_long_reason_is_cut_at_a_character_and_says_so(
        unit in "[a-z\"\\\\\\n\\x00é阿😀]{1,20}",
        times in 1usize..2000,
    ) {
        let reason = unit.repeat(times);
        let (length, answer) = encoded(&resource(), "id".into(), Err(reason.clone()));
        prop_assert!(length <= BODY_MAX);
        let told = answer["Reason"].as_str().unwrap();
        if let Some(kept) = told.strip_suffix(CUT) {
            prop_assert!(reason.starts_with(kept));
            // One character more would be too much.
            prop_assert!(length > BODY_MAX - 6);
        } else {
            prop_assert_eq!(told, reason);
        }
    }
}

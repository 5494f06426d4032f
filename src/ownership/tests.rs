use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

const STACK: &str = "arn:aws:cloudformation:us-east-2:111122223333:stack/on-call/4a7a";
const URL: &str = "https://localhost/?X-Amz-Signature=1";

fn resource_of(stack: &str, logical_id: &str, request_id: &str, url: &str) -> Resource {
    Resource::new(stack.into(), logical_id.into(), request_id.into(), url)
}

fn resource() -> Resource {
    resource_of(STACK, "Akua", "3f9c1c52", URL)
}

#[test]
#[rustfmt::skip]
fn physical_ids_are_told_apart() {
    let attempt = resource().attempt;
    for (kind, marker, id) in [
        (Left::NothingCreated, "nothing-created", PhysicalId::NothingCreated),
        (Left::OutcomeUnknown, "outcome-unknown", PhysicalId::OutcomeUnknown(attempt.clone())),
    ] {
        assert_eq!(resource().marker(kind), format!("{marker}:{attempt}"));
        assert_eq!(PhysicalId::parse(&resource().marker(kind)), id);
    }
    let contact = "arn:aws-cn:ssm-contacts:cn-north-1:111122223333:contact/akuam";
    assert!(matches!(PhysicalId::parse(contact), PhysicalId::Contact(arn) if arn.to_string() == contact));
    for other in [
        "", "on-call-Akua-1XB2VS8G3K2W9", "not-created:3f9c1c52", "nothing-created:", "nothing-created:3f9c1c52",
        "outcome-unknown:/0123456789abcdef", "outcome-unknown:3f9c1c52/0123456789abcde",
        "outcome-unknown:3f9c1c52/0123456789abcdeg", "Outcome-Unknown:3f9c1c52/0123456789abcdef",
        "arn:aws:ssm-contacts:us-east-2:111122223333:contact-channel/akuam/1",
    ] {
        assert_eq!(PhysicalId::parse(other), PhysicalId::Other, "{other}");
    }
}

#[test]
#[rustfmt::skip]
fn tags_tell_the_owner() {
    let me = resource();
    let origin = me.origin(BroughtBy::Create, false);
    let tag = origin.to_string();
    let other = |stack: Option<&str>, id: Option<&str>| Owner::Other {
        stack: stack.map(Into::into),
        logical_id: id.map(Into::into),
    };
    for ([stack, logical_id, origin], owner) in [
        ([None, None, None], Owner::Nobody),
        ([Some(STACK), Some("Akua"), Some(tag.as_str())], Owner::Us(Some(origin))),
        ([Some(STACK), Some("Akua"), None], Owner::Us(None)),
        ([Some(STACK), Some("Akua"), Some("adopted")], Owner::Us(None)),
        ([Some(STACK), Some("Akua"), Some("delete:3f9c1c52/0123456789abcdef")], Owner::Us(None)),
        ([Some(STACK), Some("Akua"), Some("create:")], Owner::Us(None)),
        ([Some(STACK), Some("Ama"), Some(&tag)], Owner::Sibling("Ama".into())),
        ([Some(STACK), Some("akua"), None], Owner::Sibling("akua".into())),
        ([Some("other"), Some("Akua"), Some(&tag)], other(Some("other"), Some("Akua"))),
        ([Some("other"), None, None], other(Some("other"), None)),
        ([None, Some("Ama"), None], other(None, Some("Ama"))),
        ([Some(""), Some(""), None], other(Some(""), Some(""))), ([Some(STACK), None, None], Owner::Incomplete),
        ([None, Some("Akua"), Some(&tag)], Owner::Incomplete), ([None, None, Some(&tag)], Owner::Incomplete),
    ] {
        let values = OWNERSHIP_TAGS.into_iter().zip([stack, logical_id, origin]);
        let tags = values.filter_map(|(key, value)| Some((key.to_owned(), value?.to_owned())));
        let tags: Tags = tags.chain([("team".to_owned(), "x".to_owned())]).collect();
        assert_eq!(me.owner(&tags), owner, "{tags:?}");
        assert_eq!(ownership_keys(&tags).len(), tags.len() - 1, "{tags:?}");
    }
}

#[test]
#[rustfmt::skip]
fn only_the_arn_of_a_stack_can_say_whose_a_contact_is() {
    for (stack, expected) in [
        (STACK, true),
        ("arn:aws-us-gov:cloudformation:us-gov-west-1:1:stack/s/1", true),
        ("on-call", false),
        ("", false),
        ("arn:aws:cloudformation:us-east-2:111122223333:stack/on-call", false),
        ("arn:aws:cloudformation:us-east-2:111122223333:stack//4a7a", false),
        ("arn:aws:cloudformation:us-east-2:111122223333:stackset/on-call/4a7a", false),
        ("arn:aws:cloudformation:us-east-2::stack/on-call/4a7a", false),
        ("arn:aws:cloudformation::111122223333:stack/on-call/4a7a", false),
        ("arn:aws:sns:us-east-2:111122223333:stack/on-call/4a7a", false),
    ] {
        let resource = resource_of(stack, "Akua", "r", URL);
        assert_eq!(resource.stack_account_and_region().is_some(), expected, "{stack}");
    }
}

#[test]
fn a_token_differs_wherever_the_create_does() {
    let mut tokens = HashSet::new();
    for resource in [
        resource(),
        resource_of("other", "Akua", "3f9c1c52", URL),
        resource_of(STACK, "Other", "3f9c1c52", URL),
        resource_of(STACK, "Akua", "other", URL),
        resource_of(STACK, "Akua", "3f9c1c52", "https://localhost/?retry"),
        // The same characters, in other members.
        resource_of(STACK, "Akua3", "f9c1c52", URL),
    ] {
        for alias in ["akuam", "akua"].map(|alias| Alias::parse(alias).unwrap()) {
            for (template, channel) in
                [(None, None), (Some("t"), None), (None, Some("t")), (Some("t"), Some("u"))]
            {
                let token = resource.token(&alias, template, channel);
                assert_eq!(token, resource.token(&alias, template, channel), "a redelivery");
                assert!(token.len() == 64 && token.bytes().all(|b| b.is_ascii_hexdigit()));
                assert!(tokens.insert(token));
            }
        }
    }
}

proptest! {
    /// The API takes the tags of any resource, and the resource knows them again.
    #[test]
    fn every_resource_knows_its_own_tags(
        [stack, logical_id, request] in [
            "(.{0,300}|[a-z]{120,300})", "(.{0,300}|[a-z]{120,300})",
            "(.{0,300}|[a-z]{120,300}|[a-z:]{0,9}adopted:?[a-z:]{0,9}|create:.{0,9}/)",
        ],
    ) {
        let me = resource_of(&stack, &logical_id, &request, URL);
        let is_taken = |value: &String| {
            let allowed = |c: char| c.is_alphanumeric() || "_.:/=+-@ ".contains(c);
            (1..=256).contains(&value.chars().count()) && value.chars().all(allowed)
        };
        for (by, is_adopted) in [(BroughtBy::Create, false), (BroughtBy::Create, true), (BroughtBy::Update, false)] {
            let origin = me.origin(by, is_adopted);
            prop_assert_eq!(origin.to_string().contains("adopted"), is_adopted);
            let tags = me.ownership_tags(&origin);
            prop_assert!(tags.values().all(is_taken), "{tags:?}");
            prop_assert_eq!(ownership_keys(&tags).len(), 3);
            prop_assert!(is_logical_id(&tags[LOGICAL_TAG], &logical_id));
            prop_assert_eq!(me.owner(&tags), Owner::Us(Some(origin)));
        }
        let marker = me.marker(Left::OutcomeUnknown);
        prop_assert!(marker.len() <= 1024);
        prop_assert_eq!(PhysicalId::parse(&marker), PhysicalId::OutcomeUnknown(me.attempt.clone()));
    }
}

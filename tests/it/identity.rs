//! docs/behavior.md, sections 5, 6 and 10: physical ids, ownership tags, idempotency tokens.

use std::collections::HashSet;

use proptest::prelude::*;
use ssm_contact_resource::contact::{Alias, Tags};
use ssm_contact_resource::identity::{
    Creator, MarkerKind, Origin, Ownership, PhysicalId, Resource,
};

fn resource() -> Resource {
    Resource {
        stack_id: "arn:aws:cloudformation:us-east-2:111122223333:stack/on-call/4a7a".into(),
        logical_id: "Akua".into(),
        request_id: "3f9c1c52-6bf4-4f52-a4a8-5a2bb6bbf8a1".into(),
    }
}

fn parse(id: &str) -> PhysicalId {
    PhysicalId::parse(id, &resource())
}

fn tags(tags: &[(&str, &str)]) -> Tags {
    let own = |(k, v): &(&str, &str)| ((*k).to_owned(), (*v).to_owned());
    tags.iter().map(own).collect()
}

#[test]
fn a_marker_is_read_back() {
    for kind in [
        MarkerKind::NothingCreated,
        MarkerKind::Created,
        MarkerKind::OutcomeUnknown,
    ] {
        let marker = resource().marker(kind);
        assert!(marker.ends_with(&resource().request_id), "{marker}");
        let expected = PhysicalId::Marker(kind, resource().request_id);
        assert_eq!(parse(&marker), expected);
    }
    let first_version = PhysicalId::Marker(MarkerKind::OutcomeUnknown, "r1".into());
    assert_eq!(parse("not-created:r1"), first_version);
}

#[test]
fn an_invention_of_cloudformations_begins_with_the_stacks_name_and_a_hyphen() {
    assert_eq!(parse("on-call-Akua-1XB2VS8G3K2W9"), PhysicalId::Invented);
    for other in [
        "",
        "on-call",
        "on-callers-Akua-1XB2VS8G3K2W9",
        "not-created",
        "arn:aws:sns:us-east-2:1:t",
        "2026/11/22/[$LATEST]5b03013e",
    ] {
        assert_eq!(parse(other), PhysicalId::Unrecognized, "{other}");
    }
    let without_name = Resource {
        stack_id: "s".into(),
        ..resource()
    };
    let id = PhysicalId::parse("-Akua-1XB2VS8G3K2W9", &without_name);
    assert_eq!(id, PhysicalId::Unrecognized);
}

#[test]
fn only_a_contacts_arn_is_a_contact() {
    let contact = "arn:aws-cn:ssm-contacts:cn-north-1:111122223333:contact/akuam";
    let PhysicalId::Contact(arn) = parse(contact) else {
        panic!("not read");
    };
    assert_eq!(arn.to_string(), contact);
    for other in [
        "arn:aws:ssm-contacts:us-east-2:111122223333:contact-channel/akuam/1",
        "arn:aws:ssm-contacts:us-east-2:111122223333:contact/Akua",
        "arn:aws:ssm-contacts:us-east-2:111122223333:contact/",
        "arn:aws:ssm-contacts:us-east-2::contact/akuam",
        "arn:aws:ssm:us-east-2:111122223333:contact/akuam",
    ] {
        assert_eq!(parse(other), PhysicalId::Unrecognized, "{other}");
    }
}

#[test]
fn tags_tell_the_owner() {
    let me = resource();
    let stack = ("cloudformation-stack-id", me.stack_id.as_str());
    let logical = ("cloudformation-logical-id", "Akua");
    let origin = ("cloudformation-origin", "some-request");
    let cases = [
        (vec![], Ownership::Nobody),
        (vec![("team", "x")], Ownership::Nobody),
        (
            vec![stack, logical, origin],
            Ownership::Ours(Origin::Create("some-request".into())),
        ),
        (
            vec![stack, logical, ("cloudformation-origin", "adopted")],
            Ownership::Ours(Origin::Adopted),
        ),
        (
            vec![stack, logical, ("cloudformation-origin", "update")],
            Ownership::Ours(Origin::Update),
        ),
        (
            vec![("cloudformation-origin", "adopted")],
            Ownership::Released,
        ),
        (vec![stack, logical], Ownership::Ours(Origin::Missing)),
        (vec![stack], Ownership::Incomplete),
        (vec![logical, origin], Ownership::Incomplete),
        (vec![origin], Ownership::Incomplete),
    ];
    for (found, expected) in cases {
        assert_eq!(me.ownership(&tags(&found)), expected, "{found:?}");
    }
    for found in [
        vec![stack, ("cloudformation-logical-id", "Other"), origin],
        vec![("cloudformation-stack-id", "other"), logical, origin],
        vec![("cloudformation-stack-id", "other")],
    ] {
        let ownership = me.ownership(&tags(&found));
        assert!(matches!(ownership, Ownership::Other { .. }), "{found:?}");
    }
}

#[test]
fn a_token_differs_wherever_the_request_does() {
    let me = resource();
    let mut tokens = HashSet::new();
    for resource in [
        me.clone(),
        Resource {
            stack_id: "other".into(),
            ..me.clone()
        },
        Resource {
            logical_id: "Other".into(),
            ..me.clone()
        },
        Resource {
            request_id: "other".into(),
            ..me.clone()
        },
        Resource {
            logical_id: format!("{}{}", me.logical_id, &me.request_id[..1]),
            request_id: me.request_id[1..].into(),
            ..me.clone()
        },
    ] {
        for alias in ["akuam", "akua"] {
            let alias = Alias::parse(alias).unwrap();
            for template in [None, Some("t1"), Some("t2")] {
                let token = resource.token(&alias, template);
                assert_eq!(
                    token,
                    resource.token(&alias, template),
                    "a redelivery has the same token"
                );
                assert_eq!(token.len(), 64);
                assert!(token.bytes().all(|b| b.is_ascii_hexdigit()));
                assert!(tokens.insert(token));
            }
        }
    }
}

proptest! {
    #[test]
    fn any_resource_recognizes_its_own_tags_and_the_api_takes_them(
        stack_id in ".{1,300}", logical_id in ".{1,300}", request_id in prop_oneof![".{1,300}", Just("adopted".to_owned()), Just("update".to_owned())],
    ) {
        let me = Resource { stack_id, logical_id, request_id };
        let pattern = regex::Regex::new(r"^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$").unwrap();
        for value in me.tags(Creator::Create).values().chain(me.adoption_tags().values()) {
            prop_assert!(pattern.is_match(value) && value.chars().count() <= 256, "{value}");
        }
        let origin = me.origin(Creator::Create);
        let created = me.ownership(&me.tags(Creator::Create));
        prop_assert_eq!(created, Ownership::Ours(Origin::Create(origin.clone())));
        prop_assert_eq!(me.ownership(&me.tags(Creator::Update)), Ownership::Ours(Origin::Update));
        prop_assert_eq!(me.ownership(&me.adoption_tags()), Ownership::Ours(Origin::Adopted));
        let marker = me.marker(MarkerKind::OutcomeUnknown);
        prop_assert_eq!(PhysicalId::parse(&marker, &me), PhysicalId::Marker(MarkerKind::OutcomeUnknown, origin));
    }
}

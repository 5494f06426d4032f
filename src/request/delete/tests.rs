use super::*;
use crate::contact::Tags;

const STACK: &str = "arn:aws:cloudformation:us-east-2:111122223333:stack/on-call/1";

fn resource(logical_id: &str, request: &str, url: &str) -> Resource {
    Resource::new(STACK.to_owned(), logical_id.to_owned(), request.to_owned(), url)
}

fn us() -> Resource {
    resource("Akua", "r1", "https://one")
}

fn contact(tags: Tags) -> Contact {
    Contact {
        arn: ContactArn::parse("arn:aws:ssm-contacts:us-east-2:111122223333:contact/akuam")
            .unwrap(),
        contact_type: Some(ContactType::Personal),
        display_name: String::new(),
        plan: None,
        tags,
        channels: None,
    }
}

fn brought(resource: &Resource, by: BroughtBy, is_adopted: bool) -> Tags {
    resource.ownership_tags(&resource.origin(by, is_adopted))
}

#[test]
fn what_is_deleted_released_and_left() {
    use BroughtBy::{Create, Update};
    let attempt = |resource: &Resource| FoundBy::Attempt(resource.attempt.clone());
    let retry = resource("Akua", "r1", "https://two");
    let rolled_back = || FoundBy::RolledBackReplacement(ContactType::Personal);
    let another_type = FoundBy::RolledBackReplacement(ContactType::Escalation);
    let mut no_origin = brought(&us(), Create, false);
    no_origin.remove("cloudformation-origin");
    for (tags, by, expected) in [
        (brought(&us(), Create, false), FoundBy::Arn, "Delete"),
        (brought(&us(), Update, false), FoundBy::Arn, "Delete"),
        (brought(&us(), Create, true), FoundBy::Arn, "Release"),
        (no_origin.clone(), FoundBy::Arn, "Release"),
        (Tags::new(), FoundBy::Arn, "Leave"),
        (brought(&resource("Other", "r1", "u"), Create, false), FoundBy::Arn, "Leave"),
        // Only what this attempt brought.
        (brought(&us(), Create, false), attempt(&us()), "Delete"),
        (brought(&us(), Create, true), attempt(&us()), "Release"),
        (brought(&retry, Create, false), attempt(&us()), "Leave"),
        (brought(&retry, Update, false), attempt(&us()), "Leave"),
        (no_origin.clone(), attempt(&us()), "Leave"),
        // Only what a Create brought.
        (brought(&retry, Create, false), FoundBy::MadeUpId(AdoptExisting::No), "Delete"),
        (brought(&retry, Create, true), FoundBy::MadeUpId(AdoptExisting::No), "Release"),
        (brought(&retry, Update, false), FoundBy::MadeUpId(AdoptExisting::No), "Leave"),
        (no_origin.clone(), FoundBy::MadeUpId(AdoptExisting::No), "Leave"),
        // Only what an Update brought, of the type that it wanted.
        (brought(&retry, Update, false), rolled_back(), "Delete"),
        (brought(&retry, Update, true), rolled_back(), "Release"),
        (brought(&retry, Create, false), rolled_back(), "Leave"),
        (brought(&retry, Update, false), another_type, "Leave"),
        (no_origin, rolled_back(), "Leave"),
    ] {
        let taken = format!("{:?}", fate_of(&us(), &by, &contact(tags.clone())));
        assert!(taken.starts_with(expected), "{tags:?} {by:?}: {taken}");
    }
}

#[test]
fn whom_the_template_would_adopt() {
    let sibling = brought(&resource("Old", "r0", "u"), BroughtBy::Create, false);
    for (tags, adopt_existing, expected) in [
        (Tags::new(), AdoptExisting::Untagged, true),
        (Tags::new(), AdoptExisting::No, false),
        (sibling.clone(), AdoptExisting::OfLogicalId("Old".to_owned()), true),
        (sibling.clone(), AdoptExisting::OfLogicalId("Older".to_owned()), false),
        (sibling, AdoptExisting::Untagged, false),
    ] {
        assert_eq!(adopt_existing.allows(&us().owner(&tags)), expected, "{adopt_existing:?}");
    }
}

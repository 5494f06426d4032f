use super::*;
use crate::contact::Tags;

const STACK: &str = "arn:aws:cloudformation:us-east-2:111122223333:stack/on-call/1";

fn resource(logical_id: &str, request: &str, url: &str) -> Resource {
    Resource::new(
        STACK.to_owned(),
        logical_id.to_owned(),
        request.to_owned(),
        url,
    )
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

fn brought(by: &Resource, creator: Creator, is_adopted: bool) -> Tags {
    by.ownership_tags(&by.origin(creator, is_adopted))
}

#[test]
fn what_is_deleted_released_and_left() {
    use Creator::{Create, Update};
    let attempt = |resource: &Resource| DeleteBy::Attempt(resource.attempt.clone());
    let retry = resource("Akua", "r1", "https://two");
    let rolled_back = || DeleteBy::RolledBackReplacement(ContactType::Personal);
    let another_type = DeleteBy::RolledBackReplacement(ContactType::Escalation);
    let mut no_origin = brought(&us(), Create, false);
    no_origin.remove("cloudformation-origin");
    for (tags, by, expected) in [
        (brought(&us(), Create, false), DeleteBy::Arn, "Delete"),
        (brought(&us(), Update, false), DeleteBy::Arn, "Delete"),
        (brought(&us(), Create, true), DeleteBy::Arn, "Release"),
        (no_origin.clone(), DeleteBy::Arn, "Release"),
        (Tags::new(), DeleteBy::Arn, "Leave"),
        (
            brought(&resource("Other", "r1", "u"), Create, false),
            DeleteBy::Arn,
            "Leave",
        ),
        // Only what this attempt brought.
        (brought(&us(), Create, false), attempt(&us()), "Delete"),
        (brought(&us(), Create, true), attempt(&us()), "Release"),
        (brought(&retry, Create, false), attempt(&us()), "Leave"),
        (brought(&retry, Update, false), attempt(&us()), "Leave"),
        (no_origin.clone(), attempt(&us()), "Leave"),
        // Only what a Create brought.
        (brought(&retry, Create, false), DeleteBy::MadeUpId, "Delete"),
        (brought(&retry, Create, true), DeleteBy::MadeUpId, "Release"),
        (brought(&retry, Update, false), DeleteBy::MadeUpId, "Leave"),
        (no_origin.clone(), DeleteBy::MadeUpId, "Leave"),
        // Only what an Update brought, of the type that it wanted.
        (brought(&retry, Update, false), rolled_back(), "Delete"),
        (brought(&retry, Update, true), rolled_back(), "Release"),
        (brought(&retry, Create, false), rolled_back(), "Leave"),
        (brought(&retry, Update, false), another_type, "Leave"),
        (no_origin, rolled_back(), "Leave"),
    ] {
        let taken = format!("{:?}", may_take(&us(), &by, &contact(tags.clone())));
        assert!(taken.starts_with(expected), "{tags:?} {by:?}: {taken}");
    }
}

#[test]
fn whom_the_template_would_adopt() {
    let sibling = brought(&resource("Old", "r0", "u"), Creator::Create, false);
    for (tags, adopt_existing, expected) in [
        (Tags::new(), AdoptExisting::Untagged, true),
        (Tags::new(), AdoptExisting::No, false),
        (
            sibling.clone(),
            AdoptExisting::OfLogicalId("Old".to_owned()),
            true,
        ),
        (
            sibling.clone(),
            AdoptExisting::OfLogicalId("Older".to_owned()),
            false,
        ),
        (sibling, AdoptExisting::Untagged, false),
    ] {
        let last = LastProperties {
            alias: None,
            adopt_existing,
        };
        assert_eq!(
            would_adopt(&us(), &last, &contact(tags)),
            expected,
            "{last:?}"
        );
    }
}

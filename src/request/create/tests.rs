use super::*;
use crate::contact::Tags;
use crate::contact::plan::Plan;
use crate::properties::Desired;

const STACK: &str = "arn:aws:cloudformation:us-east-2:111122223333:stack/on-call/1";
const HOLDER: &str = "arn:aws:ssm-contacts:us-east-2:111122223333:contact/akuam";

fn resource(stack: &str, logical_id: &str, request: &str, url: &str) -> Resource {
    Resource::new(stack.to_owned(), logical_id.to_owned(), request.to_owned(), url)
}

fn us() -> Resource {
    resource(STACK, "Akua", "r1", "https://one")
}

fn desired(more: &str) -> Desired {
    Desired::parse(&format!(
        r#"{{"Alias": "akuam", "Type": "PERSONAL", {more} "ServiceToken": ""}}"#
    ))
    .unwrap()
}

fn holder(tags: Tags) -> Contact {
    Contact {
        arn: ContactArn::parse(HOLDER).unwrap(),
        contact_type: Some(ContactType::Personal),
        display_name: String::new(),
        plan: Some(Plan::Stages(vec![])),
        tags,
        channels: None,
    }
}

/// The tags of a contact that this resource brought.
fn brought(resource: &Resource, by: BroughtBy, is_adopted: bool) -> Tags {
    resource.ownership_tags(&resource.origin(by, is_adopted))
}

/// What is written, in which place, and whether it may fail.
fn taken(tags: Tags, adopt: &str, by: Bringing<'_>) -> String {
    let desired = desired(&format!(r#""DisplayName": "Akua", "AdoptExisting": "{adopt}","#));
    let holder = holder(tags);
    let owner = us().owner(&holder.tags);
    let Some(origin) = origin_if_taken(&us(), &desired, by.request(), &holder, &owner) else {
        return "left".to_owned();
    };
    let steps = steps_to_take(&us(), &desired, by, &holder, &owner, &origin);
    let told = steps.iter().map(|step| match step {
        Step::Update { .. } => "update".to_owned(),
        Step::Own { tags, may_fail } => {
            let origin =
                tags.get("cloudformation-origin").map(|origin| origin.split_once("r1/").unwrap().0);
            format!(
                "own {} {}{}",
                tags.len(),
                origin.unwrap(),
                if *may_fail { " or warn" } else { "" }
            )
        }
        other => panic!("{other:?}"),
    });
    told.collect::<Vec<_>>().join(", ")
}

#[test]
fn who_takes_a_taken_alias() {
    use BroughtBy::{Create, Update};
    let retry = resource(STACK, "Akua", "r1", "https://two");
    let earlier = resource(STACK, "Akua", "r0", "https://zero");
    let sibling = resource(STACK, "Old", "r0", "https://zero");
    let stranger = resource(&format!("{STACK}2"), "Akua", "r0", "https://zero");
    let without =
        |tags: Tags, key: &str| tags.into_iter().filter(|(tag, _)| tag != key).collect::<Tags>();
    let no_origin = without(brought(&us(), Create, false), "cloudformation-origin");
    let bad_origin = {
        let mut tags = no_origin.clone();
        tags.insert("cloudformation-origin".to_owned(), "adopted".to_owned());
        tags
    };
    for (tags, adopt, expected) in [
        // Ours: a redelivery, a retry of the same RequestId, and another request's.
        (brought(&us(), Create, false), "false", "update"),
        (brought(&retry, Create, false), "false", "update, own 1 create:"),
        (brought(&earlier, Create, false), "false", "update, own 1 create:adopted:"),
        (brought(&earlier, Update, false), "false", "update, own 1 create:adopted:"),
        (brought(&us(), Create, true), "false", "update"),
        (no_origin.clone(), "false", "update, own 1 create:adopted:"),
        (bad_origin, "false", "update, own 1 create:adopted:"),
        // Nobody's: the tags are written first.
        (Tags::new(), "false", "left"),
        (Tags::new(), "true", "own 3 create:adopted:, update"),
        (Tags::new(), "Old", "left"),
        // Another logical id's of this stack.
        (brought(&sibling, Create, false), "false", "left"),
        (brought(&sibling, Create, false), "true", "left"),
        (brought(&sibling, Create, false), "Older", "left"),
        (brought(&sibling, Create, false), "Old", "update, own 2 create:adopted:"),
        // Somebody else's.
        (brought(&stranger, Create, false), "true", "left"),
        (without(brought(&us(), Create, false), "cloudformation-logical-id"), "true", "left"),
        (without(brought(&us(), Create, false), "cloudformation-stack-id"), "true", "left"),
    ] {
        assert_eq!(taken(tags.clone(), adopt, Bringing::Create), expected, "{tags:?} {adopt}");
    }
    // An Update leaves created created, and adopted adopted.
    for (tags, adopt, has_arn, expected) in [
        (brought(&earlier, Create, false), "false", true, "update, own 1 update: or warn"),
        (brought(&earlier, Create, true), "false", true, "update, own 1 update:adopted: or warn"),
        (brought(&earlier, Create, false), "false", false, "update, own 1 update:"),
        (no_origin, "false", true, "update, own 1 update:adopted: or warn"),
        (Tags::new(), "true", true, "own 3 update:adopted:, update"),
    ] {
        let by = Bringing::Update { old: None, has_arn };
        assert_eq!(taken(tags.clone(), adopt, by), expected, "{tags:?} {adopt}");
    }
}

#[test]
fn a_holder_of_another_type_is_left() {
    let holder = Contact { contact_type: Some(ContactType::Escalation), ..holder(Tags::new()) };
    let ours = us().owner(&brought(&us(), BroughtBy::Create, false));
    for (adopt, owner) in
        [("true", Owner::Nobody), ("true", ours), ("Old", Owner::Sibling("Old".to_owned()))]
    {
        let desired = desired(&format!(r#""AdoptExisting": "{adopt}","#));
        assert_eq!(origin_if_taken(&us(), &desired, BroughtBy::Create, &holder, &owner), None);
    }
}

//! Contract sections 2 and 3 as tables: what an Update changes, whose contact may be
//! claimed, what a Delete removes.

use serde_json::{Value, json};
use ssm_contact_resource::contact::{Contact, ContactArn, ContactType, Plan, Tags};
use ssm_contact_resource::identity::{OwnershipTags, PhysicalId, Resource};
use ssm_contact_resource::properties::{Desired, Readable};
use ssm_contact_resource::steps::{Disposal, Step, to_claim, to_delete, to_update};

const ARN: &str = "arn:aws:ssm-contacts:us-east-2:111122223333:contact/akuam";
const CHANNEL: &str = "arn:aws:ssm-contacts:us-east-2:111122223333:contact-channel/akuam/fc7405c4-46b2-48b7-87b2-93e2f225b90d";

fn resource() -> Resource {
    Resource {
        stack_id: "arn:aws:cloudformation:us-east-2:111122223333:stack/on-call/4a7a".into(),
        logical_id: "Akua".into(),
        request_id: "3f9c1c52-6bf4-4f52-a4a8-5a2bb6bbf8a1".into(),
    }
}

fn created_by(request: &str) -> Tags {
    let request_id = request.into();
    Resource {
        request_id,
        ..resource()
    }
    .tags()
}

fn contact(tags: Tags) -> Contact {
    Contact {
        arn: ContactArn::parse(ARN).unwrap(),
        contact_type: Some(ContactType::Personal),
        display_name: "Akua Mansa".into(),
        plan: Some(Plan::Stages(vec![])),
        tags,
    }
}

fn properties(more: &Value) -> Value {
    let mut properties = json!({"Alias": "akuam", "Type": "PERSONAL"});
    for (name, value) in more.as_object().unwrap() {
        properties[name] = value.clone();
    }
    properties
}

fn desired(more: &Value) -> Desired {
    Desired::parse(&properties(more), OwnershipTags::On).unwrap()
}

fn tags(tags: &[(&str, &str)]) -> Tags {
    let own = |(k, v): &(&str, &str)| ((*k).to_owned(), (*v).to_owned());
    tags.iter().map(own).collect()
}

fn update(old: Value, new: Value, contact: &Contact) -> Vec<Step> {
    let old = Readable::parse(&properties(&old));
    to_update(
        &resource(),
        &desired(&new),
        &old,
        contact,
        OwnershipTags::On,
    )
}

fn name(display_name: &str) -> Step {
    Step::Update {
        display_name: Some(display_name.into()),
        plan: None,
    }
}

#[test]
fn an_update_changes_what_differs_from_the_contact_as_it_is() {
    let contact = contact(created_by("r0"));
    let nothing: Vec<Step> = vec![];
    assert_eq!(update(json!({}), json!({}), &contact), nothing);
    let same = json!({"DisplayName": "Akua Mansa", "Plan": {}});
    assert_eq!(
        update(json!({"DisplayName": "Old"}), same, &contact),
        nothing
    );
    let other = json!({"DisplayName": "Akua M"});
    assert_eq!(update(json!({}), other, &contact), [name("Akua M")]);
}

#[test]
fn what_the_template_never_set_is_left_alone() {
    let mut held = contact(created_by("r0"));
    held.tags.insert("team".into(), "theirs".into());
    held.plan = None;
    assert_eq!(update(json!({}), json!({}), &held), []);
}

#[test]
fn what_the_template_dropped_is_cleared_while_it_still_has_that_value() {
    let mut held = contact(created_by("r0"));
    held.tags.extend(tags(&[("team", "a"), ("floor", "3")]));
    let plan = json!({"Stages": [{"DurationInMinutes": "5", "Targets": [
        {"ChannelTargetInfo": {"ContactChannelId": CHANNEL}}]}]});
    held.plan = desired(&json!({"Plan": plan})).plan;
    let old = json!({"DisplayName": "Akua Mansa", "Plan": plan,
        "Tags": [{"Key": "team", "Value": "a"}, {"Key": "floor", "Value": "2"}, {"Key": "gone", "Value": "x"}]});
    let cleared = Step::Update {
        display_name: Some(String::new()),
        plan: Some(Plan::Stages(vec![])),
    };
    assert_eq!(
        update(old.clone(), json!({}), &held),
        [cleared, Step::Untag(vec!["team".into()])]
    );
    held.display_name = "Somebody's".into();
    held.plan = Some(Plan::Stages(vec![]));
    held.tags.remove("team");
    assert_eq!(
        update(old, json!({}), &held),
        [],
        "somebody changed it since"
    );
}

#[test]
fn a_dropped_plan_of_a_schedule_becomes_no_rotations() {
    let rotation = "arn:aws:ssm-contacts:us-east-2:111122223333:rotation/3ab12398";
    let mut held = contact(created_by("r0"));
    held.contact_type = Some(ContactType::OncallSchedule);
    held.plan = Some(Plan::Rotations(vec![rotation.into()]));
    let schedule = json!({"Type": "ONCALL_SCHEDULE"});
    let old = json!({"Type": "ONCALL_SCHEDULE", "Plan": {"RotationIds": [rotation]}});
    let cleared = Step::Update {
        display_name: None,
        plan: Some(Plan::Rotations(vec![])),
    };
    assert_eq!(update(old, schedule, &held), [cleared]);
}

#[test]
fn calls_come_in_the_contracts_order() {
    let mut held = contact(created_by("r0"));
    held.tags.insert("old".into(), "1".into());
    let steps = update(
        json!({"Tags": [{"Key": "old", "Value": "1"}]}),
        json!({"DisplayName": "New", "Tags": [{"Key": "new", "Value": "2"}]}),
        &held,
    );
    let expected = [
        name("New"),
        Step::Untag(vec!["old".into()]),
        Step::Tag(tags(&[("new", "2")])),
    ];
    assert_eq!(steps, expected);
}

#[test]
fn an_update_puts_back_missing_ownership_tags() {
    let mut partly = created_by("r0");
    partly.remove("cloudformation-origin");
    let origin = |steps: Vec<Step>| match &steps[..] {
        [Step::Restore(tags)] => tags["cloudformation-origin"].clone(),
        other => panic!("{other:?}"),
    };
    let bare = contact(Tags::new());
    assert_eq!(
        origin(update(json!({}), json!({}), &bare)),
        resource().request_id
    );
    let adopting = json!({"AdoptExisting": "true"});
    assert_eq!(
        origin(update(json!({}), adopting.clone(), &bare)),
        "adopted"
    );
    assert_eq!(
        origin(update(adopting.clone(), json!({}), &bare)),
        "adopted"
    );
    assert_eq!(
        origin(update(json!({}), adopting, &contact(partly))),
        "adopted"
    );
    let (old, new) = (Readable::default(), desired(&json!({})));
    let steps = to_update(&resource(), &new, &old, &bare, OwnershipTags::Off);
    assert_eq!(steps, []);
}

#[test]
fn old_properties_never_take_the_ownership_tags_away() {
    let held = contact(resource().tags());
    let old = json!({"Tags": [{"Key": "cloudformation-logical-id", "Value": "Akua"}]});
    assert_eq!(update(old, json!({}), &held), []);
}

#[test]
fn who_may_claim_a_taken_alias() {
    let stranger = Resource {
        stack_id: "other".into(),
        ..resource()
    }
    .tags();
    let sibling = Resource {
        logical_id: "Other".into(),
        ..resource()
    }
    .tags();
    let mut incomplete = created_by("r0");
    incomplete.remove("cloudformation-stack-id");
    // tags, AdoptExisting, type fits → the origin afterwards
    let cases = [
        (created_by("r0"), false, true, Some(resource().request_id)),
        (created_by("r0"), true, true, Some(resource().request_id)),
        (created_by("r0"), false, false, None),
        (
            resource().adoption_tags(),
            false,
            true,
            Some("adopted".into()),
        ),
        (Tags::new(), true, true, Some("adopted".into())),
        (Tags::new(), true, false, None),
        (Tags::new(), false, true, None),
        (stranger, true, true, None),
        (sibling, true, true, None),
        (incomplete, true, true, None),
    ];
    for (tags, adopt, type_fits, origin) in cases {
        let mut holder = contact(tags.clone());
        if !type_fits {
            holder.contact_type = Some(ContactType::Escalation);
        }
        let wanted = desired(&json!({"AdoptExisting": adopt, "DisplayName": "New"}));
        let claim = to_claim(&resource(), &wanted, &holder, OwnershipTags::On);
        let Some(origin) = origin else {
            let why = claim.unwrap_err().to_string();
            assert!(why.contains(ARN) && why.contains("Next step"), "{why}");
            continue;
        };
        let mut claimed = holder.tags.clone();
        let steps = claim.unwrap();
        for step in &steps {
            match step {
                Step::Tag(tags) => claimed.extend(tags.clone()),
                Step::Update { display_name, .. } => {
                    assert_eq!(display_name.as_deref(), Some("New"));
                }
                other => panic!("{other:?}"),
            }
        }
        assert!(
            matches!(steps.last(), Some(Step::Update { .. })),
            "tags first"
        );
        assert_eq!(claimed["cloudformation-origin"], origin, "{tags:?}");
        assert_eq!(claimed["cloudformation-logical-id"], "Akua");
    }
}

#[test]
fn a_refused_claim_says_who_holds_the_alias() {
    let stranger = Resource {
        stack_id: "arn:other-stack".into(),
        logical_id: "Bob".into(),
        ..resource()
    };
    let wanted = desired(&json!({}));
    let why = |tags| {
        let claim = to_claim(&resource(), &wanted, &contact(tags), OwnershipTags::On);
        claim.unwrap_err().to_string()
    };
    let theirs = why(stranger.tags());
    assert!(
        theirs.contains("Bob of the stack arn:other-stack") && theirs.contains("PERSONAL"),
        "{theirs}"
    );
    let nobodys = why(Tags::new());
    assert!(nobodys.contains("AdoptExisting: true"), "{nobodys}");
}

#[test]
fn what_a_delete_removes() {
    let arn = || PhysicalId::parse(ARN);
    let marker = |request: &str| PhysicalId::Marker(request.into());
    let stranger = Resource {
        stack_id: "other".into(),
        ..resource()
    }
    .tags();
    let sibling = Resource {
        logical_id: "Other".into(),
        ..resource()
    }
    .tags();
    let (on, off) = (OwnershipTags::On, OwnershipTags::Off);
    let cases = [
        (arn(), created_by("r0"), on, "delete"),
        (arn(), created_by("r0"), off, "delete"),
        (arn(), resource().adoption_tags(), on, "release"),
        (arn(), resource().adoption_tags(), off, "release"),
        (arn(), Tags::new(), on, "leave"),
        (arn(), Tags::new(), off, "delete"),
        (arn(), stranger.clone(), on, "leave"),
        (arn(), stranger.clone(), off, "leave"),
        (arn(), sibling, off, "leave"),
        (
            arn(),
            tags(&[("cloudformation-stack-id", &resource().stack_id)]),
            off,
            "leave",
        ),
        (marker("r0"), created_by("r0"), on, "delete"),
        (marker("r1"), created_by("r0"), on, "leave"),
        (marker("r0"), resource().adoption_tags(), on, "release"),
        (marker("r0"), Tags::new(), off, "leave"),
        (marker("r0"), stranger.clone(), on, "leave"),
        (PhysicalId::Foreign, created_by("r0"), on, "delete"),
        (
            PhysicalId::Foreign,
            resource().adoption_tags(),
            on,
            "release",
        ),
        (PhysicalId::Foreign, Tags::new(), on, "leave"),
        (PhysicalId::Foreign, Tags::new(), off, "leave"),
        (PhysicalId::Foreign, stranger, on, "leave"),
    ];
    for (id, tags, setting, expected) in cases {
        let done = match to_delete(&resource(), &id, &tags, setting) {
            Disposal::Delete => "delete",
            Disposal::Release(Step::Untag(keys)) => {
                let kept = usize::from(setting == off);
                assert_eq!(keys.len(), 3 - kept, "under off, the origin stays");
                "release"
            }
            Disposal::Release(other) => panic!("{other:?}"),
            Disposal::Leave(_) => "leave",
        };
        assert_eq!(done, expected, "{id:?} {tags:?} {setting:?}");
    }
}

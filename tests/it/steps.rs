//! docs/behavior.md, sections 3, 4, 5, 6 and 7 as tables: what an Update changes, whose contact may be
//! claimed, what a Delete removes, which marker a failed Create answers with.

use serde_json::{Value, json};
use ssm_contact_resource::channel::DesiredPlan;
use ssm_contact_resource::contact::{Contact, ContactArn, ContactType, Plan, Tags};
use ssm_contact_resource::error::{Cause, Error, FailedCall};
use ssm_contact_resource::event::FailureRecord;
use ssm_contact_resource::identity::{Creator, MarkerKind, OwnershipTags, Resource};
use ssm_contact_resource::properties::{Desired, UncheckedProperties};
use ssm_contact_resource::steps::{
    CreateCalls, DeleteBy, DeleteDecision, Step, claim_or_adopt, delete_decision, marker_kind,
    update_steps,
};

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
    .tags(Creator::Create)
}

fn contact(tags: Tags) -> Contact {
    Contact {
        arn: ContactArn::parse(ARN).unwrap(),
        contact_type: Some(ContactType::Personal),
        display_name: "Akua Mansa".into(),
        plan: Some(Plan::Stages(vec![])),
        tags,
        channels: None,
    }
}

/// A template's plan that names no channel by its Name.
fn complete(plan: Option<DesiredPlan>) -> Option<Plan> {
    plan.map(|plan| plan.resolve(|_| None).unwrap())
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
    let old = UncheckedProperties::parse(&properties(&old));
    update_steps(
        &resource(),
        &desired(&new),
        &old,
        contact,
        OwnershipTags::On,
    )
    .unwrap()
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

/// A plan of one stage with one channel.
fn plan(retry_interval: Option<&str>) -> Value {
    let mut info = json!({"ContactChannelId": CHANNEL});
    if let Some(interval) = retry_interval {
        info["RetryIntervalInMinutes"] = json!(interval);
    }
    json!({"Stages": [{"DurationInMinutes": "5", "Targets": [{"ChannelTargetInfo": info}]}]})
}

/// Returns a contact with a name, a plan and a tag, and old properties with the same values.
fn written_by_somebody() -> (Contact, Value) {
    let mut held = contact(created_by("r0"));
    held.tags.insert("team".into(), "a".into());
    held.plan = complete(desired(&json!({"Plan": plan(Some("1"))})).optional.plan);
    let old = json!({"DisplayName": "Akua Mansa", "Plan": plan(Some("1")),
        "Tags": [{"Key": "team", "Value": "a"}]});
    (held, old)
}

fn cleared() -> [Step; 2] {
    let update = Step::Update {
        display_name: Some(String::new()),
        plan: Some(Plan::Stages(vec![])),
    };
    [update, Step::Untag(vec!["team".into()])]
}

#[test]
fn what_the_template_dropped_is_cleared_while_it_still_has_that_value() {
    let (mut held, mut old) = written_by_somebody();
    held.tags.insert("floor".into(), "3".into());
    let more = [
        json!({"Key": "floor", "Value": "2"}),
        json!({"Key": "gone", "Value": "x"}),
    ];
    old["Tags"].as_array_mut().unwrap().extend(more);
    assert_eq!(update(old.clone(), json!({}), &held), cleared());
    held.display_name = "Somebody's".into();
    held.plan = Some(Plan::Stages(vec![]));
    held.tags.remove("team");
    assert_eq!(
        update(old, json!({}), &held),
        [],
        "a person has changed the values since"
    );
}

#[test]
fn old_properties_that_a_create_refuses_or_of_another_contact_gave_nothing() {
    let (held, old) = written_by_somebody();
    assert_eq!(update(old.clone(), json!({}), &held), cleared());
    for (name, value) in [
        ("Colour", json!("red")),
        ("Alias", json!("another")),
        ("Alias", json!("NOT AN ALIAS")),
        ("Type", json!("ESCALATION")),
        ("Type", json!("NOPE")),
        ("IdempotencyToken", json!("a b")),
        ("AdoptExisting", json!("perhaps")),
    ] {
        let mut old = old.clone();
        old[name] = value.clone();
        assert_eq!(update(old, json!({}), &held), [], "{name} {value}");
    }
}

#[test]
fn the_settings_of_then_tell_what_old_properties_gave() {
    let (held, mut old) = written_by_somebody();
    let mut untagged = held.clone();
    untagged
        .tags
        .retain(|key, _| !key.starts_with("cloudformation-"));
    let steps = |old: &Value, held: &Contact, setting| {
        let (old, new) = (
            UncheckedProperties::parse(&properties(old)),
            desired(&json!({})),
        );
        let mut steps = update_steps(&resource(), &new, &old, held, setting).unwrap();
        steps.retain(|step| !matches!(step, Step::Restore(_)));
        steps
    };
    let (on, off) = (OwnershipTags::On, OwnershipTags::Off);
    // `off` refuses AdoptExisting, so old properties with it were accepted under `on`.
    old["AdoptExisting"] = json!(true);
    assert_eq!(steps(&old, &held, on), cleared());
    assert_eq!(steps(&old, &held, off), []);
    // A template may set 47 tags on a contact with the ownership tags, and 50 on a contact without
    // them.
    old["AdoptExisting"] = json!(false);
    let filling = (0..49).map(|n| json!({"Key": format!("k{n}"), "Value": "v"}));
    old["Tags"].as_array_mut().unwrap().extend(filling);
    for setting in [on, off] {
        assert_eq!(steps(&old, &held, setting), []);
        assert_eq!(steps(&old, &untagged, setting), cleared());
    }
}

#[test]
fn what_a_template_leaves_out_of_a_target_equals_whatever_is_there() {
    let (held, _) = written_by_somebody();
    let given = json!({"Plan": plan(None)});
    assert_eq!(update(json!({}), given.clone(), &held), []);
    let cleared = Step::Update {
        display_name: None,
        plan: Some(Plan::Stages(vec![])),
    };
    assert_eq!(update(given, json!({}), &held), [cleared], "a dropped plan");
    let other = json!({"Plan": plan(Some("2"))});
    assert_eq!(update(json!({}), other, &held).len(), 1);
    let target = |id: Option<&str>| {
        let mut info = json!({"IsEssential": true});
        if let Some(id) = id {
            info["ContactId"] = json!(id);
        }
        let stages = json!([{"DurationInMinutes": 5, "Targets": [{"ContactTargetInfo": info}]}]);
        let wanted = desired(&json!({"Type": "ESCALATION", "Plan": {"Stages": stages}}));
        complete(wanted.optional.plan).unwrap()
    };
    assert!(target(None).is_matched_by(&target(Some(ARN))));
    assert!(!target(Some(ARN)).is_matched_by(&target(None)));
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
fn the_calls_of_an_update_come_in_one_order() {
    let mut held = contact(created_by("r0"));
    held.tags.insert("old".into(), "1".into());
    let steps = update(
        json!({"Tags": [{"Key": "old", "Value": "1"}]}),
        json!({"DisplayName": "New", "Tags": [{"Key": "new", "Value": "2"}]}),
        &held,
    );
    let expected = [
        name("New"),
        Step::Tag(tags(&[("new", "2")])),
        Step::Untag(vec!["old".into()]),
    ];
    assert_eq!(steps, expected);
}

#[test]
fn tags_are_taken_away_first_only_where_all_together_would_be_too_many() {
    let mut held = contact(created_by("r0"));
    let many = |n: usize| (0..n).map(|n| json!({"Key": format!("k{n}"), "Value": "v"}));
    for (count, untag_first) in [(46, false), (47, true)] {
        held.tags = created_by("r0");
        let own = (0..count).map(|n| (format!("k{n}"), "v".to_owned()));
        held.tags.extend(own);
        let old: Value = many(count).collect();
        let new: Value = many(count)
            .skip(1)
            .chain([json!({"Key": "new", "Value": "v"})])
            .collect();
        let steps = update(json!({"Tags": old}), json!({"Tags": new}), &held);
        assert_eq!(steps.len(), 2);
        assert_eq!(matches!(steps[0], Step::Untag(_)), untag_first, "{steps:?}");
    }
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
    let adopting = json!({"AdoptExisting": "true"});
    for (old, new, held, expected) in [
        (json!({}), json!({}), &bare, "adopted"),
        (json!({}), adopting.clone(), &bare, "adopted"),
        (json!({}), json!({}), &contact(partly.clone()), "update"),
        (
            json!({}),
            adopting.clone(),
            &contact(partly.clone()),
            "adopted",
        ),
        (adopting, json!({}), &contact(partly), "adopted"),
    ] {
        assert_eq!(origin(update(old, new, held)), expected);
    }
    let released = contact(tags(&[("cloudformation-origin", "adopted")]));
    let [Step::Restore(missing)] = &update(json!({}), json!({}), &released)[..] else {
        panic!("no ownership tag is restored");
    };
    assert_eq!(missing.len(), 2, "it stays adopted");
    let (old, new) = (UncheckedProperties::default(), desired(&json!({})));
    let steps = update_steps(&resource(), &new, &old, &bare, OwnershipTags::Off);
    assert_eq!(steps.unwrap(), []);
}

#[test]
fn old_properties_never_take_the_ownership_tags_away() {
    let held = contact(resource().tags(Creator::Create));
    let old = json!({"Tags": [{"Key": "cloudformation-logical-id", "Value": "Akua"}]});
    assert_eq!(update(old, json!({}), &held), []);
}

fn with_origin(origin: Option<&str>) -> Tags {
    let mut tags = created_by("r0");
    tags.remove("cloudformation-origin");
    tags.extend(origin.map(|origin| ("cloudformation-origin".to_owned(), origin.to_owned())));
    tags
}

fn strangers() -> Tags {
    let stack_id = "other".into();
    Resource {
        stack_id,
        ..resource()
    }
    .tags(Creator::Create)
}

fn siblings() -> Tags {
    let logical_id = "Other".into();
    Resource {
        logical_id,
        ..resource()
    }
    .tags(Creator::Create)
}

#[test]
fn who_may_claim_a_taken_alias() {
    let mut incomplete = created_by("r0");
    incomplete.remove("cloudformation-stack-id");
    let released = tags(&[("cloudformation-origin", "adopted")]);
    let me = resource().request_id;
    // The columns are the tags, AdoptExisting, whether the type matches, and the origin after a
    // Create and after an Update.
    let cases = [
        (created_by("r0"), false, true, Some([me.as_str(), "update"])),
        (created_by("r0"), true, true, Some([&me, "update"])),
        (created_by("r0"), false, false, None),
        (
            with_origin(Some("update")),
            false,
            true,
            Some([&me, "update"]),
        ),
        (
            with_origin(Some("adopted")),
            false,
            true,
            Some(["adopted"; 2]),
        ),
        (with_origin(None), false, true, Some([&me, "update"])),
        (with_origin(None), true, true, Some(["adopted"; 2])),
        (Tags::new(), true, true, Some(["adopted"; 2])),
        (released.clone(), true, true, Some(["adopted"; 2])),
        (released, false, true, None),
        (Tags::new(), true, false, None),
        (Tags::new(), false, true, None),
        (strangers(), true, true, None),
        (siblings(), true, true, None),
        (incomplete, true, true, None),
    ];
    for ((tags, adopt, type_fits, origins), (n, creator)) in cases.iter().flat_map(|case| {
        let creators = [Creator::Create, Creator::Update];
        creators.into_iter().enumerate().map(move |by| (case, by))
    }) {
        let mut holder = contact(tags.clone());
        if !type_fits {
            holder.contact_type = Some(ContactType::Escalation);
        }
        let wanted = desired(&json!({"AdoptExisting": adopt, "DisplayName": "New"}));
        let claim = claim_or_adopt(
            &resource(),
            &wanted,
            None,
            &holder,
            creator,
            OwnershipTags::On,
        );
        let Some(origins) = origins else {
            let why = claim.unwrap_err().to_string();
            assert!(why.contains(ARN) && why.contains("Next step"), "{why}");
            continue;
        };
        let mut claimed = holder.tags.clone();
        let steps = claim.unwrap();
        for step in &steps {
            match step {
                Step::Tag(tags) | Step::Restore(tags) => claimed.extend(tags.clone()),
                Step::Update { display_name, .. } => {
                    assert_eq!(display_name.as_deref(), Some("New"));
                }
                other => panic!("{other:?}"),
            }
        }
        let adoption = !tags.contains_key("cloudformation-stack-id");
        assert_eq!(matches!(steps[0], Step::Tag(_)), adoption, "{steps:?}");
        assert_eq!(claimed["cloudformation-origin"], origins[n], "{tags:?}");
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
        let claim = claim_or_adopt(
            &resource(),
            &wanted,
            None,
            &contact(tags),
            Creator::Create,
            OwnershipTags::On,
        );
        claim.unwrap_err().to_string()
    };
    let theirs = why(stranger.tags(Creator::Create));
    assert!(
        theirs.contains("Bob of the stack arn:other-stack") && theirs.contains("PERSONAL"),
        "{theirs}"
    );
    let nobodys = why(Tags::new());
    assert!(nobodys.contains("AdoptExisting: true"), "{nobodys}");
}

#[test]
fn what_a_delete_removes() {
    let arn = || DeleteBy::Arn;
    let marker = |request: &str| DeleteBy::Marker(MarkerKind::OutcomeUnknown, request.into());
    let created = || DeleteBy::Marker(MarkerKind::Created, "r0".into());
    let (invented, replacement) = (
        || DeleteBy::InventedId,
        || DeleteBy::RolledBackReplacement(None),
    );
    let adopted = || with_origin(Some("adopted"));
    let update = || with_origin(Some("update"));
    let released = || tags(&[("cloudformation-origin", "adopted")]);
    let partly = || tags(&[("cloudformation-stack-id", &resource().stack_id)]);
    let (on, off) = (OwnershipTags::On, OwnershipTags::Off);
    let cases = [
        (arn(), created_by("r0"), on, "delete"),
        (arn(), created_by("r0"), off, "delete"),
        (arn(), update(), on, "delete"),
        (arn(), with_origin(None), on, "delete"),
        (arn(), adopted(), on, "release"),
        (arn(), adopted(), off, "release"),
        (arn(), released(), on, "leave"),
        (arn(), released(), off, "leave"),
        (arn(), Tags::new(), on, "leave"),
        (arn(), Tags::new(), off, "delete"),
        (arn(), strangers(), on, "leave"),
        (arn(), strangers(), off, "leave"),
        (arn(), siblings(), off, "leave"),
        (arn(), partly(), off, "leave"),
        (marker("r0"), created_by("r0"), on, "delete"),
        (marker("r1"), created_by("r0"), on, "leave"),
        (marker("r0"), update(), on, "leave"),
        (marker("r0"), with_origin(None), on, "leave"),
        (marker("r0"), adopted(), on, "release"),
        (marker("r0"), Tags::new(), off, "leave"),
        (marker("r0"), strangers(), on, "leave"),
        (created(), Tags::new(), off, "delete"),
        (created(), Tags::new(), on, "leave"),
        (created(), created_by("r0"), on, "delete"),
        (created(), created_by("r1"), off, "leave"),
        (created(), released(), off, "leave"),
        (invented(), created_by("r0"), on, "delete"),
        (invented(), update(), on, "leave"),
        (invented(), with_origin(None), on, "leave"),
        (invented(), adopted(), on, "release"),
        (invented(), Tags::new(), on, "leave"),
        (invented(), Tags::new(), off, "leave"),
        (invented(), strangers(), on, "leave"),
        (replacement(), created_by("r0"), on, "delete"),
        (replacement(), update(), on, "delete"),
        (replacement(), adopted(), on, "release"),
        (replacement(), Tags::new(), off, "leave"),
        (replacement(), strangers(), on, "leave"),
    ];
    for (by, tags, setting, expected) in cases {
        let done = match delete_decision(&resource(), &by, &tags, setting) {
            DeleteDecision::Delete => "delete",
            DeleteDecision::Release(Step::Untag(keys)) => {
                let kept = usize::from(setting == off);
                assert_eq!(keys.len(), 3 - kept, "under off, the origin tag remains");
                "release"
            }
            DeleteDecision::Release(other) => panic!("{other:?}"),
            DeleteDecision::LeaveAlone(_) => "leave",
        };
        assert_eq!(done, expected, "{by:?} {tags:?} {setting:?}");
    }
}

#[test]
fn what_the_marker_of_a_failed_create_says() {
    let record = || FailureRecord {
        expired: false,
        attempts: None,
        error: None,
    };
    let failed = |operation, cause| {
        Error::call_failed(FailedCall {
            operation,
            subject: "akuam".into(),
            code: String::new(),
            message: String::new(),
            request_id: None,
            cause,
            next_step: None,
        })
    };
    let call = |cause| failed("CreateContact", cause);
    let denied_read = || failed("GetContact", Cause::AccessDenied);
    let refused = || Error::token_used_before(ContactArn::parse(ARN).unwrap(), true);
    let conflict = || {
        call(Cause::Conflict {
            resource_id: String::new(),
            dependents: vec![],
        })
    };
    let (on, off) = (Some(OwnershipTags::On), Some(OwnershipTags::Off));
    let (all_refused, answered, open) = (
        CreateCalls::Refused,
        CreateCalls::Succeeded,
        CreateCalls::Unknown,
    );
    for (error, create_calls, setting, expected) in [
        (
            Error::invalid_properties(vec![]),
            open,
            on,
            MarkerKind::NothingCreated,
        ),
        (
            Error::invalid_setting("OWNERSHIP_TAGS", "is odd".into()),
            open,
            None,
            MarkerKind::NothingCreated,
        ),
        (
            call(Cause::AccessDenied),
            all_refused,
            on,
            MarkerKind::NothingCreated,
        ),
        (
            call(Cause::AccessDenied),
            open,
            on,
            MarkerKind::OutcomeUnknown,
        ),
        (refused(), all_refused, on, MarkerKind::NothingCreated),
        (refused(), open, on, MarkerKind::OutcomeUnknown),
        (refused(), answered, on, MarkerKind::OutcomeUnknown),
        (refused(), answered, off, MarkerKind::Created),
        (conflict(), all_refused, on, MarkerKind::OutcomeUnknown),
        (denied_read(), all_refused, on, MarkerKind::OutcomeUnknown),
        (Error::too_late(3600), open, on, MarkerKind::OutcomeUnknown),
        (
            Error::timed_out(None),
            all_refused,
            on,
            MarkerKind::OutcomeUnknown,
        ),
        (
            Error::panicked(),
            all_refused,
            on,
            MarkerKind::OutcomeUnknown,
        ),
        (
            Error::on_failure_record(record()),
            open,
            on,
            MarkerKind::OutcomeUnknown,
        ),
    ] {
        let kind = marker_kind(&error, create_calls, setting);
        assert_eq!(kind, expected, "{error} {create_calls:?} {setting:?}");
    }
}

use super::*;
use crate::contact::ContactType;
use crate::contact::arn::ContactArn;
use crate::contact::channel::{Channel, ChannelType};

const ARN: &str = "arn:aws:ssm-contacts:us-east-2:111122223333:contact/akuam";

fn desired(more: &str) -> Desired {
    Desired::parse(&format!(
        r#"{{"Alias": "akuam", "Type": "PERSONAL", {more} "ServiceToken": ""}}"#
    ))
    .unwrap()
}

fn tags(tags: &[(&str, &str)]) -> Tags {
    tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn contact() -> Contact {
    Contact {
        arn: ContactArn::parse(ARN).unwrap(),
        contact_type: Some(ContactType::Personal),
        display_name: "Akua Mansa".to_owned(),
        plan: Some(Plan::Stages(vec![])),
        tags: tags(&[("team", "a"), ("hers", "b")]),
        channels: None,
    }
}

const ONE_STAGE: &str = r#""Plan": {"Stages": [{"DurationInMinutes": 5, "Targets": []}]},"#;

/// The steps as short texts.
fn told(steps: &[Step]) -> Vec<String> {
    let told = steps.iter().map(|step| match step {
        Step::Update { display_name, plan } => {
            format!("update {display_name:?} {}", plan.is_some())
        }
        Step::Tag(tags) => format!("tag {}", tags.keys().cloned().collect::<Vec<_>>().join(" ")),
        Step::Untag(keys) => format!("untag {}", keys.join(" ")),
        Step::CreateChannel(channel) => format!("create {}", channel.name),
        Step::ChangeAddress { arn, .. } => format!("address {arn}"),
        Step::DeleteChannel(arn) => format!("delete {arn}"),
        other => panic!("{other:?}"),
    });
    told.collect()
}

#[test]
fn what_differs_from_the_contact_as_it_is() {
    let given =
        desired(r#""Tags": [{"Key": "team", "Value": "a"}, {"Key": "hers", "Value": "was"}],"#);
    for (more, expected) in [
        // What the template leaves out is left alone.
        ("", vec!["untag team"]),
        (r#""DisplayName": "Akua Mansa","#, vec!["untag team"]),
        // To clear it, write it.
        (r#""DisplayName": "","#, vec![r#"update Some("") false"#, "untag team"]),
        (r#""Plan": {"Stages": []},"#, vec!["untag team"]),
        (ONE_STAGE, vec!["update None true", "untag team"]),
        (r#""Tags": [{"Key": "team", "Value": "a"}],"#, vec![]),
        (r#""Tags": [{"Key": "team", "Value": "z"}],"#, vec!["tag team"]),
        (r#""Tags": [{"Key": "new", "Value": "z"}],"#, vec!["tag new", "untag team"]),
    ] {
        assert_eq!(
            told(&reconcile(&desired(more), Old::Gave(&given), &contact())),
            expected,
            "{more}"
        );
    }
    // An old template that gave nothing takes no tag away.
    for old in [Old::NoTemplate, Old::GaveNothing] {
        assert_eq!(told(&reconcile(&desired(""), old, &contact())), [""; 0]);
    }
}

#[test]
fn an_old_template_counts_for_its_own_contact_only() {
    let of = |alias: &str, of_type: &str| {
        Desired::parse(&format!(r#"{{"Alias": "{alias}", "Type": "{of_type}"}}"#)).unwrap()
    };
    let counts = |old: Option<&Desired>| matches!(Old::of_update(old, &contact()), Old::Gave(_));
    assert!(counts(Some(&of("akuam", "PERSONAL"))));
    assert!(!counts(Some(&of("akuam", "ESCALATION"))));
    assert!(!counts(Some(&of("other", "PERSONAL"))));
    assert!(!counts(None));
}

#[test]
fn tags_go_first_only_where_all_together_would_be_too_many() {
    let mut contact = contact();
    contact.tags = (0..49).map(|n| (format!("k{n}"), "v".to_owned())).collect();
    let given = desired(r#""Tags": [{"Key": "k0", "Value": "v"}],"#);
    let one = desired(r#""Tags": [{"Key": "a", "Value": "v"}],"#);
    let two = desired(r#""Tags": [{"Key": "a", "Value": "v"}, {"Key": "b", "Value": "v"}],"#);
    assert_eq!(told(&reconcile(&one, Old::Gave(&given), &contact)), ["tag a", "untag k0"]);
    assert_eq!(told(&reconcile(&two, Old::Gave(&given), &contact)), ["untag k0", "tag a b"]);
}

#[test]
fn what_cant_be_undone_comes_late() {
    let channel = |name: &str, address: &str| Channel {
        arn: name.to_owned(),
        name: name.to_owned(),
        channel_type: Some(ChannelType::Sms),
        address: Address::new(address),
        is_activated: false,
    };
    let channels = |list: &[(&str, &str)]| {
        let one = |(name, address): &(&str, &str)| {
            format!(
                r#"{{"Name": "{name}", "Type": "SMS", "DeliveryAddress": {{"SimpleAddress": "{address}"}}}}"#
            )
        };
        format!(r#""Channels": [{}],"#, list.iter().map(one).collect::<Vec<_>>().join(", "))
    };
    let contact =
        Contact { channels: Some(vec![channel("a", "+1"), channel("b", "+2")]), ..contact() };
    let given = desired(&channels(&[("a", "+1"), ("b", "+2")]));
    let plan = r#""Plan": {"Stages": [{"DurationInMinutes": 5, "Targets": [
        {"ChannelTargetInfo": {"ContactChannelName": "a"}}, {"ChannelTargetInfo": {"ContactChannelName": "c"}}]}]},
        "Tags": [{"Key": "team", "Value": "z"}],"#;
    let new = desired(&format!("{}{plan}", channels(&[("a", "+8"), ("c", "+9")])));
    let steps = reconcile(&new, Old::Gave(&given), &contact);
    assert_eq!(told(&steps), ["create c", "update None true", "tag team", "address a", "delete b"]);
    // The plan has the ARN of the channel that exists, and the Name of the one that does not.
    let plan = format!("{:?}", steps[1]);
    assert!(plan.contains(r#"Arn("a")"#) && plan.contains(r#"Name("c")"#), "{plan}");
}

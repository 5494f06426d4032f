use proptest::prelude::*;

use super::*;
use crate::contact::channel::{Address, Channel, ChannelType};
use crate::contact::plan::Stage;

const HERE: &str = "arn:aws:ssm-contacts:us-east-2:111122223333:";

/// A full ARN, or one of the account and Region of the function.
fn arn(text: &str) -> String {
    if text.starts_with("arn:") { text.to_owned() } else { format!("{HERE}{text}") }
}

fn contact(alias: &str, contact_type: ContactType, plan: Option<Plan>) -> Contact {
    Contact {
        arn: ContactArn::parse(&arn(&format!("contact/{alias}"))).unwrap(),
        contact_type: Some(contact_type),
        display_name: String::new(),
        plan,
        tags: BTreeMap::new(),
        channels: None,
    }
}

/// A plan with one target in each stage.
fn stages(targets: Vec<Target>) -> Plan {
    let stage = |target| Stage { duration_in_minutes: 1, targets: vec![target] };
    Plan::Stages(targets.into_iter().map(stage).collect())
}

/// A person with channels, each with its Name and whether it is activated, whose plan targets
/// these channels.
fn person(alias: &str, channels: &[(&str, bool)], targets: &[&str]) -> Contact {
    let target = |id: &&str| Target::Channel {
        channel: ChannelReference::Arn(arn(id)),
        retry_interval_in_minutes: None,
    };
    let channel = |(name, is_activated): &(&str, bool)| Channel {
        arn: arn(&format!("contact-channel/{alias}/{name}")),
        name: (*name).to_owned(),
        channel_type: Some(ChannelType::Sms),
        address: Address::new("+12065550107"),
        is_activated: *is_activated,
    };
    let plan = Some(stages(targets.iter().map(target).collect()));
    let channels = Some(channels.iter().map(channel).collect());
    Contact { channels, ..contact(alias, ContactType::Personal, plan) }
}

fn escalation(alias: &str, targets: &[&str]) -> Contact {
    let target = |id: &&str| Target::Contact { contact_id: Some(arn(id)), is_essential: false };
    contact(alias, ContactType::Escalation, Some(stages(targets.iter().map(target).collect())))
}

fn schedule(alias: &str, rotations: &[&str]) -> Contact {
    let rotations = rotations.iter().map(|id| arn(id)).collect();
    contact(alias, ContactType::OncallSchedule, Some(Plan::Rotations(rotations)))
}

fn read(contacts: Vec<Contact>) -> Contacts {
    contacts.into_iter().map(|contact| (contact.arn.key(), Some(contact))).collect()
}

/// Alias, whether it can't be paged, and why, of each finding.
fn findings(contacts: &Contacts) -> Vec<(String, bool, String)> {
    let told =
        |found: Finding| (found.contact.alias().to_string(), found.is_unreachable, found.why);
    report(contacts, true, None).findings.into_iter().map(told).collect()
}

#[test]
#[rustfmt::skip]
fn each_contact_is_judged_by_its_plan() {
    let on = [("mobile", true)];
    let off = [("mobile", false)];
    let empty_stage = Plan::Stages(vec![Stage { duration_in_minutes: 1, targets: vec![] }]);
    let nobody = Target::Contact { contact_id: None, is_essential: true };
    let missing = format!("targets that do not exist: {HERE}");
    for (found, verdict) in [
        (person("a", &on, &["contact-channel/a/mobile"]), None),
        // AWS's pages give a channel's ARN in three forms, and a replica another Region.
        (person("a", &on, &["device/a/mobile"]), None),
        (person("a", &on, &["arn:aws:ssm-contacts:eu-west-1:111122223333:contactchannel/a/mobile"]), None),
        (person("a", &on, &[]), Some((true, "it has no plan".to_owned()))),
        (contact("a", ContactType::Personal, None), None),
        (contact("a", ContactType::Personal, Some(Plan::Stages(vec![]))), Some((true, "it has no plan".into()))),
        (contact("a", ContactType::Personal, Some(empty_stage.clone())),
            Some((true, "there is no channel in its plan".into()))),
        (person("a", &off, &["contact-channel/a/mobile"]),
            Some((true, "channels that are not activated: mobile".into()))),
        (person("a", &[("mobile", true), ("desk", false)], &["device/a/mobile", "device/a/desk"]),
            Some((false, "channels that are not activated: desk".into()))),
        (person("a", &[("2065550107", false)], &["device/a/2065550107"]),
            Some((true, "channels that are not activated: (a Name with the digits of a phone number)".into()))),
        (person("a", &on, &["device/a/fax"]), Some((true, format!("{missing}device/a/fax")))),
        (person("a", &on, &["device/b/mobile"]), Some((true, format!("{missing}device/b/mobile")))),
        (person("a", &off, &["device/a/mobile", "device/a/fax"]),
            Some((true, format!("channels that are not activated: mobile; {missing}device/a/fax")))),
        (escalation("a", &["contact/live"]), None),
        (escalation("a", &["arn:aws:ssm-contacts:eu-west-1:111122223333:contact/live"]), None),
        (escalation("a", &["arn:aws:ssm-contacts:us-east-2:999999999999:contact/theirs"]), None),
        (escalation("a", &["contact/unread"]), None),
        (escalation("a", &["contact/duty"]), None),
        (escalation("a", &[]), Some((true, "it has no plan".into()))),
        (contact("a", ContactType::Escalation, Some(empty_stage)),
            Some((true, "there is no contact in its plan".into()))),
        (contact("a", ContactType::Escalation, Some(stages(vec![nobody]))),
            Some((true, "targets that do not exist: a target without a contact".into()))),
        (escalation("a", &["contact/gone"]), Some((true, format!("{missing}contact/gone")))),
        (escalation("a", &["contact/live", "contact/gone"]), Some((false, format!("{missing}contact/gone")))),
        (escalation("a", &["contact/dead"]), Some((true, "targets that can't be paged: dead".into()))),
        (escalation("a", &["contact/dead", "contact/duty"]), Some((false, "targets that can't be paged: dead".into()))),
        (escalation("a", &["contact/a"]), Some((true, "targets that can't be paged: a".into()))),
        (escalation("a", &["contact/off-duty"]), Some((true, "targets that can't be paged: off-duty".into()))),
        (schedule("a", &["rotation/1"]), None),
        (schedule("a", &[]), Some((true, "it has no rotation".into()))),
    ] {
        let context = format!("{found:?}");
        let mut contacts = read(vec![
            found, person("live", &on, &["contact-channel/live/mobile"]), person("dead", &[], &[]),
            schedule("duty", &["rotation/1"]), schedule("off-duty", &[]),
        ]);
        contacts.insert(("111122223333".into(), "unread".into()), None);
        let verdict = verdict.map(|(is_unreachable, why)| ("a".to_owned(), is_unreachable, why));
        let found = findings(&contacts).into_iter().find(|(alias, ..)| alias == "a");
        assert_eq!(found, verdict, "{context}");
        let report = report(&contacts, true, None);
        assert_eq!((report.contacts, report.read), (6, 5));
    }
}

#[test]
fn a_long_list_is_told_in_part() {
    let gone: Vec<String> = (0..20).map(|n| format!("contact/gone{n}")).collect();
    let gone: Vec<&str> = gone.iter().map(String::as_str).collect();
    let (_, _, why) = findings(&read(vec![escalation("a", &gone)])).remove(0);
    assert!(why.ends_with("and 12 more") && why.len() < 1000, "{why}");
}

proptest! {
    /// A contact can be paged if, and only if, targets lead from it to one that can.
    #[test]
    fn a_contact_can_be_paged_if_a_path_leads_to_a_live_one(
        nodes in prop::collection::vec((0..6, prop::collection::vec(0usize..12, 0..4)), 1..12),
    ) {
        let alias = |n: usize| format!("contact/c{n}");
        let contacts = read(nodes.iter().enumerate().map(|(n, (kind, targets))| {
            let name = format!("c{n}");
            let targets: Vec<String> = targets.iter().map(|target| alias(*target)).collect();
            let targets: Vec<&str> = targets.iter().map(String::as_str).collect();
            match kind {
                0 => person(&name, &[("mobile", true)], &[&format!("device/{name}/mobile")]),
                1 => person(&name, &[("mobile", false)], &[&format!("device/{name}/mobile")]),
                _ => escalation(&name, &targets),
            }
        }).collect());
        let mut unreachable = BTreeSet::new();
        for start in 0..nodes.len() {
            let (mut seen, mut open, mut is_live) = (BTreeSet::new(), vec![start], false);
            while let Some(n) = open.pop() {
                match nodes.get(n) {
                    Some((0, _)) => is_live = true,
                    Some((2.., targets)) if seen.insert(n) => open.extend(targets),
                    _ => {}
                }
            }
            if !is_live {
                unreachable.insert(format!("c{start}"));
            }
        }
        let found = findings(&contacts).into_iter().filter(|(_, is_unreachable, _)| *is_unreachable);
        prop_assert_eq!(found.map(|(alias, ..)| alias).collect::<BTreeSet<_>>(), unreachable);
    }
}

#[test]
fn what_was_not_read_is_never_unreachable() {
    let home =
        AccountAndRegion::of_arn("arn:aws:lambda:us-east-2:111122223333:function:f").unwrap();
    let key = |alias: &str| ("111122223333".to_owned(), alias.to_owned());
    let mut contacts = read(vec![escalation("a", &["contact/b"])]);
    let found = |contacts: &Contacts, is_listed| {
        let report = report(contacts, is_listed, Some(&home));
        (report.is_complete, report.findings.len())
    };
    // The list broke off before b.
    assert_eq!(found(&contacts, false), (false, 0));
    assert_eq!(found(&contacts, true), (true, 1));
    // b is listed and not read, or has what this program can't express.
    contacts.insert(key("b"), None);
    assert_eq!(found(&contacts, true), (false, 0));
    contacts.insert(key("b"), Some(contact("b", ContactType::Escalation, None)));
    assert_eq!(found(&contacts, true), (true, 0));
    assert!(!report(&Contacts::new(), false, None).is_complete);
}

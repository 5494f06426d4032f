//! Random lives of a stack.

use std::time::Duration;

use emulator::cloudformation::{AttemptOutcome, RollbackId};
use emulator::contacts::Switches;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::transport::Kind;

/// What one resource's properties are.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wanted {
    pub(super) alias: &'static str,
    pub(super) contact_type: &'static str,
    pub(super) display_name: Option<&'static str>,
    pub(super) minutes: Option<u8>,
    pub(super) tag: Option<&'static str>,
    pub(super) adopt: bool,
    pub(super) token: Option<&'static str>,
    pub(super) fault: bool,
}

impl Wanted {
    pub(super) fn properties(&self) -> Value {
        let mut properties = json!({"Alias": self.alias, "Type": self.contact_type});
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                properties[name] = value;
            }
        };
        set("DisplayName", self.display_name.map(Value::from));
        set("Plan", self.plan());
        set(
            "Tags",
            self.tag
                .map(|value| json!([{"Key": "ours", "Value": value}])),
        );
        set("AdoptExisting", self.adopt.then_some(Value::Bool(true)));
        set("IdempotencyToken", self.token.map(Value::from));
        set("Colour", self.fault.then(|| "red".into()));
        properties
    }

    fn plan(&self) -> Option<Value> {
        let minutes = self.minutes?;
        Some(plan(minutes, self.contact_type, None))
    }
}

/// A plan whose stage is so long; none of 0. A person's target leaves its interval to the
/// service, which may fill it in.
pub(super) fn plan(minutes: u8, contact_type: &str, filled_in: Option<i64>) -> Value {
    if minutes == 0 {
        return json!({"Stages": []});
    }
    let mut info = json!({"ContactChannelId": CHANNEL});
    if let Some(interval) = filled_in {
        info["RetryIntervalInMinutes"] = json!(interval);
    }
    let targets = match contact_type {
        "PERSONAL" => json!([{"ChannelTargetInfo": info}]),
        _ => json!([]),
    };
    json!({"Stages": [{"DurationInMinutes": minutes, "Targets": targets}]})
}

const CHANNEL: &str = "arn:aws:ssm-contacts:us-east-2:111122223333:contact-channel/ann/fc7405c4-46b2-48b7-87b2-93e2f225b90d";

/// The resources of a template, by logical id.
pub(super) type Resources = Vec<(&'static str, Wanted)>;

/// How a call of the service's goes wrong for a moment.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) enum Hiccup {
    Throttled,
    ServiceFault,
    LostBeforeItApplied,
    LostOnceApplied,
    BrokenOff,
    NotJson,
    TooManyRequests,
    RequestTimeout,
    UnknownStatus,
}

/// What happens outside the stack before a step.
#[derive(Clone, Copy, Debug)]
pub(super) enum Meanwhile {
    Nothing,
    /// Somebody takes this alias; with the tags of another stack or without.
    Taken(&'static str, bool),
    /// Somebody deletes the contact of this alias.
    Vanished(&'static str),
    /// The service forgets its idempotency tokens.
    TokensLapse,
    /// A person writes what the template leaves open: name, minutes of the plan, tag.
    Written(&'static str, Written),
}

/// What a person writes on a contact; `None` is left as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Written {
    pub(super) display_name: Option<&'static str>,
    pub(super) minutes: Option<u8>,
    pub(super) tag: Option<&'static str>,
}

/// What goes wrong for good during a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Trouble {
    None,
    /// This operation is not allowed.
    Denied(&'static str),
    /// Contacts can't be tagged.
    TagsRefused,
    /// No further contact may be created.
    QuotaFull,
    /// Another resource of the stack fails, after this one.
    FailsElsewhere(&'static str),
    /// Another resource fails while this one is still at work.
    Cancelled(&'static str),
}

#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) resources: Resources,
    pub(super) meanwhile: Meanwhile,
    pub(super) trouble: Trouble,
    pub(super) deliveries: Vec<Vec<AttemptOutcome>>,
    pub(super) hiccups: Vec<Option<(u32, Hiccup)>>,
    /// Whether all of the step's events come once more when it is over.
    pub(super) late: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Life {
    pub(super) rollback_id: RollbackId,
    pub(super) taken_alias_is_invalid: bool,
    pub(super) switches: Switches,
    pub(super) steps: Vec<Step>,
}

const ALIASES: [&str; 5] = ["ann", "amy", "bob", "bea", "cy"];
/// Each logical id with the aliases that it mostly has: clashes are to be rare enough
/// for lives to get on.
const LOGICAL_IDS: [(&str, [&str; 2]); 3] = [
    ("First", ["ann", "amy"]),
    ("Second", ["bob", "bea"]),
    ("Third", ["cy", "cy"]),
];
const OPERATIONS: [&str; 7] = [
    "CreateContact",
    "GetContact",
    "UpdateContact",
    "DeleteContact",
    "TagResource",
    "UntagResource",
    "ListTagsForResource",
];

fn wanted(own: [&'static str; 2]) -> impl Strategy<Value = Wanted> {
    let alias = prop_oneof![12 => select(own.to_vec()), 1 => select(&ALIASES[..])];
    let contact_type = prop_oneof![12 => Just("PERSONAL"), 1 => Just("ESCALATION")];
    let display_name = option::of(select(&["One", "Two"][..]));
    let minutes = option::of(0..3u8);
    let tag = option::of(select(&["x", "y"][..]));
    let token = option::weighted(0.1, select(&["t1", "t2"][..]));
    let flags = (prop::bool::weighted(0.3), prop::bool::weighted(0.05));
    (
        alias,
        contact_type,
        display_name,
        minutes,
        tag,
        token,
        flags,
    )
        .prop_map(
            |(alias, contact_type, display_name, minutes, tag, token, (adopt, fault))| Wanted {
                alias,
                contact_type,
                display_name,
                minutes,
                tag,
                adopt,
                token,
                fault,
            },
        )
}

fn resources() -> impl Strategy<Value = Resources> {
    let each = LOGICAL_IDS.map(|(logical_id, own)| {
        option::weighted(
            0.8,
            wanted(own).prop_map(move |wanted| (logical_id, wanted)),
        )
    });
    each.prop_map(|each| each.into_iter().flatten().collect())
        .prop_filter("a template has a resource", |resources: &Resources| {
            !resources.is_empty()
        })
}

fn meanwhile() -> impl Strategy<Value = Meanwhile> {
    let alias = || select(&ALIASES[..]);
    prop_oneof![
        5 => Just(Meanwhile::Nothing),
        2 => (alias(), any::<bool>()).prop_map(|(alias, tagged)| Meanwhile::Taken(alias, tagged)),
        1 => alias().prop_map(Meanwhile::Vanished),
        1 => Just(Meanwhile::TokensLapse),
        3 => (alias(), written()).prop_map(|(alias, written)| Meanwhile::Written(alias, written)),
    ]
}

fn written() -> impl Strategy<Value = Written> {
    let parts = (
        option::of(select(&["One", "Two"][..])),
        option::of(1..3u8),
        option::of(select(&["x", "y"][..])),
    );
    parts.prop_map(|(display_name, minutes, tag)| Written {
        display_name,
        minutes,
        tag,
    })
}

/// What nobody outside AWS knows of the service, for a whole life.
fn switches(kind: Kind) -> impl Strategy<Value = Switches> {
    // The binary waits in real time.
    let second = match kind {
        Kind::InProcess => Duration::from_secs(1),
        Kind::Binary => Duration::from_millis(100),
    };
    let lag = move |seconds: u32| prop_oneof![Just(Duration::ZERO), Just(second * seconds)];
    let first_region = option::of(Just("us-east-1".to_owned()));
    let bools = any::<[bool; 4]>();
    (lag(3), lag(1), first_region, option::of(Just(1)), bools).prop_map(
        |(tags_appear_after, readable_after, first_region, fills_in_retry_interval, bools)| {
            let [
                refuses_to_list_tags,
                gone_is_invalid_arn,
                same_token_conflicts_meanwhile,
                quota_before_alias,
            ] = bools;
            Switches {
                refuses_to_list_tags,
                gone_is_invalid_arn,
                tags_appear_after,
                readable_after,
                same_token_conflicts_meanwhile,
                first_region,
                quota: None,
                quota_before_alias,
                fills_in_retry_interval,
            }
        },
    )
}

fn trouble(kind: Kind) -> BoxedStrategy<Trouble> {
    let logical_id = || select(LOGICAL_IDS.map(|(logical_id, _)| logical_id).to_vec());
    let common = prop_oneof![
        12 => Just(Trouble::None),
        1 => select(&OPERATIONS[..]).prop_map(Trouble::Denied),
        1 => Just(Trouble::TagsRefused),
        1 => Just(Trouble::QuotaFull),
        2 => logical_id().prop_map(Trouble::FailsElsewhere),
    ];
    match kind {
        Kind::InProcess => {
            prop_oneof![8 => common, 1 => logical_id().prop_map(Trouble::Cancelled)].boxed()
        }
        // The binary looks for a cancelled create's contact for its full 30 seconds.
        Kind::Binary => common.boxed(),
    }
}

fn endings() -> impl Strategy<Value = Vec<AttemptOutcome>> {
    prop_oneof![
        5 => Just(vec![AttemptOutcome::Completed]),
        1 => Just(vec![AttemptOutcome::Completed, AttemptOutcome::Completed]),
        1 => Just(vec![AttemptOutcome::ResponseLost, AttemptOutcome::Completed]),
        2 => (1..5usize).prop_map(|n| vec![AttemptOutcome::KilledAfter(n), AttemptOutcome::Completed]),
        1 => (1..4usize, 1..5usize).prop_map(|(a, b)| {
            vec![AttemptOutcome::KilledAfter(a), AttemptOutcome::KilledAfter(b), AttemptOutcome::Completed]
        }),
    ]
}

fn hiccup() -> impl Strategy<Value = Option<(u32, Hiccup)>> {
    let kinds = [
        Hiccup::Throttled,
        Hiccup::ServiceFault,
        Hiccup::LostBeforeItApplied,
        Hiccup::LostOnceApplied,
        Hiccup::BrokenOff,
        Hiccup::NotJson,
        Hiccup::TooManyRequests,
        Hiccup::RequestTimeout,
        Hiccup::UnknownStatus,
    ];
    option::weighted(0.3, (0..4u32, select(kinds.to_vec())))
}

fn step(kind: Kind) -> impl Strategy<Value = Step> {
    (
        resources(),
        meanwhile(),
        trouble(kind),
        prop::collection::vec(endings(), 0..6),
        prop::collection::vec(hiccup(), 0..8),
        prop::bool::weighted(0.3),
    )
        .prop_map(
            |(resources, meanwhile, trouble, deliveries, hiccups, late)| Step {
                resources,
                meanwhile,
                trouble,
                deliveries,
                hiccups,
                late,
            },
        )
}

pub(super) fn lives(kind: Kind) -> impl Strategy<Value = Life> {
    let rollback_id = prop_oneof![Just(RollbackId::Old), Just(RollbackId::New)];
    (
        rollback_id,
        any::<bool>(),
        switches(kind),
        prop::collection::vec(step(kind), 1..6),
    )
        .prop_map(
            |(rollback_id, taken_alias_is_invalid, switches, steps)| Life {
                rollback_id,
                taken_alias_is_invalid,
                switches,
                steps,
            },
        )
}

//! Random histories of a stack.

use std::time::Duration;

use emulator::cloudformation::{AttemptOutcome, RollbackId};
use emulator::contacts::Switches;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::people::{Act, WantedChannel, acts, channels};
use super::transport::Kind;

/// The properties of one resource.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wanted {
    pub(super) alias: &'static str,
    pub(super) contact_type: &'static str,
    pub(super) display_name: Option<&'static str>,
    pub(super) minutes: Option<u8>,
    pub(super) channels: Vec<WantedChannel>,
    /// The position of the channel that the plan names. If it is `None`, the plan has an ARN.
    pub(super) target: Option<usize>,
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
        let channels: Vec<Value> = self
            .channels
            .iter()
            .map(WantedChannel::properties)
            .collect();
        set("Channels", (!channels.is_empty()).then(|| channels.into()));
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
        let target = match self.target_name() {
            Some(name) => json!({"ContactChannelName": name}),
            None => json!({"ContactChannelId": CHANNEL}),
        };
        Some(plan(minutes, self.contact_type, target, None))
    }

    /// The channel that the template gives under this Name.
    pub(super) fn channel(&self, name: &str) -> Option<&WantedChannel> {
        self.channels.iter().find(|channel| channel.name == name)
    }

    /// The Name of the channel that the plan names.
    pub(super) fn target_name(&self) -> Option<&'static str> {
        self.minutes?;
        let position = self.target?.checked_rem(self.channels.len())?;
        Some(self.channels[position].name)
    }
}

/// Returns a plan with one stage of this duration, or without stages if the duration is 0. The
/// target of a PERSONAL contact has a retry interval only if the service fills it in.
pub(super) fn plan(
    minutes: u8,
    contact_type: &str,
    mut info: Value,
    filled_in: Option<i64>,
) -> Value {
    if minutes == 0 {
        return json!({"Stages": []});
    }
    if let Some(interval) = filled_in {
        info["RetryIntervalInMinutes"] = json!(interval);
    }
    let targets = match contact_type {
        "PERSONAL" => json!([{"ChannelTargetInfo": info}]),
        _ => json!([]),
    };
    json!({"Stages": [{"DurationInMinutes": minutes, "Targets": targets}]})
}

/// A channel of no contact of the stack.
pub(super) const CHANNEL: &str = "arn:aws:ssm-contacts:us-east-2:111122223333:contact-channel/ann/fc7405c4-46b2-48b7-87b2-93e2f225b90d";

/// The resources of a template, by logical id.
pub(super) type Resources = Vec<(&'static str, Wanted)>;

/// A fault of one call, after which the service works again.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) enum TransientFault {
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
pub(super) enum OutsideChange {
    Nothing,
    /// Somebody creates a contact with this alias, with the tags of another stack or without
    /// tags.
    Taken(&'static str, bool),
    /// Somebody deletes the contact of this alias.
    Vanished(&'static str),
    /// The service's idempotency tokens expire.
    TokensLapse,
    /// A person sets values that the template does not set: display name, plan, tag.
    Written(&'static str, Written),
}

/// The values that a person sets on a contact. `None` leaves a value unchanged.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Written {
    pub(super) display_name: Option<&'static str>,
    pub(super) minutes: Option<u8>,
    pub(super) tag: Option<&'static str>,
}

/// A fault that lasts for a whole step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum LastingFault {
    None,
    /// The role has no permission for this operation.
    Denied(&'static str),
    /// Contacts can't be tagged.
    TagsRefused,
    /// The quota allows no further contact.
    QuotaFull,
    /// Another resource of the stack fails, after this one.
    FailsElsewhere(&'static str),
    /// Another resource fails while this one is in progress.
    Cancelled(&'static str),
}

#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) resources: Resources,
    pub(super) outside_change: OutsideChange,
    pub(super) acts: Vec<Act>,
    pub(super) lasting_fault: LastingFault,
    pub(super) deliveries: Vec<Vec<AttemptOutcome>>,
    pub(super) transient_faults: Vec<Option<(u32, TransientFault)>>,
    /// Whether all events of the step are delivered again after it.
    pub(super) late: bool,
}

#[derive(Clone, Debug)]
pub(super) struct History {
    pub(super) rollback_id: RollbackId,
    pub(super) taken_alias_is_invalid: bool,
    pub(super) switches: Switches,
    pub(super) steps: Vec<Step>,
}

pub(super) const ALIASES: [&str; 5] = ["ann", "amy", "bob", "bea", "cy"];
/// Each logical id with its usual aliases. Other aliases are rare, so that most updates succeed.
const LOGICAL_IDS: [(&str, [&str; 2]); 3] = [
    ("First", ["ann", "amy"]),
    ("Second", ["bob", "bea"]),
    ("Third", ["cy", "cy"]),
];
const OPERATIONS: [&str; 11] = [
    "CreateContact",
    "GetContact",
    "UpdateContact",
    "DeleteContact",
    "TagResource",
    "UntagResource",
    "ListTagsForResource",
    "ListContactChannels",
    "CreateContactChannel",
    "UpdateContactChannel",
    "DeleteContactChannel",
];

fn wanted(own: [&'static str; 2]) -> impl Strategy<Value = Wanted> {
    let alias = prop_oneof![12 => select(own.to_vec()), 1 => select(&ALIASES[..])];
    let contact_type = prop_oneof![12 => Just("PERSONAL"), 1 => Just("ESCALATION")];
    let display_name = option::of(select(&["One", "Two"][..]));
    let minutes = option::of(0..3u8);
    let tag = option::of(select(&["x", "y"][..]));
    let token = option::weighted(0.1, select(&["t1", "t2"][..]));
    let flags = (prop::bool::weighted(0.3), prop::bool::weighted(0.05));
    let channels = (channels(), option::weighted(0.7, 0..3usize));
    (
        alias,
        contact_type,
        display_name,
        minutes,
        tag,
        token,
        flags,
        channels,
    )
        .prop_map(
            |(alias, contact_type, display_name, minutes, tag, token, flags, channels)| {
                let (mut channels, target) = channels;
                if contact_type != "PERSONAL" {
                    channels.clear();
                }
                let (adopt, fault) = flags;
                Wanted {
                    alias,
                    contact_type,
                    display_name,
                    minutes,
                    channels,
                    target,
                    tag,
                    adopt,
                    token,
                    fault,
                }
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

fn outside_change() -> impl Strategy<Value = OutsideChange> {
    let alias = || select(&ALIASES[..]);
    prop_oneof![
        5 => Just(OutsideChange::Nothing),
        2 => (alias(), any::<bool>()).prop_map(|(alias, tagged)| OutsideChange::Taken(alias, tagged)),
        1 => alias().prop_map(OutsideChange::Vanished),
        1 => Just(OutsideChange::TokensLapse),
        3 => (alias(), written()).prop_map(|(alias, written)| OutsideChange::Written(alias, written)),
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

/// Behaviour of the service that no public document describes. It is the same for a whole history.
fn switches(kind: Kind) -> impl Strategy<Value = Switches> {
    // The binary waits in real time.
    let second = match kind {
        Kind::InProcess => Duration::from_secs(1),
        Kind::Binary => Duration::from_millis(100),
    };
    let lag = move |seconds: u32| prop_oneof![Just(Duration::ZERO), Just(second * seconds)];
    let first_region = option::of(Just("us-east-1".to_owned()));
    let bools = any::<[bool; 8]>();
    let lags = (lag(3), lag(1), lag(1));
    let per_page = option::of(1..3usize);
    (lags, first_region, option::of(Just(1)), per_page, bools).prop_map(
        |(lags, first_region, fills_in_retry_interval, channels_per_page, bools)| {
            let (tags_appear_after, readable_after, channels_listed_after) = lags;
            let [
                refuses_to_list_tags,
                gone_is_invalid_arn,
                same_token_conflicts_meanwhile,
                quota_before_alias,
                channels_block_delete,
                channel_names_are_unique,
                changed_address_keeps_activation,
                normalizes_addresses,
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
                channels_block_delete,
                channel_names_are_unique,
                changed_address_keeps_activation,
                channels_listed_after,
                normalizes_addresses,
                channels_per_page,
                ..Switches::default()
            }
        },
    )
}

fn lasting_fault(kind: Kind) -> BoxedStrategy<LastingFault> {
    let logical_id = || select(LOGICAL_IDS.map(|(logical_id, _)| logical_id).to_vec());
    let common = prop_oneof![
        12 => Just(LastingFault::None),
        1 => select(&OPERATIONS[..]).prop_map(LastingFault::Denied),
        1 => Just(LastingFault::TagsRefused),
        1 => Just(LastingFault::QuotaFull),
        2 => logical_id().prop_map(LastingFault::FailsElsewhere),
    ];
    match kind {
        Kind::InProcess => {
            prop_oneof![8 => common, 1 => logical_id().prop_map(LastingFault::Cancelled)].boxed()
        }
        // The binary looks for the contact of a cancelled create for 30 seconds of real time.
        Kind::Binary => common.boxed(),
    }
}

fn endings() -> impl Strategy<Value = Vec<AttemptOutcome>> {
    prop_oneof![
        5 => Just(vec![AttemptOutcome::Completed]),
        1 => Just(vec![AttemptOutcome::Completed, AttemptOutcome::Completed]),
        1 => Just(vec![AttemptOutcome::ResponseLost, AttemptOutcome::Completed]),
        2 => (1..9usize).prop_map(|n| vec![AttemptOutcome::KilledAfter(n), AttemptOutcome::Completed]),
        1 => (1..6usize, 1..9usize).prop_map(|(a, b)| {
            vec![AttemptOutcome::KilledAfter(a), AttemptOutcome::KilledAfter(b), AttemptOutcome::Completed]
        }),
    ]
}

fn transient_fault() -> impl Strategy<Value = Option<(u32, TransientFault)>> {
    let kinds = [
        TransientFault::Throttled,
        TransientFault::ServiceFault,
        TransientFault::LostBeforeItApplied,
        TransientFault::LostOnceApplied,
        TransientFault::BrokenOff,
        TransientFault::NotJson,
        TransientFault::TooManyRequests,
        TransientFault::RequestTimeout,
        TransientFault::UnknownStatus,
    ];
    option::weighted(0.3, (0..7u32, select(kinds.to_vec())))
}

fn step(kind: Kind) -> impl Strategy<Value = Step> {
    (
        resources(),
        (outside_change(), acts()),
        lasting_fault(kind),
        prop::collection::vec(endings(), 0..6),
        prop::collection::vec(transient_fault(), 0..8),
        prop::bool::weighted(0.3),
    )
        .prop_map(
            |(resources, outside, lasting_fault, deliveries, transient_faults, late)| {
                let (outside_change, acts) = outside;
                Step {
                    resources,
                    outside_change,
                    acts,
                    lasting_fault,
                    deliveries,
                    transient_faults,
                    late,
                }
            },
        )
}

pub(super) fn histories(kind: Kind) -> impl Strategy<Value = History> {
    let rollback_id = prop_oneof![Just(RollbackId::Old), Just(RollbackId::New)];
    (
        rollback_id,
        any::<bool>(),
        switches(kind),
        prop::collection::vec(step(kind), 1..6),
    )
        .prop_map(
            |(rollback_id, taken_alias_is_invalid, switches, steps)| History {
                rollback_id,
                taken_alias_is_invalid,
                switches,
                steps,
            },
        )
}

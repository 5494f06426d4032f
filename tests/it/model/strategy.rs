//! Random histories.

use emulator::cloudformation::{AttemptOutcome, RollbackId};
use emulator::contacts::Switches;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::history::{
    ALIASES, Delivered, History, LastingFault, NAMES, Resources, Step, Wanted, WantedChannel,
    address,
};
use super::persons::acts;
use super::transport::{Kind, transient_faults};

pub(super) fn channel_type() -> impl Strategy<Value = &'static str> {
    prop_oneof![4 => Just("SMS"), 1 => Just("VOICE"), 1 => Just("EMAIL")]
}

/// Each logical id with its usual aliases. Other aliases are rare, so that most updates succeed.
const LOGICAL_IDS: [(&str, [&str; 2]); 3] =
    [("First", ["ann", "amy"]), ("Second", ["bob", "bea"]), ("Third", ["cy", "cy"])];
/// The new logical ids of renamed resources.
const RENAMED: [(&str, &str); 3] =
    [("First", "FirstAgain"), ("Second", "SecondAgain"), ("Third", "ThirdAgain")];
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

/// The channels of a template. Each has another Name.
fn channels() -> impl Strategy<Value = Vec<WantedChannel>> {
    let channel = |name: &'static str| {
        (channel_type(), 0..4usize).prop_map(move |(channel_type, position)| WantedChannel {
            name,
            channel_type,
            address: address(channel_type, position),
        })
    };
    let names = subsequence(NAMES.to_vec(), 0..=NAMES.len()).prop_shuffle();
    names.prop_flat_map(move |names| names.into_iter().map(channel).collect::<Vec<_>>())
}

#[rustfmt::skip]
fn wanted(own: [&'static str; 2]) -> impl Strategy<Value = Wanted> {
    let alias = prop_oneof![20 => select(own.to_vec()), 1 => select(&ALIASES[..])];
    let contact_type = prop_oneof![20 => Just("PERSONAL"), 1 => Just("ESCALATION")];
    let values = (
        option::of(select(&["One", "Two"][..])),
        option::of(0..3u8),
        option::of(select(&["x", "y"][..])),
        option::weighted(0.05, select(&["t1", "t2"][..])),
    );
    let flags = [0.3, 0.03, 0.1].map(prop::bool::weighted);
    let channels = (channels(), option::weighted(0.7, 0..3usize));
    (alias, contact_type, values, flags, channels).prop_map(|(alias, contact_type, values, flags, channels)| {
        let (display_name, minutes, tag, token) = values;
        let [adopts, is_invalid, is_retained] = flags;
        let (mut channels, target) = channels;
        if contact_type != "PERSONAL" {
            channels.clear();
        }
        let adopt = adopts.then_some("true");
        Wanted {
            alias, contact_type, display_name, minutes, channels, target, tag, adopt, token, is_invalid, is_retained,
        }
    })
}

fn resources() -> impl Strategy<Value = Resources> {
    let each = LOGICAL_IDS.map(|(logical_id, own)| {
        let wanted = wanted(own).prop_map(move |wanted| (logical_id, wanted));
        option::weighted(0.8, wanted)
    });
    each.prop_map(|each| each.into_iter().flatten().collect())
        .prop_filter("a template has a resource", |all: &Resources| !all.is_empty())
}

/// Behaviour of the service that no public document describes. It is the same for a whole history.
fn switches() -> impl Strategy<Value = Switches> {
    let flags: [fn(&mut Switches); 10] = [
        |it| it.refuses_to_list_tags = true,
        |it| it.gone_is_invalid_arn = true,
        |it| it.quota_before_alias = true,
        |it| it.channels_block_delete = true,
        |it| it.channel_names_are_unique = true,
        |it| it.channel_addresses_are_unique = true,
        |it| it.changed_address_keeps_activation = true,
        |it| it.normalizes_addresses = true,
        |it| it.forgets_channel_tokens = true,
        |it| it.taken_alias_names_no_contact = true,
    ];
    let values =
        (option::of(Just("us-east-1".to_owned())), option::of(Just(1)), option::of(1..3usize));
    (subsequence(flags.to_vec(), 0..=10), values).prop_map(|(flags, values)| {
        let mut it = Switches::default();
        (it.first_region, it.fills_in_retry_interval, it.channels_per_page) = values;
        for set in flags {
            set(&mut it);
        }
        // A channel whose reply was lost is then there twice, unless Names are unique.
        it.forgets_channel_tokens &= it.channel_names_are_unique;
        it
    })
}

fn lasting_fault(kind: Kind) -> BoxedStrategy<LastingFault> {
    let logical_id = || select(LOGICAL_IDS.map(|(logical_id, _)| logical_id).to_vec());
    let common = prop_oneof![
        24 => Just(LastingFault::None),
        1 => select(&OPERATIONS[..]).prop_map(LastingFault::Denied),
        1 => Just(LastingFault::TagsRefused),
        1 => Just(LastingFault::QuotaFull),
        3 => logical_id().prop_map(LastingFault::FailsElsewhere),
    ];
    match kind {
        Kind::InProcess => {
            prop_oneof![8 => common, 1 => logical_id().prop_map(LastingFault::Cancelled)].boxed()
        }
        // The binary looks for the contact of a cancelled create for 30 seconds of real time.
        Kind::Binary => common.boxed(),
    }
}

fn delivered(kind: Kind) -> BoxedStrategy<Delivered> {
    use AttemptOutcome::{Completed, KilledAfter, ResponseLost};
    let attempts = prop_oneof![
        5 => Just(vec![Completed]),
        1 => Just(vec![Completed, Completed]),
        1 => Just(vec![ResponseLost, Completed]),
        2 => (1..12usize).prop_map(|n| vec![KilledAfter(n), Completed]),
        1 => (1..8usize, 1..12usize).prop_map(|(a, b)| vec![KilledAfter(a), KilledAfter(b), Completed]),
    ];
    let attempts = attempts.prop_map(Delivered::Attempts);
    match kind {
        Kind::Binary => attempts.boxed(),
        Kind::InProcess => {
            // CloudFormation makes an id up for a Create that never answers.
            let never = prop_oneof![Just(ResponseLost), (1..12usize).prop_map(KilledAfter)];
            let never = never.prop_map(|outcome| Delivered::Attempts(vec![outcome]));
            prop_oneof![30 => attempts, 1 => never, 2 => Just(Delivered::Twice)].boxed()
        }
    }
}

fn step(kind: Kind) -> impl Strategy<Value = Step> {
    let faults = (0..7u32, select(transient_faults())).prop_map(|(n, fault)| fault.after(n));
    (
        resources(),
        acts(),
        lasting_fault(kind),
        prop::collection::vec(delivered(kind), 0..6),
        prop::collection::vec(option::weighted(0.3, faults), 0..8),
        [0.3, 0.3].map(prop::bool::weighted),
    )
        .prop_map(
            |(resources, acts, lasting_fault, deliveries, transient_faults, [retries, late])| {
                Step { resources, retries, acts, lasting_fault, deliveries, transient_faults, late }
            },
        )
}

/// What a template does with each resource of the one before.
#[derive(Clone, Copy, Debug)]
enum Edit {
    /// Replaces or removes it.
    Any,
    Keeps,
    /// Changes only its channels and the plan.
    Channels,
    /// Gives it another logical id.
    Renames,
}

/// Carries resources of the templates before into the later ones, as a person's edits do.
fn edited(mut steps: Vec<(Step, [Edit; 3])>) -> Vec<Step> {
    let mut last = Resources::new();
    for (step, edits) in &mut steps {
        for ((logical_id, renamed), edit) in RENAMED.into_iter().zip(*edits) {
            let resources = &mut step.resources;
            match (edit, last.get(logical_id), last.get(renamed)) {
                (Edit::Any, ..) | (_, None, None) => {}
                (Edit::Renames, Some(old), None) => {
                    resources.remove(logical_id);
                    // If the new resource is retained, the tags of the contact name it also after a
                    // rollback.
                    let new = Wanted { adopt: Some(logical_id), is_retained: false, ..old.clone() };
                    resources.insert(renamed, new);
                }
                (Edit::Channels, Some(old), _) => {
                    if let Some(new) = resources.get_mut(logical_id) {
                        let edited = std::mem::replace(new, old.clone());
                        new.minutes = edited.minutes;
                        new.target = edited.target;
                        new.channels = edited.channels;
                        if new.contact_type != "PERSONAL" {
                            new.channels.clear();
                        }
                    }
                }
                (_, old, renamed_old) => {
                    resources.remove(logical_id);
                    resources.extend(old.map(|old| (logical_id, old.clone())));
                    resources.extend(renamed_old.map(|old| (renamed, old.clone())));
                }
            }
        }
        last.clone_from(&step.resources);
    }
    steps.into_iter().map(|(step, _)| step).collect()
}

pub(super) fn histories(kind: Kind) -> impl Strategy<Value = History> {
    let rollback_id = prop_oneof![Just(RollbackId::Old), Just(RollbackId::New)];
    let edit = || {
        prop_oneof![
            3 => Just(Edit::Any),
            2 => Just(Edit::Keeps),
            4 => Just(Edit::Channels),
            1 => Just(Edit::Renames),
        ]
    };
    let steps = (step(kind), [edit(), edit(), edit()]);
    let bools = [0.5, 0.2].map(prop::bool::weighted);
    let steps = prop::collection::vec(steps, 1..8).prop_map(edited);
    let parts = (rollback_id, bools, switches(), steps);
    parts.prop_map(|(rollback_id, bools, switches, mut steps)| {
        if switches.channel_addresses_are_unique {
            let all = steps.iter_mut().flat_map(|step| step.resources.values_mut());
            all.for_each(Wanted::make_addresses_unique);
        }
        let [taken_alias_is_invalid, activates_new_channels] = bools;
        History { rollback_id, taken_alias_is_invalid, activates_new_channels, switches, steps }
    })
}

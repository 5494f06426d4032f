//! An engagement plan: whom Incident Manager engages, and when.

use std::collections::BTreeMap;

use super::ContactType;

/// An engagement plan.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Plan {
    /// Stages, of a person or an escalation plan.
    Stages(Vec<Stage>),
    /// The ARNs of the rotations of an on-call schedule, at most 25.
    Rotations(Vec<String>),
}

/// One stage of a plan. Its targets are engaged together.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Stage {
    /// Minutes until the next stage begins, 0 to 30.
    pub(crate) duration_in_minutes: i32,
    /// Whom or what the stage engages.
    pub(crate) targets: Vec<Target>,
}

/// One target of a stage.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Target {
    /// A channel of the person, such as a phone.
    Channel {
        channel: ChannelReference,
        /// Minutes until the engagement is tried again, 0 to 60.
        retry_interval_in_minutes: Option<i32>,
    },
    /// Another contact.
    Contact {
        /// The contact's ARN.
        contact_id: Option<String>,
        /// Whether the plan stops once this contact has acknowledged.
        is_essential: bool,
    },
}

/// How a target names a channel.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum ChannelReference {
    /// `ContactChannelId`.
    Arn(String),
    /// `ContactChannelName`: the Name of one of the template's own channels. The service knows
    /// no such references.
    Name(String),
}

impl Plan {
    /// A plan that engages nobody, in the form that this type takes.
    pub(crate) fn empty(contact_type: ContactType) -> Self {
        match contact_type {
            ContactType::Personal | ContactType::Escalation => Self::Stages(Vec::new()),
            ContactType::OncallSchedule => Self::Rotations(Vec::new()),
        }
    }

    /// Its targets, stage by stage.
    pub(crate) fn targets(&self) -> impl Iterator<Item = &Target> {
        let stages = match self {
            Self::Stages(stages) => stages.as_slice(),
            Self::Rotations(_) => &[],
        };
        stages.iter().flat_map(|stage| &stage.targets)
    }

    /// The channels that its targets name.
    pub(crate) fn channels(&self) -> impl Iterator<Item = &ChannelReference> {
        self.targets().filter_map(|target| match target {
            Target::Channel { channel, .. } => Some(channel),
            Target::Contact { .. } => None,
        })
    }

    /// Whether a target names a channel by its Name.
    pub(crate) fn has_names(&self) -> bool {
        self.channels().any(|channel| matches!(channel, ChannelReference::Name(_)))
    }

    /// Replaces each Name by the ARN of its channel. A Name that is not in `arns` stays.
    pub(crate) fn resolve(&mut self, arns: &BTreeMap<String, String>) {
        let Self::Stages(stages) = self else { return };
        for target in stages.iter_mut().flat_map(|stage| &mut stage.targets) {
            if let Target::Channel { channel, .. } = target
                && let ChannelReference::Name(name) = channel
                && let Some(arn) = arns.get(name)
            {
                *channel = ChannelReference::Arn(arn.clone());
            }
        }
    }

    /// Whether `live`, the plan of a contact, satisfies this plan. An optional member that the
    /// template leaves out matches any value, because the service may fill one in.
    pub(crate) fn is_met_by(&self, live: &Self) -> bool {
        match (self, live) {
            (Self::Stages(desired), Self::Stages(live)) => {
                all_met(desired, live, |desired, live| {
                    desired.duration_in_minutes == live.duration_in_minutes
                        && all_met(&desired.targets, &live.targets, Target::is_met_by)
                })
            }
            (Self::Rotations(desired), Self::Rotations(live)) => desired == live,
            _ => false,
        }
    }
}

fn all_met<T>(desired: &[T], live: &[T], is_met: impl Fn(&T, &T) -> bool) -> bool {
    desired.len() == live.len()
        && desired.iter().zip(live).all(|(desired, live)| is_met(desired, live))
}

impl Target {
    fn is_met_by(&self, live: &Self) -> bool {
        let filled_in = match (self.clone(), live) {
            (
                Self::Channel { channel, retry_interval_in_minutes: None },
                Self::Channel { retry_interval_in_minutes, .. },
            ) => Self::Channel { channel, retry_interval_in_minutes: *retry_interval_in_minutes },
            (
                Self::Contact { contact_id: None, is_essential },
                Self::Contact { contact_id, .. },
            ) => Self::Contact { contact_id: contact_id.clone(), is_essential },
            (target, _) => target,
        };
        filled_in == *live
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel(arn: &str, retry: Option<i32>) -> Target {
        Target::Channel {
            channel: ChannelReference::Arn(arn.to_owned()),
            retry_interval_in_minutes: retry,
        }
    }

    fn contact(id: Option<&str>, is_essential: bool) -> Target {
        Target::Contact { contact_id: id.map(ToOwned::to_owned), is_essential }
    }

    fn plan(minutes: i32, targets: &[Target]) -> Plan {
        Plan::Stages(vec![Stage { duration_in_minutes: minutes, targets: targets.to_vec() }])
    }

    #[test]
    fn what_a_template_leaves_out_of_a_target_equals_whatever_is_there() {
        for (desired, live, expected) in [
            (plan(5, &[channel("a", None)]), plan(5, &[channel("a", Some(1))]), true),
            (plan(5, &[channel("a", Some(1))]), plan(5, &[channel("a", None)]), false),
            (plan(5, &[channel("a", Some(1))]), plan(5, &[channel("a", Some(2))]), false),
            (plan(5, &[channel("a", None)]), plan(5, &[channel("b", None)]), false),
            (plan(5, &[channel("a", None)]), plan(6, &[channel("a", None)]), false),
            (plan(5, &[contact(None, true)]), plan(5, &[contact(Some("a"), true)]), true),
            (plan(5, &[contact(None, true)]), plan(5, &[contact(Some("a"), false)]), false),
            (plan(5, &[contact(Some("a"), true)]), plan(5, &[contact(Some("b"), true)]), false),
            (plan(5, &[]), plan(5, &[channel("a", None)]), false),
            (plan(5, &[channel("a", None)]), plan(5, &[contact(None, true)]), false),
            (plan(5, &[]), Plan::Stages(vec![]), false),
            (Plan::Rotations(vec![]), Plan::Rotations(vec!["a".into()]), false),
            (Plan::Rotations(vec![]), Plan::Rotations(vec![]), true),
            (Plan::Rotations(vec![]), Plan::Stages(vec![]), false),
        ] {
            assert_eq!(desired.is_met_by(&live), expected, "{desired:?} {live:?}");
        }
    }

    #[test]
    fn names_become_arns() {
        let named = |name: &str| Target::Channel {
            channel: ChannelReference::Name(name.to_owned()),
            retry_interval_in_minutes: None,
        };
        let mut resolved = plan(1, &[named("a"), named("b")]);
        resolved.resolve(&BTreeMap::from([("a".to_owned(), "arn".to_owned())]));
        assert_eq!(resolved, plan(1, &[channel("arn", None), named("b")]));
        assert!(resolved.has_names());
        assert!(!plan(1, &[channel("arn", None)]).has_names());
    }
}

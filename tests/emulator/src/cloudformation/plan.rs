//! Pure: which events bring a stack to a template, and what their ends mean for it.

use super::ids::Ids;
use super::outcome::{PhysicalResource, ReceivedResponse};
use super::properties::Properties;
use super::request::RequestType;
use super::response::ResponseStatus;
use super::template::Policy;

/// A resource as the template declares it, its properties in the form that events carry.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Declared {
    pub(super) logical_id: String,
    pub(super) properties: Properties,
    pub(super) deletion_policy: Policy,
    pub(super) update_replace_policy: Policy,
}

/// A resource that the stack has, with the physical id that CloudFormation remembers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Live {
    pub(super) declared: Declared,
    pub(super) physical_id: String,
}

/// A physical id that is to go, with the properties that belong to it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Doomed {
    pub(super) logical_id: String,
    pub(super) physical_id: String,
    pub(super) properties: Properties,
    pub(super) policy: Policy,
}

impl Doomed {
    pub(super) fn errand(&self) -> Errand {
        let (physical_id, properties) = (self.physical_id.clone(), self.properties.clone());
        let request_type = RequestType::Delete {
            physical_id,
            properties,
        };
        Errand {
            logical_id: self.logical_id.clone(),
            request_type,
        }
    }

    pub(super) fn let_go(&self) -> PhysicalResource {
        PhysicalResource {
            logical_id: self.logical_id.clone(),
            physical_id: self.physical_id.clone(),
        }
    }
}

impl From<Live> for Doomed {
    fn from(live: Live) -> Self {
        Self {
            logical_id: live.declared.logical_id,
            physical_id: live.physical_id,
            properties: live.declared.properties,
            policy: live.declared.deletion_policy,
        }
    }
}

/// One event that is due.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Errand {
    pub(super) logical_id: String,
    pub(super) request_type: RequestType,
}

/// What CloudFormation made of an errand.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fate {
    Succeeded {
        physical_id: String,
    },
    /// With the id that was answered, if a valid answer came.
    Failed {
        physical_id: Option<String>,
    },
    Cancelled,
}

impl Fate {
    /// A body that breaks the protocol fails the resource without telling an id: CloudFormation
    /// says "Invalid `PhysicalResourceId`" and goes on with one that it invents
    /// (remind101/empire#918). Silence until the end of all attempts can only end the same way.
    pub(super) fn of(received: &ReceivedResponse) -> Self {
        match received {
            ReceivedResponse::Valid(answer) => match answer.status {
                ResponseStatus::Success => Self::Succeeded {
                    physical_id: answer.physical_id.clone(),
                },
                ResponseStatus::Failed => Self::Failed {
                    physical_id: Some(answer.physical_id.clone()),
                },
            },
            ReceivedResponse::Invalid(_) | ReceivedResponse::Missing => {
                Self::Failed { physical_id: None }
            }
        }
    }

    pub(super) fn succeeded(&self) -> bool {
        matches!(self, Self::Succeeded { .. })
    }

    pub(super) fn physical_id(&self) -> Option<&str> {
        match self {
            Self::Succeeded { physical_id } => Some(physical_id),
            Self::Failed { physical_id } => physical_id.as_deref(),
            Self::Cancelled => None,
        }
    }
}

/// An errand that ended.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Done {
    pub(super) errand: Errand,
    pub(super) fate: Fate,
}

pub(super) fn done_for<'a>(done: &'a [Done], logical_id: &str) -> Option<&'a Done> {
    done.iter()
        .find(|done| done.errand.logical_id == logical_id)
}

fn live<'a>(stack: &'a [Live], logical_id: &str) -> Option<&'a Live> {
    stack
        .iter()
        .find(|live| live.declared.logical_id == logical_id)
}

/// The Creates and Updates that lead from what the stack has to what the template wants, in
/// template order. Nothing is sent where no property changed (custom resource protocol, "no property changed").
pub(super) fn changes(stack: &[Live], wanted: &[Declared]) -> Vec<Errand> {
    let change = |declared: &Declared| {
        let properties = declared.properties.clone();
        let request_type = match live(stack, &declared.logical_id) {
            None => RequestType::Create { properties },
            Some(live) if live.declared.properties == properties => return None,
            Some(live) => RequestType::Update {
                physical_id: live.physical_id.clone(),
                properties,
                old_properties: live.declared.properties.clone(),
            },
        };
        Some(Errand {
            logical_id: declared.logical_id.clone(),
            request_type,
        })
    };
    wanted.iter().filter_map(change).collect()
}

/// The stack once all changes succeeded.
pub(super) fn changed(stack: &[Live], wanted: &[Declared], done: &[Done]) -> Vec<Live> {
    let resource = |declared: &Declared| {
        let answered =
            done_for(done, &declared.logical_id).and_then(|done| done.fate.physical_id());
        let remembered = live(stack, &declared.logical_id).map(|live| live.physical_id.as_str());
        let physical_id = answered.or(remembered)?.to_owned();
        Some(Live {
            declared: declared.clone(),
            physical_id,
        })
    };
    wanted.iter().filter_map(resource).collect()
}

/// What the clean-up of a successful update deletes: ids that were replaced, with the old
/// properties (under the new template's `UpdateReplacePolicy`), and resources that left the
/// template (under their own `DeletionPolicy`).
pub(super) fn replaced_and_removed(before: &[Live], after: &[Live]) -> Vec<Doomed> {
    let doom = |old: &Live| {
        let doomed = Doomed::from(old.clone());
        match live(after, &old.declared.logical_id) {
            None => Some(doomed),
            Some(new) if new.physical_id == old.physical_id => None,
            Some(new) => Some(Doomed {
                policy: new.declared.update_replace_policy,
                ..doomed
            }),
        }
    };
    before.iter().filter_map(doom).collect()
}

/// What a rollback deletes of a change's Creates: each under the id that was answered, SUCCESS or
/// FAILED, and under an invented one where none was (custom resource protocol, "Create FAILED" and "another
/// resource fails while Create runs"; a timeout is assumed to be like the latter).
pub(super) fn half_created(
    wanted: &[Declared],
    done: &[Done],
    stack_name: &str,
    ids: &mut Ids,
) -> Vec<Doomed> {
    let doom = |declared: &Declared| {
        let Done { errand, fate } = done_for(done, &declared.logical_id)?;
        let RequestType::Create { properties } = &errand.request_type else {
            return None;
        };
        let physical_id = match fate.physical_id() {
            Some(physical_id) => physical_id.to_owned(),
            None => ids.physical_id(stack_name, &declared.logical_id),
        };
        Some(Doomed {
            logical_id: declared.logical_id.clone(),
            physical_id,
            properties: properties.clone(),
            policy: declared.deletion_policy,
        })
    };
    wanted.iter().filter_map(doom).collect()
}

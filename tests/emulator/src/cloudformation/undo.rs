//! Pure: how an update that failed is taken back, resource by resource.

use super::pending::{
    CompletedRequest, PendingDelete, PendingRequest, RequestResult, StackResource, completed_for,
};
use super::properties::Properties;
use super::request::RequestType;

/// The id that a rollback Update carries when the update has answered another one than it was
/// given. Which it is in truth is not confirmed (custom resource protocol), so tests run both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RollbackId {
    /// The id that was answered last.
    #[default]
    New,
    /// The id from before the update.
    Old,
}

/// The taking back of one resource's Update.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Undo {
    before: StackResource,
    attempted: Properties,
    /// Every id that the resource has had since the update began, with the properties that were
    /// to hold under it.
    known: Vec<(String, Properties)>,
    carried: String,
    pub(super) failed: bool,
}

/// What all Updates among `completed` need to be taken back, in the order of the template rolled back
/// to. The order is an assumption: no public source tells it.
pub(super) fn undos(
    before: &[StackResource],
    completed: &[CompletedRequest],
    rollback_id: RollbackId,
) -> Vec<Undo> {
    let undo = |live: &StackResource| {
        let completed = completed_for(completed, &live.declared.logical_id)?;
        Some(Undo::of(live, completed, rollback_id))
    };
    before.iter().filter_map(undo).collect()
}

impl Undo {
    /// A failed Update that answers another id counts as a replacement: CloudFormation takes the id
    /// over (aws/aws-cdk#13527, #30012). Where no answer told an id, the remembered one stays.
    fn of(before: &StackResource, completed: &CompletedRequest, rollback_id: RollbackId) -> Self {
        let attempted = completed.request.request_type.properties().clone();
        let old = before.physical_id.clone();
        let mut known = vec![(old.clone(), before.declared.properties.clone())];
        let mut carried = old;
        if let Some(new) = completed
            .result
            .physical_id()
            .filter(|new| *new != before.physical_id)
        {
            known.push((new.to_owned(), attempted.clone()));
            if rollback_id == RollbackId::New {
                new.clone_into(&mut carried);
            }
        }
        Self {
            before: before.clone(),
            attempted,
            known,
            carried,
            failed: false,
        }
    }

    pub(super) fn logical_id(&self) -> &str {
        &self.before.declared.logical_id
    }

    /// The Update with the two property maps swapped.
    pub(super) fn request(&self) -> PendingRequest {
        let request_type = RequestType::Update {
            physical_id: self.carried.clone(),
            properties: self.before.declared.properties.clone(),
            old_properties: self.attempted.clone(),
        };
        PendingRequest {
            logical_id: self.logical_id().to_owned(),
            request_type,
        }
    }

    /// The resource as it is for CloudFormation while it is not taken back: under the id that the
    /// rollback Update carries, with the properties that were sent last.
    pub(super) fn unsettled(&self) -> StackResource {
        let mut live = self.before.clone();
        live.physical_id.clone_from(&self.carried);
        if !self.failed {
            live.declared.properties.clone_from(&self.attempted);
        }
        live
    }

    /// The resource after its rollback Update succeeded: whatever id was answered is its id, and
    /// all others go. `None` while it is still to be taken back: the Update failed or was not sent.
    pub(super) fn settle(
        &mut self,
        result: Option<&RequestResult>,
    ) -> Option<(StackResource, Vec<PendingDelete>)> {
        let result = result?;
        if let RequestResult::Succeeded { physical_id } = result {
            let mut live = self.before.clone();
            live.physical_id.clone_from(physical_id);
            return Some((live, self.others(physical_id)));
        }
        self.failed = true;
        if let Some(moved) = result.physical_id() {
            if self.known.iter().all(|(id, _)| id != moved) {
                let properties = self.before.declared.properties.clone();
                self.known.push((moved.to_owned(), properties));
            }
            moved.clone_into(&mut self.carried);
        }
        None
    }

    /// The resource as `continue-update-rollback` leaves it when told to skip it: for
    /// CloudFormation it is as the old template says, whatever it is in truth (API reference,
    /// `ContinueUpdateRollback`). That it keeps the id that the failed Update carried, and that the
    /// others go as ever, is an assumption.
    pub(super) fn skip(self) -> (StackResource, Vec<PendingDelete>) {
        let others = self.others(&self.carried);
        let mut live = self.before;
        live.physical_id = self.carried;
        (live, others)
    }

    /// The known ids but this one, to be deleted. That `UpdateReplacePolicy` holds for them as for
    /// an id that a successful update replaced is an assumption.
    pub(super) fn others(&self, kept: &str) -> Vec<PendingDelete> {
        let doom = |(physical_id, properties): &(String, Properties)| PendingDelete {
            logical_id: self.logical_id().to_owned(),
            physical_id: physical_id.clone(),
            properties: properties.clone(),
            policy: self.before.declared.update_replace_policy,
        };
        self.known
            .iter()
            .filter(|(id, _)| id != kept)
            .map(doom)
            .collect()
    }
}

//! The physical ids that CloudFormation stores for a stack. It has no side effects.

use super::pending::{CompletedRequest, PendingDelete, StackResource, completed_for};
use super::rollback::RollbackUpdate;

/// All physical ids that CloudFormation stores for a stack.
#[derive(Clone, Debug, Default)]
pub(super) struct StackState {
    pub(super) resources: Vec<StackResource>,
    /// The Deletes of physical resources that are not among `resources`.
    pub(super) pending_deletes: Vec<PendingDelete>,
    /// The rollback Updates that have not succeeded. Their resources are among `resources`.
    pub(super) rollback_updates: Vec<RollbackUpdate>,
}

impl StackState {
    /// Records the results of rollback Updates. Those that did not succeed remain.
    pub(super) fn complete_rollback_updates(&mut self, completed: &[CompletedRequest]) {
        for mut update in std::mem::take(&mut self.rollback_updates) {
            let result =
                completed_for(completed, update.logical_id()).map(|completed| &completed.result);
            if let Some((resource, deletes)) = update.complete(result) {
                self.replace(resource);
                self.pending_deletes.extend(deletes);
            } else {
                self.replace(update.current_resource());
                self.rollback_updates.push(update);
            }
        }
    }

    /// Removes rollback Updates without sending them.
    pub(super) fn skip_rollback_updates(&mut self, skipped: impl Fn(&RollbackUpdate) -> bool) {
        for update in std::mem::take(&mut self.rollback_updates) {
            if skipped(&update) {
                let (resource, deletes) = update.skip();
                self.replace(resource);
                self.pending_deletes.extend(deletes);
            } else {
                self.rollback_updates.push(update);
            }
        }
    }

    /// Removes everything and returns the Deletes for it, in template order.
    pub(super) fn delete_all(&mut self) -> Vec<PendingDelete> {
        let replaced =
            |update: RollbackUpdate| update.deletes_except(&update.current_resource().physical_id);
        let mut deletes: Vec<PendingDelete> =
            self.resources.drain(..).map(PendingDelete::from).collect();
        deletes.extend(self.rollback_updates.drain(..).flat_map(replaced));
        deletes.append(&mut self.pending_deletes);
        deletes
    }

    fn replace(&mut self, new: StackResource) {
        let same = |old: &&mut StackResource| old.declared.logical_id == new.declared.logical_id;
        if let Some(old) = self.resources.iter_mut().find(same) {
            *old = new;
        }
    }
}

//! Pure: what a stack answers for.

use super::pending::{self, CompletedRequest, PendingDelete, StackResource};
use super::undo::Undo;

/// All physical ids that CloudFormation remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct Held {
    pub(super) resources: Vec<StackResource>,
    /// What is to be deleted besides the resources.
    pub(super) pending_deletes: Vec<PendingDelete>,
    /// Updates that are still to be taken back; their resources are among the resources.
    pub(super) undos: Vec<Undo>,
}

impl Held {
    /// Closes the undos whose rollback Updates succeeded; the others stay.
    pub(super) fn settle(&mut self, completed: &[CompletedRequest]) {
        for mut undo in std::mem::take(&mut self.undos) {
            let result = pending::completed_for(completed, undo.logical_id())
                .map(|completed| &completed.result);
            if let Some((live, others)) = undo.settle(result) {
                self.put(live);
                self.pending_deletes.extend(others);
            } else {
                self.put(undo.unsettled());
                self.undos.push(undo);
            }
        }
    }

    /// Closes undos without taking anything back.
    pub(super) fn skip(&mut self, skipped: impl Fn(&Undo) -> bool) {
        for undo in std::mem::take(&mut self.undos) {
            if skipped(&undo) {
                let (live, others) = undo.skip();
                self.put(live);
                self.pending_deletes.extend(others);
            } else {
                self.undos.push(undo);
            }
        }
    }

    /// Hands out everything that goes with the stack, in template order.
    pub(super) fn give_up(&mut self) -> Vec<PendingDelete> {
        let others = |undo: Undo| undo.others(&undo.unsettled().physical_id);
        let mut all: Vec<PendingDelete> =
            self.resources.drain(..).map(PendingDelete::from).collect();
        all.extend(self.undos.drain(..).flat_map(others));
        all.append(&mut self.pending_deletes);
        all
    }

    fn put(&mut self, live: StackResource) {
        let same =
            |place: &&mut StackResource| place.declared.logical_id == live.declared.logical_id;
        if let Some(place) = self.resources.iter_mut().find(same) {
            *place = live;
        }
    }
}

//! Pure: what a stack answers for.

use super::plan::{self, Done, Doomed, Live};
use super::undo::Undo;

/// All physical ids that CloudFormation remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct Held {
    pub(super) resources: Vec<Live>,
    /// What is to be deleted besides the resources.
    pub(super) doomed: Vec<Doomed>,
    /// Updates that are still to be taken back; their resources are among the resources.
    pub(super) undos: Vec<Undo>,
}

impl Held {
    /// Closes the undos whose rollback Updates succeeded; the others stay.
    pub(super) fn settle(&mut self, done: &[Done]) {
        for mut undo in std::mem::take(&mut self.undos) {
            let fate = plan::done_for(done, undo.logical_id()).map(|done| &done.fate);
            if let Some((live, others)) = undo.settle(fate) {
                self.put(live);
                self.doomed.extend(others);
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
                self.doomed.extend(others);
            } else {
                self.undos.push(undo);
            }
        }
    }

    /// Hands out everything that goes with the stack, in template order.
    pub(super) fn give_up(&mut self) -> Vec<Doomed> {
        let others = |undo: Undo| undo.others(&undo.unsettled().physical_id);
        let mut all: Vec<Doomed> = self.resources.drain(..).map(Doomed::from).collect();
        all.extend(self.undos.drain(..).flat_map(others));
        all.append(&mut self.doomed);
        all
    }

    fn put(&mut self, live: Live) {
        let same = |place: &&mut Live| place.declared.logical_id == live.declared.logical_id;
        if let Some(place) = self.resources.iter_mut().find(same) {
            *place = live;
        }
    }
}

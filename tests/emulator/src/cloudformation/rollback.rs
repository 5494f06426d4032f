//! Computes how a failed update is rolled back, resource by resource. It has no side effects.

use super::outcome::Status;
use super::pending::{CompletedRequest, PendingDelete, StackResource, completed_for, is_custom};
use super::properties::Properties;
use super::request::{Request, RequestType};

/// Which physical id a rollback Update carries after an Update whose response had another id than
/// its request. The documents do not say which one it is (custom resource protocol), so the tests
/// run both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RollbackId {
    #[default]
    New,
    Old,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct RollbackUpdate {
    before: StackResource,
    attempted: Properties,
    /// All physical ids of the resource since the update began, each with its properties.
    physical_ids: Vec<(String, Properties)>,
    physical_id: String,
    /// Whether the old physical resource takes the place of the new one without a request. So
    /// CloudFormation rolls a replacement back, except that of a custom resource, of which it does
    /// not know that it is one.
    restores: bool,
    pub(super) failed: bool,
}

/// Returns the Updates that roll all completed Updates back, in the order of the earlier template.
/// The order is an assumption: no public source documents it.
pub(super) fn rollback_updates(
    before: &[StackResource],
    completed: &[CompletedRequest],
    rollback_id: RollbackId,
) -> Vec<RollbackUpdate> {
    let update = |resource: &StackResource| {
        let completed = completed_for(completed, &resource.declared.logical_id)?;
        Some(RollbackUpdate::of(resource, completed, rollback_id))
    };
    before.iter().filter_map(update).collect()
}

impl RollbackUpdate {
    /// A response with another physical id counts as a replacement even if it is FAILED:
    /// CloudFormation stores that id (aws/aws-cdk#13527, #30012). Without a valid response, the
    /// stored id stays.
    fn of(before: &StackResource, completed: &CompletedRequest, rollback_id: RollbackId) -> Self {
        let mut update = Self {
            before: before.clone(),
            attempted: completed.request.request_type.properties().clone(),
            physical_ids: vec![(before.physical_id.clone(), before.declared.properties.clone())],
            physical_id: before.physical_id.clone(),
            restores: false,
            failed: false,
        };
        let new = completed.response.as_ref().map(|response| &response.physical_id);
        if let Some(new) = new.filter(|new| **new != before.physical_id) {
            update.restores = !is_custom(&before.declared.resource_type);
            update.physical_ids.push((new.clone(), update.attempted.clone()));
            if rollback_id == RollbackId::New {
                update.physical_id.clone_from(new);
            }
        }
        update
    }

    pub(super) fn logical_id(&self) -> &str {
        &self.before.declared.logical_id
    }

    pub(super) fn request(&self) -> Option<Request> {
        let request_type = RequestType::Update {
            physical_id: self.physical_id.clone(),
            properties: self.before.declared.properties.clone(),
            old_properties: self.attempted.clone(),
        };
        (!self.restores).then(|| self.before.declared.request(request_type))
    }

    pub(super) fn current_resource(&self) -> StackResource {
        let mut resource = self.before.clone();
        resource.physical_id.clone_from(&self.physical_id);
        if !self.failed {
            resource.declared.properties.clone_from(&self.attempted);
        }
        resource
    }

    pub(super) fn complete(
        &mut self,
        completed: Option<&CompletedRequest>,
    ) -> Option<(StackResource, Vec<PendingDelete>)> {
        let mut resource = self.before.clone();
        if self.restores {
            let deletes = self.deletes_except(&resource.physical_id);
            return Some((resource, deletes));
        }
        let completed = completed?;
        if let Some(response) = completed.success() {
            resource.physical_id.clone_from(&response.physical_id);
            resource.attributes.clone_from(&response.data);
            let deletes = self.deletes_except(&response.physical_id);
            return Some((resource, deletes));
        }
        self.failed = true;
        if let Some(response) = &completed.response {
            let new = &response.physical_id;
            if self.physical_ids.iter().all(|(id, _)| id != new) {
                let properties = self.before.declared.properties.clone();
                self.physical_ids.push((new.clone(), properties));
            }
            self.physical_id.clone_from(new);
        }
        None
    }

    /// CloudFormation then treats the resource as if it had been rolled back (API reference,
    /// `ContinueUpdateRollback`). It is an assumption that the resource keeps the physical id of
    /// the failed request and that its other ids are deleted as after a successful rollback.
    pub(super) fn skip(self) -> (StackResource, Vec<PendingDelete>) {
        let deletes = self.deletes_except(&self.physical_id);
        let mut resource = self.before;
        resource.physical_id = self.physical_id;
        (resource, deletes)
    }

    /// Returns the Deletes of all physical ids of the resource except one. It is an assumption
    /// that `UpdateReplacePolicy` applies to them as it does after a successful update.
    pub(super) fn deletes_except(&self, kept: &str) -> Vec<PendingDelete> {
        let declared = &self.before.declared;
        let policy = declared.update_replace_policy.on_create();
        let others = self.physical_ids.iter().filter(|(id, _)| id != kept);
        others.map(|(id, properties)| declared.delete(id, properties, policy)).collect()
    }
}

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
    /// Returns how an operation ended whose Deletes remain if they failed.
    pub(super) fn ended(&self, complete: Status, failed: Status) -> Status {
        if self.pending_deletes.is_empty() { complete } else { failed }
    }

    /// Records the results of rollback Updates. Those that did not succeed remain.
    pub(super) fn complete_rollback_updates(&mut self, completed: &[CompletedRequest]) {
        for mut update in std::mem::take(&mut self.rollback_updates) {
            let completed = completed_for(completed, update.logical_id());
            if let Some(rolled_back) = update.complete(completed) {
                self.replace(rolled_back);
            } else {
                self.replace((update.current_resource(), Vec::new()));
                self.rollback_updates.push(update);
            }
        }
    }

    /// Removes the failed rollback Updates of these resources without sending them.
    pub(super) fn skip_rollback_updates(&mut self, skipped: &[&str]) {
        for update in std::mem::take(&mut self.rollback_updates) {
            if update.failed && skipped.contains(&update.logical_id()) {
                self.replace(update.skip());
            } else {
                self.rollback_updates.push(update);
            }
        }
    }

    /// Removes everything and returns the Deletes for it, in template order.
    pub(super) fn delete_all(&mut self) -> Vec<PendingDelete> {
        let resources = self.resources.drain(..);
        let mut deletes: Vec<PendingDelete> =
            resources.map(|it| it.delete(it.declared.deletion_policy)).collect();
        for update in self.rollback_updates.drain(..) {
            deletes.extend(update.deletes_except(&update.physical_id));
        }
        deletes.append(&mut self.pending_deletes);
        deletes
    }

    fn replace(&mut self, (new, deletes): (StackResource, Vec<PendingDelete>)) {
        let same = |old: &&mut StackResource| old.declared.logical_id == new.declared.logical_id;
        if let Some(old) = self.resources.iter_mut().find(same) {
            *old = new;
        }
        self.pending_deletes.extend(deletes);
    }
}

//! Computes how a failed update is rolled back, resource by resource. It has no side effects.

use super::pending::{
    CompletedRequest, PendingDelete, PendingRequest, RequestResult, StackResource, completed_for,
    is_custom,
};
use super::properties::Properties;
use super::request::RequestType;

/// Which physical id a rollback Update carries after an Update whose response had another id than
/// its request. The documents do not say which one it is (custom resource protocol), so the tests
/// run both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RollbackId {
    /// The id of the last response.
    #[default]
    New,
    /// The id before the update.
    Old,
}

/// The Update that rolls one resource back.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RollbackUpdate {
    before: StackResource,
    attempted: Properties,
    /// All physical ids of the resource since the update began, each with its properties.
    physical_ids: Vec<(String, Properties)>,
    /// The physical id that the request carries.
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
    /// Returns the Update that rolls a completed Update back.
    ///
    /// A response with another physical id counts as a replacement even if it is FAILED:
    /// CloudFormation stores that id (aws/aws-cdk#13527, #30012). Without a valid response, the
    /// stored id stays.
    fn of(before: &StackResource, completed: &CompletedRequest, rollback_id: RollbackId) -> Self {
        let attempted = completed.request.request_type.properties().clone();
        let old = before.physical_id.clone();
        let mut physical_ids = vec![(old.clone(), before.declared.properties.clone())];
        let mut physical_id = old;
        if let Some(new) = completed
            .result
            .physical_id()
            .filter(|new| *new != before.physical_id)
        {
            physical_ids.push((new.to_owned(), attempted.clone()));
            if rollback_id == RollbackId::New {
                new.clone_into(&mut physical_id);
            }
        }
        Self {
            before: before.clone(),
            attempted,
            restores: physical_ids.len() > 1 && !is_custom(&before.declared.resource_type),
            physical_ids,
            physical_id,
            failed: false,
        }
    }

    pub(super) fn logical_id(&self) -> &str {
        &self.before.declared.logical_id
    }

    /// Returns the request, if there is one: the attempted Update with the two property maps
    /// swapped.
    pub(super) fn request(&self) -> Option<PendingRequest> {
        let request = || PendingRequest {
            logical_id: self.logical_id().to_owned(),
            resource_type: self.before.declared.resource_type.clone(),
            request_type: RequestType::Update {
                physical_id: self.physical_id.clone(),
                properties: self.before.declared.properties.clone(),
                old_properties: self.attempted.clone(),
            },
        };
        (!self.restores).then(request)
    }

    /// Returns the resource as CloudFormation stores it until this Update succeeds: with the
    /// physical id that the request carries and with the properties that were sent last.
    pub(super) fn current_resource(&self) -> StackResource {
        let mut resource = self.before.clone();
        resource.physical_id.clone_from(&self.physical_id);
        if !self.failed {
            resource.declared.properties.clone_from(&self.attempted);
        }
        resource
    }

    /// Records the result of the request. Returns the resource and the Deletes of all its other
    /// physical ids if the request succeeded, and `None` if it failed or was not sent.
    pub(super) fn complete(
        &mut self,
        result: Option<&RequestResult>,
    ) -> Option<(StackResource, Vec<PendingDelete>)> {
        if self.restores {
            let deletes = self.deletes_except(&self.before.physical_id);
            return Some((self.before.clone(), deletes));
        }
        let result = result?;
        if let RequestResult::Succeeded {
            physical_id,
            attributes,
        } = result
        {
            let mut resource = self.before.clone();
            resource.physical_id.clone_from(physical_id);
            resource.attributes.clone_from(attributes);
            return Some((resource, self.deletes_except(physical_id)));
        }
        self.failed = true;
        if let Some(new) = result.physical_id() {
            if self.physical_ids.iter().all(|(id, _)| id != new) {
                let properties = self.before.declared.properties.clone();
                self.physical_ids.push((new.to_owned(), properties));
            }
            new.clone_into(&mut self.physical_id);
        }
        None
    }

    /// Returns the resource and the Deletes that remain after `continue-update-rollback` skipped
    /// the resource.
    ///
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
        let delete = |(physical_id, properties): &(String, Properties)| PendingDelete {
            logical_id: self.logical_id().to_owned(),
            resource_type: self.before.declared.resource_type.clone(),
            physical_id: physical_id.clone(),
            properties: properties.clone(),
            policy: self.before.declared.update_replace_policy.on_create(),
        };
        self.physical_ids
            .iter()
            .filter(|(id, _)| id != kept)
            .map(delete)
            .collect()
    }
}

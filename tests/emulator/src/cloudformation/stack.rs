//! A stack and the operations on it.

use std::collections::VecDeque;
use std::fmt;

use super::changes::{Changes, Defaults, declare, values_of};
use super::delivery::{Delivery, Transport};
use super::expression::Values;
use super::id_generator::IdGenerator;
use super::operation::{Operation, PhaseResult, RequestContext, Work};
use super::outcome::{Outcome, Phase, Status};
use super::pending::{self, StackResource};
use super::rollback::{self, RollbackId, RollbackUpdate};
use super::state::StackState;
use super::template::{Change, Policy, Resource};

/// A CloudFormation stack whose custom resources have one function.
#[derive(Clone, Debug)]
pub struct Stack {
    context: RequestContext,
    defaults: Defaults,
    rollback_id: RollbackId,
    status: Option<Status>,
    state: StackState,
}

/// The error of an operation that the status of the stack does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidStatus {
    /// The operation.
    pub operation: &'static str,
    /// The status of the stack. `None` if it was never created.
    pub status: Option<Status>,
}

impl fmt::Display for InvalidStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status {
            Some(status) => write!(f, "{}: the status of the stack is {status}", self.operation),
            None => write!(f, "{}: the stack was never created", self.operation),
        }
    }
}

impl std::error::Error for InvalidStatus {}

impl Stack {
    /// Creates a stack without a status. The seed determines all ids that CloudFormation would
    /// choose at random: the stack's, those of requests and generated physical ids. Two stacks of
    /// one test need different seeds.
    #[must_use]
    pub fn new(name: &str, seed: u64) -> Self {
        let mut ids = IdGenerator::new(seed);
        let uuid = ids.uuid();
        let context = RequestContext {
            stack_name: name.into(),
            stack_id: format!("arn:aws:cloudformation:us-east-1:123456789012:stack/{name}/{uuid}"),
            ids,
            deliveries: VecDeque::new(),
            max_concurrency: 1,
            cleanup_attempts: 3,
            finishes_independent: false,
        };
        Self {
            context,
            defaults: Defaults {
                service_token: "arn:aws:lambda:us-east-1:123456789012:function:ssm-contact".into(),
                resource_type: "Custom::SSMContact".into(),
            },
            rollback_id: RollbackId::default(),
            status: None,
            state: StackState::default(),
        }
    }

    /// Sets the ARN of the function, which every event and every property map contains.
    #[must_use]
    pub fn service_token(mut self, arn: &str) -> Self {
        self.defaults.service_token = arn.into();
        self
    }

    /// Sets the stack's ARN, for another account, Region or partition.
    #[must_use]
    pub fn arn(mut self, arn: &str) -> Self {
        self.context.stack_id = arn.into();
        self
    }

    /// Sets the type of the resources that have none of their own.
    #[must_use]
    pub fn resource_type(mut self, resource_type: &str) -> Self {
        self.defaults.resource_type = resource_type.into();
        self
    }

    /// Sets which physical id a rollback Update carries after a replacement.
    #[must_use]
    pub fn rollback_id(mut self, rollback_id: RollbackId) -> Self {
        self.rollback_id = rollback_id;
        self
    }

    /// Sets how many requests run at the same time. The default is 1, as if each resource depended
    /// on the one before it.
    #[must_use]
    pub fn max_concurrency(mut self, max_concurrency: usize) -> Self {
        self.context.max_concurrency = max_concurrency.max(1);
        self
    }

    /// After a failure, sends the requests of the resources that do not depend on what failed, so
    /// that all failures are seen. CloudFormation runs such requests in parallel; by default, a
    /// failure cancels those that run, and no further one is sent.
    #[must_use]
    pub fn finish_independent(mut self) -> Self {
        self.context.finishes_independent = true;
        self
    }

    /// Sets how often a cleanup sends a Delete that fails. The default is 3 times.
    #[must_use]
    pub fn cleanup_attempts(mut self, attempts: usize) -> Self {
        self.context.cleanup_attempts = attempts.max(1);
        self
    }

    /// Sets the deliveries of the next requests, one for each. Requests after them are delivered
    /// once, without a failure.
    pub fn deliver_next(&mut self, deliveries: impl IntoIterator<Item = Delivery>) {
        self.context.deliveries = deliveries.into_iter().collect();
    }

    /// Returns the stack's ARN.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.context.stack_id
    }

    /// Returns the status after the last operation.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        self.status
    }

    /// Returns the physical id that CloudFormation stores for a resource, the value of `Ref`.
    #[must_use]
    pub fn physical_id(&self, logical_id: &str) -> Option<&str> {
        self.resources()
            .find(|(id, _)| *id == logical_id)
            .map(|(_, physical_id)| physical_id)
    }

    /// Returns what outputs can read from the stack's resources.
    #[must_use]
    pub fn values(&self) -> Values {
        let resources = self.state.resources.iter();
        let values = resources.map(|it| (it.declared.logical_id.clone(), values_of(it)));
        values.collect()
    }

    /// Returns the logical and physical ids of the stack's resources.
    pub fn resources(&self) -> impl Iterator<Item = (&str, &str)> {
        self.state.resources.iter().map(|resource| {
            (
                resource.declared.logical_id.as_str(),
                resource.physical_id.as_str(),
            )
        })
    }

    /// Returns the logical and physical ids of what a failed delete or rollback did not delete.
    pub fn pending_deletes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.state
            .pending_deletes
            .iter()
            .map(|delete| (delete.logical_id.as_str(), delete.physical_id.as_str()))
    }

    /// Runs `create-stack`. If it fails, the resources whose Create was sent are deleted.
    ///
    /// # Errors
    ///
    /// Returns an error if the stack was created before.
    pub async fn create(
        &mut self,
        transport: &impl Transport,
        change: impl Into<Change>,
    ) -> Result<Outcome, InvalidStatus> {
        self.allow("create-stack", self.status.is_none())?;
        let Change { template, failure } = change.into();
        let mut changes = Changes::new(&[], &template, self.defaults.clone());
        let mut operation = Operation::new(transport, &mut self.context);
        operation.phase_starts(Phase::CreateInProgress, &[]);
        let work = Work::Changes(&mut changes);
        let PhaseResult {
            completed,
            failed,
            failures,
        } = operation
            .run(Phase::CreateInProgress, work, failure.as_ref())
            .await;
        let declared = changes.into_declared();
        let status = if failed {
            operation.phase_starts(Phase::RollbackInProgress, &failures);
            let context = &mut *operation.context;
            let deletes = pending::deletes_of_creates(
                &declared,
                &completed,
                &context.stack_name,
                &mut context.ids,
            );
            self.state.pending_deletes = operation.delete(Phase::RollbackInProgress, deletes).await;
            if self.state.pending_deletes.is_empty() {
                Status::RollbackComplete
            } else {
                Status::RollbackFailed
            }
        } else {
            self.state.resources = pending::updated_resources(&[], &declared, &completed);
            Status::CreateComplete
        };
        self.status = Some(status);
        Ok(operation.finish(status).await)
    }

    /// Runs `update-stack`. If it fails, it is rolled back.
    ///
    /// # Errors
    ///
    /// Returns an error if the status of the stack does not allow updates.
    pub async fn update(
        &mut self,
        transport: &impl Transport,
        change: impl Into<Change>,
    ) -> Result<Outcome, InvalidStatus> {
        self.allow("update-stack", self.can_be_updated())?;
        let Change { template, failure } = change.into();
        let mut changes = Changes::new(&self.state.resources, &template, self.defaults.clone());
        let mut operation = Operation::new(transport, &mut self.context);
        operation.phase_starts(Phase::UpdateInProgress, &[]);
        let work = Work::Changes(&mut changes);
        let PhaseResult {
            completed,
            failed,
            failures,
        } = operation
            .run(Phase::UpdateInProgress, work, failure.as_ref())
            .await;
        let declared = changes.into_declared();
        let status = if failed {
            let context = &mut *operation.context;
            self.state.pending_deletes = pending::deletes_of_creates(
                &declared,
                &completed,
                &context.stack_name,
                &mut context.ids,
            );
            self.state.rollback_updates =
                rollback::rollback_updates(&self.state.resources, &completed, self.rollback_id);
            roll_back(&mut operation, &mut self.state, &failures).await
        } else {
            let after = pending::updated_resources(&self.state.resources, &declared, &completed);
            let before = std::mem::replace(&mut self.state.resources, after);
            let old = pending::replaced_and_removed(&before, &self.state.resources);
            operation.phase_starts(Phase::UpdateCompleteCleanupInProgress, &[]);
            operation
                .clean_up(Phase::UpdateCompleteCleanupInProgress, old)
                .await;
            Status::UpdateComplete
        };
        self.status = Some(status);
        Ok(operation.finish(status).await)
    }

    /// Imports the resource that exists under this physical id, as the template declares it. No
    /// event is sent, and the other resources do not change (user guide, resource-import).
    ///
    /// CloudFormation does not import custom resources. This method is for native resources.
    ///
    /// # Errors
    ///
    /// Returns an error if the status of the stack does not allow updates, if the stack has a
    /// resource with this logical id, or if the resource refers to one that the stack does not
    /// have.
    pub fn import(
        &mut self,
        logical_id: &str,
        resource: impl Into<Resource>,
        physical_id: &str,
    ) -> Result<(), InvalidStatus> {
        let new = self.physical_id(logical_id).is_none();
        self.allow("import", self.can_be_updated() && new)?;
        let declared = declare(logical_id, &resource.into(), &self.values(), &self.defaults);
        let declared = declared.map_err(|_| InvalidStatus {
            operation: "import",
            status: self.status,
        })?;
        // The identifier of an import is a property of the resource, and an attribute.
        let attributes = [("Arn".to_owned(), physical_id.into())];
        self.state.resources.push(StackResource {
            declared,
            physical_id: physical_id.into(),
            attributes: attributes.into_iter().collect(),
        });
        self.status = Some(Status::ImportComplete);
        Ok(())
    }

    /// Runs `continue-update-rollback` with the logical ids of resources to skip. A resource can be
    /// skipped only if its rollback failed; others are rolled back nevertheless.
    ///
    /// # Errors
    ///
    /// Returns an error unless the rollback of an update has failed.
    pub async fn continue_update_rollback(
        &mut self,
        transport: &impl Transport,
        skip: &[&str],
    ) -> Result<Outcome, InvalidStatus> {
        let rollback_failed = self.status == Some(Status::UpdateRollbackFailed);
        self.allow("continue-update-rollback", rollback_failed)?;
        self.state
            .skip_rollback_updates(|update| update.failed && skip.contains(&update.logical_id()));
        let mut operation = Operation::new(transport, &mut self.context);
        let status = roll_back(&mut operation, &mut self.state, &[]).await;
        self.status = Some(status);
        Ok(operation.finish(status).await)
    }

    /// Runs `delete-stack`, which deletes the last resource first. `RetainResources` has an effect
    /// only after a failed delete (API reference, `DeleteStack`).
    ///
    /// # Errors
    ///
    /// Returns an error if the stack does not exist.
    pub async fn delete(
        &mut self,
        transport: &impl Transport,
        retain: &[&str],
    ) -> Result<Outcome, InvalidStatus> {
        let exists = !matches!(self.status, None | Some(Status::DeleteComplete));
        self.allow("delete-stack", exists)?;
        let mut deletes = self.state.delete_all();
        if self.status == Some(Status::DeleteFailed) {
            for delete in &mut deletes {
                if retain.contains(&delete.logical_id.as_str()) {
                    delete.policy = Policy::Retain;
                }
            }
        }
        let mut operation = Operation::new(transport, &mut self.context);
        operation.phase_starts(Phase::DeleteInProgress, &[]);
        self.state.pending_deletes = operation.delete(Phase::DeleteInProgress, deletes).await;
        let status = if self.state.pending_deletes.is_empty() {
            Status::DeleteComplete
        } else {
            Status::DeleteFailed
        };
        self.status = Some(status);
        Ok(operation.finish(status).await)
    }

    fn can_be_updated(&self) -> bool {
        matches!(
            self.status,
            Some(
                Status::CreateComplete
                    | Status::UpdateComplete
                    | Status::UpdateRollbackComplete
                    | Status::ImportComplete
            )
        )
    }

    fn allow(&self, operation: &'static str, allowed: bool) -> Result<(), InvalidStatus> {
        if allowed {
            Ok(())
        } else {
            Err(InvalidStatus {
                operation,
                status: self.status,
            })
        }
    }
}

/// Sends the rollback Updates. After all have succeeded, deletes the replacements and the new
/// resources of the failed update (aws-cdk `docs/CLOUDFORMATION.md`, "Rollbacks").
async fn roll_back<T: Transport>(
    operation: &mut Operation<'_, T>,
    state: &mut StackState,
    failures: &[String],
) -> Status {
    operation.phase_starts(Phase::UpdateRollbackInProgress, failures);
    let requests = state
        .rollback_updates
        .iter()
        .filter_map(RollbackUpdate::request)
        .collect();
    let work = Work::Requests(requests);
    let result = operation
        .run(Phase::UpdateRollbackInProgress, work, None)
        .await;
    state.complete_rollback_updates(&result.completed);
    if !state.rollback_updates.is_empty() {
        return Status::UpdateRollbackFailed;
    }
    operation.phase_starts(Phase::UpdateRollbackCompleteCleanupInProgress, &[]);
    let deletes = std::mem::take(&mut state.pending_deletes);
    operation
        .clean_up(Phase::UpdateRollbackCompleteCleanupInProgress, deletes)
        .await;
    Status::UpdateRollbackComplete
}

//! A stack: what it has, and the operations that change it.

use std::collections::VecDeque;
use std::fmt;

use super::delivery::{Delivery, Transport};
use super::id_generator::IdGenerator;
use super::operation::{Operation, PhaseResult, RequestContext};
use super::outcome::{Outcome, Phase, Status};
use super::pending::{self, DeclaredResource, StackResource};
use super::properties::Properties;
use super::rollback::{self, RollbackId, RollbackUpdate};
use super::state::StackState;
use super::template::{Change, Policy, Resource, Template};

/// A CloudFormation stack with custom resources of one function.
#[derive(Clone, Debug)]
pub struct Stack {
    context: RequestContext,
    service_token: String,
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
    /// A stack that is yet to be created. All ids that CloudFormation would draw by lot (the
    /// stack's, those of requests, invented physical ids) follow from the seed: two stacks need
    /// two seeds.
    #[must_use]
    pub fn new(name: &str, seed: u64) -> Self {
        let mut ids = IdGenerator::new(seed);
        let uuid = ids.uuid();
        let context = RequestContext {
            stack_name: name.into(),
            stack_id: format!("arn:aws:cloudformation:us-east-1:123456789012:stack/{name}/{uuid}"),
            resource_type: "Custom::SSMContact".into(),
            ids,
            deliveries: VecDeque::new(),
            max_concurrency: 1,
            cleanup_attempts: 3,
        };
        Self {
            context,
            service_token: "arn:aws:lambda:us-east-1:123456789012:function:ssm-contact".into(),
            rollback_id: RollbackId::default(),
            status: None,
            state: StackState::default(),
        }
    }

    /// The ARN of the function, in every event and every property map.
    #[must_use]
    pub fn service_token(mut self, arn: &str) -> Self {
        self.service_token = arn.into();
        self
    }

    /// The stack's own ARN, for another account, Region or partition.
    #[must_use]
    pub fn arn(mut self, arn: &str) -> Self {
        self.context.stack_id = arn.into();
        self
    }

    /// The resources' type.
    #[must_use]
    pub fn resource_type(mut self, resource_type: &str) -> Self {
        self.context.resource_type = resource_type.into();
        self
    }

    /// Which id a rollback Update carries after a replacement.
    #[must_use]
    pub fn rollback_id(mut self, rollback_id: RollbackId) -> Self {
        self.rollback_id = rollback_id;
        self
    }

    /// How many requests are under way at the same time: 1, as if each resource depended on the one
    /// before, unless set.
    #[must_use]
    pub fn max_concurrency(mut self, max_concurrency: usize) -> Self {
        self.context.max_concurrency = max_concurrency.max(1);
        self
    }

    /// How often a clean-up tries a Delete: 3 times unless set.
    #[must_use]
    pub fn cleanup_attempts(mut self, attempts: usize) -> Self {
        self.context.cleanup_attempts = attempts.max(1);
        self
    }

    /// How the next requests are delivered, one each; those after them once and well.
    pub fn deliver_next(&mut self, deliveries: impl IntoIterator<Item = Delivery>) {
        self.context.deliveries = deliveries.into_iter().collect();
    }

    /// The stack's ARN.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.context.stack_id
    }

    /// The status after the last operation.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        self.status
    }

    /// The physical id that CloudFormation remembers for a resource: its `Ref`.
    #[must_use]
    pub fn physical_id(&self, logical_id: &str) -> Option<&str> {
        self.resources()
            .find(|(id, _)| *id == logical_id)
            .map(|(_, physical_id)| physical_id)
    }

    /// The resources that the stack has: logical and physical ids.
    pub fn resources(&self) -> impl Iterator<Item = (&str, &str)> {
        self.state
            .resources
            .iter()
            .map(|live| (live.declared.logical_id.as_str(), live.physical_id.as_str()))
    }

    /// What is still to be deleted after a delete or a rollback that failed: logical and physical
    /// ids.
    pub fn pending_deletes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.state
            .pending_deletes
            .iter()
            .map(|delete| (delete.logical_id.as_str(), delete.physical_id.as_str()))
    }

    /// `create-stack`. If it fails, all that was begun is deleted again.
    ///
    /// # Errors
    ///
    /// The stack exists or existed.
    pub async fn create(
        &mut self,
        transport: &impl Transport,
        change: impl Into<Change>,
    ) -> Result<Outcome, InvalidStatus> {
        self.allow("create-stack", self.status.is_none())?;
        let Change { template, failure } = change.into();
        let declared = self.declare(&template);
        let mut operation = Operation::new(transport, &mut self.context);
        let requests = pending::creates_and_updates(&[], &declared);
        let PhaseResult { completed, failed } = operation
            .run(Phase::CreateInProgress, requests, failure.as_ref())
            .await;
        let status = if failed {
            let context = &mut *operation.context;
            let begun = pending::deletes_of_creates(
                &declared,
                &completed,
                &context.stack_name,
                &mut context.ids,
            );
            self.state.pending_deletes = operation.delete(Phase::RollbackInProgress, begun).await;
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

    /// `update-stack`. If it fails, it is rolled back.
    ///
    /// # Errors
    ///
    /// The stack is not in a status that can be updated.
    pub async fn update(
        &mut self,
        transport: &impl Transport,
        change: impl Into<Change>,
    ) -> Result<Outcome, InvalidStatus> {
        self.allow("update-stack", self.is_stable())?;
        let Change { template, failure } = change.into();
        let declared = self.declare(&template);
        let mut operation = Operation::new(transport, &mut self.context);
        let requests = pending::creates_and_updates(&self.state.resources, &declared);
        let PhaseResult { completed, failed } = operation
            .run(Phase::UpdateInProgress, requests, failure.as_ref())
            .await;
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
            roll_back(&mut operation, &mut self.state).await
        } else {
            let after = pending::updated_resources(&self.state.resources, &declared, &completed);
            let before = std::mem::replace(&mut self.state.resources, after);
            let old = pending::replaced_and_removed(&before, &self.state.resources);
            operation
                .clean_up(Phase::UpdateCompleteCleanupInProgress, old)
                .await;
            Status::UpdateComplete
        };
        self.status = Some(status);
        Ok(operation.finish(status).await)
    }

    /// Imports a resource: the stack takes over what exists under this physical id, as the template
    /// declares it. Nothing is sent, and all other resources stay as they are (user guide,
    /// resource-import). CloudFormation imports no custom resources; this is for native ones whose
    /// events a transport answers.
    ///
    /// # Errors
    ///
    /// The stack is not in a status that can be updated, or has a resource of this logical id.
    pub fn import(
        &mut self,
        logical_id: &str,
        resource: impl Into<Resource>,
        physical_id: &str,
    ) -> Result<(), InvalidStatus> {
        let new = self.physical_id(logical_id).is_none();
        self.allow("import", self.is_stable() && new)?;
        let template = Template::new().with(logical_id, resource);
        let imported = self
            .declare(&template)
            .into_iter()
            .map(|declared| StackResource {
                declared,
                physical_id: physical_id.into(),
            });
        self.state.resources.extend(imported);
        self.status = Some(Status::ImportComplete);
        Ok(())
    }

    /// `continue-update-rollback`, with the logical ids of resources to skip: only those whose
    /// rollback failed can be skipped, others are rolled back all the same.
    ///
    /// # Errors
    ///
    /// No rollback of an update has failed.
    pub async fn continue_update_rollback(
        &mut self,
        transport: &impl Transport,
        skip: &[&str],
    ) -> Result<Outcome, InvalidStatus> {
        let stuck = self.status == Some(Status::UpdateRollbackFailed);
        self.allow("continue-update-rollback", stuck)?;
        self.state
            .skip_rollback_updates(|update| update.failed && skip.contains(&update.logical_id()));
        let mut operation = Operation::new(transport, &mut self.context);
        let status = roll_back(&mut operation, &mut self.state).await;
        self.status = Some(status);
        Ok(operation.finish(status).await)
    }

    /// `delete-stack`, the last resource first. `RetainResources` counts only after a delete that
    /// failed (API reference, `DeleteStack`).
    ///
    /// # Errors
    ///
    /// There is no stack.
    pub async fn delete(
        &mut self,
        transport: &impl Transport,
        retain: &[&str],
    ) -> Result<Outcome, InvalidStatus> {
        let there = !matches!(self.status, None | Some(Status::DeleteComplete));
        self.allow("delete-stack", there)?;
        let mut deletes = self.state.delete_all();
        if self.status == Some(Status::DeleteFailed) {
            for delete in &mut deletes {
                if retain.contains(&delete.logical_id.as_str()) {
                    delete.policy = Policy::Retain;
                }
            }
        }
        let mut operation = Operation::new(transport, &mut self.context);
        self.state.pending_deletes = operation.delete(Phase::DeleteInProgress, deletes).await;
        let gone = self.state.pending_deletes.is_empty();
        let status = if gone {
            Status::DeleteComplete
        } else {
            Status::DeleteFailed
        };
        self.status = Some(status);
        Ok(operation.finish(status).await)
    }

    fn is_stable(&self) -> bool {
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

    fn declare(&self, template: &Template) -> Vec<DeclaredResource> {
        let declare = |(logical_id, resource): (&str, &Resource)| DeclaredResource {
            logical_id: logical_id.into(),
            properties: Properties::from_template(&resource.properties, &self.service_token),
            deletion_policy: resource.deletion_policy,
            update_replace_policy: resource.update_replace_policy,
        };
        template.iter().map(declare).collect()
    }
}

/// Takes Updates back, and once all are, deletes what the failed update left: replacements and new
/// resources (aws-cdk `docs/CLOUDFORMATION.md`, "Rollbacks").
async fn roll_back<T: Transport>(
    operation: &mut Operation<'_, T>,
    state: &mut StackState,
) -> Status {
    let requests = state
        .rollback_updates
        .iter()
        .map(RollbackUpdate::request)
        .collect();
    let result = operation
        .run(Phase::UpdateRollbackInProgress, requests, None)
        .await;
    state.complete_rollback_updates(&result.completed);
    if !state.rollback_updates.is_empty() {
        return Status::UpdateRollbackFailed;
    }
    let left = std::mem::take(&mut state.pending_deletes);
    operation
        .clean_up(Phase::UpdateRollbackCompleteCleanupInProgress, left)
        .await;
    Status::UpdateRollbackComplete
}

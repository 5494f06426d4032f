//! A stack and the operations on it.

use std::collections::VecDeque;

use super::changes::{Changes, Defaults, declare};
use super::delivery::{Delivery, Transport};
use super::expression::Values;
use super::id_generator::IdGenerator;
use super::operation::{Operation, PhaseResult, RequestContext, Work};
use super::outcome::{Outcome, Phase, Status};
use super::pending::{self, StackResource};
use super::rollback::{self, RollbackId, RollbackUpdate, StackState};
use super::template::{Change, Policy, Resource};

/// A CloudFormation stack whose custom resources have one function.
#[derive(Clone, Debug)]
pub struct Stack {
    context: RequestContext,
    defaults: Defaults,
    rollback_id: RollbackId,
    status: Option<Status>,
    pub(super) state: StackState,
}

impl Stack {
    /// Creates a stack without a status. The seed determines all ids that CloudFormation would
    /// choose at random: the stack's, those of requests and generated physical ids. Two stacks of
    /// one test need different seeds.
    pub fn new(name: &str, seed: u64) -> Self {
        let mut ids = IdGenerator::new(seed);
        let uuid = ids.uuid();
        let context = RequestContext {
            stack_name: name.into(),
            stack_id: format!("arn:aws:cloudformation:us-east-1:123456789012:stack/{name}/{uuid}"),
            ids,
            deliveries: VecDeque::new(),
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
    pub(crate) fn service_token(mut self, arn: &str) -> Self {
        self.defaults.service_token = arn.into();
        self
    }

    pub(crate) fn arn(mut self, arn: &str) -> Self {
        self.context.stack_id = arn.into();
        self
    }

    pub fn rollback_id(mut self, rollback_id: RollbackId) -> Self {
        self.rollback_id = rollback_id;
        self
    }

    /// After a failure, sends the requests of the resources that do not depend on what failed, so
    /// that all failures are seen. CloudFormation runs such requests in parallel; by default, a
    /// failure cancels those that run, and no further one is sent.
    pub(crate) fn finish_independent(mut self) -> Self {
        self.context.finishes_independent = true;
        self
    }

    /// Sets the deliveries of the next requests, one for each. Requests after them are delivered
    /// once, without a failure.
    pub fn deliver_next(&mut self, deliveries: impl IntoIterator<Item = Delivery>) {
        self.context.deliveries = deliveries.into_iter().collect();
    }

    pub fn id(&self) -> &str {
        &self.context.stack_id
    }

    pub(crate) fn name(&self) -> &str {
        &self.context.stack_name
    }

    pub fn status(&self) -> Option<Status> {
        self.status
    }

    pub fn physical_id(&self, logical_id: &str) -> Option<&str> {
        self.resources().find(|(id, _)| *id == logical_id).map(|(_, physical_id)| physical_id)
    }

    pub(crate) fn values(&self) -> Values {
        let resources = self.state.resources.iter();
        resources.map(|it| (it.declared.logical_id.clone(), it.values())).collect()
    }

    pub(crate) fn resources(&self) -> impl Iterator<Item = (&str, &str)> {
        let resources = self.state.resources.iter();
        resources.map(|it| (it.declared.logical_id.as_str(), it.physical_id.as_str()))
    }

    pub async fn create(
        &mut self,
        transport: &impl Transport,
        change: impl Into<Change>,
    ) -> Result<Outcome, String> {
        self.allow("create-stack", self.status.is_none())?;
        let change = change.into();
        Ok(self.change(transport, change, Phase::CreateInProgress).await)
    }

    pub async fn update(
        &mut self,
        transport: &impl Transport,
        change: impl Into<Change>,
    ) -> Result<Outcome, String> {
        self.allow("update-stack", self.can_be_updated())?;
        let change = change.into();
        Ok(self.change(transport, change, Phase::UpdateInProgress).await)
    }

    async fn change<T: Transport>(
        &mut self,
        transport: &T,
        Change { template, failure }: Change,
        phase: Phase,
    ) -> Outcome {
        let state = &mut self.state;
        let mut changes = Changes::new(&state.resources, &template, self.defaults.clone());
        let mut operation = Operation::new(transport, &mut self.context);
        operation.phase_starts(phase, &[]);
        let work = Work::Changes(&mut changes);
        let PhaseResult { completed, failed, failures } =
            operation.run(phase, work, failure.as_ref()).await;
        let declared = changes.into_declared();
        let is_create = phase == Phase::CreateInProgress;
        let status = if failed {
            let RequestContext { stack_name, ids, .. } = &mut *operation.context;
            let deletes = pending::deletes_of_creates(&declared, &completed, stack_name, ids);
            if is_create {
                let phase = Phase::RollbackInProgress;
                operation.phase_starts(phase, &failures);
                state.pending_deletes = operation.delete(phase, deletes).await;
                state.ended(Status::RollbackComplete, Status::RollbackFailed)
            } else {
                state.pending_deletes = deletes;
                state.rollback_updates =
                    rollback::rollback_updates(&state.resources, &completed, self.rollback_id);
                roll_back(&mut operation, state, &failures).await
            }
        } else {
            let after = pending::updated_resources(&state.resources, &declared, &completed);
            let old = pending::replaced_and_removed(&state.resources, &after);
            state.resources = after;
            if is_create {
                Status::CreateComplete
            } else {
                let phase = Phase::UpdateCompleteCleanupInProgress;
                operation.phase_starts(phase, &[]);
                operation.clean_up(phase, old).await;
                Status::UpdateComplete
            }
        };
        self.status = Some(status);
        operation.finish(status).await
    }

    /// Imports the resource that exists under this physical id, as the template declares it. No
    /// event is sent, and the other resources do not change (user guide, resource-import).
    ///
    /// CloudFormation does not import custom resources. This method is for native resources.
    pub(crate) fn import(
        &mut self,
        logical_id: &str,
        resource: impl Into<Resource>,
        physical_id: &str,
    ) -> Result<(), String> {
        let new = self.physical_id(logical_id).is_none();
        self.allow("import", self.can_be_updated() && new)?;
        let declared = declare(logical_id, &resource.into(), &self.values(), &self.defaults);
        let declared = declared?;
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
    pub async fn continue_update_rollback(
        &mut self,
        transport: &impl Transport,
        skip: &[&str],
    ) -> Result<Outcome, String> {
        let rollback_failed = self.status == Some(Status::UpdateRollbackFailed);
        self.allow("continue-update-rollback", rollback_failed)?;
        self.state.skip_rollback_updates(skip);
        let mut operation = Operation::new(transport, &mut self.context);
        let status = roll_back(&mut operation, &mut self.state, &[]).await;
        self.status = Some(status);
        Ok(operation.finish(status).await)
    }

    /// Runs `delete-stack`, which deletes the last resource first. `RetainResources` has an effect
    /// only after a failed delete (API reference, `DeleteStack`).
    pub async fn delete(
        &mut self,
        transport: &impl Transport,
        retain: &[&str],
    ) -> Result<Outcome, String> {
        let exists = !matches!(self.status, None | Some(Status::DeleteComplete));
        self.allow("delete-stack", exists)?;
        let mut deletes = self.state.delete_all();
        if self.status == Some(Status::DeleteFailed) {
            for delete in &mut deletes {
                if retain.contains(&delete.request.logical_id.as_str()) {
                    delete.policy = Policy::Retain;
                }
            }
        }
        let mut operation = Operation::new(transport, &mut self.context);
        operation.phase_starts(Phase::DeleteInProgress, &[]);
        self.state.pending_deletes = operation.delete(Phase::DeleteInProgress, deletes).await;
        let status = self.state.ended(Status::DeleteComplete, Status::DeleteFailed);
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

    fn allow(&self, operation: &str, allowed: bool) -> Result<(), String> {
        let why = match self.status {
            _ if allowed => return Ok(()),
            Some(status) => format!("{operation}: the status of the stack is {status}"),
            None => format!("{operation}: the stack was never created"),
        };
        Err(why)
    }
}

/// Sends the rollback Updates. After all have succeeded, deletes the replacements and the new
/// resources of the failed update (aws-cdk `docs/CLOUDFORMATION.md`, "Rollbacks").
async fn roll_back<T: Transport>(
    operation: &mut Operation<'_, T>,
    state: &mut StackState,
    failures: &[String],
) -> Status {
    let phase = Phase::UpdateRollbackInProgress;
    operation.phase_starts(phase, failures);
    let requests = state.rollback_updates.iter().filter_map(RollbackUpdate::request);
    let work = Work::Requests(requests.collect());
    let result = operation.run(phase, work, None).await;
    state.complete_rollback_updates(&result.completed);
    if !state.rollback_updates.is_empty() {
        return Status::UpdateRollbackFailed;
    }
    let phase = Phase::UpdateRollbackCompleteCleanupInProgress;
    operation.phase_starts(phase, &[]);
    operation.clean_up(phase, std::mem::take(&mut state.pending_deletes)).await;
    Status::UpdateRollbackComplete
}

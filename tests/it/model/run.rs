//! Runs one history, and checks the rules after every operation.

use std::collections::BTreeMap;
use std::time::Duration;

use emulator::Emulator;
use emulator::cloudformation::{
    AttemptOutcome, Change, Delivery, Exchange, OtherFailure, Outcome, Phase, PhysicalResource,
    Policy, ReceivedResponse, Request, RequestType, Resource, ResponseStatus, Stack, Status,
    Template, Transport,
};
use emulator::contacts::{Effect, Fault};

use super::history::{Delivered, History, LastingFault, Resources, Step};
use super::operation::{Ending, Operation, State};
use super::rules::Rules;
use super::transport::{FunctionTransport, Kind, Plan, Tally};

/// The ids of the requests of a failed deployment, by type and logical id.
type RequestIds = BTreeMap<(&'static str, String), String>;

struct Run<'a> {
    emulator: Emulator,
    transport: FunctionTransport<'a>,
    history: &'a History,
    stack: Stack,
    /// The resources of the stack.
    resources: Resources,
    operation: Operation,
    /// The last deployment, if it failed.
    failed: Option<(Resources, RequestIds)>,
    trace: Vec<String>,
    tally: &'a Tally,
    stacks: u64,
}

/// Runs one history. Returns an error if a rule is violated.
pub(super) async fn run(history: &History, kind: Kind, tally: &Tally) -> Result<(), String> {
    let emulator = Emulator::start().await.unwrap();
    emulator.contacts.backend(|backend| {
        backend.taken_alias_is_invalid = history.taken_alias_is_invalid;
        backend.activates_new_channels = history.activates_new_channels;
        backend.switches = history.switches.clone();
    });
    let mut run = Run {
        transport: FunctionTransport::open(emulator.clone(), kind, tally).await,
        emulator,
        history,
        stack: Stack::new("on-call", 1).rollback_id(history.rollback_id),
        resources: Resources::new(),
        operation: Operation::default(),
        failed: None,
        trace: Vec::new(),
        tally,
        stacks: 1,
    };
    tally.count("histories");
    let result = run.all().await;
    result.map_err(|what| format!("{what}\nthe trace:\n{}", run.trace.join("\n")))
}

fn template(resources: &Resources) -> Template {
    let mut template = Template::new();
    for (logical_id, wanted) in resources {
        let policy = if wanted.is_retained { Policy::Retain } else { Policy::Delete };
        let resource = Resource::new(wanted.properties());
        let resource = resource.deletion_policy(policy).update_replace_policy(policy);
        template = template.with(logical_id, resource);
    }
    template
}

impl Run<'_> {
    async fn all(&mut self) -> Result<(), String> {
        for step in &self.history.steps {
            let failed = self.failed.take().filter(|_| step.retries);
            if self.stack.status() == Some(Status::DeleteComplete) {
                // A deployment that is retried has its request ids again, and its stack.
                self.stacks += u64::from(failed.is_none());
                self.stack =
                    Stack::new("on-call", self.stacks).rollback_id(self.history.rollback_id);
            }
            let resources = failed.as_ref().map_or(&step.resources, |(resources, _)| resources);
            for act in &step.acts {
                let done = self
                    .emulator
                    .contacts
                    .backend(|backend| act.carry_out(backend, &self.resources));
                if done.is_some() {
                    self.tally.count("acts");
                    self.trace.push(format!("{act:?}"));
                }
            }
            let request_ids = failed.as_ref().map(|(_, ids)| ids.clone()).unwrap_or_default();
            self.step(step, resources, request_ids).await?;
        }
        if !matches!(self.stack.status(), None | Some(Status::DeleteComplete)) {
            self.begin(&Resources::new(), None);
            self.delete(Ending::Deleted).await?;
        }
        Ok(())
    }

    /// Begins an operation: its contacts are compared with those of now.
    fn begin(&mut self, new: &Resources, step: Option<&Step>) {
        let is_unanswered = |delivered: &Delivered| match delivered {
            Delivered::Twice => false,
            Delivered::Attempts(attempts) => !attempts.contains(&AttemptOutcome::Completed),
        };
        self.operation = Operation {
            before: State::of(&self.emulator),
            calls: self.emulator.contacts.count(),
            old: self.resources.clone(),
            new: new.clone(),
            fault: step.map(|step| step.lasting_fault),
            is_unanswered: step.is_some_and(|step| {
                let is_cancelled = matches!(step.lasting_fault, LastingFault::Cancelled(_));
                is_cancelled || step.deliveries.iter().any(is_unanswered)
            }),
            filled: self.history.switches.fills_in_retry_interval,
            ..Operation::default()
        };
    }

    async fn step(
        &mut self,
        step: &Step,
        resources: &Resources,
        request_ids: RequestIds,
    ) -> Result<(), String> {
        self.begin(resources, Some(step));
        self.operation.request_ids = request_ids.values().cloned().collect();
        if self.operation.has_no_way_back(self.stack.id()) {
            self.trace.push(format!("skipped: {step:?}"));
            return Ok(());
        }
        let must_succeed = self.operation.must_succeed(self.stack.id());
        self.set_up(step, request_ids.clone());
        let change = Change::to(template(resources));
        let change = match step.lasting_fault {
            LastingFault::FailsElsewhere(after) => {
                change.with_failure(OtherFailure::After(after.into()))
            }
            // Two kinds of request are not cancelled, because their outcome depends on timing. A
            // cancelled Update may run at the same time as its rollback. A cancelled Create of an
            // alias that another resource has may continue after its own Delete, once the alias is
            // free.
            LastingFault::Cancelled(during) if self.can_be_cancelled(during) => {
                change.with_failure(OtherFailure::While(during.into(), Duration::from_millis(3)))
            }
            _ => change,
        };
        let outcome = match self.stack.status() {
            None => self.stack.create(&self.transport, change).await,
            Some(_) => self.stack.update(&self.transport, change).await,
        };
        let outcome = outcome.map_err(|not_now| format!("the stack: {not_now}"))?;
        self.emulator.contacts.backend(|backend| {
            backend.refuses_tags = false;
            backend.denied.clear();
            backend.switches.quota = None;
        });
        self.stack.deliver_next([]);
        self.transport.expect(Plan::default());
        let ending = match outcome.status {
            Status::CreateComplete | Status::UpdateComplete => Ending::Complete,
            Status::RollbackFailed | Status::UpdateRollbackFailed => Ending::Broken,
            _ => Ending::RolledBack,
        };
        self.take(&outcome);
        if must_succeed && ending != Ending::Complete {
            return Err("the operation failed without a cause".into());
        }
        let Operation { fault, is_unanswered, .. } = &self.operation;
        let is_sound = matches!(fault, Some(LastingFault::None | LastingFault::FailsElsewhere(_)));
        if ending == Ending::Broken && is_sound && !is_unanswered {
            return Err("the rollback failed without a cause".into());
        }
        self.check(&outcome, ending)?;
        if ending == Ending::Complete {
            self.resources.clone_from(resources);
            self.again(step, &outcome, must_succeed).await?;
            return Ok(());
        }
        let ids = outcome
            .exchanges
            .iter()
            .filter(|it| matches!(it.phase, Phase::CreateInProgress | Phase::UpdateInProgress));
        let ids = ids.map(|it| {
            let Request { request_type, logical_id, .. } = &it.request;
            ((request_type.name(), logical_id.clone()), self.transport.ids(&it.request).request_id)
        });
        // A request that this retry did not reach still has the id of the deployment before.
        let mut again = request_ids;
        again.extend(ids);
        self.failed = Some((resources.clone(), again));
        self.recover(outcome.status).await
    }

    fn can_be_cancelled(&self, logical_id: &str) -> bool {
        let Operation { old, new, .. } = &self.operation;
        let alias = new.get(logical_id).map(|wanted| wanted.alias);
        let same = new.values().filter(|other| Some(other.alias) == alias);
        !old.contains_key(logical_id) && same.count() == 1
    }

    fn set_up(&mut self, step: &Step, request_ids: RequestIds) {
        let is_cancelled = matches!(step.lasting_fault, LastingFault::Cancelled(_));
        let is_twice = |delivered: &Delivered| matches!(delivered, Delivered::Twice);
        let mut plan = Plan { request_ids, ..Plan::default() };
        if is_cancelled {
            // The create takes long enough to be cancelled. Deliveries overlap, so a fault that is
            // meant for one could affect the other.
            plan.lasting = vec![
                Fault::on("CreateContact", Effect::Delay(Duration::from_millis(10))).forever(),
            ];
        } else {
            plan.transient_faults = step.transient_faults.iter().cloned().collect();
            plan.twice = step.deliveries.iter().map(is_twice).collect();
            let deliveries = step.deliveries.iter().map(|delivered| match delivered {
                Delivered::Attempts(attempts) => Delivery::of(attempts),
                Delivered::Twice => Delivery::once(),
            });
            self.stack.deliver_next(deliveries);
        }
        if !plan.request_ids.is_empty() {
            self.tally.count("retries");
            self.trace.push(format!("again: {:?}", plan.request_ids));
        }
        self.transport.expect(plan);
        self.emulator.contacts.backend(|backend| {
            backend.refuses_tags = step.lasting_fault == LastingFault::TagsRefused;
            if let LastingFault::Denied(operation) = step.lasting_fault {
                backend.denied.insert(operation);
            }
            let count = backend.contacts().len();
            backend.switches.quota =
                (step.lasting_fault == LastingFault::QuotaFull).then_some(count);
        });
        self.trace.push(format!("{step:?}"));
    }

    /// Records the outcome of an operation.
    fn take(&mut self, outcome: &Outcome) {
        self.trace.push(outcome.to_string());
        self.tally.count(outcome.status.to_string());
        let left = outcome.abandoned.iter().chain(&outcome.retained);
        let Operation { old, new, stays, .. } = &mut self.operation;
        for PhysicalResource { logical_id, physical_id } in left {
            let of_arn = physical_id.rsplit_once(":contact/").map(|(_, alias)| alias.to_owned());
            let named =
                new.get(logical_id.as_str()).into_iter().chain(old.get(logical_id.as_str()));
            // A marker, or an id that CloudFormation made up, stands for the alias of the template.
            stays.extend(
                of_arn.into_iter().chain(
                    named
                        .filter(|_| !physical_id.starts_with("arn:"))
                        .map(|wanted| wanted.alias.to_owned()),
                ),
            );
        }
    }

    fn check(&self, outcome: &Outcome, ending: Ending) -> Result<(), String> {
        let mut wrong = outcome.violations();
        wrong.extend(self.transport.violations());
        let rules = Rules {
            operation: &self.operation,
            ending,
            stack_id: self.stack.id(),
            after: &State::of(&self.emulator),
            calls: &self.emulator.contacts.calls_since(self.operation.calls),
        };
        wrong.extend(rules.wrong());
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
    }

    /// Delivers events again after a deployment that succeeded. Those of one that was rolled back
    /// would act as they say: a late duplicate can't be cured.
    async fn again(
        &mut self,
        step: &Step,
        outcome: &Outcome,
        is_sound: bool,
    ) -> Result<(), String> {
        if step.late {
            for exchange in outcome.exchanges.iter().filter(|it| !made_nothing(it)) {
                self.tally.count("late");
                self.transport.deliver(&exchange.request, &Delivery::once()).await;
            }
            self.trace.push("all events of the step were delivered again".into());
            self.check(outcome, Ending::Complete)?;
        }
        if !is_sound {
            return Ok(());
        }
        let before = State::of(&self.emulator);
        for exchange in &outcome.exchanges {
            let ReceivedResponse::Valid(answer) = &exchange.response else {
                continue;
            };
            let properties = exchange.request.request_type.properties();
            let mut request = exchange.request.clone();
            if matches!(request.request_type, RequestType::Delete { .. }) {
                continue;
            }
            request.request_type = RequestType::Update {
                physical_id: answer.physical_id.clone(),
                properties: properties.clone(),
                old_properties: properties.clone(),
            };
            request.request_id.push_str("-second");
            request.response_url = self.transport.response_url(&request);
            self.tally.count("seconds");
            let body = self.transport.deliver(&request, &Delivery::once()).await;
            let body =
                body.map(|body| String::from_utf8_lossy(&body).into_owned()).unwrap_or_default();
            let after = State::of(&self.emulator);
            if before.contacts != after.contacts
                || before.channels != after.channels
                || !body.contains("SUCCESS")
            {
                return Err(format!(
                    "a second run of {request} changes {before:?} to {after:?}: {body}"
                ));
            }
        }
        Ok(())
    }

    /// Does what a person does after a failed operation, once the cause is gone: continues the
    /// rollback, or deletes the stack. The rules of the rolled-back operation hold then.
    async fn recover(&mut self, status: Status) -> Result<(), String> {
        match status {
            Status::UpdateRollbackFailed => {
                let outcome = self.stack.continue_update_rollback(&self.transport, &[]).await;
                let outcome = outcome?;
                self.take(&outcome);
                if outcome.status != Status::UpdateRollbackComplete {
                    return Err("the rollback fails although the cause is gone".into());
                }
                self.check(&outcome, Ending::RolledBack)
            }
            Status::RollbackComplete | Status::RollbackFailed => {
                self.delete(Ending::RolledBack).await
            }
            _ => Ok(()),
        }
    }

    async fn delete(&mut self, ending: Ending) -> Result<(), String> {
        let outcome = self.stack.delete(&self.transport, &[]).await;
        let outcome = outcome?;
        self.take(&outcome);
        if outcome.status != Status::DeleteComplete {
            return Err("the deletion of the stack failed without a cause".into());
        }
        self.resources.clear();
        self.check(&outcome, ending)
    }
}

/// Whether the exchange is a Create that failed and created nothing. A late duplicate of it could
/// succeed, and nothing would delete its contact: the Delete of a `nothing-created` marker makes no
/// call.
fn made_nothing(exchange: &Exchange) -> bool {
    let ReceivedResponse::Valid(answer) = &exchange.response else {
        return false;
    };
    answer.status == ResponseStatus::Failed && answer.physical_id.starts_with("nothing-created:")
}

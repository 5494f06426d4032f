//! Runs one history, and compares the contacts with the model after every step.

use std::sync::Mutex;
use std::time::Duration;

use emulator::Emulator;
use emulator::cloudformation::{
    Change, Delivery, Exchange, OtherFailure, Outcome, ReceivedResponse, ResponseStatus, Stack,
    Status, Template,
};
use emulator::contacts::{Effect, Fault};

use super::check::{Contacts, Model, is_of};
use super::history::{
    History, LastingFault, OutsideChange, Resources, Step, Wanted, Written, plan,
};
use super::transport::{FunctionTransport, Kind, Tally};

struct Run<'a> {
    emulator: Emulator,
    transport: FunctionTransport<'a>,
    stack: Stack,
    model: Model,
    trace: Vec<String>,
    tally: &'a Mutex<Tally>,
    stacks: u64,
}

/// Runs one history. Returns an error if the contacts differ from the model or a rule is violated.
pub(super) async fn run(history: &History, kind: Kind, tally: &Mutex<Tally>) -> Result<(), String> {
    let emulator = Emulator::start().await.unwrap();
    emulator.contacts.backend(|backend| {
        backend.taken_alias_is_invalid = history.taken_alias_is_invalid;
        backend.switches = history.switches.clone();
    });
    let transport = FunctionTransport::open(emulator.clone(), kind, tally).await;
    let stack = Stack::new("on-call", 1).rollback_id(history.rollback_id);
    let mut run = Run {
        emulator,
        transport,
        stack,
        model: Model {
            filled_in: history.switches.fills_in_retry_interval,
            ..Model::default()
        },
        trace: Vec::new(),
        tally,
        stacks: 1,
    };
    tally.lock().unwrap().histories += 1;
    let result = run.all(history).await;
    result.map_err(|what| format!("{what}\nthe trace:\n{}", run.trace.join("\n")))
}

fn template(resources: &Resources) -> Template {
    resources
        .iter()
        .fold(Template::new(), |template, (logical_id, wanted)| {
            template.with(logical_id, wanted.properties())
        })
}

impl Run<'_> {
    async fn all(&mut self, history: &History) -> Result<(), String> {
        for step in &history.steps {
            self.outside_change(step.outside_change, &step.resources);
            let vanished = |alias: &String| self.reassigns(alias, &step.resources);
            if self.model.vanished.iter().any(vanished) {
                self.trace.push(format!("skipped: {step:?}"));
                continue;
            }
            self.step(step).await?;
        }
        self.end().await
    }

    fn contacts(&self) -> Contacts {
        self.emulator
            .contacts
            .backend(|backend| backend.contacts().clone())
    }

    fn outside_change(&mut self, what: OutsideChange, next: &Resources) {
        match what {
            OutsideChange::Nothing => {}
            OutsideChange::Written(alias, written) => {
                if !self.write(alias, written) {
                    return;
                }
            }
            OutsideChange::TokensLapse => self
                .emulator
                .contacts
                .backend(emulator::contacts::Backend::expire_tokens),
            OutsideChange::Vanished(alias) => {
                let ours =
                    !self.model.others.contains_key(alias) && self.contacts().contains_key(alias);
                if ours && !self.reassigns(alias, next) {
                    self.emulator
                        .contacts
                        .backend(|backend| backend.remove(alias));
                    self.model.vanished.insert(alias.into());
                    self.model.written.remove(alias);
                }
            }
            OutsideChange::Taken(alias, tagged) => {
                // The model does not cover a new contact that has the alias of a deleted contact of
                // the stack. Both have the same ARN, so an Update adopts the new contact if it is
                // untagged and refuses it if it is tagged.
                if self.contacts().contains_key(alias) || self.model.vanished.contains(alias) {
                    return;
                }
                let tags = [
                    (
                        "cloudformation-stack-id",
                        "arn:aws:cloudformation:us-east-2:111122223333:stack/other/1",
                    ),
                    ("cloudformation-logical-id", "First"),
                    ("cloudformation-origin", "r0"),
                ];
                let tags = if tagged { &tags[..] } else { &[] };
                self.emulator
                    .contacts
                    .backend(|backend| backend.seed(alias, "PERSONAL", tags));
                self.model
                    .others
                    .insert(alias.into(), self.contacts()[alias].clone());
            }
        }
        self.trace.push(format!("outside_change: {what:?}"));
    }

    /// Whether the next template gives the alias to another resource or changes the type. If the
    /// contact was deleted, such an update can't be rolled back.
    fn reassigns(&self, alias: &str, next: &Resources) -> bool {
        let held = self
            .model
            .resources
            .iter()
            .find(|(_, held)| held.alias == alias);
        next.iter().any(|(logical_id, wanted)| {
            wanted.alias == alias
                && held.is_some_and(|(holder, held)| {
                    holder != logical_id || held.contact_type != wanted.contact_type
                })
        })
    }

    /// Sets values that the template does not set on a contact of the stack, as a person would.
    /// Returns whether the stack has such a contact.
    fn write(&mut self, alias: &'static str, written: Written) -> bool {
        let held = |(_, wanted): &&(_, Wanted)| wanted.alias == alias;
        let Some((_, wanted)) = self.model.resources.iter().find(held) else {
            return false;
        };
        if !self.contacts().contains_key(alias) || self.model.vanished.contains(alias) {
            return false;
        }
        let written = Written {
            display_name: written
                .display_name
                .filter(|_| wanted.display_name.is_none()),
            minutes: written.minutes.filter(|_| wanted.minutes.is_none()),
            tag: written.tag.filter(|_| wanted.tag.is_none()),
        };
        let filled_in = self.model.filled_in;
        self.emulator.contacts.backend(|backend| {
            let contact = backend.contact_mut(alias).unwrap();
            if let Some(name) = written.display_name {
                contact.display_name = Some(name.into());
            }
            if let Some(minutes) = written.minutes {
                contact.plan = plan(minutes, &contact.contact_type, filled_in);
            }
            if let Some(tag) = written.tag {
                contact.tags.insert("ours".into(), tag.into());
            }
        });
        self.model.write(alias, written);
        true
    }

    /// Whether an update to the step's template must succeed.
    fn must_succeed(&self, step: &Step) -> bool {
        let contacts = self.contacts();
        let before = |logical_id: &str| {
            self.model
                .resources
                .iter()
                .find(|(known, _)| *known == logical_id)
        };
        step.lasting_fault == LastingFault::None
            && step
                .resources
                .iter()
                .enumerate()
                .all(|(n, (logical_id, wanted))| {
                    let unique = !step
                        .resources
                        .iter()
                        .skip(n + 1)
                        .any(|(_, other)| other.alias == wanted.alias);
                    let place = match before(logical_id) {
                        Some((_, old)) if old.alias == wanted.alias => {
                            old.contact_type == wanted.contact_type
                                && !self.model.vanished.contains(wanted.alias)
                        }
                        _ => !contacts.contains_key(wanted.alias),
                    };
                    // For an old token, the service returns the contact that was created with it.
                    unique && place && !wanted.fault && wanted.token.is_none()
                })
    }

    async fn step(&mut self, step: &Step) -> Result<(), String> {
        let must_succeed = self.must_succeed(step);
        let adoptable = step.resources.iter().filter(|(_, wanted)| wanted.adopt);
        self.model
            .adoptable
            .extend(adoptable.map(|(_, wanted)| wanted.alias.to_owned()));
        self.set_up(step);
        let template = template(&step.resources);
        let change = match step.lasting_fault {
            LastingFault::FailsElsewhere(after) => {
                Change::to(template).with_failure(OtherFailure::After(after.into()))
            }
            // Two kinds of request are not cancelled, because their outcome depends on timing. A
            // cancelled Update may run at the same time as its rollback. A cancelled Create of an
            // alias that another resource has may continue after its own Delete, once the alias is
            // free.
            LastingFault::Cancelled(during)
                if self.is_new(during) && has_own_alias(during, &step.resources) =>
            {
                let soon = OtherFailure::While(during.into(), Duration::from_millis(3));
                Change::to(template).with_failure(soon)
            }
            _ => Change::to(template),
        };
        // If two deliveries overlap, a fault that is meant for one could affect the other.
        let deliveries = match step.lasting_fault {
            LastingFault::Cancelled(_) => &[],
            _ => &step.deliveries[..],
        };
        let deliveries = deliveries.iter().map(|endings| Delivery::of(endings));
        self.stack.deliver_next(deliveries.collect::<Vec<_>>());
        let creating = self.stack.status().is_none();
        let outcome = if creating {
            self.stack.create(&self.transport, change).await
        } else {
            self.stack.update(&self.transport, change).await
        };
        let outcome = outcome.map_err(|not_now| format!("the stack: {not_now}"))?;
        self.emulator.contacts.backend(|backend| {
            backend.refuses_tags = false;
            backend.denied.clear();
            backend.switches.quota = None;
        });
        self.transport.expect(vec![], &[]);
        self.take(&outcome, &step.resources);
        if must_succeed
            && !matches!(
                outcome.status,
                Status::CreateComplete | Status::UpdateComplete
            )
        {
            return Err("the operation failed without a cause".into());
        }
        self.check(&outcome)?;
        if step.late && !is_broken(outcome.status) {
            for exchange in outcome.exchanges.iter().filter(|e| !made_nothing(e)) {
                self.transport.late(&exchange.request).await;
            }
            self.trace
                .push("all events of the step were delivered again".into());
            self.check(&outcome)?;
        }
        self.recover(outcome.status).await
    }

    fn is_new(&self, logical_id: &str) -> bool {
        !self
            .model
            .resources
            .iter()
            .any(|(known, _)| *known == logical_id)
    }

    fn set_up(&mut self, step: &Step) {
        let lasting = match step.lasting_fault {
            // The create takes long enough to be cancelled.
            LastingFault::Cancelled(_) => {
                vec![Fault::on("CreateContact", Effect::Delay(Duration::from_millis(10))).forever()]
            }
            _ => vec![],
        };
        let transient_faults = match step.lasting_fault {
            LastingFault::Cancelled(_) => &[],
            _ => &step.transient_faults[..],
        };
        self.transport.expect(lasting, transient_faults);
        let refuses_tags = step.lasting_fault == LastingFault::TagsRefused;
        self.emulator.contacts.backend(|backend| {
            backend.refuses_tags = refuses_tags;
            if let LastingFault::Denied(operation) = step.lasting_fault {
                backend.denied.insert(operation);
            }
            let count = backend.contacts().len();
            backend.switches.quota =
                (step.lasting_fault == LastingFault::QuotaFull).then_some(count);
        });
        self.trace.push(format!("{step:?}"));
    }

    /// Updates the model with the outcome of the operation.
    fn take(&mut self, outcome: &Outcome, new: &Resources) {
        self.trace.push(outcome.to_string());
        *self
            .tally
            .lock()
            .unwrap()
            .steps
            .entry(outcome.status.to_string())
            .or_default() += 1;
        let complete = matches!(
            outcome.status,
            Status::CreateComplete | Status::UpdateComplete
        );
        self.model.settle_written(new, complete);
        match outcome.status {
            Status::CreateComplete | Status::UpdateComplete => self.model.resources.clone_from(new),
            Status::RollbackComplete | Status::DeleteComplete => self.model.resources.clear(),
            _ => {}
        }
        let given_up = outcome
            .abandoned
            .iter()
            .map(|resource| resource.physical_id.clone());
        self.model.abandoned.extend(given_up);
        let contacts = self.contacts();
        let stack_id = self.stack.id();
        let gone = |alias: &String| {
            !contacts
                .get(alias)
                .is_some_and(|contact| is_of(contact, stack_id))
        };
        self.model.vanished.retain(gone);
        self.model
            .written
            .retain(|alias, _| contacts.contains_key(*alias));
    }

    fn check(&self, outcome: &Outcome) -> Result<(), String> {
        let mut wrong = outcome.violations();
        wrong.extend(self.transport.violations());
        if is_broken(outcome.status) {
            // The contacts of the stack may match either template. The contacts of other owners
            // must be unchanged.
            let others = Model {
                resources: vec![],
                abandoned: self
                    .contacts()
                    .into_values()
                    .map(|contact| contact.arn)
                    .collect(),
                ..self.model.clone()
            };
            wrong.extend(others.wrong(self.stack.id(), &self.contacts()));
        } else {
            wrong.extend(self.model.wrong(self.stack.id(), &self.contacts()));
        }
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(wrong.join("\n"))
        }
    }

    /// Does what a person does after a failed operation, once the cause is gone: continues the
    /// rollback, or deletes the stack.
    async fn recover(&mut self, status: Status) -> Result<(), String> {
        match status {
            Status::UpdateRollbackFailed => {
                let outcome = self
                    .stack
                    .continue_update_rollback(&self.transport, &[])
                    .await;
                let outcome = outcome.map_err(|not_now| not_now.to_string())?;
                self.take(&outcome, &vec![]);
                if outcome.status != Status::UpdateRollbackComplete {
                    return Err("the rollback fails although the cause is gone".into());
                }
                self.check(&outcome)
            }
            Status::RollbackComplete | Status::RollbackFailed => {
                self.delete().await?;
                self.stacks += 1;
                self.stack = Stack::new("on-call", self.stacks);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    async fn delete(&mut self) -> Result<(), String> {
        let outcome = self
            .stack
            .delete(&self.transport, &[])
            .await
            .map_err(|not_now| not_now.to_string())?;
        self.take(&outcome, &vec![]);
        if outcome.status != Status::DeleteComplete {
            return Err("the deletion of the stack failed without a cause".into());
        }
        self.check(&outcome)
    }

    /// Deletes the stack. No contact of the stack may remain.
    async fn end(&mut self) -> Result<(), String> {
        if self.stack.status().is_some() {
            self.delete().await?;
        }
        Ok(())
    }
}

/// Whether the exchange is a Create that failed and created nothing. A late duplicate of it could
/// succeed, and nothing would delete its contact: the Delete of a `nothing-created` marker makes no
/// call.
fn made_nothing(exchange: &Exchange) -> bool {
    let answer = match &exchange.response {
        ReceivedResponse::Valid(answer) => answer,
        ReceivedResponse::Missing | ReceivedResponse::Invalid(_) => return false,
    };
    answer.status == ResponseStatus::Failed && answer.physical_id.starts_with("nothing-created:")
}

/// Whether no other resource of the template has the alias of this one.
fn has_own_alias(logical_id: &str, resources: &Resources) -> bool {
    let alias_of =
        |(known, wanted): &(&str, Wanted)| (*known == logical_id).then_some(wanted.alias);
    let alias = resources.iter().find_map(alias_of);
    let mut same = resources
        .iter()
        .filter(|(_, wanted)| Some(wanted.alias) == alias);
    same.nth(1).is_none()
}

fn is_broken(status: Status) -> bool {
    matches!(
        status,
        Status::RollbackFailed | Status::UpdateRollbackFailed | Status::DeleteFailed
    )
}

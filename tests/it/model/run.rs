//! Runs one history, and compares the contacts with the model after every step.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use emulator::Emulator;
use emulator::cloudformation::{
    Change, Delivery, Exchange, OtherFailure, Outcome, ReceivedResponse, ResponseStatus, Stack,
    Status, Template,
};
use emulator::contacts::{Backend, Call, Channel, Effect, Fault};
use serde_json::json;

use super::channels::{Ending, Operation, State, must_refuse, rollback_may_fail};
use super::check::{Contacts, Model, is_of};
use super::history::{
    ALIASES, CHANNEL, History, LastingFault, OutsideChange, Resources, Step, Wanted, Written, plan,
};
use super::people::Act;
use super::transport::{FunctionTransport, Kind, Tally};

struct Run<'a> {
    emulator: Emulator,
    transport: FunctionTransport<'a>,
    stack: Stack,
    model: Model,
    operation: Operation,
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
        operation: Operation::default(),
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
            for act in &step.acts {
                self.act(*act);
            }
            if self.any_in_place(&step.resources, rollback_may_fail) {
                self.trace.push(format!("skipped: {step:?}"));
                continue;
            }
            self.settle().await;
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
            // The contract does not promise exactly one channel if the tokens expire, the list is
            // behind and Names may be repeated.
            OutsideChange::TokensLapse if self.repeats_channels() => {}
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

    /// Whether a condition holds for a resource whose contact the next template keeps.
    fn any_in_place(
        &self,
        next: &Resources,
        condition: impl Fn(&Wanted, &Wanted, &[Channel]) -> bool,
    ) -> bool {
        let State { channels, .. } = self.state();
        let before = |logical_id: &str| {
            let mut all = self.model.resources.iter();
            all.find_map(|(known, old)| (*known == logical_id).then_some(old))
        };
        next.iter().any(|(logical_id, new)| {
            let old = before(logical_id).filter(|old| old.alias == new.alias);
            let channels = channels.get(new.alias).map(Vec::as_slice);
            old.is_some_and(|old| condition(old, new, channels.unwrap_or_default()))
        })
    }

    fn repeats_channels(&self) -> bool {
        self.emulator.contacts.backend(|backend| {
            let switches = &backend.switches;
            !switches.channels_listed_after.is_zero() && !switches.channel_names_are_unique
        })
    }

    fn state(&self) -> State {
        let contacts = self.contacts();
        let aliases = ALIASES.map(str::to_owned);
        let channels = self.emulator.contacts.backend(|backend| {
            let of = |alias: String| (alias.clone(), backend.channels(&alias));
            aliases.map(of).into_iter()
        });
        let channels = channels
            .filter(|(alias, channels)| contacts.contains_key(alias) || !channels.is_empty())
            .collect();
        State { contacts, channels }
    }

    /// Waits until the lists of channels are complete. Persons and new templates are slower than
    /// the service.
    async fn settle(&self) {
        let lag = |backend: &mut Backend| backend.switches.channels_listed_after;
        let lag = self.emulator.contacts.backend(lag);
        self.transport.pass(lag).await;
    }

    /// Begins an operation: its channels are compared with those of now.
    fn begin(&mut self, new: &Resources, denied: LastingFault) {
        let operations = ["ListContactChannels", "DeleteContactChannel"];
        self.operation = Operation {
            before: self.state(),
            calls: self.emulator.contacts.count(),
            old: self.model.resources.clone(),
            new: new.clone(),
            keeps_dropped: operations.map(LastingFault::Denied).contains(&denied),
        };
    }

    /// Does what a person does about a channel.
    fn act(&mut self, act: Act) {
        let state = self.state();
        let done = |backend: &mut Backend| act.carry_out(&state, backend);
        let Some((alias, name)) = self.emulator.contacts.backend(done) else {
            return;
        };
        let held = |(_, wanted): &&(_, Wanted)| wanted.alias == alias;
        let target = self.model.resources.iter().find(held);
        let target = target.and_then(|(_, wanted)| wanted.target_name());
        if target == Some(name.as_str()) {
            self.model.plan_may_stay(alias);
        }
        self.trace.push(format!("{alias}: {act:?}"));
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
                let info = json!({"ContactChannelId": CHANNEL});
                contact.plan = plan(minutes, &contact.contact_type, info, filled_in);
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
        let State { contacts, channels } = self.state();
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
                                && !must_refuse(old, wanted, &channels[wanted.alias])
                        }
                        _ => !contacts.contains_key(wanted.alias),
                    };
                    // For an old token, the service returns the contact that was created with it.
                    unique && place && !wanted.fault && wanted.token.is_none()
                })
    }

    async fn step(&mut self, step: &Step) -> Result<(), String> {
        let must_succeed = self.must_succeed(step);
        self.begin(&step.resources, step.lasting_fault);
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
        // The late duplicates have the tokens of channels that are gone (docs/limits.md).
        let names = |wanted: &Wanted| -> BTreeSet<&'static str> {
            wanted.channels.iter().map(|channel| channel.name).collect()
        };
        let differ = |old: &Wanted, new: &Wanted, _: &[Channel]| names(old) != names(new);
        let tokens_are_stale = outcome.status == Status::UpdateRollbackComplete
            && self.any_in_place(&step.resources, differ);
        if step.late && !is_broken(outcome.status) && !tokens_are_stale {
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
        if complete && self.operation.keeps_dropped {
            // Without the list, it can't be told whether the contact has the plan that the old
            // template gave.
            let named = |(_, old): &(_, Wanted)| old.target_name().map(|_| old.alias);
            for alias in self.operation.old.iter().filter_map(named) {
                self.model.plan_may_stay(alias);
            }
        }
        match outcome.status {
            Status::CreateComplete | Status::UpdateComplete => self.model.resources.clone_from(new),
            Status::RollbackComplete | Status::DeleteComplete => self.model.resources.clear(),
            _ => {}
        }
        // The marker of a Create that could not read its contact stands for that contact.
        let abandoned = outcome.abandoned.iter().map(|resource| {
            let created = new.iter().find(|(known, _)| *known == resource.logical_id);
            match created {
                Some((_, wanted)) if !resource.physical_id.starts_with("arn:") => self
                    .emulator
                    .contacts
                    .backend(|backend| backend.arn(wanted.alias)),
                _ => resource.physical_id.clone(),
            }
        });
        self.model.abandoned.extend(abandoned);
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
        let after = self.state();
        let ending = match outcome.status {
            status if is_broken(status) => Ending::Broken,
            Status::CreateComplete | Status::UpdateComplete => Ending::Complete,
            Status::DeleteComplete => Ending::Deleted,
            _ => Ending::RolledBack,
        };
        // If the operation is broken, the contacts of the stack may match either template. The
        // contacts of other owners must be unchanged.
        let others = (ending == Ending::Broken).then(|| Model {
            resources: vec![],
            abandoned: after.contacts.values().map(|c| c.arn.clone()).collect(),
            ..self.model.clone()
        });
        let model = others.as_ref().unwrap_or(&self.model);
        let complete = ending == Ending::Complete;
        let (stack_id, operation) = (self.stack.id(), &self.operation);
        wrong.extend(model.wrong(stack_id, operation, complete, &after));
        let deleted = self.deleted_since(operation.calls);
        wrong.extend(operation.wrong(stack_id, ending, &after, &deleted));
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(wrong.join("\n"))
        }
    }

    /// The ARNs that DeleteContact was called with.
    fn deleted_since(&self, calls: usize) -> BTreeSet<String> {
        let calls = self.emulator.contacts.calls_since(calls).into_iter();
        let deletes = calls.filter(|call| call.operation == "DeleteContact");
        let arn = |call: Call| call.body["ContactId"].as_str().map(str::to_owned);
        deletes.filter_map(arn).collect()
    }

    /// Does what a person does after a failed operation, once the cause is gone: continues the
    /// rollback, or deletes the stack.
    async fn recover(&mut self, status: Status) -> Result<(), String> {
        match status {
            Status::UpdateRollbackFailed => {
                self.settle().await;
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
        self.begin(&vec![], LastingFault::None);
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

//! Measures one cold start, from the spawn to the first answer, and some warm events after it.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use emulator::Emulator;
use emulator::cloudformation::ResponseStatus;
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::Failure;
use crate::lambda::{Lambda, now};
use crate::process;
use crate::share::Share;
use crate::subject::{Process, Subject, TIMEOUT};

/// The figures of one cold start: times in milliseconds, memory in MB.
#[derive(Clone, Debug)]
pub(crate) struct Start {
    pub(crate) init_cpu: f64,
    pub(crate) spawn_to_answer: f64,
    pub(crate) first_answer: f64,
    pub(crate) first_cpu: f64,
    pub(crate) warm_answer: Vec<f64>,
    pub(crate) warm_cpu: Vec<f64>,
    pub(crate) memory: f64,
}

pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// The figures of one event.
pub(crate) struct Handled {
    pub(crate) answered: Instant,
    pub(crate) answer: Duration,
    pub(crate) cpu: Duration,
}

/// A process that waits for its next event.
pub(crate) struct Warm<'a> {
    subject: &'a Subject,
    emulator: &'a Emulator,
    lambda: Lambda,
    pub(crate) process: Process,
    give: Option<oneshot::Sender<Bytes>>,
    pub(crate) init_cpu: Duration,
    pub(crate) spawned: Instant,
}

impl<'a> Warm<'a> {
    /// Starts a process and waits for its first poll.
    pub(crate) async fn start(
        subject: &'a Subject,
        emulator: &'a Emulator,
        bundle: &Path,
    ) -> Result<Self, Failure> {
        let mut lambda = Lambda::start().await?;
        let spawned = now();
        let process = subject.start(&lambda, emulator, bundle)?;
        let give = tokio::time::timeout(TIMEOUT, lambda.polled()).await??;
        let init_cpu = process::cpu(process.id)?;
        Ok(Self { subject, emulator, lambda, process, give: Some(give), init_cpu, spawned })
    }

    /// Sends the process an event, and waits for its answer and for its next poll.
    pub(crate) async fn handle(&mut self, event: &Value) -> Result<Handled, Failure> {
        tokio::time::timeout(TIMEOUT, self.handle_in_time(event)).await?
    }

    async fn handle_in_time(&mut self, event: &Value) -> Result<Handled, Failure> {
        let before = process::cpu(self.process.id)?;
        let give = self.give.take().ok_or("the process did not poll")?;
        let sink = self.emulator.sink.clone();
        let kept = sink.count();
        let arrived = sink.arrived();
        let began = now();
        give.send(event.to_string().into()).map_err(|_| "the process no longer polls")?;
        let answered = if self.subject.answers {
            tokio::select! {
                () = arrived => {}
                done = self.lambda.done() => {
                    done?;
                    return Err("the process returned without an answer".into());
                }
            }
            let answered = now();
            if !matches!(sink.puts_since(kept).as_slice(), [put] if put.response.as_ref().is_ok_and(|answer| answer.status == ResponseStatus::Success))
            {
                return Err(format!(
                    "no SUCCESS was received: {:?} {:?}",
                    sink.puts_since(kept),
                    sink.refusals()
                )
                .into());
            }
            self.lambda.done().await?;
            answered
        } else {
            self.lambda.done().await?
        };
        let give = self.lambda.polled().await?;
        self.give = Some(give);
        Ok(Handled {
            answered,
            answer: answered - began,
            cpu: process::cpu(self.process.id)?.saturating_sub(before),
        })
    }
}

/// Measures one cold start. If a CPU share is given, it applies from the first poll on.
pub(crate) async fn cold_start(
    subject: &Subject,
    emulator: &Emulator,
    bundle: &Path,
    share: Option<&Share>,
    warm_events: usize,
) -> Result<Start, Failure> {
    let mut warm = Warm::start(subject, emulator, bundle).await?;
    if let Some(share) = share {
        share.admit(warm.process.id)?;
    }
    let first = warm.handle(&subject.event(emulator, 0)?).await?;
    let mut start = Start {
        init_cpu: milliseconds(warm.init_cpu),
        spawn_to_answer: milliseconds(first.answered - warm.spawned),
        first_answer: milliseconds(first.answer),
        first_cpu: milliseconds(first.cpu),
        warm_answer: Vec::new(),
        warm_cpu: Vec::new(),
        memory: 0.0,
    };
    for _ in 0..warm_events {
        let handled = warm.handle(&subject.event(emulator, 0)?).await?;
        start.warm_answer.push(milliseconds(handled.answer));
        start.warm_cpu.push(milliseconds(handled.cpu));
    }
    start.memory = process::peak_memory(warm.process.id)?;
    warm.process.end().await?;
    Ok(start)
}

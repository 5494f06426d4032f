//! Faults by script: which call, how often, and what then happens.

use std::time::Duration;

use super::ServiceError;

/// What happens to a call.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Refused with this error; nothing is applied.
    Refuse(ServiceError),
    /// The connection closes without an answer.
    Lose,
    /// No answer ever comes.
    Hang,
    /// The answer comes one byte at a time.
    Drip(Duration),
    /// The answer breaks off in its middle.
    Truncate,
    /// The answer has this status and body, which need not be JSON.
    Garble(u16, String),
    /// The answer comes after a while.
    Delay(Duration),
    /// No answer ever comes, and whoever waits for `Service::stopped` is told.
    Stop,
}

/// A fault that waits for its call.
#[derive(Clone, Debug)]
pub struct Fault {
    operation: Option<&'static str>,
    skip: u32,
    times: u32,
    pub(super) applied: bool,
    pub(super) effect: Effect,
}

impl Fault {
    /// A fault of the next call of this operation.
    #[must_use]
    pub fn on(operation: &'static str, effect: Effect) -> Self {
        Self {
            operation: Some(operation),
            ..Self::on_any(effect)
        }
    }

    /// A fault of the next call, whatever it is.
    #[must_use]
    pub fn on_any(effect: Effect) -> Self {
        Self {
            operation: None,
            skip: 0,
            times: 1,
            applied: false,
            effect,
        }
    }

    /// Lets so many calls pass first.
    #[must_use]
    pub fn after(self, skip: u32) -> Self {
        Self { skip, ..self }
    }

    /// Hits so many calls.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times, ..self }
    }

    /// Hits every call from then on.
    #[must_use]
    pub fn forever(self) -> Self {
        self.times(u32::MAX)
    }

    /// Applies the call all the same, and only the answer goes wrong.
    #[must_use]
    pub fn once_applied(self) -> Self {
        Self {
            applied: true,
            ..self
        }
    }
}

/// The fault that hits this call, if one does; every waiting fault counts it.
pub(super) fn hit(faults: &mut Vec<Fault>, operation: &str) -> Option<Fault> {
    let mut found = None;
    for fault in faults.iter_mut() {
        if fault.operation.is_some_and(|wanted| wanted != operation) {
            continue;
        }
        if fault.skip > 0 {
            fault.skip -= 1;
        } else if found.is_none() {
            fault.times = fault.times.saturating_sub(1);
            found = Some(fault.clone());
        }
    }
    faults.retain(|fault| fault.times > 0);
    found
}

//! Faults that a test injects into calls.

use std::time::Duration;

use super::ServiceError;

#[derive(Clone, Debug)]
pub enum Effect {
    Refuse(ServiceError),
    Close,
    Hang,
    /// The response is sent one byte at a time, with this delay before each.
    Drip(Duration),
    Truncate,
    /// The response is replaced by one with this status and body. The body need not be JSON.
    Replace(u16, String),
    Delay(Duration),
    /// No response is ever sent, and `Service::stopped` returns.
    Stop,
}

/// A fault that a test injects into one or more calls.
///
/// By default, it affects the next call that matches. `Delay`, `Drip` and `Truncate` affect only
/// the response; with any other effect the call is not applied, unless
/// [`once_applied`](Self::once_applied) is set.
#[derive(Clone, Debug)]
pub struct Fault {
    operation: Option<&'static str>,
    skip: u32,
    times: u32,
    pub(super) applied: bool,
    pub(super) effect: Effect,
}

impl Fault {
    pub fn on(operation: &'static str, effect: Effect) -> Self {
        Self { operation: Some(operation), ..Self::on_any(effect) }
    }

    pub fn on_any(effect: Effect) -> Self {
        Self { operation: None, skip: 0, times: 1, applied: false, effect }
    }

    /// Sets how many matching calls are unaffected before the fault occurs.
    pub fn after(self, skip: u32) -> Self {
        Self { skip, ..self }
    }

    pub fn times(self, times: u32) -> Self {
        Self { times, ..self }
    }

    pub fn forever(self) -> Self {
        self.times(u32::MAX)
    }

    /// Applies the call, so that the fault affects only the response.
    pub fn once_applied(self) -> Self {
        Self { applied: true, ..self }
    }
}

/// Returns the fault that affects a call of this operation, if there is one. The call counts for
/// every fault of the operation.
pub(super) fn take(faults: &mut Vec<Fault>, operation: &str) -> Option<Fault> {
    let mut found = None;
    for fault in faults.iter_mut() {
        if fault.operation.is_some_and(|other| other != operation) {
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

//! Counts the instructions of the start and of one event with callgrind. The counts hardly depend
//! on the machine.

use std::path::Path;

use emulator::Emulator;
use nix::sys::signal::{Signal, kill};

use crate::Failure;
use crate::measure::Warm;
use crate::subject::Subject;

/// Numbers of instructions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instructions {
    /// From the start of the process to the first poll.
    pub(crate) init: u64,
    /// From the first poll to the second: one Create. The start opened the connection to the
    /// service; other connections are new.
    pub(crate) first_event: u64,
    /// The mean of ten later events.
    pub(crate) warm_event: u64,
}

/// Counts the instructions of a program.
pub(crate) async fn count(
    bootstrap: &Path,
    emulator: &Emulator,
    bundle: &Path,
) -> Result<Instructions, Failure> {
    let none = until_the_end(bootstrap, emulator, bundle, 0).await?;
    let one = until_the_end(bootstrap, emulator, bundle, 1).await?;
    let few = until_the_end(bootstrap, emulator, bundle, 3).await?;
    let more = until_the_end(bootstrap, emulator, bundle, 13).await?;
    Ok(Instructions {
        init: none,
        first_event: one.saturating_sub(none),
        warm_event: more.saturating_sub(few) / 10,
    })
}

/// Returns the instructions of a process that starts and handles this many events.
async fn until_the_end(
    bootstrap: &Path,
    emulator: &Emulator,
    bundle: &Path,
    events: usize,
) -> Result<u64, Failure> {
    let profile = std::path::absolute(format!("target/cold_start/callgrind.{events}.out"))?;
    let subject = Subject::new("counted", "/usr/bin/valgrind".into()).with_arguments([
        "--tool=callgrind".to_owned(),
        format!("--callgrind-out-file={}", profile.display()),
        bootstrap.display().to_string(),
    ]);
    let before = emulator.contacts.connections();
    let mut warm = Warm::start(&subject, emulator, bundle).await?;
    let at_start = emulator.contacts.connections() - before;
    for _ in 0..events {
        warm.handle(&subject.event(emulator, 0)?).await?;
    }
    if (at_start, emulator.contacts.connections() - before) != (1, 1) {
        return Err("this machine is too slow: the first event did not use the connection that the start opened".into());
    }
    kill(warm.process.id, Signal::SIGTERM)?;
    warm.process.wait().await?;
    std::fs::read_to_string(&profile)?
        .lines()
        .find_map(|line| line.strip_prefix("totals: "))
        .and_then(|count| count.trim().parse().ok())
        .ok_or_else(|| format!("{} contains no total", profile.display()).into())
}

//! A process as the system sees it: CPU time and memory.

use std::time::Duration;

use nix::time::clock_getcpuclockid;
use nix::unistd::Pid;

use crate::Failure;

/// The CPU time of all its threads so far, those that have ended too.
pub(crate) fn cpu(process: Pid) -> Result<Duration, Failure> {
    Ok(clock_getcpuclockid(process)?.now()?.into())
}

/// The most memory that it ever had at once, in MB.
pub(crate) fn peak_memory(process: Pid) -> Result<f64, Failure> {
    memory(process, "VmHWM:")
}

/// The memory that it has now, in MB.
pub(crate) fn memory_now(process: Pid) -> Result<f64, Failure> {
    memory(process, "VmRSS:")
}

fn memory(process: Pid, name: &str) -> Result<f64, Failure> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let kilobytes: f64 = status
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .and_then(|rest| rest.split_whitespace().next())
        .ok_or("the system tells no memory")?
        .parse()?;
    // The system counts in units of 1024 bytes.
    Ok(kilobytes * 1024.0 / 1e6)
}

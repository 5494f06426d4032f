//! Reads the CPU time and the memory of a process.

use std::time::Duration;

use nix::time::clock_getcpuclockid;
use nix::unistd::Pid;

use crate::Failure;

/// Returns the CPU time of all threads so far, also of those that have ended.
pub(crate) fn cpu(process: Pid) -> Result<Duration, Failure> {
    Ok(clock_getcpuclockid(process)?.now()?.into())
}

/// Returns the peak memory in MB.
pub(crate) fn peak_memory(process: Pid) -> Result<f64, Failure> {
    memory(process, "VmHWM:")
}

/// Returns the current memory in MB.
pub(crate) fn memory_now(process: Pid) -> Result<f64, Failure> {
    memory(process, "VmRSS:")
}

fn memory(process: Pid, name: &str) -> Result<f64, Failure> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let kilobytes: f64 = status
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .and_then(|rest| rest.split_whitespace().next())
        .ok_or("the system does not report the memory of the process")?
        .parse()?;
    // The system counts in units of 1024 bytes.
    Ok(kilobytes * 1024.0 / 1e6)
}

//! Limits a process to the share of a CPU that Lambda gives a function with 128 MB. The limit is
//! the quota of a control group.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use nix::unistd::Pid;

/// The period to which the quota applies.
const PERIOD_MICROSECONDS: u32 = 20_000;
/// The share of 128 MB. A function with 1,769 MB has a whole CPU (Lambda's developer guide,
/// "Configure Lambda function memory").
const QUOTA_MICROSECONDS: u32 = 1_448;

/// A control group, which is removed when it is dropped. Each process needs a new one: CPU time
/// that an earlier process used beyond the quota would be deducted from later periods.
pub(crate) struct Share(PathBuf);

/// The number of groups so far, for unique names.
static MADE: AtomicU32 = AtomicU32::new(0);

impl Share {
    /// Creates a control group, with version 1 or 2 of the interface.
    ///
    /// # Errors
    ///
    /// Returns an error if this process has no permission or if the system has no control groups.
    pub(crate) fn new() -> std::io::Result<Self> {
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("cold-start-{}-{number}", std::process::id());
        let first = PathBuf::from("/sys/fs/cgroup/cpu");
        let (folder, files) = if first.is_dir() {
            let period = ("cpu.cfs_period_us", PERIOD_MICROSECONDS.to_string());
            let quota = ("cpu.cfs_quota_us", QUOTA_MICROSECONDS.to_string());
            (first.join(name), vec![period, quota])
        } else {
            let limit = format!("{QUOTA_MICROSECONDS} {PERIOD_MICROSECONDS}");
            let second = PathBuf::from("/sys/fs/cgroup");
            (second.join(name), vec![("cpu.max", limit)])
        };
        fs::create_dir(&folder)?;
        let share = Self(folder);
        for (file, content) in files {
            fs::write(share.0.join(file), content)?;
        }
        Ok(share)
    }

    /// Adds a process with all its threads.
    pub(crate) fn admit(&self, process: Pid) -> std::io::Result<()> {
        fs::write(self.0.join("cgroup.procs"), process.to_string())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        // While the process still exits, the group can't be removed. An empty group is harmless.
        let _ = fs::remove_dir(&self.0);
    }
}

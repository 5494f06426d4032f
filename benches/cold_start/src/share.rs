//! The share of a CPU that Lambda gives a function of 128 MB: a control group whose
//! quota is that part of each period.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use nix::unistd::Pid;

/// How often the share is handed out.
const PERIOD_MICROSECONDS: u32 = 20_000;
/// 128 MB of the 1,769 MB that come with a whole CPU (Lambda's developer guide,
/// "Configure Lambda function memory").
const QUOTA_MICROSECONDS: u32 = 1_448;

/// A control group, for as long as this lives. Each process needs its own: a group
/// has to make up for what was used beyond its quota before.
pub(crate) struct Share(PathBuf);

/// Counts the groups, so that each has a name of its own.
static MADE: AtomicU32 = AtomicU32::new(0);

impl Share {
    /// Makes one, in version 1 of control groups or 2.
    ///
    /// # Errors
    ///
    /// Where this process may not, or there are none.
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

    /// Puts a process with all its threads in.
    pub(crate) fn admit(&self, process: Pid) -> std::io::Result<()> {
        fs::write(self.0.join("cgroup.procs"), process.to_string())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        // A group whose process has not quite gone stays behind; it costs nothing.
        let _ = fs::remove_dir(&self.0);
    }
}

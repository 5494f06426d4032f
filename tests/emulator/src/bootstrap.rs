//! Builds the function, as the first step of showing it.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

/// Builds `bootstrap` and gives its path.
///
/// # Errors
///
/// Where it does not build; cargo has then said why.
pub(crate) fn build() -> Result<PathBuf, Box<dyn std::error::Error + Send + Sync>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let output = Command::new(cargo)
        .current_dir(root)
        .args([
            "build",
            "--quiet",
            "--bin",
            "bootstrap",
            "--message-format=json-render-diagnostics",
        ])
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err("the function does not build".into());
    }
    // Where cargo puts it depends on settings of the machine, so cargo is asked.
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .find_map(|message| message.get("executable")?.as_str().map(PathBuf::from))
        .ok_or_else(|| "cargo built no executable".into())
}

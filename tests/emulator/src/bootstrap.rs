//! Builds the function, as the first step of showing it.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::Failure;

/// How the variables begin that cargo sets for the program that it runs. They describe
/// the emulator's package. ring's build script watches them, so that a build which sees
/// them compiles ring and all that needs it anew, and so does the next build without them.
const OF_THE_RUN: [&str; 2] = ["CARGO_MANIFEST_", "CARGO_PKG_"];

/// Builds `bootstrap`, says so if it is not up to date, and gives its path.
///
/// # Errors
///
/// Returns an error if it does not build; cargo has then said why.
pub(crate) fn build() -> Result<PathBuf, Failure> {
    let mut build = cargo().spawn()?;
    let messages = build.stdout.take().ok_or("cargo has no output")?;
    let mut announced = false;
    let mut executable = None;
    for message in BufReader::new(messages).lines() {
        let Ok(message) = serde_json::from_str::<Value>(&message?) else {
            continue;
        };
        if !announced && message.get("fresh") == Some(&Value::Bool(false)) {
            anstream::eprintln!("building the function …");
            announced = true;
        }
        // Where cargo puts it depends on settings of the machine, so cargo is asked.
        if let Some(path) = message.get("executable").and_then(Value::as_str) {
            executable = Some(PathBuf::from(path));
        }
    }
    if !build.wait()?.success() {
        return Err("the function does not build".into());
    }
    executable.ok_or_else(|| "cargo built no executable".into())
}

/// A build whose messages can be read while it runs.
fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .args(["build", "--quiet", "--bin", "bootstrap"])
        .arg("--message-format=json-render-diagnostics")
        .stdout(Stdio::piped());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if OF_THE_RUN.iter().any(|prefix| text.starts_with(prefix)) {
            cargo.env_remove(&name);
        }
    }
    cargo
}

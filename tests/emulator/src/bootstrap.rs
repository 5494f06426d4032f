//! Builds the function before the emulator runs it, or finds it beside the emulator.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::Failure;

/// The prefixes of the variables that `cargo run` sets for the emulator. They must not reach the
/// build of the function: ring's build script depends on them, so this build and the next one
/// without them would compile ring and its dependents again.
const CARGO_RUN_PREFIXES: [&str; 2] = ["CARGO_MANIFEST_", "CARGO_PKG_"];

pub(crate) fn given_or_built(given: Option<&Path>) -> Result<PathBuf, Failure> {
    match given {
        // A name without a slash would be looked for in PATH.
        Some(path) if path.is_file() => Ok(std::path::absolute(path)?),
        Some(path) => Err(format!("--bootstrap: {} is no file", path.display()).into()),
        None => find_or_build(),
    }
}

/// Returns the path of `bootstrap`. If cargo started the emulator, cargo builds it first, so that
/// it is up to date. Otherwise it is the one in the emulator's folder, as in a release.
fn find_or_build() -> Result<PathBuf, Failure> {
    let beside = std::env::current_exe()?.with_file_name("bootstrap");
    if std::env::var_os("CARGO").is_none() && beside.is_file() {
        return Ok(beside);
    }
    build()
}

/// Builds `bootstrap` and returns its path. Prints a line if it is not up to date.
fn build() -> Result<PathBuf, Failure> {
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
        // The path depends on cargo's settings, so it is read from cargo's messages.
        if let Some(path) = message.get("executable").and_then(Value::as_str) {
            executable = Some(PathBuf::from(path));
        }
    }
    if !build.wait()?.success() {
        return Err("the function does not build".into());
    }
    executable.ok_or_else(|| "cargo built no executable".into())
}

/// Returns the command of a build whose messages can be read while it runs.
fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // Any folder of the workspace will do. Read while it runs, so that no path gets into the binary.
    if let Some(folder) = std::env::var_os("CARGO_MANIFEST_DIR") {
        cargo.current_dir(folder);
    }
    cargo
        .args(["build", "--quiet", "--package", "ssm-contact-resource", "--bin", "bootstrap"])
        .arg("--message-format=json-render-diagnostics")
        .stdout(Stdio::piped());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if CARGO_RUN_PREFIXES.iter().any(|prefix| text.starts_with(prefix)) {
            cargo.env_remove(&name);
        }
    }
    cargo
}

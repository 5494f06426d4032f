//! The oldest Rust that is promised stands in Cargo.toml once; clippy holds the code
//! against it, and these tests the dependencies and the members.

use std::process::Command;

use serde_json::Value;

/// Major, minor and patch, so that 1.9 is older than 1.85.
fn version(text: &str) -> Vec<u64> {
    let mut parts: Vec<u64> = text.split('.').map(|part| part.parse().unwrap()).collect();
    parts.resize(3, 0);
    parts
}

fn output(command: &mut Command) -> Vec<u8> {
    let output = command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let problem = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {problem}");
    output.stdout
}

fn packages() -> Vec<Value> {
    // A build has fetched what this platform needs, and no more.
    let rust = String::from_utf8(output(Command::new("rustc").arg("-vV"))).unwrap();
    let platform = rust
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap();
    let metadata = output(
        Command::new(env!("CARGO"))
            .args(["metadata", "--format-version", "1", "--locked", "--offline"])
            .args(["--filter-platform", platform]),
    );
    let metadata: Value = serde_json::from_slice(&metadata).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

#[test]
fn no_dependency_needs_a_newer_rust() {
    let ours = version(env!("CARGO_PKG_RUST_VERSION"));
    let newer: Vec<_> = packages()
        .iter()
        .filter_map(|package| {
            let needed = package["rust_version"].as_str()?;
            (version(needed) > ours).then(|| format!("{} needs {needed}", package["id"]))
        })
        .collect();
    assert!(newer.is_empty(), "{newer:#?}");
}

#[test]
fn every_member_promises_the_same_rust() {
    let packages = packages();
    let members: Vec<_> = packages
        .iter()
        .filter(|package| package["source"].is_null())
        .collect();
    assert!(members.len() > 1);
    for member in members {
        assert_eq!(
            member["rust_version"],
            env!("CARGO_PKG_RUST_VERSION"),
            "{}",
            member["name"]
        );
    }
}

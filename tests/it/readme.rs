//! What the README says, held against what is.

use std::path::Path;
use std::process::Command;

use ssm_contact_resource::properties::NAMES;

fn readme() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap()
}

/// The emulator's command stands beside the test binary's folder.
fn emulator() -> std::path::PathBuf {
    let bootstrap = crate::scene::bootstrap();
    bootstrap.with_file_name("emulator")
}

#[test]
fn the_readme_shows_the_real_output() {
    if !emulator().exists() {
        // `cargo test` of this package alone does not build the command.
        eprintln!("not checked: cargo test --workspace builds the emulator's command");
        return;
    }
    let output = Command::new(emulator())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .arg("--bootstrap")
        .arg(crate::scene::bootstrap())
        .arg("events/create-personal.json")
        .output()
        .unwrap();
    assert!(output.status.success());
    let shown = String::from_utf8(output.stdout).unwrap();
    let block = format!("```text\n{}\n```", shown.trim_end());
    assert!(
        readme().contains(&block),
        "the README should hold:\n{block}"
    );
}

#[test]
fn the_readme_names_every_property() {
    for name in NAMES {
        assert!(
            readme().contains(&format!("| `{name}")) || readme().contains(&format!("`{name}.")),
            "{name}"
        );
    }
}

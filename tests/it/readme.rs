//! What the README says, held against what is.

use std::path::Path;

use ssm_contact_resource::properties::NAMES;

use crate::events::emulator;

fn readme() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap()
}

#[test]
fn the_readme_shows_the_real_output() {
    let Some(output) = emulator(&["events/create-personal.json"]) else {
        return;
    };
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

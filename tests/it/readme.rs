//! Compares the README with the output of the emulator and with the names in the code.

use std::path::Path;

use serde_json::Value;

use crate::events::emulator;

/// The event that the README's first command delivers.
const EVENT: &str = "events/create-personal.json";

fn readme() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap()
}

/// The lines that the README shows of the output of its first command.
fn shown() -> Vec<String> {
    let readme = readme();
    let command = format!("```console\ncargo run -p emulator -- {EVENT}\n```\n");
    let (_, after) = readme.split_once(&command).unwrap();
    let (_, block) = after.split_once("```text\n").unwrap();
    let (lines, _) = block.split_once("\n```").unwrap();
    lines.lines().map(ToOwned::to_owned).collect()
}

#[test]
fn the_readme_shows_lines_of_the_real_output_in_order() {
    let shown = shown();
    assert_eq!(shown.len(), 5, "the README says how many lines it shows");
    let Some(output) = emulator(&[EVENT]) else {
        return;
    };
    assert!(output.status.success());
    let output = String::from_utf8(output.stdout).unwrap();
    let mut rest = output.lines();
    for line in shown {
        assert!(
            rest.any(|found| found == line),
            "not in the output, or not in this order: {line:?}\n{output}"
        );
    }
}

#[test]
fn the_readme_names_every_property() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/ssm-contact.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(schema).unwrap()).unwrap();
    let names = schema["properties"].as_object().unwrap().keys();
    for name in names.filter(|name| !name.starts_with("Service")) {
        assert!(
            readme().contains(&format!("| `{name}")) || readme().contains(&format!("`{name}.")),
            "{name}"
        );
    }
}

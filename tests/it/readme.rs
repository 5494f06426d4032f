//! Compares README and docs/local.md with the output of the emulator, and README with the schema.

use serde_json::Value;

use crate::events::emulator;
use crate::files::read;

/// The lines that a page shows after a command of the emulator.
fn shown(page: &str, arguments: &str) -> Vec<String> {
    let page = read(page);
    let command = format!("```console\ncargo run -p emulator -- {arguments}\n```\n");
    let (_, after) = page.split_once(&command).unwrap();
    let (_, block) = after.split_once("```text\n").unwrap();
    let (lines, _) = block.split_once("\n```").unwrap();
    lines.lines().map(without_time).collect()
}

/// Returns a line without the time of an event.
fn without_time(line: &str) -> String {
    let is_time = |time: &str| time.chars().all(|c| c.is_ascii_digit() || c == ':');
    match line.split_once("  ") {
        Some((time, rest)) if time.len() == 8 && is_time(time) => rest.to_owned(),
        _ => line.to_owned(),
    }
}

#[test]
fn the_pages_show_lines_of_the_real_output_in_order() {
    let events = "events/create-personal.json";
    assert_eq!(shown("README.md", events).len(), 5, "the README says how many lines it shows");
    for (page, arguments) in
        [("README.md", events), ("docs/local.md", "stack examples/escalation.yaml")]
    {
        let Some(output) = emulator(&arguments.split(' ').collect::<Vec<_>>()) else {
            return;
        };
        assert!(output.status.success());
        let output = String::from_utf8(output.stdout).unwrap();
        let mut rest = output.lines().map(without_time);
        for line in shown(page, arguments) {
            assert!(
                rest.any(|found| found == line),
                "not in the output, or not in this order: {line:?}\n{output}"
            );
        }
    }
}

#[test]
fn the_readme_names_every_property() {
    let schema: Value = serde_json::from_str(&read("schema/ssm-contact.schema.json")).unwrap();
    let (names, readme) = (schema["properties"].as_object().unwrap().keys(), read("README.md"));
    for name in names.filter(|name| !name.starts_with("Service")) {
        let is_named = [format!("| `{name}"), format!("`{name}.")];
        assert!(is_named.iter().any(|text| readme.contains(text)), "{name}");
    }
}

//! The walls between the rooms: the pure files import no SDK, no runtime, no clock.

use std::path::Path;

const PURE: [&str; 12] = [
    "contact.rs",
    "deadline.rs",
    "error.rs",
    "event.rs",
    "identity.rs",
    "properties.rs",
    "properties/plan.rs",
    "properties/reader.rs",
    "response.rs",
    "response_url.rs",
    "settings.rs",
    "steps.rs",
];
const EDGES: [&str; 5] = ["handler.rs", "io.rs", "lib.rs", "lifecycle.rs", "main.rs"];
const EFFECTS: [&str; 12] = [
    "aws_config",
    "aws_sdk_ssmcontacts",
    "aws_smithy",
    "reqwest",
    "hyper",
    "tokio",
    "std::env",
    "std::fs",
    "std::net",
    "SystemTime",
    "Instant",
    "crate::io",
];

#[test]
fn pure_rooms_touch_nothing_outside() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for file in PURE {
        let text = std::fs::read_to_string(src.join(file)).unwrap();
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            for effect in EFFECTS {
                assert!(!line.contains(effect), "{file} touches {effect}: {line}");
            }
        }
    }
}

#[test]
fn every_file_is_pure_or_a_known_edge() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![src.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if path != src.join("io") {
                    folders.push(path);
                }
                continue;
            }
            let name = path.strip_prefix(&src).unwrap().to_str().unwrap();
            assert!(
                PURE.contains(&name) || EDGES.contains(&name),
                "{name} is in neither list: is it pure?"
            );
        }
    }
}

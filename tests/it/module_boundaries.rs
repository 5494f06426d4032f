//! Checks that only the modules with effects import an SDK, a runtime or a clock.

use std::path::Path;

const PURE: [&str; 19] = [
    "channel.rs",
    "contact.rs",
    "deadline.rs",
    "error.rs",
    "error/message.rs",
    "event.rs",
    "identity.rs",
    "properties.rs",
    "properties/channels.rs",
    "properties/plan.rs",
    "properties/reader.rs",
    "response.rs",
    "response_url.rs",
    "settings.rs",
    "steps.rs",
    "steps/channels.rs",
    "steps/create.rs",
    "steps/delete.rs",
    "steps/update.rs",
];
const EFFECTFUL: [&str; 8] = [
    "aws.rs",
    "handler.rs",
    "io.rs",
    "lib.rs",
    "lifecycle.rs",
    "lifecycle/apply.rs",
    "lifecycle/read.rs",
    "main.rs",
];
const EFFECTS: [&str; 13] = [
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
    "crate::aws",
    "crate::io",
];

#[test]
fn pure_modules_have_no_effects() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for file in PURE {
        let text = std::fs::read_to_string(src.join(file)).unwrap();
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            for effect in EFFECTS {
                assert!(!line.contains(effect), "{file} uses {effect}: {line}");
            }
        }
    }
}

#[test]
fn every_file_is_pure_or_known_to_have_effects() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![src.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if path != src.join("io") && path != src.join("aws") {
                    folders.push(path);
                }
                continue;
            }
            let name = path.strip_prefix(&src).unwrap().to_str().unwrap();
            assert!(
                PURE.contains(&name) || EFFECTFUL.contains(&name),
                "{name} is neither in PURE nor in EFFECTFUL"
            );
        }
    }
}

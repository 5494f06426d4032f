//! Checks that each module of the function uses only modules below it, and that only those with
//! effects use an SDK, a runtime or a clock.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use regex::Regex;

/// The modules, each above those that it uses.
const MODULES: [&str; 14] = [
    "text",
    "json",
    "contact",
    "ownership",
    "properties",
    "cloudformation",
    "io",
    "aws",
    "check",
    "error",
    "request",
    "handler",
    "runtime",
    "fuzzing",
];

const WITH_EFFECTS: [&str; 7] = ["io", "aws", "check", "request", "handler", "runtime", "fuzzing"];

const EFFECTS: &str = concat!(
    r"\b(aws_config|aws_s[dm]\w*|reqwest|hyper|tokio|lambda_runtime|",
    r"std::(env|fs|net)|SystemTime|Instant)\b"
);

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let files = paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] });
    files.collect()
}

#[test]
fn each_module_uses_what_is_below_it_and_pure_ones_have_no_effects() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let used = Regex::new(r"crate::(\w+)").unwrap();
    let effects = Regex::new(EFFECTS).unwrap();
    let place = |module: &str| MODULES.iter().position(|known| *known == module);
    let mut found = BTreeSet::new();
    for path in files(&src) {
        let name = path.strip_prefix(&src).unwrap().to_str().unwrap();
        let module = name.split(['/', '.']).next().unwrap().to_owned();
        if matches!(module.as_str(), "lib" | "main") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let is_test = name.ends_with("tests.rs") || name.contains("/tests/");
        let code = text.split("#[cfg(test)]").next().unwrap();
        let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in lines.filter(|_| !is_test) {
            for other in used.captures_iter(line) {
                let edge = (module.as_str(), &other[1]);
                let is_below = place(edge.1) <= place(edge.0) && place(edge.1).is_some();
                assert!(is_below, "{name} uses {}", edge.1);
            }
            let has_effect = effects.is_match(line) && !WITH_EFFECTS.contains(&module.as_str());
            assert!(!has_effect, "{name}: {line}");
        }
        found.insert(module);
    }
    let known = MODULES.map(ToOwned::to_owned);
    let unknown: Vec<_> = found.iter().filter(|module| !known.contains(module)).collect();
    assert!(unknown.is_empty(), "{unknown:?} have no place");
}

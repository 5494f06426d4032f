//! Compares `docs/behavior.md` with the tests that it cites.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use regex::Regex;

use crate::files::{read, root};

fn document() -> String {
    read("docs/behavior.md")
}

/// The clauses: number and cited tests. A clause is a paragraph that begins with `**1.1**`, and
/// whose last part is `Tests:` with the tests in backticks. A heading is `## 1. Properties`.
fn clauses() -> Vec<(String, Vec<String>)> {
    let heading = Regex::new(r"^## (\d+)\. ").unwrap();
    let clause = Regex::new(r"(?s)^\*\*(\d+\.\d+)\*\* .+?\\\nTests: (.+)$").unwrap();
    let test = Regex::new(r"`(\w+(?:::\w+)+)`").unwrap();
    let mut section = 0;
    let mut clauses: Vec<(String, Vec<String>)> = Vec::new();
    let mut in_section = 0;
    for paragraph in document().split("\n\n").map(str::trim_end) {
        if let Some(found) = heading.captures(paragraph) {
            section += 1;
            in_section = 0;
            assert_eq!(found[1].parse(), Ok(section), "{paragraph}");
        } else if paragraph.starts_with("**") {
            let found = clause.captures(paragraph);
            let found = found.unwrap_or_else(|| panic!("no clause with tests: {paragraph}"));
            in_section += 1;
            assert_eq!(found[1], format!("{section}.{in_section}"));
            let tests = test.captures_iter(&found[2]).map(|test| test[1].to_owned());
            clauses.push((found[1].to_owned(), tests.collect()));
        }
    }
    clauses
}

/// The tests of this binary, as the test harness lists them.
fn tests() -> BTreeSet<String> {
    let list = Command::new(std::env::current_exe().unwrap())
        .args(["--list", "--format", "terse"])
        .output()
        .unwrap();
    let list = String::from_utf8(list.stdout).unwrap();
    let names = list.lines().filter_map(|line| line.strip_suffix(": test"));
    names.map(ToOwned::to_owned).collect()
}

/// The modules of unit tests beside the code, such as `request::create::tests`.
fn unit_tests(folder: &Path, module: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let module = format!("{module}{name}");
        if path.is_dir() {
            found.extend(unit_tests(&path, &format!("{module}::")));
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        if text.contains("#[test]") {
            let is_inline = text.contains("mod tests {");
            found.insert(if is_inline { format!("{module}::tests") } else { module });
        }
    }
    found
}

#[test]
fn every_clause_has_a_number_in_order_and_cites_tests() {
    let clauses = clauses();
    assert!(clauses.len() > 50, "{}", clauses.len());
    for (number, tests) in &clauses {
        assert!(!tests.is_empty(), "{number}");
    }
    let reference = Regex::new(r"[Cc]lause\s+(\d+\.\d+)").unwrap();
    for found in reference.captures_iter(&document()) {
        assert!(clauses.iter().any(|(number, _)| *number == found[1]), "{}", &found[0]);
    }
}

#[test]
fn every_cited_test_exists_and_every_contract_test_is_cited() {
    let tests = tests();
    let cited: BTreeSet<String> = clauses().into_iter().flat_map(|(_, tests)| tests).collect();
    let units = unit_tests(&root().join("src"), "");
    let is_unit = |test: &str| units.iter().any(|unit| unit.starts_with(test));
    let unknown = cited.iter().filter(|test| !tests.contains(*test) && !is_unit(test));
    assert_eq!(unknown.collect::<Vec<_>>(), [""; 0]);
    let is_contract = |test: &&String| test.contains("::contract_");
    assert!(tests.iter().filter(is_contract).count() > 80);
    let missing = tests.iter().filter(is_contract).filter(|test| !cited.contains(*test));
    assert_eq!(missing.collect::<Vec<_>>(), [""; 0]);
}

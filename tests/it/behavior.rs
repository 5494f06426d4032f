//! Compares `docs/behavior.md` with the tests that it cites.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use regex::Regex;

#[derive(Debug)]
struct Section {
    number: u32,
    title: String,
    clauses: Vec<Clause>,
}

#[derive(Debug)]
struct Clause {
    number: String,
    /// The tests that it cites, such as `create::contract_create_deletes`.
    tests: Vec<String>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn document() -> String {
    std::fs::read_to_string(root().join("docs/behavior.md")).unwrap()
}

/// A heading of a section is `## 1. Properties`. A clause is a paragraph that begins with
/// `**1.1**`, and whose last part is `Tests:` and the tests in backticks.
fn sections() -> Vec<Section> {
    let heading = Regex::new(r"^## (\d+)\. (.+)$").unwrap();
    let clause = Regex::new(r"(?s)^\*\*(\d+\.\d+)\*\* .+?(?:\\\nTests: (.+))?$").unwrap();
    let test = Regex::new(r"`(\w+(?:::\w+)+)`").unwrap();
    let mut sections: Vec<Section> = Vec::new();
    for paragraph in document().split("\n\n").map(str::trim_end) {
        if let Some(found) = heading.captures(paragraph) {
            sections.push(Section {
                number: found[1].parse().unwrap(),
                title: found[2].to_owned(),
                clauses: Vec::new(),
            });
        } else if let Some(found) = clause.captures(paragraph) {
            let tests = found.get(2).map_or("", |tests| tests.as_str());
            let tests = test.captures_iter(tests).map(|test| test[1].to_owned());
            sections.last_mut().unwrap().clauses.push(Clause {
                number: found[1].to_owned(),
                tests: tests.collect(),
            });
        }
    }
    sections
}

fn cited() -> BTreeSet<String> {
    let sections = sections().into_iter();
    let clauses = sections.flat_map(|section| section.clauses);
    clauses.flat_map(|clause| clause.tests).collect()
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

/// The files of the tests, each with the name of its module and its text.
fn files() -> Vec<(PathBuf, String, String)> {
    let top = root().join("tests/it");
    let mut folders = vec![top.clone()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let module = path.strip_prefix(&top).unwrap().iter().next().unwrap();
            let module = Path::new(module).file_stem().unwrap().to_str().unwrap();
            let text = std::fs::read_to_string(&path).unwrap();
            files.push((path.clone(), module.to_owned(), text));
        }
    }
    files
}

#[test]
fn sections_and_clauses_are_numbered_in_order() {
    let sections = sections();
    assert!(sections.len() > 10, "{}", sections.len());
    let mut clauses = BTreeSet::new();
    for (section, number) in sections.iter().zip(1..) {
        assert_eq!(section.number, number, "{}", section.title);
        for (clause, n) in section.clauses.iter().zip(1..) {
            assert_eq!(clause.number, format!("{number}.{n}"), "{}", section.title);
            clauses.insert(clause.number.clone());
        }
    }
    let number = Regex::new(r"\*\*[\d.]+\*\*").unwrap();
    let numbers = number.find_iter(&document()).count();
    assert_eq!(numbers, clauses.len(), "every number begins a clause");
    let reference = Regex::new(r"Clause\s+(\d+\.\d+)").unwrap();
    for found in reference.captures_iter(&document()) {
        assert!(clauses.contains(&found[1]), "{}", &found[0]);
    }
    let headings = document().matches("\n## ").count();
    assert_eq!(headings, sections.len(), "every heading has a number");
}

#[test]
fn every_clause_cites_a_test() {
    for section in sections() {
        assert!(!section.clauses.is_empty(), "{}", section.title);
        for clause in section.clauses {
            let number = clause.number;
            assert!(!clause.tests.is_empty(), "{number}");
        }
    }
}

#[test]
fn every_cited_test_exists() {
    let tests = tests();
    assert!(tests.contains("behavior::every_cited_test_exists"));
    let missing: Vec<_> = cited().difference(&tests).cloned().collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn every_contract_test_is_cited() {
    let is_contract = |test: &String| {
        let name = test.rsplit("::").next().unwrap();
        name.starts_with("contract_")
    };
    let contract: BTreeSet<_> = tests().into_iter().filter(is_contract).collect();
    assert!(contract.len() > 100, "{}", contract.len());
    let missing: Vec<_> = contract.difference(&cited()).cloned().collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn every_test_file_that_names_a_section_is_cited_there() {
    let page = "docs/behavior.md, section";
    let citation = Regex::new(&format!(r"{page}s? (\d+(?:(?:, | and )\d+)*)")).unwrap();
    let old = ["Contract", "section"].join(" ");
    let sections = sections();
    let mut citing = 0;
    for (path, module, text) in files() {
        let path = path.display();
        assert!(!text.contains(&old), "{path}: {old}");
        if module == "behavior" {
            continue;
        }
        let found: Vec<_> = citation.captures_iter(&text).collect();
        assert_eq!(found.len(), text.matches(page).count(), "{path}");
        citing += usize::from(!found.is_empty());
        let numbers = found.iter().flat_map(|found| {
            let numbers = found.get(1).unwrap().as_str();
            numbers.split(|c: char| !c.is_ascii_digit())
        });
        for number in numbers.filter_map(|number| number.parse::<u32>().ok()) {
            let section = sections.iter().find(|section| section.number == number);
            let section = section.unwrap_or_else(|| panic!("{path}: no section {number}"));
            let mut tests = section.clauses.iter().flat_map(|clause| &clause.tests);
            let is_of_module = |test: &String| test.split("::").next() == Some(&module);
            assert!(
                tests.any(is_of_module),
                "{path}: no clause of section {number} cites a test of it"
            );
        }
    }
    assert!(citing >= 20, "{citing}");
}

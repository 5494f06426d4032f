//! Each command of the guides is run by a check, or listed in CONTRIBUTING.md as one that no check
//! runs.

use regex::Regex;

use crate::events::emulator;
use crate::files::{blocks, files, read, root};

/// What other checks run, by the beginning of the command, and the file of the check.
const ELSEWHERE: [(&str, &str); 11] = [
    (".ci/environment ", ".ci/run"),
    ("cargo test --workspace", ".ci/run"),
    ("cargo build --release --locked --bin bootstrap", ".ci/run"),
    ("cargo run -p emulator -- serve", "tests/real/services.py"),
    ("sam build --parameter-overrides ", ".ci/run"),
    ("sam ", "tests/real/test_deploy.py"),
    ("cargo lambda build ", "tests/real/test_deploy.py"),
    ("sed -e ", "tests/real/test_deploy.py"),
    ("aws cloudformation package ", "tests/real/test_deploy.py"),
    ("sha256sum ", "tests/real/test_release.py"),
    ("cfn-lint ", "schema/test/run"),
];
/// What `tests/real/test_deploy.py` and `test_release.py` deploy.
const DEPLOYED: &str = "aws cloudformation deploy --template-file ";

/// The pages, and the commands in their blocks of console input.
fn commands() -> Vec<(String, String)> {
    let of_page = |(name, text): (String, String)| {
        let lines = blocks(&text, "console").into_iter().flat_map(str::lines).map(str::trim);
        let lines = lines.filter(|line| !line.is_empty());
        lines.map(|line| (name.clone(), line.to_owned())).collect::<Vec<_>>()
    };
    files("md").into_iter().flat_map(of_page).collect()
}

/// The beginnings of the commands that CONTRIBUTING.md lists.
fn not_run() -> Vec<String> {
    let text = read("CONTRIBUTING.md");
    let (_, section) = text.split_once("## Commands that no check runs").unwrap();
    let row = Regex::new(r"(?m)^\| `([^`]+)` \|").unwrap();
    row.captures_iter(section).map(|row| row[1].to_owned()).collect()
}

#[test]
fn every_command_is_run_or_listed_as_not_run() {
    let (commands, not_run) = (commands(), not_run());
    assert!(commands.len() > 30, "{commands:?}");
    for (page, command) in &commands {
        let begins = |start: &str| command.starts_with(start);
        let is_run = command.starts_with("cargo run -p emulator -- ")
            || command.starts_with(DEPLOYED)
            || ELSEWHERE.iter().any(|(start, _)| begins(start));
        let is_listed = not_run.iter().any(|start| begins(start));
        assert!(is_run || is_listed, "{page}: {command}");
    }
    for start in &not_run {
        let is_used = commands.iter().any(|(_, command)| command.starts_with(start));
        assert!(is_used, "no page has a command that begins with {start}");
    }
    for (_, file) in ELSEWHERE {
        assert!(root().join(file).exists(), "{file}");
    }
}

#[test]
fn the_emulators_commands_run_as_they_are_written() {
    let begin = "cargo run -p emulator -- ";
    for (page, command) in commands() {
        let Some(arguments) = command.strip_prefix(begin) else {
            continue;
        };
        if arguments.starts_with("serve") {
            continue;
        }
        // Another program reads what this one prints.
        let (arguments, _) = arguments.split_once(" | ").unwrap_or((arguments, ""));
        let arguments: Vec<&str> = arguments.split(' ').collect();
        let Some(output) = emulator(&arguments) else {
            return;
        };
        let expected = i32::from(arguments.contains(&"--fail"));
        assert_eq!(
            output.status.code(),
            Some(expected),
            "{page}: {command}\n{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

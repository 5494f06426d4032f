//! Tests of the command, as a person or a script calls it. Cargo builds the command for this test,
//! so other tests of the workspace can run it, too.

#![allow(
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};

const EVENT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../events/create-personal.json"
);

fn emulator(arguments: &[&str]) -> Output {
    let command = env!("CARGO_BIN_EXE_emulator");
    Command::new(command).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_function_that_gives_no_answer_is_a_failure() {
    let output = emulator(&["--bootstrap", "/bin/false", EVENT]);
    assert_eq!(output.status.code(), Some(1));
    let shown = text(&output.stdout);
    assert!(shown.contains("CloudFormation has no answer"), "{shown}");
    assert!(
        !shown.contains('\u{1b}'),
        "there are colours only on terminals: {shown}"
    );
}

#[test]
fn a_machine_reads_one_document_for_each_event() {
    let output = emulator(&["--json", "--bootstrap", "/bin/false", EVENT, EVENT]);
    assert_eq!(output.status.code(), Some(1));
    let lines: Vec<serde_json::Value> = text(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    for document in lines {
        for member in [
            "file",
            "event",
            "calls",
            "answer",
            "problem",
            "violations",
            "contacts",
        ] {
            assert!(document.get(member).is_some(), "{member}: {document}");
        }
    }
}

#[test]
fn what_can_not_be_run_or_read_is_named() {
    for arguments in [
        &["--bootstrap", "/nowhere", EVENT][..],
        &["--bootstrap", "/bin/false", "/nowhere"],
    ] {
        let output = emulator(arguments);
        assert_eq!(output.status.code(), Some(2));
        let said = text(&output.stderr);
        assert!(said.contains("/nowhere"), "{said}");
    }
    assert_eq!(emulator(&[]).status.code(), Some(2));
}

const BUILDING: &str = "building the function …";

#[test]
fn the_function_is_built_only_when_it_is_not_up_to_date() {
    // `cargo run` sets such variables. They must not reach the build, because ring's build script
    // depends on them.
    let run_by = |package: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_emulator"))
            .args(["--json", EVENT])
            .env("CARGO_MANIFEST_DIR", package)
            .env("CARGO_PKG_NAME", package)
            .output()
            .unwrap();
        let said = text(&output.stderr);
        assert!(output.status.success(), "{said}");
        said
    };
    run_by("one");
    assert_eq!(run_by("another"), "");
}

#[test]
fn a_build_is_announced_once() {
    let said_where_fresh_is = |fresh: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_emulator"))
            .arg(EVENT)
            .env(
                "CARGO",
                concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cargo.sh"),
            )
            .env("FRESH", fresh)
            .output()
            .unwrap();
        text(&output.stderr)
    };
    assert_eq!(said_where_fresh_is("false").matches(BUILDING).count(), 1);
    assert_eq!(said_where_fresh_is("true").matches(BUILDING).count(), 0);
}

/// A running `serve` command, which is killed when it is dropped.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn serve_prints_the_environment_and_what_arrives() {
    let command = env!("CARGO_BIN_EXE_emulator");
    let child = Command::new(command)
        .args(["serve", "--contacts-port", "0", "--sink-port", "0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut serving = Serving(child);
    let mut lines = BufReader::new(serving.0.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap);
    let mut line_with = |wanted: &str| lines.find(|line| line.contains(wanted)).unwrap();
    line_with("export AWS_ENDPOINT_URL_SSM_CONTACTS=http://127.0.0.1:");
    let hosts = line_with("export RESPONSE_HOSTS=127.0.0.1:");
    line_with("export AWS_REGION=us-east-2");
    line_with("export AWS_SECRET_ACCESS_KEY=");
    let mut sink = TcpStream::connect(hosts.split_once('=').unwrap().1).unwrap();
    sink.write_all(b"PUT /x HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n")
        .unwrap();
    line_with("PUT refused: 403 SignatureDoesNotMatch");
}

//! Tests of the command, as a person or a script calls it. Cargo builds the command for this test,
//! so other tests of the workspace can run it, too.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

mod stack;

const EVENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../events/create-personal.json");

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_emulator"));
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn emulator(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

/// What a command prints whose process ends with this status.
fn printed(arguments: &[&str], status: i32) -> String {
    let output = emulator(arguments);
    assert_eq!(output.status.code(), Some(status));
    text(if status == 2 { &output.stderr } else { &output.stdout })
}

fn documents(printed: &str) -> Vec<Value> {
    printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_machine_reads_one_document_for_each_event() {
    let shown = printed(&["--json", "--bootstrap", "/bin/false", EVENT, EVENT], 1);
    assert_eq!(documents(&shown).len(), 2);
    for document in documents(&shown) {
        for member in ["file", "event", "calls", "answer", "problem", "violations", "contacts"] {
            assert!(document.get(member).is_some(), "{member}: {document}");
        }
    }
}

#[test]
fn what_can_not_be_run_or_read_is_named() {
    for arguments in
        [&["--bootstrap", "/nowhere", EVENT][..], &["--bootstrap", "/bin/false", "/nowhere"]]
    {
        let said = printed(arguments, 2);
        assert!(said.contains("/nowhere"), "{said}");
    }
    printed(&[], 2);
}

#[test]
fn serve_names_the_port_that_is_taken_and_its_option() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for option in ["--contacts-port", "--sink-port"] {
        let free =
            ["--contacts-port", "--sink-port"].map(|it| if it == option { &*port } else { "0" });
        let said = printed(&["serve", "--contacts-port", free[0], "--sink-port", free[1]], 2);
        assert!(said.contains(&format!("port {port} is taken")), "{said}");
        assert!(said.contains(option), "{said}");
    }
    for wrong in [["--region", "nowhere"], ["--account", "1"]] {
        let said = printed(&["serve", wrong[0], wrong[1]], 2);
        assert!(said.contains(wrong[1]) && said.contains(wrong[0]), "{said}");
    }
}

#[test]
fn standard_input_is_an_event_and_a_function_that_gives_no_answer_is_a_failure() {
    let mut child = command(&["--bootstrap", "/bin/false", "-"]).spawn().unwrap();
    let event = std::fs::read(EVENT).unwrap();
    child.stdin.take().unwrap().write_all(&event).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let shown = text(&output.stdout);
    let answer = "CloudFormation has no answer: no response was sent, and its process exited";
    assert!(shown.contains(answer), "{shown}");
    assert!(!shown.contains('\u{1b}'), "there are colours only on terminals: {shown}");
    assert!(shown.ends_with("The event failed.\n"), "{shown}");
}

const BUILDING: &str = "building the function …";

#[test]
fn the_function_is_built_only_when_it_is_not_up_to_date() {
    // `cargo run` sets such variables. They must not reach the build, because ring's build script
    // depends on them.
    let run_by = |folder: &str| {
        let mut command = command(&["--json", EVENT]);
        command.env("CARGO_MANIFEST_DIR", folder).env("CARGO_PKG_NAME", folder);
        let output = command.output().unwrap();
        let said = text(&output.stderr);
        assert!(output.status.success(), "{said}");
        said
    };
    run_by(".");
    assert_eq!(run_by("../.."), "");
}

#[test]
fn a_build_is_announced_once() {
    let said_where_fresh_is = |fresh: &str| {
        let cargo = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cargo.sh");
        let output = command(&[EVENT]).env("CARGO", cargo).env("FRESH", fresh).output().unwrap();
        text(&output.stderr)
    };
    assert_eq!(said_where_fresh_is("false").matches(BUILDING).count(), 1);
    assert_eq!(said_where_fresh_is("true").matches(BUILDING).count(), 0);
}

/// Calls an operation of the emulated service on this host and port.
fn call(host: &str, operation: &str, body: &str) {
    let mut service = TcpStream::connect(host).unwrap();
    let length = body.len();
    let head = format!(
        "POST / HTTP/1.1\r\nhost: {host}\r\nx-amz-target: SSMContacts.{operation}\r\n\
         content-type: application/x-amz-json-1.1\r\nauthorization: AWS4-HMAC-SHA256 x\r\n\
         content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    );
    service.write_all(head.as_bytes()).unwrap();
    service.read_to_end(&mut Vec::new()).unwrap();
}

/// Creates a contact with two channels, and fails to create a third one.
fn create_channels(host: &str) {
    let contact = r#"{"Alias": "akuam", "Type": "PERSONAL", "Plan": {"Stages": []}}"#;
    call(host, "CreateContact", contact);
    let arn = "arn:aws:ssm-contacts:us-east-2:111122223333:contact/akuam";
    for (name, channel_type, address) in [
        ("mobile", "SMS", ADDRESSES[0]),
        ("mail", "EMAIL", ADDRESSES[1]),
        ("wrong", "SMS", ADDRESSES[2]),
    ] {
        let body = format!(
            r#"{{"ContactId": "{arn}", "Name": "{name}", "Type": "{channel_type}",
                "DeliveryAddress": {{"SimpleAddress": "{address}"}}}}"#
        );
        call(host, "CreateContactChannel", &body);
    }
}

const ADDRESSES: [&str; 3] = ["+12065550107", "akua@example.com", "206-555-0199"];

/// A directory with a stand-in for the function.
struct StandIn(PathBuf);

/// Prints its environment to the named pipe `environment`, waits for a line in the named pipe `end`
/// and exits.
const WAITS: &str = "cd \"${0%/*}\" && env > environment && read line < end\n";

/// For each invocation, lists the contacts, warns, and ends it well.
const WARNS: &str = r#"
send() { # a host and a request; the reply can be read from 3
  exec 3<>"/dev/tcp/${1%:*}/${1#*:}"
  printf '%s\r\n' "$2" "host: $1" 'connection: close' "${@:4}" "content-length: ${#3}" '' >&3
  printf '%s' "$3" >&3
}
runtime=/2018-06-01/runtime/invocation
while :; do
  send "$AWS_LAMBDA_RUNTIME_API" "GET $runtime/next HTTP/1.1" ''
  while read -r name value; do
    [[ $name != lambda-runtime-aws-request-id: ]] || id=${value%$'\r'}
  done <&3
  send "${AWS_ENDPOINT_URL_SSM_CONTACTS#http://}" 'POST / HTTP/1.1' '{}' 'x-amz-target: SSMContacts.ListContacts' \
    'content-type: application/x-amz-json-1.1' 'authorization: AWS4-HMAC-SHA256 x'
  while read -r _; do :; done <&3
  echo '{"timestamp": "x", "level": "INFO", "message": "checked"}'
  echo '{"timestamp": "x", "level": "WARN", "alias": "akuam", "why": "no plan"}'
  send "$AWS_LAMBDA_RUNTIME_API" "POST $runtime/$id/response HTTP/1.1" null
  while read -r _; do :; done <&3
done
"#;

impl StandIn {
    fn new(name: &str, script: &str) -> Self {
        let directory = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let bootstrap = directory.join("bootstrap");
        std::fs::write(&bootstrap, format!("#!/bin/bash\n{script}")).unwrap();
        std::fs::set_permissions(&bootstrap, std::fs::Permissions::from_mode(0o700)).unwrap();
        let pipes = ["environment", "end"].map(|pipe| directory.join(pipe));
        let made = Command::new("mkfifo").args(&pipes).status().unwrap();
        assert!(made.success());
        Self(directory)
    }

    /// Runs the command with an event that has the addresses, and creates channels while the
    /// stand-in waits.
    fn output(&self, arguments: &[&str]) -> String {
        let mut event: Value =
            serde_json::from_str(&std::fs::read_to_string(EVENT).unwrap()).unwrap();
        let channel = |address| json!({"DeliveryAddress": {"SimpleAddress": address}});
        event["ResourceProperties"]["Channels"] = ADDRESSES.iter().map(channel).collect();
        let (bootstrap, path) = (self.0.join("bootstrap"), self.0.join("event.json"));
        std::fs::write(&path, event.to_string()).unwrap();
        let mut command = command(arguments);
        command.arg("--bootstrap").args([&bootstrap, &path]).stderr(Stdio::null());
        let child = command.spawn().unwrap();
        let environment = std::fs::read_to_string(self.0.join("environment")).unwrap();
        let url = environment
            .lines()
            .find_map(|line| line.strip_prefix("AWS_ENDPOINT_URL_SSM_CONTACTS=http://"));
        create_channels(url.unwrap());
        std::fs::write(self.0.join("end"), "end\n").unwrap();
        text(&child.wait_with_output().unwrap().stdout)
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn channels_are_shown_with_masked_addresses() {
    let stand_in = StandIn::new("emulator-text", WAITS);
    let shown = stand_in.output(&[]);
    for line in [
        "    channel mobile SMS +1…07 NOT_ACTIVATED",
        "    channel mail EMAIL ak…om NOT_ACTIVATED",
        r#"      DeliveryAddress {"SimpleAddress":"20…99"}"#,
        "      Message \"Invalid value provided - '20…99' is not a phone number\"",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line}\n{shown}");
    }
    for address in ADDRESSES {
        assert!(!shown.contains(address), "{address}\n{shown}");
    }
}

#[test]
fn a_machine_reads_channels_with_their_addresses() {
    let stand_in = StandIn::new("emulator-json", WAITS);
    let printed = stand_in.output(&["--json"]);
    let document: Value = serde_json::from_str(&printed).unwrap();
    let channels = document["contacts"][0]["Channels"].as_array().unwrap();
    let addresses = channels.iter().map(|channel| &channel["DeliveryAddress"]["SimpleAddress"]);
    assert!(addresses.eq(&ADDRESSES[..2]), "{channels:?}");
    assert_eq!(channels[0]["Name"], "mobile");
    assert_eq!(channels[0]["ActivationStatus"], "NOT_ACTIVATED");
    let called = &document["calls"][3];
    assert_eq!(called["body"]["DeliveryAddress"]["SimpleAddress"], ADDRESSES[2]);
    let message = called["answer"]["Message"].as_str().unwrap();
    assert!(message.contains(ADDRESSES[2]), "{message}");
}

/// A running `serve` command, which is killed when it is dropped.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts `serve` on free ports with these options. Returns it with its lines.
fn serve(options: &[&str]) -> (Serving, impl FnMut(&str) -> String + use<>) {
    let arguments = ["serve", "--contacts-port", "0", "--sink-port", "0"];
    let mut serving = Serving(command(&arguments).args(options).spawn().unwrap());
    let lines = BufReader::new(serving.0.stdout.take().unwrap()).lines();
    let mut lines = lines.map(Result::unwrap);
    let line_with = move |wanted: &str| {
        let mut before = String::new();
        let line = lines.find(|line| {
            before += line;
            line.contains(wanted)
        });
        assert!(line.is_some(), "no {wanted} in {before}");
        line.unwrap()
    };
    (serving, line_with)
}

#[test]
fn serve_prints_the_environment_and_what_arrives() {
    let (_serving, mut line_with) = serve(&[]);
    let contacts = line_with("export AWS_ENDPOINT_URL_SSM_CONTACTS=http://127.0.0.1:");
    let hosts = line_with("export RESPONSE_HOSTS=127.0.0.1:");
    line_with("export AWS_REGION=us-east-2");
    line_with("export AWS_SECRET_ACCESS_KEY=");
    line_with("cargo lambda invoke bootstrap");
    let mut sink = TcpStream::connect(hosts.split_once('=').unwrap().1).unwrap();
    sink.write_all(b"PUT /x HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n").unwrap();
    line_with("PUT refused: 403 SignatureDoesNotMatch");
    create_channels(contacts.split_once("http://").unwrap().1);
    line_with("→ CreateContactChannel");
    line_with(r#"DeliveryAddress {"SimpleAddress":"+1…07"}"#);
    line_with("code 000001 to mobile SMS +1…07");
    line_with(r#"DeliveryAddress {"SimpleAddress":"ak…om"}"#);
    line_with("'20…99' is not a phone number");
}

#[test]
fn serve_names_the_host_of_a_container_and_says_what_it_opens() {
    // Linux accepts connections to every address of 127.0.0.0/8.
    let options = ["--listen", "127.0.0.2", "--host", "host.docker.internal"];
    let (_serving, mut line_with) = serve(&options);
    let contacts = line_with("=http://host.docker.internal:");
    let sink = line_with("RESPONSE_HOSTS=host.docker.internal:");
    let file = line_with("environment.json: ");
    let file: Value = serde_json::from_str(file.split_once(": ").unwrap().1).unwrap();
    let value = |line: &str| line.split_once('=').unwrap().1.to_owned();
    assert_eq!(
        file["Function"],
        json!({"AWS_ENDPOINT_URL_SSM_CONTACTS": value(&contacts),
            "RESPONSE_HOSTS": value(&sink)})
    );
    let command = line_with("| sam local invoke Function --event -");
    assert!(command.ends_with(" --add-host host.docker.internal:host-gateway"));
    let (_, event) = command.split_once("-- event ").unwrap();
    let (event, _) = event.split_once(" |").unwrap();
    let mut arguments: Vec<&str> = event.split(' ').collect();
    arguments[0] = EVENT;
    let output = emulator(&[&["event"], &arguments[..]].concat());
    let event: Value = serde_json::from_slice(&output.stdout).unwrap();
    let url = event["ResponseURL"].as_str().unwrap();
    let path = url.strip_prefix(&format!("http://{}", value(&sink))).unwrap();
    let reached = sink.replace("host.docker.internal", "127.0.0.2");
    let mut bucket = TcpStream::connect(value(&reached)).unwrap();
    write!(bucket, "PUT {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{{}}").unwrap();
    line_with("⇒ PUT, 2 bytes");
}

#[test]
fn a_check_comes_last_and_shows_what_the_function_warns_of() {
    let stand_in = StandIn::new("emulator-check", WARNS);
    let bootstrap = stand_in.0.join("bootstrap");
    let run = |options: &[&str], status| {
        let check = concat!(env!("CARGO_MANIFEST_DIR"), "/../../events/check-reachability.json");
        let options = [options, &["--bootstrap", bootstrap.to_str().unwrap(), check]].concat();
        printed(&options, status)
    };
    let shown = run(&[], 0);
    for line in
        ["  → ListContacts", r#"  WARN {"alias":"akuam","why":"no plan"}"#, "The event succeeded."]
    {
        assert!(shown.lines().any(|shown| shown == line), "{line}\n{shown}");
    }
    let shown = run(&["--json", EVENT], 1);
    let documents = documents(&shown);
    assert_eq!(documents[0]["event"]["RequestType"], "Create");
    assert_eq!(documents[1]["event"]["check"], "reachability");
    assert_eq!(documents[1]["calls"][0]["operation"], "ListContacts");
    assert_eq!(documents[1]["problem"], Value::Null);
    assert_eq!(documents[1]["warnings"].as_array().unwrap().len(), 1);
    let failed = emulator(&["--bootstrap", "/bin/false", "events/check-reachability.json"]);
    assert_ne!(failed.status.code(), Some(0));
}

#[test]
fn a_plan_that_names_nobody_is_refused_and_channels_can_be_activated() {
    let contacts = json!([{"Alias": "akuam", "Type": "PERSONAL"}]);
    let file = std::env::temp_dir().join(format!("emulator-contacts-{}", std::process::id()));
    std::fs::write(&file, contacts.to_string()).unwrap();
    let (_serving, mut line_with) = serve(&["--activate", "--contacts", file.to_str().unwrap()]);
    let contacts = line_with("AWS_ENDPOINT_URL_SSM_CONTACTS=");
    let host = contacts.split_once("http://").unwrap().1.to_owned();
    std::fs::remove_file(file).unwrap();
    create_channels(&host);
    let arn = "arn:aws:ssm-contacts:us-east-2:111122223333:contact/akuam";
    call(&host, "ListContactChannels", &format!(r#"{{"ContactId": "{arn}"}}"#));
    line_with(r#""ActivationStatus":"ACTIVATED""#);
    let target = r#"{"ContactTargetInfo": {"ContactId": "ARNx", "IsEssential": true}}"#;
    let stages = format!(r#"{{"Stages": [{{"DurationInMinutes": 1, "Targets": [{target}]}}]}}"#);
    let body = format!(r#"{{"Alias": "esc", "Type": "ESCALATION", "Plan": {stages}}}"#);
    call(&host, "CreateContact", &body.replace("ARN", arn));
    line_with("contact/akuamx was not found");
}

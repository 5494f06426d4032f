//! Faults of the service and of the bucket. For each fault, a test checks what CloudFormation sees
//! and whether a contact is left behind. `--nocapture` shows the results as a table.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use emulator::cloudformation::ResponseStatus;
use emulator::contacts::{Effect, Fault, ServiceError};
use emulator::sink::PutFault;
use serde_json::json;

use crate::fixture::{Fixture, akua, failure, nothing_created, outcome_unknown, success, told};
use crate::in_process::InProcess;

/// Lambda's Timeout in this suite.
const TIMEOUT: Duration = Duration::from_secs(6);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Sees {
    Success,
    Failed,
    /// The invocation sends no answer. Lambda counts an error and tries again.
    Nothing,
}

/// A fault of the service, and of the bucket; what CloudFormation sees; and whether a contact is
/// left behind.
type Case = (&'static str, Option<Fault>, Vec<PutFault>, Sees, bool);

fn on_create(effect: Effect) -> Fault {
    Fault::on("CreateContact", effect)
}

fn refuse(code: &str) -> Effect {
    Effect::Refuse(ServiceError::new(code, ""))
}

/// Where nobody answers.
const UNREACHABLE: &str = "the service refuses connections";

/// A row for each fault of CreateContact: what it is, how often, whether the service applies the
/// call, what CloudFormation sees, and whether a contact is left behind.
macro_rules! of_the_service {
    ($($name:literal: $effect:expr, $times:literal, $applied:literal => $sees:ident, $leaves:literal;)*) => {
        vec![$({
            let fault = on_create($effect).times($times);
            let fault = if $applied { fault.once_applied() } else { fault };
            ($name, Some(fault), vec![], Sees::$sees, $leaves)
        }),*]
    };
}

/// A row for each fault of the bucket: what it is, and what CloudFormation sees.
macro_rules! of_the_bucket {
    ($($name:literal: $faults:expr => $sees:ident;)*) => {
        vec![$(($name, None, $faults, Sees::$sees, true)),*]
    };
}

fn cases() -> Vec<Case> {
    let text = |status, text: &str| Effect::Replace(status, text.to_owned());
    let internal = || Effect::Refuse(ServiceError::internal());
    let drip = |millis| Effect::Drip(Duration::from_millis(millis));
    let mut cases: Vec<Case> = of_the_service! {
        "it hangs before it applies": Effect::Hang, 99, false => Failed, false;
        "it hangs once it has applied": Effect::Hang, 99, true => Failed, true;
        "its connection breaks, twice": Effect::Close, 2, false => Success, true;
        "its connection breaks, every time": Effect::Close, 99, false => Failed, false;
        "its reply is lost": Effect::Close, 1, true => Success, true;
        "its reply is slow, a byte every 10 ms": drip(10), 1, false => Success, true;
        "its reply is slow, a byte every second": drip(1000), 99, false => Failed, true;
        "its reply breaks off": Effect::Truncate, 2, false => Success, true;
        "its reply is HTML": text(502, "<html>Bad Gateway</html>"), 2, false => Success, true;
        "its reply is no JSON": text(200, "OK"), 2, true => Success, true;
        "it reports a wrong clock": refuse("InvalidSignatureException"), 99, false => Failed, false;
        "the credentials have expired": refuse("ExpiredTokenException"), 99, false => Failed, false;
        "HTTP 500, twice": internal(), 2, false => Success, true;
        "HTTP 500, every time": internal(), 99, false => Failed, false;
    };
    cases.push((UNREACHABLE, None, vec![], Sees::Failed, false));
    let bucket: Vec<Case> = of_the_bucket! {
        "it refuses the PUT": vec![PutFault::Status(403, "SignatureDoesNotMatch")] => Nothing;
        "it redirects the PUT": vec![PutFault::Redirect("http://127.0.0.1:9/".into())] => Nothing;
        "the PUT's connection breaks, twice": vec![PutFault::Close; 2] => Success;
        "one PUT hangs": vec![PutFault::Hang] => Success;
        "HTTP 503, every time": vec![PutFault::Status(503, "SlowDown"); 100] => Nothing;
        "it never answers": vec![PutFault::Hang; 100] => Nothing;
    };
    cases.extend(bucket);
    cases
}

async fn run((name, service, bucket, sees, leaves_a_contact): Case) -> String {
    let fixture = Fixture::with(|function| {
        let function = function.timeout(Some(TIMEOUT));
        if name == UNREACHABLE {
            function.env("AWS_ENDPOINT_URL_SSM_CONTACTS", "http://127.0.0.1:9")
        } else {
            function
        }
    })
    .await;
    if let Some(fault) = service {
        fixture.fault(fault);
    }
    for fault in bucket {
        fixture.emulator.sink.fault(fault);
    }
    let delivered = fixture.create(&akua(json!({}))).await;
    let (found, told) = match delivered.response() {
        Ok(answer) if answer.status == ResponseStatus::Success => (Sees::Success, String::new()),
        Ok(answer) => (Sees::Failed, answer.reason.clone().unwrap()),
        Err(_) => (Sees::Nothing, format!("{:?}", delivered.outcome)),
    };
    assert_eq!(found, sees, "{name}: {delivered}");
    assert_eq!(fixture.exists("akuam"), leaves_a_contact, "{name}");
    let told: String = told.chars().take(140).collect();
    let calls = delivered.calls.len();
    format!("| {name} | {sees:?} | {calls} | {leaves_a_contact} | {told} |")
}

#[tokio::test]
async fn every_fault_ends_as_it_should() {
    let rows = futures_util::future::join_all(cases().into_iter().map(run)).await;
    let mut table = String::from(
        "| fault | CloudFormation sees | calls | leaves a contact | Reason or error |\n|---|---|---|---|---|\n",
    );
    for row in rows {
        writeln!(table, "{row}").unwrap();
    }
    eprintln!("{table}");
}

#[tokio::test]
async fn contract_a_passing_status_is_retried_whatever_the_body() {
    let fixture = Fixture::on_a_test_clock().await;
    for status in [429, 408, 500, 501, 502, 503, 504, 505, 520, 599] {
        for body in ["", "<html>Try again</html>", "{}", r#"{"Message": "later"}"#] {
            let effect = Effect::Replace(status, body.into());
            fixture.emulator.contacts.fault(on_create(effect).times(2));
            let created = fixture.create(&akua(json!({}))).await;
            success(&created);
            assert_eq!(created.calls.len(), 3, "{status} {body}: {created}");
            fixture.emulator.contacts.backend(|backend| backend.remove("akuam"));
        }
    }
    for status in [400, 403, 404, 413] {
        let effect = Effect::Replace(status, "<html>No</html>".into());
        fixture.emulator.contacts.fault(on_create(effect));
        let created = fixture.create(&akua(json!({}))).await;
        let said = format!("CreateContact failed for akuam: HTTP {status} without an error code");
        told(&created, &nothing_created(&created), &[&said]);
        assert_eq!(created.calls.len(), 1, "{status}: {created}");
    }
    // Neither is a refusal.
    for (status, body) in [(200, r#"{"ContactArn": 1}"#), (307, "")] {
        fixture.emulator.contacts.fault(on_create(Effect::Replace(status, body.into())));
        let created = fixture.create(&akua(json!({}))).await;
        failure(&created, &outcome_unknown(&created));
        assert_eq!(created.calls.len(), 1, "{status}: {created}");
    }
}

#[tokio::test]
async fn contract_hundreds_of_creates_come_through_a_throttled_service() {
    const CONTACTS: u32 = 100;
    let fixture = Fixture::start().await;
    let function = InProcess::start(&fixture.emulator).await;
    // By default, the SDK makes at most 3 attempts for each call and 100 retries for all calls
    // together.
    let throttled = on_create(Effect::Refuse(ServiceError::throttling()));
    fixture.fault(throttled.times(5 * CONTACTS));
    let creates = (0..CONTACTS).map(|n| {
        let event = fixture.event("Create", &akua(json!({"Alias": format!("a{n}")})));
        function.invoke(fixture.presigned(event))
    });
    futures_util::future::join_all(creates).await;
    let puts = fixture.emulator.sink.puts();
    let succeeded = puts.iter().filter(|put| {
        let answer = put.response.as_ref().unwrap();
        answer.status == ResponseStatus::Success
    });
    // On a busy machine, a PUT may be slow, and then the function sends it again.
    let succeeded: BTreeSet<_> = succeeded.map(|put| &put.request.request_id).collect();
    assert_eq!(succeeded.len(), CONTACTS as usize);
}

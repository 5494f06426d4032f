//! Faults of the service and of the bucket. For each fault, a test checks what CloudFormation sees
//! and whether a contact is left behind. `--nocapture` shows the results as a table.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use emulator::cloudformation::{Ids, ResponseStatus};
use emulator::contacts::{Effect, Fault, ServiceError};
use emulator::sink::PutFault;
use serde_json::json;

use crate::fixture::{Fixture, akua, failure, nothing_created, success};
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

struct Case {
    name: &'static str,
    service: Vec<Fault>,
    bucket: Vec<PutFault>,
    unreachable: bool,
    sees: Sees,
    leaves_a_contact: bool,
}

fn case(name: &'static str, service: Vec<Fault>, sees: Sees, leaves_a_contact: bool) -> Case {
    Case {
        name,
        service,
        bucket: vec![],
        unreachable: false,
        sees,
        leaves_a_contact,
    }
}

fn on_create(effect: Effect) -> Fault {
    Fault::on("CreateContact", effect)
}

fn refuse(code: &str, message: &str) -> Effect {
    Effect::Refuse(ServiceError::new(code, message))
}

#[expect(clippy::too_many_lines, reason = "a table with one row for each fault")]
fn cases() -> Vec<Case> {
    let html = || Effect::Replace(502, "<html>Bad Gateway</html>".into());
    let drip = |millis| on_create(Effect::Drip(Duration::from_millis(millis)));
    let bucket = |name, trouble: Vec<PutFault>, sees| Case {
        bucket: trouble,
        ..case(name, vec![], sees, true)
    };
    vec![
        case(
            "the service hangs before it applies",
            vec![on_create(Effect::Hang).forever()],
            Sees::Failed,
            false,
        ),
        case(
            "the service hangs once it has applied",
            vec![on_create(Effect::Hang).once_applied().forever()],
            Sees::Failed,
            true,
        ),
        Case {
            unreachable: true,
            ..case(
                "the service refuses connections",
                vec![],
                Sees::Failed,
                false,
            )
        },
        case(
            "the connection breaks, twice",
            vec![on_create(Effect::Close).times(2)],
            Sees::Success,
            true,
        ),
        case(
            "the connection breaks, every time",
            vec![on_create(Effect::Close).forever()],
            Sees::Failed,
            false,
        ),
        case(
            "the reply is lost once it has applied",
            vec![on_create(Effect::Close).once_applied()],
            Sees::Success,
            true,
        ),
        case(
            "the reply is slow, a byte every 10 ms",
            vec![drip(10)],
            Sees::Success,
            true,
        ),
        case(
            "the reply is slow, a byte every second",
            vec![drip(1000).forever()],
            Sees::Failed,
            true,
        ),
        case(
            "the reply breaks off",
            vec![on_create(Effect::Truncate).times(2)],
            Sees::Success,
            true,
        ),
        case(
            "the reply is HTML",
            vec![on_create(html()).times(2)],
            Sees::Success,
            true,
        ),
        case(
            "the reply of a success is not JSON",
            vec![
                on_create(Effect::Replace(200, "OK".into()))
                    .times(2)
                    .once_applied(),
            ],
            Sees::Success,
            true,
        ),
        case(
            "the service reports a wrong clock",
            vec![
                on_create(refuse(
                    "InvalidSignatureException",
                    "Signature expired: 20261123T095800Z is now earlier than 20261123T100300Z",
                ))
                .forever(),
            ],
            Sees::Failed,
            false,
        ),
        case(
            "the credentials have expired",
            vec![
                on_create(refuse(
                    "ExpiredTokenException",
                    "The security token included in the request is expired",
                ))
                .forever(),
            ],
            Sees::Failed,
            false,
        ),
        case(
            "HTTP 500, twice",
            vec![on_create(Effect::Refuse(ServiceError::internal())).times(2)],
            Sees::Success,
            true,
        ),
        case(
            "HTTP 500, every time",
            vec![on_create(Effect::Refuse(ServiceError::internal())).forever()],
            Sees::Failed,
            false,
        ),
        bucket(
            "the bucket refuses the PUT",
            vec![PutFault::Status(403, "SignatureDoesNotMatch")],
            Sees::Nothing,
        ),
        bucket(
            "the bucket redirects the PUT",
            vec![PutFault::Redirect("http://127.0.0.1:9/".into())],
            Sees::Nothing,
        ),
        bucket(
            "the PUT's connection breaks, twice",
            vec![PutFault::Close; 2],
            Sees::Success,
        ),
        bucket("one PUT hangs", vec![PutFault::Hang], Sees::Success),
        bucket(
            "HTTP 503 from the bucket, every time",
            vec![PutFault::Status(503, "SlowDown"); 100],
            Sees::Nothing,
        ),
        bucket(
            "the bucket never answers",
            vec![PutFault::Hang; 100],
            Sees::Nothing,
        ),
    ]
}

async fn run(case: Case) -> String {
    let fixture = Fixture::with(|function| {
        let function = function.timeout(Some(TIMEOUT));
        if case.unreachable {
            function.env("AWS_ENDPOINT_URL_SSM_CONTACTS", "http://127.0.0.1:9")
        } else {
            function
        }
    })
    .await;
    for fault in case.service {
        fixture.emulator.contacts.fault(fault);
    }
    for trouble in case.bucket {
        fixture.emulator.sink.fault(trouble);
    }
    let delivered = fixture
        .deliver(fixture.event("Create", &akua(json!({}))))
        .await;
    let (sees, told) = match delivered.response() {
        Ok(answer) if answer.status == ResponseStatus::Success => (Sees::Success, String::new()),
        Ok(answer) => (Sees::Failed, answer.reason.clone().unwrap()),
        Err(_) => (Sees::Nothing, format!("{:?}", delivered.outcome)),
    };
    assert_eq!(sees, case.sees, "{}: {delivered}", case.name);
    assert_eq!(
        fixture.exists("akuam"),
        case.leaves_a_contact,
        "{}",
        case.name
    );
    let left = if case.leaves_a_contact {
        "the contact"
    } else {
        "nothing"
    };
    let told: String = told.chars().take(140).collect();
    let name = case.name;
    let calls = delivered.calls.len();
    format!("| {name} | {sees:?} | {calls} | {left} | {told} |")
}

#[tokio::test]
async fn every_fault_ends_as_it_should() {
    let rows = futures_util::future::join_all(cases().into_iter().map(run)).await;
    let mut table = String::from(
        "| fault | CloudFormation sees | calls | left behind | Reason or error |\n|---|---|---|---|---|\n",
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
        for body in [
            "",
            "<html>Try again</html>",
            "{}",
            r#"{"Message": "later"}"#,
        ] {
            let effect = Effect::Replace(status, body.into());
            fixture.emulator.contacts.fault(on_create(effect).times(2));
            let created = fixture.create(&akua(json!({}))).await;
            success(&created);
            assert_eq!(created.calls.len(), 3, "{status} {body}: {created}");
            fixture
                .emulator
                .contacts
                .backend(|backend| backend.remove("akuam"));
        }
    }
    for status in [400, 403, 404, 413] {
        let effect = Effect::Replace(status, "<html>No</html>".into());
        fixture.emulator.contacts.fault(on_create(effect));
        let created = fixture.create(&akua(json!({}))).await;
        failure(&created, &nothing_created(&created));
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
        let mut event = fixture.event("Create", &akua(json!({"Alias": format!("a{n}")})));
        let ids = Ids::of_event(&event).unwrap();
        event["ResponseURL"] = json!(fixture.emulator.sink.presign(&ids));
        function.invoke(event)
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

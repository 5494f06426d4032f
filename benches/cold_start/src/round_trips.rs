//! Measures the time of an event with a slow service, where a call takes longer than all that the
//! function does itself.

use std::path::Path;
use std::time::Duration;

use anstream::println;
use emulator::Emulator;
use emulator::contacts::{Effect, Fault};
use serde_json::{Value, json};

use crate::Failure;
use crate::measure::{Warm, milliseconds};
use crate::subject::Subject;
use crate::table::{median, number};

/// Milliseconds that the service takes for a call.
const DELAYS: [u64; 2] = [0, 50];
const REPETITIONS: usize = 10;

pub(crate) async fn print(
    subject: &Subject,
    emulator: &Emulator,
    bundle: &Path,
) -> Result<(), Failure> {
    println!(
        "| template | service takes ms a call | Create event → answer ms | its calls | Update that changes nothing, first of a process → answer ms | warm → answer ms | its calls |"
    );
    println!("|---|---|---|---|---|---|---|");
    for delay in DELAYS {
        emulator.contacts.clear_faults();
        // A delay of zero would take a millisecond, which is the resolution of the timer.
        if delay > 0 {
            let delayed = Effect::Delay(Duration::from_millis(delay));
            emulator.contacts.fault(Fault::on_any(delayed).forever());
        }
        let contact = subject.event(emulator, 0)?;
        row(subject, emulator, bundle, ("a contact", contact), delay).await?;
        let person = person(subject.event(emulator, 0)?)?;
        let label = "a person with two channels";
        row(subject, emulator, bundle, (label, person), delay).await?;
    }
    Ok(())
}

/// Returns the Create of a person with two channels and a plan that names them.
fn person(mut create: Value) -> Result<Value, Failure> {
    let properties = create.get_mut("ResourceProperties");
    let properties = properties.and_then(Value::as_object_mut);
    let properties = properties.ok_or("the event has no properties")?;
    let target = |name: &str| json!({"ChannelTargetInfo": {"ContactChannelName": name, "RetryIntervalInMinutes": "1"}});
    let targets = ["mobile", "mail"].map(target);
    properties.insert("Alias".to_owned(), "person".into());
    properties.insert(
        "Channels".to_owned(),
        json!([
            {"Name": "mobile", "Type": "SMS", "DeliveryAddress": {"SimpleAddress": "+12065550100"}},
            {"Name": "mail", "Type": "EMAIL", "DeliveryAddress": {"SimpleAddress": "akua@example.com"}},
        ]),
    );
    properties.insert(
        "Plan".to_owned(),
        json!({"Stages": [{"DurationInMinutes": "5", "Targets": targets}]}),
    );
    Ok(create)
}

async fn row(
    subject: &Subject,
    emulator: &Emulator,
    bundle: &Path,
    (label, create): (&str, Value),
    delay: u64,
) -> Result<(), Failure> {
    let update = unchanged(emulator, create.clone())?;
    let (mut creates, mut firsts, mut warm_ones) = (Vec::new(), Vec::new(), Vec::new());
    let (mut create_calls, mut update_calls) = (String::new(), String::new());
    let operations = |since: usize| {
        let calls = emulator.contacts.calls_since(since);
        let operations: Vec<&str> = calls.iter().map(|call| call.operation.as_str()).collect();
        operations.join(", ")
    };
    for _ in 0..REPETITIONS {
        let mut process = Warm::start(subject, emulator, bundle).await?;
        let before = emulator.contacts.count();
        creates.push(milliseconds(process.handle(&create).await?.answer));
        create_calls = operations(before);
        process.process.end().await?;

        let mut process = Warm::start(subject, emulator, bundle).await?;
        firsts.push(milliseconds(process.handle(&update).await?.answer));
        let before = emulator.contacts.count();
        warm_ones.push(milliseconds(process.handle(&update).await?.answer));
        update_calls = operations(before);
        process.process.end().await?;
    }
    let [create, first, warm] =
        [creates, firsts, warm_ones].map(|times| number(median(times.into_iter())));
    println!(
        "| {label} | {delay} | {create} | {create_calls} | {first} | {warm} | {update_calls} |"
    );
    Ok(())
}

/// Returns the Update, with the same properties, of the contact that this Create creates.
fn unchanged(emulator: &Emulator, mut create: Value) -> Result<Value, Failure> {
    let members = create.as_object_mut().ok_or("the event is not an object")?;
    let properties = members.get("ResourceProperties").cloned();
    let alias = properties.as_ref().and_then(|properties| properties.get("Alias")?.as_str());
    let alias = alias.ok_or("the event has no alias")?;
    let arn = emulator.contacts.backend(|backend| backend.arn(alias));
    members.insert("RequestType".to_owned(), "Update".into());
    members.insert("PhysicalResourceId".to_owned(), arn.into());
    members.insert("OldResourceProperties".to_owned(), properties.into());
    Ok(create)
}

//! Measures the time of an event with a slow service, where a call takes longer than all that the
//! function does itself.

use std::path::Path;
use std::time::Duration;

use anstream::println;
use emulator::Emulator;
use emulator::contacts::{Effect, Fault};
use serde_json::Value;

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
        "| service takes ms a call | Create event → answer ms | Update that changes nothing, first of a process → answer ms | warm → answer ms | its calls |"
    );
    println!("|---|---|---|---|---|");
    for delay in DELAYS {
        emulator.contacts.clear_faults();
        // A delay of zero would take a millisecond, which is the resolution of the timer.
        if delay > 0 {
            let delayed = Effect::Delay(Duration::from_millis(delay));
            emulator.contacts.fault(Fault::on_any(delayed).forever());
        }
        row(subject, emulator, bundle, delay).await?;
    }
    Ok(())
}

async fn row(
    subject: &Subject,
    emulator: &Emulator,
    bundle: &Path,
    delay: u64,
) -> Result<(), Failure> {
    let create = subject.event(emulator, 0)?;
    let update = unchanged(emulator, create.clone())?;
    let (mut creates, mut firsts, mut warm_ones) = (Vec::new(), Vec::new(), Vec::new());
    let mut calls = Vec::new();
    for _ in 0..REPETITIONS {
        let mut process = Warm::start(subject, emulator, bundle).await?;
        creates.push(milliseconds(process.handle(&create).await?.answer));
        process.process.end().await?;

        let mut process = Warm::start(subject, emulator, bundle).await?;
        firsts.push(milliseconds(process.handle(&update).await?.answer));
        let before = emulator.contacts.count();
        warm_ones.push(milliseconds(process.handle(&update).await?.answer));
        calls = emulator.contacts.calls_since(before);
        process.process.end().await?;
    }
    let operations: Vec<&str> = calls.iter().map(|call| call.operation.as_str()).collect();
    let [create, first, warm] =
        [creates, firsts, warm_ones].map(|times| number(median(times.into_iter())));
    println!(
        "| {delay} | {create} | {first} | {warm} | {} |",
        operations.join(", ")
    );
    Ok(())
}

/// Returns the Update, with the same properties, of the contact that this Create creates.
fn unchanged(emulator: &Emulator, mut create: Value) -> Result<Value, Failure> {
    let members = create.as_object_mut().ok_or("the event is not an object")?;
    let properties = members.get("ResourceProperties").cloned();
    let alias = properties
        .as_ref()
        .and_then(|properties| properties.get("Alias")?.as_str());
    let alias = alias.ok_or("the event has no alias")?;
    let arn = emulator.contacts.backend(|backend| backend.arn(alias));
    members.insert("RequestType".to_owned(), "Update".into());
    members.insert("PhysicalResourceId".to_owned(), arn.into());
    members.insert("OldResourceProperties".to_owned(), properties.into());
    Ok(create)
}

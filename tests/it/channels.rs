//! A person's channels. What nobody outside AWS knows of the service is drawn from [`ANSWERS`],
//! and everything holds under each of them.

use emulator::contacts::{Channel, Switches};
use serde_json::{Value, json};

use crate::fixture::{Fixture, akua};

mod create;
mod delete;
mod matching;
mod secrecy;
mod update;

const MOBILE: &str = "+1 (206) 555-0107";
const OTHER: &str = "+12065550108";
const THIRD: &str = "+12065550109";
const MAIL: &str = "Akua@example.com";

/// One way in which the service may behave.
type Answer = fn(&mut Switches);

/// What the service may do where no public source tells.
const ANSWERS: [Answer; 7] = [
    |_| {},
    |switches| switches.channel_names_are_unique = true,
    |switches| switches.channel_addresses_are_unique = true,
    |switches| switches.channels_block_delete = true,
    |switches| switches.changed_address_keeps_activation = true,
    |switches| switches.normalizes_addresses = true,
    |switches| switches.channels_per_page = Some(1),
];

/// Runs a check under each answer, on a clock that the function's waits move.
async fn under_each_answer(check: impl AsyncFn(Fixture)) {
    for answer in ANSWERS {
        let fixture = Fixture::on_a_test_clock().await;
        fixture.switch(answer);
        check(fixture).await;
    }
}

/// A channel of a template.
fn channel(name: &str, channel_type: &str, address: &str) -> Value {
    json!({"Name": name, "Type": channel_type, "DeliveryAddress": {"SimpleAddress": address}})
}

fn sms(name: &str, address: &str) -> Value {
    channel(name, "SMS", address)
}

fn mobile() -> Value {
    sms("mobile", MOBILE)
}

fn mail() -> Value {
    channel("mail", "EMAIL", MAIL)
}

/// Akua with these channels, and a plan that names them all.
fn person(channels: &[Value]) -> Value {
    let target = |channel: &Value| {
        let info = json!({"ContactChannelName": channel["Name"], "RetryIntervalInMinutes": "1"});
        json!({"ChannelTargetInfo": info})
    };
    let targets: Vec<Value> = channels.iter().map(target).collect();
    akua(json!({
        "Channels": channels,
        "Plan": {"Stages": [{"DurationInMinutes": "5", "Targets": targets}]},
    }))
}

fn channels(fixture: &Fixture) -> Vec<Channel> {
    fixture.backend(|backend| backend.channels("akuam"))
}

/// The channel of this Name. There must be one only.
fn the(fixture: &Fixture, name: &str) -> Channel {
    let of_name = channels(fixture).into_iter().filter(|c| c.name == name);
    match of_name.collect::<Vec<_>>().as_slice() {
        [only] => only.clone(),
        others => panic!("{name}: {others:?}"),
    }
}

fn names(fixture: &Fixture) -> Vec<String> {
    channels(fixture).into_iter().map(|c| c.name).collect()
}

fn activate(fixture: &Fixture, name: &str) {
    let arn = the(fixture, name).arn;
    fixture.backend(|backend| backend.activate_channel(&arn));
}

/// A person adds an activated channel past the template.
fn add(fixture: &Fixture, name: &str, channel_type: &str, address: &str) -> String {
    fixture.backend(|backend| backend.add_channel("akuam", name, channel_type, address, true))
}

/// The Names of the channels in the contact's plan.
fn planned(fixture: &Fixture) -> Vec<String> {
    let plan = fixture.contact("akuam").plan;
    let channels = channels(fixture);
    let stages = plan["Stages"].as_array().unwrap().iter();
    let targets = stages.flat_map(|stage| stage["Targets"].as_array().unwrap());
    let name = |target: &Value| {
        let id = &target["ChannelTargetInfo"]["ContactChannelId"];
        let channel = channels.iter().find(|channel| *id == channel.arn);
        channel.unwrap_or_else(|| panic!("{id} is gone")).name.clone()
    };
    targets.map(name).collect()
}

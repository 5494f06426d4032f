//! `serve`: the services for a function that runs elsewhere.

use std::net::IpAddr;
use std::path::PathBuf;

use anstream::println;
use clap::Args;
use emulator::contacts::{SentCode, Service};
use emulator::sink::Sink;
use emulator::{CREDENTIALS, Emulator, Listen, add_contacts, masked_address};
use serde_json::{Map, Value, json};

use crate::place::Place;
use crate::show::{self, DIM, HEAD};
use crate::terminal::Shown;
use crate::{Failure, event};

#[derive(Args)]
pub(crate) struct Serve {
    /// The port of SSM Contacts
    #[arg(long, default_value_t = 4566)]
    contacts_port: u16,

    /// The port of the presigned URLs
    #[arg(long, default_value_t = 4567)]
    sink_port: u16,

    /// The address to listen on; 0.0.0.0 is every address of this machine, for containers
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    listen: IpAddr,

    /// The name by which the function reaches this machine, such as host.docker.internal
    #[arg(long, value_name = "NAME")]
    host: Option<String>,

    /// Contacts that exist before: a JSON list of contacts in the form of --json
    #[arg(long, value_name = "FILE")]
    contacts: Option<PathBuf>,

    /// Activate each channel as soon as it is created
    #[arg(long)]
    activate: bool,

    /// Calls per second that the service allows; without it, there is no limit
    #[arg(long)]
    rate: Option<f64>,

    #[command(flatten)]
    place: Place,
}

impl Serve {
    async fn emulator(&self) -> Result<Emulator, Failure> {
        let listen =
            |port| Listen { address: Some(self.listen), port, host: self.host.clone(), tls: None };
        let (contacts, sink) = (self.contacts_port, self.sink_port);
        let emulator = Emulator {
            contacts: Service::start(listen(contacts))
                .await
                .map_err(|error| port_error(&error, contacts, "--contacts-port"))?,
            sink: Sink::start(listen(sink))
                .await
                .map_err(|error| port_error(&error, sink, "--sink-port"))?,
        };
        crate::refuse_what_aws_refuses(&emulator);
        self.place.set(&emulator);
        if let Some(rate) = self.rate {
            emulator.contacts.limit(rate);
        }
        let contacts = match &self.contacts {
            Some(path) => serde_json::from_str(&event::text(path)?)?,
            None => json!([]),
        };
        emulator.contacts.backend(|backend| {
            backend.activates_new_channels = self.activate;
            add_contacts(backend, &contacts)
        })?;
        Ok(emulator)
    }

    fn print_start(&self, emulator: &Emulator) {
        println!("# The function's environment:");
        let environment = emulator.environment();
        for (name, value) in &environment {
            println!("export {name}={value}");
        }
        let (host, Place { region, account }) = (emulator.sink.host(), &self.place);
        let event = format!(
            "cargo run -p emulator -- event events/create-person.json --host {host} --region {region} --account {account}"
        );
        if let Some(name) = &self.host {
            let in_template = |name: &str| name.contains("_URL_") || name.contains("_HOSTS");
            let variables = environment.iter().filter(|(name, _)| in_template(name));
            let variables = variables.map(|(name, value)| (name.clone(), value.as_str().into()));
            let variables: Map<String, Value> = variables.collect();
            println!(
                "# SAM, with this line in environment.json: {}",
                json!({"Function": variables})
            );
            let sam = "sam local invoke Function --event - --env-vars environment.json";
            // Docker on Linux has this name only if it is told so.
            let gateway = match name.as_str() {
                "host.docker.internal" => " --add-host host.docker.internal:host-gateway",
                _ => "",
            };
            println!("# {event} | {sam}{gateway}");
        } else {
            let at = "--invoke-address 127.0.0.1 --invoke-port 9000";
            println!("# cargo-lambda, in two other shells, the first with this environment:");
            println!("# cargo lambda watch {at}");
            println!("# cargo lambda invoke bootstrap {at} --data-ascii \"$({event})\"");
        }
        if let Some(warning) = opened(self.listen) {
            println!("# {warning}");
        }
        println!(
            "# The {} credentials are examples, not valid for any account. Press Ctrl-C to end.",
            CREDENTIALS.len()
        );
    }
}

/// Returns what everybody is to know if other machines can reach this address.
fn opened(address: IpAddr) -> Option<String> {
    let all =
        if address.is_unspecified() { ", which is every address of this machine" } else { "" };
    let open = format!(
        "The ports are open on {address}{all}: whoever reaches it can read and change the contacts."
    );
    Some(open).filter(|_| !address.is_loopback())
}

fn port_error(error: &std::io::Error, port: u16, option: &str) -> String {
    let problem = if error.kind() == std::io::ErrorKind::AddrInUse {
        "is taken by another program".to_owned()
    } else {
        format!("can't be used: {error}")
    };
    format!("port {port} {problem}; choose another one with {option}, or any free one with 0")
}

/// Serves until it is interrupted, and prints calls, codes and responses as they arrive.
pub(crate) async fn serve(arguments: &Serve) -> Result<(), Failure> {
    let emulator = arguments.emulator().await?;
    arguments.print_start(&emulator);
    let (mut calls, mut codes, mut puts, mut refusals) = (0, 0, 0, 0);
    let mut shown = Shown::new(true);
    // Created once for the whole loop, because a new one would miss a signal that arrived before.
    let mut interrupted = std::pin::pin!(tokio::signal::ctrl_c());
    loop {
        tokio::select! {
            () = emulator.contacts.called() => {}
            () = emulator.sink.arrived() => {}
            interrupted = &mut interrupted => return Ok(interrupted?),
        }
        for call in emulator.contacts.calls_since(calls) {
            calls += 1;
            shown.mask.learn(&call.body);
            shown.mask.learn(&call.response);
            show::call(&call, &shown);
        }
        let sent = emulator.contacts.backend(|backend| backend.sent_codes().to_vec());
        for sent in sent.iter().skip(codes) {
            codes += 1;
            print_code(sent);
        }
        for put in emulator.sink.puts_since(puts) {
            puts += 1;
            show::put(&put, &shown);
        }
        for why in emulator.sink.refusals().into_iter().skip(refusals) {
            refusals += 1;
            show::refusal(&shown.text(&why));
        }
    }
}

fn print_code(SentCode { channel, code }: &SentCode) {
    println!(
        "  {HEAD}code {code}{HEAD:#} to {} {} {}  {DIM}{}{DIM:#}",
        channel.name,
        channel.channel_type,
        masked_address(&channel.address),
        channel.arn
    );
}

#[cfg(test)]
mod tests {
    use super::opened;

    #[test]
    fn an_address_that_others_reach_is_named() {
        for (address, named) in
            [("127.0.0.1", false), ("::1", false), ("0.0.0.0", true), ("192.0.2.1", true)]
        {
            let warning = opened(address.parse().unwrap()).unwrap_or_default();
            assert_eq!(warning.contains(address), named);
            assert_eq!(warning.contains("every address"), address == "0.0.0.0");
        }
    }
}

//! Wiring only: settings, clients, runtime.

use lambda_runtime::service_fn;
use ssm_contact_resource::handler::Function;
use ssm_contact_resource::io::clock::Clock;
use ssm_contact_resource::io::{connection, contacts, http, log, surroundings};
use ssm_contact_resource::settings::Settings;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let variable = |name: &str| std::env::var(name).ok();
    log::start(variable);
    let http = http::client()?;
    let config = surroundings::sdk_config(&http, variable);
    connection::open(&http, &config).await;
    let contacts = contacts::client(&config);
    let settings = Settings::read(variable);
    let function = Function::new(settings, http, contacts, Clock::default());
    lambda_runtime::run(service_fn(|event| function.handle(event))).await
}

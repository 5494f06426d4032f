//! Wires settings, clients and the runtime.

use lambda_runtime::service_fn;
use ssm_contact_resource::aws::{client, preconnect, sdk_config};
use ssm_contact_resource::handler::Handler;
use ssm_contact_resource::io::clock::Clock;
use ssm_contact_resource::io::{http, log};
use ssm_contact_resource::settings::Settings;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let variable = |name: &str| std::env::var(name).ok();
    log::start(variable);
    let http = http::client()?;
    let config = sdk_config::sdk_config(&http, variable);
    preconnect::preconnect(&http, &config).await;
    let contacts = client::client(&config);
    let settings = Settings::read(variable);
    let handler = Handler::new(settings, http, contacts, Clock::default());
    lambda_runtime::run(service_fn(|event| handler.handle(event))).await
}

//! Wires settings, clients and the runtime.

use ssm_contact_resource::{
    Clock, Handler, ResponseHosts, contacts_client, http_client, log, preconnect, run, sdk_config,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let variable = |name: &str| std::env::var(name).ok();
    log::start(variable);
    let hosts = variable("RESPONSE_HOSTS").unwrap_or_default();
    let hosts = ResponseHosts::parse(&hosts, |entry| log::ignored_setting("RESPONSE_HOSTS", entry));
    let http = http_client()?;
    let config = sdk_config(&http, variable);
    preconnect(&http, &config).await;
    let contacts = contacts_client(&config);
    run(Handler::new(hosts, http, contacts, Clock::default())).await
}

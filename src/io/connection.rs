//! The first connection to the service, opened while the function starts: Lambda gives
//! that phase a whole CPU, and an event later only its share.

use std::time::Duration;

use aws_sdk_ssmcontacts::Client;
use aws_sdk_ssmcontacts::config::interceptors::BeforeTransmitInterceptorContextMut;
use aws_sdk_ssmcontacts::config::retry::RetryConfig;
use aws_sdk_ssmcontacts::config::{Config, ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_ssmcontacts::error::BoxError;
use aws_smithy_types::body::SdkBody;

/// How long the start may wait for it. It takes a few milliseconds where the service
/// can be reached at all; where it can't, the first call tells why.
const PATIENCE: Duration = Duration::from_secs(1);

/// Opens a connection and leaves it in the pool. No call is made and nothing is
/// signed away: what goes out is `HEAD /` without headers of ours.
pub async fn open(client: &Client) {
    let look = client
        .get_contact()
        .contact_id("-")
        .customize()
        .config_override(Config::builder().retry_config(RetryConfig::disabled()))
        .interceptor(OnlyLook)
        .send();
    // Its answer says nothing; whether there was one, the first call will see.
    let _ = tokio::time::timeout(PATIENCE, look).await;
}

/// Makes a look out of a call that was ready to go, so that everything that a call
/// needs has been used once.
#[derive(Debug)]
struct OnlyLook;

impl Intercept for OnlyLook {
    fn name(&self) -> &'static str {
        "OnlyLook"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let call = context.request_mut();
        call.set_method("HEAD")?;
        let names: Vec<String> = call
            .headers()
            .iter()
            .map(|(name, _)| name.to_owned())
            .collect();
        for name in names {
            call.headers_mut().remove(name);
        }
        *call.body_mut() = SdkBody::empty();
        Ok(())
    }
}

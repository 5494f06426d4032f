//! The first connection to the service, opened while the function starts: Lambda gives
//! that phase a whole CPU, and an event later only its share.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_ssmcontacts::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};

/// How long the start may wait for it. It takes milliseconds where the service can be
/// reached at all; where it can't, the first call tells why.
const PATIENCE: Duration = Duration::from_secs(1);

/// Opens a connection and leaves it in the pool. Nothing is called, and nothing signed:
/// what goes out is `HEAD /`.
pub async fn open(http: &reqwest::Client, config: &SdkConfig) {
    let parameters = Params::builder()
        .set_region(config.region().map(ToString::to_string))
        .set_use_fips(config.use_fips())
        .set_use_dual_stack(config.use_dual_stack())
        .set_endpoint(config.endpoint_url().map(ToOwned::to_owned))
        .build();
    let Ok(parameters) = parameters else { return };
    let Ok(endpoint) = DefaultResolver::new().resolve_endpoint(&parameters).await else {
        return;
    };
    let look = http.head(endpoint.url()).timeout(PATIENCE).send();
    // Whether anybody answered, the first call will see.
    let _ = look.await;
}

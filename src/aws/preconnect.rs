//! Opens the first connection to the service during init.
//!
//! Lambda gives the init phase a whole CPU, and an event only the function's share.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_ssmcontacts::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};

/// How long init waits for the connection. A service that can be reached answers within
/// milliseconds; for one that can't, the first call tells why.
const TIMEOUT: Duration = Duration::from_secs(1);

/// Opens a connection and leaves it in the pool. It sends `HEAD /`, unsigned, so that no
/// operation is called.
pub async fn preconnect(http: &reqwest::Client, config: &SdkConfig) {
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
    // A failure is ignored: the first call fails, too, and its error is reported.
    let _ = http.head(endpoint.url()).timeout(TIMEOUT).send().await;
}

//! What Lambda tells the SDK, all of it by environment variables.
//!
//! The SDK's loader would look further: profiles, web identities through STS, the
//! metadata services of containers and machines. The sandbox of Lambda's OS-only
//! runtimes has none of them.

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_ssmcontacts::config::SharedCredentialsProvider;

/// Region, credentials and endpoint, from the variables that AWS's SDKs share
/// (<https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html>).
pub fn sdk_config(http: &reqwest::Client, variable: impl Fn(&str) -> Option<String>) -> SdkConfig {
    let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
    let region = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
    let is_on = |name| variable(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(super::http::for_sdk(http))
        .region(region.map(Region::new))
        .credentials_provider(SharedCredentialsProvider::new(
            EnvironmentVariableCredentialsProvider::new(),
        ))
        .use_fips(is_on("AWS_USE_FIPS_ENDPOINT"))
        .use_dual_stack(is_on("AWS_USE_DUALSTACK_ENDPOINT"));
    if !is_on("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") {
        config.set_endpoint_url(
            variable("AWS_ENDPOINT_URL_SSM_CONTACTS").or_else(|| variable("AWS_ENDPOINT_URL")),
        );
    }
    config.build()
}

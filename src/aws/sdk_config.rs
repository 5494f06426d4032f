//! The SDK's configuration, from the environment alone.
//!
//! The SDK's own loader also looks for profiles, web identities and the metadata services
//! of containers and machines. Lambda's OS-only runtimes have none of them.

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_ssmcontacts::config::SharedCredentialsProvider;

use crate::io::http;

/// Region, credentials and endpoint, from the variables that AWS's SDKs share
/// (<https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html>). `variable`
/// returns the value of a variable; an empty value counts as unset.
pub fn sdk_config(
    client: &reqwest::Client,
    variable: impl Fn(&str) -> Option<String>,
) -> SdkConfig {
    let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
    let region = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
    let is_on = |name| variable(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http::for_sdk(client))
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

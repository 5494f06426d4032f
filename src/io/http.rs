//! The HTTP client, for the SDK's calls and for the answer.
//!
//! Both share one HTTP stack and one TLS stack, so that root certificates are parsed once.

use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use rustls::ClientConfig;

/// How long it may take to open a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Makes the client: HTTP/1.1, no redirects, no proxies, the system's root certificates (or
/// those of `SSL_CERT_FILE` and `SSL_CERT_DIR`).
///
/// # Errors
///
/// Returns an error if TLS can't be set up.
pub fn client() -> Result<reqwest::Client, Box<dyn std::error::Error + Send + Sync>> {
    let provider = rustls::crypto::ring::default_provider();
    let tls = ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()?
        .with_root_certificates(super::roots::load())
        .with_no_client_auth();
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(CONNECT_TIMEOUT)
        .build()?;
    Ok(client)
}

/// Makes the client usable by the SDK.
#[must_use]
pub fn for_sdk(client: &reqwest::Client) -> SharedHttpClient {
    let connector = SharedHttpConnector::new(Connector(client.clone()));
    http_client_fn(move |_, _| connector.clone())
}

#[derive(Debug)]
struct Connector(reqwest::Client);

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.0.clone();
        HttpConnectorFuture::new(send(client, request))
    }
}

async fn send(
    client: reqwest::Client,
    request: HttpRequest,
) -> Result<HttpResponse, ConnectorError> {
    let unsendable = |error: Box<dyn std::error::Error + Send + Sync>| ConnectorError::user(error);
    let request = request
        .try_into_http1x()
        .map_err(|e| unsendable(e.into()))?
        .map(|body| reqwest::Body::from(body.bytes().unwrap_or_default().to_vec()));
    let request = reqwest::Request::try_from(request).map_err(|e| unsendable(e.into()))?;
    let response = client.execute(request).await.map_err(without_reply)?;
    // The replies are small. The whole body is read here, so that a reply that breaks off
    // counts as a failed attempt and is retried.
    let (head, body) = http::Response::<reqwest::Body>::from(response).into_parts();
    let body =
        reqwest::Response::from(http::Response::new(body)).bytes().await.map_err(without_reply)?;
    HttpResponse::try_from(http::Response::from_parts(head, SdkBody::from(body)))
        .map_err(|e| ConnectorError::other(e.into(), None))
}

fn without_reply(error: reqwest::Error) -> ConnectorError {
    let error = error.without_url();
    if error.is_timeout() {
        ConnectorError::timeout(error.into())
    } else {
        ConnectorError::io(error.into())
    }
}

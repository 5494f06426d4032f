//! What the function does before the first event: it reads root certificates and environment
//! variables, and it opens the first connection.

use std::io::Write;
use std::sync::Arc;

use emulator::Emulator;
use emulator::Listen;
use emulator::rustls::ServerConfig;
use emulator::rustls::crypto::ring;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::json;
use tempfile::NamedTempFile;

use super::fixture::{Fixture, akua, failure, nothing_created, outcome_unknown, success, told};

/// Returns the TLS configuration of a server for `localhost`, and the PEM of the root certificate
/// that signed the server's certificate.
fn authority() -> (Arc<ServerConfig>, String) {
    let root_key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = params.self_signed(&root_key).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["localhost".to_owned()])
        .unwrap()
        .signed_by(&key, &Issuer::new(params, root_key))
        .unwrap();
    let server = ServerConfig::builder_with_provider(ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key.into())
        .unwrap();
    (Arc::new(server), root.pem())
}

fn file(content: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(content.as_bytes()).unwrap();
    file
}

/// Returns a fixture whose service uses TLS and whose function trusts the root certificates in this
/// file.
async fn over_tls(server: Arc<ServerConfig>, roots: &NamedTempFile) -> Fixture {
    let tls = Listen { tls: Some(server), ..Listen::default() };
    let emulator = Emulator::start_on(tls, 0).await.unwrap();
    let roots = roots.path().to_str().unwrap();
    Fixture::within(emulator, |function| function.env("SSL_CERT_FILE", roots)).await
}

async fn refused_without_a_call(fixture: &Fixture) {
    let delivered = fixture.create(&akua(json!({"Type": "ROBOT"}))).await;
    failure(&delivered, &nothing_created(&delivered));
    assert_eq!(delivered.operations(), [""; 0]);
}

#[tokio::test]
async fn the_first_connection_is_open_before_the_first_call() {
    let (server, root) = authority();
    let roots = file(&root);
    let fixture = over_tls(server, &roots).await;
    refused_without_a_call(&fixture).await;
    assert_eq!(fixture.emulator.contacts.connections(), 1);
    success(&fixture.create(&akua(json!({}))).await);
    assert_eq!(
        fixture.emulator.contacts.connections(),
        1,
        "the call uses the connection that is open"
    );
}

#[tokio::test]
async fn a_service_that_is_away_does_not_keep_it_from_starting() {
    let refusing = Fixture::with(|f| f.env("AWS_ENDPOINT_URL_SSM_CONTACTS", "https://127.0.0.1:1"));
    refused_without_a_call(&refusing.await).await;
    // This server accepts connections and never replies.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    for scheme in ["http", "https"] {
        let url = format!("{scheme}://{}", silent.local_addr().unwrap());
        let hanging = Fixture::with(|f| f.env("AWS_ENDPOINT_URL_SSM_CONTACTS", &url));
        refused_without_a_call(&hanging.await).await;
    }
    let nonsense = Fixture::with(|f| f.env("AWS_ENDPOINT_URL_SSM_CONTACTS", "nonsense"));
    refused_without_a_call(&nonsense.await).await;
}

async fn warned(fixture: &Fixture, word: &str) -> bool {
    let log = fixture.function.whole_log().await;
    log.iter().any(|line| line.contains(word))
}

#[tokio::test]
async fn roots_are_found_among_what_else_a_bundle_holds() {
    let (server, root) = authority();
    let (_, other) = authority();
    let damaged = other.replace("MII", "M!I");
    assert_ne!(damaged, other);
    let windows = other.replace('\n', "\r\n");
    let indented = root.replace('\n', "\n ").replace(" -----", "-----");
    assert!(indented.contains("\n M") || indented.contains("\n  "), "{indented}");
    for (bundle, unread) in [
        (format!("# Some bundle\n{other}\n## Übrige\n{windows}{root}"), 0),
        (format!("{}{}", other.trim_end(), root.trim_end()), 0),
        (format!("{}{}", root.trim_end(), other.trim_end()), 0),
        (root.replace("-----\n", "----- of this house\n"), 0),
        (indented, 0),
        (format!("-----BEGIN X-----\nAA==\n-----END X-----\n{root}"), 0),
        (format!("{damaged}{root}"), 1),
        (format!("{root}-----BEGIN CERTIFICATE-----\nAAAA"), 1),
    ] {
        let roots = file(&bundle);
        let fixture = over_tls(server.clone(), &roots).await;
        success(&fixture.create(&akua(json!({}))).await);
        let told = warned(&fixture, "\"unread\":1").await;
        assert_eq!(told, unread == 1, "{bundle}");
    }
}

#[tokio::test]
async fn roots_may_lie_in_a_folder() {
    let (server, root) = authority();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("5ed36f99.0"), root).unwrap();
    let tls = Listen { tls: Some(server), ..Listen::default() };
    let emulator = Emulator::start_on(tls, 0).await.unwrap();
    let folders = format!("/no/such/folder:{}", folder.path().display());
    let fixture =
        Fixture::within(emulator, |function| function.env("SSL_CERT_DIR", &folders)).await;
    success(&fixture.create(&akua(json!({}))).await);
    assert!(warned(&fixture, "/no/such/folder").await);
}

#[tokio::test]
async fn roots_that_are_not_there_are_told_of() {
    let fixture = Fixture::with(|f| f.env("SSL_CERT_FILE", "/no/such/roots.pem")).await;
    success(&fixture.create(&akua(json!({}))).await);
    let log = fixture.function.whole_log().await;
    for word in ["/no/such/roots.pem", "there are no root certificates"] {
        assert!(log.iter().any(|line| line.contains(word)), "{log:?}");
    }
}

#[tokio::test]
async fn an_unknown_authority_is_named() {
    let (server, _) = authority();
    let (_, other) = authority();
    let roots = file(&other);
    let fixture = over_tls(server, &roots).await;
    let delivered = fixture.create(&akua(json!({"ServiceTimeout": "2"}))).await;
    told(&delivered, &outcome_unknown(&delivered), &["invalid peer certificate"]);
}

/// Returns the endpoint and the FIPS and dual-stack settings that these variables result in.
fn sdk_settings(variables: &[(&str, &str)]) -> (Option<String>, bool, bool) {
    let variable = |name: &str| {
        let set = variables.iter().find(|(known, _)| *known == name);
        set.map(|(_, value)| (*value).to_owned())
    };
    let http = ssm_contact_resource::http_client().unwrap();
    let config = ssm_contact_resource::sdk_config(&http, variable);
    let is = |setting: Option<bool>| setting.unwrap_or_default();
    let endpoint = config.endpoint_url().map(ToOwned::to_owned);
    (endpoint, is(config.use_fips()), is(config.use_dual_stack()))
}

#[test]
fn variables_mean_what_they_mean_to_every_sdk() {
    let ours = ("AWS_ENDPOINT_URL_SSM_CONTACTS", "https://ours");
    let general = ("AWS_ENDPOINT_URL", "https://all");
    for (variables, endpoint) in [
        (&[][..], None),
        (&[ours, general], Some("https://ours")),
        (&[general], Some("https://all")),
        (&[("AWS_ENDPOINT_URL_SSM_CONTACTS", ""), general], Some("https://all")),
        (&[ours, ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false")], Some("https://ours")),
        (&[ours, general, ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "True")], None),
    ] {
        let (found, fips, dual) = sdk_settings(variables);
        assert_eq!(found.as_deref(), endpoint, "{variables:?}");
        assert!(!fips && !dual, "{variables:?}");
    }
    let fips = sdk_settings(&[("AWS_USE_FIPS_ENDPOINT", "true")]);
    assert_eq!(fips, (None, true, false));
    let dual = sdk_settings(&[("AWS_USE_DUALSTACK_ENDPOINT", "true")]);
    assert_eq!(dual, (None, false, true));
}

#[tokio::test]
async fn missing_credentials_are_told_of() {
    let fixture = Fixture::with(|function| {
        function.env("AWS_ACCESS_KEY_ID", "").env("AWS_SECRET_ACCESS_KEY", "")
    })
    .await;
    let delivered = fixture.create(&akua(json!({"ServiceTimeout": "2"}))).await;
    told(&delivered, &outcome_unknown(&delivered), &["AWS_ACCESS_KEY_ID"]);
}

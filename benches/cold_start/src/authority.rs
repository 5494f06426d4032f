//! Creates certificates for `localhost` like those of AWS's endpoints: RSA-2048 keys, a root, an
//! intermediate, and a leaf for each server. Also creates the bundle of root certificates that a
//! Lambda sandbox has, with our root added.

use std::sync::Arc;

use emulator::rustls::ServerConfig;
use emulator::rustls::crypto::ring;
use emulator::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rsa::pkcs8::EncodePrivateKey;
use rsa::{Generate, PrivateKey};

use crate::Failure;

/// The TLS configurations of two servers, and the roots that a client trusts. Neither server can
/// resume a session of the other.
pub(crate) struct Certified {
    pub(crate) service: Arc<ServerConfig>,
    pub(crate) sink: Arc<ServerConfig>,
    /// Mozilla's roots and ours, in PEM.
    pub(crate) bundle: String,
}

pub(crate) fn certify() -> Result<Certified, Failure> {
    let root_key = pair(&key()?)?;
    let root_params = authority("Benchmark Root");
    let root = root_params.self_signed(&root_key)?;
    let middle_key = pair(&key()?)?;
    let middle_params = authority("Benchmark Intermediate");
    let middle = middle_params.signed_by(&middle_key, &Issuer::new(root_params, root_key))?;
    let issuer = Issuer::new(middle_params, middle_key);
    Ok(Certified {
        service: server(&issuer, middle.der())?,
        sink: server(&issuer, middle.der())?,
        bundle: bundle(root.der()),
    })
}

fn server(
    issuer: &Issuer<'_, KeyPair>,
    middle: &CertificateDer<'static>,
) -> Result<Arc<ServerConfig>, Failure> {
    let key = key()?;
    let leaf =
        CertificateParams::new(vec!["localhost".to_owned()])?.signed_by(&pair(&key)?, issuer)?;
    let chain = vec![leaf.der().clone(), middle.clone()];
    let config = ServerConfig::builder_with_provider(ring::default_provider().into())
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, PrivateKeyDer::from(key))?;
    Ok(Arc::new(config))
}

fn key() -> Result<PrivatePkcs8KeyDer<'static>, Failure> {
    let key = PrivateKey::generate().to_pkcs8_der()?;
    Ok(PrivatePkcs8KeyDer::from(key.as_bytes().to_vec()))
}

fn pair(key: &PrivatePkcs8KeyDer<'_>) -> Result<KeyPair, rcgen::Error> {
    KeyPair::from_pkcs8_der_and_sign_algo(key, &rcgen::PKCS_RSA_SHA256)
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

fn bundle(ours: &CertificateDer<'_>) -> String {
    webpki_root_certs::TLS_SERVER_ROOT_CERTS
        .iter()
        .map(AsRef::as_ref)
        .chain([ours.as_ref()])
        .map(|certificate: &[u8]| pem::encode(&pem::Pem::new("CERTIFICATE", certificate)))
        .collect()
}

//! The root certificates that connections are checked against.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use base64_simd::STANDARD;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

/// The certificates of the file that `SSL_CERT_FILE` names, else of the system's.
pub(super) fn load() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let Some(file) = openssl_probe::probe().cert_file else {
        tracing::warn!("this system has no root certificates: nothing can be reached over TLS");
        return roots;
    };
    let read = read(&file, |certificate| roots.add(certificate));
    match read {
        Ok(0) if !roots.is_empty() => {}
        Ok(unread) => tracing::warn!(
            file = %file.display(), found = roots.len(), unread,
            "root certificates are missing"
        ),
        Err(error) => tracing::warn!(
            file = %file.display(), found = roots.len(), %error,
            "root certificates can't be read"
        ),
    }
    roots
}

/// Hands on every certificate of a PEM file (RFC 7468), and counts those that were damaged.
///
/// One at a time and with a decoder in no need of hiding what it decodes: rustls has
/// one that is safe for private keys, and with it this is half of all that the start
/// computes.
fn read<E>(
    file: &Path,
    mut add: impl FnMut(CertificateDer<'_>) -> Result<(), E>,
) -> std::io::Result<usize> {
    let mut pem = BufReader::new(File::open(file)?);
    let (mut line, mut base64) = (Vec::new(), Vec::new());
    let mut within = false;
    let mut unread = 0;
    while pem.read_until(b'\n', &mut line)? > 0 {
        match line.trim_ascii_end() {
            b"-----BEGIN CERTIFICATE-----" => {
                base64.clear();
                within = true;
            }
            b"-----END CERTIFICATE-----" if within => {
                within = false;
                let der = STANDARD.decode_inplace(&mut base64).ok();
                if der.is_none_or(|der| add(CertificateDer::from(&*der)).is_err()) {
                    unread += 1;
                }
            }
            text if within => base64.extend_from_slice(text),
            _ => {}
        }
        line.clear();
    }
    Ok(unread)
}

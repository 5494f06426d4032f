//! Loads the root certificates.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use base64_simd::STANDARD;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
const END: &[u8] = b"-----END CERTIFICATE-----";

/// Loads the certificates of the file in `SSL_CERT_FILE` and of the folders in
/// `SSL_CERT_DIR`, which mean the same as to OpenSSL. If neither is set, it loads those of
/// the system.
pub(super) fn load() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    for file in files() {
        match read(&file, &mut roots) {
            Ok(0) => {}
            Ok(unread) => {
                tracing::warn!(file = %file.display(), unread, "root certificates are damaged");
            }
            Err(error) => {
                tracing::warn!(file = %file.display(), %error, "root certificates can't be read");
            }
        }
    }
    if roots.is_empty() {
        tracing::warn!("there are no root certificates, so no TLS connection can be opened");
    }
    roots
}

fn files() -> Vec<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|path| !path.is_empty());
    let (file, folder) = (set("SSL_CERT_FILE"), set("SSL_CERT_DIR"));
    if file.is_none() && folder.is_none() {
        return openssl_probe::probe().cert_file.into_iter().collect();
    }
    let mut files: Vec<PathBuf> = file.map(PathBuf::from).into_iter().collect();
    for folder in folder.iter().flat_map(std::env::split_paths) {
        match fs::read_dir(&folder) {
            Ok(entries) => {
                let paths = entries.flatten().map(|entry| entry.path());
                files.extend(paths.filter(|path| path.is_file()));
            }
            Err(error) => tracing::warn!(
                folder = %folder.display(), %error,
                "root certificates can't be read"
            ),
        }
    }
    files
}

/// Adds every certificate of a PEM file (RFC 7468) to `roots`, and returns how many were
/// damaged.
///
/// rustls' own PEM decoder runs in constant time, since it also reads private keys. With it,
/// decoding takes half of all instructions of the start.
fn read(file: &Path, roots: &mut RootCertStore) -> std::io::Result<usize> {
    let mut pem = BufReader::new(File::open(file)?);
    let (mut line, mut base64) = (Vec::new(), Vec::new());
    let mut within = false;
    let mut unread = 0;
    while pem.read_until(b'\n', &mut line)? > 0 {
        let mut text = line.as_slice();
        if within && let Some(rest) = text.strip_prefix(END) {
            within = false;
            let der = STANDARD.decode_inplace(&mut base64).ok();
            if der.is_none_or(|der| roots.add(CertificateDer::from(&*der)).is_err()) {
                unread += 1;
            }
            // In concatenated files the next certificate may begin on the same line.
            text = rest;
        }
        if text.starts_with(BEGIN) {
            unread += usize::from(within);
            base64.clear();
            within = true;
        } else if within {
            base64.extend_from_slice(text.trim_ascii());
        }
        line.clear();
    }
    Ok(unread + usize::from(within))
}

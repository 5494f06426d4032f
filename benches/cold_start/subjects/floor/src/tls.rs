//! TLS connections that stay open between events.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::net::TcpStream;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::Result;

type Connection = StreamOwned<ClientConnection, TcpStream>;

pub(crate) struct Connections {
    config: Arc<ClientConfig>,
    open: HashMap<String, Connection>,
}

impl Connections {
    pub(crate) fn new() -> Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            return Err("no root certificates".into());
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { config: Arc::new(config), open: HashMap::new() })
    }

    /// Returns the connection to a host with an optional port. Opens one if there is none, or if it was closed.
    pub(crate) fn to(&mut self, host: &str) -> Result<&mut Connection> {
        let connection = match self.open.remove(host) {
            Some(open) if is_open(&open.sock)? => open,
            _ => self.connect(host)?,
        };
        Ok(self.open.entry(host.to_owned()).insert_entry(connection).into_mut())
    }

    fn connect(&self, host: &str) -> Result<Connection> {
        let (name, port) = host.split_once(':').unwrap_or((host, "443"));
        let server = ServerName::try_from(name.to_owned())?;
        let tls = ClientConnection::new(Arc::clone(&self.config), server)?;
        let stream = TcpStream::connect((name, port.parse()?))?;
        stream.set_nodelay(true)?;
        Ok(StreamOwned::new(tls, stream))
    }
}

/// Whether an idle connection is still open. A server sends data on an idle connection only to close it.
fn is_open(stream: &TcpStream) -> Result<bool> {
    stream.set_nonblocking(true)?;
    let peeked = stream.peek(&mut [0]);
    stream.set_nonblocking(false)?;
    Ok(matches!(peeked, Err(error) if error.kind() == ErrorKind::WouldBlock))
}

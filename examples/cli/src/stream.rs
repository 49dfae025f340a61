//! The stream carrier over a local socket: it stands on a desk where Bluetooth and NFC stand on phones.
#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "this is where the command line has its sockets"
)]

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{TcpListener, TcpStream, ToSocketAddrs as _};
use std::time::{Duration, Instant};

use idwallet_proximity::stream::{StreamDecoder, encode};

use crate::error::{CliError, Result, bad, failed};

/// Where a holder waits when no address is given: this machine alone, at a free port.
pub const ANYWHERE_HERE: &str = "127.0.0.1:0";
/// How often a waiting holder looks for a reader.
const POLL: Duration = Duration::from_millis(20);
/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(10);

/// A holder that waits for a reader.
pub struct Listener(TcpListener);

impl Listener {
    /// Listens at an address.
    pub fn bind(address: &str) -> Result<Self> {
        if address.to_socket_addrs().is_err() {
            return Err(bad(
                "--stream",
                format!("{address} is not an address such as 127.0.0.1:7000"),
            ));
        }
        let listener = TcpListener::bind(address).map_err(|error| failed(address, error))?;
        listener.set_nonblocking(true).map_err(|error| failed(address, error))?;
        Ok(Self(listener))
    }

    /// The address with its port.
    pub fn address(&self) -> Result<String> {
        self.0
            .local_addr()
            .map(|address| address.to_string())
            .map_err(|error| failed("port", error))
    }

    /// The next reader; `None` when none came in time.
    pub fn accept(&self, until: Instant) -> Result<Option<Connection>> {
        loop {
            match self.0.accept() {
                Ok((stream, _)) => {
                    stream
                        .set_nonblocking(false)
                        .map_err(|error| failed("connection", error))?;
                    return Ok(Some(Connection::of(stream)));
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(failed("port", error)),
            }
            if Instant::now() >= until {
                return Ok(None);
            }
            std::thread::sleep(POLL);
        }
    }
}

/// What came from the other side.
#[derive(Debug)]
pub enum Received {
    /// A whole message.
    Message(Vec<u8>),
    /// Nothing until then.
    TimedOut,
    /// The other side has gone, or sent what no message is.
    Lost,
}

/// A connection that carries messages.
pub struct Connection {
    stream: TcpStream,
    decoder: StreamDecoder,
}

impl Connection {
    /// Connects to where a holder waits.
    pub fn open(address: &str) -> Result<Self> {
        let mut addresses = address
            .to_socket_addrs()
            .map_err(|_| CliError::Input(format!("{address}: not an address")))?;
        let first = addresses.next().ok_or_else(|| bad(address, "not an address"))?;
        let stream = TcpStream::connect_timeout(&first, CONNECT).map_err(|error| failed(address, error))?;
        Ok(Self::of(stream))
    }

    fn of(stream: TcpStream) -> Self {
        let _ = stream.set_nodelay(true);
        Self {
            stream,
            decoder: StreamDecoder::new(),
        }
    }

    /// Sends a message; `false` when the other side has gone.
    pub fn send(&mut self, message: &[u8]) -> Result<bool> {
        let framed = encode(message).map_err(|error| CliError::Environment(error.to_string()))?;
        Ok(self.stream.write_all(&framed).is_ok())
    }

    /// Waits for a message.
    pub fn receive(&mut self, until: Instant) -> Result<Received> {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match self.decoder.pop() {
                Ok(Some(message)) => return Ok(Received::Message(message)),
                Ok(None) => {}
                Err(_) => return Ok(Received::Lost),
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Received::TimedOut);
            }
            self.stream
                .set_read_timeout(Some(left))
                .map_err(|error| failed("connection", error))?;
            match self.stream.read(&mut buffer) {
                Ok(0) => return Ok(Received::Lost),
                Ok(read) => {
                    if self.decoder.push(buffer.get(..read).unwrap_or_default()).is_err() {
                        return Ok(Received::Lost);
                    }
                }
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    return Ok(Received::TimedOut);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Ok(Received::Lost),
            }
        }
    }
}

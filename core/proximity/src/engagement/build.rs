//! Making a `DeviceEngagement`.

use super::{Capabilities, DeviceEngagement, OriginInfo, RetrievalMethod, security};
use crate::stream::check_address;
use crate::{ProximityError, Result};
use idwallet_cose::cbor::Encoder;
use idwallet_crypto::PublicKey;

/// Collects what an engagement says. The version follows from that: 1.1 if and only if there are origin infos or capabilities (A-H01).
#[derive(Debug, Clone, Default)]
pub struct DeviceEngagementBuilder {
    methods: Vec<RetrievalMethod>,
    origin_infos: Option<Vec<OriginInfo>>,
    capabilities: Option<Capabilities>,
}

impl DeviceEngagementBuilder {
    /// No retrieval method yet, as an engagement by NFC has it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Offers one more way to connect.
    #[must_use]
    pub fn method(mut self, method: RetrievalMethod) -> Self {
        self.methods.push(method);
        self
    }

    /// Says through which channels the reader engagement came; may be empty.
    #[must_use]
    pub fn origin_infos(mut self, infos: Vec<OriginInfo>) -> Self {
        self.origin_infos = Some(infos);
        self
    }

    /// Says what the holder can do. Brings empty origin infos along where there are none (A-H04).
    #[must_use]
    pub fn capabilities(mut self, capabilities: Capabilities) -> Self {
        self.capabilities = Some(capabilities);
        self.origin_infos.get_or_insert_default();
        self
    }

    /// The engagement with this ephemeral key, which must be new for every transaction (A-H02).
    ///
    /// # Errors
    /// [`ProximityError::Unofferable`] when a method is of an unknown type, is offered twice, or has options out of range;
    /// [`ProximityError::StreamAddress`]; [`ProximityError::CannotAgree`].
    pub fn build(&self, e_device_key: &PublicKey) -> Result<DeviceEngagement> {
        for (index, method) in self.methods.iter().enumerate() {
            if let RetrievalMethod::Stream { address } = method {
                check_address(address)?;
            }
            let valid = match method {
                RetrievalMethod::Nfc(nfc) => nfc.is_valid(),
                RetrievalMethod::Ble(ble) => ble.is_valid(),
                RetrievalMethod::Other { .. } | RetrievalMethod::Website { .. } => false,
                RetrievalMethod::WifiAware(_) | RetrievalMethod::Stream { .. } => true,
            };
            if !valid {
                return Err(ProximityError::Unofferable(
                    "a retrieval method with options out of range",
                ));
            }
            let same = |other: &RetrievalMethod| other.type_and_version() == method.type_and_version();
            if self.methods.iter().take(index).any(same) {
                return Err(ProximityError::Unofferable("a retrieval method twice"));
            }
        }
        DeviceEngagement::parse(&self.encode(e_device_key))
    }

    fn encode(&self, e_device_key: &PublicKey) -> Vec<u8> {
        let is_second_edition = self.origin_infos.is_some() || self.capabilities.is_some();
        let optional = [
            !self.methods.is_empty(),
            self.origin_infos.is_some(),
            self.capabilities.is_some(),
        ];
        let mut e = Encoder::new();
        e.map(optional.iter().filter(|there| **there).count().saturating_add(2));
        e.uint(0).text(if is_second_edition { "1.1" } else { "1.0" });
        e.uint(1);
        security::write(&mut e, e_device_key);
        if !self.methods.is_empty() {
            e.uint(2).array(self.methods.len());
            for method in &self.methods {
                method.write(&mut e);
            }
        }
        if let Some(infos) = &self.origin_infos {
            e.uint(5).array(infos.len());
            for info in infos {
                info.write(&mut e);
            }
        }
        if let Some(capabilities) = &self.capabilities {
            e.uint(6);
            capabilities.write(&mut e);
        }
        e.into_vec()
    }
}

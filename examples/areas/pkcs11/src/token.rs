//! What the thread of the area does with its session.

use crate::TokenConfig;
use crate::fault::{OpenError, in_use, is_session_lost, on_open};
use crate::module::{Claim, load};
use cryptoki::context::Pkcs11;
use cryptoki::error::Error;
use cryptoki::mechanism::aead::GcmParams;
use cryptoki::mechanism::elliptic_curve::{EcKdf, Ecdh1DeriveParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::{RawAuthPin, Ulong};
use idwallet_crypto::area::{
    Capabilities, CounterId, Counters, CreatedKey, KeyId, KeyPurpose, SecureAreaError, SecurityLevel,
};
use idwallet_crypto::{
    AEAD_TAG_LEN, Curve, HashAlgorithm, PublicKey, Random, Secret, SecretBytes, digest, ecdsa_raw_to_der,
};
use std::sync::Arc;

/// The area's own objects have these labels; others in the token are never touched.
const KEY_LABEL: &[u8] = b"idwallet device key";
const WRAPPING_LABEL: &[u8] = b"idwallet wrapping key";
const COUNTER_APPLICATION: &[u8] = b"idwallet counter";

const ID_LEN: usize = 16;
const NONCE_LEN: usize = 12;
const TAG_BITS: u64 = 128;
/// Wrapped: this, the wrapping key's `CKA_ID`, the nonce, the ciphertext with its tag.
const WRAPPED_FORMAT: u8 = 1;
/// What is wrapped is at most this long: keys, not documents.
const MAX_WRAPPED_LEN: usize = 64 * 1024;

/// `CKA_EC_PARAMS`: the OID of the curve in DER.
const CURVES: [(Curve, usize, &[u8]); 3] = [
    (
        Curve::P256,
        256,
        &[0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07],
    ),
    (Curve::P384, 384, &[0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22]),
    (Curve::P521, 521, &[0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x23]),
];

type Result<T> = core::result::Result<T, SecureAreaError>;

/// A logged-in session and what is known of the token.
pub struct Token {
    // Dropped in this order: the session ends before the token is free for another area of the process.
    session: Session,
    module: Pkcs11,
    slot: Slot,
    random: Arc<dyn Random>,
    capabilities: Capabilities,
    serial: String,
    _claim: Claim,
}

impl Token {
    pub fn open(
        config: &TokenConfig,
        pin: &SecretBytes,
        random: Arc<dyn Random>,
        may_make: bool,
    ) -> core::result::Result<Self, OpenError> {
        let (path, module) = load(&config.module)?;
        let mut found = Vec::new();
        for slot in module.get_slots_with_token().map_err(on_open)? {
            // A slot that cannot be asked is not the one.
            if let Ok(info) = module.get_token_info(slot)
                && info.token_initialized()
                && info.label() == config.label
                && config
                    .serial
                    .as_ref()
                    .is_none_or(|serial| info.serial_number() == serial)
            {
                found.push((slot, info));
            }
        }
        let (slot, info) = match (found.pop(), found.is_empty()) {
            (Some(only), true) => only,
            (None, _) => return Err(OpenError::NoToken),
            _ => return Err(OpenError::SeveralTokens),
        };
        let serial = info.serial_number().to_owned();
        let claim = Claim::take(&path, &serial)?;
        let capabilities = capabilities(&module, slot)?;
        if info.write_protected() {
            return Err(OpenError::Unsuitable("be written"));
        }
        let session = module.open_rw_session(slot).map_err(on_open)?;
        if info.protected_authentication_path() && pin.expose().is_empty() {
            session.login(UserType::User, None).map_err(on_open)?;
        } else {
            let pin = RawAuthPin::new(pin.expose().clone());
            session.login_with_raw(UserType::User, &pin).map_err(on_open)?;
        }
        let mut token = Self {
            session,
            module,
            slot,
            random,
            capabilities,
            serial,
            _claim: claim,
        };
        match token.wrapping_keys()?.first() {
            Some(_) => {}
            None if may_make => token.make_wrapping_key()?,
            None => return Err(OpenError::NotPrepared),
        }
        Ok(token)
    }

    pub const fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// What a failure means. It may have left an operation open in the session, which is replaced: the login outlives it.
    fn fault(&mut self, error: &Error) -> SecureAreaError {
        if !self.is_present() {
            return SecureAreaError::HardwareAbsent;
        }
        if is_session_lost(error) {
            // The token was out and is in again; the PIN was not kept.
            return SecureAreaError::AuthenticationRequired;
        }
        if let Ok(session) = self.module.open_rw_session(self.slot) {
            self.session = session;
        }
        in_use(error)
    }

    /// Whether the slot still has this token.
    fn is_present(&self) -> bool {
        let info = self.module.get_token_info(self.slot);
        info.is_ok_and(|info| info.token_initialized() && info.serial_number() == self.serial)
    }

    /// What is not found in a token that is not there is not gone.
    fn not_found(&self) -> SecureAreaError {
        if self.is_present() {
            SecureAreaError::NotFound
        } else {
            SecureAreaError::HardwareAbsent
        }
    }

    fn with<T>(&mut self, job: impl FnOnce(&Session) -> cryptoki::error::Result<T>) -> Result<T> {
        job(&self.session).map_err(|error| self.fault(&error))
    }

    fn random<const N: usize>(&self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.random.fill(&mut bytes).map_err(|_| SecureAreaError::Unavailable)?;
        Ok(bytes)
    }

    /// The wrapping key was there when the area was opened.
    fn lost(&self) -> SecureAreaError {
        match self.not_found() {
            SecureAreaError::NotFound => SecureAreaError::KeyInvalidated,
            absent => absent,
        }
    }

    // Keys ----------------------------------------------------------------------------------------------------------

    pub fn create_key(&mut self, curve: Curve, purpose: KeyPurpose) -> Result<CreatedKey> {
        let claimed = |curves: &[Curve]| curves.contains(&curve);
        let may = match purpose {
            KeyPurpose::Sign => claimed(&self.capabilities.sign_curves),
            KeyPurpose::Agree => claimed(&self.capabilities.agree_curves),
            KeyPurpose::SignOrAgree => {
                self.capabilities.sign_or_agree
                    && claimed(&self.capabilities.sign_curves)
                    && claimed(&self.capabilities.agree_curves)
            }
        };
        let known = CURVES.iter().find(|(known, ..)| *known == curve);
        let (true, Some((_, _, parameters))) = (may, known) else {
            return Err(SecureAreaError::Unsupported(
                "make a key on this curve for this purpose",
            ));
        };
        let id = self.random::<ID_LEN>()?;
        let public = [
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Label(KEY_LABEL.to_vec()),
            Attribute::Id(id.to_vec()),
            Attribute::EcParams(parameters.to_vec()),
            Attribute::Verify(purpose.may_sign()),
        ];
        let private = [
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Label(KEY_LABEL.to_vec()),
            Attribute::Id(id.to_vec()),
            Attribute::Sign(purpose.may_sign()),
            Attribute::Derive(purpose.may_agree()),
            Attribute::Decrypt(false),
            Attribute::Unwrap(false),
        ];
        let made = self.with(|session| session.generate_key_pair(&Mechanism::EccKeyPairGen, &public, &private));
        let (public, _) = made?;
        let id = KeyId::new(id);
        match self.point(public, curve) {
            Ok(public_key) => Ok(CreatedKey {
                id,
                public_key,
                attestation: None,
            }),
            Err(error) => {
                let _ = self.delete(&id);
                Err(error)
            }
        }
    }

    /// The object of a key of this area. What a template does not match is no such key: one that could leave the token, or was brought
    /// into it, is none of ours.
    fn find(&mut self, id: &KeyId, class: ObjectClass) -> Result<ObjectHandle> {
        if id.as_bytes().len() != ID_LEN {
            return Err(SecureAreaError::NotFound);
        }
        let mut template = vec![
            Attribute::Token(true),
            Attribute::Class(class),
            Attribute::Label(KEY_LABEL.to_vec()),
            Attribute::Id(id.as_bytes().to_vec()),
        ];
        if class == ObjectClass::PRIVATE_KEY {
            template.extend([
                Attribute::AlwaysSensitive(true),
                Attribute::NeverExtractable(true),
                Attribute::Local(true),
            ]);
        }
        let found = self.with(|session| session.find_objects(&template))?;
        found.first().copied().ok_or_else(|| self.not_found())
    }

    fn point(&mut self, public: ObjectHandle, curve: Curve) -> Result<PublicKey> {
        let values = self.with(|session| session.get_attributes(public, &[AttributeType::EcPoint]))?;
        let Some(Attribute::EcPoint(point)) = values.first() else {
            return Err(SecureAreaError::Failed(0));
        };
        // An OCTET STRING in DER; some tokens give its content.
        let length = curve.coordinate_len().saturating_mul(2).saturating_add(1);
        let start = point.len().checked_sub(length).ok_or(SecureAreaError::Failed(0))?;
        let point = point.get(start..).unwrap_or_default();
        PublicKey::from_sec1(curve, point).map_err(|_| SecureAreaError::Failed(0))
    }

    fn curve(&mut self, key: ObjectHandle) -> Result<Curve> {
        let values = self.with(|session| session.get_attributes(key, &[AttributeType::EcParams]))?;
        let Some(Attribute::EcParams(parameters)) = values.first() else {
            return Err(SecureAreaError::Failed(0));
        };
        let known = CURVES.iter().find(|(.., known)| known == parameters);
        known
            .map(|(curve, ..)| *curve)
            .ok_or(SecureAreaError::Unsupported("use this curve"))
    }

    fn may(&mut self, key: ObjectHandle, what: AttributeType) -> Result<bool> {
        let values = self.with(|session| session.get_attributes(key, &[what]))?;
        Ok(matches!(
            values.first(),
            Some(Attribute::Sign(true) | Attribute::Derive(true))
        ))
    }

    pub fn public_key(&mut self, id: &KeyId) -> Result<PublicKey> {
        let public = self.find(id, ObjectClass::PUBLIC_KEY)?;
        let curve = self.curve(public)?;
        self.point(public, curve)
    }

    pub fn sign(&mut self, id: &KeyId, message: &[u8]) -> Result<Vec<u8>> {
        let key = self.find(id, ObjectClass::PRIVATE_KEY)?;
        if !self.may(key, AttributeType::Sign)? {
            return Err(SecureAreaError::Unsupported("sign with a key made for agreement"));
        }
        let curve = self.curve(key)?;
        let algorithm = match curve {
            Curve::P384 => HashAlgorithm::Sha384,
            Curve::P521 => HashAlgorithm::Sha512,
            _ => HashAlgorithm::Sha256,
        };
        let hash = digest(algorithm, message);
        let raw = self.with(|session| session.sign(&Mechanism::Ecdsa, key, hash.as_ref()))?;
        ecdsa_raw_to_der(curve, &raw).map_err(|_| SecureAreaError::Failed(0))
    }

    pub fn agree(&mut self, id: &KeyId, peer: &PublicKey) -> Result<SecretBytes> {
        let key = self.find(id, ObjectClass::PRIVATE_KEY)?;
        if !self.may(key, AttributeType::Derive)? {
            return Err(SecureAreaError::Unsupported("agree with a key made for signatures"));
        }
        if self.curve(key)? != peer.curve() {
            return Err(SecureAreaError::Unsupported("agree across curves"));
        }
        let length = peer.curve().coordinate_len();
        let template = [
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::KeyType(KeyType::GENERIC_SECRET),
            Attribute::Token(false),
            Attribute::Sensitive(false),
            Attribute::Extractable(true),
            Attribute::ValueLen(ulong(length)?),
        ];
        let derive = |session: &Session, point: &[u8]| {
            let parameters = Ecdh1DeriveParams::new(EcKdf::null(), point);
            session.derive_key(&Mechanism::Ecdh1Derive(parameters), key, &template)
        };
        let point = peer.to_sec1_uncompressed();
        // PKCS#11 2.40 §2.3.17: the point as it is, or as an OCTET STRING; tokens take the one, the other or both.
        let derived = match derive(&self.session, &point) {
            Ok(derived) => derived,
            Err(_) => {
                let wrapped = octet_string(&point);
                self.with(|session| derive(session, &wrapped))?
            }
        };
        let values = self.with(|session| session.get_attributes(derived, &[AttributeType::Value]));
        let _ = self.session.destroy_object(derived);
        match values?.pop() {
            Some(Attribute::Value(secret)) if secret.len() == length => Ok(Secret::new(secret)),
            Some(Attribute::Value(secret)) => {
                drop(Secret::new(secret));
                Err(SecureAreaError::Failed(0))
            }
            _ => Err(SecureAreaError::Failed(0)),
        }
    }

    pub fn delete(&mut self, id: &KeyId) -> Result<()> {
        if id.as_bytes().len() != ID_LEN {
            return Ok(());
        }
        // The private key first: should the second step fail, what is left can do nothing.
        for class in [ObjectClass::PRIVATE_KEY, ObjectClass::PUBLIC_KEY] {
            let template = [
                Attribute::Token(true),
                Attribute::Class(class),
                Attribute::Label(KEY_LABEL.to_vec()),
                Attribute::Id(id.as_bytes().to_vec()),
            ];
            self.destroy_all(&template)?;
        }
        Ok(())
    }

    fn destroy_all(&mut self, template: &[Attribute]) -> Result<()> {
        self.with(|session| {
            for object in session.find_objects(template)? {
                session.destroy_object(object)?;
            }
            Ok(())
        })
    }

    pub fn key_ids(&mut self) -> Result<Vec<KeyId>> {
        let template = [
            Attribute::Token(true),
            Attribute::Class(ObjectClass::PRIVATE_KEY),
            Attribute::Label(KEY_LABEL.to_vec()),
        ];
        let ids = self.ids(&template)?;
        Ok(ids.into_iter().map(|(id, _)| KeyId::new(id)).collect())
    }

    /// `CKA_ID` of every object that matches, in their order.
    fn ids(&mut self, template: &[Attribute]) -> Result<Vec<(Vec<u8>, ObjectHandle)>> {
        let mut found = self.with(|session| {
            let mut found = Vec::new();
            for object in session.find_objects(template)? {
                if let Some(Attribute::Id(id)) = session.get_attributes(object, &[AttributeType::Id])?.pop() {
                    found.push((id, object));
                }
            }
            Ok(found)
        })?;
        found.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(found)
    }

    // Wrapping ------------------------------------------------------------------------------------------------------

    fn wrapping_keys(&mut self) -> Result<Vec<(Vec<u8>, ObjectHandle)>> {
        self.ids(&[
            Attribute::Token(true),
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::KeyType(KeyType::AES),
            Attribute::Label(WRAPPING_LABEL.to_vec()),
            Attribute::AlwaysSensitive(true),
            Attribute::NeverExtractable(true),
            Attribute::Local(true),
        ])
    }

    fn make_wrapping_key(&mut self) -> Result<()> {
        let id = self.random::<ID_LEN>()?;
        let template = [
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Label(WRAPPING_LABEL.to_vec()),
            Attribute::Id(id.to_vec()),
            Attribute::ValueLen(ulong(32)?),
            Attribute::Encrypt(true),
            Attribute::Decrypt(true),
            Attribute::Wrap(false),
            Attribute::Unwrap(false),
        ];
        self.with(|session| session.generate_key(&Mechanism::AesKeyGen, &template))?;
        Ok(())
    }

    pub fn wrap(&mut self, context: &[u8], secret: &[u8]) -> Result<Vec<u8>> {
        if secret.len() > MAX_WRAPPED_LEN {
            return Err(SecureAreaError::Unsupported("wrap more than 64 KiB"));
        }
        // Two creations at once may have made two keys; either serves.
        let (id, key) = self.wrapping_keys()?.into_iter().next().ok_or_else(|| self.lost())?;
        let mut nonce = self.random::<NONCE_LEN>()?;
        let mut out = vec![WRAPPED_FORMAT];
        out.extend_from_slice(&id);
        out.extend_from_slice(&nonce);
        let sealed = self.with(|session| session.encrypt(&gcm(&mut nonce, context)?, key, secret))?;
        if sealed.len() != secret.len().saturating_add(AEAD_TAG_LEN) {
            return Err(SecureAreaError::Failed(0));
        }
        out.extend_from_slice(&sealed);
        Ok(out)
    }

    pub fn unwrap(&mut self, context: &[u8], wrapped: &[u8]) -> Result<SecretBytes> {
        let parts = || {
            let (format, rest) = wrapped.split_first()?;
            let (id, rest) = rest.split_first_chunk::<ID_LEN>()?;
            let (nonce, sealed) = rest.split_first_chunk::<NONCE_LEN>()?;
            let plain = sealed.len().checked_sub(AEAD_TAG_LEN)?;
            (*format == WRAPPED_FORMAT && plain <= MAX_WRAPPED_LEN).then_some((id, *nonce, sealed))
        };
        let (id, mut nonce, sealed) = parts().ok_or(SecureAreaError::Integrity)?;
        let keys = self.wrapping_keys()?;
        let key = keys.iter().find(|(known, _)| known == id).map(|(_, key)| *key);
        let key = match key {
            Some(key) => key,
            None if self.is_present() => return Err(SecureAreaError::Integrity),
            None => return Err(SecureAreaError::HardwareAbsent),
        };
        let opened = gcm(&mut nonce, context).and_then(|mechanism| self.session.decrypt(&mechanism, key, sealed));
        match opened {
            Ok(plain) => Ok(Secret::new(plain)),
            Err(error) => Err(self.not_opened(&error, key)),
        }
    }

    /// PKCS#11 knows `CKR_ENCRYPTED_DATA_INVALID`, and tokens say `CKR_GENERAL_ERROR` all the same. Where the key does open what it
    /// sealed a moment ago, the fault lies in what it was given.
    fn not_opened(&mut self, error: &Error, key: ObjectHandle) -> SecureAreaError {
        let fault = self.fault(error);
        if !matches!(fault, SecureAreaError::Failed(_)) {
            return fault;
        }
        let probe = self.with(|session| {
            let mut nonce = [0xA5; NONCE_LEN];
            let sealed = session.encrypt(&gcm(&mut nonce, b"probe")?, key, b"probe")?;
            session.decrypt(&gcm(&mut nonce, b"probe")?, key, &sealed)
        });
        match probe {
            Ok(plain) if plain == b"probe" => SecureAreaError::Integrity,
            Ok(_) => fault,
            Err(other) => other,
        }
    }

    // Counters ------------------------------------------------------------------------------------------------------

    pub fn create_counter(&mut self) -> Result<CounterId> {
        let id = CounterId::new(self.random::<ID_LEN>()?);
        self.set_counter(&id, 0)?;
        Ok(id)
    }

    fn set_counter(&mut self, id: &CounterId, value: u64) -> Result<()> {
        let mut template = counter_template(id).to_vec();
        template.extend([
            Attribute::Private(true),
            Attribute::Modifiable(false),
            Attribute::Value(value.to_be_bytes().to_vec()),
        ]);
        self.with(|session| session.create_object(&template))?;
        Ok(())
    }

    /// Every object of a counter, the highest last. A step that was cut short leaves two.
    fn counter(&mut self, id: &CounterId) -> Result<Vec<(u64, ObjectHandle)>> {
        let template = counter_template(id);
        let mut values = self.with(|session| {
            let mut values = Vec::new();
            for object in session.find_objects(&template)? {
                let value = session.get_attributes(object, &[AttributeType::Value])?;
                if let Some(Attribute::Value(value)) = value.first()
                    && let Ok(value) = value.as_slice().try_into()
                {
                    values.push((u64::from_be_bytes(value), object));
                }
            }
            Ok(values)
        })?;
        values.sort_by_key(|(value, _)| *value);
        Ok(values)
    }

    pub fn read_counter(&mut self, id: &CounterId) -> Result<u64> {
        let values = self.counter(id)?;
        values.last().map(|(value, _)| *value).ok_or_else(|| self.not_found())
    }

    /// The higher value is there before the lower one goes: whenever the power goes, the counter has not gone down.
    pub fn increment_counter(&mut self, id: &CounterId) -> Result<u64> {
        let before = self.counter(id)?;
        let (value, _) = before.last().ok_or_else(|| self.not_found())?;
        let value = value
            .checked_add(1)
            .ok_or(SecureAreaError::Unsupported("count further"))?;
        self.set_counter(id, value)?;
        for (_, object) in before {
            // One that stays is lower, and goes with the next step.
            let _ = self.session.destroy_object(object);
        }
        Ok(value)
    }

    pub fn delete_counter(&mut self, id: &CounterId) -> Result<()> {
        self.destroy_all(&counter_template(id))
    }
}

fn counter_template(id: &CounterId) -> [Attribute; 4] {
    let name: String = id.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    [
        Attribute::Token(true),
        Attribute::Class(ObjectClass::DATA),
        Attribute::Application(COUNTER_APPLICATION.to_vec()),
        Attribute::Label(name.into_bytes()),
    ]
}

/// From the token's list of mechanisms, for nothing is made to find out what can be made.
fn capabilities(module: &Pkcs11, slot: Slot) -> core::result::Result<Capabilities, OpenError> {
    let listed = module.get_mechanism_list(slot).map_err(on_open)?;
    let info = |mechanism: MechanismType| {
        listed
            .contains(&mechanism)
            .then(|| module.get_mechanism_info(slot, mechanism).ok())
            .flatten()
    };
    let has_gcm = info(MechanismType::AES_GCM).is_some_and(|gcm| gcm.encrypt() && gcm.decrypt());
    if !has_gcm || info(MechanismType::AES_KEY_GEN).is_none() {
        return Err(OpenError::Unsuitable("wrap keys by AES-GCM"));
    }
    let pairs = info(MechanismType::ECC_KEY_PAIR_GEN).ok_or(OpenError::Unsuitable("make keys on curves"))?;
    let curves: Vec<Curve> = CURVES
        .iter()
        .filter(|(_, bits, _)| (pairs.min_key_size()..=pairs.max_key_size()).contains(bits))
        .map(|(curve, ..)| *curve)
        .collect();
    let signs = info(MechanismType::ECDSA).is_some_and(|ecdsa| ecdsa.sign());
    let agrees = info(MechanismType::ECDH1_DERIVE).is_some_and(|ecdh| ecdh.derive());
    let is_hardware = module.get_slot_info(slot).map_err(on_open)?.hardware_slot();
    Ok(Capabilities {
        security_level: if is_hardware {
            SecurityLevel::SecureElement
        } else {
            SecurityLevel::Software
        },
        sign_curves: if signs { curves.clone() } else { Vec::new() },
        sign_or_agree: signs && agrees,
        agree_curves: if agrees { curves } else { Vec::new() },
        attestation: false,
        authentication: false,
        import: false,
        counters: if is_hardware {
            Counters::Hardware
        } else {
            Counters::File
        },
    })
}

fn gcm<'a>(nonce: &'a mut [u8; NONCE_LEN], context: &'a [u8]) -> cryptoki::error::Result<Mechanism<'a>> {
    Ok(Mechanism::AesGcm(GcmParams::new(nonce, context, TAG_BITS.into())?))
}

fn ulong(value: usize) -> Result<Ulong> {
    Ulong::try_from(value).map_err(|_| SecureAreaError::Failed(0))
}

/// DER of an OCTET STRING that is shorter than 256 bytes.
fn octet_string(content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).unwrap_or(u8::MAX);
    let mut out = vec![0x04];
    if length >= 0x80 {
        out.push(0x81);
    }
    out.push(length);
    out.extend_from_slice(content);
    out
}

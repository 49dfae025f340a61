//! The signed token around a list, and the one way from unverified to verified.

use core::fmt;

use idwallet_cose::cbor::{Decoder, Type};
use idwallet_cose::{Place, Policy, Sign1, TAG_SIGN1, X5Chain};
use idwallet_crypto::x509::ValidatedPath;
use idwallet_crypto::{PublicKey, SignatureAlgorithm};

use crate::claims::{self, ClaimSet};
use crate::trust::signer_path;
use crate::{
    Claims, IDENTIFIER_LIST_TYPE, IdentifierList, ListPolicy, ListTrust, STATUS_LIST_TYPE, Status, StatusList,
    StatusListError, limits,
};

/// What a token may be signed with; the key's curve has to fit (X-C03).
const ALGORITHMS: [SignatureAlgorithm; 4] = SignatureAlgorithm::ALL;

/// A status list token as received: nothing in it is to be believed.
#[derive(Clone, PartialEq, Eq)]
pub struct UnverifiedStatusList<'a> {
    token: Token<'a>,
    list: StatusList<'a>,
}

/// An identifier list as received: nothing in it is to be believed.
#[derive(Clone, PartialEq, Eq)]
pub struct UnverifiedIdentifierList<'a> {
    token: Token<'a>,
    list: IdentifierList<'a>,
}

/// A status list whose signer, signature, subject and times are checked. It answers for indices.
#[derive(Debug, Clone)]
pub struct VerifiedStatusList<'a> {
    claims: Claims<'a>,
    list: StatusList<'a>,
    signer: Option<ValidatedPath>,
}

/// An identifier list whose signer, signature, subject and times are checked. It answers for identifiers.
#[derive(Debug, Clone)]
pub struct VerifiedIdentifierList<'a> {
    claims: Claims<'a>,
    list: IdentifierList<'a>,
    signer: Option<ValidatedPath>,
}

impl<'a> UnverifiedStatusList<'a> {
    /// Reads a token: COSE_Sign1 with tag 18 and no tag 61, `typ` protected, the claims, and no second list (G-C05, A-I21).
    ///
    /// # Errors
    /// [`StatusListError`]: what is wrong and where. The list itself is inflated at look-up.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, StatusListError> {
        let (token, claim_set) = Token::parse(bytes, STATUS_LIST_TYPE)?;
        if claim_set.identifier_list.is_some() {
            return Err(StatusListError::TwoLists);
        }
        let item = Decoder::new(&[]).required(claim_set.status_list, "status_list")?;
        let list = StatusList::parse(item.bytes())?;
        Ok(Self { token, list })
    }

    /// The claims, of which nothing is known yet: for finding out which list this is.
    #[must_use]
    pub const fn dangerous_claims(&self) -> &Claims<'a> {
        &self.token.claims
    }

    /// The list, of which nothing is known yet: for showing what is in a file.
    #[must_use]
    pub const fn dangerous_list(&self) -> &StatusList<'a> {
        &self.list
    }

    /// Checks signer, signature, subject and times (A-V30, G-V03, G-V04).
    ///
    /// `uri` is that of the reference in the credential; `sub` must be equal to it byte for byte.
    ///
    /// # Errors
    /// [`StatusListError`]: the status is unknown.
    pub fn verify(
        self,
        uri: &str,
        trust: &ListTrust<'_>,
        policy: &ListPolicy<'_>,
    ) -> Result<VerifiedStatusList<'a>, StatusListError> {
        let signer = self.token.verify(uri, trust, policy)?;
        Ok(VerifiedStatusList {
            claims: self.token.claims,
            list: self.list.with_max_inflated(policy.max_inflated),
            signer,
        })
    }
}

impl<'a> UnverifiedIdentifierList<'a> {
    /// Reads a list: COSE_Sign1 with tag 18 and no tag 61, `typ` protected, the claims, and no status list (A-I21).
    ///
    /// # Errors
    /// [`StatusListError`]: what is wrong and where.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, StatusListError> {
        let (token, claim_set) = Token::parse(bytes, IDENTIFIER_LIST_TYPE)?;
        if claim_set.status_list.is_some() {
            return Err(StatusListError::TwoLists);
        }
        let item = Decoder::new(&[]).required(claim_set.identifier_list, "identifier_list")?;
        let list = IdentifierList::parse(item.bytes())?;
        Ok(Self { token, list })
    }

    /// The claims, of which nothing is known yet: for finding out which list this is.
    #[must_use]
    pub const fn dangerous_claims(&self) -> &Claims<'a> {
        &self.token.claims
    }

    /// The list, of which nothing is known yet: for showing what is in a file.
    #[must_use]
    pub const fn dangerous_list(&self) -> &IdentifierList<'a> {
        &self.list
    }

    /// Checks signer, signature, subject and times (A-V30, A-I21).
    ///
    /// `uri` is that of the reference in the credential; `sub` must be equal to it byte for byte.
    ///
    /// # Errors
    /// [`StatusListError`]: the status is unknown.
    pub fn verify(
        self,
        uri: &str,
        trust: &ListTrust<'_>,
        policy: &ListPolicy<'_>,
    ) -> Result<VerifiedIdentifierList<'a>, StatusListError> {
        let signer = self.token.verify(uri, trust, policy)?;
        Ok(VerifiedIdentifierList {
            claims: self.token.claims,
            list: self.list,
            signer,
        })
    }
}

impl<'a> VerifiedStatusList<'a> {
    /// The claims.
    #[must_use]
    pub const fn claims(&self) -> &Claims<'a> {
        &self.claims
    }

    /// The list.
    #[must_use]
    pub const fn list(&self) -> &StatusList<'a> {
        &self.list
    }

    /// The signer's path; `None` where a key from elsewhere was the trust point.
    #[must_use]
    pub const fn signer(&self) -> Option<&ValidatedPath> {
        self.signer.as_ref()
    }

    /// The status at `idx`.
    ///
    /// # Errors
    /// As [`StatusList::status`]; the status is unknown then.
    pub fn status(&self, idx: u64) -> Result<Status, StatusListError> {
        self.list.status(idx)
    }

    /// The statuses at many indices in one pass.
    ///
    /// # Errors
    /// As [`StatusList::statuses`]; all of them are unknown then.
    pub fn statuses(&self, indices: &[u64]) -> Result<Vec<Status>, StatusListError> {
        self.list.statuses(indices)
    }
}

impl<'a> VerifiedIdentifierList<'a> {
    /// The claims.
    #[must_use]
    pub const fn claims(&self) -> &Claims<'a> {
        &self.claims
    }

    /// The list.
    #[must_use]
    pub const fn list(&self) -> &IdentifierList<'a> {
        &self.list
    }

    /// The signer's path; `None` where a key from elsewhere was the trust point.
    #[must_use]
    pub const fn signer(&self) -> Option<&ValidatedPath> {
        self.signer.as_ref()
    }

    /// The status of the MSO with this identifier: invalid where it is listed.
    #[must_use]
    pub fn status(&self, id: &[u8]) -> Status {
        self.list.status(id)
    }
}

/// What both kinds of token have in common.
#[derive(Clone, PartialEq, Eq)]
struct Token<'a> {
    sign1: Sign1<'a>,
    claims: Claims<'a>,
    not_before: Option<idwallet_crypto::Timestamp>,
}

impl<'a> Token<'a> {
    fn parse(bytes: &'a [u8], typ: &str) -> Result<(Self, ClaimSet<'a>), StatusListError> {
        let mut d = Decoder::with_limits(bytes, limits::CBOR);
        if d.peek()? == Type::Tag {
            let tag = d.tag()?;
            if tag != TAG_SIGN1 {
                return Err(StatusListError::Tag(tag));
            }
        }
        let policy = Policy {
            limits: limits::CBOR,
            ..Policy::TAG_REQUIRED
        };
        let sign1 = Sign1::parse(bytes, &policy)?;
        if sign1.headers().typ() != Some((typ, Place::Protected)) {
            return Err(StatusListError::Type);
        }
        let payload = sign1
            .unverified_payload()
            .ok_or(idwallet_cose::CoseError::PayloadMissing)?;
        let claim_set = claims::read(payload)?;
        let token = Self {
            sign1,
            claims: claim_set.claims,
            not_before: claim_set.not_before,
        };
        Ok((token, claim_set))
    }

    fn verify(
        &self,
        uri: &str,
        trust: &ListTrust<'_>,
        policy: &ListPolicy<'_>,
    ) -> Result<Option<ValidatedPath>, StatusListError> {
        // G-V04: the very list that the credential names. Where it came from proves nothing.
        if self.claims.subject != uri {
            return Err(StatusListError::Subject);
        }
        self.check_times(policy)?;
        if let ListTrust::Key(key) = trust {
            self.verify_signature(key)?;
            return Ok(None);
        }
        let chain = self.sign1.headers().x5chain().ok_or(StatusListError::ChainMissing)?;
        if chain.place() != Place::Protected {
            return Err(StatusListError::ChainNotProtected);
        }
        let path = signer_path(&chain.to_vec(), trust, policy)?;
        self.verify_signature(path.leaf().public_key())?;
        Ok(Some(path))
    }

    fn verify_signature(&self, key: &PublicKey) -> Result<(), StatusListError> {
        self.sign1
            .verify(key, &ALGORITHMS, &[], None)
            .map(drop)
            .map_err(StatusListError::Signature)
    }

    fn check_times(&self, policy: &ListPolicy<'_>) -> Result<(), StatusListError> {
        let latest = policy.at.saturating_add_seconds(i64::from(policy.clock_skew));
        let starts = self
            .not_before
            .map_or(self.claims.issued_at, |nbf| nbf.max(self.claims.issued_at));
        if starts > latest {
            return Err(StatusListError::IssuedInFuture(starts));
        }
        let expires = self.claims.expires_at.ok_or(StatusListError::ExpiryMissing)?;
        // RFC 8392 §3.1.4: on or after which it must not be accepted.
        if policy.at >= expires {
            return Err(StatusListError::Expired(expires));
        }
        let age = policy.at.unix().saturating_sub(self.claims.issued_at.unix());
        if policy
            .max_age
            .is_some_and(|most| u64::try_from(age).is_ok_and(|age| age > most))
        {
            return Err(StatusListError::TooOld(self.claims.issued_at));
        }
        let refetch = policy.fetched_at.and_then(|fetched| self.claims.refetch_at(fetched));
        match refetch {
            Some(due) if policy.enforce_ttl && policy.at >= due => Err(StatusListError::TimeToLive(due)),
            _ => Ok(()),
        }
    }
}

impl UnverifiedStatusList<'_> {
    /// The certificates that came with the token, leaf first, DER; nothing is known of them.
    #[must_use]
    pub fn dangerous_chain(&self) -> Vec<&[u8]> {
        self.token
            .sign1
            .headers()
            .x5chain()
            .map(|c: X5Chain<'_>| c.to_vec())
            .unwrap_or_default()
    }
}

impl UnverifiedIdentifierList<'_> {
    /// The certificates that came with the list, leaf first, DER; nothing is known of them.
    #[must_use]
    pub fn dangerous_chain(&self) -> Vec<&[u8]> {
        self.token
            .sign1
            .headers()
            .x5chain()
            .map(|c: X5Chain<'_>| c.to_vec())
            .unwrap_or_default()
    }
}

impl fmt::Debug for UnverifiedStatusList<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedStatusList")
            .field("claims", &self.token.claims)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for UnverifiedIdentifierList<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedIdentifierList")
            .field("claims", &self.token.claims)
            .finish_non_exhaustive()
    }
}

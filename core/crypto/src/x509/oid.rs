//! Object identifiers, as the contents octets that stand in the certificate.

macro_rules! oids {
    ($($(#[$doc:meta])* $name:ident = $dotted:literal, [$($byte:literal),* $(,)?];)*) => {
        $($(#[$doc])* pub const $name: &[u8] = &[$($byte),*];)*
        #[cfg(test)]
        pub(crate) const ALL: &[(&str, &[u8])] = &[$(($dotted, $name)),*];
    };
}

oids! {
    /// countryName.
    COUNTRY = "2.5.4.6", [0x55, 0x04, 0x06];
    /// stateOrProvinceName.
    STATE = "2.5.4.8", [0x55, 0x04, 0x08];
    /// localityName.
    LOCALITY = "2.5.4.7", [0x55, 0x04, 0x07];
    /// organizationName.
    ORGANIZATION = "2.5.4.10", [0x55, 0x04, 0x0a];
    /// organizationalUnitName.
    ORGANIZATIONAL_UNIT = "2.5.4.11", [0x55, 0x04, 0x0b];
    /// commonName.
    COMMON_NAME = "2.5.4.3", [0x55, 0x04, 0x03];
    /// serialNumber of a name.
    NAME_SERIAL = "2.5.4.5", [0x55, 0x04, 0x05];
    /// subjectKeyIdentifier.
    SUBJECT_KEY_ID = "2.5.29.14", [0x55, 0x1d, 0x0e];
    /// keyUsage.
    KEY_USAGE = "2.5.29.15", [0x55, 0x1d, 0x0f];
    /// subjectAltName.
    SUBJECT_ALT_NAME = "2.5.29.17", [0x55, 0x1d, 0x11];
    /// issuerAltName.
    ISSUER_ALT_NAME = "2.5.29.18", [0x55, 0x1d, 0x12];
    /// basicConstraints.
    BASIC_CONSTRAINTS = "2.5.29.19", [0x55, 0x1d, 0x13];
    /// cRLNumber.
    CRL_NUMBER = "2.5.29.20", [0x55, 0x1d, 0x14];
    /// reasonCode of a CRL entry.
    CRL_REASON = "2.5.29.21", [0x55, 0x1d, 0x15];
    /// invalidityDate of a CRL entry.
    INVALIDITY_DATE = "2.5.29.24", [0x55, 0x1d, 0x18];
    /// deltaCRLIndicator.
    DELTA_CRL = "2.5.29.27", [0x55, 0x1d, 0x1b];
    /// issuingDistributionPoint.
    ISSUING_DISTRIBUTION_POINT = "2.5.29.28", [0x55, 0x1d, 0x1c];
    /// certificateIssuer of a CRL entry.
    CERTIFICATE_ISSUER = "2.5.29.29", [0x55, 0x1d, 0x1d];
    /// nameConstraints.
    NAME_CONSTRAINTS = "2.5.29.30", [0x55, 0x1d, 0x1e];
    /// cRLDistributionPoints.
    CRL_DISTRIBUTION_POINTS = "2.5.29.31", [0x55, 0x1d, 0x1f];
    /// certificatePolicies.
    CERTIFICATE_POLICIES = "2.5.29.32", [0x55, 0x1d, 0x20];
    /// policyMappings.
    POLICY_MAPPINGS = "2.5.29.33", [0x55, 0x1d, 0x21];
    /// authorityKeyIdentifier.
    AUTHORITY_KEY_ID = "2.5.29.35", [0x55, 0x1d, 0x23];
    /// policyConstraints.
    POLICY_CONSTRAINTS = "2.5.29.36", [0x55, 0x1d, 0x24];
    /// extKeyUsage.
    EXTENDED_KEY_USAGE = "2.5.29.37", [0x55, 0x1d, 0x25];
    /// freshestCRL.
    FRESHEST_CRL = "2.5.29.46", [0x55, 0x1d, 0x2e];
    /// inhibitAnyPolicy.
    INHIBIT_ANY_POLICY = "2.5.29.54", [0x55, 0x1d, 0x36];
    /// anyExtendedKeyUsage.
    ANY_EXTENDED_KEY_USAGE = "2.5.29.37.0", [0x55, 0x1d, 0x25, 0x00];
    /// id-kp-serverAuth.
    SERVER_AUTH = "1.3.6.1.5.5.7.3.1", [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
    /// id-kp-clientAuth.
    CLIENT_AUTH = "1.3.6.1.5.5.7.3.2", [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02];
    /// id-kp-oauthStatusSigning (Token Status List §10.1).
    STATUS_SIGNING = "1.3.6.1.5.5.7.3.30", [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x1e];
    /// mDL document signer (ISO 18013-5 B.1.4).
    MDL_DOCUMENT_SIGNER = "1.0.18013.5.1.2", [0x28, 0x81, 0x8c, 0x5d, 0x05, 0x01, 0x02];
    /// mDL JWS certificate (ISO 18013-5 B.1).
    MDL_JWS = "1.0.18013.5.1.3", [0x28, 0x81, 0x8c, 0x5d, 0x05, 0x01, 0x03];
    /// mDL reader authentication (ISO 18013-5 B.1.7).
    MDL_READER_AUTH = "1.0.18013.5.1.6", [0x28, 0x81, 0x8c, 0x5d, 0x05, 0x01, 0x06];
    /// VICAL signer (ISO 18013-5 C.1.7.2).
    MDL_VICAL_SIGNER = "1.0.18013.5.1.8", [0x28, 0x81, 0x8c, 0x5d, 0x05, 0x01, 0x08];
    /// Generic document signer (ISO/IEC 23220-4).
    GENERIC_DOCUMENT_SIGNER = "1.0.23220.4.1.2", [0x28, 0x81, 0xb5, 0x34, 0x04, 0x01, 0x02];
    /// Generic reader authentication (ISO/IEC 23220-4).
    GENERIC_READER_AUTH = "1.0.23220.4.1.6", [0x28, 0x81, 0xb5, 0x34, 0x04, 0x01, 0x06];
    /// Generic VICAL signer (ISO/IEC 23220-4).
    GENERIC_VICAL_SIGNER = "1.0.23220.4.1.8", [0x28, 0x81, 0xb5, 0x34, 0x04, 0x01, 0x08];
    /// id-ecPublicKey.
    EC_PUBLIC_KEY = "1.2.840.10045.2.1", [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
    /// prime256v1.
    P256 = "1.2.840.10045.3.1.7", [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
    /// secp384r1.
    P384 = "1.3.132.0.34", [0x2b, 0x81, 0x04, 0x00, 0x22];
    /// secp521r1.
    P521 = "1.3.132.0.35", [0x2b, 0x81, 0x04, 0x00, 0x23];
    /// brainpoolP256r1.
    BRAINPOOL_P256 = "1.3.36.3.3.2.8.1.1.7", [0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x07];
    /// brainpoolP320r1.
    BRAINPOOL_P320 = "1.3.36.3.3.2.8.1.1.9", [0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x09];
    /// brainpoolP384r1.
    BRAINPOOL_P384 = "1.3.36.3.3.2.8.1.1.11", [0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x0b];
    /// brainpoolP512r1.
    BRAINPOOL_P512 = "1.3.36.3.3.2.8.1.1.13", [0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x0d];
    /// X25519.
    X25519 = "1.3.101.110", [0x2b, 0x65, 0x6e];
    /// X448.
    X448 = "1.3.101.111", [0x2b, 0x65, 0x6f];
    /// Ed25519.
    ED25519 = "1.3.101.112", [0x2b, 0x65, 0x70];
    /// Ed448.
    ED448 = "1.3.101.113", [0x2b, 0x65, 0x71];
    /// ecdsa-with-SHA256.
    ECDSA_SHA256 = "1.2.840.10045.4.3.2", [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
    /// ecdsa-with-SHA384.
    ECDSA_SHA384 = "1.2.840.10045.4.3.3", [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03];
    /// ecdsa-with-SHA512.
    ECDSA_SHA512 = "1.2.840.10045.4.3.4", [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04];
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::der;

    #[test]
    fn every_constant_is_the_identifier_it_says() {
        for (dotted, contents) in super::ALL {
            assert_eq!(der::oid_contents(dotted).unwrap(), *contents, "{dotted}");
            assert_eq!(der::oid_text(contents), *dotted);
        }
    }
}

//! PEM (RFC 7468): certificates and CRLs, several in a text.

use super::certificate::Certificate;
use super::crl::Crl;
use super::error::{X509Error, X509ErrorKind as Kind};
use super::limits;

const CERTIFICATE: &str = "CERTIFICATE";
const CRL: &str = "X509 CRL";
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The certificates of a PEM text in order; other blocks and text between blocks are passed over.
///
/// # Errors
/// [`X509Error`] when a block is malformed (the offset is the line number), a certificate cannot be parsed, or there
/// is none.
pub fn read_certificates(text: &str) -> Result<Vec<Certificate>, X509Error> {
    let blocks = read(text, CERTIFICATE)?;
    blocks.iter().map(|der| Certificate::from_der(der)).collect()
}

/// The certificates of a file: PEM, or one DER certificate.
///
/// # Errors
/// As [`read_certificates`] and [`Certificate::from_der`].
pub fn read_certificates_or_der(bytes: &[u8]) -> Result<Vec<Certificate>, X509Error> {
    match core::str::from_utf8(bytes) {
        Ok(text) if text.contains("-----BEGIN ") => read_certificates(text),
        _ => Ok(vec![Certificate::from_der(bytes)?]),
    }
}

/// The CRLs of a file: PEM, or one DER CRL.
///
/// # Errors
/// As [`read_certificates`] and [`Crl::from_der`].
pub fn read_crls_or_der(bytes: &[u8]) -> Result<Vec<Crl>, X509Error> {
    match core::str::from_utf8(bytes) {
        Ok(text) if text.contains("-----BEGIN ") => read(text, CRL)?.iter().map(|der| Crl::from_der(der)).collect(),
        _ => Ok(vec![Crl::from_der(bytes)?]),
    }
}

/// The DER of all blocks with this label.
fn read(text: &str, label: &str) -> Result<Vec<Vec<u8>>, X509Error> {
    let mut blocks = Vec::new();
    let mut open: Option<(bool, String)> = None;
    let mut last = 0;
    for (number, line) in text.lines().enumerate() {
        last = number;
        let bad = X509Error::new(number, Kind::Pem);
        let line = line.trim();
        if let Some(name) = line.strip_prefix("-----BEGIN ").and_then(|l| l.strip_suffix("-----")) {
            if open.is_some() {
                return Err(bad);
            }
            open = Some((name == label, String::new()));
        } else if let Some(name) = line.strip_prefix("-----END ").and_then(|l| l.strip_suffix("-----")) {
            let Some((wanted, base64)) = open.take() else {
                return Err(bad);
            };
            if wanted != (name == label) {
                return Err(bad);
            }
            if wanted {
                if blocks.len() >= limits::PEM_ITEMS {
                    return Err(X509Error::new(number, Kind::Limit("number of PEM blocks")));
                }
                blocks.push(decode(&base64).ok_or(bad)?);
            }
        } else if let Some((true, base64)) = open.as_mut() {
            base64.push_str(line);
        }
    }
    if open.is_some() || blocks.is_empty() {
        return Err(X509Error::new(last, Kind::Pem));
    }
    Ok(blocks)
}

fn decode(base64: &str) -> Option<Vec<u8>> {
    let bytes = base64.as_bytes();
    if bytes.is_empty() || !bytes.len().is_multiple_of(4) {
        return None;
    }
    let padding = bytes.iter().rev().take_while(|b| **b == b'=').count();
    let (digits, _) = bytes.split_at_checked(bytes.len().checked_sub(padding)?)?;
    if padding > 2 {
        return None;
    }
    let mut out = Vec::with_capacity(digits.len());
    for group in digits.chunks(4) {
        let mut word = 0_u32;
        for digit in group {
            let value = match digit {
                b'A'..=b'Z' => digit.wrapping_sub(b'A'),
                b'a'..=b'z' => digit.wrapping_sub(b'a').wrapping_add(26),
                b'0'..=b'9' => digit.wrapping_sub(b'0').wrapping_add(52),
                b'+' => 62,
                b'/' => 63,
                _ => return None,
            };
            word = (word << 6) | u32::from(value);
        }
        let [_, a, b, c] = (match group.len() {
            4 => word,
            3 => word << 6,
            _ => word << 12,
        })
        .to_be_bytes();
        match group.len() {
            4 => out.extend([a, b, c]),
            3 if c == 0 => out.extend([a, b]),
            2 if b == 0 && c == 0 => out.push(a),
            _ => return None, // one digit, or bits set in the padding
        }
    }
    Some(out)
}

fn write(label: &str, der: &[u8], out: &mut String) {
    out.push_str("-----BEGIN ");
    out.push_str(label);
    out.push_str("-----\n");
    let digit = |word: u32, shift: u32| {
        let index = usize::try_from((word >> shift) & 63).unwrap_or(0);
        char::from(ALPHABET.get(index).copied().unwrap_or(b'='))
    };
    for line in der.chunks(48) {
        for group in line.chunks(3) {
            let at = |i: usize| u32::from(group.get(i).copied().unwrap_or(0));
            let word = (at(0) << 16) | (at(1) << 8) | at(2);
            out.push(digit(word, 18));
            out.push(digit(word, 12));
            out.push(if group.len() > 1 { digit(word, 6) } else { '=' });
            out.push(if group.len() > 2 { digit(word, 0) } else { '=' });
        }
        out.push('\n');
    }
    out.push_str("-----END ");
    out.push_str(label);
    out.push_str("-----\n");
}

/// A PEM text with these certificates in order.
#[must_use]
pub fn write_certificates<'a>(certificates: impl IntoIterator<Item = &'a Certificate>) -> String {
    let mut out = String::new();
    for certificate in certificates {
        write(CERTIFICATE, certificate.der(), &mut out);
    }
    out
}

/// A PEM text with this CRL.
#[must_use]
pub fn write_crl(crl: &Crl) -> String {
    let mut out = String::new();
    write(CRL, crl.der(), &mut out);
    out
}

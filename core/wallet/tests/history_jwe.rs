//! The history under a passphrase.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use common::Holder;
use idwallet_documents::Lang;
use idwallet_jose::{JoseError, Jwe};
use idwallet_mdoc::names::MDL_NAMESPACE;
use idwallet_test_support::NOW;
use idwallet_wallet::{Code, Wallet};

const PASSPHRASE: &str = "bốn con trâu gặm mây";

fn refused(wallet: &Wallet, passphrase: &str) -> Code {
    let history = wallet.history().unwrap();
    wallet.history_to_jwe(&history, passphrase).unwrap_err().code()
}

/// H-H65: what is exported is the history as JSON, and says that it is JSON; only the passphrase opens it, however it is typed.
#[test]
fn the_history_opens_under_the_passphrase() {
    let mut holder = Holder::new(90);
    let mut resolved = holder.resolve(&["family_name"]);
    holder.wallet.decline(&mut resolved).unwrap();
    let history = holder.wallet.history().unwrap();
    assert_eq!(history.entries.len(), 2);
    // Another keyboard's accents and blanks.
    let text = holder
        .wallet
        .history_to_jwe(&history, " bo\u{302}\u{301}n con  trâu gặm mây\n")
        .unwrap();
    let message = Jwe::parse(&text).unwrap();
    assert_eq!(message.content_type(), Some("application/json"));
    assert!(message.iterations() >= 600_000);
    let content = message.decrypt(PASSPHRASE.as_bytes()).unwrap();
    assert_eq!(content.expose().as_slice(), history.to_json().as_bytes());
    assert_eq!(
        message.decrypt("bốn con trâu gặm cỏ".as_bytes()).unwrap_err(),
        JoseError::WrongPassphrase
    );
    // Sealed once more it is another message.
    assert_ne!(text, holder.wallet.history_to_jwe(&history, PASSPHRASE).unwrap());
}

/// H-H65: under a passphrase that is guessed nothing is written.
#[test]
fn a_weak_passphrase_is_refused() {
    let holder = Holder::new(91);
    assert_eq!(refused(&holder.wallet, ""), Code::PassphraseShort);
    assert_eq!(refused(&holder.wallet, "matkhau123456"), Code::PassphraseCommon);
    assert_eq!(refused(&holder.wallet, &"dài ".repeat(400)), Code::PassphraseLong);
    // What stands in the owner's own document, with little around it.
    let shown = holder.wallet.show(holder.licence, NOW).unwrap();
    let number = shown
        .claim(MDL_NAMESPACE, "document_number")
        .unwrap()
        .shown
        .text(Lang::En)
        .to_owned();
    let own = format!("{number} abcxyz");
    assert_eq!(refused(&holder.wallet, &own), Code::PassphrasePersonal);
}

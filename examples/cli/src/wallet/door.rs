//! The door of the wallet: PIN, locks, orders, and the way back in.

use std::sync::Arc;
use std::time::Duration;

use idwallet_crypto::{PublicKey, SystemRandom};
use idwallet_documents::Lang;
use idwallet_wallet::{
    Access, Code, HeldPapers, LockOrder, LockReason, LockedWallet, OrderAction, Pin, RecoveryCode, Rollback,
    VAULT_FILE, Wallet, WalletError, wait_in_words,
};
use serde_json::{Value, json};

use super::args::{AuthorityArgs, OrderArgs, PinCommand, UnlockArgs};
use super::{Place, area, fault};
use crate::args::{OrderWord, PkiLockOrderArgs};
use crate::context::Context;
use crate::error::{CliError, FileFault, Result, Status, bad, bad_file};
use crate::input::{self, Readable, Source};
use crate::keys;

/// A new PIN from the first line of a file.
pub fn read_pin(source: &Source, cx: &Context) -> Result<Pin> {
    typed_pin(source)?.map_err(|error| no_pin(source, &error, cx))
}

fn no_pin(source: &Source, error: &WalletError, cx: &Context) -> CliError {
    bad(source, format!("{} [{}]", error.text(cx.lang), error.code()))
}

fn typed_pin(source: &Source) -> Result<std::result::Result<Pin, WalletError>> {
    let bytes = idwallet_crypto::Secret::new(source.read()?);
    let text = std::str::from_utf8(bytes.expose()).map_err(|_| bad_file(source, FileFault::NotText))?;
    let line = text.lines().next().unwrap_or_default().trim();
    Ok(Pin::new(line).map_err(|error| idwallet_wallet::StateFault::Pin(error).into()))
}

/// The files of the wallet, opened and locked.
pub fn locked(place: &Place, cx: &Context) -> Result<LockedWallet> {
    if !place.join(VAULT_FILE).exists() {
        let text = cx.t(
            "chưa có ví ở đây; lệnh `wallet init` tạo ví",
            "there is no wallet here; `wallet init` makes one",
        );
        return Err(bad(place.display(), text));
    }
    let area = area::open(place, cx)?;
    LockedWallet::open(place, area, Arc::new(SystemRandom::new())).map_err(|error| fault(&error, cx))
}

/// The PIN that opens the wallet; none for a wallet that has none.
fn pin(place: &Place, needs_pin: bool, cx: &Context) -> Result<Option<Pin>> {
    match (&place.pin_file, needs_pin) {
        (Some(file), true) => match typed_pin(file)? {
            Ok(pin) => Ok(Some(pin)),
            // Too easy for a new PIN, so no wallet has it: as the way in it is simply wrong, and choosing another one is no advice.
            Err(error) if error.code() == Code::PinTrivial => Err(CliError::Refused(format!(
                "{} [{}]",
                Code::PinWrong.text(cx.lang),
                Code::PinWrong
            ))),
            Err(error) => Err(no_pin(file, &error, cx)),
        },
        (None, true) => Err(CliError::Refused(
            cx.t(
                "ví có mã PIN: thêm --pin-file TỆP, trong đó dòng đầu là mã PIN",
                "this wallet has a PIN: add --pin-file FILE, a file whose first line is the PIN",
            )
            .to_owned(),
        )),
        (_, false) => Ok(None),
    }
}

/// Opens the wallet, and tells its owner what happened at its door.
pub fn open(place: &Place, cx: &Context) -> Result<Wallet> {
    unlock(locked(place, cx)?, place, false, cx)
}

fn unlock(locked: LockedWallet, place: &Place, opens_closed: bool, cx: &Context) -> Result<Wallet> {
    let pin = pin(place, locked.needs_pin(), cx)?;
    let now = cx.moment();
    let opened = pollster::block_on(async {
        if opens_closed {
            locked.unlock_closed(pin.as_ref(), now).await
        } else {
            locked.unlock(pin.as_ref(), now).await
        }
    });
    let wallet = opened.map_err(|refused| fault(refused.error(), cx))?;
    tell_opening(&wallet, cx);
    Ok(wallet)
}

fn tell_opening(wallet: &Wallet, cx: &Context) {
    let opening = wallet.opening();
    if opening.failures > 0 {
        let text = cx.t(
            "lần nhập sai mã PIN từ lần mở trước",
            "wrong PINs since it was last open",
        );
        cx.progress(format!("{} {text}", opening.failures));
    }
    if matches!(wallet.rollback(), Rollback::Detected { .. }) {
        cx.progress(cx.t(
            "Cảnh báo: tệp của ví là bản cũ được chép lại. Những gì thay đổi sau bản đó không có trong ví. \
             `wallet accept-older` tiếp tục dùng bản này.",
            "Warning: the wallet's file is an older one that was put back. What changed after it is not in the wallet. \
             `wallet accept-older` goes on with it.",
        ));
    }
}

/// What a locked wallet says beside the text of its error: tries that are left, how long to wait.
pub fn what_next(error: &WalletError, cx: &Context) -> Option<String> {
    let WalletError::Locked { reason, retry_after } = error else {
        return None;
    };
    let wait = retry_after.filter(|wait| *wait > Duration::ZERO);
    match (reason, wait) {
        (_, Some(wait)) => Some(format!(
            "{}: {}",
            cx.t("Còn phải chờ", "Time to wait"),
            wait_in_words(wait, cx.lang)
        )),
        (LockReason::WrongPin { left }, None) => Some(format!(
            "{}: {left}",
            cx.t("Số lần thử còn lại trước khi tạm khóa", "Tries left before a wait")
        )),
        _ => None,
    }
}

/// Changes of the PIN and the recovery code.
pub fn pin_command(place: &Place, command: &PinCommand, cx: &Context) -> Result {
    let wallet = open(place, cx)?;
    let now = cx.moment();
    let old = || pin(place, true, cx)?.ok_or_else(|| bad("--pin-file", "needed"));
    let told = match command {
        PinCommand::Set(args) => {
            let new = read_pin(&args.new_pin_file, cx)?;
            if wallet.has_pin() {
                let old = old()?;
                pollster::block_on(wallet.change_pin(&old, &new, now))
            } else {
                pollster::block_on(wallet.set_pin(&new, now))
            }
            .map(|()| cx.t("Đã đặt mã PIN.", "The PIN is set."))
        }
        PinCommand::Remove => {
            let old = old()?;
            pollster::block_on(wallet.remove_pin(&old, now)).map(|()| {
                cx.t(
                    "Đã bỏ mã PIN: ai dùng được máy này thì mở được ví.",
                    "The PIN is gone: whoever can use this device can open the wallet.",
                )
            })
        }
        PinCommand::RecoveryCode(args) => {
            let old = old()?;
            if !args.force && args.out.symlink_metadata().is_ok() {
                return Err(bad_file(args.out.display(), FileFault::There));
            }
            let code = pollster::block_on(wallet.set_recovery_code(&old, now)).map_err(|error| fault(&error, cx))?;
            let mut text = code.text();
            text.expose_mut().push('\n');
            input::write(&args.out, text.expose().as_bytes(), Readable::ByOwner, args.force)?;
            Ok(cx.t(
                "Đã ghi mã khôi phục ra tệp. Hãy chép ra giấy, cất ở nơi khác với máy này rồi xóa tệp.",
                "The recovery code is in the file. Write it on paper, keep it apart from this device, and delete the file.",
            ))
        }
    };
    let told = told.map_err(|error| fault(&error, cx))?;
    cx.document(&json!({ "has_pin": wallet.has_pin(), "has_recovery_code": wallet.has_recovery_code() }))?;
    cx.line(told)?;
    Ok(Status::Done)
}

/// Locks the wallet until `unlock`.
pub fn lock(place: &Place, cx: &Context) -> Result {
    let mut locked = locked(place, cx)?;
    pollster::block_on(locked.close()).map_err(|error| fault(&error, cx))?;
    cx.document(&json!({ "locked": true }))?;
    cx.line(cx.t(
        "Đã khóa ví. `wallet unlock` với mã PIN mở lại.",
        "The wallet is locked. `wallet unlock` with the PIN opens it again.",
    ))?;
    Ok(Status::Done)
}

/// Takes back `lock`, or sets a new PIN by the recovery code.
pub fn unlock_command(place: &Place, args: &UnlockArgs, cx: &Context) -> Result {
    let locked = locked(place, cx)?;
    let wallet = match (&args.recovery_code_file, &args.new_pin_file) {
        (Some(code), Some(new)) => {
            let bytes = idwallet_crypto::Secret::new(code.read()?);
            let text = std::str::from_utf8(bytes.expose()).map_err(|_| bad_file(code, FileFault::NotText))?;
            let parsed = RecoveryCode::parse(text.lines().next().unwrap_or_default().trim());
            let parsed = parsed.map_err(|error| match cx.lang {
                Lang::Vi => bad(code, "mã khôi phục chưa đúng; hãy so lại từng ký tự với bản đã chép"),
                Lang::En => bad(
                    code,
                    format!("{error}; compare each character with what you wrote down"),
                ),
            })?;
            let new = read_pin(new, cx)?;
            let opened = pollster::block_on(locked.recover(&parsed, &new, cx.moment()));
            opened.map_err(|refused| fault(refused.error(), cx))?
        }
        _ => unlock(locked, place, true, cx)?,
    };
    cx.document(&json!({ "locked": false, "has_pin": wallet.has_pin() }))?;
    cx.line(cx.t("Ví đã mở khóa.", "The wallet is unlocked."))?;
    Ok(Status::Done)
}

fn access_json(access: &Access, closed: bool, papers: &[HeldPapers]) -> Value {
    let papers: Vec<_> = papers
        .iter()
        .map(|p| json!({ "type": p.doc_type, "issuer": p.issuer, "count": p.count }))
        .collect();
    json!({
        "papers": papers,
        "needs_pin": access.needs_pin,
        "has_recovery_code": access.has_recovery_code,
        "wrong_pins": access.failures,
        "tries_left": access.left,
        "retry_after_seconds": access.retry_after.as_secs(),
        "held_by_order": access.held,
        "locked_by_owner": closed,
        "restored": access.restored,
    })
}

/// What can be said of the wallet before it is open.
pub fn state(place: &Place, cx: &Context) -> Result {
    let mut locked = locked(place, cx)?;
    let access = pollster::block_on(locked.access(cx.moment())).map_err(|error| fault(&error, cx))?;
    let closed = pollster::block_on(locked.is_closed()).map_err(|error| fault(&error, cx))?;
    let papers = match pollster::block_on(locked.held_papers()) {
        Err(error) if error.code() == Code::OutsideDamaged => {
            cx.progress(error.code().text(cx.lang));
            Vec::new()
        }
        papers => papers.map_err(|error| fault(&error, cx))?,
    };
    cx.document(&access_json(&access, closed, &papers))?;
    let yes_no = |yes| if yes { cx.t("có", "yes") } else { cx.t("không", "no") };
    let rows = [
        (cx.t("Có mã PIN", "Has a PIN"), yes_no(access.needs_pin).to_owned()),
        (
            cx.t("Có mã khôi phục", "Has a recovery code"),
            yes_no(access.has_recovery_code).to_owned(),
        ),
        (cx.t("Số lần nhập sai", "Wrong PINs"), access.failures.to_string()),
        (
            cx.t("Còn phải chờ", "Time to wait"),
            wait_in_words(access.retry_after, cx.lang),
        ),
        (cx.t("Chủ ví đã khóa", "Locked by its owner"), yes_no(closed).to_owned()),
        (
            cx.t("Bị giữ theo lệnh", "Held by an order"),
            yes_no(access.held).to_owned(),
        ),
        (
            cx.t("Tệp cũ được chép lại", "An older file was put back"),
            yes_no(access.restored).to_owned(),
        ),
    ];
    for (name, value) in rows {
        cx.line(format!("{name}: {value}"))?;
    }
    if !papers.is_empty() {
        cx.line(if locked.needs_pin() {
            cx.t(
                "Nếu quên mã PIN mà không có mã khôi phục, cần xin cấp lại:",
                "If the PIN is forgotten and there is no recovery code, have these issued again:",
            )
        } else {
            cx.t("Giấy tờ trong ví:", "Documents in the wallet:")
        })?;
    }
    for held in &papers {
        let title = locked.title(&held.doc_type);
        cx.line(format!("  {} × {} ({})", held.count, title.text(cx.lang), held.issuer))?;
    }
    Ok(Status::Done)
}

/// Names who may lock the wallet from afar.
pub fn authority(place: &Place, args: &AuthorityArgs, cx: &Context) -> Result {
    let key: Option<PublicKey> = match &args.key {
        Some(source) => Some(keys::read_public(source, cx)?),
        None => None,
    };
    let wallet = open(place, cx)?;
    let address = wallet
        .name_authority(key, cx.now())
        .map_err(|error| fault(&error, cx))?;
    let address = address.map(hex::encode);
    cx.document(&json!({ "address": address }))?;
    match address {
        Some(address) => cx.line(format!(
            "{}: {address}",
            cx.t(
                "Địa chỉ của ví trong các lệnh khóa",
                "What orders are to call this wallet"
            )
        ))?,
        None => cx.line(cx.t(
            "Không ai khóa ví từ xa được nữa.",
            "Nobody can lock this wallet from afar now.",
        ))?,
    }
    Ok(Status::Done)
}

/// Obeys an order.
pub fn order(place: &Place, args: &OrderArgs, cx: &Context) -> Result {
    let bytes = args.order.read_decoded(cx)?;
    let mut locked = locked(place, cx)?;
    let order = pollster::block_on(locked.obey(&bytes, cx.moment())).map_err(|error| fault(&error, cx))?;
    let action = format!("{:?}", order.action).to_lowercase();
    cx.document(&json!({ "action": action, "number": order.number, "issued_at": order.issued_at.to_rfc3339() }))?;
    cx.line(format!(
        "{} {}",
        match order.action {
            OrderAction::Hold => cx.t("Ví bị giữ theo lệnh số", "The wallet is held, by order"),
            OrderAction::Release => cx.t("Ví thôi bị giữ theo lệnh số", "The wallet is no longer held, by order"),
            _ => cx.t("Đã khóa ví theo lệnh số", "The wallet is locked, by order"),
        },
        order.number
    ))?;
    Ok(Status::Done)
}

/// Makes an order, as the authority.
pub fn make_order(args: &PkiLockOrderArgs, cx: &Context) -> Result {
    let address = hex::decode(&args.address)
        .ok()
        .and_then(|bytes| <[u8; 16]>::try_from(bytes).ok());
    let order = LockOrder {
        address: address.ok_or_else(|| bad("--address", "is not 32 hexadecimal digits"))?,
        action: match args.action {
            OrderWord::Lock => OrderAction::Lock,
            OrderWord::Hold => OrderAction::Hold,
            OrderWord::Release => OrderAction::Release,
        },
        number: args.number,
        issued_at: cx.now(),
    };
    let key = keys::read_private(&args.key, cx)?;
    let signed = order.sign(&key).map_err(|error| fault(&error, cx))?;
    input::write(&args.out, &signed, Readable::ByAll, args.force)?;
    cx.document(&json!({ "order": args.out.display().to_string() }))?;
    cx.line(format!(
        "{} {}",
        cx.t("Đã ghi lệnh vào", "Wrote the order to"),
        args.out.display()
    ))?;
    Ok(Status::Done)
}

/// Goes on with an older file that was put back.
pub fn accept_older(place: &Place, cx: &Context) -> Result {
    let wallet = open(place, cx)?;
    let state = pollster::block_on(wallet.accept_rollback(cx.now())).map_err(|error| fault(&error, cx))?;
    cx.document(&json!({ "current": state == Rollback::None }))?;
    cx.line(cx.t(
        "Ví tiếp tục với tệp hiện có.",
        "The wallet goes on with the file that is there.",
    ))?;
    Ok(Status::Done)
}

//! The secure area of the wallet: who keeps its keys.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use idwallet_area_pkcs11::{OpenError, Pkcs11SecureArea, TokenConfig};
use idwallet_crypto::area::SecureArea;
use idwallet_crypto::{Secret, SecretBytes, SystemRandom};
use idwallet_wallet::{AREA_FILE, Code, Protection, Wallet};
use serde_json::{Value, json};

use super::args::AreaKind;
use super::{Place, fault};
use crate::context::Context;
use crate::error::{CliError, Result, bad, failed};
use crate::input::{self, Readable, Source};

/// Beside the vault: which token has its keys. Nothing in it is secret. Without it they are in the key file of the software area.
const AREA_CONFIG: &str = "area.json";

/// The area for a wallet that is to be made.
pub fn create(place: &Place, cx: &Context) -> Result<Arc<dyn SecureArea>> {
    let random = Arc::new(SystemRandom::new());
    if place.area.area != Some(AreaKind::Pkcs11) {
        no_token_named(place, cx)?;
        // What an earlier creation with a token left, cut short before there was a vault.
        match std::fs::remove_file(place.join(AREA_CONFIG)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(failed(place.join(AREA_CONFIG).display(), error));
            }
            _ => {}
        }
        return Wallet::create_software_area(place, random).map_err(|error| fault(&error, cx));
    }
    let (Some(module), Some(label)) = (&place.area.pkcs11_module, &place.area.token) else {
        let text = cx.t(
            "cần cả --pkcs11-module và --token",
            "needs --pkcs11-module and --token as well",
        );
        return Err(bad("--area pkcs11", text));
    };
    let mut config = TokenConfig {
        module: module.canonicalize().map_err(|error| bad(module.display(), error))?,
        label: label.clone(),
        serial: None,
    };
    let area = Pkcs11SecureArea::create(&config, &pin(place, cx)?, random).map_err(|error| token_fault(&error, cx))?;
    config.serial = Some(area.serial().to_owned());
    let text = json!({
        "area": "pkcs11",
        "module": config.module.display().to_string(),
        "token": config.label,
        "serial": config.serial,
    });
    make_folder(place)?;
    input::write(
        &place.join(AREA_CONFIG),
        format!("{text:#}\n").as_bytes(),
        Readable::ByOwner,
        true,
    )?;
    Ok(Arc::new(area))
}

/// The area of the wallet that is there.
pub fn open(place: &Place, cx: &Context) -> Result<Arc<dyn SecureArea>> {
    let random = Arc::new(SystemRandom::new());
    let Some(config) = remembered(place, cx)? else {
        no_token_named(place, cx)?;
        // A vault is here, or nothing of this would be asked: what is missing is its key file, and to make a wallet is no advice.
        return Wallet::open_software_area(place, random).map_err(|error| match error.code() {
            Code::VaultMissing => failed(
                place.join(AREA_FILE).display(),
                format!("{} [{}]", Code::VaultWrongKey.text(cx.lang), Code::VaultWrongKey),
            ),
            _ => fault(&error, cx),
        });
    };
    let asked = &place.area;
    if asked.area == Some(AreaKind::Software)
        || asked.token.as_ref().is_some_and(|token| *token != config.label)
        || asked
            .pkcs11_module
            .as_ref()
            .is_some_and(|module| module.canonicalize().ok().as_ref() != Some(&config.module))
    {
        return Err(another(cx));
    }
    let area = Pkcs11SecureArea::open(&config, &pin(place, cx)?, random).map_err(|error| token_fault(&error, cx))?;
    Ok(Arc::new(area))
}

/// What protects the wallet: a word for programs and a sentence for its owner.
pub fn notice(place: &Place, protection: Protection, cx: &Context) -> (&'static str, &'static str) {
    let is_token = place.area.area == Some(AreaKind::Pkcs11);
    match (is_token, protection.is_software()) {
        (false, true) => ("software_file", protection.text(cx.lang)),
        (false, false) => ("hardware", protection.text(cx.lang)),
        (true, true) => (
            "software_token",
            cx.t(
                "Khóa của ví nằm trong token PKCS#11 bằng phần mềm, mở bằng mã PIN của token. Ai có các tệp của token và mã PIN đó thì mở \
                 được ví.",
                "The wallet's keys lie in a PKCS#11 token made of software, which the token's PIN opens. Whoever has the token's files and \
                 that PIN can open the wallet.",
            ),
        ),
        (true, false) => (
            "hardware_token",
            cx.t(
                "Khóa của ví nằm trong token bảo mật và không rời khỏi đó. Mất token là mất các khóa: giấy tờ phải được cấp lại.",
                "The wallet's keys lie in a security token and never leave it. When the token is lost, so are the keys: documents must be \
                 issued again.",
            ),
        ),
    }
}

fn remembered(place: &Place, cx: &Context) -> Result<Option<TokenConfig>> {
    let path = place.join(AREA_CONFIG);
    if path.symlink_metadata().is_err() {
        return Ok(None);
    }
    // It names a library that is loaded: who may write it runs code as the owner.
    if !is_the_owners_alone(&path) {
        let text = cx.t("người khác ghi được vào tệp này", "others may write this file");
        return Err(failed(path.display(), text));
    }
    let bytes = Source::from(path.clone().into_os_string()).read()?;
    let config: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let text = |name: &str| config.get(name).and_then(Value::as_str).map(str::to_owned);
    match (text("area").as_deref(), text("module"), text("token")) {
        (Some("pkcs11"), Some(module), Some(label)) => Ok(Some(TokenConfig {
            module: PathBuf::from(module),
            label,
            serial: text("serial"),
        })),
        _ => Err(bad(
            path.display(),
            cx.t(
                "không cho biết token nào giữ khóa",
                "does not say which token has the keys",
            ),
        )),
    }
}

/// As the vault makes its folder: for its owner alone.
fn make_folder(path: &Path) -> Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| failed(path.display(), error))
}

fn is_the_owners_alone(path: &Path) -> bool {
    #[cfg(unix)]
    {
        let mode = |path: &Path| {
            let metadata = path.symlink_metadata().ok()?;
            Some(std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()))
        };
        let folder = path.parent().and_then(mode);
        mode(path).is_some_and(|mode| mode & 0o022 == 0) && folder.is_some_and(|mode| mode & 0o022 == 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        true
    }
}

/// Options of a token where the keys are, or will be, in a file.
fn no_token_named(place: &Place, cx: &Context) -> Result<()> {
    let asked = &place.area;
    if asked.area == Some(AreaKind::Pkcs11) {
        return Err(another(cx));
    }
    if asked.pkcs11_module.is_some() || asked.token.is_some() || asked.token_pin_file.is_some() {
        let text = cx.t(
            "khóa của ví này không ở trong token",
            "this wallet has its keys in no token",
        );
        return Err(bad("--token", text));
    }
    Ok(())
}

fn another(cx: &Context) -> CliError {
    let text = cx.t("ví này để khóa ở nơi khác", "this wallet has its keys elsewhere");
    bad("--area", text)
}

/// The first line of the PIN file.
fn pin(place: &Place, cx: &Context) -> Result<SecretBytes> {
    let Some(file) = &place.area.token_pin_file else {
        let text = cx.t("cần tệp chứa mã PIN của token", "needed: the file with the token's PIN");
        return Err(bad("--token-pin-file", text));
    };
    let content = Secret::new(file.read()?);
    let line = content.expose().split(|byte| matches!(byte, b'\n' | b'\r')).next();
    Ok(Secret::new(line.unwrap_or_default().to_vec()))
}

fn token_fault(error: &OpenError, cx: &Context) -> CliError {
    let place = "--token";
    match error {
        OpenError::WrongPin => CliError::Refused(
            cx.t("token không nhận mã PIN này", "the token does not take this PIN")
                .to_owned(),
        ),
        OpenError::PinLocked => CliError::Refused(
            cx.t(
                "mã PIN của token đã bị khóa; hãy nhờ nơi cấp token mở lại",
                "the token's PIN is locked; who gave the token out can help",
            )
            .to_owned(),
        ),
        OpenError::Module => failed(
            "--pkcs11-module",
            cx.t("không nạp được thư viện này", "this library cannot be loaded"),
        ),
        OpenError::NoToken => failed(
            place,
            cx.t(
                "không thấy token này; hãy cắm token vào",
                "there is no such token; put it in",
            ),
        ),
        OpenError::SeveralTokens => bad(
            place,
            cx.t("nhiều token cùng tên này", "several tokens have this label"),
        ),
        OpenError::NotPrepared => bad(
            place,
            cx.t("token này không có khóa của ví", "this token has no key of a wallet"),
        ),
        OpenError::Unsuitable(what) => bad(
            place,
            format!(
                "{} ({what})",
                cx.t("token này không dùng được cho ví", "this token cannot serve a wallet")
            ),
        ),
        _ => failed(place, error),
    }
}

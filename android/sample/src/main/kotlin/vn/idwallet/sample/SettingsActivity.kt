package vn.idwallet.sample

import android.view.View
import vn.idwallet.Wallet
import vn.idwallet.libraryVersion

/** Language, what protects the wallet, the PIN, the backup, and the lock. */
class SettingsActivity : BaseActivity() {
    override suspend fun onWallet(wallet: Wallet) {
        val door = Door(protection = ui.string(wallet.protection()), hasPin = wallet.hasPin(), hasCode = wallet.hasRecoveryCode())
        show(
            ui.settingsScreen(
                Language.of(this), door, ::finish,
                onLanguage = { Language.choose(this, it); recreate() },
                onPin = { startActivity(PinSettingsActivity.intent(this, it)) },
                onBackup = { open(BackupActivity::class.java) },
                onRestore = { open(RestoreActivity::class.java) },
                onLock = { launch { wallet.lock() } },
            ),
        )
    }
}

/** What the wallet says of its door. */
class Door(val protection: String, val hasPin: Boolean, val hasCode: Boolean)

fun Ui.settingsScreen(
    language: String,
    door: Door,
    back: () -> Unit,
    onLanguage: (String) -> Unit,
    onPin: (PinChange) -> Unit,
    onBackup: () -> Unit,
    onRestore: () -> Unit,
    onLock: () -> Unit,
): View {
    // Each language in itself, so that whoever cannot read this one finds theirs.
    val languages = listOf(Language.VIETNAMESE to "Tiếng Việt", Language.ENGLISH to "English").map { (tag, name) ->
        radio(name, tag == language) { if (it && tag != language) onLanguage(tag) }
    }
    val pin = if (door.hasPin) {
        listOf(
            soft(string(if (door.hasCode) R.string.settings_has_code else R.string.settings_no_code)),
            secondary(string(R.string.pin_change)) { onPin(PinChange.CHANGE) },
            secondary(string(if (door.hasCode) R.string.settings_new_code else R.string.code_go)) { onPin(PinChange.CODE) },
            secondary(string(R.string.pin_remove)) { onPin(PinChange.REMOVE) },
        )
    } else {
        listOf(text(string(R.string.pin_none), color = R.color.warn), secondary(string(R.string.pin_set)) { onPin(PinChange.SET) })
    }
    return screen(
        string(R.string.settings_title), back,
        column(
            card(heading(string(R.string.settings_language)), *languages.toTypedArray(), gap = 4),
            card(heading(string(R.string.settings_protection)), text(door.protection)),
            card(heading(string(R.string.settings_pin)), *pin.toTypedArray(), gap = 12),
            card(
                heading(string(R.string.settings_backup)),
                secondary(string(R.string.backup_title), onBackup),
                secondary(string(R.string.restore_title), onRestore),
                gap = 12,
            ),
            soft(string(R.string.settings_version, libraryVersion())),
            gap = 16,
        ),
        bottom = column(primary(string(R.string.settings_lock), onLock)),
    )
}

package vn.idwallet.sample

import android.view.View
import vn.idwallet.Wallet
import vn.idwallet.libraryVersion

/** Language, what protects the wallet, and the lock. */
class SettingsActivity : BaseActivity() {
    override suspend fun onWallet(wallet: Wallet) {
        val protection = ui.string(wallet.protection())
        show(
            ui.settingsScreen(
                Language.of(this), protection, ::finish,
                onLanguage = { Language.choose(this, it); recreate() },
                onLock = { launch { wallet.lock() } },
            ),
        )
    }
}

fun Ui.settingsScreen(language: String, protection: String, back: () -> Unit, onLanguage: (String) -> Unit, onLock: () -> Unit): View {
    // Each language in itself, so that whoever cannot read this one finds theirs.
    val languages = listOf(Language.VIETNAMESE to "Tiếng Việt", Language.ENGLISH to "English").map { (tag, name) ->
        radio(name, tag == language) { if (it && tag != language) onLanguage(tag) }
    }
    return screen(
        string(R.string.settings_title), back,
        column(
            card(heading(string(R.string.settings_language)), *languages.toTypedArray(), gap = 4),
            card(heading(string(R.string.settings_protection)), text(protection)),
            soft(string(R.string.settings_version, libraryVersion())),
            gap = 16,
        ),
        bottom = column(primary(string(R.string.settings_lock), onLock)),
    )
}

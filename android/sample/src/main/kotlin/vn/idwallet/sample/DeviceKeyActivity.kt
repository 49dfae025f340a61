package vn.idwallet.sample

import android.content.ClipData
import android.content.ClipboardManager
import android.content.Intent
import android.os.Bundle
import android.view.View
import java.util.Base64
import vn.idwallet.DeviceKey
import vn.idwallet.Wallet

/** Makes a key in the secure area and shows its public half to an issuer. The wallet remembers the key: the document may come much later. */
class DeviceKeyActivity : BaseActivity() {
    /** What the issuer gets. Not secret, so it is kept when the screen is made anew, and no second key is made. */
    var publicKey: String? = null
        private set
    private var isMaking = false

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        publicKey = state?.getString(KEY)
    }

    override fun onSaveInstanceState(state: Bundle) {
        super.onSaveInstanceState(state)
        publicKey?.let { state.putString(KEY, it) }
    }

    override suspend fun onWallet(wallet: Wallet) = render(wallet)

    private fun render(wallet: Wallet) {
        val pem = publicKey
        if (pem == null) return show(ui.deviceKeyScreen(::finish) { make(wallet, it) })
        show(ui.deviceKeyMadeScreen(pem, ::finish, onCopy = { copy(pem) }, onSend = { send(pem) }))
    }

    private fun make(wallet: Wallet, button: View) {
        if (isMaking) return
        isMaking = true
        button.isEnabled = false
        launch {
            try {
                publicKey = wallet.createDeviceKey(app.holder.keySpec).pem
                clearProblem()
                render(wallet)
            } finally {
                isMaking = false
                button.isEnabled = true
            }
        }
    }

    private fun copy(pem: String) {
        getSystemService(ClipboardManager::class.java)?.setPrimaryClip(ClipData.newPlainText(ui.string(R.string.key_title), pem))
        showProblem(ui.banner(Tone.GOOD, ui.string(R.string.key_copied), null))
    }

    private fun send(pem: String) =
        startActivity(Intent.createChooser(Intent(Intent.ACTION_SEND).setType("text/plain").putExtra(Intent.EXTRA_TEXT, pem), null))

    private companion object {
        const val KEY = "key"
    }
}

/** The text form of a public key (RFC 7468), as issuers take it. */
private val DeviceKey.pem: String
    get() = "-----BEGIN PUBLIC KEY-----\n${Base64.getMimeEncoder(64, byteArrayOf('\n'.code.toByte())).encodeToString(publicKey)}\n-----END PUBLIC KEY-----\n"

fun Ui.deviceKeyScreen(back: () -> Unit, onMake: (View) -> Unit): View {
    lateinit var make: View
    make = primary(string(R.string.key_go)) { onMake(make) }
    return screen(
        string(R.string.key_title), back,
        column(text(string(R.string.key_explain)), soft(string(R.string.key_explain_more)), gap = 14),
        column(make),
    )
}

fun Ui.deviceKeyMadeScreen(pem: String, done: () -> Unit, onCopy: () -> Unit, onSend: () -> Unit): View = screen(
    string(R.string.key_title), done,
    column(
        text(string(R.string.key_show)),
        code(pem, string(R.string.key_qr)),
        buttons(secondary(string(R.string.key_copy), onCopy), secondary(string(R.string.key_send), onSend)),
        soft(string(R.string.key_after)),
        gap = 16,
    ),
    column(primary(string(R.string.done), done)),
)

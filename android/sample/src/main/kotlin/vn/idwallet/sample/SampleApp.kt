package vn.idwallet.sample

import android.app.Activity
import android.app.Application
import android.content.Context
import android.os.Bundle
import java.io.File
import java.net.Inet4Address
import java.net.NetworkInterface
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext
import vn.idwallet.Authentication
import vn.idwallet.Clock
import vn.idwallet.KeySpec
import vn.idwallet.LockState
import vn.idwallet.SecureArea
import vn.idwallet.TrustStore
import vn.idwallet.Wallet
import vn.idwallet.WalletOptions
import vn.idwallet.android.AndroidClock
import vn.idwallet.android.AndroidKeyStoreArea
import vn.idwallet.android.BiometricPresence
import vn.idwallet.android.CameraScanner
import vn.idwallet.android.PromptTexts
import vn.idwallet.android.QrSource

/** What the device gives the app; a test gives something else. */
class Environment(
    val clock: Clock = AndroidClock,
    val secureArea: (SampleApp) -> SecureArea = { app -> AndroidKeyStoreArea(app, BiometricPresence({ app.front }, app::promptTexts)) },
    val qrSource: (Context) -> QrSource = ::CameraScanner,
    /** Where a reader on the same network finds this phone. */
    val host: () -> String = ::localAddress,
)

class SampleApp : Application(), Application.ActivityLifecycleCallbacks {
    /** The one wallet of the process. */
    val holder: WalletHolder by lazy { WalletHolder(this, environment) }

    /** The activity in front, over which the system's prompt appears. */
    var front: Activity? = null
        private set

    override fun onCreate() {
        super.onCreate()
        registerActivityLifecycleCallbacks(this)
    }

    override fun onTerminate() {
        holder.wallet?.close()
        super.onTerminate()
    }

    fun promptTexts(): PromptTexts = Language.wrap(this).let {
        PromptTexts(it.getString(R.string.prompt_title), it.getString(R.string.prompt_subtitle), it.getString(R.string.cancel))
    }

    override fun onActivityResumed(activity: Activity) {
        front = activity
    }

    override fun onActivityPaused(activity: Activity) {
        if (front === activity) front = null
    }

    override fun onActivityCreated(activity: Activity, state: Bundle?) = Unit
    override fun onActivityStarted(activity: Activity) = Unit
    override fun onActivityStopped(activity: Activity) = Unit
    override fun onActivitySaveInstanceState(activity: Activity, state: Bundle) = Unit
    override fun onActivityDestroyed(activity: Activity) = Unit

    companion object {
        var environment: Environment = Environment()
    }
}

/** Opens the wallet once, and knows whom it trusts. */
class WalletHolder(private val app: SampleApp, private val environment: Environment) {
    private val opening = Mutex()
    private val settings = app.getSharedPreferences("wallet", Context.MODE_PRIVATE)

    /** The backup rules of the library leave this folder out. */
    private val directory = File(app.filesDir, "idwallet")

    /** The wallet, once it is open. */
    var wallet: Wallet? = null
        private set

    /** Whom wallet and reader trust. An app that is for real ships these lists and renews them; this one reads two files. */
    val trust: TrustStore by lazy {
        TrustStore().apply {
            anchors("issuers.pem")?.let(::addIssuerAnchors)
            anchors("readers.pem")?.let(::addReaderAnchors)
        }
    }

    val environmentOf: Environment get() = environment

    private val hardware get() = settings.getBoolean(HARDWARE, true)

    /** Whether documents may bring their keys: into a file, never into hardware. */
    val takesKeys: Boolean get() = !hardware

    /** A key for a new document. Where hardware keeps it, its owner confirms each use. */
    val keySpec: KeySpec get() = KeySpec(authentication = if (hardware) Authentication.EveryUse else Authentication.None)

    private fun anchors(name: String): ByteArray? = File(app.filesDir, "trust/$name").takeIf { it.isFile }?.readBytes()

    /** The wallet; `null` when there is none yet. It may be locked. */
    suspend fun open(): Wallet? = opening.withLock {
        wallet?.takeIf { it.lockState.value != LockState.Closed } ?: run {
            if (withContext(Dispatchers.IO) { exists() }) Wallet.open(directory, options(hardware)).also { wallet = it } else null
        }
    }

    /** Makes the wallet. Without [hardware] its keys lie in a file: for sample documents, which bring theirs. */
    suspend fun create(pin: String, hardware: Boolean): Wallet = opening.withLock {
        // First: a wallet whose making was cancelled too late is there, and has to be opened with the area that it was made with.
        withContext(Dispatchers.IO) { if (!exists()) settings.edit().putBoolean(HARDWARE, hardware).commit() }
        Wallet.create(directory, pin, options(hardware)).also { wallet = it }
    }

    private fun exists() = !directory.list().isNullOrEmpty()

    private fun options(hardware: Boolean) =
        WalletOptions(secureArea = if (hardware) environment.secureArea(app) else null, clock = environment.clock)

    private companion object {
        const val HARDWARE = "hardware"
    }
}

/** An address of this phone in the local network. */
private fun localAddress(): String = runCatching {
    NetworkInterface.getNetworkInterfaces().asSequence().filter { it.isUp && !it.isLoopback }
        .flatMap { it.inetAddresses.asSequence() }.filterIsInstance<Inet4Address>().firstOrNull { it.isSiteLocalAddress }?.hostAddress
}.getOrNull() ?: "127.0.0.1"

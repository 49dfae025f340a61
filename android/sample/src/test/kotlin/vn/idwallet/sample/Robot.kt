package vn.idwallet.sample

import android.app.Activity
import android.content.Intent
import android.net.Uri
import android.os.Looper
import android.view.View
import android.view.ViewGroup
import android.widget.CompoundButton
import android.widget.EditText
import android.widget.TextView
import java.io.File
import java.time.Duration
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.receiveAsFlow
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController
import vn.idwallet.Clock
import vn.idwallet.SecureArea
import vn.idwallet.android.QrSource

/** What the fixtures hold: documents with the keys they are bound to, authorities, a reader. `tests/bindings/android/run` makes them. */
object Fixtures {
    private val folder = File(checkNotNull(System.getProperty("idwallet.fixtures")))

    fun bytes(name: String): ByteArray = File(folder, name).readBytes()

    const val PIN = "804117"
}

/** A camera that sees what a test puts before it. */
class TestCamera : QrSource {
    private val seen = Channel<String>(Channel.UNLIMITED)

    fun see(text: String) = check(seen.trySend(text).isSuccess)

    override fun texts(preview: android.view.Surface?) = seen.receiveAsFlow()
}

/** A person in front of the app: looks, touches, waits. */
class Robot(area: SecureArea? = null, trusts: Boolean = true) {
    val camera = TestCamera()
    private val open = mutableListOf<ActivityController<out Activity>>()
    val app: SampleApp = RuntimeEnvironment.getApplication() as SampleApp

    init {
        SampleApp.environment = Environment(
            clock = Clock.system, secureArea = { area ?: error("no area was expected") }, qrSource = { camera }, host = { "127.0.0.1" },
        )
        shadowOf(app).grantPermissions(android.Manifest.permission.CAMERA)
        if (trusts) {
            val trust = File(app.filesDir, "trust").apply { mkdirs() }
            File(trust, "issuers.pem").writeBytes(Fixtures.bytes("anchors.pem"))
            File(trust, "readers.pem").writeBytes(Fixtures.bytes("reader-anchors.pem"))
        }
    }

    fun <A : Activity> open(activity: Class<A>, intent: Intent = Intent(RuntimeEnvironment.getApplication(), activity)): A {
        open.lastOrNull()?.pause()
        val controller = Robolectric.buildActivity(activity, intent).setup()
        open += controller
        return controller.get()
    }

    /** Leaves [activity], and comes back to the one below it. */
    fun leave(activity: Activity) {
        val controller = open.last { it.get() === activity }
        open -= controller
        controller.pause().stop().destroy()
        open.lastOrNull()?.resume()
    }

    /** The activity that [from] started last. */
    inline fun <reified A : Activity> next(from: Activity): A {
        var intent: Intent? = null
        until("${A::class.simpleName} to be started") {
            val started = shadowOf(from).nextStartedActivity
            if (started?.component?.className == A::class.java.name) intent = started
            intent != null
        }
        return open(A::class.java, checkNotNull(intent))
    }

    fun until(what: String, condition: () -> Boolean) {
        val end = System.nanoTime() + Duration.ofSeconds(PATIENCE).toNanos()
        while (!condition()) {
            if (System.nanoTime() > end) throw AssertionError("waited in vain for $what; on the screen: ${open.lastOrNull()?.get()?.let(::words)}")
            shadowOf(Looper.getMainLooper()).idleFor(Duration.ofMillis(PASSES))
            Thread.sleep(STEP)
        }
    }

    fun sees(activity: Activity, words: String) = until("\"$words\"") { words(activity).any { words in it } }

    fun sees(activity: Activity, id: Int) = sees(activity, activity.getString(id))

    fun touch(activity: Activity, id: Int) = touch(activity, activity.getString(id))

    fun touch(activity: Activity, words: String) {
        var found: View? = null
        until("\"$words\" to touch") {
            found = all(activity).firstOrNull { view ->
                view.isClickable && view.isEnabled && (((view as? TextView)?.text ?: view.contentDescription)?.contains(words) == true)
            }
            found != null
        }
        val view = checkNotNull(found)
        // A finger, not a call: what a person cannot reach is not there.
        check(view.isShown && view.performClick() || view is CompoundButton) { "\"$words\" cannot be touched" }
    }

    fun type(activity: Activity, digits: String) = until("a field") {
        all(activity).filterIsInstance<EditText>().onEach { it.setText(digits) }.isNotEmpty()
    }

    /** Types into the field with that label, which whoever listens instead of looking hears of it. */
    fun type(activity: Activity, label: Int, words: String) = until("the field \"${activity.getString(label)}\"") {
        val named = all(activity).filterIsInstance<TextView>().find { it.text.toString() == activity.getString(label) && it.labelFor != View.NO_ID }
        all(activity).find { it is EditText && it.id == named?.labelFor }?.also { (it as EditText).setText(words) } != null
    }

    fun all(activity: Activity): List<View> = mutableListOf<View>().also { gather(activity.window.decorView, it) }

    fun words(activity: Activity): List<String> = all(activity).mapNotNull { view ->
        ((view as? TextView)?.text ?: view.contentDescription)?.toString()?.ifEmpty { null }
    }

    private fun gather(view: View, into: MutableList<View>) {
        into += view
        if (view is ViewGroup) for (index in 0 until view.childCount) gather(view.getChildAt(index), into)
    }

    /** Makes a wallet in the app as its owner does, in software, and stays on the list of documents. */
    fun makeWallet(hardware: Boolean = false): MainActivity {
        val main = open(MainActivity::class.java)
        val pin = next<PinActivity>(main)
        type(pin, Fixtures.PIN)
        if (!hardware) touch(pin, R.string.pin_hardware)
        touch(pin, R.string.pin_create_go)
        until("the wallet") { pin.isFinishing }
        leave(pin)
        sees(main, R.string.documents_empty)
        return main
    }

    /** Takes a document of the fixtures in, through the app. */
    fun import(main: Activity, name: String) {
        touch(main, R.string.documents_add)
        val import = next<ImportActivity>(main)
        pick(import, R.string.import_pick, "$name.cbor")
        pick(import, R.string.import_key, "$name.key")
        touch(import, R.string.import_go)
        sees(import, R.string.import_done)
        leave(import)
    }

    fun pick(import: ImportActivity, button: Int, name: String) {
        choose(import, button, offer(name, Fixtures.bytes(name)))
        sees(import, name)
    }

    /** A file in somebody else's storage. */
    fun offer(name: String, content: ByteArray): Uri = Uri.parse("content://files/$name").also {
        shadowOf(app.contentResolver).registerInputStreamSupplier(it) { content.inputStream() }
    }

    /** Touches [button], and chooses [file] in the system's picker that comes. Gives what the app asked of the picker. */
    fun choose(activity: Activity, button: Int, file: Uri): Intent {
        touch(activity, button)
        var request: Intent? = null
        until("the file picker") { shadowOf(activity).nextStartedActivityForResult?.intent?.also { request = it } != null }
        shadowOf(activity).receiveResult(request, Activity.RESULT_OK, Intent().setData(file))
        return checkNotNull(request)
    }

    /** [activity] as the system makes it anew, for instance when the phone is turned. */
    fun <A : Activity> recreated(activity: A): A {
        val controller = open.last { it.get() === activity }
        @Suppress("UNCHECKED_CAST")
        return (controller as ActivityController<A>).recreate().get()
    }

    /** The phone is a new one: there is no wallet on it. */
    fun newInstallation() {
        leaveAll()
        app.holder.wallet?.close()
        File(app.filesDir, "idwallet").deleteRecursively()
    }

    private fun leaveAll() {
        open.lastOrNull()?.pause()
        open.reversed().forEach { it.stop().destroy() }
        open.clear()
    }

    fun close() {
        leaveAll()
        app.holder.wallet?.close()
    }

    private companion object {
        const val PATIENCE = 30L
        const val STEP = 20L

        /** Milliseconds that pass in the app meanwhile. */
        const val PASSES = 100L
    }
}

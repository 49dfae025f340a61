package vn.idwallet.sample

import android.app.Activity
import android.app.AlertDialog
import android.content.ContentProvider
import android.content.ContentValues
import android.content.Intent
import android.content.res.Configuration
import android.database.Cursor
import android.net.Uri
import android.os.Bundle
import android.os.Looper
import android.view.View
import android.view.ViewGroup
import android.widget.Button
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
import org.robolectric.shadows.ShadowAlertDialog
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

/** Somebody else's storage: notes what it is told to delete, and tells nobody the names of its files when it [keepsNames]. */
class Storage : ContentProvider() {
    val deleted = mutableListOf<String>()
    var keepsNames = false

    override fun call(method: String, arg: String?, extras: Bundle?): Bundle {
        if (method == "android:deleteDocument") deleted += checkNotNull(extras?.getParcelable("uri", Uri::class.java)?.lastPathSegment)
        return Bundle()
    }

    override fun query(uri: Uri, columns: Array<String>?, where: String?, args: Array<String>?, order: String?): Cursor? =
        if (keepsNames) throw SecurityException("no names") else null

    override fun onCreate() = true
    override fun getType(uri: Uri): String? = null
    override fun insert(uri: Uri, values: ContentValues?): Uri? = null
    override fun delete(uri: Uri, where: String?, args: Array<String>?) = 0
    override fun update(uri: Uri, values: ContentValues?, where: String?, args: Array<String>?) = 0
}

/** A person in front of the app: looks, touches, waits. */
class Robot(area: SecureArea? = null, trusts: Boolean = true) {
    val camera = TestCamera()
    val storage: Storage = Robolectric.buildContentProvider(Storage::class.java).create("files").get()
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
    fun type(activity: Activity, label: Int, words: String) = field(activity, label).setText(words)

    /** The field with that label. */
    fun field(activity: Activity, label: Int): EditText {
        var field: EditText? = null
        until("the field \"${activity.getString(label)}\"") {
            val named = all(activity).filterIsInstance<TextView>().find { it.text.toString() == activity.getString(label) && it.labelFor != View.NO_ID }
            field = all(activity).filterIsInstance<EditText>().find { it.id == named?.labelFor }
            field != null
        }
        return checkNotNull(field)
    }

    /** The button with that label, whether or not it can be pressed. */
    fun button(activity: Activity, id: Int): Button = all(activity).filterIsInstance<Button>().single { it.text == activity.getString(id) }

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
        return request(activity).also { answer(activity, it, file) }
    }

    /** What [activity] asks of the system's picker. */
    fun request(activity: Activity): Intent {
        var request: Intent? = null
        until("the file picker") { shadowOf(activity).nextStartedActivityForResult?.intent?.also { request = it } != null }
        return checkNotNull(request)
    }

    /** The owner chooses [file] in the picker that [request] opened. */
    fun answer(activity: Activity, request: Intent, file: Uri) =
        shadowOf(activity).receiveResult(request, Activity.RESULT_OK, Intent().setData(file))

    /** Some time goes by, enough for what was begun to be done. */
    fun passes() = repeat(MOMENTS) {
        shadowOf(Looper.getMainLooper()).idleFor(Duration.ofMillis(PASSES))
        Thread.sleep(STEP)
    }

    /** [activity] as the system makes it anew, for instance when the phone is turned. */
    fun <A : Activity> recreated(activity: A): A {
        val controller = open.last { it.get() === activity }
        @Suppress("UNCHECKED_CAST")
        return (controller as ActivityController<A>).recreate().get()
    }

    /** The back button, or the swipe that means the same. */
    fun back(activity: Activity) {
        shadowOf(activity).setIsTaskRoot(false)
        @Suppress("DEPRECATION")
        activity.onBackPressed()
    }

    /** Says yes to what the app asks. */
    fun agree() {
        var asked: AlertDialog? = null
        until("a question") { ShadowAlertDialog.getLatestAlertDialog()?.takeIf { it.isShowing }?.also { asked = it } != null }
        checkNotNull(asked).getButton(AlertDialog.BUTTON_POSITIVE).performClick()
        shadowOf(Looper.getMainLooper()).idle()
    }

    /** What the system keeps of [activity] while it is away, outside of the app. */
    fun saved(activity: Activity): String = Bundle().also { kept -> open.last { it.get() === activity }.saveInstanceState(kept) }.toString()

    /** The phone is turned, it gets dark, and its owner wants larger type: the activity is made anew, unless it takes that itself. */
    fun turn(activity: Activity) {
        val turned = Configuration(activity.resources.configuration).apply {
            orientation = Configuration.ORIENTATION_LANDSCAPE
            uiMode = uiMode and Configuration.UI_MODE_NIGHT_MASK.inv() or Configuration.UI_MODE_NIGHT_YES
            fontScale = 1.3f
        }
        open.last { it.get() === activity }.configurationChange(turned)
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
        const val MOMENTS = 50

        /** Milliseconds that pass in the app meanwhile. */
        const val PASSES = 100L
    }
}

package vn.idwallet.sample

import android.app.Activity
import android.app.KeyguardManager
import android.content.ClipboardManager
import android.content.Intent
import android.net.Uri
import android.text.InputType
import android.view.KeyEvent
import android.view.WindowManager
import java.io.ByteArrayOutputStream
import java.io.File
import java.io.IOException
import java.io.InputStream
import java.io.OutputStream
import java.io.SequenceInputStream
import java.math.BigInteger
import java.security.AlgorithmParameters
import java.security.KeyFactory
import java.security.KeyPair
import java.security.spec.ECGenParameterSpec
import java.security.spec.ECParameterSpec
import java.security.spec.ECPrivateKeySpec
import java.security.spec.X509EncodedKeySpec
import java.util.Base64
import kotlinx.coroutines.runBlocking
import org.junit.After
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import vn.idwallet.LockState
import vn.idwallet.NewCopy
import vn.idwallet.android.AndroidKeyStoreArea
import vn.idwallet.android.FakeKeys

/** What an owner does beside showing documents: a key for an issuer, the backup, the PIN. Worked in the app, against the real library. */
@RunWith(RobolectricTestRunner::class)
class OwnerTest {
    private lateinit var robot: Robot
    private var confirmed = 0

    /** A phone whose key store "makes" the keys to which the licences `area-N` of the fixtures are issued. */
    private fun hardware(): Robot {
        FakeKeys.install()
        (1..3).mapTo(FakeKeys.ready) { pair(it) }
        val app = RuntimeEnvironment.getApplication()
        shadowOf(app.getSystemService(KeyguardManager::class.java)).setIsDeviceSecure(true)
        return Robot(area = AndroidKeyStoreArea(app, { _, _ -> confirmed++ })).also { robot = it }
    }

    private fun software() = Robot().also { robot = it }

    @After
    fun close() {
        robot.close()
        FakeKeys.remove()
    }

    private fun pair(number: Int): KeyPair {
        val factory = KeyFactory.getInstance("EC")
        val curve = AlgorithmParameters.getInstance("EC").run { init(ECGenParameterSpec("secp256r1")); getParameterSpec(ECParameterSpec::class.java) }
        return KeyPair(
            factory.generatePublic(X509EncodedKeySpec(Fixtures.bytes("area-$number.spki"))),
            factory.generatePrivate(ECPrivateKeySpec(BigInteger.valueOf(number.toLong()), curve)),
        )
    }

    private fun Robot.add(main: Activity): ImportActivity {
        touch(main, R.string.documents_add)
        return next(main)
    }

    private fun Robot.makeKey(import: ImportActivity): DeviceKeyActivity {
        touch(import, R.string.import_make_key)
        val key = next<DeviceKeyActivity>(import)
        touch(key, R.string.key_go)
        sees(key, R.string.key_show)
        return key
    }

    private fun isSecure(activity: Activity) = activity.window.attributes.flags and WindowManager.LayoutParams.FLAG_SECURE != 0

    // A key for an issuer ----------------------------------------------------------------------------------------------

    @Test
    fun `an owner shows a key to an issuer, and takes in what was issued to it`() {
        val robot = hardware()
        val main = robot.makeWallet(hardware = true)
        val import = robot.add(main)
        assertFalse("a wallet with its keys in hardware asks for a key file", robot.words(import).any { it == import.getString(R.string.import_key) })
        val key = robot.makeKey(import)
        assertTrue(robot.all(key).any { it.contentDescription == key.getString(R.string.key_qr) })

        // What the issuer gets is the public half, in the form that `idwallet issue` reads.
        val pem = checkNotNull(key.publicKey)
        val lines = pem.trimEnd().lines()
        assertEquals("-----BEGIN PUBLIC KEY-----" to "-----END PUBLIC KEY-----", lines.first() to lines.last())
        assertTrue(lines.all { it.length <= 64 })
        assertArrayEquals(Fixtures.bytes("area-1.spki"), Base64.getDecoder().decode(lines.drop(1).dropLast(1).joinToString("")))

        robot.touch(key, R.string.key_copy)
        robot.sees(key, R.string.key_copied)
        assertEquals(pem, key.getSystemService(ClipboardManager::class.java)?.primaryClip?.getItemAt(0)?.text)
        robot.touch(key, R.string.key_send)
        val sent = shadowOf(key).nextStartedActivity.getParcelableExtra(Intent.EXTRA_INTENT, Intent::class.java)
        assertEquals(pem, sent?.getStringExtra(Intent.EXTRA_TEXT))
        robot.leave(key)

        robot.pick(import, R.string.import_pick, "area-1.cbor")
        robot.touch(import, R.string.import_go)
        robot.sees(import, R.string.import_done)
        robot.leave(import)
        robot.sees(main, "Giấy phép lái xe")
        val made = FakeKeys.entries.values.single { it.pair?.public?.encoded.contentEquals(Fixtures.bytes("area-1.spki")) }
        assertTrue("its use does not need the person", made.spec.isUserAuthenticationRequired)
    }

    @Test
    fun `a document that was issued to another key is refused`() {
        val robot = hardware()
        val main = robot.makeWallet(hardware = true)
        val import = robot.add(main)
        robot.leave(robot.makeKey(import))
        robot.pick(import, R.string.import_pick, "area-3.cbor")
        robot.touch(import, R.string.import_go)
        robot.sees(import, "Mã lỗi W")
        robot.leave(import)
        robot.sees(main, R.string.documents_empty)
    }

    @Test
    fun `a screen that is made anew makes no second key`() {
        val robot = hardware()
        val main = robot.makeWallet(hardware = true)
        val key = robot.makeKey(robot.add(main))
        val shown = key.publicKey
        val again = robot.recreated(key)
        robot.sees(again, R.string.key_show)
        assertEquals(shown, again.publicKey)
        assertEquals(1, FakeKeys.entries.values.count { it.pair != null })
    }

    // The backup -------------------------------------------------------------------------------------------------------

    private val words = "bốn con trâu qua cầu"

    private fun Robot.settings(main: Activity): SettingsActivity {
        touch(main, R.string.settings_title)
        return next(main)
    }

    /** Makes a backup in the app, and gives the file. */
    private fun Robot.backUp(main: Activity, look: (BackupActivity) -> Unit = {}): ByteArray {
        val settings = settings(main)
        touch(settings, R.string.backup_title)
        val backup = next<BackupActivity>(settings)
        assertTrue(isSecure(backup))
        type(backup, R.string.backup_passphrase, words)
        type(backup, R.string.backup_repeat, words)
        touch(backup, R.string.backup_go)
        sees(backup, R.string.backup_ready)
        look(backup)
        val written = ByteArrayOutputStream()
        val place = Uri.parse("content://files/backup")
        shadowOf(app.contentResolver).registerOutputStreamSupplier(place) { written }
        val request = choose(backup, R.string.backup_save, place)
        assertEquals(Intent.ACTION_CREATE_DOCUMENT, request.action)
        assertTrue(checkNotNull(request.getStringExtra(Intent.EXTRA_TITLE)).endsWith(".idwallet"))
        sees(backup, R.string.backup_saved)
        leave(backup)
        assertTrue("a copy stayed in the app", app.cacheDir.walk().none { it.isFile && it.name.endsWith(".idwallet") })
        leave(settings)
        return written.toByteArray()
    }

    private fun Robot.restore(from: Activity, file: ByteArray, passphrase: String): RestoreActivity {
        touch(from, R.string.restore_title)
        val restore = next<RestoreActivity>(from)
        assertTrue(isSecure(restore))
        val request = choose(restore, R.string.restore_pick, offer("backup.idwallet", file))
        assertEquals(Intent.ACTION_OPEN_DOCUMENT, request.action)
        sees(restore, "backup.idwallet")
        type(restore, R.string.backup_passphrase, passphrase)
        touch(restore, R.string.restore_look)
        return restore
    }

    @Test
    fun `a backup comes back on a new phone, after its owner saw what is in it`() {
        val robot = software()
        val main = robot.makeWallet()
        robot.import(main, "citizen-identity.1")
        val file = robot.backUp(main) { backup ->
            robot.sees(backup, backup.resources.getQuantityString(R.plurals.backup_documents, 1, 1))
            assertTrue("the passphrase is shown again", robot.words(backup).none { words in it })
        }
        assertTrue(file.isNotEmpty())

        robot.newInstallation()
        val empty = robot.makeWallet()
        val restore = robot.restore(empty, file, words)
        robot.sees(restore, R.string.restore_added)
        robot.sees(restore, "Thẻ căn cước")
        val wallet = checkNotNull(robot.app.holder.wallet)
        assertEquals("something was taken before the owner said so", 0, runBlocking { wallet.refresh() }.documents.size)
        robot.touch(restore, R.string.restore_go)
        robot.sees(restore, restore.resources.getQuantityString(R.plurals.restored_documents, 1, 1))
        robot.leave(restore)
        robot.sees(empty, "Thẻ căn cước")
    }

    @Test
    fun `what a new phone cannot restore is named, and nothing is taken`() {
        val robot = hardware()
        val main = robot.makeWallet(hardware = true)
        val import = robot.add(main)
        robot.leave(robot.makeKey(import))
        robot.pick(import, R.string.import_pick, "area-1.cbor")
        robot.touch(import, R.string.import_go)
        robot.sees(import, R.string.import_done)
        robot.leave(import)
        val file = robot.backUp(main) { backup ->
            robot.sees(backup, R.string.backup_none)
            robot.sees(backup, R.string.backup_not_in_it)
            robot.sees(backup, "Giấy phép lái xe")
        }
        robot.newInstallation()
        val empty = robot.makeWallet(hardware = true)
        val restore = robot.restore(empty, file, words)
        robot.sees(restore, R.string.restore_left)
        robot.sees(restore, "Giấy phép lái xe")
        robot.sees(restore, R.string.restore_none)
        assertTrue(robot.words(restore).none { it == restore.getString(R.string.restore_added) })
        robot.touch(restore, R.string.restore_go)
        robot.sees(restore, R.string.restored_none)
        robot.sees(restore, restore.resources.getQuantityString(R.plurals.restored_reissue, 1, 1))
        robot.leave(restore)
        robot.sees(empty, R.string.documents_empty)
    }

    @Test
    fun `another passphrase opens no backup, and the right one does after it`() {
        val robot = software()
        val main = robot.makeWallet()
        robot.import(main, "citizen-identity.1")
        val file = robot.backUp(main)
        robot.newInstallation()
        val empty = robot.makeWallet()
        val restore = robot.restore(empty, file, "$words lớn")
        robot.sees(restore, "Mã lỗi W707")
        assertTrue("the wrong passphrase stays on the screen", robot.words(restore).none { words in it })
        robot.type(restore, R.string.backup_passphrase, words)
        robot.touch(restore, R.string.restore_look)
        robot.sees(restore, R.string.restore_added)
        assertTrue("the old error stays", robot.words(restore).none { "W707" in it })
    }

    @Test
    fun `a file that is no backup is refused`() {
        val robot = software()
        val main = robot.makeWallet()
        val restore = robot.restore(main, byteArrayOf(1, 2, 3), words)
        robot.sees(restore, "Mã lỗi W7")
    }

    @Test
    fun `a weak passphrase makes no backup, and two that differ neither`() {
        val robot = software()
        val main = robot.makeWallet()
        val settings = robot.settings(main)
        robot.touch(settings, R.string.backup_title)
        val backup = robot.next<BackupActivity>(settings)
        robot.sees(backup, R.string.backup_warning)
        robot.type(backup, R.string.backup_passphrase, words)
        robot.type(backup, R.string.backup_repeat, "$words.")
        robot.touch(backup, R.string.backup_go)
        robot.sees(backup, R.string.backup_differ)
        robot.type(backup, R.string.backup_passphrase, "123")
        robot.type(backup, R.string.backup_repeat, "123")
        robot.touch(backup, R.string.backup_go)
        robot.sees(backup, "Mã lỗi W7")
        assertTrue(robot.app.cacheDir.walk().none { it.isFile && it.name.endsWith(".idwallet") })
        // Whoever typed it may type on.
        robot.sees(backup, R.string.backup_go)
    }

    @Test
    fun `a place that cannot be written is told, and another one may be chosen`() {
        val robot = software()
        val main = robot.makeWallet()
        val settings = robot.settings(main)
        robot.touch(settings, R.string.backup_title)
        val backup = robot.next<BackupActivity>(settings)
        robot.type(backup, R.string.backup_passphrase, words)
        robot.type(backup, R.string.backup_repeat, words)
        robot.touch(backup, R.string.backup_go)
        robot.sees(backup, R.string.backup_ready)
        val full = Uri.parse("content://files/full")
        val broken = object : OutputStream() {
            override fun write(byte: Int) = throw IOException("no room")
        }
        shadowOf(robot.app.contentResolver).registerOutputStreamSupplier(full) { broken }
        robot.choose(backup, R.string.backup_save, full)
        robot.sees(backup, R.string.backup_unwritable)
        val written = ByteArrayOutputStream()
        val place = Uri.parse("content://files/place")
        shadowOf(robot.app.contentResolver).registerOutputStreamSupplier(place) { written }
        robot.choose(backup, R.string.backup_save, place)
        robot.sees(backup, R.string.backup_saved)
        assertTrue(written.size() > 0)
    }

    /** A backup that is sealed and waits for a place. */
    private fun Robot.sealed(): BackupActivity {
        val settings = settings(makeWallet())
        touch(settings, R.string.backup_title)
        val backup = next<BackupActivity>(settings)
        type(backup, R.string.backup_passphrase, words)
        type(backup, R.string.backup_repeat, words)
        touch(backup, R.string.backup_go)
        sees(backup, R.string.backup_ready)
        return backup
    }

    /** A place that counts how often it is opened, which empties it. */
    private fun Robot.place(name: String, open: () -> OutputStream): Pair<Uri, () -> Int> {
        var opened = 0
        val place = Uri.parse("content://files/$name")
        shadowOf(app.contentResolver).registerOutputStreamSupplier(place) { opened++; open() }
        return place to { opened }
    }

    @Test
    fun `a backup that was cleared away empties no place, and is made again`() {
        val robot = software()
        val backup = robot.sealed()
        val (place, opened) = robot.place("earlier") { ByteArrayOutputStream() }
        robot.touch(backup, R.string.backup_save)
        val request = robot.request(backup)
        robot.app.cacheDir.walk().filter { it.isFile }.forEach { it.delete() }
        robot.answer(backup, request, place)
        robot.sees(backup, R.string.backup_gone)
        robot.sees(backup, R.string.backup_go)
        assertEquals("an earlier backup was written over or deleted", 0 to emptyList<String>(), opened() to robot.storage.deleted)
    }

    @Test
    fun `only what was begun is deleted`() {
        val robot = software()
        val backup = robot.sealed()
        val (closed, _) = robot.place("closed") { throw SecurityException("not yours") }
        robot.choose(backup, R.string.backup_save, closed)
        robot.sees(backup, R.string.backup_unwritable)
        assertEquals(emptyList<String>(), robot.storage.deleted)
        val (full, _) = robot.place("full") { object : OutputStream() { override fun write(byte: Int) = throw IOException("no room") } }
        robot.choose(backup, R.string.backup_save, full)
        robot.until("the half of it to be deleted") { robot.storage.deleted == listOf("full") }
    }

    @Test
    fun `a place that is chosen twice is written once`() {
        val robot = software()
        val backup = robot.sealed()
        val (first, _) = robot.place("first") { ByteArrayOutputStream() }
        val (second, opened) = robot.place("second") { ByteArrayOutputStream() }
        val request = robot.choose(backup, R.string.backup_save, first)
        robot.answer(backup, request, second)
        robot.sees(backup, R.string.backup_saved)
        robot.passes()
        assertEquals(0 to emptyList<String>(), opened() to robot.storage.deleted)
        assertTrue("an error stands over what was done", robot.words(backup).none { it == backup.getString(R.string.backup_unwritable) })
    }

    @Test
    fun `a restore that fails asks for the passphrase again`() {
        val robot = software()
        val main = robot.makeWallet()
        robot.import(main, "citizen-identity.1")
        val file = robot.backUp(main)
        robot.newInstallation()
        val empty = robot.makeWallet()
        val restore = robot.restore(empty, file, words)
        robot.sees(restore, R.string.restore_added)
        // The plan is one for a wallet without this document.
        runBlocking {
            val copy = NewCopy(Fixtures.bytes("citizen-identity.1.cbor"), Fixtures.bytes("citizen-identity.1.key"))
            checkNotNull(robot.app.holder.wallet).importDocument(listOf(copy), robot.app.holder.trust)
        }
        robot.touch(restore, R.string.restore_go)
        robot.sees(restore, "Mã lỗi W7")
        robot.type(restore, R.string.backup_passphrase, words)
        robot.touch(restore, R.string.restore_look)
        robot.sees(restore, R.string.restore_none)
    }

    @Test
    fun `another file that cannot be read leaves the one that was chosen`() {
        val robot = software()
        val main = robot.makeWallet()
        robot.import(main, "citizen-identity.1")
        val file = robot.backUp(main)
        robot.newInstallation()
        val empty = robot.makeWallet()
        robot.touch(empty, R.string.restore_title)
        val restore = robot.next<RestoreActivity>(empty)
        robot.storage.keepsNames = true
        robot.choose(restore, R.string.restore_pick, robot.offer("backup.idwallet", file))
        robot.sees(restore, "backup.idwallet")
        val broken = Uri.parse("content://files/broken.idwallet")
        shadowOf(robot.app.contentResolver).registerInputStreamSupplier(broken) {
            SequenceInputStream(byteArrayOf(1, 2, 3).inputStream(), object : InputStream() { override fun read() = throw IOException("gone") })
        }
        robot.choose(restore, R.string.restore_other, broken)
        robot.sees(restore, R.string.import_unreadable)
        robot.sees(restore, "backup.idwallet")
        robot.type(restore, R.string.backup_passphrase, words)
        robot.touch(restore, R.string.restore_look)
        robot.sees(restore, R.string.restore_added)
    }

    // The PIN ----------------------------------------------------------------------------------------------------------

    private val other = "290681"

    private fun Robot.pin(settings: SettingsActivity, button: Int): PinSettingsActivity {
        touch(settings, button)
        return next<PinSettingsActivity>(settings).also { assertTrue(isSecure(it)) }
    }

    private fun Robot.lock(settings: SettingsActivity): PinActivity {
        touch(settings, R.string.settings_lock)
        return next(settings)
    }

    private fun isOpen() = checkNotNull(robot.app.holder.wallet).lockState.value == LockState.Unlocked

    @Test
    fun `the PIN is changed, by who knows the old one`() {
        val robot = software()
        val settings = robot.settings(robot.makeWallet())
        val change = robot.pin(settings, R.string.pin_change)
        robot.type(change, R.string.pin_old, "111119")
        robot.type(change, R.string.pin_new, other)
        robot.type(change, R.string.pin_repeat, other)
        robot.touch(change, R.string.pin_change)
        robot.sees(change, "Mã lỗi W111")
        robot.sees(change, "lần thử")
        assertTrue("a wrong PIN locked the wallet", isOpen())

        robot.type(change, R.string.pin_old, Fixtures.PIN)
        robot.type(change, R.string.pin_repeat, "290682")
        robot.touch(change, R.string.pin_change)
        robot.sees(change, R.string.pin_differ)
        robot.type(change, R.string.pin_repeat, other)
        robot.touch(change, R.string.pin_change)
        robot.sees(change, R.string.pin_change_done)
        robot.leave(change)

        val pin = robot.lock(settings)
        robot.type(pin, Fixtures.PIN)
        robot.touch(pin, R.string.pin_unlock_go)
        robot.sees(pin, "Mã lỗi W111")
        robot.type(pin, other)
        robot.touch(pin, R.string.pin_unlock_go)
        robot.until("the door to open") { pin.isFinishing }
    }

    @Test
    fun `a PIN that is easy to guess is not taken`() {
        val robot = software()
        val settings = robot.settings(robot.makeWallet())
        val change = robot.pin(settings, R.string.pin_change)
        robot.type(change, R.string.pin_old, Fixtures.PIN)
        robot.type(change, R.string.pin_new, "111111")
        robot.type(change, R.string.pin_repeat, "111111")
        robot.touch(change, R.string.pin_change)
        robot.sees(change, "Mã lỗi W116")
    }

    @Test
    fun `the PIN is removed and set again, and a wallet without one opens with a touch`() {
        val robot = software()
        val settings = robot.settings(robot.makeWallet())
        var change = robot.pin(settings, R.string.pin_remove)
        robot.sees(change, R.string.pin_remove_explain)
        robot.type(change, R.string.pin_old, "111119")
        robot.touch(change, R.string.pin_remove)
        robot.sees(change, "Mã lỗi W111")
        robot.type(change, R.string.pin_old, Fixtures.PIN)
        robot.touch(change, R.string.pin_remove)
        robot.sees(change, R.string.pin_remove_done)
        robot.leave(change)
        robot.sees(settings, R.string.pin_none)

        val door = robot.lock(settings)
        robot.sees(door, R.string.pin_none)
        robot.touch(door, R.string.pin_unlock_go)
        robot.until("the door to open") { door.isFinishing }
        robot.leave(door)

        change = robot.pin(settings, R.string.pin_set)
        robot.type(change, R.string.pin_new, other)
        robot.type(change, R.string.pin_repeat, other)
        robot.touch(change, R.string.pin_set)
        robot.sees(change, R.string.pin_set_done)
        robot.leave(change)
        robot.sees(settings, R.string.pin_change)
    }

    @Test
    fun `a recovery code is shown once, and sets a new PIN when the old one is forgotten`() {
        val robot = software()
        val settings = robot.settings(robot.makeWallet())
        robot.sees(settings, R.string.settings_no_code)
        val making = robot.pin(settings, R.string.code_go)
        robot.type(making, R.string.pin_old, "111119")
        robot.touch(making, R.string.code_go)
        robot.sees(making, "Mã lỗi W111")
        robot.type(making, R.string.pin_old, Fixtures.PIN)
        robot.touch(making, R.string.code_go)
        robot.sees(making, R.string.code_warning)
        val code = robot.words(making).map { it.replace("\n", "") }.single { CODE.matches(it) }
        assertTrue("whoever listens does not hear it letter by letter", robot.all(making).any { it.contentDescription == code.toList().joinToString(" ") })
        robot.touch(making, R.string.code_written)
        robot.leave(making)
        robot.sees(settings, R.string.settings_has_code)
        // It is shown this once: asking again needs the PIN again.
        val again = robot.pin(settings, R.string.settings_new_code)
        robot.sees(again, R.string.code_explain)
        assertTrue(robot.words(again).none { CODE.matches(it.replace("\n", "")) })
        robot.leave(again)

        val door = robot.lock(settings)
        robot.touch(door, R.string.pin_forgotten)
        robot.type(door, R.string.recover_code, code.reversed())
        robot.type(door, R.string.pin_new, other)
        robot.type(door, R.string.pin_repeat, other)
        robot.touch(door, R.string.recover_go)
        robot.sees(door, "Mã lỗi W")
        assertFalse(isOpen())
        robot.type(door, R.string.recover_code, code.lowercase())
        robot.touch(door, R.string.recover_go)
        robot.until("the door to open") { door.isFinishing }
        robot.leave(door)

        val pin = robot.lock(settings)
        robot.type(pin, R.string.pin_label, other)
        robot.touch(pin, R.string.pin_unlock_go)
        robot.until("the door to open") { pin.isFinishing }
    }

    @Test
    fun `without a recovery code nobody is offered to use one`() {
        val robot = software()
        val door = robot.lock(robot.settings(robot.makeWallet()))
        robot.sees(door, R.string.pin_unlock_explain)
        assertTrue(robot.words(door).none { it == door.getString(R.string.pin_forgotten) })
    }

    /** Makes a recovery code and stays on the screen that shows it. */
    private fun Robot.makeCode(settings: SettingsActivity): Pair<PinSettingsActivity, String> {
        val making = pin(settings, R.string.code_go)
        type(making, R.string.pin_old, Fixtures.PIN)
        touch(making, R.string.code_go)
        sees(making, R.string.code_warning)
        return making to code(making)
    }

    private fun Robot.code(making: Activity) = words(making).map { it.replace("\n", "") }.single { CODE.matches(it) }

    /** Enters wrong PINs by [enter] until there is a wait. */
    private fun Robot.untilWait(activity: Activity, go: Int, enter: () -> Unit) {
        fun mustWait() = words(activity).any { WAIT in it }
        repeat(MOST_TRIES) {
            if (mustWait()) return
            enter()
            touch(activity, go)
            until("an answer") { mustWait() || button(activity, go).isEnabled }
        }
        assertTrue("nobody has to wait", mustWait())
    }

    @Test
    fun `nothing that was typed is kept outside of the app`() {
        val robot = software()
        val settings = robot.settings(robot.makeWallet())
        val change = robot.pin(settings, R.string.pin_change)
        robot.type(change, R.string.pin_old, Fixtures.PIN)
        robot.type(change, R.string.pin_new, other)
        val saved = robot.saved(change)
        assertTrue("nothing is saved at all: $saved", "android:views" in saved)
        assertTrue(saved, Fixtures.PIN !in saved && other !in saved)
        robot.leave(change)
        robot.touch(settings, R.string.backup_title)
        val backup = robot.next<BackupActivity>(settings)
        robot.type(backup, R.string.backup_passphrase, words)
        assertTrue(robot.saved(backup), words !in robot.saved(backup))
    }

    @Test
    fun `a recovery code is typed as letters and digits on one line, and no other keyboard writes into it`() {
        val robot = software()
        val settings = robot.settings(robot.makeWallet())
        val (making, code) = robot.makeCode(settings)
        robot.touch(making, R.string.code_written)
        robot.leave(making)
        val door = robot.lock(settings)
        robot.touch(door, R.string.pin_forgotten)
        val field = robot.field(door, R.string.recover_code)
        assertEquals(InputType.TYPE_TEXT_VARIATION_VISIBLE_PASSWORD, field.inputType and InputType.TYPE_MASK_VARIATION)
        assertEquals(0, field.inputType and InputType.TYPE_TEXT_FLAG_MULTI_LINE)
        field.setText(code.take(12))
        field.setSelection(12)
        for (action in listOf(KeyEvent.ACTION_DOWN, KeyEvent.ACTION_UP)) field.dispatchKeyEvent(KeyEvent(action, KeyEvent.KEYCODE_ENTER))
        assertEquals(code.take(12), field.text.toString())
    }

    @Test
    fun `in the settings too, a wait is counted down and ends`() {
        val robot = software()
        val change = robot.pin(robot.settings(robot.makeWallet()), R.string.pin_change)
        robot.type(change, R.string.pin_new, other)
        robot.type(change, R.string.pin_repeat, other)
        robot.untilWait(change, R.string.pin_change) { robot.type(change, R.string.pin_old, "111119") }
        assertFalse(robot.button(change, R.string.pin_change).isEnabled)
        robot.until("the wait to end") { robot.button(change, R.string.pin_change).isEnabled }
        assertTrue(robot.words(change).none { WAIT in it })
    }

    @Test
    fun `who has to wait may use the recovery code, and go back to the PIN`() {
        val robot = software()
        val settings = robot.settings(robot.makeWallet())
        val (making, code) = robot.makeCode(settings)
        robot.touch(making, R.string.code_written)
        robot.leave(making)
        val door = robot.lock(settings)
        robot.sees(door, R.string.pin_unlock_explain)
        robot.untilWait(door, R.string.pin_unlock_go) { robot.type(door, "111119") }

        robot.touch(door, R.string.pin_forgotten)
        robot.back(door)
        robot.sees(door, R.string.pin_unlock_explain)
        robot.sees(door, WAIT)
        assertFalse("the wait is over for whoever went to the recovery and back", robot.button(door, R.string.pin_unlock_go).isEnabled)

        robot.touch(door, R.string.pin_forgotten)
        robot.type(door, R.string.recover_code, code)
        robot.type(door, R.string.pin_new, "111111")
        robot.type(door, R.string.pin_repeat, "111111")
        robot.touch(door, R.string.recover_go)
        robot.sees(door, "Mã lỗi W116")
        assertTrue("the form is dead", robot.button(door, R.string.recover_go).isEnabled)
        robot.type(door, R.string.pin_new, other)
        robot.type(door, R.string.pin_repeat, other)
        robot.touch(door, R.string.recover_go)
        robot.until("the door to open") { door.isFinishing }
    }

    @Test
    fun `a recovery code outlives a touch on Back while it is made, and is left on purpose alone`() {
        val robot = software()
        val making = robot.pin(robot.settings(robot.makeWallet()), R.string.code_go)
        robot.type(making, R.string.pin_old, Fixtures.PIN)
        robot.touch(making, R.string.code_go)
        robot.back(making)
        assertFalse("the code is made, and nobody sees it", making.isFinishing)
        robot.sees(making, R.string.code_warning)
        val code = robot.code(making)
        robot.turn(making)
        assertFalse(making.isDestroyed)
        assertEquals(code, robot.code(making))
        robot.back(making)
        assertFalse("the code is gone, and nobody was asked", making.isFinishing)
        robot.agree()
        assertTrue(making.isFinishing)
    }

    @Test
    fun `a phone that is turned while the wallet is made has a wallet that opens`() {
        val robot = software()
        val main = robot.open(MainActivity::class.java)
        val pin = robot.next<PinActivity>(main)
        robot.type(pin, Fixtures.PIN)
        robot.touch(pin, R.string.pin_hardware)
        robot.touch(pin, R.string.pin_create_go)
        robot.until("the making to have begun") { File(robot.app.filesDir, "idwallet").list().orEmpty().isNotEmpty() }
        // As when the system takes the screen away.
        val again = robot.recreated(pin)
        robot.sees(again, R.string.pin_unlock_go)
        robot.type(again, Fixtures.PIN)
        robot.touch(again, R.string.pin_unlock_go)
        robot.until("the door to open") { again.isFinishing }
        assertTrue(robot.app.holder.takesKeys)
    }

    @Test
    fun `what is typed and what is made outlives a phone that is turned`() {
        val robot = hardware()
        val main = robot.makeWallet(hardware = true)
        val import = robot.add(main)
        robot.touch(import, R.string.import_make_key)
        val key = robot.next<DeviceKeyActivity>(import)
        robot.touch(key, R.string.key_go)
        robot.turn(key)
        robot.sees(key, R.string.key_show)
        assertEquals(1, FakeKeys.entries.values.count { it.pair != null })
    }

    @Test
    fun `two touches take a document in once`() {
        val robot = software()
        val main = robot.makeWallet()
        robot.touch(main, R.string.documents_add)
        val import = robot.next<ImportActivity>(main)
        robot.pick(import, R.string.import_pick, "citizen-identity.1.cbor")
        robot.pick(import, R.string.import_key, "citizen-identity.1.key")
        val go = robot.button(import, R.string.import_go)
        go.performClick()
        go.performClick()
        robot.sees(import, R.string.import_done)
        robot.passes()
        assertTrue("${robot.words(import)}", robot.words(import).none { "Mã lỗi" in it })
    }

    private companion object {
        const val WAIT = "Thử lại sau"
        const val MOST_TRIES = 10
        val CODE = Regex("[0-9A-Z]{5}(-[0-9A-Z]{5}){5}")
    }
}

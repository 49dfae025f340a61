package vn.idwallet.sample

import android.app.Activity
import android.app.KeyguardManager
import android.content.ClipboardManager
import android.content.Intent
import android.net.Uri
import android.view.WindowManager
import java.io.ByteArrayOutputStream
import java.io.IOException
import java.io.OutputStream
import java.math.BigInteger
import java.security.AlgorithmParameters
import java.security.KeyFactory
import java.security.KeyPair
import java.security.spec.ECGenParameterSpec
import java.security.spec.ECParameterSpec
import java.security.spec.ECPrivateKeySpec
import java.security.spec.X509EncodedKeySpec
import java.util.Base64
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
        assertEquals("something was taken before the owner said so", 0, checkNotNull(robot.app.holder.wallet).documents.value.documents.size)
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

    private companion object {
        val CODE = Regex("[0-9A-Z]{5}(-[0-9A-Z]{5}){5}")
    }
}

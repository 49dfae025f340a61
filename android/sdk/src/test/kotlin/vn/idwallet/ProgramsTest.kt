package vn.idwallet

import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import java.io.File
import java.nio.file.Files
import java.nio.file.StandardCopyOption

/** The holder and the reader as processes of their own, as other languages meet them. */
@Timeout(120)
class ProgramsTest {
    private val running = mutableListOf<Process>()

    private fun java(program: String, vararg words: String): Process {
        val classes = System.getProperty("surefire.test.class.path") ?: System.getProperty("java.class.path")
        val command = listOf(
            File(System.getProperty("java.home"), "bin/java").path, "-Djna.library.path=${System.getProperty("jna.library.path")}",
            "-cp", classes, "vn.idwallet.programs.$program",
        )
        return ProcessBuilder(command + words).redirectError(ProcessBuilder.Redirect.INHERIT).start().also { running += it }
    }

    /** A wallet that others can read is refused, so its permissions are kept. */
    private fun copyPrivately(from: File, to: File) {
        Files.copy(from.toPath(), to.toPath(), StandardCopyOption.COPY_ATTRIBUTES)
        for (file in from.listFiles().orEmpty()) Files.copy(file.toPath(), File(to, file.name).toPath(), StandardCopyOption.COPY_ATTRIBUTES)
    }

    /** What the holder and the reader say in the end. */
    private fun meet(vararg flags: String): Pair<Map<String, Any?>, Map<String, Any?>> {
        val folder = Files.createTempDirectory("idwallet").toFile()
        try {
            copyPrivately(File(Fixtures.dir, "demo/wallet"), File(folder, "wallet"))
            val holder = java("HolderKt", "--wallet", File(folder, "wallet").path, "--address", "127.0.0.1:0", *flags)
            val said = holder.inputStream.bufferedReader()
            val qr = said.readLine().removePrefix("QR ")
            val reader = java(
                "ReaderProgram", "--qr", qr, "--ask", "age-over-18", "--anchors", File(Fixtures.dir, "anchors.pem").path,
                "--reader-key", File(Fixtures.dir, "reader.key").path, "--reader-chain", File(Fixtures.dir, "reader.pem").path,
            )
            val verdict = reader.inputStream.bufferedReader().readLines().last()
            val ended = said.readLines().last()
            assertEquals(0, reader.waitFor())
            assertEquals(0, holder.waitFor())
            return Json.read(ended) to Json.read(verdict)
        } finally {
            folder.deleteRecursively()
        }
    }

    @AfterEach
    fun end() = running.forEach { it.destroyForcibly() }

    @Test
    fun `a holder and a reader in two processes`() {
        val (ended, verdict) = meet()
        assertEquals(mapOf("reason" to "finished", "shared" to listOf("age_over_18", "portrait")), ended)
        assertEquals(true, verdict["accepted"])
        assertEquals(listOf("age_over_18", "portrait"), (verdict["claims"] as Map<*, *>).values.single())
    }

    @Test
    fun `a holder that declines`() {
        val (ended, verdict) = meet("--decline")
        assertEquals(emptyList<String>(), ended["shared"])
        assertEquals(false, verdict["accepted"])
        assertTrue((verdict["reasons"] as List<*>).isNotEmpty())
        assertEquals(emptyMap<String, Any?>(), verdict["claims"])
    }
}

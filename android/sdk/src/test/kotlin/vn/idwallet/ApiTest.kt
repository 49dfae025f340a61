package vn.idwallet

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File
import kotlin.metadata.ClassKind
import kotlin.metadata.KmClass
import kotlin.metadata.KmClassifier
import kotlin.metadata.KmConstructor
import kotlin.metadata.KmDeclarationContainer
import kotlin.metadata.KmFunction
import kotlin.metadata.KmProperty
import kotlin.metadata.KmType
import kotlin.metadata.KmValueParameter
import kotlin.metadata.MemberKind
import kotlin.metadata.Modality
import kotlin.metadata.Visibility
import kotlin.metadata.declaresDefaultValue
import kotlin.metadata.isConst
import kotlin.metadata.isData
import kotlin.metadata.isFunInterface
import kotlin.metadata.isNullable
import kotlin.metadata.isOperator
import kotlin.metadata.isSuspend
import kotlin.metadata.isVar
import kotlin.metadata.jvm.KotlinClassMetadata
import kotlin.metadata.kind
import kotlin.metadata.modality
import kotlin.metadata.visibility

/** The public surface of the SDK is what `bindings/api/kotlin.txt` says, and nothing of the generated code is in it. */
class ApiTest {
    private val snapshot = File(System.getProperty("test.repository"), "bindings/api/kotlin.txt")
    private val surface = surface(File(System.getProperty("test.classes")))

    @Test
    fun `nothing generated is public`() {
        assertEquals(emptyList<String>(), surface.lines().filter { "vn.idwallet.ffi" in it })
    }

    @Test
    fun `the public surface is that of the snapshot`() {
        if (System.getProperty("test.snapshot") == "true") {
            snapshot.parentFile.mkdirs()
            snapshot.writeText(surface)
        }
        val kept = if (snapshot.exists()) snapshot.readText() else ""
        val gone = kept.lines() - surface.lines().toSet()
        val new = surface.lines() - kept.lines().toSet()
        assertTrue(kept == surface) { (gone.map { "- $it" } + new.map { "+ $it" }).joinToString("\n", "tests/bindings/kotlin/api LIBRARY_DIR --update takes:\n") }
    }

    @Test
    fun `everything public says what it means`() {
        val sources = File(System.getProperty("test.repository"), "android/sdk/src/main/kotlin").walk().filter { it.extension == "kt" }
        val silent = sources.flatMap { file ->
            val lines = file.readLines()
            lines.withIndex().filter { (index, line) ->
                line.trimStart().startsWith("public ") && "companion object" !in line &&
                    lines.take(index).last { !it.trimStart().startsWith("@") }.trimEnd().let { !it.endsWith("*/") }
            }.map { (index, line) -> "${file.name}:${index + 1}: ${line.trim()}" }
        }
        assertEquals("", silent.joinToString("\n"))
    }

    @Test
    fun `the surface is read`() {
        for (line in listOf("final class vn.idwallet.Wallet : java.lang.AutoCloseable", "sealed interface vn.idwallet.ClaimValue")) {
            assertTrue(line in surface.lines()) { "$line in\n$surface" }
        }
    }
}

private fun surface(classes: File): String {
    val blocks = classes.walk().filter { it.extension == "class" }.mapNotNull { file ->
        val name = file.relativeTo(classes).path.removeSuffix(".class").replace(File.separatorChar, '.')
        val metadata = Class.forName(name, false, ApiTest::class.java.classLoader).getAnnotation(Metadata::class.java)
        when (val kotlin = metadata?.let { KotlinClassMetadata.readStrict(it) }) {
            is KotlinClassMetadata.Class -> block(kotlin.kmClass, classes)
            is KotlinClassMetadata.FileFacade -> kotlin.kmPackage.members().takeIf { it.isNotEmpty() }
                ?.let { "package ${name.substringBeforeLast('.')}" to it }
            else -> null
        }
    }
    return blocks.groupBy({ it.first }, { it.second }).toSortedMap().map { (head, members) ->
        (listOf(head) + members.flatten().sorted().map { "    $it" }).joinToString("\n")
    }.joinToString("\n\n", postfix = "\n")
}

private fun String.dotted() = replace('/', '.')

private fun block(type: KmClass, classes: File): Pair<String, List<String>>? {
    if (!isPublic(type, classes)) return null
    val kind = when (type.kind) {
        ClassKind.INTERFACE -> if (type.isFunInterface) "fun interface" else "interface"
        ClassKind.ENUM_CLASS -> "enum class"
        ClassKind.OBJECT -> "object"
        ClassKind.COMPANION_OBJECT -> "companion object"
        else -> "class"
    }
    val above = type.supertypes.map { it.text() }.filter { it != "kotlin.Any" && !it.startsWith("kotlin.Enum<") }.sorted()
    val words = listOfNotNull(type.modality.word(type.kind), "data".takeIf { type.isData }, kind, type.name.dotted())
    val head = words.joinToString(" ") + if (above.isEmpty()) "" else above.joinToString(", ", " : ")
    val entries = type.kmEnumEntries.map { "entry ${it.name}" }
    val constructors = type.constructors.filter { it.visibility.isOpen() && type.kind == ClassKind.CLASS }.map { it.text() }
    return head to entries + constructors + type.members()
}

/** A class is public when everything around it is, too. */
private fun isPublic(type: KmClass, classes: File): Boolean {
    if (!type.visibility.isOpen()) return false
    val outer = type.name.substringBeforeLast('.', "")
    if (outer.isEmpty()) return true
    val name = outer.substringBefore('.').dotted() + outer.substringAfter('.', "").let { if (it.isEmpty()) "" else "\$" + it.replace('.', '$') }
    val metadata = Class.forName(name, false, ApiTest::class.java.classLoader).getAnnotation(Metadata::class.java)
    return isPublic((KotlinClassMetadata.readStrict(metadata) as KotlinClassMetadata.Class).kmClass, classes)
}

private fun Visibility.isOpen() = this == Visibility.PUBLIC || this == Visibility.PROTECTED

private fun Modality.word(kind: ClassKind) = when (this) {
    Modality.FINAL -> "final".takeIf { kind == ClassKind.CLASS }
    Modality.ABSTRACT -> "abstract".takeIf { kind == ClassKind.CLASS }
    Modality.OPEN -> "open"
    Modality.SEALED -> "sealed"
}

private fun KmDeclarationContainer.members(): List<String> =
    properties.filter { it.visibility.isOpen() }.map { it.text() } +
        functions.filter { it.visibility.isOpen() && it.kind != MemberKind.SYNTHESIZED }.map { it.text() }

private fun KmConstructor.text() = "constructor(${valueParameters.text()})"

private fun KmProperty.text() = listOfNotNull(
    "const".takeIf { isConst }, if (isVar) "var" else "val", "$name: ${returnType.text()}",
).joinToString(" ")

private fun KmFunction.text() = listOfNotNull(
    "abstract".takeIf { modality == Modality.ABSTRACT },
    "open".takeIf { modality == Modality.OPEN },
    "operator".takeIf { isOperator },
    "suspend".takeIf { isSuspend },
    "fun ${receiverParameterType?.let { it.text() + "." } ?: ""}$name(${valueParameters.text()}): ${returnType.text()}",
).joinToString(" ")

private fun List<KmValueParameter>.text() = joinToString { "${it.name}: ${it.type.text()}${if (it.declaresDefaultValue) " = …" else ""}" }

private fun KmType.text(): String {
    val name = when (val classifier = classifier) {
        is KmClassifier.Class -> classifier.name.dotted()
        is KmClassifier.TypeAlias -> classifier.name.dotted()
        is KmClassifier.TypeParameter -> "T${classifier.id}"
    }
    val inside = arguments.joinToString { projection -> projection.type?.text() ?: "*" }
    return (if (isSuspend) "suspend " else "") + name + (if (inside.isEmpty()) "" else "<$inside>") + (if (isNullable) "?" else "")
}

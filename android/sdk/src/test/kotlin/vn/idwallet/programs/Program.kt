package vn.idwallet.programs

import kotlinx.coroutines.runBlocking
import vn.idwallet.WalletException
import kotlin.system.exitProcess

/** `--name value` and `--flag` of a test program. */
internal class Arguments(words: Array<String>, flags: Set<String> = emptySet()) {
    private val values = buildMap {
        var index = 0
        while (index < words.size) {
            val word = words[index++]
            put(word, if (word in flags) "" else words.getOrNull(index++) ?: usage("$word needs a value"))
        }
    }

    operator fun contains(name: String) = name in values

    operator fun get(name: String) = values[name]

    fun required(name: String) = values[name] ?: usage("$name is missing")

    private fun usage(text: String): Nothing {
        System.err.println(text)
        exitProcess(2)
    }
}

/** Writes a line at once: another process waits for it. */
internal fun say(line: String) {
    println(line)
    System.out.flush()
}

/** Runs a program; an error of the wallet ends it with its code and status 1. */
internal fun program(block: suspend () -> Unit) {
    try {
        runBlocking { block() }
    } catch (error: WalletException) {
        System.err.println(error)
        exitProcess(1)
    }
    // Threads that wait for nothing any more do not keep the process.
    exitProcess(0)
}

/** A value in JSON. */
internal fun json(value: Any?): String = when (value) {
    null -> "null"
    is Map<*, *> -> value.entries.joinToString(",", "{", "}") { json(it.key.toString()) + ":" + json(it.value) }
    is Iterable<*> -> value.joinToString(",", "[", "]") { json(it) }
    is Boolean, is Number -> value.toString()
    else -> value.toString().map { char ->
        if (char == '"' || char == '\\') "\\$char" else if (char < ' ') "\\u%04x".format(char.code) else char.toString()
    }.joinToString("", "\"", "\"")
}

/** `REQUEST_MISMATCH` as the programs of all languages write it: `requestMismatch`. */
internal fun Enum<*>.word() = name.lowercase().split('_').withIndex().joinToString("") { (index, word) ->
    if (index == 0) word else word.replaceFirstChar(Char::uppercase)
}

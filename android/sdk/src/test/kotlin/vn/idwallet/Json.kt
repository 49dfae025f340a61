package vn.idwallet

/** Reads JSON: objects as maps, arrays as lists, numbers as [Long]. As much as the scenarios need. */
class Json private constructor(private val text: String) {
    private var at = 0

    private fun space() {
        while (text[at].isWhitespace()) at++
    }

    private fun value(): Any? {
        space()
        return when (text[at]) {
            '{' -> items('}') { space(); val key = string(); space(); expect(':'); key to value() }.toMap()
            '[' -> items(']') { value() }
            '"' -> string()
            't' -> true.also { word("true") }
            'f' -> false.also { word("false") }
            'n' -> null.also { word("null") }
            else -> text.substring(at).takeWhile { it == '-' || it.isDigit() }.also { at += it.length }.toLong()
        }
    }

    private fun <T> items(end: Char, item: () -> T): List<T> = buildList {
        at++
        space()
        while (text[at] != end) {
            if (isNotEmpty()) expect(',')
            add(item())
            space()
        }
        at++
    }

    private fun string(): String = buildString {
        expect('"')
        while (text[at] != '"') {
            val char = text[at++]
            append(
                if (char != '\\') char else when (val escaped = text[at++]) {
                    'n' -> '\n'
                    't' -> '\t'
                    'u' -> text.substring(at, at + 4).toInt(16).toChar().also { at += 4 }
                    else -> escaped
                },
            )
        }
        at++
    }

    private fun expect(char: Char) = check(text[at++] == char) { "no $char at ${at - 1}" }

    private fun word(word: String) = check(text.startsWith(word, at)).also { at += word.length }

    companion object {
        @Suppress("UNCHECKED_CAST")
        fun read(text: String) = Json(text).value() as Map<String, Any?>
    }
}

// VALUE of the interface to CBOR and back.
import java.io.ByteArrayOutputStream
import java.util.Base64
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.boolean
import kotlinx.serialization.json.buildJsonArray
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.long
import kotlinx.serialization.json.put
import org.multipaz.cbor.Cbor
import org.multipaz.cbor.DataItem
import org.multipaz.cbor.MajorType
import org.multipaz.cbor.Simple
import org.multipaz.cbor.Tagged

private fun ByteArrayOutputStream.head(major: Int, n: Long) {
    val size = when {
        n < 24 -> 0
        n < 256 -> 1
        n < 65536 -> 2
        n < 4294967296 -> 4
        else -> 8
    }
    write(major shl 5 or if (size == 0) n.toInt() else 23 + Integer.numberOfTrailingZeros(size) + 1)
    for (i in size - 1 downTo 0) write((n shr (8 * i)).toInt() and 255)
}

private fun ByteArrayOutputStream.string(major: Int, bytes: ByteArray) {
    head(major, bytes.size.toLong())
    write(bytes)
}

private fun ByteArrayOutputStream.value(value: JsonElement) {
    when (value) {
        is JsonNull -> write(0xf6)
        is JsonArray -> {
            head(4, value.size.toLong())
            value.forEach { value(it) }
        }
        is JsonObject -> when (value.keys.singleOrNull()) {
            "bytes" -> string(2, Base64.getUrlDecoder().decode(value.getValue("bytes").jsonPrimitive.content))
            "date" -> {
                head(6, 1004)
                value(value.getValue("date"))
            }
            "tdate" -> {
                head(6, 0)
                value(value.getValue("tdate"))
            }
            else -> {
                head(5, value.size.toLong())
                value.forEach { (key, entry) ->
                    string(3, key.toByteArray())
                    value(entry)
                }
            }
        }
        is JsonPrimitive -> when {
            value.isString -> string(3, value.content.toByteArray())
            value.content == "true" || value.content == "false" -> write(if (value.boolean) 0xf5 else 0xf4)
            value.long >= 0 -> head(0, value.long)
            else -> head(1, -1 - value.long)
        }
    }
}

fun toDataItem(value: JsonElement): DataItem = Cbor.decode(ByteArrayOutputStream().apply { value(value) }.toByteArray())

fun toValue(item: DataItem): JsonElement = when (item.majorType) {
    MajorType.UNSIGNED_INTEGER, MajorType.NEGATIVE_INTEGER -> JsonPrimitive(item.asNumber)
    MajorType.BYTE_STRING -> buildJsonObject { put("bytes", Base64.getUrlEncoder().withoutPadding().encodeToString(item.asBstr)) }
    MajorType.UNICODE_STRING -> JsonPrimitive(item.asTstr)
    MajorType.ARRAY -> buildJsonArray { item.asArray.forEach { add(toValue(it)) } }
    MajorType.MAP -> buildJsonObject { item.asMap.forEach { (key, value) -> put(key.asTstr, toValue(value)) } }
    MajorType.TAG -> when ((item as Tagged).tagNumber) {
        1004L -> buildJsonObject { put("date", toValue(item.taggedItem)) }
        0L -> buildJsonObject { put("tdate", toValue(item.taggedItem)) }
        else -> toValue(item.taggedItem)
    }
    MajorType.SPECIAL -> if (item == Simple.NULL) JsonNull else JsonPrimitive(item.asBoolean)
}

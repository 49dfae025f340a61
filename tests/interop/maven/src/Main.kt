// org.multipaz as a peer: `MainKt COMMAND --option VALUE …` or `MainKt --batch`, see ../../README.md.
import java.io.File
import kotlinx.coroutines.runBlocking



import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonObjectBuilder
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.add
import kotlinx.serialization.json.buildJsonArray
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.put
import kotlinx.serialization.json.putJsonArray
import kotlinx.serialization.json.putJsonObject
import org.bouncycastle.jce.provider.BouncyCastleProvider

class Refused(message: String) : Exception(message)

class Unsupported(message: String) : Exception(message)

private val FLAGS = setOf("mac", "all")
private val KNOWN = setOf(
    "data", "device-key", "out", "curve", "signer", "chain", "anchor", "response", "transcript", "reader-key", "request", "issuer-signed",
    "doctype", "ask", "role", "own-key", "peer-key", "send", "receive", "entry", "list", "statuses", "bits", "uri", "count",
)

/** The options after the command; some repeat, some have no value. */
class Options(args: List<String>) {
    private val given = mutableListOf<Pair<String, String>>()

    init {
        var i = 0
        while (i < args.size) {
            val name = args[i].removePrefix("--")
            when {
                !args[i].startsWith("--") || name !in FLAGS + KNOWN -> throw Unsupported("unknown option ${args[i]}")
                name in FLAGS -> given += name to ""
                else -> given += name to (args.getOrNull(++i) ?: throw Unsupported("--$name needs a value"))
            }
            i++
        }
    }

    fun all(name: String) = given.filter { it.first == name }.map { it.second }

    fun get(name: String) = all(name).firstOrNull()

    fun need(name: String) = get(name) ?: throw Unsupported("--$name is missing")

    fun has(name: String) = get(name) != null

    fun bytes(name: String) = File(need(name)).readBytes()

    fun json(name: String) = Json.parseToJsonElement(File(need(name)).readText()).jsonObject
}

private suspend fun answer(args: List<String>): Pair<Int, JsonObject> {
    fun failure(what: String, error: Throwable) = buildJsonObject {
        put("ok", false)
        if (what == "accepted") put("accepted", false) else put(what, true)
        put("error", "${error::class.simpleName}: ${error.message}".take(600))
    }
    val command = args.firstOrNull() ?: ""
    return try {
        val options = Options(args.drop(1))
        val fields: JsonObjectBuilder.() -> Unit = run(command, options)
        0 to buildJsonObject {
            put("ok", true)
            fields()
        }
    } catch (e: Refused) {
        1 to failure("accepted", e)
    } catch (e: Unsupported) {
        2 to failure("unsupported", e)
    } catch (e: Throwable) {
        e.printStackTrace()
        // A peer that throws while it checks has refused.
        val checks = command in setOf("verify", "verify-issuer-signed") || command.startsWith("check-") || command == "session" && "--receive" in args
        if (checks) 1 to failure("accepted", e) else 3 to failure("crash", e)
    }
}

private suspend fun run(command: String, options: Options): JsonObjectBuilder.() -> Unit = when (command) {
    "capabilities" -> capabilities()
    "issue" -> issue(options)
    "verify" -> verify(options)
    "verify-issuer-signed" -> verifyIssuerSigned(options)
    "respond" -> respond(options)
    "request" -> request(options)
    "check-request" -> checkRequest(options)
    "session" -> session(options)
    "trust-list" -> trustList(options)
    "check-trust-list" -> checkTrustList(options)
    "status-list" -> statusList(options)
    "check-status-list" -> checkStatusList(options)
    else -> throw Unsupported("unknown command $command")
}

fun main(args: Array<String>): Unit = runBlocking {
    // For the Brainpool curves, which the JDK does not have.
    java.security.Security.insertProviderAt(BouncyCastleProvider(), 1)
    val out = System.out
    System.setOut(System.err)
    if (args.firstOrNull() != "--batch") {
        val (exit, json) = answer(args.toList())
        out.println(json)
        out.flush()
        kotlin.system.exitProcess(exit)
    }
    while (true) {
        val line = readlnOrNull() ?: break
        val (exit, json) = answer(Json.parseToJsonElement(line).jsonArray.map { it.jsonPrimitive.content })
        out.println(JsonObject(json + ("exit" to JsonPrimitive(exit))))
        out.flush()
    }
    kotlin.system.exitProcess(0)
}

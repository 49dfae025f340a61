import org.gradle.api.tasks.Exec

plugins {
    id("com.android.library")
    id("org.jetbrains.kotlin.android")
}

val repository = rootDir.parentFile
val generated = layout.buildDirectory.dir("generated/ffi")
val libraries = layout.buildDirectory.dir("jniLibs")

/** Android's name of an ABI, Rust's of the target, and the beginning of the compiler's name in the NDK. */
val targets = mapOf(
    "arm64-v8a" to ("aarch64-linux-android" to "aarch64-linux-android"),
    "armeabi-v7a" to ("armv7-linux-androideabi" to "armv7a-linux-androideabi"),
    "x86_64" to ("x86_64-linux-android" to "x86_64-linux-android"),
)
val oldest = 30

android {
    namespace = "vn.idwallet.android"
    compileSdk = 35
    ndkVersion = "28.2.13676358"
    defaultConfig {
        minSdk = oldest
        consumerProguardFiles("consumer-rules.pro")
    }
    sourceSets["main"].apply {
        kotlin.srcDirs("src/main/kotlin", "../sdk/src/main/kotlin", generated)
        jniLibs.srcDirs(libraries)
    }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
    packaging.jniLibs.useLegacyPackaging = false
}

kotlin {
    jvmToolchain(17)
    explicitApi()
}

dependencies {
    api("org.jetbrains.kotlinx:kotlinx-coroutines-android:1.11.0")
    implementation("net.java.dev.jna:jna:5.19.1@aar")
}

// Rust ------------------------------------------------------------------------------------------------------------------

val cargo = targets.map { (abi, names) ->
    val (rust, clang) = names
    val linker = android.ndkDirectory.resolve("toolchains/llvm/prebuilt/linux-x86_64/bin/$clang$oldest-clang")
    val build = tasks.register<Exec>("cargo-$abi") {
        workingDir = repository
        commandLine("bindings/ship", rust)
        val variable = rust.uppercase().replace('-', '_')
        environment("CARGO_TARGET_${variable}_LINKER", linker)
        environment("CC_${rust.replace('-', '_')}", linker)
        environment("AR_${rust.replace('-', '_')}", linker.resolveSibling("llvm-ar"))
        environment("STRIP", linker.resolveSibling("llvm-strip"))
    }
    tasks.register<Copy>("library-$abi") {
        dependsOn(build)
        from(repository.resolve("target/$rust/ship/shipped/libidwallet_ffi.so"))
        into(libraries.map { it.dir(abi) })
    }
}

val host = tasks.register<Exec>("cargo-host") {
    workingDir = repository
    commandLine("cargo", "build", "--release", "--locked", "-p", "idwallet-ffi")
}

val bindgen = tasks.register<Exec>("bindgen") {
    dependsOn(host)
    workingDir = repository
    val library = repository.resolve("target/release").resolve(System.mapLibraryName("idwallet_ffi"))
    commandLine(
        "cargo", "run", "--release", "--locked", "-p", "idwallet-bindgen", "--",
        "generate", library, "--language", "kotlin", "--no-format", "--out-dir", layout.buildDirectory.dir("bindgen").get().asFile,
    )
}

// What uniffi-bindgen made becomes internal, as in sdk/pom.xml: no app sees it.
val internalBindings = tasks.register<Copy>("internalBindings") {
    dependsOn(bindgen)
    from(layout.buildDirectory.dir("bindgen"))
    into(generated)
    val declaration = Regex("^((?:(?:data|sealed|open|abstract|inline|enum|annotation|suspend|fun|value|const|lateinit) )*(?:class|interface|object|fun|typealias|val|var) )")
    val member = Regex("^( |     |\\s*\\*/ |\\s*@Throws\\([\\w.:]+\\) ?)((?:suspend )?fun )")
    // ffi/RustCall.kt stands in the place of one function, and needs two that are private.
    val replaced = Regex("> uniffiRustCallAsync\\($")
    val needed = Regex("^private (.*fun.*(uniffiRustCallWithError|uniffiCheckCallStatus)\\()")
    filter { line ->
        line.removePrefix("public ").replace(declaration, "internal $1").replace(replaced, "> uniffiRustCallAsyncAsGenerated(")
            .replace(needed, "internal $1").replace(member, "$1internal $2")
    }
}

tasks.named("preBuild") { dependsOn(internalBindings, cargo) }

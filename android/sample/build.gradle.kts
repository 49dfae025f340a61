plugins {
    id("com.android.application")
    id("org.jetbrains.kotlin.android")
}

android {
    namespace = "vn.idwallet.sample"
    compileSdk = 35
    defaultConfig {
        applicationId = "vn.idwallet.sample"
        minSdk = 30
        targetSdk = 35
        versionCode = 1
        versionName = "0.1.0"
    }
    sourceSets["main"].kotlin.srcDirs("src/main/kotlin")
    buildTypes["release"].apply {
        isMinifyEnabled = true
        isShrinkResources = true
    }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
}

kotlin {
    jvmToolchain(17)
}

dependencies {
    implementation(project(":idwallet"))
}

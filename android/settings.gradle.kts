// The Gradle build of the same sources as the Maven build; see README.md for which of the two was run.
pluginManagement {
    repositories {
        google()
        mavenCentral()
        gradlePluginPortal()
    }
}
dependencyResolutionManagement {
    repositories {
        google()
        mavenCentral()
    }
}
rootProject.name = "idwallet-android"
include(":idwallet", ":sample")
// The SDK and the platform part in one AAR: an Android app wants both.
project(":idwallet").projectDir = file("platform")

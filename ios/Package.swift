// swift-tools-version: 6.0
import Foundation
import PackageDescription

// `Generated` is made by build-xcframework.sh on a Mac and by ../tests/bindings/swift/run on Linux; it is not in git.
#if os(Linux)
    // The linker finds the library by `-Xlinker -L…`, see the README.
    let bridge = Target.systemLibrary(name: "IdwalletFFIFFI", path: "Generated/IdwalletFFIFFI")
    let linked: [LinkerSetting] = [.linkedLibrary("idwallet_ffi")]
#else
    let bridge = Target.binaryTarget(name: "IdwalletFFIFFI", path: "Generated/IdwalletFFIFFI.xcframework")
    let linked: [LinkerSetting] = []
#endif

var products: [Product] = [
    .library(name: "Idwallet", targets: ["Idwallet"]),
    .library(name: "IdwalletApple", targets: ["IdwalletApple"]),
]
// For the project's own tests of the bridge. Apps use what is above.
if ProcessInfo.processInfo.environment["IDWALLET_TESTS"] != nil {
    products.append(.library(name: "IdwalletFFI", targets: ["IdwalletFFI"]))
}

let package = Package(
    name: "Idwallet",
    defaultLocalization: "vi",
    platforms: [.iOS(.v16), .macOS(.v13)],
    products: products,
    targets: [
        bridge,
        .target(name: "IdwalletFFI", dependencies: ["IdwalletFFIFFI"], path: "Generated/IdwalletFFI", linkerSettings: linked),
        .target(name: "Idwallet", dependencies: ["IdwalletFFI"]),
        .target(name: "IdwalletApple", dependencies: ["Idwallet"]),
    ],
    // Swift 6.0's compiler breaks down on the generated code in mode 6.
    swiftLanguageModes: [.v5]
)

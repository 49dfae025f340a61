// swift-tools-version: 6.0
import PackageDescription

// Built by `run`, which says where the library is and whether it was built with the feature test-panics.
let package = Package(
    name: "IdwalletTests",
    platforms: [.macOS(.v13)],
    dependencies: [.package(name: "Idwallet", path: "../../../ios")],
    targets: [
        .target(name: "Harness", dependencies: [.product(name: "Idwallet", package: "Idwallet")]),
        .executableTarget(name: "scenarios", dependencies: ["Harness"], path: "Sources/Scenarios"),
        .executableTarget(name: "holder", dependencies: ["Harness"]),
        .executableTarget(name: "reader", dependencies: ["Harness"]),
        .testTarget(
            name: "IdwalletTests",
            dependencies: [
                "Harness", .product(name: "Idwallet", package: "Idwallet"), .product(name: "IdwalletFFI", package: "Idwallet"),
            ]),
    ],
    swiftLanguageModes: [.v5]
)

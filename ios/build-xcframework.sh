#!/bin/bash
# Builds ios/Generated for Apple's platforms: the xcframework of the Rust library and the Swift bindings over it.
#
#   ios/build-xcframework.sh
#
# Needs a Mac with Xcode and Rust, and the targets
#   rustup target add aarch64-apple-ios aarch64-apple-ios-sim x86_64-apple-ios aarch64-apple-darwin x86_64-apple-darwin
# The project's tests check this file for syntax alone; it has not been run on a Mac.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
[ "$(uname -s)" = Darwin ] || {
    echo "this needs a Mac; on Linux tests/bindings/swift/run makes ios/Generated for the tests" >&2
    exit 3
}

export IPHONEOS_DEPLOYMENT_TARGET=16.0 MACOSX_DEPLOYMENT_TARGET=13.0
library=libidwallet_ffi.a
generated=ios/Generated
work=target/apple

for target in aarch64-apple-ios aarch64-apple-ios-sim x86_64-apple-ios aarch64-apple-darwin x86_64-apple-darwin; do
    cargo build --profile ship --locked -p idwallet-ffi --target "$target"
done

rm -rf "$work" "$generated"
mkdir -p "$work/simulator" "$work/mac" "$work/swift" "$work/headers" "$generated/IdwalletFFI"
lipo -create -output "$work/simulator/$library" \
    "target/aarch64-apple-ios-sim/ship/$library" "target/x86_64-apple-ios/ship/$library"
lipo -create -output "$work/mac/$library" \
    "target/aarch64-apple-darwin/ship/$library" "target/x86_64-apple-darwin/ship/$library"

cargo run --release --locked -p idwallet-bindgen -- generate "target/aarch64-apple-ios/ship/$library" \
    --language swift --out-dir "$work/swift" --no-format
cp "$work/swift/IdwalletFFI.swift" "$generated/IdwalletFFI/"
cp "$work/swift/IdwalletFFIFFI.h" "$work/headers/"
cp "$work/swift/IdwalletFFIFFI.modulemap" "$work/headers/module.modulemap"

xcodebuild -create-xcframework \
    -library "target/aarch64-apple-ios/ship/$library" -headers "$work/headers" \
    -library "$work/simulator/$library" -headers "$work/headers" \
    -library "$work/mac/$library" -headers "$work/headers" \
    -output "$generated/IdwalletFFIFFI.xcframework"

echo "made $generated; add the package ios/ to an Xcode project, or run: swift build --package-path ios"

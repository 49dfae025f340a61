//! `idwallet-bindgen generate LIBRARY --language kotlin|swift|python --out-dir DIR`: UniFFI's own tool, of the version the library has.

fn main() {
    uniffi::uniffi_bindgen_main();
}

#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| idwallet_replay::cose_sign1_mac0(data));

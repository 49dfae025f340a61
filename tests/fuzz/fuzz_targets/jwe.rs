#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| idwallet_replay::jwe(data));

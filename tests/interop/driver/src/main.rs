//! Our side of the conversations with other implementations.
fn main() {}

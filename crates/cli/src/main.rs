//! groundplan: the command line; parses arguments, prints, and holds no logic of its own.
fn main() {}

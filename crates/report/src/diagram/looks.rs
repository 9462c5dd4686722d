//! Writes the sample pictures as files, to be looked at: `cargo test -p groundplan-report diagram::looks -- --ignored`.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use super::{Ground, lay_out, samples, svg};

#[test]
#[ignore = "writes target/diagrams for the eye; the other tests judge"]
fn write_the_samples() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/diagrams");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, graph) in [
        ("one", samples::one()),
        ("five", samples::five()),
        ("shop", samples::shop()),
        ("sixteen", samples::sixteen()),
        ("forty", samples::forty()),
        ("odd", samples::odd()),
    ] {
        std::fs::write(folder.join(format!("{name}.svg")), svg(&lay_out(&graph), name, Ground::File)).unwrap();
    }
}

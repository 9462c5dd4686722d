//! Load: what comes when, of what kind, from whom and for which data.
#![allow(clippy::unwrap_used)]

use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::reader::read_design;
use groundplan_sim::lower::{VOCABULARY, compile};

/// What is wrong with a design, by reader or compiler.
fn wrong(body: &str) -> Vec<Diagnostic> {
    let read = read_design(&format!("kind: design\nversion: 1\nname: load\n{body}"), &VOCABULARY);
    let errors: Vec<Diagnostic> = read.errors().cloned().collect();
    match read.value {
        Some(design) if errors.is_empty() => compile(&design).err().unwrap_or_default(),
        _ => errors,
    }
}

/// One service with an operation `serve` that computes for a millisecond.
const SERVICE: &str = "components: { s: { kind: service, operations: { serve: [ { compute: const(1ms) } ] } } }\n";

#[test]
fn keys_have_a_number() {
    let found =
        wrong(&format!("{SERVICE}load: [ {{ operation: s.serve, keys: zipf(0.9), arrivals: poisson(1/s) }} ]\n"));
    assert_eq!(found[0].code, "no-number-of-keys");
    assert_eq!(found[0].help.as_deref(), Some("write `keys: zipf(0.9 2M)`, or `keys: uniform(2M)`"));
}

//! The files of `validation/` that the binary carries, in their registered order. To add one: a file and a line here.

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../validation/", $path)))),*]
    };
}

/// Name under `validation/` and text.
pub static FILES: &[(&str, &str)] = files![];

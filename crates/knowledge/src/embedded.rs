//! The files of `knowledge/` that the binary carries, ordered by path: `build.rs` lists them. To add one, add the file.
//!
//! No order is meant by it: dimensions stand in `DIMENSIONS`, the options of each in its `kind: dimension` file.

/// Path under `knowledge/` and text.
pub static FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

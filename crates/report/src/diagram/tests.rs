//! Geometry: what may not touch does not.

#![allow(clippy::unwrap_used)]

use super::*;
#[test]
fn nothing() { let _ = lay_out(&Graph::default()); }

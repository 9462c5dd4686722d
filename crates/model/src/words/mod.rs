//! The words of the language that `model` knows by itself: the keys of a brief and the frame of a design.
//!
//! Reader, schema, manual and defaults are all made from these tables; kinds of components, policies and faults come
//! from a `Vocabulary`.

pub mod brief;
pub mod design;

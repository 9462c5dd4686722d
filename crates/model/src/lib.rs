//! model: the words, their units, reading and checking them; never decides, never simulates.

pub mod brief;
pub mod design;
pub mod diagnostic;
pub mod estimate;
pub mod quantity;
pub mod span;
pub mod units;
pub mod value;
pub mod vocabulary;

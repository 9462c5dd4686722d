//! model: the words, their units, reading and checking them; never decides, never simulates.

pub mod brief;
pub mod calendar;
pub mod design;
pub mod diagnostic;
pub mod edit;
pub mod estimate;
pub mod files;
pub mod physics;
pub mod quantity;
pub mod reader;
pub mod render;
pub mod round_trips;
pub mod schema;
pub mod span;
pub mod text;
pub mod units;
pub mod value;
pub mod vocabulary;
pub mod words;
pub mod writer;
pub mod yaml;

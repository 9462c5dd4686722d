//! One file for each command: reads, calls, prints.

pub mod ask;
pub mod availability;
pub mod check;
pub mod compare;
pub mod decide;
pub mod design;
pub mod knowledge;
pub mod reference;
pub mod schema;
pub mod script;
pub mod simulate;
pub mod validate;

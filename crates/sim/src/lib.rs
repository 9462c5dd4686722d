//! sim: runs designs as discrete events and says what was measured, with its interval; never decides.

pub mod expectation;
pub mod histogram;
pub mod kernel;
pub mod lower;
pub mod record;
pub mod run;
pub mod statistics;
pub mod verdict;

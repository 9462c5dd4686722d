//! validation: published and exact results as designs; runs them and compares, knows no closed forms.
//!
//! An item is a file of `validation/`: its source, its setup in a sentence, designs, and for each figure the measure, the
//! value to be found and how well. `read` reads it, `run` runs it, and the outcome is a table of values that others print.

mod embedded;
pub mod item;
pub mod read;
pub mod run;

pub use embedded::FILES;
pub use item::{Check, Expected, Figure, Form, Item, Length, Run, Tolerance};
pub use read::read_item;
pub use run::{ItemOutcome, QUICK_WIDER, Row, Verdict, run_item};

/// The items that the binary carries, in their registered order.
#[must_use]
pub fn items() -> Vec<Item> {
    FILES.iter().filter_map(|(_, text)| read_item(text).ok()).collect()
}

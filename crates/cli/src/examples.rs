//! The example briefs that the binary carries, so that a change of the knowledge can be tried on them wherever it runs.

use groundplan_model::brief::Brief;
use groundplan_model::reader::read_brief;

/// Name and text of each, ordered by name: `build.rs` lists them.
pub static EXAMPLES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/examples.rs"));

/// All of them, read.
pub fn examples() -> Vec<(String, Brief)> {
    let read = |(name, text): &(&str, &str)| Some(((*name).to_string(), read_brief(text).value?));
    EXAMPLES.iter().filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_is_a_brief() {
        assert!(EXAMPLES.len() >= 5 && examples().len() == EXAMPLES.len());
    }
}

//! Whether a path such as `data.orders.size` leads to a key of a brief. Names that a brief gives (`orders`) may be any,
//! and may be left out of lists; what stands at the key isn't asked.

use groundplan_model::diagnostic::guess;
use groundplan_model::vocabulary::{Key, Shape};
use groundplan_model::words::brief::BRIEF;

/// Follows a path through the words of a brief.
///
/// # Errors
/// Where it leads nowhere; with a word that is close to the one that isn't known.
pub(super) fn brief_path(path: &str) -> Result<(), Option<String>> {
    let words: Vec<&str> = path.split('.').collect();
    let mut near = None;
    if record(BRIEF, &words, &mut near) { Ok(()) } else { Err(near) }
}

fn record(keys: &'static [Key], words: &[&str], near: &mut Option<String>) -> bool {
    let [first, rest @ ..] = words else { return true };
    match keys.iter().find(|key| key.name == *first) {
        Some(key) => shape(&key.shape, rest, near),
        None => {
            if near.is_none() {
                *near = guess(first, keys.iter().map(|key| key.name)).map(str::to_string);
            }
            false
        }
    }
}

fn shape(of: &'static Shape, words: &[&str], near: &mut Option<String>) -> bool {
    let [_, rest @ ..] = words else { return true };
    match of {
        Shape::Record(keys) | Shape::Short(_, keys) => record(keys, words, near),
        Shape::Map(_, inner) => shape(inner, rest, near),
        // Items of a list go by their names, which operations write with a dot of their own.
        Shape::List(inner) | Shape::OneOrMany(inner) => {
            let skipped = (0..words.len().min(3)).any(|skip| shape(inner, &words[skip..], near));
            skipped && !inner.keys().is_empty()
        }
        Shape::Either(shapes) => shapes.iter().any(|of| shape(of, words, near)),
        Shape::Target(inner) => shape(inner, words, near),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::brief_path;

    #[test]
    fn paths_lead_to_keys_or_nowhere() {
        for path in
            ["team.teams", "data.orders.size", "load.checkout.place-order.rate", "load.rate", "recovery.rto", "budget"]
        {
            assert_eq!(brief_path(path), Ok(()), "{path}");
        }
        assert_eq!(brief_path("team.temas"), Err(Some("teams".into())));
        assert_eq!(brief_path("data.orders.colour.deep"), Err(None));
        assert!(brief_path("budget.more").is_err());
    }
}

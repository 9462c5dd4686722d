//! Text from a file on its way into a message: shortened, and free of what a terminal would obey.

/// A piece of a user's text between back-ticks, shortened, with control characters made visible.
#[must_use]
pub fn shown(text: &str) -> String {
    let mut out = String::from("`");
    for (nth, c) in text.chars().enumerate() {
        if nth == 60 {
            out.push('…');
            break;
        }
        if is_unruly(c) { out.extend(c.escape_default()) } else { out.push(c) }
    }
    out.push('`');
    out
}

/// Characters that steer a terminal or turn the direction of writing: never shown as they are, never part of a title.
#[must_use]
pub fn is_unruly(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// `a`, `b` or `c`; at most `most` of them.
#[must_use]
pub fn one_of<'a>(words: impl IntoIterator<Item = &'a str>, most: usize) -> String {
    let words: Vec<&str> = words.into_iter().collect();
    let mut out = String::new();
    for (nth, word) in words.iter().take(most).enumerate() {
        let last = nth + 1 == words.len();
        out.push_str(if nth == 0 {
            ""
        } else if last {
            " or "
        } else {
            ", "
        });
        out.push_str(&shown(word));
    }
    if words.len() > most {
        out.push_str(", ...");
    }
    out
}

/// `a or an` for a word.
#[must_use]
pub fn with_article(word: &str) -> String {
    let article = if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {word}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(shown("a\u{1b}[31mb"), "`a\\u{1b}[31mb`");
        assert_eq!(shown("\u{202e}x"), "`\\u{202e}x`");
        assert_eq!(one_of(["a", "b", "c"], 5), "`a`, `b` or `c`");
        assert_eq!(one_of(["a", "b", "c"], 2), "`a`, `b`, ...");
    }
}

//! Text of a diagram: cleaned of control characters, measured without a font engine, cut with an ellipsis.
//!
//! Widths are the larger of Ubuntu Light (which the PDF embeds) and of Arial's metrics (what a browser falls back to), so
//! that a box sized here holds its text in either. Shaping, kerning and right-to-left layout are left out.

use crate::clean::{is_hidden, skip_escape};
use unicode_width::UnicodeWidthChar;

/// Advance of the printable ASCII characters from space on, in thousandths of the font size.
const ASCII: [u16; 95] = [
    278, 278, 392, 653, 564, 889, 667, 240, 333, 333, 472, 584, 278, 333, 278, 359, 564, 564, 564, 564, 564, 564, 564,
    564, 564, 564, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 865,
    722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 310, 359, 310, 564, 556, 376, 556, 583, 500, 583,
    556, 376, 573, 569, 237, 237, 500, 255, 863, 569, 582, 583, 583, 374, 500, 387, 569, 500, 775, 500, 500, 500, 334,
    262, 334, 584,
];

/// How a strong (medium weight) title compares with the light face in width.
const STRONG: f64 = 1.07;

/// Longest text kept for a tooltip, in characters.
const LONGEST: usize = 400;

/// Width of `text` set at `size`, both in pixels; an upper estimate.
pub fn width(text: &str, size: f64, strong: bool) -> f64 {
    let thousandths: u32 = text.chars().map(advance).sum();
    let width = f64::from(thousandths) * size / 1000.0;
    if strong { width * STRONG } else { width }
}

fn advance(c: char) -> u32 {
    match c {
        ' '..='~' => u32::from(ASCII[c as usize - 0x20]),
        '\u{b7}' => 333,
        '\u{d7}' => 584,
        '\u{2013}' => 556,
        '\u{2026}' | '\u{2014}' | '\u{2192}' => 1000,
        _ => match c.width() {
            None | Some(0) => 0,
            Some(1) => 850,
            Some(_) => 1050,
        },
    }
}

/// The text, or its beginning with an ellipsis where it is wider than `room` pixels.
pub fn fit(text: &str, size: f64, strong: bool, room: f64) -> String {
    if width(text, size, strong) <= room {
        return text.to_string();
    }
    let mut cut = String::new();
    for c in text.chars() {
        cut.push(c);
        if width(&format!("{}\u{2026}", cut.trim_end()), size, strong) > room {
            cut.pop();
            break;
        }
    }
    format!("{}\u{2026}", cut.trim_end())
}

/// The text on one line, without terminal escapes, control characters and marks that turn the direction of reading.
pub fn clean(text: &str) -> String {
    let mut out = String::new();
    let mut kept = 0;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => skip_escape(&mut chars),
            '\t' | '\n' | '\r' => out.push(' '),
            c if c.is_control() || is_hidden(c) => continue,
            c => out.push(c),
        }
        kept += 1;
        if kept >= LONGEST {
            out.push('\u{2026}');
            break;
        }
    }
    out.trim().to_string()
}

/// `text` as it may stand in XML text and in a double-quoted attribute.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_of_a_terminal_vanish() {
        assert_eq!(clean("a\u{1b}[31mred\u{1b}[0m\u{7}\nb"), "ared b");
        assert_eq!(clean("x\u{1b}]0;title\u{7}y"), "xy");
        assert_eq!(clean("pay\u{202e}load"), "payload");
    }

    #[test]
    fn a_long_name_is_cut_to_its_room() {
        let cut = fit("a-very-long-service-name-indeed", 13.0, true, 100.0);
        assert!(cut.ends_with('\u{2026}') && width(&cut, 13.0, true) <= 100.0, "{cut}");
        assert_eq!(fit("short", 13.0, true, 100.0), "short");
    }

    #[test]
    fn markup_is_text() {
        assert_eq!(escape("<a href=\"x\">'&"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;");
    }
}

//! Text on a terminal of 80 columns: headings, wrapped paragraphs, aligned tables, and a handful of tones.
//!
//! Tones become SGR escapes; a face strips them where they are not wanted. What is written here is cleaned first, so the only
//! escapes in the output are ours. Widths are counted in terminal columns, not in characters.

use crate::clean::{clean, columns, shorten};

/// Columns of a line, at most.
pub const WIDTH: usize = 80;

/// How a piece of text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// As it is.
    #[default]
    Plain,
    /// Bold.
    Strong,
    /// Set back.
    Dim,
    /// It holds.
    Good,
    /// It does not hold.
    Bad,
    /// Not decided, or a condition.
    Warn,
    /// A heading.
    Head,
}

impl Tone {
    fn code(self) -> &'static str {
        match self {
            Tone::Plain => "",
            Tone::Strong => "\u{1b}[1m",
            Tone::Dim => "\u{1b}[2m",
            Tone::Good => "\u{1b}[32m",
            Tone::Bad => "\u{1b}[1;31m",
            Tone::Warn => "\u{1b}[33m",
            Tone::Head => "\u{1b}[1;36m",
        }
    }
}

/// Text in pieces of one tone each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rich(pub Vec<(Tone, String)>);

impl Rich {
    /// One piece.
    #[must_use]
    pub fn new(tone: Tone, text: &str) -> Rich {
        Rich::default().and(tone, text)
    }
    /// One more piece, with the spaces at its ends.
    #[must_use]
    pub fn and(mut self, tone: Tone, text: &str) -> Rich {
        let core = clean(text);
        let lead = if text.starts_with(' ') && !core.is_empty() { " " } else { "" };
        let trail = if text.ends_with(' ') { " " } else { "" };
        self.0.push((tone, format!("{lead}{core}{trail}")));
        self
    }
    /// Columns it takes on one line.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.0.iter().map(|(_, text)| columns(text)).sum()
    }

    /// Lines of at most `room` columns, broken at spaces; a word that is longer than a line is broken where it must be.
    fn wrap(&self, room: usize) -> Vec<Rich> {
        let room = room.max(4);
        let mut lines = vec![Rich::default()];
        let mut used = 0;
        // Words are runs without a space; they may change tone inside.
        for word in self.words() {
            let wide: usize = word.iter().map(|(_, text)| columns(text)).sum();
            if used > 0 && used + 1 + wide > room {
                lines.push(Rich::default());
                used = 0;
            }
            let gap = used > 0;
            for (nth, (tone, text)) in word.into_iter().enumerate() {
                let mut text = text;
                if gap && nth == 0 {
                    lines.last_mut().expect("there is always a line").push(tone, " ");
                    used += 1;
                }
                while used + columns(&text) > room {
                    let fit = breaking(&text, room - used);
                    let rest = text.split_off(fit);
                    lines.last_mut().expect("there is always a line").push(tone, &text);
                    lines.push(Rich::default());
                    used = 0;
                    text = rest;
                }
                used += columns(&text);
                lines.last_mut().expect("there is always a line").push(tone, &text);
            }
        }
        lines
    }

    /// The beginning that takes at most `room` columns.
    fn cut(&self, room: usize) -> Rich {
        if self.columns() <= room {
            return self.clone();
        }
        let mut left = room;
        let mut out = Rich::default();
        for (tone, text) in &self.0 {
            let text = shorten(text, left);
            left = left.saturating_sub(columns(&text));
            out.0.push((*tone, text));
        }
        out
    }

    fn push(&mut self, tone: Tone, text: &str) {
        match self.0.last_mut() {
            Some((last, run)) if *last == tone => run.push_str(text),
            _ => self.0.push((tone, text.to_string())),
        }
    }

    fn words(&self) -> Vec<Vec<(Tone, String)>> {
        let mut words: Vec<Vec<(Tone, String)>> = Vec::new();
        let mut open = false;
        for (tone, text) in &self.0 {
            for (nth, piece) in text.split(' ').enumerate() {
                if nth > 0 {
                    open = false;
                }
                if piece.is_empty() {
                    continue;
                }
                if !open {
                    words.push(Vec::new());
                }
                words.last_mut().expect("one was just pushed").push((*tone, piece.to_string()));
                open = true;
            }
        }
        words
    }

    fn write(&self, out: &mut String) {
        for (tone, text) in &self.0 {
            if tone.code().is_empty() || text.is_empty() {
                out.push_str(text);
            } else {
                out.push_str(tone.code());
                out.push_str(text);
                out.push_str("\u{1b}[0m");
            }
        }
    }
}

/// Bytes of the longest beginning that takes at most `room` columns; at least one character.
fn prefix(text: &str, room: usize) -> usize {
    let mut end = 0;
    for (at, c) in text.char_indices() {
        let next = at + c.len_utf8();
        if columns(&text[..next]) > room && end > 0 {
            break;
        }
        end = next;
    }
    end
}

/// Where to break a word that is wider than `room`: behind the two dots of a range, so that both ends stay whole; else behind
/// the last `.`, `/`, `-` or `_` of its latter half; else where it must be.
fn breaking(text: &str, room: usize) -> usize {
    let fit = prefix(text, room);
    if let Some(at) = text[..fit].rfind("..") {
        return at + 2;
    }
    match text[..fit].rfind(['.', '/', '-', '_']) {
        Some(at) if at + 1 > fit / 2 => at + 1,
        _ => fit,
    }
}

impl From<&str> for Rich {
    fn from(text: &str) -> Rich {
        Rich::new(Tone::Plain, text)
    }
}
impl From<String> for Rich {
    fn from(text: String) -> Rich {
        Rich::new(Tone::Plain, &text)
    }
}

/// How a column is aligned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Figures.
    Right,
}

/// A page of text under construction.
#[derive(Debug, Default)]
pub struct Page {
    out: String,
}

impl Page {
    /// An empty page.
    #[must_use]
    pub fn new() -> Page {
        Page::default()
    }

    /// The text with its escapes.
    #[must_use]
    pub fn finish(self) -> String {
        self.out
    }

    /// An empty line, unless there is one.
    pub fn gap(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// A title over the whole width.
    pub fn title(&mut self, text: &str) {
        self.gap();
        self.paragraph(0, &Rich::new(Tone::Strong, text));
        self.line(&Rich::new(Tone::Dim, &"━".repeat(WIDTH)));
    }

    /// The heading of a part.
    pub fn heading(&mut self, text: &str) {
        self.gap();
        self.line(&Rich::new(Tone::Head, &shorten(&clean(text), WIDTH)));
    }

    /// One line as it is; must fit.
    pub fn line(&mut self, rich: &Rich) {
        rich.write(&mut self.out);
        self.out.push('\n');
    }

    /// Lines of text as they are, set back from the margin; control characters are dropped, what is too wide is cut.
    pub fn verbatim(&mut self, indent: usize, text: &str) {
        for line in text.lines() {
            let lead = line.len() - line.trim_start_matches(' ').len();
            let rest = Rich::new(Tone::Plain, &line[lead..]).cut(WIDTH.saturating_sub(indent + lead));
            if !rest.0.iter().all(|(_, text)| text.is_empty()) {
                self.out.push_str(&" ".repeat(indent + lead));
                rest.write(&mut self.out);
            }
            self.out.push('\n');
        }
    }

    /// A line that we have drawn ourselves, kept to the last space; every name in it is clean already.
    pub fn drawn(&mut self, indent: usize, line: &str) {
        debug_assert!(indent + columns(line) <= WIDTH, "we keep to the width: {line}");
        self.out.push_str(&" ".repeat(indent));
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }

    /// A paragraph, wrapped and indented.
    pub fn paragraph(&mut self, indent: usize, rich: &Rich) {
        self.hanging(indent, &Rich::default(), indent, rich);
    }

    /// A point of a list: a mark at `indent`, the text wrapped beside it.
    pub fn item(&mut self, indent: usize, mark: &str, rich: &Rich) {
        self.hanging(indent, &Rich::new(Tone::Dim, mark), indent + columns(mark) + 1, rich);
    }

    /// A mark at `indent`, the text wrapped from column `text_at` on.
    pub fn hanging(&mut self, indent: usize, mark: &Rich, text_at: usize, rich: &Rich) {
        let mark = &mark.cut(text_at.saturating_sub(indent + 1));
        for (nth, line) in rich.wrap(WIDTH - text_at).into_iter().enumerate() {
            if line.0.is_empty() && mark.0.is_empty() {
                continue;
            }
            if nth == 0 && !mark.0.is_empty() {
                self.out.push_str(&" ".repeat(indent));
                mark.write(&mut self.out);
                let used = indent + mark.columns();
                self.out.push_str(&" ".repeat(text_at.saturating_sub(used)));
            } else {
                self.out.push_str(&" ".repeat(text_at));
            }
            line.write(&mut self.out);
            trim_line(&mut self.out);
            self.out.push('\n');
        }
    }

    /// A table. Columns are as wide as their content; where that is too much, the widest give way: names and heads, and
    /// figures only where it is still too much.
    /// The first row is a head if `head` is set: dim, with no rule.
    pub fn table(&mut self, indent: usize, aligns: &[Align], head: bool, rows: &[Vec<Rich>]) {
        let count = aligns.len();
        let mut wide: Vec<usize> = (0..count)
            .map(|column| rows.iter().filter_map(|row| row.get(column)).map(Rich::columns).max().unwrap_or(0).max(1))
            .collect();
        const GAP: usize = 2;
        const NAME: usize = 12;
        let room = WIDTH.saturating_sub(indent + GAP * count.saturating_sub(1));
        let figures =
            |column: usize| rows[usize::from(head).min(rows.len())..].iter().filter_map(move |row| row.get(column));
        let words =
            |column: usize| rows.first().filter(|_| head).and_then(|row| row.get(column)).map_or(0, Rich::longest);
        let least: Vec<usize> = (0..count)
            .map(|column| match aligns[column] {
                Align::Left => NAME,
                Align::Right => figures(column).map(Rich::columns).max().unwrap_or(0).max(words(column)),
            })
            .collect();
        while wide.iter().sum::<usize>() > room {
            let widest = |may: &dyn Fn(usize) -> bool| {
                (0..count).filter(|column| may(*column)).max_by_key(|column| (wide[*column], count - column))
            };
            let gives_way = widest(&|column| wide[column] > least[column]);
            let Some(column) = gives_way.or_else(|| widest(&|column| wide[column] > 6)) else { break };
            wide[column] -= 1;
        }
        self.fixed_table(indent, aligns, &wide, GAP, head, rows);
    }

    /// A table with columns of these widths and `gap` spaces between; cells wrap.
    pub fn fixed_table(
        &mut self,
        indent: usize,
        aligns: &[Align],
        wide: &[usize],
        gap: usize,
        head: bool,
        rows: &[Vec<Rich>],
    ) {
        for (nth, row) in rows.iter().enumerate() {
            let cells: Vec<Vec<Rich>> = row
                .iter()
                .zip(wide)
                .map(|(cell, room)| {
                    let cell = if head && nth == 0 { cell.toned(Tone::Dim) } else { cell.clone() };
                    cell.wrap_exactly(*room)
                })
                .collect();
            let height = cells.iter().map(Vec::len).max().unwrap_or(0);
            for at in 0..height {
                self.out.push_str(&" ".repeat(indent));
                for (column, cell) in cells.iter().enumerate() {
                    // A head stands on the row below it; every other cell hangs from its top.
                    let skip = if head && nth == 0 { height - cell.len() } else { 0 };
                    let empty = Rich::default();
                    let line = if at < skip { &empty } else { cell.get(at - skip).unwrap_or(&empty) };
                    let pad = wide[column].saturating_sub(line.columns());
                    if aligns[column] == Align::Right {
                        self.out.push_str(&" ".repeat(pad));
                    }
                    line.write(&mut self.out);
                    if aligns[column] == Align::Left {
                        self.out.push_str(&" ".repeat(pad));
                    }
                    if column + 1 < cells.len() {
                        self.out.push_str(&" ".repeat(gap));
                    }
                }
                trim_line(&mut self.out);
                self.out.push('\n');
            }
        }
    }
}

impl Rich {
    /// Columns of its longest word.
    fn longest(&self) -> usize {
        let wide = |word: &Vec<(Tone, String)>| word.iter().map(|(_, text)| columns(text)).sum();
        self.words().iter().map(wide).max().unwrap_or(0)
    }
    fn toned(&self, tone: Tone) -> Rich {
        Rich(self.0.iter().map(|(_, text)| (tone, text.clone())).collect())
    }
    fn wrap_exactly(&self, room: usize) -> Vec<Rich> {
        if self.columns() <= room { vec![self.clone()] } else { self.wrap(room) }
    }
}

fn trim_line(out: &mut String) {
    while out.ends_with(' ') {
        out.pop();
    }
}

/// The text without the escapes of this module's tones.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\u{1b}') {
        out.push_str(&rest[..at]);
        rest = rest[at..].split_once('m').map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let mut page = Page::new();
        let long = "word ".repeat(40) + &"x".repeat(200) + " 漢字".repeat(60).as_str();
        page.title(&long);
        page.heading(&long);
        page.paragraph(7, &Rich::from(long.as_str()));
        page.item(3, "·", &Rich::new(Tone::Bad, &long));
        let row = vec![Rich::from(long.as_str()), Rich::from("12.3ms ±0.2"), Rich::from(long.as_str())];
        page.table(2, &[Align::Left, Align::Right, Align::Left], true, &[row.clone(), row]);
        let text = plain(&page.finish());
        for line in text.lines() {
            assert!(columns(line) <= WIDTH, "{line}");
        }
        assert!(text.contains("12.3ms ±0.2"));
    }

    #[test]
    fn tones_may_change_inside_a_word() {
        let mut page = Page::new();
        page.paragraph(0, &Rich::from("(").and(Tone::Bad, "no").and(Tone::Plain, ") next"));
        assert_eq!(plain(&page.finish()), "(no) next\n");
    }

    #[test]
    fn a_range_is_broken_between_its_ends() {
        for (range, ends) in [("17.5ms..44.5ms", ["17.5ms..", "44.5ms"]), ("(6.351..6.356)", ["(6.351..", "6.356)"])] {
            let lines = Rich::from(range).wrap(13);
            let lines: Vec<&str> = lines.iter().map(|line| line.0[0].1.as_str()).collect();
            assert_eq!(lines, ends);
        }
    }

    #[test]
    fn names_and_heads_wrap_before_figures() {
        let mut page = Page::new();
        let head = ["", "rate", "attempts per call", "errors", "p99", "refused by the caller"].map(Rich::from).to_vec();
        let figures = ["120.4/s ±0.3", "1.0034 ±0.0002", "0.31% ±0.04", "41.3ms ±0.8", "0%"];
        let name = Rich::from("recommendations-shop → product-search");
        let row = std::iter::once(name).chain(figures.map(Rich::from)).collect();
        let right = Align::Right;
        page.table(2, &[Align::Left, right, right, right, right, right], true, &[head, row]);
        let text = plain(&page.finish());
        for figure in figures {
            assert!(text.contains(figure), "{text}");
        }
        assert!(text.lines().all(|line| columns(line) <= WIDTH), "{text}");
    }

    #[test]
    fn figures_stand_under_one_another() {
        let mut page = Page::new();
        let row = |a: &str, b: &str| vec![Rich::from(a), Rich::from(b)];
        page.table(2, &[Align::Left, Align::Right], false, &[row("a", "1"), row("bcd", "234")]);
        assert_eq!(page.finish(), "  a      1\n  bcd  234\n");
    }
}

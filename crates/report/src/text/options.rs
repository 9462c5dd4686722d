//! Options side by side, and the generic sheet, as text.

use crate::sheet::{Compared, ComparedOption, ComparedRule, Sheet};
use crate::terminal::{Align, Page, Rich, Tone, WIDTH};
use crate::told;

/// Sentences of an option.
type Lines = fn(&ComparedOption) -> &[String];

/// Columns of the labels of a comparison.
const LABEL: usize = 9;

/// Options side by side, as far apart as eighty columns let them.
#[must_use]
pub fn compared(compared: &Compared) -> String {
    let mut page = Page::new();
    page.title(&told::title(&compared.dimension));
    page.paragraph(0, &Rich::new(Tone::Dim, &compared.question));
    let options = &compared.options;
    let wide = (WIDTH - LABEL - 2 * options.len()) / options.len().max(1);
    let mut table = Table { page: &mut page, wide, count: options.len() };
    table.page.gap();
    table.row("", options.iter().map(|option| Rich::new(Tone::Strong, &option.title)));
    table.row("", options.iter().map(|option| Rich::from(option.about.as_str())));
    let fields: [(&str, Lines); 6] = [
        ("when", |option| &option.when),
        ("when not", |option| &option.when_not),
        ("gains", |option| &option.gains),
        ("costs", |option| &option.costs),
        ("needs", |option| &option.needs),
        ("fails", |option| &option.fails),
    ];
    for (name, lines) in fields {
        table.lists(name, options.iter().map(lines).collect());
    }
    if options.iter().any(|option| !option.to_run.is_empty()) {
        table.page.gap();
        table.row("to run", options.iter().map(|option| Rich::from(option.to_run.as_str())));
    }
    if options.iter().any(|option| !option.runs.is_empty()) {
        table.row("", options.iter().map(|option| Rich::new(Tone::Dim, &option.runs)));
    }
    for compared in &compared.tables {
        table.page.heading(&compared.title);
        let cells = compared.cells.iter().map(|(level, text)| {
            let gap = if level.is_empty() || text.is_empty() { "" } else { ": " };
            Rich::new(Tone::Strong, level).and(Tone::Plain, &format!("{gap}{text}"))
        });
        table.row("", cells);
        if !compared.measured_by.is_empty() {
            let measured = format!("your own system: {}", compared.measured_by);
            table.page.paragraph(LABEL + 2, &Rich::new(Tone::Dim, &measured));
        }
    }
    if !compared.overlaps.is_empty() {
        page.heading("Together");
        compared.overlaps.iter().for_each(|text| page.item(2, "·", &Rich::from(text.as_str())));
    }
    page.heading("Rules that tell them apart");
    for option in options {
        page.paragraph(2, &Rich::new(Tone::Strong, &option.title));
        option.rules.iter().for_each(|one| rule(&mut page, one));
        if option.rules.is_empty() {
            page.paragraph(4, &Rich::new(Tone::Dim, "none speaks of it alone"));
        }
    }
    page.gap();
    page.paragraph(0, &Rich::new(Tone::Dim, &format!("Sources: {}", compared.sources.join(", "))));
    page.finish()
}

fn rule(page: &mut Page, rule: &ComparedRule) {
    let tone = match rule.effect.as_str() {
        effect if effect.starts_with("for") => Tone::Good,
        "not yet" => Tone::Warn,
        _ => Tone::Bad,
    };
    let when = if rule.when.is_empty() { "always".to_string() } else { format!("when {}", rule.when.join(" and ")) };
    let rich = Rich::from(told::capital(&rule.text))
        .and(Tone::Dim, &format!(" ({}) {when} [{}]", told::words(rule.concern), rule.sources.join(", ")));
    page.hanging(4, &Rich::new(tone, &rule.effect), 21, &rich);
}

/// Rows with a label and a cell for each option.
struct Table<'a> {
    page: &'a mut Page,
    wide: usize,
    count: usize,
}

impl Table<'_> {
    fn row(&mut self, label: &str, cells: impl Iterator<Item = Rich>) {
        let mut row = vec![Rich::new(Tone::Dim, label)];
        row.extend(cells);
        let mut wide = vec![self.wide; self.count + 1];
        wide[0] = LABEL;
        self.page.fixed_table(0, &vec![Align::Left; self.count + 1], &wide, 2, false, &[row]);
    }

    /// The nth lines of all options beside each other.
    fn lists(&mut self, label: &str, lists: Vec<&[String]>) {
        let rows = lists.iter().map(|list| list.len()).max().unwrap_or(0);
        if rows > 0 {
            self.page.gap();
        }
        for nth in 0..rows {
            let cell = |list: &&[String]| match list.get(nth) {
                Some(line) if list.len() > 1 => Rich::new(Tone::Dim, "· ").and(Tone::Plain, line),
                Some(line) => Rich::from(line.as_str()),
                None => Rich::default(),
            };
            self.row(if nth == 0 { label } else { "" }, lists.iter().map(cell));
        }
    }
}

/// The generic sheet: constraints, pattern, justification, mitigations.
#[must_use]
pub fn sheet(sheet: &Sheet) -> String {
    let mut page = Page::new();
    page.title("Constraints → pattern → justification → mitigations");
    for style in &sheet.styles {
        page.gap();
        page.paragraph(0, &Rich::new(Tone::Head, &style.title));
        lines(&mut page, "use if", &style.use_if);
        lines(&mut page, "gains", &style.gains);
        lines(&mut page, "costs", &style.costs);
        let mitigations: Vec<String> = style
            .mitigations
            .iter()
            .map(|(text, sources)| format!("{}{}", text.trim_end_matches('.'), cited(sources)))
            .collect();
        lines(&mut page, "mitigate", &mitigations);
    }
    for others in &sheet.others {
        page.heading(&told::title(&others.dimension));
        for option in &others.options {
            let when = option.use_if.first().map_or("", |line| line.trim_end_matches('.'));
            page.hanging(2, &Rich::new(Tone::Plain, &told::words(&option.option)), 26, &Rich::new(Tone::Dim, when));
        }
    }
    page.gap();
    page.paragraph(0, &Rich::new(Tone::Dim, &format!("Sources: {}", sheet.sources.join(", "))));
    page.finish()
}

fn cited(sources: &[String]) -> String {
    if sources.is_empty() { String::new() } else { format!(" [{}]", sources.join(", ")) }
}

fn lines(page: &mut Page, name: &str, lines: &[String]) {
    for (nth, line) in lines.iter().enumerate() {
        let name = if nth == 0 { name } else { "" };
        page.hanging(2, &Rich::new(Tone::Dim, name), 12, &Rich::from(line.as_str()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::columns;
    use crate::sheet::{compare, sheet as gather};
    use crate::terminal::plain;
    use groundplan_knowledge::Knowledge;

    fn narrow(text: &str) {
        for line in plain(text).lines() {
            assert!(columns(line) <= WIDTH, "{line}");
        }
    }

    #[test]
    fn any_options_of_a_dimension_stand_side_by_side() {
        let knowledge = Knowledge::embedded();
        for dimension in knowledge.dimensions() {
            let names: Vec<String> =
                dimension.options.iter().map(|option| format!("{}/{}", option.dimension, option.name)).collect();
            for names in names.windows(2).chain(names.windows(4)) {
                let found = compare(&knowledge, names).unwrap_or_else(|error| panic!("{names:?}: {error}"));
                narrow(&compared(&found));
            }
        }
    }

    #[test]
    fn what_can_not_be_compared_is_told() {
        let knowledge = Knowledge::embedded();
        let told = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_string()).collect();
            compare(&knowledge, &names).expect_err("it can't be")
        };
        assert!(told(&["queue", "relational"]).contains("one dimension"), "{}", told(&["queue", "relational"]));
        assert!(told(&["microservices", "modular-monolit"]).contains("`modular-monolith`"));
        assert!(told(&["queue", "queue"]).contains("twice"));
        let both = compare(&knowledge, &["in-process".into(), "queue".into()]).expect("only messaging has both");
        assert_eq!(both.dimension, "messaging");
    }

    #[test]
    fn the_sheet_names_every_style_and_option() {
        let knowledge = Knowledge::embedded();
        let gathered = gather(&knowledge);
        let text = plain(&sheet(&gathered));
        narrow(&text);
        assert_eq!(gathered.styles.len(), 4);
        for option in knowledge.dimensions().iter().flat_map(|dimension| &dimension.options) {
            assert!(option.name == "none" || text.contains(&told::words(&option.name)) || text.contains(&option.title));
        }
    }
}

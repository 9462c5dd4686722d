//! `kind: facts`: numbers with a range, a source and a date.

use super::reader::Reader;
use super::source::MARKS;
use crate::fact::{Fact, Mark};
use crate::{Knowledge, unit};
use groundplan_model::yaml::Node;

const QUANTITY: &str =
    "write a number with its unit, such as `60s`, `5k/s`, `2 TB`; for a price a plain number and `unit`";

/// Reads one file of them.
pub(super) fn read(reader: &mut Reader, tree: &Node, knowledge: &mut Knowledge) {
    reader.keys(tree, &["kind", "facts"]);
    for (id, node) in tree.get("facts").map(Node::entries).unwrap_or_default() {
        reader.keys(node, &["name", "value", "range", "unit", "conditions", "source", "date", "mark"]);
        let id_text = id.text().unwrap_or_default().to_string();
        let own_unit = reader.optional(node, "unit");
        let (value, low, high, unit) = quantity(reader, node, own_unit.as_deref());
        let source = reader.text(node, "source");
        if !source.is_empty() {
            reader.known_source(node.get("source").unwrap_or(node), &source, knowledge);
        }
        let fact = Fact {
            name: reader.text(node, "name"),
            value,
            low,
            high,
            unit,
            conditions: reader.optional(node, "conditions").unwrap_or_default(),
            source,
            date: dated(reader, node),
            mark: reader.word(node, "mark", &MARKS).unwrap_or(Mark::Remembered),
            file: reader.file.to_string(),
            span: id.span,
            origin: reader.origin,
            id: id_text.clone(),
        };
        if let Some(known) = knowledge.facts.get(&id_text) {
            if known.origin == reader.origin {
                reader.at(
                    "declared-twice",
                    id,
                    format!("fact `{id_text}` is declared twice, also in {}", known.file),
                    None,
                );
            } else if known.unit != fact.unit {
                let headline = format!("fact `{id_text}` is in {}, but was in {}", fact.unit, known.unit);
                reader.at("unit-changed", id, headline, None);
            }
        }
        knowledge.facts.insert(id_text, fact);
    }
}

/// The last year that a fact may be from: a later one is a slip of the finger.
const LAST_YEAR: u32 = 2_100;

/// The date of a fact: a year, a month or a day.
fn dated(reader: &mut Reader, node: &Node) -> String {
    let date = reader.text(node, "date");
    let parts: Vec<&str> = date.split('-').collect();
    let number = |nth: usize, digits: usize, most: u32| {
        parts.get(nth).is_none_or(|part| {
            part.len() == digits
                && part.bytes().all(|byte| byte.is_ascii_digit())
                && part.parse().is_ok_and(|number: u32| (1..=most).contains(&number))
        })
    };
    let reads = parts.len() <= 3 && number(0, 4, LAST_YEAR) && number(1, 2, 12) && number(2, 2, 31);
    if !date.is_empty() && !reads {
        let place = node.get("date").unwrap_or(node);
        let help = "write a year, a month or a day: `2026`, `2026-09`, `2026-09-25`";
        reader.at("bad-date", place, format!("`{date}` is no date"), Some(help.into()));
    }
    date
}

/// Value, both ends of the range, and the unit.
fn quantity(reader: &mut Reader, node: &Node, own_unit: Option<&str>) -> (f64, f64, f64, String) {
    let read = |text: &str| -> Option<(f64, String)> {
        let (value, base) = unit::read(text)?;
        match own_unit {
            Some(unit) if base == "1" => Some((value, unit.to_string())),
            Some(_) => None,
            None => Some((value, base.to_string())),
        }
    };
    let value_text = reader.text(node, "value");
    let value = read(&value_text);
    if value.is_none() && !value_text.is_empty() {
        let place = node.get("value").unwrap_or(node);
        reader.at("bad-quantity", place, format!("`{value_text}` is no quantity"), Some(QUANTITY.into()));
    }
    let Some((value, unit)) = value else { return (0.0, 0.0, 0.0, "1".into()) };
    let Some(text) = reader.optional(node, "range") else { return (value, value, value, unit) };
    let ends = text.split_once("..").and_then(|(one, other)| Some((read(one)?, read(other)?)));
    match ends {
        Some(((one, one_unit), (other, other_unit)))
            if one <= value && value <= other && one_unit == unit && other_unit == unit =>
        {
            (value, one, other, unit)
        }
        _ => {
            let place = node.get("range").unwrap_or(node);
            let headline = format!("`{text}` is no range around {value_text} in the same unit");
            reader.at("bad-range", place, headline, Some("write `60s..120s`".into()));
            (value, value, value, unit)
        }
    }
}

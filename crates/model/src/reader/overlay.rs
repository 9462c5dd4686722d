//! A brief with some values changed, by path: what `what-if` and the search for flip points read.

use super::{Read, Reader, brief};
use crate::brief::Brief;
use crate::diagnostic::Diagnostic;
use crate::quantity::Dist;
use crate::span::Span;
use crate::text::shown;
use crate::yaml::{self, Node, NodeKind, Style};

/// A brief as it would read with these values at these paths, such as `load.catalogue.browse.rate` and `5k/s`.
///
/// Values are text of the language. Keys that the brief doesn't have yet are added; an item of a list must be there.
///
/// ```
/// let text = "kind: brief\nversion: 1\nname: Shop\nload: [ { operation: shop.sell, rate: 30/s } ]\n\
///             domain: { shop: { operations: { sell: { work: 5ms } } } }\n";
/// let read = groundplan_model::reader::read_brief_with(text, &[("load.shop.sell.rate", "5k/s"), ("team.teams", "3")]);
/// let brief = read.value.expect("both values are right");
/// assert_eq!(brief.load[0].rate.mid().0, 5000.0);
/// assert_eq!(brief.team.teams, 3);
/// ```
#[must_use]
pub fn read_brief_with(text: &str, changes: &[(&str, &str)]) -> Read<Brief> {
    let mut reader = Reader::new(text, Dist::Exp);
    reader.defaults = true;
    let Some(mut root) = reader.root() else {
        return reader.finish(None);
    };
    for (path, value) in changes {
        if let Err(diagnostic) = change(&mut root, path, value) {
            reader.push(diagnostic);
        }
    }
    brief::read_root(reader, &root)
}

/// Puts a value at a path.
pub(crate) fn change(root: &mut Node, path: &str, value: &str) -> Result<(), Diagnostic> {
    let (parsed, diagnostics) = yaml::parse(value);
    let mut parsed = match (parsed, diagnostics.into_iter().next()) {
        (Some(node), None) => node,
        (_, Some(mut diagnostic)) => {
            diagnostic.labels.clear();
            diagnostic.headline = format!("{} can't be set to {}: {}", shown(path), shown(value), diagnostic.headline);
            return Err(diagnostic);
        }
        (None, None) => return Err(Diagnostic::error("empty-file", format!("{} is set to nothing", shown(path)))),
    };
    super::shapes::unplaced(&mut parsed);
    let steps: Vec<&str> = path.split('.').collect();
    if steps.iter().any(|step| step.is_empty()) || steps.len() > yaml::MAX_DEPTH {
        return Err(Diagnostic::error("unknown-path", format!("{} is no path", shown(path)))
            .help("write one such as `load.shop.sell.rate`"));
    }
    let (mut node, mut at) = (root, 0);
    while at < steps.len() {
        let here = steps[..at].join(".");
        match step(node, &steps[at..]) {
            Step::NoItem => {
                return Err(Diagnostic::error(
                    "unknown-path",
                    format!("{} has no item {}", shown(&here), shown(&steps[at..].join("."))),
                )
                .help(
                    "items of a list are called by their `operation`, `name` or `run`, or go by their place from 0",
                ));
            }
            // A scalar on the way makes room for a map: `availability.must` where `availability: 99.9%` stood.
            Step::Scalar => node.kind = NodeKind::Map(Vec::new()),
            Step::NewKey => {
                let blank = |text: &str| Node {
                    kind: NodeKind::Scalar(text.to_string(), Style::Plain),
                    span: Span::NONE,
                    spoiled: false,
                };
                if let NodeKind::Map(entries) = &mut node.kind {
                    entries.push((blank(steps[at]), blank("")));
                }
            }
            Step::Item(nth, taken) => {
                let NodeKind::List(items) = &mut node.kind else { unreachable!("only lists have items") };
                node = &mut items[nth];
                at += taken;
            }
            Step::Key(nth, taken) => {
                let NodeKind::Map(entries) = &mut node.kind else { unreachable!("only maps have keys") };
                node = &mut entries[nth].1;
                at += taken;
            }
        }
    }
    *node = parsed;
    Ok(())
}

/// Where the first of some steps leads from a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// To an item of a list, by place; a name with dots takes several steps.
    Item(usize, usize),
    /// To the value of a key, by place; a key with dots takes several steps.
    Key(usize, usize),
    /// To a key that the map doesn't have.
    NewKey,
    /// Nowhere: a scalar stands here.
    Scalar,
    /// Nowhere: the list has no such item.
    NoItem,
}

/// Follows a path by one key or item. Items of lists are called as `item_name` says, or go by their place, from 0.
pub(crate) fn step(node: &Node, steps: &[&str]) -> Step {
    let named = |is_it: &dyn Fn(&str) -> Option<usize>| {
        (1..=steps.len()).find_map(|taken| is_it(&steps[..taken].join(".")).map(|nth| (nth, taken)))
    };
    match &node.kind {
        NodeKind::Scalar(..) => Step::Scalar,
        NodeKind::List(items) => {
            let found = named(&|name| {
                items.iter().position(|item| item.text() == Some(name) || item_name(item).as_deref() == Some(name))
            });
            let placed = || steps[0].parse().ok().filter(|nth| *nth < items.len()).map(|nth| (nth, 1));
            found.or_else(placed).map_or(Step::NoItem, |(nth, taken)| Step::Item(nth, taken))
        }
        NodeKind::Map(entries) => {
            let found = named(&|name| entries.iter().position(|(key, _)| key.text() == Some(name)));
            found.map_or(Step::NewKey, |(nth, taken)| Step::Key(nth, taken))
        }
    }
}

/// Keys whose value is the name of an item, and pairs of keys whose values are its name together, with a dot between.
const ITEM_NAMES: [&str; 6] = ["operation", "name", "lost", "run", "keep", "to"];
const ITEM_PAIRS: [(&str, &str); 2] = [("from", "to"), ("deploy-blocked", "by")];

/// What an item of a list is called in paths: by its `operation`, `name`, `lost`, `run`, `keep` or `to`; what stands
/// between two things by both, such as `billing.stock`.
///
/// ```
/// let node = groundplan_model::yaml::parse("{ from: billing, to: stock }").0.expect("a map");
/// assert_eq!(groundplan_model::reader::item_name(&node).as_deref(), Some("billing.stock"));
/// ```
#[must_use]
pub fn item_name(item: &Node) -> Option<String> {
    let text = |key: &str| item.get(key).and_then(Node::text);
    let pair = ITEM_PAIRS.iter().find_map(|(one, other)| Some(format!("{}.{}", text(one)?, text(other)?)));
    pair.or_else(|| ITEM_NAMES.iter().find_map(|key| text(key)).map(str::to_string))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "kind: brief\nversion: 1\nname: Shop\nload: [ { operation: shop.sell, rate: 30/s } ]\n\
                        domain: { shop: { operations: { sell: { work: 5ms } } } }\navailability: 99.9%\n";

    #[test]
    fn changes_reach_what_they_name() {
        let read = |changes: &[(&str, &str)]| read_brief_with(TEXT, changes);
        let brief = read(&[("load.shop.sell.p99", "{ must: 2s, want: 1s }"), ("availability.must", "99.99%")])
            .value
            .expect("right");
        assert_eq!(brief.load[0].p99.and_then(|p99| p99.want).map(|want| want.0), Some(1.0));
        assert_eq!(brief.availability.must.0, 0.9999);
        let brief =
            read(&[("platform.kubernetes", "yes"), ("domain.shop.operations.sell.work", "9ms")]).value.expect("right");
        assert_eq!(brief.platform["kubernetes"], crate::brief::Degree::Yes);
        assert_eq!(brief.modules[0].operations[0].work, Dist::Exp(0.009));
        let code = |changes: &[(&str, &str)]| read(changes).diagnostics.first().map(|diagnostic| diagnostic.code);
        assert_eq!(code(&[("load.shop.buy.rate", "1/s")]), Some("unknown-path"));
        assert_eq!(code(&[("teem.engineers", "1")]), Some("unknown-key"));
        assert_eq!(code(&[("load.shop.sell.rate", "fast")]), Some("not-a-quantity"));
        assert_eq!(code(&[("risk", "[")]), Some("syntax"));
        assert_eq!(code(&[("a..b", "1")]), Some("unknown-path"));
    }
}

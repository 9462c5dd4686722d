//! The sample brief and the laying of an example's keys over it, as YAML text.

use groundplan_model::yaml::{self, Node, NodeKind, Style};
use std::sync::OnceLock;

/// The brief that examples change.
pub(crate) static SAMPLE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../knowledge/sample.yaml"));

/// The sample with these keys laid over it: maps are merged, everything else is replaced.
pub(crate) fn over(keys: &Node) -> String {
    let mut text = String::new();
    static TREE: OnceLock<Option<Node>> = OnceLock::new();
    match TREE.get_or_init(|| yaml::parse(SAMPLE).0) {
        Some(sample) => write(&mut text, &merge(sample, keys), 0),
        None => write(&mut text, keys, 0),
    }
    text
}

fn merge(base: &Node, over: &Node) -> Node {
    let (NodeKind::Map(old), NodeKind::Map(new)) = (&base.kind, &over.kind) else { return over.clone() };
    let mut entries: Vec<(Node, Node)> = Vec::new();
    for (key, value) in old {
        let value = key.text().and_then(|name| over.get(name)).map_or_else(|| value.clone(), |new| merge(value, new));
        entries.push((key.clone(), value));
    }
    entries.extend(new.iter().filter(|(key, _)| key.text().is_none_or(|name| base.get(name).is_none())).cloned());
    // An entry laid over with `drop` is taken out: the only way to say less than the sample.
    entries.retain(|(_, value)| value.text() != Some("drop"));
    Node { kind: NodeKind::Map(entries), span: over.span, spoiled: false }
}

/// Block style, so that plain scalars need no care.
fn write(text: &mut String, node: &Node, depth: usize) {
    let indent = "  ".repeat(depth);
    match &node.kind {
        NodeKind::Scalar(scalar, style) => {
            text.push_str(&if *style == Style::Plain { scalar.clone() } else { format!("{scalar:?}") });
            text.push('\n');
        }
        NodeKind::List(items) if items.is_empty() => text.push_str(" []\n"),
        NodeKind::Map(entries) if entries.is_empty() => text.push_str(" {}\n"),
        NodeKind::List(items) => {
            text.push('\n');
            for item in items {
                text.push_str(&indent);
                text.push('-');
                value(text, item, depth);
            }
        }
        NodeKind::Map(entries) => {
            if depth > 0 {
                text.push('\n');
            }
            for (key, item) in entries {
                text.push_str(&indent);
                text.push_str(key.text().unwrap_or_default());
                text.push(':');
                value(text, item, depth);
            }
        }
    }
}

fn value(text: &mut String, item: &Node, depth: usize) {
    if matches!(item.kind, NodeKind::Scalar(..)) {
        text.push(' ');
    }
    write(text, item, depth + 1);
}

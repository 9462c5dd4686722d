//! What the names of a brief say together: what must be declared, what stands twice, what comes back to itself, what
//! nobody uses. Its figures are checked in `brief_limits`.

use super::Reader;
use crate::brief::{Brief, DomainOperation};
use crate::diagnostic::Diagnostic;
use crate::span::{Located, Span};
use crate::text::shown;
use crate::yaml::Node;
use std::collections::{HashMap, HashSet};

/// The most cycles that are shown; one is enough to refuse a brief.
const MAX_CYCLES: usize = 20;

impl Reader<'_> {
    pub(crate) fn check_brief(&mut self, brief: &Brief, root: &Node) {
        self.check_names(brief, root);
        self.check_duplicates(brief);
        self.check_cycles(brief);
        self.check_unused(brief);
        self.check_regions(brief, root);
        self.check_load(brief, root);
        self.check_targets(brief, root);
        self.check_data(brief);
        self.check_growth(brief, root);
        self.check_team(brief, root);
        self.check_light(brief);
        self.check_topics(brief, root);
    }

    fn check_names(&mut self, brief: &Brief, root: &Node) {
        let spans = |key: &str| -> Vec<(String, Span)> {
            let entries = root.get(key).map(Node::entries).unwrap_or_default();
            entries.iter().filter_map(|(name, _)| Some((name.text()?.to_string(), name.span))).collect()
        };
        let (modules, data, outside) = (spans("domain"), spans("data"), spans("outside"));
        let mut operations: Vec<(String, Span)> = Vec::new();
        let mut events: Vec<(String, Span)> = Vec::new();
        for (module, node) in root.get("domain").map(Node::entries).unwrap_or_default() {
            for (name, _) in node.get("operations").map(Node::entries).unwrap_or_default() {
                if let (Some(module), Some(operation)) = (module.text(), name.text()) {
                    operations.push((format!("{module}.{operation}"), name.span));
                }
            }
        }
        for operation in brief.modules.iter().flat_map(|module| &module.operations) {
            events.extend(operation.emits.iter().map(|event| (event.value.clone(), event.span)));
        }
        let both: Vec<(String, Span)> = operations.iter().chain(&outside).cloned().collect();
        let named = |names: &[Located<String>]| -> Vec<(String, Span)> {
            names.iter().map(|name| (name.value.clone(), name.span)).collect()
        };
        let labels = brief.labels.as_ref().map(|labels| named(&labels.order)).unwrap_or_default();
        let mut parts: Vec<(String, Span)> = Vec::new();
        if let Some(today) = &brief.today {
            parts.extend(today.stores.iter().map(|store| (store.name.value.clone(), store.name.span)));
            parts.extend(today.deployables.iter().map(|one| (one.name.value.clone(), one.name.span)));
        }
        let known: [HashSet<&str>; 6] = [&operations, &both, &data, &modules, &labels, &parts]
            .map(|names| names.iter().map(|(name, _)| name.as_str()).collect());
        for mention in std::mem::take(&mut self.mentions) {
            let (code, declared, known) = match mention.what {
                "operation" => ("unknown-operation", &operations, &known[0]),
                "operation or outside" => ("unknown-operation", &both, &known[1]),
                "data set" => ("unknown-data-set", &data, &known[2]),
                "module" => ("unknown-module", &modules, &known[3]),
                "label" => ("unknown-label", &labels, &known[4]),
                "part of today" => ("unknown-part-of-today", &parts, &known[5]),
                _ => continue,
            };
            if known.contains(mention.name.as_str()) || self.is_full() {
                continue;
            }
            let declared: Vec<(&str, Span)> = declared.iter().map(|(name, span)| (name.as_str(), *span)).collect();
            let what =
                if mention.what == "operation or outside" { "operation or outside dependency" } else { mention.what };
            let mut diagnostic = self.unknown_name(code, what, &mention.name, &declared);
            if mention.what == "operation or outside" && modules.iter().any(|(module, _)| *module == mention.name.value)
            {
                let module = &mention.name.value;
                let own: Vec<&str> = operations
                    .iter()
                    .map(|(name, _)| name.as_str())
                    .filter(|name| name.starts_with(&format!("{module}.")))
                    .collect();
                diagnostic = diagnostic.note(format!("{} is a module: say which of its operations", shown(module)));
                diagnostic.help = Some(format!("write {}", crate::text::one_of(own, 8)));
            }
            self.push(diagnostic);
        }
        let outside: HashMap<&str, Span> = outside.iter().map(|(name, span)| (name.as_str(), *span)).collect();
        for module in &brief.modules {
            if let Some(span) = outside.get(module.name.as_str()) {
                let diagnostic = self
                    .error("duplicate-name", format!("{} is both a module and outside", shown(&module.name)), *span)
                    .at(module.name.span, "the module")
                    .help("rename one of them");
                self.push(diagnostic);
            }
        }
    }

    fn check_duplicates(&mut self, brief: &Brief) {
        let mut lists: Vec<(&str, Vec<&Located<String>>)> =
            vec![("load", brief.load.iter().map(|entry| &entry.operation).collect())];
        for operation in brief.modules.iter().flat_map(|module| &module.operations) {
            lists.push(("reads", operation.reads.iter().map(|access| &access.to).collect()));
            lists.push(("writes", operation.writes.iter().map(|access| &access.to).collect()));
            lists.push(("calls", operation.calls.iter().map(|call| &call.to).collect()));
            lists.push(("emits", operation.emits.iter().collect()));
            lists.push(("atomic", operation.atomic.iter().collect()));
        }
        for (list, names) in lists {
            let mut seen: HashMap<&str, Span> = HashMap::new();
            for name in names.into_iter().filter(|name| !name.is_empty()) {
                if let Some(first) = seen.get(name.as_str()) {
                    let diagnostic = self
                        .error("duplicate-name", format!("{} stands twice in `{list}`", shown(name)), name.span)
                        .at(*first, "first here")
                        .help(if list == "reads" || list == "writes" {
                            "write it once, as `{ to: ..., times: 2 }`"
                        } else {
                            "keep one of them"
                        });
                    self.push(diagnostic);
                } else {
                    seen.insert(name, name.span);
                }
            }
        }
        let mut lost = HashSet::new();
        for recovery in &brief.recovery {
            if !lost.insert(format!("{:?}", recovery.lost)) {
                self.push(Diagnostic::error(
                    "duplicate-name",
                    format!("`recovery` speaks of {} twice", format!("{:?}", recovery.lost).to_lowercase()),
                ));
            }
        }
    }

    /// A cycle of operations through calls, or through emits and handles, would never end.
    fn check_cycles(&mut self, brief: &Brief) {
        let mut operations: Vec<(String, &DomainOperation)> = Vec::new();
        for module in &brief.modules {
            operations.extend(
                module.operations.iter().map(|operation| (format!("{}.{}", *module.name, *operation.name), operation)),
            );
        }
        let index: HashMap<&str, usize> =
            operations.iter().enumerate().map(|(nth, (name, _))| (name.as_str(), nth)).collect();
        let mut handlers: HashMap<&str, Vec<usize>> = HashMap::new();
        for (nth, (_, operation)) in operations.iter().enumerate() {
            if let Some(event) = &operation.handles {
                handlers.entry(event.as_str()).or_default().push(nth);
            }
        }
        // Edges: target, what leads there, and where it is written.
        let edges: Vec<Vec<(usize, String, Span)>> = operations
            .iter()
            .map(|(_, operation)| {
                let mut edges = Vec::new();
                for call in &operation.calls {
                    edges.extend(index.get(call.to.as_str()).map(|to| (*to, "calls".to_string(), call.to.span)));
                }
                for event in &operation.emits {
                    for to in handlers.get(event.as_str()).into_iter().flatten() {
                        edges.push((*to, format!("emits {} to", shown(event)), event.span));
                    }
                }
                edges
            })
            .collect();
        // Depth first without recursion; white, grey, black.
        let (mut colour, mut cycles) = (vec![0u8; operations.len()], 0);
        for start in 0..operations.len() {
            let mut stack: Vec<(usize, usize)> = vec![(start, 0)];
            if colour[start] != 0 {
                continue;
            }
            colour[start] = 1;
            while let Some((node, next)) = stack.last_mut() {
                let node = *node;
                let Some((to, ..)) = edges[node].get(*next) else {
                    colour[node] = 2;
                    stack.pop();
                    continue;
                };
                *next += 1;
                match colour[*to] {
                    0 => {
                        colour[*to] = 1;
                        stack.push((*to, 0));
                    }
                    1 if cycles < MAX_CYCLES => {
                        cycles += 1;
                        let from = stack.iter().position(|(node, _)| node == to).unwrap_or(0);
                        let cycle: Vec<&(usize, String, Span)> =
                            stack[from..].iter().map(|(node, next)| &edges[*node][next - 1]).collect();
                        let mut text = shown(&operations[*to].0);
                        for (nth, (to, by, _)) in cycle.iter().enumerate() {
                            if nth < 8 || nth + 1 == cycle.len() {
                                text.push_str(&format!(" {by} {}", shown(&operations[*to].0)));
                            } else if nth == 8 {
                                text.push_str(" ...");
                            }
                        }
                        let mut diagnostic = self
                            .error(
                                "cycle",
                                format!("{} comes back to itself", shown(&operations[*to].0)),
                                cycle.last().map_or(Span::NONE, |edge| edge.2),
                            )
                            .note(text)
                            .help("an operation can't wait for itself: break the circle, or split an operation in two");
                        for (_, by, span) in cycle.iter().take(cycle.len() - 1).take(6) {
                            diagnostic = diagnostic
                                .at(*span, if by == "calls" { "by way of this call" } else { "by way of this event" });
                        }
                        self.push(diagnostic);
                    }
                    _ => {}
                }
            }
        }
    }

    fn check_unused(&mut self, brief: &Brief) {
        let operations = || brief.modules.iter().flat_map(|module| &module.operations);
        let handled: HashSet<&str> =
            operations().filter_map(|operation| operation.handles.as_ref().map(|event| event.as_str())).collect();
        let emitted: HashSet<&str> =
            operations().flat_map(|operation| operation.emits.iter().map(|event| event.as_str())).collect();
        let called: HashSet<&str> =
            operations().flat_map(|operation| operation.calls.iter().map(|call| call.to.as_str())).collect();
        let used: HashSet<&str> = operations()
            .flat_map(|operation| operation.reads.iter().chain(&operation.writes).map(|access| access.to.as_str()))
            .collect();
        let asked: HashSet<&str> = brief.load.iter().map(|entry| entry.operation.as_str()).collect();
        let mut warnings = Vec::new();
        let mut warn = |code: &'static str, headline: String, span: Span| {
            warnings.push(Diagnostic::warning(code, headline).at(span, ""))
        };
        let mut told: HashSet<&str> = HashSet::new();
        for module in &brief.modules {
            for operation in &module.operations {
                for event in operation.emits.iter().filter(|event| !handled.contains(event.as_str())) {
                    if told.insert(event.as_str()) {
                        warn("unhandled-event", format!("nobody handles {}", shown(event)), event.span);
                    }
                }
                if let Some(event) = operation.handles.as_ref().filter(|event| !emitted.contains(event.as_str())) {
                    warn("never-emitted", format!("nobody emits {}", shown(event)), event.span);
                }
                let path = format!("{}.{}", *module.name, *operation.name);
                if operation.handles.is_none() && !called.contains(path.as_str()) && !asked.contains(path.as_str()) {
                    warn("never-asked", format!("nobody asks for {}", shown(&path)), operation.name.span);
                }
            }
        }
        for data in brief.data.iter().filter(|data| !used.contains(data.name.as_str()) && data.access.is_empty()) {
            warn("unused-data-set", format!("no operation reads or writes {}", shown(&data.name)), data.name.span);
        }
        for outside in brief.outside.iter().filter(|outside| !called.contains(outside.name.as_str())) {
            warn("unused-outside", format!("no operation calls {}", shown(&outside.name)), outside.name.span);
        }
        let held: HashSet<&str> = brief.data.iter().flat_map(|data| data.holds.iter().map(String::as_str)).collect();
        for (class, _) in brief.residency.iter().filter(|(class, _)| !held.contains(class.as_str())) {
            warnings.push(
                Diagnostic::warning(
                    "residency-of-nothing",
                    format!("no data set holds {}, so its residency binds nothing", shown(class)),
                )
                .help(format!("write `holds: [{class}]` at the data sets that hold it")),
            );
        }
        self.diagnostics.append(&mut warnings);
    }
}

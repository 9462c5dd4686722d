//! Rules, which stand in the file of their option or in a `kind: rules` file of their own.

use super::reader::{Reader, one_or_many};
use crate::rule::{self, Concern, Effect, Grade, Rule, Scope, Side};
use crate::{DIMENSIONS, Knowledge};
use groundplan_model::diagnostic::guess;
use groundplan_model::yaml::Node;

const KEYS: &[&str] = &[
    "rule",
    "each",
    "when",
    "for",
    "against",
    "impossible",
    "unready",
    "grade",
    "text",
    "extracts",
    "lifted-by",
    "sources",
    "examples",
];

/// The rules of an option's file.
pub(super) fn of_option(reader: &mut Reader, tree: &Node, knowledge: &mut Knowledge) {
    let (dimension, option) = (tree.get("dimension").and_then(Node::text), tree.get("option").and_then(Node::text));
    let (Some(dimension), Some(option)) = (dimension, option) else { return };
    let Some(place) = DIMENSIONS.iter().position(|(name, _)| *name == dimension.trim()) else { return };
    for node in tree.get("rules").map(Node::items).unwrap_or_default() {
        reader.keys(node, KEYS);
        add(reader, node, (place, option.trim()), knowledge);
    }
}

/// `kind: rules`: rules of any options, each with its `dimension` and `option`.
pub(super) fn by_themselves(reader: &mut Reader, tree: &Node, knowledge: &mut Knowledge) {
    reader.keys(tree, &["kind", "rules"]);
    for node in reader.maps(tree, "rules") {
        reader.keys(node, &[&["dimension", "option"], KEYS].concat());
        let (dimension, option) = (reader.text(node, "dimension"), reader.text(node, "option"));
        let (Some(at), Some(named)) = (node.get("dimension"), node.get("option")) else { continue };
        let Some(place) = reader.dimension_at(at, &dimension) else { continue };
        let options = &knowledge.dimensions[place].options;
        if options.iter().any(|known| known.name == option) {
            add(reader, node, (place, &option), knowledge);
        } else {
            let near = guess(&option, options.iter().map(|known| known.name.as_str()));
            let help = near.map(|name| format!("did you mean `{name}`?"));
            reader.at("unknown-option", named, format!("`{dimension}` has no option `{option}`"), help);
        }
    }
}

/// Reads a rule and keeps it.
fn add(reader: &mut Reader, node: &Node, of: (usize, &str), knowledge: &mut Knowledge) {
    let Some(rule) = read(reader, node, of, knowledge) else { return };
    if let Some(known) = knowledge.rules.iter_mut().find(|known| known.id == rule.id) {
        let same = known.dimension == rule.dimension && known.option == rule.option;
        if same && known.origin.is_ours() && !rule.origin.is_ours() {
            *known = rule; // A house says it otherwise.
            return;
        }
        let headline = format!("rule `{}` is declared twice, also in {}", rule.id, known.file);
        return reader.at("declared-twice", node.get("rule").unwrap_or(node), headline, None);
    }
    knowledge.dimensions[of.0].rules.push(knowledge.rules.len());
    knowledge.rules.push(rule);
}

fn read(reader: &mut Reader, node: &Node, of: (usize, &str), knowledge: &Knowledge) -> Option<Rule> {
    let before = reader.found.len();
    let id = reader.text(node, "rule");
    let scope = reader.scope(node, if DIMENSIONS[of.0].1 { Scope::Set } else { Scope::Brief });
    let when = match node.get("when") {
        Some(when) => reader.conditions(one_or_many(when), scope, Some(of.0), knowledge),
        None => {
            let headline = format!("`when` of rule `{id}` is missing; `when: []` means always");
            reader.at("missing-key", node, headline, None);
            Vec::new()
        }
    };
    let wanted = effect(reader, node, &id);
    let sources = reader.cites(node, &format!("rule `{id}`"), knowledge);
    let cap = rule::cap(&sources, |id| knowledge.sources.get(id).map_or("", |source| source.author.as_str()));
    let effect = wanted.map(|(effect, ..)| match effect {
        Effect::Argues(side, grade) => Effect::Argues(side, grade.min(cap)),
        veto => {
            // A veto that only opinion carries is no veto.
            if cap < if veto == Effect::Unready { Grade::Normal } else { Grade::Strong } {
                let place = node.get("sources").unwrap_or(node);
                reader.at("weak-veto", place, format!("the sources of rule `{id}` don't carry a veto"), None);
            }
            veto
        }
    });
    let lifted_by = reader.optional(node, "lifted-by");
    if effect == Some(Effect::Unready) && lifted_by.is_none() {
        let headline = format!("`lifted-by` of rule `{id}` is missing: what makes it ready?");
        reader.at("missing-key", node, headline, None);
    }
    let examples = reader.examples(node);
    let text = reader.text(node, "text");
    let extracts = reader.flag(node, "extracts");
    let (effect, (_, concern, consequence)) = (effect?, wanted?);
    let rule = Rule {
        id,
        dimension: DIMENSIONS[of.0].0.to_string(),
        option: of.1.to_string(),
        scope,
        when,
        effect,
        consequence,
        concern,
        text,
        extracts,
        lifted_by,
        sources,
        examples,
        origin: reader.origin,
        file: reader.file.to_string(),
        span: node.get("rule").map_or(node.span, |id| id.span),
    };
    (reader.found.len() == before).then_some(rule)
}

/// The one key among `for`, `against`, `impossible` and `unready`.
fn effect(reader: &mut Reader, node: &Node, id: &str) -> Option<(Effect, Concern, Grade)> {
    let keys: Vec<&str> =
        ["for", "against", "impossible", "unready"].into_iter().filter(|key| node.get(key).is_some()).collect();
    let [key] = keys[..] else {
        let headline = format!("rule `{id}` has one of for, against, impossible and unready");
        reader.at("unclear-effect", node, headline, None);
        return None;
    };
    let words: Vec<(&str, Concern)> = Concern::ALL.into_iter().map(|concern| (concern.word(), concern)).collect();
    let concern = reader.word(node, key, &words);
    if key == "impossible" || key == "unready" {
        if let Some(grade) = node.get("grade") {
            reader.at("unknown-key", grade, "a veto has no grade", None);
        }
        let effect = if key == "impossible" { Effect::Impossible } else { Effect::Unready };
        return Some((effect, concern?, Grade::Strong));
    }
    let grades: Vec<(&str, Grade)> = Grade::ALL.into_iter().map(|grade| (grade.word(), grade)).collect();
    let grade = reader.word(node, "grade", &grades);
    let side = if key == "for" { Side::For } else { Side::Against };
    let (concern, grade) = (concern?, grade?);
    Some((Effect::Argues(side, grade), concern, grade))
}

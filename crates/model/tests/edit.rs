//! Setting a value in every example brief: the text reads, says the value, and keeps every line and comment it had.
#![allow(clippy::unwrap_used, missing_docs)]

use groundplan_model::edit::set;
use groundplan_model::reader::{item_name, read_brief, read_brief_with};
use groundplan_model::yaml::{self, Node, NodeKind};
use proptest::prelude::*;
use std::path::Path;
use std::sync::LazyLock;

/// Name and text of every example brief.
static BRIEFS: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".brief.yaml"))
        .collect();
    names.sort();
    assert!(names.len() >= 5, "{names:?}");
    names.into_iter().map(|name| (name.clone(), std::fs::read_to_string(folder.join(name)).unwrap())).collect()
});

/// Paths of all scalars, lists called by the names of their items.
fn scalars(node: &Node, path: &str, all: &mut Vec<String>) {
    let below = |name: &str| if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
    match &node.kind {
        NodeKind::Scalar(..) => all.push(path.to_string()),
        NodeKind::Map(entries) => {
            entries.iter().for_each(|(key, value)| scalars(value, &below(key.text().unwrap()), all));
        }
        NodeKind::List(items) => {
            for item in items {
                if let Some(name) = item_name(item) {
                    scalars(item, &below(&name), all);
                }
            }
        }
    }
}

fn comments(text: &str) -> Vec<&str> {
    yaml::comments(text).iter().map(|span| &text[span.start as usize..span.end as usize]).collect()
}

/// The value at a path, as text.
fn said<'a>(text: &str, root: &'a Node, path: &str) -> &'a str {
    let mut all = Vec::new();
    scalars(root, "", &mut all);
    assert!(all.iter().any(|one| one == path), "{path} is not in\n{text}");
    let mut node = root;
    let mut rest = path;
    while !rest.is_empty() {
        let (name, next) = match &node.kind {
            NodeKind::Map(entries) => {
                let fits = |key: &&(Node, Node)| {
                    let key = key.0.text().unwrap();
                    rest == key || rest.strip_prefix(key).is_some_and(|after| after.starts_with('.'))
                };
                entries.iter().find(fits).map(|(key, value)| (key.text().unwrap().to_string(), value)).unwrap()
            }
            NodeKind::List(items) => items
                .iter()
                .find_map(|item| {
                    let name = item_name(item)?;
                    (rest == name || rest.starts_with(&format!("{name}."))).then_some((name, item))
                })
                .unwrap(),
            NodeKind::Scalar(..) => unreachable!("{rest} of {path}"),
        };
        node = next;
        rest = rest[name.len()..].trim_start_matches('.');
    }
    node.text().unwrap()
}

#[test]
fn answers_land_in_every_example_and_mean_what_they_say() {
    for (name, text) in BRIEFS.iter() {
        let brief = read_brief(text).value.unwrap();
        let set_name = brief.data[0].name.value.clone();
        let access = format!("data.{set_name}.access.join");
        let rate = format!("load.{}.rate", brief.load[0].operation.value);
        let work = format!(
            "domain.{}.operations.{}.work",
            brief.modules[0].name.value, brief.modules[0].operations[0].name.value
        );
        for (path, value) in [
            ("growth", "70%/year"),
            ("team.engineers", "23"),
            ("team.on-call", "always"),
            ("platform.schema-registry", "partial"),
            ("recovery.rto", "20min"),
            ("budget", "9k USD/month"),
            ("risk", "high"),
            ("availability.must", "99.8%"),
            (&access, "7/s"),
            (&rate, "1k/s..2k/s"),
            (&work, "lognormal(p50 2ms p99 12ms)"),
        ] {
            let edited = match set(text, path, value) {
                Ok(edited) => edited,
                // A list says for each item what is lost; there is no one place for half an answer.
                Err(why) if path == "recovery.rto" => {
                    assert!(text.contains("lost:"), "{name}: {why:?}");
                    continue;
                }
                Err(why) => panic!("{name}: {path}: {why:?}"),
            };
            let read = read_brief(&edited);
            let expected = read_brief_with(text, &[(path, value)]);
            // Half a recovery is no brief, nor is a target inside an availability in full, either way.
            let part = path == "recovery.rto" || path == "availability.must";
            assert!(expected.value.is_some() || part, "{name}: {path}");
            assert_eq!(read.value, expected.value, "{name}: {path}\n{edited}");
            assert_eq!(comments(&edited), comments(text), "{name}: {path}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_scalar_of_any_example_can_be_set(which in 0usize..1000, nth in 0usize..10_000, value in "[a-z0-9][a-z0-9./%-]{0,12}") {
        let (name, text) = &BRIEFS[which % BRIEFS.len()];
        let (root, _) = yaml::parse(text);
        let mut paths = Vec::new();
        scalars(&root.unwrap(), "", &mut paths);
        let path = &paths[nth % paths.len()];
        // The name of an item can't be said again as a path once it is another.
        let names = ["operation", "name", "lost", "run", "keep", "to", "from", "deploy-blocked", "by"];
        prop_assume!(!names.iter().any(|key| path.ends_with(&format!(".{key}"))));
        let edited = set(text, path, &value).unwrap_or_else(|why| panic!("{name}: {path} = {value}: {why:?}"));
        let (tree, wrong) = yaml::parse(&edited);
        let tree = tree.unwrap();
        prop_assert!(wrong.is_empty());
        prop_assert_eq!(said(&edited, &tree, path), &value);
        prop_assert_eq!(comments(&edited), comments(text));
        // One line differs, if any.
        prop_assert_eq!(edited.lines().count(), text.lines().count());
        prop_assert!(edited.lines().zip(text.lines()).filter(|(one, other)| one != other).count() <= 1);
    }

    #[test]
    fn any_new_key_can_be_added(which in 0usize..1000, nth in 0usize..10_000, key in "x[a-z-]{1,6}", deep in 0usize..3, value in "[0-9]{1,4}(ms|/s|%)") {
        let (name, text) = &BRIEFS[which % BRIEFS.len()];
        let (root, _) = yaml::parse(text);
        let mut paths = Vec::new();
        scalars(&root.unwrap(), "", &mut paths);
        // Beside a key that is there, or at the top.
        let beside = &paths[nth % paths.len()];
        let parent = beside.rsplit_once('.').map_or(String::new(), |(parent, _)| format!("{parent}."));
        let path = format!("{parent}{key}{}", ".deeper".repeat(deep));
        let edited = set(text, &path, &value).unwrap_or_else(|why| panic!("{name}: {path} = {value}: {why:?}"));
        let (tree, wrong) = yaml::parse(&edited);
        let tree = tree.unwrap();
        prop_assert!(wrong.is_empty());
        prop_assert_eq!(said(&edited, &tree, &path), &value);
        prop_assert_eq!(comments(&edited), comments(text));
        // Every line is there in its order, longer or not.
        let mut lines = edited.lines();
        for line in text.lines() {
            let head: String = line.chars().take(8).collect();
            prop_assert!(lines.any(|one| one.starts_with(&head)), "{line} is gone");
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "[a-c:{}\\[\\],#|>' \n\"-]{0,60}", path in "[a-c.]{0,6}", value in "[a-c{}:#, ]{0,6}") {
        if let Ok(edited) = set(&text, &path, &value) {
            prop_assert!(yaml::parse(&edited).1.is_empty());
            prop_assert_eq!(comments(&edited), comments(&text));
        }
    }
}

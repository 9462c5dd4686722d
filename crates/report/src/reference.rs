//! The reference of the language of designs and briefs: every word with its manual, by section, gathered from where it is defined.
//!
//! Nothing is said here that its definition does not say: kinds, policies and faults come from `sim`'s vocabulary, steps,
//! loads and experiments from `model`'s words, laws and quantities from its reader, measures from `sim`'s expectations.
//! How it looks stands in `text`, `markdown` and `wire`.

use groundplan_model::diagnostic::guess;
use groundplan_model::reader::laws::{ARRIVALS, DISTRIBUTIONS, Law, POPULARITY};
use groundplan_model::reader::quantities::{self, Measure};
use groundplan_model::vocabulary::{Key, KindWords, Need};
use groundplan_model::words::{brief, design};
use groundplan_sim::expectation::{MeasureWord, every_measure};
use groundplan_sim::lower::VOCABULARY;
use groundplan_sim::lower::showcases::SHOWCASES;

/// A part of the reference.
#[derive(Debug, Clone)]
pub struct Section {
    /// What it is asked for by: `policies`.
    pub name: &'static str,
    /// One of its entries in words: `policy`.
    pub one: &'static str,
    /// What its entries are for, in one or two sentences.
    pub about: &'static str,
    /// Its entries, in the order of their lists.
    pub entries: Vec<Entry>,
}

/// One word of the language.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The word.
    pub name: &'static str,
    /// Name of its section.
    pub section: &'static str,
    /// What it is in words: `policy`.
    pub one: &'static str,
    /// What it means.
    pub manual: String,
    /// Short facts: what it takes, its default, its unit.
    pub facts: Vec<(&'static str, String)>,
    /// Its parameters.
    pub keys: &'static [Key],
    /// What it leaves out.
    pub leaves_out: &'static [&'static str],
    /// Others that are used or tried with it.
    pub goes_with: &'static [&'static str],
    /// How it is written; a whole design where there is one.
    pub example: Option<Example>,
}

/// How something is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Example {
    /// One line.
    Line(&'static str),
    /// A whole design that runs, and what is taken away from it to see an expectation fail.
    Design {
        /// Its text.
        text: &'static str,
        /// Paths of keys, as in `KindWords`.
        without: &'static [&'static str],
    },
}

/// A key of a map in the manual's table, and how deep it lies.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// The key.
    pub key: &'static Key,
    /// 0 for a key of the entry itself.
    pub depth: usize,
}

impl Entry {
    /// Its parameters and those within them, in order.
    #[must_use]
    pub fn parameters(&self) -> Vec<Parameter> {
        let mut found = Vec::new();
        descend(self.keys, 0, &mut found);
        found
    }

    /// Examples of its parameters, by name.
    #[must_use]
    pub fn more(&self) -> Vec<&'static str> {
        let own = |name: &str| name.strip_prefix(self.name).is_some_and(|rest| rest.starts_with('.'));
        SHOWCASES.iter().map(|words| words.name).filter(|name| own(name)).collect()
    }

    /// Where its example stands in the repository; none where it is no whole design.
    #[must_use]
    pub fn file(&self) -> Option<String> {
        matches!(self.example, Some(Example::Design { .. }))
            .then(|| format!("examples/reference/{}/{}.design.yaml", self.section, self.name))
    }

    /// Its manual up to the first stop or semicolon.
    #[must_use]
    pub fn line(&self) -> &str {
        let ends = [". ", "; "].iter().filter_map(|end| self.manual.find(end));
        // What is quoted first, such as `share(op <= 300ms)`, says nothing without what follows.
        let end = ends
            .filter(|end| *end > 0 && self.manual[1..*end].find('`') != Some(end - 2))
            .min()
            .unwrap_or(self.manual.len());
        self.manual[..end].trim_end_matches('.')
    }
}

/// How deep parameters are shown within one another.
pub const DEEPEST: usize = 3;

/// What stands for a missing key: its default, `required`, or nothing.
#[must_use]
pub fn default(key: &Key) -> &'static str {
    match key.need {
        Need::Required => "required",
        Need::Optional => "",
        Need::Default(text) => text,
    }
}

fn descend(keys: &'static [Key], depth: usize, found: &mut Vec<Parameter>) {
    for key in keys {
        found.push(Parameter { key, depth });
        if depth < DEEPEST {
            descend(key.shape.keys(), depth + 1, found);
        }
    }
}

/// The whole reference.
#[must_use]
pub fn sections() -> Vec<Section> {
    let section = |name, one, about, entries: Vec<Entry>| Section { name, one, about, entries };
    vec![
        section(
            "components",
            "component",
            "What a design is made of: entries of `components`, told apart by their `kind`.",
            VOCABULARY.kinds.iter().map(|words| of_kind("components", "component", words)).collect(),
        ),
        section(
            "policies",
            "policy",
            "What a caller does about a slow or failing callee: settings of a step that calls, or of a load. Those further up \
             in this list stand around those further down.",
            VOCABULARY.policies.iter().map(|words| of_kind("policies", "policy", words)).collect(),
        ),
        section(
            "faults",
            "fault",
            "What an experiment does to the design: entries of its `faults`, each with `at` and `for`.",
            VOCABULARY.faults.iter().map(|words| of_kind("faults", "fault", words)).collect(),
        ),
        section(
            "more",
            "example",
            "Designs that show a single parameter, or a load.",
            SHOWCASES.iter().map(|words| of_kind("more", "example", words)).collect(),
        ),
        section(
            "steps",
            "step",
            "What an operation does, in order: each step has one of these words, and the settings of the section after.",
            of_keys("steps", "step", design::VERBS),
        ),
        section(
            "step-settings",
            "setting of a step",
            "What may stand beside the word of a step; policies may too.",
            of_keys("step-settings", "setting of a step", design::STEP),
        ),
        section(
            "operations",
            "key of an operation",
            "What a component can do, by name. A bare list of steps is short for a map with `steps`.",
            of_keys("operations", "key of an operation", design::OPERATION),
        ),
        section(
            "load",
            "key of a load",
            "What is asked of a design: entries of `load`. Policies may stand beside these keys, and hold for the client.",
            of_keys("load", "key of a load", design::LOAD),
        ),
        section(
            "arrivals",
            "law of arrivals",
            "How the requests of an open load come: what `arrivals` takes.",
            of_laws("arrivals", "law of arrivals", ARRIVALS),
        ),
        section(
            "durations",
            "law of durations",
            "How long something takes: what stands where a duration may be drawn. A bare duration is always the same.",
            of_laws("durations", "law of durations", DISTRIBUTIONS),
        ),
        section(
            "popularity",
            "law of popularity",
            "How often each key is asked for.",
            of_laws("popularity", "law of popularity", POPULARITY),
        ),
        section(
            "experiments",
            "key of an experiment",
            "What a design must stand: entries of `experiments`.",
            of_keys("experiments", "key of an experiment", design::EXPERIMENT),
        ),
        section(
            "fault-settings",
            "setting of a fault",
            "When a fault happens; these keys stand beside its word.",
            of_keys("fault-settings", "setting of a fault", design::FAULT),
        ),
        section(
            "year",
            "key of the year",
            "How often what fails: the key `year` of a design, which `groundplan availability` reads.",
            of_keys("year", "key of the year", design::YEAR),
        ),
        section(
            "year-faults",
            "setting of a fault of the year",
            "How often a fault happens; these keys stand beside its word.",
            of_keys("year-faults", "setting of a fault of the year", design::YEARLY),
        ),
        section(
            "measures",
            "measure",
            "What `expect` may ask for: a measure of something, a comparison (`<=`, `>=`, `==`) and a \
             threshold. A load goes by its name or operation, a call by caller and callee.",
            every_measure().map(of_measure).collect(),
        ),
        section(
            "quantities",
            "quantity",
            "How values are written: always with their unit. Where a number stands a range may stand, `2ms..6ms`.",
            QUANTITIES.iter().map(|(name, measure)| of_quantity(name, measure)).collect(),
        ),
        section(
            "design",
            "key of a design",
            "The frame around it all.",
            of_keys("design", "key of a design", design::DESIGN),
        ),
        section(
            "brief",
            "key of a brief",
            "What is required of a system, without technology; `design`, `decide` and `ask` read it. Where a key is missing its \
             default is taken, and told as an assumption.",
            of_keys("brief", "key of a brief", brief::BRIEF),
        ),
    ]
}

const QUANTITIES: &[(&str, &Measure)] = &[
    ("duration", &quantities::DURATION),
    ("rate", &quantities::RATE),
    ("size", &quantities::SIZE),
    ("share", &quantities::SHARE),
    ("factor", &quantities::FACTOR),
    ("count", &quantities::COUNT),
    ("number", &quantities::NUMBER),
];

fn of_kind(section: &'static str, one: &'static str, words: &KindWords) -> Entry {
    Entry {
        name: words.name,
        section,
        one,
        manual: words.manual.to_string(),
        facts: Vec::new(),
        keys: words.keys,
        leaves_out: words.leaves_out,
        goes_with: words.goes_with,
        example: Some(Example::Design { text: words.example, without: words.without }),
    }
}

fn of_keys(section: &'static str, one: &'static str, keys: &'static [Key]) -> Vec<Entry> {
    let entry = |key: &'static Key| {
        let mut facts = vec![("takes", key.shape.words())];
        match key.need {
            Need::Required => facts.push(("required", "yes".to_string())),
            Need::Optional => {}
            Need::Default(text) => facts.push(("default", text.to_string())),
        }
        Entry {
            name: key.name,
            section,
            one,
            manual: key.manual.to_string(),
            facts,
            keys: key.shape.keys(),
            leaves_out: &[],
            goes_with: &[],
            example: None,
        }
    };
    keys.iter().map(entry).collect()
}

fn of_laws(section: &'static str, one: &'static str, laws: &'static [Law]) -> Vec<Entry> {
    let entry = |law: &Law| Entry {
        name: law.name,
        section,
        one,
        manual: law.manual.to_string(),
        facts: Vec::new(),
        keys: &[],
        leaves_out: &[],
        goes_with: &[],
        example: Some(Example::Line(law.example)),
    };
    laws.iter().map(entry).collect()
}

fn of_measure(word: MeasureWord) -> Entry {
    Entry {
        name: word.name,
        section: "measures",
        one: "measure",
        manual: crate::told::sentence(word.manual),
        facts: vec![("of", word.of.words().to_string()), ("unit", word.unit.words().to_string())],
        keys: &[],
        leaves_out: &[],
        goes_with: &[],
        example: Some(Example::Line(word.example)),
    }
}

fn of_quantity(name: &'static str, measure: &'static Measure) -> Entry {
    let units: Vec<&str> = measure.units.iter().map(|unit| unit.name).collect();
    let manual = match units.is_empty() {
        true => "A number without a unit; `k`, `M` and `G` may follow it.".to_string(),
        false => format!("A number with its unit: {}.", groundplan_model::text::one_of(units, usize::MAX)),
    };
    Entry {
        name,
        section: "quantities",
        one: "quantity",
        manual,
        facts: vec![("range", measure.range.to_string())],
        keys: &[],
        leaves_out: &[],
        goes_with: &[],
        example: Some(Example::Line(measure.example)),
    }
}

/// What somebody asked for.
#[derive(Debug)]
pub enum Found<'a> {
    /// A whole section.
    Section(&'a Section),
    /// Entries of this name, one in each section that has it.
    Entries(Vec<&'a Entry>),
    /// No entry, but a parameter of these.
    Parameters(Vec<(&'a Entry, Parameter)>),
    /// Nothing; with what may have been meant.
    Nothing(Option<&'a str>),
}

/// Finds a word: `retry`, or `fault errors` where several sections have it. A section is found by its own name.
#[must_use]
pub fn find<'a>(sections: &'a [Section], asked: &[String]) -> Found<'a> {
    let of_name = |word: &str| sections.iter().find(|section| section.name == word || section.one == word);
    let (within, word) = match asked {
        [one] => match of_name(one) {
            Some(section) => return Found::Section(section),
            None => (sections.iter().collect(), one.as_str()),
        },
        [section, word] => match of_name(section) {
            Some(section) => (vec![section], word.as_str()),
            None => return Found::Nothing(guess(section, sections.iter().map(|section| section.name))),
        },
        _ => return Found::Nothing(None),
    };
    let entries: Vec<&Entry> = within.iter().flat_map(|section| &section.entries).collect();
    let named: Vec<&Entry> = entries.iter().copied().filter(|entry| entry.name == word).collect();
    if !named.is_empty() {
        return Found::Entries(named);
    }
    let parameters: Vec<(&Entry, Parameter)> = entries
        .iter()
        .flat_map(|entry| entry.parameters().into_iter().map(move |parameter| (*entry, parameter)))
        .filter(|(_, parameter)| parameter.key.name == word)
        .collect();
    if !parameters.is_empty() {
        return Found::Parameters(parameters);
    }
    let names = entries.iter().map(|entry| entry.name).chain(within.iter().map(|section| section.name));
    let inner = entries.iter().flat_map(|entry| entry.parameters()).map(|parameter| parameter.key.name);
    Found::Nothing(guess(word, names.chain(inner)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::columns;
    use crate::terminal::{WIDTH, plain};

    #[test]
    fn every_word_has_a_page_that_fits_a_terminal() {
        let sections = sections();
        let mut pages = vec![crate::text::reference_list(&sections)];
        for entry in sections.iter().flat_map(|section| &section.entries) {
            assert!(entry.manual.ends_with('.') && entry.line().len() > 3, "{}: {}", entry.name, entry.manual);
            let page = crate::text::reference_entries(&[entry]);
            if let Some(Example::Design { text, .. }) = entry.example {
                let shown = plain(&page);
                // Nothing of an example is cut or folded.
                for line in text.lines() {
                    assert!(
                        shown.lines().any(|shown| shown == format!("  {line}").trim_end()),
                        "{}: {line}",
                        entry.name
                    );
                }
            }
            pages.push(page);
        }
        for line in pages.iter().flat_map(|page| page.lines()) {
            assert!(columns(&plain(line)) <= WIDTH, "{line}");
        }
    }

    #[test]
    fn what_goes_with_a_word_is_a_word() {
        let sections = sections();
        for entry in sections.iter().flat_map(|section| &section.entries) {
            for other in entry.goes_with {
                assert!(
                    matches!(find(&sections, &[(*other).to_string()]), Found::Entries(_)),
                    "{}: {other}",
                    entry.name
                );
            }
        }
    }

    #[test]
    fn parameters_of_records_in_lists_and_maps_are_found() {
        let sections = sections();
        let check = |word: &str, owner: &str| {
            let Found::Parameters(found) = find(&sections, &[word.to_string()]) else {
                panic!("{word} is no parameter")
            };
            assert!(found.iter().any(|(entry, _)| entry.name == owner), "{word}: {found:?}");
        };
        check("open-at", "breaker");
        check("partitions", "log");
        check("permits", "service");
    }
}

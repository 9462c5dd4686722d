//! The defaults of a design: what a kind, a policy or the frame takes where a design, read or made, doesn't say.
//!
//! Reading leaves a design as it was written, so that writing it again gives the same text. Whoever compiles or shows
//! one asks here for the rest.

use super::Reader;
use crate::brief::Assumption;
use crate::design::{Design, Step, Verb};
use crate::quantity::Dist;
use crate::span::Located;
use crate::value::{Settings, Value};
use crate::vocabulary::{Key, Need, Shape, Vocabulary};
use crate::words::design as words;

/// A design with every default of the vocabulary filled in, and the list of those that were.
#[must_use]
pub fn with_defaults(design: &Design, vocabulary: &Vocabulary) -> (Design, Vec<Assumption>) {
    let mut design = design.clone();
    let mut filling = Filling { reader: Reader::new("", Dist::Const), vocabulary, assumptions: Vec::new() };
    for component in &mut design.components {
        let path = format!("components.{}", *component.name);
        if let Some(kind) = vocabulary.kinds.iter().find(|kind| kind.name == component.kind.value) {
            filling.fill(&mut component.settings, kind.keys, &path, true);
        }
        for operation in &mut component.operations {
            let path = format!("{path}.operations.{}", *operation.name);
            filling.policies(&mut operation.settings, &path);
            filling.steps(&mut operation.steps, &path);
        }
    }
    for load in &mut design.load {
        let path = format!("load.{}", load.title());
        filling.policies(&mut load.settings, &path);
        filling.steps(&mut load.steps, &path);
        for stop in load.route.iter_mut().flat_map(|route| &mut route.stops) {
            filling.steps(std::slice::from_mut(&mut stop.step), &path);
        }
    }
    for experiment in &mut design.experiments {
        for fault in &mut experiment.faults {
            let path = format!("experiments.{}.{}", *experiment.name, *fault.kind);
            let key = vocabulary.faults.iter().flat_map(|words| words.keys).find(|key| key.name == fault.kind.value);
            if let Some(key) = key {
                filling.within(&mut fault.argument, &key.shape, &path);
            }
        }
    }
    (design, filling.assumptions)
}

struct Filling<'a> {
    reader: Reader<'a>,
    vocabulary: &'a Vocabulary,
    assumptions: Vec<Assumption>,
}

impl Filling<'_> {
    /// Fills records that stand; with `missing` also the keys that don't.
    fn fill(&mut self, settings: &mut Settings, keys: &[Key], path: &str, missing: bool) {
        for key in keys {
            let path = format!("{path}.{}", key.name);
            if let Some(value) = settings.0.get_mut(key.name) {
                self.within(value, &key.shape, &path);
            } else if let (Need::Default(text), true) = (key.need, missing)
                && let Some(mut value) = self.reader.default_of(&key.shape, text)
            {
                if text != "{}" {
                    let why = key.manual.to_string();
                    self.assumptions.push(Assumption { path: path.clone(), value: text.to_string(), why });
                }
                self.within(&mut value, &key.shape, &path);
                settings.0.insert(key.name.to_string(), value);
            }
        }
    }

    fn within(&mut self, value: &mut Located<Value>, shape: &Shape, path: &str) {
        match (&mut value.value, shape) {
            (Value::Map(map), Shape::Record(keys) | Shape::Short(_, keys)) => self.fill(map, keys, path, true),
            (Value::Map(map), Shape::Map(_, inner)) => {
                for (name, value) in &mut map.0 {
                    self.within(value, inner, &format!("{path}.{name}"));
                }
            }
            (Value::List(items), Shape::List(inner) | Shape::OneOrMany(inner)) => {
                for (nth, item) in items.iter_mut().enumerate() {
                    self.within(item, inner, &format!("{path}.{}", nth + 1));
                }
            }
            (Value::Map(_), Shape::Either(shapes)) => {
                if let Some(shape) =
                    shapes.iter().find(|shape| matches!(shape, Shape::Record(_) | Shape::Short(..) | Shape::Map(..)))
                {
                    self.within(value, shape, path);
                }
            }
            (Value::Steps(steps), _) => self.steps(steps, path),
            _ => {}
        }
    }

    /// A policy that isn't asked for adds nothing; one that is takes its own defaults.
    fn policies(&mut self, settings: &mut Settings, path: &str) {
        let vocabulary = self.vocabulary;
        for policy in vocabulary.policies {
            self.fill(settings, policy.keys, path, false);
        }
    }

    fn steps(&mut self, steps: &mut [Step], path: &str) {
        for (nth, step) in steps.iter_mut().enumerate() {
            let path = format!("{path}.{}", nth + 1);
            self.policies(&mut step.settings, &path);
            self.fill(&mut step.settings, words::STEP, &path, false);
            match &mut step.verb {
                Verb::Parallel(steps) | Verb::Transaction(_, steps) | Verb::Repeat(_, steps) => {
                    self.steps(steps, &path)
                }
                Verb::Branch(ways) => ways.iter_mut().for_each(|(_, steps)| self.steps(steps, &path)),
                _ => {}
            }
        }
    }
}

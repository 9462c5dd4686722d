//! Conditions with what they compare today: the value of the left side, the threshold, the constraints that move it.

use crate::constraint::{Class, Constraint, UNSAID};
use crate::decision::Held;
use crate::predicate::{Expr, Predicate};
use crate::rule::{Rule, Scope};
use crate::unit::{self, Dim};
use crate::view::{Chosen, Subject, View};
use groundplan_model::brief::Brief;

/// What conditions are told with.
pub struct Telling<'a> {
    /// The brief with everything computed.
    pub view: &'a View<'a>,
    /// Its constraints.
    pub constraints: &'a [Constraint],
    /// What was chosen.
    pub chosen: &'a Chosen,
}

impl Telling<'_> {
    /// The conditions of a rule.
    #[must_use]
    pub fn rule(&self, rule: &Rule, matched: &[usize], subject: Subject) -> Vec<Held> {
        self.all(rule.scope, &rule.when, matched, subject)
    }

    /// Conditions; those about modules, entry points and data sets are told of the first that they matched.
    #[must_use]
    pub fn all(&self, scope: Scope, when: &[Predicate], matched: &[usize], subject: Subject) -> Vec<Held> {
        let subject = self.subject(scope, matched, subject);
        when.iter().map(|predicate| self.held(predicate, subject)).collect()
    }

    /// The first of those that conditions matched.
    #[must_use]
    pub fn subject(&self, scope: Scope, matched: &[usize], otherwise: Subject) -> Subject {
        match (scope, matched.first()) {
            (Scope::Module, Some(n)) => Subject::Module(*n),
            (Scope::Entry, Some(n)) => Subject::Entry(*n),
            (Scope::Set, Some(n)) => Subject::Set(*n),
            _ => otherwise,
        }
    }

    /// The names of those that conditions matched.
    #[must_use]
    pub fn names(&self, scope: Scope, matched: &[usize]) -> Vec<String> {
        let brief = self.view.brief;
        let name = |n: &usize| match scope {
            Scope::Entry => brief.load[*n].operation.value.clone(),
            Scope::Set => brief.data[*n].name.value.clone(),
            _ => brief.modules[*n].name.value.clone(),
        };
        matched.iter().map(name).collect()
    }

    /// Paths of defaults that a condition rests on.
    #[must_use]
    pub fn assumed(&self, predicate: &Predicate, subject: Subject) -> Vec<String> {
        let Predicate::Compare { left, .. } = predicate else { return Vec::new() };
        let taken =
            |item: &&Constraint| self.view.brief.assumptions.iter().any(|assumption| assumption.path == item.path);
        self.movers(left, subject).into_iter().filter(taken).map(|item| item.path.clone()).collect()
    }

    /// Whether what a condition asks of stands without limit, because the brief sets none.
    #[must_use]
    pub fn unlimited(&self, predicate: &Predicate, subject: Subject) -> bool {
        let Predicate::Compare { left, .. } = predicate else { return false };
        is_unlimited(left.value(self.view, subject), unit_of(left))
    }

    /// One condition, whether it holds or not.
    #[must_use]
    pub fn held(&self, predicate: &Predicate, subject: Subject) -> Held {
        match predicate {
            Predicate::Compare { left, low, high, text, .. } => {
                let unit = unit_of(left);
                let words = words_of(left);
                let show = |value: f64| match words.get(value.max(0.0) as usize) {
                    Some(word) => (*word).to_string(),
                    None => shown(value, unit),
                };
                let quantity = text.split(['<', '>']).next().unwrap_or(text).trim().to_string();
                Held {
                    condition: text.clone(),
                    quantity,
                    now: show(left.value(self.view, subject)),
                    threshold: if low == high { show(*low) } else { format!("{} to {}", show(*low), show(*high)) },
                    constraints: self.moving(left, subject),
                }
            }
            Predicate::Chosen { dimension, option, .. } => {
                let now = self.chosen.iter().find(|(name, _)| name == dimension);
                Held {
                    condition: predicate.text(),
                    quantity: dimension.clone(),
                    now: now.map_or("nothing possible".to_string(), |(_, option)| option.clone()),
                    threshold: option.clone(),
                    constraints: Vec::new(),
                }
            }
        }
    }

    /// The constraints that move an expression.
    fn movers(&self, expression: &Expr, subject: Subject) -> Vec<&Constraint> {
        let mut found: Vec<&Constraint> = Vec::new();
        expression.each(&mut |part| {
            let Expr::Measure(measure) = part else { return };
            let own = |item: &Constraint| match (measure.scope, subject) {
                (Scope::Set, Subject::Set(n)) if item.path.starts_with("data.") => item.index == n,
                (Scope::Module, Subject::Module(n)) if item.path.starts_with("domain.") => item.index == n,
                (Scope::Entry, Subject::Entry(n)) if item.path.starts_with("load.") => item.index == n,
                _ => true,
            };
            let moves = |class: Class| measure.ways.iter().any(|(known, _)| *known == class);
            for item in self.constraints.iter().filter(|item| moves(item.class) && own(item)) {
                if !found.iter().any(|known| known.path == item.path) {
                    found.push(item);
                }
            }
        });
        found
    }

    /// Paths of the constraints that move an expression; where more than three of a kind do, one path with a star.
    fn moving(&self, expression: &Expr, subject: Subject) -> Vec<String> {
        let found = self.movers(expression, subject);
        let mut paths: Vec<String> = Vec::new();
        for item in &found {
            let kin = found.iter().filter(|other| other.class == item.class).count();
            let path = if kin > 3 { starred(item, self.view.brief) } else { item.path.clone() };
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
        paths
    }
}

/// A path with a star for the name of its entry, module or data set.
fn starred(constraint: &Constraint, brief: &Brief) -> String {
    let n = constraint.index;
    let name = match constraint.path.split('.').next() {
        Some("load") => brief.load.get(n).map(|entry| entry.operation.value.as_str()),
        Some("domain") => brief.modules.get(n).map(|module| module.name.value.as_str()),
        Some("data") => brief.data.get(n).map(|set| set.name.value.as_str()),
        _ => None,
    };
    match name {
        Some(name) => constraint.path.replacen(&format!(".{name}."), ".*.", 1),
        None => constraint.path.clone(),
    }
}

fn is_unlimited(value: f64, unit: &str) -> bool {
    matches!(unit, "s" | "USD/month") && value >= UNSAID
}

fn shown(value: f64, unit: &str) -> String {
    if is_unlimited(value, unit) { "no limit".into() } else { unit::shown(value, unit) }
}

/// The words that an expression's values stand for.
fn words_of(expression: &Expr) -> &'static [&'static str] {
    match expression {
        Expr::Measure(measure) => measure.words,
        Expr::Min(parts) | Expr::Max(parts) => parts.first().map_or(&[], words_of),
        _ => &[],
    }
}

/// The unit in which an expression is told.
fn unit_of(expression: &Expr) -> &'static str {
    match expression {
        Expr::Measure(measure) => measure.unit,
        Expr::Min(parts) | Expr::Max(parts) | Expr::Sum(parts) => parts.first().map_or("1", unit_of),
        _ => match dim_of(expression) {
            Dim::TIME => "s",
            Dim::RATE => "/s",
            Dim::DATA => "B",
            Dim::FLOW => "B/s",
            Dim::MONEY => "USD/month",
            _ => "1",
        },
    }
}

fn dim_of(expression: &Expr) -> Dim {
    match expression {
        Expr::Number(_) | Expr::Fact { .. } => Dim::NONE,
        Expr::Measure(measure) => measure.dim(),
        Expr::Sum(parts) | Expr::Min(parts) | Expr::Max(parts) => parts.first().map_or(Dim::NONE, dim_of),
        Expr::Product(parts) => parts.iter().map(dim_of).fold(Dim::NONE, Dim::times),
        Expr::Quotient(above, below) => dim_of(above).over(dim_of(below)),
    }
}

/// A condition turned round: `a < b` becomes `a >= b`.
#[must_use]
pub fn negated(predicate: &Predicate) -> String {
    let text = predicate.text();
    for (sign, turned) in
        [(">=", "<"), ("<=", ">"), (" is-not ", " is "), (" is ", " is-not "), (">", "<="), ("<", ">=")]
    {
        if text.contains(sign) {
            return text.replacen(sign, turned, 1);
        }
    }
    text
}

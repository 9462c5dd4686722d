//! Whether conditions can hold at all, and whether they always do: intervals of expressions, and conditions on the same
//! expression side by side. Only what follows from the conditions themselves; no brief is asked.

use crate::predicate::{Comparison, Expr, Predicate};

/// Quantities of which no brief has none.
const AT_LEAST_ONE: [&str; 3] = ["team.engineers", "team.teams", "domain.modules"];

/// The values an expression may take over any brief.
fn interval(of: &Expr) -> (f64, f64) {
    let all = |parts: &[Expr]| parts.iter().map(interval).collect::<Vec<_>>();
    match of {
        Expr::Number(number) => (*number, *number),
        Expr::Fact { low, high, .. } => (*low, *high),
        Expr::Measure(measure) if !measure.words.is_empty() => (0.0, (measure.words.len() - 1) as f64),
        Expr::Measure(measure) => {
            let least = if AT_LEAST_ONE.contains(&measure.name) { 1.0 } else { 0.0 };
            (least, if measure.unit == "share" { 1.0 } else { f64::INFINITY })
        }
        Expr::Sum(parts) => all(parts).into_iter().fold((0.0, 0.0), |sum, part| (sum.0 + part.0, sum.1 + part.1)),
        Expr::Product(parts) => all(parts).into_iter().fold((1.0, 1.0), |product, part| {
            // Nothing times anything is nothing, also at the far end.
            let times = |a: f64, b: f64| if a == 0.0 || b == 0.0 { 0.0 } else { a * b };
            (times(product.0, part.0), times(product.1, part.1))
        }),
        Expr::Quotient(above, below) => {
            let (above, below) = (interval(above), interval(below));
            let low = if below.1.is_finite() && below.1 > 0.0 { above.0 / below.1 } else { 0.0 };
            (low, if below.0 > 0.0 { above.1 / below.0 } else { f64::INFINITY })
        }
        Expr::Min(parts) => all(parts)
            .into_iter()
            .fold((f64::INFINITY, f64::INFINITY), |least, part| (least.0.min(part.0), least.1.min(part.1))),
        Expr::Max(parts) => {
            all(parts).into_iter().fold((0.0, 0.0), |most, part| (most.0.max(part.0), most.1.max(part.1)))
        }
    }
}

/// The values for which a comparison holds at least inside its range: from, to, and whether each end belongs to it.
fn holds(comparison: Comparison, low: f64, high: f64) -> ((f64, bool), (f64, bool)) {
    match comparison {
        Comparison::AtLeast => ((low, true), (f64::INFINITY, true)),
        Comparison::Over => ((low, false), (f64::INFINITY, true)),
        Comparison::AtMost => ((0.0, true), (high, true)),
        Comparison::Under => ((0.0, true), (high, false)),
    }
}

fn overlap(one: ((f64, bool), (f64, bool)), other: ((f64, bool), (f64, bool))) -> bool {
    let from = if one.0.0 > other.0.0 || one.0.0 == other.0.0 && !one.0.1 { one.0 } else { other.0 };
    let to = if one.1.0 < other.1.0 || one.1.0 == other.1.0 && !one.1.1 { one.1 } else { other.1 };
    from.0 < to.0 || from.0 == to.0 && from.1 && to.1
}

/// Why a condition can't hold over any brief; none if it can.
#[must_use]
pub(crate) fn never(predicate: &Predicate) -> Option<String> {
    let Predicate::Compare { left, comparison, low, high, .. } = predicate else { return None };
    let (least, most) = interval(left);
    if overlap(((least, true), (most, true)), holds(*comparison, *low, *high)) {
        return None;
    }
    if let Expr::Measure(measure) = left
        && !measure.words.is_empty()
    {
        return Some(format!("it is one of {}", measure.words.join(", ")));
    }
    let short = groundplan_model::units::significant;
    Some(match (least == most, most.is_finite()) {
        (true, _) => format!("the left side is always {}", short(least)),
        (_, true) => format!("the left side lies between {} and {}", short(least), short(most)),
        _ => format!("the left side is never below {}", short(least)),
    })
}

/// Whether a condition holds fully over every brief.
#[must_use]
pub(crate) fn always(predicate: &Predicate) -> bool {
    let Predicate::Compare { left, comparison, low, high, .. } = predicate else { return false };
    let (least, most) = interval(left);
    match comparison {
        Comparison::AtLeast => least >= *high,
        Comparison::Over => least > *high,
        Comparison::AtMost => most <= *low,
        Comparison::Under => most < *low,
    }
}

/// Whether two conditions exclude each other: on the same expression, or on the choice of one dimension.
#[must_use]
pub(crate) fn exclude(one: &Predicate, other: &Predicate) -> bool {
    match (one, other) {
        (
            Predicate::Compare { left, comparison, low, high, .. },
            Predicate::Compare { left: left_2, comparison: comparison_2, low: low_2, high: high_2, .. },
        ) => left == left_2 && !overlap(holds(*comparison, *low, *high), holds(*comparison_2, *low_2, *high_2)),
        (
            Predicate::Chosen { dimension, option, negated },
            Predicate::Chosen { dimension: dimension_2, option: option_2, negated: negated_2 },
        ) => {
            dimension == dimension_2
                && match (negated, negated_2) {
                    (false, false) => option != option_2,
                    (true, true) => false,
                    _ => option == option_2,
                }
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::{Names, predicate};
    use crate::rule::Scope;
    use indexmap::IndexMap;

    fn read(text: &str) -> Predicate {
        let facts = IndexMap::new();
        let earlier = [("messaging".to_string(), vec!["log".to_string(), "queue".to_string()])];
        predicate(text, &Names { facts: &facts, earlier: &earlier, scope: Scope::Brief }).expect(text)
    }

    #[test]
    fn what_can_never_hold_is_found() {
        let check = |text: &str, expected: bool| assert_eq!(never(&read(text)).is_some(), expected, "{text}");
        check("team.maturity > high", true);
        check("team.maturity >= high", false);
        check("min(platform.ci-cd, team.maturity) > yes", true);
        check("platform.ci-cd < no", true);
        check("availability > 100%", true);
        check("availability >= 100%", false);
        check("team.teams < 1", true);
        check("team.teams <= 1", false);
        check("domain.events < 0", true);
        check("domain.events <= 0", false);
        check("team.engineers / team.teams >= 100", false);
        check("messaging is log", false);
    }

    #[test]
    fn every_measure_lies_where_it_is_said_to_lie() {
        use crate::frame::Frame;
        use crate::measure::MEASURES;
        use crate::view::{Subject, View};
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
        let briefs = std::fs::read_dir(folder).expect("the examples").filter_map(|entry| {
            let path = entry.expect("an example").path();
            let text = std::fs::read_to_string(&path).ok()?;
            path.to_string_lossy().ends_with(".brief.yaml").then_some(text)
        });
        let mut tried = 0;
        for brief in briefs.filter_map(|text| groundplan_model::reader::read_brief(&text).value) {
            let frame = Frame::of(&brief);
            let view = View::new(&brief, &frame);
            for measure in MEASURES.iter() {
                let (least, most) = interval(&Expr::Measure(measure));
                let subjects: Vec<Subject> = match measure.scope {
                    Scope::Brief => vec![Subject::Brief],
                    Scope::Set => (0..brief.data.len()).map(Subject::Set).collect(),
                    Scope::Module => (0..brief.modules.len()).map(Subject::Module).collect(),
                    Scope::Entry => (0..brief.load.len()).map(Subject::Entry).collect(),
                };
                for subject in subjects {
                    let value = (measure.value)(&view, subject);
                    let inside = value >= least - 1e-9 && value <= most + 1e-9;
                    assert!(inside, "{} of {} is {value}, not {least} to {most}", measure.name, brief.name);
                    tried += 1;
                }
            }
        }
        assert!(tried > 500);
    }

    #[test]
    fn what_always_holds_is_found() {
        let check = |text: &str, expected: bool| assert_eq!(always(&read(text)), expected, "{text}");
        check("team.teams >= 1", true);
        check("team.teams > 1", false);
        check("team.maturity <= high", true);
        check("availability <= 100%", true);
    }

    #[test]
    fn what_excludes_each_other_is_found() {
        let check = |one: &str, other: &str, expected: bool| {
            assert_eq!(exclude(&read(one), &read(other)), expected, "{one}, {other}");
            assert_eq!(exclude(&read(other), &read(one)), expected, "{other}, {one}");
        };
        check("team.teams >= 5", "team.teams < 5", true);
        check("team.teams >= 5", "team.teams <= 5", false);
        check("team.teams > 5", "team.teams <= 5", true);
        check("team.teams >= 5", "team.engineers < 5", false);
        check("messaging is log", "messaging is queue", true);
        check("messaging is log", "messaging is-not queue", false);
        check("messaging is log", "messaging is-not log", true);
        check("messaging is-not queue", "messaging is-not log", false);
    }
}

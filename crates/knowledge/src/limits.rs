//! What no design can do (class 1) and what an outside dependency stands in the way of (class 3).
//!
//! Class 1 is physics and arithmetic on the brief alone; the reader of briefs refuses it too, this here speaks of briefs
//! that were changed after reading. Class 3 is no refusal: a cache, a fallback, a second provider
//! or a later answer may lift it, and the plan states it first. What every design tried misses (class 2) is found by
//! the planner. Left out: sums of several latencies in a chain, which need a convolution; one dependency's own tail is
//! a bound that needs none.

use crate::decision::Condition;
use crate::frame::Frame;
use crate::view::View;
use groundplan_model::brief::{Brief, Consistency};
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::physics;
use groundplan_model::quantity::Dist;
use groundplan_model::units::{PerSecond, Seconds, Share};

/// Class 1: strong data written from regions so far apart that light alone takes longer than the target.
///
/// Whatever the protocol and wherever the deciding copy stands, an operation that reads and changes strongly consistent
/// data must hear of the other side: with users at both ends the slower of them waits at least one way between the
/// regions (Attiya and Welch 1994). Regions with at most 1% of the users can't move a 99th percentile and are left out.
#[must_use]
pub fn impossible(brief: &Brief, frame: &Frame) -> Vec<Diagnostic> {
    let mut list = Vec::new();
    let regions: Vec<&(String, Share)> = brief.regions.iter().filter(|(_, share)| share.0 > 0.01).collect();
    for (n, entry) in brief.load.iter().enumerate() {
        let Some(p99) = entry.p99 else { continue };
        let written = |set: usize| {
            let ops = frame.needed[n].iter().enumerate().filter(|(_, visits)| **visits > 0.0);
            ops.flat_map(|(op, _)| &frame.writes[op]).any(|(written, _)| *written == set)
        };
        let strong =
            brief.data.iter().enumerate().find(|(set, data)| data.consistency == Consistency::Strong && written(*set));
        let Some((_, data)) = strong else { continue };
        let mut worst: Option<(Seconds, f64, &str, &str)> = None;
        for (at, (one, _)) in regions.iter().enumerate() {
            for (other, _) in &regions[at + 1..] {
                if let Some(distance) = physics::distance_km(one, other) {
                    let one_way = Seconds(distance / physics::FIBRE_KM_PER_SECOND);
                    if worst.is_none_or(|(known, ..)| one_way.0 > known.0) {
                        worst = Some((one_way, distance, one, other));
                    }
                }
            }
        }
        if let Some((one_way, distance, one, other)) = worst.filter(|(one_way, ..)| one_way.0 > p99.must.0) {
            list.push(
                Diagnostic::error(
                    "faster-than-light",
                    format!(
                        "`{}` can't write `{}` strongly consistent within {} from both {one} and {other}",
                        entry.operation.value, data.name.value, p99.must
                    ),
                )
                .at(entry.operation.span, "this target")
                .at(data.name.span, "strongly consistent")
                .note(format!(
                    "{one} and {other} are {distance:.0} km apart; light in fibre takes {one_way} for that one way, and a write that both must agree on waits for at least that"
                ))
                .help(format!(
                    "allow at least {one_way} (a round trip takes {}), let the answer follow later, weaken the consistency, or keep the users of one data set in one region",
                    one_way * 2.0
                )),
            );
        }
    }
    list
}

/// Class 3: targets that the dependencies which an answer waits for can't meet.
#[must_use]
pub fn conditions(brief: &Brief, frame: &Frame) -> Vec<Condition> {
    let view = View::new(brief, frame);
    let mut list = Vec::new();
    for (n, entry) in brief.load.iter().enumerate() {
        let operation = entry.operation.value.clone();
        let needed: Vec<usize> = (0..brief.outside.len()).filter(|o| frame.outside_needed[n][*o] > 0.0).collect();

        let wanted = entry.availability.unwrap_or(brief.availability).must;
        // What may be held until it is back doesn't fail with it.
        let held = |o: &usize| brief.outside[*o].opening.if_down.as_ref().is_some_and(|down| down.hold.is_some());
        let said = |o: &usize| brief.outside[*o].availability.is_some() || brief.outside[*o].opening.hours.is_some();
        let known: Vec<usize> = needed.iter().copied().filter(|o| said(o) && !held(o)).collect();
        let good = |o: usize| {
            let up = brief.outside[o].availability.map_or(1.0, |share| share.0);
            let open =
                brief.outside[o].opening.hours.as_ref().map_or(1.0, |hours| f64::from(hours.minutes()) / 1_440.0);
            up * open * (1.0 - brief.outside[o].errors.map_or(0.0, |share| share.0))
        };
        let product: f64 = known.iter().map(|o| good(*o)).product();
        if product < wanted.0 {
            let factors: Vec<String> = known
                .iter()
                .map(|o| {
                    let outside = &brief.outside[*o];
                    let open =
                        outside.opening.hours.as_ref().map(|hours| format!(" (open {hours})")).unwrap_or_default();
                    let below = outside.opening.if_down.as_ref().and_then(|down| down.accept_below.as_ref());
                    let below = below.map(|amount| format!(" (above {amount})")).unwrap_or_default();
                    format!("{} {}{open}{below}", outside.name.value, Share(good(*o)))
                })
                .collect();
            list.push(Condition {
                operation: operation.clone(),
                target: "availability",
                today: true,
                outside: known.iter().map(|o| brief.outside[*o].name.value.clone()).collect(),
                text: format!(
                    "{operation} must succeed in {wanted} of requests, but its answer waits for {}: {} together at best",
                    factors.join(" and "),
                    Share(product)
                ),
                lifted_by: vec![
                    "let the answer follow later (`follows-within`) and accept the request first".into(),
                    "a second provider to fall back on".into(),
                    "a cached or default answer while the dependency is down, or `if-down: { hold: ... }` where it may wait"
                        .into(),
                    format!("a target of at most {} for this operation", Share(product)),
                ],
            });
        }

        if let Some(p99) = entry.p99 {
            for o in &needed {
                let outside = &brief.outside[*o];
                let tail = quantile_99(&outside.latency);
                if let Some(tail) = tail.filter(|tail| tail.0 > p99.must.0) {
                    list.push(Condition {
                        operation: operation.clone(),
                        target: "p99",
                        today: true,
                        outside: vec![outside.name.value.clone()],
                        text: format!(
                            "{operation} must answer within {} at the 99th percentile, but waits for {}, whose own 99th percentile is {tail}",
                            p99.must, outside.name.value
                        ),
                        lifted_by: vec![
                            "let the answer follow later (`follows-within`) and accept the request first".into(),
                            "a hedged second attempt, where the dependency bears it and the call may be repeated".into(),
                            format!("a target of more than {tail} for this operation"),
                        ],
                    });
                }
            }
        }
    }
    for (o, outside) in brief.outside.iter().enumerate() {
        let Some(limit) = outside.limit else { continue };
        let column: Vec<f64> = frame.outside.iter().map(|row| row[o]).collect();
        let asked = PerSecond(view.per_second(&column));
        let at_peak = PerSecond(asked.0 / view.growth);
        let mean_today = PerSecond(view.rate_now.iter().zip(&column).map(|(rate, calls)| rate * calls).sum());
        let mean = mean_today * view.growth;
        let waited = (0..brief.load.len()).any(|n| frame.outside_needed[n][o] > 0.0);
        // Where every call follows already, a queue holds the peak: only the mean must get through.
        let over = if waited { asked.0 > limit.0 } else { mean_today.max(mean).0 >= limit.0 };
        if !over {
            continue;
        }
        let today = if waited { at_peak.0 > limit.0 } else { mean_today.0 >= limit.0 };
        // The load at the time the limit is first passed: a queue holds a peak, but no mean.
        let no_queue = if today { mean_today.0 >= limit.0 } else { mean.0 >= limit.0 };
        let callers = (0..brief.load.len()).filter(|n| column[*n] > 0.0);
        let callers: Vec<String> = callers.map(|n| brief.load[n].operation.value.clone()).collect();
        let name = &outside.name.value;
        let peaks = format!("at the peak {name} is called {at_peak} today and {asked} at the horizon");
        let means = format!("{mean_today} today and {mean} at the horizon");
        let (text, lifted_by) = if no_queue {
            let told = if waited {
                format!("{peaks}, and {means} on average")
            } else {
                format!("{name} is called {means} on average")
            };
            let enough = if waited { asked } else { mean_today.max(mean) };
            let granted = if waited { "a limit of at least" } else { "a limit of more than" };
            (
                format!("{told}, but allows {limit}: no queue can hold a mean, only a higher limit lifts this"),
                vec![format!("{granted} {enough} granted by the provider, or by several together")],
            )
        } else {
            let until = if mean.0 >= limit.0 { ", until its mean outgrows the limit" } else { "" };
            (
                format!("{peaks}, but allows {limit}"),
                vec![
                    format!("let the call follow later, so that a queue holds what the peak brings{until}"),
                    format!("a limit of at least {asked} granted by the provider"),
                    "a second provider, or a cache of its answers".into(),
                ],
            )
        };
        list.push(Condition {
            operation: callers.join(", "),
            target: "rate",
            today,
            outside: vec![name.clone()],
            text,
            lifted_by,
        });
    }
    list
}

/// The 99th percentile of a distribution, where it has a closed form.
fn quantile_99(dist: &Dist) -> Option<Seconds> {
    Some(Seconds(match dist {
        Dist::Const(value) => *value,
        Dist::Exp(mean) => mean * libm::log(100.0),
        Dist::Uniform(low, high) => low + 0.99 * (high - low),
        Dist::LogNormal { p99, .. } => *p99,
        Dist::LogNormalMean { mean, scv } => {
            let sigma = libm::sqrt(libm::log(1.0 + scv));
            mean * libm::exp(groundplan_model::quantity::NORMAL_P99 * sigma - sigma * sigma / 2.0)
        }
        Dist::HalfNormal(sd) => sd * 2.575_829_303_548_901,
        Dist::Normal(mean, sd) => {
            let below = |x: f64| libm::erf((x - mean) / sd / std::f64::consts::SQRT_2);
            let (mut low, mut high) = (*mean, mean + 3.0 * sd);
            for _ in 0..60 {
                let middle = (low + high) / 2.0;
                let share = (below(middle) - below(-middle)) / 2.0;
                if share < 0.99 { low = middle } else { high = middle }
            }
            high
        }
        Dist::Pareto(a, min, max) => {
            let tail = 0.01 + 0.99 * libm::pow(min / max, *a);
            min / libm::pow(tail, 1.0 / a)
        }
        Dist::Empirical(recorded) => {
            *recorded.values.get((recorded.values.len() as f64 * 0.99) as usize).or(recorded.values.last())?
        }
        Dist::Erlang(..) | Dist::HyperExp(..) | Dist::Geometric(_) | Dist::Mixture(_) => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_have_closed_forms() {
        let Some(tail) = quantile_99(&Dist::Exp(0.08)) else { panic!("has a closed form") };
        assert!((tail.0 - 0.368).abs() < 0.001);
        let same = quantile_99(&Dist::LogNormalMean { mean: 2.0, scv: 0.0 });
        assert_eq!(same.map(|tail| (tail.0 * 1e9).round() / 1e9), Some(2.0));
        // Bounded Pareto's cdf at the quantile is 0.99.
        let (a, min, max) = (1.5f64, 0.001f64, 10.0f64);
        let q = quantile_99(&Dist::Pareto(a, min, max)).map_or(0.0, |tail| tail.0);
        let cdf = (1.0 - (min / q).powf(a)) / (1.0 - (min / max).powf(a));
        assert!((cdf - 0.99).abs() < 1e-9);
    }
}

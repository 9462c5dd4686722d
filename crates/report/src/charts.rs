//! Charts as SVG of one style with the page: lines around a fault, percentiles on a logarithmic axis, stacked cost.
//!
//! Colours come from the page's variables by class (`l0`, `f0`, ...), so that one picture serves light, dark and print; lines differ
//! by pattern too. Everything said by shape is said in words in `<title>` and `<desc>`. Coordinates are rounded to a tenth.

use crate::clean::{clean, shorten};
use crate::figure::{Unit, money};
use groundplan_model::estimate::Estimate;
use groundplan_planner::plan::CostRange;
use maud::{Markup, html};

const WIDTH: f64 = 380.0;
const LEFT: f64 = 46.0;
const RIGHT: f64 = 10.0;

/// One line of a chart over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// What it is: a style.
    pub name: String,
    /// Which colour and pattern: the number of the style.
    pub class: usize,
    /// Time in seconds and the value there; a gap where there is none.
    pub points: Vec<(f64, Option<f64>)>,
}

/// Values over time, with the time of the fault shaded and what must hold dashed.
#[must_use]
pub fn over_time(about: &str, lines: &[Line], unit: Unit, shaded: Option<(f64, f64)>, goal: Option<f64>) -> Markup {
    let height = 178.0;
    let (top, bottom) = (10.0, height - 26.0);
    let values = || lines.iter().flat_map(|line| line.points.iter().filter_map(|(_, value)| *value));
    // Points stand in the middle of their slices: the axis ends where the last slice does.
    let times = || lines.iter().flat_map(|line| line.points.iter().map(|(time, _)| *time));
    let last = times().fold(0.0, f64::max);
    let end = (last + times().fold(last, f64::min)).max(1.0);
    let highest = values().chain(goal).fold(0.0, f64::max);
    let (low, high) = match unit {
        Unit::Share => {
            let least = values().chain(goal).fold(1.0, f64::min);
            (
                if least > 0.9 {
                    (least * 50.0).floor() / 50.0 - 0.02
                } else if least > 0.5 {
                    0.5
                } else {
                    0.0
                },
                1.0,
            )
        }
        _ => (0.0, if highest > 0.0 { nice(highest * 1.05) } else { 1.0 }),
    };
    let low = low.max(0.0);
    let x = |time: f64| LEFT + time / end * (WIDTH - LEFT - RIGHT);
    let y = |value: f64| bottom - (value.clamp(low, high) - low) / (high - low) * (bottom - top);
    html! {
        svg.plot viewBox=(format!("0 0 {WIDTH} {height}")) role="img" aria-label=(clean(about)) {
            title { (clean(about)) }
            @if let Some((from, until)) = shaded {
                rect.fault x=(at(x(from.min(end)))) y=(at(top)) width=(at(x(until.min(end)) - x(from.min(end)))) height=(at(bottom - top)) {}
                text x=(at((x(from.min(end)) + x(until.min(end))) / 2.0)) y=(at(bottom - 6.0)) text-anchor="middle" { "fault" }
            }
            @for nth in 0..=4 {
                @let value = low + (high - low) * f64::from(nth) / 4.0;
                line.grid x1=(at(LEFT)) x2=(at(WIDTH - RIGHT)) y1=(at(y(value))) y2=(at(y(value))) {}
                @if nth % 2 == 0 {
                    text x=(at(LEFT - 6.0)) y=(at(y(value) + 3.8)) text-anchor="end" { (unit.show(value)) }
                }
            }
            @if let Some(goal) = goal.filter(|goal| (low..=high).contains(goal)) {
                line.goal x1=(at(LEFT)) x2=(at(WIDTH - RIGHT)) y1=(at(y(goal))) y2=(at(y(goal))) {}
            }
            line.axis x1=(at(LEFT)) x2=(at(WIDTH - RIGHT)) y1=(at(bottom)) y2=(at(bottom)) {}
            @for nth in 0..=4 {
                @let time = end * f64::from(nth) / 4.0;
                text x=(at(x(time))) y=(at(bottom + 16.0)) text-anchor=(if nth == 4 { "end" } else if nth == 0 { "start" } else { "middle" }) {
                    (Unit::Seconds.show(time))
                }
            }
            // The first is drawn last, so that it lies on top.
            @for line in lines.iter().rev() {
                path class=(format!("l l{}", line.class)) d=(path(&line.points, x, y)) { title { (clean(&line.name)) } }
            }
        }
    }
}

fn path(points: &[(f64, Option<f64>)], x: impl Fn(f64) -> f64, y: impl Fn(f64) -> f64) -> String {
    let mut out = String::new();
    let mut pen_up = true;
    for (time, value) in points {
        let Some(value) = value.filter(|value| value.is_finite()) else {
            pen_up = true;
            continue;
        };
        out.push_str(&format!("{}{} {}", if pen_up { "M" } else { "L" }, at(x(*time)), at(y(value))));
        pen_up = false;
    }
    out
}

/// One row of a chart of percentiles.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What it is: a style.
    pub name: String,
    /// Which colour: the number of the style.
    pub class: usize,
    /// Word and value of each percentile, the lowest first.
    pub points: Vec<(&'static str, Estimate)>,
}

/// Percentiles of one thing in several styles, on a logarithmic axis: a dot for each, a line through them, the interval of the last.
#[must_use]
pub fn percentiles(about: &str, rows: &[Row], goal: Option<f64>) -> Markup {
    let line = 30.0;
    let (top, left) = (8.0, 104.0);
    let bottom = top + line * rows.len() as f64;
    let height = bottom + 24.0;
    let values = || {
        let all = rows.iter().flat_map(|row| row.points.iter());
        all.flat_map(|(_, e)| [e.value, e.low, e.high]).flatten().chain(goal).filter(|v| v.is_finite() && *v > 0.0)
    };
    let (least, most) = (values().fold(f64::INFINITY, f64::min), values().fold(0.0, f64::max));
    let (low, high) = if most > 0.0 { (least * 0.8, most * 1.25) } else { (0.001, 1.0) };
    let span = (high / low).log10();
    let x = |value: f64| left + (value.clamp(low, high) / low).log10() / span * (WIDTH - left - RIGHT - 8.0);
    html! {
        svg.plot viewBox=(format!("0 0 {WIDTH} {height}")) role="img" aria-label=(clean(about)) {
            title { (clean(about)) }
            @for tick in ticks(low, high) {
                line.grid x1=(at(x(tick))) x2=(at(x(tick))) y1=(at(top)) y2=(at(bottom)) {}
                text x=(at(x(tick))) y=(at(bottom + 15.0)) text-anchor="middle" { (Unit::Seconds.show(tick)) }
            }
            @if let Some(goal) = goal {
                line.goal x1=(at(x(goal))) x2=(at(x(goal))) y1=(at(top)) y2=(at(bottom)) {}
            }
            @for (nth, Row { name, class, points }) in rows.iter().enumerate() {
                @let y = top + line * (nth as f64 + 0.5);
                text.strong x="0" y=(at(y + 4.0)) { (shorten(&clean(name), 17)) }
                @let shown: Vec<(&str, &Estimate, f64)> = points.iter()
                    .filter_map(|(word, e)| e.value.filter(|v| *v > 0.0).map(|v| (*word, e, v))).collect();
                @if let (Some(first), Some(last)) = (shown.first(), shown.last()) {
                    line class=(format!("l l{class}")) style="stroke-dasharray:none;opacity:.45" x1=(at(x(first.2))) x2=(at(x(last.2))) y1=(at(y)) y2=(at(y)) {}
                }
                @for (word, estimate, value) in &shown {
                    @if let (Some(l), Some(h)) = (estimate.low, estimate.high) {
                        line.whisker x1=(at(x(l))) x2=(at(x(h))) y1=(at(y)) y2=(at(y)) {}
                    }
                    circle class=(format!("f{class}")) cx=(at(x(*value))) cy=(at(y)) r="4" {
                        title { (word) ": " (crate::figure::line(estimate, Unit::Seconds)) }
                    }
                    text x=(at(x(*value))) y=(at(y - 7.0)) text-anchor="middle" style="font-size:9px" { (word) }
                }
            }
        }
    }
}

/// Tens, with twos and fives where there are few tens.
fn ticks(low: f64, high: f64) -> Vec<f64> {
    let decades = |steps: &[f64]| -> Vec<f64> {
        let first = low.log10().floor() as i32;
        let last = high.log10().ceil() as i32;
        let all = (first..=last).flat_map(|power| steps.iter().map(move |step| step * 10f64.powi(power)));
        all.filter(|tick| *tick >= low && *tick <= high).collect()
    };
    let tens = decades(&[1.0]);
    if tens.len() >= 3 {
        return tens;
    }
    let fine = decades(&[1.0, 2.0, 5.0]);
    if fine.len() > 5 { decades(&[1.0, 3.0]) } else { fine }
}

/// Costs side by side: the parts of the middle stacked, the range as a whisker.
#[must_use]
pub fn costs(
    about: &str,
    parts: &[String],
    rows: &[(String, Vec<CostRange>, CostRange)],
    budget: Option<f64>,
) -> Markup {
    let line = 40.0;
    let (top, left) = (6.0, 104.0);
    let bottom = top + line * rows.len() as f64;
    let height = bottom + 22.0;
    let most = rows.iter().map(|(_, _, total)| total.high.0).chain(budget).fold(0.0, f64::max);
    let high = if most > 0.0 { nice(most * 1.02) } else { 1.0 };
    let x = |value: f64| left + (value / high).clamp(0.0, 1.0) * (WIDTH - left - RIGHT - 10.0);
    let middle = |range: &CostRange| (range.low.0 + range.high.0) / 2.0;
    html! {
        svg.plot viewBox=(format!("0 0 {WIDTH} {height}")) role="img" aria-label=(clean(about)) {
            title { (clean(about)) }
            @for nth in 0..=2 {
                @let value = high * f64::from(nth) / 2.0;
                line.grid x1=(at(x(value))) x2=(at(x(value))) y1=(at(top)) y2=(at(bottom)) {}
                text x=(at(x(value))) y=(at(bottom + 15.0)) text-anchor=(if nth == 2 { "end" } else { "middle" }) { (Unit::Money.show(value)) }
            }
            @for (nth, (name, shares, total)) in rows.iter().enumerate() {
                @let y = top + line * nth as f64;
                text.strong x="0" y=(at(y + 20.0)) { (shorten(&clean(name), 17)) }
                @for (part, share) in shares.iter().enumerate() {
                    @let before: f64 = shares[..part].iter().map(middle).sum();
                    rect class=(format!("f{}", part.min(4))) x=(at(x(before))) y=(at(y + 9.0)) height="13"
                        width=(at((x(before + middle(share)) - x(before)).max(0.0))) {
                        title { (clean(parts.get(part).map_or("", String::as_str))) ": " (money(*share)) }
                    }
                }
                path.whisker d=(format!("M{0} {1}V{2}M{0} {3}H{4}M{4} {1}V{2}", at(x(total.low.0)), at(y + 24.5), at(y + 30.5), at(y + 27.5), at(x(total.high.0)))) {
                    title { "from " (money(*total)) }
                }
            }
            @if let Some(budget) = budget {
                line.goal x1=(at(x(budget))) x2=(at(x(budget))) y1=(at(top)) y2=(at(bottom)) {}
            }
        }
    }
}

/// The next of 1, 2, 2.5, 5 times a power of ten.
fn nice(value: f64) -> f64 {
    let power = 10f64.powi(value.log10().floor() as i32);
    let step =
        [1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0].into_iter().find(|step| step * power >= value - 1e-12);
    step.unwrap_or(10.0) * power
}

fn at(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0;
    if rounded == 0.0 { "0".into() } else { format!("{rounded}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use groundplan_model::units::Money;

    #[test]
    fn a_gap_lifts_the_pen() {
        let points = [(0.0, Some(1.0)), (10.0, None), (20.0, Some(2.0)), (30.0, Some(f64::NAN)), (40.0, Some(1.0))];
        assert_eq!(path(&points, |x| x, |y| y), "M0 1M20 2M40 1");
    }

    #[test]
    fn names_are_text_and_nothing_leaves_the_picture() {
        let lines = [Line { name: "<b>\"x".into(), class: 0, points: vec![(0.0, Some(0.2)), (1e9, Some(7.0))] }];
        let svg = over_time("a < b", &lines, Unit::Share, Some((0.0, 1e12)), Some(0.99)).into_string();
        assert!(svg.contains("&lt;b&gt;") && !svg.contains("<b>") && !svg.contains("NaN"), "{svg}");
        let empty = over_time("nothing", &[], Unit::Seconds, None, None).into_string();
        assert!(!empty.contains("NaN") && !empty.contains("inf"), "{empty}");
    }

    #[test]
    fn empty_and_zero_charts_have_no_nan() {
        let points = vec![("p50", Estimate::unknown("none")), ("p99", Estimate::exact(0.0))];
        let rows = [Row { name: "a".into(), class: 0, points }];
        let one = percentiles("x", &rows, None).into_string();
        let zero = CostRange { low: Money(0.0), high: Money(0.0) };
        let two = costs("x", &["compute".into()], &[("a".into(), vec![zero], zero)], None).into_string();
        for svg in [one, two] {
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        }
    }

    #[test]
    fn axes_end_on_round_figures() {
        assert_eq!((nice(0.93), nice(117.0), nice(6.1)), (1.0, 150.0, 8.0));
        assert_eq!(ticks(0.002, 3.0), [0.01, 0.1, 1.0]);
    }
}

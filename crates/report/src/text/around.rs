//! What happens around a fault as small lines of blocks: goodput and p99 of operations and queues of components, on one axis
//! of time with the fault on it. Not here: figures with intervals, and charts that are drawn.

use crate::clean::{clean, columns, shorten};
use crate::figure::Unit;
use crate::terminal::Page;
use groundplan_sim::verdict::ExperimentVerdict;

/// Columns of names, of what is shown, and of time at most.
const NAME: usize = 22;
const WORD: usize = 8;
const TIME: usize = 30;
/// Operations and components that are drawn at most.
const OPERATIONS_MOST: usize = 6;
const COMPONENTS_MOST: usize = 3;
const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The lines of one experiment; nothing where it has no fault or no slices.
pub(super) fn section(page: &mut Page, experiment: &ExperimentVerdict) {
    let series = &experiment.series;
    let slices = series.operations.values().map(|one| one.in_time.len()).max().unwrap_or(0);
    let (Some(faulty), true) = (experiment.faulty, slices > 0) else { return };
    let group = slices.div_ceil(TIME);
    let time = slices.div_ceil(group);
    let width = series.slice.0 * group as f64;
    page.gap();
    let place = |at: f64| ((at / width + 1e-9) as usize).min(time - 1);
    let first = place(faulty.from.0);
    let last = faulty.until.map_or(time - 1, |until| place((until.0 - width * 1e-3).max(faulty.from.0)));
    let mut marks = vec![' '; time];
    marks[first..=last].fill('─');
    marks[first] = if first == last { '│' } else { '├' };
    if last > first {
        marks[last] = if faulty.until.is_some() { '┤' } else { '→' };
    }
    let from = Unit::Seconds.show(faulty.from.0);
    let until = faulty.until.map_or_else(|| "the end".into(), |until| Unit::Seconds.show(until.0));
    row(page, "", "fault", marks.into_iter().collect(), &format!("{from} to {until}"));
    let mut operations: Vec<_> = series.operations.iter().collect();
    // Those that lose most, in the order of the design.
    let worst = |values: &[Option<f64>]| values.iter().flatten().copied().fold(1.0, f64::min);
    let mut order: Vec<usize> = (0..operations.len()).collect();
    order.sort_by(|one, other| worst(&operations[*one].1.in_time).total_cmp(&worst(&operations[*other].1.in_time)));
    order.truncate(OPERATIONS_MOST);
    order.sort_unstable();
    operations = order.into_iter().map(|nth| operations[nth]).collect();
    for (name, one) in operations {
        line(page, name, "in time", &grouped(&one.in_time, group, mean), Some(1.0), Unit::Share);
        line(page, "", "p99", &grouped(&one.p99, group, most), None, Unit::Seconds);
    }
    let peak = |queue: &[f64]| queue.iter().copied().fold(0.0, f64::max);
    let mut components: Vec<_> = series.components.iter().filter(|(_, one)| peak(&one.queue) >= 1.0).collect();
    components.sort_by(|one, other| peak(&other.1.queue).total_cmp(&peak(&one.1.queue)));
    for (name, one) in components.into_iter().take(COMPONENTS_MOST) {
        let queue: Vec<Option<f64>> = one.queue.iter().map(|value| Some(*value)).collect();
        line(page, name, "queue", &grouped(&queue, group, mean), None, Unit::Number);
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn most(values: &[f64]) -> f64 {
    values.iter().copied().fold(0.0, f64::max)
}

/// Slices that share a column, as one value; none where none of them has one.
fn grouped(values: &[Option<f64>], group: usize, one: fn(&[f64]) -> f64) -> Vec<Option<f64>> {
    let of = |slices: &[Option<f64>]| {
        let known: Vec<f64> = slices.iter().flatten().copied().collect();
        (!known.is_empty()).then(|| one(&known))
    };
    values.chunks(group).map(of).collect()
}

/// Values as blocks from zero to `full`, or to the largest, and their range beside them.
fn line(page: &mut Page, name: &str, word: &str, values: &[Option<f64>], full: Option<f64>, unit: Unit) {
    let known = || values.iter().flatten().copied();
    let (least, most) = (known().fold(f64::MAX, f64::min), known().fold(0.0, f64::max));
    let full = full.unwrap_or(most);
    let block = |value: f64| BLOCKS[if full > 0.0 { ((value / full * 7.0).round() as usize).min(7) } else { 0 }];
    let drawn = values.iter().map(|value| value.map_or(' ', block)).collect();
    let range =
        if known().next().is_none() { String::new() } else { format!("{} to {}", unit.show(least), unit.show(most)) };
    row(page, name, word, drawn, &range);
}

fn row(page: &mut Page, name: &str, word: &str, drawn: String, range: &str) {
    let name = shorten(&clean(name), NAME);
    let fill = " ".repeat(NAME.saturating_sub(columns(&name)));
    let rest = shorten(range, 78 - NAME - WORD - TIME - 2);
    page.drawn(2, &format!("{name}{fill} {word:WORD$}{drawn:TIME$} {rest}"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use crate::terminal::{WIDTH, plain};
    use groundplan_sim::verdict::ComponentSeries;

    #[test]
    fn a_collapse_is_seen_below_the_mark_of_its_fault() {
        let plan = sample::plan();
        let mut experiment = plan.choice().steady.experiments[0].clone();
        let queue: Vec<f64> = (0..48).map(|slice| if slice < 12 { 0.0 } else { f64::from(slice) }).collect();
        let series = ComponentSeries { in_use: vec![4.0; 48], queue };
        experiment.series.components.insert("a-store-with-a-name-that-is-too-long".into(), series);
        let mut page = Page::new();
        section(&mut page, &experiment);
        let text = plain(&page.finish());
        assert!(text.lines().all(|line| columns(line) <= WIDTH), "{text}");
        let row =
            |word: &str| text.lines().find(|line| line.contains(word)).map(|line| line[..].chars().skip(33).collect());
        let (fault, queue): (Option<String>, Option<String>) = (row(" fault "), row(" queue "));
        let (fault, queue) = (fault.unwrap_or_default(), queue.unwrap_or_default());
        // 48 slices of 5 s in 24 columns: the fault takes the seventh to the twelfth.
        assert!(fault.starts_with("      ├────┤"), "{text}");
        assert!(queue.starts_with("▁▁▁▁▁▁▃") && queue.contains('█'), "{text}");
    }
}

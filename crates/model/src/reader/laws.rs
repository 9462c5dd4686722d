//! Distributions, arrivals and popularity, from text such as `lognormal(p50 2ms p99 12ms)`.
//!
//! Of `empirical(file)` and `replay(file)` the name of the file is read here; what stands in it comes by `files`.

use super::quantities::{COUNT, Complaint, DURATION, Measure, NUMBER, PLAIN, RATE, SHARE, count, measured};
use crate::diagnostic::guess;
use crate::quantity::{Arrivals, Dist, Popularity, Recorded, Trace};
use crate::text::{one_of, shown};
use crate::units::{PerSecond, Seconds};

/// The deepest nesting of distributions.
const MAX_NESTING: usize = 6;

/// One law: a word with its arguments in parentheses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Law {
    /// The word.
    pub name: &'static str,
    /// One that reads.
    pub example: &'static str,
    /// What it means, with its arguments in order; one or two sentences.
    pub manual: &'static str,
}

const fn law_of(name: &'static str, example: &'static str, manual: &'static str) -> Law {
    Law { name, example, manual }
}

/// Distributions of durations. To add one: a line here and its arm in `law`.
pub const DISTRIBUTIONS: &[Law] = &[
    law_of("exp", "exp(10ms)", "Exponential, by its mean: memoryless, scv 1."),
    law_of("const", "const(10ms)", "Always the same."),
    law_of("uniform", "uniform(150ms 300ms)", "Every value between two ends is as likely."),
    law_of(
        "lognormal",
        "lognormal(p50 2ms p99 12ms)",
        "Lognormal, by its median and 99th percentile, or by its mean and scv: `lognormal(mean 3ms scv 2)`.",
    ),
    law_of("erlang", "erlang(4 10ms)", "The sum of k exponential phases, by k and the mean of the whole: scv 1/k."),
    law_of(
        "hyperexp",
        "hyperexp(10ms 4)",
        "One of two exponentials with balanced means, by its mean and scv (1 or more).",
    ),
    law_of("pareto", "pareto(1.5 1ms 10s)", "Heavy-tailed between two ends, by its exponent and both ends."),
    law_of("geometric", "geometric(100)", "A whole number from 1 on, by its mean; as a duration in seconds."),
    law_of(
        "half-normal",
        "half-normal(2ms)",
        "The absolute value of a normal law around 0, by that law's standard deviation.",
    ),
    law_of(
        "normal",
        "normal(10ms 2ms)",
        "A normal law by its mean and standard deviation; where it would be below 0, its absolute value.",
    ),
    law_of(
        "mixture",
        "mixture(91% exp(1ms) 9% exp(9ms))",
        "One of several laws, each with its share; the shares add up to 100%.",
    ),
    law_of(
        "empirical",
        "empirical(times.csv)",
        "One of the durations recorded in a file, each as often as it stands there: one a line, in seconds or with a unit.",
    ),
];

/// How requests of an open load arrive. To add one: a line here and its arm in `arriving`.
pub const ARRIVALS: &[Law] = &[
    law_of("poisson", "poisson(900/s)", "Independent of one another, at a mean rate."),
    law_of("constant", "constant(80/s)", "Evenly spaced."),
    law_of("batch", "batch(5 poisson(16/s))", "So many at once, whenever the inner law says."),
    law_of(
        "mmpp",
        "mmpp(1.6/s 10s 0.4/s 20s)",
        "Poisson at a rate that switches between two states: rate and mean stay of the one, rate and mean stay of the other.",
    ),
    law_of(
        "sine",
        "sine(100/s 60/s 24h)",
        "Poisson at a rate that swings around a mean, by mean, amplitude and period; it is at its mean, and rising, at the start \
         of the observed window.",
    ),
    law_of("at", "at(0s 100)", "So many requests at one instant, and none after."),
    law_of(
        "steps",
        "steps(0s 100/s 10min 500/s)",
        "Poisson at a rate that jumps: instants from the start of the observed window on, each with the rate from then on.",
    ),
    law_of(
        "ramp",
        "ramp(100/s 1k/s 10min)",
        "Poisson at a rate that goes in a straight line from one to another, from the start of the observed window on, and stays.",
    ),
    law_of(
        "replay",
        "replay(trace.csv)",
        "At the instants recorded in a file, from the start of the observed window on: one a line, in seconds, and after a \
         comma the operation, if the load asks for none itself.",
    ),
];

/// How often each item is asked for. To add one: a line here and its arm in `popularity`.
pub const POPULARITY: &[Law] = &[
    law_of(
        "zipf",
        "zipf(0.9 2M)",
        "The nth most popular item is asked for n^-a times as often as the first, by the exponent a and the number of items; \
         `zipf(0.9)` takes the number from elsewhere.",
    ),
    law_of("uniform", "uniform(2M)", "Every item as often, by the number of items; `uniform` takes it from elsewhere."),
];

struct Call<'a> {
    name: &'a str,
    arguments: Vec<&'a str>,
    text: &'a str,
}

/// `name(argument argument ...)`; arguments are parted by spaces outside of inner parentheses.
fn call(text: &str) -> Result<Option<Call<'_>>, Complaint> {
    let text = text.trim();
    let Some((name, rest)) = text.split_once('(') else {
        return Ok(None);
    };
    let balanced = || {
        Complaint::new("unbalanced-parentheses", format!("{} has unbalanced parentheses", shown(text)))
            .help("write spaces, not commas, inside parentheses: `uniform(150ms 300ms)`")
    };
    let Some(inside) = rest.strip_suffix(')') else {
        return Err(balanced());
    };
    let (mut depth, mut from, mut arguments) = (0usize, None, Vec::new());
    for (at, c) in inside.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1).ok_or_else(balanced)?,
            ',' => {
                return Err(Complaint::new(
                    "comma-in-parentheses",
                    format!("{} has a comma inside parentheses", shown(text)),
                )
                .help(format!(
                    "write spaces, not commas: {}",
                    shown(&text.replace(',', " ").split_whitespace().collect::<Vec<_>>().join(" "))
                )));
            }
            _ => {}
        }
        if depth == 0 && c.is_whitespace() {
            if let Some(from) = from.take() {
                arguments.push(&inside[from..at]);
            }
        } else if from.is_none() {
            from = Some(at);
        }
    }
    if depth != 0 {
        return Err(balanced());
    }
    if let Some(from) = from {
        arguments.push(&inside[from..]);
    }
    Ok(Some(Call { name: name.trim(), arguments, text }))
}

fn unknown(what: &str, name: &str, text: &str, names: &[Law]) -> Complaint {
    let complaint = Complaint::new("unknown-law", format!("{} is not {what}", shown(text)));
    match guess(name, names.iter().map(|law| law.name)) {
        Some(right) => {
            let example = names.iter().find(|law| law.name == right).map_or("", |law| law.example);
            complaint.help(format!("did you mean {}?", shown(example)))
        }
        None => complaint.help(format!("write {}", one_of(names.iter().map(|law| law.example), 10))),
    }
}

fn wants(call: &Call<'_>, names: &[Law]) -> Complaint {
    let example = names.iter().find(|law| law.name == call.name).map_or("", |law| law.example);
    Complaint::new("wrong-arguments", format!("{} doesn't have what {} wants", shown(call.text), shown(call.name)))
        .help(format!("write one such as {}", shown(example)))
}

fn single(text: &str, measure: &Measure) -> Result<f64, Complaint> {
    let value = measured(text, measure)?;
    if value.is_range() {
        return Err(Complaint::new(
            "range-not-here",
            format!("{} is a range; no range can stand inside parentheses", shown(text)),
        ));
    }
    Ok(value.low)
}

/// A distribution of durations. `bare` makes one of a duration that stands alone.
///
/// # Errors
/// What is wrong with the text.
pub fn distribution(text: &str, bare: impl Fn(f64) -> Dist) -> Result<Dist, Complaint> {
    match call(text)? {
        None => {
            if DISTRIBUTIONS.iter().any(|law| law.name == text.trim()) {
                return Err(unknown("a distribution", text.trim(), text, DISTRIBUTIONS));
            }
            let range = measured(text, &DURATION)?;
            Ok(bare(range.mid()))
        }
        Some(call) => law(&call, 0, &DURATION),
    }
}

/// A distribution of plain numbers, such as tokens; a bare number is always the same.
///
/// # Errors
/// What is wrong with the text.
pub fn numbers(text: &str) -> Result<Dist, Complaint> {
    match call(text)? {
        None => Ok(Dist::Const(single(text, &PLAIN)?)),
        Some(call) => law(&call, 0, &PLAIN),
    }
}

impl Complaint {
    /// Examples of durations as examples of plain numbers, where those are meant.
    fn of(mut self, measure: &Measure) -> Complaint {
        if measure.units.is_empty() {
            self.help = self.help.map(|help| help.replace("ms", ""));
        }
        self
    }
}

fn law(call: &Call<'_>, nesting: usize, measure: &'static Measure) -> Result<Dist, Complaint> {
    let arguments = call.arguments.as_slice();
    let bad = |why: &str| Complaint::new("wrong-arguments", format!("{} can't be: {why}", shown(call.text)));
    let s = |text: &str| single(text, measure);
    let n = |text: &str| single(text, &NUMBER);
    Ok(match (call.name, arguments) {
        ("const", [value]) => Dist::Const(s(value)?),
        ("exp", [mean]) => Dist::Exp(s(mean)?),
        ("uniform", [low, high]) => {
            let (low, high) = (s(low)?, s(high)?);
            if low > high {
                return Err(bad("the smaller end comes first"));
            }
            Dist::Uniform(low, high)
        }
        ("erlang", [k, mean]) => {
            let k = count(k)?;
            if !(1..=1000).contains(&k) {
                return Err(bad("an Erlang law has 1 to 1000 phases"));
            }
            Dist::Erlang(k as u32, s(mean)?)
        }
        ("hyperexp", [mean, scv]) => {
            let scv = n(scv)?;
            if scv < 1.0 {
                return Err(bad("its squared coefficient of variation is at least 1"));
            }
            Dist::HyperExp(s(mean)?, scv)
        }
        ("lognormal", ["p50", p50, "p99", p99]) => {
            let (p50, p99) = (s(p50)?, s(p99)?);
            if p50 <= 0.0 || p99 < p50 {
                return Err(bad("its median is above 0 and its p99 at least the median"));
            }
            Dist::LogNormal { p50, p99 }
        }
        ("lognormal", ["mean", mean, "scv", scv]) => {
            let (mean, scv) = (s(mean)?, n(scv)?);
            if mean <= 0.0 || scv < 0.0 {
                return Err(bad("its mean is above 0 and its squared coefficient of variation not negative"));
            }
            Dist::LogNormalMean { mean, scv }
        }
        ("pareto", [a, min, max]) => {
            let (a, min, max) = (n(a)?, s(min)?, s(max)?);
            if a <= 0.0 || a > 100.0 || min <= 0.0 || max <= min {
                return Err(bad("its exponent is above 0 and its ends are 0 < min < max"));
            }
            Dist::Pareto(a, min, max)
        }
        ("geometric", [mean]) => {
            let mean = n(mean)?;
            if mean < 1.0 {
                return Err(bad("it counts from 1, so its mean is at least 1"));
            }
            Dist::Geometric(mean)
        }
        ("half-normal", [sd]) => Dist::HalfNormal(s(sd)?),
        ("normal", [mean, sd]) => Dist::Normal(s(mean)?, s(sd)?),
        ("mixture", parts) if parts.len() >= 2 && parts.len().is_multiple_of(2) => {
            if nesting >= MAX_NESTING {
                return Err(bad("mixtures are nested too deeply"));
            }
            let mut mixed = Vec::new();
            for pair in parts.chunks_exact(2) {
                let share = single(pair[0], &SHARE)?;
                let part = match self::call(pair[1])? {
                    Some(inner) => law(&inner, nesting + 1, measure)?,
                    None => Dist::Const(s(pair[1])?),
                };
                mixed.push((share, part));
            }
            let sum: f64 = mixed.iter().map(|(share, _)| share).sum();
            if (sum - 1.0).abs() > 1e-9 {
                return Err(bad(&format!(
                    "its shares add up to {}%, not 100%",
                    crate::units::significant(sum * 100.0)
                )));
            }
            Dist::Mixture(mixed)
        }
        ("empirical", [file]) => Dist::Empirical(Recorded::unread(file)),
        (name, _) if DISTRIBUTIONS.iter().any(|law| law.name == name) => {
            return Err(wants(call, DISTRIBUTIONS).of(measure));
        }
        (name, _) => return Err(unknown("a distribution", name, call.text, DISTRIBUTIONS).of(measure)),
    })
}

/// How requests of an open load arrive.
///
/// # Errors
/// What is wrong with the text.
pub fn arrivals(text: &str) -> Result<Arrivals, Complaint> {
    match call(text)? {
        Some(call) => arriving(&call, 0),
        None => match measured(text, &RATE) {
            Ok(_) => Err(Complaint::new("unknown-law", format!("{} doesn't say how requests arrive", shown(text)))
                .help(format!(
                    "write `poisson({0})` for independent arrivals, `constant({0})` for even ones",
                    text.trim()
                ))),
            Err(_) => Err(unknown("a law of arrivals", text, text, ARRIVALS)),
        },
    }
}

fn arriving(call: &Call<'_>, nesting: usize) -> Result<Arrivals, Complaint> {
    let rate = |text: &str| single(text, &RATE).map(PerSecond);
    let time = |text: &str| single(text, &DURATION).map(Seconds);
    let bad = |why: &str| Complaint::new("wrong-arguments", format!("{} can't be: {why}", shown(call.text)));
    Ok(match (call.name, call.arguments.as_slice()) {
        ("poisson", [mean]) => Arrivals::Poisson(rate(mean)?),
        ("constant", [mean]) => Arrivals::Constant(rate(mean)?),
        ("batch", [size, inner]) => {
            if nesting >= MAX_NESTING {
                return Err(bad("batches are nested too deeply"));
            }
            let size = count(size)?;
            if !(1..=1_000_000).contains(&size) {
                return Err(bad("a batch has 1 to 1M requests"));
            }
            let inner = self::call(inner)?.ok_or_else(|| wants(call, ARRIVALS))?;
            Arrivals::Batch(size as u32, Box::new(arriving(&inner, nesting + 1)?))
        }
        ("mmpp", [rate_a, stay_a, rate_b, stay_b]) => {
            let (stay_a, stay_b) = (time(stay_a)?, time(stay_b)?);
            if stay_a.0 <= 0.0 || stay_b.0 <= 0.0 {
                return Err(bad("it stays in each state longer than 0"));
            }
            Arrivals::Mmpp(rate(rate_a)?, stay_a, rate(rate_b)?, stay_b)
        }
        ("sine", [mean, amplitude, period]) => {
            let (mean, amplitude, period) = (rate(mean)?, rate(amplitude)?, time(period)?);
            if amplitude > mean || period.0 <= 0.0 {
                return Err(bad("its amplitude is at most its mean, its period above 0"));
            }
            Arrivals::Sine(mean, amplitude, period)
        }
        ("at", [when, number]) => {
            let number = count(number)?;
            if number > 100_000_000 {
                return Err(bad("at most 100M requests arrive at one instant"));
            }
            Arrivals::At(time(when)?, number as u32)
        }
        ("steps", parts) if parts.len() >= 2 && parts.len().is_multiple_of(2) => {
            let mut steps: Vec<(Seconds, PerSecond)> = Vec::new();
            for pair in parts.chunks_exact(2) {
                let (when, then) = (time(pair[0])?, rate(pair[1])?);
                match steps.last() {
                    None if when.0 != 0.0 => return Err(bad("the first step is at 0s")),
                    Some((last, _)) if when <= *last => {
                        return Err(bad(&format!("its steps are out of order, {when} does not come after {last}")));
                    }
                    _ => steps.push((when, then)),
                }
            }
            Arrivals::Steps(steps)
        }
        ("ramp", [from, to, over]) => {
            let over = time(over)?;
            if over.0 <= 0.0 {
                return Err(bad("it takes longer than 0"));
            }
            Arrivals::Ramp(rate(from)?, rate(to)?, over)
        }
        ("replay", [file]) => Arrivals::Replay(Trace::unread(file)),
        (name, _) if ARRIVALS.iter().any(|law| law.name == name) => return Err(wants(call, ARRIVALS)),
        (name, _) => return Err(unknown("a law of arrivals", name, call.text, ARRIVALS)),
    })
}

/// How often each item is asked for: `zipf(0.9)`, `zipf(0.9 2M)`, `uniform`, `uniform(2M)`.
///
/// # Errors
/// What is wrong with the text.
pub fn popularity(text: &str) -> Result<Popularity, Complaint> {
    let items = |text: &str| -> Result<Option<f64>, Complaint> {
        let value = single(text, &COUNT)?;
        if value < 1.0 {
            return Err(Complaint::new("out-of-range", "a popularity is over at least one item")
                .help("write how many there are, such as `zipf(0.9 2M)`"));
        }
        Ok(Some(value))
    };
    let exponent = |text: &str| -> Result<f64, Complaint> {
        let value = single(text, &NUMBER)?;
        if !(0.0..=10.0).contains(&value) {
            return Err(Complaint::new("out-of-range", format!("{} is out of range", shown(text)))
                .help("a Zipf exponent is between 0 and 10"));
        }
        Ok(value)
    };
    let Some(call) = call(text)? else {
        if text.trim() == "uniform" {
            return Ok(Popularity { exponent: 0.0, items: None });
        }
        return Err(unknown("a popularity", text.trim(), text, POPULARITY));
    };
    match (call.name, call.arguments.as_slice()) {
        ("zipf", [a]) => Ok(Popularity { exponent: exponent(a)?, items: None }),
        ("zipf", [a, n]) => Ok(Popularity { exponent: exponent(a)?, items: items(n)? }),
        ("uniform", [n]) => Ok(Popularity { exponent: 0.0, items: items(n)? }),
        ("zipf" | "uniform", _) => Err(wants(&call, POPULARITY)),
        (name, _) => Err(unknown("a popularity", name, call.text, POPULARITY)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_law_reads_its_example_and_prints_what_it_reads() {
        for Law { name, example, manual } in DISTRIBUTIONS {
            assert!(manual.ends_with('.'), "{name}");
            let dist = distribution(example, Dist::Exp).unwrap_or_else(|complaint| panic!("{name}: {complaint:?}"));
            assert_eq!(distribution(&dist.to_string(), Dist::Exp), Ok(dist), "{example}");
        }
        for Law { name, example, manual } in ARRIVALS {
            assert!(manual.ends_with('.'), "{name}");
            let law = arrivals(example).unwrap_or_else(|complaint| panic!("{name}: {complaint:?}"));
            assert_eq!(arrivals(&law.to_string()), Ok(law), "{example}");
        }
        for Law { name, example, manual } in POPULARITY {
            assert!(manual.ends_with('.'), "{name}");
            let law = popularity(example).unwrap_or_else(|complaint| panic!("{name}: {complaint:?}"));
            assert_eq!(popularity(&law.to_string()), Ok(law), "{example}");
        }
        assert_eq!(popularity("zipf(0.9 2M)"), Ok(Popularity { exponent: 0.9, items: Some(2e6) }));
        assert_eq!(popularity("uniform"), Ok(Popularity { exponent: 0.0, items: None }));
        assert_eq!(distribution("3ms", Dist::Const), Ok(Dist::Const(0.003)));
    }

    #[test]
    fn laws_that_can_not_be_are_refused() {
        let check =
            |text: &str, code: &str| assert_eq!(distribution(text, Dist::Exp).map_err(|c| c.code), Err(code), "{text}");
        check("exp(5)", "missing-unit");
        check("expo(5ms)", "unknown-law");
        check("uniform(3ms 1ms)", "wrong-arguments");
        check("lognormal(p50 2ms p95 12ms)", "wrong-arguments");
        check("uniform(1ms, 2ms)", "comma-in-parentheses");
        check("mixture(50% 1ms 40% 2ms)", "wrong-arguments");
        check("empirical()", "wrong-arguments");
        check("empirical(a.csv b.csv)", "wrong-arguments");
        check("exp(1ms))", "unbalanced-parentheses");
        check("exp", "unknown-law");
        check(&format!("{}1ms 50% 1ms{}", "mixture(50% ".repeat(2000), ")".repeat(2000)), "wrong-arguments");
        let check = |text: &str, headline: &str| {
            let found = arrivals(text).map_err(|complaint| complaint.headline);
            assert_eq!(found, Err(headline.to_string()), "{text}");
        };
        check("steps(0s 1/s 2s)", "`steps(0s 1/s 2s)` doesn't have what `steps` wants");
        check("steps(1s 1/s)", "`steps(1s 1/s)` can't be: the first step is at 0s");
        check(
            "steps(0s 1/s 5s 2/s 5s 3/s)",
            "`steps(0s 1/s 5s 2/s 5s 3/s)` can't be: its steps are out of order, 5s does not come after 5s",
        );
        check("ramp(1/s 2/s 0s)", "`ramp(1/s 2/s 0s)` can't be: it takes longer than 0");
        check("replay()", "`replay()` doesn't have what `replay` wants");
        assert_eq!(
            arrivals("900/s").map_err(|c| c.help),
            Err(Some("write `poisson(900/s)` for independent arrivals, `constant(900/s)` for even ones".into()))
        );
    }
}

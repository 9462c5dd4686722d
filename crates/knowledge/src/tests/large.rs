//! A large brief and a large knowledge as text, made by counting: for the timing test here and for the benchmark, which takes this
//! file in. Nothing here is known of the world; the numbers only spread conditions over what rules may ask.

use std::fmt::Write as _;

/// A quantity that rules may ask about: name, unit, and whom it is asked about (`brief`, `set`, `module`, `entry`).
pub type Quantity = (&'static str, &'static str, &'static str);

/// A brief of 30 modules, 60 data sets and 40 entry points.
#[must_use]
pub fn brief() -> String {
    let mut text = String::from("kind: brief\nversion: 1\nname: Large\nload:\n");
    for n in 0..40 {
        let (rate, peak, p99) = (1 + n * 37 % 900, 2 + n % 7, 100 + n * 53 % 1_900);
        let _ = writeln!(
            text,
            "  - {{ operation: m{}.op{}, rate: {rate}/s, peak: {peak}x, p99: {p99}ms, availability: 99.9% }}",
            n % 30,
            n / 30
        );
    }
    text.push_str("growth: 40%/year\ndomain:\n");
    for m in 0..30 {
        let _ = writeln!(text, "  m{m}:\n    team: t{}\n    changes: {}/week\n    operations:", m % 8, 1 + m % 9);
        for o in 0..3 {
            let (one, other) = (m * 2, m * 2 + 1);
            let mut calls = Vec::new();
            if o == 0 {
                calls.extend([m + 1, m + 7].into_iter().filter(|to| *to < 30).map(|to| format!("m{to}.op2")));
            }
            let emits = if o == 1 { format!(", emits: [happened-{m}]") } else { String::new() };
            let _ = writeln!(
                text,
                "      op{o}: {{ work: {}ms, reads: [d{one}], writes: [d{other}], calls: [{}]{emits} }}",
                1 + (m + o) % 12,
                calls.join(", ")
            );
        }
        if m > 0 {
            let _ = writeln!(text, "      on: {{ handles: happened-{}, work: 1ms, writes: [d{}] }}", m - 1, m * 2);
        }
    }
    text.push_str("data:\n");
    let consistency = ["strong", "eventual", "read-your-writes", "{ eventual-within: 5s }"];
    for d in 0..60 {
        let (owner, size, replay) = (d / 2, 1 + d * 17 % 700, if d % 9 == 0 { "yes" } else { "no" });
        let _ = writeln!(
            text,
            "  d{d}: {{ owner: m{owner}, size: {size} GB, item: 2 KB, consistency: {}, replay: {replay}, access: {{ get: {}/s, search: {}/s }} }}",
            consistency[d % 4],
            10 + d,
            d % 5
        );
    }
    text.push_str(
        "availability: 99.9%
recovery: { rto: 15min, rpo: 0s }
regions: { eu-west: 70%, us-east: 30% }
team: { engineers: 90, teams: 8, maturity: medium, on-call: always }
platform: { ci-cd: yes, observability: partial, infrastructure-as-code: yes, sre: no, kubernetes: partial, brokers: partial }
budget: 200k USD/month
priorities: [recovery, cost, scale]
risk: medium
horizon: 3 years
",
    );
    text
}

/// Files laid over the knowledge so that it holds this many rules more: two options in each dimension, with rules on all
/// quantities, every third with a range, every fifth asking what the first dimension chose.
#[must_use]
pub fn overlay(rules: usize, dimensions: &[(&str, bool)], quantities: &[Quantity]) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut facts = String::from("kind: facts\nfacts:\n");
    let mut all = String::from("kind: rules\nrules:\n");
    for (dimension, _) in dimensions {
        for option in ["counted-a", "counted-b"] {
            let text = format!("kind: option\ndimension: {dimension}\noption: {option}\nabout: x\nrules: []\n");
            files.push((format!("options/{dimension}/{option}.yaml"), text));
        }
    }
    let concerns =
        ["consistency", "latency", "scale", "recovery", "isolation", "operability", "cost", "time-to-market"];
    let mut pick = Picker(1);
    for n in 0..rules {
        let (dimension, per_set) = dimensions[n % dimensions.len()];
        let mut when = Vec::new();
        for part in 0..1 + pick.below(3) {
            // Words left out, so that each rule has a number of its own: without one, two rules could contradict each other.
            let fits = |quantity: &&Quantity| {
                quantity.1 != "word" && (quantity.2 == "brief" || per_set && quantity.2 == "set")
            };
            let fitting: Vec<&Quantity> = quantities.iter().filter(fits).collect();
            let own: Vec<&Quantity> = fitting.iter().copied().filter(|quantity| quantity.2 == "set").collect();
            let from = if per_set && part == 0 { own } else { fitting };
            let (name, unit, _) = *from[pick.below(from.len())];
            let sign = if pick.below(2) == 0 { ">=" } else { "<=" };
            // Two bounds of one quantity may leave nothing between them.
            if when.iter().any(|text: &String| text.starts_with(&format!("\"{name} "))) {
                continue;
            }
            let value = around(unit, &mut pick);
            let id = format!("counted-{n}-{part}");
            let range = if n % 3 == 0 {
                format!(", range: \"{}..{}\"", shown(value / 2.0, unit), shown(value * 2.0, unit))
            } else {
                String::new()
            };
            let _ = writeln!(
                facts,
                "  {id}: {{ name: counted, value: \"{}\"{range}{}, source: counted, date: '2026', mark: A }}",
                shown(value, unit),
                own_unit(unit)
            );
            when.push(format!("\"{name} {sign} fact.{id}\""));
        }
        if n % 5 == 0 && n % dimensions.len() > 0 {
            when.push("architecture-style is modular-monolith".into());
        }
        let side = if pick.below(2) == 0 { "for" } else { "against" };
        let (concern, grade) = (concerns[pick.below(concerns.len())], ["slight", "normal", "strong"][pick.below(3)]);
        let option = if pick.below(2) == 0 { "counted-a" } else { "counted-b" };
        let _ = writeln!(
            all,
            "  - {{ rule: counted-{n}, dimension: {dimension}, option: {option}, when: [{}], {side}: {concern}, grade: {grade}, text: x, sources: {{ counted: documented }} }}",
            when.join(", ")
        );
    }
    let source = "kind: sources\nsources:\n  counted: { title: counted, author: nobody, year: 2026, type: official, read-at: nowhere, mark: A, about: x }\n";
    files.push(("sources/counted.yaml".into(), source.into()));
    files.push(("facts/counted.yaml".into(), facts));
    files.push(("rules/counted.yaml".into(), all));
    files
}

/// A plain generator of whole numbers; the same numbers every time.
struct Picker(u64);

impl Picker {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % count
    }
}

/// A threshold that some briefs pass and others don't. In the unit.
fn around(unit: &str, pick: &mut Picker) -> f64 {
    let (from, steps) = match unit {
        "s" => (0.01, 6),
        "/s" => (1.0, 6),
        "B" => (1e8, 6),
        "B/s" => (1e5, 4),
        "share" | "share/year" => return [0.1, 0.25, 0.3, 0.45][pick.below(4)],
        "USD/month" => (1e3, 4),
        _ => (1.0, 3),
    };
    let mut value: f64 = from;
    for _ in 0..pick.below(steps) {
        value *= 10.0;
    }
    value * (1 + pick.below(8)) as f64
}

fn shown(value: f64, unit: &str) -> String {
    match unit {
        "s" | "/s" => format!("{value}{unit}"),
        "B" | "B/s" => format!("{value} {unit}"),
        "share" => format!("{}%", value * 100.0),
        "share/year" => format!("{}%/year", value * 100.0),
        "x" => format!("{value}x"),
        "USD/month" => format!("{value} USD/month"),
        _ => format!("{value}"),
    }
}

/// Counts say what they count.
fn own_unit(unit: &str) -> String {
    match unit {
        "people" | "teams" | "vCPU" => format!(", unit: {unit}"),
        _ => String::new(),
    }
}

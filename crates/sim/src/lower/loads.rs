//! The load: each becomes a source and a client that does its steps in order, holding no server; a mix becomes one source
//! with a row for each kind of request. Figures of tenants are entries of their own, behind all others.

use super::steps::Context;
use super::{Ask, From, Lowering, nanoseconds};
use crate::kernel::arrivals::{LONG_BEFORE, Stretch};
use crate::kernel::draws;
use crate::kernel::popularity::Popularity;
use crate::kernel::tables::{Arrivals, NONE, Source, Step, Tenants, share_bits};
use groundplan_model::design::{Design, Load, Operation};
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::quantity;
use groundplan_model::span::{Located, Span};
use groundplan_model::units::{PerSecond, Seconds};
use groundplan_model::value::Settings;

/// Components that pass requests on in a row that a name is looked for behind.
const HOPS: usize = 8;

/// The names that entries of the record go by: what the loads ask for, and behind all that the figures of tenants.
#[must_use]
pub(crate) fn entry_names(design: &Design) -> Vec<String> {
    let (mut names, mut figures) = (Vec::new(), Vec::new());
    for load in &design.load {
        for asked in load.asked() {
            if tenants_said(design, load).is_some() {
                figures.extend(["biggest", "others"].map(|who| format!("{}/{who}", asked.name)));
            }
            names.push(asked.name);
        }
    }
    names.extend(figures);
    names
}

/// Whose the requests of a load are, in its own words or the design's.
fn tenants_said<'d>(design: &'d Design, load: &'d Load) -> Option<&'d Settings> {
    load.settings.map("tenants").or(design.tenants.as_ref())
}

/// One row of the sources: one kind of request of a load.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// The load.
    pub load: usize,
    /// The name its figures go by.
    pub name: String,
    /// What it is called in every design of its domain.
    pub stable: String,
}

impl<'d> Lowering<'d> {
    pub(crate) fn emit_loads(&mut self) {
        self.check_consumers();
        self.check_flows();
        let design = self.design;
        for (nth, load) in design.load.iter().enumerate() {
            self.emit_load(nth, load);
        }
        self.check_entries();
        self.emit_figures();
    }

    fn emit_load(&mut self, nth: usize, load: &'d Load) {
        let span = load.name.as_ref().or(load.operation.as_ref()).map_or(Span::NONE, |name| name.span);
        let asked = load.asked();
        let alone = asked.len() == 1;
        let Some((arrivals, batch)) = self.arrivals(load, span) else {
            return;
        };
        let (keys, tenants, homes) = (self.keys_of(load), self.tenants_of(load), self.homes_of(load));
        self.homed = homes != NONE;
        let sessions = load.settings.count("sessions").map_or(NONE, |count| count.clamp(1, u64::from(NONE) - 1) as u32);
        let owner = self.tables.sources.len() as u32;
        let mut sum = 0.0;
        for asked in asked {
            let entry = self.here();
            let mut context = Context::client(if alone { load.title() } else { &asked.name });
            match (&asked.operation, &load.route) {
                (Some(operation), _) => self.call_by_client(load, operation, &mut context),
                (None, Some(route)) => self.route(load.title(), route),
                (None, None) => {
                    self.idle_policies(&load.settings, "a load with steps of its own", &[]);
                    self.steps(&mut context, &load.steps);
                }
            }
            if self.limits_asked(self.tables.sources.len()) {
                self.push(Step::JudgeLatency);
            }
            self.push(Step::End);
            let operation = asked.operation.as_ref().map(|operation| operation.value.as_str());
            let stable = match load.settings.text("as").filter(|_| alone) {
                Some(name) => name.to_string(),
                None => self.stable_entry(operation, &asked.name),
            };
            let target = match load.settings.map("target") {
                Some(target) => target.duration("p99"),
                None => operation.and_then(|name| self.entry_operation(name)?.1.target?.p99),
            };
            let first = self.tables.sources.len() as u32 == owner;
            sum += asked.share;
            self.tables.sources.push(Source {
                arrivals: if first { arrivals } else { Arrivals::Part { of: owner } },
                batch,
                entry,
                name: draws::site(if first && !alone { load.title() } else { &stable }),
                in_time: target.map_or(u64::MAX, nanoseconds),
                priority: load.settings.count("priority").unwrap_or(1).clamp(1, 255) as u8,
                keys,
                kinds: 1,
                upto: share_bits(sum),
                tenants,
                figures: NONE,
                homes,
                sessions,
            });
            self.entries.push(Entry { load: nth, name: asked.name, stable });
        }
        self.homed = false;
        if let Some(source) = self.tables.sources.get_mut(owner as usize) {
            source.kinds = self.entries.len() as u32 - owner;
        }
    }

    /// Two kinds of request under one name could not be told apart.
    fn check_entries(&mut self) {
        let mut found = Vec::new();
        for (nth, entry) in self.entries.iter().enumerate() {
            let earlier = self.entries[..nth].iter().find(|other| other.name == entry.name);
            // Whole loads of one name are the reader's to refuse.
            if earlier.is_some_and(|other| other.load != entry.load) {
                let load = &self.design.load[entry.load];
                let span =
                    load.name.as_ref().or(load.operation.as_ref()).map_or(load.settings.span("mix"), |name| name.span);
                let name = groundplan_model::text::shown(&entry.name);
                found.push(
                    Diagnostic::error("duplicate-name", format!("two loads have figures called {name}"))
                        .at(span, "again here")
                        .help("give the mix a `name`: its figures are called `NAME/OPERATION` then"),
                );
            }
        }
        self.diagnostics.append(&mut found);
    }

    /// Entries of the record for the biggest tenant and the others of every source that has tenants.
    fn emit_figures(&mut self) {
        for row in 0..self.tables.sources.len() {
            if self.tables.sources[row].tenants != NONE {
                let entries = self.tables.sources.len() + self.tables.figures_of.len();
                self.tables.sources[row].figures = entries as u32;
                self.tables.figures_of.extend([row as u32; 2]);
            }
        }
    }

    /// The first row of a load among the sources.
    pub(crate) fn source_of(&self, load: usize) -> Option<u32> {
        self.entries.iter().position(|entry| entry.load == load).map(|row| row as u32)
    }

    /// Whose the requests of a load are: an index into `tenants`.
    fn tenants_of(&mut self, load: &Load) -> u32 {
        let Some(tenants) = tenants_said(self.design, load) else {
            return NONE;
        };
        let count = tenants.count("count").unwrap_or(1).clamp(1, u64::from(u32::MAX));
        let exponent = tenants.popularity("rest").map_or(0.0, |rest| rest.exponent);
        let biggest = tenants.share("biggest").map_or(0, |share| share_bits(share.0));
        let others = if biggest == 0 { count } else { count.saturating_sub(1).max(1) };
        self.tables.tenants.push(Tenants { biggest, rest: Popularity::new(exponent, others, "tenant") });
        self.tables.tenants.len() as u32 - 1
    }

    /// Which data the requests of a load concern: an index into `popularities`.
    fn keys_of(&mut self, load: &Load) -> u32 {
        let Some(keys) = load.settings.popularity("keys") else {
            return NONE;
        };
        let Some(items) = keys.items else {
            let diagnostic = Diagnostic::error("no-number-of-keys", "nothing says how many keys there are")
                .at(load.settings.span("keys"), "")
                .help(format!("write `keys: zipf({} 2M)`, or `keys: uniform(2M)`", keys.exponent));
            self.diagnostics.push(diagnostic);
            return NONE;
        };
        // One name for all loads: what one asks for, another may ask for as well, and in every design of the domain.
        let law = Popularity::new(keys.exponent, items as u64, "data key");
        let known = self.tables.popularities.iter().position(|other| *other == law);
        let index = known.unwrap_or_else(|| {
            self.tables.popularities.push(law);
            self.tables.popularities.len() - 1
        });
        index as u32
    }

    fn call_by_client(&mut self, load: &'d Load, operation: &Located<String>, context: &mut Context) {
        let Some((part, ask)) = self.operation_named(operation) else {
            return;
        };
        let key = self.call_key(context, part, &ask, None);
        let from = From { part: None, target: None, span: operation.span, waits: true };
        let site = self.site(from, part, ask, &key);
        self.stray_versions(&load.settings, None);
        self.call_with_policies(context, site, &load.settings);
    }

    /// The operation that a name reaches, behind the load balancers on the way.
    pub(crate) fn entry_operation(&self, name: &str) -> Option<(u32, &'d Operation)> {
        let mut reference = name.to_string();
        for _ in 0..HOPS {
            let (component, name) = reference.split_once('.')?;
            let part = self.parts.iter().position(|part| part.component.name.value == component)? as u32;
            if let Some(operation) = self.operation_of(part, name) {
                return Some((part, operation));
            }
            reference = super::kinds::passed_on(self.parts[part as usize].component, name).into_iter().next()?;
        }
        None
    }

    /// What a kind of request is called in every design of its domain.
    fn stable_entry(&self, operation: Option<&str>, name: &str) -> String {
        match operation.and_then(|operation| self.entry_operation(operation)) {
            Some((part, operation)) => self.stable_name(part, &Ask::Operation(operation.name.value.clone())),
            None => name.to_string(),
        }
    }

    /// The entry of the record that stands for an operation of the domain.
    pub(crate) fn entry_for(&self, domain: &str) -> Option<u32> {
        let fits = |entry: &Entry| entry.name == domain || entry.stable == domain;
        self.entries.iter().position(fits).map(|index| index as u32)
    }

    fn arrivals(&mut self, load: &Load, span: Span) -> Option<(Arrivals, u32)> {
        if let Some(users) = load.users {
            let think = self.law(load.think.as_ref().unwrap_or(&quantity::Dist::Const(0.0)));
            return Some((Arrivals::Users { users: users.min(10_000_000) as u32, think }, 1));
        }
        let silent = load.operation.is_none() && load.steps.is_empty() && load.route.is_none();
        let named = matches!(&load.arrivals, Some(law) if matches!(&law.value, quantity::Arrivals::Replay(trace) if !trace.operations.is_empty()));
        if let Some(arrivals) = &load.arrivals
            && let quantity::Arrivals::Replay(trace) = &arrivals.value
        {
            let name = groundplan_model::text::shown(&trace.file);
            let asks = !silent || load.settings.get("mix").is_some();
            let found = match (named, asks) {
                (true, true) => {
                    Some((format!("{name} names operations, and so does its load"), "leave one of them away"))
                }
                (false, false) if !trace.instants.is_empty() => Some((
                    format!("neither {name} nor its load says what is asked for"),
                    "write `operation: component.operation` beside it, or name one in every line: `12.5,shop.browse`",
                )),
                _ => None,
            };
            if let Some((headline, help)) = found {
                self.diagnostics
                    .push(Diagnostic::error("load-asks-nothing", headline).at(arrivals.span, "").help(help));
                return None;
            }
        }
        let Some(arrivals) = &load.arrivals else {
            let diagnostic = Diagnostic::error(
                "no-arrivals",
                format!("the load {} does not say how requests come", groundplan_model::text::shown(load.title())),
            )
            .at(span, "")
            .help("write `arrivals: poisson(80/s)`, or `users: 50` with `think: exp(1s)`");
            self.diagnostics.push(diagnostic);
            return None;
        };
        let (law, batch) = match &arrivals.value {
            quantity::Arrivals::Batch(size, inner) => (&**inner, (*size).max(1)),
            quantity::Arrivals::At(_, count) => (&arrivals.value, *count),
            other => (other, 1),
        };
        let gap = |rate: &PerSecond| if rate.0 > 0.0 { 1e9 / rate.0 } else { f64::INFINITY };
        let lowered = match law {
            quantity::Arrivals::Poisson(rate) => Arrivals::Poisson(gap(rate)),
            quantity::Arrivals::Constant(rate) => Arrivals::Constant(gap(rate)),
            quantity::Arrivals::Mmpp(rate_a, stay_a, rate_b, stay_b) => {
                Arrivals::Mmpp { gaps: [gap(rate_a), gap(rate_b)], stays: [stay_a.0 * 1e9, stay_b.0 * 1e9] }
            }
            quantity::Arrivals::Sine(mean, amplitude, period) => {
                Arrivals::Sine { mean: mean.0 / 1e9, amplitude: amplitude.0 / 1e9, period: period.0 * 1e9 }
            }
            quantity::Arrivals::At(when, _) => Arrivals::At(nanoseconds(*when)),
            quantity::Arrivals::Steps(steps) => {
                let stretch = |(when, rate): &(Seconds, PerSecond)| (when.0 * 1e9, rate.0 / 1e9, 0.0);
                self.profile(steps.iter().map(stretch))
            }
            quantity::Arrivals::Ramp(from, to, over) => {
                let (from, to, over) = (from.0 / 1e9, to.0 / 1e9, over.0 * 1e9);
                let stretches = [(LONG_BEFORE, from, 0.0), (0.0, from, (to - from) / over), (over, to, 0.0)];
                self.profile(stretches.into_iter())
            }
            quantity::Arrivals::Replay(trace) => {
                if trace.instants.is_empty() {
                    let diagnostic = self.unread_recording("replay", &trace.file).at(arrivals.span, "");
                    self.diagnostics.push(diagnostic);
                    return None;
                }
                let first = self.tables.instants.len() as u32;
                self.tables.instants.extend(trace.instants.iter().map(|at| nanoseconds(Seconds(*at))));
                let mut kinds = NONE;
                if !trace.operations.is_empty() {
                    kinds = self.tables.recorded_kinds.len() as u32;
                    self.tables.recorded_kinds.extend(trace.which.iter());
                }
                Arrivals::Replay { first, count: trace.instants.len() as u32, kinds }
            }
            quantity::Arrivals::Batch(..) => {
                let diagnostic = Diagnostic::error("nested-batch", "a batch of batches has no meaning")
                    .at(arrivals.span, "")
                    .help("write one batch with the product of the sizes");
                self.diagnostics.push(diagnostic);
                return None;
            }
        };
        Some((lowered, batch))
    }

    /// Stretches of a changing rate: from when, at which rate, growing by how much.
    fn profile(&mut self, stretches: impl Iterator<Item = (f64, f64, f64)>) -> Arrivals {
        let first = self.tables.stretches.len() as u32;
        self.tables.stretches.extend(stretches.map(|(from, rate, slope)| Stretch { from, rate, slope }));
        Arrivals::Profile { first, count: self.tables.stretches.len() as u32 - first }
    }
}

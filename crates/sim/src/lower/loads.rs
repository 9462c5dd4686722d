//! The load: each entry becomes a source and a client that does its steps in order, holding no server.

use super::steps::Context;
use super::{Ask, From, Lowering, nanoseconds};
use crate::kernel::draws;
use crate::kernel::popularity::Popularity;
use crate::kernel::tables::{Arrivals, NONE, Source, Step};
use groundplan_model::design::{Load, Operation};
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::quantity;
use groundplan_model::span::{Located, Span};
use groundplan_model::units::PerSecond;

/// Load balancers in a row that a name is looked for behind.
const HOPS: usize = 8;

impl<'d> Lowering<'d> {
    pub(crate) fn emit_loads(&mut self) {
        self.check_consumers();
        let design = self.design;
        for load in &design.load {
            self.emit_load(load);
        }
    }

    fn emit_load(&mut self, load: &'d Load) {
        let entry = self.here();
        let mut context = Context::client(load.title());
        match &load.operation {
            Some(operation) => self.call_by_client(load, operation, &mut context),
            None => self.steps(&mut context, &load.steps),
        }
        if self.limits_asked(self.tables.sources.len()) {
            self.push(Step::JudgeLatency);
        }
        self.push(Step::End);
        let span = load.name.as_ref().or(load.operation.as_ref()).map_or(Span::NONE, |name| name.span);
        let Some((arrivals, batch)) = self.arrivals(load, span) else {
            return;
        };
        let name = match load.settings.text("as") {
            Some(name) => name.to_string(),
            None => self.stable_entry(load),
        };
        let target = match load.settings.map("target") {
            Some(target) => target.duration("p99"),
            None => self.entry_operation(load).and_then(|(_, operation)| operation.target?.p99),
        };
        let keys = self.keys_of(load);
        self.tables.sources.push(Source {
            arrivals,
            batch,
            entry,
            name: draws::site(&name),
            in_time: target.map_or(u64::MAX, nanoseconds),
            priority: load.settings.count("priority").unwrap_or(1).clamp(1, 255) as u8,
            keys,
        });
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
        self.call_with_policies(context, site, &load.settings);
    }

    /// The operation that a load reaches, behind the load balancers on the way.
    fn entry_operation(&self, load: &Load) -> Option<(u32, &'d Operation)> {
        let mut reference = load.operation.as_ref()?.value.clone();
        for _ in 0..HOPS {
            let (component, name) = reference.split_once('.')?;
            let part = self.parts.iter().position(|part| part.component.name.value == component)? as u32;
            if let Some(operation) = self.operation_of(part, name) {
                return Some((part, operation));
            }
            reference = super::kinds::load_balancer::route(self.parts[part as usize].component, name)?;
        }
        None
    }

    /// What a load is called in every design of its domain.
    fn stable_entry(&self, load: &Load) -> String {
        match self.entry_operation(load) {
            Some((part, operation)) => self.stable_name(part, &Ask::Operation(operation.name.value.clone())),
            None => load.title().to_string(),
        }
    }

    /// The entry of the load that stands for an operation of the domain.
    pub(crate) fn entry_for(&self, domain: &str) -> Option<u32> {
        let fits = |load: &Load| load.title() == domain || self.stable_entry(load) == domain;
        self.design.load.iter().position(fits).map(|index| index as u32)
    }

    fn arrivals(&mut self, load: &Load, span: Span) -> Option<(Arrivals, u32)> {
        if let Some(users) = load.users {
            let think = self.law(load.think.as_ref().unwrap_or(&quantity::Dist::Const(0.0)));
            return Some((Arrivals::Users { users: users.min(10_000_000) as u32, think }, 1));
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
}

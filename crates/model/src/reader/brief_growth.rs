//! The growth that a brief states for its data, held against what its operations write. Sizes and numbers of items are
//! checked in `brief_limits`; what a set comes to at the horizon is for those who plan.

use super::Reader;
use crate::brief::{Brief, DataSet, DomainOperation};
use crate::text::shown;
use crate::units::{Bytes, PerSecond, YEAR, significant};
use crate::value::Growth;
use crate::yaml::Node;
use std::collections::HashMap;

/// A stated growth below this share of what is written is told.
const LEAST: f64 = 0.1;

impl Reader<'_> {
    /// Warns where far less is said to be added than is written. Nobody can know from a brief whether a write adds an
    /// item or replaces one, so it is no error.
    pub(super) fn check_growth(&mut self, brief: &Brief, root: &Node) {
        let writes = writes(brief);
        for data in &brief.data {
            let (Some(growth), Some(item)) = (data.growth, data.item) else { continue };
            let rate = writes.get(data.name.as_str()).copied().unwrap_or_default();
            let year = Bytes(rate.0 * YEAR.0 * item.0);
            let stated = match growth {
                Growth::Relative(share) => data.size * share,
                Growth::Amount(bytes) => bytes,
            };
            if stated.0 >= year.0 * LEAST || is_full(data, year) {
                continue;
            }
            let span = self.key_span(root, &["data", data.name.as_str(), "growth"]);
            let times = if stated.0 > 0.0 {
                format!(", {} times the {stated} stated", significant(year.0 / stated.0))
            } else {
                format!(", and {stated} is stated")
            };
            self.warn(
                "growth-below-writes",
                format!("{} is said to grow by far less than is written to it", shown(&data.name)),
                span,
                Some(format!("{rate} x {item} x {} s in a year = {year}{times}", significant(YEAR.0 / 1e6) + "M")),
                "unless most writes replace an item, correct `growth`, `item` or the rate",
            );
        }
    }
}

/// Whether a set already holds so much of what it keeps that within a year as much may leave as comes.
fn is_full(data: &DataSet, year: Bytes) -> bool {
    data.keep.is_some_and(|keep| data.size.0 >= year.0 * (keep / YEAR - 1.0))
}

/// Writes of each data set at today's mean load. Unit: per second. Operations that come back to themselves are refused
/// elsewhere and add nothing here.
fn writes(brief: &Brief) -> HashMap<&str, PerSecond> {
    let mut operations: Vec<(String, &DomainOperation)> = Vec::new();
    for module in &brief.modules {
        let of = |operation: &'_ DomainOperation| format!("{}.{}", module.name.value, operation.name.value);
        operations.extend(module.operations.iter().map(|operation| (of(operation), operation)));
    }
    let index: HashMap<&str, usize> =
        operations.iter().enumerate().map(|(nth, (name, _))| (name.as_str(), nth)).collect();
    let mut handlers: HashMap<&str, Vec<usize>> = HashMap::new();
    for (nth, (_, operation)) in operations.iter().enumerate() {
        if let Some(event) = &operation.handles {
            handlers.entry(event.as_str()).or_default().push(nth);
        }
    }
    let next = |nth: usize| {
        let operation = operations[nth].1;
        let called = operation.calls.iter().filter_map(|call| index.get(call.to.as_str()));
        called.chain(operation.emits.iter().flat_map(|event| handlers.get(event.as_str()).into_iter().flatten()))
    };
    let mut waiting = vec![0usize; operations.len()];
    for nth in 0..operations.len() {
        next(nth).for_each(|to| waiting[*to] += 1);
    }
    let mut rates = vec![0.0; operations.len()];
    for entry in &brief.load {
        if let Some(nth) = index.get(entry.operation.as_str()) {
            rates[*nth] += entry.rate.mid().0;
        }
    }
    // In an order in which all who ask for an operation come before it.
    let mut ready: Vec<usize> = (0..operations.len()).filter(|nth| waiting[*nth] == 0).collect();
    let mut writes: HashMap<&str, PerSecond> = HashMap::new();
    while let Some(nth) = ready.pop() {
        for access in &operations[nth].1.writes {
            writes.entry(access.to.value.as_str()).or_default().0 += rates[nth] * access.times;
        }
        for to in next(nth) {
            rates[*to] += rates[nth];
            waiting[*to] -= 1;
            if waiting[*to] == 0 {
                ready.push(*to);
            }
        }
    }
    writes
}

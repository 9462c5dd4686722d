//! Where operations begin that differ by version: what is emitted before their steps, and the steps of other versions.
//!
//! Draws of the same steps have the same names in all versions, so that a request has the same luck with each. Left out:
//! operations in process inside a transaction, whose steps stand in line: they are those of the first version.

use super::super::{Ask, Lowering};
use super::Versions;
use crate::kernel::draws;
use crate::kernel::machines::releases::{Act, Contract, Door};
use crate::kernel::tables::{self, NONE, Operand, Step};
use groundplan_model::design;
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::span::Located;

/// Versions of which a contract's side is of the new kind, by those that say so.
fn bits(versions: &Versions<'_>, says: impl Fn(&Located<String>) -> bool) -> u32 {
    let new = versions.breaks.iter().enumerate().filter(|(_, breaks)| breaks.iter().any(&says));
    new.fold(0, |bits, (nth, _)| bits | 1u32.checked_shl(nth as u32).unwrap_or(0))
}

impl<'d> Lowering<'d> {
    /// Whether operations of a component begin with a door.
    pub(crate) fn has_doors(&self, part: u32) -> bool {
        let versions = self.versions.get(part as usize);
        versions.is_some_and(|versions| !versions.names.is_empty()) || self.is_called_otherwise(part)
    }

    /// Whether some version calls a component otherwise than that one understands, or is called so by it.
    pub(super) fn is_called_otherwise(&self, part: u32) -> bool {
        let name = &self.parts[part as usize].component.name.value;
        let of = |said: &Located<String>| said.value.split('.').next() == Some(name);
        let named = self.versions.iter().flat_map(|versions| versions.breaks.iter().flatten()).any(of);
        named || self.versions[part as usize].breaks.iter().any(|breaks| !breaks.is_empty())
    }

    /// What is wrong with the contracts that versions say they change, and with the operations that they change.
    pub(crate) fn check_versions(&mut self) {
        let calls: Vec<(u32, u32)> = self.call_pairs().collect();
        let part_of = |name: &str| self.parts.iter().position(|part| part.component.name.value == name);
        let mut found = Vec::new();
        for (part, versions) in self.versions.iter().enumerate() {
            let component = self.parts[part].component;
            let name = &component.name.value;
            for said in versions.breaks.iter().flatten() {
                let (other, operation) = said.value.split_once('.').map_or((&*said.value, None), |(a, b)| (a, Some(b)));
                let Some(at) = part_of(other) else {
                    let known = self.parts.iter().map(|part| part.component.name.value.as_str());
                    let other = Located::new(other.to_string(), said.span);
                    found.push(super::unknown("component", "unknown-component", &other, known));
                    continue;
                };
                let service = self.parts[at].kind.is_some_and(|kind| kind.has_operations);
                let of = self.parts[at].component;
                if let Some(operation) = operation.filter(|name| self.operation_of(at as u32, name).is_none()) {
                    let known = of.operations.iter().map(|operation| operation.name.value.as_str());
                    let operation = Located::new(operation.to_string(), said.span);
                    found.push(super::unknown("operation", "unknown-operation", &operation, known));
                    continue;
                }
                let through = |from: u32, to: u32| {
                    let behind = |hop: u32| {
                        let hops = self.parts[hop as usize].kind.is_some_and(|kind| kind.hop);
                        hops && calls.contains(&(from, hop)) && calls.contains(&(hop, to))
                    };
                    calls.contains(&(from, to)) || (0..self.parts.len() as u32).any(behind)
                };
                let (here, there) = (part as u32, at as u32);
                if !service || !(through(here, there) || through(there, here)) {
                    let why = if service { "do not call each other" } else { "have no contract: only services do" };
                    found.push(
                        Diagnostic::error("no-contract", format!("`{name}` and `{other}` {why}"))
                            .at(said.span, "nothing to break")
                            .help("name a service that it calls, or that calls it"),
                    );
                }
            }
            for (version, operations) in versions.names.iter().zip(&versions.operations) {
                for (operation, _) in operations {
                    if component.operations.iter().all(|known| known.name.value != *operation) {
                        let span =
                            component.settings.map("versions").map_or(component.name.span, |all| all.span(version));
                        let misspelt = Located::new((*operation).to_string(), span);
                        let known = component.operations.iter().map(|operation| operation.name.value.as_str());
                        found.push(super::unknown(
                            "operation of this component",
                            "unknown-operation",
                            &misspelt,
                            known,
                        ));
                    }
                }
            }
        }
        for one in found {
            self.tell_once(one);
        }
    }

    /// Emits an operation of a component that may have versions.
    pub(crate) fn versioned(&mut self, part: u32, ask: &Ask, target: u32) {
        let (Ask::Operation(name) | Ask::Local(name)) = ask else { return };
        if !self.has_doors(part) {
            return self.operation(part, ask, target, None);
        }
        let local = matches!(ask, Ask::Local(_));
        let contracts = if local { (0, 0) } else { self.contracts_of(part, name) };
        // Behind a module's permit the body runs in process, and has a door of its own.
        let inside = !local && self.module_pool(part, name) != NONE;
        let versions = self.versions[part as usize].operations.len().max(1);
        let other: Vec<Option<&'d [design::Step]>> = (self.versions[part as usize].operations.iter())
            .map(|operations| operations.iter().find(|(other, _)| other == name).map(|(_, steps)| *steps))
            .collect();
        let varies = !inside && other.iter().any(Option::is_some);
        let entries = self.tables.machines.releases.entries.len() as u32;
        if varies {
            self.tables.machines.releases.entries.extend((0..versions).map(|_| NONE));
        }
        let door = self.tables.machines.releases.doors.len() as u32;
        self.tables.machines.releases.doors.push(Door {
            component: part,
            entries: if varies { entries } else { NONE },
            contracts,
        });
        let site = draws::site(&format!("{}#version", self.stable_name(part, ask)));
        let act = if local { Act::Choose } else { Act::Enter };
        self.push(Step::Machine { act: tables::Act::Releases(act), at: Operand { unit: door, site, to: 0 } });
        self.operation(part, ask, target, None);
        for (nth, steps) in other.into_iter().enumerate().filter(|_| varies) {
            let Some(steps) = steps else { continue };
            self.tables.machines.releases.entries[entries as usize + nth] = self.here();
            self.operation(part, ask, target, Some(steps));
        }
    }

    /// Before an operation of a component with versions ends, that is counted.
    pub(crate) fn operation_ends(&mut self, part: u32) {
        if self.versions.get(part as usize).is_some_and(|versions| !versions.names.is_empty()) {
            self.push(Step::Machine {
                act: tables::Act::Releases(Act::Ended),
                at: Operand { unit: NONE, ..Operand::default() },
            });
        }
    }

    /// The contracts of an operation with those that call it: first and number.
    fn contracts_of(&mut self, part: u32, operation: &str) -> (u32, u32) {
        let name = &self.parts[part as usize].component.name.value;
        let whole = format!("{name}.{operation}");
        let mut contracts = Vec::new();
        for (caller, versions) in self.versions.iter().enumerate() {
            let their = &self.parts[caller].component.name.value;
            let callers = bits(versions, |said| said.value == *name || said.value == whole);
            let callees = bits(&self.versions[part as usize], |said| said.value.split('.').next() == Some(their));
            if callers | callees != 0 {
                contracts.push(Contract { caller: caller as u32, callee: part, callers, callees });
            }
        }
        let all = &mut self.tables.machines.releases.contracts;
        let first = all.len() as u32;
        all.extend(&contracts);
        (first, contracts.len() as u32)
    }
}

//! What the indices of records mean, from the design they came from.
//!
//! Targets are found where load enters: at the load itself, at the operation it asks for, or behind the load balancer that
//! passes it on. Which components can lose writes or deliver twice goes by their kind.

use crate::lower::kinds::passed_on;
use crate::verdict::Labels;
use groundplan_model::design::{Asked, Design, Load, Operation, OperationTarget};

/// Kinds that keep acknowledged writes.
const KEEPS_DATA: &[&str] = &[
    "database",
    "key-value",
    "document",
    "wide-column",
    "quorum-store",
    "consensus",
    "object-store",
    "event-store",
    "log",
    "queue",
];
/// Kinds that hand records to consumers.
const DELIVERS: &[&str] = &["log", "queue", "outbox", "change-capture", "event-store"];
/// Load balancers in a row that a target is looked for behind.
const HOPS: usize = 8;

/// Labels for the records of a design; the names are those the kernel counts under, in its order.
#[must_use]
pub fn labels(design: &Design, operations: &[String], components: &[String], calls: &[String]) -> Labels {
    let asked = asked(design);
    // Figures of tenants stand behind the name of what they ask for.
    let entry = |name: &String| {
        let whole = name.strip_suffix("/biggest").or(name.strip_suffix("/others")).unwrap_or(name);
        asked.iter().find(|(_, asked)| asked.name == *name).or(asked.iter().find(|(_, asked)| asked.name == whole))
    };
    let component = |name: &String| design.components.iter().find(|component| component.name.value == *name);
    let is = |kinds: &[&str], name: &String| {
        component(name).is_some_and(|component| kinds.contains(&component.kind.value.as_str()))
    };
    let consumes = |name: &String| {
        component(name).is_some_and(|component| {
            component.kind.value == "stream-processor"
                || component.operations.iter().any(|operation| operation.handles.is_some())
        })
    };
    let stores_later =
        |name: &String| component(name).is_some_and(|component| component.settings.text("writes") == Some("behind"));
    Labels {
        operations: operations.to_vec(),
        targets: operations
            .iter()
            .map(|name| entry(name).map_or_else(OperationTarget::default, |(load, asked)| target(design, load, asked)))
            .collect(),
        components: components.to_vec(),
        keeps_data: components.iter().map(|name| is(KEEPS_DATA, name) || stores_later(name)).collect(),
        delivers: components.iter().map(|name| is(DELIVERS, name) || consumes(name)).collect(),
        keeps: vec![0; components.len()],
        calls: calls.to_vec(),
    }
}

/// Which entry of one design is which of another: those whose operations stand for the same one of the domain
/// (`as: checkout.place-order`), or have the same name. Entries without a partner are left out.
#[must_use]
pub fn matching(first: &Design, second: &Design) -> Vec<(usize, usize)> {
    let luck = |design: &Design| -> Vec<String> {
        asked(design).iter().map(|(load, asked)| stands_for(design, load, asked)).collect()
    };
    let (one, other) = (luck(first), luck(second));
    one.iter()
        .enumerate()
        .filter_map(|(index, name)| Some((index, other.iter().position(|other| other == name)?)))
        .collect()
}

/// What is asked of a design, in the order of the entries of its records.
fn asked(design: &Design) -> Vec<(&Load, Asked)> {
    design.load.iter().flat_map(|load| load.asked().into_iter().map(move |asked| (load, asked))).collect()
}

/// The operation of the domain whose luck this has; its own name where none is named.
fn stands_for(design: &Design, load: &Load, asked: &Asked) -> String {
    if let Some(name) = load.settings.text("as").filter(|_| load.operation == asked.operation) {
        return name.to_string();
    }
    asked
        .operation
        .as_ref()
        .and_then(|operation| behind(design, operation, HOPS)?.stands_for.as_ref())
        .map_or_else(|| asked.name.clone(), |name| name.value.clone())
}

/// What this load's callers must get.
fn target(design: &Design, load: &Load, asked: &Asked) -> OperationTarget {
    if let Some(target) = load.settings.map("target") {
        return OperationTarget { p99: target.duration("p99"), availability: target.share("availability") };
    }
    asked.operation.as_ref().and_then(|operation| behind(design, operation, HOPS)?.target).unwrap_or_default()
}

/// `component.operation`, or what a load balancer passes it on to.
fn behind<'d>(design: &'d Design, reference: &str, hops: usize) -> Option<&'d Operation> {
    let (name, operation) = reference.split_once('.')?;
    let component = design.components.iter().find(|component| component.name.value == name)?;
    let own = component.operations.iter().find(|own| own.name.value == operation);
    if own.is_some() || hops == 0 {
        return own;
    }
    passed_on(component, operation).iter().find_map(|next| behind(design, next, hops - 1))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use groundplan_model::design::Component;
    use groundplan_model::quantity::Ranged;
    use groundplan_model::units::{Seconds, Share};
    use groundplan_model::value::{Settings, Value};

    fn load(operation: &str) -> Load {
        Load { name: None, operation: Some(operation.into()), steps: vec![], arrivals: None, ..Load::default() }
    }

    #[test]
    fn targets_are_found_behind_the_load_balancer() {
        let mut shop = Component::new("shop", "service");
        let mut browse = Operation::new("browse", vec![]);
        browse.target = Some(OperationTarget { p99: Some(Seconds(0.2)), availability: Some(Share(0.995)) });
        shop.operations.push(browse);
        shop.operations.push(Operation::new("pay", vec![]));
        let routes = Settings::new().with("look", Value::Text("shop.browse".into()));
        let mut named = load("shop.pay");
        let own = Settings::new().with("p99", Value::Duration(Ranged::exactly(Seconds(2.0))));
        named.settings.set("target", Value::Map(own));
        let design = Design {
            components: vec![
                Component::new("gateway", "load-balancer").with("to", Value::Text("shop".into())),
                Component::new("edge", "load-balancer").with("routes", Value::Map(routes)),
                shop,
                Component::new("orders", "database"),
                Component::new("events", "log"),
            ],
            load: vec![load("gateway.browse"), load("edge.look"), named, load("gateway.pay")],
            ..Design::default()
        };
        let own = |names: &[&str]| names.iter().map(|name| (*name).to_string()).collect::<Vec<_>>();
        let found = labels(
            &design,
            &own(&["gateway.browse", "edge.look", "shop.pay", "gateway.pay"]),
            &own(&["gateway", "edge", "shop", "orders", "events"]),
            &own(&["gateway->shop"]),
        );
        let both = OperationTarget { p99: Some(Seconds(0.2)), availability: Some(Share(0.995)) };
        let own = OperationTarget { p99: Some(Seconds(2.0)), availability: None };
        assert_eq!(found.targets, [both, both, own, OperationTarget::default()]);
        assert_eq!(found.keeps_data, [false, false, false, true, true]);
        assert_eq!(found.delivers, [false, false, false, false, true]);
    }

    #[test]
    fn entries_match_by_what_they_stand_for() {
        let design = |name: &str| {
            let mut service = Component::new(name, "service");
            let mut order = Operation::new("order", vec![]);
            order.stands_for = Some("checkout.place-order".into());
            service.operations = vec![order, Operation::new("ping", vec![])];
            Design {
                components: vec![service],
                load: vec![load(&format!("{name}.ping")), load(&format!("{name}.order"))],
                ..Design::default()
            }
        };
        assert_eq!(matching(&design("app"), &design("shop")), [(1, 1)]);
        assert_eq!(matching(&design("app"), &design("app")), [(0, 0), (1, 1)]);
    }

    #[test]
    fn load_balancers_in_a_circle_have_no_target() {
        let design = Design {
            components: vec![
                Component::new("a", "load-balancer").with("to", Value::Text("b".into())),
                Component::new("b", "load-balancer").with("to", Value::Text("a".into())),
            ],
            load: vec![load("a.x")],
            ..Design::default()
        };
        let found = labels(&design, &["a.x".to_string()], &[], &[]);
        assert_eq!(found.targets, [OperationTarget::default()]);
    }
}

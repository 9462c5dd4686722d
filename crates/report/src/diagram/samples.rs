//! Hand-made graphs of several sizes, for the tests and for looking at.

use groundplan_model::units::Share;

use super::{Edge, EdgeKind, Frame, Graph, Node};

fn node(id: &str, kind: &str, frame: &str, lines: &[&str], used: f64) -> Node {
    Node {
        id: id.into(),
        title: id.replace('_', " "),
        kind: kind.into(),
        lines: lines.iter().map(|line| line.to_string()).collect(),
        used: (used > 0.0).then_some(Share(used)),
        frame: (!frame.is_empty()).then(|| frame.into()),
    }
}

fn frame(id: &str, title: &str, parent: &str) -> Frame {
    Frame { id: id.into(), title: title.into(), parent: (!parent.is_empty()).then(|| parent.into()) }
}

fn edge(from: &str, to: &str, kind: EdgeKind, label: &[&str]) -> Edge {
    Edge::new(from, to, kind, label.iter().copied())
}

pub fn one() -> Graph {
    Graph {
        title: "M/M/1".into(),
        nodes: vec![node("server", "service", "", &["1 x 1 vCPU"], 0.8)],
        ..Graph::default()
    }
}

pub fn five() -> Graph {
    use EdgeKind::*;
    Graph {
        title: "Pastebin as a modular monolith".into(),
        nodes: vec![
            node("readers", "load source", "", &["400/s"], 0.0),
            node("balancer", "load-balancer", "eu", &["round robin"], 0.0),
            node("pastebin", "service", "eu", &["3 x 4 vCPU", "use 41%"], 0.41),
            node("popular", "cache", "eu", &["hit ratio 92%"], 0.12),
            node("pastes", "database", "eu", &["2 copies", "use 67%"], 0.67),
        ],
        frames: vec![frame("eu", "eu-west", "")],
        edges: vec![
            edge("readers", "balancer", Call, &["400/s", "p99 48ms"]),
            edge("balancer", "pastebin", Call, &["400/s", "p99 46ms"]),
            edge("pastebin", "popular", Call, &["390/s", "p99 1.2ms"]),
            edge("pastebin", "pastes", Call, &["41/s", "p99 22ms"]),
            edge("popular", "pastes", Call, &["31/s"]),
        ],
    }
}

/// Three regions, two zones nested in one of them, twenty edges, seven of them labelled.
pub fn sixteen() -> Graph {
    use EdgeKind::*;
    Graph {
        title: "Web shop over three regions".into(),
        nodes: vec![
            node("customers", "load source", "", &["930/s"], 0.0),
            node("cdn", "cdn", "edge", &["hit ratio 81%"], 0.0),
            node("gateway", "load-balancer", "edge", &["2 x 4 vCPU"], 0.35),
            node("shop_a", "service", "eu-a", &["3 x 8 vCPU", "use 61%"], 0.61),
            node("shop_b", "service", "eu-b", &["3 x 8 vCPU", "use 59%"], 0.59),
            node("payments", "service", "eu-a", &["2 x 4 vCPU", "use 33%"], 0.33),
            node("catalogue_cache", "cache", "eu-b", &["hit ratio 94%"], 0.2),
            node("orders", "database", "eu-a", &["leader", "use 72%"], 0.72),
            node("orders_copy", "database", "eu-b", &["synchronous copy"], 0.4),
            node("catalogue", "database", "eu", &["2 copies"], 0.45),
            node("events", "log", "eu", &["12 partitions"], 0.22),
            node("mailer", "service", "eu", &["2 x 2 vCPU"], 0.18),
            node("analytics", "service", "us", &["4 x 8 vCPU", "use 83%"], 0.83),
            node("warehouse", "object store", "us", &["14 TB"], 0.0),
            node("orders_us", "database", "us", &["asynchronous copy"], 0.3),
            node("payment_provider", "external", "", &["p99 900ms"], 0.0),
        ],
        frames: vec![
            frame("edge", "edge", ""),
            frame("eu", "eu-west", ""),
            frame("us", "us-east", ""),
            frame("eu-a", "zone a", "eu"),
            frame("eu-b", "zone b", "eu"),
        ],
        edges: vec![
            edge("customers", "cdn", Call, &["930/s", "p99 180ms"]),
            edge("cdn", "gateway", Call, &["177/s"]),
            edge("gateway", "shop_a", Call, &["90/s", "p99 160ms"]),
            edge("gateway", "shop_b", Call, &["87/s", "p99 158ms"]),
            edge("shop_a", "payments", Call, &["30/s", "p99 950ms"]),
            edge("payments", "payment_provider", Call, &["31/s"]),
            edge("shop_a", "catalogue_cache", Call, &[]),
            edge("shop_b", "catalogue_cache", Call, &[]),
            edge("catalogue_cache", "catalogue", Call, &[]),
            edge("shop_a", "orders", Call, &[]),
            edge("shop_b", "orders", Call, &[]),
            edge("shop_b", "payments", Call, &[]),
            edge("orders", "orders_copy", Replication, &["12 MB/s"]),
            edge("orders", "orders_us", Replication, &[]),
            edge("shop_a", "events", Event, &[]),
            edge("shop_b", "events", Event, &[]),
            edge("events", "mailer", Event, &[]),
            edge("events", "analytics", Event, &[]),
            edge("analytics", "warehouse", Call, &[]),
            edge("payments", "events", Event, &[]),
        ],
    }
}

/// A dozen services, each with its store, a log between them, and a second region that follows.
pub fn forty() -> Graph {
    use EdgeKind::*;
    let names = [
        "accounts",
        "basket",
        "catalogue",
        "checkout",
        "delivery",
        "invoices",
        "mail",
        "offers",
        "payments",
        "ratings",
        "search",
        "stock",
    ];
    let mut graph = Graph {
        title: "Forty parts".into(),
        nodes: vec![
            node("web", "load source", "", &["1.2k/s"], 0.0),
            node("mobile", "load source", "", &["800/s"], 0.0),
            node("gateway", "gateway", "eu", &["4 x 8 vCPU", "use 58%"], 0.58),
            node("events", "log", "eu", &["24 partitions"], 0.31),
        ],
        frames: vec![frame("eu", "eu-central", ""), frame("us", "us-east", "")],
        edges: vec![
            edge("web", "gateway", Call, &["1.2k/s", "p99 210ms"]),
            edge("mobile", "gateway", Call, &["800/s", "p99 230ms"]),
        ],
    };
    for (nth, name) in names.into_iter().enumerate() {
        let used = 0.25 + 0.06 * nth as f64;
        graph.nodes.push(node(name, "service", "eu", &["2 x 4 vCPU"], used));
        let store = format!("{name}_data");
        graph.nodes.push(node(&store, "database", "eu", &["3 copies"], used - 0.1));
        graph.edges.push(edge(name, &store, Call, &["120/s", "p99 8ms"]));
        if nth % 2 == 0 {
            graph.edges.push(edge("gateway", name, Call, &["160/s", "p99 90ms"]));
        }
        if nth % 3 == 0 {
            graph.edges.push(edge(name, "events", Event, &["60/s"]));
        }
        if nth % 3 == 1 {
            graph.edges.push(edge("events", name, Event, &["60/s"]));
        }
        if nth < 10 {
            let copy = format!("{name}_copy");
            graph.nodes.push(node(&copy, "database", "us", &["asynchronous"], 0.2));
            graph.edges.push(edge(&store, &copy, Replication, &[]));
        }
    }
    graph.nodes.push(node("bank", "external", "", &["p99 900ms"], 0.0));
    graph.nodes.push(node("carrier", "external", "", &["p99 2s"], 0.0));
    graph.edges.push(edge("payments", "bank", Call, &["40/s", "p99 900ms"]));
    graph.edges.push(edge("delivery", "carrier", Call, &["10/s", "p99 2s"]));
    graph.edges.push(edge("checkout", "payments", Call, &["40/s", "p99 940ms"]));
    graph.edges.push(edge("basket", "stock", Call, &["220/s", "p99 12ms"]));
    assert_eq!(graph.nodes.len(), 40);
    graph
}

/// One region with services and their stores: what a plan for microservices looks like.
pub fn shop() -> Graph {
    use EdgeKind::*;
    Graph {
        title: "Web shop as services".into(),
        nodes: vec![
            node("customers", "load source", "", &["930/s at peak"], 0.0),
            node("gateway", "load-balancer", "eu", &["least connections"], 0.0),
            node("catalogue", "service", "eu", &["4 x 4 vCPU", "use 52%"], 0.52),
            node("checkout", "service", "eu", &["3 x 4 vCPU", "use 64%"], 0.64),
            node("inventory", "service", "eu", &["2 x 2 vCPU", "use 38%"], 0.38),
            node("payments", "service", "eu", &["2 x 4 vCPU", "use 29%"], 0.29),
            node("mailer", "service", "eu", &["2 x 1 vCPU", "use 11%"], 0.11),
            node("products_cache", "cache", "eu", &["hit ratio 93%"], 0.0),
            node("products", "database", "eu", &["3 copies", "use 35%"], 0.35),
            node("orders", "database", "eu", &["3 copies", "use 57%"], 0.57),
            node("stock", "database", "eu", &["3 copies", "use 82%"], 0.82),
            node("order_placed", "log", "eu", &["12 partitions"], 0.0),
            node("payment_provider", "external", "", &["p99 900ms", "99.9%"], 0.0),
            node("mail", "external", "", &[], 0.0),
        ],
        frames: vec![frame("eu", "eu-west · 3 zones", "")],
        edges: vec![
            edge("customers", "gateway", Call, &["930/s", "p99 210ms"]),
            edge("gateway", "catalogue", Call, &["900/s", "p99 38ms"]),
            edge("gateway", "checkout", Call, &["30/s", "p99 1.1s"]),
            edge("catalogue", "products_cache", Call, &["900/s", "p99 2ms"]),
            edge("products_cache", "products", Call, &["63/s", "p99 14ms"]),
            edge("checkout", "inventory", Call, &["30/s", "p99 22ms"]),
            edge("checkout", "payments", Call, &["31/s", "p99 960ms"]),
            edge("payments", "payment_provider", Call, &["33/s", "p99 920ms"]),
            edge("checkout", "orders", Call, &["60/s", "p99 18ms"]),
            edge("inventory", "stock", Call, &["30/s", "p99 19ms"]),
            edge("checkout", "order_placed", Event, &["30/s"]),
            edge("order_placed", "mailer", Event, &["30/s"]),
            edge("order_placed", "inventory", Event, &["30/s"]),
            edge("mailer", "mail", Call, &["30/s", "p99 370ms"]),
        ],
    }
}

/// Everything odd at once: markup and escapes in names, loops, twins, opposites, strangers, frames in a ring, an empty frame.
pub fn odd() -> Graph {
    use EdgeKind::*;
    let long = "a-service-with-quite-a-long-name-that-no-box-can-hold-\"quoted\"-<b>bold</b>";
    Graph {
        title: "<script>alert(1)</script>".into(),
        nodes: vec![
            node(long, "service", "inner", &["a line of annotation that goes on and on and on", "<i>&amp;</i>"], 1.7),
            node("b", "database", "outer", &["\u{1b}[31mred\u{1b}[0m"], f64::NAN),
            node("b", "database", "nowhere", &[], 0.0),
            node("queue", "queue", "inner", &["1", "2", "3", "4", "5", "6", "7", "8"], 0.5),
            node("alone", "", "", &[], 0.0),
            node("", "log", "ring-1", &[], 0.0),
        ],
        frames: vec![
            frame("outer", "outer region with a very long title that has to be cut somewhere or other", ""),
            frame("inner", "inner", "outer"),
            frame("empty", "an empty zone", "outer"),
            frame("ring-1", "ring 1", "ring-2"),
            frame("ring-2", "ring 2", "ring-1"),
        ],
        edges: vec![
            edge(long, "b", Call, &["10/s"]),
            edge(long, "b", Event, &["20/s", "p99 3ms"]),
            edge("b", long, Replication, &["30/s"]),
            edge(long, long, Call, &["again", "and again"]),
            edge(long, long, Event, &["and again"]),
            edge("queue", "queue", Event, &[]),
            edge("queue", "b", Event, &["one", "two", "three", "four", "five"]),
            edge("queue", "nobody", Call, &["lost"]),
            edge("", "b", Call, &[]),
        ],
    }
}

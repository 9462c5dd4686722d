//! Caches followed item by item: exact shares of hits, who fetches and who waits, what expires, what is lost.
#![allow(clippy::unwrap_used)]

use groundplan_model::reader::read_design;
use groundplan_model::units::Seconds;
use groundplan_sim::lower::{Compiled, RunSpec, VOCABULARY, compile, replicate};
use groundplan_sim::record::{ComponentRecord, Count, Ending, Record, Timed};

struct Run {
    compiled: Compiled,
    record: Record,
}

impl Run {
    /// A design without its head, for some seconds from the first instant; with its experiment if it has one.
    fn of(body: &str, seconds: f64) -> Run {
        Run::after(body, 0.0, seconds)
    }

    /// The same, observed after a while.
    fn after(body: &str, warm_up: f64, seconds: f64) -> Run {
        let text = format!("kind: design\nversion: 1\nname: small\n{body}");
        let read = read_design(&text, &VOCABULARY);
        assert_eq!(read.errors().count(), 0, "{:#?}", read.diagnostics);
        let design = read.value.unwrap();
        let compiled = compile(&design).unwrap_or_else(|found| panic!("{found:#?}\n{text}"));
        let spec = RunSpec {
            seed: 5,
            replication: 0,
            warm_up: Seconds(warm_up),
            window: Seconds(seconds),
            drain_cap: Seconds(100.0),
            experiment: (!design.experiments.is_empty()).then_some(0),
            segment_width: Seconds(1.0),
        };
        let record = replicate(&compiled, &spec);
        for entry in &record.entries {
            assert_eq!(entry.arrived, entry.ended.iter().sum::<u64>(), "every request ends once");
        }
        Run { compiled, record }
    }

    fn component(&self, name: &str) -> &ComponentRecord {
        let index = self.compiled.names.components.iter().position(|known| known == name).unwrap();
        &self.record.components[index]
    }

    fn hits(&self, name: &str) -> f64 {
        let found = self.component(name);
        found.hits as f64 / (found.hits + found.misses) as f64
    }

    fn count(&self, name: &str, what: Count) -> u64 {
        self.component(name).kept.as_ref().unwrap().count(what)
    }

    fn ended(&self, ending: Ending) -> u64 {
        self.record.entries[0].ended[ending as usize]
    }

    /// Reads that reached the store.
    fn stored(&self) -> u64 {
        self.component("store").accepted
    }
}

/// A cache of a store in no time, read at this rate.
fn exact(cache: &str, keys: &str, rate: &str, seconds: f64) -> Run {
    Run::of(
        &format!(
            "components:\n  near: {{ kind: cache, of: store, {cache}, hit: const(0s) }}\n  \
             store: {{ kind: database, read-time: const(0s), keys: {keys} }}\n\
             load: [ {{ name: reads, steps: [ {{ read: near }} ], arrivals: {rate} }} ]"
        ),
        seconds,
    )
}

/// Validation item 55: within some standard errors of the exact values, from the first read on.
#[test]
fn hits_are_exact_for_lru_and_fifo() {
    for (keys, capacity, eviction, expected) in [
        ("zipf(1 10)", 3, "lru", 0.470_659),
        ("zipf(1 10)", 3, "fifo", 0.445_104),
        ("zipf(1 50)", 5, "lru", 0.322_282),
        ("zipf(0.8 100)", 10, "fifo", 0.239_194),
        ("zipf(1 100)", 20, "lru", 0.567_676),
        ("zipf(1 100)", 20, "fifo", 0.507_736),
        ("zipf(0.8 10k)", 100, "lru", 0.156_57),
        ("zipf(1 1M)", 10_000, "lru", 0.585_12),
    ] {
        let run = exact(&format!("capacity: {capacity}, eviction: {eviction}"), keys, "constant(1000/s)", 100.0);
        let found = run.hits("near");
        // Hits follow one another: their spread is at most half as wide again.
        let error = 6.0 * (expected * (1.0 - expected) / 100_000.0f64).sqrt();
        assert!((found - expected).abs() < error, "{keys} {capacity} {eviction}: {found} for {expected}");
    }
}

/// What a run begins with hits as often as what it ends with: no time to fill.
#[test]
fn a_cache_begins_in_its_steady_state() {
    for (cache, keys, expected) in [
        ("capacity: 20k", "zipf(0.9 200k)", 0.5),
        ("capacity: 20k, eviction: fifo", "zipf(0.9 200k)", 0.45),
        ("capacity: 20k, replicas: 4", "zipf(0.9 200k)", 0.5),
        ("capacity: 20k, ttl: 20s", "zipf(0.9 200k)", 0.3),
        ("capacity: 20k, ttl: 20s, ttl-reset: on-hit", "zipf(0.9 200k)", 0.3),
    ] {
        let first = exact(cache, keys, "constant(2000/s)", 5.0);
        let later = exact(cache, keys, "constant(2000/s)", 30.0);
        let (first, later) = (first.hits("near"), later.hits("near"));
        assert!(first > expected * 0.8 && (first - later).abs() < 0.03, "{cache}: {first}, then {later}");
        let cold = exact(&format!("{cache}, start: empty"), keys, "constant(2000/s)", 5.0).hits("near");
        assert!(cold < first - 0.05, "{cache}: {cold} from empty, {first} from full");
    }
}

/// Validation item 56: one key, a ttl from the fill or from the last use.
#[test]
fn lives_end_as_renewals_say() {
    for (cache, rate, expected) in [
        ("ttl: 1s", 2.0, 2.0 / 3.0),
        ("ttl: 30s", 0.1, 0.75),
        ("ttl: 1s, ttl-reset: on-hit", 2.0, 0.864_665),
        ("ttl: 30s, ttl-reset: on-hit", 0.1, 0.950_213),
    ] {
        let seconds = 20_000.0 / rate;
        let run = exact(&format!("capacity: 1, {cache}"), "zipf(1 1)", &format!("poisson({rate}/s)"), seconds);
        let found = run.hits("near");
        assert!((found - expected).abs() < 0.015, "{cache} at {rate}/s: {found} for {expected}");
        assert!(run.count("near", Count::Expired) > 0);
    }
}

/// A cache of one popular item whose fetch takes half a second.
fn hot(cache: &str, more: &str) -> String {
    format!(
        "components:\n  near: {{ kind: cache, of: store, capacity: 10, ttl: 10s, {cache}, hit: const(0s) }}\n  \
         store: {{ kind: database, read-time: const(500ms), keys: zipf(1 1) }}\n\
         load: [ {{ name: reads, steps: [ {{ read: near{more} }} ], arrivals: constant(100/s) }} ]\n"
    )
}

/// Validation item 56: 1 + 50 fetches at each end of a life, one with single flight.
#[test]
fn single_flight_fetches_once() {
    let stampede = Run::of(&hot("start: empty", ""), 200.0);
    let (reads, times) = (stampede.count("near", Count::StoreReads), stampede.count("near", Count::Fetches));
    assert!(times >= 18 && reads.abs_diff(50 * times) <= times, "{reads} in {times}");
    let alone = Run::of(&hot("start: empty, single-flight: yes", ""), 200.0);
    let (reads, times) = (alone.count("near", Count::StoreReads), alone.count("near", Count::Fetches));
    assert_eq!((reads, alone.stored()), (times, times));
    // Those who wait have their answer with the owner's.
    assert!(alone.count("near", Count::Coalesced) >= 49 * times);
    let latency = &alone.record.entries[0].latency;
    assert!((499..=500).contains(&(latency.max() / 1_000_000)), "{}", latency.max());
    assert_eq!(alone.ended(Ending::Ok), alone.record.entries[0].arrived);
}

/// Those who wait share a failure, but give up by their own timeouts.
#[test]
fn waiters_share_a_failure_and_keep_their_timeouts() {
    let fails = hot("start: empty, single-flight: yes", "")
        + "experiments: [ { name: x, faults: [ { at: 0s, for: 20s, outage: store } ] } ]";
    let run = Run::of(&fails, 40.0);
    assert!((2000..2010).contains(&run.ended(Ending::Error)), "{}", run.ended(Ending::Error));
    let impatient = Run::of(&hot("start: empty, single-flight: yes", ", timeout: 200ms"), 9.0);
    // The owner gives up at 200 ms: what comes later is not filled in, and the next to miss fetches anew.
    let (ok, late) = (impatient.ended(Ending::Ok), impatient.ended(Ending::Timeout));
    assert!(ok > 0 && late > 0, "{ok} in time, {late} too late");
    let always = Run::of(&hot("start: empty, single-flight: yes, fill: always", ", timeout: 200ms"), 9.0);
    assert_eq!(always.stored(), 1);
    assert!((29..=31).contains(&always.ended(Ending::Timeout)), "{}", always.ended(Ending::Timeout));
}

/// Without single flight, nothing of what comes after a timeout is filled in: the item is never there.
#[test]
fn a_request_that_timed_out_does_not_fill() {
    let run = Run::of(&hot("start: empty", ", timeout: 200ms"), 30.0);
    assert_eq!((run.ended(Ending::Ok), run.component("near").hits), (0, 0));
    // Also where the timeout stands further up.
    let nested = "components:\n  shop: { kind: service, operations: { browse: [ { read: near } ] } }\n  \
                  near: { kind: cache, of: store, capacity: 10, hit: const(0s), start: empty }\n  \
                  store: { kind: database, read-time: const(500ms), keys: zipf(1 1) }\n\
                  load: [ { operation: shop.browse, timeout: 200ms, arrivals: constant(10/s) } ]\n";
    assert_eq!(Run::of(nested, 30.0).component("near").hits, 0);
    assert!(Run::of(&nested.replace("200ms", "600ms"), 30.0).component("near").hits > 280);
}

/// A stale item is served at once while one read refreshes it, and while the store is away.
#[test]
fn what_has_expired_is_served_while_it_is_refreshed() {
    let run = Run::of(&hot("serve-stale: 1min", ""), 100.0);
    assert_eq!(run.record.entries[0].latency.max(), 0);
    let refreshes = run.count("near", Count::Refreshes);
    assert!((9..=10).contains(&refreshes), "{refreshes}");
    assert_eq!(run.count("near", Count::StaleHits), 50 * refreshes);
    let away =
        hot("serve-stale: 1min", "") + "experiments: [ { name: x, faults: [ { at: 20s, for: 30s, outage: store } ] } ]";
    assert_eq!(Run::of(&away, 100.0).ended(Ending::Error), 0);
    let short = away.replace("1min", "2s");
    assert!(Run::of(&short, 100.0).ended(Ending::Error) > 1000);
}

/// An early refresh of a much read item spares everybody the wait, and fetches hardly more often.
#[test]
fn early_refreshes_come_before_the_end() {
    let plain = Run::of(&hot("single-flight: yes", ""), 1000.0);
    let early = Run::of(&hot("single-flight: yes, early-refresh: 1", ""), 1000.0);
    assert!(plain.component("near").misses > 4000, "{}", plain.component("near").misses);
    assert!(early.component("near").misses < plain.component("near").misses / 20, "{}", early.component("near").misses);
    assert!(early.stored() < plain.stored() * 3 / 2, "{} and {}", early.stored(), plain.stored());
}

/// Items filled at once expire at once and queue at the store, unless their lives differ.
#[test]
fn lives_that_differ_spread_the_fetches() {
    let queue = |jitter: &str| {
        let body = format!(
            "components:\n  near: {{ kind: cache, of: store, capacity: 500, ttl: 20s, {jitter}single-flight: yes, start: empty }}\n  \
             store: {{ kind: database, workers: 10, read-time: const(20ms), keys: uniform(500) }}\n\
             load:\n  - {{ name: reads, steps: [ {{ read: near }} ], arrivals: constant(2000/s) }}\n  \
             - {{ name: others, steps: [ {{ read: store }} ], arrivals: constant(400/s) }}"
        );
        Run::after(&body, 15.0, 30.0).component("store").queue_max
    };
    let (at_once, spread) = (queue(""), queue("ttl-jitter: 40%, "));
    assert!(at_once > 100 && spread < at_once / 3, "{at_once} at once, {spread} spread");
}

/// A crash or a flush empties; with two replicas the other's share stays.
#[test]
fn a_crash_or_a_flush_empties() {
    let body = |fault: &str| {
        format!(
            "components:\n  near: {{ kind: cache, of: store, capacity: 4k, replicas: 2, hit: const(0s), restart: 0s }}\n  \
             store: {{ kind: database, read-time: const(0s), keys: uniform(1k) }}\n\
             load: [ {{ name: reads, steps: [ {{ read: near }} ], arrivals: constant(1000/s) }} ]\n\
             experiments: [ {{ name: x, faults: [ {fault} ] }} ]"
        )
    };
    let misses = |fault: &str| Run::of(&body(fault), 30.0).component("near").misses;
    let (all, half) = (misses("{ at: 1s, flush: near }"), misses("{ at: 1s, crash: near/1 }"));
    // What is missed is read again once.
    assert_eq!(all, 1000);
    assert!((350..=650).contains(&half), "{half}");
}

/// A given share of hits over so many items: exactly that share, and each item is read again after a flush.
#[test]
fn a_given_share_of_hits_refills() {
    let body = "components:\n  near: { kind: cache, of: store, hit-ratio: 90%, capacity: 500, hit: const(0s) }\n  \
                store: { kind: database, read-time: const(0s) }\n\
                load: [ { name: reads, steps: [ { read: near } ], arrivals: constant(1000/s) } ]\n";
    let plain = Run::of(body, 100.0);
    assert!((plain.hits("near") - 0.9).abs() < 0.004, "{}", plain.hits("near"));
    let flushed =
        Run::of(&format!("{body}experiments: [ {{ name: x, faults: [ {{ at: 5s, flush: near }} ] }} ]"), 100.0);
    // The same luck: what is missed besides are the 500 items.
    assert_eq!(flushed.component("near").misses, plain.component("near").misses + 500);
    let without = body.replace(", capacity: 500", "");
    assert_eq!(Run::of(&without, 100.0).component("near").misses, plain.component("near").misses);
}

/// Writes go around, through or behind it.
#[test]
fn writes_drop_hold_or_wait() {
    let body = |writes: &str, fault: &str| {
        format!(
            "components:\n  near: {{ kind: cache, of: store, capacity: 10, {writes}, hit: const(0s), restart: 0s }}\n  \
             store: {{ kind: database, read-time: const(0s), write-time: const(10ms), keys: zipf(1 1) }}\n\
             load:\n  - {{ name: writes, steps: [ {{ write: near }} ], arrivals: constant(10/s) }}\n  \
             - {{ name: reads, steps: [ {{ read: near }} ], arrivals: constant(100/s) }}\n{fault}"
        )
    };
    let around = Run::of(&body("writes: around", ""), 100.0);
    let misses = around.component("near").misses;
    assert!((990..=1001).contains(&misses), "each write drops the item: {misses}");
    let through = Run::of(&body("writes: through", ""), 100.0);
    assert!(through.component("near").misses <= 1);
    assert_eq!(through.stored(), 1000 + through.component("near").misses);
    // Ten writes of one row a second are one that is stored.
    let behind = Run::of(&body("writes: behind", ""), 100.0);
    assert!((95..=110).contains(&behind.stored()), "{}", behind.stored());
    assert_eq!(behind.record.entries[0].latency.max(), 0);
    let lag = behind.component("near").kept.as_ref().unwrap().times(Timed::FlushLag);
    assert!((1_000_000_000..1_100_000_000).contains(&lag.max()), "{}", lag.max());
    assert_eq!(behind.component("near").lost_writes, 0);
    // What waits when it crashes is lost: at most a second of writes.
    let crash = "experiments: [ { name: x, faults: [ { at: 50.55s, crash: near } ] } ]";
    let lost = Run::of(&body("writes: behind", crash), 100.0).component("near").lost_writes;
    assert!((1..=11).contains(&lost), "{lost}");
}

/// Two runs of the same luck are the same to the byte, and another replication has other items.
#[test]
fn the_same_luck_gives_the_same_record() {
    let one = exact("capacity: 1k, ttl: 5s, ttl-jitter: 20%", "zipf(0.9 20k)", "poisson(1000/s)", 20.0);
    let two = exact("capacity: 1k, ttl: 5s, ttl-jitter: 20%", "zipf(0.9 20k)", "poisson(1000/s)", 20.0);
    assert_eq!(format!("{:?}", one.record.components), format!("{:?}", two.record.components));
}

/// Edges in two regions in front of a shop in the first; the load stands behind.
fn edges(edge: &str, load: &str) -> String {
    format!(
        "places: {{ eu: {{ zones: [a] }}, us: {{ zones: [a] }} }}\n\
         network: {{ between-zones: 4ms, between-regions: {{ eu: {{ us: 100ms }} }} }}\ncomponents:\n  \
         edge: {{ kind: cdn, to: shop, places: [eu, us], hit: const(1ms), {edge} }}\n  \
         shop: {{ kind: service, place: eu, operations: {{ browse: [ {{ compute: exp(10ms) }} ], order: [ {{ compute: const(10ms) }} ] }} }}\n\
         load: [ {load} ]\n"
    )
}

/// A hit is answered near the client, a miss asks the origin over the network, what is not kept passes through.
#[test]
fn clients_ask_the_nearest_edge() {
    let at = |operation: &str, region: &str| {
        let load = format!(
            "{{ operation: edge.{operation}, arrivals: constant(5/s), from: {{ {region}: 100% }}, keys: uniform(1) }}"
        );
        let run = Run::of(&edges("caches: order, capacity: 10, start: empty", &load), 100.0);
        let latency = &run.record.entries[0].latency;
        (latency.sum() / 1_000_000, latency.max() / 1_000_000, run.component("shop").accepted)
    };
    // 5 ms a hit; the first of 499 or 500 also goes to the shop: 10 ms, and from America 100 ms more.
    let (sum, max, asked) = at("order", "us");
    assert!((2490 + 110..=2500 + 111).contains(&sum) && (114..=115).contains(&max), "{sum} {max}");
    assert_eq!(asked, 1);
    let (sum, _, asked) = at("order", "eu");
    assert!((2490 + 14..=2500 + 15).contains(&sum), "{sum}");
    assert_eq!(asked, 1);
    let through = at("browse", "us").2;
    assert!(through >= 499, "{through}");
}

/// An edge is a hop: at the origin a request has the luck that it has without it.
#[test]
fn an_edge_keeps_the_luck_of_its_requests() {
    let latency = |operation: &str| {
        let load = format!("{{ name: pages, operation: {operation}, arrivals: constant(50/s) }}");
        let never =
            edges("caches: browse, hit-ratio: 0%", &load).replace("const(1ms)", "const(0s)").replace("100ms", "0s");
        Run::of(&never, 20.0).record.entries[0].latency.sum()
    };
    assert_eq!(latency("edge.browse"), latency("shop.browse"));
}

/// Each edge fills and is emptied by itself; when one is gone, its clients go to the other.
#[test]
fn edges_hold_what_they_are_asked_for() {
    let load = "{ operation: edge.order, arrivals: constant(200/s), from: { eu: 50%, us: 50% }, keys: uniform(100) }";
    let run = |faults: &str| {
        let body = edges("caches: order, capacity: 1k, start: empty", load);
        Run::of(&format!("{body}experiments: [ {{ name: x, faults: [ {faults} ] }} ]"), 100.0)
    };
    let plain = run("");
    assert_eq!(plain.component("shop").accepted, 200);
    let flushed = run("{ at: 50s, flush: edge }");
    assert_eq!(flushed.component("shop").accepted, 400);
    let gone = run("{ at: 20s, machine-loss: edge/2 }");
    assert!(gone.ended(Ending::Lost) > 500 && gone.ended(Ending::Lost) < 1500, "{}", gone.ended(Ending::Lost));
    assert_eq!(gone.component("shop").accepted, 200);
}

/// In front of an origin that fails, edges serve what has expired.
#[test]
fn edges_serve_what_has_expired_while_the_origin_is_away() {
    let run = |stale: &str| {
        let load = "{ operation: edge.order, arrivals: constant(50/s), keys: uniform(20) }";
        let body = edges(&format!("caches: [order, browse], capacity: 1k, ttl: 5s{stale}"), load);
        Run::of(
            &format!("{body}experiments: [ {{ name: x, faults: [ {{ at: 20s, for: 30s, outage: shop }} ] }} ]"),
            80.0,
        )
    };
    assert_eq!(run(", serve-stale: 1min").ended(Ending::Error), 0);
    assert!(run("").ended(Ending::Error) > 1000);
}

//! Shards, and the stores that are cut into them: where keys lie, what accesses cost, what is promised and what is refused.
#![allow(clippy::unwrap_used)]

use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::reader::read_design;
use groundplan_sim::kernel::engine::{Engine, Plan};
use groundplan_sim::lower::{Compiled, VOCABULARY, compile};
use groundplan_sim::record::{Count, Ending, Kept, Record, Timed};

const MS: u128 = 1_000_000;

fn text(body: &str) -> String {
    format!("kind: design\nversion: 1\nname: shards\n{body}")
}

fn compiled(body: &str) -> Result<Compiled, Vec<Diagnostic>> {
    let read = read_design(&text(body), &VOCABULARY);
    let errors: Vec<Diagnostic> = read.errors().cloned().collect();
    let compiled = match read.value {
        Some(design) if errors.is_empty() => compile(&design)?,
        _ => return Err(errors),
    };
    if compiled.pointless.is_empty() { Ok(compiled) } else { Err(compiled.pointless) }
}

struct Run {
    compiled: Compiled,
    record: Record,
}

impl Run {
    /// For 100 s from the first instant; with its experiment if it has one.
    fn of(body: &str) -> Run {
        Run::nth(body, 0)
    }

    fn nth(body: &str, replication: u64) -> Run {
        let compiled = compiled(body).unwrap_or_else(|found| panic!("{found:#?}"));
        let plan = Plan {
            seed: 3,
            replication,
            warm_up: 0,
            window: 100_000_000_000,
            drain_cap: 100_000_000_000,
            slice: 1_000_000_000,
            experiment: (!compiled.tables.experiments.is_empty()).then_some(0),
        };
        let record = Engine::new(&compiled.tables, plan).run();
        Run { compiled, record }
    }

    fn kept(&self, name: &str) -> &Kept {
        let index = self.compiled.names.components.iter().position(|known| known == name).unwrap();
        self.record.components[index].kept()
    }

    fn share(&self, part: Count, whole: Count) -> f64 {
        let kept = self.kept("store");
        kept.count(part) as f64 / kept.count(whole) as f64
    }

    fn ended(&self, entry: usize, ending: Ending) -> u64 {
        self.record.entries[entry].ended[ending as usize]
    }

    /// Mean latency of an entry's ok requests. Unit: ms.
    fn mean_ms(&self, entry: usize) -> f64 {
        let latency = &self.record.entries[entry].latency;
        latency.sum() as f64 / latency.count() as f64 / 1e6
    }
}

/// A store of a kind, and loads of one step each.
fn store(kind: &str, words: &str, steps: &[(&str, &str)], rest: &str) -> String {
    let loads: String = (steps.iter().enumerate())
        .map(|(nth, (step, arrivals))| format!("  - {{ name: l{nth}, steps: [ {step} ], arrivals: {arrivals} }}\n"))
        .collect();
    format!("components:\n  store: {{ kind: {kind}, {words} }}\nload:\n{loads}{rest}")
}

const READ: &str = "{ read: store }";
const WRITE: &str = "{ write: store }";

#[test]
fn a_key_lies_in_one_shard_whatever_asks_for_it() {
    // One key: all accesses of a minute meet at one worker, and a quarter of those of four keys at most.
    let one = Run::of(&store(
        "key-value",
        "shards: 8, keys: uniform(1), read-time: const(1ms)",
        &[(READ, "poisson(100/s)")],
        "",
    ));
    assert_eq!(one.share(Count::HottestShard, Count::ShardAccesses), 1.0);
    assert_eq!(one.share(Count::TopKey, Count::ShardAccesses), 1.0);
    // A key of the request: its read goes where its write went. Two shards, and each request at one of them: the longest
    // queue is the same as if each had been alone.
    let both = format!("{}, {}", "{ write: store, key: user }", "{ read: store, key: user }");
    let run = Run::of(&store(
        "key-value",
        "shards: 4, keys: uniform(100k), reads: eventual, copies: 2, lag: 1h",
        &[(&both, "poisson(50/s)")],
        "",
    ));
    let stale = run.share(Count::StaleReads, Count::Reads);
    assert!((stale - 0.5).abs() < 0.03, "half of the reads go to the copy that does not have the write: {stale}");
}

/// Validation item 57: the shard of the top key has p + (1 - p) / 16 of the load on average over placements.
#[test]
fn the_shard_of_the_top_key_is_as_hot_as_arithmetic_says() {
    let body = store("key-value", "shards: 16, keys: zipf(0.99 1M)", &[(READ, "poisson(100/s)")], "");
    let runs: Vec<Run> = (0..40).map(|nth| Run::nth(&body, nth)).collect();
    let mean = |part: Count| runs.iter().map(|run| run.share(part, Count::ShardAccesses)).sum::<f64>() / 40.0;
    let top = mean(Count::TopKey);
    assert!((top - 0.064_969_4).abs() < 4.0 * (0.065f64 / 400_000.0).sqrt(), "{top}");
    // Keys that share its shard: a standard deviation of 0.0125 over placements.
    let shard = mean(Count::TopKeyShard);
    assert!((shard - 0.123_409).abs() < 4.0 * 0.0125 / 40f64.sqrt(), "{shard}");
    let shares: Vec<f64> = runs.iter().map(|run| run.share(Count::TopKeyShard, Count::ShardAccesses)).collect();
    assert!(shares.iter().any(|share| (share - shard).abs() > 0.005), "placements differ from run to run");
}

#[test]
fn ranges_hold_keys_in_the_order_of_their_popularity() {
    let run = |words: &str| {
        let words = format!("sharding: range, keys: zipf(0.99 1M), {words}");
        Run::of(&store("document", &words, &[(READ, "poisson(1k/s)")], ""))
    };
    let near = |found: f64, expected: f64| {
        assert!((found - expected).abs() < 4.0 * (expected / 100_000.0).sqrt(), "{found} for {expected}")
    };
    // The first hundredth of a million keys has two thirds of the accesses.
    near(run("shards: 100").share(Count::HottestShard, Count::ShardAccesses), 0.664_271);
    // The ten hottest, and the others where no other range has as many.
    near(run("split-points: [10, 100, 1k, 10k, 100k]").share(Count::TopKeyShard, Count::ShardAccesses), 0.192_057);
    near(run("split-points: [1, 10]").share(Count::TopKeyShard, Count::ShardAccesses), 0.064_969);
}

#[test]
fn what_has_no_key_asks_every_shard_and_waits_for_the_slowest() {
    let run = |shards: u32| {
        let words = format!("shards: {shards}, read-time: exp(10ms), index-time: exp(10ms), indexes: 1");
        let steps = [(READ, "poisson(20/s)"), ("{ read: store, by: index }", "poisson(20/s)")];
        Run::of(&store("document", &words, &steps, ""))
    };
    let (one, eight) = (run(1), run(8));
    let near = |found: f64, mean: f64, sd: f64| {
        assert!((found - mean).abs() < 4.0 * sd / 2000f64.sqrt(), "{found} for {mean}")
    };
    near(one.mean_ms(1), 10.0, 10.0);
    near(eight.mean_ms(0), 10.0, 10.0);
    // The largest of eight exponential times: 1 + 1/2 + ... + 1/8 of the mean.
    near(eight.mean_ms(1), 27.179, 12.4);
    let few = Run::of(&store(
        "document",
        "shards: 8, index-time: exp(10ms)",
        &[("{ read: store, by: index, need: 1 }", "poisson(20/s)")],
        "",
    ));
    // The smallest of eight.
    near(few.mean_ms(0), 1.25, 1.25);
}

#[test]
fn a_shard_gives_so_many_units_and_refuses_the_rest() {
    // 2.5 KB: three units a write; one for a strong read, half of one for an eventual one.
    let run = |words: &str, step: &str| {
        let words = format!("item: 2.5 KB, burst: 0s, read-time: const(1ms), write-time: const(1ms), {words}");
        let run = Run::of(&store("key-value", &words, &[(step, "constant(10/s)")], ""));
        (run.ended(0, Ending::Ok), run.ended(0, Ending::Refused))
    };
    // A thousand arrivals; at half of what they need, every second one finds enough.
    assert_eq!(run("write-units: 33/s", WRITE), (1000, 0));
    let (ok, refused) = run("write-units: 16/s", WRITE);
    assert!((499..=501).contains(&ok) && ok + refused == 1000, "{ok}");
    assert_eq!(run("read-units: 11/s", READ), (1000, 0));
    assert_eq!(run("read-units: 5.5/s, copies: 3, reads: eventual", READ), (1000, 0));
    let (ok, _) = run("read-units: 5.5/s", READ);
    assert!((499..=501).contains(&ok), "{ok}");
    // Two shards have twice as much, one key has not.
    let (ok, _) = run("write-units: 16/s, shards: 2, keys: uniform(1)", WRITE);
    assert!((499..=501).contains(&ok), "{ok}");
}

#[test]
fn a_search_finds_what_was_indexed_before_the_last_refresh() {
    // Each document is written 0.3 s before it is searched for: seven of ten searches come before the next refresh.
    let step = "{ write: store, key: doc }, { wait: 300ms }, { read: store, key: doc }";
    let words = "refresh: 1s, shards: 3, index-time: const(1ms), search-time: const(1ms), keys: uniform(1M)";
    let run = Run::of(&store("search-index", words, &[(step, "poisson(50/s)")], ""));
    let stale = run.share(Count::StaleReads, Count::Reads);
    assert!((stale - 0.7).abs() < 4.0 * (0.21f64 / 5000.0).sqrt(), "{stale}");
    let kept = run.kept("store");
    assert!(kept.times(Timed::Staleness).max() <= 301 * MS as u64, "no staler than it is old");
    // By key it is seen at once.
    let step = "{ write: store, key: doc }, { read: store, by: key, key: doc }";
    let run = Run::of(&store("search-index", words, &[(step, "poisson(50/s)")], ""));
    assert_eq!(run.kept("store").count(Count::Reads), 0);
}

#[test]
fn consistency_is_paid_for_by_round_trips_or_by_lost_writes() {
    let run = |consistency: &str, experiments: &str| {
        let body = format!(
            "places: {{ eu: {{ zones: [a, b, c] }} }}\nnetwork: {{ between-zones: 4ms }}\ncomponents:\n  \
             shop: {{ kind: service, place: eu/a, operations: {{ put: [ {{ write: store }} ], get: [ {{ read: store }} ] }} }}\n  \
             store: {{ kind: wide-column, place: eu, copies: 3, consistency: {consistency}, lag: 2s, write-time: const(1ms), read-time: const(1ms), failover: 5s, keys: uniform(10) }}\n\
             load:\n  - {{ operation: shop.put, arrivals: constant(10/s), timeout: 1s }}\n  - {{ operation: shop.get, arrivals: constant(10/s), timeout: 1s }}\n{experiments}"
        );
        Run::of(&body)
    };
    let (one, quorum, all) = (run("one", ""), run("quorum", ""), run("all", ""));
    assert_eq!([one.mean_ms(0), quorum.mean_ms(0), all.mean_ms(0)], [1.0, 5.0, 5.0], "a round trip to another zone");
    assert_eq!([one.mean_ms(1), quorum.mean_ms(1)], [1.0, 5.0]);
    assert!(one.kept("store").count(Count::StaleReads) > 0);
    assert_eq!(quorum.kept("store").count(Count::Reads), 0, "a majority sees every write of a majority");
    let lost = "experiments: [ { name: x, duration: 100s, faults: [ { at: 50.05s, machine-loss: store/1 } ] } ]\n";
    let run_lost = |consistency| run(consistency, lost).record.components[1].lost_writes;
    // Ten a second, for the two seconds that copies are behind.
    assert_eq!((run_lost("one"), run_lost("quorum")), (20, 0));
}

#[test]
fn a_shard_that_is_lost_takes_its_keys_with_it_until_a_copy_leads() {
    let failed = |copies: u32| {
        let words = format!(
            "shards: 4, copies: {copies}, failover: 10s, restart: 0s, read-time: const(1ms), keys: uniform(100k)"
        );
        let fault =
            "experiments: [ { name: x, duration: 100s, faults: [ { at: 20s, for: 40s, machine-loss: store/2 } ] } ]\n";
        let step = "{ read: store, timeout: 100ms }";
        let run = Run::of(&store("key-value", &words, &[(step, "constant(100/s)")], fault));
        run.ended(0, Ending::Timeout) as f64
    };
    // A quarter of 100/s for 40 s, or for the 10 s of the failover.
    assert!((failed(1) - 1000.0).abs() < 120.0, "{}", failed(1));
    assert!((failed(3) - 250.0).abs() < 60.0, "{}", failed(3));
}

#[test]
fn compactions_come_after_so_many_writes() {
    let words = "compaction: { after: 100, for: 2s, slow: 10x }, write-time: const(1ms), read-time: const(1ms)";
    let run = Run::of(&store("wide-column", words, &[(WRITE, "constant(10/s)"), (READ, "constant(10/s)")], ""));
    // A thousand writes: nine compactions of 2 s each, and one more that begins at the end.
    assert_eq!(run.kept("store").count(Count::Compactions), 10);
    assert!((run.mean_ms(1) - (0.82 + 0.18 * 10.0)).abs() < 0.15, "{}", run.mean_ms(1));
}

#[test]
fn a_listing_is_behind_and_bytes_take_their_time() {
    let words = "object: 8 MB, bandwidth: 80 MB/s, read-time: const(20ms), write-time: const(30ms), list-time: const(5ms), listing-lag: 2s, keys: uniform(1M)";
    let list = "{ write: store, key: o }, { wait: 1s }, { read: store, by: list, key: o }, { wait: 1s }, { read: store, by: list, key: o }";
    let run = Run::of(&store("object-store", words, &[(READ, "constant(1/s)"), (list, "constant(1/s)")], ""));
    assert_eq!(run.mean_ms(0), 120.0);
    assert_eq!(run.mean_ms(1), 130.0 + 2000.0 + 10.0);
    let stale = run.share(Count::StaleReads, Count::Reads);
    // Of the last ones the second listing comes after the window.
    assert!((stale - 0.5).abs() < 0.01, "the first listing misses it, the second has it: {stale}");
}

#[test]
fn a_prefix_takes_so_many_writes() {
    let run = |prefixes: u32| {
        let words = format!("prefixes: {prefixes}, write-limit: 10/s, burst: 1s, keys: uniform(1M)");
        let run = Run::of(&store("object-store", &words, &[(WRITE, "constant(100/s)")], ""));
        run.ended(0, Ending::Ok)
    };
    assert!((1008..=1011).contains(&run(1)), "{}", run(1));
    assert!(run(50) > 9990, "two a second at each of fifty");
}

#[test]
fn keys_that_move_cost_twice_until_they_have_arrived() {
    // Half of 8 GB at 100 MB/s: from 20 s to 60 s; at 40 s half of the half is on its way.
    let words = "shards: 2, write-time: const(1ms), keys: uniform(100k)";
    let fault = "experiments: [ { name: x, duration: 100s, faults: [ { at: 20s, rebalance: { what: store, to: 4, size: 8 GB, rate: 100 MB/s } } ] } ]\n";
    let run = Run::of(&store("key-value", words, &[(WRITE, "constant(100/s)")], fault));
    let moving = run.kept("store").count(Count::Moving) as f64;
    // Half of the keys move, half of them on average over 40 s at 100/s.
    assert!((moving - 1000.0).abs() < 5.0 * 1000f64.sqrt(), "{moving}");
    let sum = run.record.entries[0].latency.sum() as f64 / 1e6;
    assert!((sum - (10_000.0 + moving)).abs() < 1.0, "one millisecond more for each: {sum}");
    // Two shards until then, four after.
    let hottest = run.share(Count::HottestShard, Count::ShardAccesses);
    assert!((0.30..0.45).contains(&hottest), "{hottest}");
}

#[test]
fn a_hot_key_is_asked_for_by_a_share_of_all() {
    let words = "shards: 10, read-time: const(1ms), keys: uniform(100k)";
    let fault = "experiments: [ { name: x, duration: 100s, faults: [ { at: 0s, for: 50s, hot-key: { what: store, share: 80% } } ] } ]\n";
    let run = Run::of(&store("key-value", words, &[(READ, "constant(100/s)")], fault));
    let hottest = run.share(Count::HottestShard, Count::ShardAccesses);
    assert!((hottest - (0.4 + 0.06)).abs() < 0.03, "{hottest}");
}

#[track_caller]
fn check(kind: &str, words: &str, step: &str, rest: &str, code: &str, help: &str) {
    let body = store(kind, words, &[(step, "constant(10/s)")], rest);
    let found = compiled(&body).err().unwrap_or_default();
    assert_eq!(found.iter().map(|diagnostic| diagnostic.code).collect::<Vec<_>>(), [code], "{body}\n{found:#?}");
    assert!(found[0].help.as_deref().unwrap_or("").contains(help), "{found:#?}");
    let span = found[0].labels[0].span;
    assert!(!span.is_none() && (span.end as usize) <= text(&body).len(), "{found:#?}");
}

#[test]
fn a_conditional_write_of_an_item_finds_that_another_came_first() {
    for kind in ["key-value", "document"] {
        // Two at each instant read the one item at once; the first write goes through, the second expected what was.
        let step = "{ read: store, read-version: seen }, { write: store, write-if: seen }";
        let words = "shards: 2, keys: uniform(1), read-time: const(1ms), write-time: const(1ms)";
        let run = Run::of(&store(kind, words, &[(step, "batch(2 constant(10/s))")], ""));
        assert_eq!(
            run.kept("store").count(Count::Conflicts) * 2,
            run.kept("store").count(Count::Conditional),
            "{kind}"
        );
        assert_eq!(run.ended(0, Ending::Conflict), run.ended(0, Ending::Ok), "{kind}");
    }
}

#[test]
fn what_a_store_does_not_promise_is_refused() {
    let join = "{ read: store, by: join }";
    let index = "{ read: store, by: index }";
    let pair = "{ transaction: store, steps: [ { write: store }, { write: store } ] }";
    check("key-value", "shards: 2", join, "", "wrong-component", "database");
    check("key-value", "shards: 2", index, "", "wrong-component", "document");
    check("key-value", "shards: 2", pair, "", "wrong-component", "saga");
    check("document", "shards: 2", join, "", "wrong-component", "database");
    check("document", "indexes: 0", index, "", "wrong-component", "indexes: 1");
    check("document", "shards: 2", pair, "", "wrong-component", "one `write`");
    check("wide-column", "shards: 2", index, "", "wrong-component", "second table");
    check("wide-column", "shards: 2", pair, "", "wrong-component", "database");
    check("object-store", "prefixes: 2", "{ read: store, by: range }", "", "wrong-component", "by: list");
    check("object-store", "prefixes: 2", pair, "", "wrong-component", "database");
    check("search-index", "shards: 2", "{ read: store, by: scan }", "", "wrong-component", "searches");
    check("search-index", "shards: 2", pair, "", "wrong-component", "database");
    check("key-value", "shards: 2", "{ write: store, by: scan }", "", "idle-by", "leave it out");
    check("search-index", "shards: 4", "{ read: store, need: 5 }", "", "need-never-met", "need: 4");
}

#[test]
fn shards_that_can_not_be_are_told() {
    check("key-value", "shards: 0", READ, "", "no-shards", "shards: 1");
    check("key-value", "shards: 1M", READ, "", "out-of-range", "100000");
    check("object-store", "prefixes: 0", READ, "", "out-of-range", "from 1");
    check("document", "shards: 4, sharding: range", READ, "", "range-without-keys", "zipf");
    check("document", "shards: 4, split-points: [1, 2, 3]", READ, "", "idle-split-points", "range");
    check(
        "document",
        "sharding: range, keys: uniform(9), split-points: [3, 2]",
        READ,
        "",
        "unordered-split-points",
        "order",
    );
    check(
        "document",
        "sharding: range, keys: uniform(9), shards: 4, split-points: [3]",
        READ,
        "",
        "shards-and-split-points",
        "shards: 2",
    );
    check("key-value", "keys: zipf(0.9 0)", READ, "", "out-of-range", "");
    check("key-value", "reads: eventual", READ, "", "nothing-behind", "copies: 3");
    check("object-store", "erasure: { chunks: 4, needed: 6 }", READ, "", "out-of-range", "chunks: 9");
    check("wide-column", "compaction: { after: 0, for: 1s }", READ, "", "out-of-range", "10k");
    let body = store("key-value", "shards: 100, keys: uniform(10)", &[(READ, "constant(10/s)")], "");
    let warnings = compiled(&body).unwrap().warnings;
    assert_eq!(warnings.iter().map(|found| found.code).collect::<Vec<_>>(), ["more-shards-than-keys"]);
}

#[test]
fn faults_of_shards_that_strike_nothing_are_told() {
    let fault =
        |fault: &str| format!("experiments: [ {{ name: x, duration: 100s, faults: [ {{ at: 1s, {fault} }} ] }} ]\n");
    let rebalance = |to: u32| fault(&format!("rebalance: {{ what: store, to: {to}, size: 1 GB, rate: 1 MB/s }}"));
    check("key-value", "shards: 1", READ, &rebalance(1), "fault-at-nothing", "shards");
    check("key-value", "shards: 4", READ, &rebalance(4), "fault-at-nothing", "more");
    check("document", "shards: 4, sharding: range, keys: uniform(9)", READ, &rebalance(6), "fault-at-nothing", "hash");
    check(
        "key-value",
        "shards: 4",
        READ,
        &fault("hot-key: { what: store, share: 0% }"),
        "fault-at-nothing",
        "share: 30%",
    );
    check(
        "database",
        "workers: 4",
        READ,
        &fault("hot-key: { what: store, share: 10% }"),
        "fault-at-nothing",
        "tells keys apart",
    );
}

#[test]
fn a_database_has_shards_or_copies_and_a_transaction_one_key() {
    let pair = |settings: &str| {
        format!("{{ transaction: store{settings}, steps: [ {{ read: store }}, {{ write: store }} ] }}")
    };
    check("database", "shards: 4", &pair(""), "", "transaction-across-shards", "key: customer");
    check("database", "shards: 4, copies: 3", READ, "", "shards-with-copies", "key-value");
    check("database", "workers: 4", "{ read: store, by: search }", "", "wrong-component", "search-index");
    let within = "{ transaction: store, steps: [ { read: store, by: join } ] }";
    check("database", "workers: 4", within, "", "idle-by", "leave it out");
    // One customer: both shards' worth of transactions meet at one worker, and the other has none.
    let words = "shards: 2, workers: 1, keys: uniform(1), read-time: const(1ms), write-time: const(2ms)";
    let run = Run::of(&store("database", words, &[(&pair(", key: customer"), "constant(100/s)")], ""));
    assert_eq!(run.mean_ms(0), 3.0);
    assert_eq!(run.share(Count::HottestShard, Count::ShardAccesses), 1.0);
}

#[test]
fn a_database_reads_in_every_way_at_its_cost() {
    let mean = |by: &str| {
        let words =
            "shards: 3, read-time: const(1ms), range-time: const(2ms), join-time: const(3ms), scan-time: const(50ms)";
        Run::of(&store("database", words, &[(&format!("{{ read: store, by: {by} }}"), "constant(10/s)")], ""))
            .mean_ms(0)
    };
    assert_eq!(["key", "index", "range", "join", "scan"].map(mean), [1.0, 1.0, 2.0, 3.0, 50.0]);
    let copies = "copies: 3, read-from: replica, guarantee: session, lag: 0s, range-time: const(2ms)";
    let run = Run::of(&store("database", copies, &[("{ read: store, by: range }", "constant(10/s)")], ""));
    assert_eq!(run.mean_ms(0), 2.0);
}

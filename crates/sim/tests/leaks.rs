//! Designs drawn at random, with every block, policy and fault in them: after a load that ends, nothing is held, and
//! every request has ended once.
#![allow(clippy::unwrap_used)]

use groundplan_model::reader::read_design;
use groundplan_sim::kernel::draws::{Stream, Words as _};
use groundplan_sim::kernel::engine::{Engine, Leftovers, Plan};
use groundplan_sim::lower::{VOCABULARY, compile};
use groundplan_sim::verdict::{Labels, SelfChecks};

/// What is drawn for a design; what releases do and where clients are have streams of their own.
struct Chance(Stream, Stream, Stream);

impl Chance {
    fn new(seed: u64) -> Chance {
        Chance(Stream::new(seed, 0, 0), Stream::new(seed, 1, 0), Stream::new(seed, 2, 0))
    }
    fn one_of_releases<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[(self.1.word() % of.len() as u64) as usize]
    }
    fn below(&mut self, n: u64) -> u64 {
        self.0.word() % n
    }
    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len() as u64) as usize]
    }

    fn policies(&mut self) -> String {
        let mut out = String::new();
        let mut maybe = |chance: &mut Chance, text: &str| {
            if chance.below(3) == 0 {
                out.push_str(", ");
                out.push_str(text);
            }
        };
        let timeout = format!("timeout: {}ms", 5 + self.below(200));
        maybe(self, &timeout);
        let attempts = 2 + self.below(4);
        // Pauses that double without end would outlast any run.
        let attempts = if self.below(8) == 0 { "unlimited, cap: 200ms".to_string() } else { attempts.to_string() };
        let jitter = self.one(&["none", "full", "equal", "decorrelated"]);
        let backoff = self.one(&["0s", "5ms", "exp(8ms)"]);
        let budget = self.one(&["", ", budget: 20%", ", on: [timeout, error, conflict]"]);
        let retry = format!("retry: {{ attempts: {attempts}, backoff: {backoff}, jitter: {jitter}{budget} }}");
        maybe(self, &retry);
        let breaker = self.one(&[
            "breaker: { minimum: 3, window: 1s, cool-down: 200ms }",
            "breaker: { count: 10, minimum: 5, cool-down: 100ms, trials: 3, slow: { above: 20ms, share: 80% } }",
            "breaker: { in-a-row: 3, cool-down: 50ms }",
        ]);
        maybe(self, breaker);
        maybe(self, "throttle: { k: 1.5, window: 500ms }");
        let told = self.one(&["", ", propagate: yes", ", propagate: no"]);
        let deadline = format!("deadline: {}ms{told}", 20 + self.below(300));
        maybe(self, &deadline);
        let limit = self.one(&["max-requests: 3", "connections: 2, pool-timeout: 30ms", "connections: 2"]);
        let more = self.one(&["", ", max-requests: 4", ", connect: exp(5ms)"]);
        if limit.starts_with("max") {
            maybe(self, limit)
        } else {
            maybe(self, &format!("{limit}{more}"))
        }
        let cancel = self.one(&["cancel: queued", "cancel: running"]);
        maybe(self, cancel);
        let patience = self.one(&["queue-timeout: 30ms", "queue-timeout: exp(20ms)"]);
        maybe(self, patience);
        let excess = self.one(&["refuse", "wait"]);
        maybe(self, &format!("rate-limit: {{ rate: 100/s, burst: 20, excess: {excess} }}"));
        let fallback = self.one(&["fallback: skip", "fallback: [ { wait: 1ms } ]"]);
        maybe(self, fallback);
        maybe(self, "fail: 20%");
        let hedge = self.one(&[
            "hedge: { after: 10ms }",
            "hedge: { after: 0s, copies: 3, cancel: on-completion }",
            "hedge: { after: 1ms, copies: 2, cancel: on-start }",
            "hedge: { after: 2ms, copies: 9, cancel: on-start }",
        ]);
        maybe(self, hedge);
        let algorithm = self.one(&["random", "round-robin", "least-connections", "power-of-2", "consistent-hash"]);
        let rules = self.one(&[
            "",
            ", max-requests: 2",
            ", health: { every: 100ms }",
            ", outlier: { consecutive: 2, sweep: 200ms, base: 300ms, at-most: 60% }",
        ]);
        let balance = format!("balance: {{ algorithm: {algorithm}{rules} }}");
        maybe(self, &balance);
        out
    }

    fn steps(&mut self, level: u64, depth: u32, session: bool) -> String {
        let n = 1 + self.below(3);
        let mut steps: Vec<String> = (0..n).map(|_| self.step(level, depth, session)).collect();
        if self.below(6) == 0 {
            let pair = "{ read: db, read-version: seen }, { wait: 2ms }, { write: db, write-if: seen }";
            steps.insert(self.below(n + 1) as usize, pair.to_string());
        }
        format!("[ {} ]", steps.join(", "))
    }

    fn step(&mut self, level: u64, depth: u32, session: bool) -> String {
        let policies = self.policies();
        let plain = if depth == 0 { 7 } else { 12 };
        match self.below(plain) {
            0 | 1 => format!("{{ compute: exp({}ms){} }}", 1 + self.below(20), self.one(&["", "", ", fail: 10%"])),
            2 => format!("{{ wait: uniform(1ms {}ms) }}", 2 + self.below(30)),
            3 if session => format!("{{ {}: db }}", self.one(&["read", "write"])),
            3 => format!(
                "{{ {}: {}{policies} }}",
                self.one(&["read", "write"]),
                self.one(&["db", "hot", "db", "kv", "wide", "docs"])
            ),
            4 if level < 3 && !session => {
                format!("{{ {}: s{}.{}{policies} }}", "call", level + 1, self.one(&["one", "two"]))
            }
            4 => "{ compute: const(1ms) }".to_string(),
            5 if session => "{ write: db }".to_string(),
            5 => format!("{{ {}{policies} }}", self.one(&["publish: done", "enqueue: jobs", "call: out"])),
            6 if level < 3 && !session => format!("{{ send: s{}.{} }}", level + 1, self.one(&["one", "two"])),
            6 => "{ wait: 2ms }".to_string(),
            7 if !session => {
                format!("{{ repeat: {}, steps: {} }}", 1 + self.below(3), self.steps(level, depth - 1, false))
            }
            8 if !session => {
                let branches: Vec<String> =
                    (0..2 + self.below(2)).map(|_| self.step(level, depth - 1, false)).collect();
                let need = self.one(&["", ", need: 1"]);
                format!("{{ parallel: [ {} ]{need} }}", branches.join(", "))
            }
            9 => format!(
                "{{ branch: {{ 40%: {}, 60%: {} }} }}",
                self.steps(level, depth - 1, session),
                self.steps(level, depth - 1, session)
            ),
            10 if !session => {
                let connections = self.one(&["", "", "connections: 2, "]);
                format!("{{ transaction: db, {connections}steps: {} }}", self.steps(level, depth - 1, true))
            }
            11 => "{ local: inner }".to_string(),
            _ => "{ compute: exp(2ms) }".to_string(),
        }
    }

    fn service(&mut self, level: u64) -> String {
        let workers = self.one(&["unlimited", "1", "3", "8"]);
        let cores = self.one(&["", "cores: 1, ", "cores: 2, "]);
        let queue = self.one(&["unlimited", "0", "2", "50"]);
        let discipline = self.one(&["fifo", "lifo", "priority", "codel", "sjf", "srpt", "edf"]);
        let preemptive = match discipline {
            "lifo" | "priority" | "sjf" | "edf" => self.one(&["", "preemptive: resume, "]),
            _ => "",
        };
        let full = self.one(&["refuse", "drop-oldest", "block"]);
        let shared = if workers == "unlimited" || discipline == "srpt" || !preemptive.is_empty() {
            ""
        } else {
            self.one(&["", "shared-queue: yes, "])
        };
        let shed = self.one(&["", "shed: { queue: 10 }, ", "shed: [ { priority: 1, wait: 60ms } ], "]);
        let more = self.one(&[
            "",
            "queue-timeout: 40ms, ",
            "queue-timeout: exp(40ms), ",
            "rate-limit: { rate: 300/s, burst: 5, excess: wait }, ",
        ]);
        let modules = self.one(&["", "modules: { m: { permits: 2 } }, "]);
        let one = self.steps(level, 2, false);
        let two = self.steps(level, 2, false);
        let answer = self.one(&["", "{ answer: accepted }, "]);
        let two = two.replacen("[ ", &format!("[ {answer}"), 1);
        let handles = match level {
            2 => ", three: { handles: done, dead-letters: parked, steps: [ { compute: exp(3ms), fail: 20% } ] }",
            3 => {
                ", three: { handles: jobs, dead-letters: parked, steps: [ { compute: exp(3ms), fail: 20% }, { call: out, timeout: 50ms } ] }"
            }
            _ => "",
        };
        let versions = "versions: { v2: { errors: 20%, slow: 3x, operations: { one: [ { compute: exp(4ms) } ] } } }, ";
        let release = self.one_of_releases(&[
            "",
            "release: { strategy: rolling, step: 50%, every: 200ms, grace: 100ms }, ",
            "release: { strategy: all-at-once, in-place: yes, judge: { window: 200ms, delay: 100ms, within: 30ms, minimum: 2 } }, ",
            "release: { strategy: rolling, every: 100ms, judge: { window: 200ms, delay: 300ms, minimum: 2 }, rollback: kill-switch }, ",
            "release: { strategy: blue-green, every: 500ms, judge: { window: 200ms, delay: 100ms } }, ",
            "release: { strategy: rolling, surge: yes, every: 100ms, grace: 50ms, judge: { window: 300ms, delay: 0s, undecided: promote } }, ",
        ]);
        // Consumers are not released beside others, and who shares a queue does not start anew.
        let beside = release.contains("surge") || release.contains("blue");
        let in_place = !shared.is_empty() || beside && level > 1;
        let release = if in_place { "release: { in-place: yes }, " } else { release };
        format!(
            "  s{level}: {{ kind: service, place: eu, replicas: {}, workers: {workers}, {cores}queue: {queue}, discipline: {discipline}, {preemptive}when-full: {full}, {shared}{shed}{more}{modules}{versions}{release}restart: 1s, operations: {{ one: {{ as: m.one, steps: {one} }}, two: {{ steps: {two} }}, inner: {{ as: m.inner, steps: [ {{ compute: exp(1ms) }} ] }}{handles} }} }}\n",
            1 + self.below(3)
        )
    }

    fn fault(&mut self) -> String {
        let fault = self.one(&[
            "crash: s1",
            "crash: s2/1",
            "crash: db",
            "crash: s3",
            "machine-loss: s2",
            "machine-loss: db",
            "zone-loss: eu/a",
            "zone-loss: eu/b",
            "leader-loss: db",
            "slow: { what: s2, factor: 5x }",
            "latency: { what: s1, add: 20ms }",
            "errors: { what: db, share: 30% }",
            "outage: out",
            "consumer-stop: s2",
            "crash: hot",
            "crash: lb",
            "region-loss: eu",
            "partition: { between: [lb, s1] }",
            "partition: { between: [s1, lb], one-way: yes }",
            "partition: { between: [eu, eu] }",
            "partition: { between: [eu, eu], hold: yes }",
            "loss: { between: [eu, eu], share: 40% }",
            "restart-loop: { what: s1, every: 200ms, backoff: 50ms, cap: 300ms }",
            "flapping: { what: s2/1, up: 300ms, down: 200ms }",
            "config-push: { what: [s1, db], errors: 20%, slow: 2x, crash: yes }",
            "poison-input: { what: s1.one, share: 10% }",
            "poison-input: { what: s2, share: 10% }",
            "poison-input: { what: db, share: 5% }",
            "certificate-expiry: { what: s1, lives: 1s }",
            "disk-full: db",
            "disk-full: events",
            "clock-skew: { what: s2, skew: 30ms }",
            "crash: kv/2",
            "machine-loss: wide",
            "hot-key: { what: kv, share: 60% }",
            "rebalance: { what: kv, to: 5, size: 20 MB, rate: 10 MB/s }",
        ]);
        format!("{{ at: {}ms, for: {}ms, {fault} }}", self.below(3_000), 100 + self.below(3_000))
    }

    fn design(&mut self) -> String {
        let mut services: String = (1..=3).map(|level| self.service(level)).collect();
        if services.contains("attempts: unlimited") {
            // Retries without end of what is never refused may storm for ever.
            services = services.replace("when-full: block", "when-full: refuse");
        }
        let rows =
            self.one(&["", "keys: uniform(2), lock-timeout: 60ms, ", "keys: uniform(9), lock-timeout: unlimited, "]);
        // Where rows are waited for the database is slow enough for retries without end to storm for ever.
        let bound = |text: String| {
            if rows.is_empty() { text } else { text.replace("attempts: unlimited", "attempts: 300") }
        };
        services = bound(services);
        let mut faults: Vec<String> = (0..self.below(4)).map(|_| self.fault()).collect();
        for _ in 0..self.1.word() % 3 {
            let event = self.one_of_releases(&[
                "release: { what: s1, version: v2 }",
                "release: { what: s2, version: v2 }",
                "bad-release: { what: s1, errors: 30%, slow: 2x, after: 500ms }",
                "contract-break: { from: s1, to: s2 }",
                "kill-switch: s1",
            ]);
            if services.contains("call: s2.") || !event.starts_with("contract") {
                let (at, lasts) = (self.1.word() % 3_000, 100 + self.1.word() % 3_000);
                faults.push(format!("{{ at: {at}ms, for: {lasts}ms, {event} }}"));
            }
        }
        let hot = self.one_of_releases(&[
            "hit-ratio: 60%",
            "hit-ratio: 60%, capacity: 20, single-flight: yes, replicas: 2",
            "capacity: 5, keys: zipf(1 30), ttl: 300ms, single-flight: yes, serve-stale: 500ms, early-refresh: 1, ttl-jitter: 50%",
            "capacity: 5, keys: zipf(1 30), ttl: 300ms, serve-stale: 200ms, start: empty, fill: always",
            "capacity: 5, keys: zipf(1 30), writes: behind, store-every: 50ms, store-batch: 3, replicas: 2",
            "capacity: 5, keys: uniform(3), ttl: 100ms, single-flight: yes, workers: 2, queue: 5, replicas: 2, writes: through",
        ]);
        if self.1.word().is_multiple_of(2) && hot.contains("capacity") {
            faults.push(format!(
                "{{ at: {}ms, {} }}",
                self.1.word() % 3_000,
                self.one_of_releases(&["flush: hot", "crash: hot"])
            ));
        }
        let copies = 1 + self.below(3);
        let follows = self.one_of_releases(&[
            "",
            "read-from: replica, ",
            "read-from: nearest, lag: 100ms, guarantee: session, guarantee-wait: 20ms, ",
            "detection: 300ms, fencing: no, ack-timeout: 500ms, ",
            "lag: 50ms, apply-time: exp(5ms), read-from: replica, guarantee: read-your-writes, ack-timeout: 300ms, ",
        ]);
        let follows = if copies > 1 { follows } else { "" };
        if copies > 1 {
            let event = self.one_of_releases(&[
                "replica-lag: { what: db, lag: 300ms }",
                "leader-loss: db",
                "partition: { between: [eu/a, eu/b] }",
                "partition: { between: [eu/a, eu/b], one-way: yes }",
            ]);
            let (at, lasts) = (self.1.word() % 3_000, 100 + self.1.word() % 3_000);
            faults.push(format!("{{ at: {at}ms, for: {lasts}ms, {event} }}"));
        }
        // `fail` is a setting of steps alone.
        let [policies, more] = [self.policies(), self.policies()].map(|text| bound(text.replace(", fail: 20%", "")));
        let tenants = self.one(&["", ", tenants: { count: 9, biggest: 30% }", ", keys: zipf(0.9 100)"]);
        let network = self.one(&["", "", ", bandwidth: 10 Mbit/s", ", loss: 2%"]);
        let algorithm = self.one(&["random", "round-robin", "least-connections", "power-of-2", "consistent-hash"]);
        let rules = self.one(&[
            "",
            "max-requests: 3, ",
            "panic: 20%, ",
            "outlier: { consecutive: 2, sweep: 300ms, base: 400ms, at-most: 60% }, ",
        ]);
        // Half of the designs have clients in regions, most of these behind a name that steers them.
        let drawn = self.2.word() % 4;
        let (from, name) = match drawn {
            0 | 1 => ("", "lb"),
            2 => (", from: us", "lb"),
            _ => (", from: { eu: 50%, us: 50% }", "name"),
        };
        // Who waits less than an answer takes fails each time; over the sea that is everybody who is in a hurry.
        let most = if from.is_empty() { "attempts: 300" } else { "attempts: 60" };
        let ends = |text: String| {
            ["attempts: unlimited", "attempts: 300"].iter().fold(text, |text, many| text.replace(many, most))
        };
        let [policies, more] = [ends(policies), ends(more)];
        if drawn >= 2 && self.2.word().is_multiple_of(2) {
            let (at, share) = (self.2.word() % 3_000, 20 + self.2.word() % 80);
            faults.push(format!(
                "{{ at: {at}ms, for: 700ms, partition: {{ between: [us/edge, eu], share: {share}% }} }}"
            ));
        }
        if drawn == 3 {
            faults.push(format!("{{ at: {}ms, for: 900ms, machine-loss: lb }}", self.2.word() % 3_000));
        }
        format!(
            "kind: design\nversion: 1\nname: random\nplaces: {{ eu: {{ zones: [a, b] }}, us: {{ zones: [a] }} }}\nnetwork: {{ within-zone: 0.5ms, between-zones: 2ms, between-regions: {{ eu: {{ us: 30ms }} }}{network} }}\ncomponents:\n\
             \x20 lb: {{ kind: load-balancer, place: eu, algorithm: {algorithm}, {rules}to: s1, health: {{ every: 300ms, unhealthy-after: 2 }} }}\n{services}\
             \x20 name: {{ kind: dns, to: {{ eu: lb, us: s1 }}, policy: failover, ttl: 400ms, health: {{ every: 200ms }}, ignores-ttl: 10%, keeps-for: 1s }}\n\
             \x20 hot: {{ kind: cache, place: eu, of: db, {hot}, restart: 300ms }}\n\
             \x20 db: {{ kind: database, place: eu, workers: {}, cores: 2, copies: {}, replication: {}, {}{follows}failover: 700ms, restart: 900ms }}\n\
             \x20 kv: {{ kind: key-value, place: eu, shards: 3, workers: 2, queue: 9, copies: 2, reads: eventual, write-units: 90/s, fails: exp(2s), repair: exp(400ms) }}\n\
             \x20 wide: {{ kind: wide-column, place: eu, shards: 2, copies: 2, consistency: one, restart: 1s, failover: 500ms, compaction: {{ after: 9, for: 100ms }} }}\n\
             \x20 docs: {{ kind: document, place: eu, shards: 4, workers: 1, sharding: range, keys: zipf(0.9 100), fails: exp(3s), repair: exp(300ms), repairers: 1 }}\n\
             \x20 ledger: {{ kind: event-store, place: eu, shards: 2, workers: 2, queue: 9, copies: 2, keys: uniform(20), start-events: 90, snapshot-every: 100, fold-time: 1ms, restart: 300ms, fails: exp(3s), repair: exp(300ms) }}\n\
             \x20 balances: {{ kind: service, place: eu, workers: 2, restart: 300ms, operations: {{ show: {{ handles: paid, from: ledger, steps: [ {{ compute: exp(5ms) }} ] }} }} }}\n\
             \x20 events: {{ kind: log, place: eu, topics: {{ done: {{ partitions: 3 }} }} }}\n\
             \x20 jobs: {{ kind: queue, place: eu }}\n  parked: {{ kind: queue }}\n\
             \x20 out: {{ kind: external, latency: exp(10ms), errors: 5%, limit: 200/s }}\n\
             load:\n  - {{ name: first, operation: {name}.one{policies}{from}, arrivals: at(0s 60) }}\n  - {{ name: second, operation: lb.two{more}, priority: 2{from}, arrivals: at(1s 60) }}\n  - {{ name: third, operation: s1.one{tenants}, arrivals: at(2s 60) }}\n\
             \x20 - {{ name: walk, route: {{ start: A, A: {{ call: lb.one, next: {{ B: 40%, A: 20% }} }}, B: {{ call: s1.two, timeout: 100ms, next: {{ A: 30% }} }} }}, arrivals: at(1s 60) }}\n\
             \x20 - {{ name: stores, steps: [ {{ read: kv, timeout: 200ms }}, {{ write: wide }}, {{ read: docs, by: index, need: 2, timeout: 300ms }}, {{ read: ledger, read-version: seen, timeout: 60ms }}, {{ write: ledger, write-if: seen }} ], arrivals: at(2s 60) }}\n\
             experiments: [ {{ name: x, duration: 10s, faults: [ {} ] }} ]\n",
            1 + self.below(6),
            copies,
            self.one(&["sync", "async", "quorum", "semi-sync"]),
            rows,
            faults.join(", ")
        )
    }
}

fn check(seed: u64) {
    let text = Chance::new(seed).design();
    let read = read_design(&text, &VOCABULARY);
    assert_eq!(read.errors().count(), 0, "seed {seed}\n{text}\n{:#?}", read.diagnostics);
    let compiled =
        compile(&read.value.unwrap()).unwrap_or_else(|diagnostics| panic!("seed {seed}\n{text}\n{diagnostics:#?}"));
    let second = 1_000_000_000;
    let plan = Plan {
        seed,
        replication: 0,
        warm_up: 0,
        window: 600 * second,
        drain_cap: 100 * second,
        slice: 10 * second,
        experiment: Some(0),
    };
    let (record, leftovers) = Engine::new(&compiled.tables, plan).run_and_look();
    assert_eq!(leftovers, Leftovers::default(), "seed {seed}\n{text}");
    let checks = SelfChecks::of(std::slice::from_ref(&record), &Labels::default());
    assert_eq!(checks.violations, [], "seed {seed}\n{text}");
    // Nobody learns how a `send` ended; what a dead or dropped caller or a session had asked for ends with it.
    let words = ["faults: [  ]", "cancel: running", "transaction", "send:"];
    if words.map(|word| text.contains(word)) == [true, false, false, false] {
        for (pair, call) in compiled.names.calls.iter().zip(&record.calls) {
            let ended: u64 = call.ended.iter().sum();
            assert_eq!(call.attempts, ended, "each attempt ends once: {pair} {:?}, seed {seed}\n{text}", call.ended);
        }
    }
    for (nth, entry) in record.entries.iter().enumerate() {
        // Behind the loads stand the figures of tenants, who share theirs.
        if nth < compiled.tables.sources.len() {
            assert_eq!(entry.arrived, 60, "seed {seed}\n{text}");
        }
        assert_eq!(entry.ended.iter().sum::<u64>(), entry.arrived, "seed {seed}\n{text}");
        assert_eq!(entry.ended[8], 0, "nothing is left unfinished: seed {seed}\n{text}");
    }
}

#[test]
fn nothing_leaks() {
    for seed in 0..600 {
        check(seed);
    }
}

/// The same designs under a load that goes on: the window begins and ends in the middle of things, and all adds up.
#[test]
fn the_books_of_a_window_are_closed() {
    let mut held = 0;
    for seed in 0..300 {
        let mut text = Chance::new(seed).design();
        for (once, often) in [("at(0s 60)", "30/s"), ("at(1s 60)", "20/s"), ("at(2s 60)", "10/s")] {
            text = text.replace(once, &format!("poisson({often})"));
        }
        let compiled = compile(&read_design(&text, &VOCABULARY).value.unwrap()).unwrap();
        let second = 1_000_000_000;
        let plan = Plan {
            seed,
            replication: 1,
            warm_up: 2 * second,
            window: 3 * second,
            drain_cap: second,
            slice: second,
            experiment: Some(0),
        };
        let record = Engine::new(&compiled.tables, plan).run();
        let checks = SelfChecks::of(&[record], &Labels::default());
        assert_eq!(checks.violations, [], "seed {seed}\n{text}");
        held += checks.held;
    }
    assert!(held > 300 * 20, "{held}");
}

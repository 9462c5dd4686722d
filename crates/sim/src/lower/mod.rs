//! From a design to tables: every word of the language gets its meaning here, and its place in the manual.
//!
//! One file a kind of component, policy and fault, each with its words and its meaning, each named once in the list of
//! its folder. Lowering goes on after a mistake and returns all diagnostics. What only reads the design stands here and
//! in the files beside; what runs it stands in `kernel`.

/// The text of an example design in `examples/reference/`: `example!("policies/retry")`.
macro_rules! example {
    ($path:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/reference/", $path, ".design.yaml"))
    };
}
pub(crate) use example;

mod access;
mod asked;
mod balancing;
pub(crate) mod caching;
mod consumers;
pub mod faults;
pub mod inputs;
pub mod kinds;
mod laws;
mod loads;
mod places;
pub mod policies;
pub(crate) mod rates;
pub(crate) mod releases;
mod repairs;
mod replicate;
mod routes;
mod rows;
mod sense;
mod serving;
pub(crate) mod sharding;
pub mod showcases;
mod steps;
mod topics;
pub mod traffic;

pub(crate) use access::By;
pub use replicate::{RunSpec, follow, note_requests, replicate, replicate_until};

use crate::kernel::draws;
use crate::kernel::tables::{Algorithm, Balancer, Component, Lane, NONE, Others, Purpose, Site, Step, Tables};
use groundplan_model::design::{self, Design, Operation};
use groundplan_model::diagnostic::{Diagnostic, Label, Severity, guess};
use groundplan_model::quantity::Dist;
use groundplan_model::span::{Located, Span};
use groundplan_model::units::Seconds;
use groundplan_model::vocabulary::Vocabulary;
use indexmap::IndexMap;
use loads::Entry;
use places::Places;
use topics::Topics;

/// All words of designs that `sim` gives a meaning to.
pub const VOCABULARY: Vocabulary = Vocabulary { kinds: kinds::WORDS, policies: policies::WORDS, faults: faults::WORDS };

/// Callers without a timeout learn after this long that no answer will come (keep-alive of the connection).
const SILENCE: Seconds = Seconds(30.0);

/// A design that can be run.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// What the engine runs.
    pub tables: Tables,
    /// What its indices mean.
    pub names: Names,
    /// What may be meant otherwise than it is understood.
    pub warnings: Vec<Diagnostic>,
    /// What stands in the design in vain: faces refuse to run it, callers who made the design themselves may.
    pub pointless: Vec<Diagnostic>,
    /// What the load is expected to bring.
    pub traffic: traffic::Traffic,
    /// The designs that experiments with `set` or `box` run on. Index: as `Design::variants`.
    pub variants: Vec<Compiled>,
}

/// What the indices of a record mean.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Names {
    /// Entries of the load: the name of the load or its operation, one for each operation of a mix; behind them
    /// `NAME/biggest` and `NAME/others` where requests are tenants'.
    pub entries: Vec<String>,
    /// Components.
    pub components: Vec<String>,
    /// Pairs of caller and callee, `FROM->TO`.
    pub calls: Vec<String>,
    /// What is asked for at each site: `shop.browse`, `orders (write)`.
    pub asks: Vec<String>,
}

/// Compiles a design.
///
/// # Errors
/// Everything in the design that has no meaning, at once.
pub fn compile(design: &Design) -> Result<Compiled, Vec<Diagnostic>> {
    let mut lowering = Lowering::new(design);
    lowering.tables.deadlines = policies::deadline::told(design);
    lowering.declare_all();
    lowering.find_asked();
    lowering.emit_loads();
    lowering.emit_declared();
    lowering.emit_pending();
    lowering.emit_checks();
    lowering.emit_pending();
    lowering.refuse_cycles();
    lowering.check_versions();
    lowering.resolve();
    lowering.lower_experiments();
    lowering.find_ends();
    lowering.tables.cold = lowering.needs_cold();
    let asks = |step: &Step| matches!(step, Step::Settle { .. } | Step::Row { .. });
    let windows = !lowering.tables.machines.windows.processors.is_empty();
    lowering.tables.records_whole = windows || lowering.tables.code.iter().any(asks);
    lowering.spoil_records();
    let entries = loads::entry_names(design);
    let unbounded = lowering.out_of_bounds();
    lowering.diagnostics.extend(unbounded);
    if lowering.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        return Err(lowering.diagnostics);
    }
    let (traffic, found) = lowering.sense();
    let variants = compile_variants(design)?;
    let asks = lowering.asks_of_sites();
    let Lowering { tables, mut diagnostics, pairs, clients, parts, mut pointless, .. } = lowering;
    let (errors, warnings): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|diagnostic| diagnostic.severity == Severity::Error);
    pointless.extend(errors);
    diagnostics.extend(warnings);
    let name = |caller: u32| match parts.get(caller as usize) {
        Some(part) => part.component.name.value.clone(),
        None => clients[caller as usize - parts.len()].clone(),
    };
    let names = Names {
        entries,
        components: parts.iter().map(|part| part.component.name.value.clone()).collect(),
        asks,
        calls: pairs.keys().map(|(from, to)| format!("{}->{}", name(*from), name(*to))).collect(),
    };
    for (variant, compiled) in design.variants.iter().zip(&variants) {
        for found in &compiled.pointless {
            let told = of_variant(design, variant, found.clone());
            if !pointless.contains(found) && !pointless.contains(&told) {
                pointless.push(told);
            }
        }
    }
    Ok(Compiled { tables, names, warnings: diagnostics, pointless, traffic, variants })
}

/// The designs that experiments with `set` or `box` run on.
fn compile_variants(design: &Design) -> Result<Vec<Compiled>, Vec<Diagnostic>> {
    let (mut variants, mut diagnostics) = (Vec::new(), Vec::<Diagnostic>::new());
    for variant in &design.variants {
        match compile(&variant.design) {
            Ok(compiled) => variants.push(compiled),
            Err(found) => {
                for one in found {
                    let one = of_variant(design, variant, one);
                    if !diagnostics.contains(&one) {
                        diagnostics.push(one);
                    }
                }
            }
        }
    }
    if diagnostics.is_empty() { Ok(variants) } else { Err(diagnostics) }
}

/// What is wrong with the design of an experiment, said where that experiment sets what makes it so: the text that the
/// diagnostic points at may be right as it stands.
fn of_variant(design: &Design, variant: &design::Variant, mut one: Diagnostic) -> Diagnostic {
    let experiment = &design.experiments[variant.experiment];
    let set = experiment.settings.map("set");
    let at = [set, experiment.settings.map("box")].into_iter().flatten();
    let at = at.flat_map(|map| map.0.values()).map(|value| value.span).find(|span| !span.is_none());
    one.labels.retain(|label| !label.span.is_none());
    let span = at.unwrap_or(experiment.name.span);
    one.labels.insert(0, Label { span, text: "in the design that this experiment runs on".to_string() });
    let put = |(path, value): (&String, &str)| format!("`{path}: {value}`");
    let texts = set.into_iter().flat_map(|map| map.0.keys().map(|path| (path, map.text(path).unwrap_or_default())));
    let all: Vec<String> =
        texts.chain(variant.at.iter().map(|(path, value)| (path, value.as_str()))).map(put).collect();
    one.note(format!("{} runs with {}", groundplan_model::text::shown(&experiment.name.value), all.join(", ")))
}

/// What can be asked of a component.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Ask {
    /// One of its operations, from outside.
    Operation(String),
    /// One of its operations, from inside.
    Local(String),
    /// The component as such (an outside dependency).
    Whole,
    /// A read.
    Read,
    /// A read otherwise than by key.
    ReadBy(By),
    /// A write; records for these topics go out with it.
    Write(Vec<u32>),
    /// A session is opened.
    Begin,
    /// A read in a session.
    ReadWithin,
    /// A write in a session.
    WriteWithin,
    /// The end of a session; records for these topics go out with it.
    Commit(Vec<u32>),
    /// A record for a topic.
    Append(u32),
}

/// A component while it is lowered.
#[derive(Debug)]
pub(crate) struct Part<'d> {
    /// What the design says of it.
    pub component: &'d design::Component,
    /// Its kind.
    pub kind: Option<&'static kinds::Kind>,
    /// First replica.
    pub first: u32,
    /// Number of replicas.
    pub count: u32,
    /// Replicas that calls reach unless they say otherwise (data: the leader alone).
    pub reach: u32,
    /// Whether it has a place in the network.
    pub placed: bool,
    /// Whether something may stand before its queue.
    pub gated: bool,
    /// Whether it tells rows apart, so that accesses say which one they concern.
    pub rows: bool,
    /// How its keys are spread over shards: which of the maps; `NONE` for data in one piece.
    pub map: u32,
    /// What a read without `by` means; none for by key.
    pub usual: Option<By>,
    /// Which reads ask all shards.
    pub everywhere: &'static [By],
    /// Pools of permits by module.
    pub modules: IndexMap<String, u32>,
}

/// A design on its way to tables.
pub(crate) struct Lowering<'d> {
    pub design: &'d Design,
    pub tables: Tables,
    pub diagnostics: Vec<Diagnostic>,
    pub parts: Vec<Part<'d>>,
    pub places: Places,
    pub topics: Topics,
    pub laws: Vec<Dist>,
    /// Entry of what can be asked, once it is emitted.
    targets: IndexMap<(u32, Ask), Option<u32>>,
    /// Targets whose entries sites wait for.
    unresolved: Vec<(u32, u32)>,
    /// Which target calls which, where the call stands.
    edges: Vec<(u32, u32, Span)>,
    /// Where each site stands. Index: that of the sites.
    origins: Vec<From>,
    /// Operations whose steps stand in line in another's: where, whose, which.
    inlined: Vec<(u32, u32, String)>,
    /// What stands in the design in vain.
    pointless: Vec<Diagnostic>,
    pairs: IndexMap<(u32, u32), u32>,
    /// Loads whose calls have policies, which count as callers: their numbers as such come after those of components.
    clients: Vec<String>,
    balancers: IndexMap<(u32, u32), u32>,
    /// What each row of the sources stands for.
    entries: Vec<Entry>,
    /// First of the pools of connections, by caller and callee.
    connections: IndexMap<(String, u32), u32>,
    /// Names of versions of rows that steps remember.
    version_names: Vec<String>,
    /// Which caches are followed.
    pub caching: caching::Caching,
    /// Whether some fault cuts components or places off from one another.
    cut: bool,
    /// What operations look at because of a fault.
    looks: faults::Looks,
    /// Stores and the data sets in them, as rows have them, whose keys accesses tell apart.
    row_spaces: Vec<(u32, u32)>,
    /// Operations that real checks ask for.
    checks: Vec<Located<String>>,
    /// Ways of messages of a size: where they begin. Unit of sizes: bytes.
    ways: IndexMap<u64, u32>,
    /// Whether the load that is emitted just now says where its clients are.
    homed: bool,
    /// The edges from which clients call, and which component.
    client_calls: Vec<(u16, u32)>,
    /// Versions of components. Index: that of the parts.
    pub versions: Vec<releases::Versions<'d>>,
}

impl<'d> Lowering<'d> {
    fn new(design: &'d Design) -> Lowering<'d> {
        let mut lowering = Lowering {
            design,
            tables: Tables::default(),
            diagnostics: Vec::new(),
            parts: Vec::new(),
            places: Places::new(design),
            topics: Topics::default(),
            laws: Vec::new(),
            targets: IndexMap::new(),
            unresolved: Vec::new(),
            edges: Vec::new(),
            origins: vec![From { part: None, target: None, span: Span::NONE, waits: false }],
            inlined: Vec::new(),
            pointless: Vec::new(),
            pairs: IndexMap::new(),
            clients: Vec::new(),
            balancers: IndexMap::new(),
            entries: Vec::new(),
            connections: IndexMap::new(),
            version_names: Vec::new(),
            caching: caching::Caching::default(),
            cut: false,
            looks: faults::Looks::default(),
            row_spaces: Vec::new(),
            checks: Vec::new(),
            ways: IndexMap::new(),
            homed: false,
            client_calls: Vec::new(),
            versions: releases::versions_of(design),
        };
        lowering.lower_network();
        lowering.tables.silence = lowering.lane(SILENCE, Purpose::Silence);
        lowering
    }

    fn declare_all(&mut self) {
        for component in &self.design.components {
            let kind = kinds::KINDS.iter().find(|kind| kind.words.name == component.kind.value);
            if kind.is_none() {
                let known = kinds::KINDS.iter().map(|kind| kind.words.name);
                let diagnostic = unknown("kind", "unknown-kind", &component.kind, known);
                self.diagnostics.push(diagnostic);
            }
            let first = self.tables.zones.len() as u32;
            self.parts.push(Part {
                component,
                kind,
                first,
                count: 0,
                reach: 0,
                placed: component.place.is_some() && !self.design.places.is_empty(),
                gated: false,
                rows: false,
                map: NONE,
                usual: None,
                everywhere: &[],
                modules: IndexMap::new(),
            });
            let part = self.parts.len() as u32 - 1;
            match kind {
                Some(kind) => (kind.declare)(self, part),
                None => self.declare(part, Component::default(), 1),
            }
        }
        self.lower_versions();
        self.declare_topics();
        self.find_faulted();
    }

    /// Adds a component's row and its replicas. Called once by every kind.
    pub fn declare(&mut self, part: u32, component: Component, replicas: u32) {
        let first = self.parts[part as usize].first;
        let count = replicas.max(1);
        let zones = self.zones_of(part, count);
        self.tables.zones.extend(zones);
        let part = &mut self.parts[part as usize];
        part.count = count;
        part.reach = count;
        part.gated = component.spacing > 0 || component.outages.is_some() || component.sheds.1 > 0;
        self.tables.components.push(Component { first, count, ..component });
    }

    /// Operations that nothing asks for are compiled all the same, for their diagnostics.
    fn emit_declared(&mut self) {
        for part in 0..self.parts.len() as u32 {
            let component = self.parts[part as usize].component;
            if self.parts[part as usize].kind.is_some_and(|kind| kind.has_operations) {
                for operation in &component.operations {
                    self.target(part, Ask::Operation(operation.name.value.clone()));
                }
            }
        }
    }

    /// The index of what is asked of a component; its code is emitted later.
    pub fn target(&mut self, part: u32, ask: Ask) -> u32 {
        let key = (part, ask);
        match self.targets.get_index_of(&key) {
            Some(index) => index as u32,
            None => self.targets.insert_full(key, None).0 as u32,
        }
    }

    fn emit_pending(&mut self) {
        let mut at = 0;
        while at < self.targets.len() {
            let Some(((part, ask), entry)) = self.targets.get_index(at).map(|(key, entry)| (key.clone(), *entry))
            else {
                break;
            };
            if entry.is_none() {
                let entry = self.here();
                self.targets[at] = Some(entry);
                if self.waits_asked(part, &ask) {
                    self.push(Step::JudgeWait);
                }
                // A request may be late when it gets its worker. Sessions and blocks are checked by who waits for them.
                let within = [Ask::ReadWithin, Ask::WriteWithin, Ask::Begin].contains(&ask)
                    || matches!(ask, Ask::Local(_) | Ask::Commit(_));
                if self.tables.deadlines && !within {
                    self.push(Step::Check);
                }
                self.look_at_faults(part, &ask);
                let begun = self.here();
                if let Some(kind) = self.parts[part as usize].kind {
                    (kind.emit)(self, part, &ask, at as u32);
                }
                if self.here() == begun {
                    // Nothing was emitted: a diagnostic says why.
                    self.tables.code.push(Step::Return);
                }
            }
            at += 1;
        }
    }

    fn resolve(&mut self) {
        for (site, target) in std::mem::take(&mut self.unresolved) {
            let entry = self.targets.get_index(target as usize).and_then(|(_, entry)| *entry);
            self.tables.sites[site as usize].entry = entry.unwrap_or(0);
        }
        for group in 0..self.tables.groups.len() {
            let site = self.tables.groups[group].site;
            debug_assert!(site != NONE, "every group has its consumers");
        }
        for site in &mut self.tables.sites {
            if site.component != NONE {
                site.gated |= self.parts[site.component as usize].gated || self.tables.deadlines;
            }
        }
        self.emit_stubs();
    }

    /// What attempts under policies do besides their callees' operations.
    fn emit_stubs(&mut self) {
        if !self.tables.policies.iter().any(|policy| policy.owed) {
            return;
        }
        self.tables.stubs = self.here();
        for stub in [Step::Attempt, Step::Depart, Step::Reopen, Step::Cancel] {
            self.push(stub);
        }
        for site in 0..self.tables.sites.len() {
            let Site { policy, entry, .. } = self.tables.sites[site];
            let others = self.tables.policies.get(policy as usize).map(|policy| policy.others);
            if others == Some(Others::OnStart) {
                self.tables.sites[site].entry = self.push(Step::Starts);
                self.push(Step::Jump { to: entry });
            }
        }
    }

    /// Where the next instruction will stand.
    pub fn here(&self) -> u32 {
        self.tables.code.len() as u32
    }

    /// Adds an instruction and says where it stands.
    pub fn push(&mut self, step: Step) -> u32 {
        self.tables.code.push(step);
        self.here() - 1
    }

    /// A call site from one component (or a client) to what is asked of another.
    pub fn site(&mut self, from: From, part: u32, ask: Ask, key: &str) -> u32 {
        let callee = &self.parts[part as usize];
        // Reads may go to any copy where the data says so.
        let reads = callee.component.settings.text("read-from").filter(|_| matches!(ask, Ask::Read | Ask::ReadBy(_)));
        let nearest = reads == Some("nearest") && callee.count > 1;
        let at_copies = nearest || reads == Some("replica");
        let led = !at_copies && self.tables.machines.copies.unit(part) != NONE;
        let reach = if at_copies || led { callee.count } else { callee.reach };
        let (component_first, placed) = (callee.first, callee.placed);
        let sizes = self.sizes_of(part, &ask);
        let target = self.target(part, ask);
        let pair = match from.part {
            Some(caller) => self.pair(caller, part),
            None => NONE,
        };
        let balancer = match reach {
            _ if nearest => self.nearest(from.part, part),
            2.. if !led => self.balancer(from.part.unwrap_or(NONE), part),
            _ => NONE,
        };
        let steers = |part: u32| self.tables.components[part as usize].steers;
        let caller_placed = from.part.map_or(self.homed, |caller| steers(caller) || self.parts[caller as usize].placed);
        self.tables.sites.push(Site {
            entry: 0,
            component: part,
            first: component_first,
            count: reach,
            pair,
            key: if key.is_empty() { 0 } else { draws::site(key) },
            balancer,
            networked: placed && caller_placed && !self.tables.ways.is_empty(),
            ..Site::default()
        });
        let site = self.tables.sites.len() as u32 - 1;
        self.origins.push(from);
        if from.part.is_none() && self.homed {
            self.note_clients(part);
        }
        if from.part.is_some() || self.homed {
            self.messages_of(site, placed && caller_placed, sizes, key);
        }
        self.unresolved.push((site, target));
        if let Some(patience) = self.parts[part as usize].component.settings.dist("queue-timeout") {
            self.be_patient(site, patience);
        }
        if from.waits
            && let Some(caller) = from.target
        {
            self.edges.push((caller, target, from.span));
        }
        site
    }

    /// The number under which the calls of one to the other are counted.
    fn pair(&mut self, caller: u32, callee: u32) -> u32 {
        let next = self.pairs.len() as u32;
        let pair = *self.pairs.entry((caller, callee)).or_insert(next);
        self.tables.pairs = self.pairs.len() as u32;
        pair
    }

    /// Lets a load's calls from a site be counted, under the load's name.
    pub fn count_client(&mut self, load: &str, site: u32) {
        let known = self.clients.iter().position(|client| client == load);
        let nth = known.unwrap_or_else(|| {
            self.clients.push(load.to_string());
            self.clients.len() - 1
        });
        let callee = self.tables.sites[site as usize].component;
        let pair = self.pair((self.parts.len() + nth) as u32, callee);
        self.tables.sites[site as usize].pair = pair;
    }

    /// Which component calls which.
    pub fn call_pairs(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.pairs.keys().copied().filter(|(caller, _)| (*caller as usize) < self.parts.len())
    }

    fn balancer(&mut self, caller: u32, callee: u32) -> u32 {
        if let Some(balancer) = self.balancers.get(&(caller, callee)) {
            return *balancer;
        }
        let caller_part = self.parts.get(caller as usize);
        let rules = caller_part.and_then(|part| part.kind?.balances).map(|balances| balances(self, caller));
        // Who shares its rows out among its replicas is asked where the row is.
        let rules = match self.parts[callee as usize].kind.map(|kind| kind.words.name) {
            Some("cdn") => Some(kinds::cdn::nearest()),
            _ if self.shares_rows(callee) => Some(Self::by_row()),
            _ => rules,
        };
        let balancer = self.add_balancer((caller != NONE).then_some(caller), callee, rules.unwrap_or_default());
        self.balancers.insert((caller, callee), balancer);
        balancer
    }

    /// The way from a caller to the nearest copy.
    fn nearest(&mut self, caller: Option<u32>, callee: u32) -> u32 {
        let rules = Balancer { algorithm: Algorithm::Nearest, ..Balancer::default() };
        self.add_balancer(caller, callee, rules)
    }

    /// The lane of a delay for a purpose.
    pub fn lane(&mut self, delay: Seconds, purpose: Purpose) -> u32 {
        let lane = Lane { delay: nanoseconds(delay), purpose };
        let known = self.tables.lanes.iter().position(|other| *other == lane);
        known.map_or_else(
            || {
                self.tables.lanes.push(lane);
                self.tables.lanes.len() as u32 - 1
            },
            |index| index as u32,
        )
    }

    /// How long what is called at a site waits for a worker: a lane where it is always the same, else a law.
    pub fn be_patient(&mut self, site: u32, patience: &Dist) {
        let (lane, law) = match patience {
            Dist::Const(time) => (self.lane(Seconds(*time), Purpose::Patience), u16::MAX),
            other => (NONE, self.law(other)),
        };
        let row = &mut self.tables.sites[site as usize];
        row.patience = lane;
        row.patience_law = law;
        row.gated |= law != u16::MAX;
    }

    /// The component of a name, or a diagnostic.
    pub fn part_named(&mut self, name: &Located<String>) -> Option<u32> {
        let found = self.parts.iter().position(|part| part.component.name.value == name.value);
        if found.is_none() {
            let known = self.parts.iter().map(|part| part.component.name.value.as_str());
            let diagnostic = unknown("component", "unknown-component", name, known);
            self.diagnostics.push(diagnostic);
        }
        found.map(|index| index as u32)
    }

    /// An operation of a component.
    pub fn operation_of(&self, part: u32, name: &str) -> Option<&'d Operation> {
        self.parts[part as usize].component.operations.iter().find(|operation| operation.name.value == name)
    }

    /// What answers `shop.browse`, or `payment-provider`; or a diagnostic.
    pub fn operation_named(&mut self, reference: &Located<String>) -> Option<(u32, Ask)> {
        let (component, operation) = match reference.value.split_once('.') {
            Some((component, operation)) => (component, Some(operation)),
            None => (reference.value.as_str(), None),
        };
        let part = self.part_named(&Located::new(component.to_string(), reference.span))?;
        let ask = operation.map_or(Ask::Whole, |operation| Ask::Operation(operation.to_string()));
        let kind = self.parts[part as usize].kind?;
        match (kind.answers)(self, part, &ask) {
            Ok(()) => Some((part, ask)),
            Err(diagnostic) => {
                self.diagnostics.push(diagnostic.at(reference.span, "asked for here"));
                None
            }
        }
    }

    /// The name by which what is asked shares its luck with other designs of the same domain.
    pub fn stable_name(&self, part: u32, ask: &Ask) -> String {
        let component = &self.parts[part as usize].component.name.value;
        match ask {
            Ask::Operation(name) | Ask::Local(name) => {
                let stands_for = self.operation_of(part, name).and_then(|operation| operation.stands_for.as_ref());
                stands_for.map_or_else(|| format!("{component}.{name}"), |name| name.value.clone())
            }
            _ => component.clone(),
        }
    }

    /// Calls that wait for each other in a circle would never end.
    fn refuse_cycles(&mut self) {
        let mut state = vec![0u8; self.targets.len()];
        let mut next: Vec<Vec<(u32, Span)>> = vec![Vec::new(); self.targets.len()];
        for (caller, callee, span) in &self.edges {
            next[*caller as usize].push((*callee, *span));
        }
        let round = (0..self.targets.len() as u32).find_map(|root| circle(root, &next, &mut state));
        let Some(round) = round else { return };
        let name = |target: u32| match self.targets.get_index(target as usize) {
            Some(((part, ask), _)) => self.name_of(*part, ask),
            None => String::new(),
        };
        let first = name(round[0].0);
        let mut diagnostic = Diagnostic::error("call-cycle", format!("`{first}` waits for an answer of itself"));
        // A load balancer passes on what its name stands for: its line says least.
        let passes_on = |target: u32| {
            let of = self.targets.get_index(target as usize).and_then(|((part, _), _)| self.parts[*part as usize].kind);
            of.is_some_and(|kind| kind.hop)
        };
        for (nth, (target, span)) in round.iter().enumerate().rev() {
            if passes_on(*target) {
                continue;
            }
            let last = diagnostic.labels.is_empty();
            let text = if nth + 1 == round.len() || last { "this call closes the circle" } else { "waits for this" };
            diagnostic = diagnostic.at(*span, text);
        }
        if diagnostic.labels.is_empty() {
            diagnostic = diagnostic.at(round[0].1, "passed on in a circle");
        }
        if round.len() > 1 {
            let names: Vec<String> = round.iter().map(|(target, _)| format!("`{}`", name(*target))).collect();
            diagnostic = diagnostic.note(format!("the circle is {} and again `{first}`", names.join(", ")));
        }
        self.diagnostics.push(diagnostic.help("use `send` or `publish` for one of the calls, which do not wait"));
    }

    fn needs_cold(&self) -> bool {
        let step = |step: &Step| {
            matches!(
                step,
                Step::Split { .. }
                    | Step::Repeat { .. }
                    | Step::Begin { .. }
                    | Step::Settle { .. }
                    | Step::Append { .. }
                    | Step::Row { .. }
                    | Step::Taste { .. }
                    | Step::Machine { .. }
            )
        };
        self.tables.code.iter().any(step)
            || self.tables.sources.iter().any(|source| {
                source.priority != 1 || source.keys & source.tenants & source.homes & source.sessions != NONE
            })
            || self.tables.deadlines
            || self
                .tables
                .policies
                .iter()
                .any(|policy| policy.bound || policy.jitter == crate::kernel::tables::Jitter::Decorrelated)
    }
}

/// A circle that a walk from `root` meets: each target with where it calls the next. `state`: 0 new, 1 on the way, 2 done.
fn circle(root: u32, next: &[Vec<(u32, Span)>], state: &mut [u8]) -> Option<Vec<(u32, Span)>> {
    if state[root as usize] != 0 {
        return None;
    }
    let mut way = vec![(root, 0usize)];
    state[root as usize] = 1;
    while let Some((target, edge)) = way.pop() {
        let Some((callee, _)) = next[target as usize].get(edge) else {
            state[target as usize] = 2;
            continue;
        };
        way.push((target, edge + 1));
        match state[*callee as usize] {
            0 => {
                state[*callee as usize] = 1;
                way.push((*callee, 0));
            }
            1 => {
                let from = way.iter().position(|(on, _)| on == callee)?;
                return Some(way[from..].iter().map(|(on, edge)| (*on, next[*on as usize][edge - 1].1)).collect());
            }
            _ => {}
        }
    }
    None
}

/// Who calls, from where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct From {
    /// The component; none for a client.
    pub part: Option<u32>,
    /// The target whose code the call stands in.
    pub target: Option<u32>,
    /// Where the call stands.
    pub span: Span,
    /// Whether the caller waits for the answer.
    pub waits: bool,
}

/// A duration in the unit of the tables.
#[must_use]
pub(crate) fn nanoseconds(duration: Seconds) -> u64 {
    (duration.0.max(0.0) * 1e9 + 0.5) as u64
}

/// The diagnostic of a name that nothing has.
pub(crate) fn unknown<'a>(
    what: &str,
    code: &'static str,
    name: &Located<String>,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    let known: Vec<&str> = known.into_iter().collect();
    let diagnostic = Diagnostic::error(code, format!("no {what} is called {}", groundplan_model::text::shown(name)))
        .at(name.span, "asked for here");
    match guess(name, known.iter().copied()) {
        Some(right) => diagnostic.help(format!("did you mean `{right}`?")),
        None if known.is_empty() => diagnostic.help(format!("this design has no {what}")),
        None => diagnostic.help(format!("there is {}", groundplan_model::text::one_of(known, 12))),
    }
}

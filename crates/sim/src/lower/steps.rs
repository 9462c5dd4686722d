//! The steps of operations and clients as instructions.
//!
//! Draws are keyed by stable names: what a step says with `as`, else its operation's name in the domain, its verb and
//! how many such steps stand before it. Blocks stand in line behind a jump. Left out: policies inside a transaction
//! (only the whole can fail) but its connection, and calls out of a session that is not this database's.

use super::policies::write_if::{self, Version};
use super::policies::{self, Draft, connections};
use super::{Ask, From, Lowering};
use crate::kernel::draws;
use crate::kernel::machines::pledges;
use crate::kernel::tables::{Act, Branch, Cancel, Handed, NONE, Operand, Policy, Step, share_bits};
use crate::record::Ending;
use groundplan_model::design::{self, Verb};
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::span::{Located, Span};
use groundplan_model::units::Share;
use groundplan_model::value::Settings;
use groundplan_model::vocabulary::Key;
use std::collections::BTreeMap;

/// Operations in process within each other.
const DEPTH: usize = 32;

/// Where steps stand.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    /// The component; none for a client.
    pub part: Option<u32>,
    /// The target whose code this is.
    pub target: Option<u32>,
    /// Stable name of the operation.
    pub stable: String,
    /// How many steps of a kind and name came before.
    counts: BTreeMap<String, u32>,
    /// The database of the open transaction, and the topics whose records leave at its end.
    session: Option<(u32, Vec<u32>)>,
    /// Versions of rows that steps before have read.
    pub(super) versions: Vec<Version>,
    /// Whether this is the operation's own list of steps.
    outermost: bool,
    depth: usize,
}

impl Context {
    /// Steps of a client.
    pub fn client(name: &str) -> Context {
        Context {
            part: None,
            target: None,
            stable: name.to_string(),
            counts: BTreeMap::new(),
            session: None,
            versions: Vec::new(),
            outermost: false,
            depth: 0,
        }
    }

    /// Steps of an operation.
    pub fn operation(part: u32, target: u32, stable: String) -> Context {
        Context { part: Some(part), target: Some(target), outermost: true, ..Context::client(&stable) }
    }

    pub(crate) fn from(&self, span: Span, waits: bool) -> From {
        From { part: self.part, target: self.target, span, waits }
    }

    /// The same place, inside a block.
    pub(crate) fn inside(&self) -> Context {
        Context { outermost: false, ..self.clone() }
    }

    /// Steps of a way that may be taken count for what follows: no two draws of one frame share a name.
    fn absorb(&mut self, inner: Context) {
        for (what, count) in inner.counts {
            let own = self.counts.entry(what).or_insert(0);
            *own = (*own).max(count);
        }
        for version in inner.versions {
            if !self.versions.contains(&version) {
                self.versions.push(version);
            }
        }
        if let (Some((_, waiting)), Some((_, theirs))) = (&mut self.session, inner.session) {
            *waiting = theirs;
        }
    }

    /// The stable name of a step: what it says itself, or its operation, what it is and the how-manieth.
    pub(crate) fn step_name(&mut self, what: &str, settings: &Settings) -> String {
        let count = self.counts.entry(what.to_string()).or_insert(0);
        let nth = *count;
        *count += 1;
        match settings.text("as") {
            Some(name) => name.to_string(),
            None => format!("{}.{what}#{nth}", self.stable),
        }
    }
}

impl<'d> Lowering<'d> {
    /// Emits steps one after the other.
    pub(crate) fn steps(&mut self, context: &mut Context, steps: &'d [design::Step]) {
        for step in steps {
            self.step(context, step);
            self.pledge(context, step);
        }
    }

    /// After a write that a topic is to tell (its `of`) the operation owes a record; after the publication no more.
    fn pledge(&mut self, context: &Context, step: &design::Step) {
        if context.part.is_none() || context.session.is_some() {
            return;
        }
        let names = &self.topics.names;
        let at = match &step.verb {
            Verb::Write(_) | Verb::Transaction(..) => {
                let topic = written(step).iter().find_map(|name| self.told_by(name));
                topic.map(|topic| (pledges::Act::Owe, names[topic as usize].0))
            }
            Verb::Publish(name) => self.tells(&name.value).then_some((pledges::Act::Pay, 0)),
            _ => None,
        };
        if let Some((act, unit)) = at {
            let at = Operand { unit, ..Operand::default() };
            self.push(Step::Machine { act: Act::Pledges(act), at });
        }
    }

    fn step(&mut self, context: &mut Context, step: &'d design::Step) {
        let times = step.settings.count("times").unwrap_or(1);
        if times == 0 {
            self.pointless.extend(super::sense::done_never(step));
            return;
        }
        if times > 1 {
            let site = draws::site(&context.step_name("times", &Settings::new()));
            self.repeated(context, times, site, |lowering, context| lowering.verb(context, step));
        } else {
            self.verb(context, step);
        }
    }

    fn verb(&mut self, context: &mut Context, step: &'d design::Step) {
        if self.tables.deadlines && context.part.is_some() {
            self.push(Step::Check);
        }
        if !matches!(step.verb, Verb::Call(_) | Verb::Read(_) | Verb::Write(_) | Verb::Publish(_) | Verb::Enqueue(_)) {
            let may = if matches!(step.verb, Verb::Transaction(..)) { connections::KEYS } else { &[] };
            self.idle_policies(&step.settings, &format!("`{}`", step.verb.word()), may);
        }
        self.stray_versions(&step.settings, Some(&step.verb));
        match &step.verb {
            Verb::Compute(dist) => {
                let law = self.law(dist);
                let site = draws::site(&context.step_name("work", &step.settings));
                let compute = self.compute_step(context.part, law, site);
                self.push(compute);
                self.fail_of_step(context, &step.settings);
            }
            Verb::Wait(dist) => {
                let law = self.law(dist);
                let site = draws::site(&context.step_name("wait", &step.settings));
                self.push(Step::Wait { law, site });
                self.fail_of_step(context, &step.settings);
            }
            Verb::Call(name) => self.call(context, name, step),
            Verb::Send(name) => {
                if let Some((part, ask)) = self.operation_named(name) {
                    let key = self.call_key(context, part, &ask, step.settings.text("as"));
                    let site = self.site_of_step(context.from(name.span, false), part, ask, &key, &step.settings);
                    self.push(Step::Send { site });
                }
            }
            Verb::Read(name) => self.access(context, name, step, false),
            Verb::Write(name) => self.access(context, name, step, true),
            Verb::Publish(name) | Verb::Enqueue(name) => self.publish(context, name, step),
            Verb::Local(name) => self.local(context, name, step),
            Verb::Parallel(branches) => self.parallel(context, branches, step),
            Verb::Branch(branches) => self.branch(context, branches, step),
            Verb::Transaction(name, steps) => self.transaction(context, name, steps, step),
            Verb::Repeat(times, steps) => {
                let site = draws::site(&context.step_name("repeat", &step.settings));
                self.repeated(context, *times, site, |lowering, context| lowering.steps(context, steps));
            }
            Verb::Answer(_) => {
                if context.outermost && context.part.is_some() {
                    // Who goes on is another frame, which has read nothing.
                    context.versions.clear();
                    self.push(Step::Answer);
                } else {
                    let diagnostic = Diagnostic::error("early-answer", "only an operation itself can answer early")
                        .at(step.span, "not inside a block, a transaction or a client")
                        .help("make it a step of the operation");
                    self.diagnostics.push(diagnostic);
                }
            }
        }
    }

    /// CPU time: a plain delay, or a share of cores where these are fewer than what may run at once.
    pub(crate) fn compute_step(&self, part: Option<u32>, law: u16, site: u32) -> Step {
        let shares = part.is_some_and(|part| self.tables.components[part as usize].shares);
        if shares { Step::Share { law, site } } else { Step::Compute { law, site } }
    }

    fn fail_of_step(&mut self, context: &mut Context, settings: &Settings) {
        if let Some(Share(share)) = settings.share("fail") {
            let site = draws::site(&context.step_name("fail", &Settings::new()));
            let to = self.here() + 2;
            self.push(Step::Chance { share: share_bits(share), to, site });
            self.push(Step::Jump { to: to + 1 });
            self.push(Step::Fail { ending: Ending::Error });
        }
    }

    fn call(&mut self, context: &mut Context, name: &Located<String>, step: &'d design::Step) {
        let Some((part, ask)) = self.operation_named(name) else {
            return;
        };
        let key = self.call_key(context, part, &ask, step.settings.text("as"));
        let site = self.site_of_step(context.from(name.span, true), part, ask, &key, &step.settings);
        self.call_with_policies(context, site, &step.settings);
    }

    /// The name that keys a callee's luck: the callee's own in the domain and the how-manieth call of it; empty for a hop.
    pub(crate) fn call_key(&mut self, context: &mut Context, part: u32, ask: &Ask, said: Option<&str>) -> String {
        if self.parts[part as usize].kind.is_some_and(|kind| kind.hop) {
            return String::new();
        }
        if let Some(said) = said {
            return said.to_string();
        }
        let name = self.stable_name(part, ask);
        let count = context.counts.entry(format!("call {name}")).or_insert(0);
        let nth = *count;
        *count += 1;
        format!("{name}#{nth}")
    }

    /// The policies of a call before its settings have said any.
    fn draft(&mut self, context: &mut Context, site: u32) -> Draft<'d> {
        let caller = context.part.map_or((0, 1), |part| {
            let part = &self.parts[part as usize];
            (part.first, part.count)
        });
        // Named by the callee, which keeps its name in every design of the domain.
        let of = format!("policy {}", self.tables.sites[site as usize].key);
        let nth = context.counts.entry(of.clone()).or_insert(0);
        let name = format!("{} {of}#{nth}", context.stable);
        *nth += 1;
        let callers = if context.part.is_some() { caller.1 } else { 0 };
        let base = Policy { caller: caller.0, callers, site: draws::site(&name), ..Policy::default() };
        let caller_name = match context.part {
            Some(part) => self.parts[part as usize].component.name.value.clone(),
            None => format!("load {}", context.stable),
        };
        Draft {
            policy: base,
            caller: caller_name,
            callers: caller.1,
            site,
            steps: &[],
            skip: false,
            guarded: false,
            balance: None,
        }
    }

    /// Emits a call: bare if its settings hold no policy.
    pub(crate) fn call_with_policies(&mut self, context: &mut Context, site: u32, settings: &'d Settings) {
        let mut draft = self.draft(context, site);
        for policy in policies::POLICIES {
            (policy.apply)(self, settings, &mut draft);
        }
        if let Some(rules) = draft.balance
            && self.tables.sites[site as usize].balancer != NONE
        {
            let callee = self.tables.sites[site as usize].component;
            self.tables.sites[site as usize].balancer = self.add_balancer(context.part, callee, rules);
        }
        if let Some(Share(share)) = settings.share("fail") {
            draft.policy.fail = share_bits(share);
            draft.guarded = true;
        }
        if !draft.guarded {
            self.push(Step::Call { site });
            return;
        }
        if context.part.is_none() {
            self.count_client(&context.stable.clone(), site);
        }
        let policy = &mut draft.policy;
        let states = [policy.breaker, policy.throttle, policy.rate, policy.bulkhead, policy.pool, policy.hedge];
        policy.owed = states.iter().any(|state| *state != NONE)
            || policy.fail > 0
            || policy.cancel != Cancel::None
            || policy.hands != Handed::Inherited;
        let id = self.tables.policies.len() as u32;
        self.tables.policies.push(draft.policy);
        self.tables.sites[site as usize].policy = id;
        self.push(Step::Guarded { site, policy: id });
        if draft.skip {
            self.tables.policies[id as usize].fallback = self.here();
        } else if !draft.steps.is_empty() {
            let over = self.push(Step::Jump { to: 0 });
            self.tables.policies[id as usize].fallback = self.here();
            let mut inner = Context { outermost: false, ..context.clone() };
            self.steps(&mut inner, draft.steps);
            context.absorb(inner);
            self.tables.code[over as usize] = Step::Jump { to: self.here() };
        }
    }

    /// A diagnostic of a step, which may be emitted for several callers of its operation.
    pub(crate) fn tell_once(&mut self, diagnostic: Diagnostic) {
        if !self.diagnostics.contains(&diagnostic) {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Policies stand around calls: elsewhere they say nothing, but for those that may.
    pub(crate) fn idle_policies(&mut self, settings: &Settings, on: &str, may: &[Key]) {
        let keys = policies::WORDS.iter().flat_map(|policy| policy.keys);
        // What is wrong with versions is told elsewhere, and that they say something in a transaction.
        let keys =
            keys.filter(|key| !write_if::KEYS.contains(&key.name) && !may.iter().any(|may| may.name == key.name));
        for key in keys.filter(|key| settings.get(key.name).is_some()) {
            let diagnostic = Diagnostic::warning("idle-policy", format!("`{}` says nothing on {on}", key.name))
                .at(settings.span(key.name), "")
                .help(
                    "policies stand around `call`, `read`, `write`, `publish` and `enqueue`, and a load's `operation`",
                );
            self.tell_once(diagnostic);
        }
    }

    fn access(&mut self, context: &mut Context, name: &Located<String>, step: &'d design::Step, write: bool) {
        let Some(part) = self.holder_of(&name.value) else {
            let known: Vec<String> = self
                .parts
                .iter()
                .flat_map(|part| {
                    let held = part.component.settings.texts("holds").into_iter().map(|held| held.value);
                    held.chain(std::iter::once(part.component.name.value.clone()))
                })
                .collect();
            let diagnostic = super::unknown("store", "unknown-component", name, known.iter().map(String::as_str));
            self.diagnostics.push(diagnostic);
            return;
        };
        let word = if write { "write" } else { "read" };
        let key = context.step_name(&format!("{word}-{}", name.value), &step.settings);
        let topics = if write { self.topics_of_write(part, &name.value) } else { Vec::new() };
        if !write || !self.expect_version(context, part, name, &step.settings) {
            self.choose_row(part, &name.value, &key, &step.settings);
        }
        if let Some((session, waiting)) = &mut context.session
            && *session == part
        {
            waiting.extend(topics);
            self.refuse_by(&step.settings, "inside a transaction rows are read by key");
            self.idle_policies(&step.settings, "a step of a transaction", &[]);
            let ask = if write { Ask::WriteWithin } else { Ask::ReadWithin };
            let from = context.from(name.span, true);
            if self.asks(part, &ask, name) {
                let site = self.site_of_step(from, part, ask, &key, &step.settings);
                self.tables.sites[site as usize].pair = NONE;
                self.push(Step::Within { site });
                self.keep_version(context, part, &name.value, &step.settings);
            }
            return;
        }
        let ask = match self.by_of_step(part, step, write) {
            _ if write => Ask::Write(topics),
            Some(by) => Ask::ReadBy(by),
            None => Ask::Read,
        };
        if !self.asks(part, &ask, name) {
            return;
        }
        if self.asks_all_shards(part, &ask) {
            self.scatter(context, part, &ask, name, step, &key);
            return;
        }
        let site = self.site_of_step(context.from(name.span, true), part, ask, &key, &step.settings);
        self.call_with_policies(context, site, &step.settings);
        self.keep_version(context, part, &name.value, &step.settings);
    }

    /// Whether a component answers this, or a diagnostic.
    fn asks(&mut self, part: u32, ask: &Ask, name: &Located<String>) -> bool {
        let Some(kind) = self.parts[part as usize].kind else {
            return false;
        };
        match (kind.answers)(self, part, ask) {
            Ok(()) => true,
            Err(diagnostic) => {
                self.diagnostics.push(diagnostic.at(name.span, "asked for here"));
                false
            }
        }
    }

    fn publish(&mut self, context: &mut Context, name: &Located<String>, step: &'d design::Step) {
        let Some(topic) = self.topic_named(name) else {
            return;
        };
        let part = self.topics.names[topic as usize].0;
        let ask = Ask::Append(topic);
        if !self.asks(part, &ask, name) {
            return;
        }
        let key = context.step_name(&format!("emit-{}", name.value), &step.settings);
        let named = step.settings.text("key").map(str::to_string).or_else(|| self.record_key(topic));
        self.choose_key(part, &name.value, &key, named.as_deref());
        let site = self.site_of_step(context.from(name.span, true), part, ask, &key, &step.settings);
        self.call_with_policies(context, site, &step.settings);
    }

    fn local(&mut self, context: &mut Context, name: &Located<String>, step: &'d design::Step) {
        let Some(part) = context.part else {
            let diagnostic = Diagnostic::error("local-client", "a client has no operations of its own")
                .at(step.span, "")
                .help("use `call: component.operation`");
            self.diagnostics.push(diagnostic);
            return;
        };
        let Some(operation) = self.operation_of(part, &name.value) else {
            let component = self.parts[part as usize].component;
            let known = component.operations.iter().map(|operation| operation.name.value.as_str());
            let diagnostic = super::unknown("operation of this component", "unknown-operation", name, known);
            self.diagnostics.push(diagnostic);
            return;
        };
        let ask = Ask::Local(name.value.clone());
        if context.session.is_none() {
            let key = self.call_key(context, part, &ask, step.settings.text("as"));
            let site = self.site(From { part: None, ..context.from(name.span, true) }, part, ask, &key);
            let pool = self.module_pool(part, &name.value);
            let row = &mut self.tables.sites[site as usize];
            row.pool = pool;
            row.networked = false;
            row.balancer = NONE;
            self.push(Step::Local { site });
            return;
        }
        // Inside a transaction its steps must reach the open session: they stand in line.
        if context.depth >= DEPTH {
            let diagnostic = Diagnostic::error("call-cycle", format!("`{}` runs itself", name.value))
                .at(name.span, "this step closes the circle");
            self.diagnostics.push(diagnostic);
            return;
        }
        let stable = self.stable_name(part, &ask);
        let outer = std::mem::replace(&mut context.stable, stable);
        let counts = std::mem::take(&mut context.counts);
        let outermost = std::mem::replace(&mut context.outermost, false);
        context.depth += 1;
        self.inlined.push((self.here(), part, name.value.clone()));
        self.steps(context, &operation.steps);
        context.depth -= 1;
        context.outermost = outermost;
        context.counts = counts;
        context.stable = outer;
    }

    /// The permits of the module that an operation belongs to; `NONE` where it has none of its own.
    pub(crate) fn module_pool(&self, part: u32, operation: &str) -> u32 {
        let Some(operation) = self.operation_of(part, operation) else {
            return NONE;
        };
        let module = operation.stands_for.as_ref().and_then(|path| path.value.split('.').next());
        let pools = &self.parts[part as usize].modules;
        module.and_then(|module| pools.get(module)).copied().unwrap_or(NONE)
    }

    /// A block in line behind a jump; returns its entry.
    pub(crate) fn block(&mut self, emit: impl FnOnce(&mut Self)) -> u32 {
        let over = self.push(Step::Jump { to: 0 });
        let entry = self.here();
        emit(self);
        self.push(Step::Back);
        self.tables.code[over as usize] = Step::Jump { to: self.here() };
        entry
    }

    fn repeated(&mut self, context: &mut Context, times: u64, site: u32, emit: impl FnOnce(&mut Self, &mut Context)) {
        if context.session.is_some() {
            let diagnostic =
                Diagnostic::error("loop-in-transaction", "a loop inside a transaction can't be simulated yet")
                    .help("write the steps one after the other");
            self.diagnostics.push(diagnostic);
            return;
        }
        let outermost = std::mem::replace(&mut context.outermost, false);
        // A block is a frame of its own, which has read nothing.
        let versions = std::mem::take(&mut context.versions);
        let entry = self.block(|lowering| emit(lowering, context));
        context.versions = versions;
        context.outermost = outermost;
        self.push(Step::Repeat { entry, times: times.min(u64::from(u32::MAX)) as u32, site });
    }

    fn parallel(&mut self, context: &mut Context, steps: &'d [design::Step], step: &'d design::Step) {
        let mut branches = Vec::new();
        for inner in steps {
            let each_replica = inner.settings.text("to") == Some("each-replica");
            let times = inner.settings.count("times").unwrap_or(1).min(10_000);
            let name = context.step_name("branch", &Settings::new());
            let replicas = if each_replica { self.replicas_called(inner) } else { vec![None] };
            for replica in replicas {
                for nth in 0..times {
                    let mut own = Context { outermost: false, versions: Vec::new(), ..context.clone() };
                    let entry = self.block(|lowering| {
                        let before = lowering.tables.sites.len();
                        lowering.verb(&mut own, inner);
                        if let Some(replica) = replica {
                            for site in &mut lowering.tables.sites[before..] {
                                (site.first, site.count, site.balancer) = (replica, 1, NONE);
                            }
                        }
                    });
                    let site = draws::site(&format!("{name}/{}/{nth}", replica.unwrap_or(0)));
                    branches.push(Branch { entry, site });
                }
            }
        }
        let need = step.settings.count("need").unwrap_or(branches.len() as u64);
        if need > branches.len() as u64 {
            let all = branches.len();
            let diagnostic = Diagnostic::error("need-never-met", format!("{need} of {all} branches can never succeed"))
                .at(step.settings.span("need"), "asked for here")
                .help(format!("write at most `need: {all}`"));
            self.diagnostics.push(diagnostic);
        }
        let first = self.tables.branches.len() as u32;
        let count = branches.len().min(usize::from(u16::MAX));
        self.tables.branches.extend(branches);
        self.push(Step::Split { first, count: count as u16, need: need.min(count as u64) as u16 });
    }

    fn replicas_called(&mut self, step: &design::Step) -> Vec<Option<u32>> {
        let part = match &step.verb {
            Verb::Call(name) => self.operation_named(name).map(|(part, _)| part),
            Verb::Read(name) => self.holder_of(&name.value),
            // Of data with copies only the leader takes writes.
            Verb::Write(name) => {
                self.holder_of(&name.value).filter(|part| self.tables.machines.copies.unit(*part) == NONE)
            }
            _ => None,
        };
        match part {
            Some(part) => {
                let part = &self.parts[part as usize];
                (part.first..part.first + part.count).map(Some).collect()
            }
            None => vec![None],
        }
    }

    fn branch(&mut self, context: &mut Context, branches: &'d [(Share, Vec<design::Step>)], step: &design::Step) {
        let name = context.step_name("branch", &step.settings);
        let mut left = 1.0;
        let mut chances = Vec::new();
        for (nth, (share, _)) in branches.iter().enumerate() {
            let of_left = if left > 1e-12 { (share.0 / left).min(1.0) } else { 1.0 };
            // The last of branches that leave nothing out is taken for certain.
            let certain = nth + 1 == branches.len() && left - share.0 < 1e-9;
            let share = if certain { NONE } else { share_bits(of_left) };
            chances.push(self.push(Step::Chance { share, to: 0, site: draws::site(&format!("{name}/{nth}")) }));
            left -= branches[nth].0.0;
        }
        let mut ends = vec![self.push(Step::Jump { to: 0 })];
        for ((_, steps), chance) in branches.iter().zip(chances) {
            let here = self.here();
            if let Step::Chance { to, .. } = &mut self.tables.code[chance as usize] {
                *to = here;
            }
            let mut inner = Context { outermost: false, ..context.clone() };
            self.steps(&mut inner, steps);
            context.absorb(inner);
            ends.push(self.push(Step::Jump { to: 0 }));
        }
        let over = self.here();
        for end in ends {
            self.tables.code[end as usize] = Step::Jump { to: over };
        }
    }

    fn transaction(
        &mut self,
        context: &mut Context,
        name: &Located<String>,
        steps: &'d [design::Step],
        step: &'d design::Step,
    ) {
        if context.session.is_some() {
            let diagnostic = Diagnostic::error("nested-transaction", "a transaction stands inside another")
                .at(step.span, "")
                .help("end the first one before");
            self.diagnostics.push(diagnostic);
            return;
        }
        let Some(part) = self.part_named(name) else {
            return;
        };
        if !self.asks(part, &Ask::Begin, name) {
            return;
        }
        let key = context.step_name(&format!("begin-{}", name.value), &step.settings);
        self.choose_shard(part, &name.value, &key, step);
        let site = self.site(context.from(name.span, true), part, Ask::Begin, &key);
        if connections::KEYS.iter().any(|key| step.settings.get(key.name).is_some()) {
            self.connect(context, site, &step.settings);
        }
        self.push(Step::Begin { site });
        context.session = Some((part, Vec::new()));
        let outermost = std::mem::replace(&mut context.outermost, false);
        self.steps(context, steps);
        context.outermost = outermost;
        let mut topics = context.session.take().map_or_else(Vec::new, |(_, topics)| topics);
        topics.sort_unstable();
        topics.dedup();
        let key = context.step_name(&format!("commit-{}", name.value), &Settings::new());
        let site = self.site(context.from(name.span, true), part, Ask::Commit(topics), &key);
        self.tables.sites[site as usize].pair = NONE;
        self.push(Step::Within { site });
    }

    /// Lets a transaction take one of its caller's connections and hold it to its end.
    fn connect(&mut self, context: &mut Context, site: u32, settings: &'d Settings) {
        let mut draft = self.draft(context, site);
        (connections::POLICY.apply)(self, settings, &mut draft);
        if settings.get("connections").is_none() {
            self.idle_policies(settings, "a transaction that names no `connections`", &[]);
        }
        if draft.policy.pool == NONE {
            return;
        }
        if context.part.is_none() {
            self.count_client(&context.stable.clone(), site);
        }
        self.tables.sites[site as usize].policy = self.tables.policies.len() as u32;
        self.tables.policies.push(Policy { owed: true, ..draft.policy });
    }

    /// Emits an operation: its steps, or those that another version has instead, and the end that fits how it was asked.
    pub(crate) fn operation(&mut self, part: u32, ask: &Ask, target: u32, instead: Option<&'d [design::Step]>) {
        let (name, local) = match ask {
            Ask::Operation(name) => (name, false),
            Ask::Local(name) => (name, true),
            _ => return,
        };
        let Some(operation) = self.operation_of(part, name) else {
            return;
        };
        let stable = self.stable_name(part, ask);
        let pool = self.module_pool(part, name);
        if !local && pool != NONE {
            // From outside as well, the module's permit is needed: the body runs as an operation in process.
            let key = format!("{stable}#permit");
            let from = From { part: None, target: Some(target), span: operation.name.span, waits: true };
            let site = self.site(from, part, Ask::Local(name.clone()), &key);
            let row = &mut self.tables.sites[site as usize];
            row.pool = pool;
            row.networked = false;
            row.balancer = NONE;
            // The body has the luck it would have without permits.
            row.key = 0;
            self.push(Step::Local { site });
            self.operation_ends(part);
            self.push(Step::Return);
            return;
        }
        let mut context = Context::operation(part, target, stable);
        context.outermost = !local;
        let steps: &'d [design::Step] = instead.unwrap_or(&operation.steps);
        self.steps(&mut context, steps);
        if let Some(domain) = operation.settings.text("settles") {
            match self.entry_for(domain) {
                Some(entry) => {
                    self.push(Step::Settle { entry });
                }
                None => self.diagnostics.push(
                    Diagnostic::warning(
                        "settles-nothing",
                        format!("no load asks for `{domain}`, so nothing is settled"),
                    )
                    .at(operation.settings.span("settles"), ""),
                ),
            }
        }
        let answers = steps.iter().any(|step| matches!(step.verb, Verb::Answer(_)));
        if !local {
            self.operation_ends(part);
        }
        self.push(match (local, answers) {
            (true, _) => Step::Back,
            (false, true) => Step::Leave,
            (false, false) => Step::Return,
        });
    }
}

/// Data sets that a step writes, those within its transaction included.
fn written(step: &design::Step) -> Vec<&str> {
    match &step.verb {
        Verb::Write(name) => vec![&name.value],
        Verb::Transaction(_, steps) => steps.iter().flat_map(written).collect(),
        _ => Vec::new(),
    }
}

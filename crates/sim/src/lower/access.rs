//! How a read finds what it reads, and reads that ask all shards of a store and wait for the slowest.

use super::steps::Context;
use super::{Ask, Lowering};
use crate::kernel::draws;
use crate::kernel::tables::{Branch, NONE, Step};
use groundplan_model::design;
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::span::Located;
use groundplan_model::value::Settings;

/// How a read finds what it reads, where not by its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum By {
    /// By another attribute that an index is kept of.
    Index,
    /// Several keys that lie side by side.
    Range,
    /// The names that begin alike.
    List,
    /// Everything is looked at.
    Scan,
    /// Rows of several tables that belong together.
    Join,
    /// Words of a text, the best matches first.
    Search,
}

impl By {
    const ALL: [By; 6] = [By::Index, By::Range, By::List, By::Scan, By::Join, By::Search];

    /// The word of the language.
    pub fn word(self) -> &'static str {
        ["index", "range", "list", "scan", "join", "search"][self as usize]
    }

    fn named(word: &str) -> Option<By> {
        By::ALL.into_iter().find(|by| by.word() == word)
    }
}

impl<'d> Lowering<'d> {
    /// How a step finds what it reads; none for by key.
    pub(crate) fn by_of_step(&mut self, part: u32, step: &design::Step, write: bool) -> Option<By> {
        if write {
            self.refuse_by(&step.settings, "a write concerns one key");
            return None;
        }
        match step.settings.text("by") {
            Some(word) => By::named(word),
            None => self.parts[part as usize].usual,
        }
    }

    /// Says which shard a transaction is done at: that of its key.
    pub(crate) fn choose_shard(&mut self, part: u32, name: &str, key: &str, step: &design::Step) {
        if self.parts[part as usize].map == NONE {
            return;
        }
        if step.settings.text("key").is_none() {
            let headline = format!("nothing says at which shard of `{name}` this transaction is done");
            let diagnostic = Diagnostic::error("transaction-across-shards", headline)
                .at(step.span, "")
                .note("a transaction over several shards needs a two-phase commit, which is not simulated")
                .help("say the key that all of it concerns, as `key: customer`, and keep what belongs together in one shard");
            self.tell_once(diagnostic);
        }
        self.choose_row(part, name, key, &step.settings);
    }

    /// `by` where it has no meaning.
    pub(crate) fn refuse_by(&mut self, settings: &Settings, why: &str) {
        if settings.text("by").is_none_or(|by| by == "key") {
            return;
        }
        let diagnostic = Diagnostic::error("idle-by", format!("`by` says nothing here: {why}"))
            .at(settings.span("by"), "")
            .help("leave it out");
        self.tell_once(diagnostic);
    }

    /// Whether this is asked of all shards of a store.
    pub(crate) fn asks_all_shards(&self, part: u32, ask: &Ask) -> bool {
        let part = &self.parts[part as usize];
        part.map != NONE && matches!(ask, Ask::ReadBy(by) if part.everywhere.contains(by))
    }

    /// Emits one call to each shard at once, and waits for all, or for as many as `need` says.
    pub(crate) fn scatter(
        &mut self,
        context: &mut Context,
        part: u32,
        ask: &Ask,
        name: &Located<String>,
        step: &'d design::Step,
        key: &str,
    ) {
        let store = &self.parts[part as usize];
        let (first, shards) = (store.first, self.tables.machines.shards.maps[store.map as usize].shards);
        let branch = context.step_name("branch", &Settings::new());
        let mut branches = Vec::new();
        for shard in 0..shards {
            let mut own = context.inside();
            let entry = self.block(|lowering| {
                let from = own.from(name.span, true);
                let site = lowering.site_of_step(from, part, ask.clone(), key, &step.settings);
                let row = &mut lowering.tables.sites[site as usize];
                (row.first, row.count, row.balancer) = (first + shard, 1, NONE);
                lowering.call_with_policies(&mut own, site, &step.settings);
            });
            branches.push(Branch { entry, site: draws::site(&format!("{branch}/{shard}")) });
        }
        let need = step.settings.count("need").unwrap_or(u64::from(shards));
        if need > u64::from(shards) {
            let diagnostic = Diagnostic::error("need-never-met", format!("{need} of {shards} shards can never answer"))
                .at(step.settings.span("need"), "asked for here")
                .help(format!("write at most `need: {shards}`"));
            self.tell_once(diagnostic);
        }
        let at = self.tables.branches.len() as u32;
        let count = branches.len().min(usize::from(u16::MAX));
        self.tables.branches.extend(branches);
        self.push(Step::Split { first: at, count: count as u16, need: need.clamp(1, count as u64) as u16 });
    }
}

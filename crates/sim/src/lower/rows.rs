//! Which row an access concerns: what a step's `key`, a store's `keys` and a load's `keys` say together.
//!
//! `key: seat` on a step: all accesses of a request with that name mean the same row. Without it each access draws anew.
//! Ranks come from the store's `keys` (a cache's own, or those of what it is a cache of), else from the load's, else every
//! row is one of its own.

use super::{Lowering, draws};
use crate::kernel::popularity::Popularity;
use crate::kernel::rows::RowLaw;
use crate::kernel::tables::{NONE, Step};
use groundplan_model::value::Settings;

impl Lowering<'_> {
    /// Emits the choice of a row before an access to a store that tells rows apart. `step`: the access's stable name.
    pub(crate) fn choose_row(&mut self, part: u32, data: &str, step: &str, settings: &Settings) {
        self.choose_key(part, data, step, settings.text("key"));
    }

    /// `choose_row` for an access with this name of a key, if it has one.
    pub(crate) fn choose_key(&mut self, part: u32, data: &str, step: &str, named: Option<&str>) {
        if !self.tells_rows(part, 4) {
            return;
        }
        let popularity = self.popularity_of(part, 4);
        let site = match named {
            Some(name) => draws::site(&format!("key {name}")),
            None => draws::site(&format!("{step} row")),
        };
        // A cache and its store mean the same rows.
        let set = self.data_set(part, data);
        let space = draws::site(&set) & 0x00FF_FFFF;
        let owner = self.holder_of(&set).unwrap_or(part);
        if !self.row_spaces.contains(&(owner, space)) {
            self.row_spaces.push((owner, space));
        }
        let law = RowLaw { popularity, space, site, named: named.is_some() };
        let known = self.tables.row_laws.iter().position(|known| *known == law);
        let nth = known.unwrap_or_else(|| {
            self.tables.row_laws.push(law);
            self.tables.row_laws.len() - 1
        });
        self.push(Step::Row { law: nth as u32 });
    }

    /// Whether a component or what stands behind it tells rows apart.
    fn tells_rows(&self, part: u32, depth: u32) -> bool {
        let of = self.parts[part as usize].component.settings.text("of");
        let behind = of.and_then(|of| self.holder_of(of)).filter(|store| depth > 0 && *store != part);
        self.parts[part as usize].rows || behind.is_some_and(|store| self.tells_rows(store, depth - 1))
    }
    /// The data sets of a store whose keys accesses tell apart, or of these the one of a name.
    pub(crate) fn spaces_of(&self, store: u32, named: Option<&str>) -> Vec<u32> {
        let only = named.map(|name| draws::site(name) & 0x00FF_FFFF);
        let own =
            self.row_spaces.iter().filter(|(owner, space)| *owner == store && only.is_none_or(|only| only == *space));
        own.map(|(_, space)| *space).collect()
    }

    /// The popularity that a store's keys are drawn by: an index into `popularities`, `NONE` where nothing says it.
    fn popularity_of(&mut self, part: u32, depth: u32) -> u32 {
        let settings = &self.parts[part as usize].component.settings;
        if let Some(said) = settings.popularity("keys") {
            // A store that says how keys are asked for, but not how many there are, has a million.
            let law = Popularity::new(said.exponent, said.items.unwrap_or(1e6) as u64, "data key");
            let known = self.tables.popularities.iter().position(|other| *other == law);
            let index = known.unwrap_or_else(|| {
                self.tables.popularities.push(law);
                self.tables.popularities.len() - 1
            });
            return index as u32;
        }
        match settings.text("of").and_then(|of| self.holder_of(of)) {
            Some(store) if depth > 0 && store != part => self.popularity_of(store, depth - 1),
            _ => NONE,
        }
    }

    /// The data set that an access means: behind caches that of the store.
    pub(crate) fn data_set(&self, part: u32, data: &str) -> String {
        let component = self.parts[part as usize].component;
        if component.name.value == data
            && let Some(of) = component.settings.text("of")
            && self.holder_of(of).is_some_and(|store| store != part)
        {
            return of.to_string();
        }
        data.to_string()
    }
}

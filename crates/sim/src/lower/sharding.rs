//! Data that is cut into shards: words that stores share, and their meaning.
//!
//! Each shard is a replica with workers and a queue of its own; an access goes to the shard of its row, and one without a
//! key to all of them.

use super::Lowering;
use super::kinds::count_or;
use crate::kernel::machines::shards::{By, Map};
use crate::kernel::tables::NONE;
use crate::record::Word;
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::value::Value;
use groundplan_model::vocabulary::{Key, Shape};

/// Most shards.
const MOST: u64 = 100_000;

/// How many parts.
pub(crate) const SHARDS: Key = Key::default(
    "shards",
    Shape::Count,
    "1",
    "Parts that the data is cut into by its keys, each with a leader, workers and a queue of its own.",
);
/// Which key lies where.
pub(crate) const SHARDING: Key = Key::default(
    "sharding",
    Shape::Word(&["hash", "range"]),
    "hash",
    "`hash` spreads keys by chance, which is drawn anew in each run. `range` keeps them in order, and the order is taken to be \
     that of how often they are asked for, as it is where the newest keys are the hottest.",
);
const RANK: Shape = Shape::Count;
/// Where ranges end.
pub(crate) const SPLIT_POINTS: Key = Key::optional(
    "split-points",
    Shape::List(&RANK),
    "With `sharding: range`: the last key of each shard but the last, counted from the hottest; ranges of equal length where \
     it is missing.",
);

impl Lowering<'_> {
    /// How many shards a component is cut into at most, after all moves of all experiments; the map of its keys is added.
    /// Called before `declare`, which needs so many replicas.
    pub(crate) fn shards(&mut self, part: u32) -> u32 {
        let component = self.parts[part as usize].component;
        let (settings, name) = (&component.settings, &component.name.value);
        let mut complain = |code, headline: String, key: &str, label: &str, help: &str| {
            let diagnostic = Diagnostic::error(code, headline).at(settings.span(key), label.to_string()).help(help);
            self.diagnostics.push(diagnostic);
        };
        let ranged = settings.text("sharding") == Some("range");
        let points: Vec<u64> = (settings.list("split-points").iter())
            .filter_map(|item| if let Value::Count(count) = item.value { Some(count) } else { None })
            .collect();
        let said = settings.get("shards").is_some();
        let count = if said || points.is_empty() { count_or(settings, "shards", 1) } else { points.len() as u64 + 1 };
        if count == 0 {
            complain(
                "no-shards",
                format!("`{name}` has no shard, and its keys lie nowhere"),
                "shards",
                "none",
                "write at least `shards: 1`",
            );
        }
        if count > MOST {
            complain(
                "out-of-range",
                format!("`{name}` has more than {MOST} shards"),
                "shards",
                "too many to simulate",
                "write at most `shards: 100000`",
            );
        }
        let count = count.clamp(1, MOST);
        let keys = settings.popularity("keys");
        let items = keys.map(|keys| keys.items.unwrap_or(1e6) as u64);
        if ranged && items.is_none() {
            complain(
                "range-without-keys",
                format!("nothing says how many keys `{name}` has, so that they can't be cut into ranges"),
                "sharding",
                "by range",
                "add `keys: zipf(0.9 2M)`, or write `sharding: hash`",
            );
        }
        if !points.is_empty() && !ranged {
            complain(
                "idle-split-points",
                format!("the keys of `{name}` are spread by hash, not cut into ranges"),
                "split-points",
                "says nothing",
                "write `sharding: range`, or leave it out",
            );
        }
        if points.windows(2).any(|pair| pair[0] >= pair[1]) || points.first() == Some(&0) {
            complain(
                "unordered-split-points",
                format!("split points of `{name}` do not ascend"),
                "split-points",
                "a shard without keys",
                "write them in order, each above the one before, from 1",
            );
        } else if !points.is_empty() && points.len() as u64 + 1 != count {
            let (cuts, shards) = (points.len(), points.len() + 1);
            complain(
                "shards-and-split-points",
                format!("{cuts} split points make {shards} shards, and `{name}` has {count}"),
                "split-points",
                "",
                &format!("write `shards: {shards}`, or leave it out"),
            );
        }
        if let Some(items) = items.filter(|items| count > 1 && *items < count) {
            let diagnostic =
                Diagnostic::warning("more-shards-than-keys", format!("`{name}` has {count} shards for {items} keys"))
                    .at(settings.span("shards"), "some of them hold nothing")
                    .help(format!("write at most `shards: {items}`, or say how many `keys` there are"));
            self.diagnostics.push(diagnostic);
        }
        let most = self.resharded(name).unwrap_or(count).clamp(count, MOST);
        if count == 1 && most == 1 && !ranged {
            return 1;
        }
        let by = match (ranged, items) {
            (true, Some(items)) if points.is_empty() => By::Range(
                (1..count).map(|nth| (u128::from(items) * u128::from(nth) / u128::from(count)) as u64).collect(),
            ),
            (true, _) => By::Range(points),
            _ => By::Hash,
        };
        self.parts[part as usize].rows = true;
        self.parts[part as usize].map = self.tables.machines.shards.maps.len() as u32;
        self.tables.machines.shards.maps.push(Map { component: part, shards: count as u32, by });
        most as u32
    }

    /// How many parts the keys of a component are spread over by hash, where that is all there is to say.
    pub(crate) fn hashed(&mut self, part: u32, key: &str) -> u32 {
        let component = self.parts[part as usize].component;
        let (settings, name) = (&component.settings, &component.name.value);
        let count = count_or(settings, key, 1);
        if count == 0 || count > MOST {
            let diagnostic = Diagnostic::error("out-of-range", format!("`{name}` has {count} {key}"))
                .at(settings.span(key), "")
                .help(format!("write a number from 1 to {MOST}"));
            self.diagnostics.push(diagnostic);
        }
        let count = count.clamp(1, MOST) as u32;
        if count > 1 {
            self.parts[part as usize].map = self.tables.machines.shards.maps.len() as u32;
            self.tables.machines.shards.maps.push(Map { component: part, shards: count, by: By::Hash });
        }
        count
    }

    /// What a component with shards keeps count of.
    pub(crate) fn keeps_shards(&self, part: u32) -> u64 {
        if self.parts[part as usize].map == NONE {
            return 0;
        }
        Word::HottestShard.bit() | Word::TopKeyShard.bit() | Word::TopKey.bit() | Word::Moving.bit()
    }

    /// The most shards that a fault of some experiment gives a component.
    fn resharded(&self, name: &str) -> Option<u64> {
        let faults = self.design.experiments.iter().flat_map(|experiment| &experiment.faults);
        let of = faults.filter(|fault| fault.kind.value == super::faults::rebalance::WORDS.name);
        of.filter(|fault| super::faults::subject(&fault.argument).value == name)
            .filter_map(|fault| super::faults::settings(&fault.argument).count("to"))
            .max()
    }
}

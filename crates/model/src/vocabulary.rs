//! What a vocabulary is: keys with their shape, need and manual. Reader, schema, manual and defaults are made from it.
//!
//! `model` holds the words of briefs and the frame of designs; each kind of component, policy and fault in `sim`
//! supplies its own words as a `KindWords`, gathered in a `Vocabulary` that faces hand to reader and schema.

/// What may stand behind a key.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// Any text.
    Text,
    /// A name: letters, digits, `-`, `_`, `.`; at most 64 characters.
    Name,
    /// The name of something declared elsewhere; the word says of what. The reader of designs looks for `component`,
    /// `operation` (of a component, or one that answers by itself), `local operation`, `store` (a component or what one
    /// `holds`), `topic` (a key of a component's `topics`, or a store), `place`, `replica` (`shop/2`) and `load`; the
    /// reader of briefs for `operation`, `operation or outside`, `data set`, `module`, `label` and `part of today`. Other
    /// words aren't looked for.
    Reference(&'static str),
    /// `yes` or `no`.
    Flag,
    /// `no`, `partial` or `yes`.
    Degree,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A whole number, suffixes allowed (`2M`, `200k items`).
    Count,
    /// A whole number or the word `unlimited`.
    CountOrUnlimited,
    /// A plain number.
    Number,
    /// `150ms`, `2 years`.
    Duration,
    /// `5k/s`, `10M/month`.
    Rate,
    /// `2 TB`.
    Size,
    /// `10 Gbit/s`, `1 GB/s`.
    Bandwidth,
    /// `99.95%`.
    Share,
    /// `3x`.
    Factor,
    /// `60%/year` or `200 GB/year`.
    Growth,
    /// `60%/year`, as a share that may be a range and may pass 100%.
    YearlyGrowth,
    /// `15k USD/month`.
    MoneyPerMonth,
    /// `exp(10ms)`; a bare duration is `exp` of it in a brief and `const` of it in a design.
    Distribution,
    /// `geometric(6)`, `lognormal(p50 2k p99 12k)`: a law of plain numbers; a bare number is always the same.
    Numbers,
    /// `50 EUR`.
    Amount,
    /// `18:00 Europe/Berlin`.
    Clock,
    /// `07:00-18:00`.
    Hours,
    /// `12-20..01-05`.
    Days,
    /// `2027-06`.
    Month,
    /// `poisson(900/s)`.
    Arrivals,
    /// `zipf(0.9 2M)`, `uniform`.
    Popularity,
    /// A bare value (a must) or `{ must: ..., want: ... }`.
    Target(&'static Shape),
    /// A list of these.
    List(&'static Shape),
    /// One of these or a list of them.
    OneOrMany(&'static Shape),
    /// A map from free names to these; the word says what the names are.
    Map(&'static str, &'static Shape),
    /// A map with these keys.
    Record(&'static [Key]),
    /// A record, or a bare value that stands for its one key of this name: `calls: [ inventory.reserve ]`.
    Short(&'static str, &'static [Key]),
    /// One of several shapes, told apart by the kind of YAML node and tried in order.
    Either(&'static [Shape]),
    /// A list of steps of a design's operation.
    Steps,
    /// A route of a load: `start`, and stops by name, each a step with `next` beside its verb.
    Route,
    /// An operation of a design: a list of steps, or a map with `steps`.
    Operation,
}

impl Shape {
    /// What may stand there, in the manual's words: `duration`, `count or `unlimited``, `map by topic`.
    #[must_use]
    pub fn words(&self) -> String {
        let word: &str = match self {
            Shape::Text => "text",
            Shape::Name => "name",
            Shape::Reference(what) => return format!("{what}, by name"),
            Shape::Flag => "`yes` or `no`",
            Shape::Degree => "`no`, `partial` or `yes`",
            Shape::Word(words) => return crate::text::one_of(words.iter().copied(), usize::MAX),
            Shape::Count => "count",
            Shape::CountOrUnlimited => "count or `unlimited`",
            Shape::Number => "number",
            Shape::Duration => "duration",
            Shape::Rate => "rate",
            Shape::Size => "size",
            Shape::Bandwidth => "bandwidth",
            Shape::Share => "share",
            Shape::Factor => "factor",
            Shape::Growth | Shape::YearlyGrowth => "growth",
            Shape::MoneyPerMonth => "money per month",
            Shape::Distribution => "duration or law",
            Shape::Numbers => "number or law",
            Shape::Amount => "amount of money",
            Shape::Clock => "time of the day",
            Shape::Hours => "hours of the day",
            Shape::Days => "days of the year",
            Shape::Month => "month of a year",
            Shape::Arrivals => "law of arrivals",
            Shape::Popularity => "popularity",
            Shape::Target(inner) => return format!("{}, or `must` and `want`", inner.words()),
            Shape::List(inner) => return format!("list: {}", inner.words()),
            Shape::OneOrMany(inner) => return format!("{}, or a list", inner.words()),
            Shape::Map(what, Shape::Record(_)) => return format!("map by {what}"),
            Shape::Map(what, inner) => return format!("map by {what}: {}", inner.words()),
            Shape::Record(_) => "map",
            Shape::Short(name, _) => return format!("map, or its `{name}` alone"),
            Shape::Either(shapes) => return shapes.iter().map(Shape::words).collect::<Vec<_>>().join(" or "),
            Shape::Steps => "steps",
            Shape::Route => "map of stops with `start`",
            Shape::Operation => "steps, or a map",
        };
        word.to_string()
    }

    /// The keys of the map that may stand there; none where there is none, or only free names.
    #[must_use]
    pub fn keys(&self) -> &'static [Key] {
        match self {
            Shape::Record(keys) | Shape::Short(_, keys) => keys,
            Shape::Map(_, inner) | Shape::List(inner) | Shape::OneOrMany(inner) => inner.keys(),
            Shape::Either(shapes) => shapes.iter().map(Shape::keys).find(|keys| !keys.is_empty()).unwrap_or(&[]),
            _ => &[],
        }
    }
}

/// Whether a key must stand, and what is taken where it does not.
#[derive(Debug, Clone, Copy)]
pub enum Need {
    /// An error where it is missing.
    Required,
    /// May be missing, and then means nothing.
    Optional,
    /// Where it is missing this text is read instead, and listed as an assumption. Reading a brief does so at once; a
    /// design stays as it was written, and `reader::with_defaults` fills it in.
    Default(&'static str),
}

/// One key of a record.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// As written in the file.
    pub name: &'static str,
    /// What may stand behind it.
    pub shape: Shape,
    /// Whether it must.
    pub need: Need,
    /// What it means, with its unit; one or two sentences.
    pub manual: &'static str,
}

impl Key {
    /// The text that is read where it is missing; none for keys that must stand or mean nothing then.
    #[must_use]
    pub const fn default_text(&self) -> Option<&'static str> {
        match self.need {
            Need::Default(text) => Some(text),
            Need::Required | Need::Optional => None,
        }
    }

    /// A key that must stand.
    #[must_use]
    pub const fn required(name: &'static str, shape: Shape, manual: &'static str) -> Key {
        Key { name, shape, need: Need::Required, manual }
    }
    /// A key that may be missing.
    #[must_use]
    pub const fn optional(name: &'static str, shape: Shape, manual: &'static str) -> Key {
        Key { name, shape, need: Need::Optional, manual }
    }
    /// A key with a default.
    #[must_use]
    pub const fn default(name: &'static str, shape: Shape, default: &'static str, manual: &'static str) -> Key {
        Key { name, shape, need: Need::Default(default), manual }
    }
}

/// The words of one kind of component, policy or fault.
#[derive(Debug, Clone, Copy)]
pub struct KindWords {
    /// What a design calls it.
    pub name: &'static str,
    /// What the manual says.
    pub manual: &'static str,
    /// Its keys, beside those that every component has. For a policy: the keys it adds to a step. For a fault: one key
    /// of the fault's own name, whose shape says what it takes.
    pub keys: &'static [Key],
    /// What reality has and it leaves out: whole short sentences.
    pub leaves_out: &'static [&'static str],
    /// Names of others that are used or tried with it.
    pub goes_with: &'static [&'static str],
    /// A small design, whole and quick to run, whose expectations hold and show what it does.
    pub example: &'static str,
    /// What is taken away from the example so that an expectation fails: paths of keys (`load.0.retry`), each removed, or
    /// replaced where `= value` follows (`components.s.kind = service`). An index counts from 0.
    pub without: &'static [&'static str],
}

/// All the words of designs that `model` does not know by itself.
#[derive(Debug, Clone, Copy)]
pub struct Vocabulary {
    /// Kinds of components.
    pub kinds: &'static [KindWords],
    /// Policies: settings of a step.
    pub policies: &'static [KindWords],
    /// Faults of an experiment.
    pub faults: &'static [KindWords],
}

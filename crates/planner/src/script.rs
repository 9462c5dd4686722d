//! What to say about a brief in so many minutes: the scripts of the knowledge with the user's own numbers in them, in the order
//! of a design interview, with likely questions and the points at which the answer would change. From decisions, estimates and
//! closed forms alone: nothing is simulated here.

use crate::estimate::{estimate, shown_count};
use groundplan_analysis::availability::Availability;
use groundplan_knowledge::constraint::Setting;
use groundplan_knowledge::decision::{Change, Decision, Decisions, Flip, Leeway, Turn};
use groundplan_knowledge::playbook::{Asked, Script, Section};
use groundplan_knowledge::template::{Part, Template};
use groundplan_knowledge::{Knowledge, OptionEntry};
use groundplan_model::brief::Brief;
use groundplan_model::units::Seconds;

/// Words that people say in a minute when they explain something. The house's assumption: speech is given as 120 to 150.
const WORDS_A_MINUTE: f64 = 130.0;
/// The share of the time in which somebody says what was prepared; the rest is drawing, reckoning and being asked. The house's
/// assumption.
const PREPARED: f64 = 0.4;
/// From here on everything is said. Unit: minutes.
const WHOLE: u32 = 45;
/// The shortest and the longest conversation. Unit: minutes.
pub const MINUTES: std::ops::RangeInclusive<u32> = 5..=180;

/// What to say, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Talk {
    /// How long it takes. Unit: minutes.
    pub minutes: u32,
    /// The parts, in the order they are told.
    pub parts: Vec<TalkPart>,
    /// What would change the design, the nearest first, as sentences.
    pub turns: Vec<String>,
    /// Ids of all sources named.
    pub sources: Vec<String>,
}

/// A part of a talk.
#[derive(Debug, Clone, PartialEq)]
pub struct TalkPart {
    /// Which.
    pub section: Section,
    /// From when. Unit: half minutes since the beginning.
    pub from: u32,
    /// Until when. Unit: half minutes since the beginning.
    pub until: u32,
    /// What to say, sentence by sentence.
    pub says: Vec<String>,
    /// The user's numbers that belong here: name, figure, how it was reached.
    pub figures: Vec<TalkFigure>,
    /// Questions that are likely to follow, with answers.
    pub asked: Vec<FollowUp>,
}

/// A number of the estimate.
#[derive(Debug, Clone, PartialEq)]
pub struct TalkFigure {
    /// What is estimated.
    pub name: String,
    /// The figure as people write it.
    pub shown: String,
    /// How it was reached.
    pub steps: Vec<String>,
}

/// A question that is likely to follow.
#[derive(Debug, Clone, PartialEq)]
pub struct FollowUp {
    /// The question.
    pub question: String,
    /// The answer.
    pub answer: String,
    /// Ids of sources.
    pub sources: Vec<String>,
}

/// What to say about a brief in so many minutes. A seed takes other questions where there is no room for all.
#[must_use]
pub fn talk(knowledge: &Knowledge, brief: &Brief, decisions: &Decisions, minutes: u32, seed: Option<u64>) -> Talk {
    let speaker = Speaker { knowledge, brief, decisions };
    let scripts = knowledge.scripts_for(brief);
    let shares: Vec<f64> = Section::ALL
        .iter()
        .map(|section| scripts.iter().filter(|script| script.section == *section).map(|script| script.share).sum())
        .collect();
    let halves = shared_out(&shares, 2 * minutes);
    let mut parts = Vec::new();
    let mut from = 0;
    for ((section, halves), place) in Section::ALL.into_iter().zip(halves).zip(0u64..) {
        if halves == 0 {
            continue;
        }
        let own: Vec<&Script> = scripts.iter().filter(|script| script.section == section).copied().collect();
        let room = Room { minutes: f64::from(halves) / 2.0, whole: minutes >= WHOLE };
        let mut part = TalkPart {
            section,
            from,
            until: from + halves,
            says: room.fitting(own.iter().flat_map(|script| &script.says).map(|says| speaker.say(says)).collect()),
            figures: Vec::new(),
            asked: room.asked(&own, seed.map(|seed| seed.wrapping_add(place)), &speaker),
        };
        speaker.own_numbers(&mut part, &room);
        parts.push(part);
        from += halves;
    }
    let most = if minutes >= WHOLE { 8 } else { 2 + minutes as usize / 10 };
    let turns = decisions.leeways.iter().flat_map(|leeway| leeway.turns().map(move |turn| (leeway, turn)));
    let mut turns: Vec<(&Leeway, &Turn)> = turns.collect();
    turns.sort_by(|one, other| one.1.distance.total_cmp(&other.1.distance));
    let turns = turns.into_iter().take(most).map(|(leeway, turn)| speaker.turn(leeway, turn)).collect();
    let mut sources: Vec<String> =
        parts.iter().flat_map(|part| &part.asked).flat_map(|asked| asked.sources.iter().cloned()).collect();
    sources.sort();
    sources.dedup();
    Talk { minutes, parts, turns, sources }
}

impl Talk {
    /// Adds sentences to the parts they belong to, after what is said there already.
    pub fn add(&mut self, said: Vec<(Section, String)>) {
        for (section, text) in said {
            if let Some(part) = self.parts.iter_mut().find(|part| part.section == section) {
                part.says.push(text);
            }
        }
    }
}

/// Shares out whole pieces by weight: everyone with a weight gets one at least where there are enough, the largest remainders
/// the rest.
fn shared_out(shares: &[f64], pieces: u32) -> Vec<u32> {
    let total: f64 = shares.iter().sum();
    if total <= 0.0 {
        return vec![0; shares.len()];
    }
    let wanted: Vec<f64> = shares.iter().map(|share| share / total * f64::from(pieces)).collect();
    let mut given: Vec<u32> =
        wanted.iter().map(|wanted| if *wanted > 0.0 { (wanted.floor() as u32).max(1) } else { 0 }).collect();
    let left = |given: &[u32]| i64::from(pieces) - given.iter().map(|one| i64::from(*one)).sum::<i64>();
    while left(&given) != 0 {
        let missing = left(&given) > 0;
        let due = |n: &usize| wanted[*n] - f64::from(given[*n]);
        let candidates = (0..given.len()).filter(|n| shares[*n] > 0.0 && (missing || given[*n] > 0));
        let next = if missing {
            candidates.max_by(|one, other| due(one).total_cmp(&due(other)).then(other.cmp(one)))
        } else {
            candidates.min_by(|one, other| due(one).total_cmp(&due(other)).then(other.cmp(one)))
        };
        match next {
            Some(n) if missing => given[n] += 1,
            Some(n) => given[n] -= 1,
            None => break,
        }
    }
    given
}

/// How much there is room for in a part.
struct Room {
    minutes: f64,
    whole: bool,
}

impl Room {
    /// The sentences that can be said, at least one.
    fn fitting(&self, says: Vec<String>) -> Vec<String> {
        let budget = self.minutes * WORDS_A_MINUTE * PREPARED;
        let mut words = 0.0;
        let mut kept = Vec::new();
        for text in says {
            words += text.split_whitespace().count() as f64;
            if !self.whole && !kept.is_empty() && words > budget {
                break;
            }
            kept.push(text);
        }
        kept
    }

    /// How many of a list there is room for: one in a minute and a half.
    fn most(&self, all: usize) -> usize {
        if self.whole { all } else { ((self.minutes / 1.5).ceil() as usize).min(all) }
    }

    fn asked(&self, scripts: &[&Script], seed: Option<u64>, speaker: &Speaker) -> Vec<FollowUp> {
        let mut all: Vec<&Asked> = scripts.iter().flat_map(|script| &script.asked).collect();
        if let (Some(seed), false) = (seed, all.is_empty()) {
            let turn = seed % all.len() as u64;
            all.rotate_left(turn as usize);
        }
        all.truncate(self.most(all.len()));
        let told = |asked: &Asked| FollowUp {
            question: speaker.say(&asked.question),
            answer: speaker.say(&asked.answer),
            sources: asked.sources.clone(),
        };
        all.into_iter().map(told).collect()
    }
}

/// Fills templates with what a brief and its decisions say.
struct Speaker<'a> {
    knowledge: &'a Knowledge,
    brief: &'a Brief,
    decisions: &'a Decisions,
}

/// How much more load the answer to "ten times the load?" speaks of.
const TENFOLD: f64 = 10.0;

/// Whether a constraint is an amount of load: a rate, its peak, the people who ask.
fn is_load(constraint: &str) -> bool {
    let of_an_entry = constraint.ends_with(".rate") || constraint.ends_with(".peak");
    constraint == "people.count" || (constraint.starts_with("load.") && of_an_entry)
}

/// What stands for a quantity that the brief doesn't give: measures say so by a number that nobody means.
const UNSAID: &str = "not said";

/// A target that nobody set, within a sentence.
const UNAGREED: &str = "a time still to be agreed";

impl Speaker<'_> {
    fn say(&self, template: &Template) -> String {
        let text = template.filled(|part| match part {
            Part::Text(text) => text.clone(),
            Part::Measure(name) => self.quantity(name),
            Part::Fact(id) => self.knowledge.find_fact(id).map_or(UNSAID.to_string(), |fact| {
                let shown = fact.shown();
                shown.parse().map_or(shown, shown_count)
            }),
            Part::Choice(dimension) => self.options(dimension, |decision| Some(decision.option.as_str())),
            Part::RunnerUp(dimension) => self.options(dimension, |decision| decision.runner_up.as_deref()),
            Part::Why(dimension) => self.first(dimension).map_or(String::new(), |decision| self.why(decision)),
            Part::Flip(dimension) => self.flip(dimension),
            Part::Brief(word) => self.word(word),
        });
        // A title before the full stop of its sentence.
        text.replace("..", ".").replace("  ", " ").trim().to_string()
    }

    fn quantity(&self, name: &str) -> String {
        match Knowledge::quantity(self.brief, name) {
            Some(shown) if shown.contains("years") && shown.starts_with(|c: char| c.is_ascii_digit()) => {
                let years: Option<f64> = shown.split(' ').next().and_then(|number| number.parse().ok());
                if years.is_some_and(|years| years > 1_000.0) { UNSAID.into() } else { shown }
            }
            // A count of six digits is read as an amount.
            Some(shown) => match shown.parse() {
                Ok(count) => shown_count(count),
                Err(_) => shown,
            },
            None => UNSAID.into(),
        }
    }

    fn word(&self, word: &str) -> String {
        match word {
            "brief.name" => self.brief.name.clone(),
            "slo.p99" => {
                let strictest = self.brief.load.iter().filter_map(|entry| entry.p99).map(|target| target.must);
                strictest.min_by(|one, other| one.0.total_cmp(&other.0)).map_or(UNAGREED.into(), |p99| p99.to_string())
            }
            "slo.availability" => self.brief.availability.must.to_string(),
            "turn.nearest" => self
                .decisions
                .nearest()
                .map_or("No single number changes any decision.".into(), |(leeway, turn)| self.turn(leeway, turn)),
            "turns.load-tenfold" => self.tenfold(),
            "recovery.rto" => self.brief.recovery.first().map_or(UNSAID.into(), |recovery| recovery.rto.to_string()),
            _ => UNSAID.into(),
        }
    }

    fn of<'d>(&'d self, dimension: &'d str) -> impl Iterator<Item = &'d Decision> {
        self.decisions.decisions.iter().filter(move |decision| decision.dimension == dimension)
    }

    fn first(&self, dimension: &str) -> Option<&Decision> {
        self.decisions.decisions.iter().find(|decision| decision.dimension == dimension)
    }

    /// The explanation of a decision with titles in place of names.
    fn why(&self, decision: &Decision) -> String {
        let options = self.knowledge.dimension(&decision.dimension).map_or(&[][..], |dimension| &dimension.options);
        let mut text = decision.explanation.clone();
        for option in options.iter().filter(|option| option.name.contains('-')) {
            text = text.replace(&option.name, &self.title(&decision.dimension, &option.name));
        }
        let mut chars = text.chars();
        chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
    }

    /// Options of a dimension in words; per data set, which for which.
    fn options(&self, dimension: &str, pick: impl Fn(&Decision) -> Option<&str>) -> String {
        let mut list: Vec<(String, Vec<&str>)> = Vec::new();
        for decision in self.of(dimension) {
            let title = pick(decision).map_or("nothing else".to_string(), |option| self.title(dimension, option));
            match list.iter_mut().find(|(known, _)| *known == title) {
                Some((_, sets)) => sets.extend(decision.subject.as_deref()),
                None => list.push((title, decision.subject.as_deref().into_iter().collect())),
            }
        }
        let told = |(title, sets): &(String, Vec<&str>)| {
            if sets.is_empty() { title.clone() } else { format!("{title} for {}", sets.join(", ")) }
        };
        if list.is_empty() { "nothing".into() } else { list.iter().map(told).collect::<Vec<_>>().join("; ") }
    }

    /// An option in words: its title in lower case, unless that is a name.
    fn title(&self, dimension: &str, option: &str) -> String {
        let title = self
            .knowledge
            .option(dimension, option)
            .map_or(option.replace('-', " "), |entry: &OptionEntry| entry.title.clone());
        let mut chars = title.chars();
        match (chars.next(), chars.next()) {
            (Some(first), Some(second)) if !second.is_uppercase() => {
                first.to_lowercase().chain([second]).chain(chars).collect()
            }
            _ => title,
        }
    }

    /// The nearest flip of a dimension as a sentence.
    fn flip(&self, dimension: &str) -> String {
        let nearest = self.of(dimension).filter_map(|decision| decision.flips.first());
        let numbers_first = |flip: &&Flip| matches!(flip.at, Setting::Word(_));
        match nearest.min_by_key(numbers_first) {
            Some(flip) => format!(
                "If you told me {} is {} instead of {}, I would take {}.",
                flip.constraint,
                flip.threshold(),
                flip.shown_now,
                self.title(dimension, &flip.option)
            ),
            None => format!("No single number you could tell me changes the {}.", dimension.replace('-', " ")),
        }
    }

    /// What turns when load grows up to tenfold: each load by itself with the value at which it turns a decision, those that
    /// turn the same once and the nearest first; then all of them at ten times together.
    fn tenfold(&self) -> String {
        let mut alone: Vec<(&Leeway, &Turn)> = Vec::new();
        for leeway in self.decisions.leeways.iter().filter(|leeway| is_load(&leeway.constraint)) {
            let Some(turn) = &leeway.above else { continue };
            let (Setting::Number(at), Setting::Number(now)) = (&turn.at, &leeway.now) else { continue };
            if *at <= TENFOLD * *now {
                alone.push((leeway, turn));
            }
        }
        alone.sort_by(|one, other| one.1.distance.total_cmp(&other.1.distance));
        let mut told: Vec<(&Leeway, &Turn)> = Vec::new();
        for (leeway, turn) in alone {
            if !told.iter().any(|(_, known)| known.changes == turn.changes) {
                told.push((leeway, turn));
            }
        }
        let mut text: Vec<String> = told
            .iter()
            .map(|(leeway, turn)| {
                let changes: Vec<String> = turn.changes.iter().map(|change| self.changed(change)).collect();
                let (constraint, threshold, now) = (&leeway.constraint, &turn.threshold, &leeway.shown_now);
                format!("From {constraint} of {threshold} on, now {now}: {}.", changes.join(", "))
            })
            .collect();
        let together: Vec<String> = self.all_tenfold().iter().map(|change| self.changed(change)).collect();
        text.push(match (told.is_empty(), together.is_empty()) {
            (true, true) => {
                "Nothing turns: neither one load by itself nor all of them at ten times together change a decision."
                    .into()
            }
            (false, true) => "With all of it at ten times together nothing turns. The rest I'd leave alone.".into(),
            (true, false) => format!(
                "No load by itself turns a decision up to ten times today's; all of them together do: {}.",
                together.join(", ")
            ),
            (false, false) => {
                format!("With all of it at ten times together: {}. The rest I'd leave alone.", together.join(", "))
            }
        });
        text.join(" ")
    }

    /// The decisions that differ where every load is ten times as large, and all else stays.
    fn all_tenfold(&self) -> Vec<Change> {
        let mut grown = self.brief.clone();
        for entry in &mut grown.load {
            entry.rate.low.0 *= TENFOLD;
            entry.rate.high.0 *= TENFOLD;
        }
        if let Some(people) = &mut grown.people {
            people.count *= TENFOLD;
        }
        for (_, rate) in grown.data.iter_mut().flat_map(|data| &mut data.access) {
            rate.0 *= TENFOLD;
        }
        let now = self.knowledge.choose(self.brief);
        let then = self.knowledge.choose(&grown);
        let pairs = now.into_iter().zip(then).filter(|((.., from), (.., to))| from != to);
        pairs.map(|((dimension, subject, from), (.., to))| Change { dimension, subject, from, to }).collect()
    }

    /// A decision that differs: what would be taken instead, for what.
    fn changed(&self, change: &Change) -> String {
        let of = change.subject.as_ref().map_or(String::new(), |set| format!(" of {set}"));
        let option =
            change.to.as_ref().map_or("nothing possible".into(), |option| self.title(&change.dimension, option));
        format!("{option} for the {}{of}", change.dimension.replace('-', " "))
    }

    /// A turn of all decisions as a sentence.
    fn turn(&self, leeway: &Leeway, turn: &Turn) -> String {
        let most = 3;
        let mut changes: Vec<String> = turn.changes.iter().take(most).map(|change| self.changed(change)).collect();
        if turn.changes.len() > most {
            changes.push(format!("{} more changes", turn.changes.len() - most));
        }
        format!(
            "If you told me {} is {} instead of {}, I would take {}.",
            leeway.constraint,
            turn.threshold,
            leeway.shown_now,
            changes.join(", ")
        )
    }

    /// The user's own figures where they belong: the estimate, the budget of errors, the risks that hold here.
    fn own_numbers(&self, part: &mut TalkPart, room: &Room) {
        match part.section {
            Section::Estimate => {
                let lines = estimate(self.brief);
                let most = if room.whole { lines.len() } else { 2 * room.most(lines.len()) };
                part.figures = lines
                    .into_iter()
                    .take(most)
                    .map(|line| TalkFigure { name: line.name, shown: line.shown, steps: line.steps })
                    .collect();
            }
            Section::Slos => {
                let month = Seconds(28.0 * 86_400.0);
                part.figures = self
                    .brief
                    .load
                    .iter()
                    .filter_map(|entry| {
                        let share = entry.availability.unwrap_or(self.brief.availability).must;
                        let budget = Availability::new(share)?.downtime(month);
                        Some(TalkFigure {
                            name: format!("{}: budget of errors in 28 days", entry.operation.value),
                            shown: budget.to_string(),
                            steps: vec![format!("(1 - {share}) x 28 days = {budget}")],
                        })
                    })
                    .take(if room.whole { usize::MAX } else { room.most(4) })
                    .collect();
            }
            Section::FailureModes => {
                for danger in self.decisions.risks.iter().take(if room.whole { 8 } else { room.most(4) }) {
                    let about =
                        if danger.about.is_empty() { String::new() } else { format!(" ({})", danger.about.join(", ")) };
                    let cure =
                        danger.mitigations.first().map_or(String::new(), |one| format!(" Against it: {}.", one.title));
                    part.says.push(format!("Here in particular: {}{about}.{cure}", danger.title));
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use groundplan_model::reader::read_brief;
    use std::sync::LazyLock;

    const BRIEFS: [&str; 2] = [
        include_str!("../../../examples/small-team.brief.yaml"),
        include_str!("../../../examples/pastebin.brief.yaml"),
    ];

    /// The knowledge, and the briefs with their decisions.
    static DECIDED: LazyLock<(Knowledge, Vec<(Brief, Decisions)>)> = LazyLock::new(|| {
        let knowledge = Knowledge::embedded();
        let decided = BRIEFS.iter().map(|text| {
            let brief = read_brief(text).value.unwrap();
            let decisions = knowledge.decide(&brief);
            (brief, decisions)
        });
        let decided = decided.collect();
        (knowledge, decided)
    });

    fn talks(minutes: u32, seed: Option<u64>) -> Vec<Talk> {
        let (knowledge, decided) = &*DECIDED;
        decided.iter().map(|(brief, decisions)| talk(knowledge, brief, decisions, minutes, seed)).collect()
    }

    #[test]
    fn minutes_add_up_and_every_section_is_told() {
        for minutes in [5, 10, 20, 45, 90] {
            for talk in talks(minutes, None) {
                let sections: Vec<Section> = talk.parts.iter().map(|part| part.section).collect();
                assert_eq!(sections, Section::ALL);
                assert_eq!(talk.parts[0].from, 0);
                assert_eq!(talk.parts.last().unwrap().until, 2 * minutes);
                for pair in talk.parts.windows(2) {
                    assert_eq!(pair[0].until, pair[1].from);
                }
                assert!(talk.parts.iter().all(|part| part.until > part.from && !part.says.is_empty()));
            }
        }
    }

    #[test]
    fn ten_minutes_are_short_and_forty_five_say_all() {
        let words = |talk: &Talk| -> usize {
            let says = talk.parts.iter().flat_map(|part| &part.says);
            says.map(|text| text.split_whitespace().count()).sum()
        };
        let asked = |talk: &Talk| talk.parts.iter().map(|part| part.asked.len()).sum::<usize>();
        for ((short, whole), long) in talks(10, None).iter().zip(&talks(45, None)).zip(&talks(90, None)) {
            assert!(words(short) * 3 < words(whole) * 2, "{} of {}", words(short), words(whole));
            assert!(asked(short) < asked(whole) && asked(whole) == asked(long));
            assert_eq!(words(whole), words(long));
            assert!(!whole.sources.is_empty());
        }
    }

    #[test]
    fn the_users_own_numbers_are_in_it_and_no_name_is_left() {
        let talk = &talks(45, None)[0];
        let all: Vec<&str> = talk
            .parts
            .iter()
            .flat_map(|part| {
                part.says.iter().chain(part.asked.iter().flat_map(|asked| [&asked.question, &asked.answer]))
            })
            .map(String::as_str)
            .collect();
        let text = all.join("\n");
        for own in ["Class booking", "99.9%", "12 people", "modular monolith", "If you told me"] {
            assert!(text.contains(own), "{own} is missing from\n{text}");
        }
        assert!(!text.contains('{') && !text.contains('}'), "{text}");
        let budget =
            talk.parts.iter().flat_map(|part| &part.figures).find(|figure| figure.name.contains("budget")).unwrap();
        // 0.1% of 28 days.
        assert_eq!(budget.shown, Seconds(0.001 * 28.0 * 86_400.0).to_string());
        assert!(!talk.turns.is_empty() && talk.turns.iter().all(|turn| turn.starts_with("If you told me ")));
    }

    #[test]
    fn ten_times_the_load_names_what_turns_and_where() {
        let (knowledge, decided) = &*DECIDED;
        let mut tenants = read_brief(include_str!("../../../examples/b2b-tenants.brief.yaml")).value.unwrap();
        // So busy that tenfold passes the point at which a decision turns.
        for entry in tenants.load.iter_mut().filter(|entry| entry.operation.value == "invoices.write") {
            entry.rate = groundplan_model::quantity::Ranged::exactly(groundplan_model::units::PerSecond(60.0));
        }
        let of_tenants = knowledge.decide(&tenants);
        let mut alone = 0;
        for (brief, decisions) in
            decided.iter().map(|(brief, decisions)| (brief, decisions)).chain([(&tenants, &of_tenants)])
        {
            let told = Speaker { knowledge, brief, decisions }.tenfold();
            for leeway in &decisions.leeways {
                let Some(turn) = &leeway.above else { continue };
                let (Setting::Number(at), Setting::Number(now)) = (&turn.at, &leeway.now) else { continue };
                let within = leeway.constraint.ends_with(".rate") && *at <= 10.0 * *now;
                let start = format!("From {} of {} on", leeway.constraint, turn.threshold);
                // What turns the same as a nearer one is told with that one alone.
                let nearer = |other: &&Leeway| {
                    let same = |known: &&Turn| known.changes == turn.changes && known.distance <= turn.distance;
                    other.constraint != leeway.constraint && other.above.as_ref().filter(same).is_some()
                };
                let twice = decisions.leeways.iter().find(nearer).is_some();
                assert!(within || !told.contains(&start) || leeway.constraint.ends_with(".peak"), "{start}: {told}");
                assert!(!within || twice || told.contains(&start), "{start} is missing from {told}");
                alone += usize::from(within);
            }
            assert!(told.contains("at ten times together") || told.contains("all of them together do"), "{told}");
        }
        assert!(alone > 0);
        // Where no number turns anything, it says so.
        let (brief, decisions) = (&decided[0].0, Decisions::default());
        let told = Speaker { knowledge, brief, decisions: &decisions };
        assert!(!told.tenfold().contains("From "));
        assert_eq!(told.word("turn.nearest"), "No single number changes any decision.");
    }

    #[test]
    fn the_number_that_matters_most_is_the_nearest_of_all() {
        let (knowledge, decided) = &*DECIDED;
        for (brief, decisions) in decided {
            let (leeway, _) = decisions.nearest().unwrap();
            let talk = talk(knowledge, brief, decisions, 45, None);
            let mut asked = talk.parts.iter().flat_map(|part| &part.asked);
            let answer = asked.find(|asked| asked.question.contains("matters most")).unwrap();
            assert!(answer.answer.contains(&format!("you told me {} is", leeway.constraint)), "{}", answer.answer);
        }
    }

    #[test]
    fn nothing_is_said_of_data_and_messages_that_there_are_not() {
        let bare = "kind: brief\nversion: 1\nname: Bare\nload:\n  - { operation: front.ask, rate: 2/s, p99: 300ms }\n\
                    domain:\n  front: { operations: { ask: { work: 3ms } } }\navailability: 99%\n\
                    team: { engineers: 3, teams: 1 }\n";
        let (knowledge, _) = &*DECIDED;
        let read = read_brief(bare);
        let brief = read.value.unwrap_or_else(|| panic!("{:?}", read.diagnostics));
        let talk = talk(knowledge, &brief, &knowledge.decide(&brief), 45, None);
        let says: Vec<&str> = talk.parts.iter().flat_map(|part| &part.says).map(String::as_str).collect();
        assert!(!says.iter().any(|text| text.contains("0 B") || text.contains(" 0/s") || text.contains("tokens")));
        assert!(says.iter().any(|text| text.contains("build it")));
    }

    #[test]
    fn a_seed_asks_other_questions_and_the_same_ones_again() {
        let questions = |seed: Option<u64>| -> Vec<String> {
            talks(10, seed)[0].parts.iter().flat_map(|part| &part.asked).map(|asked| asked.question.clone()).collect()
        };
        assert_eq!(questions(Some(1)), questions(Some(1)));
        assert!((0..4).any(|seed| questions(Some(seed)) != questions(None)));
    }

    #[test]
    fn pieces_are_shared_out_to_the_last() {
        for pieces in 1..100 {
            let given = shared_out(&[0.12, 0.0, 0.5, 0.01, 0.37], pieces);
            assert_eq!(given.iter().sum::<u32>(), pieces, "{given:?}");
            assert_eq!(given[1], 0);
        }
        assert_eq!(shared_out(&[1.0, 1.0], 4), [2, 2]);
        assert_eq!(shared_out(&[0.0], 4), [0]);
    }
}

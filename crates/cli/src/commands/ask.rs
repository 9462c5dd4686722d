//! `groundplan ask`: the questions whose answer would change a decision; asked on a terminal, listed elsewhere. Answers go into the
//! brief when the conversation ends, all of them at once, with its comments and layout kept.

use super::decide::{Decided, decide};
use crate::args::{AskOptions, Format};
use crate::input::Found;
use crate::output::{Status, complain, print, tell};
use crate::rewrite::{may_be_written, rewrite};
use groundplan_knowledge::{Decisions, Knowledge};
use groundplan_model::brief::Brief;
use groundplan_model::edit::{self, Refused};
use groundplan_report::clean::clean;
use groundplan_report::{text, wire};
use std::collections::BTreeSet;
use std::io::{BufRead, IsTerminal, Read};

/// Takes the answers that were given, asks or lists the rest.
pub fn run(options: &AskOptions) -> Status {
    let decided = match decide(&options.brief, options.knowledge.as_deref(), options.format) {
        Ok(decided) => decided,
        Err(status) => return status,
    };
    let standard = options.brief.as_os_str() == "-";
    let asks = options.format == Format::Text
        && options.set.is_empty()
        && !standard
        && std::io::stdin().is_terminal()
        && std::io::stdout().is_terminal();
    if standard && !options.set.is_empty() {
        complain("an answer can't be written into standard input; name a file");
        return Status::Input;
    }
    // Refused before anybody answers, not after.
    if (asks || !options.set.is_empty())
        && let Err(refusal) = may_be_written(&options.brief)
    {
        complain(&refusal.text);
        return refusal.status;
    }
    let Decided { input, brief, knowledge, decisions } = decided;
    let old = input.text.clone();
    let mut talk = Talk { text: input.text, brief, decisions, knowledge: &knowledge, answers: Vec::new() };
    for (path, value) in &edit::together(&talk.text, &options.set) {
        if let Err(Refused { text, diagnostics }) = talk.answer(path, value) {
            let found = Found { name: input.name, text, kind: Some("brief"), diagnostics, ok: false };
            return crate::input::refuse(found, Status::Input, options.format);
        }
    }
    if asks {
        let ended = talk.converse(&mut std::io::stdin().lock(), &mut |said| {
            print(said, Status::Holds);
        });
        if let Err(error) = ended {
            complain(&format!("the terminal can't be read: {error}; nothing was written"));
            return Status::Environment;
        }
    }
    if !talk.answers.is_empty() {
        if let Err(refusal) = rewrite(&options.brief, &old, &talk.text) {
            complain(&refusal.text);
            return refusal.status;
        }
        if options.format == Format::Text {
            tell(&written(&input.name, &talk.answers));
        }
    }
    match options.format {
        Format::Json => print(&wire::questions(&talk.brief, &talk.decisions, &talk.answers), Status::Holds),
        Format::Text if asks => Status::Holds,
        Format::Text => print(&text::questions(&talk.brief, &talk.decisions), Status::Holds),
    }
}

/// What stands in the file now.
fn written(name: &str, answers: &[(String, String)]) -> String {
    let lines: String = answers.iter().map(|(path, value)| format!("  {}: {}\n", clean(path), clean(value))).collect();
    format!("written into {}:\n{lines}", clean(name))
}

/// A conversation: the text as it would be written, and what follows from it.
struct Talk<'a> {
    text: String,
    brief: Brief,
    decisions: Decisions,
    knowledge: &'a Knowledge,
    answers: Vec<(String, String)>,
}

impl Talk<'_> {
    /// Takes an answer, if the language takes it.
    fn answer(&mut self, path: &str, value: &str) -> Result<(), Refused> {
        let (text, brief) = edit::answer(&self.text, path, value)?;
        let decisions = self.knowledge.decide(&brief);
        if !decisions.impossible.is_empty() {
            return Err(Refused { text, diagnostics: decisions.impossible });
        }
        self.answers.push((edit::answered(&self.text, path), value.to_string()));
        (self.text, self.brief, self.decisions) = (text, brief, decisions);
        Ok(())
    }

    /// Takes an answer to a question, and asks for its other half where the language wants both; without that nothing is taken.
    fn reply(
        &mut self,
        path: &str,
        value: &str,
        input: &mut dyn BufRead,
        say: &mut dyn FnMut(&str),
    ) -> std::io::Result<Reply> {
        let Some(half) = edit::half(&self.text, path, value) else {
            return Ok(self.answer(path, value).map_or_else(Reply::Refused, |()| Reply::Taken));
        };
        // Nobody is asked for the rest of an answer that is wrong already.
        if let Err(refused) = edit::answer(&self.text, &half.whole, &half.with("1h")) {
            return Ok(Reply::Refused(refused));
        }
        say(&text::other_half(&half.whole, half.key, half.other));
        loop {
            match line(input, say)?.as_deref() {
                None => return Ok(Reply::Ended),
                Some("") => return Ok(Reply::Skipped),
                Some("q" | "quit") => return Ok(Reply::Ended),
                Some(other) => {
                    let named = format!("{}.{}", half.whole, half.other);
                    let both = edit::half(&self.text, &named, other).map_or(other.to_string(), |_| half.with(other));
                    match self.answer(&half.whole, &both) {
                        Ok(()) => return Ok(Reply::Taken),
                        Err(refused) => say(&text::not_taken(&refused.diagnostics)),
                    }
                }
            }
        }
    }

    /// Asks until nothing is left, or until somebody stops.
    fn converse(&mut self, input: &mut dyn BufRead, say: &mut dyn FnMut(&str)) -> std::io::Result<()> {
        let mut skipped: BTreeSet<String> = BTreeSet::new();
        let mut nth = 0;
        say(&text::greeting(&self.brief, &self.decisions));
        loop {
            let open: Vec<_> =
                self.decisions.questions.iter().filter(|one| !skipped.contains(&one.constraint)).cloned().collect();
            let Some(question) = open.first() else { return Ok(()) };
            let paths: BTreeSet<&str> = open.iter().map(|one| one.constraint.as_str()).collect();
            nth += 1;
            say(&text::question(question, nth, paths.len() - 1));
            loop {
                match line(input, say)?.as_deref() {
                    None | Some("q" | "quit") => return Ok(()),
                    Some("") => {
                        skipped.insert(question.constraint.clone());
                        break;
                    }
                    Some(value) => {
                        let before = self.decisions.clone();
                        match self.reply(&question.constraint, value, input, say)? {
                            Reply::Taken => say(&text::difference(&before, &self.decisions)),
                            Reply::Skipped => {}
                            Reply::Ended => return Ok(()),
                            Reply::Refused(refused) => {
                                say(&text::not_taken(&refused.diagnostics));
                                continue;
                            }
                        }
                        skipped.insert(question.constraint.clone());
                        break;
                    }
                }
            }
        }
    }
}

/// What became of an answer to a question.
enum Reply {
    /// It is in the text.
    Taken,
    /// It was not gone on with.
    Skipped,
    /// Somebody stops.
    Ended,
    /// It is wrong.
    Refused(Refused),
}

/// The next line, without the space around it; none at the end.
fn line(input: &mut dyn BufRead, say: &mut dyn FnMut(&str)) -> std::io::Result<Option<String>> {
    say("    > ");
    let mut line = String::new();
    if input.take(10_000).read_line(&mut line)? == 0 {
        say("\n");
        return Ok(None);
    }
    Ok(Some(line.trim().to_string()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use groundplan_knowledge::constraint::Setting;
    use groundplan_model::reader::read_brief;

    /// An example that leaves something open on which a decision hinges.
    fn brief(knowledge: &Knowledge) -> &'static str {
        let examples = [
            include_str!("../../../../examples/pastebin.brief.yaml"),
            include_str!("../../../../examples/web-shop.brief.yaml"),
            include_str!("../../../../examples/small-team.brief.yaml"),
        ];
        let open = |text: &&str| !knowledge.decide(&read_brief(text).value.unwrap()).questions.is_empty();
        examples.into_iter().find(open).expect("one of them leaves something open")
    }

    /// What is said, and the talk, after these lines of input.
    fn talk<'a>(knowledge: &'a Knowledge, input: &str) -> (String, Talk<'a>) {
        let text = brief(knowledge);
        let brief = read_brief(text).value.unwrap();
        let decisions = knowledge.decide(&brief);
        let mut talk = Talk { text: text.into(), brief, decisions, knowledge, answers: Vec::new() };
        let mut said = String::new();
        talk.converse(&mut input.as_bytes(), &mut |text| said.push_str(text)).unwrap();
        (groundplan_report::terminal::plain(&said), talk)
    }

    /// What the brief leaves open, what could change most first.
    fn open(knowledge: &Knowledge) -> Vec<groundplan_knowledge::Question> {
        knowledge.decide(&read_brief(brief(knowledge)).value.unwrap()).questions
    }

    #[test]
    fn an_answer_is_taken_by_the_language_or_asked_for_again() {
        let knowledge = Knowledge::embedded();
        let question = open(&knowledge)[0].clone();
        let first = question.constraint;
        // The nearest other answer, written so that it reads.
        let right = match question.otherwise[0].at {
            Setting::Word(word) => word.to_string(),
            Setting::Number(_) => question.otherwise[0].shown.replace("just over ", "").replace("just under ", ""),
        };
        let (said, talk) = talk(&knowledge, &format!("fast, very\n{right}\nq\n"));
        assert_eq!(talk.answers, [(first.clone(), right)], "{said}");
        assert!(said.contains(&first) && said.matches("    > ").count() >= 2, "{said}");
        assert!(said.contains("not taken: "), "{said}");
        let comments = |text: &str| text.matches('#').count();
        assert_eq!(comments(&talk.text), comments(brief(&knowledge)), "{}", talk.text);
        assert_eq!(read_brief(&talk.text).value.unwrap(), talk.brief);
    }

    #[test]
    fn one_half_of_a_recovery_asks_for_the_other() {
        let knowledge = Knowledge::embedded();
        let path = "recovery.region.rto";
        let reply = |lines: &str, value: &str| {
            let (_, mut talk) = talk(&knowledge, "");
            let mut said = String::new();
            let reply = talk.reply(path, value, &mut lines.as_bytes(), &mut |text| said.push_str(text)).unwrap();
            (reply, talk.answers, groundplan_report::terminal::plain(&said))
        };
        let (taken, answers, said) = reply("soon\n5min\n", "2h");
        assert!(matches!(taken, Reply::Taken), "{said}");
        assert_eq!(answers, [("recovery.region".to_string(), "{ rto: 2h, rpo: 5min }".to_string())]);
        assert!(said.contains("rpo") && said.matches("not taken: ").count() == 1, "{said}");
        let (skipped, answers, _) = reply("\n", "2h");
        assert!(matches!(skipped, Reply::Skipped) && answers.is_empty());
        let (refused, answers, said) = reply("5min\n", "soon");
        assert!(matches!(refused, Reply::Refused(_)) && answers.is_empty() && said.is_empty(), "{said}");
        let (ended, answers, _) = reply("", "2h");
        assert!(matches!(ended, Reply::Ended) && answers.is_empty());
    }

    #[test]
    fn nothing_skips_and_q_or_the_end_stops() {
        let knowledge = Knowledge::embedded();
        let all: BTreeSet<String> = open(&knowledge).into_iter().map(|question| question.constraint).collect();
        let (said, left) = talk(&knowledge, &"\n".repeat(all.len()));
        assert!(all.iter().all(|path| said.contains(path)), "{said}");
        assert!(left.answers.is_empty() && left.text == brief(&knowledge));
        let (said, _) = talk(&knowledge, "q\n");
        assert_eq!(said.matches("    > ").count(), 1, "{said}");
        let (said, _) = talk(&knowledge, "");
        assert_eq!(said.matches("    > ").count(), 1, "{said}");
    }

    #[test]
    fn every_question_of_every_example_can_be_answered_in_its_file() {
        let knowledge = Knowledge::embedded();
        let mut asked = 0;
        for (name, text) in crate::examples::EXAMPLES {
            let brief = read_brief(text).value.unwrap();
            for question in knowledge.decide(&brief).questions {
                let flip = &question.otherwise[0];
                let value = match flip.at {
                    Setting::Word(word) => word.to_string(),
                    Setting::Number(_) => flip.shown.replace("just over ", "").replace("just under ", ""),
                };
                let path = &question.constraint;
                let taken = edit::answer(text, path, &value).or_else(|found| match found.diagnostics[0].code {
                    "half-a-recovery" => edit::answer(text, path, "{ rto: 2h, rpo: 5min }"),
                    _ => Err(found),
                });
                let (edited, _) = taken.unwrap_or_else(|found| panic!("{name}: {path} = {value}: {found:?}"));
                assert_eq!(edited.matches('#').count(), text.matches('#').count(), "{name}: {path}");
                asked += 1;
            }
        }
        assert!(asked >= 10, "{asked}");
    }
}

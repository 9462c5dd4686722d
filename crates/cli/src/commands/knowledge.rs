//! `groundplan knowledge`: what decisions rest on.

use crate::args::{Format, KnowledgeCommand, KnowledgeOptions};
use crate::output::{Status, complain, print};
use groundplan_knowledge::Knowledge;
use groundplan_model::diagnostic::guess;
use groundplan_report::{text, wire};

/// Lists or shows.
pub fn run(options: &KnowledgeOptions) -> Status {
    let knowledge = Knowledge::embedded();
    match &options.command {
        KnowledgeCommand::List { format: Format::Text } => print(&text::knowledge_list(&knowledge), Status::Holds),
        KnowledgeCommand::List { format: Format::Json } => print(&wire::knowledge(&knowledge), Status::Holds),
        KnowledgeCommand::Show { id, format } => {
            let told = match format {
                Format::Text => text::knowledge_entry(&knowledge, id),
                Format::Json => wire::knowledge_entry(&knowledge, id),
            };
            told.map_or_else(|| unknown(&knowledge, id), |told| print(&told, Status::Holds))
        }
    }
}

fn unknown(knowledge: &Knowledge, id: &str) -> Status {
    let options =
        knowledge.dimensions().iter().flat_map(|dimension| &dimension.options).map(|option| option.name.as_str());
    let rules = knowledge.rules().iter().map(|rule| rule.id.as_str());
    let facts = knowledge.facts().map(|fact| fact.id.as_str());
    let sources = knowledge.sources().map(|source| source.id.as_str());
    let near = guess(id, options.chain(rules).chain(facts).chain(sources));
    let help = near
        .map_or_else(|| "`groundplan knowledge list` names all".to_string(), |near| format!("did you mean `{near}`?"));
    complain(&format!("no rule, option, fact or source is called `{id}`; {help}"));
    Status::Input
}

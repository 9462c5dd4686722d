//! What follows from what a house says of products: options that can't be had, and options that wait for an approval. Both
//! become rules in the house's own words, so that explanations, flip points and conflicts treat them as any other.

use crate::playbook::{OnlyApproved, Stance, Technology};
use crate::rule::{Cite, Concern, Effect, Evidence, Grade, Origin, Rule, STANCE, Scope};
use crate::{Knowledge, OptionEntry};
use groundplan_model::span::Span;

impl Knowledge {
    /// Ids of the products that provide an option: those that its file names, and those that say so themselves.
    #[must_use]
    pub fn technologies_of(&self, dimension: &str, option: &str) -> Vec<&str> {
        let named = self.option(dimension, option).map(|entry| entry.technologies.as_slice()).unwrap_or_default();
        let mut list: Vec<&str> = named.iter().map(String::as_str).collect();
        for technology in self.technologies.values() {
            let provides = technology.provides.iter().any(|known| known.0 == dimension && known.1 == option);
            if provides && !list.contains(&technology.id.as_str()) {
                list.push(&technology.id);
            }
        }
        list
    }

    /// Adds the rules.
    pub(crate) fn add_stances(&mut self) {
        let mut rules: Vec<(usize, Rule)> = Vec::new();
        for (d, dimension) in self.dimensions.iter().enumerate() {
            for option in &dimension.options {
                rules.extend(self.stance(option).map(|rule| (d, rule)));
            }
        }
        for (d, rule) in rules {
            self.dimensions[d].rules.push(self.rules.len());
            self.rules.push(rule);
        }
    }

    /// Whether an option can't be had without a product: those of its dimension have some, and it runs something. `none` and
    /// what stays inside of a process need nothing that anybody could approve.
    fn needs_product(&self, option: &OptionEntry) -> bool {
        let [deployables, stores, brokers, _] = option.runs;
        let others = self.dimension(&option.dimension).map(|dimension| &dimension.options).into_iter().flatten();
        deployables + stores + brokers > 0
            && others.into_iter().any(|other| !self.technologies_of(&other.dimension, &other.name).is_empty())
    }

    /// Whether the house approves a product of a dimension.
    #[must_use]
    pub fn approves_any(&self, dimension: &str) -> bool {
        let options = self.dimension(dimension).map(|dimension| &dimension.options).into_iter().flatten();
        let products = options.flat_map(|option| self.technologies_of(dimension, &option.name));
        products.filter_map(|id| self.technologies.get(id)).any(|product| product.stance == Some(Stance::Approved))
    }

    /// What the house's stance on products means for an option; nothing where it has none.
    fn stance(&self, option: &OptionEntry) -> Option<Rule> {
        let products = self.technologies_of(&option.dimension, &option.name);
        if products.is_empty() && !self.needs_product(option) {
            return None;
        }
        let stance = |id: &&str| self.technologies.get(*id).and_then(|technology| technology.stance);
        let forbidden: Vec<&Technology> = products
            .iter()
            .filter(|id| stance(id) == Some(Stance::Forbidden))
            .filter_map(|id| self.technologies.get(*id))
            .collect();
        if !products.is_empty() && forbidden.len() == products.len() {
            return Some(self.forbids(option, &forbidden));
        }
        let list = self.only_approved.iter().find(|only| only.dimension == option.dimension)?;
        let approved = products.iter().any(|id| stance(id) == Some(Stance::Approved));
        (!approved).then(|| self.waits(option, list, &products))
    }

    fn forbids(&self, option: &OptionEntry, forbidden: &[&Technology]) -> Rule {
        let said: Vec<String> = forbidden
            .iter()
            .map(|technology| {
                let why = technology.why.trim_end_matches('.');
                let instead = if technology.instead.is_empty() {
                    String::new()
                } else {
                    format!("; instead: {}", technology.instead.trim_end_matches('.'))
                };
                format!("{}: {why}{instead}", technology.name)
            })
            .collect();
        let text = format!("the house forbids every product that provides it ({})", said.join(". "));
        let first = forbidden[0];
        let id = format!("{STANCE}forbids-{}-{}", option.dimension, option.name);
        self.made(option, id, Effect::Impossible, text, None, (&first.source, &first.at.file, first.at.span))
    }

    fn waits(&self, option: &OptionEntry, list: &OnlyApproved, products: &[&str]) -> Rule {
        let names: Vec<&str> =
            products.iter().map(|id| self.technologies.get(*id).map_or(*id, |item| item.name.as_str())).collect();
        let only = format!("the house uses only approved products for {}", option.dimension);
        let (text, lifted_by) = if names.is_empty() {
            (
                format!("{only}, and none is known that provides it"),
                "the house approves a product that provides it".into(),
            )
        } else {
            let names = names.join(", ");
            (
                format!("{only}, and none that provides it is approved ({names})"),
                format!("the house approves one of {names}"),
            )
        };
        let id = format!("{STANCE}approves-none-{}-{}", option.dimension, option.name);
        let place = (list.source.as_str(), list.at.file.as_str(), list.at.span);
        self.made(option, id, Effect::Unready, text, Some(lifted_by), place)
    }

    fn made(
        &self,
        option: &OptionEntry,
        id: String,
        effect: Effect,
        text: String,
        lifted_by: Option<String>,
        (source, file, span): (&str, &str, Span),
    ) -> Rule {
        let per_set = self.dimension(&option.dimension).is_some_and(|dimension| dimension.per_set);
        Rule {
            id,
            dimension: option.dimension.clone(),
            option: option.name.clone(),
            scope: if per_set { Scope::Set } else { Scope::Brief },
            when: Vec::new(),
            effect,
            consequence: Grade::Strong,
            concern: Concern::Compliance,
            text,
            extracts: false,
            lifted_by,
            sources: vec![Cite { source: source.to_string(), evidence: Evidence::Documented }],
            examples: Vec::new(),
            origin: Origin::House,
            file: file.to_string(),
            span,
        }
    }
}

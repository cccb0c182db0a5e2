//! A docket's tokens in memory, and who of it shares some with a probe.

use std::collections::{BTreeMap, HashMap};

use super::{
    evidence::{Evidence, Held, Shared},
    token::{Token, TypedToken},
};
use crate::confidentiality::facts::CountryCode;

/// The tokens of a docket, each with who has it.
#[derive(Default)]
pub struct Docket {
    holders: HashMap<Token, Vec<u32>>,
    held: Vec<Held>,
    against: BTreeMap<CountryCode, u32>,
}

impl Docket {
    /// Adds a record against these States; its number is the count of those before it.
    pub fn add(&mut self, tokens: &[TypedToken], countries: &[CountryCode]) {
        for country in countries {
            *self.against.entry(*country).or_default() += 1;
        }
        let number = u32::try_from(self.held.len()).unwrap_or(u32::MAX);
        for token in tokens.iter().filter(|token| !token.widened) {
            self.holders.entry(token.token).or_default().push(number);
        }
        self.held.push(held(tokens));
    }

    /// How many records a probe is compared with: those against one of its States.
    pub fn against(&self, countries: &[CountryCode]) -> u32 {
        let counts = countries
            .iter()
            .filter_map(|country| self.against.get(country));
        counts.fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// What each record that shares a token with the probe against these States shares with it.
    pub fn evidence(
        &self,
        probe: &[TypedToken],
        countries: &[CountryCode],
    ) -> BTreeMap<u32, Evidence> {
        let rivals = self.against(countries);
        let mut shared: BTreeMap<u32, Vec<Shared>> = BTreeMap::new();
        for token in probe {
            let holders = self
                .holders
                .get(&token.token)
                .map_or(&[][..], Vec::as_slice);
            for number in holders {
                shared.entry(*number).or_default().push(Shared {
                    kind: token.kind,
                    widened: token.widened,
                    holders: u32::try_from(holders.len()).unwrap_or(u32::MAX),
                });
            }
        }
        let probe = held(probe);
        let found = shared.into_iter().filter_map(|(number, shared)| {
            let record = self.held.get(usize::try_from(number).ok()?)?;
            Some((number, Evidence::of(&probe, record, &shared, rivals)))
        });
        found.collect()
    }
}

fn held(tokens: &[TypedToken]) -> Held {
    Held::count(
        tokens
            .iter()
            .filter(|token| !token.widened)
            .map(|token| token.kind),
    )
}

//! A docket's tokens in memory, and who of it shares some with a probe.

use std::collections::{BTreeMap, HashMap};

use super::{
    evidence::{Evidence, Held, Shared},
    token::{Token, TypedToken},
};

/// The tokens of a docket, each with who has it.
#[derive(Default)]
pub struct Docket {
    holders: HashMap<Token, Vec<u32>>,
    held: Vec<Held>,
}

impl Docket {
    /// Adds a record; its number is the count of those before it.
    pub fn add(&mut self, tokens: &[TypedToken]) {
        let number = u32::try_from(self.held.len()).unwrap_or(u32::MAX);
        for token in tokens.iter().filter(|token| !token.widened) {
            self.holders.entry(token.token).or_default().push(number);
        }
        self.held.push(held(tokens));
    }

    /// Records in it.
    pub fn len(&self) -> u32 {
        u32::try_from(self.held.len()).unwrap_or(u32::MAX)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// What each record that shares a token with the probe shares with it.
    pub fn evidence(&self, probe: &[TypedToken]) -> BTreeMap<u32, Evidence> {
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
            Some((number, Evidence::of(&probe, record, &shared, self.len())))
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

//! What holds of one hub, whatever is in it, if it keeps its promise.

mod caches;
mod hidden;
mod lists;

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Finding,
    crawl::View,
    door::{Door, DoorError, Told},
    schema::Schema,
};
use crate::chance::Chance;

/// Findings of one law that are told; more say nothing new.
const TOLD: usize = 5;

/// The laws, and how they were kept.
pub(super) struct Laws<'a> {
    hub: &'a Door,
    schema: &'a Schema,
    /// From who sees least to who sees most.
    views: &'a [View],
    /// What each view may not be told: ids, and texts that others are told.
    secrets: Vec<BTreeSet<String>>,
    /// What is tried where trying all would take hours.
    chance: Chance,
    tried: BTreeMap<&'static str, u64>,
    findings: Vec<Finding>,
}

impl<'a> Laws<'a> {
    /// Of a hub, as these see it.
    pub(super) fn new(hub: &'a Door, schema: &'a Schema, views: &'a [View], seed: u64) -> Self {
        Self {
            hub,
            schema,
            views,
            secrets: views.iter().map(|_| BTreeSet::new()).collect(),
            chance: Chance::of(seed),
            tried: BTreeMap::new(),
            findings: Vec::new(),
        }
    }

    /// Tries every law, for each view.
    pub(super) fn keep(&mut self) -> Result<(), DoorError> {
        let views = self.views;
        for (place, view) in views.iter().enumerate() {
            for other in views.iter().skip(place + 1) {
                self.narrower_is_told_no_more(view, other);
                self.secrets_of(place, other)?;
            }
            self.hidden_is_unknown(place)?;
            self.filters_test_what_is_seen(view)?;
            self.pages_are_of_one_list(view)?;
            self.twice_is_alike(view)?;
        }
        self.caches_are_for_the_public()
    }

    /// How often each law was tried, and what was found.
    pub(super) fn ended(self) -> (BTreeMap<&'static str, u64>, Vec<Finding>) {
        (self.tried, self.findings)
    }

    /// Counts a trial of a law.
    fn tries(&mut self, law: &'static str) {
        *self.tried.entry(law).or_default() += 1;
    }

    /// Notes that a law was not kept.
    fn broken(&mut self, why: &str, view: &View, request: &str, answers: &[&Told]) {
        let same = self.findings.iter().filter(|known| known.why == why);
        if same.count() >= TOLD {
            return;
        }
        self.findings.push(Finding {
            why: why.to_owned(),
            viewer: view.viewer.name.clone(),
            request: request.to_owned(),
            answers: answers.iter().map(|told| told.beginning()).collect(),
        });
    }
}

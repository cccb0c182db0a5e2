//! A trial: the engine asked about each probe of a world, and how well it found the matches.

use std::collections::BTreeMap;

use super::{record::Record, world::World};
use crate::{
    confidentiality::facts::CountryCode,
    date::PartialDate,
    keys::SecretKey,
    same_matter::{
        Band, Docket, Evidence, HubTrusted, MatchKey, TypedToken, Victim, Weights, probe_keys,
        record_keys,
    },
};

/// What a world's tokens say of each probe.
pub struct Trial {
    /// Records of the docket.
    pub docket: u32,
    /// The probes, each with the records that share a token with it.
    pub probes: Vec<Asked>,
    /// Tokens of a record and of a probe, on average.
    pub tokens: (f64, f64),
}

/// One probe of a trial.
pub struct Asked {
    /// The language of the name.
    pub language: String,
    /// Whether a spelling of it or of its match is in a channel kept from training.
    pub held_out: bool,
    /// The record of the same person.
    pub partner: Option<u32>,
    /// Records of the docket against the same State.
    pub rivals: u32,
    /// What each record that shares a token shares.
    pub evidence: BTreeMap<u32, Evidence>,
}

/// The best scores of one probe.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The language of the name.
    pub language: String,
    /// Whether a channel kept from training was used.
    pub held_out: bool,
    /// Records of the docket against the same State.
    pub rivals: u32,
    /// Of a probe with a match, its margin; none where nothing is shared.
    pub partner: Option<Option<f64>>,
    /// Of a probe with a match, its band.
    pub band: Band,
    /// The best margin of any record that is no match.
    pub other: Option<f64>,
    /// The best band of any record that is no match.
    pub other_band: Band,
}

impl Trial {
    /// Makes tokens of a world under a secret of the hub, and compares.
    pub fn of(world: &World, secret: &SecretKey) -> Self {
        let hub = HubTrusted::new(secret);
        Self::under(world, &|keys| hub.tokens(keys))
    }

    /// Makes tokens of a world in any mode, and compares.
    pub fn under(world: &World, made: &dyn Fn(&[MatchKey]) -> Vec<TypedToken>) -> Self {
        let mut docket = Docket::default();
        let mut count = (0_usize, 0_usize);
        for record in &world.docket {
            let tokens = tokens(record, record_keys, made);
            count.0 += tokens.len();
            docket.add(&tokens, &countries(record));
        }
        let mut probes = Vec::new();
        for probe in &world.probes {
            let tokens = tokens(&probe.record, probe_keys, made);
            count.1 += tokens.len();
            let partner = probe
                .partner
                .and_then(|number| world.docket.get(usize::try_from(number).ok()?));
            probes.push(Asked {
                language: probe.record.language.clone(),
                held_out: probe.record.held_out || partner.is_some_and(|partner| partner.held_out),
                partner: probe.partner,
                rivals: docket.against(&countries(&probe.record)),
                evidence: docket.evidence(&tokens, &countries(&probe.record)),
            });
        }
        let mean = |sum: usize, of: usize| {
            let number = |count| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
            number(sum) / number(of).max(1.0)
        };
        Self {
            docket: u32::try_from(world.docket.len()).unwrap_or(u32::MAX),
            tokens: (
                mean(count.0, world.docket.len()),
                mean(count.1, probes.len()),
            ),
            probes,
        }
    }

    /// The best scores of each probe under these weights.
    pub fn answers(&self, weights: &Weights) -> Vec<Answer> {
        let answers = self.probes.iter().map(|asked| {
            let score = |evidence| weights.score(evidence);
            let others = asked
                .evidence
                .iter()
                .filter(|(number, _)| Some(**number) != asked.partner);
            let other = others
                .map(|(_, evidence)| score(evidence))
                .max_by(f64::total_cmp);
            let partner = asked
                .partner
                .map(|number| asked.evidence.get(&number).map(score));
            let margin = |score: f64| weights.margin(score, asked.rivals);
            let band = |score: Option<f64>| {
                score.map_or(Band::None, |score| weights.band(score, asked.rivals))
            };
            Answer {
                language: asked.language.clone(),
                held_out: asked.held_out,
                rivals: asked.rivals,
                partner: partner.map(|score| score.map(margin)),
                band: band(partner.flatten()),
                other: other.map(margin),
                other_band: band(other),
            }
        });
        answers.collect()
    }
}

fn tokens(
    record: &Record,
    keys: impl Fn(&Victim<'_>) -> Vec<MatchKey>,
    made: &dyn Fn(&[MatchKey]) -> Vec<TypedToken>,
) -> Vec<TypedToken> {
    let spellings: Vec<&str> = record.spellings.iter().map(String::as_str).collect();
    let born = PartialDate::parse(&record.born);
    let happened = PartialDate::parse(&record.happened);
    let countries = countries(record);
    made(&keys(&Victim {
        spellings: &spellings,
        born: born.as_ref(),
        happened: happened.as_ref(),
        countries: &countries,
    }))
}

fn countries(record: &Record) -> Vec<CountryCode> {
    CountryCode::parse(&record.country).into_iter().collect()
}

/// The lowest margin that at most this share of the probes without a match reaches.
pub fn threshold(answers: &[Answer], share: f64) -> f64 {
    let mut clean: Vec<f64> = answers
        .iter()
        .filter(|answer| answer.partner.is_none())
        .map(|answer| answer.other.unwrap_or(f64::NEG_INFINITY))
        .collect();
    clean.sort_by(|one, other| other.total_cmp(one));
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let allowed =
        (1..=clean.len()).take_while(|count| number(*count) <= share * number(clean.len()));
    let refused = clean
        .get(allowed.count())
        .copied()
        .unwrap_or(f64::NEG_INFINITY);
    if refused.is_finite() {
        refused.next_up()
    } else {
        f64::MIN
    }
}

/// How many of how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// So many.
    pub hits: u32,
    /// Of so many.
    pub of: u32,
}

impl Tally {
    /// Of the probes that `counts`, those with a match that scores so high.
    pub fn recall(answers: &[Answer], least: f64, counts: impl Fn(&Answer) -> bool) -> Self {
        let mut tally = Self::default();
        for answer in answers.iter().filter(|answer| counts(answer)) {
            if let Some(score) = answer.partner {
                tally.add(score.is_some_and(|score| score >= least));
            }
        }
        tally
    }

    /// Of the probes with a match, those whose match is in this band or a better one.
    pub fn found(answers: &[Answer], least: Band) -> Self {
        let matched = answers.iter().filter(|answer| answer.partner.is_some());
        Self::of(matched.map(|answer| answer.band <= least))
    }

    /// Of the probes without a match, those that raise a signal of this band or a better one.
    pub fn false_signals(answers: &[Answer], least: Band) -> Self {
        let clean = answers.iter().filter(|answer| answer.partner.is_none());
        Self::of(clean.map(|answer| answer.other_band <= least))
    }

    fn of(hits: impl Iterator<Item = bool>) -> Self {
        let mut tally = Self::default();
        hits.for_each(|hit| tally.add(hit));
        tally
    }

    fn add(&mut self, hit: bool) {
        self.of += 1;
        self.hits += u32::from(hit);
    }

    /// The share; 0 of nothing.
    pub fn share(self) -> f64 {
        f64::from(self.hits) / f64::from(self.of.max(1))
    }

    /// Wilson's interval, in which the true share is with 95 %.
    pub fn interval(self) -> (f64, f64) {
        let (of, share, z) = (f64::from(self.of.max(1)), self.share(), 1.96_f64);
        let middle = share + z * z / (2.0 * of);
        let width = z * (share * (1.0 - share) / of + z * z / (4.0 * of * of)).sqrt();
        let scale = 1.0 + z * z / of;
        (
            ((middle - width) / scale).max(0.0),
            ((middle + width) / scale).min(1.0),
        )
    }
}

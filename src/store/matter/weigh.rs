//! What a question and other dockets have in common, weighed by the pure engine.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::QueryResult;
use uuid::Uuid;

use super::{
    candidates::{Candidate, Probe},
    checks::Snapshot,
    signals::Told,
};
use crate::{
    clock::Moment,
    confidentiality::{
        channel::{Channel, Named},
        facts::CountryCode,
    },
    date::PartialDate,
    id::{MechanismId, RecordId},
    same_matter::{
        Band, Concordance, Elements, Event, Evidence, Shared, Successions, Weights, facts,
        individual, rights, state,
    },
    store::{Writer, act::ActError, writer::WriteError},
};

/// Signals that one question raises in one docket at most: the strongest.
const SIGNALS: usize = 20;

pub(super) struct Question {
    pub(super) id: RecordId,
    pub(super) mechanism: MechanismId,
    pub(super) snapshot: Snapshot,
    pub(super) due_at: Moment,
}

impl Question {
    pub(super) fn read(id: RecordId, row: &QueryResult) -> Result<Self, sea_orm::DbErr> {
        let snapshot: String = row.try_get_by_index(1)?;
        Ok(Self {
            id,
            mechanism: MechanismId(row.try_get_by_index(0)?),
            snapshot: serde_json::from_str(&snapshot).unwrap_or_default(),
            due_at: Moment::from_seconds(row.try_get_by_index(2)?),
        })
    }
}

/// What was found.
pub(super) struct Found {
    pub(super) probe: Uuid,
    pub(super) of: Candidate,
    pub(super) told: Told,
    score: f64,
}

/// What is known of the matter of an element.
#[derive(Default)]
struct About {
    countries: BTreeSet<CountryCode>,
    topics: Vec<Box<str>>,
    happened: Option<PartialDate>,
    articles: Vec<String>,
    without_authority: bool,
}

impl Writer {
    pub(super) async fn compare(
        &self,
        question: &Question,
        channels: &[Channel],
    ) -> Result<Vec<Found>, ActError> {
        let dockets: BTreeSet<Uuid> = channels.iter().map(|channel| channel.from.0).collect();
        let mut all = Vec::new();
        for ((probe, key_id), asked) in self.probes(question).await? {
            let candidates = self.candidates((&key_id, &asked), &dockets).await?;
            all.extend(
                self.weigh(question, channels, probe, &asked, candidates)
                    .await?,
            );
        }
        all.sort_by(|one, other| other.score.total_cmp(&one.score));
        // Two persons on file may have met under both secrets: it is one signal.
        let mut met = BTreeSet::new();
        all.retain(|one| met.insert((one.probe, one.of.part.0)));
        let mut counts: BTreeMap<MechanismId, usize> = BTreeMap::new();
        all.retain(|one| {
            let count = counts.entry(one.of.mechanism).or_default();
            *count += 1;
            *count <= SIGNALS
        });
        Ok(all)
    }

    async fn weigh(
        &self,
        question: &Question,
        channels: &[Channel],
        probe: Uuid,
        asked: &Probe,
        candidates: BTreeMap<Uuid, (Candidate, Vec<Uuid>)>,
    ) -> Result<Vec<Found>, ActError> {
        // Delivered with the hub: a test shows that they are well.
        let (Ok(weights), Ok(successions), Ok(concordance)) = (
            Weights::shipped(),
            Successions::shipped(),
            Concordance::shipped(),
        ) else {
            return Ok(Vec::new());
        };
        let held = self.held(candidates.keys().copied()).await?;
        let rivals = self.rivals(question, candidates.values()).await?;
        let mut holders: BTreeMap<(MechanismId, Uuid), u32> = BTreeMap::new();
        for (candidate, tokens) in candidates.values() {
            for token in tokens {
                *holders.entry((candidate.mechanism, *token)).or_default() += 1;
            }
        }
        let mut all = Vec::new();
        for (id, (candidate, tokens)) in candidates {
            let shared: Vec<Shared> = asked
                .asked
                .iter()
                .filter(|one| tokens.contains(&one.token))
                .map(|one| Shared {
                    kind: one.kind,
                    widened: one.widened,
                    holders: holders
                        .get(&(candidate.mechanism, one.token))
                        .copied()
                        .unwrap_or(1),
                })
                .collect();
            let rivals = rivals.get(&candidate.mechanism).copied().unwrap_or(1);
            let record = held.get(&id).copied().unwrap_or_default();
            let evidence = Evidence::of(&asked.held, &record, &shared, rivals);
            let score = weights.score(&evidence);
            let band = weights.band(score, rivals);
            if band == Band::None {
                continue;
            }
            let about = self.about(&candidate).await?;
            let covered = channels.iter().any(|channel| {
                channel.from == candidate.mechanism
                    && channel.countries.covers(&about.countries)
                    && (candidate.communication.is_none() || channel.topics.covers(&about.topics))
            });
            if !covered {
                continue;
            }
            let elements = elements(
                question,
                &about,
                (band, &evidence),
                (&successions, &concordance),
            );
            let own: BTreeSet<CountryCode> = codes(&question.snapshot.countries);
            let both = own.intersection(&about.countries);
            all.push(Found {
                probe,
                told: Told {
                    elements,
                    kinds: evidence.kinds.iter().copied().collect(),
                    countries: both.map(|code| code.as_str().to_owned()).collect(),
                    weights: weights.version(),
                },
                of: candidate,
                score,
            });
        }
        Ok(all)
    }

    async fn about(&self, candidate: &Candidate) -> Result<About, ActError> {
        let mut about = About::default();
        let texts = |rows: Vec<QueryResult>| {
            let texts = rows.iter().map(|row| row.try_get_by_index::<String>(0));
            texts
                .collect::<Result<Vec<_>, _>>()
                .map_err(WriteError::from)
        };
        let Some(communication) = candidate.communication else {
            let mut sql = self.sql();
            sql.push("SELECT country FROM match_country WHERE element = ");
            sql.bind(candidate.id.0);
            about.countries = codes(&texts(self.found(sql).await?)?);
            return Ok(about);
        };
        for (table, column) in [("record_country", "country"), ("record_topic", "topic")] {
            let mut sql = self.sql();
            sql.push("SELECT ").push(column).push(" FROM ").push(table);
            sql.push(" WHERE record = ").bind(communication.0);
            let found = texts(self.found(sql).await?)?;
            if column == "country" {
                about.countries = codes(&found);
            } else {
                about.topics = found.into_iter().map(String::into_boxed_str).collect();
            }
        }
        let mut sql = self.sql();
        sql.push("SELECT happened_on, articles, with_authority FROM communication WHERE id = ");
        sql.bind(communication.0);
        if let Some(row) = self.found(sql).await?.first() {
            let text = |at| row.try_get_by_index::<Option<String>>(at);
            let happened = text(0).map_err(WriteError::from)?;
            let articles = text(1).map_err(WriteError::from)?;
            let authority = row.try_get_by_index::<Option<bool>>(2);
            about.without_authority = authority.map_err(WriteError::from)? == Some(false);
            about.happened = happened.as_deref().and_then(PartialDate::parse);
            about.articles = articles
                .and_then(|text| serde_json::from_str(&text).ok())
                .unwrap_or_default();
        }
        Ok(about)
    }
}

/// The four elements: the hub has the score, the States, the day, the themes, the articles.
fn elements(
    question: &Question,
    about: &About,
    (band, evidence): (Band, &Evidence),
    (successions, concordance): (&Successions, &Concordance),
) -> Elements {
    let asked = &question.snapshot;
    let happened = asked.happened.as_deref().and_then(PartialDate::parse);
    let ours = words(&asked.topics);
    let theirs: Vec<&str> = about.topics.iter().map(AsRef::as_ref).collect();
    let event = |happened, kinds| Event {
        happened,
        place: None,
        kinds,
    };
    Elements {
        // Of the owner's own complaint, which the owner knows; of the asker's it is told nothing.
        individual: individual(band, Some(evidence), about.without_authority),
        state: state(&codes(&asked.countries), &about.countries, successions),
        facts: facts(
            event(happened.as_ref(), &ours),
            event(about.happened.as_ref(), &theirs),
        ),
        rights: rights(
            &words(&asked.articles),
            &words(&about.articles),
            concordance,
        ),
    }
}

fn words(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

fn codes(texts: &[String]) -> BTreeSet<CountryCode> {
    texts
        .iter()
        .filter_map(|code| CountryCode::parse(code))
        .collect()
}

/// Whether a clause names a State.
pub(super) fn names(countries: &Named<CountryCode>, code: &str) -> bool {
    CountryCode::parse(code).is_some_and(|code| countries.covers(&[code]))
}

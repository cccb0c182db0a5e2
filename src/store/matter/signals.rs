//! Signals: that another's question may be about a matter of one's own. The owner is told
//! first and alone, of the bands and the State, and never of who asks or of what.

use std::collections::BTreeSet;

use sea_orm::QueryResult;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::checks::OwnMatter;
use crate::{
    clock::Moment,
    id::{MechanismId, RecordId},
    identity::kind::Right,
    same_matter::{Element, ElementReason, Elements, ElsewhereStage, FoundBy, KeyKind},
    store::{
        Reader, StoreError,
        act::{Act, ActError, not_found},
        writer::WriteError,
    },
    vocabulary::{OwnersAnswer, SignalStatus, codes::Coded},
};

/// Signals that are told at once at most.
const TOLD: i64 = 200;

/// What a signal says of the two matters: bands, and what has met.
#[derive(Clone, Debug)]
pub struct Told {
    /// The four elements.
    pub elements: Elements,
    /// The kinds of keys that have met.
    pub kinds: Vec<KeyKind>,
    /// The States that both are against.
    pub countries: Vec<String>,
    /// The version of the weights.
    pub weights: u32,
}

#[derive(Serialize, Deserialize)]
struct StoredElement {
    band: String,
    found_by: String,
    reasons: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    individual: StoredElement,
    state: StoredElement,
    facts: StoredElement,
    rights: StoredElement,
    kinds: Vec<String>,
    countries: Vec<String>,
    weights: u32,
}

fn put<B: Coded>(element: &Element<B>) -> StoredElement {
    let reasons = element.reasons.iter();
    StoredElement {
        band: element.band.code().to_owned(),
        found_by: element.found_by.code().to_owned(),
        reasons: reasons.map(|reason| reason.code().to_owned()).collect(),
    }
}

fn take<B: Coded>(stored: &StoredElement) -> Option<Element<B>> {
    let reasons = stored.reasons.iter();
    let reasons: BTreeSet<ElementReason> = reasons
        .filter_map(|code| ElementReason::from_code(code))
        .collect();
    Some(Element {
        band: B::from_code(&stored.band)?,
        found_by: FoundBy::from_code(&stored.found_by)?,
        reasons,
    })
}

impl Told {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let stored: Stored = serde_json::from_str(text).ok()?;
        let kinds = stored.kinds.iter();
        Some(Self {
            elements: Elements {
                individual: take(&stored.individual)?,
                state: take(&stored.state)?,
                facts: take(&stored.facts)?,
                rights: take(&stored.rights)?,
            },
            kinds: kinds.filter_map(|code| KeyKind::from_code(code)).collect(),
            countries: stored.countries,
            weights: stored.weights,
        })
    }

    pub(super) fn text(&self) -> String {
        let kinds = self.kinds.iter();
        let stored = Stored {
            individual: put(&self.elements.individual),
            state: put(&self.elements.state),
            facts: put(&self.elements.facts),
            rights: put(&self.elements.rights),
            kinds: kinds.map(|kind| kind.code().to_owned()).collect(),
            countries: self.countries.clone(),
            weights: self.weights,
        };
        serde_json::json!(stored).to_string()
    }
}

/// The procedural facts that an owner gives with an overlap, and nothing beyond them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Procedural {
    /// How the matter stands there.
    pub stage: ElsewhereStage,
    /// In which month it was registered there.
    pub registered: Option<String>,
}

impl Procedural {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (stage, registered): (String, Option<String>) = serde_json::from_str(text).ok()?;
        let stage = ElsewhereStage::from_code(&stage)?;
        Some(Self { stage, registered })
    }

    fn text(&self) -> String {
        serde_json::json!((self.stage.code(), &self.registered)).to_string()
    }
}

/// A signal, as the owner is told of it.
#[derive(Clone, Debug)]
pub struct Signal {
    /// Its id.
    pub id: RecordId,
    /// The matter of one's own.
    pub matter: OwnMatter,
    /// The person, where it is one on file.
    pub person: Option<RecordId>,
    /// What was found.
    pub told: Told,
    /// When.
    pub raised_at: Moment,
    /// Until when it waits for an answer.
    pub due_at: Moment,
    /// Where it stands.
    pub status: SignalStatus,
    /// What was answered.
    pub answer: Option<OwnersAnswer>,
    /// The procedural facts that were given with it.
    pub procedural: Option<Procedural>,
    /// Who has asked, once the owner has confirmed an overlap.
    pub asked_by: Option<MechanismId>,
}

/// An owner's answer.
pub struct Given {
    /// The answer.
    pub answer: OwnersAnswer,
    /// The procedural facts, where matters overlap.
    pub procedural: Option<Procedural>,
}

impl Act {
    /// A signal on a matter of the viewer's own mechanism that waits for an answer.
    ///
    /// # Errors
    /// Refuses a token without the right; what is not there, and another's, alike; one that
    /// was answered or is over.
    pub async fn signal(&self, id: Option<RecordId>) -> Result<Signal, ActError> {
        self.writer.warrant.may(Right::MatchAnswer)?;
        let own = self.of_own_docket()?;
        let id = id.ok_or_else(not_found)?;
        let mut sql = self.writer.sql();
        sql.push(SELECT).push(" WHERE s.id = ").bind(id.0);
        sql.push(" AND s.mechanism = ").bind(own.0).push(THERE);
        let rows = self.rows(sql).await?;
        let now = self.writer.at;
        let found = rows.first().map(|row| read(row, now)).transpose();
        let found = found.map_err(WriteError::from)?.flatten();
        found.ok_or_else(not_found)
    }

    /// Answers a signal. Who has asked is told of an overlap at the due date, of anything
    /// else never.
    ///
    /// # Errors
    /// Refuses one that was answered or is over.
    pub async fn answer_signal(&mut self, signal: &Signal, given: &Given) -> Result<(), ActError> {
        if signal.status != SignalStatus::Waiting {
            return Err(ActError::conflict("the signal does not wait any more"));
        }
        let told = given.procedural.as_ref().map(Procedural::text);
        let mut sql = self.writer.sql();
        sql.push("UPDATE same_matter_signal SET answer = ");
        sql.bind(given.answer.code());
        sql.push(", told = ").bind(told);
        sql.push(", holder = ");
        sql.bind(self.writer.warrant.actor().subject.as_str());
        sql.push(", answered_at = ").bind(self.writer.at.seconds());
        sql.push(" WHERE id = ").bind(signal.id.0);
        self.writer.run(sql).await?;
        self.about_matter(signal.matter);
        Ok(())
    }
}

impl Reader {
    /// The signals on matters of the viewer's own mechanism, the latest first.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn same_matter_signals(&self) -> Result<Vec<Signal>, StoreError> {
        let Some(own) = self.matches(Right::MatchAnswer) else {
            return Ok(Vec::new());
        };
        let mut sql = self.store().sql();
        sql.push(if planted!(AskerBeforeOverlap) {
            SELECT_NAMED
        } else {
            SELECT
        });
        sql.push(" WHERE (s.mechanism = ").bind(own.0);
        if planted!(SignalToAsker) {
            sql.push(" OR c.mechanism = ").bind(own.0);
        }
        sql.push(")").push(THERE);
        sql.push(" ORDER BY s.raised_at DESC, s.id LIMIT ");
        sql.number(TOLD);
        let now = self.viewer().now();
        let rows = self.store().all(sql).await?;
        let found = rows.iter().map(|row| read(row, now));
        let found = found.collect::<Result<Vec<_>, _>>()?;
        Ok(found.into_iter().flatten().collect())
    }
}

const SELECT: &str = "SELECT s.id, s.communication, s.matter, s.person, s.signal, s.raised_at, \
                      s.due_at, s.answer, s.told, \
                      CASE WHEN s.answer = 'OVERLAP' THEN c.mechanism END \
                      FROM same_matter_signal s LEFT JOIN same_matter_check c ON c.id = s.check_id \
                      LEFT JOIN communication k ON k.id = s.communication";
/// The same, with who has asked whatever was answered: for a planted leak alone.
const SELECT_NAMED: &str = "SELECT s.id, s.communication, s.matter, s.person, s.signal, \
                            s.raised_at, s.due_at, s.answer, s.told, c.mechanism \
                            FROM same_matter_signal s \
                            LEFT JOIN same_matter_check c ON c.id = s.check_id \
                            LEFT JOIN communication k ON k.id = s.communication";
/// What was retired is told of no more.
const THERE: &str = " AND (s.communication IS NULL OR k.retired_at IS NULL)";

fn read(row: &QueryResult, now: Moment) -> Result<Option<Signal>, sea_orm::DbErr> {
    let communication: Option<Uuid> = row.try_get_by_index(1)?;
    let blind: Option<Uuid> = row.try_get_by_index(2)?;
    let matter = match (communication, blind) {
        (Some(id), _) => OwnMatter::Communication(RecordId(id)),
        (None, Some(id)) => OwnMatter::Blind(RecordId(id)),
        (None, None) => return Ok(None),
    };
    let signal: String = row.try_get_by_index(4)?;
    let Some(told) = Told::parse(&signal) else {
        return Ok(None);
    };
    let due_at = Moment::from_seconds(row.try_get_by_index(6)?);
    let answer: Option<String> = row.try_get_by_index(7)?;
    let answer = answer.as_deref().and_then(OwnersAnswer::from_code);
    let procedural: Option<String> = row.try_get_by_index(8)?;
    Ok(Some(Signal {
        id: RecordId(row.try_get_by_index(0)?),
        matter,
        person: row.try_get_by_index::<Option<Uuid>>(3)?.map(RecordId),
        told,
        raised_at: Moment::from_seconds(row.try_get_by_index(5)?),
        due_at,
        status: match answer {
            Some(_) => SignalStatus::Answered,
            None if due_at <= now => SignalStatus::Over,
            None => SignalStatus::Waiting,
        },
        answer,
        procedural: procedural.as_deref().and_then(Procedural::parse),
        asked_by: row.try_get_by_index::<Option<Uuid>>(9)?.map(MechanismId),
    }))
}

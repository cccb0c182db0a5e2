//! Two matters side by side: by the word of both secretariats, for 14 days, each opening on
//! record with both.

use sea_orm::QueryResult;
use uuid::Uuid;

use super::{
    checks::opens,
    signals::{Procedural, Told},
};
use crate::{
    clock::Moment,
    communication::Person,
    confidentiality::{Domain, FieldSet, channel::Channel, grant::Grant},
    id::{MechanismId, RecordId},
    identity::{
        kind::{Kind, Right},
        purpose::PurposeCode,
    },
    same_matter::ElsewhereStage,
    store::{
        Reader, StoreError,
        act::{Act, ActError, RefusalCode, not_found},
        sql::Sql,
        standing::{On, sealed_fields},
        writer::WriteError,
    },
    vocabulary::{CommunicationStatus, OwnersAnswer, codes::Coded},
};

/// Seconds for which both may look: 14 days.
const OPEN: i64 = 14 * 24 * 3_600;

/// On what a secretariat's word rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// The consent of the person concerned to a disclosure to the other, as it is on file.
    Consent,
    /// A legal basis, which the act's entry in the log gives in words.
    Basis,
}

/// An overlap that its owner has confirmed, as one of the two sees it.
#[derive(Clone, Copy, Debug)]
pub struct Overlap {
    /// Its id.
    pub id: RecordId,
    /// The other secretariat.
    other: MechanismId,
    own_communication: Option<RecordId>,
    other_communication: Option<RecordId>,
    own_person: Option<RecordId>,
}

/// What is told of one of the two matters.
#[derive(Clone, Debug)]
pub struct Side {
    /// The secretariat.
    pub mechanism: MechanismId,
    /// The communication.
    pub communication: RecordId,
    /// The person.
    pub person: Option<RecordId>,
    /// How it stands there, and in which month it was registered.
    pub procedural: Procedural,
    /// When what it is about happened.
    pub happened: Option<String>,
    /// The States.
    pub countries: Vec<String>,
    /// Themes.
    pub topics: Vec<String>,
    /// Articles invoked.
    pub articles: Vec<String>,
}

impl Act {
    /// A confirmed overlap that the viewer's mechanism has a part in.
    ///
    /// # Errors
    /// Refuses what is not there, what is not confirmed, and others', alike.
    pub async fn overlap(&self, id: Option<RecordId>) -> Result<Overlap, ActError> {
        let own = self.of_own_docket()?;
        let id = id.ok_or_else(not_found)?;
        let mut sql = self.writer.sql();
        overlap(&mut sql, (id, own), self.writer.at);
        let rows = self.rows(sql).await?;
        let row = rows.first().ok_or_else(not_found)?;
        let on = On {
            store: self.reader().store(),
            connection: self.writer.transaction(),
        };
        // A clause that has ended, or was suspended, opens nothing that rested on it.
        let (owner, asker) = parties(row).map_err(WriteError::from)?;
        let channels = on.comparable(asker, self.writer.at).await?;
        if !is_opened(&channels, row).map_err(WriteError::from)? {
            return Err(not_found());
        }
        // Nor does what came back with a restore, before it was looked at.
        let viewer = self.reader().viewer();
        if viewer.waits_for(&[owner]) || viewer.waits_for(&[asker]) {
            return Err(not_found());
        }
        let read = || {
            let one = |at| {
                let id = row.try_get_by_index::<Option<Uuid>>(at)?;
                Ok::<_, sea_orm::DbErr>(id.map(RecordId))
            };
            let (theirs, asked) = (one(2)?, one(3)?);
            let (person, probe) = (one(4)?, one(5)?);
            Ok::<_, sea_orm::DbErr>(if owner == own {
                (true, asker, theirs, asked, person)
            } else {
                (false, owner, asked, theirs, probe)
            })
        };
        let (owner, other, ours, theirs, person) = read().map_err(WriteError::from)?;
        let right = if owner {
            Right::MatchAnswer
        } else {
            Right::MatchQuery
        };
        // Who is told of no overlap is not told by a refusal that there is one.
        self.writer.warrant.may(right).map_err(|_| not_found())?;
        Ok(Overlap {
            id,
            other,
            own_communication: ours,
            other_communication: theirs,
            own_person: person,
        })
    }

    /// Gives the own mechanism's word that an overlap is looked at side by side.
    ///
    /// # Errors
    /// Refuses consent that is not on file, and a matter that has no communication here.
    pub async fn agree_side(&mut self, overlap: &Overlap, word: Word) -> Result<(), ActError> {
        let own = self.of_own_docket()?;
        let basis = match word {
            // What it is lies sealed in the log, with the act's entry, and nowhere else.
            Word::Basis => "LEGAL_BASIS",
            Word::Consent => {
                if !self.is_consented(overlap).await? {
                    let sentence = "the person has not consented to a disclosure to the other \
                                    mechanism for this purpose";
                    return Err(ActError::conflict(sentence));
                }
                "CONSENT"
            }
        };
        if overlap.own_communication.is_none() || overlap.other_communication.is_none() {
            let sentence = "of a matter without names there is nothing to be looked at here";
            return Err(ActError::conflict(sentence));
        }
        let mut sql = self.writer.sql();
        sql.push("DELETE FROM side_by_side WHERE signal = ")
            .bind(overlap.id.0);
        sql.push(" AND mechanism = ").bind(own.0);
        self.writer.run(sql).await?;
        let row = vec![
            overlap.id.0.into(),
            own.0.into(),
            self.writer.warrant.actor().subject.as_str().into(),
            basis.into(),
            self.writer.at.seconds().into(),
        ];
        let columns = ["signal", "mechanism", "subject", "basis", "at"];
        self.writer.insert("side_by_side", &columns, row).await?;
        self.about_both(overlap, false);
        Ok(())
    }

    /// Puts on record, with both, that an overlap is looked at.
    ///
    /// # Errors
    /// Refuses while one of the two has not given its word, and after 14 days.
    pub async fn open_side(&mut self, overlap: &Overlap) -> Result<(), ActError> {
        let mut sql = self.writer.sql();
        words(&mut sql, overlap.id);
        let rows = self.rows(sql).await?;
        let open = is_open(&rows, self.writer.at).map_err(WriteError::from)?;
        if !open {
            let sentence = "it takes the word of both secretariats, and is open for 14 days";
            return Err(RefusalCode::Conflict.says(sentence).into());
        }
        self.about_both(overlap, true);
        Ok(())
    }

    fn about_both(&mut self, overlap: &Overlap, other: bool) {
        let other = overlap.other_communication.filter(|_| other);
        let both = overlap.own_communication.into_iter().chain(other);
        let both = both.map(|id| (Kind::Communication, id));
        self.writer.written.extend(both);
    }

    async fn is_consented(&self, overlap: &Overlap) -> Result<bool, ActError> {
        let Some(person) = overlap.own_person else {
            return Ok(false);
        };
        let now = self.writer.at;
        let sealed = Person::RULES.iter().map(|rule| rule.name.to_owned());
        let sealed: Vec<String> = sealed.collect();
        let leave = self
            .resting(Grant {
                person,
                mechanism: overlap.other,
                fields: sealed_fields(&sealed),
                purposes: vec![PurposeCode::SameMatter],
                from: now,
                until: now.plus_seconds(1),
                consents: Vec::new(),
            })
            .await?;
        Ok(leave.consented(PurposeCode::SameMatter, now) != FieldSet::NONE)
    }
}

impl Reader {
    /// The two sides of an overlap, the own first. Only an act that has put it on record
    /// asks for them.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn sides(&self, id: RecordId) -> Result<Vec<Side>, StoreError> {
        let Some(own) = self.viewer().mechanism() else {
            return Ok(Vec::new());
        };
        let mut sql = self.store().sql();
        overlap(&mut sql, (id, own), self.viewer().now());
        let rows = self.store().all(sql).await?;
        let Some(row) = rows.first() else {
            return Ok(Vec::new());
        };
        let (_, asker) = parties(row)?;
        if !is_opened(&self.comparable(asker).await?, row)? {
            return Ok(Vec::new());
        }
        let mut sql = self.store().sql();
        words(&mut sql, id);
        if !is_open(&self.store().all(sql).await?, self.viewer().now())? {
            return Ok(Vec::new());
        }
        let mut sides = Vec::new();
        for (mechanism, communication, person) in [(0, 2, 4), (1, 3, 5)] {
            let mechanism = MechanismId(row.try_get_by_index(mechanism)?);
            let communication: Option<Uuid> = row.try_get_by_index(communication)?;
            let person: Option<Uuid> = row.try_get_by_index(person)?;
            if let Some(communication) = communication {
                let of = (mechanism, RecordId(communication), person.map(RecordId));
                sides.extend(self.side(of).await?);
            }
        }
        sides.sort_by_key(|side| side.mechanism != own);
        Ok(sides)
    }

    async fn side(
        &self,
        (mechanism, communication, person): (MechanismId, RecordId, Option<RecordId>),
    ) -> Result<Option<Side>, StoreError> {
        let store = self.store();
        let mut sql = store.sql();
        sql.push("SELECT status, registered_on, happened_on, articles FROM communication ");
        sql.push("WHERE retired_at IS NULL AND id = ")
            .bind(communication.0);
        let rows = store.all(sql).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let text = |at| row.try_get_by_index::<Option<String>>(at);
        let (status, registered) = (text(0)?, text(1)?);
        let articles = text(3)?.and_then(|text| serde_json::from_str(&text).ok());
        let mut lists = [Vec::new(), Vec::new()];
        let tables = [("record_country", "country"), ("record_topic", "topic")];
        for (list, (table, column)) in lists.iter_mut().zip(tables) {
            let mut sql = store.sql();
            sql.push("SELECT ").push(column).push(" FROM ").push(table);
            sql.push(" WHERE record = ").bind(communication.0);
            sql.push(" ORDER BY ").push(column);
            for row in store.all(sql).await? {
                list.push(row.try_get_by_index(0)?);
            }
        }
        let [countries, topics] = lists;
        Ok(Some(Side {
            mechanism,
            communication,
            person,
            procedural: Procedural::of(
                status.as_deref().and_then(CommunicationStatus::from_code),
                registered.as_deref(),
            ),
            happened: text(2)?,
            countries,
            topics,
            articles: articles.unwrap_or_default(),
        }))
    }
}

/// Whose the matter is that was found, and who has asked.
fn parties(row: &QueryResult) -> Result<(MechanismId, MechanismId), sea_orm::DbErr> {
    Ok((
        MechanismId(row.try_get_by_index(0)?),
        MechanismId(row.try_get_by_index(1)?),
    ))
}

/// Whether a clause in force opens the overlap to who has asked.
fn is_opened(channels: &[Channel], row: &QueryResult) -> Result<bool, sea_orm::DbErr> {
    let signal: String = row.try_get_by_index(6)?;
    let (owner, _) = parties(row)?;
    Ok(Told::parse(&signal).is_some_and(|told| opens(channels, owner, &told.countries)))
}

/// When each of the two has given its word.
fn words(sql: &mut Sql, id: RecordId) {
    sql.push("SELECT at FROM side_by_side WHERE signal = ")
        .bind(id.0);
}

/// Whether both have, and the later of the two not too long ago.
fn is_open(words: &[QueryResult], now: Moment) -> Result<bool, sea_orm::DbErr> {
    let words = words.iter().map(|row| row.try_get_by_index::<i64>(0));
    let words = words.collect::<Result<Vec<_>, _>>()?;
    let since = words.iter().max().copied().unwrap_or_default();
    Ok(words.len() == 2 && now.seconds() < since.saturating_add(OPEN))
}

/// An overlap in which a mechanism has a part; to who has asked, from the due date on.
fn overlap(sql: &mut Sql, (id, own): (RecordId, MechanismId), now: Moment) {
    sql.push(
        "SELECT s.mechanism, c.mechanism, s.communication, c.communication, s.person, e.person, \
         s.signal FROM same_matter_signal s JOIN same_matter_check c ON c.id = s.check_id \
         LEFT JOIN match_element e ON e.id = s.probe \
         LEFT JOIN communication k ON k.id = s.communication \
         LEFT JOIN communication l ON l.id = c.communication \
         WHERE (s.communication IS NULL OR k.retired_at IS NULL) \
         AND (c.communication IS NULL OR l.retired_at IS NULL) AND s.answer = ",
    );
    sql.bind(OwnersAnswer::Overlap.code());
    sql.push(" AND s.id = ").bind(id.0);
    sql.push(" AND (s.mechanism = ").bind(own.0);
    sql.push(" OR (c.mechanism = ").bind(own.0);
    sql.push(" AND c.due_at <= ").bind(now.seconds()).push("))");
}

impl Procedural {
    /// The procedural facts of a communication.
    pub fn of(status: Option<CommunicationStatus>, registered: Option<&str>) -> Self {
        Self {
            stage: status.map_or(ElsewhereStage::Unknown, stage),
            // The month, and no more: a day would single a docket's entry out.
            registered: registered
                .and_then(|on| on.get(..on.len().min(7)))
                .map(str::to_owned),
        }
    }
}

/// How a matter of this status stands, in the words of the rules.
fn stage(status: CommunicationStatus) -> ElsewhereStage {
    use CommunicationStatus as Status;
    match status {
        Status::Received
        | Status::InformationRequested
        | Status::Registered
        | Status::TransmittedToState
        | Status::AdmissibilityPending
        | Status::AdmissibilitySplit
        | Status::Admissible
        | Status::PartlyAdmissible
        | Status::MeritsPending
        | Status::Hearing
        | Status::Joined
        | Status::Suspended
        | Status::ReferredToCourt => ElsewhereStage::Pending,
        Status::DecidedViolation
        | Status::DecidedNoViolation
        | Status::DecidedPartly
        | Status::FollowUpOngoing
        | Status::FollowUpClosedSatisfactory
        | Status::FollowUpClosedPartial
        | Status::FollowUpClosedNonSatisfactory
        | Status::FollowUpSuspended => ElsewhereStage::Decided,
        Status::FriendlySettlement | Status::UnilateralDeclaration => ElsewhereStage::Settled,
        Status::Discontinued | Status::Withdrawn | Status::StruckOut => {
            ElsewhereStage::Discontinued
        }
        // Whether its substance was looked at is for an officer to say.
        Status::Inadmissible | Status::NotRegistered | Status::Archived => ElsewhereStage::Unknown,
    }
}

//! Questions whether another mechanism holds the same matter: put for a registered
//! communication of one's own, and answered at the due date, whatever was found.

use sea_orm::QueryResult;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::signals::{Procedural, Told};
use crate::{
    clock::Moment,
    confidentiality::{Level, channel::Channel, facts::CountryCode, warrant::WriteRefused},
    id::{MechanismId, RecordId},
    identity::{
        kind::{Kind, Right},
        viewer::Viewer,
    },
    journal::EntryKind,
    same_matter::NORMALISATION,
    store::{
        Reader, Store, StoreError,
        act::{Act, ActError, RefusalCode},
        standing::On,
        writer::WriteError,
    },
    vocabulary::{OwnersAnswer, SameMatterStatus, codes::Coded},
};

/// Persons whom one question compares.
const ELEMENTS: usize = 128;
/// What is read whole by who asks and answers: a question counts persons, a signal names one.
const DOCKET: [Kind; 2] = [Kind::Communication, Kind::Person];
/// Questions that are told at once at most.
const TOLD: i64 = 100;

/// What a question is about: a matter of the asker's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnMatter {
    /// A registered communication.
    Communication(RecordId),
    /// A matter whose names are not on the hub.
    Blind(RecordId),
}

impl OwnMatter {
    pub(super) const fn key(self) -> (&'static str, RecordId) {
        match self {
            Self::Communication(id) => ("communication", id),
            Self::Blind(id) => ("matter", id),
        }
    }
}

/// What a question was put with; it is never changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The elements: one for each person who is compared.
    pub elements: Vec<Uuid>,
    /// The States.
    pub countries: Vec<String>,
    /// When what it is about happened.
    pub happened: Option<String>,
    /// When it was registered.
    pub registered: Option<String>,
    /// Articles invoked.
    pub articles: Vec<String>,
    /// Themes.
    pub topics: Vec<String>,
}

/// A question, as it is put.
pub struct NewCheck {
    /// Its id.
    pub id: RecordId,
    /// About which matter.
    pub matter: OwnMatter,
    /// With what.
    pub snapshot: Snapshot,
    /// When it is answered.
    pub due_at: Moment,
}

/// A question, as who has put it is told.
#[derive(Clone, Debug)]
pub struct Check {
    /// Its id.
    pub id: RecordId,
    /// About which matter.
    pub matter: OwnMatter,
    /// Which version of the matter: another is one of other persons, States or dates.
    pub version: i64,
    /// With what.
    pub snapshot: Snapshot,
    /// The officer who has asked.
    pub holder: String,
    /// When.
    pub asked_at: Moment,
    /// When it is answered.
    pub due_at: Moment,
    /// Where it stands.
    pub status: SameMatterStatus,
    /// Overlaps that their owners have confirmed; none before the due date.
    pub overlaps: Vec<Confirmed>,
}

/// An overlap that its owner has confirmed.
#[derive(Clone, Debug)]
pub struct Confirmed {
    /// Its id.
    pub id: RecordId,
    /// The mechanism.
    pub mechanism: MechanismId,
    /// What was found.
    pub told: Told,
    /// How the matter stands there.
    pub procedural: Procedural,
}

impl Act {
    /// Whether the viewer may put questions for their mechanism, which is told.
    ///
    /// # Errors
    /// Refuses a token without the right, and one that does not read the own docket whole.
    pub fn may_ask(&self) -> Result<MechanismId, ActError> {
        self.writer.warrant.may(Right::MatchQuery)?;
        self.of_own_docket()
    }

    pub(super) fn of_own_docket(&self) -> Result<MechanismId, ActError> {
        let viewer = self.reader().viewer();
        let own = viewer.mechanism().ok_or(WriteRefused::TokenNeeded)?;
        for kind in DOCKET {
            if !viewer.reads_all_of_own(kind) {
                let sentence = format!(
                    "it takes `read:{kind}@{}`, without limits",
                    Level::Secretariat
                );
                return Err(RefusalCode::Forbidden.says(sentence).into());
            }
        }
        Ok(own)
    }

    /// The elements of a matter under today's version, in order.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn elements_of(&self, matter: OwnMatter) -> Result<Vec<Uuid>, ActError> {
        let (key, id) = matter.key();
        let mut sql = self.writer.sql();
        sql.push("SELECT e.id FROM match_element e WHERE e.")
            .push(key);
        sql.push(" = ").bind(id.0);
        sql.push(" AND e.normalisation = ").bind(NORMALISATION);
        if let OwnMatter::Communication(_) = matter {
            sql.push(" AND e.key_id = ");
            sql.bind(self.reader().store().keys().matching().id());
            sql.push(
                " AND EXISTS (SELECT 1 FROM communication_person p JOIN person q \
                 ON q.id = p.person_id WHERE p.id = e.id AND p.retired_at IS NULL \
                 AND q.retired_at IS NULL AND q.erased_at IS NULL)",
            );
        }
        sql.push(" ORDER BY e.id");
        let rows = self.rows(sql).await?;
        let ids = rows.iter().map(|row| row.try_get_by_index(0));
        Ok(ids.collect::<Result<_, _>>().map_err(WriteError::from)?)
    }

    /// Puts a question, and says nothing of what there is. The hub compares afterwards.
    ///
    /// # Errors
    /// Refuses more than may be asked, of one matter and of a mechanism a day; and where no
    /// clause in force lets the mechanism ask anybody.
    pub async fn ask_same_matter(&mut self, check: &NewCheck) -> Result<(), ActError> {
        let own = self.may_ask()?;
        let now = self.writer.at;
        if check.snapshot.elements.is_empty() {
            let sentence = "no person of this matter can be compared: `liaison match backfill` \
                            makes the tokens of persons who are on file already";
            return Err(ActError::conflict(sentence));
        }
        if check.snapshot.elements.len() > ELEMENTS {
            let sentence = format!("a question compares at most {ELEMENTS} persons");
            return Err(RefusalCode::Conflict.says(sentence).into());
        }
        let on = On {
            store: self.reader().store(),
            connection: self.writer.transaction(),
        };
        let channels = on.comparable(own, now).await?;
        let named = |channel: &Channel| {
            let mut countries = check.snapshot.countries.iter();
            countries.any(|code| super::weigh::names(&channel.countries, code))
        };
        if !channels.iter().any(named) {
            let sentence = "no agreement in force has a clause by which another mechanism is \
                            asked about this State";
            return Err(ActError::conflict(sentence));
        }
        let version = self.version_of(check).await?;
        let tokens = self.tokens_of(&check.snapshot.elements).await?;
        self.within_the_day(own, tokens).await?;
        let (communication, blind) = match check.matter {
            OwnMatter::Communication(id) => (Some(id.0), None),
            OwnMatter::Blind(id) => (None, Some(id.0)),
        };
        let snapshot = serde_json::json!(check.snapshot).to_string();
        let row = vec![
            check.id.0.into(),
            own.0.into(),
            communication.into(),
            blind.into(),
            version.into(),
            snapshot.into(),
            tokens.into(),
            self.writer.warrant.actor().subject.as_str().into(),
            now.seconds().into(),
            check.due_at.seconds().into(),
        ];
        let columns = [
            "id",
            "mechanism",
            "communication",
            "matter",
            "version",
            "snapshot",
            "tokens",
            "holder",
            "asked_at",
            "due_at",
        ];
        let table = "same_matter_check";
        self.writer.insert(table, &columns, row).await?;
        self.about_matter(check.matter);
        Ok(())
    }

    /// Says in the log which communication the act is about.
    pub(super) fn about_matter(&mut self, matter: OwnMatter) {
        if let OwnMatter::Communication(id) = matter {
            self.writer.written.push((Kind::Communication, id));
        }
    }
}

impl Store {
    /// Puts on record that a question was refused.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn note_refused_check(
        &self,
        viewer: &Viewer,
        matter: OwnMatter,
    ) -> Result<(), WriteError> {
        let warrant = crate::confidentiality::warrant::Warrant::of(viewer)?;
        let mut writer = self.begin(warrant, viewer.now()).await?;
        writer.deed.kind = Some(EntryKind::SameMatterRefuse);
        if let OwnMatter::Communication(id) = matter {
            writer.deed.record = Some(id);
            writer.written.push((Kind::Communication, id));
        }
        writer.commit().await?;
        Ok(())
    }
}

impl Reader {
    /// The questions of the viewer's mechanism, the latest first, as they stand now.
    ///
    /// Three statements, whatever there is.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn same_matter_checks(&self) -> Result<Vec<Check>, StoreError> {
        let Some(own) = self.matches(Right::MatchQuery) else {
            return Ok(Vec::new());
        };
        let mut sql = self.store().sql();
        sql.push("SELECT id, communication, matter, ");
        sql.push(if planted!(ChecksOfOthersCounted) {
            "(SELECT COUNT(*) FROM same_matter_check)"
        } else {
            "version"
        });
        sql.push(", snapshot, holder, asked_at, due_at FROM same_matter_check WHERE mechanism = ");
        sql.bind(own.0);
        sql.push(" ORDER BY asked_at DESC, id LIMIT ").number(TOLD);
        let rows = self.store().all(sql).await?;
        let now = self.viewer().now();
        let mut checks = Vec::with_capacity(rows.len());
        for row in &rows {
            checks.extend(check(row, now)?);
        }
        let mut sql = self.store().sql();
        sql.push(
            "SELECT s.check_id, s.id, s.mechanism, s.signal, s.told FROM same_matter_signal s \
             JOIN same_matter_check c ON c.id = s.check_id \
             LEFT JOIN communication k ON k.id = s.communication \
             WHERE (s.communication IS NULL OR k.retired_at IS NULL) AND c.mechanism = ",
        );
        sql.bind(own.0);
        // Evaluated when read: before its time an answer is none, and later none is taken.
        if !planted!(AnsweredBeforeDue) {
            sql.push(" AND c.due_at <= ").bind(now.seconds());
        }
        sql.push(" AND s.answer = ")
            .bind(OwnersAnswer::Overlap.code());
        sql.push(" ORDER BY s.id");
        // Without the clause an answer is none, whenever it was given.
        let open = self.comparable(own).await?;
        for row in self.store().all(sql).await? {
            let id = RecordId(row.try_get_by_index(0)?);
            let Some(confirmed) = confirmed(&row)? else {
                continue;
            };
            if !opens(&open, confirmed.mechanism, &confirmed.told.countries) {
                continue;
            }
            if let Some(check) = checks.iter_mut().find(|check| check.id == id) {
                check.status = SameMatterStatus::OverlapConfirmed;
                check.overlaps.push(confirmed);
            }
        }
        Ok(checks)
    }

    /// The clauses in force that open dockets to the questions of a mechanism, now; none of
    /// what came back with a restore and was not looked at yet.
    pub(super) async fn comparable(&self, asker: MechanismId) -> Result<Vec<Channel>, StoreError> {
        let on = On {
            store: self.store(),
            connection: &self.store().inner.read,
        };
        let viewer = self.viewer();
        let mut channels = on.comparable(asker, viewer.now()).await?;
        channels
            .retain(|channel| !viewer.waits_for(&[channel.from]) && !viewer.waits_for(&[asker]));
        Ok(channels)
    }

    /// The viewer's mechanism, where the viewer has a right of the same-matter check and
    /// reads the own docket whole.
    pub(super) fn matches(&self, right: Right) -> Option<MechanismId> {
        let viewer = self.viewer();
        let (own, standing) = (viewer.mechanism()?, viewer.standing()?);
        let may = standing.scopes().holds(right)
            && viewer.stands()
            && DOCKET.iter().all(|kind| viewer.reads_all_of_own(*kind));
        may.then_some(own)
    }
}

/// Whether a clause opens what was found in a docket, and is against these States, to
/// questions: one that names other States does not.
pub(super) fn opens(channels: &[Channel], owner: MechanismId, countries: &[String]) -> bool {
    let codes: Vec<CountryCode> = countries
        .iter()
        .filter_map(|code| CountryCode::parse(code))
        .collect();
    channels.iter().any(|channel| {
        // Where one State has succeeded another, both may be against none in common.
        channel.from == owner && (codes.is_empty() || channel.countries.covers(&codes))
    })
}

fn check(row: &QueryResult, now: Moment) -> Result<Option<Check>, sea_orm::DbErr> {
    let communication: Option<Uuid> = row.try_get_by_index(1)?;
    let blind: Option<Uuid> = row.try_get_by_index(2)?;
    let snapshot: String = row.try_get_by_index(4)?;
    let matter = match (communication, blind) {
        (Some(id), _) => OwnMatter::Communication(RecordId(id)),
        (None, Some(id)) => OwnMatter::Blind(RecordId(id)),
        (None, None) => return Ok(None),
    };
    let due_at = Moment::from_seconds(row.try_get_by_index(7)?);
    Ok(Some(Check {
        id: RecordId(row.try_get_by_index(0)?),
        matter,
        version: row.try_get_by_index(3)?,
        snapshot: serde_json::from_str(&snapshot).unwrap_or_default(),
        holder: row.try_get_by_index(5)?,
        asked_at: Moment::from_seconds(row.try_get_by_index(6)?),
        due_at,
        status: if now < due_at {
            SameMatterStatus::Open
        } else {
            SameMatterStatus::NoOverlapReported
        },
        overlaps: Vec::new(),
    }))
}

fn confirmed(row: &QueryResult) -> Result<Option<Confirmed>, sea_orm::DbErr> {
    let signal: String = row.try_get_by_index(3)?;
    let told: Option<String> = row.try_get_by_index(4)?;
    let read = Told::parse(&signal).zip(told.as_deref().and_then(Procedural::parse));
    let Some((told, procedural)) = read else {
        return Ok(None);
    };
    Ok(Some(Confirmed {
        id: RecordId(row.try_get_by_index(1)?),
        mechanism: MechanismId(row.try_get_by_index(2)?),
        told,
        procedural,
    }))
}

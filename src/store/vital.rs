//! Overrides of consent for a vital interest: found by two officers, for 72 hours.
//!
//! What waits for its second officer lapses after a day. What has lapsed, was refused or is
//! over is not there any more; the log keeps that it was.

use sea_orm::QueryResult;

use super::{
    Reader, StoreError,
    act::{Act, ActError, RefusalCode, not_found},
    changes::within,
    consent::NewWord,
    grants::Given,
    sql::Sql,
    standing::sealed_fields,
    writer::WriteError,
};
use crate::{
    clock::Moment,
    communication::Person,
    confidentiality::{
        FieldSet, Known, Level,
        grant::{ConsentBasis, Grant, OVERRIDE},
    },
    id::{MechanismId, RecordId},
    identity::{
        kind::{Kind, Right},
        purpose::PurposeCode,
    },
    vocabulary::{NotificationType, VitalInterestStatus, codes::Coded},
};

/// Seconds that a finding waits for its second officer at most.
const WAITS: i64 = 24 * 3_600;

/// A finding that a vital interest of a person overrides consent.
#[derive(Clone, Debug)]
pub struct VitalInterest {
    /// Its id; in force, the id of the consent that it stands for.
    pub id: RecordId,
    /// The person.
    pub person: RecordId,
    /// To which mechanism the file may be disclosed.
    pub recipient: MechanismId,
    /// For what.
    pub purpose: PurposeCode,
    /// Which fields, as the declaration names them.
    pub fields: Vec<String>,
    /// Why.
    pub reason: String,
    /// The officer who has found it.
    pub subject: String,
    /// When.
    pub asked_at: Moment,
    /// The second officer, and when.
    pub confirmed: Option<(String, Moment)>,
}

impl VitalInterest {
    /// Where it stands.
    pub fn status(&self) -> VitalInterestStatus {
        match self.confirmed {
            None => VitalInterestStatus::Pending,
            Some(_) => VitalInterestStatus::InForce,
        }
    }

    /// The moment from which on it is not there any more.
    pub fn end(&self) -> Moment {
        match &self.confirmed {
            None => self.asked_at.plus_seconds(WAITS),
            Some((_, at)) => at.plus_seconds(OVERRIDE),
        }
    }
}

impl Act {
    /// Puts the finding of a first officer, which waits for a second.
    ///
    /// # Errors
    /// Refuses who does not keep the file with leave to record consent, and a second finding
    /// for one recipient and purpose while the first waits.
    pub async fn invoke_vital_interest(
        &mut self,
        person: &Known<Person>,
        found: &VitalInterest,
    ) -> Result<(), ActError> {
        within(person)?;
        self.writer.warrant.may(Right::ConsentWrite)?;
        let owners = &person.facts().owners;
        self.writer
            .warrant
            .may_write(Kind::Person, owners, Level::Victim)?;
        let mut sql = self.writer.sql();
        sql.push("DELETE FROM vital_interest WHERE NOT ");
        stands(&mut sql, self.writer.at);
        self.writer.run(sql).await?;
        let mut sql = self.writer.sql();
        sql.push("SELECT 1 FROM vital_interest WHERE confirmed_at IS NULL AND person = ");
        sql.bind(found.person.0).push(" AND recipient = ");
        sql.bind(found.recipient.0).push(" AND purpose = ");
        sql.bind(found.purpose.code());
        if !self.rows(sql).await?.is_empty() {
            let sentence = "a finding for this recipient and purpose waits already";
            return Err(ActError::conflict(sentence));
        }
        let row = vec![
            found.id.0.into(),
            found.person.0.into(),
            found.recipient.0.into(),
            found.purpose.code().into(),
            serde_json::json!(found.fields).to_string().into(),
            found.reason.as_str().into(),
            found.subject.as_str().into(),
            found.asked_at.seconds().into(),
        ];
        let columns = [
            "id",
            "person",
            "recipient",
            "purpose",
            "fields",
            "reason",
            "subject",
            "asked_at",
        ];
        self.writer.insert("vital_interest", &columns, row).await?;
        self.writer.deed.reason = Some(found.reason.clone());
        self.about(person, NotificationType::VitalInterestInvoked)
            .await
    }

    /// A finding on a person's file that waits or is in force.
    ///
    /// # Errors
    /// Refuses who does not own the file; what is not there, and what is over, alike.
    pub async fn vital_interest(
        &self,
        person: &Known<Person>,
        id: Option<RecordId>,
    ) -> Result<VitalInterest, ActError> {
        self.owns(person)?;
        let id = id.ok_or_else(not_found)?;
        let mut sql = self.writer.sql();
        sql.push(SELECT).push(" WHERE id = ").bind(id.0);
        sql.push(" AND person = ").bind(person.id().0);
        sql.push(" AND ");
        stands(&mut sql, self.writer.at);
        let rows = self.rows(sql).await?;
        let found = rows.first().map(read).transpose();
        found
            .map_err(WriteError::from)?
            .flatten()
            .ok_or_else(not_found)
    }

    /// Confirms a finding as the second officer: from now on it overrides consent.
    ///
    /// # Errors
    /// Refuses who is not charged with grants, who has put it, who would receive, and one
    /// that is confirmed.
    pub async fn confirm_vital_interest(
        &mut self,
        person: &Known<Person>,
        found: &VitalInterest,
    ) -> Result<(), ActError> {
        self.writer.may_change(person)?;
        let owners = &person.facts().owners;
        self.writer.warrant.may_end_grants(owners)?;
        let actor = self.writer.warrant.actor().subject.clone();
        if actor == found.subject {
            return Err(RefusalCode::Forbidden
                .says("a second officer confirms it: not who has found it")
                .into());
        }
        if owners.contains(&found.recipient) {
            return Err(RefusalCode::Forbidden
                .says("who would receive the file does not confirm it")
                .into());
        }
        if found.confirmed.is_some() {
            return Err(ActError::conflict("it is confirmed already"));
        }
        let now = self.writer.at;
        let word = NewWord {
            id: found.id,
            person: found.person,
            recipient: found.recipient,
            purpose: found.purpose,
            fields: found.fields.clone(),
            basis: ConsentBasis::VitalInterestOverride,
            given_at: now,
            until: now.plus_seconds(OVERRIDE),
        };
        self.end_sleeping(person, (found.recipient, found.purpose))
            .await?;
        self.writer.put_word(&word).await?;
        let mut sql = self.writer.sql();
        sql.push("UPDATE vital_interest SET confirmed_by = ")
            .bind(actor);
        sql.push(", confirmed_at = ").bind(now.seconds());
        sql.push(" WHERE id = ").bind(found.id.0);
        self.writer.run(sql).await?;
        self.about(person, NotificationType::VitalInterestConfirmed)
            .await
    }

    /// Refuses a finding that waits, or ends one in force with the grants that rest on it.
    ///
    /// # Errors
    /// Refuses who may neither record consent nor is charged with grants.
    pub async fn end_vital_interest(
        &mut self,
        person: &Known<Person>,
        found: &VitalInterest,
    ) -> Result<(), ActError> {
        self.writer.may_change(person)?;
        let owners = &person.facts().owners;
        let keeps = self.writer.warrant.may(Right::ConsentWrite);
        if keeps.is_err() {
            self.writer.warrant.may_end_grants(owners)?;
        }
        let mut sql = self.writer.sql();
        sql.push("DELETE FROM vital_interest WHERE id = ")
            .bind(found.id.0);
        self.writer.run(sql).await?;
        if found.confirmed.is_some() {
            self.writer.owed.leave.insert(person.id());
            let mut sql = self.writer.sql();
            sql.push("UPDATE consent SET valid_until = ");
            sql.bind(self.writer.at.seconds());
            sql.push(" WHERE id = ").bind(found.id.0);
            self.writer.run(sql).await?;
            let left = self.consented(found).await?;
            let rests = |grant: &Given| {
                let purposes = &grant.purposes;
                grant.mechanism == found.recipient
                    && purposes.iter().any(|of| of == found.purpose.code())
                    && !sealed_fields(&grant.fields).without(left).is_empty()
            };
            self.end(person, rests, NotificationType::GrantEnded)
                .await?;
        }
        self.about(person, NotificationType::VitalInterestEnded)
            .await
    }

    /// What of the fields of a finding the person's own words cover.
    async fn consented(&self, found: &VitalInterest) -> Result<FieldSet, ActError> {
        let now = self.writer.at;
        let leave = Grant {
            person: found.person,
            mechanism: found.recipient,
            fields: sealed_fields(&found.fields),
            purposes: vec![found.purpose],
            from: now,
            until: now,
            consents: Vec::new(),
        };
        let leave = self.resting(leave).await?;
        Ok(leave.consented(found.purpose, now))
    }

    /// Drops what was found for the recipient and the purpose of a word that takes leave
    /// back: against the person's latest word it takes two officers anew.
    pub(super) async fn drop_vital_interests(
        &self,
        person: &Known<Person>,
        word: &NewWord,
    ) -> Result<(), ActError> {
        let mut sql = self.writer.sql();
        sql.push("DELETE FROM vital_interest WHERE person = ")
            .bind(person.id().0);
        sql.push(" AND recipient = ").bind(word.recipient.0);
        sql.push(" AND purpose = ").bind(word.purpose.code());
        self.writer.run(sql).await
    }

    /// Tells all officers of the owners: no kind of holder is for data protection alone.
    async fn about(
        &mut self,
        person: &Known<Person>,
        what: NotificationType,
    ) -> Result<(), ActError> {
        self.writer.written.push((Kind::Person, person.id()));
        self.tell_owners(person, what).await
    }
}

impl Reader {
    /// The findings on a person's file that wait or are in force, the latest first, for its
    /// owners.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn vital_interests(
        &self,
        known: &Known<Person>,
    ) -> Result<Vec<VitalInterest>, StoreError> {
        let own = self.viewer().mechanism();
        let owns = own.is_some_and(|own| known.facts().owners.contains(&own));
        let reached = known.sight().reach.level >= Level::Secretariat;
        if !owns || !reached || !self.viewer().stands() {
            return Ok(Vec::new());
        }
        let mut sql = self.store().sql();
        sql.push(SELECT).push(" WHERE person = ").bind(known.id().0);
        sql.push(" AND ");
        stands(&mut sql, self.viewer().now());
        sql.push(" ORDER BY asked_at DESC, id LIMIT 100");
        let rows = self.store().all(sql).await?;
        let read = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        Ok(read.into_iter().flatten().collect())
    }
}

/// Adds the condition that a finding waits or is in force at a moment.
fn stands(sql: &mut Sql, now: Moment) {
    sql.push("(CASE WHEN confirmed_at IS NULL THEN asked_at > ")
        .bind(now.plus_seconds(-WAITS).seconds());
    sql.push(" ELSE confirmed_at > ")
        .bind(now.plus_seconds(-OVERRIDE).seconds())
        .push(" END)");
}

const SELECT: &str = "SELECT id, person, recipient, purpose, fields, reason, subject, asked_at, \
                      confirmed_by, confirmed_at FROM vital_interest";

/// What this hub does not know is not told.
fn read(row: &QueryResult) -> Result<Option<VitalInterest>, sea_orm::DbErr> {
    let (purpose, fields): (String, String) = (row.try_get_by_index(3)?, row.try_get_by_index(4)?);
    let Some(purpose) = PurposeCode::from_code(&purpose) else {
        return Ok(None);
    };
    let by: Option<String> = row.try_get_by_index(8)?;
    let at: Option<i64> = row.try_get_by_index(9)?;
    Ok(Some(VitalInterest {
        id: RecordId(row.try_get_by_index(0)?),
        person: RecordId(row.try_get_by_index(1)?),
        recipient: MechanismId(row.try_get_by_index(2)?),
        purpose,
        fields: serde_json::from_str(&fields).unwrap_or_default(),
        reason: row.try_get_by_index(5)?,
        subject: row.try_get_by_index(6)?,
        asked_at: Moment::from_seconds(row.try_get_by_index(7)?),
        confirmed: by.zip(at.map(Moment::from_seconds)),
    }))
}

//! Requests for disclosure: one secretariat asks another, which answers or does not.
//!
//! A request names a reference, not a record: it is taken in the same way whether there is
//! such a matter or not. To who has asked, a refusal looks as no answer does.

use sea_orm::QueryResult;

use super::{
    Reader, StoreError,
    act::{Act, ActError, not_found},
    writer::WriteError,
};
use crate::{
    clock::Moment,
    confidentiality::{Level, warrant::WriteRefused},
    id::{MechanismId, RecordId},
    identity::{holder::Role, kind::Kind, purpose::PurposeCode},
    vocabulary::{DisclosureStatus, NotificationType, codes::Coded},
};

/// Requests of one mechanism that wait for an answer at most.
const WAITING: usize = 50;
/// Requests that are told at once at most.
const TOLD: i64 = 100;

/// A request for disclosure.
#[derive(Clone, Debug)]
pub struct DisclosureRequest {
    /// Its id.
    pub id: RecordId,
    /// The mechanism that asks.
    pub from: MechanismId,
    /// The officer who asks, and who alone would be given leave.
    pub holder: String,
    /// The mechanism that is asked.
    pub to: MechanismId,
    /// The reference under which the matter is thought to be there.
    pub reference: String,
    /// For what.
    pub purpose: PurposeCode,
    /// Which fields of the file.
    pub fields: Vec<String>,
    /// Why.
    pub reason: String,
    /// When it was asked.
    pub asked_at: Moment,
    /// Until when it waits for an answer.
    pub due_at: Moment,
    /// Where it stands.
    pub status: DisclosureStatus,
    /// The person whose file was opened.
    pub person: Option<RecordId>,
}

impl Act {
    /// Puts a request, whether there is such a matter or not.
    ///
    /// # Errors
    /// Refuses a token without leave to write persons' files, a request to oneself, and
    /// more than may wait for an answer.
    pub async fn ask_disclosure(&mut self, request: &DisclosureRequest) -> Result<(), ActError> {
        let own = [request.from];
        let warrant = &self.writer.warrant;
        warrant.may_write(Kind::Person, &own, Level::Secretariat)?;
        let mut sql = self.writer.sql();
        sql.push("SELECT 1 FROM disclosure_request WHERE from_mechanism = ")
            .bind(request.from.0);
        sql.push(" AND due_at > ").bind(self.writer.at.seconds());
        // A refused one counts as one that waits: else the count would tell of refusals.
        sql.push(" AND status <> ")
            .bind(DisclosureStatus::Granted.code());
        if self.rows(sql).await?.len() >= WAITING {
            let sentence = "your mechanism has as many requests waiting as it may";
            return Err(ActError::conflict(sentence));
        }
        let row = vec![
            request.id.0.into(),
            request.from.0.into(),
            request.holder.as_str().into(),
            request.to.0.into(),
            request.reference.as_str().into(),
            request.purpose.code().into(),
            serde_json::json!(request.fields).to_string().into(),
            request.reason.as_str().into(),
            request.asked_at.seconds().into(),
            request.due_at.seconds().into(),
            request.status.code().into(),
        ];
        let columns = [
            "id",
            "from_mechanism",
            "holder",
            "to_mechanism",
            "reference",
            "purpose",
            "fields",
            "reason",
            "asked_at",
            "due_at",
            "status",
        ];
        self.writer
            .insert("disclosure_request", &columns, row)
            .await?;
        let about = (Kind::Person, request.id);
        let what = NotificationType::DisclosureAsked;
        self.writer.notify((request.to, None), what, about).await
    }

    /// A request to the viewer's mechanism that waits for an answer.
    ///
    /// # Errors
    /// Refuses who is not charged with grants, and a request that is not there, is to
    /// another, was answered, or is past its due date.
    pub async fn asked(&self, id: Option<RecordId>) -> Result<DisclosureRequest, ActError> {
        let own = self.reader().viewer().mechanism();
        let own = own.ok_or(WriteRefused::TokenNeeded)?;
        let id = id.ok_or_else(not_found)?;
        self.writer.warrant.may_end_grants(&[own])?;
        // Who is not told of requests answers none.
        if !self.reader().viewer().reads_all_of_own(Kind::Person) {
            return Err(not_found());
        }
        let mut sql = self.writer.sql();
        sql.push(SELECT).push(" WHERE id = ").bind(id.0);
        sql.push(" AND to_mechanism = ").bind(own.0);
        let rows = self.rows(sql).await?;
        let found = rows.first().map(read).transpose();
        let found = found.map_err(WriteError::from)?.flatten();
        let found = found.ok_or_else(not_found)?;
        if found.status != DisclosureStatus::Waiting || found.due_at <= self.writer.at {
            return Err(ActError::conflict("the request does not wait any more"));
        }
        Ok(found)
    }

    /// Answers a request.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn answer_disclosure(
        &mut self,
        request: &DisclosureRequest,
        status: DisclosureStatus,
        person: Option<RecordId>,
    ) -> Result<(), ActError> {
        let mut sql = self.writer.sql();
        sql.push("UPDATE disclosure_request SET status = ")
            .bind(status.code());
        sql.push(", person = ").bind(person.map(|person| person.0));
        sql.push(" WHERE id = ").bind(request.id.0);
        self.writer.run(sql).await
    }
}

impl Reader {
    /// The requests that the viewer has put, and those to the viewer's mechanism where the
    /// viewer is charged with grants; the latest first. To who has asked, one that was
    /// refused waits until it is due.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn disclosure_requests(&self) -> Result<Vec<DisclosureRequest>, StoreError> {
        let viewer = self.viewer();
        let (Some(own), Some(standing)) = (viewer.mechanism(), viewer.standing()) else {
            return Ok(Vec::new());
        };
        if !viewer.reads_all_of_own(Kind::Person) || !viewer.stands() {
            return Ok(Vec::new());
        }
        let mut sql = self.store().sql();
        sql.push(SELECT)
            .push(" WHERE (from_mechanism = ")
            .bind(own.0);
        sql.push(" AND holder = ").bind(standing.subject());
        sql.push(")");
        if standing.has_role(Role::Grants) {
            sql.push(" OR to_mechanism = ").bind(own.0);
        }
        sql.push(" ORDER BY asked_at DESC, id LIMIT ").number(TOLD);
        let rows = self.store().all(sql).await?;
        let found = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let now = viewer.now();
        let told = found.into_iter().flatten().map(|mut request| {
            let refused = request.status == DisclosureStatus::Refused && request.from == own;
            if refused {
                request.status = DisclosureStatus::Waiting;
            }
            if request.status == DisclosureStatus::Waiting && request.due_at <= now {
                request.status = DisclosureStatus::Unanswered;
            }
            request
        });
        Ok(told.collect())
    }
}

const SELECT: &str = "SELECT id, from_mechanism, holder, to_mechanism, reference, purpose, \
                      fields, reason, asked_at, due_at, status, person FROM disclosure_request";

/// What this hub does not know is not told.
fn read(row: &QueryResult) -> Result<Option<DisclosureRequest>, sea_orm::DbErr> {
    let (purpose, status): (String, String) = (row.try_get_by_index(5)?, row.try_get_by_index(10)?);
    let fields: String = row.try_get_by_index(6)?;
    let known = PurposeCode::from_code(&purpose).zip(DisclosureStatus::from_code(&status));
    let Some((purpose, status)) = known else {
        return Ok(None);
    };
    Ok(Some(DisclosureRequest {
        id: RecordId(row.try_get_by_index(0)?),
        from: MechanismId(row.try_get_by_index(1)?),
        holder: row.try_get_by_index(2)?,
        to: MechanismId(row.try_get_by_index(3)?),
        reference: row.try_get_by_index(4)?,
        purpose,
        fields: serde_json::from_str(&fields).unwrap_or_default(),
        reason: row.try_get_by_index(7)?,
        asked_at: Moment::from_seconds(row.try_get_by_index(8)?),
        due_at: Moment::from_seconds(row.try_get_by_index(9)?),
        status,
        person: row.try_get_by_index::<Option<_>>(11)?.map(RecordId),
    }))
}

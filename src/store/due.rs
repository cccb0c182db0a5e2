//! What is due: worked out from the viewer's own view as it is read, kept nowhere.
//!
//! It is told from two weeks before a day until a month after it, or until what is due is
//! done; with the record it goes. A day that the viewer is not told makes nothing due.

use uuid::Uuid;

use super::{Reader, StoreError, notices::Notice};
use crate::{
    agreement::{Agreement, Clause},
    clock::Moment,
    communication::Person,
    confidentiality::{Domain, grant::ConsentBasis},
    date::PartialDate,
    id::{MechanismId, RecordId},
    identity::{holder::Role, kind::Kind},
    measure::InterimMeasure,
    recommendation::Recommendation,
    vocabulary::{
        AgreementStatus, DisclosureStatus, MeasureStatus, NotificationType as What,
        RecommendationStatus, SignalStatus, WorkPlanItemStatus, codes::Coded,
    },
    work_plan::WorkPlanItem,
};

/// Seconds before a day from which on it is told.
const BEFORE: i64 = 14 * 24 * 3_600;
/// Seconds after a day until which it is told.
const AFTER: i64 = 30 * 24 * 3_600;

/// Something that is due, and the moment at which it is.
type Due = (What, (Kind, RecordId), Moment);

impl Reader {
    /// What is due to the viewer, the latest first.
    ///
    /// # Errors
    /// Fails where the database does.
    pub(super) async fn due(&self) -> Result<Vec<Notice>, StoreError> {
        let viewer = self.viewer();
        let (Some(own), false) = (viewer.mechanism(), viewer.is_state()) else {
            return Ok(Vec::new());
        };
        if !viewer.stands() {
            return Ok(Vec::new());
        }
        let mut due = self.items(own).await?;
        due.extend(self.recommendations(own).await?);
        due.extend(self.clauses(own).await?);
        due.extend(self.measures(own).await?);
        due.extend(self.leave(own).await?);
        due.extend(self.unanswered().await?);
        due.extend(self.same_matter().await?);
        let ends = self.retention_ends(self.window()).await?.into_iter();
        due.extend(ends.map(|(kind, record, end)| (What::RetentionEnds, (kind, record), end)));
        let now = viewer.now();
        let told = due.into_iter().filter_map(|(what, (kind, record), end)| {
            // What nobody has answered is over, not about to be.
            let over = matches!(what, What::DisclosureUnanswered | What::SameMatterAnswered);
            let at = end.plus_seconds(if over { 0 } else { -BEFORE });
            (at <= now && now < end.plus_seconds(AFTER)).then(|| Notice {
                id: self.due_id(own, what, record, end),
                what,
                kind,
                record,
                at,
            })
        });
        let mut told: Vec<Notice> = told.collect();
        told.sort_by_key(|notice| (std::cmp::Reverse(notice.at), notice.id));
        told.dedup_by_key(|notice| notice.id);
        Ok(told)
    }

    /// Items of the own mechanism's plans that are not done.
    async fn items(&self, own: MechanismId) -> Result<Vec<Due>, StoreError> {
        let done = [WorkPlanItemStatus::Completed, WorkPlanItemStatus::Cancelled];
        let ids = self.dated::<WorkPlanItem>(own, "due").await?;
        let items = self.by_ids::<WorkPlanItem>(&ids).await?.into_values();
        let due = items.filter_map(|item| {
            let status = item.open(|row| &row.status).visible().flatten();
            if status.is_none_or(|status| done.contains(status)) {
                return None;
            }
            let due = item.open(|row| &row.due).visible().flatten()?;
            let about = (Kind::WorkPlanItem, item.id());
            Some((What::WorkPlanItemDue, about, due.end()?))
        });
        Ok(due.collect())
    }

    /// Recommendations of the own mechanism that are followed up.
    async fn recommendations(&self, own: MechanismId) -> Result<Vec<Due>, StoreError> {
        let ids = self.dated::<Recommendation>(own, "follow_up_due").await?;
        let found = self.by_ids::<Recommendation>(&ids).await?.into_values();
        let due = found.filter_map(|recommendation| {
            let status = recommendation.open(|row| &row.status).visible().flatten();
            if status != Some(&RecommendationStatus::Adopted) {
                return None;
            }
            let due = recommendation.open(|row| &row.follow_up_due);
            let about = (Kind::Recommendation, recommendation.id());
            let end = due.visible().flatten()?.end()?;
            Some((What::RecommendationFollowUpDue, about, end))
        });
        Ok(due.collect())
    }

    /// Measures of the own mechanism that are in force, or were until their day.
    async fn measures(&self, own: MechanismId) -> Result<Vec<Due>, StoreError> {
        let ids = self.dated::<InterimMeasure>(own, "in_force_until").await?;
        let measures = self.by_ids::<InterimMeasure>(&ids).await?.into_values();
        let due = measures.filter_map(|measure| {
            let status = measure.open(|row| &row.status).visible().flatten()?;
            match status {
                MeasureStatus::Granted
                | MeasureStatus::Extended
                | MeasureStatus::Modified
                | MeasureStatus::NotComplied
                | MeasureStatus::Expired => {}
                MeasureStatus::Requested
                | MeasureStatus::InformationRequested
                | MeasureStatus::NotGranted
                | MeasureStatus::Lifted
                | MeasureStatus::Complied => return None,
            }
            let until = measure
                .open(|row| &row.in_force_until)
                .visible()
                .flatten()?;
            let about = (Kind::InterimMeasure, measure.id());
            Some((What::MeasureEnds, about, until.end()?))
        });
        Ok(due.collect())
    }

    /// Clauses to or from the own mechanism, of agreements that are in force.
    async fn clauses(&self, own: MechanismId) -> Result<Vec<Due>, StoreError> {
        let (from, to) = self.window();
        let mut sql = self.store().sql();
        sql.push("SELECT id FROM clause WHERE valid_until > ")
            .bind(from);
        sql.push(" AND valid_until <= ").bind(to);
        sql.push(" AND (from_mechanism_id = ").bind(own.0);
        sql.push(" OR to_mechanism_id = ").bind(own.0).push(")");
        let ids = self.ids(sql).await?;
        let clauses = self.by_ids::<Clause>(&ids).await?;
        let agreements = clauses.values().filter_map(|clause| {
            let told = clause.sees(Clause::agreement);
            clause.key("agreement_id").filter(|_| told)
        });
        let agreements: Vec<RecordId> = agreements.collect();
        let agreements = self.by_ids::<Agreement>(&agreements).await?;
        let due = clauses.into_values().filter_map(|clause| {
            let ends = [
                (Clause::from_mechanism, "from_mechanism_id"),
                (Clause::to_mechanism, "to_mechanism_id"),
            ];
            let own = ends
                .into_iter()
                .any(|(edge, key)| clause.sees(edge) && clause.key(key) == Some(own.into()));
            let agreement = agreements.get(&clause.key("agreement_id")?)?;
            let status = agreement.open(|row| &row.status).visible().flatten();
            let until = clause.open(|row| &row.valid_until).visible().flatten()?;
            let in_force = status == Some(&AgreementStatus::InForce);
            let about = (Kind::Clause, clause.id());
            (own && in_force).then_some((What::ClauseEnds, about, *until))
        });
        Ok(due.collect())
    }

    /// The viewer's leave to open files, and what persons have said where the viewer gives
    /// such leave; both about persons of whom the viewer may know now.
    async fn leave(&self, own: MechanismId) -> Result<Vec<Due>, StoreError> {
        let viewer = self.viewer();
        let grants = viewer.grants();
        let grants = grants.filter(|grant| grant.mechanism == own);
        let mut ends: Vec<_> = grants
            .map(|grant| (What::GrantEnds, grant.person, grant.until))
            .collect();
        if viewer
            .standing()
            .is_some_and(|own| own.has_role(Role::Grants))
        {
            let (from, to) = self.window();
            let bases = ConsentBasis::ALL.iter();
            let bases = bases.filter(|basis| basis.satisfies());
            let mut sql = self.store().sql();
            sql.push("SELECT c.person, c.valid_until FROM consent c JOIN record_owner o ");
            sql.push("ON o.record = c.person AND o.mechanism = ")
                .bind(own.0);
            sql.push(" WHERE c.valid_until > ").bind(from);
            sql.push(" AND c.valid_until <= ").bind(to);
            sql.push(" AND c.basis IN ");
            sql.bind_all(bases.map(|basis| basis.code().to_owned()));
            // A later word is the one that holds.
            sql.push(
                " AND NOT EXISTS (SELECT 1 FROM consent l WHERE l.person = c.person AND \
                 l.recipient = c.recipient AND l.purpose = c.purpose AND l.given_at > c.given_at)",
            );
            for row in self.store().all(sql).await? {
                let until = Moment::from_seconds(row.try_get_by_index(1)?);
                ends.push((What::ConsentEnds, RecordId(row.try_get_by_index(0)?), until));
            }
        }
        let persons: Vec<RecordId> = ends.iter().map(|(_, person, _)| *person).collect();
        let known = self.by_ids::<Person>(&persons).await?;
        let due = ends.into_iter().filter_map(|(what, person, until)| {
            let known = known.get(&person)?;
            let told = what == What::GrantEnds || known.facts().owners.contains(&own);
            (told && !known.facts().erased).then_some((what, (Kind::Person, person), until))
        });
        Ok(due.collect())
    }

    /// Requests for files that nobody has answered, as the viewer is told of them.
    async fn unanswered(&self) -> Result<Vec<Due>, StoreError> {
        let requests = self.disclosure_requests().await?.into_iter();
        let over = requests.filter(|request| request.status == DisclosureStatus::Unanswered);
        let due = over.map(|request| {
            let about = (Kind::Person, request.id);
            (What::DisclosureUnanswered, about, request.due_at)
        });
        Ok(due.collect())
    }

    /// Questions on the same matter whose answer can be read, the same whatever it is; and
    /// signals that wait for an answer.
    async fn same_matter(&self) -> Result<Vec<Due>, StoreError> {
        let about = |id| (Kind::Communication, id);
        let checks = self.same_matter_checks().await?.into_iter();
        let mut due: Vec<Due> = checks
            .map(|check| (What::SameMatterAnswered, about(check.id), check.due_at))
            .collect();
        let signals = self.same_matter_signals().await?.into_iter();
        let waiting = signals.filter(|signal| signal.status == SignalStatus::Waiting);
        due.extend(waiting.map(|signal| {
            let about = about(signal.id);
            (What::SameMatterAnswerDue, about, signal.due_at)
        }));
        Ok(due)
    }

    /// Records of a mechanism whose day can have come; the view decides.
    async fn dated<D: Domain>(
        &self,
        own: MechanismId,
        column: &'static str,
    ) -> Result<Vec<RecordId>, StoreError> {
        let last = PartialDate::of_day(self.viewer().now().plus_seconds(BEFORE));
        let mut sql = self.store().sql();
        sql.push("SELECT t.id FROM ").push(D::TABLE);
        sql.push(" t JOIN record_owner o ON o.record = t.id AND o.mechanism = ");
        sql.bind(own.0).push(" WHERE ").column("t", column);
        sql.push(" <= ").bind(last.as_str());
        self.ids(sql).await
    }

    async fn ids(&self, sql: super::sql::Sql) -> Result<Vec<RecordId>, StoreError> {
        let rows = self.store().all(sql).await?;
        let ids = rows.iter().map(|row| row.try_get_by_index(0).map(RecordId));
        Ok(ids.collect::<Result<_, _>>()?)
    }

    /// Ends between these moments are told.
    fn window(&self) -> (i64, i64) {
        let now = self.viewer().now();
        (
            now.plus_seconds(-AFTER).seconds(),
            now.plus_seconds(BEFORE).seconds(),
        )
    }

    /// An id that is the same each time, and says nothing.
    fn due_id(&self, own: MechanismId, what: What, record: RecordId, end: Moment) -> RecordId {
        let text = format!(
            "{}\0{}\0{}\0{}",
            own.0,
            what.code(),
            record.0,
            end.seconds()
        );
        let tag = self.store().tag("due", &text);
        let mut bytes = [0_u8; 16];
        for (byte, drawn) in bytes.iter_mut().zip(tag) {
            *byte = drawn;
        }
        RecordId(Uuid::from_bytes(bytes))
    }
}

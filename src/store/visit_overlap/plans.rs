//! Visits that are planned, as the hub compares them, and who is told of them otherwise.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

use crate::{
    calendar::CalendarEvent,
    clock::Moment,
    confidentiality::{
        Domain, Level,
        channel::Channel,
        declare::place,
        facts::Facts,
        label::{Label, Overrides},
    },
    date::PartialDate,
    id::{MechanismId, RecordId},
    identity::kind::Kind,
    store::{
        StoreError,
        reader::{facts_of, take_fact},
        standing::On,
    },
    vocabulary::{EventKind, EventStatus, codes::Coded},
};

/// What of a plan has to be told, for it to signal anything.
const NEEDED: [&str; 5] = ["kind", "status", "starts_on", "ends_on", "countries"];

/// A row: its id, its label, and from when until when it is.
type Read = (RecordId, Label, (Moment, Moment));

/// A visit that is planned.
pub(super) struct Plan {
    pub(super) facts: Facts,
    /// The level that its being there, and what is compared of it, are told at.
    pub(super) level: Level,
    /// The level at which it is known that it is there.
    existence: Level,
    /// From its first moment to the first after it.
    pub(super) span: (Moment, Moment),
}

impl Plan {
    /// Whether a mechanism may know of it anyway: it needs no signal then. In doubt it may.
    pub(super) fn is_known_to(&self, other: MechanismId, open: &[Channel], now: Moment) -> bool {
        let named = self.facts.named.iter();
        let named = named.filter(|naming| naming.mechanism == other && now < naming.until);
        let opens = |channel: &&Channel| {
            channel.to == other && channel.is_active(now) && channel.covers(&self.facts)
        };
        self.facts.owners.contains(&other)
            || self.existence <= Level::Partner
            || named.count() > 0
            || (self.existence == Level::Channel && open.iter().any(|one| opens(&one)))
    }
}

impl<C: ConnectionTrait> On<'_, C> {
    /// The visits of mechanisms that are planned or confirmed and not over. What has no month
    /// yet is in no quarter.
    pub(super) async fn planned_visits(
        &self,
        of: &[MechanismId],
        now: Moment,
    ) -> Result<Vec<Plan>, StoreError> {
        let mut sql = self.store.sql();
        sql.push("SELECT t.id, t.existence, t.public_from, t.overrides, t.starts_on, t.ends_on");
        sql.push(" FROM calendar_event t WHERE t.retired_at IS NULL AND t.kind IN ");
        let kinds = [EventKind::Visit, EventKind::FollowUpVisit];
        sql.bind_all(kinds.map(|kind| kind.code().to_owned()));
        let statuses = [EventStatus::Planned, EventStatus::Confirmed];
        sql.push(" AND t.status IN ")
            .bind_all(statuses.map(|status| status.code().to_owned()));
        sql.push(" AND EXISTS (SELECT 1 FROM record_owner o WHERE o.record = t.id");
        sql.push(" AND o.mechanism IN ")
            .bind_all(of.iter().map(|one| one.0));
        sql.push(") ORDER BY t.id");
        let mut found: Vec<Read> = Vec::new();
        for row in self.all(sql).await? {
            found.extend(read(&row, now)?);
        }
        let ids: Vec<Uuid> = found.iter().map(|(id, ..)| id.0).collect();
        let mut facts: HashMap<RecordId, Facts> = HashMap::new();
        if !ids.is_empty() {
            let sql = facts_of::<CalendarEvent>(self.store.sql(), &ids, true);
            for row in self.all(sql).await? {
                let id = RecordId(row.try_get_by_index(0)?);
                let of = facts
                    .entry(id)
                    .or_insert_with(|| Facts::unknown(Kind::CalendarEvent, id));
                take_fact(of, &row)?;
            }
        }
        let plans = found.into_iter().filter_map(|(id, label, span)| {
            let existence = label.existence(now)?;
            // A part that is understood by nobody is told to nobody.
            let levels = NEEDED.map(|name| {
                let rule = CalendarEvent::rule(place(CalendarEvent::RULES, name))?;
                label.level(rule)
            });
            let levels: Option<Vec<Level>> = levels.into_iter().collect();
            let level = levels?.into_iter().fold(existence, Level::max);
            let facts = facts.remove(&id)?;
            Some(Plan {
                facts,
                level,
                existence,
                span,
            })
        });
        Ok(plans.collect())
    }
}

fn read(row: &QueryResult, now: Moment) -> Result<Option<Read>, StoreError> {
    let existence: Option<i64> = row.try_get_by_index(1)?;
    let embargo: Option<i64> = row.try_get_by_index(2)?;
    let label = Label {
        existence: existence.and_then(Level::from_rank),
        public_from: embargo.map(Moment::from_seconds),
        overrides: Overrides::stored(row.try_get_by_index(3)?),
    };
    let (starts, ends): (Option<String>, Option<String>) =
        (row.try_get_by_index(4)?, row.try_get_by_index(5)?);
    let starts = starts.as_deref().and_then(with_a_month);
    let ends = match ends {
        Some(ends) => with_a_month(&ends),
        None => starts.clone(),
    };
    let span = starts
        .zip(ends)
        .and_then(|(starts, ends)| starts.begin().zip(ends.end()));
    let span = span.filter(|(_, over)| now < *over);
    Ok(span.map(|span| Ok::<_, StoreError>((RecordId(row.try_get_by_index(0)?), label, span))))
        .and_then(Option::transpose)
}

/// A date of which the month is known; of an interval, both ends.
fn with_a_month(text: &str) -> Option<PartialDate> {
    let known = text.split('/').all(|end| end.len() >= "2027-01".len());
    PartialDate::parse(text).filter(|_| known)
}

//! The look that the hub takes once a week: which planned visits meet, and who is told so.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::plans::Plan;
use sea_orm::ConnectionTrait;

use crate::{
    clock::{Clock, Moment},
    confidentiality::{channel::Channel, warrant::Warrant},
    id::{MechanismId, RecordId},
    identity::{kind::Kind, viewer::Withheld},
    journal::{EntryKind, Owned},
    store::{Store, Writer, act::ActError, standing::On, writer::WriteError},
    vocabulary::NotificationType,
};

/// How often a running hub looks whether a week has begun.
const LOOK: Duration = Duration::from_secs(600);
/// Seconds of a week.
const WEEK: i64 = 7 * 24 * 3_600;
/// The first Monday there is, and six in the morning of it: no look falls on the turn of a day.
const MONDAY: i64 = 4 * 24 * 3_600 + 6 * 3_600;

/// What is told: the agreement, the State and the quarter.
type Release = (RecordId, String, String);

/// Looks once a week for as long as the hub runs.
pub async fn follow(store: Store, clock: Clock) {
    loop {
        // What came back with a restore signals nothing before it was looked at.
        if store.restored().withheld() == Withheld::Nobodys
            && let Err(error) = store.look_at_visits(clock.now()).await
        {
            tracing::error!(cause = %error, "planned visits were not compared");
        }
        tokio::time::sleep(LOOK).await;
    }
}

impl Store {
    /// Compares the visits that are planned, where this week that was not done yet; says how
    /// many signals were told.
    ///
    /// # Errors
    /// Fails where the database does; nothing was told then.
    pub async fn look_at_visits(&self, now: Moment) -> Result<usize, ActError> {
        let week = now.seconds().saturating_sub(MONDAY).div_euclid(WEEK);
        let mut sql = self.sql();
        sql.push("SELECT 1 FROM visit_overlap_round WHERE n >= ")
            .bind(week);
        if !self.all(sql).await?.is_empty() {
            return Ok(0);
        }
        let on = On {
            store: self,
            connection: &self.inner.read,
        };
        let pairs = pairs(on.visit_clauses(now).await?);
        let mechanisms: BTreeSet<MechanismId> = pairs
            .iter()
            .flat_map(|pair| [pair[0].from, pair[0].to])
            .collect();
        let mechanisms: Vec<MechanismId> = mechanisms.into_iter().collect();
        let plans = if mechanisms.is_empty() {
            Vec::new()
        } else {
            on.planned_visits(&mechanisms, now).await?
        };
        let mut open = Vec::new();
        for mechanism in &mechanisms {
            open.extend(on.channels(*mechanism).await?);
        }
        // To whom what is told: each of the two the same, whatever other pair it is of.
        let mut releases: BTreeMap<Release, BTreeSet<MechanismId>> = BTreeMap::new();
        for pair in &pairs {
            for (country, quarter) in meetings(pair, &plans, &open, now) {
                let release = (pair[0].agreement, country, quarter);
                let told = releases.entry(release).or_default();
                told.extend([pair[0].from, pair[0].to]);
            }
        }
        let mut signals = 0;
        for (release, mechanisms) in &releases {
            signals += self.release(release, mechanisms, now).await?;
        }
        self.has_looked(week).await?;
        Ok(signals)
    }

    /// Keeps that the hub has looked in a week: without an entry of the log, as that a week
    /// has begun is no news.
    async fn has_looked(&self, week: i64) -> Result<(), ActError> {
        let mut before = self.sql();
        before
            .push("DELETE FROM visit_overlap_round WHERE n < ")
            .bind(week);
        let mut this = self.sql();
        this.push("INSERT INTO visit_overlap_round (n) VALUES (")
            .bind(week);
        this.push(") ON CONFLICT DO NOTHING");
        for sql in [before, this] {
            let done = self.inner.write.execute_raw(sql.into_statement()).await;
            done.map_err(WriteError::from)?;
        }
        Ok(())
    }

    /// Tells those who were not told of it yet, with an entry of the log, in one transaction.
    async fn release(
        &self,
        release: &Release,
        mechanisms: &BTreeSet<MechanismId>,
        now: Moment,
    ) -> Result<usize, ActError> {
        let (agreement, country, quarter) = release;
        let mut writer = self.begin(Warrant::to_compare_visits(), now).await?;
        let mut owned = Vec::new();
        for mechanism in mechanisms {
            if writer.was_told(*mechanism, release).await? {
                continue;
            }
            let columns = [
                "id",
                "agreement",
                "mechanism",
                "country",
                "quarter",
                "told_at",
            ];
            let row = vec![
                RecordId::random().0.into(),
                agreement.0.into(),
                mechanism.0.into(),
                country.as_str().into(),
                quarter.as_str().into(),
                now.seconds().into(),
            ];
            writer.insert("visit_overlap", &columns, row).await?;
            let about = (Kind::Agreement, *agreement);
            let what = NotificationType::VisitOverlap;
            writer.notify((*mechanism, None), what, about).await?;
            owned.push(Owned {
                owner: *mechanism,
                kind: Kind::Agreement,
                record: Some(*agreement),
            });
        }
        let signals = owned.len();
        if signals > 0 {
            writer.owned_before = Some(owned);
            writer.deed.kind = Some(EntryKind::VisitOverlapTell);
            writer.deed.record = Some(*agreement);
            writer.commit().await?;
        }
        Ok(signals)
    }
}

impl Writer {
    async fn was_told(
        &self,
        mechanism: MechanismId,
        (agreement, country, quarter): &Release,
    ) -> Result<bool, ActError> {
        let mut sql = self.sql();
        sql.push("SELECT 1 FROM visit_overlap WHERE agreement = ")
            .bind(agreement.0);
        sql.push(" AND mechanism = ").bind(mechanism.0);
        sql.push(" AND country = ").bind(country.as_str());
        sql.push(" AND quarter = ").bind(quarter.as_str());
        let rows = self.transaction().query_all_raw(sql.into_statement()).await;
        Ok(!rows.map_err(WriteError::from)?.is_empty())
    }
}

/// Clauses of one agreement from each of two parties to the other.
fn pairs(clauses: Vec<Channel>) -> Vec<[Channel; 2]> {
    let mut pairs = Vec::new();
    for (place, one) in clauses.iter().enumerate() {
        let later = clauses.iter().skip(place + 1);
        let back = later.filter(|other| {
            other.agreement == one.agreement && other.from == one.to && other.to == one.from
        });
        pairs.extend(back.map(|other| [one.clone(), other.clone()]));
    }
    pairs
}

/// The States and quarters in which a plan of the one meets a plan of the other, and neither
/// is told of the other's.
fn meetings(
    pair: &[Channel; 2],
    plans: &[Plan],
    open: &[Channel],
    now: Moment,
) -> BTreeSet<(String, String)> {
    let of = |clause: &Channel| {
        let (from, to) = (clause.from, clause.to);
        let covered = plans.iter().filter(|plan| {
            let countries = plan.facts.countries.as_ref();
            plan.facts.owners.contains(&from)
                && plan.level <= clause.cap
                && countries.is_some_and(|all| clause.countries.covers(all))
                && clause.topics.covers(&plan.facts.topics)
                && !plan.is_known_to(to, open, now)
        });
        covered.collect::<Vec<&Plan>>()
    };
    let [ours, theirs] = pair.each_ref().map(of);
    let mut meetings = BTreeSet::new();
    for one in &ours {
        for other in &theirs {
            let begins = one.span.0.max(other.span.0);
            if begins >= one.span.1.min(other.span.1) {
                continue;
            }
            let quarter = quarter(begins.max(now));
            let states = one.facts.countries.iter().flatten();
            let both = states.filter(|state| {
                let others = other.facts.countries.as_ref();
                others.is_some_and(|all| all.contains(state))
            });
            meetings.extend(both.map(|state| (state.as_str().to_owned(), quarter.clone())));
        }
    }
    meetings
}

/// The quarter of a moment, such as `2027-Q1`.
pub(super) fn quarter(at: Moment) -> String {
    let text = at.rfc3339();
    let year = text.get(..4).unwrap_or_default();
    let month: u8 = text
        .get(5..7)
        .and_then(|month| month.parse().ok())
        .unwrap_or(1);
    format!("{year}-Q{}", month.saturating_sub(1) / 3 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::date::PartialDate;

    #[test]
    fn a_quarter_is_that_of_the_month() {
        for (day, told) in [
            ("2027-01-01", "2027-Q1"),
            ("2027-03-31", "2027-Q1"),
            ("2027-04-01", "2027-Q2"),
            ("2027-12-31", "2027-Q4"),
        ] {
            let at = PartialDate::parse(day).and_then(|day| day.begin()).unwrap();
            assert_eq!(quarter(at), told);
        }
    }
}

//! What is remembered of a view, and how it is brought up to date.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, TransactionTrait};

use super::{
    keeping::Keeping,
    part::{Part, Place},
    view,
};
use crate::{
    confidentiality::{Domain, FieldSet},
    id::RecordId,
    identity::kind::Kind,
    store::{
        Reader, StoreError,
        page::{ListQuery, Position, Under, Window},
        predicate::Predicate,
        reader::BATCH,
    },
};

/// Records that are looked at one by one at most; of more, all are.
const FEW: usize = 2_000;
/// Views of one mechanism that are remembered at most; of more, the one that was looked at
/// least lately begins anew.
const VIEWS: usize = 64;
/// Seconds after which a view that nobody has looked at is looked at whole: 90 days.
pub(super) const IDLE: i64 = 90 * 86_400;

/// A view as it was last looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    pub(super) view: String,
    pub(super) begun: i64,
    pub(super) looked: i64,
    pub(super) last: i64,
    pub(super) n: i64,
    pub(super) at: i64,
    pub(super) until: i64,
    pub(super) standing: String,
}

/// What of a view has to be looked at now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToLookAt {
    /// Nothing can have changed.
    Nothing,
    /// These records, by kind.
    Records(BTreeMap<Kind, Vec<RecordId>>),
    /// All that the viewer may see.
    All,
}

impl Looked {
    /// A place at its end.
    pub fn end(&self) -> Place {
        Place {
            begun: self.begun,
            base: self.last,
            at: self.last,
            end: self.last,
        }
    }

    /// A place before its beginning.
    pub fn start(&self) -> Place {
        Place {
            begun: self.begun,
            ..Place::default()
        }
    }

    /// Whether a place is one of this feed.
    pub fn has(&self, place: Place) -> bool {
        place.begun == self.begun
            && (0..=place.at).contains(&place.base)
            && place.at.max(place.end) <= self.last
    }

    /// The view's name.
    pub fn view(&self) -> &str {
        &self.view
    }
}

impl Reader {
    /// The viewer's view as it was last looked at, and what has to be looked at now.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn to_look_at(&self) -> Result<(Looked, ToLookAt, Looked), StoreError> {
        let name = view::of(self.viewer());
        let before = match self.looked(&name).await? {
            Some(before) => before,
            None => {
                self.begin_view(&name).await?;
                self.looked(&name).await?.unwrap_or_default()
            }
        };
        // Before the records: what is written meanwhile is looked at next time, too.
        let mut sql = self.store().sql();
        sql.push("SELECT COALESCE(MAX(n), 0) FROM outbox");
        let rows = self.store().all(sql).await?;
        let n = rows.first().map(|row| row.try_get_by_index::<i64>(0));
        let now = self.viewer().now().seconds();
        let standing = view::standing(self.viewer());
        let still = before.standing == standing
            && (before.at..before.until).contains(&now)
            && now - before.at < IDLE;
        let next = Looked {
            n: n.transpose()?.unwrap_or(0).max(before.n),
            at: now,
            until: before.until,
            standing,
            ..before.clone()
        };
        if !still {
            let until = self.until().await?.seconds();
            return Ok((before, ToLookAt::All, Looked { until, ..next }));
        }
        let what = self.written_since(before.n).await?;
        Ok((before, what, next))
    }

    async fn looked(&self, name: &str) -> Result<Option<Looked>, StoreError> {
        let mut sql = self.store().sql();
        sql.push("SELECT begun, looked, last, n, at, until, standing FROM feed_view WHERE view = ");
        sql.bind(name);
        let rows = self.store().all(sql).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        Ok(Some(Looked {
            view: name.to_owned(),
            begun: row.try_get_by_index(0)?,
            looked: row.try_get_by_index(1)?,
            last: row.try_get_by_index(2)?,
            n: row.try_get_by_index(3)?,
            at: row.try_get_by_index(4)?,
            until: row.try_get_by_index(5)?,
            standing: row.try_get_by_index(6)?,
        }))
    }

    /// Begins a view; one that its mechanism has not looked at for longest makes room.
    async fn begin_view(&self, name: &str) -> Result<(), StoreError> {
        let transaction = self.store().inner.write.begin().await?;
        let own = self.viewer().mechanism().map(|own| own.0);
        if let Some(own) = own {
            let mut sql = self.store().sql();
            sql.push("SELECT view FROM feed_view WHERE last > 0 AND mechanism = ")
                .bind(own);
            sql.push(" ORDER BY at DESC, view");
            let rows = transaction.query_all_raw(sql.into_statement()).await?;
            for row in rows.iter().skip(VIEWS - 1) {
                let old: String = row.try_get_by_index(0)?;
                for forgotten in [
                    "DELETE FROM feed_record WHERE view = ",
                    "UPDATE feed_view SET begun = begun + 1, looked = looked + 1, last = 0, at = 0 \
                     WHERE view = ",
                ] {
                    let mut sql = self.store().sql();
                    sql.push(forgotten).bind(old.as_str());
                    transaction.execute_raw(sql.into_statement()).await?;
                }
            }
        }
        // After a restore no place of before is one of this feed.
        let begun = self.store().restored().at().max(1);
        let mut sql = self.store().sql();
        sql.push(
            "INSERT INTO feed_view (view, mechanism, begun, looked, last, n, at, until, standing) \
             VALUES (",
        );
        sql.bind(name).push(", ").bind(own).push(", ").bind(begun);
        sql.push(", 0, 0, 0, 0, 0, '') ON CONFLICT DO NOTHING");
        transaction.execute_raw(sql.into_statement()).await?;
        Ok(transaction.commit().await?)
    }

    async fn written_since(&self, n: i64) -> Result<ToLookAt, StoreError> {
        let mut sql = self.store().sql();
        sql.push("SELECT DISTINCT kind, record FROM outbox WHERE n > ")
            .bind(n);
        sql.push(" LIMIT ")
            .number(i64::try_from(FEW).unwrap_or(i64::MAX) + 1);
        let rows = self.store().all(sql).await?;
        if rows.len() > FEW {
            return Ok(ToLookAt::All);
        }
        let mut records: BTreeMap<Kind, Vec<RecordId>> = BTreeMap::new();
        for row in &rows {
            let kind: Option<String> = row.try_get_by_index(0)?;
            let record: Option<uuid::Uuid> = row.try_get_by_index(1)?;
            let kind = kind.as_deref().and_then(Kind::from_code);
            let (Some(kind), Some(record)) = (kind, record) else {
                return Ok(ToLookAt::All);
            };
            records.entry(kind).or_default().push(RecordId(record));
        }
        if records.is_empty() {
            return Ok(ToLookAt::Nothing);
        }
        Ok(ToLookAt::Records(records))
    }

    /// What the viewer is told of records of a type, as hashes; of these, or of all.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn held_now<D: Domain>(
        &self,
        ids: Option<&[RecordId]>,
    ) -> Result<Vec<(RecordId, String)>, StoreError> {
        let mut held = Vec::new();
        if let Some(ids) = ids {
            for some in ids.chunks(BATCH) {
                let known = self.by_ids::<D>(some).await?;
                held.extend(known.into_iter().map(|(id, known)| (id, known.told())));
            }
            held.sort_unstable();
            return Ok(held);
        }
        let mut query = ListQuery {
            under: Under::Root,
            predicate: Predicate::always(),
            order: Vec::new(),
            window: Window {
                size: u32::try_from(BATCH).unwrap_or(u32::MAX),
                backward: false,
                after: None,
                before: None,
            },
            columns: FieldSet::ALL,
        };
        loop {
            let slice = self.list::<D>(&query).await?;
            let rows = slice.rows.iter();
            held.extend(rows.map(|row| (row.known.id(), row.known.told())));
            let last = slice.rows.last().map(|row| row.known.id());
            let (true, Some(id)) = (slice.more, last) else {
                return Ok(held);
            };
            let values = Vec::new();
            query.window.after = Some(Position { values, id });
        }
    }

    /// Remembers what a view holds now, of the records that were looked at; `None` where
    /// somebody else has looked meanwhile.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn remember(
        &self,
        (before, next): (&Looked, &Looked),
        looked_at: &ToLookAt,
        found: &[(Kind, Vec<(RecordId, String)>)],
    ) -> Result<Option<Looked>, StoreError> {
        let transaction = self.store().inner.write.begin().await?;
        let keeping = Keeping {
            reader: self,
            on: &transaction,
            view: before.view(),
        };
        if !keeping.is_next(before).await? {
            return Ok(None);
        }
        let mut last = before.last;
        let mut held = keeping.held(looked_at).await?;
        let (mut appeared, mut changed) = (Vec::new(), Vec::new());
        for (kind, records) in found {
            for (id, told) in records {
                match held.remove(id) {
                    Some(same) if same == *told => {}
                    Some(_) => {
                        last += 1;
                        changed.push((last, *id, told));
                    }
                    None => {
                        last += 1;
                        appeared.push((last, (*kind, *id), told));
                    }
                }
            }
        }
        let mut gone: Vec<RecordId> = held.into_keys().collect();
        gone.sort_unstable();
        keeping.appear(&appeared).await?;
        for (at, id, told) in changed {
            keeping.change((at, id), told).await?;
        }
        for id in gone {
            last += 1;
            keeping.end((last, id)).await?;
        }
        let next = Looked {
            looked: before.looked + 1,
            last,
            ..next.clone()
        };
        keeping.note(&next).await?;
        transaction.commit().await?;
        Ok(Some(next))
    }

    /// What has changed after a place, of some kinds.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn changes_after(
        &self,
        looked: &Looked,
        place: Place,
        of: (&[Kind], u32),
    ) -> Result<Part, StoreError> {
        self.part_of((looked.view(), looked.last), place, of).await
    }
}

//! A part of a feed: what has changed after a place in it.

use crate::{
    id::RecordId,
    identity::kind::Kind,
    store::{Reader, StoreError},
};

/// What has become of a record in a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// It is there, and was not.
    Appeared,
    /// Something else is told of it.
    Changed,
    /// It was there, and is not: deleted, or told no more.
    Gone,
}

/// A change of a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// What has become of the record.
    pub what: What,
    /// Its kind.
    pub kind: Kind,
    /// The record.
    pub record: RecordId,
}

/// A place in a feed: up to where somebody has kept up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Which beginning of the feed it belongs to.
    pub begun: i64,
    /// Up to where everything is known.
    pub base: i64,
    /// Up to where the part that is being read is known.
    pub at: i64,
    /// Where the feed ended when that part was begun.
    pub end: i64,
}

/// A part of a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The changes, in the order in which they came.
    pub changes: Vec<Change>,
    /// Where the next part begins.
    pub next: Place,
    /// Whether there is more already.
    pub more: bool,
}

impl Reader {
    /// What has changed in a view after a place, of some kinds: each record once, as it is now.
    pub(super) async fn part_of(
        &self,
        (view, last): (&str, i64),
        place: Place,
        (kinds, most): (&[Kind], u32),
    ) -> Result<Part, StoreError> {
        let mut place = place;
        if place.at == place.base {
            place.end = last;
        }
        let mut sql = self.store().sql();
        // What is there, by its last change; and what is not there any more, where it was.
        sql.push("SELECT f.changed AS key, f.kind, f.record, CASE WHEN EXISTS (SELECT 1 FROM ");
        sql.push("feed_record o WHERE o.view = f.view AND o.record = f.record AND o.appeared <= ");
        sql.bind(place.base);
        sql.push(" AND (o.gone IS NULL OR o.gone > ")
            .bind(place.base);
        sql.push(")) THEN 1 ELSE 0 END AS what FROM feed_record f WHERE f.gone IS NULL");
        sql.push(" AND f.changed > ").bind(place.at);
        sql.push(" AND f.view = ").bind(view);
        among(&mut sql, kinds);
        sql.push(
            " UNION ALL SELECT f.gone, f.kind, f.record, 2 FROM feed_record f WHERE f.gone > ",
        );
        // Who began anew after it was gone was never told of it; nor is it said now.
        sql.bind(place.at).push(" AND (f.appeared <= ");
        sql.bind(place.base).push(" OR (f.appeared <= ");
        sql.bind(place.at).push(" AND f.gone > ");
        sql.bind(place.end).push("))");
        sql.push(" AND f.view = ").bind(view);
        among(&mut sql, kinds);
        sql.push(" AND NOT EXISTS (SELECT 1 FROM feed_record o WHERE o.view = f.view AND ");
        sql.push("o.record = f.record AND o.gone IS NULL) ORDER BY 1 LIMIT ");
        sql.number(i64::from(most) + 1);
        let (mut changes, mut at) = (Vec::new(), place.at);
        let rows = self.store().all(sql).await?;
        let more = rows.len() > most as usize;
        for row in rows.iter().take(most as usize) {
            let kind: String = row.try_get_by_index(1)?;
            at = row.try_get_by_index(0)?;
            let Some(kind) = Kind::from_code(&kind) else {
                continue;
            };
            changes.push(Change {
                what: match row.try_get_by_index::<i32>(3)? {
                    0 => What::Appeared,
                    1 => What::Changed,
                    _ => What::Gone,
                },
                kind,
                record: RecordId(row.try_get_by_index(2)?),
            });
        }
        let begun = place.begun;
        let next = if more {
            Place { at, ..place }
        } else {
            Place {
                begun,
                base: last,
                at: last,
                end: last,
            }
        };
        Ok(Part {
            changes,
            next,
            more,
        })
    }
}

fn among(sql: &mut crate::store::sql::Sql, kinds: &[Kind]) {
    sql.push(" AND f.kind IN ");
    sql.bind_all(kinds.iter().map(|kind| kind.code()));
}

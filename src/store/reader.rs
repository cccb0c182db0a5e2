//! Reading, as one viewer: the scope is in every statement, the gate on every row.

use std::{collections::HashMap, sync::Arc};

use sea_orm::QueryResult;
use uuid::Uuid;

use super::{
    Store, StoreError, lapse,
    page::{ListQuery, Position, Under},
    predicate::{Direction, Predicate, Scalar, column_of},
    scope,
    sql::Sql,
};
use crate::{
    clock::Moment,
    confidentiality::{
        Domain, FieldIndex, FieldRule, FieldSet, Known, Level,
        declare::place,
        facts::{CountryCode, Facts, Naming},
        label::{Label, Overrides},
        stored::Shape,
    },
    id::{MechanismId, RecordId},
    identity::viewer::{Narrowing, Viewer},
};

/// Ids that one statement names at most: a statement takes 32,766 values in SQLite, and
/// the facts of a record are asked for in five places.
pub const BATCH: usize = 5_000;

/// Reads for one viewer; there is no other way to read.
#[derive(Clone)]
pub struct Reader {
    store: Store,
    viewer: Arc<Viewer>,
}

/// A record in a list, with its place there.
pub struct Placed<D> {
    /// The record, as far as the viewer may know it.
    pub known: Arc<Known<D>>,
    /// Its place.
    pub position: Position,
}

impl<D> Clone for Placed<D> {
    fn clone(&self) -> Self {
        Self {
            known: Arc::clone(&self.known),
            position: self.position.clone(),
        }
    }
}

/// A part of a list.
pub struct Slice<D> {
    /// Its records, in the order asked for.
    pub rows: Vec<Placed<D>>,
    /// Whether there are more in the direction of reading.
    pub more: bool,
}

impl<D> Clone for Slice<D> {
    fn clone(&self) -> Self {
        Self {
            rows: self.rows.clone(),
            more: self.more,
        }
    }
}

impl<D> Default for Slice<D> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            more: false,
        }
    }
}

/// A row before the gate: what was read, and where it hangs.
struct Raw<D> {
    parent: Option<RecordId>,
    id: RecordId,
    label: Label,
    row: D,
    values: Vec<Option<Scalar>>,
    versions: Vec<(FieldIndex, i64)>,
}

impl Store {
    /// A reader for one viewer.
    pub fn read_as(&self, viewer: Arc<Viewer>) -> Reader {
        Reader {
            store: self.clone(),
            viewer,
        }
    }
}

impl Reader {
    /// The viewer it reads for.
    pub fn viewer(&self) -> &Arc<Viewer> {
        &self.viewer
    }

    /// The store that it reads.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The records with these ids, as far as the viewer may know of them.
    ///
    /// Hidden and missing are alike: not in the answer.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn by_ids<D: Domain>(
        &self,
        ids: &[RecordId],
    ) -> Result<HashMap<RecordId, Arc<Known<D>>>, StoreError> {
        let columns = scope::tellable::<D>(&self.viewer);
        let opens = self.opens_files();
        let mut sql = self.store.sql().for_few_rows();
        sql.push("SELECT ");
        select_row::<D>(&mut sql, &self.viewer, columns, opens);
        sql.push(" FROM ")
            .push(D::TABLE)
            .push(" t WHERE t.id")
            .among(ids.iter().map(|id| id.0));
        sql.push(" AND ");
        if planted!(LookUpWithoutScope) {
            sql.push("1 = 1");
        } else {
            scope::exists::<D>(&mut sql, &self.viewer, "t");
        }
        let raws = self
            .store
            .all(sql)
            .await?
            .iter()
            .map(|row| read_row::<D>(row, (columns, opens), &[], false))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(self
            .meet(raws)
            .await?
            .into_iter()
            .map(|(_, placed)| (placed.known.id(), placed.known))
            .collect())
    }

    /// A part of the list of all records of a type.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn list<D: Domain>(&self, query: &ListQuery) -> Result<Slice<D>, StoreError> {
        let lists = self.lists::<D>(&[], query).await?;
        Ok(lists
            .into_iter()
            .next()
            .map(|(_, slice)| slice)
            .unwrap_or_default())
    }

    /// The same part of the list under each of several records, in one statement.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn lists<D: Domain>(
        &self,
        parents: &[RecordId],
        query: &ListQuery,
    ) -> Result<HashMap<Option<RecordId>, Slice<D>>, StoreError> {
        let columns = query.columns.both(scope::tellable::<D>(&self.viewer));
        let opens = self.opens_files();
        let under = query.under != Under::Root;
        let mut sql = self.store.sql();
        if query.order.is_empty() && query.predicate.is_always() {
            // Read in the order of the key, and no further than the page goes.
            sql = sql.for_few_rows();
        }
        if under {
            sql.push("SELECT * FROM (");
        }
        sql.push("SELECT ");
        if under {
            parent_column(&mut sql, query.under);
            sql.push(" AS parent, ");
        }
        select_row::<D>(&mut sql, &self.viewer, columns, opens);
        for (field, _) in &query.order {
            sql.push(", ");
            if planted!(CursorCarriesWithheld) {
                sql.push(column_of::<D>(*field).unwrap_or("NULL"));
            } else {
                self.order_value::<D>(&mut sql, *field);
            }
        }
        if under {
            sql.push(", ROW_NUMBER() OVER (PARTITION BY ");
            parent_column(&mut sql, query.under);
            sql.push(" ORDER BY ");
            self.order_by::<D>(&mut sql, query);
            sql.push(") AS nth_of_parent");
        }
        self.write_source::<D>(&mut sql, parents, query);
        for (position, after) in [(&query.window.after, true), (&query.window.before, false)] {
            if let Some(position) = position {
                sql.push(" AND ");
                self.beyond::<D>(&mut sql, query, position, after);
            }
        }
        // One more than asked for tells whether there are more.
        let limit = i64::from(query.window.size) + 1;
        if under {
            sql.push(") w WHERE w.nth_of_parent <= ")
                .bind(limit)
                .push(" ORDER BY w.parent, w.nth_of_parent");
        } else {
            sql.push(" ORDER BY ");
            self.order_by::<D>(&mut sql, query);
            sql.push(" LIMIT ").bind(limit);
        }
        let raws = self
            .store
            .all(sql)
            .await?
            .iter()
            .map(|row| read_row::<D>(row, (columns, opens), &query.order, under))
            .collect::<Result<Vec<_>, _>>()?;

        let mut slices: HashMap<Option<RecordId>, Slice<D>> = HashMap::new();
        for (parent, placed) in self.meet(raws).await? {
            let slice = slices.entry(parent).or_default();
            if slice.rows.len() < query.window.size as usize {
                slice.rows.push(placed);
            } else {
                slice.more = true;
            }
        }
        if query.window.backward {
            for slice in slices.values_mut() {
                slice.rows.reverse();
            }
        }
        Ok(slices)
    }

    /// How many records the list under each of several records has, whatever the part.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn counts<D: Domain>(
        &self,
        parents: &[RecordId],
        query: &ListQuery,
    ) -> Result<HashMap<Option<RecordId>, i64>, StoreError> {
        let under = query.under != Under::Root;
        let mut sql = self.store.sql();
        sql.push("SELECT COUNT(*)");
        if under {
            sql.push(", ");
            parent_column(&mut sql, query.under);
        }
        if planted!(CountWithoutScope) && !under {
            sql.push(" FROM ").push(D::TABLE);
        } else {
            self.write_source::<D>(&mut sql, parents, query);
        }
        if under {
            sql.push(" GROUP BY ");
            parent_column(&mut sql, query.under);
        }
        self.store
            .all(sql)
            .await?
            .iter()
            .map(|row| {
                let parent = if under {
                    Some(RecordId(row.try_get_by_index(1)?))
                } else {
                    None
                };
                Ok((parent, row.try_get_by_index(0)?))
            })
            .collect()
    }

    /// Topics of records, which their own label tells or withholds.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn topics(
        &self,
        ids: &[RecordId],
    ) -> Result<HashMap<RecordId, Vec<String>>, StoreError> {
        let mut sql = self.store.sql();
        sql.push("SELECT record, topic FROM record_topic WHERE record");
        sql.among(ids.iter().map(|id| id.0)).push(" ORDER BY topic");
        let mut topics: HashMap<RecordId, Vec<String>> = HashMap::new();
        for row in self.store.all(sql).await? {
            topics
                .entry(RecordId(row.try_get_by_index(0)?))
                .or_default()
                .push(row.try_get_by_index(1)?);
        }
        Ok(topics)
    }

    /// Whether a record is there, whoever asks: for a planted leak alone.
    #[cfg(feature = "planted-leaks")]
    pub async fn is_there<D: Domain>(
        &self,
        column: &'static str,
        is: impl Into<sea_orm::Value> + Send,
    ) -> Result<bool, StoreError> {
        let mut sql = self.store.sql();
        sql.push("SELECT 1 FROM ").push(D::TABLE).push(" t WHERE ");
        sql.column("t", column).push(" = ").bind(is);
        Ok(!self.store.all(sql).await?.is_empty())
    }

    /// Owners of records, for those who ask whom to turn to.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn owners(
        &self,
        ids: &[RecordId],
    ) -> Result<HashMap<RecordId, Vec<MechanismId>>, StoreError> {
        let mut owners: HashMap<RecordId, Vec<MechanismId>> = HashMap::new();
        for ids in ids.chunks(BATCH) {
            let mut sql = self.store.sql();
            sql.push("SELECT record, mechanism FROM record_owner WHERE record");
            sql.among(ids.iter().map(|id| id.0));
            sql.push(" ORDER BY mechanism");
            for row in self.store.all(sql).await? {
                let owner = MechanismId(row.try_get_by_index(1)?);
                let record = RecordId(row.try_get_by_index(0)?);
                owners.entry(record).or_default().push(owner);
            }
        }
        Ok(owners)
    }

    /// `FROM … WHERE`: the table, what it hangs on, the viewer's scope, the filter.
    fn write_source<D: Domain>(&self, sql: &mut Sql, parents: &[RecordId], query: &ListQuery) {
        sql.push(" FROM ").push(D::TABLE).push(" t");
        match query.under {
            Under::Root | Under::Key(_) => {}
            Under::Link(name) => {
                sql.push(" JOIN link p ON p.target = t.id AND p.name = ")
                    .bind(name);
            }
            Under::Linked(name) => {
                sql.push(" JOIN link p ON p.source = t.id AND p.name = ")
                    .bind(name);
            }
            Under::Countries => {
                sql.push(" JOIN record_country p ON p.country = t.code");
            }
        }
        sql.push(" WHERE ");
        if planted!(ListUnderWithoutScope) && query.under != Under::Root {
            sql.push("1 = 1");
        } else {
            scope::exists::<D>(sql, &self.viewer, "t");
        }
        if query.under != Under::Root {
            sql.push(" AND ");
            self.write_joined::<D>(sql, query.under);
            sql.push(" AND ");
            parent_column(sql, query.under);
            sql.among(parents.iter().map(|id| id.0));
        }
        if !query.predicate.is_always() {
            sql.push(" AND ");
            query.predicate.write::<D>(sql, &self.viewer, "t");
        }
    }

    /// Whether the row's own edge to what it is listed under is told.
    ///
    /// An edge read backwards tells the same as read forwards: a mechanism's agreements
    /// tell who the parties are. A row without a declared edge is listed under nothing.
    fn write_joined<D: Domain>(&self, sql: &mut Sql, under: Under) {
        let edge = match under {
            _ if planted!(BackwardsDespiteLevel) => {
                sql.push("1 = 1");
                return;
            }
            // The edge is the listing record's own; its gate was asked already.
            Under::Root | Under::Link(_) => {
                sql.push("1 = 1");
                return;
            }
            // They are joined by their code: where it is withheld, so is that.
            Under::Countries => "code",
            Under::Key(column) => column.strip_suffix("_id").unwrap_or(column),
            Under::Linked(name) => name,
        };
        scope::told::<D>(sql, &self.viewer, "t", place(D::RULES, edge));
    }

    /// The value that a row is ordered by: what is withheld sorts as absent.
    fn order_value<D: Domain>(&self, sql: &mut Sql, field: FieldIndex) {
        let Some(column) = column_of::<D>(field) else {
            sql.push("NULL");
            return;
        };
        if planted!(OrderByWithheld) {
            sql.column("t", column);
            return;
        }
        sql.push("(CASE WHEN ");
        scope::told::<D>(sql, &self.viewer, "t", field);
        sql.push(" THEN ");
        lapse::value::<D>(sql, &self.viewer, "t", column);
        sql.push(" END)");
    }

    fn order_by<D: Domain>(&self, sql: &mut Sql, query: &ListQuery) {
        for (field, direction) in &query.order {
            self.order_value::<D>(sql, *field);
            let up = (*direction == Direction::Ascending) != query.window.backward;
            sql.push(if up { " ASC" } else { " DESC" });
            // Absent comes last, read either way.
            sql.push(if query.window.backward {
                " NULLS FIRST, "
            } else {
                " NULLS LAST, "
            });
        }
        sql.push("t.id ")
            .push(if query.window.backward { "DESC" } else { "ASC" });
    }

    /// Rows strictly after (or before) a place, in the order of the list.
    fn beyond<D: Domain>(
        &self,
        sql: &mut Sql,
        query: &ListQuery,
        position: &Position,
        after: bool,
    ) {
        sql.push("(");
        let keys = query.order.iter().zip(&position.values);
        for (place, ((field, direction), value)) in keys.clone().enumerate() {
            sql.push("(");
            for ((earlier, _), value) in keys.clone().take(place) {
                self.equals::<D>(sql, *earlier, value.as_ref());
                sql.push(" AND ");
            }
            let up = (*direction == Direction::Ascending) == after;
            match value {
                // Absent is last: nothing comes after it, and all else before.
                None if after => {
                    sql.push("1 = 0");
                }
                None => {
                    self.order_value::<D>(sql, *field);
                    sql.push(" IS NOT NULL");
                }
                Some(value) => {
                    sql.push("(");
                    self.order_value::<D>(sql, *field);
                    sql.push(if up { " > " } else { " < " }).bind(value.clone());
                    if after {
                        sql.push(" OR ");
                        self.order_value::<D>(sql, *field);
                        sql.push(" IS NULL");
                    }
                    sql.push(")");
                }
            }
            sql.push(") OR ");
        }
        sql.push("(");
        for ((field, _), value) in keys {
            self.equals::<D>(sql, *field, value.as_ref());
            sql.push(" AND ");
        }
        sql.push(if after { "t.id > " } else { "t.id < " })
            .bind(position.id.0)
            .push("))");
    }

    fn equals<D: Domain>(&self, sql: &mut Sql, field: FieldIndex, value: Option<&Scalar>) {
        self.order_value::<D>(sql, field);
        match value {
            None => sql.push(" IS NULL"),
            Some(value) => sql.push(" = ").bind(value.clone()),
        };
    }

    /// Passes every row through the gate; what it does not let through is not there.
    async fn meet<D: Domain>(
        &self,
        raws: Vec<Raw<D>>,
    ) -> Result<Vec<(Option<RecordId>, Placed<D>)>, StoreError> {
        let mut facts = self.facts::<D>(&raws).await?;
        let mut met = Vec::with_capacity(raws.len());
        for raw in raws {
            // A record can stand under several parents, so that its facts are kept.
            let facts = facts
                .get_mut(&raw.id)
                .map(|facts| facts.clone())
                .unwrap_or_else(|| Facts::unknown(D::KIND, raw.id));
            if let Some(known) = Known::meet(&self.viewer, raw.row, raw.label, facts) {
                let position = Position {
                    values: raw.values,
                    id: raw.id,
                };
                met.push((
                    raw.parent,
                    Placed {
                        known: Arc::new(known.at_versions(raw.versions)),
                        position,
                    },
                ));
            }
        }
        Ok(met)
    }

    /// Whether the viewer may open files: only then are the versions of sealed values read.
    fn opens_files(&self) -> bool {
        self.viewer.grants().next().is_some()
    }

    /// Owners, namings, States and topics of rows; of none for who has no token.
    async fn facts<D: Domain>(
        &self,
        raws: &[Raw<D>],
    ) -> Result<HashMap<RecordId, Facts>, StoreError> {
        let mut facts: HashMap<RecordId, Facts> = HashMap::new();
        if self.viewer.standing().is_none() || raws.is_empty() {
            return Ok(facts);
        }
        // Only a clause and a token's limits ask for States and topics.
        let limited = self.viewer.limits().is_some_and(Narrowing::is_by_place);
        let places = limited || self.viewer.channels().next().is_some();
        let ids: Vec<Uuid> = raws.iter().map(|raw| raw.id.0).collect();
        for ids in ids.chunks(BATCH) {
            let sql = facts_of::<D>(self.store.sql(), ids, places);
            for row in self.store.all(sql).await? {
                let id = RecordId(row.try_get_by_index(0)?);
                let known = facts
                    .entry(id)
                    .or_insert_with(|| Facts::unknown(D::KIND, id));
                take_fact(known, &row)?;
            }
        }
        Ok(facts)
    }
}

const OWNER: i64 = 0;
const NAMED: i64 = 1;
const COUNTRY: i64 = 2;
const TOPIC: i64 = 3;
const ERASED: i64 = 4;

/// One statement for the facts of some records; their States and topics where `places`.
pub(super) fn facts_of<D: Domain>(mut sql: Sql, ids: &[Uuid], places: bool) -> Sql {
    let ids = || ids.iter().copied();
    sql.push("SELECT record, ").number(OWNER);
    sql.push(" AS aspect, mechanism, NULL AS word, 0 AS moment FROM record_owner WHERE record")
        .among(ids());
    sql.push(" UNION ALL SELECT record, ").number(NAMED);
    sql.push(", mechanism, NULL, until FROM record_named WHERE record")
        .among(ids());
    if places {
        sql.push(" UNION ALL SELECT record, ").number(COUNTRY);
        sql.push(", NULL, country, 0 FROM record_country WHERE record")
            .among(ids());
        sql.push(" UNION ALL SELECT record, ").number(TOPIC);
        sql.push(", NULL, topic, 0 FROM record_topic WHERE record")
            .among(ids());
    }
    if !D::SEALED.is_empty() {
        sql.push(" UNION ALL SELECT id, ")
            .number(ERASED)
            .push(", NULL, NULL, 0 FROM ");
        // A file that was retired since the request began opens no more than an erased one.
        sql.push(D::TABLE)
            .push(" WHERE (erased_at IS NOT NULL OR retired_at IS NOT NULL) AND id")
            .among(ids());
    }
    sql
}

/// Adds what one row of [`facts_of`] says.
pub(super) fn take_fact(facts: &mut Facts, row: &QueryResult) -> Result<(), StoreError> {
    let aspect: i64 = aspect_of(row)?;
    let mechanism = || Ok::<_, StoreError>(MechanismId(row.try_get_by_index(2)?));
    match aspect {
        OWNER => facts.owners.push(mechanism()?),
        NAMED => facts.named.push(Naming {
            mechanism: mechanism()?,
            until: Moment::from_seconds(row.try_get_by_index(4)?),
        }),
        COUNTRY => {
            let code: String = row.try_get_by_index(3)?;
            match (&mut facts.countries, CountryCode::parse(&code)) {
                (Some(countries), Some(code)) => countries.push(code),
                // An unknown State is a denial.
                (countries, _) => *countries = None,
            }
        }
        TOPIC => facts
            .topics
            .push(row.try_get_by_index::<String>(3)?.into_boxed_str()),
        _ => facts.erased = true,
    }
    Ok(())
}

/// The aspect: PostgreSQL takes a small literal for a narrower integer.
fn aspect_of(row: &QueryResult) -> Result<i64, StoreError> {
    Ok(match row.try_get_by_index::<i64>(1) {
        Ok(aspect) => aspect,
        Err(_) => i64::from(row.try_get_by_index::<i32>(1)?),
    })
}

fn parent_column(sql: &mut Sql, under: Under) {
    match under {
        Under::Root => sql.push("NULL"),
        Under::Key(column) => sql.column("t", column),
        Under::Link(_) => sql.push("p.source"),
        Under::Linked(_) => sql.push("p.target"),
        Under::Countries => sql.push("p.record"),
    };
}

/// Id, label, chosen columns, keys, and for who `opens` files the versions of what is
/// sealed: what [`read_row`] reads.
fn select_row<D: Domain>(sql: &mut Sql, viewer: &Viewer, columns: FieldSet, opens: bool) {
    // What is retired exists at no level.
    sql.push("t.id, ").push(if planted!(RetiredTold) {
        "t.existence"
    } else {
        "CASE WHEN t.retired_at IS NULL THEN t.existence END"
    });
    sql.push(", t.public_from, t.overrides");
    for (index, rule) in (0u8..).zip(D::RULES).take(D::COLUMNS.len()) {
        if columns.has(FieldIndex(index)) {
            sql.push(", ");
            lapse::value::<D>(sql, viewer, "t", rule.name);
        }
    }
    for key in D::KEYS {
        sql.push(", ").column("t", key);
    }
    for (_, rule) in sealed::<D>().filter(|_| opens) {
        sql.push(", (SELECT s.version FROM sealed_field s WHERE s.record = t.id AND s.field = ");
        sql.bind(rule.name).push(")");
    }
}

/// The sealed fields of a type.
fn sealed<D: Domain>() -> impl Iterator<Item = (FieldIndex, &'static FieldRule)> {
    let fields = (0u8..).map(FieldIndex).zip(D::RULES);
    fields.skip(D::COLUMNS.len()).take(D::SEALED.len())
}

fn read_row<D: Domain>(
    row: &QueryResult,
    (columns, opens): (FieldSet, bool),
    order: &[(FieldIndex, Direction)],
    under: bool,
) -> Result<Raw<D>, StoreError> {
    let mut at = 0;
    let parent = if under {
        at = 1;
        Some(RecordId(row.try_get_by_index(0)?))
    } else {
        None
    };
    let id = RecordId(row.try_get_by_index(at)?);
    let label = Label {
        existence: row
            .try_get_by_index::<Option<i64>>(at + 1)?
            .and_then(Level::from_rank),
        public_from: row
            .try_get_by_index::<Option<i64>>(at + 2)?
            .map(Moment::from_seconds),
        overrides: Overrides::stored(row.try_get_by_index(at + 3)?),
    };
    let chosen = (0u8..)
        .take(D::COLUMNS.len())
        .filter(|index| columns.has(FieldIndex(*index)))
        .count();
    let mut values_at = at + 4 + chosen + D::KEYS.len();
    let mut versions = Vec::new();
    for (field, _) in sealed::<D>().filter(|_| opens) {
        let version: Option<i64> = row.try_get_by_index(values_at)?;
        versions.extend(version.map(|version| (field, version)));
        values_at += 1;
    }
    let values = order
        .iter()
        .enumerate()
        .map(|(place, (field, _))| read_value::<D>(row, values_at + place, *field))
        .collect::<Result<_, _>>()?;
    Ok(Raw {
        parent,
        id,
        label,
        row: D::read(row, columns, at + 4)?,
        values,
        versions,
    })
}

fn read_value<D: Domain>(
    row: &QueryResult,
    at: usize,
    field: FieldIndex,
) -> Result<Option<Scalar>, StoreError> {
    let Some(column) = D::COLUMNS.get(usize::from(field.0)) else {
        return Ok(None);
    };
    Ok(match column.shape {
        Shape::Text | Shape::Date | Shape::Code(_) | Shape::List => row
            .try_get_by_index::<Option<String>>(at)?
            .map(Scalar::Text),
        Shape::Number | Shape::Time => row.try_get_by_index::<Option<i64>>(at)?.map(Scalar::Number),
        Shape::Flag => row.try_get_by_index::<Option<bool>>(at)?.map(Scalar::Flag),
    })
}

/// A list of one, for the look-ups that ask for a record by what it is called.
impl ListQuery {
    /// The first record, by id, that passes `predicate`.
    pub fn one(predicate: Predicate) -> Self {
        Self {
            predicate,
            ..Self::all(1)
        }
    }

    /// All records, by id, but no more than so many.
    pub fn all(most: u32) -> Self {
        Self {
            under: Under::Root,
            predicate: Predicate::always(),
            order: Vec::new(),
            window: super::page::Window {
                size: most,
                backward: false,
                after: None,
                before: None,
            },
            columns: FieldSet::ALL,
        }
    }
}

//! Filters and orders on the viewer's view.
//!
//! A test on a field holds only where the field is told: `told AND test`. Denial is
//! pushed down to the tests, so that `not` never matches a withheld value; an absent
//! value matches no test, and no denial of one.

use super::{lapse, scope, sql::Sql};
use crate::{
    confidentiality::{Domain, FieldIndex, declare::place},
    identity::viewer::Viewer,
};

/// What a filter asks of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Predicate {
    /// Every one of these; of none, always.
    All(Vec<Predicate>),
    /// At least one of these; of none, never.
    Any(Vec<Predicate>),
    /// The opposite, on what is told.
    Not(Box<Predicate>),
    /// A column passes a test.
    Column(FieldIndex, Test),
    /// An edge, stored in this key, leads to a record that the viewer may know of.
    Leads(FieldIndex, &'static str, Far),
    /// An edge leads to something with one of these codes.
    Edge(FieldIndex, Via, Vec<String>),
}

/// A test on the value of a column.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Test {
    /// It is one of these.
    In(Vec<Scalar>),
    /// It is this or comes after.
    From(Scalar),
    /// It comes before.
    Before(Scalar),
    /// Its text holds this one, byte by byte.
    Contains(String),
}

/// A value to compare with.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
pub enum Scalar {
    /// Yes or no.
    Flag(bool),
    /// A number, or a moment in unix seconds.
    Number(i64),
    /// Text, a code or a partial date.
    Text(String),
}

/// How an edge is stored, as far as a filter follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// This key column of the record itself points to the far record.
    Key(&'static str, Far),
    /// The record concerns the countries with these codes.
    Countries(Far),
    /// The topics that the record concerns.
    Topics,
}

/// The far end of an edge: a type whose records have a code.
#[derive(Clone, Copy)]
pub struct Far {
    table: &'static str,
    /// Adds that the far record, called `u`, is known, and its code told where it has one.
    known: fn(&mut Sql, &Viewer),
}

impl Far {
    /// The type `D`, which has a field `code`.
    pub const fn of<D: Domain>() -> Self {
        Self {
            table: D::TABLE,
            known: code_is_told::<D>,
        }
    }
}

impl Far {
    /// The type `D`, whether it has a code or not.
    pub const fn to<D: Domain>() -> Self {
        Self {
            table: D::TABLE,
            known: is_known::<D>,
        }
    }
}

impl PartialEq for Far {
    fn eq(&self, other: &Self) -> bool {
        self.table == other.table && std::ptr::fn_addr_eq(self.known, other.known)
    }
}

impl Eq for Far {}

impl std::fmt::Debug for Far {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.table)
    }
}

fn is_known<D: Domain>(sql: &mut Sql, viewer: &Viewer) {
    scope::exists::<D>(sql, viewer, "u");
}

fn code_is_told<D: Domain>(sql: &mut Sql, viewer: &Viewer) {
    is_known::<D>(sql, viewer);
    sql.push(" AND ");
    scope::told::<D>(sql, viewer, "u", place(D::RULES, "code"));
}

/// Upwards or downwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the least.
    Ascending,
    /// From the greatest.
    Descending,
}

impl Predicate {
    /// The filter that every record passes.
    pub fn always() -> Self {
        Self::All(Vec::new())
    }

    /// How much there is to it: each part counts, and each value that is compared with.
    pub fn weight(&self) -> usize {
        let inside: usize = match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().map(Self::weight).sum(),
            Self::Not(inner) => inner.weight(),
            Self::Column(_, Test::In(values)) => values.len(),
            Self::Edge(_, _, codes) => codes.len(),
            Self::Column(..) | Self::Leads(..) => 0,
        };
        inside.saturating_add(1)
    }

    /// Whether it is written as no condition at all.
    pub(super) fn is_always(&self) -> bool {
        matches!(self, Self::All(parts) if parts.is_empty())
    }

    /// Adds the condition for the row called `t`.
    pub(super) fn write<D: Domain>(&self, sql: &mut Sql, viewer: &Viewer, t: &'static str) {
        self.write_as::<D>(sql, viewer, t, true);
    }

    fn write_as<D: Domain>(&self, sql: &mut Sql, viewer: &Viewer, t: &'static str, holds: bool) {
        match self {
            Self::Not(inner) => inner.write_as::<D>(sql, viewer, t, !holds),
            Self::All(parts) | Self::Any(parts) => {
                let all = matches!(self, Self::All(_)) == holds;
                sql.push("(").push(if all { "1 = 1" } else { "1 = 0" });
                for part in parts {
                    sql.push(if all { " AND " } else { " OR " });
                    part.write_as::<D>(sql, viewer, t, holds);
                }
                sql.push(")");
            }
            Self::Column(field, test) => {
                let Some(column) = column_of::<D>(*field) else {
                    sql.push("1 = 0");
                    return;
                };
                sql.push("(");
                let planted = [planted!(DenialMatchesWithheld), planted!(FilterOnWithheld)];
                if planted.get(usize::from(holds)) == Some(&true) {
                    sql.push("1 = 1");
                } else {
                    scope::told::<D>(sql, viewer, t, *field);
                }
                sql.push(if holds { " AND (" } else { " AND NOT (" });
                test.write::<D>(sql, viewer, t, column);
                sql.push("))");
            }
            Self::Leads(edge, key, far) => {
                sql.push("(");
                scope::told::<D>(sql, viewer, t, *edge);
                sql.push(if holds {
                    " AND EXISTS"
                } else {
                    " AND NOT EXISTS"
                });
                sql.push(" (SELECT 1 FROM ").push(far.table);
                sql.push(" u WHERE u.id = ").column(t, key).push(" AND ");
                (far.known)(sql, viewer);
                sql.push("))");
            }
            Self::Edge(field, via, codes) => {
                sql.push("(");
                scope::told::<D>(sql, viewer, t, *field);
                sql.push(" AND ");
                if !holds {
                    // What leads nowhere passes neither the test nor its denial.
                    via.write(sql, viewer, t, None);
                    sql.push(" AND NOT ");
                }
                via.write(sql, viewer, t, Some(codes));
                sql.push(")");
            }
        }
    }
}

impl Test {
    fn write<D: Domain>(
        &self,
        sql: &mut Sql,
        viewer: &Viewer,
        t: &'static str,
        column: &'static str,
    ) {
        match self {
            Self::In(values) => {
                lapse::value::<D>(sql, viewer, t, column);
                sql.push(" IN ").bind_all(values.iter().cloned());
            }
            Self::From(value) => {
                lapse::value::<D>(sql, viewer, t, column);
                sql.push(" >= ").bind(value.clone());
            }
            Self::Before(value) => {
                lapse::value::<D>(sql, viewer, t, column);
                sql.push(" < ").bind(value.clone());
            }
            Self::Contains(needle) => {
                sql.contains(t, column, needle.clone());
            }
        }
    }
}

impl Via {
    /// Adds that a far record is known to the viewer: with one of these codes, or any.
    fn write(self, sql: &mut Sql, viewer: &Viewer, t: &'static str, codes: Option<&[String]>) {
        let column = match self {
            Self::Key(key, far) => {
                sql.push("EXISTS (SELECT 1 FROM ").push(far.table);
                sql.push(" u WHERE u.id = ").column(t, key).push(" AND ");
                if planted!(FilterThroughHidden) {
                    sql.push("1 = 1");
                } else {
                    (far.known)(sql, viewer);
                }
                "code"
            }
            Self::Countries(far) => {
                sql.push("EXISTS (SELECT 1 FROM record_country v JOIN ");
                sql.push(far.table).push(" u ON u.code = v.country");
                sql.push(" WHERE v.record = ").column(t, "id").push(" AND ");
                (far.known)(sql, viewer);
                "code"
            }
            Self::Topics => {
                sql.push("EXISTS (SELECT 1 FROM record_topic u WHERE u.record = ");
                sql.column(t, "id");
                "topic"
            }
        };
        if let Some(codes) = codes {
            sql.push(" AND ").column("u", column).push(" IN ");
            sql.bind_all(codes.iter().cloned());
        }
        sql.push(")");
    }
}

/// The column of a field that is one.
pub(super) fn column_of<D: Domain>(field: FieldIndex) -> Option<&'static str> {
    let is_column = usize::from(field.0) < D::COLUMNS.len();
    D::rule(field).filter(|_| is_column).map(|rule| rule.name)
}

impl From<Scalar> for sea_orm::Value {
    fn from(scalar: Scalar) -> Self {
        match scalar {
            Scalar::Flag(flag) => flag.into(),
            Scalar::Number(number) => number.into(),
            Scalar::Text(text) => text.into(),
        }
    }
}

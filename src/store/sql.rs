//! A statement in the making: fixed words, and bound values.
//!
//! Only `'static` text becomes part of a statement; whatever a caller has said is
//! bound. Both databases read the same text.

use std::fmt::Write;

use sea_orm::{DbBackend, Statement, Value, sea_query::ArrayType};
use uuid::Uuid;

use super::is_sqlite;

/// Ids that are bound one by one at most: a statement of SQLite takes 32,766 values.
const SEPARATE: usize = 6_000;

/// Words and the values that they refer to.
pub(super) struct Sql {
    backend: DbBackend,
    text: String,
    values: Vec<Value>,
    few: bool,
}

impl Sql {
    pub(super) fn new(backend: DbBackend) -> Self {
        Self {
            backend,
            text: String::with_capacity(512),
            values: Vec::new(),
            few: false,
        }
    }

    /// Says that few rows will be looked at, whatever the table holds.
    pub(super) fn for_few_rows(mut self) -> Self {
        self.few = true;
        self
    }

    /// Ends the query of an `EXISTS`.
    ///
    /// PostgreSQL thinks of the whole table, and would rather read all that its owner has
    /// than ask for each row of a page; an `OFFSET` leaves it no choice.
    pub(super) fn end_exists(&mut self) -> &mut Self {
        self.push(if self.few && !is_sqlite(self.backend) {
            " OFFSET 0)"
        } else {
            ")"
        })
    }

    /// Adds ` IN (…)` for ids: for PostgreSQL one array, so that the statement is the same
    /// however many they are; for SQLite a value each, or one text of all where they are more
    /// than a statement should take.
    pub(super) fn among(&mut self, ids: impl IntoIterator<Item = Uuid>) -> &mut Self {
        let ids: Vec<Uuid> = ids.into_iter().collect();
        if is_sqlite(self.backend) {
            if ids.len() <= SEPARATE {
                return self.push(" IN ").bind_all(ids);
            }
            let ids: Vec<String> = ids.iter().map(|id| id.simple().to_string()).collect();
            return self
                .push(" IN (SELECT UNHEX(value) FROM JSON_EACH(")
                .bind(serde_json::json!(ids).to_string())
                .push("))");
        }
        let ids = ids.into_iter().map(Value::from).collect();
        self.push(" = ANY(")
            .bind(Value::Array(ArrayType::Uuid, Some(Box::new(ids))))
            .push(")")
    }

    /// Adds words.
    pub(super) fn push(&mut self, words: &'static str) -> &mut Self {
        self.text.push_str(words);
        self
    }

    /// Adds a column of the table called `alias`.
    pub(super) fn column(&mut self, alias: &'static str, column: &'static str) -> &mut Self {
        self.push(alias).push(".").push(column)
    }

    /// Adds a number that the code itself has worked out: a rank, an aspect.
    pub(super) fn number(&mut self, number: i64) -> &mut Self {
        // Writing to a string does not fail.
        let _ = write!(self.text, "{number}");
        self
    }

    /// Adds a place for a value.
    pub(super) fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        self.text.push('$');
        self.number(i64::try_from(self.values.len()).unwrap_or(i64::MAX))
    }

    /// Adds `(…, …)`; an empty list becomes one that nothing is in.
    pub(super) fn bind_all<V: Into<Value>>(
        &mut self,
        values: impl IntoIterator<Item = V>,
    ) -> &mut Self {
        self.push("(");
        let mut first = true;
        for value in values {
            if !first {
                self.push(", ");
            }
            first = false;
            self.bind(value);
        }
        if first {
            self.push("NULL");
        }
        self.push(")")
    }

    /// Adds each of `parts`, written by `write`, with `between` in between.
    pub(super) fn joined<T>(
        &mut self,
        between: &'static str,
        parts: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T),
    ) -> &mut Self {
        for (place, part) in parts.into_iter().enumerate() {
            if place > 0 {
                self.push(between);
            }
            write(self, part);
        }
        self
    }

    /// Adds a test whether a column's text holds words of the code's own.
    pub(super) fn holds(
        &mut self,
        t: &'static str,
        column: &'static str,
        words: impl FnOnce(&mut Self),
    ) -> &mut Self {
        self.push(self.finder()).column(t, column).push(", '");
        words(self);
        self.push("') > 0")
    }

    /// Adds a test whether a column's text holds what a caller has said, byte by byte.
    pub(super) fn contains(
        &mut self,
        t: &'static str,
        column: &'static str,
        needle: String,
    ) -> &mut Self {
        self.push(self.finder()).column(t, column).push(", ");
        self.bind(needle).push(") > 0")
    }

    fn finder(&self) -> &'static str {
        if is_sqlite(self.backend) {
            "instr("
        } else {
            "strpos("
        }
    }

    pub(super) fn into_statement(self) -> Statement {
        Statement::from_sql_and_values(self.backend, self.text, self.values)
    }
}

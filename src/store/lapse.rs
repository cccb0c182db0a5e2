//! Codes that change as a day passes: the same in what is read, filtered and ordered.

use super::{scope, sql::Sql};
use crate::{
    confidentiality::{Domain, declare::place},
    date::PartialDate,
    identity::viewer::Viewer,
};

/// Adds the value of a column of the row called `t`, as it reads today.
///
/// The day decides only where the viewer is told it: else the code would tell of the day.
/// A day that is known to the month or year has passed when all of it has.
pub(super) fn value<D: Domain>(
    sql: &mut Sql,
    viewer: &Viewer,
    t: &'static str,
    column: &'static str,
) {
    let Some(lapse) = D::LAPSES.filter(|lapse| lapse.column == column) else {
        sql.column(t, column);
        return;
    };
    let today = PartialDate::of_day(viewer.now());
    sql.push("(CASE WHEN ").column(t, column).push(" IN ('");
    sql.joined("', '", lapse.from, |sql, code| {
        sql.push(code);
    });
    sql.push("') AND ").column(t, lapse.after);
    sql.push(" NOT LIKE '%/%' AND SUBSTR(CAST(")
        .bind(today.as_str());
    sql.push(" AS TEXT), 1, LENGTH(").column(t, lapse.after);
    sql.push(")) > ").column(t, lapse.after).push(" AND ");
    scope::told::<D>(sql, viewer, t, place(D::RULES, lapse.after));
    sql.push(" THEN '").push(lapse.to).push("' ELSE ");
    sql.column(t, column).push(" END)");
}

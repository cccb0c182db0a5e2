//! Which rows a viewer can know of, and which of their fields: the rules, in SQL.
//!
//! The same rules as [`reach`](crate::confidentiality::reach), built from the viewer
//! in this one place; a property test holds the two together.

use super::sql::Sql;
use crate::{
    confidentiality::{
        Domain, FieldIndex, FieldSet, Level,
        channel::{Channel, Named},
        label::EMBARGOED,
    },
    id::MechanismId,
    identity::{
        kind::Kind,
        viewer::{Narrowing, Viewer, Withheld},
    },
};

/// Levels above `PUBLIC` that a whole record can be reached at.
const ABOVE_PUBLIC: [Level; 3] = [Level::Partner, Level::Channel, Level::Secretariat];

/// Adds the condition that the viewer may know of the row called `t`.
pub(super) fn exists<D: Domain>(sql: &mut Sql, viewer: &Viewer, t: &'static str) {
    sql.push("(");
    looked_at(sql, viewer, t);
    if !planted!(RetiredTold) {
        sql.column(t, "retired_at").push(" IS NULL AND (");
    }
    existence_at_most(sql, viewer, t, Level::Public);
    for level in reachable(viewer, D::KIND) {
        sql.push(" OR (");
        existence_at_most(sql, viewer, t, level);
        sql.push(" AND ");
        reaches(sql, viewer, D::KIND, t, level);
        sql.push(")");
    }
    if !planted!(RetiredTold) {
        sql.push(")");
    }
    sql.push(")");
}

/// Adds `… AND ` where the hub was restored: that each owner of the row called `t` has looked at
/// what came back, or the viewer's mechanism is one.
fn looked_at(sql: &mut Sql, viewer: &Viewer, t: &'static str) {
    let withheld = match viewer.withheld() {
        Withheld::Nobodys => return,
        Withheld::Of(waiting) => Some(waiting),
        Withheld::All => None,
    };
    sql.push("(1 = 0");
    if let Some(own) = viewer.mechanism().filter(|_| !viewer.is_state()) {
        sql.push(" OR ");
        owned_by(sql, t, own);
    }
    if let Some(waiting) = withheld {
        sql.push(" OR NOT EXISTS (SELECT 1 FROM record_owner w WHERE w.record = ");
        sql.column(t, "id").push(" AND w.mechanism");
        sql.among(waiting.iter().map(|one| one.0)).end_exists();
    }
    sql.push(") AND ");
}

/// Adds the condition that the viewer's own mechanism keeps the record whose id the row
/// called `t` has, and that it lies within the token's limits: for what is told of retired
/// records, which are in nobody's scope.
pub(super) fn kept(sql: &mut Sql, viewer: &Viewer, t: &'static str) {
    match (viewer.mechanism(), viewer.limits()) {
        (Some(own), Some(limits)) if !viewer.is_state() => {
            within_limits(sql, limits, t);
            sql.push(" AND ");
            owned_by(sql, t, own);
        }
        _ => {
            sql.push("1 = 0");
        }
    }
}

/// Adds the condition that `field` of the row called `t` is told to the viewer.
///
/// For rows that are in the viewer's scope only.
pub(super) fn told<D: Domain>(sql: &mut Sql, viewer: &Viewer, t: &'static str, field: FieldIndex) {
    sql.push("(");
    level_at_most::<D>(sql, t, field, Level::Public);
    for level in reachable(viewer, D::KIND) {
        sql.push(" OR (");
        level_at_most::<D>(sql, t, field, level);
        sql.push(" AND ");
        reaches(sql, viewer, D::KIND, t, level);
        sql.push(")");
    }
    sql.push(")");
}

/// Columns that this viewer could be told of some record; others are not selected.
pub(super) fn tellable<D: Domain>(viewer: &Viewer) -> FieldSet {
    let cap = viewer.cap(D::KIND);
    (0u8..)
        .zip(D::RULES)
        .fold(FieldSet::NONE, |fields, (index, rule)| {
            // An override can lower a field to its floor, so that the floor decides here.
            if rule.floor <= cap {
                fields.with(FieldIndex(index))
            } else {
                fields
            }
        })
}

fn reachable(viewer: &Viewer, kind: Kind) -> impl Iterator<Item = Level> {
    let cap = viewer.cap(kind);
    ABOVE_PUBLIC.into_iter().filter(move |level| *level <= cap)
}

/// The level of existence: an embargo raises it until its moment.
fn existence_at_most(sql: &mut Sql, viewer: &Viewer, t: &'static str, level: Level) {
    sql.push("(")
        .column(t, "existence")
        .push(" <= ")
        .number(level.rank());
    if level < EMBARGOED && !planted!(EmbargoIgnored) {
        sql.push(" AND (")
            .column(t, "public_from")
            .push(" IS NULL OR ");
        sql.column(t, "public_from")
            .push(" <= ")
            .bind(viewer.now().seconds())
            .push(")");
    }
    sql.push(")");
}

/// The level of a field by its override, clamped to its floor, or as declared.
///
/// An override of unknown rank matches no known one and is a denial.
fn level_at_most<D: Domain>(sql: &mut Sql, t: &'static str, field: FieldIndex, level: Level) {
    let Some(rule) = D::rule(field) else {
        sql.push("1 = 0");
        return;
    };
    let declared = if rule.level.max(rule.floor) <= level {
        "1 = 1"
    } else {
        "1 = 0"
    };
    sql.push("(CASE WHEN ").column(t, "overrides");
    sql.push(" IS NULL THEN ").push(declared);
    for known in Level::ALL {
        sql.push(" WHEN ");
        sql.holds(t, "overrides", |sql| {
            sql.push(";").push(rule.name).push("=");
            sql.number(known.rank()).push(";");
        });
        sql.push(" THEN ").push(if known.max(rule.floor) <= level {
            "1 = 1"
        } else {
            "1 = 0"
        });
    }
    sql.push(" WHEN ");
    sql.holds(t, "overrides", |sql| {
        sql.push(";").push(rule.name).push("=");
    });
    sql.push(" THEN 1 = 0 ELSE ").push(declared).push(" END)");
}

/// Whether the viewer reaches at least `level` on the row called `t`.
fn reaches(sql: &mut Sql, viewer: &Viewer, kind: Kind, t: &'static str, level: Level) {
    let (Some(mechanism), Some(limits)) = (viewer.mechanism(), viewer.limits()) else {
        sql.push("1 = 0");
        return;
    };
    sql.push("(");
    within_limits(sql, limits, t);
    sql.push(" AND (");
    if level == Level::Partner && viewer.is_partner() {
        sql.push("1 = 1");
    } else {
        sql.push("1 = 0");
        if !viewer.is_state() {
            sql.push(" OR ");
            owned_by(sql, t, mechanism);
        }
        // A channel gives its own level and, where it backs a naming, the next.
        if level <= Level::Channel {
            sql.push(" OR ");
            has_channel(sql, viewer, kind, t, Level::Channel);
        }
        sql.push(" OR (");
        is_named(sql, viewer, t, mechanism);
        sql.push(if planted!(NamedWithoutChannel) {
            " OR "
        } else {
            " AND "
        });
        has_channel(sql, viewer, kind, t, Level::Secretariat);
        sql.push(")");
        if kind == Kind::Person && viewer.cap(kind) == Level::Victim && !viewer.is_state() {
            open_files(sql, viewer, t, mechanism);
        }
    }
    sql.push("))");
}

/// Adds ` OR …` for the persons whose files live grants open to the viewer: two lists, since
/// an officer may have grants for a whole docket.
fn open_files(sql: &mut Sql, viewer: &Viewer, t: &'static str, mechanism: MechanismId) {
    let Some(purpose) = viewer.purpose() else {
        return;
    };
    let (mut granted, mut consented) = (Vec::new(), Vec::new());
    for grant in viewer.grants().filter(|grant| grant.mechanism == mechanism) {
        let fields = grant.fields_for(purpose.code, viewer.now());
        if fields.is_empty() {
            continue;
        }
        granted.push(grant.person.0);
        let said = grant.consented(purpose.code, viewer.now());
        if !fields.both(said).is_empty() || planted!(SealedWithoutConsent) {
            consented.push(grant.person.0);
        }
    }
    // The owner's own officers need no consent; for another's, it is there.
    for (persons, of_owner) in [(granted, true), (consented, false)] {
        if persons.is_empty() {
            continue;
        }
        sql.push(" OR (").column(t, "id").among(persons);
        if !planted!(SealedDespiteErasure) {
            sql.push(" AND ").column(t, "erased_at").push(" IS NULL");
        }
        sql.push(" AND ");
        if of_owner {
            owned_by(sql, t, mechanism);
        } else {
            has_channel(sql, viewer, Kind::Person, t, Level::Victim);
        }
        sql.push(")");
    }
}

fn owned_by(sql: &mut Sql, t: &'static str, owner: MechanismId) {
    sql.push("EXISTS (SELECT 1 FROM record_owner o WHERE o.record = ")
        .column(t, "id");
    sql.push(" AND o.mechanism = ").bind(owner.0).end_exists();
}

fn is_named(sql: &mut Sql, viewer: &Viewer, t: &'static str, mechanism: MechanismId) {
    sql.push("EXISTS (SELECT 1 FROM record_named n WHERE n.record = ")
        .column(t, "id");
    sql.push(" AND n.mechanism = ").bind(mechanism.0);
    sql.push(" AND n.until > ")
        .bind(viewer.now().seconds())
        .end_exists();
}

fn has_channel(sql: &mut Sql, viewer: &Viewer, kind: Kind, t: &'static str, cap: Level) {
    let covers = viewer.channels().filter(|channel| {
        Some(channel.to) == viewer.mechanism()
            && channel.cap >= cap
            && channel.is_active(viewer.now())
            && channel.kinds.contains(&kind)
    });
    sql.push("(1 = 0");
    for channel in covers {
        sql.push(" OR ");
        covered_by(sql, t, channel);
    }
    sql.push(")");
}

fn covered_by(sql: &mut Sql, t: &'static str, channel: &Channel) {
    sql.push("(");
    owned_by(sql, t, channel.from);
    if let Named::Only(countries) = &channel.countries {
        sql.push(" AND ");
        all_countries_in(
            sql,
            t,
            countries.iter().map(|code| code.as_str().to_owned()),
        );
    }
    if let Named::Only(topics) = &channel.topics {
        sql.push(" AND ");
        all_topics_in(sql, t, topics.iter().map(|topic| topic.to_string()));
    }
    sql.push(")");
}

fn within_limits(sql: &mut Sql, limits: &Narrowing, t: &'static str) {
    sql.push("(1 = 1");
    if planted!(TokenLimitsIgnored) {
        sql.push(")");
        return;
    }
    if let Some(countries) = &limits.countries {
        sql.push(" AND ");
        all_countries_in(
            sql,
            t,
            countries.iter().map(|code| code.as_str().to_owned()),
        );
    }
    if let Some(topics) = &limits.topics {
        sql.push(" AND ");
        all_topics_in(sql, t, topics.iter().map(|topic| topic.to_string()));
    }
    if let Some(owners) = &limits.owners {
        sql.push(" AND EXISTS (SELECT 1 FROM record_owner l WHERE l.record = ")
            .column(t, "id");
        sql.push(" AND l.mechanism")
            .among(owners.iter().map(|owner| owner.0))
            .end_exists();
    }
    sql.push(")");
}

fn all_countries_in(sql: &mut Sql, t: &'static str, codes: impl Iterator<Item = String>) {
    all_in(sql, t, "record_country", "country", codes.collect());
}

fn all_topics_in(sql: &mut Sql, t: &'static str, topics: impl Iterator<Item = String>) {
    all_in(sql, t, "record_topic", "topic", topics.collect());
}

/// The record has some value, and none that is not among `values`.
fn all_in(
    sql: &mut Sql,
    t: &'static str,
    table: &'static str,
    column: &'static str,
    values: Vec<String>,
) {
    if values.is_empty() {
        // `NOT IN` of nothing would let everything through: an empty list names nothing.
        sql.push("(1 = 0)");
        return;
    }
    sql.push("(EXISTS (SELECT 1 FROM ")
        .push(table)
        .push(" c WHERE c.record = ")
        .column(t, "id")
        .end_exists();
    sql.push(" AND NOT EXISTS (SELECT 1 FROM ")
        .push(table)
        .push(" c WHERE c.record = ");
    sql.column(t, "id")
        .push(" AND ")
        .column("c", column)
        .push(" NOT IN ")
        .bind_all(values)
        .end_exists()
        .push(")");
}

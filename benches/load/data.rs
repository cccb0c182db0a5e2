//! Generated rows, inserted in bulk: far more than the demo, and nobody's.
//!
//! They bypass the hub's own writer, which would put each act on record: this is a
//! measurement, and its database is thrown away.

use std::fmt::Write;

use liaison::{
    id::{MechanismId, RecordId},
    identity::kind::Kind,
};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, TransactionTrait};
use uuid::Uuid;

pub(crate) const MECHANISMS: u128 = 300;
pub(crate) const PLANS: u128 = 10;
pub(crate) const ITEMS: u128 = 10;
const POINTS: u128 = 2;
/// Rows of one statement.
const BATCH: usize = 500;

/// The id of a generated mechanism: before all others in the order of ids.
pub(crate) fn mechanism(n: u128) -> RecordId {
    RecordId(Uuid::from_u128(n + 1))
}

/// The id of a generated communication; those of even number are public.
pub(crate) fn communication(n: u128) -> RecordId {
    RecordId::derived(Kind::Communication, &format!("load-{n}"))
}

/// Rows for one table, inserted as they come.
struct Rows<'a, C> {
    connection: &'a C,
    into: &'static str,
    text: String,
    waiting: usize,
}

impl<'a, C: ConnectionTrait> Rows<'a, C> {
    fn of(connection: &'a C, into: &'static str) -> Self {
        Self {
            connection,
            into,
            text: String::new(),
            waiting: 0,
        }
    }

    async fn add(&mut self, values: &str) -> Result<(), DbErr> {
        let comma = if self.waiting == 0 { "" } else { ", " };
        // Writing to a string does not fail.
        let _ = write!(self.text, "{comma}({values})");
        self.waiting += 1;
        if self.waiting == BATCH {
            self.flush().await?;
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), DbErr> {
        if self.waiting > 0 {
            let sql = format!("INSERT INTO {} VALUES {}", self.into, self.text);
            self.connection.execute_unprepared(&sql).await?;
        }
        self.text.clear();
        self.waiting = 0;
        Ok(())
    }
}

/// Writes ids as the database does.
#[derive(Clone, Copy)]
struct Words(DbBackend);

impl Words {
    fn id(self, id: RecordId) -> String {
        match self.0 {
            DbBackend::Postgres => format!("'{}'", id.0),
            _ => format!("X'{}'", id.0.simple()),
        }
    }
}

/// Mechanisms with focal points, and plans with an objective of ten items each.
pub(crate) async fn plans(connection: &DatabaseConnection) -> Result<(), DbErr> {
    let words = Words(connection.get_database_backend());
    let all = connection.begin().await?;
    let mut mechanisms = Rows::of(
        &all,
        "mechanism (id, existence, code, name, acronym, kind, system, region, source)",
    );
    let mut points = Rows::of(
        &all,
        "focal_point (id, existence, title, role, status, mailbox, person_name, mechanism_id)",
    );
    let mut plans = Rows::of(
        &all,
        "work_plan (id, existence, title, period, status, mechanism_id)",
    );
    let mut objectives = Rows::of(
        &all,
        "objective (id, existence, title, position, work_plan_id)",
    );
    let mut items = Rows::of(
        &all,
        "work_plan_item (id, existence, activity, timeline, due, status, area, \
         places_to_visit, objective_id)",
    );
    let mut owners = Rows::of(&all, "record_owner (record, mechanism)");
    for n in 0..MECHANISMS {
        let owner = words.id(mechanism(n));
        mechanisms
            .add(&format!(
                "{owner}, 0, 'load-{n}', 'Generated mechanism {n}', 'GM{n}', 'REGIONAL_COMMISSION', \
                 'AFRICAN_UNION', 'AFRICA', 'generated'"
            ))
            .await?;
        owners.add(&format!("{owner}, {owner}")).await?;
    }
    // What points to them comes after them.
    mechanisms.flush().await?;
    for n in 0..MECHANISMS {
        let owner = words.id(mechanism(n));
        for point in 0..POINTS {
            let id = words.id(RecordId::derived(
                Kind::FocalPoint,
                &format!("load-{n}-{point}"),
            ));
            points
                .add(&format!(
                    "{id}, 0, 'Focal point {point} of mechanism {n}', 'COOPERATION', 'APPOINTED', \
                     'point{point}@gm{n}.example', 'Invented Name', {owner}"
                ))
                .await?;
            owners.add(&format!("{id}, {owner}")).await?;
        }
        for plan in 0..PLANS {
            let key = format!("load-{n}-{plan}");
            let plan_id = words.id(RecordId::derived(Kind::WorkPlan, &key));
            let year = 2018 + plan;
            plans
                .add(&format!(
                    "{plan_id}, 0, 'Work plan {year} of mechanism {n}', '{year}', 'PUBLISHED', {owner}"
                ))
                .await?;
            owners.add(&format!("{plan_id}, {owner}")).await?;
        }
    }
    plans.flush().await?;
    for n in 0..MECHANISMS {
        for plan in 0..PLANS {
            let key = format!("load-{n}-{plan}");
            let plan_id = words.id(RecordId::derived(Kind::WorkPlan, &key));
            let objective = words.id(RecordId::derived(Kind::Objective, &key));
            objectives
                .add(&format!(
                    "{objective}, 0, 'Objective of plan {plan}', 1, {plan_id}"
                ))
                .await?;
            let owner = words.id(mechanism(n));
            owners.add(&format!("{objective}, {owner}")).await?;
        }
    }
    objectives.flush().await?;
    for n in 0..MECHANISMS {
        let owner = words.id(mechanism(n));
        for plan in 0..PLANS {
            let key = format!("load-{n}-{plan}");
            let objective = words.id(RecordId::derived(Kind::Objective, &key));
            for item in 0..ITEMS {
                let id = words.id(RecordId::derived(
                    Kind::WorkPlanItem,
                    &format!("{key}-{item}"),
                ));
                let month = item + 1;
                items
                    .add(&format!(
                        "{id}, 0, 'Activity {item} of plan {plan}', 'Month {month}', \
                         '{}-{month:02}', 'PLANNED', 'INFORMATION_SHARING', 'A place', {objective}",
                        2018 + plan
                    ))
                    .await?;
                owners.add(&format!("{id}, {owner}")).await?;
            }
        }
    }
    for rows in [points, items, owners].iter_mut() {
        rows.flush().await?;
    }
    all.commit().await
}

/// The communications from number `from` up to `to`: every other public, the rest
/// pending; one in a hundred of `known`, the rest of the generated mechanisms.
pub(crate) async fn communications(
    connection: &DatabaseConnection,
    known: MechanismId,
    from: u128,
    to: u128,
) -> Result<(), DbErr> {
    const COUNTRIES: [&str; 8] = ["KEN", "UGA", "PER", "FRA", "NPL", "FJI", "JOR", "CAN"];
    const TOPICS: [&str; 4] = ["reprisals", "torture_prevention", "fair_trial", "migration"];
    let words = Words(connection.get_database_backend());
    let all = connection.begin().await?;
    let mut rows = Rows::of(
        &all,
        "communication (id, existence, reference, kind, status, joint, title, received_on, \
         registered_on, decided_on, outcome, symbol, articles, docket_note, source_kind, \
         mechanism_id)",
    );
    let mut owners = Rows::of(&all, "record_owner (record, mechanism)");
    let mut countries = Rows::of(&all, "record_country (record, country)");
    let mut topics = Rows::of(&all, "record_topic (record, topic)");
    for n in from..to {
        let id = words.id(communication(n));
        let owner = if n % 100 < 2 {
            known.into()
        } else {
            mechanism(n % MECHANISMS)
        };
        let owner = words.id(owner);
        let (existence, status, decided) = if n % 2 == 0 {
            (0, "DECIDED_VIOLATION", "'2024-05-14'")
        } else {
            (2, "REGISTERED", "NULL")
        };
        rows.add(&format!(
            "{id}, {existence}, 'GM-{n:06}', 'INDIVIDUAL_COMMUNICATION', '{status}', FALSE, \
             'Generated communication number {n}, without the name of anybody', '2021-02', \
             '2021-03-04', {decided}, 'The outcome of number {n}, in a sentence.', 'GM/{n}', \
             '[\"1\",\"2\"]', 'A note', 'FAMILY', {owner}"
        ))
        .await?;
        owners.add(&format!("{id}, {owner}")).await?;
        let place = usize::try_from(n % 8).unwrap_or_default();
        if let Some(code) = COUNTRIES.get(place) {
            countries.add(&format!("{id}, '{code}'")).await?;
        }
        if let Some(topic) = TOPICS.get(place / 2) {
            topics.add(&format!("{id}, '{topic}'")).await?;
        }
    }
    for rows in [rows, owners, countries, topics].iter_mut() {
        rows.flush().await?;
    }
    all.commit().await
}

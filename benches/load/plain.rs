//! The yardsticks: the same answers by hand-written SQL, and as bytes that never change.
//!
//! On the same database, with the same driver and as many connections as the hub reads
//! with. Two ways of writing by hand: rows that Rust writes as JSON (`rows`), and JSON
//! that the database makes (`json`). Neither decides on anything but the one condition
//! that a record is public.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use liaison::id::GlobalId;
use sea_orm::sqlx::{self, PgPool, Row, SqlitePool};
use serde::{Deserialize, Serialize, ser::SerializeSeq};
use uuid::Uuid;

use super::workload::NOW;

/// A pool of the hand-written service.
#[derive(Clone)]
pub(crate) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// Bytes that are answered whatever is asked.
pub(crate) type Static = Arc<[(&'static str, Bytes)]>;

#[derive(Deserialize)]
struct Which {
    id: Option<String>,
    first: Option<i64>,
}

#[derive(Debug)]
struct Fault(sqlx::Error);

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.0.to_string()).into_response()
    }
}

/// `/rows/…`, `/json/…` and `/static/…`, for each workload.
pub(crate) fn router(pool: Pool, bytes: Static) -> Router {
    let statics = bytes
        .iter()
        .cloned()
        .fold(Router::new(), |router, (name, body)| {
            router.route(
                &format!("/static/{name}"),
                get(move || async move { json(body) }),
            )
        });
    let by_hand = Router::new()
        .route("/rows/record", get(record_by_rows))
        .route("/rows/list", get(list_by_rows))
        .route("/rows/tree", get(tree_by_rows))
        .route("/json/record", get(record_by_json))
        .route("/json/list", get(list_by_json))
        .route("/json/tree", get(tree_by_json))
        .with_state(pool);
    statics.merge(by_hand)
}

fn json(body: impl Into<Bytes>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body.into()).into_response()
}

fn written(body: &impl Serialize) -> Response {
    json(serde_json::to_vec(body).unwrap_or_default())
}

/// All rows of a statement, whichever database it is for.
macro_rules! rows {
    ($pool:expr, $sql:expr, [$($value:expr),*], |$row:ident| $read:expr) => {
        match $pool {
            Pool::Sqlite(pool) => {
                let query = sqlx::query($sql)$(.bind($value))*;
                query.fetch_all(pool).await?.iter().map(|$row| $read).collect::<Vec<_>>()
            }
            Pool::Postgres(pool) => {
                let query = sqlx::query($sql)$(.bind($value))*;
                query.fetch_all(pool).await?.iter().map(|$row| $read).collect::<Vec<_>>()
            }
        }
    };
}

/// `{"data":{NAME:…}}`.
struct Data<T>(&'static str, T);

impl<T: Serialize> Serialize for Data<T> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Whole<M> {
            data: M,
        }
        let mut map = std::collections::BTreeMap::new();
        map.insert(self.0, &self.1);
        Whole { data: map }.serialize(to)
    }
}

#[derive(Serialize)]
struct Edges<T: Serialize> {
    #[serde(serialize_with = "edges")]
    edges: Vec<T>,
}

fn edges<T: Serialize, S: serde::Serializer>(nodes: &[T], to: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Edge<'a, N> {
        node: &'a N,
    }
    let mut list = to.serialize_seq(Some(nodes.len()))?;
    for node in nodes {
        list.serialize_element(&Edge { node })?;
    }
    list.end()
}

type Text = Option<String>;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    reference: Text,
    kind: Text,
    status: Text,
    title: Text,
    decided_on: Text,
}

const RECORD: &str = "SELECT reference, kind, status, title, decided_on FROM communication \
    WHERE id = $1 AND existence = 0 AND (public_from IS NULL OR public_from <= $2)";

async fn record_by_rows(
    State(pool): State<Pool>,
    Query(which): Query<Which>,
) -> Result<Response, Fault> {
    let id = id(&which);
    let found = rows!(&pool, RECORD, [id, NOW], |row| Record {
        reference: row.get(0),
        kind: row.get(1),
        status: row.get(2),
        title: row.get(3),
        decided_on: row.get(4),
    });
    Ok(written(&Data("communication", found.first())))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    reference: Text,
    kind: Text,
    status: Text,
    title: Text,
    received_on: Text,
    registered_on: Text,
    decided_on: Text,
    symbol: Text,
}

const LIST: &str = "SELECT reference, kind, status, title, received_on, registered_on, \
    decided_on, symbol FROM communication \
    WHERE existence = 0 AND (public_from IS NULL OR public_from <= $1) ORDER BY id LIMIT $2";

async fn list_by_rows(
    State(pool): State<Pool>,
    Query(which): Query<Which>,
) -> Result<Response, Fault> {
    let first = which.first.unwrap_or(50);
    let edges = rows!(&pool, LIST, [NOW, first], |row| Listed {
        reference: row.get(0),
        kind: row.get(1),
        status: row.get(2),
        title: row.get(3),
        received_on: row.get(4),
        registered_on: row.get(5),
        decided_on: row.get(6),
        symbol: row.get(7),
    });
    Ok(written(&Data("communications", Edges { edges })))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Mechanism {
    code: Text,
    name: Text,
    focal_points: Edges<Point>,
    work_plans: Edges<Plan>,
}

#[derive(Serialize)]
struct Point {
    title: Text,
    role: Text,
    mailbox: Text,
}

#[derive(Serialize)]
struct Plan {
    title: Text,
    period: Text,
    status: Text,
    objectives: Edges<Objective>,
}

#[derive(Serialize)]
struct Objective {
    title: Text,
    items: Edges<Item>,
}

#[derive(Serialize)]
struct Item {
    activity: Text,
    timeline: Text,
    due: Text,
    status: Text,
}

/// The fifty mechanisms; what hangs on them is read level by level.
const FIFTY: &str = "(SELECT id FROM mechanism WHERE existence = 0 \
    AND (public_from IS NULL OR public_from <= $1) ORDER BY id LIMIT 50)";

async fn tree_by_rows(State(pool): State<Pool>) -> Result<Response, Fault> {
    let mechanisms =
        format!("SELECT id, code, name FROM mechanism WHERE id IN {FIFTY} ORDER BY id");
    let points = format!(
        "SELECT mechanism_id, title, role, mailbox FROM focal_point \
         WHERE mechanism_id IN {FIFTY} AND existence = 0 \
         AND (public_from IS NULL OR public_from <= $1) ORDER BY id"
    );
    let plans = format!(
        "SELECT mechanism_id, id, title, period, status FROM work_plan \
         WHERE mechanism_id IN {FIFTY} AND existence = 0 \
         AND (public_from IS NULL OR public_from <= $1) ORDER BY id"
    );
    let objectives = format!(
        "SELECT o.work_plan_id, o.id, o.title FROM objective o \
         JOIN work_plan p ON p.id = o.work_plan_id \
         WHERE p.mechanism_id IN {FIFTY} AND o.existence = 0 \
         AND (o.public_from IS NULL OR o.public_from <= $1) ORDER BY o.id"
    );
    let items = format!(
        "SELECT i.objective_id, i.activity, i.timeline, i.due, i.status FROM work_plan_item i \
         JOIN objective o ON o.id = i.objective_id JOIN work_plan p ON p.id = o.work_plan_id \
         WHERE p.mechanism_id IN {FIFTY} AND i.existence = 0 \
         AND (i.public_from IS NULL OR i.public_from <= $1) ORDER BY i.id"
    );
    let mut under_objective = grouped(rows!(&pool, sqlx::AssertSqlSafe(items), [NOW], |row| (
        row.get(0),
        Item {
            activity: row.get(1),
            timeline: row.get(2),
            due: row.get(3),
            status: row.get(4),
        }
    )));
    let mut under_plan = grouped(rows!(
        &pool,
        sqlx::AssertSqlSafe(objectives),
        [NOW],
        |row| {
            let id: Uuid = row.get(1);
            let items = taken(&mut under_objective, id);
            let title = row.get(2);
            (row.get(0), Objective { title, items })
        }
    ));
    let mut plans_under = grouped(rows!(&pool, sqlx::AssertSqlSafe(plans), [NOW], |row| {
        let id: Uuid = row.get(1);
        (
            row.get(0),
            Plan {
                title: row.get(2),
                period: row.get(3),
                status: row.get(4),
                objectives: taken(&mut under_plan, id),
            },
        )
    }));
    let mut points_under = grouped(rows!(&pool, sqlx::AssertSqlSafe(points), [NOW], |row| (
        row.get(0),
        Point {
            title: row.get(1),
            role: row.get(2),
            mailbox: row.get(3),
        }
    )));
    let edges = rows!(&pool, sqlx::AssertSqlSafe(mechanisms), [NOW], |row| {
        let id: Uuid = row.get(0);
        Mechanism {
            code: row.get(1),
            name: row.get(2),
            focal_points: taken(&mut points_under, id),
            work_plans: taken(&mut plans_under, id),
        }
    });
    Ok(written(&Data("mechanisms", Edges { edges })))
}

type Grouped<T> = std::collections::HashMap<Uuid, Vec<T>>;

fn grouped<T>(rows: Vec<(Uuid, T)>) -> Grouped<T> {
    rows.into_iter()
        .fold(Grouped::new(), |mut groups, (parent, row)| {
            groups.entry(parent).or_default().push(row);
            groups
        })
}

fn taken<T: Serialize>(groups: &mut Grouped<T>, parent: Uuid) -> Edges<T> {
    Edges {
        edges: groups.remove(&parent).unwrap_or_default(),
    }
}

/// The text that the database makes, in the words of the database.
macro_rules! made {
    ($pool:expr, $sql:expr, [$($value:expr),*]) => {{
        let made: Vec<Option<String>> = match $pool {
            Pool::Sqlite(_) => {
                let sql = $sql.replace("OBJECT", "json_object").replace("ARRAY", "json_group_array");
                rows!($pool, sqlx::AssertSqlSafe(sql), [$($value),*], |row| row.get(0))
            }
            Pool::Postgres(_) => {
                let sql = $sql.replace("OBJECT", "json_build_object").replace("ARRAY", "json_agg");
                let sql = format!("SELECT made::text FROM ({sql}) AS t(made)");
                rows!($pool, sqlx::AssertSqlSafe(sql), [$($value),*], |row| row.get(0))
            }
        };
        Ok(json(made.into_iter().next().flatten().unwrap_or_default()))
    }};
}

async fn record_by_json(
    State(pool): State<Pool>,
    Query(which): Query<Which>,
) -> Result<Response, Fault> {
    let id = id(&which);
    made!(
        &pool,
        "SELECT OBJECT('data', OBJECT('communication', OBJECT('reference', reference, 'kind', kind, \
         'status', status, 'title', title, 'decidedOn', decided_on))) FROM communication \
         WHERE id = $1 AND existence = 0 AND (public_from IS NULL OR public_from <= $2)",
        [id, NOW]
    )
}

async fn list_by_json(
    State(pool): State<Pool>,
    Query(which): Query<Which>,
) -> Result<Response, Fault> {
    let first = which.first.unwrap_or(50);
    made!(
        &pool,
        "SELECT OBJECT('data', OBJECT('communications', OBJECT('edges', ARRAY(OBJECT('node', \
         OBJECT('reference', reference, 'kind', kind, 'status', status, 'title', title, \
         'receivedOn', received_on, 'registeredOn', registered_on, 'decidedOn', decided_on, \
         'symbol', symbol)) ORDER BY id)))) FROM (SELECT * FROM communication \
         WHERE existence = 0 AND (public_from IS NULL OR public_from <= $1) \
         ORDER BY id LIMIT $2) c",
        [NOW, first]
    )
}

async fn tree_by_json(State(pool): State<Pool>) -> Result<Response, Fault> {
    made!(
        &pool,
        "SELECT OBJECT('data', OBJECT('mechanisms', OBJECT('edges', ARRAY(OBJECT('node', OBJECT( \
         'code', m.code, 'name', m.name, \
         'focalPoints', OBJECT('edges', (SELECT ARRAY(OBJECT('node', OBJECT('title', f.title, \
          'role', f.role, 'mailbox', f.mailbox)) ORDER BY f.id) FROM focal_point f \
          WHERE f.mechanism_id = m.id AND f.existence = 0 \
          AND (f.public_from IS NULL OR f.public_from <= $1))), \
         'workPlans', OBJECT('edges', (SELECT ARRAY(OBJECT('node', OBJECT('title', p.title, \
          'period', p.period, 'status', p.status, 'objectives', OBJECT('edges', \
           (SELECT ARRAY(OBJECT('node', OBJECT('title', o.title, 'items', OBJECT('edges', \
            (SELECT ARRAY(OBJECT('node', OBJECT('activity', i.activity, 'timeline', i.timeline, \
             'due', i.due, 'status', i.status)) ORDER BY i.id) FROM work_plan_item i \
             WHERE i.objective_id = o.id AND i.existence = 0 \
             AND (i.public_from IS NULL OR i.public_from <= $1))))) ORDER BY o.id) \
            FROM objective o WHERE o.work_plan_id = p.id AND o.existence = 0 \
            AND (o.public_from IS NULL OR o.public_from <= $1))))) ORDER BY p.id) \
          FROM work_plan p WHERE p.mechanism_id = m.id AND p.existence = 0 \
          AND (p.public_from IS NULL OR p.public_from <= $1))))) ORDER BY m.id)))) \
         FROM (SELECT * FROM mechanism WHERE existence = 0 \
          AND (public_from IS NULL OR public_from <= $1) ORDER BY id LIMIT 50) m",
        [NOW]
    )
}

fn id(which: &Which) -> Uuid {
    which
        .id
        .as_deref()
        .and_then(GlobalId::parse)
        .map(|id| id.id.0)
        .unwrap_or_default()
}

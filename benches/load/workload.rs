//! The four workloads, as they are asked of the hub and of the yardsticks.

use liaison::{id::GlobalId, identity::kind::Kind};
use serde_json::{Value, json};

use super::{client::Request, data};

/// The instant for which everything is answered: 1 June 2026, noon.
pub(crate) const NOW: i64 = 1_780_315_200;

const RECORD: &str =
    "query($id: ID!) { communication(id: $id) { reference kind status title decidedOn } }";
const LIST: &str = "query($first: Int) { communications(first: $first) { edges { node { \
    reference kind status title receivedOn registeredOn decidedOn symbol } } } }";
const TREE: &str = "{ mechanisms(first: 50) { edges { node { code name \
    focalPoints(first: 2) { edges { node { title role mailbox } } } \
    workPlans(first: 10) { edges { node { title period status \
    objectives(first: 1) { edges { node { title \
    items(first: 10) { edges { node { activity timeline due status } } } } } } } } } } } } }";

/// What is asked, whoever answers.
pub(crate) struct Workload {
    /// Its letter and what it is.
    pub(crate) name: &'static str,
    /// Its name in the addresses of the yardsticks.
    pub(crate) path: &'static str,
    document: &'static str,
    variables: Vec<Value>,
    queries: Vec<String>,
}

impl Workload {
    /// One record by its id, five fields; a thousand different ones.
    pub(crate) fn record() -> Self {
        let ids = (0..1_000).map(|n| {
            // Those of even number are public.
            let id = data::communication(2 * n);
            GlobalId {
                kind: Kind::Communication,
                id,
            }
            .to_string()
        });
        Self {
            name: "A: one record by id, 5 fields",
            path: "record",
            document: RECORD,
            queries: ids.clone().map(|id| format!("id={id}")).collect(),
            variables: ids.map(|id| json!({ "id": id })).collect(),
        }
    }

    /// The first so many of a list, eight fields each.
    pub(crate) fn list(name: &'static str, first: u32) -> Self {
        Self {
            name,
            path: "list",
            document: LIST,
            variables: vec![json!({ "first": first })],
            queries: vec![format!("first={first}")],
        }
    }

    /// Fifty mechanisms with all that hangs on them: 100 focal points, 500 plans, 500
    /// objectives, 5,000 items.
    pub(crate) fn tree() -> Self {
        Self {
            name: "C: 50 × focal points × plans × objectives × items",
            path: "tree",
            document: TREE,
            variables: vec![json!({})],
            queries: vec![String::new()],
        }
    }

    /// To the hub, by `POST`.
    pub(crate) fn posts(&self, token: Option<&str>) -> Vec<Request> {
        self.variables
            .iter()
            .map(|variables| {
                let body = json!({ "query": self.document, "variables": variables });
                Request::post(token, &body)
            })
            .collect()
    }

    /// To the hub, by `GET`, as a browser or a cache asks.
    pub(crate) fn gets(&self) -> Vec<Request> {
        let document = escaped(self.document);
        self.variables
            .iter()
            .map(|variables| {
                let variables = escaped(&variables.to_string());
                Request::get(&format!("/graphql?query={document}&variables={variables}"))
            })
            .collect()
    }

    /// To a yardstick: `rows`, `json` or `static`.
    pub(crate) fn yardstick(&self, kind: &str) -> Vec<Request> {
        self.queries
            .iter()
            .map(|query| Request::get(&format!("/{kind}/{}?{query}", self.path)))
            .collect()
    }
}

/// Text as a query string holds it.
fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

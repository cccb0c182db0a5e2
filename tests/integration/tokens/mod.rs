//! Holders and tokens: who admits, issues and revokes, and how soon it tells.

mod closed;
mod elsewhere;
mod holders;
mod issue;
pub(crate) mod program;
mod proven;
mod refreshed;
mod revoked;
mod rotated;

use serde_json::{Value, json};

use crate::support::{harness::Suite, house::House};

pub(crate) fn register(suite: &mut Suite) {
    closed::register(suite);
    elsewhere::register(suite);
    holders::register(suite);
    issue::register(suite);
    proven::register(suite);
    refreshed::register(suite);
    revoked::register(suite);
    rotated::register(suite);
}

/// What an officer who keeps the holders reads and does.
const KEEPER: &str = "read:communication@SECRETARIAT read:mechanism@SECRETARIAT token:issue";

/// Does an act of holders and tokens; what it answers, with or without refusal.
async fn act(house: &House, token: Option<&str>, name: &str, told: &str, input: &Value) -> Value {
    let mut letters = name.chars();
    let first: String = letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    let kind = format!("{first}{}Input", letters.as_str());
    let query = format!(
        "mutation($input: {kind}!) {{ {name}(input: $input) {{ {told} userErrors {{ code message field }} }} }}"
    );
    let request = json!({ "query": query, "variables": { "input": input } });
    house.post(token, &request).await.data()[name].clone()
}

/// The code of the first refusal, and what it is about.
fn refusal(answer: &Value) -> (String, Value) {
    let first = &answer["userErrors"][0];
    (
        first["code"].as_str().unwrap_or("DONE").to_owned(),
        first["field"].clone(),
    )
}

/// How many entries of a kind the log has.
async fn entries(house: &House, kind: &str) -> i64 {
    let sql = format!("SELECT COUNT(*) FROM audit_leaf WHERE kind = '{kind}'");
    house.number(&sql).await
}

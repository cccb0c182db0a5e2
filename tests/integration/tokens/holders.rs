//! A mechanism keeps its own holders, and nobody gives more than is their own.

use liaison::confidentiality::Level;
use serde_json::{Value, json};

use super::{KEEPER, act, entries, refusal};
use crate::support::{
    harness::{Backend, Suite},
    house::House,
};

const HOLDER: &str = "holder { name kind clearance roles suspended }";

pub(crate) fn register(suite: &mut Suite) {
    suite.test("a_mechanism_keeps_its_own_holders", keeps);
    suite.test("nobody_gives_more_than_is_their_own", bounds);
    suite.test("other_mechanisms_never_know_of_a_holder", strangers);
}

async fn admit(house: &House, token: Option<&str>, input: &Value) -> Value {
    act(house, token, "admitHolder", HOLDER, input).await
}

async fn amend(house: &House, token: Option<&str>, input: &Value) -> Value {
    act(house, token, "amendHolder", HOLDER, input).await
}

fn new(name: &str, kind: &str, clearance: &str) -> Value {
    json!({ "name": name, "kind": kind, "clearance": clearance })
}

async fn keeps(backend: Backend) {
    let house = House::open(backend).await;
    let keeper = house.token("cat.secretary", KEEPER).await;
    let before = entries(&house, "HOLDER_ADMIT").await;
    for input in [
        new("cat.second", "OFFICER", "SECRETARIAT"),
        new("cat.board", "DASHBOARD", "PARTNER"),
        new("cat.sync", "PARTNER_SYSTEM", "CHANNEL"),
    ] {
        let answer = admit(&house, Some(&keeper), &input).await;
        assert_eq!(answer["userErrors"], json!([]), "{answer}");
        assert_eq!(answer["holder"]["name"], input["name"]);
        assert_eq!(answer["holder"]["suspended"], false);
    }
    assert_eq!(entries(&house, "HOLDER_ADMIT").await, before + 3);
    let listed = house.ask(Some(&keeper), "{ holders { name roles } }").await;
    let listed = listed.data()["holders"].as_array().unwrap().clone();
    assert!(listed.iter().any(|one| one["name"] == "cat.second"));
    assert!(
        listed
            .iter()
            .all(|one| one["name"].as_str().unwrap().starts_with("cat."))
    );

    // The new officer is shown what the clearance allows, until it is lowered.
    let token = house.token_up_to("cat.second", Level::Secretariat).await;
    let query = "{ viewer { ceiling } }";
    let ceiling = async || house.ask(Some(&token), query).await.data()["viewer"]["ceiling"].clone();
    assert_eq!(ceiling().await, "SECRETARIAT");
    let lower = json!({ "name": "cat.second", "clearance": "PARTNER", "roles": ["SIGNS"] });
    let answer = amend(&house, Some(&keeper), &lower).await;
    assert_eq!(answer["holder"]["clearance"], "PARTNER", "{answer}");
    assert_eq!(answer["holder"]["roles"], json!(["SIGNS"]));
    assert_eq!(ceiling().await, "PARTNER");

    // Who is suspended is refused, and stays so with what was issued before.
    let suspend = |suspended: bool| json!({ "name": "cat.second", "suspended": suspended });
    amend(&house, Some(&keeper), &suspend(true)).await;
    assert_eq!(
        house.ask(Some(&token), query).await.code(),
        "UNAUTHENTICATED"
    );
    amend(&house, Some(&keeper), &suspend(false)).await;
    assert_eq!(
        house.ask(Some(&token), query).await.code(),
        "UNAUTHENTICATED"
    );
    let fresh = house.token_up_to("cat.second", Level::Partner).await;
    assert_eq!(house.ask(Some(&fresh), query).await.code(), "");
    assert_eq!(entries(&house, "HOLDER_AMEND").await, 3);
    assert!(house.store.ledger().verify(None).await.unwrap().is_whole());
}

async fn bounds(backend: Backend) {
    let house = House::open(backend).await;
    let keeper = house.token("cat.secretary", KEEPER).await;
    let mut grants = new("cat.more", "OFFICER", "PARTNER");
    grants["roles"] = json!(["GRANTS"]);
    let mut charged = new("cat.machine", "PARTNER_SYSTEM", "PARTNER");
    charged["roles"] = json!(["SIGNS"]);
    let leaves = house.number("SELECT COUNT(*) FROM audit_leaf").await;
    for (input, code, field) in [
        (
            new("cat.more", "OFFICER", "VICTIM"),
            "FORBIDDEN",
            "clearance",
        ),
        (grants, "FORBIDDEN", "roles"),
        (charged, "INVALID", "roles"),
        (
            new("cat.shown", "DASHBOARD", "CHANNEL"),
            "INVALID",
            "clearance",
        ),
        (
            new("cat.secretary", "OFFICER", "PARTNER"),
            "CONFLICT",
            "name",
        ),
        (new("achpr.more", "OFFICER", "PARTNER"), "INVALID", "name"),
        (new("catering", "OFFICER", "PARTNER"), "INVALID", "name"),
        (new("cat.", "OFFICER", "PARTNER"), "INVALID", "name"),
        (
            new("cat.two words", "OFFICER", "PARTNER"),
            "INVALID",
            "name",
        ),
        (
            new(&format!("cat.{}", "x".repeat(64)), "OFFICER", "PARTNER"),
            "INVALID",
            "name",
        ),
    ] {
        let answer = admit(&house, Some(&keeper), &input).await;
        assert_eq!(refusal(&answer), (code.to_owned(), json!(field)), "{input}");
        assert!(answer["holder"].is_null());
    }
    for (input, code) in [
        (
            json!({ "name": "cat.secretary", "roles": ["GRANTS", "SIGNS"] }),
            "FORBIDDEN",
        ),
        (
            json!({ "name": "cat.secretary", "suspended": true }),
            "FORBIDDEN",
        ),
        (
            json!({ "name": "cat.grants", "roles": ["GRANTS", "ADMITS", "SIGNS"] }),
            "DONE",
        ),
        (
            json!({ "name": "cat.petitions", "roles": ["GRANTS"] }),
            "FORBIDDEN",
        ),
        (
            json!({ "name": "cat.grants", "clearance": "VICTIM" }),
            "FORBIDDEN",
        ),
        (
            json!({ "name": "cat.petitions", "clearance": "VICTIM" }),
            "DONE",
        ),
        (json!({ "name": "cat.petitions" }), "INVALID"),
        (
            json!({ "name": "achpr.secretary", "suspended": true }),
            "NOT_FOUND",
        ),
        (
            json!({ "name": "cat.nobody", "suspended": true }),
            "NOT_FOUND",
        ),
    ] {
        let answer = amend(&house, Some(&keeper), &input).await;
        assert_eq!(refusal(&answer).0, code, "{input}: {answer}");
    }
    let after = house.number("SELECT COUNT(*) FROM audit_leaf").await;
    assert_eq!(after, leaves + 2, "what is refused leaves nothing");
}

async fn strangers(backend: Backend) {
    let house = House::open(backend).await;
    let scope = "read:mechanism@SECRETARIAT";
    let mut asked = Vec::new();
    for (who, holder, scope) in [
        ("no role", "cat.petitions", KEEPER),
        ("no right", "cat.secretary", scope),
        ("a system", "iachr.sync", "read:mechanism@PARTNER"),
    ] {
        asked.push((who, Some(house.token(holder, scope).await)));
    }
    asked.push(("anyone", None));
    for (who, token) in &asked {
        let token = token.as_deref();
        let listed = house.ask(token, "{ holders { name } }").await;
        assert_eq!(listed.data()["holders"], json!([]), "{who}");
        let input = new("cat.more", "OFFICER", "PARTNER");
        let answer = admit(&house, token, &input).await;
        let expected = if token.is_some() {
            "FORBIDDEN"
        } else {
            "TOKEN_NEEDED"
        };
        assert_eq!(refusal(&answer).0, expected, "{who}");
        let known = json!({ "name": "cat.grants", "suspended": true });
        let unknown = json!({ "name": "cat.nobody", "suspended": true });
        let known = amend(&house, token, &known).await;
        assert_eq!(known, amend(&house, token, &unknown).await, "{who}");
    }
    // A keeper of one mechanism is told of another's holder what is told of none.
    let keeper = house.token("achpr.secretary", KEEPER).await;
    let answers = [
        amend(
            &house,
            Some(&keeper),
            &json!({ "name": "cat.grants", "suspended": true }),
        )
        .await,
        amend(
            &house,
            Some(&keeper),
            &json!({ "name": "cat.nobody", "suspended": true }),
        )
        .await,
    ];
    assert_eq!(answers[0], answers[1]);
}

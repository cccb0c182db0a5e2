//! A refresh token brings one next pair; one that comes again ends them all.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::{Value, json};

use super::{KEEPER, act, entries, proven::Key};
use crate::support::{
    harness::{Backend, Suite},
    house::{Answer, House},
};

const SCOPE: &str = "read:communication@SECRETARIAT";

pub(crate) fn register(suite: &mut Suite) {
    suite.test("a_refresh_token_brings_one_next_pair", pairs);
    suite.test("a_refresh_token_that_comes_again_ends_its_family", reuse);
    suite.test("what_ends_a_token_ends_its_family", ends);
    suite.test("a_bound_family_is_refreshed_with_its_key_alone", bound);
}

async fn begun(house: &House, keeper: &str, thumbprint: Option<&str>) -> (String, String) {
    let input = json!({ "scope": SCOPE, "refresh": true, "thumbprint": thumbprint });
    let answer = act(
        house,
        Some(keeper),
        "issueToken",
        "text refreshText",
        &input,
    )
    .await;
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    (text("text"), text("refreshText"))
}

async fn post(house: &House, form: &str, proof: Option<&str>) -> Answer {
    let mut request =
        Request::post("/token").header("content-type", "application/x-www-form-urlencoded");
    if let Some(proof) = proof {
        request = request.header("dpop", proof);
    }
    house
        .send(request.body(Body::from(form.to_owned())).unwrap())
        .await
}

async fn refresh(house: &House, token: &str) -> Answer {
    post(
        house,
        &format!("grant_type=refresh_token&refresh_token={token}"),
        None,
    )
    .await
}

fn pair(answer: &Answer) -> (String, String) {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.json());
    assert_eq!(answer.headers["cache-control"], "no-store");
    let json = answer.json();
    assert_eq!(
        (&json["token_type"], &json["expires_in"]),
        (&json!("Bearer"), &json!(600))
    );
    assert_eq!(json["scope"], SCOPE);
    let text = |name: &str| json[name].as_str().unwrap().to_owned();
    (text("access_token"), text("refresh_token"))
}

fn refused(answer: &Answer, what: &str) {
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{what}");
    assert_eq!(answer.body, br#"{"error":"invalid_grant"}"#, "{what}");
    assert_eq!(answer.headers["cache-control"], "no-store", "{what}");
}

async fn works(house: &House, token: &str) -> bool {
    house
        .ask(Some(token), "{ viewer { subject } }")
        .await
        .code()
        != "UNAUTHENTICATED"
}

async fn pairs(backend: Backend) {
    let house = House::open(backend).await;
    let keeper = house.token("cat.secretary", KEEPER).await;
    let (first, mut next) = begun(&house, &keeper, None).await;
    assert!(works(&house, &first).await);
    let issued = entries(&house, "TOKEN_ISSUE").await;
    for round in 1..=3 {
        house.clock.advance(590);
        let (access, refresh_token) = pair(&refresh(&house, &next).await);
        assert!(works(&house, &access).await, "{round}");
        assert_ne!(refresh_token, next);
        next = refresh_token;
    }
    assert!(!works(&house, &first).await, "it has run out");
    assert_eq!(entries(&house, "TOKEN_ISSUE").await, issued + 3);
    // Neither text is anywhere in the database.
    let kept = house.texts("SELECT hash FROM refresh_token").await;
    assert!(kept.iter().all(|hash| !next.contains(hash.as_str())));

    for (what, form) in [
        ("nothing", String::new()),
        (
            "another grant",
            format!("grant_type=password&refresh_token={next}"),
        ),
        ("no grant", format!("refresh_token={next}")),
        ("no token", "grant_type=refresh_token".to_owned()),
        (
            "rubbish",
            "grant_type=refresh_token&refresh_token=rubbish".to_owned(),
        ),
        (
            "two tokens",
            format!("grant_type=refresh_token&refresh_token={next}&refresh_token={next}"),
        ),
        (
            "another client",
            format!("grant_type=refresh_token&refresh_token={next}&client_id=other"),
        ),
        (
            "never issued",
            format!(
                "grant_type=refresh_token&refresh_token=liaison-refresh_{}",
                "A".repeat(43)
            ),
        ),
    ] {
        refused(&post(&house, &form, None).await, what);
    }
    let in_address = format!("/token?grant_type=refresh_token&refresh_token={next}");
    let request = Request::post(in_address).body(Body::empty()).unwrap();
    refused(&house.send(request).await, "in the address");
    let body = json!({ "grant_type": "refresh_token", "refresh_token": next }).to_string();
    let request = Request::post("/token").header("content-type", "application/json");
    refused(
        &house.send(request.body(Body::from(body)).unwrap()).await,
        "JSON",
    );
    // None of these has used it up; after eight hours it is over all the same.
    let form = format!("grant_type=refresh_token&refresh_token={next}&client_id=liaison-cli");
    let (_, next) = pair(&post(&house, &form, None).await);
    house.clock.advance(8 * 3_600);
    refused(&refresh(&house, &next).await, "over");
    assert!(house.store.ledger().verify(None).await.unwrap().is_whole());
}

async fn reuse(backend: Backend) {
    let house = House::open(backend).await;
    let keeper = house.token("cat.secretary", KEEPER).await;
    let (first_access, first) = begun(&house, &keeper, None).await;
    let (other_access, other) = begun(&house, &keeper, None).await;
    let (second_access, second) = pair(&refresh(&house, &first).await);
    let before = entries(&house, "TOKEN_REVOKE").await;
    refused(
        &refresh(&house, &first).await,
        "the thief, or the one who was robbed",
    );
    assert_eq!(entries(&house, "TOKEN_REVOKE").await, before + 1);
    refused(&refresh(&house, &second).await, "the other of the two");
    assert!(!works(&house, &first_access).await && !works(&house, &second_access).await);
    assert_eq!(
        entries(&house, "TOKEN_REVOKE").await,
        before + 1,
        "it ends once"
    );
    // Another family of the same holder goes on.
    assert!(works(&house, &other_access).await);
    pair(&refresh(&house, &other).await);
    // Two at one time: one pair at most, and then none.
    let (_, raced) = begun(&house, &keeper, None).await;
    let answers = futures::future::join_all((0..8).map(|_| refresh(&house, &raced))).await;
    let good: Vec<Value> = answers
        .iter()
        .filter(|answer| answer.status == StatusCode::OK)
        .map(Answer::json)
        .collect();
    assert_eq!(good.len(), 1);
    assert!(!works(&house, good[0]["access_token"].as_str().unwrap()).await);
}

async fn ends(backend: Backend) {
    let house = House::open(backend).await;
    let keeper = house.token("cat.secretary", KEEPER).await;
    let revoke = async |of: Value| {
        let input = json!({ "of": of });
        let answer = act(&house, Some(&keeper), "revokeTokens", "revoked", &input).await;
        assert_eq!(answer["revoked"], true, "{answer}");
    };
    let (access, by_token) = begun(&house, &keeper, None).await;
    let claims = house.authority.verify(&access, house.clock.now()).unwrap();
    let id = liaison::identity::watch::token_hash(claims.token_id());
    revoke(json!({ "token": id })).await;
    refused(
        &refresh(&house, &by_token).await,
        "its access token was revoked",
    );
    assert!(!works(&house, &access).await);
    let (_, by_holder) = begun(&house, &keeper, None).await;
    revoke(json!({ "holder": "cat.secretary" })).await;
    refused(
        &refresh(&house, &by_holder).await,
        "its holder's tokens were revoked",
    );
}

async fn bound(backend: Backend) {
    let house = House::open(backend).await;
    let keeper = house.token("cat.secretary", KEEPER).await;
    let (key, other) = (Key::ed25519(), Key::ed25519());
    let now = house.clock.now().seconds();
    let (_, token) = begun(&house, &keeper, Some(&key.thumbprint)).await;
    let form = format!("grant_type=refresh_token&refresh_token={token}");
    let to_token = json!({ "htu": "http://localhost/token" });
    for (what, proof) in [
        ("no proof", None),
        ("another key", Some(other.proof(None, now, &to_token))),
        ("another address", Some(key.proof(None, now, &json!({})))),
    ] {
        refused(&post(&house, &form, proof.as_deref()).await, what);
    }
    let proof = key.proof(None, now, &to_token);
    let answer = post(&house, &form, Some(&proof)).await;
    assert_eq!(answer.json()["token_type"], "DPoP");
}

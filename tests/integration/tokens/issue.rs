//! Tokens are issued within the token that asks, listed without text, and revoked one by one.

use liaison::identity::watch::token_hash;
use serde_json::{Value, json};

use super::{KEEPER, act, entries, refusal};
use crate::support::{
    harness::{Backend, Suite},
    house::House,
};

const ISSUED: &str = "text token { id holder client scope expiresAt revokedAt }";

pub(crate) fn register(suite: &mut Suite) {
    suite.test("a_token_is_issued_within_the_token_that_asks", issues);
    suite.test("what_goes_beyond_is_not_issued", bounds);
    suite.test("each_revokes_their_own_and_the_keeper_everyones", revokes);
}

async fn issue(house: &House, token: Option<&str>, input: &Value) -> Value {
    act(house, token, "issueToken", ISSUED, input).await
}

async fn revoke(house: &House, token: Option<&str>, of: Value) -> Value {
    act(
        house,
        token,
        "revokeTokens",
        "revoked",
        &json!({ "of": of }),
    )
    .await
}

async fn works(house: &House, token: &str) -> bool {
    let answer = house.ask(Some(token), "{ viewer { subject } }").await;
    answer.code() != "UNAUTHENTICATED"
}

async fn issues(backend: Backend) {
    let house = House::open(backend).await;
    let keeper = house.token("cat.secretary", KEEPER).await;
    let before = entries(&house, "TOKEN_ISSUE").await;
    let input = json!({ "scope": "read:communication@SECRETARIAT", "key": "once" });
    let answer = issue(&house, Some(&keeper), &input).await;
    let text = answer["text"].as_str().unwrap().to_owned();
    assert!(works(&house, &text).await);
    assert_eq!(answer["token"]["holder"], "cat.secretary");
    let claims = house.authority.verify(&text, house.clock.now()).unwrap();
    assert_eq!(answer["token"]["id"], token_hash(claims.token_id()));

    // Its text is shown once, whatever is sent again; and it is nowhere in the database.
    let again = issue(&house, Some(&keeper), &input).await;
    assert_eq!(again["userErrors"], json!([]));
    assert_eq!(again["token"]["id"], answer["token"]["id"]);
    assert!(again["text"].is_null());
    assert_eq!(entries(&house, "TOKEN_ISSUE").await, before + 1);

    // To another: within one's own, and on record.
    let to_another = json!({ "holder": "cat.petitions", "scope": "read:communication@PARTNER",
        "seconds": 3600 });
    let answer = issue(&house, Some(&keeper), &to_another).await;
    assert!(
        works(&house, answer["text"].as_str().unwrap()).await,
        "{answer}"
    );
    let listed = house
        .ask(Some(&keeper), "{ tokens { id holder scope } }")
        .await;
    assert_eq!(listed.data()["tokens"].as_array().unwrap().len(), 2);
    let query = "{ tokens(holder: \"cat.petitions\") { holder } }";
    let listed = house.ask(Some(&keeper), query).await;
    assert_eq!(
        listed.data()["tokens"],
        json!([{ "holder": "cat.petitions" }])
    );

    // Others are told of their own alone, and a token that could issue none of itself alone.
    for (scope, told) in [
        (
            "read:communication@PARTNER token:issue",
            json!([{ "holder": "cat.petitions" }]),
        ),
        ("read:communication@PARTNER", json!([])),
    ] {
        let petitions = house.token("cat.petitions", scope).await;
        let listed = house.ask(Some(&petitions), "{ tokens { holder } }").await;
        assert_eq!(listed.data()["tokens"], told);
    }
    for token in [None, Some(house.token("achpr.secretary", KEEPER).await)] {
        let listed = house.ask(token.as_deref(), "{ tokens { holder } }").await;
        assert_eq!(listed.data()["tokens"], json!([]));
    }
}

async fn bounds(backend: Backend) {
    let house = House::open(backend).await;
    let keeper = house.token("cat.secretary", KEEPER).await;
    let officer = house
        .token("cat.petitions", "read:communication@VICTIM token:issue")
        .await;
    let reader = house
        .token("cat.secretary", "read:communication@PARTNER")
        .await;
    let keeper_of_kenya = format!("{KEEPER} st:KEN");
    let kenya = house.token("cat.secretary", &keeper_of_kenya).await;
    let before = house.number("SELECT COUNT(*) FROM audit_leaf").await;
    for (token, input, code) in [
        (
            None,
            json!({ "scope": "read:communication@PARTNER" }),
            "TOKEN_NEEDED",
        ),
        (
            Some(&reader),
            json!({ "scope": "read:communication@PARTNER" }),
            "FORBIDDEN",
        ),
        (
            Some(&keeper),
            json!({ "scope": "read:communication@VICTIM" }),
            "FORBIDDEN",
        ),
        (
            Some(&keeper),
            json!({ "scope": "write:communication@PARTNER" }),
            "FORBIDDEN",
        ),
        (
            Some(&keeper),
            json!({ "scope": "read:person@PARTNER" }),
            "FORBIDDEN",
        ),
        (
            Some(&kenya),
            json!({ "scope": "read:communication@PARTNER" }),
            "FORBIDDEN",
        ),
        (
            Some(&keeper),
            json!({ "scope": "read:all@PARTNER" }),
            "INVALID",
        ),
        (Some(&keeper), json!({ "scope": "" }), "INVALID"),
        (
            Some(&keeper),
            json!({ "scope": "read:communication@SECRETARIAT", "seconds": 601 }),
            "INVALID",
        ),
        (
            Some(&keeper),
            json!({ "scope": "read:communication@PARTNER", "client": "nobody" }),
            "INVALID",
        ),
        (
            Some(&keeper),
            json!({ "scope": "read:communication@PARTNER", "thumbprint": "short" }),
            "INVALID",
        ),
        (
            Some(&keeper),
            json!({ "scope": "read:communication@PARTNER", "holder": "achpr.secretary" }),
            "NOT_FOUND",
        ),
        (
            Some(&keeper),
            json!({ "scope": "read:communication@PARTNER", "holder": "cat.nobody" }),
            "NOT_FOUND",
        ),
        // This one gives grants, and the keeper does not.
        (
            Some(&keeper),
            json!({ "scope": "read:communication@PARTNER", "holder": "cat.grants" }),
            "FORBIDDEN",
        ),
        (
            Some(&officer),
            json!({ "scope": "read:communication@PARTNER", "holder": "cat.secretary" }),
            "FORBIDDEN",
        ),
    ] {
        let answer = issue(&house, token.map(String::as_str), &input).await;
        assert_eq!(refusal(&answer).0, code, "{input}: {answer}");
        assert!(answer["text"].is_null() && answer["token"].is_null());
    }
    assert_eq!(
        house.number("SELECT COUNT(*) FROM audit_leaf").await,
        before
    );
    assert_eq!(
        house
            .number("SELECT COUNT(*) FROM token WHERE subject = 'cat.secretary'")
            .await,
        0
    );
    // What takes a second officer is issued to no other: the issuer sees the token.
    let rights = "read:person@SECRETARIAT write:person@SECRETARIAT declassify:approve \
                  declassify:request consent:write token:issue";
    let wide = house.token("cat.secretary", rights).await;
    for right in rights.split(' ').skip(1) {
        let input = json!({ "holder": "cat.petitions", "scope": right });
        let answer = issue(&house, Some(&wide), &input).await;
        assert_eq!(refusal(&answer).0, "FORBIDDEN", "{right}: {answer}");
        assert!(answer["text"].is_null());
    }
    // To oneself any officer may, by a token with the right.
    let own = json!({ "scope": "read:communication@VICTIM", "seconds": 60 });
    let answer = issue(&house, Some(&officer), &own).await;
    assert_eq!(answer["userErrors"], json!([]), "{answer}");
}

async fn revokes(backend: Backend) {
    let house = House::open(backend).await;
    let keeper = house.token("cat.secretary", KEEPER).await;
    let fresh = async |holder: &str| {
        let input = json!({ "holder": holder, "scope": "read:communication@PARTNER" });
        let answer = issue(&house, Some(&keeper), &input).await;
        let id = answer["token"]["id"].as_str().unwrap().to_owned();
        (answer["text"].as_str().unwrap().to_owned(), id)
    };
    // One token, and no other.
    let (one, id) = fresh("cat.petitions").await;
    let (other, other_id) = fresh("cat.petitions").await;
    let answer = revoke(&house, Some(&keeper), json!({ "token": id })).await;
    assert_eq!(answer["revoked"], true, "{answer}");
    assert!(!works(&house, &one).await && works(&house, &other).await);
    let query = "{ tokens(holder: \"cat.petitions\") { id revokedAt } }";
    let listed = house.ask(Some(&keeper), query).await.data();
    let listed = listed["tokens"].as_array().unwrap();
    for token in listed {
        assert_eq!(token["revokedAt"].is_null(), token["id"] != id.as_str());
    }

    // One's own needs no role and no right; another's does.
    let (keepers, keepers_id) = fresh("cat.secretary").await;
    for of in [
        json!({ "token": keepers_id }),
        json!({ "holder": "cat.secretary" }),
        json!({ "client": "liaison-cli" }),
        json!({ "mechanism": "cat" }),
    ] {
        let answer = revoke(&house, Some(&other), of.clone()).await;
        assert!(answer["revoked"] == false, "{of}: {answer}");
    }
    assert!(works(&house, &keepers).await);
    let answer = revoke(&house, Some(&other), json!({ "token": other_id })).await;
    assert_eq!(answer["revoked"], true, "{answer}");
    assert!(!works(&house, &other).await);

    // Another mechanism's are not there.
    let strangers = house.token("achpr.secretary", KEEPER).await;
    for of in [
        json!({ "token": keepers_id }),
        json!({ "token": "no such token" }),
        json!({ "holder": "cat.secretary" }),
        json!({ "holder": "cat.nobody" }),
        json!({ "mechanism": "cat" }),
        json!({ "mechanism": "none" }),
    ] {
        let answer = revoke(&house, Some(&strangers), of.clone()).await;
        assert_eq!(refusal(&answer).0, "NOT_FOUND", "{of}");
    }

    // A client's tokens, of the own mechanism alone.
    let (petitions, _) = fresh("cat.petitions").await;
    let answer = revoke(&house, Some(&strangers), json!({ "client": "liaison-cli" })).await;
    assert_eq!(answer["revoked"], true, "{answer}");
    assert!(!works(&house, &strangers).await);
    assert!(works(&house, &petitions).await && works(&house, &keeper).await);

    // A holder's, then the mechanism's, one's own with them.
    revoke(&house, Some(&keeper), json!({ "holder": "cat.petitions" })).await;
    assert!(!works(&house, &petitions).await && works(&house, &keepers).await);
    revoke(&house, Some(&keeper), json!({ "mechanism": "cat" })).await;
    assert!(!works(&house, &keepers).await && !works(&house, &keeper).await);
    let anew = house.token("cat.secretary", KEEPER).await;
    assert!(works(&house, &anew).await);
    assert_eq!(entries(&house, "TOKEN_REVOKE").await, 5);
    assert!(house.store.ledger().verify(None).await.unwrap().is_whole());
}

//! A token that is bound to a key is of no use without it.

use axum::{body::Body, http::Request};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, EncodingKey, crypto,
    jwk::{Jwk, ThumbprintHash},
};
use liaison::{
    confidentiality::{Level, warrant::Warrant},
    demo::load::CLIENT,
    hub::Hub,
    identity::holder::Proof,
    keys::KeyFile,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{KEEPER, act};
use crate::support::{
    harness::{Backend, Suite},
    house::{Answer, House},
};

const BASE: &str = "http://localhost";
const SCOPE: &str = "read:communication@SECRETARIAT token:issue";

pub(crate) fn register(suite: &mut Suite) {
    suite.test("a_bound_token_is_of_no_use_without_its_key", bound);
    suite.test("what_comes_of_a_bound_token_is_bound", inherited);
    suite.test("no_token_is_issued_that_would_be_of_no_use", issued);
    suite.test("what_a_client_must_prove_is_said_for_each", policies);
    suite.test("an_export_takes_one_proof_for_all_its_pages", exports);
}

/// A client's own key.
pub(super) struct Key {
    key: EncodingKey,
    algorithm: Algorithm,
    jwk: Value,
    pub(super) thumbprint: String,
}

impl Key {
    pub(super) fn ed25519() -> Self {
        let keys = KeyFile::fresh().unwrap();
        Self::of(keys.signing()[0].encoding_key(), Algorithm::EdDSA)
    }

    /// Made for this test, and used for nothing else.
    fn p256() -> Self {
        let pem = include_bytes!("p256.pem");
        Self::of(EncodingKey::from_ec_pem(pem).unwrap(), Algorithm::ES256)
    }

    fn of(key: EncodingKey, algorithm: Algorithm) -> Self {
        let jwk = Jwk::from_encoding_key(&key, algorithm).unwrap();
        let thumbprint = jwk.thumbprint(ThumbprintHash::SHA256).unwrap();
        let whole = serde_json::to_value(&jwk).unwrap();
        let parts = ["kty", "crv", "x", "y"].into_iter();
        let parts = parts.filter(|part| !whole[part].is_null());
        let jwk = parts.map(|part| (part.to_owned(), whole[part].clone()));
        Self {
            key,
            algorithm,
            jwk: jwk.collect(),
            thumbprint,
        }
    }

    /// A proof for a request, with some claims as told.
    pub(super) fn proof(&self, token: Option<&str>, at: i64, change: &Value) -> String {
        let jti = URL_SAFE_NO_PAD.encode(liaison::id::RecordId::random().0.as_bytes());
        let mut claims = json!({ "jti": jti, "htm": "POST", "iat": at,
            "htu": format!("{BASE}/graphql") });
        if let Some(token) = token {
            claims["ath"] = json!(URL_SAFE_NO_PAD.encode(Sha256::digest(token)));
        }
        for (name, value) in change.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let alg = if self.algorithm == Algorithm::EdDSA {
            "EdDSA"
        } else {
            "ES256"
        };
        let header = json!({ "typ": "dpop+jwt", "alg": alg, "jwk": self.jwk });
        let [header, claims] =
            [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let message = format!("{header}.{claims}");
        let signature = crypto::sign(message.as_bytes(), &self.key, self.algorithm).unwrap();
        format!("{message}.{signature}")
    }
}

async fn ask(house: &House, authorization: &str, proofs: &[&str]) -> Answer {
    let mut request = Request::post("/graphql")
        .header("content-type", "application/json")
        .header("authorization", authorization);
    for proof in proofs {
        request = request.header("dpop", *proof);
    }
    let body = json!({ "query": "{ viewer { subject } }" }).to_string();
    house.send(request.body(Body::from(body)).unwrap()).await
}

async fn inherited(backend: Backend) {
    let house = House::open(backend).await;
    let keeper = house.token("cat.secretary", KEEPER).await;
    let key = Key::ed25519();
    let input = json!({ "scope": "read:mechanism@SECRETARIAT token:issue",
        "thumbprint": key.thumbprint });
    let answer = act(&house, Some(&keeper), "issueToken", "text", &input).await;
    let token = answer["text"].as_str().unwrap().to_owned();
    let proof = key.proof(Some(&token), house.clock.now().seconds(), &json!({}));
    let query = "mutation { issueToken(input: {scope: \"read:mechanism@SECRETARIAT\"}) { text } }";
    let request = Request::post("/graphql")
        .header("content-type", "application/json")
        .header("authorization", format!("DPoP {token}"))
        .header("dpop", proof)
        .body(Body::from(json!({ "query": query }).to_string()));
    let answer = house.send(request.unwrap()).await.data();
    let child = answer["issueToken"]["text"].as_str().unwrap();
    let claims = house.authority.verify(child, house.clock.now()).unwrap();
    assert_eq!(claims.thumbprint(), Some(key.thumbprint.as_str()));
}

async fn bound(backend: Backend) {
    let house = House::open(backend).await;
    let keeper = house.token("cat.secretary", KEEPER).await;
    let now = house.clock.now().seconds();
    let rubbish = ask(&house, "Bearer rubbish", &[]).await;
    for key in [Key::ed25519(), Key::p256()] {
        let input = json!({ "scope": SCOPE.replace(" token:issue", ""),
            "thumbprint": key.thumbprint });
        let answer = act(&house, Some(&keeper), "issueToken", "text", &input).await;
        let token = answer["text"].as_str().unwrap().to_owned();
        let dpop = format!("DPoP {token}");
        let proof = |change: Value| key.proof(Some(&token), now, &change);
        let good = proof(json!({}));
        assert_eq!(
            ask(&house, &dpop, &[&good]).await.data()["viewer"]["subject"],
            "cat.secretary"
        );

        let other = Key::ed25519();
        for (name, authorization, proofs) in [
            ("replayed", dpop.clone(), vec![good.clone()]),
            ("no proof", dpop.clone(), vec![]),
            (
                "as a bearer's",
                format!("Bearer {token}"),
                vec![proof(json!({}))],
            ),
            ("as a bearer's, no proof", format!("Bearer {token}"), vec![]),
            (
                "two proofs",
                dpop.clone(),
                vec![proof(json!({})), proof(json!({}))],
            ),
            (
                "wrong htu",
                dpop.clone(),
                vec![proof(json!({ "htu": "http://evil.example/graphql" }))],
            ),
            (
                "wrong htm",
                dpop.clone(),
                vec![proof(json!({ "htm": "GET" }))],
            ),
            (
                "wrong ath",
                dpop.clone(),
                vec![proof(json!({ "ath": "AAAA" }))],
            ),
            (
                "another token's",
                dpop.clone(),
                vec![key.proof(Some("other"), now, &json!({}))],
            ),
            (
                "no ath",
                dpop.clone(),
                vec![key.proof(None, now, &json!({}))],
            ),
            (
                "another key",
                dpop.clone(),
                vec![other.proof(Some(&token), now, &json!({}))],
            ),
            (
                "too old",
                dpop.clone(),
                vec![proof(json!({ "iat": now - 61 }))],
            ),
            (
                "too new",
                dpop.clone(),
                vec![proof(json!({ "iat": now + 61 }))],
            ),
            ("rubbish", dpop.clone(), vec!["rubbish".to_owned()]),
            (
                "unbound, as bound",
                format!("DPoP {keeper}"),
                vec![proof(json!({}))],
            ),
        ] {
            let proofs: Vec<&str> = proofs.iter().map(String::as_str).collect();
            let answer = ask(&house, &authorization, &proofs).await;
            assert_eq!(answer.code(), "UNAUTHENTICATED", "{name}");
            assert_eq!(
                (answer.status, &answer.body),
                (rubbish.status, &rubbish.body),
                "{name}"
            );
        }
        // None of these has used up what is good.
        assert_eq!(ask(&house, &dpop, &[&proof(json!({}))]).await.code(), "");
    }
}

/// The house with what it asks of clients that say nothing.
fn asking(house: &mut House, default: Proof) {
    let hub = Hub::new(
        house.store.clone(),
        std::sync::Arc::clone(&house.authority),
        house.clock.clone(),
    );
    house.router = liaison::hub::router(liaison::http::Door::new(hub.reached_at(BASE, default)));
}

async fn policies(backend: Backend) {
    let mut house = House::open(backend).await;
    let key = Key::ed25519();
    let now = house.clock.now().seconds();
    let keeper = house.token("cat.secretary", KEEPER).await;
    let issue = async |scope: &str, thumbprint: Option<&str>| {
        let input = json!({ "scope": scope, "thumbprint": thumbprint });
        let answer = act(&house, Some(&keeper), "issueToken", "text", &input).await;
        answer["text"].as_str().unwrap().to_owned()
    };
    let grave = "read:communication@SECRETARIAT";
    let tokens = [
        (issue(grave, None).await, false),
        (issue(grave, Some(&key.thumbprint)).await, true),
        (issue("read:communication@CHANNEL", None).await, false),
    ];
    // As the client says, and where it says nothing as the hub does.
    for (default, of_client, expected) in [
        (Proof::Optional, None, [true, true, true]),
        (Proof::Required, None, [false, true, true]),
        (Proof::Required, Some(Proof::Optional), [true, true, true]),
        (Proof::Optional, Some(Proof::Required), [false, true, false]),
        (Proof::Required, Some(Proof::Off), [true, false, true]),
    ] {
        asking(&mut house, default);
        if let Some(proof) = of_client {
            let warrant = Warrant::to_admit_client();
            let mut writer = house.store.begin(warrant, house.clock.now()).await.unwrap();
            assert!(writer.set_proof(CLIENT, proof).await.unwrap());
            writer.commit().await.unwrap();
        }
        for ((token, bound), expected) in tokens.iter().zip(expected) {
            let proof = key.proof(Some(token), now, &json!({}));
            let answer = if *bound {
                ask(&house, &format!("DPoP {token}"), &[&proof]).await
            } else {
                ask(&house, &format!("Bearer {token}"), &[]).await
            };
            let accepted = answer.code() != "UNAUTHENTICATED";
            assert_eq!(
                accepted, expected,
                "{default:?} {of_client:?} bound: {bound}"
            );
        }
    }
}

async fn issued(backend: Backend) {
    let mut house = House::open(backend).await;
    let key = Key::ed25519();
    let keeper = house.token("cat.secretary", KEEPER).await;
    let desks = [
        ("strict", Some(Proof::Required)),
        ("plain", Some(Proof::Off)),
        ("silent", None),
    ];
    for (client, proof) in desks {
        let warrant = Warrant::to_admit_client();
        let mut writer = house.store.begin(warrant, house.clock.now()).await.unwrap();
        let admitted = writer.admit_client(client, Level::Secretariat, proof);
        admitted.await.unwrap();
        // The one that asks needs no key, whatever the hub asks of others.
        writer.set_proof(CLIENT, Proof::Optional).await.unwrap();
        writer.commit().await.unwrap();
    }
    let (grave, light) = (
        "read:communication@SECRETARIAT",
        "read:communication@CHANNEL",
    );
    let bound = Some(key.thumbprint.as_str());
    for (default, client, scope, thumbprint, refused) in [
        (Proof::Optional, "strict", light, None, "required of it"),
        (Proof::Optional, "strict", light, bound, ""),
        (Proof::Optional, "plain", light, None, ""),
        (
            Proof::Optional,
            "plain",
            light,
            bound,
            "leave the thumbprint out",
        ),
        (Proof::Optional, "silent", grave, None, ""),
        (Proof::Required, "silent", grave, None, "required of it"),
        (Proof::Required, "silent", grave, bound, ""),
        (Proof::Required, "silent", light, None, ""),
        (Proof::Required, CLIENT, grave, None, ""),
    ] {
        asking(&mut house, default);
        let input = json!({ "scope": scope, "client": client, "thumbprint": thumbprint });
        let answer = act(&house, Some(&keeper), "issueToken", "text", &input).await;
        let error = &answer["userErrors"][0];
        if refused.is_empty() {
            assert_eq!(answer["userErrors"], json!([]), "{client}: {answer}");
            continue;
        }
        assert_eq!(error["code"], "INVALID", "{client}: {answer}");
        assert_eq!(error["field"], "thumbprint");
        assert!(
            error["message"].as_str().unwrap().contains(refused),
            "{error}"
        );
    }
}

async fn exports(backend: Backend) {
    let house = House::open(backend).await;
    let keeper = house.token("cat.secretary", KEEPER).await;
    let now = house.clock.now().seconds();
    let key = Key::ed25519();
    let scope = "read:communication@SECRETARIAT";
    let input = json!({ "scope": scope, "thumbprint": key.thumbprint });
    let answer = act(&house, Some(&keeper), "issueToken", "text", &input).await;
    let token = answer["text"].as_str().unwrap().to_owned();
    let export = async |authorization: &str, kind: &str, proof: Option<&str>| {
        let mut request = Request::post(format!("/export/{kind}.csv"));
        request = request.header("authorization", authorization);
        if let Some(proof) = proof {
            request = request.header("dpop", proof);
        }
        house.send(request.body(Body::empty()).unwrap()).await
    };
    let dpop = format!("DPoP {token}");
    // More than one page, each as the holder's own token is told them.
    for kind in ["communication", "country"] {
        let path = json!({ "htu": format!("{BASE}/export/{kind}.csv") });
        let proof = key.proof(Some(&token), now, &path);
        let file = export(&dpop, kind, Some(&proof)).await;
        assert!(
            file.status.is_success(),
            "{:?}",
            String::from_utf8_lossy(&file.body)
        );
        let plain = house.token("cat.secretary", scope).await;
        let plain = export(&format!("Bearer {plain}"), kind, None).await;
        assert_eq!(file.body, plain.body, "{kind}");
        let lines = file.body.iter().filter(|byte| **byte == b'\n').count();
        assert!(
            kind != "country" || lines > 101,
            "{kind}: {lines} lines are one page"
        );
        // The proof is used up, for an export as for a question.
        let again = export(&dpop, kind, Some(&proof)).await;
        assert_eq!(again.code(), "UNAUTHENTICATED");
    }
    let elsewhere = key.proof(Some(&token), now, &json!({}));
    let other = json!({ "htu": format!("{BASE}/export/country.csv") });
    let other = key.proof(Some(&token), now, &other);
    let rubbish = export("DPoP rubbish", "communication", None).await;
    for (name, authorization, proof) in [
        ("none", dpop.clone(), None),
        ("a question's", dpop.clone(), Some(&elsewhere)),
        ("another export's", dpop.clone(), Some(&other)),
        ("called Bearer", format!("Bearer {token}"), None),
    ] {
        let answer = export(&authorization, "communication", proof.map(String::as_str)).await;
        assert_eq!(answer.body, rubbish.body, "{name}");
    }
    // Revoked, it exports nothing.
    let of = json!({ "of": { "holder": "cat.secretary" } });
    act(&house, Some(&keeper), "revokeTokens", "revoked", &of).await;
    let path = json!({ "htu": format!("{BASE}/export/communication.csv") });
    let proof = key.proof(Some(&token), now, &path);
    let answer = export(&dpop, "communication", Some(&proof)).await;
    assert_eq!(answer.body, rubbish.body);
}

//! Tokens of other issuers: good for what a row says, and for nothing that they say.

use axum::{body::Body, http::Request};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey};
use liaison::{
    clock::Moment,
    confidentiality::Level,
    demo::load::CLIENT,
    identity::{claims::Refusal, token::TokenAuthority},
    keys::KeyFile,
    store::standing::ViewerError,
};
use serde_json::{Value, json};

use super::{KEEPER, act, entries, proven::Key, refusal};
use crate::support::{
    harness::{Backend, Suite},
    house::{Answer, House, NOW, reads},
    issuers::{ONE, PROGRAM, SIGNERS, Signer, TWO, keys, open, put},
};

const SUB: &str = "0f5c|Officer One (invented)";
const SCOPE: &str = "read:communication@SECRETARIAT read:mechanism@SECRETARIAT";
const MAPPED: &str = "mapped { issuer subject holder client scope cap ended }";

pub(crate) fn register(suite: &mut Suite) {
    suite.test(
        "a_token_of_another_issuer_is_good_for_what_its_row_says",
        narrows,
    );
    suite.test(
        "every_hostile_token_of_another_issuer_is_refused_alike",
        hostile,
    );
    suite.test(
        "what_ends_a_holder_s_tokens_ends_those_of_other_issuers",
        ends,
    );
    suite.test(
        "after_its_end_a_subject_of_another_issuer_is_nobody_here",
        until,
    );
    suite.test("nobody_maps_more_than_is_their_own", bounds);
    suite.test(
        "a_file_opens_to_a_bound_token_of_another_issuer_alone",
        files,
    );
    suite.test(
        "two_mechanisms_never_know_of_each_other_s_subjects",
        strangers,
    );
    suite.plain(
        "keys_of_other_issuers_are_sound_or_stay_as_they_were",
        reload,
    );
}

async fn map(house: &House, token: &str, change: &Value) -> Value {
    let mut input = json!({ "issuer": ONE, "subject": SUB, "holder": "cat.petitions",
        "scope": SCOPE, "cap": "SECRETARIAT" });
    for (name, value) in change.as_object().unwrap() {
        input[name] = value.clone();
    }
    act(house, Some(token), "mapHolder", MAPPED, &input).await
}

/// A house in which one officer of CAT is known to the first issuer.
async fn mapped(backend: Backend) -> (House, String) {
    let house = House::open(backend).await;
    let keeper = house.token("cat.secretary", KEEPER).await;
    let answer = map(&house, &keeper, &json!({})).await;
    assert_eq!(answer["userErrors"], json!([]), "{answer}");
    (house, keeper)
}

fn good(signer: &Signer) -> String {
    signer.token(SUB, |_| ())
}

async fn who(house: &House, token: &str) -> Answer {
    house
        .ask(Some(token), "{ viewer { subject ceiling } }")
        .await
}

async fn works(house: &House, token: &str) -> bool {
    who(house, token).await.code() != "UNAUTHENTICATED"
}

async fn narrows(backend: Backend) {
    let house = House::open(backend).await;
    let rubbish = who(&house, "rubbish").await;
    // Nobody has said whose it is.
    for signer in [&SIGNERS.one, &SIGNERS.one_p256] {
        assert_eq!(who(&house, &good(signer)).await.body, rubbish.body);
    }
    let (house, _) = mapped(backend).await;
    for signer in [&SIGNERS.one, &SIGNERS.one_p256] {
        let answer = who(&house, &good(signer)).await.data();
        assert_eq!(answer["viewer"]["subject"], "cat.petitions");
        assert_eq!(answer["viewer"]["ceiling"], "SECRETARIAT");
    }
    // The docket is told as to the holder's own token of this scope, and no more.
    let own = house.token("cat.petitions", SCOPE).await;
    let query = "{ communications(first: 50) { totalCount edges { node { reference docketNote \
         persons(first: 2) { totalCount } } } } holders { name } }";
    let theirs = house.ask(Some(&good(&SIGNERS.one)), query).await;
    assert_eq!(theirs.body, house.ask(Some(&own), query).await.body);
    assert!(theirs.data()["communications"]["totalCount"].as_i64() > Some(0));
    // One that the issuer lets live an hour lives here as long as ours does.
    let long = SIGNERS
        .one
        .token(SUB, |claims| claims["exp"] = json!(NOW + 3_600));
    assert!(works(&house, &long).await);
    house.clock.advance(605);
    assert!(works(&house, &long).await, "the leeway of the clocks");
    house.clock.advance(10);
    assert!(!works(&house, &long).await);
}

async fn until(backend: Backend) {
    let house = House::open(backend).await;
    let keeper = house.token("cat.secretary", KEEPER).await;
    let rubbish = who(&house, "rubbish").await;
    let at = |seconds: i64| json!({ "until": Moment::from_seconds(NOW + seconds).rfc3339() });
    for past in [-1, 0] {
        let refused = map(&house, &keeper, &at(past)).await;
        assert_eq!(refused["userErrors"][0]["field"], "until", "{refused}");
    }
    let done = map(&house, &keeper, &at(120)).await;
    assert_eq!(done["userErrors"], json!([]), "{done}");
    assert_eq!(done["mapped"]["ended"], false);
    let token = good(&SIGNERS.one);
    assert!(works(&house, &token).await);
    house.clock.advance(119);
    assert!(works(&house, &token).await);
    // To the second, and like one whom nobody has mapped.
    house.clock.advance(1);
    assert_eq!(who(&house, &token).await.body, rubbish.body);
    let keeper = house.token("cat.secretary", KEEPER).await;
    let listed = house
        .ask(Some(&keeper), "{ mappedSubjects { subject until ended } }")
        .await;
    let listed = listed.data()["mappedSubjects"][0].clone();
    assert_eq!(listed["ended"], true);
    assert_eq!(listed["until"], at(120)["until"]);
    // Said anew, it is somebody again.
    let anew = map(&house, &keeper, &at(600)).await;
    assert_eq!(anew["userErrors"], json!([]), "{anew}");
    assert!(works(&house, &token).await);
}

/// The hostile tokens, each with the reason that the log is told.
fn table() -> Vec<(&'static str, String, Refusal)> {
    use Refusal::*;
    let one = &SIGNERS.one;
    let with = |name: &'static str, value: Value| one.token(SUB, |claims| claims[name] = value);
    let without = |name: &str| {
        one.token(SUB, |claims| {
            drop(claims.as_object_mut().unwrap().shift_remove(name))
        })
    };
    let header = |name: &str, value: Value| {
        let mut header = one.header();
        header[name] = value;
        one.sign(&header.to_string(), &one.claims(SUB).to_string())
    };
    let text = |from: &str, to: &str| {
        let claims = one.claims(SUB).to_string();
        assert!(claims.contains(from), "{from}");
        one.sign(&one.header().to_string(), &claims.replacen(from, to, 1))
    };
    // Signed by one, said to be of the other.
    let says = |signer: &Signer, issuer: &str, kid: &str| {
        let mut header = signer.header();
        header["kid"] = json!(kid);
        let mut claims = signer.claims(SUB);
        claims["iss"] = json!(issuer);
        signer.sign(&header.to_string(), &claims.to_string())
    };
    let secret = |secret: &[u8]| {
        let mut header = jsonwebtoken::Header::new(Algorithm::HS256);
        header.typ = Some("at+jwt".into());
        header.kid = Some(one.kid.clone());
        let key = EncodingKey::from_secret(secret);
        jsonwebtoken::encode(&header, &one.claims(SUB), &key).unwrap()
    };
    let public = one.jwk()["x"].as_str().unwrap().to_owned();
    let parts = good(one);
    let parts: Vec<&str> = parts.split('.').collect();
    let unsigned = |alg: &str| {
        let header = json!({ "typ": "at+jwt", "alg": alg, "kid": one.kid }).to_string();
        format!("{}.{}.", URL_SAFE_NO_PAD.encode(header), parts[1])
    };
    let malleable = {
        // The other half of the curve: the same message, another signature that holds.
        let token = good(&SIGNERS.one_p256);
        token[..token.len() - 2].to_owned()
    };
    let wrong_alg = |signer: &Signer, alg: &str| {
        let mut header = signer.header();
        header["alg"] = json!(alg);
        signer.sign(&header.to_string(), &signer.claims(SUB).to_string())
    };
    let mut table = vec![
        // Form and size.
        ("two parts", format!("{}.{}", parts[0], parts[1]), Shape),
        ("four parts", format!("{}.{}", good(one), parts[2]), Shape),
        (
            "five parts",
            format!("{}.{}.a.b.{}", parts[0], parts[1], parts[2]),
            Shape,
        ),
        (
            "far too long",
            with("email", json!("e".repeat(8_192))),
            TooLong,
        ),
        (
            "no signature",
            format!("{}.{}.", parts[0], parts[1]),
            Signature,
        ),
        (
            "a signature of zeros",
            format!(
                "{}.{}.{}",
                parts[0],
                parts[1],
                URL_SAFE_NO_PAD.encode([0; 64])
            ),
            Signature,
        ),
        ("a cut signature", malleable, Signature),
        // Algorithm.
        ("none", unsigned("none"), Header),
        ("None", unsigned("None"), Header),
        ("EdDSA, unsigned", unsigned("EdDSA"), Signature),
        (
            "HMAC with the public key",
            secret(public.as_bytes()),
            Header,
        ),
        (
            "HMAC with its bytes",
            secret(&URL_SAFE_NO_PAD.decode(&public).unwrap()),
            Header,
        ),
        ("HMAC with an empty secret", secret(b""), Header),
        ("RS256", header("alg", json!("RS256")), Header),
        ("PS256", header("alg", json!("PS256")), Header),
        ("ES384", header("alg", json!("ES384")), Header),
        ("an Ed25519 key as ES256", wrong_alg(one, "ES256"), Header),
        (
            "a P-256 key as EdDSA",
            wrong_alg(&SIGNERS.one_p256, "EdDSA"),
            Header,
        ),
        ("alg in lower case", header("alg", json!("eddsa")), Header),
        ("alg as a list", header("alg", json!(["EdDSA"])), Header),
        // Header.
        (
            "typ JWT, as of who logs in",
            header("typ", json!("JWT")),
            Header,
        ),
        ("typ null", header("typ", json!(null)), Header),
        ("typ of a proof", header("typ", json!("dpop+jwt")), Header),
        (
            "no kid",
            one.sign(
                r#"{"typ":"at+jwt","alg":"EdDSA"}"#,
                &one.claims(SUB).to_string(),
            ),
            Header,
        ),
        ("an unknown kid", header("kid", json!("third")), UnknownKey),
        (
            "another kid of the issuer",
            header("kid", json!("second")),
            Header,
        ),
        (
            "a key of its own",
            header("jwk", SIGNERS.nobody.jwk()),
            Header,
        ),
        (
            "a link to keys",
            header("jku", json!("https://evil.example/jwks")),
            Header,
        ),
        (
            "a link to a certificate",
            header("x5u", json!("https://evil.example/c")),
            Header,
        ),
        ("a certificate", header("x5c", json!(["MIIB"])), Header),
        (
            "critical extensions",
            header("crit", json!(["exp"])),
            Header,
        ),
        (
            "kid twice",
            one.sign(
                r#"{"typ":"at+jwt","alg":"EdDSA","kid":"first","kid":"first"}"#,
                &one.claims(SUB).to_string(),
            ),
            Header,
        ),
        // Whose.
        ("signed by nobody", good(&SIGNERS.nobody), Signature),
        (
            "of the first issuer by the second's key",
            says(&SIGNERS.two, ONE, "first"),
            Signature,
        ),
        (
            "of the second issuer by the first's key",
            says(one, TWO, "first"),
            Signature,
        ),
        (
            "of the second issuer with the first's kid",
            says(&SIGNERS.one_p256, TWO, "second"),
            UnknownKey,
        ),
        (
            "of us, by another's key",
            says(one, "liaison", "first"),
            UnknownKey,
        ),
        (
            "of an issuer that nobody named",
            says(one, "https://three.example", "first"),
            UnknownKey,
        ),
        (
            "of the issuer with a slash",
            says(one, "https://one.example/", "first"),
            UnknownKey,
        ),
        (
            "of the issuer in capitals",
            says(one, "https://ONE.example", "first"),
            UnknownKey,
        ),
        ("no issuer", without("iss"), UnknownKey),
        ("a list of issuers", with("iss", json!([ONE])), UnknownKey),
        (
            "a subject whom nobody mapped",
            one.token("another", |_| ()),
            Holder,
        ),
        (
            "a subject in capitals",
            one.token(&SUB.to_uppercase(), |_| ()),
            Holder,
        ),
        (
            "the subject with a blank",
            one.token(&format!("{SUB} "), |_| ()),
            Holder,
        ),
        (
            "the holder's own name",
            one.token("cat.petitions", |_| ()),
            Holder,
        ),
        ("SQL as subject", one.token("x' OR '1'='1", |_| ()), Holder),
        (
            "the same subject of the other issuer",
            good(&SIGNERS.two),
            Holder,
        ),
        // Claims.
        ("no sub", without("sub"), Claims),
        ("an empty sub", one.token("", |_| ()), Claims),
        ("sub as a number", with("sub", json!(1)), Claims),
        ("a zero byte in sub", one.token("a\0b", |_| ()), Claims),
        ("a long sub", one.token(&"s".repeat(256), |_| ()), Claims),
        (
            "sub twice",
            text("\"sub\":", "\"sub\":\"another\",\"sub\":"),
            Claims,
        ),
        (
            "aud twice",
            text("\"aud\":", "\"aud\":\"x\",\"aud\":"),
            Claims,
        ),
        ("exp twice", text("\"exp\":", "\"exp\":1,\"exp\":"), Claims),
        (
            "another claim twice",
            text("\"email\":", "\"email\":\"x\",\"email\":"),
            Claims,
        ),
        (
            "a claim twice inside another",
            text("{\"mech\":", "{\"mech\":\"x\",\"mech\":"),
            Claims,
        ),
        ("no aud", without("aud"), Claims),
        (
            "another aud",
            with("aud", json!("https://other.example")),
            Audience,
        ),
        (
            "our audience as a part",
            with("aud", json!("https://hub.example.evil")),
            Audience,
        ),
        (
            "one more aud",
            with(
                "aud",
                json!(["https://hub.example", "https://other.example"]),
            ),
            Claims,
        ),
        ("an empty list of aud", with("aud", json!([])), Claims),
        ("no program", without("azp"), Client),
        ("another program", with("azp", json!("other")), Client),
        ("two programs", with("client_id", json!("other")), Client),
        ("azp null", with("azp", json!(null)), Claims),
        (
            "somebody acts for the subject",
            with("act", json!({ "sub": "other" })),
            Claims,
        ),
        ("jti null", with("jti", json!(null)), Claims),
        ("an empty jti", with("jti", json!("")), Claims),
        ("jti as a number", with("jti", json!(7)), Claims),
        ("cnf null", with("cnf", json!(null)), Claims),
        ("an empty cnf", with("cnf", json!({})), Claims),
        (
            "cnf of a certificate",
            with("cnf", json!({ "x5t#S256": "A".repeat(43) })),
            Claims,
        ),
        (
            "bound to a key that is not proven",
            with("cnf", json!({ "jkt": "A".repeat(43) })),
            Proof,
        ),
        (
            "a list for claims",
            one.sign(&one.header().to_string(), "[1]"),
            UnknownKey,
        ),
        // Times.
        ("no exp", without("exp"), Claims),
        ("exp as text", with("exp", json!("1900000000")), Claims),
        (
            "exp as a fraction",
            with("exp", json!(NOW as f64 + 0.5)),
            Claims,
        ),
        (
            "exp without end",
            with("exp", json!(99_999_999_999_i64)),
            Times,
        ),
        ("no iat", without("iat"), Claims),
        ("negative iat", with("iat", json!(-1)), Times),
        ("iat in the future", with("iat", json!(NOW + 11)), NotYet),
        ("nbf in the future", with("nbf", json!(NOW + 11)), NotYet),
        ("nbf null", with("nbf", json!(null)), Claims),
        ("nbf after exp", with("nbf", json!(NOW + 301)), Times),
        ("exp before iat", with("exp", json!(NOW - 1)), Times),
        (
            "expired",
            one.token(SUB, |claims| {
                claims["iat"] = json!(NOW - 300);
                claims["exp"] = json!(NOW - 10);
            }),
            Expired,
        ),
        (
            "older than ours may be",
            one.token(SUB, |claims| {
                claims["iat"] = json!(NOW - 611);
                claims["exp"] = json!(NOW + 3_000);
            }),
            Expired,
        ),
    ];
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    table.push((
        "claims without end",
        text("\"email\":", &format!("\"deep\":{deep},\"email\":")),
        Claims,
    ));
    table
}

/// Why a token is refused, as the log is told.
async fn reason(house: &House, token: &str) -> Option<Refusal> {
    let now = house.clock.now();
    let recognised = match house.authority.recognise(token, now) {
        Ok(recognised) => recognised,
        Err(refused) => return Some(refused.reason()),
    };
    match house.store.viewer_of(&recognised, None, now).await {
        Err(ViewerError::Refused(refused)) => Some(refused.reason()),
        Err(ViewerError::Store(error)) => panic!("{error}"),
        // What is left is the proof, which the door asks for.
        Ok(_) => None,
    }
}

async fn hostile(backend: Backend) {
    let (house, keeper) = mapped(backend).await;
    let rubbish = who(&house, "rubbish").await;
    assert_eq!(rubbish.code(), "UNAUTHENTICATED");
    let table = table();
    assert!(table.len() >= 80, "{}", table.len());
    let mut others = Vec::new();
    for (name, token, expected) in &table {
        let answer = who(&house, token).await;
        assert_eq!(answer.status, rubbish.status, "{name}");
        assert_eq!(answer.body, rubbish.body, "{name}");
        let reason = reason(&house, token).await;
        let reason = reason.unwrap_or(Refusal::Proof);
        if reason != *expected {
            others.push((name, reason, expected));
        }
    }
    assert!(others.is_empty(), "each for its own reason: {others:?}");
    assert!(
        works(&house, &good(&SIGNERS.one)).await,
        "and the good one is good"
    );
    assert!(
        works(
            &house,
            &SIGNERS.one.token(SUB, |claims| {
                claims["iat"] = json!(NOW + 10);
            })
        )
        .await,
        "clocks lie ten seconds apart"
    );
    // A row that a later version of the hub, or a hand, has written is nothing.
    for sql in [
        "UPDATE mapping SET scope = 'read:everything@VICTIM'",
        "UPDATE mapping SET scope = 'read:communication@CHANNEL', cap = 'TOP'",
    ] {
        house.meddle(sql).await;
        assert_eq!(
            who(&house, &good(&SIGNERS.one)).await.body,
            rubbish.body,
            "{sql}"
        );
    }
    map(&house, &keeper, &json!({})).await;
    assert!(works(&house, &good(&SIGNERS.one)).await);
    println!(
        "{backend}: {} hostile tokens of other issuers, one answer",
        table.len()
    );
}

async fn revoke(house: &House, token: &str, of: Value) -> Value {
    act(
        house,
        Some(token),
        "revokeTokens",
        "revoked",
        &json!({ "of": of }),
    )
    .await
}

async fn ends(backend: Backend) {
    let (house, keeper) = mapped(backend).await;
    let rubbish = who(&house, "rubbish").await;
    let token = good(&SIGNERS.one);
    let another = SIGNERS
        .one
        .token(SUB, |claims| claims["jti"] = json!("elsewhere-2"));
    let unnamed = SIGNERS.one.token(SUB, |claims| {
        claims.as_object_mut().unwrap().shift_remove("jti");
    });
    let before = entries(&house, "TOKEN_REVOKE").await;
    // One token, by its own id; one that has none by the hash of what is signed.
    let elsewhere =
        |id: &str| json!({ "elsewhere": { "issuer": ONE, "subject": SUB, "tokenId": id } });
    assert_eq!(
        revoke(&house, &keeper, elsewhere("elsewhere-1")).await["revoked"],
        true
    );
    assert_eq!(who(&house, &token).await.body, rubbish.body);
    assert!(works(&house, &another).await && works(&house, &unnamed).await);
    let (message, _) = unnamed.rsplit_once('.').unwrap();
    let hash = liaison::identity::elsewhere::message_hash(message);
    assert_eq!(
        revoke(&house, &another, elsewhere(&hash)).await["revoked"],
        true,
        "one's own"
    );
    assert!(!works(&house, &unnamed).await && works(&house, &another).await);
    assert_eq!(entries(&house, "TOKEN_REVOKE").await, before + 2);
    let listed = house
        .ask(Some(&keeper), "{ tokens { holder scope revokedAt } }")
        .await
        .data();
    let listed = listed["tokens"].as_array().unwrap();
    assert_eq!(
        listed
            .iter()
            .filter(|one| one["scope"] == format!("of {ONE}"))
            .count(),
        2
    );
    // Of a subject who is nobody here there is nothing to revoke.
    let nobody = json!({ "elsewhere": { "issuer": ONE, "subject": "x", "tokenId": "y" } });
    assert_eq!(
        refusal(&revoke(&house, &keeper, nobody).await).0,
        "NOT_FOUND"
    );

    // Holder, client and mechanism: the row is ended with the tokens, until it is said anew.
    let fresh = |n: i64| {
        SIGNERS
            .one
            .token(SUB, |claims| claims["jti"] = json!(format!("fresh-{n}")))
    };
    let mut n = 0;
    for of in [
        json!({ "holder": "cat.petitions" }),
        json!({ "client": CLIENT }),
        json!({ "mechanism": "cat" }),
    ] {
        n += 1;
        assert!(works(&house, &fresh(n)).await, "{of}");
        let scope = format!("{SCOPE} token:issue");
        let keeper = house.token("cat.secretary", &scope).await;
        assert_eq!(revoke(&house, &keeper, of.clone()).await["revoked"], true);
        assert_eq!(who(&house, &fresh(n)).await.body, rubbish.body, "{of}");
        assert_eq!(
            who(&house, &fresh(n + 100)).await.body,
            rubbish.body,
            "a later one: {of}"
        );
        let keeper = house.token("cat.secretary", &scope).await;
        let query = "{ mappedSubjects { subject ended } }";
        let listed = house.ask(Some(&keeper), query).await.data();
        assert_eq!(
            listed["mappedSubjects"],
            json!([{ "subject": SUB, "ended": true }])
        );
        map(&house, &keeper, &json!({})).await;
        assert!(works(&house, &fresh(n + 200)).await, "said anew: {of}");
    }
    // Suspended, and let in again: what was said before is not said any more.
    let keeper = house
        .token("cat.secretary", &format!("{SCOPE} token:issue"))
        .await;
    let suspend = |suspended: bool| json!({ "name": "cat.petitions", "suspended": suspended });
    for suspended in [true, false] {
        act(
            &house,
            Some(&keeper),
            "amendHolder",
            "holder { suspended }",
            &suspend(suspended),
        )
        .await;
        assert_eq!(who(&house, &fresh(9)).await.body, rubbish.body);
    }
    map(&house, &keeper, &json!({})).await;
    assert!(works(&house, &fresh(9)).await);
    // A lower clearance narrows at once.
    let lower = json!({ "name": "cat.petitions", "clearance": "PARTNER" });
    act(
        &house,
        Some(&keeper),
        "amendHolder",
        "holder { clearance }",
        &lower,
    )
    .await;
    assert_eq!(
        who(&house, &fresh(9)).await.data()["viewer"]["ceiling"],
        "PARTNER"
    );
    // Taken back, it is nobody's; also for who is being answered.
    let now = house.clock.now();
    let recognised = house.authority.recognise(&fresh(9), now).unwrap();
    let under_way = house.store.viewer_of(&recognised, None, now).await.unwrap();
    let input = json!({ "issuer": ONE, "subject": SUB });
    let maps = (
        entries(&house, "HOLDER_MAP").await,
        entries(&house, "HOLDER_UNMAP").await,
    );
    let answer = act(&house, Some(&keeper), "unmapHolder", MAPPED, &input).await;
    assert_eq!(
        (&answer["userErrors"], &answer["mapped"]),
        (&json!([]), &json!(null))
    );
    assert!(!under_way.stands());
    assert_eq!(who(&house, &fresh(9)).await.body, rubbish.body);
    assert_eq!(maps, (5, 0));
    assert_eq!(entries(&house, "HOLDER_UNMAP").await, 1);
    assert!(house.store.ledger().verify(None).await.unwrap().is_whole());
}

async fn bounds(backend: Backend) {
    let (house, keeper) = mapped(backend).await;
    let leaves = entries(&house, "HOLDER_MAP").await;
    for (change, code, field) in [
        (
            json!({ "scope": "read:work_plan@PARTNER" }),
            "FORBIDDEN",
            "scope",
        ),
        (
            json!({ "scope": "read:communication@SECRETARIAT token:issue" }),
            "INVALID",
            "scope",
        ),
        (json!({ "scope": "everything" }), "INVALID", "scope"),
        (
            json!({ "issuer": "https://three.example" }),
            "INVALID",
            "issuer",
        ),
        (json!({ "issuer": "liaison" }), "INVALID", "issuer"),
        (json!({ "subject": "" }), "INVALID", "subject"),
        (json!({ "subject": "a\u{0}" }), "INVALID", "subject"),
        (json!({ "holder": "cat.nobody" }), "NOT_FOUND", "holder"),
        (
            json!({ "holder": "achpr.secretary" }),
            "NOT_FOUND",
            "holder",
        ),
        // The role `GRANTS` is not the keeper's.
        (json!({ "holder": "cat.grants" }), "FORBIDDEN", "holder"),
        (json!({ "client": "nothing" }), "INVALID", "client"),
    ] {
        let answer = map(&house, &keeper, &change).await;
        assert_eq!(
            refusal(&answer),
            (code.to_owned(), json!(field)),
            "{change}: {answer}"
        );
    }
    for (who, holder, scope) in [
        ("no role", "cat.petitions", format!("{SCOPE} token:issue")),
        ("no right", "cat.secretary", SCOPE.to_owned()),
    ] {
        let token = house.token(holder, &scope).await;
        assert_eq!(
            refusal(&map(&house, &token, &json!({})).await).0,
            "FORBIDDEN",
            "{who}"
        );
    }
    // A token of another issuer never keeps the list.
    let theirs = good(&SIGNERS.one);
    assert_eq!(
        refusal(&map(&house, &theirs, &json!({})).await).0,
        "FORBIDDEN"
    );
    assert_eq!(
        entries(&house, "HOLDER_MAP").await,
        leaves,
        "what is refused leaves nothing"
    );
    // The cap holds whatever the scope says.
    let answer = map(&house, &keeper, &json!({ "cap": "PARTNER" })).await;
    assert_eq!(answer["mapped"]["cap"], "PARTNER");
    assert_eq!(
        who(&house, &theirs).await.data()["viewer"]["ceiling"],
        "PARTNER"
    );
}

async fn files(backend: Backend) {
    let house = House::open(backend).await;
    let key = Key::ed25519();
    let scope = reads(Level::Victim);
    // As at the hub's machine: nobody maps another to persons' files over HTTP.
    let now = house.clock.now();
    let known = house
        .store
        .holder("cat.petitions", CLIENT, now)
        .await
        .unwrap();
    let (holder, client) = known.unwrap();
    let warrant = liaison::confidentiality::warrant::Warrant::to_map();
    let mut writer = house.store.begin(warrant, now).await.unwrap();
    let new = liaison::store::mappings::NewMapping {
        issuer: ONE,
        subject: SUB,
        holder: &holder,
        client: &client,
        scopes: &scope.parse().unwrap(),
        cap: Level::Victim,
        until: None,
    };
    writer.map_subject(new).await.unwrap();
    writer.commit().await.unwrap();
    let query = "{ communications(first: 3, filter: {mechanism: {eq: \"cat\"}, countries: {in: \
         [\"KEN\", \"TUN\"]}}) { edges { node { persons(first: 3) { edges { node { names { text } \
         } } } } } } }";
    let purpose = json!({ "code": "EXAMINATION", "reason": "a test" });
    let body = json!({ "query": query, "extensions": { "purpose": purpose } });
    let plain = good(&SIGNERS.one);
    let bound = SIGNERS.one.token(SUB, |claims| {
        claims["cnf"] = json!({ "jkt": key.thumbprint })
    });
    let send = async |scheme: &str, token: &str, proof: Option<&str>| {
        let mut request = Request::post("/graphql").header("content-type", "application/json");
        request = request.header("authorization", format!("{scheme} {token}"));
        if let Some(proof) = proof {
            request = request.header("dpop", proof);
        }
        house
            .send(request.body(Body::from(body.to_string())).unwrap())
            .await
    };
    let told = |answer: &Answer| String::from_utf8_lossy(&answer.body).contains("\"text\":");
    let proof = || key.proof(Some(&bound), NOW, &json!({}));
    assert!(!told(&send("Bearer", &plain, None).await));
    assert_eq!(entries(&house, "OPEN_VICTIM").await, 0);
    assert_eq!(send("Bearer", &bound, None).await.code(), "UNAUTHENTICATED");
    assert_eq!(send("DPoP", &bound, None).await.code(), "UNAUTHENTICATED");
    let answer = send("DPoP", &bound, Some(&proof())).await;
    assert!(told(&answer), "{:?}", answer.json());
    let openings = entries(&house, "OPEN_VICTIM").await;
    assert!(openings > 0);
    // The row is taken back: no file opens any more.
    house.meddle("DELETE FROM mapping").await;
    assert_eq!(
        send("DPoP", &bound, Some(&proof())).await.code(),
        "UNAUTHENTICATED"
    );
    assert_eq!(entries(&house, "OPEN_VICTIM").await, openings);
}

async fn strangers(backend: Backend) {
    let (house, _) = mapped(backend).await;
    let other = house.token("achpr.secretary", KEEPER).await;
    let asks = async |token: &str| {
        let query = "{ mappedSubjects { subject holder } }";
        house.ask(Some(token), query).await.data()["mappedSubjects"].clone()
    };
    // The same answers for a subject of another mechanism and for one of none.
    for name in ["unmapHolder", "revokeTokens"] {
        let [known, unknown] =
            [SUB, "nobody"].map(|subject| json!({ "issuer": ONE, "subject": subject }));
        let mut answers = Vec::new();
        for mut input in [known, unknown] {
            let told = if name == "unmapHolder" {
                MAPPED
            } else {
                input["tokenId"] = json!("elsewhere-1");
                input = json!({ "of": { "elsewhere": input } });
                "revoked"
            };
            answers.push(act(&house, Some(&other), name, told, &input).await);
        }
        assert_eq!(answers[0], answers[1], "{name}");
        assert_eq!(refusal(&answers[0]).0, "NOT_FOUND");
    }
    assert_eq!(asks(&other).await, json!([]));
    // Said of the same subject it is the same answer, and changes nothing for who was first.
    let change = |subject: &str| {
        json!({ "subject": subject, "holder": "achpr.secretary",
        "scope": "read:mechanism@SECRETARIAT" })
    };
    let taken = map(&house, &other, &change(SUB)).await;
    let mut free = map(&house, &other, &change("nobody")).await;
    free["mapped"]["subject"] = json!(SUB);
    assert_eq!(taken, free);
    let subject = who(&house, &good(&SIGNERS.one)).await.data()["viewer"]["subject"].clone();
    assert_eq!(subject, "cat.petitions");
    // The second issuer is none of the African Commission's.
    let answer = map(
        &house,
        &other,
        &json!({ "issuer": TWO, "holder": "achpr.secretary",
        "scope": "read:mechanism@SECRETARIAT" }),
    )
    .await;
    assert_eq!(refusal(&answer), ("INVALID".to_owned(), json!("issuer")));
}

fn reload() {
    let folder = tempfile::tempdir().unwrap();
    let settings = SIGNERS.write(folder.path());
    let put = |name: &str, text: &str| put(folder.path(), name, text);
    let one = &SIGNERS.one;
    let now = liaison::clock::Moment::from_seconds(NOW);
    let own = KeyFile::fresh().unwrap();
    let own = TokenAuthority::new("liaison", "liaison", &own).unwrap();
    let authority = own.and_of(open(&settings).unwrap());
    let accepts = |signer: &Signer| authority.recognise(&good(signer), now).is_ok();
    assert!(accepts(one) && accepts(&SIGNERS.one_p256) && accepts(&SIGNERS.two));
    // A key that is let go ends what it has signed, remembered or not.
    put("one.json", &keys(&[SIGNERS.one_p256.jwk()]));
    authority.issuers().look();
    assert!(!accepts(one) && accepts(&SIGNERS.one_p256));
    put("one.json", &keys(&[one.jwk(), SIGNERS.one_p256.jwk()]));
    authority.issuers().look();
    assert!(accepts(one));
    // What is not sound changes nothing in a running hub, and refuses a start.
    let mut secret = one.jwk();
    secret["d"] = json!("AAAA");
    let mut unnamed = one.jwk();
    unnamed.as_object_mut().unwrap().shift_remove("kid");
    let mut twice = SIGNERS.nobody.jwk();
    twice["kid"] = json!("first");
    let mut other = one.jwk();
    other["alg"] = json!("ES256");
    let rsa = json!({ "kty": "RSA", "kid": "r", "n": "AQAB", "e": "AQAB" });
    let symmetric = json!({ "kty": "oct", "kid": "s", "k": "AAAA" });
    let cut = keys(&[one.jwk()]);
    for (name, text) in [
        ("half a file", cut[..cut.len() / 2].to_owned()),
        ("nothing", String::new()),
        ("no keys", keys(&[])),
        ("a secret key", keys(&[secret])),
        ("a shared secret", keys(&[one.jwk(), symmetric])),
        ("a key without a name", keys(&[unnamed])),
        ("two keys of one name", keys(&[one.jwk(), twice])),
        ("a key for another algorithm", keys(&[other])),
        ("RSA alone", keys(std::slice::from_ref(&rsa))),
        (
            "a key of the other issuer",
            keys(&[one.jwk(), {
                let mut shared = SIGNERS.two.jwk();
                shared["kid"] = json!("shared");
                shared
            }]),
        ),
    ] {
        put("one.json", &text);
        authority.issuers().look();
        assert!(accepts(one) && accepts(&SIGNERS.one_p256), "{name}");
        assert!(open(&settings).is_err(), "{name}");
    }
    // Keys of other sorts are left out.
    put("one.json", &keys(&[rsa, one.jwk()]));
    authority.issuers().look();
    assert!(accepts(one) && !accepts(&SIGNERS.one_p256));
    // Settings.
    let text = std::fs::read_to_string(&settings).unwrap();
    for (name, text) in [
        (
            "HS256",
            text.replacen("[\"EdDSA\", \"ES256\"]", "[\"HS256\"]", 1),
        ),
        (
            "RS256",
            text.replacen("[\"EdDSA\", \"ES256\"]", "[\"RS256\"]", 1),
        ),
        (
            "none",
            text.replacen("[\"EdDSA\", \"ES256\"]", "[\"none\"]", 1),
        ),
        (
            "no algorithm",
            text.replacen("[\"EdDSA\", \"ES256\"]", "[]", 1),
        ),
        (
            "an empty audience",
            text.replacen("https://hub.example", "", 1),
        ),
        ("an empty program", text.replacen(PROGRAM, "", 1)),
        (
            "no mechanism",
            text.replacen("[\"cat\", \"achpr\"]", "[]", 1),
        ),
        ("our own name", text.replacen(ONE, "liaison", 1)),
        ("one issuer twice", text.replacen(TWO, ONE, 1)),
        (
            "one set of keys for two",
            text.replacen("two.json", "one.json", 1),
        ),
        ("a setting that is none", text.replacen("azp", "azb", 1)),
    ] {
        put("issuers.toml", &text);
        assert!(open(&settings).is_err(), "{name}");
    }
    put("issuers.toml", &text);
    assert!(open(&settings).is_ok());
    use std::os::unix::fs::PermissionsExt;
    let jwks = folder.path().join("two.json");
    std::fs::set_permissions(&jwks, std::fs::Permissions::from_mode(0o622)).unwrap();
    assert!(open(&settings).is_err(), "others can write it");
}

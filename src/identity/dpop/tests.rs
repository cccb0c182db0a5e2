//! What a proof must be, and each way in which it is not.

use jsonwebtoken::EncodingKey;
use serde_json::{Value, json};

use super::*;
use crate::keys::KeyFile;

const NOW: i64 = 1_800_000_000;
const TOKEN: &str = "the.access.token";

fn now() -> Moment {
    Moment::from_seconds(NOW)
}

/// A client with a key of its own.
struct Client {
    key: EncodingKey,
    jwk: Value,
    thumbprint: String,
}

impl Client {
    fn fresh() -> Self {
        let keys = KeyFile::fresh().unwrap();
        let key = keys.signing()[0].encoding_key();
        let published = keys.signing()[0].published().unwrap();
        let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": published["x"] });
        let parsed: Jwk = serde_json::from_value(jwk.clone()).unwrap();
        let thumbprint = parsed.thumbprint(ThumbprintHash::SHA256).unwrap();
        Self {
            key,
            jwk,
            thumbprint,
        }
    }

    fn header(&self) -> Value {
        json!({ "typ": "dpop+jwt", "alg": "EdDSA", "jwk": self.jwk })
    }

    fn claims() -> Value {
        let ath = URL_SAFE_NO_PAD.encode(Sha256::digest(TOKEN));
        json!({ "jti": "one", "htm": "POST", "htu": "https://hub.example/graphql",
            "iat": NOW, "ath": ath })
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let [header, claims] =
            [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let message = format!("{header}.{claims}");
        let signature = crypto::sign(message.as_bytes(), &self.key, Algorithm::EdDSA).unwrap();
        format!("{message}.{signature}")
    }

    fn with(&self, name: &str, value: Value) -> String {
        let mut claims = Self::claims();
        claims[name] = value;
        self.sign(&self.header(), &claims)
    }

    fn header_with(&self, name: &str, value: Value) -> String {
        let mut header = self.header();
        header[name] = value;
        self.sign(&header, &Self::claims())
    }
}

fn accept(proofs: &Proofs, client: &Client, proof: &str) -> Result<(), ProofRefused> {
    let sent = Sent {
        proof,
        method: "POST",
        path: "/graphql",
    };
    proofs.accept(sent, &client.thumbprint, Some(TOKEN), now())
}

#[test]
fn a_proof_is_accepted_once() {
    let (proofs, client) = (Proofs::at("https://hub.example/"), Client::fresh());
    let proof = client.with("jti", json!("one"));
    assert_eq!(accept(&proofs, &client, &proof), Ok(()));
    assert_eq!(
        accept(&proofs, &client, &proof),
        Err(ProofRefused::Replayed)
    );
    // The same id from another key is another proof; with other claims it is the same.
    let again = client.with("iat", json!(NOW + 1));
    assert_eq!(
        accept(&proofs, &client, &again),
        Err(ProofRefused::Replayed)
    );
    let other = Client::fresh();
    let proof = other.with("jti", json!("one"));
    assert_eq!(accept(&proofs, &other, &proof), Ok(()));
}

#[test]
fn every_other_proof_is_refused() {
    use ProofRefused::*;
    let (proofs, client, other) = (
        Proofs::at("https://hub.example"),
        Client::fresh(),
        Client::fresh(),
    );
    let good = client.with("jti", json!("one"));
    let parts: Vec<&str> = good.split('.').collect();
    let mut private = client.jwk.clone();
    private["d"] = json!("AAAA");
    let elliptic = json!({ "kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA" });
    let without = |name: &str| {
        let mut claims = Client::claims();
        claims.as_object_mut().unwrap().remove(name);
        client.sign(&client.header(), &claims)
    };
    let table: Vec<(&str, String, ProofRefused)> = vec![
        ("nothing", String::new(), Shape),
        ("one word", "proof".into(), Shape),
        ("too long", format!("{good}{}", "A".repeat(4_096)), Shape),
        (
            "no signature",
            format!("{}.{}.", parts[0], parts[1]),
            Signature,
        ),
        (
            "a token for a proof",
            client.header_with("typ", json!("at+jwt")),
            Header,
        ),
        ("typ JWT", client.header_with("typ", json!("JWT")), Header),
        ("none", client.header_with("alg", json!("none")), Header),
        ("HS256", client.header_with("alg", json!("HS256")), Header),
        ("RS256", client.header_with("alg", json!("RS256")), Header),
        (
            "ES256 with this key",
            client.header_with("alg", json!("ES256")),
            Header,
        ),
        (
            "EdDSA with that key",
            client.header_with("jwk", elliptic),
            Header,
        ),
        ("a private key", client.header_with("jwk", private), Header),
        (
            "a link to keys",
            client.header_with("jku", json!("https://evil.example")),
            Header,
        ),
        ("a kid", client.header_with("kid", json!("one")), Header),
        ("no key", client.header_with("jwk", json!(null)), Header),
        (
            "another's key",
            client.header_with("jwk", other.jwk.clone()),
            Signature,
        ),
        ("wrong htm", client.with("htm", json!("GET")), Request),
        (
            "htm in lower case",
            client.with("htm", json!("post")),
            Request,
        ),
        (
            "wrong path",
            client.with("htu", json!("https://hub.example/token")),
            Request,
        ),
        (
            "wrong host",
            client.with("htu", json!("https://evil.example/graphql")),
            Request,
        ),
        (
            "wrong scheme",
            client.with("htu", json!("http://hub.example/graphql")),
            Request,
        ),
        (
            "a longer host",
            client.with("htu", json!("https://hub.example.evil/graphql")),
            Request,
        ),
        (
            "a longer path",
            client.with("htu", json!("https://hub.example/graphql/x")),
            Request,
        ),
        ("too old", client.with("iat", json!(NOW - 61)), Time),
        ("too new", client.with("iat", json!(NOW + 61)), Time),
        ("far future", client.with("iat", json!(i64::MAX)), Time),
        ("far past", client.with("iat", json!(i64::MIN)), Time),
        ("iat as text", client.with("iat", json!("now")), Claims),
        ("wrong ath", client.with("ath", json!("AAAA")), Token),
        ("no ath", without("ath"), Token),
        ("no jti", without("jti"), Claims),
        ("no htu", without("htu"), Claims),
        ("no htm", without("htm"), Claims),
        ("no iat", without("iat"), Claims),
        ("an empty jti", client.with("jti", json!("")), Claims),
        (
            "a long jti",
            client.with("jti", json!("x".repeat(257))),
            Claims,
        ),
        ("another key", other.with("jti", json!("two")), Key),
    ];
    for (name, proof, reason) in table {
        assert_eq!(accept(&proofs, &client, &proof), Err(reason), "{name}");
    }
    // None of them has used the good one up; a query in the address is none of its matter.
    assert_eq!(accept(&proofs, &client, &good), Ok(()));
    for (iat, jti) in [(NOW - 60, "early"), (NOW + 60, "late")] {
        let mut claims = Client::claims();
        claims["iat"] = json!(iat);
        claims["jti"] = json!(jti);
        claims["htu"] = json!("https://hub.example/graphql?query=x");
        let proof = client.sign(&client.header(), &claims);
        assert_eq!(accept(&proofs, &client, &proof), Ok(()), "{jti}");
    }
}

#[test]
fn a_proof_is_remembered_for_as_long_as_it_could_be_sent_again() {
    let mut seen = Seen::default();
    let id = |n: u8| [n; 32];
    assert!(seen.admit(id(1), NOW + AGE, NOW).is_ok());
    for later in [1, AGE, 2 * AGE] {
        assert!(
            seen.admit(id(1), NOW + AGE, NOW + later).is_err(),
            "{later}"
        );
    }
    assert!(seen.admit(id(2), NOW, NOW + 3 * AGE).is_ok());
    assert!(seen.young.len() + seen.old.len() <= 2);
}

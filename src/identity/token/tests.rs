use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use jsonwebtoken::EncodingKey;
use serde_json::{Value, json};
use uuid::Uuid;

use super::remembered::{Generations, REMEMBERED};
use super::*;
use crate::confidentiality::level::Level;
use crate::identity::holder::{Client, Holder, HolderKind, standing};
use crate::identity::scope::Scopes;

const NOW: i64 = 1_800_000_000;
const SHORT: &str = "read:person@VICTIM";
const LONG: &str = "read:communication@CHANNEL";

fn now() -> Moment {
    Moment::from_seconds(NOW)
}

fn authority(keys: &KeyFile) -> TokenAuthority {
    TokenAuthority::new("https://hub.example", "liaison", keys).unwrap()
}

fn officer() -> Holder {
    Holder {
        subject: "cat.petitions".into(),
        mechanism_code: "cat".into(),
        mechanism_id: Uuid::from_u128(1),
        clearance: Level::Victim,
        roles: Default::default(),
        kind: HolderKind::Officer,
        epoch: 1,
        mechanism_epoch: 1,
        suspended: false,
        accredited: true,
        state_holder: false,
    }
}

fn desk() -> Client {
    Client {
        id: "desk".into(),
        cap: Level::Victim,
        epoch: 0,
        proof: None,
    }
}

fn request(scope: &str, life: i64) -> Result<TokenRequest, IssueError> {
    TokenRequest::new(&officer(), &desk(), scope.parse().unwrap(), life)
}

/// Signs whatever it is given: what a thief of the key, or a bug, could do.
struct Forger {
    kid: String,
    key: EncodingKey,
}

impl Forger {
    fn of(keys: &KeyFile) -> Self {
        let first = &keys.signing()[0];
        Self {
            kid: first.kid().to_owned(),
            key: first.encoding_key(),
        }
    }

    fn header(&self) -> Value {
        json!({"typ": "at+jwt", "alg": "EdDSA", "kid": self.kid})
    }

    fn claims() -> Value {
        json!({
            "iss": "https://hub.example", "sub": "cat.petitions", "aud": "liaison",
            "exp": NOW + 600, "iat": NOW, "jti": "token-1", "client_id": "desk",
            "scope": LONG, "lz": {"mech": "cat", "epoch": 2, "amr": ["pwd"]},
        })
    }

    fn sign(&self, header: &str, payload: &str) -> String {
        let [header, payload] = [header, payload].map(|part| URL_SAFE_NO_PAD.encode(part));
        let message = format!("{header}.{payload}");
        let signature = crypto::sign(message.as_bytes(), &self.key, Algorithm::EdDSA).unwrap();
        format!("{message}.{signature}")
    }

    fn with_header(&self, change: impl FnOnce(&mut Value)) -> String {
        let mut header = self.header();
        change(&mut header);
        self.sign(&header.to_string(), &Self::claims().to_string())
    }

    fn header_field(&self, name: &str, value: Value) -> String {
        self.with_header(|header| header[name] = value)
    }

    fn with(&self, change: impl FnOnce(&mut Value)) -> String {
        let mut claims = Self::claims();
        change(&mut claims);
        self.sign(&self.header().to_string(), &claims.to_string())
    }

    fn claim(&self, name: &str, value: Value) -> String {
        self.with(|claims| claims[name] = value)
    }

    fn without(&self, name: &str) -> String {
        self.with(|claims| drop(claims.as_object_mut().unwrap().shift_remove(name)))
    }

    fn text(&self, from: &str, to: &str) -> String {
        let claims = Self::claims().to_string();
        assert!(claims.contains(from), "{from}");
        self.sign(&self.header().to_string(), &claims.replacen(from, to, 1))
    }
}

/// Signs with a secret, as one does who takes the public key for one.
fn by_secret(secret: &[u8], kid: &str) -> String {
    let mut header = jsonwebtoken::Header::new(Algorithm::HS256);
    header.typ = Some(TYPE.into());
    header.kid = Some(kid.into());
    jsonwebtoken::encode(
        &header,
        &Forger::claims(),
        &EncodingKey::from_secret(secret),
    )
    .unwrap()
}

/// The hostile tokens, each with the reason that the log is told.
fn hostile(keys: &KeyFile) -> Vec<(&'static str, String, Refusal)> {
    use Refusal::*;
    let forger = Forger::of(keys);
    let kid = forger.kid.clone();
    let other_keys = KeyFile::fresh().unwrap();
    let stranger = Forger::of(&other_keys);
    let impostor = Forger {
        kid: kid.clone(),
        key: stranger.key.clone(),
    };
    let good = forger.with(|_| ());
    let parts: Vec<&str> = good.split('.').collect();
    let [header, payload, signature] = parts[..] else {
        unreachable!()
    };
    let raised = Forger::claims().to_string().replace("CHANNEL", "VICTIM");
    let raised = URL_SAFE_NO_PAD.encode(raised);
    let public = keys.signing()[0].decoding_key().unwrap();
    let public = public.try_get_as_bytes().unwrap();
    let pem = [
        &[
            0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
        ],
        public,
    ]
    .concat();
    let pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        STANDARD.encode(pem)
    );
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode([7; 32])});
    let flipped = {
        let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
        bytes[10] ^= 1;
        URL_SAFE_NO_PAD.encode(bytes)
    };
    // S + L instead of S: the same signature written otherwise.
    let malleable = {
        let order = [
            0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9,
            0xde, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
        ];
        let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let mut carry = 0;
        for (place, part) in order.iter().enumerate() {
            let sum = u16::from(bytes[32 + place]) + part + carry;
            bytes[32 + place] = (sum & 0xff) as u8;
            carry = sum >> 8;
        }
        URL_SAFE_NO_PAD.encode(bytes)
    };
    let loose = {
        // 64 bytes leave four unused bits in the last letter.
        let last = if signature.ends_with('A') { 'B' } else { 'D' };
        let mut text = signature.to_owned();
        text.pop();
        text.push(last);
        text
    };
    let unsigned = |alg: &str| {
        let header = json!({"typ": "at+jwt", "alg": alg, "kid": kid}).to_string();
        format!("{}.{payload}.", URL_SAFE_NO_PAD.encode(header))
    };
    let sign = |header: &str, claims: &str| forger.sign(header, claims);
    let header_text = forger.header().to_string();
    let claims_text = Forger::claims().to_string();

    vec![
        // The key that it is bound to.
        ("cnf null", forger.claim("cnf", json!(null)), Claims),
        (
            "cnf as text",
            forger.claim("cnf", json!("A".repeat(43))),
            Claims,
        ),
        ("an empty cnf", forger.claim("cnf", json!({})), Claims),
        (
            "a thumbprint that is none",
            forger.claim("cnf", json!({"jkt": "A".repeat(42)})),
            Claims,
        ),
        (
            "a key for a thumbprint",
            forger.claim("cnf", json!({"jkt": "A".repeat(43), "jwk": {}})),
            Claims,
        ),
        // Form.
        ("nothing", String::new(), Shape),
        ("one word", "token".into(), Shape),
        ("two dots", "..".into(), Header),
        ("two parts", format!("{header}.{payload}"), Shape),
        ("four parts", format!("{good}.{signature}"), Shape),
        (
            "five parts, as encrypted ones",
            format!("{header}.a.b.c.{signature}"),
            Shape,
        ),
        ("the scheme in front", format!("Bearer {good}"), Shape),
        ("a blank behind", format!("{good} "), Signature),
        ("a line break inside", good.replacen('.', "\n.", 1), Shape),
        ("a zero byte", format!("{good}\0"), Signature),
        ("letters beyond ASCII", good.replacen('e', "е", 1), Shape),
        (
            "padding",
            format!("{header}.{payload}.{signature}=="),
            Signature,
        ),
        (
            "padded header",
            format!(
                "{}.{payload}.{signature}",
                URL_SAFE.encode(header_text.as_bytes().split_last().unwrap().1)
            ),
            Header,
        ),
        (
            "far too long",
            format!("{good}{}", "A".repeat(8192)),
            TooLong,
        ),
        (
            "a scope without end",
            forger.claim("scope", json!(format!("tp:{}", "t,".repeat(5000)))),
            TooLong,
        ),
        (
            "JSON serialisation",
            json!({"payload": payload, "signatures": []}).to_string(),
            Shape,
        ),
        // Signature.
        ("no signature", format!("{header}.{payload}."), Signature),
        (
            "a short signature",
            format!("{header}.{payload}.AAAA"),
            Signature,
        ),
        (
            "a signature of zeros",
            format!("{header}.{payload}.{}", URL_SAFE_NO_PAD.encode([0; 64])),
            Signature,
        ),
        (
            "a flipped bit",
            format!("{header}.{payload}.{flipped}"),
            Signature,
        ),
        (
            "the other form of the same signature",
            format!("{header}.{payload}.{malleable}"),
            Signature,
        ),
        (
            "loose bits behind the signature",
            format!("{header}.{payload}.{loose}"),
            Signature,
        ),
        (
            "a raised scope",
            format!("{header}.{raised}.{signature}"),
            Signature,
        ),
        (
            "another's signature under our key's name",
            impostor.with(|_| ()),
            Signature,
        ),
        ("another issuer's key", stranger.with(|_| ()), UnknownKey),
        // Algorithm.
        ("none", unsigned("none"), Header),
        ("None", unsigned("None"), Header),
        ("EdDSA, unsigned", unsigned("EdDSA"), Signature),
        (
            "HMAC with the public key as PEM",
            by_secret(pem.as_bytes(), &kid),
            Header,
        ),
        (
            "HMAC with the public key's bytes",
            by_secret(public, &kid),
            Header,
        ),
        ("HMAC with an empty secret", by_secret(b"", &kid), Header),
        ("RS256", forger.header_field("alg", json!("RS256")), Header),
        ("ES256", forger.header_field("alg", json!("ES256")), Header),
        ("Ed448", forger.header_field("alg", json!("Ed448")), Header),
        (
            "alg in lower case",
            forger.header_field("alg", json!("eddsa")),
            Header,
        ),
        (
            "alg as a list",
            forger.header_field("alg", json!(["EdDSA"])),
            Header,
        ),
        (
            "no alg",
            sign(
                &json!({"typ": "at+jwt", "kid": kid}).to_string(),
                &claims_text,
            ),
            Header,
        ),
        // Header.
        ("typ JWT", forger.header_field("typ", json!("JWT")), Header),
        (
            "typ in capitals",
            forger.header_field("typ", json!("AT+JWT")),
            Header,
        ),
        (
            "typ application/at+jwt",
            forger.header_field("typ", json!("application/at+jwt")),
            Header,
        ),
        ("typ null", forger.header_field("typ", json!(null)), Header),
        (
            "no typ",
            sign(
                &json!({"alg": "EdDSA", "kid": kid}).to_string(),
                &claims_text,
            ),
            Header,
        ),
        (
            "no kid",
            sign(
                &json!({"typ": "at+jwt", "alg": "EdDSA"}).to_string(),
                &claims_text,
            ),
            Header,
        ),
        (
            "an empty kid",
            forger.header_field("kid", json!("")),
            Header,
        ),
        (
            "a path as kid",
            forger.header_field("kid", json!("../../dev/null")),
            Header,
        ),
        (
            "SQL as kid",
            forger.header_field("kid", json!("x' OR '1'='1")),
            Header,
        ),
        (
            "a part of our kid",
            forger.header_field("kid", json!(&kid[..10])),
            UnknownKey,
        ),
        ("an embedded key", stranger.header_field("jwk", jwk), Header),
        (
            "a link to keys",
            forger.header_field("jku", json!("https://evil.example/jwks")),
            Header,
        ),
        (
            "a link to a certificate",
            forger.header_field("x5u", json!("https://evil.example/c")),
            Header,
        ),
        (
            "a certificate",
            forger.header_field("x5c", json!(["MIIB"])),
            Header,
        ),
        (
            "a thumbprint",
            forger.header_field("x5t#S256", json!("AAAA")),
            Header,
        ),
        (
            "critical fields",
            forger.header_field("crit", json!(["exp"])),
            Header,
        ),
        (
            "compression",
            forger.header_field("zip", json!("DEF")),
            Header,
        ),
        (
            "encryption",
            forger.header_field("enc", json!("A128GCM")),
            Header,
        ),
        (
            "a content type",
            forger.header_field("cty", json!("JWT")),
            Header,
        ),
        (
            "an unencoded payload",
            forger.header_field("b64", json!(false)),
            Header,
        ),
        (
            "a field of nobody's",
            forger.header_field("lz", json!(1)),
            Header,
        ),
        (
            "alg twice",
            sign(
                &header_text.replacen('{', "{\"alg\":\"none\",", 1),
                &claims_text,
            ),
            Header,
        ),
        (
            "kid twice",
            sign(
                &header_text.replacen('{', &format!("{{\"kid\":\"{kid}\","), 1),
                &claims_text,
            ),
            Header,
        ),
        (
            "a header in an array",
            sign(&json!(["at+jwt", "EdDSA", kid]).to_string(), &claims_text),
            Header,
        ),
        (
            "text behind the header",
            sign(&format!("{header_text}{{}}"), &claims_text),
            Header,
        ),
        (
            "a header that nests",
            sign(&"[".repeat(2000), &claims_text),
            Header,
        ),
        // Claims missing.
        ("no iss", forger.without("iss"), Claims),
        ("no sub", forger.without("sub"), Claims),
        ("no aud", forger.without("aud"), Claims),
        ("no exp", forger.without("exp"), Claims),
        ("no iat", forger.without("iat"), Claims),
        ("no jti", forger.without("jti"), Claims),
        ("no client_id", forger.without("client_id"), Claims),
        ("no scope", forger.without("scope"), Claims),
        ("no lz", forger.without("lz"), Claims),
        (
            "no aud and no iss",
            forger.with(|claims| {
                for name in ["aud", "iss"] {
                    claims.as_object_mut().unwrap().shift_remove(name);
                }
            }),
            Claims,
        ),
        // Issuer and audience.
        (
            "another issuer",
            forger.claim("iss", json!("https://other.example")),
            Issuer,
        ),
        (
            "an issuer with a slash more",
            forger.claim("iss", json!("https://hub.example/")),
            Issuer,
        ),
        (
            "an issuer in capitals",
            forger.claim("iss", json!("https://HUB.example")),
            Issuer,
        ),
        ("an empty issuer", forger.claim("iss", json!("")), Issuer),
        (
            "another audience",
            forger.claim("aud", json!("elsewhere")),
            Audience,
        ),
        (
            "a part of our audience",
            forger.claim("aud", json!("liaiso")),
            Audience,
        ),
        (
            "a list of audiences",
            forger.claim("aud", json!(["liaison", "elsewhere"])),
            Claims,
        ),
        (
            "our audience in a list",
            forger.claim("aud", json!(["liaison"])),
            Claims,
        ),
        (
            "an empty list of audiences",
            forger.claim("aud", json!([])),
            Claims,
        ),
        // Times.
        (
            "expired",
            forger.with(|claims| {
                claims["iat"] = json!(NOW - 700);
                claims["exp"] = json!(NOW - 10);
            }),
            Expired,
        ),
        (
            "exp as text",
            forger.claim("exp", json!((NOW + 600).to_string())),
            Claims,
        ),
        (
            "exp as a fraction",
            forger.claim("exp", json!(NOW as f64 + 0.5)),
            Claims,
        ),
        (
            "exp with an exponent",
            forger.text(&(NOW + 600).to_string(), "1.8e9"),
            Claims,
        ),
        (
            "exp beyond all numbers",
            forger.text(&(NOW + 600).to_string(), "1e999"),
            Claims,
        ),
        (
            "exp beyond 64 bits",
            forger.text(&(NOW + 600).to_string(), "18446744073709551616"),
            Claims,
        ),
        (
            "exp at the end of 64 bits",
            forger.claim("exp", json!(i64::MAX)),
            Times,
        ),
        (
            "exp in the far future",
            forger.claim("exp", json!(NOW + 10 * 365 * 86_400)),
            TooLongLived,
        ),
        (
            "exp in milliseconds",
            forger.claim("exp", json!((NOW + 600) * 1000)),
            Times,
        ),
        ("exp negative", forger.claim("exp", json!(-1)), Times),
        ("exp zero", forger.claim("exp", json!(0)), Times),
        ("exp null", forger.claim("exp", json!(null)), Claims),
        ("exp true", forger.claim("exp", json!(true)), Claims),
        (
            "exp in a list",
            forger.claim("exp", json!([NOW + 600])),
            Claims,
        ),
        (
            "exp twice",
            forger.text("\"exp\":", &format!("\"exp\":{},\"exp\":", NOW + 5)),
            Claims,
        ),
        ("exp before iat", forger.claim("exp", json!(NOW - 1)), Times),
        ("exp at iat", forger.claim("exp", json!(NOW)), Times),
        ("iat to come", forger.claim("iat", json!(NOW + 11)), NotYet),
        ("iat negative", forger.claim("iat", json!(-5)), Times),
        ("iat as text", forger.claim("iat", json!("now")), Claims),
        ("nbf to come", forger.claim("nbf", json!(NOW + 11)), NotYet),
        (
            "nbf after exp",
            forger.claim("nbf", json!(NOW + 601)),
            Times,
        ),
        ("nbf null", forger.claim("nbf", json!(null)), Claims),
        ("nbf negative", forger.claim("nbf", json!(-1)), Times),
        (
            "a day and a second",
            forger.claim("exp", json!(NOW + 86_401)),
            TooLongLived,
        ),
        (
            "VICTIM for eleven minutes",
            forger.with(|claims| {
                claims["scope"] = json!(SHORT);
                claims["exp"] = json!(NOW + 660);
            }),
            TooLongLived,
        ),
        (
            "SECRETARIAT, written, for an hour",
            forger.with(|claims| {
                claims["scope"] = json!("read:document@PUBLIC write:document@SECRETARIAT");
                claims["exp"] = json!(NOW + 3600);
            }),
            TooLongLived,
        ),
        (
            "the right to issue, for an hour",
            forger.with(|claims| {
                claims["scope"] = json!("read:document@PUBLIC token:issue");
                claims["exp"] = json!(NOW + 3600);
            }),
            TooLongLived,
        ),
        // Scope.
        (
            "an unknown scope",
            forger.claim("scope", json!("read:communication@CHANNEL admin")),
            Scope,
        ),
        (
            "an unknown action",
            forger.claim("scope", json!("delete:communication@CHANNEL")),
            Scope,
        ),
        (
            "an unknown kind",
            forger.claim("scope", json!("read:communications@CHANNEL")),
            Scope,
        ),
        (
            "an unknown level",
            forger.claim("scope", json!("read:communication@TOP")),
            Scope,
        ),
        (
            "a scope for all kinds",
            forger.claim("scope", json!("read:*@CHANNEL")),
            Scope,
        ),
        ("an empty scope", forger.claim("scope", json!("")), Scope),
        (
            "two blanks",
            forger.claim("scope", json!(format!("{LONG}  audit:read"))),
            Scope,
        ),
        (
            "scopes in a list",
            forger.claim("scope", json!([LONG])),
            Claims,
        ),
        ("scope null", forger.claim("scope", json!(null)), Claims),
        (
            "scope twice",
            forger.text("\"scope\":", "\"scope\":\"read:person@VICTIM\",\"scope\":"),
            Claims,
        ),
        // Names.
        ("an empty sub", forger.claim("sub", json!("")), Claims),
        (
            "a sub that is too long",
            forger.claim("sub", json!("a".repeat(65))),
            Claims,
        ),
        (
            "a sub with a line break",
            forger.claim("sub", json!("cat\npetitions")),
            Claims,
        ),
        (
            "a sub with a zero byte",
            forger.claim("sub", json!("cat.petitions\0")),
            Claims,
        ),
        (
            "a sub in another script",
            forger.claim("sub", json!("сat.petitions")),
            Claims,
        ),
        (
            "a sub that is a number",
            forger.claim("sub", json!(7)),
            Claims,
        ),
        (
            "sub twice",
            forger.text("\"sub\":", "\"sub\":\"cat.grants\",\"sub\":"),
            Claims,
        ),
        ("an empty jti", forger.claim("jti", json!("")), Claims),
        (
            "a jti without end",
            forger.claim("jti", json!("j".repeat(3000))),
            Claims,
        ),
        (
            "an empty client",
            forger.claim("client_id", json!("")),
            Claims,
        ),
        // Ours.
        ("lz as text", forger.claim("lz", json!("cat")), Claims),
        (
            "lz as an array",
            forger.claim("lz", json!(["cat", 2, []])),
            Claims,
        ),
        ("lz null", forger.claim("lz", json!(null)), Claims),
        (
            "lz with a clearance",
            forger.with(|claims| claims["lz"]["clearance"] = json!("VICTIM")),
            Claims,
        ),
        (
            "no mechanism",
            forger.claim("lz", json!({"epoch": 2, "amr": []})),
            Claims,
        ),
        (
            "no epoch",
            forger.claim("lz", json!({"mech": "cat", "amr": []})),
            Claims,
        ),
        (
            "a mechanism in capitals",
            forger.with(|claims| claims["lz"]["mech"] = json!("CAT")),
            Claims,
        ),
        (
            "all mechanisms",
            forger.with(|claims| claims["lz"]["mech"] = json!("*")),
            Claims,
        ),
        (
            "a list of mechanisms",
            forger.with(|claims| claims["lz"]["mech"] = json!(["cat", "spt"])),
            Claims,
        ),
        (
            "an epoch before all",
            forger.with(|claims| claims["lz"]["epoch"] = json!(-1)),
            Claims,
        ),
        (
            "an epoch as text",
            forger.with(|claims| claims["lz"]["epoch"] = json!("2")),
            Claims,
        ),
        (
            "an epoch in part",
            forger.with(|claims| claims["lz"]["epoch"] = json!(2.0)),
            Claims,
        ),
        (
            "epoch twice",
            forger.text("\"epoch\":2", "\"epoch\":2,\"epoch\":3"),
            Claims,
        ),
        (
            "too many methods",
            forger.with(|claims| claims["lz"]["amr"] = json!(vec!["pwd"; 9])),
            Claims,
        ),
        (
            "a method of any length",
            forger.with(|claims| claims["lz"]["amr"] = json!(["p".repeat(65)])),
            Claims,
        ),
        // Other claims.
        (
            "a key to be bound to",
            forger.claim("cnf", json!({"jkt": "AAAA"})),
            Claims,
        ),
        ("a role", forger.claim("roles", json!(["admin"])), Claims),
        (
            "an actor",
            forger.claim("act", json!({"sub": "cat.secretary"})),
            Claims,
        ),
        (
            "a claim in capitals",
            forger.claim("EXP", json!(NOW + 600)),
            Claims,
        ),
        (
            "claims in an array",
            sign(&header_text, &json!([claims_text]).to_string()),
            Claims,
        ),
        (
            "claims that are text",
            sign(&header_text, "\"claims\""),
            Claims,
        ),
        ("claims that are null", sign(&header_text, "null"), Claims),
        ("no claims", sign(&header_text, "{}"), Claims),
        (
            "claims that do not end",
            sign(&header_text, &claims_text[..claims_text.len() - 1]),
            Claims,
        ),
        (
            "text behind the claims",
            sign(&header_text, &format!("{claims_text} {claims_text}")),
            Claims,
        ),
        (
            "claims that nest",
            sign(
                &header_text,
                &format!("{{\"lz\":{}", "{\"a\":".repeat(1000)),
            ),
            Claims,
        ),
        (
            "a byte-order mark",
            sign(&header_text, &format!("\u{feff}{claims_text}")),
            Claims,
        ),
    ]
}

#[test]
fn the_forgers_own_token_is_a_good_one() {
    let keys = KeyFile::fresh().unwrap();
    let forger = Forger::of(&keys);
    let authority = authority(&keys);
    let good = [
        forger.with(|_| ()),
        forger.claim("nbf", json!(NOW + 10)),
        forger.with(|claims| {
            claims["iat"] = json!(NOW + 10);
            claims["exp"] = json!(NOW + 10 + 86_400);
        }),
        forger.with(|claims| {
            claims["iat"] = json!(NOW - 609);
            claims["exp"] = json!(NOW - 9);
            claims["scope"] = json!(SHORT);
        }),
    ];
    for token in good {
        assert_eq!(
            authority.verify(&token, now()).unwrap().subject(),
            "cat.petitions"
        );
    }
}

#[test]
fn every_hostile_token_is_refused_with_one_and_the_same_answer() {
    let keys = KeyFile::fresh().unwrap();
    let authority = authority(&keys);
    let hostile = hostile(&keys);
    assert!(hostile.len() >= 45);
    for (name, token, reason) in hostile {
        for time in ["the first time", "the second time"] {
            let refused = authority.verify(&token, now()).expect_err(name);
            assert_eq!(refused.reason(), reason, "{name}, {time}");
            assert_eq!(
                format!("{refused} {refused:?}"),
                "the token is not valid TokenRefused"
            );
        }
    }
    let ring = authority.ring();
    let remembered = ring.remembered();
    assert!(remembered.young.is_empty() && remembered.old.is_empty());
}

#[test]
fn no_token_survives_a_changed_letter() {
    let keys = KeyFile::fresh().unwrap();
    let authority = authority(&keys);
    let good = Forger::of(&keys).with(|_| ());
    authority.verify(&good, now()).unwrap();
    for place in 0..good.len() {
        let mut bytes = good.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        assert!(authority.verify(&changed, now()).is_err(), "letter {place}");
        assert!(
            authority.verify(&good[..place], now()).is_err(),
            "cut at {place}"
        );
    }
}

#[test]
fn what_is_issued_verifies_as_it_was_asked_for() {
    let keys = KeyFile::fresh().unwrap();
    let authority = authority(&keys);
    let request = request(SHORT, 600)
        .unwrap()
        .authenticated_by(vec!["hwk".into()]);
    let issued = authority.issue(&request, now()).unwrap();
    let claims = authority.verify(&issued.token, now()).unwrap();
    assert_eq!(
        (claims.subject(), claims.client(), claims.mechanism()),
        ("cat.petitions", "desk", "cat")
    );
    assert_eq!(
        (claims.token_id(), claims.expires()),
        (issued.id.as_str(), issued.expires)
    );
    assert_eq!(
        (claims.epoch(), claims.issued(), claims.methods()),
        (2, now(), &["hwk".to_owned()][..])
    );
    assert_eq!(claims.scopes().to_string(), SHORT);
    assert!(standing(&claims, &officer(), &desk()).is_ok());
    assert!(!format!("{issued:?}{authority:?}").contains(&issued.token));
    assert_ne!(issued.id, authority.issue(&request, now()).unwrap().id);
}

#[test]
fn no_token_can_be_asked_for_that_exceeds_its_holder() {
    let partner = Holder {
        clearance: Level::Partner,
        ..officer()
    };
    let ask = |holder: &Holder, client: &Client, scope: &str, life| {
        TokenRequest::new(holder, client, scope.parse().unwrap(), life)
            .map(drop)
            .unwrap_err()
    };
    let beyond = |item: &str| IssueError::BeyondHolder { item: item.into() };
    assert_eq!(ask(&partner, &desk(), LONG, 60), beyond(LONG));
    let narrow = Client {
        cap: Level::Channel,
        ..desk()
    };
    assert_eq!(ask(&officer(), &narrow, SHORT, 60), beyond(SHORT));
    let display = Holder {
        kind: HolderKind::Dashboard,
        ..officer()
    };
    assert_eq!(
        ask(&display, &desk(), "read:mechanism@PARTNER audit:read", 60),
        beyond("audit:read")
    );
    let state = Holder {
        state_holder: true,
        ..officer()
    };
    assert_eq!(
        ask(&state, &desk(), "read:document@SECRETARIAT", 60),
        beyond("read:document@SECRETARIAT")
    );
    let suspended = Holder {
        suspended: true,
        ..officer()
    };
    assert_eq!(ask(&suspended, &desk(), LONG, 60), IssueError::Suspended);
    for life in [i64::MIN, -1, 0, 601, i64::MAX] {
        assert_eq!(
            ask(&officer(), &desk(), SHORT, life),
            IssueError::Life { longest: 600 }
        );
    }
    assert_eq!(
        ask(&officer(), &desk(), LONG, 86_401),
        IssueError::Life { longest: 86_400 }
    );
    assert!(request(LONG, 86_400).is_ok());
    let torn = Holder {
        epoch: -1,
        ..officer()
    };
    assert_eq!(ask(&torn, &desk(), LONG, 60), IssueError::Unnameable);
}

#[test]
fn what_would_be_refused_is_not_issued() {
    let keys = KeyFile::fresh().unwrap();
    let authority = authority(&keys);
    for subject in ["", "two words", &"a".repeat(65)] {
        let holder = Holder {
            subject: subject.to_owned(),
            ..officer()
        };
        let request = TokenRequest::new(&holder, &desk(), LONG.parse().unwrap(), 60).unwrap();
        assert_eq!(
            authority.issue(&request, now()).unwrap_err(),
            IssueError::Unnameable
        );
    }
    let request = TokenRequest::new(&officer(), &desk(), Scopes::nothing(), 60).unwrap();
    assert_eq!(
        authority.issue(&request, now()).unwrap_err(),
        IssueError::Unnameable
    );
    let far = Moment::from_seconds(i64::MAX);
    assert!(
        authority
            .issue(&self::request(LONG, 60).unwrap(), far)
            .is_err()
    );
}

#[test]
fn a_remembered_token_still_expires() {
    let keys = KeyFile::fresh().unwrap();
    let authority = authority(&keys);
    let token = authority
        .issue(&request(SHORT, 600).unwrap(), now())
        .unwrap()
        .token;
    let at = |seconds| {
        authority
            .verify(&token, now().plus_seconds(seconds))
            .map(drop)
    };
    assert!(at(0).is_ok() && at(0).is_ok() && at(609).is_ok());
    assert_eq!(at(610).unwrap_err().reason(), Refusal::Expired);
    assert_eq!(at(-11).unwrap_err().reason(), Refusal::NotYet);
    assert!(at(-10).is_ok());
}

#[test]
fn a_token_that_is_forgotten_is_verified_anew_and_says_whose_it_would_be() {
    let keys = KeyFile::fresh().unwrap();
    let authority = authority(&keys);
    let issued = authority.issue(&request(SHORT, 600).unwrap(), now());
    let token = issued.unwrap().token;
    authority.verify(&token, now()).unwrap();
    authority.forget(&token);
    let ring = authority.ring();
    assert!(
        ring.remembered()
            .find(&Sha256::digest(&token).into())
            .is_none()
    );
    let claims = authority.verify(&token, now()).unwrap();
    let forged = format!("{}.A", token.rsplit_once('.').unwrap().0);
    assert!(authority.verify(&forged, now()).is_err());
    let said = authority.said(&forged);
    assert_eq!(said.subject, claims.subject());
    assert_eq!(said.token, claims.token_id());
    assert_eq!(authority.said("no token").subject, "");
}

#[test]
fn a_remembered_token_is_still_refused_when_revoked() {
    let keys = KeyFile::fresh().unwrap();
    let authority = authority(&keys);
    let token = authority
        .issue(&request(SHORT, 600).unwrap(), now())
        .unwrap()
        .token;
    assert!(
        standing(
            &authority.verify(&token, now()).unwrap(),
            &officer(),
            &desk()
        )
        .is_ok()
    );
    let revoked = Holder {
        epoch: 2,
        ..officer()
    };
    let claims = authority.verify(&token, now()).unwrap();
    let refused = standing(&claims, &revoked, &desk()).unwrap_err();
    assert_eq!(refused.reason(), Refusal::Revoked);
    assert_eq!(refused.to_string(), "the token is not valid");
}

#[test]
fn remembered_tokens_are_bounded_and_the_old_ones_go_first() {
    let keys = KeyFile::fresh().unwrap();
    let forger = Forger::of(&keys);
    let claims = authority(&keys)
        .verify(&forger.with(|_| ()), now())
        .unwrap();
    let mut seen = Generations::default();
    let digest = |number: usize| -> [u8; 32] { Sha256::digest(number.to_le_bytes()).into() };
    for number in 0..3 * REMEMBERED {
        seen.keep(digest(number), Arc::clone(&claims));
        assert!(seen.young.len() <= REMEMBERED && seen.old.len() <= REMEMBERED);
    }
    assert!(seen.find(&digest(0)).is_none());
    assert!(seen.find(&digest(3 * REMEMBERED - 1)).is_some());
    // What is used again stays young.
    assert!(seen.find(&digest(2 * REMEMBERED - 1)).is_some());
    assert!(seen.young.contains_key(&digest(2 * REMEMBERED - 1)));
}

#[test]
fn keys_change_without_a_valid_token_refused() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = ["first", "second"].map(|name| folder.path().join(name));
    let (old, new) = (
        KeyFile::create(&first).unwrap(),
        KeyFile::create(&second).unwrap(),
    );
    let read =
        |path| -> Value { serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap() };
    let mut both = read(&second);
    both["signing"]
        .as_array_mut()
        .unwrap()
        .push(read(&first)["signing"][0].clone());
    std::fs::write(&second, both.to_string()).unwrap();
    let both = KeyFile::open(&second).unwrap();

    let of = |keys: &KeyFile| {
        authority(keys)
            .issue(&request(LONG, 600).unwrap(), now())
            .unwrap()
            .token
    };
    let rotated = authority(&both);
    assert!(rotated.verify(&of(&old), now()).is_ok());
    assert!(rotated.verify(&of(&new), now()).is_ok());
    assert!(authority(&new).verify(&of(&both), now()).is_ok());
    assert_eq!(
        authority(&old)
            .verify(&of(&both), now())
            .unwrap_err()
            .reason(),
        Refusal::UnknownKey
    );
}

#[test]
fn a_next_key_verifies_before_it_signs_and_the_old_one_after() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys");
    let hub = authority(&KeyFile::create(&path).unwrap());
    let issue = |hub: &TokenAuthority, at: Moment| {
        let issued = hub.issue(&request(LONG, 86_400).unwrap(), at).unwrap();
        issued.token
    };
    let before = issue(&hub, now());
    let day = 86_400;
    let rotated = KeyFile::rotate_signing(&path, now(), day).unwrap();
    assert_eq!((rotated.from, rotated.let_go), (now().plus_seconds(day), 0));
    let keys = KeyFile::open(&path).unwrap();
    let other = authority(&keys);
    hub.renew(&keys).unwrap();
    assert!(
        hub.published().contains(&rotated.kid),
        "known before it signs"
    );
    let kid = |token: &str| {
        let header = token.split('.').next().unwrap().to_owned();
        let header = URL_SAFE_NO_PAD.decode(header).unwrap();
        serde_json::from_slice::<Value>(&header).unwrap()["kid"].clone()
    };
    let last = issue(&hub, now().plus_seconds(day - 1));
    let first = issue(&other, now().plus_seconds(day));
    assert_eq!(kid(&last), kid(&before));
    assert_eq!(kid(&first), rotated.kid.as_str());
    for token in [&last, &first] {
        assert!(hub.verify(token, now().plus_seconds(day + 5)).is_ok());
        assert!(other.verify(token, now().plus_seconds(day + 5)).is_ok());
    }

    // A second next one waits for the first; an old one stays while its tokens may live.
    let again = |at: i64| KeyFile::rotate_signing(&path, now().plus_seconds(at), day);
    assert!(matches!(again(1), Err(KeyFileError::Waiting(..))));
    assert_eq!(again(day + 1).unwrap().let_go, 0);
    assert_eq!(again(4 * day).unwrap().let_go, 2);
    assert!(matches!(
        KeyFile::rotate_signing(&path, now(), 1),
        Err(KeyFileError::TooSoon(_))
    ));

    // A stolen key goes at once, with every token of it, remembered or not.
    assert!(hub.verify(&first, now().plus_seconds(day)).is_ok());
    KeyFile::replace_signing(&path, now()).unwrap();
    hub.renew(&KeyFile::open(&path).unwrap()).unwrap();
    for token in [&before, &last, &first] {
        let refused = hub.verify(token, now().plus_seconds(day)).unwrap_err();
        assert_eq!(refused.reason(), Refusal::UnknownKey);
    }
    assert!(hub.verify(&issue(&hub, now()), now()).is_ok());
}

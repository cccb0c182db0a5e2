//! Two issuers elsewhere (invented), whose tokens every house accepts.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, crypto, jwk::Jwk};
use liaison::{
    identity::elsewhere::{Issuers, IssuersFault},
    keys::KeyFile,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::house::NOW;

/// The issuer of CAT and of the African Commission, with an Ed25519 and a P-256 key.
pub(crate) const ONE: &str = "https://one.example";
/// The issuer of CAT alone.
pub(crate) const TWO: &str = "https://two.example";
pub(crate) const AUDIENCE: &str = "https://hub.example";
pub(crate) const PROGRAM: &str = "workspace";

/// Who signs tokens elsewhere, and with what.
pub(crate) struct Signer {
    pub(crate) issuer: &'static str,
    pub(crate) kid: String,
    pub(crate) key: EncodingKey,
    pub(crate) algorithm: Algorithm,
}

impl Signer {
    fn ed25519(issuer: &'static str, kid: &str) -> Self {
        let keys = KeyFile::fresh().unwrap();
        Self::of(
            issuer,
            kid,
            keys.signing()[0].encoding_key(),
            Algorithm::EdDSA,
        )
    }

    fn of(issuer: &'static str, kid: &str, key: EncodingKey, algorithm: Algorithm) -> Self {
        let kid = kid.to_owned();
        Self {
            issuer,
            kid,
            key,
            algorithm,
        }
    }

    pub(crate) fn jwk(&self) -> Value {
        let jwk = Jwk::from_encoding_key(&self.key, self.algorithm).unwrap();
        let mut jwk = serde_json::to_value(jwk).unwrap();
        jwk["kid"] = json!(self.kid);
        jwk
    }

    pub(crate) fn header(&self) -> Value {
        let alg = if self.algorithm == Algorithm::EdDSA {
            "EdDSA"
        } else {
            "ES256"
        };
        json!({ "typ": "at+jwt", "alg": alg, "kid": self.kid })
    }

    /// The claims of a good token of this subject, at the beginning of the tests.
    pub(crate) fn claims(&self, subject: &str) -> Value {
        json!({
            "iss": self.issuer, "sub": subject, "aud": AUDIENCE, "azp": PROGRAM,
            "iat": NOW, "exp": NOW + 300, "jti": "elsewhere-1",
            // What an issuer likes to say, and nobody here listens to.
            "scope": "read:person@VICTIM token:issue", "roles": ["ADMITS", "GRANTS"],
            "clearance": "VICTIM", "lz": { "mech": "cat" }, "email": "nobody@one.example",
        })
    }

    pub(crate) fn sign(&self, header: &str, claims: &str) -> String {
        let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part));
        let message = format!("{header}.{claims}");
        let signature = crypto::sign(message.as_bytes(), &self.key, self.algorithm).unwrap();
        format!("{message}.{signature}")
    }

    /// A good token but for what is told.
    pub(crate) fn token(&self, subject: &str, change: impl FnOnce(&mut Value)) -> String {
        let mut claims = self.claims(subject);
        change(&mut claims);
        self.sign(&self.header().to_string(), &claims.to_string())
    }
}

/// The signers: two keys of the first issuer, one of the second, and nobody's.
pub(crate) struct Signers {
    pub(crate) one: Signer,
    pub(crate) one_p256: Signer,
    pub(crate) two: Signer,
    pub(crate) nobody: Signer,
    folder: TempDir,
}

pub(crate) static SIGNERS: LazyLock<Signers> = LazyLock::new(|| {
    let pem = include_bytes!("../tokens/p256.pem");
    let p256 = EncodingKey::from_ec_pem(pem).unwrap();
    let signers = Signers {
        one: Signer::ed25519(ONE, "first"),
        one_p256: Signer::of(ONE, "second", p256, Algorithm::ES256),
        two: Signer::ed25519(TWO, "first"),
        nobody: Signer::ed25519(ONE, "first"),
        folder: tempfile::tempdir().unwrap(),
    };
    signers.write(signers.folder.path());
    signers
});

impl Signers {
    /// Writes settings and keys into a folder; the settings' path.
    pub(crate) fn write(&self, folder: &Path) -> PathBuf {
        put(
            folder,
            "one.json",
            &keys(&[self.one.jwk(), self.one_p256.jwk()]),
        );
        put(folder, "two.json", &keys(&[self.two.jwk()]));
        put(
            folder,
            "issuers.toml",
            &format!(
                "[[issuer]]\nissuer = \"{ONE}\"\njwks = \"one.json\"\naudience = \"{AUDIENCE}\"\n\
                 azp = \"{PROGRAM}\"\nmechanisms = [\"cat\", \"achpr\"]\nalgorithms = [\"EdDSA\", \
                 \"ES256\"]\n\n[[issuer]]\nissuer = \"{TWO}\"\njwks = \"two.json\"\naudience = \
                 \"{AUDIENCE}\"\nazp = \"{PROGRAM}\"\nmechanisms = [\"cat\"]\nalgorithms = \
                 [\"EdDSA\"]\n"
            ),
        )
    }

    /// The issuers as every house knows them.
    pub(crate) fn issuers(&self) -> Issuers {
        open(&self.folder.path().join("issuers.toml")).unwrap()
    }
}

pub(crate) fn open(settings: &Path) -> Result<Issuers, IssuersFault> {
    Issuers::open(settings, "liaison")
}

pub(crate) fn keys(keys: &[Value]) -> String {
    json!({ "keys": keys }).to_string()
}

/// Writes a file that nobody else can write.
pub(crate) fn put(folder: &Path, name: &str, text: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path
}

//! Cosignatures: what a witness signs (C2SP `tlog-cosignature`), and how it asks.
//!
//! With its one key a witness signs checkpoints and its own requests to a hub; each text
//! begins with words of its own, so that neither passes for the other.

use base64::{Engine, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signer, SigningKey};
use sha2::{Digest, Sha256};

use super::{
    checkpoint::{Note, WitnessKey},
    entry::hex,
};
use crate::{clock::Moment, keys::SecretKey};

/// The scheme of `Authorization` in which a witness asks.
const SCHEME: &str = "Witness";
/// Seconds by which the clocks of hub and witness may differ.
const SKEW: i64 = 300;

/// A witness's key.
#[derive(Debug)]
pub struct Cosigner {
    name: String,
    private: SecretKey,
}

impl Cosigner {
    /// The witness with this key, under this name.
    pub fn of(name: &str, private: SecretKey) -> Self {
        let name = name.to_owned();
        Self { name, private }
    }

    /// The public half.
    pub fn key(&self) -> WitnessKey {
        WitnessKey::named(&self.name, self.signing().verifying_key().to_bytes())
    }

    fn signing(&self) -> SigningKey {
        SigningKey::from_bytes(self.private.bytes())
    }

    /// The note with this witness's word that it is the latest that it has seen of the log.
    pub fn cosign(&self, note: Note, at: Moment) -> Note {
        let time = u64::try_from(at.seconds()).unwrap_or(0);
        let hash = self.key().hash();
        let signature = self.signing().sign(&cosigned(&note, time)).to_bytes();
        let parts = [hash.as_slice(), &time.to_be_bytes(), &signature];
        note.and(&self.name, parts.concat())
    }

    /// The `Authorization` of a request.
    pub fn authorization(&self, request: Asked<'_>, at: Moment) -> String {
        let time = at.seconds();
        let signature = self.signing().sign(&request.text(time)).to_bytes();
        let signature = STANDARD.encode(signature);
        format!("{SCHEME} {} {time} {signature}", self.name)
    }
}

/// A request to a hub, as it is signed.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The outer tree that is meant, by its name: no hub passes a request on to another.
    pub log: &'a str,
    /// The method.
    pub method: &'a str,
    /// The path.
    pub path: &'a str,
    /// The body.
    pub body: &'a [u8],
}

impl Asked<'_> {
    fn text(&self, time: i64) -> Vec<u8> {
        let body = hex(&Sha256::digest(self.body));
        let (log, method, path) = (self.log, self.method, self.path);
        format!("liaison/witness/1\n{log}\n{time}\n{method} {path}\n{body}\n").into_bytes()
    }

    /// As whom an `Authorization` says that it asks.
    pub fn name_in(authorization: &str) -> Option<&str> {
        let mut parts = authorization.split(' ');
        (parts.next() == Some(SCHEME)).then(|| parts.next())?
    }

    /// Whether the owner of this key asks, now.
    pub fn is_by(&self, key: &WitnessKey, authorization: &str, now: Moment) -> bool {
        let parts: Vec<&str> = authorization.split(' ').collect();
        let [SCHEME, name, time, signature] = parts.as_slice() else {
            return false;
        };
        let (Ok(time), Ok(signature)) = (time.parse::<i64>(), STANDARD.decode(signature)) else {
            return false;
        };
        // Verified whatever the time: a refusal costs the same.
        let signed = key.has_signed(&self.text(time), &signature);
        signed && *name == key.name() && now.seconds().abs_diff(time) <= SKEW.unsigned_abs()
    }
}

impl Note {
    /// When this witness has cosigned it; of several times the latest.
    pub fn cosigned_by(&self, key: &WitnessKey) -> Option<Moment> {
        let times = self.by(key.name()).filter_map(|signed| {
            let signed = signed.strip_prefix(key.hash().as_slice())?;
            let (time, signature) = signed.split_first_chunk::<8>()?;
            let time = u64::from_be_bytes(*time);
            let good = key.has_signed(&cosigned(self, time), signature);
            i64::try_from(time).ok().filter(|_| good)
        });
        times.max().map(Moment::from_seconds)
    }
}

/// What a cosignature is made over.
fn cosigned(note: &Note, time: u64) -> Vec<u8> {
    format!("cosignature/v1\ntime {time}\n{}", note.text()).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        journal::{Checkpoint, LogKey},
        keys::KeyFile,
    };

    const AT: Moment = Moment::from_seconds(1_780_315_200);

    fn witness() -> Cosigner {
        Cosigner::of("cat.example/witness", SecretKey::fresh().unwrap())
    }

    #[test]
    fn a_cosignature_is_of_its_witness_and_of_its_checkpoint() {
        let keys = KeyFile::fresh().unwrap();
        let note = |size| -> Note {
            Checkpoint::of_ticks(size, &[7; 32], keys.checkpoint())
                .parse()
                .unwrap()
        };
        let (one, another) = (witness(), witness());
        let signed = one.cosign(note(5), AT);
        let read: Note = signed.to_string().parse().unwrap();
        assert_eq!(read, signed);
        assert_eq!(read.cosigned_by(&one.key()), Some(AT));
        assert_eq!(read.cosigned_by(&another.key()), None);
        // The log's own signature stays good, under the outer tree's name alone.
        let log = LogKey::of(keys.checkpoint());
        assert!(read.is_signed_by(&log.ticks()) && !read.is_signed_by(&log));
        let moved = signed.to_string().replacen("\n5\n", "\n6\n", 1);
        let moved: Note = moved.parse().unwrap();
        assert_eq!(moved.cosigned_by(&one.key()), None);
        let both = another.cosign(signed, AT.plus_seconds(9));
        assert_eq!(both.cosigned_by(&one.key()), Some(AT));
        assert_eq!(both.cosigned_by(&another.key()), Some(AT.plus_seconds(9)));
    }

    /// The example of the specification: what is hashed to the id of a key, and the form of a
    /// line, are another implementation's.
    #[test]
    fn the_line_of_the_specification_is_read() {
        let note: Note = "example.com/behind-the-sofa\n20852163\n\
            CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
            — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
            — witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
            .parse()
            .unwrap();
        let line = note.by("witness.example.com/w1").next().unwrap();
        let (time, signature) = line[4..].split_first_chunk::<8>().unwrap();
        assert_eq!(u64::from_be_bytes(*time), 1_679_315_147);
        assert_eq!(signature.len(), 64);
        assert_eq!(
            cosigned(&note, 1_679_315_147),
            b"cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n\
              CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
        );
    }

    #[test]
    fn a_request_is_good_for_what_it_asks_where_it_asks_and_when() {
        let witness = witness();
        let asked = Asked {
            log: "liaison-log-a/ticks",
            method: "GET",
            path: "/audit/checkpoint",
            body: b"",
        };
        let sent = witness.authorization(asked, AT);
        let key = witness.key();
        assert_eq!(Asked::name_in(&sent), Some("cat.example/witness"));
        assert!(asked.is_by(&key, &sent, AT.plus_seconds(200)));
        let other = |asked: Asked<'_>, at| asked.is_by(&key, &sent, at);
        assert!(!other(asked, AT.plus_seconds(301)) && !other(asked, AT.plus_seconds(-301)));
        let log = "liaison-log-b/ticks";
        assert!(!other(Asked { log, ..asked }, AT));
        assert!(!other(
            Asked {
                method: "POST",
                ..asked
            },
            AT
        ));
        assert!(!other(
            Asked {
                path: "/audit/tile/0/000",
                ..asked
            },
            AT
        ));
        assert!(!other(
            Asked {
                body: b"x",
                ..asked
            },
            AT
        ));
        assert!(!asked.is_by(&self::witness().key(), &sent, AT));
        for wrong in [
            "",
            "Witness",
            "Bearer x",
            &sent.replace("Witness", "witness"),
            &format!("{sent} x"),
        ] {
            assert!(!asked.is_by(&key, wrong, AT), "{wrong}");
        }
    }
}

//! Receipts: what a reader keeps of an opening, opaque to the reader.
//!
//! A number would count the openings of others, so that number and hash are sealed to the
//! hub's audit key; the signature outside shows to anyone that the hub has promised an entry.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce, aead::Aead};
use ed25519_dalek::{Signature, VerifyingKey};
use zeroize::Zeroizing;

use super::{LedgerError, entry::keyed, tree::Hash};
use crate::{clock::Moment, keys::KeyFile};

const NONCE: usize = 24;
/// What is signed begins with this, so that a receipt is taken for nothing else.
const CONTEXT: &[u8] = b"liaison/receipt/1\n";

/// The proof that an entry is durable; only a page's commit gives one.
#[derive(Debug)]
pub struct Receipt {
    pub(super) n: i64,
    pub(super) leaf: Hash,
    pub(super) at: Moment,
}

/// What a receipt says to who has the hub's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Promise {
    /// The number of the entry.
    pub n: i64,
    /// Its hash.
    pub leaf: Hash,
    /// When.
    pub at: Moment,
}

impl Receipt {
    /// The number of the last entry that it is for.
    pub fn number(&self) -> i64 {
        self.n
    }

    /// The receipt as its reader keeps it: of one length, whatever it says.
    ///
    /// # Errors
    /// Fails where the system has no randomness.
    pub fn sealed(&self, keys: &KeyFile) -> Result<String, LedgerError> {
        let mut nonce = [0u8; NONCE];
        getrandom::fill(&mut nonce).map_err(|_| LedgerError::NoRandomness)?;
        let (n, at) = (self.n.to_be_bytes(), self.at.millis().to_be_bytes());
        let plain = [n.as_slice(), &at, &self.leaf].concat();
        let sealed = cipher(keys)
            .encrypt(&XNonce::from(nonce), plain.as_slice())
            .map_err(|_| LedgerError::ReasonNotSealed)?;
        let blob = [nonce.as_slice(), &sealed].concat();
        let signature = keys.checkpoint().sign(&[CONTEXT, &blob].concat());
        Ok(URL_SAFE_NO_PAD.encode([blob.as_slice(), &signature].concat()))
    }
}

impl Promise {
    /// Reads a receipt with the keys of the hub that gave it; `None` where it gave none such.
    pub fn read(receipt: &str, keys: &KeyFile) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(receipt.trim()).ok()?;
        let (blob, signature) = bytes.split_last_chunk::<64>()?;
        let public = VerifyingKey::from_bytes(&keys.checkpoint().public()).ok()?;
        let signed = [CONTEXT, blob].concat();
        public
            .verify_strict(&signed, &Signature::from_bytes(signature))
            .ok()?;
        let (nonce, sealed) = blob.split_first_chunk::<NONCE>()?;
        let plain = cipher(keys).decrypt(&XNonce::from(*nonce), sealed).ok()?;
        let (n, rest) = plain.split_first_chunk::<8>()?;
        let (at, leaf) = rest.split_first_chunk::<8>()?;
        Some(Self {
            n: i64::from_be_bytes(*n),
            at: Moment::from_millis(i64::from_be_bytes(*at)),
            leaf: leaf.try_into().ok()?,
        })
    }
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "entry {}, made at {}", self.n, self.at)
    }
}

fn cipher(keys: &KeyFile) -> XChaCha20Poly1305 {
    let key = Zeroizing::new(keyed(keys.audit(), "receipt", &[]));
    XChaCha20Poly1305::new((&*key).into())
}

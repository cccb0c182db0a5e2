//! A share of the secret, and what its holder answers with it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use curve25519_dalek::{RistrettoPoint, Scalar};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{
    MOST_ELEMENTS,
    element::Element,
    proof::{Batch, Proof},
    suite::{BlindFault, Mode, random},
};
use crate::keys::SecretKey;

/// What a share is derived for.
const INFO: &[u8] = b"liaison same matter M2";
/// Bytes of the hash that a published share is named by.
const NAMED_BY: usize = 12;

/// One of the two shares of the secret: a number, wiped when it is let go.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Share {
    number: Scalar,
    #[zeroize(skip)]
    published: Published,
}

impl Share {
    /// The share of a secret of the key file, which serves no other end.
    ///
    /// # Errors
    /// Where it would be nought: of all secrets, none that anybody will meet.
    pub fn of(secret: &SecretKey) -> Result<Self, BlindFault> {
        Self::from_number(Mode::Verifiable.derived(secret.bytes(), INFO))
    }

    pub(super) fn from_number(number: Scalar) -> Result<Self, BlindFault> {
        let published = Published(Element::of(RistrettoPoint::mul_base(&number))?);
        Ok(Self { number, published })
    }

    /// What is published of it.
    pub const fn published(&self) -> Published {
        self.published
    }

    /// Multiplies a batch, and proves that it did.
    ///
    /// # Errors
    /// Refuses none, and more than a probe has; fails where there is no randomness.
    pub fn evaluate(&self, asked: &[Element]) -> Result<Evaluation, BlindFault> {
        if asked.is_empty() || asked.len() > MOST_ELEMENTS {
            return Err(BlindFault::Count);
        }
        let answered = asked.iter().map(|one| Element::of(one.point * self.number));
        let answered: Vec<Element> = answered.collect::<Result<_, _>>()?;
        let random = Zeroizing::new(random()?);
        let batch = Batch {
            mode: Mode::Verifiable,
            published: &self.published.0,
            asked,
            answered: &answered,
        };
        let proof = batch.proved(&self.number, &random);
        Ok(Evaluation { answered, proof })
    }
}

impl std::fmt::Debug for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Share")
    }
}

/// What a holder answers to a batch.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// One element for each that was asked, in their order.
    pub answered: Vec<Element>,
    /// That all were multiplied by the published share.
    pub proof: Proof,
}

/// What the holder of a share publishes: by it others see that it used that share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Published(pub(super) Element);

impl Published {
    /// The published share of this text.
    ///
    /// # Errors
    /// Refuses what is no element.
    pub fn parse(text: &str) -> Result<Self, BlindFault> {
        Element::parse(text).map(Self)
    }

    /// The name of the share: of other shares, other names.
    pub fn id(&self) -> String {
        let hash = Sha256::digest(self.0.bytes());
        let named_by = hash.iter().copied().take(NAMED_BY);
        URL_SAFE_NO_PAD.encode(named_by.collect::<Vec<u8>>())
    }

    /// What a holder has answered, where it has used this share for all of it.
    ///
    /// # Errors
    /// Refuses another number of answers, and a proof that does not hold.
    pub fn accept(&self, asked: &[Element], said: &Evaluation) -> Result<(), BlindFault> {
        if said.answered.len() != asked.len() {
            return Err(BlindFault::Count);
        }
        let batch = Batch {
            mode: Mode::Verifiable,
            published: &self.0,
            asked,
            answered: &said.answered,
        };
        if batch.holds(&said.proof) {
            Ok(())
        } else {
            Err(BlindFault::Proof)
        }
    }
}

impl std::fmt::Display for Published {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

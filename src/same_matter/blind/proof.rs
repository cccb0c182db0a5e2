//! Proofs that a whole batch was multiplied by the published share (RFC 9497, section 2.2).
//!
//! What is proved is public, so it may be added up in variable time; the share and the random
//! number of a proof are multiplied in constant time.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use curve25519_dalek::{
    RistrettoPoint, Scalar, constants::RISTRETTO_BASEPOINT_POINT, traits::VartimeMultiscalarMul,
};
use zeroize::Zeroizing;

use super::{
    element::Element,
    suite::{BlindFault, Mode, length},
};

/// Bytes of a proof.
pub const PROOF_BYTES: usize = 64;

/// A proof for one batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    challenge: Scalar,
    response: Scalar,
}

/// A batch: what was asked, and what was answered.
#[derive(Clone, Copy)]
pub(super) struct Batch<'a> {
    pub(super) mode: Mode,
    pub(super) published: &'a Element,
    pub(super) asked: &'a [Element],
    pub(super) answered: &'a [Element],
}

impl Batch<'_> {
    /// Proves it with the share and a random number.
    pub(super) fn proved(&self, share: &Scalar, random: &Zeroizing<Scalar>) -> Proof {
        let asked = self.sum(self.asked);
        let answered = asked * share;
        let traces = [RistrettoPoint::mul_base(random), asked * **random];
        let challenge = self.challenge([asked, answered], traces);
        Proof {
            challenge,
            response: **random - challenge * share,
        }
    }

    /// Whether a proof of it holds.
    pub(super) fn holds(&self, proof: &Proof) -> bool {
        if self.asked.len() != self.answered.len() {
            return false;
        }
        let (asked, answered) = (self.sum(self.asked), self.sum(self.answered));
        let numbers = [proof.response, proof.challenge];
        let published = [RISTRETTO_BASEPOINT_POINT, self.published.point];
        let traces = [published, [asked, answered]]
            .map(|points| RistrettoPoint::vartime_multiscalar_mul(numbers, points));
        self.challenge([asked, answered], traces) == proof.challenge
    }

    /// The points added up, each with its own weight, which nobody can choose.
    fn sum(&self, points: &[Element]) -> RistrettoPoint {
        let seed = self.mode.seed(self.published.bytes());
        let pairs = self.asked.iter().zip(self.answered);
        let weights = pairs.enumerate().map(|(place, (asked, answered))| {
            let place = u16::try_from(place).unwrap_or(u16::MAX).to_be_bytes();
            self.mode.number(&[
                &length(&seed),
                &seed,
                &place,
                &length(asked.bytes()),
                asked.bytes(),
                &length(answered.bytes()),
                answered.bytes(),
                b"Composite",
            ])
        });
        let points = points.iter().map(|point| point.point);
        RistrettoPoint::vartime_multiscalar_mul(weights, points)
    }

    fn challenge(&self, sums: [RistrettoPoint; 2], traces: [RistrettoPoint; 2]) -> Scalar {
        let mut input = Vec::new();
        let mut add = |part: &[u8]| {
            input.extend_from_slice(&length(part));
            input.extend_from_slice(part);
        };
        add(self.published.bytes());
        for point in sums.iter().chain(&traces) {
            add(point.compress().as_bytes());
        }
        input.extend_from_slice(b"Challenge");
        self.mode.number(&[&input])
    }
}

impl Proof {
    /// The proof of this text.
    ///
    /// # Errors
    /// Refuses what is none, canonically written.
    pub fn parse(text: &str) -> Result<Self, BlindFault> {
        let mut bytes = [0; PROOF_BYTES];
        if URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) != Ok(PROOF_BYTES) {
            return Err(BlindFault::Proof);
        }
        let (challenge, response) = bytes.split_at(32);
        let number = |part: &[u8]| {
            let part = part.try_into().map_err(|_| BlindFault::Proof)?;
            Option::from(Scalar::from_canonical_bytes(part)).ok_or(BlindFault::Proof)
        };
        Ok(Self {
            challenge: number(challenge)?,
            response: number(response)?,
        })
    }

    /// Its bytes.
    pub fn bytes(&self) -> [u8; PROOF_BYTES] {
        let mut bytes = [0; PROOF_BYTES];
        let parts = self.challenge.to_bytes().into_iter();
        let parts = parts.chain(self.response.to_bytes());
        bytes
            .iter_mut()
            .zip(parts)
            .for_each(|(to, from)| *to = from);
        bytes
    }
}

impl std::fmt::Display for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.bytes()))
    }
}

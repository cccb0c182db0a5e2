//! ristretto255-SHA512 of RFC 9497: hashing to points and to numbers (RFC 9380, section 5).

use curve25519_dalek::{RistrettoPoint, Scalar, traits::IsIdentity};
use sha2::{Digest, Sha512};
use thiserror::Error;
use zeroize::Zeroizing;

/// Bytes of a block of SHA-512.
const BLOCK: usize = 128;
/// What every context begins with, and ends with.
const CONTEXT: (&[u8], &[u8]) = (b"OPRFV1-", b"-ristretto255-SHA512");

/// Why there are no blind tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BlindFault {
    /// Bytes are no point of the group, or the neutral one.
    #[error("a point of the exchange is none, or the neutral one")]
    Element,
    /// A holder has not used the share that it has published.
    #[error("a holder has not used the share that it has published: its proof does not hold")]
    Proof,
    /// As many answers as questions, neither none nor too many.
    #[error("a holder has answered another number of elements than it was asked")]
    Count,
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    NoRandomness,
}

/// The mode of RFC 9497.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Without proofs: for the test vectors alone.
    #[cfg(test)]
    Plain,
    /// With proofs.
    Verifiable,
}

impl Mode {
    const fn code(self) -> u8 {
        match self {
            #[cfg(test)]
            Self::Plain => 0,
            Self::Verifiable => 1,
        }
    }

    /// A domain, kept apart from all others of this mode and of other suites.
    fn domain(self, what: &[u8]) -> Vec<u8> {
        [what, CONTEXT.0, &[self.code()], CONTEXT.1].concat()
    }

    /// A point for these bytes, whose logarithm nobody knows.
    pub(super) fn point(self, input: &[u8]) -> Result<RistrettoPoint, BlindFault> {
        let uniform = expanded(&[input], &self.domain(b"HashToGroup-"));
        let point = RistrettoPoint::from_uniform_bytes(&uniform);
        if point.is_identity() {
            Err(BlindFault::Element)
        } else {
            Ok(point)
        }
    }

    /// A number for these bytes.
    pub(super) fn number(self, input: &[&[u8]]) -> Scalar {
        Scalar::from_bytes_mod_order_wide(&expanded(input, &self.domain(b"HashToScalar-")))
    }

    /// A share of a seed, by `DeriveKeyPair`.
    pub(super) fn derived(self, seed: &[u8; 32], info: &[u8]) -> Scalar {
        let domain = self.domain(b"DeriveKeyPair");
        let mut counter = 0_u8;
        loop {
            let input = [seed.as_slice(), &length(info), info, &[counter]];
            let number = Scalar::from_bytes_mod_order_wide(&expanded(&input, &domain));
            // That it is nought once has a chance of 2⁻²⁵².
            if number != Scalar::ZERO || counter == u8::MAX {
                return number;
            }
            counter += 1;
        }
    }

    /// The seed of the weights of a batch.
    pub(super) fn seed(self, published: &[u8]) -> [u8; 64] {
        let domain = self.domain(b"Seed-");
        let mut hash = Sha512::new();
        for part in [published, &domain] {
            hash.update(length(part));
            hash.update(part);
        }
        hash.finalize().into()
    }
}

/// The output of the function, of its input and the point without its blind.
pub(super) fn output(input: &[u8], point: &RistrettoPoint) -> Zeroizing<[u8; 64]> {
    let point = point.compress();
    let mut hash = Sha512::new();
    for part in [input, point.as_bytes()] {
        hash.update(length(part));
        hash.update(part);
    }
    hash.update(b"Finalize");
    Zeroizing::new(hash.finalize().into())
}

/// A random number that is not nought.
pub(super) fn random() -> Result<Scalar, BlindFault> {
    let mut bytes = Zeroizing::new([0; 64]);
    loop {
        getrandom::fill(bytes.as_mut_slice()).map_err(|_| BlindFault::NoRandomness)?;
        let number = Scalar::from_bytes_mod_order_wide(&bytes);
        if number != Scalar::ZERO {
            return Ok(number);
        }
    }
}

/// A length in two bytes; what is hashed here is never longer.
pub(super) fn length(part: &[u8]) -> [u8; 2] {
    u16::try_from(part.len()).unwrap_or(u16::MAX).to_be_bytes()
}

/// 64 uniform bytes: `expand_message_xmd` with SHA-512, of which one block is enough.
fn expanded(input: &[&[u8]], domain: &[u8]) -> Zeroizing<[u8; 64]> {
    // INVARIANT: no domain here is longer than 255 bytes.
    let size = [u8::try_from(domain.len()).unwrap_or(u8::MAX)];
    let mut first = Sha512::new();
    first.update([0; BLOCK]);
    for part in input {
        first.update(part);
    }
    first.update([0, 64, 0]);
    first.update(domain);
    first.update(size);
    let first = Zeroizing::new(<[u8; 64]>::from(first.finalize()));
    let mut second = Sha512::new();
    second.update(first.as_slice());
    second.update([1]);
    second.update(domain);
    second.update(size);
    Zeroizing::new(second.finalize().into())
}

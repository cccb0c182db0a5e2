//! Mode M2: tokens that nobody can make alone, of names that only their owner sees.
//!
//! An oblivious pseudorandom function (RFC 9497, ristretto255-SHA512, with proofs). The secret
//! is the sum of two shares: one is the hub's, one another institution's. A client blinds its
//! keys ([`BlindDocket`]), has both holders multiply them by their share ([`Share`]), and adds
//! what they answer. A holder sees points that are random to it, and how many; the hub gets
//! the outcome, keys it once more ([`HubTrusted::peppered`](super::HubTrusted::peppered)) and
//! sees which are equal; a name it never sees.
//!
//! Written on `curve25519-dalek`, which signatures bring already, and not on the crate `voprf`:
//! that has no sum of shares without its unchecked constructors, and its release is of 2024 and
//! on another generation of hashes.

mod docket;
mod element;
mod proof;
mod share;
mod suite;
pub mod wire;

#[cfg(test)]
mod tests;

pub use self::{
    docket::{Answered, BlindDocket, Pending, Question},
    element::{ELEMENT_BYTES, Element},
    proof::{PROOF_BYTES, Proof},
    share::{Evaluation, Published, Share},
    suite::BlindFault,
};

/// Elements that a holder evaluates at once: a whole probe.
pub const MOST_ELEMENTS: usize = super::key::MOST;

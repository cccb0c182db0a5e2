//! The client's side: keys are blinded, both holders are asked, their answers are added.

use curve25519_dalek::{RistrettoPoint, Scalar};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::{
    element::Element,
    share::{Evaluation, Published},
    suite::{BlindFault, Mode, output, random},
    wire,
};
use crate::same_matter::{
    key::MatchKey,
    token::{Begun, TOKEN_BYTES, Token, Tokens, TypedToken},
};

/// What is sent of a key: a point that is random to whoever does not have its blind.
pub type Question = Element;

/// The mode M2 on the machine of the mechanism whose docket it is.
///
/// Its tokens are the first half of the function's output cut to a token's length; the hub
/// puts its pepper on them, and keeps them under that alone.
#[derive(Clone, Copy, Debug)]
pub struct BlindDocket {
    holders: [Published; 2],
}

/// A key that waits for its answers.
#[derive(Zeroize, ZeroizeOnDrop)]
struct Blind(Scalar);

/// Keys that wait for their answers.
pub struct Pending(Vec<(MatchKey, Blind)>);

/// What both holders together have answered to one question.
#[derive(Clone, Copy)]
pub struct Answered(RistrettoPoint);

impl BlindDocket {
    /// Under the shares of two holders, by what they have published.
    pub const fn new(holders: [Published; 2]) -> Self {
        Self { holders }
    }

    /// The name of the pair of shares: tokens of different pairs are not compared.
    pub fn id(&self) -> String {
        wire::pair(&self.holders)
    }

    /// The answers of both holders to one batch, each looked at and then added.
    ///
    /// # Errors
    /// Refuses a batch for which a holder has not used the share that it has published.
    pub fn answers(
        &self,
        asked: &[Question],
        said: [&Evaluation; 2],
    ) -> Result<Vec<Answered>, BlindFault> {
        for (holder, said) in self.holders.iter().zip(said) {
            holder.accept(asked, said)?;
        }
        let [one, other] = said;
        let pairs = one.answered.iter().zip(&other.answered);
        Ok(pairs
            .map(|(one, other)| Answered(one.point + other.point))
            .collect())
    }
}

impl Tokens for BlindDocket {
    type Question = Question;
    type Answer = Answered;
    type Pending = Pending;
    type Fault = BlindFault;

    fn begin(&self, keys: &[MatchKey]) -> Result<Begun<Self>, BlindFault> {
        let mut pending = Vec::with_capacity(keys.len());
        let mut questions = Vec::with_capacity(keys.len());
        for key in keys {
            let blind = Blind(random()?);
            questions.push(blinded(Mode::Verifiable, key.bytes(), &blind.0)?);
            pending.push((key.clone(), blind));
        }
        Ok((Pending(pending), questions))
    }

    fn finish(
        &self,
        Pending(pending): Pending,
        answers: Vec<Answered>,
    ) -> Result<Vec<TypedToken>, BlindFault> {
        if pending.len() != answers.len() {
            return Err(BlindFault::Count);
        }
        let made = pending.iter().zip(&answers).map(|((key, blind), answer)| {
            let whole = output(key.bytes(), &(answer.0 * blind.0.invert()));
            let token = whole.first_chunk::<TOKEN_BYTES>().copied();
            Ok(TypedToken {
                token: Token(token.ok_or(BlindFault::Count)?),
                kind: key.kind,
                widened: key.widened,
            })
        });
        made.collect()
    }
}

/// A point for these bytes, hidden by a blind.
pub(super) fn blinded(mode: Mode, input: &[u8], blind: &Scalar) -> Result<Element, BlindFault> {
    Element::of(mode.point(input)? * blind)
}

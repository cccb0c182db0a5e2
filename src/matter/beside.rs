//! Blind tokens of persons on file, beside the hub's own: so that dockets without names meet
//! those with.
//!
//! The hub has the names in hand already, and one of the two shares. The other holder's part
//! is asked for as by any client: blinded, so that it learns a count and nothing else.

use std::sync::Arc;

use crate::same_matter::{
    MatchKey, Tokens, TypedToken,
    blind::{BlindDocket, BlindFault, Evaluation, MOST_ELEMENTS, Published, Question, Share},
};

/// Why a holder did not answer.
type Unanswered = Box<dyn std::error::Error + Send + Sync>;

/// How the second key holder is asked for a batch. It may block.
pub type AskHolder =
    dyn Fn(&Published, &[Question]) -> Result<Evaluation, Unanswered> + Send + Sync;

/// Why no blind token was made.
#[derive(Debug, thiserror::Error)]
pub enum BesideFault {
    /// The exchange.
    #[error(transparent)]
    Blind(#[from] BlindFault),
    /// The second key holder.
    #[error("{0}")]
    Holder(Unanswered),
}

/// Makes blind tokens with the hub's share and the second key holder.
#[derive(Clone)]
pub struct Beside {
    hub: Arc<Share>,
    holder: Published,
    ask: Arc<AskHolder>,
}

impl Beside {
    /// With the hub's share, and the second holder by what it has published.
    pub fn new(hub: Share, holder: Published, ask: Arc<AskHolder>) -> Self {
        Self {
            hub: Arc::new(hub),
            holder,
            ask,
        }
    }

    fn mode(&self) -> BlindDocket {
        BlindDocket::new([self.hub.published(), self.holder])
    }

    /// The name of the pair of shares.
    pub fn pair(&self) -> String {
        self.mode().id()
    }

    /// Tokens of these keys, in their order. Blocking: the holder is asked.
    ///
    /// # Errors
    /// Where the holder does not answer, or not with the share that it has published.
    pub(super) fn tokens(&self, keys: &[MatchKey]) -> Result<Vec<TypedToken>, BesideFault> {
        let mode = self.mode();
        let (pending, questions) = mode.begin(keys)?;
        let mut answers = Vec::with_capacity(questions.len());
        for asked in questions.chunks(MOST_ELEMENTS) {
            let of_hub = self.hub.evaluate(asked)?;
            let of_holder = (self.ask)(&self.holder, asked).map_err(BesideFault::Holder)?;
            answers.extend(mode.answers(asked, [&of_hub, &of_holder])?);
        }
        Ok(mode.finish(pending, answers)?)
    }
}

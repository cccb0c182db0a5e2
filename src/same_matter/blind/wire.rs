//! What goes over the wire between a client and the holder of a share.

use serde::{Deserialize, Serialize};

use super::{
    MOST_ELEMENTS,
    element::Element,
    proof::Proof,
    share::{Evaluation, Published, Share},
    suite::BlindFault,
};

/// Where the hub tells which shares its tokens are of.
pub const SHARES_PAGE: &str = "/match/shares";
/// Where a holder, the hub too, multiplies elements by its share.
pub const EVALUATE_PAGE: &str = "/match/evaluate";

/// The two shares of a hub's blind tokens, by what their holders have published.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Shares {
    /// The hub's.
    pub hub: String,
    /// The second key holder's.
    pub holder: String,
    /// The name of the pair, which tokens carry.
    pub pair: String,
}

/// A batch that is asked for.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AskedBatch {
    /// The name of the share to use.
    pub share: String,
    /// The elements, blinded.
    pub elements: Vec<String>,
}

/// A batch that is answered.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AnsweredBatch {
    /// The name of the share that was used.
    pub share: String,
    /// The elements, multiplied, in the order in which they came.
    pub elements: Vec<String>,
    /// That the share was used for all of them.
    pub proof: String,
}

impl AskedBatch {
    /// A batch for the holder of this share.
    pub fn of(share: &Published, elements: &[Element]) -> Self {
        Self {
            share: share.id(),
            elements: elements.iter().map(Element::to_string).collect(),
        }
    }

    /// Its elements.
    ///
    /// # Errors
    /// Refuses none, too many, and what is no element.
    pub fn read(&self) -> Result<Vec<Element>, BlindFault> {
        if self.elements.is_empty() || self.elements.len() > MOST_ELEMENTS {
            return Err(BlindFault::Count);
        }
        self.elements
            .iter()
            .map(|text| Element::parse(text))
            .collect()
    }
}

impl AnsweredBatch {
    /// The answer of a holder with its share.
    ///
    /// # Errors
    /// As [`Share::evaluate`].
    pub fn by(share: &Share, asked: &[Element]) -> Result<Self, BlindFault> {
        let said = share.evaluate(asked)?;
        Ok(Self {
            share: share.published().id(),
            elements: said.answered.iter().map(Element::to_string).collect(),
            proof: said.proof.to_string(),
        })
    }

    /// What was answered; whether it is right the proof has to show.
    ///
    /// # Errors
    /// Refuses what is no element and no proof.
    pub fn read(&self) -> Result<Evaluation, BlindFault> {
        let answered = self.elements.iter().map(|text| Element::parse(text));
        Ok(Evaluation {
            answered: answered.collect::<Result<_, _>>()?,
            proof: Proof::parse(&self.proof)?,
        })
    }
}

impl Shares {
    /// The shares of these two.
    pub fn of(hub: &Published, holder: &Published) -> Self {
        Self {
            hub: hub.to_string(),
            holder: holder.to_string(),
            pair: pair(&[*hub, *holder]),
        }
    }

    /// What both have published, the hub first.
    ///
    /// # Errors
    /// Refuses what is no share, and the name of another pair.
    pub fn read(&self) -> Result<[Published; 2], BlindFault> {
        let both = [
            Published::parse(&self.hub)?,
            Published::parse(&self.holder)?,
        ];
        if pair(&both) == self.pair {
            Ok(both)
        } else {
            Err(BlindFault::Element)
        }
    }
}

/// The name of a pair of shares.
pub(super) fn pair([one, other]: &[Published; 2]) -> String {
    format!("{}.{}", one.id(), other.id())
}

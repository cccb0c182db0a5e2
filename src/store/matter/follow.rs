//! Tokens that follow a file, a part or a communication as it is changed.
//!
//! What was made of what is no more so is forgotten with the act. New tokens are made of names
//! and a date of birth that the act has in hand; a file is opened by an officer with leave and
//! a purpose alone, so that others wait for `liaison match backfill`.

use super::tokens::{NewVictim, Tokens};
use crate::{
    communication::PersonName,
    date::PartialDate,
    store::act::{Act, ActError},
};

/// What of a file is in hand: what an act has sealed anew.
#[derive(Clone, Copy, Debug, Default)]
pub struct InHand<'a> {
    /// The names.
    pub names: Option<&'a [PersonName]>,
    /// The date of birth, or that none is known.
    pub born: Option<Option<&'a PartialDate>>,
}

impl Act {
    /// Makes the tokens of a person, of a communication, or of one person in one
    /// communication anew, where all that they are made of is in hand; else they wait.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn remake_tokens(&mut self, of: Tokens, hand: InHand<'_>) -> Result<(), ActError> {
        self.forget_tokens(of).await?;
        let InHand {
            names: Some(names),
            born: Some(born),
        } = hand
        else {
            return Ok(());
        };
        for part in self.compared_parts(of).await? {
            let victim = NewVictim {
                element: part.element,
                communication: part.communication,
                person: part.person,
                spellings: names.iter().map(|name| name.text.as_str()).collect(),
                born,
                happened: part.happened.as_ref(),
                countries: &part.countries,
            };
            self.writer().keep_tokens(&victim).await?;
        }
        Ok(())
    }
}

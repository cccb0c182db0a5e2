//! What the hub answers its witnesses: checkpoints and tiles of the outer tree, nothing else.

use super::Hub;
use crate::{
    http::{FromWitness, Refusal, ToWitness},
    journal::{Asked, Note, WitnessKey, tile::Tile},
};

/// The key that is tried where no witness has the name: nobody's, so that a name costs the
/// same whether it is known or not.
const NOBODY: &str = "PeterNeumann+18b9780b+BBpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

impl Hub {
    /// The answer to a witness; `None` for who is none, and for what there isn't.
    pub(super) async fn answer_witness(
        &self,
        asked: FromWitness<'_>,
    ) -> Result<Option<ToWitness>, Refusal> {
        let fault = |error: &dyn std::fmt::Display| {
            tracing::error!(cause = %error, "a witness could not be answered");
            Refusal::Unavailable
        };
        let store = &self.store;
        let witness = if planted!(CheckpointForAnyone) {
            NOBODY.parse().ok()
        } else {
            self.witness(asked).await.map_err(|error| fault(&error))?
        };
        let Some(witness) = witness else {
            return Ok(None);
        };
        let answer = match (asked.method, asked.path) {
            ("GET", "/audit/checkpoint") => {
                let note = store.ledger().outer_checkpoint(None).await;
                let note = note.map_err(|error| fault(&error))?;
                note.map(|note| ToWitness::Note(note.to_string()))
            }
            ("POST", "/audit/cosignature") => {
                let note = std::str::from_utf8(asked.body).ok();
                let Some(note) = note.and_then(|note| note.parse::<Note>().ok()) else {
                    return Ok(Some(ToWitness::Refused));
                };
                let taken = store.cosigned(&witness, &note, self.clock.now()).await;
                Some(if taken.map_err(|error| fault(&error))? {
                    ToWitness::Taken
                } else {
                    tracing::warn!("a witness has signed what is no checkpoint of this log");
                    ToWitness::Refused
                })
            }
            ("GET", path) => {
                let tile = path.strip_prefix("/audit/tile/").and_then(Tile::at);
                let tile = match tile {
                    Some(tile) => store.ledger().tile(tile).await,
                    None => Ok(None),
                };
                tile.map_err(|error| fault(&error))?.map(ToWitness::Tile)
            }
            _ => None,
        };
        Ok(answer)
    }

    /// The key of the witness who asks, if it is one.
    async fn witness(
        &self,
        asked: FromWitness<'_>,
    ) -> Result<Option<WitnessKey>, crate::store::StoreError> {
        let Some(name) = Asked::name_in(asked.authorization) else {
            return Ok(None);
        };
        let known = self.store.witness(name).await?;
        let found = known.is_some();
        let Some(key) = known.or_else(|| NOBODY.parse().ok()) else {
            return Ok(None);
        };
        let log = self.store.ledger().key().ticks();
        let request = Asked {
            log: log.name(),
            method: asked.method,
            path: asked.path,
            body: asked.body,
        };
        let good = request.is_by(&key, asked.authorization, self.clock.now());
        Ok(Some(key).filter(|_| good && found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_s_key_is_one_so_that_it_is_tried() {
        assert!(NOBODY.parse::<WitnessKey>().is_ok());
    }
}

//! One visit of a witness: ask, verify, keep, sign, bring.

use std::{fmt, path::PathBuf};

use super::{
    asked::{HubFault, Remote},
    folder::{Folder, FolderFault, Seen},
};
use crate::{
    clock::Moment,
    journal::{
        Note,
        tile::{Tile, Tiles},
        tree::{self, Span},
    },
};

/// What a visit has come to.
#[derive(Debug)]
pub struct Round {
    /// The head that is signed now.
    pub head: Note,
    /// The size at the last visit; none at the first.
    pub before: Option<u64>,
}

/// Why a log is signed no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It is shorter than it was.
    RolledBack(u64, u64),
    /// It does not begin with what it was.
    Forked(u64, u64),
    /// It was found out before, and nobody has looked.
    Before,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RolledBack(kept, shown) => write!(
                f,
                "the hub has gone back: it had signed {kept} ticks, and shows {shown}; an older \
                 database may have been brought back"
            ),
            Self::Forked(kept, shown) => write!(
                f,
                "the hub has two histories: the {shown} ticks that it shows do not begin with \
                 the {kept} that it had signed"
            ),
            Self::Before => {
                f.write_str("this log was refused at an earlier visit, and nobody has looked yet")
            }
        }
    }
}

/// Why a visit has not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum RoundFault {
    /// The hub could not be asked.
    #[error(transparent)]
    Hub(#[from] HubFault),
    /// The witness's own folder.
    #[error(transparent)]
    Folder(#[from] FolderFault),
    /// The log is not signed: the evidence is kept.
    #[error("NOT SIGNED: {why}. The evidence is in {}", evidence.display())]
    Refused {
        /// Why.
        why: Refused,
        /// Where.
        evidence: PathBuf,
    },
    /// The tiles are not those of the tree that is signed.
    #[error("the tiles that the hub gives are not those of the tree that it has signed")]
    OtherTiles,
}

impl Folder {
    /// Visits a hub once.
    ///
    /// # Errors
    /// Fails where the hub can't be asked or the head can't be kept, and signs nothing then;
    /// refuses a log that does not go on from where it was.
    pub fn visit(&self, hub: &Remote<'_>, now: Moment) -> Result<Round, RoundFault> {
        let log = hub.log();
        let seen = self.seen(log)?;
        if let Some(evidence) = seen.as_ref().and_then(|seen| seen.refused.clone()) {
            let why = Refused::Before;
            return Err(RoundFault::Refused { why, evidence });
        }
        let shown = hub.checkpoint(now)?;
        let mut came = Vec::new();
        let verified = verified(hub, seen.as_ref(), &shown, (&mut came, now))?;
        if let (Some(why), Some(seen)) = (verified, &seen) {
            let said = why.to_string();
            let evidence = self.accuse((log, &said, now), (&seen.head, &shown), &came)?;
            return Err(RoundFault::Refused { why, evidence });
        }
        // Kept before it is shown to anyone: what is signed is never forgotten.
        let head = self.cosigner().cosign(shown, now);
        self.keep(log, &head)?;
        hub.bring(&head, now)?;
        let before = seen.map(|seen| seen.head.checkpoint.size);
        Ok(Round { head, before })
    }
}

/// Whether a head goes on from the one before; what is wrong, where it does not.
fn verified(
    hub: &Remote<'_>,
    seen: Option<&Seen>,
    shown: &Note,
    (came, now): (&mut Vec<(Tile, Vec<u8>)>, Moment),
) -> Result<Option<Refused>, RoundFault> {
    let (size, root) = (shown.checkpoint.size, shown.checkpoint.root);
    let kept = seen.map(|seen| (seen.head.checkpoint.size, seen.head.checkpoint.root));
    let (old, old_root) = kept.unwrap_or((0, tree::empty_root()));
    if size < old {
        return Ok(Some(Refused::RolledBack(old, size)));
    }
    if size == old {
        return Ok((root != old_root).then_some(Refused::Forked(old, size)));
    }
    let path = tree::consistency(old, size).unwrap_or_default();
    // Also all that the tree is made of: the tiles must be those of what is signed, or they
    // prove nothing against it.
    let spans = [path.as_slice(), &[Span::whole(size)]].concat();
    let mut tiles = Tiles::default();
    came.extend(hub.tiles((&spans, size), &mut tiles, now)?);
    if tiles.root(size) != Some(root) {
        return Err(RoundFault::OtherTiles);
    }
    let proof = tiles.proof(&path).ok_or(RoundFault::OtherTiles)?;
    let good = tree::verify_consistency((old, &old_root), (size, &root), &proof);
    Ok((!good).then_some(Refused::Forked(old, size)))
}

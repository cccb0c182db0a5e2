//! The watch: what has ended since a viewer was made, asked in each decision.
//!
//! What ends access is on the board of its process before it is committed, and stays there
//! after. Who bears a token that is revoked is told, from then on, nothing that is not
//! public; from whom an agreement, a grant, a person's consent or a naming is taken, what
//! they reach without it; and of what a level is raised, who reaches less is told no more.
//! What has ended has numbers, which a viewer reads with its holder, so that what came
//! before is not held against it. Viewers whom it does not concern go on as they were: no
//! answer tells of it.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering::SeqCst},
    },
};

use sha2::{Digest, Sha256};

use super::claims::VerifiedClaims;
use crate::{
    confidentiality::{channel::Channel, grant::Grant, level::Level},
    id::{MechanismId, RecordId},
};

/// Revocations that are remembered; who began before the oldest of them is denied.
const REMEMBERED: usize = 1_024;

/// Whose tokens are revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// One token, by the hash of its id.
    Token(String),
    /// Those of one holder, by name.
    Holder(String),
    /// Those of every holder of a mechanism, by its code.
    Mechanism(String),
    /// Those that a client program carries, by its id.
    Client(String),
    /// Those that a client program carries for the holders of one mechanism.
    ClientOf {
        /// The client's id.
        client: String,
        /// The mechanism's code.
        mechanism: String,
    },
}

/// What has ended, on which somebody's access rested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Tokens, and with them all that their bearers reach.
    Tokens(Revoked),
    /// That a subject of another issuer is a holder here.
    Mapping {
        /// The issuer.
        issuer: String,
        /// As whom it knows the bearer.
        subject: String,
        /// The holder.
        holder: String,
    },
    /// An agreement is suspended or terminated: its clauses open nothing.
    Agreement(RecordId),
    /// The grants of one officer to one person's file.
    Grants {
        /// The person.
        person: RecordId,
        /// The officer.
        holder: String,
    },
    /// The consent of a person to a disclosure to one mechanism, and with it that the
    /// mechanism is named on the file.
    Consent {
        /// The person.
        person: RecordId,
        /// To which mechanism.
        recipient: MechanismId,
    },
    /// That a mechanism is named on a record.
    Naming {
        /// The record.
        record: RecordId,
        /// The mechanism.
        mechanism: MechanismId,
    },
    /// That a part of a record is told below a level.
    Level {
        /// The record.
        record: RecordId,
        /// The field, as overrides name it; none for the record itself.
        field: Option<String>,
        /// The level from now on.
        level: Level,
    },
    /// What another version of the hub has written and this one can't read: everybody's.
    Unknown,
}

/// What has ended, and its number in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// Its number: greater than that of each before.
    pub n: i64,
    /// What it ended.
    pub what: Ended,
}

impl Revocation {
    fn concerns(&self, claims: &VerifiedClaims) -> bool {
        let whose = match &self.what {
            Ended::Tokens(whose) => whose,
            Ended::Mapping {
                issuer,
                subject,
                holder,
            } => {
                let mut origin = claims.origin().into_iter();
                return holder == claims.subject()
                    && origin.any(|token| token.issuer() == issuer && token.subject() == subject);
            }
            Ended::Unknown => return true,
            // These leave a bearer what does not rest on them.
            Ended::Agreement(_)
            | Ended::Grants { .. }
            | Ended::Consent { .. }
            | Ended::Naming { .. }
            | Ended::Level { .. } => return false,
        };
        match whose {
            Revoked::Token(hash) => *hash == token_hash(claims.token_id()),
            Revoked::Holder(subject) => subject == claims.subject(),
            Revoked::Mechanism(code) => code == claims.mechanism(),
            Revoked::Client(id) => id == claims.client(),
            Revoked::ClientOf { client, mechanism } => {
                client == claims.client() && mechanism == claims.mechanism()
            }
        }
    }
}

/// The hash by which a token is known where tokens are listed, and in the log.
pub fn token_hash(token_id: &str) -> String {
    let hash = Sha256::digest(token_id);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What was revoked, and is being revoked, as one process knows.
#[derive(Debug, Default)]
struct Board {
    /// The highest number that is noted.
    latest: AtomicI64,
    under_way: AtomicU64,
    notes: Mutex<Notes>,
}

#[derive(Debug, Default)]
struct Notes {
    /// The highest number that is remembered no more.
    forgotten: i64,
    done: VecDeque<Revocation>,
    under_way: Vec<(u64, Vec<Revocation>)>,
    /// How many were begun.
    begun: u64,
}

impl Board {
    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, notes: &mut Notes, revocations: Vec<Revocation>) {
        for revocation in revocations {
            if notes.done.contains(&revocation) {
                continue;
            }
            if notes.done.len() >= REMEMBERED
                && let Some(oldest) = notes.done.pop_front()
            {
                notes.forgotten = notes.forgotten.max(oldest.n);
            }
            self.latest.fetch_max(revocation.n, SeqCst);
            notes.done.push_back(revocation);
        }
    }
}

/// The board of this process, and up to which revocation a viewer's own reading goes.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    board: Arc<Board>,
    seen: i64,
}

impl Watch {
    /// A watch on the same board, of who has read everything up to this number.
    #[must_use]
    pub fn since(&self, n: i64) -> Self {
        Self {
            board: Arc::clone(&self.board),
            seen: n,
        }
    }

    /// A watch on the same board, of who is about to read.
    #[must_use]
    pub fn from_now(&self) -> Self {
        self.since(self.board.latest.load(SeqCst))
    }

    /// Notes what was revoked elsewhere.
    pub fn note(&self, revocations: Vec<Revocation>) {
        self.board.add(&mut self.board.notes(), revocations);
    }

    /// Begins revocations, before they are committed: whom they concern is denied from here
    /// on.
    #[must_use]
    pub fn begin(&self, revocations: Vec<Revocation>) -> UnderWay {
        let mut notes = self.board.notes();
        notes.begun += 1;
        let place = notes.begun;
        notes.under_way.push((place, revocations));
        self.board.under_way.fetch_add(1, SeqCst);
        drop(notes);
        UnderWay {
            board: Arc::clone(&self.board),
            place,
        }
    }

    /// Whether nothing at all has ended since, whomever it concerns.
    pub fn is_quiet(&self) -> bool {
        let board = &self.board;
        board.under_way.load(SeqCst) == 0 && board.latest.load(SeqCst) <= self.seen
    }

    /// Whether something of what has ended since is as told; `true` in doubt.
    fn any(&self, is: impl Fn(&Revocation) -> bool) -> bool {
        if self.is_quiet() {
            return false;
        }
        let notes = self.board.notes();
        let under_way = notes.under_way.iter().flat_map(|(_, these)| these);
        let later = notes.done.iter().chain(under_way);
        let mut later = later.filter(|revocation| revocation.n > self.seen);
        notes.forgotten > self.seen || later.any(is)
    }

    /// Whether nothing that concerns the bearer of these claims was revoked since.
    pub fn holds_for(&self, claims: &VerifiedClaims) -> bool {
        !self.any(|revocation| revocation.concerns(claims))
    }

    /// Whether the agreement that opens this channel was not closed since.
    pub fn leaves_channel(&self, channel: &Channel) -> bool {
        !self.any(|ended| matches!(&ended.what, Ended::Agreement(id) if *id == channel.agreement))
    }

    /// Whether this grant of a holder was not ended since, nor the consent on which it rests
    /// taken back.
    pub fn leaves_grant(&self, grant: &Grant, of: &str) -> bool {
        let taken_back = (grant.person, grant.mechanism);
        !self.any(|ended| match &ended.what {
            Ended::Grants { person, holder } => *person == grant.person && holder == of,
            Ended::Consent { person, recipient } => (*person, *recipient) == taken_back,
            Ended::Unknown => true,
            Ended::Tokens(_)
            | Ended::Mapping { .. }
            | Ended::Agreement(_)
            | Ended::Naming { .. }
            | Ended::Level { .. } => false,
        })
    }

    /// Whether a mechanism that is named on a record has not lost that since.
    pub fn leaves_named(&self, record: RecordId, mechanism: MechanismId) -> bool {
        let of = (record, mechanism);
        !self.any(|ended| match &ended.what {
            Ended::Consent { person, recipient } => (*person, *recipient) == of,
            Ended::Naming { record, mechanism } => (*record, *mechanism) == of,
            Ended::Tokens(_)
            | Ended::Mapping { .. }
            | Ended::Agreement(_)
            | Ended::Grants { .. }
            | Ended::Level { .. }
            | Ended::Unknown => false,
        })
    }

    /// The levels to which parts of a record were raised since. Where not all that has ended
    /// is remembered or understood, it is the record itself, to the highest.
    pub fn raised(&self, of: RecordId) -> Vec<(Option<String>, Level)> {
        if self.is_quiet() {
            return Vec::new();
        }
        let notes = self.board.notes();
        let under_way = notes.under_way.iter().flat_map(|(_, these)| these);
        let later = notes.done.iter().chain(under_way);
        let later = later.filter(|revocation| revocation.n > self.seen);
        let raised = later.filter_map(|revocation| match &revocation.what {
            Ended::Level {
                record,
                field,
                level,
            } if *record == of => Some((field.clone(), *level)),
            Ended::Unknown => Some((None, Level::Victim)),
            Ended::Tokens(_)
            | Ended::Mapping { .. }
            | Ended::Agreement(_)
            | Ended::Grants { .. }
            | Ended::Consent { .. }
            | Ended::Naming { .. }
            | Ended::Level { .. } => None,
        });
        let forgotten = (notes.forgotten > self.seen).then_some((None, Level::Victim));
        raised.chain(forgotten).collect()
    }
}

/// Revocations that may or may not be committed yet. When this is let go they are noted as
/// done, whatever has come of it: nobody is told more for a commit that was cut off.
#[derive(Debug)]
pub struct UnderWay {
    board: Arc<Board>,
    place: u64,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut notes = self.board.notes();
        let place = notes.under_way.iter().position(|(at, _)| *at == self.place);
        if let Some(place) = place {
            let (_, revocations) = notes.under_way.swap_remove(place);
            self.board.add(&mut notes, revocations);
            self.board.under_way.fetch_sub(1, SeqCst);
        }
    }
}

#[cfg(test)]
mod tests;

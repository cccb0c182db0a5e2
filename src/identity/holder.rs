//! Who bears a token, and what is left of it after holder and client.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::claims::{Refusal, TokenRefused, VerifiedClaims, refuse_unless};
use super::kind::{Action, Kind, Right};
use super::scope::Scopes;
use crate::clock::Moment;
use crate::confidentiality::level::Level;
use crate::vocabulary::codes::codes;

codes! {
    /// What sort of holder bears a token.
    pub HolderKind {
        /// A person who works for a mechanism.
        Officer => "OFFICER",
        /// A system of a partner mechanism.
        PartnerSystem => "PARTNER_SYSTEM",
        /// A display, which reads and never goes above `PARTNER`.
        Dashboard => "DASHBOARD",
    }

    /// A task that an officer is charged with, beyond a clearance.
    pub Role {
        /// Gives the grants to persons' files, never to oneself.
        Grants => "GRANTS",
        /// Signs agreements for the mechanism, resumes and ends them.
        Signs => "SIGNS",
        /// Admits the mechanism's other holders, and issues and revokes their tokens.
        Admits => "ADMITS",
        /// Protects the personal data of the mechanism: registers canaries, and is alarmed.
        DataProtection => "DATA_PROTECTION",
    }
}

codes! {
    /// Whether a client proves with each request that it has the key of its token (DPoP).
    pub Proof {
        /// Always: a token that is bound to no key is refused.
        Required => "REQUIRED",
        /// As the token is: one that is bound to a key is of no use without it.
        Optional => "OPTIONAL",
        /// Never: no token of this client is bound to a key.
        Off => "OFF",
    }
}

impl HolderKind {
    /// The highest level that a holder of this sort may have.
    pub const fn ceiling(self) -> Level {
        match self {
            Self::Officer | Self::PartnerSystem => Level::Victim,
            Self::Dashboard => Level::Partner,
        }
    }

    /// Rights that need a person's judgement are no system's.
    fn rights(self) -> impl Iterator<Item = Right> {
        Right::ALL.into_iter().filter(move |right| match self {
            Self::Officer => true,
            Self::PartnerSystem => matches!(right, Right::MatchQuery | Right::AuditRead),
            Self::Dashboard => false,
        })
    }
}

/// A holder as the hub knows it at this moment.
#[derive(Clone, Debug)]
pub struct Holder {
    /// Name of the holder, which tokens carry as `sub`.
    pub subject: String,
    /// Code of the mechanism for which the holder acts.
    pub mechanism_code: String,
    /// Id of that mechanism.
    pub mechanism_id: Uuid,
    /// The highest level that the holder may be shown.
    pub clearance: Level,
    /// Tasks that the holder is charged with.
    pub roles: BTreeSet<Role>,
    /// What sort of holder it is.
    pub kind: HolderKind,
    /// How often the holder's tokens were revoked.
    pub epoch: i64,
    /// How often the tokens of the whole mechanism were revoked.
    pub mechanism_epoch: i64,
    /// Whether the holder is suspended.
    pub suspended: bool,
    /// Whether the mechanism has an accreditation in date; without, no `PARTNER`.
    pub accredited: bool,
    /// Whether the holder acts for a State.
    pub state_holder: bool,
}

/// A client through which holders act, as the hub knows it at this moment.
#[derive(Clone, Debug)]
pub struct Client {
    /// Name of the client, which tokens carry as `client_id`.
    pub id: String,
    /// The highest level that passes through it.
    pub cap: Level,
    /// How often the tokens of this client were revoked, for all or for the mechanism.
    pub epoch: i64,
    /// Whether its tokens are bound to a key of its own; the hub's default where unsaid.
    pub proof: Option<Proof>,
}

/// The epoch of a holder's tokens: the sum of three counts of revocations.
///
/// None of the three ever decreases. So the sum is what it was at the issue if and
/// only if holder, mechanism and client were not revoked since. `None` where a
/// count is not one.
pub fn epoch(holder: &Holder, client: &Client) -> Option<i64> {
    [holder.epoch, holder.mechanism_epoch, client.epoch]
        .into_iter()
        .try_fold(0_i64, |sum, count| {
            if count < 0 {
                None
            } else {
                sum.checked_add(count)
            }
        })
}

/// The widest scope that a holder can have through a client.
pub fn entitlement(holder: &Holder, client: &Client) -> Scopes {
    let by_standing = if holder.state_holder {
        Level::Channel
    } else {
        Level::Victim
    };
    let ceiling = [
        holder.clearance,
        client.cap,
        holder.kind.ceiling(),
        by_standing,
    ]
    .into_iter()
    .min();
    let only_reads = holder.state_holder || holder.kind == HolderKind::Dashboard;
    let level = |action| match action {
        Action::Read => ceiling,
        Action::Write => ceiling.filter(|_| !only_reads),
        Action::Label => ceiling.filter(|_| !only_reads && holder.kind == HolderKind::Officer),
    };
    Scopes::up_to(level, holder.kind.rights().filter(|_| !holder.state_holder))
}

/// What is left of a token after its holder and client: never more than each.
#[derive(Clone, Debug)]
pub struct Standing {
    subject: String,
    mechanism_code: String,
    mechanism_id: Uuid,
    client: String,
    kind: HolderKind,
    roles: BTreeSet<Role>,
    clearance: Level,
    proof: Option<Proof>,
    accredited: bool,
    state_holder: bool,
    scopes: Scopes,
    token_id: String,
    expires: Moment,
}

/// Narrows a verified token to its holder and client, or refuses it.
///
/// All three must name each other, the holder must not be suspended, and the
/// token's epoch must be today's.
pub fn standing(
    claims: &VerifiedClaims,
    holder: &Holder,
    client: &Client,
) -> Result<Standing, TokenRefused> {
    refuse_unless(claims.subject() == holder.subject, Refusal::Holder)?;
    refuse_unless(
        claims.mechanism() == holder.mechanism_code,
        Refusal::Mechanism,
    )?;
    refuse_unless(claims.client() == client.id, Refusal::Client)?;
    refuse_unless(!holder.suspended, Refusal::Suspended)?;
    refuse_unless(
        epoch(holder, client) == Some(claims.epoch()),
        Refusal::Revoked,
    )?;
    Ok(Standing {
        subject: holder.subject.clone(),
        mechanism_code: holder.mechanism_code.clone(),
        mechanism_id: holder.mechanism_id,
        client: client.id.clone(),
        kind: holder.kind,
        roles: holder.roles.clone(),
        clearance: holder.clearance,
        proof: client.proof,
        accredited: holder.accredited,
        state_holder: holder.state_holder,
        scopes: claims.scopes().narrow(&entitlement(holder, client)),
        token_id: claims.token_id().to_owned(),
        expires: claims.expires(),
    })
}

impl Standing {
    /// Name of the holder.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Code of the mechanism for which the holder acts.
    pub fn mechanism_code(&self) -> &str {
        &self.mechanism_code
    }

    /// Id of that mechanism.
    pub const fn mechanism_id(&self) -> Uuid {
        self.mechanism_id
    }

    /// Name of the client.
    pub fn client(&self) -> &str {
        &self.client
    }

    /// What sort of holder it is.
    pub const fn kind(&self) -> HolderKind {
        self.kind
    }

    /// Whether the client's tokens are bound to a key; `None` is as the hub says.
    pub const fn proof(&self) -> Option<Proof> {
        self.proof
    }

    /// The highest level that the holder may be shown, whatever the token.
    pub const fn clearance(&self) -> Level {
        self.clearance
    }

    /// Whether the holder is an officer charged with a task: what takes a person's judgement
    /// is no system's.
    pub fn has_role(&self, role: Role) -> bool {
        self.kind == HolderKind::Officer && self.roles.contains(&role)
    }

    /// Whether the mechanism's accreditation is in date; without, no `PARTNER`.
    pub const fn accredited(&self) -> bool {
        self.accredited
    }

    /// Whether the holder acts for a State.
    pub const fn state_holder(&self) -> bool {
        self.state_holder
    }

    /// The narrowed scope: what the token may do today.
    pub const fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    /// The token's own id.
    pub fn token_id(&self) -> &str {
        &self.token_id
    }

    /// When the token ends.
    pub const fn expires(&self) -> Moment {
        self.expires
    }

    /// Up to which level records of a kind may be read; at least `PUBLIC`.
    ///
    /// A State's holder never reads above `PUBLIC`, but by
    /// [`cap_by_clause`](Self::cap_by_clause).
    pub fn cap(&self, kind: Kind) -> Level {
        if self.state_holder {
            Level::Public
        } else {
            self.cap_by_clause(kind)
        }
    }

    /// The same where a clause in force names the holder's mechanism.
    ///
    /// Differs from [`cap`](Self::cap) for a State's holder alone, whom a clause
    /// takes up to `CHANNEL`.
    pub fn cap_by_clause(&self, kind: Kind) -> Level {
        self.scopes
            .level(Action::Read, kind)
            .unwrap_or(Level::Public)
    }
}

#[cfg(test)]
pub(super) mod tests;

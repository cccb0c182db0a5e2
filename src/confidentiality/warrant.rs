//! `Warrant`: may this holder do this act? The ticket for a write.

use super::{facts::CountryCode, level::Level, reach};
use crate::{
    id::MechanismId,
    identity::{
        holder::{Role, Standing},
        kind::{Action, Kind, Right},
        viewer::{Narrowing, Viewer},
    },
    journal::{Actor, EntryKind},
    vocabulary::codes::Coded,
};

/// Leave to write, made from a viewer; without one there is no transaction.
#[derive(Clone, Debug)]
pub struct Warrant {
    actor: Actor,
    office: Office,
}

/// In what capacity.
#[derive(Clone, Debug)]
enum Office {
    /// The hub's administrator, at the machine: may admit institutions, their first
    /// officers and clients, and revoke tokens, and nothing else. Reads and writes no record.
    Registrar(EntryKind),
    /// The holder of a mechanism, for that mechanism's own records.
    Mechanism {
        mechanism: MechanismId,
        writes: Vec<(Kind, Level)>,
        labels: Vec<(Kind, Level)>,
        gives_grants: bool,
        signs: bool,
        protects: bool,
        rights: Vec<Right>,
        admits: bool,
        limits: Option<Box<Narrowing>>,
    },
}

/// Why an act is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteRefused {
    /// A token is needed.
    #[error("this act needs a token")]
    TokenNeeded,
    /// The record is another's.
    #[error("a record is written by a mechanism that owns it")]
    NotOwner,
    /// The scope does not allow writing this kind, or not at this level.
    #[error("the token's scope does not allow this; it takes `write:{0}@{1}`")]
    BeyondScope(Kind, Level),
    /// The scope does not allow labelling this kind, or not at this level.
    #[error("the token's scope does not allow this; it takes `label:{0}@{1}`")]
    BeyondLabels(Kind, Level),
    /// The scope has not a right that the act takes.
    #[error("the token's scope does not allow this; it takes `{0}`")]
    WithoutRight(Right),
    /// The token is limited to records of other States, topics or owners.
    #[error("the token is limited to other States, topics or owners than the record's")]
    BeyondLimits,
    /// The holder is not charged with such acts.
    #[error("this is for an officer with the role `{}`", .0.code())]
    BeyondOffice(Role),
    /// A sealed field that the viewer may not open.
    #[error("a sealed field is corrected by who may open it: with a grant, for a stated purpose")]
    Unopened,
    /// A grant to oneself.
    #[error("nobody gives a grant to themselves")]
    ToOneself,
    /// An act of whoever administers the hub's machine.
    #[error("this is done at the hub's own machine")]
    Registrars,
}

impl Warrant {
    /// The warrant of whoever administers the hub's machine, to admit.
    pub fn of_registrar() -> Self {
        Self::registrars(EntryKind::HolderInvite)
    }

    /// The warrant of whoever administers the hub's machine, to revoke tokens.
    pub fn to_revoke() -> Self {
        Self::registrars(EntryKind::TokenRevoke)
    }

    /// The warrant of the hub itself, to expunge what was retired and whose time is over.
    pub fn to_expunge() -> Self {
        Self::registrars(EntryKind::RecordExpunge)
    }

    /// The warrant of the hub itself, to compare a question on the same matter.
    pub fn to_compare() -> Self {
        Self::registrars(EntryKind::SameMatterCompare)
    }

    /// The warrant of the hub itself, to tell two mechanisms that their planned visits meet.
    pub fn to_compare_visits() -> Self {
        Self::registrars(EntryKind::VisitOverlapTell)
    }

    /// The warrant of whoever administers the hub's machine, to admit a client.
    pub fn to_admit_client() -> Self {
        Self::registrars(EntryKind::ClientAdmit)
    }

    /// The warrant of whoever administers the hub's machine, to say who witnesses the log.
    pub fn to_name_witnesses() -> Self {
        Self::registrars(EntryKind::WitnessAdd)
    }

    /// The warrant of whoever administers the hub's machine, or of the hub itself as the month
    /// turns, to change the keys that wrap others.
    pub fn to_change_keys() -> Self {
        Self::registrars(EntryKind::KeyEpoch)
    }

    /// The warrant of whoever administers the hub's machine, to open a hub that was restored.
    pub fn to_confirm_restored() -> Self {
        Self::registrars(EntryKind::RestoreConfirm)
    }

    /// The warrant of whoever administers the hub's machine, to say whose holder a subject of
    /// another issuer is, or to take it back.
    pub fn to_map() -> Self {
        Self::registrars(EntryKind::HolderMap)
    }

    /// The warrant of whoever administers the hub's machine, to issue a token: the entry
    /// names the holder whose token it is.
    pub fn to_issue(bearer: Actor) -> Self {
        Self {
            actor: bearer,
            office: Office::Registrar(EntryKind::TokenIssue),
        }
    }

    fn registrars(act: EntryKind) -> Self {
        let actor = Actor {
            mechanism: String::new(),
            subject: "registrar".to_owned(),
            token: None,
        };
        Self {
            actor,
            office: Office::Registrar(act),
        }
    }

    /// The warrant of a viewer for the records of the viewer's own mechanism.
    ///
    /// # Errors
    /// Refuses who has no token, and a State, which owns nothing here.
    pub fn of(viewer: &Viewer) -> Result<Self, WriteRefused> {
        let (Some(actor), Some(standing), Some(mechanism)) =
            (Actor::of(viewer), viewer.standing(), viewer.mechanism())
        else {
            return Err(WriteRefused::TokenNeeded);
        };
        if viewer.is_state() {
            return Err(WriteRefused::NotOwner);
        }
        let up_to = |action| {
            let kinds = Kind::ALL.into_iter();
            let levels =
                kinds.filter_map(|kind| Some((kind, standing.scopes().level(action, kind)?)));
            levels.collect()
        };
        let rights = Right::ALL.into_iter();
        let gives_grants = standing.has_role(Role::Grants);
        let signs = standing.has_role(Role::Signs);
        let protects = standing.has_role(Role::DataProtection);
        Ok(Self {
            actor,
            office: Office::Mechanism {
                mechanism,
                writes: up_to(Action::Write),
                labels: up_to(Action::Label),
                gives_grants,
                signs,
                protects,
                rights: rights
                    .filter(|right| standing.scopes().holds(*right))
                    .collect(),
                admits: admits(standing),
                limits: viewer.limits().cloned().map(Box::new),
            },
        })
    }

    /// The mechanism that acts; none for the registrar.
    pub fn mechanism(&self) -> Option<MechanismId> {
        match &self.office {
            Office::Registrar(_) => None,
            Office::Mechanism { mechanism, .. } => Some(*mechanism),
        }
    }

    /// Whether it is the registrar's.
    pub fn is_registrars(&self) -> bool {
        matches!(self.office, Office::Registrar(_))
    }

    /// Whether records of `kind` with these owners may be written up to `level`.
    ///
    /// # Errors
    /// Refuses records of others, and what lies beyond the token's scope.
    pub fn may_write(
        &self,
        kind: Kind,
        owners: &[MechanismId],
        level: Level,
    ) -> Result<(), WriteRefused> {
        match &self.office {
            // What everybody has read comes back after a restore, and nobody else has it to give.
            Office::Registrar(EntryKind::RestoreConfirm)
                if kind == Kind::StatisticRelease && level == Level::Public =>
            {
                Ok(())
            }
            Office::Registrar(_) => Err(WriteRefused::NotOwner),
            Office::Mechanism {
                mechanism, writes, ..
            } => {
                if !owners.contains(mechanism) {
                    return Err(WriteRefused::NotOwner);
                }
                let allowed = writes
                    .iter()
                    .any(|(known, up_to)| *known == kind && level <= *up_to);
                if allowed {
                    Ok(())
                } else {
                    Err(WriteRefused::BeyondScope(kind, level))
                }
            }
        }
    }

    /// Whether a record of these owners that concerns these States and topics lies within what
    /// the token is limited to.
    ///
    /// # Errors
    /// Refuses what lies outside: a limit on what is read is one on what is written.
    pub fn may_concern(
        &self,
        owners: &[MechanismId],
        countries: &[String],
        topics: &[String],
    ) -> Result<(), WriteRefused> {
        let Office::Mechanism {
            limits: Some(limits),
            ..
        } = &self.office
        else {
            return Ok(());
        };
        let countries: Option<Vec<CountryCode>> = countries
            .iter()
            .map(|code| CountryCode::parse(code))
            .collect();
        if reach::admits(limits, owners, countries.as_deref(), topics) {
            Ok(())
        } else {
            Err(WriteRefused::BeyondLimits)
        }
    }

    /// Whether a grant to a person's file with these owners may be given to `holder`.
    ///
    /// # Errors
    /// Refuses who has not the role `GRANTS` of an owner, and a grant to oneself.
    pub fn may_grant(&self, owners: &[MechanismId], holder: &str) -> Result<(), WriteRefused> {
        match &self.office {
            Office::Registrar(_) => Err(WriteRefused::NotOwner),
            Office::Mechanism {
                mechanism,
                gives_grants,
                ..
            } => {
                if !owners.contains(mechanism) {
                    Err(WriteRefused::NotOwner)
                } else if !gives_grants {
                    Err(WriteRefused::BeyondOffice(Role::Grants))
                } else if self.actor.subject == holder {
                    Err(WriteRefused::ToOneself)
                } else {
                    Ok(())
                }
            }
        }
    }

    /// Whether grants to a person's file with these owners may be ended.
    ///
    /// # Errors
    /// Refuses who has not the role `GRANTS` of an owner.
    pub fn may_end_grants(&self, owners: &[MechanismId]) -> Result<(), WriteRefused> {
        match &self.office {
            Office::Mechanism {
                mechanism,
                gives_grants: true,
                ..
            } if owners.contains(mechanism) => Ok(()),
            _ => Err(WriteRefused::BeyondOffice(Role::Grants)),
        }
    }

    /// Whether levels on records of `kind` with these owners may be raised up to `level`.
    ///
    /// # Errors
    /// Refuses records of others, and what lies beyond the token's scope.
    pub fn may_label(
        &self,
        kind: Kind,
        owners: &[MechanismId],
        level: Level,
    ) -> Result<(), WriteRefused> {
        match &self.office {
            Office::Mechanism {
                mechanism, labels, ..
            } if owners.contains(mechanism) => {
                let allows = |(known, up_to): &(Kind, Level)| *known == kind && level <= *up_to;
                if labels.iter().any(allows) {
                    Ok(())
                } else {
                    Err(WriteRefused::BeyondLabels(kind, level))
                }
            }
            Office::Registrar(_) | Office::Mechanism { .. } => Err(WriteRefused::NotOwner),
        }
    }

    /// Whether the scope holds a right.
    ///
    /// # Errors
    /// Refuses a token without it.
    pub fn may(&self, right: Right) -> Result<(), WriteRefused> {
        match &self.office {
            Office::Mechanism { rights, .. } if rights.contains(&right) => Ok(()),
            Office::Registrar(_) | Office::Mechanism { .. } => {
                Err(WriteRefused::WithoutRight(right))
            }
        }
    }

    /// Whether agreements may be signed, resumed and ended for the mechanism.
    ///
    /// # Errors
    /// Refuses who has not the role `SIGNS`.
    pub fn may_sign(&self) -> Result<(), WriteRefused> {
        match &self.office {
            Office::Mechanism { signs: true, .. } => Ok(()),
            _ => Err(WriteRefused::BeyondOffice(Role::Signs)),
        }
    }

    /// Whether what guards the mechanism's persons may be set up.
    ///
    /// # Errors
    /// Refuses who has not the role `DATA_PROTECTION`.
    pub fn may_protect(&self) -> Result<(), WriteRefused> {
        match &self.office {
            Office::Mechanism { protects: true, .. } => Ok(()),
            _ => Err(WriteRefused::BeyondOffice(Role::DataProtection)),
        }
    }

    /// Whether the mechanism's holders may be admitted, amended and have their tokens
    /// issued and revoked.
    ///
    /// # Errors
    /// Refuses who has not the role `ADMITS`, and a token without the right `token:issue`.
    pub fn may_admit(&self) -> Result<(), WriteRefused> {
        match &self.office {
            Office::Mechanism { admits: true, .. } => Ok(()),
            _ => Err(WriteRefused::BeyondOffice(Role::Admits)),
        }
    }

    /// Whether tokens may be issued, to oneself at least.
    ///
    /// # Errors
    /// Refuses a token without the right `token:issue`.
    pub fn may_issue(&self) -> Result<(), WriteRefused> {
        match &self.office {
            Office::Registrar(EntryKind::TokenIssue) => Ok(()),
            Office::Registrar(_) | Office::Mechanism { .. } => self.may(Right::TokenIssue),
        }
    }

    /// Who acts, for the log.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// What the log calls the act.
    pub fn entry_kind(&self) -> EntryKind {
        match self.office {
            Office::Registrar(act) => act,
            Office::Mechanism { .. } => EntryKind::Write,
        }
    }
}

/// Whether a holder keeps the list of the mechanism's holders, and with this token.
pub fn admits(standing: &Standing) -> bool {
    standing.has_role(Role::Admits)
        && !standing.state_holder()
        && standing.scopes().holds(Right::TokenIssue)
}

//! Who asks: made once a request from a verified token, or `anyone`.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    clock::Moment,
    confidentiality::{channel::Channel, facts::CountryCode, grant::Grant, level::Level},
    id::{MechanismId, RecordId},
    identity::{
        claims::VerifiedClaims, holder::Standing, kind::Kind, purpose::Purpose, watch::Watch,
    },
};

/// Limits of a token; a `None` is no limit of that type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Narrowing {
    /// Only records that concern none but these States.
    pub countries: Option<BTreeSet<CountryCode>>,
    /// Only records that concern none but these topics.
    pub topics: Option<BTreeSet<Box<str>>>,
    /// Only records of these owners.
    pub owners: Option<BTreeSet<MechanismId>>,
    /// Only these agreements count as channels.
    pub channels: Option<BTreeSet<RecordId>>,
}

impl Narrowing {
    /// Whether it asks for the States or the topics of a record.
    pub fn is_by_place(&self) -> bool {
        self.countries.is_some() || self.topics.is_some()
    }
}

/// The asker of one request.
///
/// Its fields are private: a viewer is made from a verified token, or is anyone.
#[derive(Clone, Debug)]
pub struct Viewer {
    bearer: Option<Arc<Bearer>>,
    channels: Vec<Channel>,
    grants: Vec<Grant>,
    purpose: Option<Purpose>,
    now: Moment,
    watch: Watch,
    withheld: Withheld,
}

/// Whose records nobody but their owners is told of, as the hub was restored and nobody has
/// looked at them since.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Withheld {
    /// Nobody's.
    #[default]
    Nobodys,
    /// Those that one of these mechanisms owns.
    Of(Arc<BTreeSet<MechanismId>>),
    /// Everybody's.
    All,
}

impl Withheld {
    /// Whether a record of these owners is withheld from who is none of them.
    pub fn covers(&self, owners: &[MechanismId]) -> bool {
        match self {
            Self::Nobodys => false,
            Self::Of(waiting) => owners.iter().any(|owner| waiting.contains(owner)),
            Self::All => true,
        }
    }
}

#[derive(Debug)]
struct Bearer {
    standing: Standing,
    claims: Arc<VerifiedClaims>,
    limits: Narrowing,
}

impl Viewer {
    /// The asker without a token.
    pub fn anyone(now: Moment) -> Self {
        Self {
            bearer: None,
            channels: Vec::new(),
            grants: Vec::new(),
            purpose: None,
            now,
            watch: Watch::default(),
            withheld: Withheld::default(),
        }
    }

    /// The same, on the watch for levels that are raised while an answer is under way.
    #[must_use]
    pub fn watched(mut self, watch: Watch) -> Self {
        self.watch = watch;
        self
    }

    /// The bearer of a verified token, with the channels and grants that are theirs.
    pub fn bearing(
        (standing, claims): (Standing, Arc<VerifiedClaims>),
        limits: Narrowing,
        mut channels: Vec<Channel>,
        grants: Vec<Grant>,
        purpose: Option<Purpose>,
        now: Moment,
        watch: Watch,
    ) -> Self {
        if let Some(only) = &limits.channels {
            channels.retain(|channel| only.contains(&channel.agreement));
        }
        let bearer = Some(Arc::new(Bearer {
            standing,
            claims,
            limits,
        }));
        Self {
            bearer,
            channels,
            grants,
            purpose,
            now,
            watch,
            withheld: Withheld::default(),
        }
    }

    /// The same, with no purpose stated: as others of the mechanism whom token, client and
    /// clearance leave the same. Leave to open a file is an officer's own.
    #[must_use]
    pub fn without_purpose(&self) -> Self {
        Self {
            purpose: None,
            ..self.clone()
        }
    }

    /// The same, at a hub that was restored.
    #[must_use]
    pub fn withholding(mut self, withheld: Withheld) -> Self {
        self.withheld = withheld;
        self
    }

    /// Whose records are told to their owners alone.
    pub fn withheld(&self) -> &Withheld {
        &self.withheld
    }

    /// Whether nothing is told of a record of these owners, as the hub was restored and they
    /// have not looked at it since.
    pub fn waits_for(&self, owners: &[MechanismId]) -> bool {
        self.withheld.covers(owners)
            && (self.is_state() || !self.mechanism().is_some_and(|own| owners.contains(&own)))
    }

    /// What holder, token and client leave to the viewer; nothing, for anyone.
    pub fn standing(&self) -> Option<&Standing> {
        self.bearer.as_ref().map(|bearer| &bearer.standing)
    }

    /// The claims of the token, to be checked again before a file is opened.
    pub fn claims(&self) -> Option<&Arc<VerifiedClaims>> {
        self.bearer.as_ref().map(|bearer| &bearer.claims)
    }

    /// The narrower limits of the token.
    pub fn limits(&self) -> Option<&Narrowing> {
        self.bearer.as_ref().map(|bearer| &bearer.limits)
    }

    /// The mechanism that the viewer acts for.
    pub fn mechanism(&self) -> Option<MechanismId> {
        self.standing()
            .map(|standing| MechanismId(standing.mechanism_id()))
    }

    /// Whether the viewer acts for a State, which reaches nothing above `PUBLIC`, but by
    /// a clause that names it.
    pub fn is_state(&self) -> bool {
        self.standing().is_some_and(Standing::state_holder)
    }

    /// Whether the viewer's mechanism is accredited, and no State: what `PARTNER` takes.
    pub fn is_partner(&self) -> bool {
        self.standing()
            .is_some_and(|standing| standing.accredited() && !standing.state_holder())
    }

    /// Up to which level this viewer may read records of `kind`.
    pub fn cap(&self, kind: Kind) -> Level {
        self.standing()
            .map_or(Level::Public, |standing| standing.cap_by_clause(kind))
    }

    /// Whether the viewer reads all that the own mechanism keeps of a kind, whatever its
    /// labels: up to `SECRETARIAT`, and by a token that nothing narrows.
    pub fn reads_all_of_own(&self, kind: Kind) -> bool {
        let wide = self.limits().is_none_or(|limits| {
            let owners = limits.owners.as_ref().zip(self.mechanism());
            !limits.is_by_place()
                && limits.channels.is_none()
                && owners.is_none_or(|(owners, own)| owners.contains(&own))
        });
        wide && !self.is_state() && self.cap(kind) >= Level::Secretariat
    }

    /// Clauses that name the viewer's mechanism as recipient, of agreements that nobody has
    /// closed since the viewer was made.
    pub fn channels(&self) -> impl Iterator<Item = &Channel> {
        let channels = self.channels.iter();
        channels.filter(|channel| self.watch.leaves_channel(channel))
    }

    /// Grants given to this holder, and not ended since the viewer was made.
    pub fn grants(&self) -> impl Iterator<Item = &Grant> {
        let holder = self.standing().map_or("", Standing::subject);
        let grants = self.grants.iter();
        grants.filter(move |grant| self.watch.leaves_grant(grant, holder))
    }

    /// Whether the viewer's mechanism, where it was named on a record, is so still.
    pub fn is_still_named(&self, on: RecordId) -> bool {
        let mechanism = self.mechanism();
        mechanism.is_some_and(|mechanism| self.watch.leaves_named(on, mechanism))
    }

    /// The levels to which parts of a record were raised since the viewer was made.
    pub fn raised(&self, record: RecordId) -> Vec<(Option<String>, Level)> {
        self.watch.raised(record)
    }

    /// Whether the viewer still has everything with which it was made.
    pub fn keeps_all(&self) -> bool {
        let channels = self.channels().count() == self.channels.len();
        let grants = self.grants().count() == self.grants.len();
        self.stands() && channels && grants
    }

    /// Whether nothing has ended since the viewer was made, whomever it concerns.
    pub fn is_undisturbed(&self) -> bool {
        self.watch.is_quiet()
    }

    /// The purpose stated with the request.
    pub fn purpose(&self) -> Option<&Purpose> {
        self.purpose.as_ref()
    }

    /// The instant that the whole request is answered for.
    pub fn now(&self) -> Moment {
        self.now
    }

    /// Whether nothing that this viewer was made from was revoked since, as far as this
    /// process knows.
    pub fn stands(&self) -> bool {
        let bearer = self.bearer.as_ref();
        bearer.is_none_or(|bearer| self.watch.holds_for(&bearer.claims))
    }
}

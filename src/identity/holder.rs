//! Who bears a token, and what is left of it after holder and client.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::claims::{Refusal, TokenRefused, VerifiedClaims, refuse_unless};
use super::kind::{Action, Kind, Right, coded};
use super::scope::Scopes;
use crate::clock::Moment;
use crate::confidentiality::level::Level;

coded! {
    /// What sort of holder bears a token.
    HolderKind {
        /// A person who works for a mechanism.
        Officer = "OFFICER",
        /// A system of a partner mechanism.
        PartnerSystem = "PARTNER_SYSTEM",
        /// A display, which reads and never goes above `PARTNER`.
        Dashboard = "DASHBOARD",
    }
}

coded! {
    /// A task that an officer is charged with, beyond a clearance.
    Role {
        /// Gives the grants to persons' files, never to oneself.
        Grants = "GRANTS",
        /// Signs agreements for the mechanism, resumes and ends them.
        Signs = "SIGNS",
    }
}

impl HolderKind {
    const fn ceiling(self) -> Level {
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
    /// How often the tokens of this client were revoked.
    pub epoch: i64,
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
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::super::claims::{Claims, Ours};
    use super::*;

    fn officer() -> Holder {
        Holder {
            subject: "cat.petitions".into(),
            mechanism_code: "cat".into(),
            mechanism_id: Uuid::from_u128(1),
            clearance: Level::Victim,
            roles: BTreeSet::from([Role::Grants]),
            kind: HolderKind::Officer,
            epoch: 2,
            mechanism_epoch: 3,
            suspended: false,
            accredited: true,
            state_holder: false,
        }
    }

    fn desk() -> Client {
        Client {
            id: "desk".into(),
            cap: Level::Victim,
            epoch: 4,
        }
    }

    fn claims(scope: &str) -> VerifiedClaims {
        let claims = Claims {
            iss: "hub".into(),
            sub: "cat.petitions".into(),
            aud: "hub".into(),
            exp: 1_800_000_600,
            iat: 1_800_000_000,
            nbf: None,
            jti: "token-1".into(),
            client_id: "desk".into(),
            scope: scope.into(),
            lz: Ours {
                mech: "cat".into(),
                epoch: 9,
                amr: vec![],
            },
        };
        claims.check("hub", "hub").unwrap()
    }

    #[test]
    fn a_holder_stands_where_token_holder_and_client_agree() {
        let standing = standing(
            &claims("read:person@VICTIM match:query"),
            &officer(),
            &desk(),
        )
        .unwrap();
        assert_eq!(standing.cap(Kind::Person), Level::Victim);
        assert_eq!(standing.cap(Kind::Communication), Level::Public);
        assert_eq!(
            (standing.subject(), standing.mechanism_code()),
            ("cat.petitions", "cat")
        );
        assert!(standing.scopes().holds(Right::MatchQuery) && standing.has_role(Role::Grants));
    }

    #[test]
    fn whatever_does_not_agree_refuses_the_token() {
        let change = |holder: fn(&mut Holder), client: fn(&mut Client)| {
            let (mut one, mut other) = (officer(), desk());
            holder(&mut one);
            client(&mut other);
            standing(&claims("read:person@VICTIM"), &one, &other).map_err(TokenRefused::reason)
        };
        type Row = (fn(&mut Holder), fn(&mut Client), Refusal);
        let table: [Row; 10] = [
            (
                |h| h.subject = "cat.secretary".into(),
                |_| (),
                Refusal::Holder,
            ),
            (
                |h| h.mechanism_code = "spt".into(),
                |_| (),
                Refusal::Mechanism,
            ),
            (|_| (), |c| c.id = "other".into(), Refusal::Client),
            (|h| h.suspended = true, |_| (), Refusal::Suspended),
            (|h| h.epoch = 3, |_| (), Refusal::Revoked),
            (|h| h.mechanism_epoch = 4, |_| (), Refusal::Revoked),
            (|_| (), |c| c.epoch = 5, Refusal::Revoked),
            (|h| h.epoch = 1, |_| (), Refusal::Revoked),
            (|h| h.epoch = -2, |c| c.epoch = 8, Refusal::Revoked),
            (|h| h.epoch = i64::MAX, |_| (), Refusal::Revoked),
        ];
        assert!(change(|_| (), |_| ()).is_ok());
        for (place, (holder, client, reason)) in table.into_iter().enumerate() {
            assert_eq!(change(holder, client).unwrap_err(), reason, "row {place}");
        }
    }

    #[test]
    fn the_lowest_of_token_holder_and_client_is_the_cap() {
        for token in Level::ALL {
            for clearance in Level::ALL {
                for cap in Level::ALL {
                    for kind in HolderKind::ALL {
                        let holder = Holder {
                            clearance,
                            kind,
                            ..officer()
                        };
                        let client = Client { cap, ..desk() };
                        let claims = claims(&format!("read:person@{token}"));
                        let standing = standing(&claims, &holder, &client).unwrap();
                        let display = kind == HolderKind::Dashboard;
                        let most = if display {
                            Level::Partner
                        } else {
                            Level::Victim
                        };
                        let expected = token.min(clearance).min(cap).min(most);
                        assert_eq!(standing.cap(Kind::Person), expected);
                        assert_eq!(standing.cap_by_clause(Kind::Person), expected);
                    }
                }
            }
        }
    }

    #[test]
    fn a_state_never_reads_above_public_but_by_a_clause() {
        let holder = Holder {
            state_holder: true,
            ..officer()
        };
        for (scope, by_clause) in [
            (
                "read:communication@VICTIM write:communication@VICTIM",
                Level::Channel,
            ),
            ("read:communication@PARTNER", Level::Partner),
            ("read:person@VICTIM audit:read", Level::Public),
        ] {
            let standing = standing(&claims(scope), &holder, &desk()).unwrap();
            assert_eq!(standing.cap(Kind::Communication), Level::Public);
            assert_eq!(standing.cap_by_clause(Kind::Communication), by_clause);
            assert_eq!(
                standing.scopes().level(Action::Write, Kind::Communication),
                None
            );
            assert!(!standing.scopes().holds(Right::AuditRead));
        }
    }

    #[test]
    fn systems_do_not_take_what_needs_a_persons_judgement() {
        let all: Vec<&str> = Right::ALL.into_iter().map(Right::code).collect();
        let token = claims(&format!(
            "write:document@PARTNER label:document@PARTNER {}",
            all.join(" ")
        ));
        let held = |kind| {
            let standing = standing(&token, &Holder { kind, ..officer() }, &desk()).unwrap();
            let scopes = standing.scopes();
            let actions = [Action::Write, Action::Label];
            let actions = actions.map(|action| scopes.level(action, Kind::Document).is_some());
            (
                actions,
                Right::ALL
                    .into_iter()
                    .filter(|&right| scopes.holds(right))
                    .count(),
            )
        };
        assert_eq!(held(HolderKind::Officer), ([true, true], 8));
        assert_eq!(held(HolderKind::PartnerSystem), ([true, false], 2));
        assert_eq!(held(HolderKind::Dashboard), ([false, false], 0));
    }

    proptest! {
        #[test]
        fn less_of_anything_never_shows_more(
            clearances in (select(Level::ALL.to_vec()), select(Level::ALL.to_vec())),
            caps in (select(Level::ALL.to_vec()), select(Level::ALL.to_vec())),
            tokens in (select(Level::ALL.to_vec()), select(Level::ALL.to_vec())),
            kind in select(HolderKind::ALL.to_vec()),
            state_holder: bool,
        ) {
            let stand = |token: Level, clearance, cap| {
                let holder = Holder { clearance, kind, state_holder, ..officer() };
                let claims = claims(&format!("read:person@{token} write:person@{token} token:issue"));
                standing(&claims, &holder, &Client { cap, ..desk() }).unwrap()
            };
            let less = stand(tokens.0.min(tokens.1), clearances.0.min(clearances.1), caps.0.min(caps.1));
            let more = stand(tokens.0, clearances.0, caps.0);
            prop_assert!(less.scopes().is_within(more.scopes()));
            prop_assert!(less.cap(Kind::Person) <= more.cap(Kind::Person));
            prop_assert!(more.cap(Kind::Person) <= more.cap_by_clause(Kind::Person));
        }
    }
}

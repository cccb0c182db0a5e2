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
        proof: None,
    }
}

pub(in crate::identity) fn claims(scope: &str) -> VerifiedClaims {
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
        cnf: None,
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
                for &kind in HolderKind::ALL {
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

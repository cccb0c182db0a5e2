//! What is revoked while it is being answered.

use super::*;
use crate::identity::claims::VerifiedClaims;
use crate::identity::holder::tests::claims;

fn board() -> (Watch, VerifiedClaims) {
    (Watch::default(), claims("read:person@VICTIM"))
}

fn revoked(n: i64, whose: Revoked) -> Vec<Revocation> {
    let what = Ended::Tokens(whose);
    vec![Revocation { n, what }]
}

#[test]
fn a_revocation_denies_from_its_beginning_on() {
    let (watch, bearer) = board();
    let before = watch.since(0);
    assert!(before.holds_for(&bearer));
    let under_way = watch.begin(revoked(1, Revoked::Holder("cat.petitions".into())));
    assert!(!before.holds_for(&bearer), "it is not committed yet");
    assert!(
        !watch.since(0).holds_for(&bearer),
        "who has read before, too"
    );
    drop(under_way);
    assert!(!before.holds_for(&bearer), "it is committed");
    assert!(watch.since(1).holds_for(&bearer), "who has read after");
}

#[test]
fn what_concerns_others_changes_nothing() {
    let (watch, bearer) = board();
    let viewer = watch.since(0);
    let others = [
        Revoked::Holder("cat.petition".into()),
        Revoked::Mechanism("ca".into()),
        Revoked::Client("des".into()),
        Revoked::Token(token_hash("token-2")),
        Revoked::ClientOf {
            client: "desk".into(),
            mechanism: "spt".into(),
        },
    ];
    for (n, whose) in (1..).zip(others) {
        watch.note(revoked(n, whose));
        assert!(viewer.holds_for(&bearer));
    }
    let own = [
        Revoked::Mechanism("cat".into()),
        Revoked::Client("desk".into()),
        Revoked::Token(token_hash("token-1")),
        Revoked::ClientOf {
            client: "desk".into(),
            mechanism: "cat".into(),
        },
    ];
    for whose in own {
        let watch = Watch::default();
        let viewer = watch.since(7);
        watch.note(revoked(8, whose.clone()));
        assert!(!viewer.holds_for(&bearer), "{whose:?}");
    }
}

#[test]
fn who_began_before_what_is_remembered_is_denied() {
    let (watch, bearer) = board();
    let viewer = watch.since(0);
    for n in 1..=(REMEMBERED as i64) {
        watch.note(revoked(n, Revoked::Holder(format!("somebody.{n}"))));
    }
    assert!(viewer.holds_for(&bearer));
    watch.note(revoked(5_000, Revoked::Holder("one.more".into())));
    assert!(!viewer.holds_for(&bearer));
    assert!(watch.since(5_000).holds_for(&bearer));
}

#[test]
fn what_another_process_tells_again_is_noted_once() {
    let (watch, bearer) = board();
    for _ in 0..3 {
        watch.note(revoked(1, Revoked::Holder("cat.petitions".into())));
    }
    assert_eq!(watch.board.notes().done.len(), 1);
    assert!(watch.since(1).holds_for(&bearer));
}

#[test]
fn a_raised_level_is_of_its_own_record_and_told_to_who_has_read_before() {
    let (one, other) = (RecordId::random(), RecordId::random());
    let raised = |n, field: Option<&str>, level| {
        let (record, field) = (one, field.map(str::to_owned));
        let what = Ended::Level {
            record,
            field,
            level,
        };
        vec![Revocation { n, what }]
    };
    let watch = Watch::default();
    let before = watch.from_now();
    assert!(before.raised(one).is_empty());
    let under_way = watch.begin(raised(1, Some("outcome"), Level::Channel));
    let of_field = (Some("outcome".to_owned()), Level::Channel);
    let early = std::slice::from_ref(&of_field);
    assert_eq!(before.raised(one), early, "not committed yet");
    drop(under_way);
    watch.note(raised(2, None, Level::Secretariat));
    assert_eq!(before.raised(one), [of_field, (None, Level::Secretariat)]);
    assert!(before.raised(other).is_empty());
    assert!(watch.from_now().raised(one).is_empty(), "who reads after");
    // What is not remembered, or not understood, may have been of any record.
    watch.note(vec![Revocation {
        n: 3,
        what: Ended::Unknown,
    }]);
    assert_eq!(before.raised(other), [(None, Level::Victim)]);
    let watch = Watch::default();
    let before = watch.from_now();
    for n in 1..=i64::try_from(REMEMBERED).unwrap() + 1 {
        watch.note(raised(n, None, Level::Channel));
    }
    assert_eq!(before.raised(other), [(None, Level::Victim)]);
}

#[test]
fn a_naming_that_ends_is_of_one_record_and_one_mechanism() {
    let [record, other] = [RecordId::random(), RecordId::random()];
    let [named, too] = [RecordId::random(), RecordId::random()].map(|id| MechanismId(id.0));
    let watch = Watch::default();
    let before = watch.from_now();
    let what = Ended::Naming {
        record,
        mechanism: named,
    };
    watch.note(vec![Revocation { n: 1, what }]);
    assert!(!before.leaves_named(record, named));
    assert!(before.leaves_named(record, too) && before.leaves_named(other, named));
    assert!(watch.from_now().leaves_named(record, named));
}

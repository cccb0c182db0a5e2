use proptest::collection::{btree_map, btree_set};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use uuid::Uuid;

use super::*;

const ID: &str = "6f2f1c64-9c1d-4a57-8a55-2f5a3d0b6c11";

fn parse(text: &str) -> Scopes {
    text.parse().unwrap()
}

#[test]
fn a_scope_says_what_it_says() {
    let scopes = parse(&format!(
        "read:communication@SECRETARIAT read:person@CHANNEL write:work_plan@PARTNER \
         label:document@PUBLIC match:query ch:{ID} st:KEN,UGA st:TZA tp:fair_trial own:cat own:un-sr-foe"
    ));
    assert_eq!(
        scopes.level(Action::Read, Kind::Communication),
        Some(Level::Secretariat)
    );
    assert_eq!(
        scopes.level(Action::Read, Kind::Person),
        Some(Level::Channel)
    );
    assert_eq!(scopes.level(Action::Read, Kind::CommunicationPerson), None);
    assert_eq!(scopes.level(Action::Write, Kind::Communication), None);
    assert_eq!(
        scopes.level(Action::Write, Kind::WorkPlan),
        Some(Level::Partner)
    );
    assert_eq!(scopes.level(Action::Write, Kind::WorkPlanItem), None);
    assert_eq!(
        scopes.level(Action::Label, Kind::Document),
        Some(Level::Public)
    );
    assert!(scopes.holds(Right::MatchQuery) && !scopes.holds(Right::MatchAnswer));
    assert_eq!(scopes.ceiling(), Level::Secretariat);
    let texts = |codes: &[&str]| Some(codes.iter().map(|&code| code.to_owned()).collect());
    assert_eq!(scopes.limits().countries, texts(&["KEN", "TZA", "UGA"]));
    assert_eq!(scopes.limits().topics, texts(&["fair_trial"]));
    assert_eq!(scopes.limits().owners, texts(&["cat", "un-sr-foe"]));
    assert_eq!(scopes.limits().channels.as_ref().unwrap().len(), 1);
}

#[test]
fn a_faulty_item_refuses_the_whole_scope() {
    use ScopeFault::{Malformed, Repeated, UnknownAction, UnknownKind, UnknownLevel};
    let table = [
        ("", Malformed),
        (" ", Malformed),
        ("read", Malformed),
        ("admin", Malformed),
        ("*", Malformed),
        ("openid", Malformed),
        ("read:communication", Malformed),
        ("read:communication@", UnknownLevel),
        ("read:communication@secretariat", UnknownLevel),
        ("read:communication@SECRET", UnknownLevel),
        ("read:communication@SECRETARIATS", UnknownLevel),
        ("read:communication@PUBLIC@VICTIM", UnknownLevel),
        ("read:communication@PUBLIC,VICTIM", UnknownLevel),
        ("read:communication@4", UnknownLevel),
        ("read:@PUBLIC", UnknownKind),
        ("read:*@PUBLIC", UnknownKind),
        ("read:communications@PUBLIC", UnknownKind),
        ("read:comm@PUBLIC", UnknownKind),
        ("read:Communication@PUBLIC", UnknownKind),
        ("read:communication:person@PUBLIC", UnknownKind),
        ("read: communication@PUBLIC", Malformed),
        ("READ:communication@PUBLIC", UnknownAction),
        ("reads:communication@PUBLIC", UnknownAction),
        ("delete:communication@PUBLIC", UnknownAction),
        ("admin:all", UnknownAction),
        ("match:", UnknownAction),
        ("match:query:all", UnknownAction),
        ("match:queries", UnknownAction),
        ("declassify:both", UnknownAction),
        ("token:issue@PUBLIC", UnknownAction),
        (":", UnknownAction),
        ("match:query match:query", Repeated),
        ("read:person@PUBLIC read:person@VICTIM", Repeated),
        ("read:person@VICTIM read:person@VICTIM", Repeated),
        ("match:query  audit:read", Malformed),
        (" match:query", Malformed),
        ("match:query ", Malformed),
        ("match:query\taudit:read", UnknownAction),
        ("match:query\naudit:read", UnknownAction),
        ("match:query\u{a0}audit:read", UnknownAction),
        ("st:", Malformed),
        ("st:KE", Malformed),
        ("st:ken", Malformed),
        ("st:KENY", Malformed),
        ("st:KEN,", Malformed),
        ("st:,KEN", Malformed),
        ("st:KEN,,UGA", Malformed),
        ("st:K3N", Malformed),
        ("st:ALL,*", Malformed),
        ("tp:", Malformed),
        ("tp:Fair_trial", Malformed),
        ("tp:fair__trial", Malformed),
        ("tp:_trial", Malformed),
        ("tp:fair-trial", Malformed),
        ("own:", Malformed),
        ("own:cat,spt", Malformed),
        ("own:CAT", Malformed),
        ("own:c*", Malformed),
        ("ch:", Malformed),
        ("ch:agreement", Malformed),
        ("ch:6F2F1C64-9C1D-4A57-8A55-2F5A3D0B6C11", Malformed),
        ("ch:6f2f1c649c1d4a578a552f5a3d0b6c11", Malformed),
        ("ch:{6f2f1c64-9c1d-4a57-8a55-2f5a3d0b6c11}", Malformed),
        (
            "ch:urn:uuid:6f2f1c64-9c1d-4a57-8a55-2f5a3d0b6c11",
            Malformed,
        ),
    ];
    for (text, fault) in table {
        assert_eq!(text.parse::<Scopes>().unwrap_err().fault, fault, "{text:?}");
        let beside_a_good_one = format!("audit:read {text}");
        let error = beside_a_good_one.parse::<Scopes>().unwrap_err();
        assert!(error.position >= 2, "{text:?}");
    }
}

#[test]
fn an_endless_scope_is_refused() {
    let codes: Vec<String> = (0..1000).map(|code| format!("tp:t{code}")).collect();
    assert_eq!(
        codes[..129].join(" ").parse::<Scopes>().unwrap_err().fault,
        ScopeFault::TooLong
    );
    assert!(codes[..128].join(" ").parse::<Scopes>().is_ok());
    assert_eq!(
        codes.join(",").parse::<Scopes>().unwrap_err().fault,
        ScopeFault::TooLong
    );
    let word = "a".repeat(65);
    assert!(format!("own:{word}").parse::<Scopes>().is_err());
}

#[test]
fn an_error_names_the_item_by_its_place() {
    let error = "audit:read read:cases@PUBLIC"
        .parse::<Scopes>()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "item 2 of the scope names a kind that does not exist"
    );
}

#[test]
fn the_gravest_thing_decides_how_long_a_token_may_live() {
    let table = [
        ("read:communication@CHANNEL", Level::Channel),
        (
            "read:communication@PUBLIC write:document@SECRETARIAT",
            Level::Secretariat,
        ),
        (
            "read:communication@PUBLIC label:person@VICTIM",
            Level::Victim,
        ),
        ("read:communication@PUBLIC token:issue", Level::Secretariat),
        ("match:query", Level::Secretariat),
        ("st:KEN", Level::Public),
    ];
    for (text, level) in table {
        assert_eq!(parse(text).gravest(), level, "{text}");
    }
    assert_eq!(Scopes::nothing().gravest(), Level::Public);
}

#[test]
fn what_goes_beyond_is_named() {
    let wide = parse("read:communication@CHANNEL match:query st:KEN,UGA");
    let table = [
        ("read:communication@CHANNEL match:query st:KEN,UGA", None),
        ("read:communication@PARTNER st:UGA own:cat", None),
        (
            "read:communication@VICTIM st:KEN",
            Some("read:communication@VICTIM"),
        ),
        ("read:person@PUBLIC st:KEN", Some("read:person@PUBLIC")),
        (
            "write:communication@PUBLIC st:KEN",
            Some("write:communication@PUBLIC"),
        ),
        ("audit:read st:KEN", Some("audit:read")),
        ("match:query", Some("st:")),
        ("match:query st:KEN,TZA", Some("st:")),
    ];
    for (text, item) in table {
        assert_eq!(parse(text).excess(&wide).as_deref(), item, "{text}");
    }
}

#[test]
fn limits_that_have_nothing_in_common_leave_nothing() {
    let kenya = parse("read:communication@CHANNEL st:KEN");
    let uganda = parse("read:communication@CHANNEL st:UGA");
    assert_eq!(kenya.narrow(&uganda), Scopes::nothing());
}

fn any_scopes() -> impl Strategy<Value = Scopes> {
    let level = || select(Level::ALL.to_vec());
    let levels = || {
        btree_map(select(Kind::ALL.to_vec()), level(), 0..6).prop_map(|entries| {
            let mut levels = Levels::default();
            for (kind, level) in entries {
                levels.0[kind.index()] = Some(level);
            }
            levels
        })
    };
    let rights = subsequence(Right::ALL.to_vec(), 0..=Right::ALL.len());
    let codes = |codes: &[&str]| {
        let codes: Vec<String> = codes.iter().map(|&code| code.to_owned()).collect();
        option::of(btree_set(select(codes), 1..4))
    };
    let limits = (
        option::of(btree_set((1_u128..5).prop_map(Uuid::from_u128), 1..3)),
        codes(&["KEN", "UGA", "TZA", "RWA"]),
        codes(&["fair_trial", "general", "reprisals"]),
        codes(&["cat", "spt", "achpr", "un-sr-foe"]),
    )
        .prop_map(|(channels, countries, topics, owners)| Limits {
            channels,
            countries,
            topics,
            owners,
        });
    (levels(), levels(), levels(), rights, limits).prop_map(
        |(read, write, label, rights, limits)| Scopes {
            read,
            write,
            label,
            rights: rights.into_iter().collect(),
            limits,
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_parses_to_itself(scopes in any_scopes()) {
        let text = scopes.to_string();
        if text.is_empty() {
            prop_assert_eq!(scopes, Scopes::nothing());
        } else {
            prop_assert_eq!(text.parse::<Scopes>(), Ok(scopes.clone()));
            prop_assert_eq!(text.parse::<Scopes>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn any_text_parses_to_what_it_says_or_not_at_all(text in "([a-z:_@ ]|[A-Z]|,){0,60}") {
        if let Ok(scopes) = text.parse::<Scopes>() {
            prop_assert_eq!(scopes.to_string().parse::<Scopes>(), Ok(scopes));
        }
    }

    #[test]
    fn narrowing_never_goes_beyond_either(one in any_scopes(), other in any_scopes()) {
        let both = one.narrow(&other);
        prop_assert!(both.is_within(&one) && both.is_within(&other));
        prop_assert_eq!(&both, &other.narrow(&one));
        prop_assert_eq!(&both, &both.narrow(&one));
        prop_assert!(both.ceiling() <= one.ceiling() && both.gravest() <= one.gravest());
    }

    #[test]
    fn narrowing_is_monotone(wide in any_scopes(), cut in any_scopes(), other in any_scopes()) {
        let narrow = wide.narrow(&cut);
        prop_assert!(narrow.narrow(&other).is_within(&wide.narrow(&other)));
    }

    #[test]
    fn within_is_what_narrowing_leaves_alone(one in any_scopes(), other in any_scopes()) {
        if one.is_within(&other) && one.opens_something() {
            prop_assert_eq!(one.narrow(&other), one);
        } else if one.opens_something() {
            prop_assert_ne!(one.narrow(&other), one);
        }
    }
}

//! The invariants of the core, each for askers and records by chance.

use std::{collections::BTreeSet, sync::LazyLock};

use liaison::confidentiality::{
    FieldIndex, FieldSet, Level,
    channel::Channel,
    label::{Label, Overrides},
    reach::sight,
};
use liaison::{confidentiality::facts::Facts, identity::viewer::Viewer};
use proptest::{
    prelude::{Strategy, any},
    test_runner::{Config, TestCaseError, TestRunner},
};

use super::core::{
    Asks, Bearer, Covers, Given, OTHER, OWN, OWNER, RULES, Time, Told, Word, clause,
};
use crate::support::harness::Suite;

static BEARER: LazyLock<Bearer> = LazyLock::new(Bearer::new);
static RECORDS: LazyLock<Vec<(Told, Facts, Label)>> = LazyLock::new(Told::all);

/// What an asker sees: the level reached and the fields; nothing where not even existence.
type Seen = (Level, BTreeSet<usize>);

fn seen(viewer: &Viewer, told: &Told) -> Seen {
    seen_under(viewer, told, &told.label())
}

fn seen_under(viewer: &Viewer, told: &Told, label: &Label) -> Seen {
    let Some(sight) = sight(viewer, &told.facts(), label, &RULES) else {
        return (Level::Public, BTreeSet::new());
    };
    (sight.reach.level, fields(sight.fields))
}

fn fields(set: FieldSet) -> BTreeSet<usize> {
    let all = 0..RULES.len();
    all.filter(|at| set.has(FieldIndex(u8::try_from(*at).unwrap())))
        .collect()
}

/// Runs a law for askers and records by chance.
fn law(test: impl Fn(Asks, Told) -> Result<(), TestCaseError>) {
    let pairs = (0..Asks::all(), 0..RECORDS.len())
        .prop_map(|(asks, told)| (Asks::at(asks), RECORDS[told].0.clone()));
    let config = Config {
        cases: 4_000,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new(config);
    if let Err(failure) = runner.run(&pairs, |(asks, told)| test(asks, told)) {
        panic!("{failure}");
    }
}

fn holds(condition: bool, what: &str) -> Result<(), TestCaseError> {
    if condition {
        Ok(())
    } else {
        Err(TestCaseError::fail(what.to_owned()))
    }
}

fn no_more(less: &Seen, more: &Seen, what: &str) -> Result<(), TestCaseError> {
    holds(less.1.is_subset(&more.1), what)
}

pub(crate) fn register(suite: &mut Suite) {
    suite.plain("taking_away_never_shows_more", || law(monotonic));
    suite.plain("no_override_shows_a_field_below_its_floor", floor);
    suite.plain("what_is_unknown_is_a_denial", || law(closed));
    suite.plain("a_token_never_exceeds_its_issuer", || law(intersection));
    suite.plain("two_channels_in_a_row_are_none", || law(no_transitivity));
    suite.plain("a_naming_without_a_channel_names_nobody", || law(named));
    suite.plain("an_owner_keeps_its_records_whatever_ends", || law(owner));
    suite.plain("the_same_question_has_the_same_answer", || law(determined));
}

fn monotonic(asks: Asks, told: Told) -> Result<(), TestCaseError> {
    let whole = seen(&asks.viewer(&BEARER), &told);
    let less: [fn(&mut Asks, &mut Told); 8] = [
        |asks, _| asks.channel = None,
        |asks, _| asks.grant = Given::No,
        |asks, _| asks.consent = Word::Refused,
        |asks, _| asks.purpose = None,
        |asks, _| asks.accredited = false,
        |asks, _| asks.cap = Level::Public,
        |_, told| told.owner = false,
        |_, told| told.named = None,
    ];
    for take in less {
        let (mut asks, mut told) = (asks.clone(), told.clone());
        take(&mut asks, &mut told);
        let less = seen(&asks.viewer(&BEARER), &told);
        no_more(&less, &whole, "something taken away shows more")?;
    }
    Ok(())
}

/// Overrides by chance, several a label: what is shown lies at or above its floor.
fn floor() {
    let label = proptest::collection::vec((0..RULES.len(), 0..5_i64), 0..6);
    let all = (0..Asks::all(), 0..RECORDS.len(), label, any::<bool>());
    let config = Config {
        cases: 4_000,
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&all, |(asks, told, set, twice)| {
        let told = &RECORDS[told].0;
        let mut text = String::from(";");
        let mut names = BTreeSet::new();
        for (field, rank) in set {
            if names.insert(field) || twice {
                text.push_str(&format!("{}={rank};", RULES[field].name));
            }
        }
        let label = Label {
            overrides: Overrides::stored(Some(text)),
            ..told.label()
        };
        let viewer = Asks::at(asks).viewer(&BEARER);
        let (reach, shown) = seen_under(&viewer, told, &label);
        for field in shown {
            let floor = RULES[field].floor;
            let filed = floor == Level::Victim && reach == Level::Secretariat;
            holds(filed || reach >= floor, RULES[field].name)?;
        }
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

fn closed(asks: Asks, told: Told) -> Result<(), TestCaseError> {
    let viewer = asks.viewer(&BEARER);
    let nobodys = Told {
        existence: None,
        ..told.clone()
    };
    holds(seen(&viewer, &nobodys).1.is_empty(), "an unknown level")?;
    let unread = Told {
        raised: Some(None),
        ..told.clone()
    };
    holds(
        !seen(&viewer, &unread).1.contains(&4),
        "an unknown override",
    )?;
    let nowhere = Told {
        states: 2,
        ..told.clone()
    };
    let alone = asks.viewer_with(&BEARER, Vec::new());
    holds(
        seen(&viewer, &nowhere) == seen(&alone, &nowhere),
        "a channel covers an unknown State",
    )?;
    let unowned = Told {
        owner: false,
        owned: false,
        ..told
    };
    holds(
        seen(&viewer, &unowned).0 <= Level::Partner,
        "a record without an owner",
    )
}

fn intersection(asks: Asks, told: Told) -> Result<(), TestCaseError> {
    let viewer = asks.viewer(&BEARER);
    holds(seen(&viewer, &told).0 <= asks.cap, "the cap is exceeded")?;
    for cap in Level::ALL.into_iter().filter(|cap| *cap >= asks.cap) {
        let more = Asks {
            cap,
            ..asks.clone()
        }
        .viewer(&BEARER);
        no_more(
            &seen(&viewer, &told),
            &seen(&more, &told),
            "a lower cap shows more",
        )?;
    }
    let unlimited = Asks {
        limit: super::core::Limit::None,
        ..asks.clone()
    };
    no_more(
        &seen(&viewer, &told),
        &seen(&unlimited.viewer(&BEARER), &told),
        "a limit shows more",
    )
}

fn no_transitivity(asks: Asks, told: Told) -> Result<(), TestCaseError> {
    // From the owner to another, and from that other to the asker.
    let whole = |from, to| Channel {
        from,
        to,
        ..clause((Covers::All, Time::Now, Level::Victim))
    };
    let chain = vec![whole(OWNER, OTHER), whole(OTHER, OWN)];
    let none = seen(&asks.viewer_with(&BEARER, Vec::new()), &told);
    let both = seen(&asks.viewer_with(&BEARER, chain), &told);
    holds(both == none, "two channels in a row open something")
}

fn named(asks: Asks, told: Told) -> Result<(), TestCaseError> {
    let alone = asks.viewer_with(&BEARER, Vec::new());
    let unnamed = Told {
        named: None,
        ..told.clone()
    };
    let named = Told {
        named: Some(true),
        ..told
    };
    holds(
        seen(&alone, &named) == seen(&alone, &unnamed),
        "a naming opens without a channel",
    )
}

fn owner(asks: Asks, told: Told) -> Result<(), TestCaseError> {
    let own = Told {
        owner: true,
        ..told
    };
    if asks.state {
        return Ok(());
    }
    let with = seen(&asks.viewer(&BEARER), &own);
    let without = seen(&asks.viewer_with(&BEARER, Vec::new()), &own);
    holds(with == without, "a channel changes what an owner sees")
}

fn determined(asks: Asks, told: Told) -> Result<(), TestCaseError> {
    let first = seen(&asks.viewer(&BEARER), &told);
    let again = seen(&asks.viewer(&BEARER), &told);
    holds(first == again, "two answers to one question")
}

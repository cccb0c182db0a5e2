//! What a decision costs: `cargo bench --bench decision`.
//!
//! Decides on a page of 100 records of 20 fields each, as the gate does for every record
//! of an answer, and prints how long that takes for each kind of viewer. It needs no more
//! of a harness than a clock and a median.

use std::{collections::BTreeSet, error::Error, hint::black_box, sync::Arc, time::Instant};

use liaison::{
    clock::Moment,
    confidentiality::{
        FieldIndex, FieldRule, FieldSet, Level,
        channel::{Channel, Named},
        facts::{CountryCode, Facts},
        grant::{Consent, ConsentBasis, Grant},
        label::{Label, Overrides},
        reach::sight,
    },
    id::{MechanismId, RecordId},
    identity::{
        holder::{Client, Holder, HolderKind, standing},
        kind::Kind,
        purpose::{Purpose, PurposeCode},
        token::{TokenAuthority, TokenRequest},
        viewer::{Narrowing, Viewer},
        watch::Watch,
    },
    keys::KeyFile,
};
use uuid::Uuid;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const NOW: Moment = Moment::from_seconds(1_780_315_200);
const RECORDS: u128 = 100;
const FIELDS: usize = 20;
/// Decisions on the whole page in one sample, and samples of which the median is told.
const ROUNDS: u32 = 50;
const SAMPLES: usize = 201;

/// Twelve fields for anyone, and two at each level above.
const RULES: [FieldRule; FIELDS] = {
    const fn rule(name: &'static str, level: Level) -> FieldRule {
        FieldRule {
            name,
            level,
            floor: level,
        }
    }
    [
        rule("one", Level::Public),
        rule("two", Level::Public),
        rule("three", Level::Public),
        rule("four", Level::Public),
        rule("five", Level::Public),
        rule("six", Level::Public),
        rule("seven", Level::Public),
        rule("eight", Level::Public),
        rule("nine", Level::Public),
        rule("ten", Level::Public),
        rule("eleven", Level::Public),
        rule("twelve", Level::Public),
        rule("thirteen", Level::Partner),
        rule("fourteen", Level::Partner),
        rule("fifteen", Level::Channel),
        rule("sixteen", Level::Channel),
        rule("seventeen", Level::Secretariat),
        rule("eighteen", Level::Secretariat),
        rule("nineteen", Level::Victim),
        rule("twenty", Level::Victim),
    ]
};

fn main() -> Result<(), Box<dyn Error>> {
    let owner = mechanism(1);
    let partner = mechanism(2);
    let viewers = [
        ("anonymous", Kind::Communication, Viewer::anyone(NOW)),
        (
            "owner",
            Kind::Communication,
            bearing(1, "read:communication@SECRETARIAT", Vec::new(), Vec::new())?,
        ),
        (
            "channel partner, 8 clauses",
            Kind::Communication,
            bearing(
                2,
                "read:communication@CHANNEL",
                channels(owner, partner),
                Vec::new(),
            )?,
        ),
        (
            "officer, 20 grants",
            Kind::Person,
            bearing(1, "read:person@VICTIM", Vec::new(), grants(owner))?,
        ),
    ];
    println!("One decision on {RECORDS} records × {FIELDS} fields, median of {SAMPLES}:\n");
    println!("| viewer | µs | fields told |");
    println!("| --- | ---: | ---: |");
    for (name, kind, viewer) in &viewers {
        let page: Vec<_> = (0..RECORDS).map(|n| record(*kind, owner, n)).collect();
        let told = page
            .iter()
            .filter_map(|(facts, label)| sight(viewer, facts, label, &RULES))
            .map(|sight| (0..20).filter(|n| sight.fields.has(FieldIndex(*n))).count())
            .sum::<usize>();
        println!("| {name} | {:.1} | {told} |", median(viewer, &page));
    }
    Ok(())
}

/// Microseconds for one decision on the whole page.
fn median(viewer: &Viewer, page: &[(Facts, Label)]) -> f64 {
    let mut samples: Vec<f64> = (0..SAMPLES)
        .map(|_| {
            let begun = Instant::now();
            for _ in 0..ROUNDS {
                for (facts, label) in page {
                    black_box(sight(black_box(viewer), facts, label, &RULES));
                }
            }
            begun.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS)
        })
        .collect();
    samples.sort_by(f64::total_cmp);
    samples.get(SAMPLES / 2).copied().unwrap_or(f64::NAN)
}

/// A record of the owner's; every tenth has overrides, every other exists for anyone.
fn record(kind: Kind, owner: MechanismId, n: u128) -> (Facts, Label) {
    let facts = Facts {
        owners: vec![owner],
        countries: Some(countries().collect()),
        topics: vec!["reprisals".into(), "torture_prevention".into()],
        ..Facts::unknown(kind, RecordId(Uuid::from_u128(1_000 + n)))
    };
    let overrides = n
        .is_multiple_of(10)
        .then(|| Overrides::text(&[("one", Level::Partner), ("two", Level::Channel)]))
        .flatten();
    let label = Label {
        existence: Some(match (kind, n % 2) {
            (Kind::Person, _) => Level::Secretariat,
            (_, 0) => Level::Public,
            _ => Level::Channel,
        }),
        public_from: None,
        overrides: Overrides::stored(overrides),
    };
    (facts, label)
}

fn mechanism(n: u128) -> MechanismId {
    MechanismId(Uuid::from_u128(n))
}

fn countries() -> impl Iterator<Item = CountryCode> {
    ["KEN", "UGA"].into_iter().filter_map(CountryCode::parse)
}

/// Seven clauses that do not cover the records, and one that does.
fn channels(from: MechanismId, to: MechanismId) -> Vec<Channel> {
    (0..8)
        .map(|n| Channel {
            agreement: RecordId(Uuid::from_u128(500 + n)),
            from,
            to,
            kinds: BTreeSet::from([Kind::Communication]),
            countries: Named::Only(countries().skip(usize::from(n < 7)).collect()),
            topics: Named::All,
            cap: Level::Channel,
            in_force: true,
            from_moment: NOW.plus_seconds(-1),
            until_moment: NOW.plus_seconds(1),
        })
        .collect()
}

/// Grants to a fifth of the persons.
fn grants(mechanism: MechanismId) -> Vec<Grant> {
    let fields = FieldSet::NONE.with(FieldIndex(18)).with(FieldIndex(19));
    (0..20)
        .map(|n| Grant {
            person: RecordId(Uuid::from_u128(1_000 + 5 * n)),
            mechanism,
            fields,
            purposes: vec![PurposeCode::Examination],
            from: NOW.plus_seconds(-1),
            until: NOW.plus_seconds(1),
            consents: vec![Consent {
                recipient: mechanism,
                purpose: PurposeCode::Examination,
                fields,
                basis: ConsentBasis::Given,
                from: NOW.plus_seconds(-1),
                until: NOW.plus_seconds(1),
            }],
        })
        .collect()
}

/// A viewer by way of a signed token, as there is no other.
fn bearing(
    number: u128,
    scope: &str,
    channels: Vec<Channel>,
    grants: Vec<Grant>,
) -> Result<Viewer, Box<dyn Error>> {
    let holder = Holder {
        subject: "bench.officer".to_owned(),
        mechanism_code: "bench".to_owned(),
        mechanism_id: mechanism(number).0,
        clearance: Level::Victim,
        roles: BTreeSet::new(),
        kind: HolderKind::Officer,
        epoch: 0,
        mechanism_epoch: 0,
        suspended: false,
        accredited: true,
        state_holder: false,
    };
    let client = Client {
        id: "bench".to_owned(),
        cap: Level::Victim,
        epoch: 0,
        proof: None,
    };
    let authority = TokenAuthority::new("bench", "bench", &KeyFile::fresh()?)?;
    let request = TokenRequest::new(&holder, &client, scope.parse()?, 60)?;
    let claims = authority.verify(&authority.issue(&request, NOW)?.token, NOW)?;
    let standing = standing(&claims, &holder, &client)?;
    let purpose = Purpose {
        code: PurposeCode::Examination,
        reason: "a measurement".to_owned(),
    };
    Ok(Viewer::bearing(
        (standing, Arc::clone(&claims)),
        Narrowing::default(),
        channels,
        grants,
        Some(purpose),
        NOW,
        Watch::default(),
    ))
}

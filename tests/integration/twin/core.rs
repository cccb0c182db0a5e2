//! The decision core, enumerated: every combination of what the page says it depends on.
//!
//! `LIAISON_CORE_VIEWERS` says for how many viewers, each with every record; `all` is the
//! whole model, some 10^10 decisions. Without it the viewers are spread over the model.

use std::{collections::BTreeSet, env, sync::Arc, time::Instant};

use liaison::{
    clock::Moment,
    confidentiality::{
        FieldIndex, FieldRule, FieldSet, Level,
        channel::{Channel, Named},
        facts::{CountryCode, Facts, Naming},
        grant::{Consent, ConsentBasis, Grant},
        label::{Label, Overrides},
        reach::sight,
    },
    id::{MechanismId, RecordId},
    identity::{
        claims::VerifiedClaims,
        holder::{Client, Holder, HolderKind, standing},
        kind::Kind,
        purpose::{Purpose, PurposeCode},
        token::{TokenAuthority, TokenRequest},
        viewer::{Narrowing, Viewer},
        watch::Watch,
    },
    keys::KeyFile,
    vocabulary::codes::Coded,
};
use serde_json::json;
use uuid::Uuid;

use crate::support::{harness::Suite, house::NOW};

/// Viewers where the environment does not say.
const VIEWERS: usize = 1_500;

pub(crate) const OWN: MechanismId = MechanismId(Uuid::from_u128(1));
pub(crate) const OWNER: MechanismId = MechanismId(Uuid::from_u128(2));
pub(crate) const OTHER: MechanismId = MechanismId(Uuid::from_u128(3));
const RECORD: RecordId = RecordId(Uuid::from_u128(10));
const ANOTHER: RecordId = RecordId(Uuid::from_u128(11));

/// A field of each level, with each floor; the last two are a file's.
pub(crate) const RULES: [FieldRule; 7] = [
    rule("public", Level::Public, Level::Public),
    rule("partner", Level::Partner, Level::Public),
    rule("channel", Level::Channel, Level::Partner),
    rule("note", Level::Secretariat, Level::Secretariat),
    rule("raised", Level::Public, Level::Public),
    rule("name", Level::Victim, Level::Victim),
    rule("contact", Level::Victim, Level::Victim),
];
const RAISED: usize = 4;
const NAME: FieldIndex = FieldIndex(5);
const CONTACT: FieldIndex = FieldIndex(6);

const fn rule(name: &'static str, level: Level, floor: Level) -> FieldRule {
    FieldRule { name, level, floor }
}

pub(crate) fn register(suite: &mut Suite) {
    suite.plain("the_core_is_enumerated", || {
        let all = Asks::all();
        let viewers = match env::var("LIAISON_CORE_VIEWERS").as_deref() {
            Ok("all") => all,
            Ok(number) => number.parse().unwrap(),
            Err(_) => VIEWERS,
        };
        let records = Told::all();
        let bearer = Bearer::new();
        let mut decisions = 0_u64;
        let mut nanoseconds = 0;
        for place in 0..viewers.min(all) {
            // A step that shares no factor with the model meets each viewer once.
            let asks = Asks::at(place * 1_000_003 % all);
            let viewer = asks.viewer(&bearer);
            let began = Instant::now();
            let decided: Vec<_> = records
                .iter()
                .map(|(_, facts, label)| sight(&viewer, facts, label, &RULES))
                .collect();
            nanoseconds += began.elapsed().as_nanos();
            for ((told, ..), decided) in records.iter().zip(decided) {
                let expected = read(&asks, told);
                let decided = decided.map(|sight| {
                    let all = 0..RULES.len();
                    let seen =
                        all.map(|at| sight.fields.has(FieldIndex(u8::try_from(at).unwrap())));
                    (sight.reach.level.rank(), seen.collect::<Vec<_>>())
                });
                assert_eq!(decided, expected, "{asks:?} {told:?}");
                decisions += 1;
            }
        }
        println!(
            "{decisions} decisions of {} in the model, {} ns each",
            u64::try_from(all).unwrap() * u64::try_from(records.len()).unwrap(),
            nanoseconds / u128::from(decisions)
        );
    });
}

/// How a clause stands to the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Covers {
    All,
    Named,
    OtherState,
    NoState,
    OtherTopic,
    OtherKind,
    OtherOwner,
    OtherRecipient,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Time {
    Now,
    NotYet,
    Over,
    /// In time, and suspended or ended.
    Ended,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Given {
    No,
    Yes,
    Expired,
    NotYet,
    ToAnotherMechanism,
    ForAnotherPerson,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    None,
    Given,
    ForOneField,
    Refused,
    Expired,
    ToAnother,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    None,
    StateIn,
    StateOut,
    TopicIn,
    TopicOut,
    OwnerIn,
    OwnerOut,
}

const COVERS: [Covers; 8] = [
    Covers::All,
    Covers::Named,
    Covers::OtherState,
    Covers::NoState,
    Covers::OtherTopic,
    Covers::OtherKind,
    Covers::OtherOwner,
    Covers::OtherRecipient,
];
const TIMES: [Time; 4] = [Time::Now, Time::NotYet, Time::Over, Time::Ended];
const GIVEN: [Given; 6] = [
    Given::No,
    Given::Yes,
    Given::Expired,
    Given::NotYet,
    Given::ToAnotherMechanism,
    Given::ForAnotherPerson,
];
const WORDS: [Word; 6] = [
    Word::None,
    Word::Given,
    Word::ForOneField,
    Word::Refused,
    Word::Expired,
    Word::ToAnother,
];
const LIMITS: [Limit; 7] = [
    Limit::None,
    Limit::StateIn,
    Limit::StateOut,
    Limit::TopicIn,
    Limit::TopicOut,
    Limit::OwnerIn,
    Limit::OwnerOut,
];
const PURPOSES: [Option<PurposeCode>; 3] = [
    None,
    Some(PurposeCode::Examination),
    Some(PurposeCode::FollowUp),
];

/// Everything on the asker's side.
#[derive(Clone, Debug)]
pub(crate) struct Asks {
    pub(crate) cap: Level,
    pub(crate) state: bool,
    pub(crate) accredited: bool,
    pub(crate) channel: Option<(Covers, Time, Level)>,
    pub(crate) purpose: Option<PurposeCode>,
    pub(crate) grant: Given,
    pub(crate) consent: Word,
    pub(crate) limit: Limit,
}

/// Everything on the record's side.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) owner: bool,
    pub(crate) owned: bool,
    pub(crate) named: Option<bool>,
    pub(crate) erased: bool,
    /// One State, none, or one that nobody knows.
    pub(crate) states: u8,
    pub(crate) existence: Option<Level>,
    pub(crate) embargo: Option<bool>,
    /// None, a level, or something unknown.
    pub(crate) raised: Option<Option<Level>>,
}

pub(crate) struct Bearer {
    claims: Vec<Arc<VerifiedClaims>>,
}

impl Bearer {
    /// Tokens of every cap.
    pub(crate) fn new() -> Self {
        let authority = TokenAuthority::new("hub", "hub", &KeyFile::fresh().unwrap()).unwrap();
        let now = Moment::from_seconds(NOW);
        let claims = Level::ALL.map(|cap| {
            let scope = format!("read:person@{cap}").parse().unwrap();
            let request = TokenRequest::new(&holder(false, true), &client(), scope, 60).unwrap();
            let token = authority.issue(&request, now).unwrap().token;
            authority.verify(&token, now).unwrap()
        });
        Self {
            claims: claims.to_vec(),
        }
    }
}

fn holder(state: bool, accredited: bool) -> Holder {
    Holder {
        subject: "own.officer".to_owned(),
        mechanism_code: "own".to_owned(),
        mechanism_id: OWN.0,
        clearance: Level::Victim,
        roles: BTreeSet::new(),
        kind: HolderKind::Officer,
        epoch: 0,
        mechanism_epoch: 0,
        suspended: false,
        accredited,
        state_holder: state,
    }
}

fn client() -> Client {
    Client {
        id: "desk".to_owned(),
        cap: Level::Victim,
        epoch: 0,
        proof: None,
    }
}

impl Asks {
    /// How many askers there are.
    pub(crate) fn all() -> usize {
        let channels = 1 + COVERS.len() * TIMES.len() * 5;
        5 * 4 * channels * PURPOSES.len() * GIVEN.len() * WORDS.len() * LIMITS.len()
    }

    /// The asker at a place.
    pub(crate) fn at(mut place: usize) -> Self {
        let mut digit = |radix: usize| {
            let digit = place % radix;
            place /= radix;
            digit
        };
        let cap = Level::ALL[digit(5)];
        let (state, accredited) = (digit(2) == 1, digit(2) == 1);
        let purpose = PURPOSES[digit(3)];
        let grant = GIVEN[digit(6)];
        let consent = WORDS[digit(6)];
        let limit = LIMITS[digit(7)];
        let channel = match digit(1 + COVERS.len() * TIMES.len() * 5) {
            0 => None,
            other => {
                let other = other - 1;
                let (covers, rest) = (COVERS[other % 8], other / 8);
                Some((covers, TIMES[rest % 4], Level::ALL[rest / 4]))
            }
        };
        Self {
            cap,
            state,
            accredited,
            channel,
            purpose,
            grant,
            consent,
            limit,
        }
    }

    pub(crate) fn viewer(&self, bearer: &Bearer) -> Viewer {
        self.viewer_with(bearer, self.channel.map(clause).into_iter().collect())
    }

    /// The same asker with other channels.
    pub(crate) fn viewer_with(&self, bearer: &Bearer, channels: Vec<Channel>) -> Viewer {
        let now = Moment::from_seconds(NOW);
        let claims = Arc::clone(&bearer.claims[usize::try_from(self.cap.rank()).unwrap()]);
        let standing = standing(&claims, &holder(self.state, self.accredited), &client()).unwrap();
        let purpose = self.purpose.map(|code| {
            Purpose::parse(&json!({ "code": code.code(), "reason": "a test" })).unwrap()
        });
        Viewer::bearing(
            (standing, claims),
            self.limits(),
            channels,
            self.grants(),
            purpose,
            now,
            Watch::default(),
        )
    }

    fn limits(&self) -> Narrowing {
        let mut limits = Narrowing::default();
        match self.limit {
            Limit::None => {}
            Limit::StateIn => limits.countries = Some([state("SEN")].into()),
            Limit::StateOut => limits.countries = Some([state("FRA")].into()),
            Limit::TopicIn => limits.topics = Some(["fair_trial".into()].into()),
            Limit::TopicOut => limits.topics = Some(["migration".into()].into()),
            Limit::OwnerIn => limits.owners = Some([OWNER].into()),
            Limit::OwnerOut => limits.owners = Some([OTHER].into()),
        }
        limits
    }

    fn grants(&self) -> Vec<Grant> {
        if self.grant == Given::No {
            return Vec::new();
        }
        let at = |seconds| Moment::from_seconds(NOW + seconds);
        let word = |fields, basis, recipient, until| Consent {
            recipient,
            purpose: PurposeCode::Examination,
            fields,
            basis,
            from: at(-10),
            until: at(until),
        };
        let both = FieldSet::NONE.with(NAME).with(CONTACT);
        let one = FieldSet::NONE.with(NAME);
        let mechanism = if self.grant == Given::ToAnotherMechanism {
            OTHER
        } else {
            OWN
        };
        let consents = match self.consent {
            Word::None => Vec::new(),
            Word::Given => vec![word(both, ConsentBasis::Given, OWN, 10)],
            Word::ForOneField => vec![word(one, ConsentBasis::GivenByRepresentative, OWN, 10)],
            Word::Refused => vec![word(both, ConsentBasis::Refused, OWN, 10)],
            Word::Expired => vec![word(both, ConsentBasis::Given, OWN, 0)],
            Word::ToAnother => vec![word(both, ConsentBasis::Given, OTHER, 10)],
        };
        vec![Grant {
            person: if self.grant == Given::ForAnotherPerson {
                ANOTHER
            } else {
                RECORD
            },
            mechanism,
            fields: both,
            purposes: vec![PurposeCode::Examination],
            from: at(if self.grant == Given::NotYet { 1 } else { 0 }),
            until: at(if self.grant == Given::Expired { 0 } else { 1 }),
            consents,
        }]
    }
}

fn state(code: &str) -> CountryCode {
    CountryCode::parse(code).unwrap()
}

/// The clause as a channel.
pub(crate) fn clause((covers, time, cap): (Covers, Time, Level)) -> Channel {
    let at = |seconds| Moment::from_seconds(NOW + seconds);
    let countries = match covers {
        Covers::All => Named::All,
        Covers::OtherState => Named::Only([state("FRA")].into()),
        Covers::NoState => Named::Only(BTreeSet::new()),
        _ => Named::Only([state("SEN"), state("KEN")].into()),
    };
    let topics = match covers {
        Covers::All => Named::All,
        Covers::OtherTopic => Named::Only(["migration".into()].into()),
        _ => Named::Only(["fair_trial".into()].into()),
    };
    Channel {
        agreement: ANOTHER,
        from: if covers == Covers::OtherOwner {
            OTHER
        } else {
            OWNER
        },
        to: if covers == Covers::OtherRecipient {
            OTHER
        } else {
            OWN
        },
        kinds: if covers == Covers::OtherKind {
            [Kind::Document].into()
        } else {
            [Kind::Person].into()
        },
        countries,
        topics,
        cap,
        in_force: time != Time::Ended,
        from_moment: at(if time == Time::NotYet { 1 } else { 0 }),
        until_moment: at(if time == Time::Over { 0 } else { 1 }),
    }
}

impl Told {
    /// Every record, with what the core is given of it.
    pub(crate) fn all() -> Vec<(Self, Facts, Label)> {
        let existence: Vec<_> = Level::ALL[..4]
            .iter()
            .map(|level| Some(*level))
            .chain([None])
            .collect();
        let raised: Vec<Option<Option<Level>>> = [None, Some(None)]
            .into_iter()
            .chain(Level::ALL.map(|level| Some(Some(level))))
            .collect();
        let mut all = Vec::new();
        for bits in 0..8_u8 {
            for named in [None, Some(true), Some(false)] {
                for states in 0..3 {
                    for existence in &existence {
                        for embargo in [None, Some(true), Some(false)] {
                            for raised in &raised {
                                let told = Self {
                                    owner: bits & 1 != 0,
                                    owned: bits & 2 != 0,
                                    named,
                                    erased: bits & 4 != 0,
                                    states,
                                    existence: *existence,
                                    embargo,
                                    raised: *raised,
                                };
                                let (facts, label) = (told.facts(), told.label());
                                all.push((told, facts, label));
                            }
                        }
                    }
                }
            }
        }
        all
    }

    pub(crate) fn facts(&self) -> Facts {
        let owners = [(self.owner, OWN), (self.owned, OWNER)];
        let until = |live| Moment::from_seconds(if live { NOW + 1 } else { NOW });
        Facts {
            kind: Kind::Person,
            id: RECORD,
            owners: owners
                .into_iter()
                .filter(|(is, _)| *is)
                .map(|(_, owner)| owner)
                .collect(),
            named: self
                .named
                .map(|live| Naming {
                    mechanism: OWN,
                    until: until(live),
                })
                .into_iter()
                .collect(),
            countries: match self.states {
                0 => Some(vec![state("SEN")]),
                1 => Some(Vec::new()),
                _ => None,
            },
            topics: vec!["fair_trial".into()],
            erased: self.erased,
        }
    }

    pub(crate) fn label(&self) -> Label {
        let raised = self.raised.map(|level| match level {
            Some(level) => format!(";raised={};", level.rank()),
            None => ";raised=17;".to_owned(),
        });
        Label {
            existence: self.existence,
            public_from: self
                .embargo
                .map(|over| Moment::from_seconds(if over { NOW } else { NOW + 1 })),
            overrides: Overrides::stored(raised),
        }
    }
}

/// What the page says: the level reached and the fields told, or nothing at all.
fn read(asks: &Asks, told: &Told) -> Option<(i64, Vec<bool>)> {
    // The token's cap; a State's is at most `CHANNEL`.
    let cap = if asks.state {
        asks.cap.min(Level::Channel)
    } else {
        asks.cap
    };
    let within = match asks.limit {
        Limit::None | Limit::TopicIn => true,
        Limit::StateIn => told.states == 0,
        Limit::OwnerIn => told.owned,
        Limit::StateOut | Limit::TopicOut | Limit::OwnerOut => false,
    };
    let channel = |least: Level| {
        asks.channel.is_some_and(|(covers, time, most)| {
            let covered = match covers {
                // `ALL` covers a record without a State, but not an unknown one.
                Covers::All => told.states != 2,
                Covers::Named => told.states == 0,
                _ => false,
            };
            covered && told.owned && time == Time::Now && most >= least
        })
    };
    let owner = told.owner && !asks.state;
    let named = told.named == Some(true) && channel(Level::Secretariat);
    let granted = asks.grant == Given::Yes
        && asks.purpose == Some(PurposeCode::Examination)
        && cap == Level::Victim
        && !told.erased
        && within;
    let consent = |field: FieldIndex| match asks.consent {
        Word::Given => true,
        Word::ForOneField => field == NAME,
        _ => false,
    };
    let opens =
        |field: FieldIndex| granted && (owner || (channel(Level::Victim) && consent(field)));
    let reach = if !within {
        Level::Public
    } else if opens(NAME) || opens(CONTACT) || owner || named {
        Level::Secretariat
    } else if channel(Level::Channel) {
        Level::Channel
    } else if asks.accredited && !asks.state {
        Level::Partner
    } else {
        Level::Public
    };
    let reach = reach.min(cap);

    let existence = told.existence?;
    let existence = if told.embargo == Some(false) {
        existence.max(Level::Secretariat)
    } else {
        existence
    };
    if reach < existence {
        return None;
    }
    let fields = RULES.iter().enumerate().map(|(at, rule)| {
        let level = match told.raised {
            Some(raised) if at == RAISED => raised,
            _ => Some(rule.level),
        };
        match level.map(|level| level.max(rule.floor).max(existence)) {
            None => false,
            Some(Level::Victim) => {
                let field = FieldIndex(u8::try_from(at).unwrap());
                (field == NAME || field == CONTACT) && opens(field)
            }
            Some(level) => reach >= level,
        }
    });
    Some((reach.rank(), fields.collect()))
}

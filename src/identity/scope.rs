//! The scope of a token: what it may do, up to which level, and where.
//!
//! ```text
//! scope   = item *( SP item )
//! item    = action ":" kind "@" LEVEL / right / limit
//! action  = "read" / "write" / "label"
//! right   = "match:query" / "match:answer" / "declassify:request"
//!         / "declassify:approve" / "consent:write" / "audit:read"
//!         / "stats:release" / "token:issue"
//! limit   = "ch:" uuid / "st:" ISO3 *("," ISO3) / "tp:" topic *("," topic)
//!         / "own:" mechanism
//! ```
//!
//! A scope is parsed whole or refused. Items are matched whole, never by a part.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use thiserror::Error;
use uuid::Uuid;

use super::kind::{Action, Kind, Right};
use crate::confidentiality::level::Level;

const MAX_BYTES: usize = 4096;
const MAX_ITEMS: usize = 128;
const MAX_WORD: usize = 64;

/// Why a scope is refused: the place of the item, and its fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("item {position} of the scope {fault}")]
pub struct ScopeError {
    /// Place of the first faulty item; the first item is 1.
    pub position: usize,
    /// What is wrong with it.
    pub fault: ScopeFault,
}

/// What is wrong with an item of a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ScopeFault {
    /// The scope has more characters or items than are read.
    #[error("lies beyond the longest scope that is read")]
    TooLong,
    /// The item does not follow the grammar.
    #[error("does not follow the grammar of scopes")]
    Malformed,
    /// No such action, right or limit.
    #[error("names an action that does not exist")]
    UnknownAction,
    /// No such kind of record.
    #[error("names a kind that does not exist")]
    UnknownKind,
    /// No such level.
    #[error("names a level that does not exist")]
    UnknownLevel,
    /// The same action on the same kind, or the same right, was given before.
    #[error("repeats an earlier item")]
    Repeated,
}

/// The highest level of an action, kind by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Levels([Option<Level>; Kind::ALL.len()]);

impl Levels {
    fn get(&self, kind: Kind) -> Option<Level> {
        self.0.get(kind.index()).copied().flatten()
    }

    fn highest(&self) -> Option<Level> {
        self.0.iter().copied().max().flatten()
    }

    fn narrow(&self, other: &Self) -> Self {
        Self(Kind::ALL.map(|kind| self.get(kind).min(other.get(kind))))
    }

    fn take(&mut self, text: &str) -> Result<(), ScopeFault> {
        let (kind, level) = text.split_once('@').ok_or(ScopeFault::Malformed)?;
        let kind = Kind::from_code(kind).ok_or(ScopeFault::UnknownKind)?;
        let level = Level::from_code(level).ok_or(ScopeFault::UnknownLevel)?;
        let place = self
            .0
            .get_mut(kind.index())
            .ok_or(ScopeFault::UnknownKind)?;
        match place.replace(level) {
            None => Ok(()),
            Some(_) => Err(ScopeFault::Repeated),
        }
    }
}

/// The members to which a scope is limited; `None` is no limit.
pub type Limit<T> = Option<BTreeSet<T>>;

/// Where a scope holds; limits of different types apply together.
///
/// A limit is never empty. A record lies within when all its States, all its
/// topics and one of its owners do; one that has none of a kind lies outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Agreements through which records may be reached (`ch:`).
    pub channels: Limit<Uuid>,
    /// States, by ISO alpha-3 code (`st:`).
    pub countries: Limit<String>,
    /// Topics, by theme code (`tp:`).
    pub topics: Limit<String>,
    /// Mechanisms that own the records, by code (`own:`).
    pub owners: Limit<String>,
}

impl Limits {
    /// The limits that admit what both admit; `None` where that is nothing.
    fn narrow(&self, other: &Self) -> Option<Self> {
        Some(Self {
            channels: common(&self.channels, &other.channels)?,
            countries: common(&self.countries, &other.countries)?,
            topics: common(&self.topics, &other.topics)?,
            owners: common(&self.owners, &other.owners)?,
        })
    }
}

/// What a token may do: actions by kind and level, rights, and limits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes {
    read: Levels,
    write: Levels,
    label: Levels,
    rights: BTreeSet<Right>,
    limits: Limits,
}

impl Scopes {
    /// The scope that opens nothing above `PUBLIC`.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// Each action on every kind up to a level, with these rights and no limits.
    pub fn up_to(
        level: impl Fn(Action) -> Option<Level>,
        rights: impl IntoIterator<Item = Right>,
    ) -> Self {
        let on_every_kind = |action| Levels(Kind::ALL.map(|_| level(action)));
        Self {
            read: on_every_kind(Action::Read),
            write: on_every_kind(Action::Write),
            label: on_every_kind(Action::Label),
            rights: rights.into_iter().collect(),
            limits: Limits::default(),
        }
    }

    /// Up to which level an action may be done on a kind; `None` is not at all.
    pub fn level(&self, action: Action, kind: Kind) -> Option<Level> {
        self.levels(action).get(kind)
    }

    /// Whether a right is held.
    pub fn holds(&self, right: Right) -> bool {
        self.rights.contains(&right)
    }

    /// Where the scope holds.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The highest level that may be read of any kind.
    pub fn ceiling(&self) -> Level {
        self.read.highest().unwrap_or(Level::Public)
    }

    /// The level of the gravest thing that may be done.
    ///
    /// Each right is as grave as what secretariats keep to themselves. How long
    /// a token may live depends on it.
    pub fn gravest(&self) -> Level {
        let by_right = (!self.rights.is_empty()).then_some(Level::Secretariat);
        let by_action = Action::ALL.map(|action| self.levels(action).highest());
        by_action
            .into_iter()
            .max()
            .flatten()
            .max(by_right)
            .unwrap_or(Level::Public)
    }

    /// What both scopes allow: never more than either.
    pub fn narrow(&self, other: &Self) -> Self {
        let both = self.limits.narrow(&other.limits).map(|limits| Self {
            read: self.read.narrow(&other.read),
            write: self.write.narrow(&other.write),
            label: self.label.narrow(&other.label),
            rights: self.rights.intersection(&other.rights).copied().collect(),
            limits,
        });
        both.filter(Self::opens_something).unwrap_or_default()
    }

    /// Whether this scope allows nothing that the other does not.
    pub fn is_within(&self, other: &Self) -> bool {
        self.excess(other).is_none()
    }

    /// The first item that goes beyond the other scope, as it is written.
    pub fn excess(&self, other: &Self) -> Option<String> {
        let pairs = Action::ALL
            .into_iter()
            .flat_map(|a| Kind::ALL.map(|k| (a, k)));
        let by_level = pairs.clone().find_map(|(action, kind)| {
            let level = self.level(action, kind)?;
            (Some(level) > other.level(action, kind)).then(|| item(action, kind, level))
        });
        let by_right = || {
            self.rights
                .difference(&other.rights)
                .next()
                .map(Right::to_string)
        };
        let (mine, theirs) = (&self.limits, &other.limits);
        let by_limit = || {
            [
                ("ch:", lies_within(&mine.channels, &theirs.channels)),
                ("st:", lies_within(&mine.countries, &theirs.countries)),
                ("tp:", lies_within(&mine.topics, &theirs.topics)),
                ("own:", lies_within(&mine.owners, &theirs.owners)),
            ]
            .into_iter()
            .find_map(|(name, within)| (!within).then(|| name.to_owned()))
        };
        let by_limit = || self.opens_something().then(by_limit).flatten();
        by_level.or_else(by_right).or_else(by_limit)
    }

    /// Whether it has more than limits.
    fn opens_something(&self) -> bool {
        let by_action = |action| self.levels(action).highest().is_some();
        !self.rights.is_empty() || Action::ALL.into_iter().any(by_action)
    }

    fn levels(&self, action: Action) -> &Levels {
        match action {
            Action::Read => &self.read,
            Action::Write => &self.write,
            Action::Label => &self.label,
        }
    }

    fn take(&mut self, item: &str) -> Result<(), ScopeFault> {
        let (head, tail) = item.split_once(':').ok_or(ScopeFault::Malformed)?;
        let limits = &mut self.limits;
        match head {
            "read" => self.read.take(tail),
            "write" => self.write.take(tail),
            "label" => self.label.take(tail),
            "ch" => add(&mut limits.channels, [tail], uuid),
            "st" => add(&mut limits.countries, tail.split(','), country),
            "tp" => add(&mut limits.topics, tail.split(','), topic),
            "own" => add(&mut limits.owners, [tail], mechanism),
            _ => {
                let right = Right::from_code(item).ok_or(ScopeFault::UnknownAction)?;
                self.rights
                    .insert(right)
                    .then_some(())
                    .ok_or(ScopeFault::Repeated)
            }
        }
    }
}

impl FromStr for Scopes {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        let mut scopes = Self::nothing();
        for (place, item) in text.split(' ').enumerate() {
            let position = place.saturating_add(1);
            let taken = if text.len() > MAX_BYTES || position > MAX_ITEMS {
                Err(ScopeFault::TooLong)
            } else {
                scopes.take(item)
            };
            taken.map_err(|fault| ScopeError { position, fault })?;
        }
        Ok(scopes)
    }
}

impl fmt::Display for Scopes {
    /// Writes the canonical text, which parses back to the same scope.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut items = Vec::new();
        for action in Action::ALL {
            for kind in Kind::ALL {
                items.extend(
                    self.level(action, kind)
                        .map(|level| item(action, kind, level)),
                );
            }
        }
        items.extend(self.rights.iter().map(|right| right.to_string()));
        items.extend(
            self.limits
                .channels
                .iter()
                .flatten()
                .map(|id| format!("ch:{id}")),
        );
        items.extend(
            self.limits
                .countries
                .as_ref()
                .map(|codes| list("st:", codes)),
        );
        items.extend(self.limits.topics.as_ref().map(|codes| list("tp:", codes)));
        items.extend(
            self.limits
                .owners
                .iter()
                .flatten()
                .map(|code| format!("own:{code}")),
        );
        f.write_str(&items.join(" "))
    }
}

fn item(action: Action, kind: Kind, level: Level) -> String {
    format!("{}:{kind}@{level}", action)
}

fn list(head: &str, codes: &BTreeSet<String>) -> String {
    head.to_owned() + &codes.iter().cloned().collect::<Vec<_>>().join(",")
}

fn add<'a, T: Ord>(
    limit: &mut Limit<T>,
    members: impl IntoIterator<Item = &'a str>,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<(), ScopeFault> {
    for member in members {
        let member = parse(member).ok_or(ScopeFault::Malformed)?;
        limit.get_or_insert_default().insert(member);
    }
    Ok(())
}

/// The members of both limits; `None` where the two have none in common.
fn common<T: Ord + Clone>(one: &Limit<T>, other: &Limit<T>) -> Option<Limit<T>> {
    match (one, other) {
        (None, limit) | (limit, None) => Some(limit.clone()),
        (Some(one), Some(other)) => {
            let both: BTreeSet<T> = one.intersection(other).cloned().collect();
            (!both.is_empty()).then_some(Some(both))
        }
    }
}

fn lies_within<T: Ord>(one: &Limit<T>, other: &Limit<T>) -> bool {
    match (one, other) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(one), Some(other)) => one.is_subset(other),
    }
}

/// An identifier in the one form in which it is issued: lower case, with hyphens.
fn uuid(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text)
        .ok()
        .filter(|id| id.to_string() == text)
}

fn country(text: &str) -> Option<String> {
    let is_code = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    is_code.then(|| text.to_owned())
}

fn topic(text: &str) -> Option<String> {
    words(text, '_').then(|| text.to_owned())
}

/// Accepts the code of a mechanism, such as `cat` or `un-sr-foe`.
pub(super) fn mechanism(text: &str) -> Option<String> {
    words(text, '-').then(|| text.to_owned())
}

fn words(text: &str, joint: char) -> bool {
    let is_word = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    text.len() <= MAX_WORD && text.split(joint).all(is_word)
}

#[cfg(test)]
mod tests {
    use proptest::collection::{btree_map, btree_set};
    use proptest::option;
    use proptest::prelude::*;
    use proptest::sample::{select, subsequence};

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
}

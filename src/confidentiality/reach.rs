//! What a viewer reaches on a record: pure and total, each arm with its source.
//!
//! No clock, no database, no `async`, no default arm: the same viewer and the same
//! facts always give the same answer.

use super::{
    facts::{CountryCode, Facts},
    field::{FieldIndex, FieldRule, FieldSet},
    label::Label,
    level::Level,
    verdict::Ground,
};
use crate::{
    id::MechanismId,
    identity::{
        kind::Kind,
        viewer::{Narrowing, Viewer},
    },
};

/// The highest level that a viewer reaches on one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Up to `SECRETARIAT`; `VICTIM` is reached field by field, in `file`.
    pub level: Level,
    /// Fields of a person's file that a live grant opens.
    pub file: FieldSet,
    /// The condition that held.
    pub ground: Ground,
}

impl Reach {
    const PUBLIC: Self = Self {
        level: Level::Public,
        file: FieldSet::NONE,
        ground: Ground::Anyone,
    };
}

/// What `viewer` reaches on the record that `facts` describe.
///
/// The first condition that holds, from the top, capped by what holder, token and
/// client leave for this kind. Nothing here can show less than `PUBLIC`.
pub fn reach(viewer: &Viewer, facts: &Facts) -> Reach {
    let cap = viewer.cap(facts.kind);
    let within = planted!(TokenLimitsIgnored) || within_limits(viewer, facts);
    if cap == Level::Public || !within {
        return Reach::PUBLIC;
    }

    // Sources: the order of the conditions is that of the table in the model's section 4.
    let own = !viewer.is_state()
        && viewer
            .mechanism()
            .is_some_and(|mechanism| facts.owners.contains(&mechanism));
    let file = if cap == Level::Victim {
        open_file(viewer, facts, own)
    } else {
        FieldSet::NONE
    };
    let (level, ground) = if !file.is_empty() {
        // Who may open a file may know that it is there.
        (Level::Secretariat, Ground::Grant)
    } else if own {
        (Level::Secretariat, Ground::Owner)
    } else if is_named(viewer, facts) {
        (Level::Secretariat, Ground::Named)
    } else if has_channel(viewer, facts, Level::Channel) {
        (Level::Channel, Ground::Channel)
    } else if viewer.is_partner() {
        (Level::Partner, Ground::Partner)
    } else {
        (Level::Public, Ground::Anyone)
    };
    Reach {
        level: if planted!(TokenCapIgnored) {
            level
        } else {
            level.min(cap)
        },
        file,
        ground,
    }
}

/// Whether the record lies within the token's limits of owner, State and topic.
///
/// A limit narrows what lies above `PUBLIC` only; a record that has no State lies
/// outside a limit to some States.
pub fn within_limits(viewer: &Viewer, facts: &Facts) -> bool {
    let countries = facts.countries.as_deref();
    viewer
        .limits()
        .is_none_or(|limits| admits(limits, &facts.owners, countries, &facts.topics))
}

/// Whether limits admit what these own and what concerns these States and topics; States
/// that are not understood are outside.
pub fn admits<T: AsRef<str>>(
    limits: &Narrowing,
    owners: &[MechanismId],
    countries: Option<&[CountryCode]>,
    topics: &[T],
) -> bool {
    let states = limits.countries.as_ref().is_none_or(|allowed| {
        countries.is_some_and(|all| !all.is_empty() && all.iter().all(|one| allowed.contains(one)))
    });
    let themes = limits.topics.as_ref().is_none_or(|allowed| {
        !topics.is_empty() && topics.iter().all(|one| allowed.contains(one.as_ref()))
    });
    let own = limits.owners.as_ref();
    let own = own.is_none_or(|allowed| owners.iter().any(|owner| allowed.contains(owner)));
    states && themes && own
}

/// Fields of this person's file that a live grant opens to the viewer.
///
/// An officer of the owner needs the grant and the purpose; an officer of another
/// mechanism also the person's consent and a channel whose cap is `VICTIM`.
fn open_file(viewer: &Viewer, facts: &Facts, own: bool) -> FieldSet {
    let (Some(mechanism), Some(purpose)) = (viewer.mechanism(), viewer.purpose()) else {
        return FieldSet::NONE;
    };
    if facts.kind != Kind::Person
        || (facts.erased && !planted!(SealedDespiteErasure))
        || viewer.is_state()
    {
        return FieldSet::NONE;
    }
    viewer
        .grants()
        .filter(|grant| grant.person == facts.id && grant.mechanism == mechanism)
        .map(|grant| {
            let granted = grant.fields_for(purpose.code, viewer.now());
            if own {
                granted
            } else if has_channel(viewer, facts, Level::Victim) {
                if planted!(SealedWithoutConsent) {
                    granted
                } else {
                    granted.both(grant.consented(purpose.code, viewer.now()))
                }
            } else {
                FieldSet::NONE
            }
        })
        .fold(FieldSet::NONE, FieldSet::either)
}

/// Whether the owner has named the viewer's mechanism, and a channel backs it.
fn is_named(viewer: &Viewer, facts: &Facts) -> bool {
    facts
        .named
        .iter()
        .any(|naming| Some(naming.mechanism) == viewer.mechanism() && viewer.now() < naming.until)
        && viewer.is_still_named(facts.id)
        && (planted!(NamedWithoutChannel) || has_channel(viewer, facts, Level::Secretariat))
}

/// Whether an active channel to the viewer covers the record, with at least this cap.
fn has_channel(viewer: &Viewer, facts: &Facts, cap: Level) -> bool {
    viewer.channels().any(|channel| {
        Some(channel.to) == viewer.mechanism()
            && channel.cap >= cap
            && channel.is_active(viewer.now())
            && channel.covers(facts)
    })
}

/// What one viewer may be told of one record: the decision for all of its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sight {
    /// What was reached.
    pub reach: Reach,
    /// Fields that are told.
    pub fields: FieldSet,
}

impl Sight {
    /// Nothing is told.
    pub const NOTHING: Self = Self {
        reach: Reach::PUBLIC,
        fields: FieldSet::NONE,
    };
}

/// Decides for a whole record; `None` where even its existence is not told.
pub fn sight(viewer: &Viewer, facts: &Facts, label: &Label, rules: &[FieldRule]) -> Option<Sight> {
    if viewer.waits_for(&facts.owners) {
        return None;
    }
    let reach = reach(viewer, facts);
    let existence = label.existence(viewer.now())?;
    let unscoped = [
        planted!(LookUpWithoutScope),
        planted!(ListUnderWithoutScope),
    ]
    .contains(&true);
    if reach.level < existence && !unscoped {
        return None;
    }
    let mut fields = FieldSet::NONE;
    for (index, rule) in (0u8..).zip(rules) {
        let field = FieldIndex(index);
        let told = match label.level(rule) {
            Some(Level::Victim) => reach.file.has(field),
            Some(level) => level <= reach.level,
            None => planted!(UnknownOverrideOpens),
        };
        if told {
            fields = fields.with(field);
        }
    }
    Some(Sight { reach, fields })
}

//! What is told of questions, signals and overlaps.
//!
//! A question is its asker's own record and a signal its owner's, both at `SECRETARIAT`: told
//! to who reads the own docket whole, by a token with the right. Tokens are told to nobody.

use async_graphql::{Context, ID, Result, SimpleObject};

use super::overlap::{SameMatterElements, SameMatterOverlap, confirmed};
use crate::{
    clock::Moment,
    communication::{Communication, Person},
    date::PartialDate,
    graphql::{
        context::{Asking, failed},
        object::Told,
    },
    id::{GlobalId, MechanismId, RecordId},
    identity::kind::Kind,
    mechanism::Mechanism,
    same_matter::{ElsewhereStage, KeyKind},
    store::{
        batch::ById,
        matter::{Blind, Check, OwnMatter, Side, Signal},
    },
    vocabulary::{MechanismKind, OwnersAnswer, SameMatterStatus, SignalStatus},
};

/// A question of your mechanism whether another holds the same matter.
#[derive(SimpleObject)]
pub struct SameMatterCheck {
    /// Its id.
    pub(super) id: ID,
    /// The communication that it is about.
    communication: Option<ID>,
    /// The matter without names that it is about.
    blind_matter: Option<ID>,
    /// The version of the matter: another is one of other persons, States or dates.
    version: i64,
    /// How many persons were compared.
    persons: usize,
    /// The officer who has asked.
    asked_by: String,
    /// When.
    asked_at: Told<Moment>,
    /// When it is answered: the same for every question of that day, whatever is found.
    due: Told<Moment>,
    /// Where it stands: open until it is due.
    status: Told<SameMatterStatus>,
    /// Overlaps that other mechanisms have confirmed; none before it is due.
    overlaps: Vec<SameMatterOverlap>,
}

/// That a question of another mechanism may be about a matter of yours. Who asks, and about
/// what, you are told only where you confirm an overlap.
#[derive(SimpleObject)]
pub struct SameMatterSignal {
    /// Its id, for who answers it.
    pub(super) id: ID,
    /// The communication of yours.
    communication: Option<ID>,
    /// The matter without names of yours.
    blind_matter: Option<ID>,
    /// The person in it.
    person: Option<ID>,
    /// ISO alpha-3 codes of the States that both are against.
    countries: Vec<String>,
    /// The four elements, as the hub has computed them.
    elements: SameMatterElements,
    /// The kinds of keys that have met.
    keys: Vec<Told<KeyKind>>,
    /// The version of the weights.
    weights: u32,
    /// When.
    raised_at: Told<Moment>,
    /// Until when an answer is awaited.
    due: Told<Moment>,
    /// Where it stands.
    status: Told<SignalStatus>,
    /// What was answered.
    answer: Option<Told<OwnersAnswer>>,
    /// Code of the mechanism that has asked, once an overlap is confirmed.
    asked_by: Option<String>,
}

/// A matter of yours whose names are not on the hub.
#[derive(SimpleObject)]
pub struct BlindMatter {
    /// Its id.
    pub(super) id: ID,
    /// Your own word for it.
    handle: String,
    /// ISO alpha-3 codes of the States.
    countries: Vec<String>,
    /// In which month it was registered.
    registered_in: Option<String>,
    /// When it came to the hub.
    registered_at: Told<Moment>,
}

/// One of two matters that are looked at side by side.
#[derive(SimpleObject)]
pub struct MatterSide {
    /// Code of the mechanism.
    mechanism: Option<String>,
    /// The communication.
    communication: ID,
    /// The person: what identifies them opens by a grant, and consent, as ever.
    person: Option<ID>,
    /// How the matter stands.
    stage: Told<ElsewhereStage>,
    /// In which month it was registered.
    registered_in: Option<String>,
    /// When what it is about happened.
    happened_on: Option<String>,
    /// ISO alpha-3 codes of the States.
    countries: Vec<String>,
    /// Codes of the themes.
    issues: Vec<String>,
    /// Articles invoked.
    articles: Vec<String>,
}

fn global(kind: Kind, id: RecordId) -> ID {
    ID(GlobalId { kind, id }.to_string())
}

pub(super) fn plain(id: RecordId) -> ID {
    ID(id.0.to_string())
}

fn matter(matter: OwnMatter) -> (Option<ID>, Option<ID>) {
    match matter {
        OwnMatter::Communication(id) => (Some(global(Kind::Communication, id)), None),
        OwnMatter::Blind(id) => (None, Some(plain(id))),
    }
}

/// The code and kind of a mechanism, as the viewer is told them.
pub(super) async fn named(
    ctx: &Context<'_>,
    id: MechanismId,
) -> Result<(Option<String>, Option<MechanismKind>)> {
    let asked = ctx.asked()?;
    let found = asked.loader.load_one(ById::<Mechanism>::new(id.into()));
    let Some(mechanism) = found.await.map_err(failed)? else {
        return Ok((None, None));
    };
    let code = mechanism.open(|row| &row.code).visible().flatten().cloned();
    let kind = mechanism.open(|row| &row.kind).visible().flatten().copied();
    Ok((code, kind))
}

/// The questions of the viewer's mechanism.
///
/// # Errors
/// Fails where the database does.
pub async fn same_matter_checks(ctx: &Context<'_>) -> Result<Vec<SameMatterCheck>> {
    let asked = ctx.asked()?;
    let found = asked.reader.same_matter_checks().await.map_err(failed)?;
    asked.count(found.len())?;
    let own = asked.reader.viewer().standing();
    let own = own.map(|own| own.mechanism_code().to_owned());
    let own = own.unwrap_or_default();
    let mut told = Vec::with_capacity(found.len());
    for check in found {
        told.push(one(ctx, &own, check).await?);
    }
    Ok(told)
}

async fn one(ctx: &Context<'_>, own: &str, check: Check) -> Result<SameMatterCheck> {
    let (communication, blind_matter) = matter(check.matter);
    let registered = check.snapshot.registered.as_deref();
    let on = registered.and_then(PartialDate::parse);
    let on = on.unwrap_or_else(|| PartialDate::of_day(check.asked_at));
    let mut overlaps = Vec::with_capacity(check.overlaps.len());
    for overlap in check.overlaps {
        overlaps.push(confirmed(ctx, (own, &on), overlap).await?);
    }
    Ok(SameMatterCheck {
        id: plain(check.id),
        communication,
        blind_matter,
        version: check.version,
        persons: check.snapshot.elements.len(),
        asked_by: check.holder,
        asked_at: Told(check.asked_at),
        due: Told(check.due_at),
        status: Told(check.status),
        overlaps,
    })
}

/// The signals on matters of the viewer's mechanism.
///
/// # Errors
/// Fails where the database does.
pub async fn same_matter_signals(ctx: &Context<'_>) -> Result<Vec<SameMatterSignal>> {
    let asked = ctx.asked()?;
    let found = asked.reader.same_matter_signals().await.map_err(failed)?;
    asked.count(found.len())?;
    let of = found.iter().filter_map(|signal| match signal.matter {
        OwnMatter::Communication(id) => Some(id),
        OwnMatter::Blind(_) => None,
    });
    let of: Vec<_> = of.map(ById::<Communication>::new).collect();
    let communications = asked.loader.load_many(of).await.map_err(failed)?;
    let persons: Vec<_> = found.iter().filter_map(|signal| signal.person).collect();
    let persons = persons.into_iter().map(ById::<Person>::new);
    let persons = asked.loader.load_many(persons).await.map_err(failed)?;
    let mut told = Vec::with_capacity(found.len());
    for signal in found {
        // A communication or a person whom the viewer may not know of is told by no signal.
        let known = match signal.matter {
            OwnMatter::Communication(id) => communications.contains_key(&ById::new(id)),
            OwnMatter::Blind(_) => true,
        };
        if known {
            let person = signal.person;
            let person = person.filter(|id| persons.contains_key(&ById::new(*id)));
            told.push(signalled(ctx, Signal { person, ..signal }).await?);
        }
    }
    Ok(told)
}

async fn signalled(ctx: &Context<'_>, signal: Signal) -> Result<SameMatterSignal> {
    let (communication, blind_matter) = matter(signal.matter);
    let asked_by = match signal.asked_by {
        Some(id) => named(ctx, id).await?.0,
        None => None,
    };
    Ok(SameMatterSignal {
        id: plain(signal.id),
        communication,
        blind_matter,
        person: signal.person.map(|id| global(Kind::Person, id)),
        countries: signal.told.countries,
        elements: (&signal.told.elements).into(),
        keys: signal.told.kinds.into_iter().map(Told).collect(),
        weights: signal.told.weights,
        raised_at: Told(signal.raised_at),
        due: Told(signal.due_at),
        status: Told(signal.status),
        answer: signal.answer.map(Told),
        asked_by,
    })
}

/// The matters without names of the viewer's mechanism.
///
/// # Errors
/// Fails where the database does.
pub async fn blind_matters(ctx: &Context<'_>) -> Result<Vec<BlindMatter>> {
    let asked = ctx.asked()?;
    let found = asked.reader.blind_matters().await.map_err(failed)?;
    asked.count(found.len())?;
    let told = found.into_iter().map(|matter: Blind| BlindMatter {
        id: plain(matter.id),
        handle: matter.handle,
        countries: matter.countries,
        registered_in: matter.registered,
        registered_at: Told(matter.at),
    });
    Ok(told.collect())
}

/// The two sides of an overlap, the own first.
///
/// # Errors
/// Fails where the database does.
pub(super) async fn sides(ctx: &Context<'_>, id: RecordId) -> Result<Vec<MatterSide>> {
    let asked = ctx.asked()?;
    let found = asked.reader.sides(id).await.map_err(failed)?;
    let mut told = Vec::with_capacity(found.len());
    for side in found {
        told.push(beside(ctx, side).await?);
    }
    Ok(told)
}

async fn beside(ctx: &Context<'_>, side: Side) -> Result<MatterSide> {
    let (mechanism, _) = named(ctx, side.mechanism).await?;
    Ok(MatterSide {
        mechanism,
        communication: global(Kind::Communication, side.communication),
        person: side.person.map(|id| global(Kind::Person, id)),
        stage: Told(side.procedural.stage),
        registered_in: side.procedural.registered,
        happened_on: side.happened,
        countries: side.countries,
        issues: side.topics,
        articles: side.articles,
    })
}

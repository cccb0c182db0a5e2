//! What is told of questions, signals and overlaps.
//!
//! A question is its asker's own record and a signal its owner's, both at `SECRETARIAT`: told
//! to who reads the own docket whole, by a token with the right. Tokens are told to nobody.

use async_graphql::{ComplexObject, Context, ID, Result, SimpleObject};

use crate::{
    clock::Moment,
    communication::{Communication, Person},
    confidentiality::facts::CountryCode,
    date::PartialDate,
    graphql::{
        context::{Asking, failed},
        object::Told,
    },
    id::{GlobalId, MechanismId, RecordId},
    identity::kind::Kind,
    matter::note::{self, Subject},
    mechanism::Mechanism,
    same_matter::{
        AssessmentGround, Element, ElementReason, Elements, Elsewhere, ElsewhereStage, FoundBy,
        KeyKind, Outcome, Question, Rules, SameFacts, SameIndividual, SameRights, SameState,
        assess,
    },
    store::{
        batch::ById,
        matter::{Blind, Check, Confirmed, OwnMatter, Side, Signal},
    },
    vocabulary::{MechanismKind, OwnersAnswer, SameMatterStatus, SignalStatus, codes::Coded},
};

/// Writes the object of one element: its band, who says so, and why.
macro_rules! element {
    ($(#[doc = $doc:literal])* $Name:ident, $Band:ty) => {
        $(#[doc = $doc])*
        #[derive(SimpleObject)]
        pub struct $Name {
            /// The band.
            band: Told<$Band>,
            /// Who says so.
            found_by: Told<FoundBy>,
            /// Why.
            reasons: Vec<Told<ElementReason>>,
        }

        impl From<&Element<$Band>> for $Name {
            fn from(element: &Element<$Band>) -> Self {
                Self {
                    band: Told(element.band),
                    found_by: Told(element.found_by),
                    reasons: element.reasons.iter().copied().map(Told).collect(),
                }
            }
        }
    };
}

element! {
    /// Whether two matters are about the same individual.
    SameIndividualElement, SameIndividual
}
element! {
    /// Whether two matters are against the same State.
    SameStateElement, SameState
}
element! {
    /// Whether two matters are about the same facts.
    SameFactsElement, SameFacts
}
element! {
    /// Whether two matters invoke the same substantive rights.
    SameRightsElement, SameRights
}

/// The four elements of the same matter, each with its own band: never one answer.
#[derive(SimpleObject)]
pub struct SameMatterElements {
    /// The individual.
    individual: SameIndividualElement,
    /// The State.
    state: SameStateElement,
    /// The facts.
    facts: SameFactsElement,
    /// The substantive rights.
    rights: SameRightsElement,
}

impl From<&Elements> for SameMatterElements {
    fn from(elements: &Elements) -> Self {
        Self {
            individual: (&elements.individual).into(),
            state: (&elements.state).into(),
            facts: (&elements.facts).into(),
            rights: (&elements.rights).into(),
        }
    }
}

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

/// An overlap that another mechanism has confirmed: procedural facts, and nothing beyond.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct SameMatterOverlap {
    /// Its id, to look at it side by side.
    id: ID,
    /// Code of the mechanism.
    mechanism: Option<String>,
    /// How the matter stands there.
    stage: Told<ElsewhereStage>,
    /// In which month it was registered there.
    registered_in: Option<String>,
    /// ISO alpha-3 codes of the States that both are against.
    countries: Vec<String>,
    /// The four elements.
    elements: SameMatterElements,
    /// For the rules.
    #[graphql(skip)]
    rules: ForRules,
}

struct ForRules {
    own: String,
    on: PartialDate,
    kind: Option<MechanismKind>,
    stage: ElsewhereStage,
    elements: Elements,
}

/// What the rules of your body come to for an overlap. They decide nothing.
#[derive(SimpleObject)]
pub struct SameMatterAdmissibility {
    /// ISO alpha-3 code of the State.
    country: String,
    /// What the rules come to.
    outcome: Told<Outcome>,
    /// Why.
    grounds: Vec<Told<AssessmentGround>>,
    /// The rows that were used.
    rows: Vec<CitedRule>,
    /// A draft of a note for a jurist, which cites the rows.
    note: String,
}

/// A row of the table of rules that was used.
#[derive(SimpleObject)]
pub struct CitedRule {
    /// Its name.
    id: String,
    /// The provision.
    provision: String,
    /// Where it was read.
    source: String,
    /// Whether a jurist has checked it: a row that nobody has yields a legal assessment.
    verified: bool,
}

#[ComplexObject]
impl SameMatterOverlap {
    /// What the rules of your body come to, State by State. They decide nothing.
    async fn admissibility(
        &self,
        #[graphql(desc = "Whether the other procedure is of the same nature, where you know.")]
        same_nature: Option<bool>,
        #[graphql(desc = "Whether there is relevant new information, where you know.")]
        new_information: Option<bool>,
    ) -> Vec<SameMatterAdmissibility> {
        // Delivered with the hub: a test shows that they are well.
        let (Ok(rules), Some(kind)) = (Rules::shipped(), self.rules.kind) else {
            return Vec::new();
        };
        let mechanism = self.mechanism.as_deref().unwrap_or_default();
        let countries = self.countries.iter();
        let countries = countries.filter_map(|code| CountryCode::parse(code));
        let all = countries.map(|country| {
            let found = assess(
                &rules,
                &Question {
                    procedure: &self.rules.own,
                    country,
                    on: &self.rules.on,
                    elsewhere: Elsewhere {
                        mechanism,
                        kind,
                        stage: self.rules.stage,
                        same_nature,
                        new_information,
                    },
                    elements: &self.rules.elements,
                },
            );
            let subject = Subject {
                procedure: &self.rules.own,
                country: country.as_str(),
                elsewhere: mechanism,
                stage: self.rules.stage.code(),
            };
            SameMatterAdmissibility {
                country: country.as_str().to_owned(),
                note: note::draft(&subject, &self.rules.elements, &found),
                outcome: Told(found.outcome),
                grounds: found.grounds.into_iter().map(Told).collect(),
                rows: found
                    .cited
                    .into_iter()
                    .map(|row| CitedRule {
                        id: row.id,
                        provision: row.provision,
                        source: row.source,
                        verified: row.verified,
                    })
                    .collect(),
            }
        });
        all.collect()
    }
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

fn plain(id: RecordId) -> ID {
    ID(id.0.to_string())
}

fn matter(matter: OwnMatter) -> (Option<ID>, Option<ID>) {
    match matter {
        OwnMatter::Communication(id) => (Some(global(Kind::Communication, id)), None),
        OwnMatter::Blind(id) => (None, Some(plain(id))),
    }
}

/// The code and kind of a mechanism, as the viewer is told them.
async fn named(
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

async fn confirmed(
    ctx: &Context<'_>,
    (own, on): (&str, &PartialDate),
    overlap: Confirmed,
) -> Result<SameMatterOverlap> {
    let (mechanism, kind) = named(ctx, overlap.mechanism).await?;
    let elements = overlap.told.elements;
    Ok(SameMatterOverlap {
        id: plain(overlap.id),
        mechanism,
        stage: Told(overlap.procedural.stage),
        registered_in: overlap.procedural.registered,
        countries: overlap.told.countries,
        elements: (&elements).into(),
        rules: ForRules {
            own: own.to_owned(),
            on: on.clone(),
            kind,
            stage: overlap.procedural.stage,
            elements,
        },
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

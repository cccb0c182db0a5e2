//! Overlaps: the four elements, and what the rules of one's body come to for them.

use async_graphql::{ComplexObject, Context, ID, Result, SimpleObject};

use super::told::{named, plain};
use crate::{
    confidentiality::facts::CountryCode,
    date::PartialDate,
    graphql::object::Told,
    matter::note::{self, Subject},
    same_matter::{
        AssessmentGround, Element, ElementReason, Elements, Elsewhere, ElsewhereStage, FoundBy,
        Outcome, Question, Rules, SameFacts, SameIndividual, SameRights, SameState, assess,
    },
    store::matter::Confirmed,
    vocabulary::{MechanismKind, codes::Coded},
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

/// An overlap, as it is told to who has asked.
///
/// # Errors
/// Fails where the database does.
pub(super) async fn confirmed(
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

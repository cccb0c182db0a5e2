//! What an officer says in the acts on recommendations.

use async_graphql::{ID, InputObject, MaybeUndefined};

use super::super::{
    acts::{Amendment, NewRecommendation},
    assess::{NewAssessment, NewEvidence, NewReference},
};
use crate::{
    graphql::{
        acts::ChosenLevelInput,
        given::{Given, GivenDate},
    },
    identity::kind::Kind,
    store::act::id_of,
    vocabulary::{
        AffectedGroup, MeasureScope, RecommendationRelation, RecommendationSource,
        RecommendedActionKind, SourceKind, StatePosition,
    },
};

/// A recommendation that is prepared.
#[derive(InputObject)]
pub struct DraftRecommendationInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    pub(super) key: Option<String>,
    /// What is recommended.
    text: String,
    /// The kind of text that it is to stand in.
    made_in: Given<RecommendationSource>,
    /// Its number or paragraph in the text that it stands in, such as `12 (a)`.
    reference: MaybeUndefined<String>,
    /// The session at which it is made, in the body's own count.
    session: MaybeUndefined<String>,
    /// What it asks for.
    action: MaybeUndefined<Given<RecommendedActionKind>>,
    /// How far what it asks for reaches.
    scope: MaybeUndefined<Given<MeasureScope>>,
    /// Whom it is about.
    affected_groups: MaybeUndefined<Vec<Given<AffectedGroup>>>,
    /// Rights that it concerns, as articles, such as `ICCPR 7`.
    rights: MaybeUndefined<Vec<String>>,
    /// Targets of the Sustainable Development Goals that it serves, such as `16.3`.
    sdg_targets: MaybeUndefined<Vec<String>>,
    /// A remark on the entry.
    note: MaybeUndefined<String>,
    /// A remark for the secretariat.
    internal_note: MaybeUndefined<String>,
    /// Id of the document that it is to stand in.
    document: Option<ID>,
    /// ISO alpha-3 codes of the States that it is addressed to.
    #[graphql(default)]
    countries: Vec<String>,
    /// Ids of the mechanisms that it is addressed to.
    #[graphql(default)]
    addressees: Vec<ID>,
    /// Ids of the organisations and categories of actors that it is addressed to.
    #[graphql(default)]
    other_addressees: Vec<ID>,
    /// Codes of the themes that it concerns, such as `torture_prevention`.
    #[graphql(default)]
    themes: Vec<String>,
    /// Whether it is left out of what a clause on recommendations opens: then nobody but
    /// your secretariat knows that it is there.
    #[graphql(default)]
    discreet: bool,
    /// Levels above their own for what the act writes, chosen in the same act.
    #[graphql(default)]
    levels: Vec<ChosenLevelInput>,
}

/// What a recommendation is to say; what is left out stays, `null` takes away.
#[derive(InputObject)]
pub struct AmendRecommendationInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    pub(super) key: Option<String>,
    /// The recommendation's id.
    pub(super) id: ID,
    /// The `version` at which you have read it: refused where it has changed since.
    pub(super) expected_version: Option<String>,
    /// Its number or paragraph in the text that it stands in, such as `12 (a)`.
    reference: MaybeUndefined<String>,
    /// What is recommended: until it is adopted.
    text: MaybeUndefined<String>,
    /// The kind of text that it is to stand in: until it is adopted.
    made_in: MaybeUndefined<Given<RecommendationSource>>,
    /// The session at which it is made, in the body's own count.
    session: MaybeUndefined<String>,
    /// What it asks for.
    action: MaybeUndefined<Given<RecommendedActionKind>>,
    /// How far what it asks for reaches.
    scope: MaybeUndefined<Given<MeasureScope>>,
    /// Whom it is about.
    affected_groups: MaybeUndefined<Vec<Given<AffectedGroup>>>,
    /// Rights that it concerns, as articles, such as `ICCPR 7`.
    rights: MaybeUndefined<Vec<String>>,
    /// Targets of the Sustainable Development Goals that it serves, such as `16.3`.
    sdg_targets: MaybeUndefined<Vec<String>>,
    /// A remark on the entry.
    note: MaybeUndefined<String>,
    /// A remark for the secretariat.
    internal_note: MaybeUndefined<String>,
    /// Levels above their own for what the act writes, chosen in the same act.
    #[graphql(default)]
    levels: Vec<ChosenLevelInput>,
}

/// The recommendation, the assessment or the evidence that is published or closed.
#[derive(InputObject)]
pub struct RecommendationActInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    pub(super) key: Option<String>,
    /// The record's id.
    pub(super) id: ID,
    /// The `version` at which you have read it: refused where it has changed since.
    pub(super) expected_version: Option<String>,
}

/// A recommendation that is adopted.
#[derive(InputObject)]
pub struct AdoptRecommendationInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    pub(super) key: Option<String>,
    /// The recommendation's id.
    pub(super) id: ID,
    /// The `version` at which you have read it: refused where it has changed since.
    pub(super) expected_version: Option<String>,
    /// When it was adopted; today where nothing is said.
    pub(super) on: Option<GivenDate>,
    /// Months within which the State is to say what it has done, such as 12, 24 or 36: from
    /// the month of adoption. None where the procedure asks for nothing.
    pub(super) follow_up_within: Option<i32>,
}

/// What a State has said of a recommendation.
#[derive(InputObject)]
pub struct RecordStatePositionInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    pub(super) key: Option<String>,
    /// The recommendation's id.
    pub(super) id: ID,
    /// The `version` at which you have read it: refused where it has changed since.
    pub(super) expected_version: Option<String>,
    /// What it has said.
    pub(super) position: Given<StatePosition>,
    /// When; today where nothing is said.
    pub(super) on: Option<GivenDate>,
}

/// How far a recommendation is carried out.
#[derive(InputObject)]
pub struct AssessRecommendationInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    pub(super) key: Option<String>,
    /// Id of the recommendation, of whatever mechanism.
    recommendation: ID,
    /// Code of the scale, as `assessmentScales` has it.
    scale: String,
    /// The grade, in that scale's own code.
    value: String,
    /// When it was given; today where nothing is said.
    pub(super) on: Option<GivenDate>,
    /// What it rests on, in words.
    reasoning: Option<String>,
    /// Id of the document that it rests on.
    document: Option<ID>,
    /// A remark for the secretariat.
    internal_note: Option<String>,
    /// Levels above their own for what the act writes, chosen in the same act.
    #[graphql(default)]
    levels: Vec<ChosenLevelInput>,
}

/// What somebody has given to go by in the follow-up of a recommendation.
#[derive(InputObject)]
pub struct RecordEvidenceInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    pub(super) key: Option<String>,
    /// Id of the recommendation, of whatever mechanism.
    recommendation: ID,
    /// What it says, without who has given it.
    summary: String,
    /// When it was given; today where nothing is said.
    on: Option<GivenDate>,
    /// What kind of source has given it.
    source_kind: Option<Given<SourceKind>>,
    /// Who has given it: an institution or an organisation, never a person.
    source_name: Option<String>,
    /// Id of the document that it is, or stands in.
    document: Option<ID>,
    /// A remark for the secretariat.
    internal_note: Option<String>,
    /// Levels above their own for what the act writes, chosen in the same act.
    #[graphql(default)]
    levels: Vec<ChosenLevelInput>,
}

/// What one recommendation is to another.
#[derive(InputObject)]
pub struct RelateRecommendationsInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    pub(super) key: Option<String>,
    /// Id of the recommendation that refers.
    from: ID,
    /// Id of the recommendation that is referred to.
    to: ID,
    /// What the first is to the second.
    relation: Given<RecommendationRelation>,
    /// Why.
    remark: Option<String>,
    /// Whether it is kept to your secretariat, even where anyone is told of both.
    #[graphql(default)]
    discreet: bool,
}

/// The parts of an input that both a new recommendation and an amended one have.
macro_rules! amendment {
    ($input:ident, $text:expr, $made_in:expr, $document:expr) => {
        Amendment {
            reference: $input.reference,
            text: $text,
            made_in: $made_in,
            session: $input.session,
            action: $input.action.map_value(|code| code.0),
            scope: $input.scope.map_value(|code| code.0),
            affected_groups: $input
                .affected_groups
                .map_value(|groups| groups.into_iter().map(|code| code.0).collect()),
            rights: $input.rights,
            sdg_targets: $input.sdg_targets,
            note: $input.note,
            internal_note: $input.internal_note,
            document: $document,
        }
    };
}

impl From<DraftRecommendationInput> for (NewRecommendation, Vec<ChosenLevelInput>) {
    fn from(input: DraftRecommendationInput) -> Self {
        let ids = |kind, ids: Vec<ID>| ids.iter().map(|id| id_of(kind, id)).collect();
        let document = input.document.as_ref();
        let document = document.map(|id| id_of(Kind::Document, id));
        let text = MaybeUndefined::Value(input.text);
        let made_in = MaybeUndefined::Value(input.made_in.0);
        let new = NewRecommendation {
            countries: input.countries,
            addressees: ids(Kind::Mechanism, input.addressees),
            other_addressees: ids(Kind::Organisation, input.other_addressees),
            themes: input.themes,
            discreet: input.discreet,
            says: amendment!(input, text, made_in, document),
        };
        (new, input.levels)
    }
}

impl From<AmendRecommendationInput> for (Amendment, Vec<ChosenLevelInput>) {
    fn from(input: AmendRecommendationInput) -> Self {
        let made_in = input.made_in.map_value(|code| code.0);
        let says = amendment!(input, input.text, made_in, None);
        (says, input.levels)
    }
}

impl From<AssessRecommendationInput> for (NewAssessment, Vec<ChosenLevelInput>) {
    fn from(input: AssessRecommendationInput) -> Self {
        let document = input.document.as_ref();
        let new = NewAssessment {
            recommendation: id_of(Kind::Recommendation, &input.recommendation),
            scale: input.scale,
            value: input.value,
            on: input.on.map(|date| date.0),
            reasoning: input.reasoning,
            internal_note: input.internal_note,
            document: document.map(|id| id_of(Kind::Document, id)),
        };
        (new, input.levels)
    }
}

impl From<RecordEvidenceInput> for (NewEvidence, Vec<ChosenLevelInput>) {
    fn from(input: RecordEvidenceInput) -> Self {
        let document = input.document.as_ref();
        let new = NewEvidence {
            recommendation: id_of(Kind::Recommendation, &input.recommendation),
            summary: input.summary,
            on: input.on.map(|date| date.0),
            source_kind: input.source_kind.map(|code| code.0),
            source_name: input.source_name,
            document: document.map(|id| id_of(Kind::Document, id)),
            internal_note: input.internal_note,
        };
        (new, input.levels)
    }
}

impl From<RelateRecommendationsInput> for NewReference {
    fn from(input: RelateRecommendationsInput) -> Self {
        Self {
            from: id_of(Kind::Recommendation, &input.from),
            to: id_of(Kind::Recommendation, &input.to),
            relation: input.relation.0,
            remark: input.remark,
            discreet: input.discreet,
        }
    }
}

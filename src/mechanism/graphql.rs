//! What the schema shows of mechanisms, mandates and focal points.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object as GraphqlObject, Result};

use super::{
    FocalPoint, Mandate, Mechanism,
    acts::{self, Appointment, Profile},
};
use crate::{
    activity::JointActivity,
    agreement::Agreement,
    calendar::CalendarEvent,
    communication::Communication,
    document::Document,
    edges,
    graphql::{
        acts::perform,
        given::{Given, GivenDate},
    },
    identity::kind::Kind,
    measure::InterimMeasure,
    organisation::Organisation,
    payload,
    recommendation::Recommendation,
    store::{
        act::id_of,
        page::Under,
        predicate::{Far, Via},
    },
    vocabulary::{FocalPointRole, HumanRightsSystem, MechanismKind, Region},
    work_plan::WorkPlan,
};

edges! {
    /// Where a mechanism leads to.
    MechanismEdges of Mechanism {
        one {
            /// The mechanism that it is part of.
            parent: Mechanism, by "parent_id";
            /// The organisation that it belongs to.
            organisation: Organisation, by "organisation_id";
        }
        many {
            /// Members, where it is a group of mechanisms.
            members: Mechanism, Under::Link("members");
        }
        lists {
            /// Mechanisms that are part of it.
            subsidiaries: Mechanism, Under::Key("parent_id");
            /// What it is charged with.
            mandates: Mandate, Under::Key("mechanism_id");
            /// Through whom it is reached.
            focal_points: FocalPoint, Under::Key("mechanism_id");
            /// What it plans.
            work_plans: WorkPlan, Under::Key("mechanism_id");
            /// Communications before it.
            communications: Communication, Under::Key("mechanism_id");
            /// Interim, provisional and precautionary measures of the mechanism.
            interim_measures: InterimMeasure, Under::Key("mechanism_id");
            /// Documents that it has issued.
            documents: Document, Under::Key("mechanism_id");
            /// Agreements that it is a party to.
            agreements: Agreement, Under::Linked("parties");
            /// Recommendations that it has made.
            recommendations: Recommendation, Under::Key("mechanism_id");
            /// Joint activities that it takes part in.
            joint_activities: JointActivity, Under::Linked("parties");
            /// What stands in its calendar.
            calendar_events: CalendarEvent, Under::Key("mechanism_id");
        }
        told {}
    }
    texts { texts, translations }
}

edges! {
    /// Where a mandate leads to.
    MandateEdges of Mandate {
        one {
            /// The mechanism that holds it.
            mechanism: Mechanism, by "mechanism_id";
        }
        many {}
        lists {}
        told {}
    }
    texts { texts, translations }
    filters {
        mechanism: Via::Key("mechanism_id", Far::of::<Mechanism>());
    }
}

edges! {
    /// Where a focal point leads to.
    FocalPointEdges of FocalPoint {
        one {
            /// The mechanism that is reached through it.
            mechanism: Mechanism, by "mechanism_id";
        }
        many {}
        lists {}
        told {}
    }
    texts { texts, translations }
    filters {
        mechanism: Via::Key("mechanism_id", Far::of::<Mechanism>());
    }
}

/// What your mechanism says of itself. What is left out stays as it is; `null` takes it away.
#[derive(InputObject)]
pub struct MechanismInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// Its official name, in English.
    name: MaybeUndefined<String>,
    /// Its acronym.
    acronym: MaybeUndefined<String>,
    /// What kind of mechanism it is.
    kind: MaybeUndefined<Given<MechanismKind>>,
    /// The system that it belongs to.
    system: MaybeUndefined<Given<HumanRightsSystem>>,
    /// The region that it works in.
    region: MaybeUndefined<Given<Region>>,
    /// How it works: for partners until it is published.
    working_methods: MaybeUndefined<String>,
    /// Instruments that it rests on.
    legal_basis: MaybeUndefined<Vec<String>>,
    /// Other ways in which it is written.
    aliases: MaybeUndefined<Vec<String>>,
}

impl From<MechanismInput> for Profile {
    fn from(input: MechanismInput) -> Self {
        Self {
            name: input.name,
            acronym: input.acronym,
            kind: input.kind.map_value(|code| code.0),
            system: input.system.map_value(|code| code.0),
            region: input.region.map_value(|code| code.0),
            working_methods: input.working_methods,
            legal_basis: input.legal_basis,
            aliases: input.aliases,
        }
    }
}

/// A focal point to be appointed.
#[derive(InputObject)]
pub struct AppointFocalPointInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// What the function is called.
    title: String,
    /// What it is for.
    role: Given<FocalPointRole>,
    /// The region that it is for.
    region: Option<String>,
    /// The theme that it is for.
    theme: Option<String>,
    /// What it covers, in words.
    scope: Option<String>,
    /// The function's mailbox.
    mailbox: Option<String>,
    /// Who holds the function: for partners.
    person_name: Option<String>,
    /// The direct telephone: for partners.
    phone: Option<String>,
    /// Since when it is held; today where nothing is said.
    since: Option<GivenDate>,
}

/// The focal point that is relieved.
#[derive(InputObject)]
pub struct RelieveFocalPointInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The focal point's id.
    id: ID,
    /// Until when it was held; today where nothing is said.
    until: Option<GivenDate>,
}

payload! {
    /// What an act on a mechanism answers.
    MechanismPayload,
    /// The mechanism, as you may be told of it now; `null` where nothing was done.
    mechanism: Mechanism
}

payload! {
    /// What an act on a focal point answers.
    FocalPointPayload,
    /// The focal point, as you may be told of it now; `null` where nothing was done.
    focal_point: FocalPoint
}

/// Acts of a mechanism on its own profile.
#[derive(Default)]
pub struct MechanismActs;

#[GraphqlObject]
impl MechanismActs {
    /// Enters your mechanism into the list of mechanisms, under the code that your token
    /// names.
    async fn register_mechanism(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: MechanismInput,
    ) -> Result<MechanismPayload> {
        let key = input.key.clone();
        let profile = Profile::from(input);
        let outcome = perform(ctx, "registerMechanism", key.as_deref(), move |act| {
            Box::pin(acts::register(act, profile))
        });
        Ok(MechanismPayload::from(outcome.await?))
    }

    /// Amends the profile of your mechanism.
    async fn amend_mechanism(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: MechanismInput,
    ) -> Result<MechanismPayload> {
        let key = input.key.clone();
        let profile = Profile::from(input);
        let outcome = perform(ctx, "amendMechanism", key.as_deref(), move |act| {
            Box::pin(acts::amend(act, profile))
        });
        Ok(MechanismPayload::from(outcome.await?))
    }

    /// Appoints a focal point of your mechanism.
    async fn appoint_focal_point(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: AppointFocalPointInput,
    ) -> Result<FocalPointPayload> {
        let appointment = Appointment {
            title: input.title,
            role: input.role.0,
            region: input.region,
            theme: input.theme,
            scope: input.scope,
            mailbox: input.mailbox,
            person_name: input.person_name,
            phone: input.phone,
            since: input.since.map(|date| date.0),
        };
        let outcome = perform(ctx, "appointFocalPoint", input.key.as_deref(), move |act| {
            Box::pin(acts::appoint(act, appointment))
        });
        Ok(FocalPointPayload::from(outcome.await?))
    }

    /// Relieves a focal point of your mechanism; who held it until when stays on record.
    async fn relieve_focal_point(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: RelieveFocalPointInput,
    ) -> Result<FocalPointPayload> {
        let id = id_of(Kind::FocalPoint, &input.id);
        let until = input.until.map(|date| date.0);
        let outcome = perform(ctx, "relieveFocalPoint", input.key.as_deref(), move |act| {
            Box::pin(acts::relieve(act, id, until))
        });
        Ok(FocalPointPayload::from(outcome.await?))
    }
}

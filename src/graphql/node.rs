//! `Node`: a record of whatever kind, by its id alone.

use std::borrow::Cow;

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, OutputType, Positioned, Result, ServerResult,
    Value,
    indexmap::IndexSet,
    parser::types::Field,
    registry::{MetaType, MetaTypeId, Registry},
    resolver_utils::Fields,
};

use super::{
    edges::one,
    object::{Object, id_field},
};
use crate::{
    activity::JointActivity,
    agreement::{Agreement, Clause},
    calendar::{CalendarEvent, EventInvitation},
    communication::{Communication, Person},
    country::Country,
    document::Document,
    id::GlobalId,
    identity::kind::Kind,
    measure::InterimMeasure,
    mechanism::{FocalPoint, Mandate, Mechanism},
    organisation::Organisation,
    recommendation::{Assessment, Evidence, Recommendation, RecommendationReference},
    statistics::StatisticRelease,
    work_plan::{Objective, WorkPlan, WorkPlanItem},
};

/// Declares the kinds that are nodes, once for all that is done with them.
macro_rules! nodes {
    ($($Kind:ident),* $(,)?) => {
        /// A record of any kind that has an id.
        pub enum Node {
            $( #[doc = concat!("A record of kind `", stringify!($Kind), "`.")] $Kind(Object<$Kind>), )*
        }

        impl Node {
            /// The record with this id; hidden and missing are alike.
            ///
            /// # Errors
            /// Fails where the database does.
            pub async fn find(ctx: &Context<'_>, id: &str) -> Result<Option<Self>> {
                let Some(id) = GlobalId::parse(id) else { return Ok(None) };
                match id.kind {
                    $( Kind::$Kind => Ok(one::<$Kind>(ctx, Some(id.id)).await?.map(Self::$Kind)), )*
                    // An edge is reached through what it joins, never by itself.
                    Kind::CommunicationPerson => Ok(None),
                }
            }

            fn type_names(registry: &mut Registry) -> IndexSet<String> {
                [$( <Object<$Kind> as OutputType>::create_type_info(registry) ),*]
                    .into_iter()
                    .map(|name| name.trim_end_matches('!').to_owned())
                    .collect()
            }

            async fn answer(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
                match self { $( Self::$Kind(object) => object.resolve(ctx, field).await, )* }
            }

            fn name_of(&self) -> Cow<'static, str> {
                match self { $( Self::$Kind(_) => <Object<$Kind> as OutputType>::type_name(), )* }
            }

            fn collect<'a>(&'a self, ctx: &ContextSelectionSet<'a>, fields: &mut Fields<'a>) -> ServerResult<()> {
                match self { $( Self::$Kind(object) => object.collect(ctx, fields), )* }
            }

            async fn field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
                match self { $( Self::$Kind(object) => object.resolve_field(ctx).await, )* }
            }
        }
    };
}

nodes! {
    Country, Organisation, Mechanism, Mandate, FocalPoint, WorkPlan, Objective, WorkPlanItem,
    Agreement, Clause, Document, Communication,
    InterimMeasure, JointActivity, Person, StatisticRelease,
    Recommendation, Assessment, Evidence, RecommendationReference,
    CalendarEvent, EventInvitation,
}

impl OutputType for Node {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("Node")
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        self.name_of()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Interface, |registry| {
            let id = id_field();
            MetaType::Interface {
                name: "Node".to_owned(),
                description: Some("A record of any kind that has an id.".to_owned()),
                fields: [("id".to_owned(), id)].into_iter().collect(),
                possible_types: Self::type_names(registry),
                extends: false,
                inaccessible: false,
                tags: Vec::new(),
                keys: None,
                visible: None,
                rust_typename: Some(std::any::type_name::<Self>()),
                directive_invocations: Vec::new(),
                requires_scopes: Vec::new(),
            }
        })
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        self.answer(ctx, field).await
    }
}

impl ContainerType for Node {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        self.field(ctx).await
    }

    fn collect_all_fields<'a>(
        &'a self,
        ctx: &ContextSelectionSet<'a>,
        fields: &mut Fields<'a>,
    ) -> ServerResult<()> {
        self.collect(ctx, fields)
    }
}

//! Lists of what is no record: connections without totals, with ids for cursors.

use std::borrow::Cow;

use async_graphql::{
    ContextSelectionSet, ObjectType, OutputType, Positioned, Result, ServerResult, Value,
    connection::{
        Connection, DefaultConnectionName, DefaultEdgeName, DisableNodesField, Edge, EmptyFields,
    },
    parser::types::Field,
    registry::{MetaType, Registry},
};

use super::error::Code;
use crate::id::RecordId;

type Relay<N> = Connection<
    String,
    N,
    EmptyFields,
    EmptyFields,
    DefaultConnectionName,
    DefaultEdgeName,
    DisableNodesField,
>;

/// A part of a list, after the Relay connection specification.
pub struct Listing<N: ObjectType>(Relay<N>);

impl<N: ObjectType> Listing<N> {
    /// A part of a list, with the id under which each entry is found again.
    pub fn of(
        (before, after): (bool, bool),
        entries: impl IntoIterator<Item = (RecordId, N)>,
    ) -> Self {
        let mut list = Relay::new(before, after);
        let entries = entries.into_iter();
        list.edges
            .extend(entries.map(|(id, entry)| Edge::new(id.0.to_string(), entry)));
        Self(list)
    }
}

impl<N: ObjectType> OutputType for Listing<N> {
    fn type_name() -> Cow<'static, str> {
        Relay::<N>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let name = Relay::<N>::create_type_info(registry);
        if let Some(MetaType::Object { description, .. }) =
            registry.types.get_mut(Self::type_name().as_ref())
        {
            let entry = N::type_name();
            *description = Some(format!("A part of a list of entries of type `{entry}`."));
        }
        name
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        self.0.resolve(ctx, field).await
    }
}

/// The entry that a cursor stands for.
///
/// # Errors
/// Refuses what is none.
pub fn cursor_of(cursor: &str) -> Result<RecordId> {
    let id = uuid::Uuid::try_parse(cursor).map(RecordId);
    id.map_err(|_| Code::CursorInvalid.error())
}

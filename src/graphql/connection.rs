//! Lists: page arguments, connections, counts.

use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
};

use async_graphql::{
    ContainerType, Context, ContextBase, ContextSelectionSet, Object as GraphqlObject, ObjectType,
    OutputType, Positioned, Result, ServerError, ServerResult, Value,
    connection::{
        Connection as RelayConnection, CursorType, DefaultConnectionName, DefaultEdgeName,
        DisableNodesField, Edge, EmptyFields,
    },
    indexmap::IndexMap,
    parser::types::{Field, Selection, SelectionSet},
    registry::{MetaType, Registry},
};
use futures::future::{BoxFuture, try_join_all};

use super::{
    context::{Asking, failed, names},
    error::Code,
    filter::{Filter, Order},
    limits::Limits,
    object::{Object, Shown, fields_alone},
};
use crate::{
    confidentiality::{FieldIndex, FieldSet},
    id::RecordId,
    store::{
        Reader,
        batch::{CountUnder, ListUnder},
        page::{Cursors, ForeignCursor, ListQuery, Position, Under, Window},
        predicate::{Direction, Predicate},
        reader::Slice,
    },
};

type Relay<D, E> = RelayConnection<
    SealedCursor,
    Object<D>,
    Totals,
    E,
    DefaultConnectionName,
    DefaultEdgeName,
    DisableNodesField,
>;

/// A list of records of type `D`, after the Relay connection specification.
pub struct Connection<D: Shown, E: ObjectType = EmptyFields>(Relay<D, E>);

/// A record in a list.
pub type ListEdge<D, E = EmptyFields> = Edge<SealedCursor, Object<D>, E>;

impl<D: Shown, E: ObjectType> Connection<D, E> {
    /// Adds a record at its place.
    pub fn push(&mut self, edge: ListEdge<D, E>) {
        self.0.edges.push(edge);
    }
}

impl<D: Shown, E: ObjectType> OutputType for Connection<D, E> {
    fn type_name() -> Cow<'static, str> {
        Relay::<D, E>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let name = Relay::<D, E>::create_type_info(registry);
        if let Some(MetaType::Object { description, .. }) =
            registry.types.get_mut(Self::type_name().as_ref())
        {
            let kind = D::KIND.type_name();
            *description = Some(format!(
                "A part of a list of records of type `{kind}`, of those that you may know of."
            ));
        }
        name
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        let Some(fields) = fields_alone(&ctx.item.node) else {
            return self.0.resolve(ctx, field).await;
        };
        let told = fields.into_iter().map(|field| async move {
            let ctx = ctx.with_field(field);
            let value = if field.node.name.node == "__typename" {
                Value::String(Self::type_name().into_owned())
            } else if let Some(edges) = self.edges_by_hand(&ctx) {
                self.tell_edges(&ctx, &edges).await?
            } else {
                self.0.resolve_field(&ctx).await?.unwrap_or_default()
            };
            Ok::<_, ServerError>((field.node.response_key().node.clone(), value))
        });
        let told = try_join_all(told).await?;
        Ok(Value::Object(told.into_iter().collect()))
    }
}

impl<D: Shown, E: ObjectType> Connection<D, E> {
    /// What is asked of each edge, where that is no more than its node and its cursor.
    fn edges_by_hand<'a>(
        &self,
        ctx: &'a ContextBase<'_, &'a Positioned<Field>>,
    ) -> Option<Vec<&'a Positioned<Field>>> {
        if ctx.item.node.name.node != "edges" {
            return None;
        }
        let known = ["node", "cursor"];
        fields_alone(&ctx.item.node.selection_set.node).filter(|fields| {
            fields
                .iter()
                .all(|field| known.contains(&field.node.name.node.as_str()))
        })
    }

    /// Answers the edges without a future for each; of nodes that lead on, one for each.
    async fn tell_edges(
        &self,
        ctx: &ContextBase<'_, &Positioned<Field>>,
        fields: &[&Positioned<Field>],
    ) -> ServerResult<Value> {
        let set = ctx.with_selection_set(&ctx.item.node.selection_set);
        let mut edges = vec![IndexMap::with_capacity(fields.len()); self.0.edges.len()];
        for field in fields {
            let key = &field.node.response_key().node;
            let values = if field.node.name.node == "node" {
                self.tell_nodes(&set, field).await?
            } else {
                let cursors = self.0.edges.iter().map(|edge| edge.cursor.encode_cursor());
                cursors.map(Value::String).collect()
            };
            for (edge, value) in edges.iter_mut().zip(values) {
                edge.insert(key.clone(), value);
            }
        }
        Ok(Value::List(edges.into_iter().map(Value::Object).collect()))
    }

    async fn tell_nodes(
        &self,
        set: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Vec<Value>> {
        let edges = self.0.edges.iter();
        if let Some(columns) = Object::<D>::columns_alone(&field.node.selection_set.node) {
            let path = || names(set.with_field(field).path_node.as_ref());
            let told = edges.map(|edge| edge.node.tell_columns(&columns, set, path));
            return told.collect();
        }
        try_join_all(edges.enumerate().map(|(place, edge)| async move {
            let at = set.with_index(place);
            let at = at.with_field(field);
            let set = at.with_selection_set(&field.node.selection_set);
            let told = edge.node.resolve(&set, field).await;
            told.map_err(|error| at.set_error_path(error))
        }))
        .await
    }
}

/// A cursor: opaque, of use in the list that it is from only, and sealed when it is
/// asked for.
pub struct SealedCursor {
    place: Position,
    list: Arc<CursorsOf>,
}

impl CursorType for SealedCursor {
    type Error = ForeignCursor;

    fn decode_cursor(_: &str) -> std::result::Result<Self, Self::Error> {
        // A cursor is opened by its list, which alone knows how.
        Err(ForeignCursor)
    }

    fn encode_cursor(&self) -> String {
        self.list.get().seal(&self.place)
    }
}

/// The cursors of one list, made ready for the first: most lists are read without any.
struct CursorsOf {
    reader: Reader,
    list: ListName,
    query: Arc<ListQuery>,
    ready: OnceLock<Cursors>,
}

/// What a list is called, and the record that it hangs on: its cursors are of use
/// nowhere else.
#[derive(Clone, Copy)]
pub struct ListName(pub &'static str, pub Option<RecordId>);

impl CursorsOf {
    fn get(&self) -> &Cursors {
        self.ready.get_or_init(|| {
            let ListQuery {
                under,
                predicate,
                order,
                ..
            } = self.query.as_ref();
            cursors(&self.reader, self.list, *under, predicate, order)
        })
    }
}

fn cursors(
    reader: &Reader,
    ListName(name, parent): ListName,
    under: Under,
    predicate: &Predicate,
    order: &[(FieldIndex, Direction)],
) -> Cursors {
    let key = reader.store().keys().cursor().bytes();
    let name = format!("{name} {under:?} {:?}", parent.map(|parent| parent.0));
    Cursors::new(key, reader.viewer(), &name, predicate, order)
}

type Count = dyn for<'a> Fn(&'a Context<'a>) -> BoxFuture<'a, Result<i64>> + Send + Sync;

/// What a connection says of the whole list.
pub struct Totals(Box<Count>);

impl Totals {
    /// Totals that are counted when they are asked for.
    pub fn counted(
        count: impl for<'a> Fn(&'a Context<'a>) -> BoxFuture<'a, Result<i64>> + Send + Sync + 'static,
    ) -> Self {
        Self(Box::new(count))
    }
}

/// What a connection says of the whole list.
#[GraphqlObject]
impl Totals {
    /// How many records the whole list has, of those that you may know of.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i64> {
        (self.0)(ctx).await
    }
}

/// The page that a caller asks for, as the arguments say it.
pub struct PageArguments {
    /// The first so many.
    pub first: Option<i32>,
    /// After this cursor.
    pub after: Option<String>,
    /// The last so many.
    pub last: Option<i32>,
    /// Before this cursor.
    pub before: Option<String>,
}

/// A list as a caller asks for it, with the cursors that belong to it.
pub struct Asked<D> {
    /// The query.
    pub query: Arc<ListQuery>,
    cursors: Arc<CursorsOf>,
    domain: std::marker::PhantomData<fn() -> D>,
}

impl<D: Shown> Asked<D> {
    /// Reads the arguments of a list.
    ///
    /// # Errors
    /// Refuses a page over the published limit, and a cursor that is not of this list.
    pub fn parse(
        ctx: &Context<'_>,
        list: ListName,
        under: Under,
        filter: Option<Filter<D>>,
        order: Option<Vec<Order<D>>>,
        page: PageArguments,
    ) -> Result<Self> {
        let predicate = filter.map_or_else(Predicate::always, Filter::into_predicate);
        Self::of(
            ctx,
            list,
            under,
            predicate,
            order,
            page,
            columns_of::<D>(ctx),
        )
    }

    /// The same, with a filter of the hub's own.
    ///
    /// # Errors
    /// As [`Asked::parse`].
    pub fn of(
        ctx: &Context<'_>,
        list: ListName,
        under: Under,
        predicate: Predicate,
        order: Option<Vec<Order<D>>>,
        page: PageArguments,
        columns: FieldSet,
    ) -> Result<Self> {
        let order: Vec<_> = order
            .unwrap_or_default()
            .into_iter()
            .map(|order| order.by)
            .collect();
        if order.len() > MOST_ORDERS {
            return Err(
                Code::BadInput.says(format!("a list is ordered by at most {MOST_ORDERS} fields"))
            );
        }
        let asked = ctx.asked()?;
        let reader = &asked.reader;
        let ready = OnceLock::new();
        let place = |cursor: Option<String>| {
            let opened = cursor.map(|cursor| {
                ready
                    .get_or_init(|| cursors(reader, list, under, &predicate, &order))
                    .open(&cursor, order.len())
            });
            opened.transpose().map_err(|_| Code::CursorInvalid.error())
        };
        let window = Window {
            size: size(page.first, page.last)?,
            backward: page.last.is_some(),
            after: place(page.after)?,
            before: place(page.before)?,
        };
        let query = Arc::new(ListQuery {
            under,
            predicate,
            order,
            window,
            columns,
        });
        let cursors = CursorsOf {
            reader: reader.clone(),
            list,
            query: Arc::clone(&query),
            ready,
        };
        Ok(Self {
            query,
            cursors: Arc::new(cursors),
            domain: std::marker::PhantomData,
        })
    }

    /// The part that the list under `parent` has, or the root list without one.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn slice(&self, ctx: &Context<'_>, parent: Option<RecordId>) -> Result<Slice<D>> {
        let asked = ctx.asked()?;
        let slice = match parent {
            None => asked.reader.list(&self.query).await.map_err(failed)?,
            Some(parent) => {
                let key = ListUnder::new(parent, Arc::clone(&self.query));
                let slice = asked.loader.load_one(key).await.map_err(failed)?;
                slice.unwrap_or_default()
            }
        };
        asked.count(slice.rows.len())?;
        Ok(slice)
    }

    /// Totals of the list under `parent`.
    pub fn totals(&self, parent: Option<RecordId>) -> Totals {
        // How many there are does not depend on the page.
        let list = Arc::clone(&self.query);
        Totals::counted(move |ctx| {
            let query = Arc::new(ListQuery {
                under: list.under,
                predicate: list.predicate.clone(),
                order: Vec::new(),
                window: Window {
                    size: 1,
                    backward: false,
                    after: None,
                    before: None,
                },
                columns: list.columns,
            });
            Box::pin(async move {
                let asked = ctx.asked()?;
                match parent {
                    None => {
                        let counts = asked
                            .reader
                            .counts::<D>(&[], &query)
                            .await
                            .map_err(failed)?;
                        Ok(counts.get(&None).copied().unwrap_or_default())
                    }
                    Some(parent) => {
                        let key = CountUnder::<D>::new(parent, query);
                        Ok(asked
                            .loader
                            .load_one(key)
                            .await
                            .map_err(failed)?
                            .unwrap_or_default())
                    }
                }
            })
        })
    }

    /// The connection of the list under `parent`, or of the root list.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn connection(
        &self,
        ctx: &Context<'_>,
        parent: Option<RecordId>,
    ) -> Result<Connection<D>> {
        let slice = self.slice(ctx, parent).await?;
        let mut connection = self.empty::<D, EmptyFields>(slice.more, parent);
        for placed in slice.rows {
            let cursor = self.cursor(placed.position);
            connection.push(Edge::new(cursor, Object::of(placed.known)));
        }
        Ok(connection)
    }

    /// A connection without edges yet, of nodes that may be of another type.
    pub fn empty<N: Shown, E: ObjectType>(
        &self,
        more: bool,
        parent: Option<RecordId>,
    ) -> Connection<N, E> {
        let window = &self.query.window;
        // What lies on the other side of the cursor is known to be there: the cursor.
        let (previous, next) = if window.backward {
            (more, window.before.is_some())
        } else {
            (window.after.is_some(), more)
        };
        Connection(RelayConnection::with_additional_fields(
            previous,
            next,
            self.totals(parent),
        ))
    }

    /// The cursor of a place in this list.
    pub fn cursor(&self, place: Position) -> SealedCursor {
        let list = Arc::clone(&self.cursors);
        SealedCursor { place, list }
    }
}

const MOST_ORDERS: usize = 5;

/// How many of a list are told at once.
///
/// # Errors
/// Refuses a size over the published limit, and both ends together.
pub fn size(first: Option<i32>, last: Option<i32>) -> Result<u32> {
    let asked = match (first, last) {
        (Some(_), Some(_)) => {
            return Err(Code::BadInput.says("`first` and `last` are not given together"));
        }
        (Some(size), None) | (None, Some(size)) => i64::from(size),
        (None, None) => i64::try_from(Limits::PAGE_DEFAULT)?,
    };
    let most = i64::try_from(Limits::PAGE)?;
    if asked < 0 {
        return Err(Code::BadInput.says(format!(
            "a page has 0 to {most} records; this one asks for {asked}"
        )));
    }
    if asked > most {
        return Err(Code::PageTooLarge.says(format!(
            "a page has at most {most} records; this one asks for {asked}"
        )));
    }
    Ok(u32::try_from(asked)?)
}

/// The columns that the nodes of a connection are asked for; all where it is unclear.
pub fn columns_of<D: Shown>(ctx: &Context<'_>) -> FieldSet {
    let mut columns = FieldSet::NONE;
    let at_edges = nested(ctx, &ctx.item.node.selection_set.node, "edges");
    for edges in at_edges {
        for node in nested(ctx, edges, "node") {
            if !chosen::<D>(node, &mut columns) {
                return FieldSet::ALL;
            }
        }
    }
    columns
}

/// The selections of the fields called `name`, through fragments.
fn nested<'a>(ctx: &Context<'a>, set: &'a SelectionSet, name: &str) -> Vec<&'a SelectionSet> {
    let mut found = Vec::new();
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) if field.node.name.node == name => {
                found.push(&field.node.selection_set.node);
            }
            Selection::Field(_) => {}
            Selection::InlineFragment(fragment) => {
                found.extend(nested(ctx, &fragment.node.selection_set.node, name));
            }
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = ctx.query_env.fragments.get(&spread.node.fragment_name.node)
                {
                    found.extend(nested(ctx, &fragment.node.selection_set.node, name));
                }
            }
        }
    }
    found
}

/// Adds the columns of a selection; `false` where something else may need others.
fn chosen<D: Shown>(set: &SelectionSet, columns: &mut FieldSet) -> bool {
    set.items.iter().all(|selection| {
        let Selection::Field(field) = &selection.node else {
            return false;
        };
        let name = field.node.name.node.as_str();
        let place = D::shown_names().iter().position(|shown| shown == name);
        match place.and_then(|place| u8::try_from(place).ok()) {
            Some(place) if usize::from(place) < D::COLUMNS.len() => {
                *columns = columns.with(FieldIndex(place));
                true
            }
            // What is worked out may read a column of its own record; an edge does not.
            Some(place) => !D::WORKED_OUT.contains(&FieldIndex(place)),
            // A version is of all columns.
            None => name == "id" || name == "__typename",
        }
    })
}

/// Whether so many records fit a page.
///
/// # Errors
/// Refuses more than the published limit.
pub fn within_page(asked: usize) -> Result<()> {
    let most = Limits::PAGE;
    if asked as u64 > most {
        return Err(Code::PageTooLarge.says(format!(
            "a page has at most {most} records; this one asks for {asked}"
        )));
    }
    Ok(())
}

//! A record as GraphQL tells it: columns by the gate, files by permit, edges by slice.

use std::{borrow::Cow, sync::Arc};

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, Name, OutputType, Positioned, ServerError,
    ServerResult, TypeDirective, Value,
    indexmap::IndexMap,
    parser::types::{Field, Selection, SelectionSet},
    registry::{Deprecation, MetaField, MetaType, MetaTypeId, Registry},
    resolver_utils::{Fields, resolve_container},
};
use futures::future::{BoxFuture, try_join_all};

use super::{
    context::{Asking, names, pattern},
    directive::{self, Classified},
    error::Code,
    filter::EdgeFilter,
    withheld::Reason,
};
use crate::{
    confidentiality::{
        Disclosed, Domain, FieldIndex, FieldRule, FieldSet, Known, Level,
        scalar::{camel, text},
    },
    id::GlobalId,
    store::files::{OpenFault, Opened},
};

/// A domain type that the schema shows.
pub trait Shown: Domain {
    /// Its edges: the fields that lead to other records, and those worked out.
    type Edges: ContainerType + From<Arc<Known<Self>>>;

    /// Edges that its filter can follow.
    const EDGE_FILTERS: &'static [EdgeFilter] = &[];

    /// Fields that are worked out, and so may read any column.
    const WORKED_OUT: &'static [FieldIndex];

    /// Names of its fields as GraphQL writes them, in the order of its rules.
    fn shown_names() -> &'static [String];

    /// Resolves an opened sealed field; nothing for types without any.
    fn resolve_sealed(
        field: FieldIndex,
        opened: &[u8],
        ctx: &Context<'_>,
    ) -> impl Future<Output = ServerResult<Value>> + Send;
}

/// A field that is told without asking anything else.
#[derive(Clone, Copy)]
enum Plain {
    Id,
    Version,
    TypeName,
    Column(FieldIndex),
}

/// Columns under the names that the answer gives them.
pub(super) struct Columns<'a>(Vec<(&'a Name, Plain)>);

/// The fields of a selection without fragments and directives, each under a name of its
/// own; `None` for any other.
pub(super) fn fields_alone(set: &SelectionSet) -> Option<Vec<&Positioned<Field>>> {
    let mut fields: Vec<&Positioned<Field>> = Vec::with_capacity(set.items.len());
    for selection in &set.items {
        let Selection::Field(field) = &selection.node else {
            return None;
        };
        let key = &field.node.response_key().node;
        let twice = |other: &&Positioned<Field>| other.node.response_key().node == *key;
        if !field.node.directives.is_empty() || fields.iter().any(twice) {
            return None;
        }
        fields.push(field);
    }
    Some(fields)
}

/// A record that the viewer may know of.
pub struct Object<D: Shown> {
    known: Arc<Known<D>>,
    edges: D::Edges,
    opened: Option<Opened>,
    unrecorded: bool,
}

impl<D: Shown> Object<D> {
    /// The record as GraphQL tells it.
    pub fn of(known: Arc<Known<D>>) -> Self {
        Self {
            edges: D::Edges::from(Arc::clone(&known)),
            known,
            opened: None,
            unrecorded: false,
        }
    }

    /// The record.
    pub fn known(&self) -> &Arc<Known<D>> {
        &self.known
    }

    /// The opaque id that the API shows.
    pub fn global_id(&self) -> GlobalId {
        GlobalId {
            kind: D::KIND,
            id: self.known.id(),
        }
    }

    /// Columns come first among the fields.
    fn column(name: &str) -> Option<FieldIndex> {
        position(D::shown_names().get(..D::COLUMNS.len())?, name).map(FieldIndex)
    }

    /// Sealed fields come after the columns.
    fn sealed(name: &str) -> Option<FieldIndex> {
        let first = D::COLUMNS.len();
        let index = position(D::shown_names().get(first..first + D::SEALED.len())?, name)?;
        Some(FieldIndex(u8::try_from(first).ok()?.checked_add(index)?))
    }

    /// The value of a column, or null and a note that it was withheld.
    fn tell(
        &self,
        field: FieldIndex,
        ctx: &impl Asking,
        path: impl FnOnce() -> String,
    ) -> ServerResult<Value> {
        match self.known.tell(field) {
            Disclosed::Visible(value) => Ok(value),
            #[cfg(feature = "planted-leaks")]
            Disclosed::Withheld if planted!(WithheldByValue) && !self.known.has_value(field) => {
                Ok(Value::Null)
            }
            Disclosed::Withheld => {
                let asked = ctx.asked().map_err(masked)?;
                asked.withheld.note(path(), &self.known, field);
                Ok(Value::Null)
            }
        }
    }

    /// The columns of a selection that asks for nothing else: no fragment, no directive,
    /// no edge.
    pub(super) fn columns_alone(set: &SelectionSet) -> Option<Columns<'_>> {
        let columns = set.items.iter().map(|selection| match &selection.node {
            Selection::Field(field) if field.node.directives.is_empty() => {
                let plain = Self::plain(field.node.name.node.as_str())?;
                Some((&field.node.response_key().node, plain))
            }
            _ => None,
        });
        columns.collect::<Option<_>>().map(Columns)
    }

    /// Answers a selection of columns alone, without a future for each field.
    pub(super) fn tell_columns(
        &self,
        columns: &Columns<'_>,
        ctx: &impl Asking,
        path: impl Fn() -> String,
    ) -> ServerResult<Value> {
        let mut told = IndexMap::with_capacity(columns.0.len());
        for (key, plain) in &columns.0 {
            let value = self.tell_plain(*plain, ctx, || format!("{}.{key}", path()))?;
            told.insert(Name::clone(key), value);
        }
        Ok(Value::Object(told))
    }

    fn tell_plain(
        &self,
        plain: Plain,
        ctx: &impl Asking,
        path: impl FnOnce() -> String,
    ) -> ServerResult<Value> {
        match plain {
            Plain::Id => Ok(Value::String(self.global_id().to_string())),
            Plain::Version => Ok(Value::String(self.known.version())),
            Plain::TypeName => Ok(Value::String(D::KIND.type_name().to_owned())),
            Plain::Column(column) => self.tell(column, ctx, path),
        }
    }

    /// Answers columns at once, and waits for the edges alone.
    async fn tell_fields(
        &self,
        ctx: &ContextSelectionSet<'_>,
        fields: &[&Positioned<Field>],
    ) -> ServerResult<Value> {
        let mut told = IndexMap::with_capacity(fields.len());
        let mut edges = Vec::new();
        for field in fields {
            let key = &field.node.response_key().node;
            let path = || format!("{}.{key}", names(ctx.path_node.as_ref()));
            let value = match Self::plain(field.node.name.node.as_str()) {
                Some(plain) => self.tell_plain(plain, ctx, path)?,
                None => {
                    // In a box: edges lead back to records of the same types.
                    let edge: BoxFuture<'_, ServerResult<_>> = Box::pin(async move {
                        let ctx = ctx.with_field(field);
                        Ok((key, self.edges.resolve_field(&ctx).await?))
                    });
                    edges.push(edge);
                    // It keeps the edge's place.
                    Value::Null
                }
            };
            told.insert(key.clone(), value);
        }
        for (key, value) in try_join_all(edges).await? {
            told.insert(key.clone(), value.unwrap_or_default());
        }
        Ok(Value::Object(told))
    }

    fn plain(name: &str) -> Option<Plain> {
        match name {
            "id" => Some(Plain::Id),
            "version" => Some(Plain::Version),
            "__typename" => Some(Plain::TypeName),
            _ => Self::column(name).map(Plain::Column),
        }
    }

    /// The sealed fields that a selection asks for, through fragments of this type.
    fn sealed_in(ctx: &ContextSelectionSet<'_>, set: &SelectionSet, found: &mut FieldSet) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    if let Some(field) = Self::sealed(field.node.name.node.as_str()) {
                        *found = found.with(field);
                    }
                }
                Selection::InlineFragment(fragment) => {
                    Self::sealed_in(ctx, &fragment.node.selection_set.node, found);
                }
                Selection::FragmentSpread(spread) => {
                    let fragments = &ctx.query_env.fragments;
                    if let Some(fragment) = fragments.get(&spread.node.fragment_name.node) {
                        Self::sealed_in(ctx, &fragment.node.selection_set.node, found);
                    }
                }
            }
        }
    }

    /// Opens what the selection asks for, all with one entry in the log.
    async fn with_files(&self, ctx: &ContextSelectionSet<'_>) -> ServerResult<Self> {
        let mut wanted = FieldSet::NONE;
        Self::sealed_in(ctx, &ctx.item.node, &mut wanted);
        let mut object = Self::of(Arc::clone(&self.known));
        if wanted.is_empty() {
            return Ok(object);
        }
        let asked = ctx.asked().map_err(masked)?;
        match asked.files.open(&self.known, wanted).await {
            Ok(opened) => object.opened = Some(opened),
            Err(OpenFault::TooMany) => return Err(masked(Code::TooManySealedOpenings.error())),
            Err(error) => {
                // Fail closed: the field is null, and `withheld` says why.
                tracing::error!(cause = %error, "a file could not be opened");
                object.unrecorded = true;
            }
        }
        Ok(object)
    }
}

impl<D: Shown> ContainerType for Object<D> {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let name = ctx.item.node.name.node.as_str();
        if name == "id" {
            return Ok(Some(Value::String(self.global_id().to_string())));
        }
        if name == "version" {
            return Ok(Some(Value::String(self.known.version())));
        }
        if let Some(field) = Self::column(name) {
            return self.tell(field, ctx, || pattern(ctx)).map(Some);
        }
        if let Some(field) = Self::sealed(name) {
            let asked = ctx.asked().map_err(masked)?;
            return match &self.opened {
                Some(opened) if opened.broken.has(field) => {
                    let reason = Reason::SealBroken;
                    asked
                        .withheld
                        .note_unopened(pattern(ctx), self.known.id(), reason);
                    Ok(Some(Value::Null))
                }
                Some(opened) if opened.told.has(field) => match opened.texts.get(&field) {
                    Some(text) => D::resolve_sealed(field, text, ctx).await.map(Some),
                    None => Ok(Some(Value::Null)),
                },
                _ if self.unrecorded && self.known.sees(field) => {
                    let reason = Reason::AuditUnavailable;
                    asked
                        .withheld
                        .note_unopened(pattern(ctx), self.known.id(), reason);
                    Ok(Some(Value::Null))
                }
                _ => {
                    asked.withheld.note(pattern(ctx), &self.known, field);
                    Ok(Some(Value::Null))
                }
            };
        }
        self.edges.resolve_field(ctx).await
    }
}

impl<D: Shown> OutputType for Object<D> {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed(D::KIND.type_name())
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let name = registry.create_output_type::<Self, _>(MetaTypeId::Object, |registry| {
            Classified.register(registry);
            let mut fields = IndexMap::new();
            fields.insert("id".to_owned(), id_field());
            fields.insert("version".to_owned(), version_field());
            for (rule, column) in D::RULES.iter().zip(D::COLUMNS) {
                let ty = (column.graphql_type)(registry);
                fields.insert(
                    camel(rule.name),
                    field(rule.name, column.doc, ty, Some(rule)),
                );
            }
            for (rule, sealed) in D::RULES.iter().skip(D::COLUMNS.len()).zip(D::SEALED) {
                let ty = (sealed.graphql_type)(registry);
                fields.insert(
                    camel(rule.name),
                    field(rule.name, sealed.doc, ty, Some(rule)),
                );
            }
            if let MetaType::Object { fields: edges, .. } =
                registry.create_fake_output_type::<D::Edges>()
            {
                for (name, mut edge) in edges {
                    let rule = D::RULES.iter().find(|rule| camel(rule.name) == name);
                    edge.directive_invocations
                        .extend(rule.map(directive::on_field));
                    fields.insert(name, edge);
                }
            }
            MetaType::Object {
                name: Self::type_name().into_owned(),
                description: Some(text(D::DOC)),
                fields,
                cache_control: Default::default(),
                extends: false,
                shareable: false,
                resolvable: true,
                keys: None,
                visible: None,
                inaccessible: false,
                interface_object: false,
                tags: Vec::new(),
                is_subscription: false,
                rust_typename: Some(std::any::type_name::<Self>()),
                directive_invocations: vec![directive::on_type(Level::Public)],
                requires_scopes: Vec::new(),
            }
        });
        registry.add_implements(&Self::type_name(), "Node");
        name
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        _field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        if let Some(columns) = Self::columns_alone(&ctx.item.node) {
            return self.tell_columns(&columns, ctx, || names(ctx.path_node.as_ref()));
        }
        if D::SEALED.is_empty() {
            return match fields_alone(&ctx.item.node) {
                Some(fields) => self.tell_fields(ctx, &fields).await,
                None => resolve_container(ctx, self).await,
            };
        }
        let object = self.with_files(ctx).await?;
        resolve_container(ctx, &object).await
    }
}

impl<D: Shown> Object<D> {
    /// Adds the fields of a selection, for an interface that stands for this record.
    pub fn collect<'a>(
        &'a self,
        ctx: &ContextSelectionSet<'a>,
        fields: &mut Fields<'a>,
    ) -> ServerResult<()> {
        fields.add_set(ctx, self)
    }
}

fn position(names: &[String], name: &str) -> Option<u8> {
    names
        .iter()
        .position(|known| known == name)
        .and_then(|place| u8::try_from(place).ok())
}

/// A resolver's error where async-graphql wants the server's form.
pub fn masked(error: async_graphql::Error) -> ServerError {
    match error.extensions {
        Some(extensions) => {
            let mut server = ServerError::new(error.message, None);
            server.extensions = Some(extensions);
            server
        }
        None => Code::Internal.server_error(Code::Internal.sentence()),
    }
}

/// The field that every record has.
pub(super) fn id_field() -> MetaField {
    let doc = "The record's id: opaque, and the same for ever.";
    field("id", doc, "ID!".to_owned(), None)
}

fn version_field() -> MetaField {
    let doc = "What you are told of the record's own fields, as one short text: it changes when \
               that does. An act takes it as `expectedVersion`.";
    field("version", doc, "String!".to_owned(), None)
}

fn field(name: &str, doc: &str, ty: String, rule: Option<&FieldRule>) -> MetaField {
    MetaField {
        name: camel(name),
        description: Some(text(doc)),
        args: IndexMap::new(),
        ty,
        deprecation: Deprecation::NoDeprecated,
        cache_control: Default::default(),
        external: false,
        requires: None,
        provides: None,
        visible: None,
        shareable: false,
        inaccessible: false,
        tags: Vec::new(),
        override_from: None,
        compute_complexity: None,
        directive_invocations: rule.map(directive::on_field).into_iter().collect(),
        requires_scopes: Vec::new(),
    }
}

/// Resolves the opened text of a sealed field as the value that was sealed.
///
/// # Errors
/// Fails, saying nothing of the text, where it is not such a value.
pub async fn resolve_opened<T: OutputType + serde::de::DeserializeOwned>(
    opened: &[u8],
    ctx: &Context<'_>,
) -> ServerResult<Value> {
    // Sealed as nothing: that it is not known is no fault.
    let value: Option<T> = serde_json::from_slice(opened).map_err(|_| {
        masked(async_graphql::Error::new(
            "a sealed value is not what it was",
        ))
    })?;
    let Some(value) = value else {
        return Ok(Value::Null);
    };
    let set = ctx.with_selection_set(&ctx.item.node.selection_set);
    OutputType::resolve(&value, &set, ctx.item).await
}

/// A value of a column's type, opened, as a resolver returns it.
pub struct Told<T>(pub T);

impl<T: crate::confidentiality::stored::Stored> OutputType for Told<T> {
    fn type_name() -> Cow<'static, str> {
        match T::SHAPE {
            crate::confidentiality::stored::Shape::Code(list) => Cow::Borrowed(list.name),
            _ => Cow::Borrowed("String"),
        }
    }

    fn create_type_info(registry: &mut Registry) -> String {
        format!("{}!", T::graphql_type(registry))
    }

    async fn resolve(
        &self,
        _: &ContextSelectionSet<'_>,
        _: &Positioned<Field>,
    ) -> ServerResult<Value> {
        Ok(self.0.told())
    }
}

//! `edges!`: the fields of a domain type that lead to other records.
//!
//! Each is behind the gate by the way it is written: the level stands in the type's
//! declaration, and the resolver is not reached where the field is withheld.

use std::sync::Arc;

use async_graphql::{Context, Result};

use super::{
    connection::{Asked, ListName, PageArguments},
    context::{Asking, failed, pattern},
    filter::Filter,
    object::{Object, Shown},
};
use crate::{
    confidentiality::{Domain, FieldIndex, Known},
    id::RecordId,
    store::{
        batch::{ById, ListUnder},
        page::{ListQuery, Under},
    },
};

/// Whether an edge is told; where it is not, that is noted.
///
/// # Errors
/// Fails where a request was begun without its context.
pub fn told<D: Domain>(ctx: &Context<'_>, known: &Known<D>, field: FieldIndex) -> Result<bool> {
    if known.sees(field) || planted!(EdgeDespiteLevel) {
        return Ok(true);
    }
    ctx.asked()?.withheld.note(pattern(ctx), known, field);
    Ok(false)
}

/// The record that a key points to; hidden and missing are alike.
///
/// # Errors
/// Fails where the database does.
pub async fn one<D: Shown>(ctx: &Context<'_>, id: Option<RecordId>) -> Result<Option<Object<D>>> {
    let Some(id) = id else { return Ok(None) };
    let found = ctx
        .asked()?
        .loader
        .load_one(ById::<D>::new(id))
        .await
        .map_err(failed)?;
    Ok(found.map(Object::of))
}

/// The longest list that is not a connection: what belongs to one record by nature.
const MOST: u32 = 100;

/// All records that hang on one, by their ids.
///
/// # Errors
/// Fails where the database does.
pub async fn many<D: Shown>(
    ctx: &Context<'_>,
    parent: RecordId,
    under: Under,
) -> Result<Vec<Object<D>>> {
    let query = ListQuery {
        under,
        ..ListQuery::all(MOST)
    };
    let key = ListUnder::<D>::new(parent, Arc::new(query));
    let asked = ctx.asked()?;
    let slice = asked.loader.load_one(key).await.map_err(failed)?;
    let slice = slice.unwrap_or_default();
    asked.count(slice.rows.len())?;
    Ok(slice
        .rows
        .into_iter()
        .map(|placed| Object::of(placed.known))
        .collect())
}

/// A page of the records that hang on one.
///
/// # Errors
/// Refuses page and cursor as [`Asked::parse`]; fails where the database does.
pub async fn list<D: Shown>(
    ctx: &Context<'_>,
    parent: RecordId,
    under: Under,
    filter: Option<Filter<D>>,
    order: Option<Vec<super::filter::Order<D>>>,
    page: PageArguments,
) -> Result<super::connection::Connection<D>> {
    let name = ListName(D::KIND.code(), Some(parent));
    let asked = Asked::<D>::parse(ctx, name, under, filter, order, page)?;
    asked.connection(ctx, Some(parent)).await
}

/// Writes the edges of a type, each behind the gate.
///
/// `one` follows a key, `many` gives a short list, `lists` a connection, `told` works a
/// value out, and `texts` tells what it says in other languages. An edge that the type's declaration does not name, and so has no
/// level, does not build.
#[macro_export]
macro_rules! edges {
    (
        $(#[doc = $doc:literal])*
        $Edges:ident of $Domain:ty {
            one { $( $(#[doc = $odoc:literal])* $one:ident : $Far:ty, by $key:literal; )* }
            many { $( $(#[doc = $mdoc:literal])* $many:ident : $Item:ty, $munder:expr; )* }
            lists { $( $(#[doc = $ldoc:literal])* $list:ident : $Node:ty, $lunder:expr; )* }
            told { $( $(#[doc = $tdoc:literal])* $told:ident : $Value:ty, |$known:ident, $ctx:ident $(, $arg:ident : $Arg:ty = $adoc:literal)*| $body:expr; )* }
        }
        $(texts { $texts:ident, $translations:ident })?
        $(filters { $( $field:ident : $via:expr; )* })?
        $(sealed { $( $sealed:ident : $Sealed:ty ),* $(,)? })?
    ) => {
        $(#[doc = $doc])*
        pub struct $Edges(std::sync::Arc<$crate::confidentiality::Known<$Domain>>);

        impl From<std::sync::Arc<$crate::confidentiality::Known<$Domain>>> for $Edges {
            fn from(known: std::sync::Arc<$crate::confidentiality::Known<$Domain>>) -> Self {
                Self(known)
            }
        }

        $(#[doc = $doc])*
        #[expect(
            clippy::allow_attributes,
            reason = "whether a type has an edge of such a name depends on the type"
        )]
        #[allow(clippy::wrong_self_convention, reason = "`from_mechanism` is an edge")]
        #[async_graphql::Object]
        impl $Edges {
            $(
                $(#[doc = $odoc])*
                async fn $one(&self, ctx: &async_graphql::Context<'_>)
                    -> async_graphql::Result<Option<$crate::graphql::object::Object<$Far>>>
                {
                    if !$crate::graphql::edges::told(ctx, &self.0, <$Domain>::$one)? {
                        return Ok(None);
                    }
                    $crate::graphql::edges::one::<$Far>(ctx, self.0.key($key)).await
                }
            )*
            $(
                $(#[doc = $mdoc])*
                async fn $many(&self, ctx: &async_graphql::Context<'_>)
                    -> async_graphql::Result<Option<Vec<$crate::graphql::object::Object<$Item>>>>
                {
                    if !$crate::graphql::edges::told(ctx, &self.0, <$Domain>::$many)? {
                        return Ok(None);
                    }
                    Ok(Some($crate::graphql::edges::many::<$Item>(ctx, self.0.id(), $munder).await?))
                }
            )*
            $(
                $(#[doc = $ldoc])*
                #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
                async fn $list(
                    &self,
                    ctx: &async_graphql::Context<'_>,
                    #[graphql(desc = "Only those of which this holds.")]
                    filter: Option<$crate::graphql::filter::Filter<$Node>>,
                    #[graphql(desc = "In this order; by id where nothing is said.")]
                    order_by: Option<Vec<$crate::graphql::filter::Order<$Node>>>,
                    #[graphql(desc = "The first so many; 20 where nothing is said, 100 at most.")] first: Option<i32>,
                    #[graphql(desc = "After this cursor.")] after: Option<String>,
                    #[graphql(desc = "The last so many; 100 at most.")] last: Option<i32>,
                    #[graphql(desc = "Before this cursor.")] before: Option<String>,
                ) -> async_graphql::Result<Option<$crate::graphql::connection::Connection<$Node>>> {
                    if !$crate::graphql::edges::told(ctx, &self.0, <$Domain>::$list)? {
                        return Ok(None);
                    }
                    let page = $crate::graphql::connection::PageArguments { first, after, last, before };
                    let parent = self.0.id();
                    Ok(Some($crate::graphql::edges::list::<$Node>(ctx, parent, $lunder, filter, order_by, page).await?))
                }
            )*
            $(
                $(#[doc = $tdoc])*
                async fn $told(&self, $ctx: &async_graphql::Context<'_> $(, #[graphql(desc = $adoc)] $arg: $Arg)*)
                    -> async_graphql::Result<Option<$Value>>
                {
                    if !$crate::graphql::edges::told($ctx, &self.0, <$Domain>::$told)? {
                        return Ok(None);
                    }
                    let $known = &self.0;
                    $body
                }
            )*
            $(
                /// Its texts in a language: of each text that you are told, what it says in that
                /// language, or the original where there is none; in the language of
                /// `Accept-Language` where none is asked for.
                async fn $texts(
                    &self,
                    ctx: &async_graphql::Context<'_>,
                    #[graphql(desc = "In which of the six languages.")]
                    language: Option<$crate::graphql::language::Language>,
                    #[graphql(desc = "Of these fields alone.")]
                    fields: Option<Vec<$crate::graphql::texts::TextField<$Domain>>>,
                ) -> async_graphql::Result<Option<Vec<$crate::graphql::texts::RecordText>>> {
                    if !$crate::graphql::edges::told(ctx, &self.0, <$Domain>::$texts)? {
                        return Ok(None);
                    }
                    $crate::graphql::texts::texts(ctx, &self.0, language, fields).await.map(Some)
                }

                /// Its texts in every language that there is, the original of each first.
                async fn $translations(
                    &self,
                    ctx: &async_graphql::Context<'_>,
                    #[graphql(desc = "Of these fields alone.")]
                    fields: Option<Vec<$crate::graphql::texts::TextField<$Domain>>>,
                ) -> async_graphql::Result<Option<Vec<$crate::graphql::texts::RecordText>>> {
                    if !$crate::graphql::edges::told(ctx, &self.0, <$Domain>::$translations)? {
                        return Ok(None);
                    }
                    $crate::graphql::texts::translations(ctx, &self.0, fields).await.map(Some)
                }
            )?
        }

        impl $crate::graphql::object::Shown for $Domain {
            type Edges = $Edges;
            const WORKED_OUT: &'static [$crate::confidentiality::FieldIndex] =
                &[$( <$Domain>::$told, )* $( <$Domain>::$texts, <$Domain>::$translations, )?];
            $( const EDGE_FILTERS: &'static [$crate::graphql::filter::EdgeFilter] = &[
                $( $crate::graphql::filter::EdgeFilter { field: <$Domain>::$field, via: $via }, )*
            ]; )?

            fn shown_names() -> &'static [String] {
                static NAMES: std::sync::LazyLock<Vec<String>> = std::sync::LazyLock::new(|| {
                    <$Domain as $crate::confidentiality::Domain>::RULES
                        .iter()
                        .map(|rule| $crate::confidentiality::scalar::camel(rule.name))
                        .collect()
                });
                &NAMES
            }

            async fn resolve_sealed(
                field: $crate::confidentiality::FieldIndex,
                opened: &[u8],
                ctx: &async_graphql::Context<'_>,
            ) -> async_graphql::ServerResult<async_graphql::Value> {
                let _ = (field, opened, ctx);
                $( $(
                    if field == <$Domain>::$sealed {
                        return $crate::graphql::object::resolve_opened::<$Sealed>(opened, ctx).await;
                    }
                )* )?
                Ok(async_graphql::Value::Null)
            }
        }
    };
}

/// Codes of the topics that a record concerns.
///
/// # Errors
/// Fails where the database does.
pub async fn topics(ctx: &Context<'_>, id: RecordId) -> Result<Vec<String>> {
    let found = ctx
        .asked()?
        .loader
        .load_one(crate::store::batch::TopicsOf(id))
        .await;
    Ok(found.map_err(failed)?.unwrap_or_default())
}

//! `domain!`: the one declaration of a domain type, and what it must say.

use async_graphql::{Value, registry::Registry};
use sea_orm::{DbErr, QueryResult};

use super::{
    field::{FieldIndex, FieldRule, FieldSet},
    gate::Key,
    stored::Shape,
};
use crate::{id::RecordId, identity::kind::Kind};

/// A domain type, as [`domain!`](crate::domain) declares it.
///
/// Its fields come in this order: columns, provenance, sealed fields, edges, lists; a
/// field's place in that order is its [`FieldIndex`].
pub trait Domain: Send + Sync + Sized + 'static {
    /// The kind of its records, which names scopes and the GraphQL type.
    const KIND: Kind;
    /// The table of its rows.
    const TABLE: &'static str;
    /// What it is, for the schema.
    const DOC: &'static str;
    /// The rule of each field.
    const RULES: &'static [FieldRule];
    /// The columns among the fields.
    const COLUMNS: &'static [Column];
    /// The sealed fields.
    const SEALED: &'static [SealedField];
    /// Columns that hold ids of other records.
    const KEYS: &'static [&'static str];
    /// Lists of what points here, and texts in other languages. They can't be raised: to hide
    /// who points to a record is to raise the edge of each that does, or its existence; and a
    /// text is told where the field is that it says.
    const LISTS: &'static [&'static str];
    /// The column whose code changes as a day passes, where there is one.
    const LAPSES: Option<Lapse>;

    /// Reads a row: the chosen columns from position `at` on, then all keys.
    ///
    /// # Errors
    /// Fails where a column holds what this hub does not know.
    fn read(row: &QueryResult, columns: FieldSet, at: usize) -> Result<Self, DbErr>;

    /// The value of a column, as GraphQL tells it; only the gate has the key.
    fn told(&self, field: FieldIndex, key: &Key) -> Option<Value>;

    /// The record that a key column points to.
    fn key(&self, name: &str) -> Option<RecordId>;

    /// The rule of `field`; `None` for a place that no field has.
    fn rule(field: FieldIndex) -> Option<&'static FieldRule> {
        Self::RULES.get(usize::from(field.0))
    }
}

/// A field that is a column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its description, for the schema.
    pub doc: &'static str,
    /// How it is compared.
    pub shape: Shape,
    /// Its GraphQL type, nullable.
    pub graphql_type: fn(&mut Registry) -> String,
}

/// A code that reads as another once a day has passed: evaluated when read.
#[derive(Clone, Copy, Debug)]
pub struct Lapse {
    /// The column of the code.
    pub column: &'static str,
    /// The column of the last day; where it is withheld, the code reads as it is stored.
    pub after: &'static str,
    /// Codes that lapse.
    pub from: &'static [&'static str],
    /// As what they read then.
    pub to: &'static str,
}

/// A field that is sealed under the key of one person.
#[derive(Clone, Copy, Debug)]
pub struct SealedField {
    /// Its description, for the schema.
    pub doc: &'static str,
    /// Its GraphQL type, nullable.
    pub graphql_type: fn(&mut Registry) -> String,
}

/// The place of the field called `name`; 255, which is in no set, where there is none.
pub const fn place(rules: &[FieldRule], name: &str) -> FieldIndex {
    let mut index = 0;
    let mut rest = rules;
    while let Some((rule, tail)) = rest.split_first() {
        if same(rule.name.as_bytes(), name.as_bytes()) {
            return FieldIndex(index);
        }
        rest = tail;
        index += 1;
    }
    FieldIndex(u8::MAX)
}

const fn same(mut left: &[u8], mut right: &[u8]) -> bool {
    while let (Some((a, left_tail)), Some((b, right_tail))) =
        (left.split_first(), right.split_first())
    {
        if *a != *b {
            return false;
        }
        left = left_tail;
        right = right_tail;
    }
    left.is_empty() && right.is_empty()
}

/// Declares a domain type: its table, and of each field column, level and floor.
///
/// From this one declaration come the row that storage gives (each column a
/// [`Classified`](crate::confidentiality::Classified)), the rules of the gate, the
/// directives in `schema.graphql`, the resolvers, the filters and the orders.
/// A level stands in brackets behind each field; the floor is the level itself
/// where none is said.
///
/// ```
/// liaison::domain! {
///     /// A room.
///     Room, kind Country, table "room" {
///         columns {
///             /// Its name.
///             name: String [Public],
///             /// Its telephone.
///             phone: String [Partner, floor Public],
///         }
///         sealed {}
///         edges {}
///         keys {}
///     }
/// }
/// ```
///
/// A field without a level does not build:
///
/// ```compile_fail
/// liaison::domain! {
///     /// A room.
///     Room, kind Country, table "room" {
///         columns {
///             /// Its name.
///             name: String,
///         }
///         sealed {}
///         edges {}
///         keys {}
///     }
/// }
/// ```
///
/// Nor does a level that is none of the five:
///
/// ```compile_fail
/// liaison::domain! {
///     /// A room.
///     Room, kind Country, table "room" {
///         columns {
///             /// Its name.
///             name: String [Internal],
///         }
///         sealed {}
///         edges {}
///         keys {}
///     }
/// }
/// ```
#[macro_export]
macro_rules! domain {
    (
        $(#[doc = $doc:literal])*
        $Row:ident, kind $Kind:ident, table $table:literal {
            columns { $( $(#[doc = $cdoc:literal])* $column:ident : $ty:ty [ $clevel:ident $(, floor $cfloor:ident)? ] ),* $(,)? }
            sealed { $( $(#[doc = $sdoc:literal])* $sealed:ident : $sty:ty [ Victim ] ),* $(,)? }
            edges { $( $edge:ident [ $elevel:ident $(, floor $efloor:ident)? ] ),* $(,)? }
            $(lists { $( $list:ident ),* $(,)? })?
            keys { $( $key:ident ),* $(,)? }
            $(lapses { $lapsing:ident, after $day:ident, from [ $($from:literal),+ ], to $to:literal })?
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Debug)]
        pub struct $Row {
            $( $(#[doc = $cdoc])* pub $column: $crate::confidentiality::Classified<$ty>, )*
            /// Where the fact is from.
            pub source: $crate::confidentiality::Classified<String>,
            /// The date on which the source said so.
            pub as_of: $crate::confidentiality::Classified<$crate::date::PartialDate>,
            /// Under which licence the fact may be used.
            pub license: $crate::confidentiality::Classified<String>,
            $( #[doc = concat!("Record that `", stringify!($key), "` points to.")] pub $key: Option<$crate::id::RecordId>, )*
        }

        #[expect(non_upper_case_globals, reason = "a field is called as it is everywhere else")]
        impl $Row {
            $( #[doc = concat!("Place of `", stringify!($column), "`.")]
               pub const $column: $crate::confidentiality::FieldIndex =
                $crate::confidentiality::declare::place(<Self as $crate::confidentiality::Domain>::RULES, stringify!($column)); )*
            /// Place of `source`.
            pub const source: $crate::confidentiality::FieldIndex =
                $crate::confidentiality::declare::place(<Self as $crate::confidentiality::Domain>::RULES, "source");
            /// Place of `as_of`.
            pub const as_of: $crate::confidentiality::FieldIndex =
                $crate::confidentiality::declare::place(<Self as $crate::confidentiality::Domain>::RULES, "as_of");
            /// Place of `license`.
            pub const license: $crate::confidentiality::FieldIndex =
                $crate::confidentiality::declare::place(<Self as $crate::confidentiality::Domain>::RULES, "license");
            $( #[doc = concat!("Place of `", stringify!($sealed), "`.")]
               pub const $sealed: $crate::confidentiality::FieldIndex =
                $crate::confidentiality::declare::place(<Self as $crate::confidentiality::Domain>::RULES, stringify!($sealed)); )*
            $( #[doc = concat!("Place of `", stringify!($edge), "`.")]
               pub const $edge: $crate::confidentiality::FieldIndex =
                $crate::confidentiality::declare::place(<Self as $crate::confidentiality::Domain>::RULES, stringify!($edge)); )*
            $( $( #[doc = concat!("Place of `", stringify!($list), "`.")]
               pub const $list: $crate::confidentiality::FieldIndex =
                $crate::confidentiality::declare::place(<Self as $crate::confidentiality::Domain>::RULES, stringify!($list)); )* )?
        }

        impl $crate::confidentiality::Domain for $Row {
            const KIND: $crate::identity::kind::Kind = $crate::identity::kind::Kind::$Kind;
            const TABLE: &'static str = $table;
            const DOC: &'static str = concat!($($doc, "\n"),*);
            const RULES: &'static [$crate::confidentiality::FieldRule] = &[
                $( $crate::domain!(@rule $column, $clevel $(, $cfloor)?), )*
                $crate::domain!(@rule source, Public),
                $crate::domain!(@rule as_of, Public),
                $crate::domain!(@rule license, Public),
                $( $crate::domain!(@rule $sealed, Victim), )*
                $( $crate::domain!(@rule $edge, $elevel $(, $efloor)?), )*
                $( $( $crate::domain!(@rule $list, Public), )* )?
            ];
            const COLUMNS: &'static [$crate::confidentiality::declare::Column] = &[
                $( $crate::domain!(@column $ty, concat!($($cdoc, "\n"),*)), )*
                $crate::domain!(@column String, "Where the fact is from."),
                $crate::domain!(@column $crate::date::PartialDate, "The date on which the source said so."),
                $crate::domain!(@column String, "Under which licence the fact may be used."),
            ];
            const SEALED: &'static [$crate::confidentiality::declare::SealedField] = &[
                $( $crate::confidentiality::declare::SealedField {
                    doc: concat!($($sdoc, "\n"),*),
                    graphql_type: $crate::confidentiality::declare::nullable::<$sty>,
                }, )*
            ];
            const KEYS: &'static [&'static str] = &[$( stringify!($key) ),*];
            const LISTS: &'static [&'static str] = &[$( $( stringify!($list) ),* )?];
            const LAPSES: Option<$crate::confidentiality::declare::Lapse> =
                $crate::domain!(@lapse $( $lapsing, $day, [$($from),+], $to )?);

            fn read(
                row: &sea_orm::QueryResult,
                columns: $crate::confidentiality::FieldSet,
                mut at: usize,
            ) -> Result<Self, sea_orm::DbErr> {
                $( let $column = $crate::domain!(@read row, columns, at, $column, $ty); )*
                let source = $crate::domain!(@read row, columns, at, source, String);
                let as_of = $crate::domain!(@read row, columns, at, as_of, $crate::date::PartialDate);
                let license = $crate::domain!(@read row, columns, at, license, String);
                $( let $key = row
                    .try_get_by_index::<Option<$crate::confidentiality::declare::Uuid>>(at)?
                    .map($crate::id::RecordId);
                   at += 1; )*
                let _ = at;
                Ok(Self { $( $column, )* source, as_of, license, $( $key, )* })
            }

            fn told(
                &self,
                field: $crate::confidentiality::FieldIndex,
                key: &$crate::confidentiality::gate::Key,
            ) -> Option<async_graphql::Value> {
                use $crate::confidentiality::stored::Stored;
                $( if field == Self::$column { return self.$column.reveal(key).map(Stored::told); } )*
                if field == Self::source { return self.source.reveal(key).map(Stored::told); }
                if field == Self::as_of { return self.as_of.reveal(key).map(Stored::told); }
                if field == Self::license { return self.license.reveal(key).map(Stored::told); }
                None
            }

            fn key(&self, name: &str) -> Option<$crate::id::RecordId> {
                let _ = name;
                $( if name == stringify!($key) { return self.$key; } )*
                None
            }
        }
    };
    (@lapse) => { None };
    (@lapse $lapsing:ident, $day:ident, [$($from:literal),+], $to:literal) => {
        Some($crate::confidentiality::declare::Lapse {
            column: stringify!($lapsing),
            after: stringify!($day),
            from: &[$($from),+],
            to: $to,
        })
    };
    (@rule $name:ident, $level:ident) => { $crate::domain!(@rule $name, $level, $level) };
    (@rule $name:ident, $level:ident, $floor:ident) => {
        $crate::confidentiality::FieldRule {
            name: stringify!($name),
            level: $crate::confidentiality::Level::$level,
            floor: $crate::confidentiality::Level::$floor,
        }
    };
    (@column $ty:ty, $doc:expr) => {
        $crate::confidentiality::declare::Column {
            doc: $doc,
            shape: <$ty as $crate::confidentiality::stored::Stored>::SHAPE,
            graphql_type: <$ty as $crate::confidentiality::stored::Stored>::graphql_type,
        }
    };
    (@read $row:ident, $columns:ident, $at:ident, $column:ident, $ty:ty) => {
        $crate::confidentiality::Classified::close(
            Self::$column,
            if $columns.has(Self::$column) {
                let value = $crate::confidentiality::declare::readable(
                    <$ty as $crate::confidentiality::stored::Stored>::read($row, $at),
                );
                $at += 1;
                value
            } else {
                None
            },
        )
    };
}

pub use uuid::Uuid;

/// A value that was read; one that this hub does not know is absent, to everybody.
///
/// To fail here would tell those from whom the value is withheld that there is one.
pub fn readable<T>(read: Result<Option<T>, DbErr>) -> Option<T> {
    read.unwrap_or_else(|error| {
        tracing::error!(cause = %error, "a stored value is not one that this hub knows");
        None
    })
}

/// The name of an output type without its exclamation mark.
pub fn nullable<T: async_graphql::OutputType>(registry: &mut Registry) -> String {
    let name = T::create_type_info(registry);
    name.strip_suffix('!').map(str::to_owned).unwrap_or(name)
}

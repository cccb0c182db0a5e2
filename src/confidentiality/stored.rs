//! Column glue: how a value is read from a row, and how it is told.

use async_graphql::{Name, Value, registry::Registry};
use sea_orm::{DbErr, QueryResult};

use crate::{
    clock::Moment,
    confidentiality::scalar,
    date::PartialDate,
    vocabulary::codes::{CodeList, Coded},
};

/// What a column holds, as far as filters and orders need to know.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// Text, compared byte by byte.
    Text,
    /// A date with its precision; its text sorts as the dates do.
    Date,
    /// One code of a closed list.
    Code(&'static CodeList),
    /// A whole number.
    Number,
    /// A moment in unix seconds.
    Time,
    /// Yes or no.
    Flag,
    /// Several texts or codes, as JSON: told, but neither filtered nor ordered.
    List,
}

/// A type that a column can hold.
pub trait Stored: Send + Sync + Sized + 'static {
    /// How it is compared.
    const SHAPE: Shape;

    /// Reads it from column `index`; `None` is absent.
    ///
    /// # Errors
    /// Fails on a value that this hub does not know: it is not told to anybody.
    fn read(row: &QueryResult, index: usize) -> Result<Option<Self>, DbErr>;

    /// The value as GraphQL tells it.
    fn told(&self) -> Value;

    /// Registers the GraphQL type and gives its name, nullable.
    fn graphql_type(registry: &mut Registry) -> String;
}

fn unknown(what: &str) -> DbErr {
    DbErr::Type(format!("a stored value is no `{what}`"))
}

impl Stored for String {
    const SHAPE: Shape = Shape::Text;

    fn read(row: &QueryResult, index: usize) -> Result<Option<Self>, DbErr> {
        row.try_get_by_index(index)
    }

    fn told(&self) -> Value {
        Value::String(self.clone())
    }

    fn graphql_type(_: &mut Registry) -> String {
        "String".to_owned()
    }
}

impl Stored for i64 {
    const SHAPE: Shape = Shape::Number;

    fn read(row: &QueryResult, index: usize) -> Result<Option<Self>, DbErr> {
        row.try_get_by_index(index)
    }

    fn told(&self) -> Value {
        Value::from(*self)
    }

    fn graphql_type(_: &mut Registry) -> String {
        "Int".to_owned()
    }
}

impl Stored for bool {
    const SHAPE: Shape = Shape::Flag;

    fn read(row: &QueryResult, index: usize) -> Result<Option<Self>, DbErr> {
        row.try_get_by_index(index)
    }

    fn told(&self) -> Value {
        Value::Boolean(*self)
    }

    fn graphql_type(_: &mut Registry) -> String {
        "Boolean".to_owned()
    }
}

impl Stored for Moment {
    const SHAPE: Shape = Shape::Time;

    fn read(row: &QueryResult, index: usize) -> Result<Option<Self>, DbErr> {
        Ok(row
            .try_get_by_index::<Option<i64>>(index)?
            .map(Moment::from_seconds))
    }

    fn told(&self) -> Value {
        Value::String(self.rfc3339())
    }

    fn graphql_type(registry: &mut Registry) -> String {
        scalar::DATE_TIME.register(registry)
    }
}

impl Stored for PartialDate {
    const SHAPE: Shape = Shape::Date;

    fn read(row: &QueryResult, index: usize) -> Result<Option<Self>, DbErr> {
        row.try_get_by_index::<Option<String>>(index)?
            .map(|text| PartialDate::parse(&text).ok_or_else(|| unknown("PartialDate")))
            .transpose()
    }

    fn told(&self) -> Value {
        Value::String(self.as_str().to_owned())
    }

    fn graphql_type(registry: &mut Registry) -> String {
        scalar::PARTIAL_DATE.register(registry)
    }
}

impl<C: Coded> Stored for C {
    const SHAPE: Shape = Shape::Code(C::LIST);

    fn read(row: &QueryResult, index: usize) -> Result<Option<Self>, DbErr> {
        row.try_get_by_index::<Option<String>>(index)?
            .map(|code| C::from_code(&code).ok_or_else(|| unknown(C::LIST.name)))
            .transpose()
    }

    fn told(&self) -> Value {
        Value::Enum(Name::new(self.code()))
    }

    fn graphql_type(registry: &mut Registry) -> String {
        scalar::register_codes(registry, C::LIST)
    }
}

impl Stored for Vec<String> {
    const SHAPE: Shape = Shape::List;

    fn read(row: &QueryResult, index: usize) -> Result<Option<Self>, DbErr> {
        read_list(row, index)
    }

    fn told(&self) -> Value {
        Value::List(self.iter().cloned().map(Value::String).collect())
    }

    fn graphql_type(_: &mut Registry) -> String {
        "[String!]".to_owned()
    }
}

/// Several codes of one list.
#[derive(Debug)]
pub struct Codes<C>(pub Vec<C>);

impl<C: Coded> Stored for Codes<C> {
    const SHAPE: Shape = Shape::List;

    fn read(row: &QueryResult, index: usize) -> Result<Option<Self>, DbErr> {
        let codes = read_list(row, index)?.map(|texts| {
            texts
                .iter()
                .map(|code| C::from_code(code))
                .collect::<Option<Vec<_>>>()
        });
        match codes {
            None => Ok(None),
            Some(known) => known
                .map(|codes| Some(Self(codes)))
                .ok_or_else(|| unknown(C::LIST.name)),
        }
    }

    fn told(&self) -> Value {
        Value::List(
            self.0
                .iter()
                .map(|code| Value::Enum(Name::new(code.code())))
                .collect(),
        )
    }

    fn graphql_type(registry: &mut Registry) -> String {
        format!("[{}!]", scalar::register_codes(registry, C::LIST))
    }
}

fn read_list(row: &QueryResult, index: usize) -> Result<Option<Vec<String>>, DbErr> {
    row.try_get_by_index::<Option<String>>(index)?
        .map(|text| serde_json::from_str(&text).map_err(|_| unknown("list")))
        .transpose()
}

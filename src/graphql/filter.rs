//! Filters and orders: one input type for each domain type, made from its declaration.

use std::{borrow::Cow, marker::PhantomData};

use async_graphql::{
    InputType, InputValueError, InputValueResult, Value,
    indexmap::IndexMap,
    registry::{MetaTypeId, Registry},
};

use super::{
    error::Code,
    inputs::{code_test, input, input_object, register_enum, test_type},
    object::Shown,
};
use crate::{
    confidentiality::{FieldIndex, scalar::camel, stored::Shape},
    date::PartialDate,
    store::predicate::{Direction, Predicate, Scalar, Test, Via},
    vocabulary::codes::CodeList,
};

/// An edge that a filter can follow, by the code of what it leads to.
#[derive(Clone, Copy, Debug)]
pub struct EdgeFilter {
    /// The edge.
    pub field: FieldIndex,
    /// How it is stored.
    pub via: Via,
}

/// A filter on records of type `D`.
pub struct Filter<D> {
    predicate: Predicate,
    domain: PhantomData<fn() -> D>,
}

/// An order of records of type `D`.
pub struct Order<D> {
    /// By which column, in which direction.
    pub by: (FieldIndex, Direction),
    domain: PhantomData<fn() -> D>,
}

/// Bytes of the longest text to compare with.
pub const LONGEST: usize = 200;
/// How deep `and`, `or` and `not` are nested at most.
const DEEPEST: usize = 8;
/// Most parts of a filter, and values that it compares with, together.
const HEAVIEST: usize = 250;
/// Most values in a list.
const MOST: usize = 100;

impl<D> Filter<D> {
    /// What it asks.
    pub fn into_predicate(self) -> Predicate {
        self.predicate
    }
}

impl<D: Shown> InputType for Filter<D> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        Cow::Owned(format!("{}Filter", D::KIND.type_name()))
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_input_type::<Self, _>(MetaTypeId::InputObject, |registry| {
            let own = Self::type_name();
            let mut inputs = IndexMap::new();
            let mut add = |name: String, ty: String, doc: String| {
                inputs.insert(name.clone(), input(name, ty, doc));
            };
            for (rule, column) in D::RULES.iter().zip(D::COLUMNS) {
                if let Some(ty) = test_type(registry, column.shape) {
                    add(camel(rule.name), ty, format!("Tests `{}`.", camel(rule.name)));
                }
            }
            for edge in D::EDGE_FILTERS {
                if let Some(rule) = D::rule(edge.field) {
                    let ty = code_test(registry);
                    add(camel(rule.name), ty, format!("Follows `{}` to what has one of these codes.", camel(rule.name)));
                }
            }
            add("and".to_owned(), format!("[{own}!]"), "All of these hold.".to_owned());
            add("or".to_owned(), format!("[{own}!]"), "At least one of these holds.".to_owned());
            add("not".to_owned(), own.to_string(), "This does not hold, of what you may see. What is absent or withheld passes neither a test nor its denial.".to_owned());
            input_object(own.into_owned(), format!("Chooses among records of type `{}`: every test given must hold. A test holds only of what you may see.", D::KIND.type_name()), inputs)
        })
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let predicate =
            Self::whole(value.unwrap_or_default(), DEEPEST).map_err(|fault| told(fault.0))?;
        let weight = predicate.weight();
        if weight > HEAVIEST {
            return Err(told(format!(
                "a filter has at most {HEAVIEST} parts and values; this one has {weight}"
            )));
        }
        Ok(Self {
            predicate,
            domain: PhantomData,
        })
    }

    fn to_value(&self) -> Value {
        Value::Null
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl<D: Shown> Filter<D> {
    fn whole(value: Value, depth: usize) -> Result<Predicate, Fault> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(said(format!("a filter is nested at most {DEEPEST} deep")));
        };
        let Value::Object(fields) = value else {
            return Err(said("a filter takes tests by field".to_owned()));
        };
        fields
            .into_iter()
            .filter(|(_, value)| *value != Value::Null)
            .map(|(name, value)| Self::part(name.as_str(), value, depth))
            .collect::<Result<_, _>>()
            .map(Predicate::All)
    }

    fn part(name: &str, value: Value, depth: usize) -> Result<Predicate, Fault> {
        match name {
            "and" | "or" => {
                let parts = list(value)?
                    .into_iter()
                    .map(|part| Self::whole(part, depth))
                    .collect::<Result<Vec<_>, _>>()?;
                Ok(if name == "and" {
                    Predicate::All(parts)
                } else {
                    Predicate::Any(parts)
                })
            }
            "not" => Ok(Predicate::Not(Box::new(Self::whole(value, depth)?))),
            _ => {
                let place = D::shown_names().iter().position(|shown| shown == name);
                let field = place
                    .and_then(|place| u8::try_from(place).ok())
                    .map(FieldIndex);
                let field = field.ok_or_else(|| said(format!("`{name}` can't be filtered")))?;
                if let Some(edge) = D::EDGE_FILTERS.iter().find(|edge| edge.field == field) {
                    let codes = tests(name, &Shape::Text, value)?
                        .into_iter()
                        .flat_map(|test| match test {
                            Test::In(values) => values,
                            _ => Vec::new(),
                        });
                    let codes = codes
                        .filter_map(|code| match code {
                            Scalar::Text(code) => Some(code),
                            _ => None,
                        })
                        .collect();
                    return Ok(Predicate::Edge(field, edge.via, codes));
                }
                let column = D::COLUMNS.get(usize::from(field.0));
                let column = column.ok_or_else(|| said(format!("`{name}` can't be filtered")))?;
                let tests = tests(name, &column.shape, value)?;
                Ok(Predicate::All(
                    tests
                        .into_iter()
                        .map(|test| Predicate::Column(field, test))
                        .collect(),
                ))
            }
        }
    }
}

impl<D: Shown> InputType for Order<D> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        Cow::Owned(format!("{}Order", D::KIND.type_name()))
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_input_type::<Self, _>(MetaTypeId::InputObject, |registry| {
            let fields = format!("{}OrderField", D::KIND.type_name());
            let values = D::RULES.iter().zip(D::COLUMNS).filter(|(_, column)| orderable(column.shape));
            let values = values.map(|(rule, _)| (rule.name.to_ascii_uppercase(), format!("By `{}`.", camel(rule.name))));
            register_enum(registry, &fields, &format!("What records of type `{}` can be ordered by.", D::KIND.type_name()), values);
            let directions = [("ASC", "From the least."), ("DESC", "From the greatest.")];
            register_enum(registry, "Direction", "In which direction a list is ordered. What is absent or withheld comes last either way.", directions.map(|(name, doc)| (name.to_owned(), doc.to_owned())));
            let mut inputs = IndexMap::new();
            for (name, ty, doc) in [("field", format!("{fields}!"), "By which field."), ("direction", "Direction!".to_owned(), "In which direction.")] {
                inputs.insert(name.to_owned(), input(name.to_owned(), ty, doc.to_owned()));
            }
            input_object(Self::type_name().into_owned(), format!("An order of records of type `{}`; ties are broken by id.", D::KIND.type_name()), inputs)
        })
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let Some(Value::Object(fields)) = value else {
            return Err(InputValueError::expected_type(value.unwrap_or_default()));
        };
        let code = |name: &str| match fields.get(name) {
            Some(Value::Enum(code)) => Some(code.as_str().to_owned()),
            Some(Value::String(code)) => Some(code.clone()),
            _ => None,
        };
        let field = code("field").and_then(|code| {
            (0u8..)
                .zip(D::RULES.iter().zip(D::COLUMNS))
                .find(|(_, (rule, column))| {
                    orderable(column.shape) && rule.name.to_ascii_uppercase() == code
                })
                .map(|(index, _)| FieldIndex(index))
        });
        let direction = match code("direction").as_deref() {
            Some("ASC") => Some(Direction::Ascending),
            Some("DESC") => Some(Direction::Descending),
            _ => None,
        };
        match (field, direction) {
            (Some(field), Some(direction)) => Ok(Self {
                by: (field, direction),
                domain: PhantomData,
            }),
            _ => Err(told(
                "an order has a `field` of its type and a `direction`".to_owned(),
            )),
        }
    }

    fn to_value(&self) -> Value {
        Value::Null
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

/// The sentence, under a code of ours: it names fields and limits, never a value.
fn told<T: InputType>(sentence: String) -> InputValueError<T> {
    InputValueError::custom(sentence).with_extension("code", Code::BadInput.name())
}

/// What is wrong with an input, in a sentence.
struct Fault(String);

fn said(sentence: String) -> Fault {
    Fault(sentence)
}

fn orderable(shape: Shape) -> bool {
    match shape {
        Shape::Text | Shape::Date | Shape::Code(_) | Shape::Number | Shape::Time | Shape::Flag => {
            true
        }
        Shape::List => false,
    }
}

/// Reads the tests on one field; `in` and `eq` say the same of one value and of several.
fn tests(name: &str, shape: &Shape, value: Value) -> Result<Vec<Test>, Fault> {
    let Value::Object(tests) = value else {
        return Err(said(format!("`{name}` takes tests such as `{{ eq: … }}`")));
    };
    tests
        .into_iter()
        .filter(|(_, value)| *value != Value::Null)
        .map(|(test, value)| match test.as_str() {
            "eq" => Ok(Test::In(vec![scalar_of(name, shape, value)?])),
            "in" => {
                let values = list(value)?;
                let values = values
                    .into_iter()
                    .map(|value| scalar_of(name, shape, value));
                Ok(Test::In(values.collect::<Result<_, _>>()?))
            }
            "gte" => Ok(Test::From(scalar_of(name, shape, value)?)),
            "lt" => Ok(Test::Before(scalar_of(name, shape, value)?)),
            "contains" => match value {
                Value::String(needle)
                    if !needle.is_empty() && needle.len() <= LONGEST && !needle.contains('\0') =>
                {
                    Ok(Test::Contains(needle))
                }
                _ => Err(said(format!(
                    "`{name}.contains` takes 1 to {LONGEST} bytes of text"
                ))),
            },
            other => Err(said(format!("`{name}` has no test `{other}`"))),
        })
        .collect()
}

fn list(value: Value) -> Result<Vec<Value>, Fault> {
    match value {
        Value::List(values) if values.len() <= MOST => Ok(values),
        Value::List(values) => Err(said(format!(
            "a list in a filter has at most {MOST} values; this one has {}",
            values.len()
        ))),
        one => Ok(vec![one]),
    }
}

fn scalar_of(name: &str, shape: &Shape, value: Value) -> Result<Scalar, Fault> {
    let wrong = || said(format!("`{name}` is not compared with such a value"));
    match (shape, value) {
        (Shape::Text | Shape::List, Value::String(text))
            if text.len() <= LONGEST && !text.contains('\0') =>
        {
            Ok(Scalar::Text(text))
        }
        (Shape::Date, Value::String(text)) => match PartialDate::parse(&text) {
            Some(date) => Ok(Scalar::Text(date.as_str().to_owned())),
            None => Err(said(format!(
                "`{name}` takes a date such as `2012`, `2012-12` or `2012-12-12`"
            ))),
        },
        (Shape::Code(codes), Value::Enum(code)) => {
            known_code(codes, code.as_str()).ok_or_else(wrong)
        }
        (Shape::Code(codes), Value::String(code)) => known_code(codes, &code).ok_or_else(wrong),
        (Shape::Number, Value::Number(number)) => {
            number.as_i64().map(Scalar::Number).ok_or_else(wrong)
        }
        (Shape::Time, Value::String(text)) => moment(&text).map(Scalar::Number).ok_or_else(wrong),
        (Shape::Flag, Value::Boolean(flag)) => Ok(Scalar::Flag(flag)),
        _ => Err(wrong()),
    }
}

fn known_code(codes: &CodeList, code: &str) -> Option<Scalar> {
    codes
        .codes
        .iter()
        .find(|known| known.code == code)
        .map(|known| Scalar::Text(known.code.to_owned()))
}

/// A moment (RFC 3339), in unix seconds.
pub fn moment(text: &str) -> Option<i64> {
    let format = &time::format_description::well_known::Rfc3339;
    time::OffsetDateTime::parse(text, format)
        .ok()
        .map(time::OffsetDateTime::unix_timestamp)
}

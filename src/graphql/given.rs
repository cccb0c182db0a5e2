//! Values of the field's own types, as an input gives them.

use std::borrow::Cow;

use async_graphql::{InputType, InputValueError, InputValueResult, Value, registry::Registry};

use super::filter::moment;
use crate::{clock::Moment, confidentiality::scalar, date::PartialDate, vocabulary::codes::Coded};

/// A code of a closed list.
#[derive(Clone, Copy, Debug)]
pub struct Given<C>(pub C);

impl<C: Coded> InputType for Given<C> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed(C::LIST.name)
    }

    fn create_type_info(registry: &mut Registry) -> String {
        format!("{}!", scalar::register_codes(registry, C::LIST))
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let code = match value.unwrap_or_default() {
            Value::Enum(code) => code.to_string(),
            Value::String(code) => code,
            other => return Err(InputValueError::expected_type(other)),
        };
        let unknown = || InputValueError::custom(format!("no code of `{}`", C::LIST.name));
        C::from_code(&code).map(Self).ok_or_else(unknown)
    }

    fn to_value(&self) -> Value {
        Value::from(self.0.code())
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

/// A moment, in UTC.
#[derive(Clone, Copy, Debug)]
pub struct GivenMoment(pub Moment);

impl InputType for GivenMoment {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("DateTime")
    }

    fn create_type_info(registry: &mut Registry) -> String {
        format!("{}!", scalar::DATE_TIME.register(registry))
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        match value.unwrap_or_default() {
            Value::String(text) => moment(&text)
                .map(|seconds| Self(Moment::from_seconds(seconds)))
                .ok_or_else(|| InputValueError::custom("no moment such as `2012-12-12T09:00:00Z`")),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::from(self.0.rfc3339())
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

/// A date with its precision.
#[derive(Clone, Debug)]
pub struct GivenDate(pub PartialDate);

impl InputType for GivenDate {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("PartialDate")
    }

    fn create_type_info(registry: &mut Registry) -> String {
        format!("{}!", scalar::PARTIAL_DATE.register(registry))
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        match value.unwrap_or_default() {
            Value::String(text) => PartialDate::parse(&text)
                .map(Self)
                .ok_or_else(|| InputValueError::custom("no date such as `2012` or `2012-12-12`")),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::from(self.0.as_str())
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

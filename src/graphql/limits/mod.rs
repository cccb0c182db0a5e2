//! What a request may ask for: limits, published and checked before any work.
//!
//! Three steps, each cheap for what it lets through: [`scan`] reads the bytes
//! before anything parses them, [`fill_defaults`] gives omitted variables their
//! defaults, [`inspect`] counts the parsed document with its fragments expanded.

mod count;
mod defaults;
mod rows;
mod scan;
mod sum;
#[cfg(test)]
mod tests;

use std::{fmt, time::Duration};

use async_graphql::ServerError;
use thiserror::Error;

pub use self::{
    count::{Cost, inspect, operation},
    defaults::fill_defaults,
    scan::{scan, scan_json},
};
use super::error::Code;

/// The published limits; `serviceLimits` tells them to callers.
#[derive(Clone, Copy, Debug)]
pub struct Limits;

impl Limits {
    /// Bytes of a request's body.
    pub const BODY_BYTES: usize = 256 * 1024;
    /// Bytes of a document.
    pub const DOCUMENT_BYTES: usize = 32 * 1024;
    /// Levels of nesting of brackets, in the text of document and variables.
    pub const NESTING: u64 = 64;
    /// Levels of selections, with fragments expanded: each takes its part of the stack.
    pub const DEPTH: u64 = 32;
    /// Levels of fields below `__schema` and `__type`.
    pub const INTROSPECTION_NESTING: u64 = 20;
    /// Tokens of a document.
    pub const TOKENS: u64 = 10_000;
    /// Fields and fragment spreads, with fragments expanded.
    pub const FIELDS: u64 = 5_000;
    /// Aliases of an operation, with fragments expanded.
    pub const ALIASES: u64 = 30;
    /// Root fields of an operation, with fragments expanded.
    pub const ROOT_FIELDS: u64 = 20;
    /// Directives on one field, fragment, variable or operation.
    pub const DIRECTIVES: u64 = 5;
    /// Records of a page, at most.
    pub const PAGE: u64 = 100;
    /// Records that a list without pages is taken to have, when an answer is estimated.
    pub const LIST: u64 = 5;
    /// Records of a page where the request does not say.
    pub const PAGE_DEFAULT: u64 = 20;
    /// Objects in an answer without a token, as estimated.
    pub const NODES_ANONYMOUS: u64 = 10_000;
    /// Objects in an answer with a token, as estimated.
    pub const NODES_TOKEN: u64 = 50_000;
    /// Values resolved for each object allowed, on average.
    pub const VALUES_PER_NODE: u64 = 20;
    /// Values in an answer about the schema itself, as estimated.
    pub const INTROSPECTION_VALUES: u64 = 500_000;
    /// Persons' files that one request may open.
    pub const SEALED_OPENINGS: u64 = 25;
    /// Time for a request, body and answer included.
    pub const TIME: Duration = Duration::from_secs(10);

    /// Objects in an answer, as estimated, for callers of this tier.
    pub const fn nodes(tier: Tier) -> u64 {
        match tier {
            Tier::Anonymous => Self::NODES_ANONYMOUS,
            Tier::Token => Self::NODES_TOKEN,
        }
    }

    /// Values resolved for an answer, as estimated, for callers of this tier.
    pub const fn values(tier: Tier) -> u64 {
        Self::nodes(tier) * Self::VALUES_PER_NODE
    }
}

/// Who asks, as far as limits go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// Without a token.
    Anonymous,
    /// With a token that was accepted.
    Token,
}

/// What the count needs to know of the schema, by name of field.
///
/// Names, not types: where a name means several things, the dearer one counts.
pub trait SchemaKnowledge {
    /// Whether a field of this name is a connection with page arguments.
    fn is_connection(&self, field: &str) -> bool;
    /// Whether a field of this name is a list of records without page arguments.
    fn is_list(&self, field: &str) -> bool;
    /// Whether a field of this name is sealed in a person's file.
    fn is_sealed(&self, field: &str) -> bool;
}

/// Why a request is refused before any work.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LimitError {
    /// Something is over its limit.
    #[error("{measure} is {value}; the limit is {limit}")]
    Over {
        /// What was measured.
        measure: Measure,
        /// What it was found to be, or where the count was given up.
        value: u64,
        /// What it may be.
        limit: u64,
    },
    /// A fragment spreads itself, directly or through others.
    #[error("fragment `{0}` spreads itself")]
    FragmentCycle(String),
    /// No operation of the name that was given.
    #[error("the document has no operation `{0}`")]
    OperationUnknown(String),
    /// Several operations, and no name given.
    #[error("the document has several operations; give `operationName`")]
    OperationNameRequired,
    /// A variable that must have a value has none.
    #[error("variable `{0}` must have a value")]
    VariableMissing(String),
    /// A mutation asks for an act twice under one name, and would have it done twice.
    #[error("`{0}` is asked for twice; give each act a name of its own")]
    ActTwice(String),
}

/// What is measured, in the words of the refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Bytes of the body.
    Body,
    /// Bytes of the document.
    Document,
    /// Nesting of the document.
    Nesting,
    /// Nesting of fields about the schema.
    IntrospectionNesting,
    /// Nesting of the variables.
    InputNesting,
    /// Tokens of the document.
    Tokens,
    /// Fields with fragments expanded.
    Fields,
    /// Aliases with fragments expanded.
    Aliases,
    /// Root fields with fragments expanded.
    RootFields,
    /// Directives on one thing.
    Directives,
    /// Records of one page.
    Page,
    /// Objects in the answer.
    Nodes,
    /// Values in the answer.
    Values,
    /// Values in the answer about the schema.
    IntrospectionValues,
    /// Persons' files to be opened.
    SealedOpenings,
}

impl Measure {
    /// The code under which a measure over its limit is told.
    pub const fn code(self) -> Code {
        match self {
            Self::Body => Code::BodyTooLarge,
            Self::Document => Code::DocumentTooLarge,
            Self::Nesting | Self::IntrospectionNesting => Code::DocumentTooDeep,
            Self::InputNesting => Code::InputTooDeep,
            Self::Tokens => Code::TooManyTokens,
            Self::Fields => Code::TooManyFields,
            Self::Aliases => Code::TooManyAliases,
            Self::RootFields => Code::TooManyRootFields,
            Self::Directives => Code::TooManyDirectives,
            Self::Page => Code::PageTooLarge,
            Self::Nodes | Self::Values | Self::IntrospectionValues => Code::AnswerTooLarge,
            Self::SealedOpenings => Code::TooManySealedOpenings,
        }
    }

    /// Passes what is within the limit.
    pub fn check(self, value: u64, limit: u64) -> Result<(), LimitError> {
        if value > limit {
            return Err(LimitError::Over {
                measure: self,
                value,
                limit,
            });
        }
        Ok(())
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Body => "the body's size in bytes",
            Self::Document => "the document's size in bytes",
            Self::Nesting => "the document's nesting",
            Self::IntrospectionNesting => "the nesting of fields about the schema",
            Self::InputNesting => "the variables' nesting",
            Self::Tokens => "the number of tokens",
            Self::Fields => "the number of fields, fragments expanded,",
            Self::Aliases => "the number of aliases, fragments expanded,",
            Self::RootFields => "the number of root fields",
            Self::Directives => "the number of directives on one field",
            Self::Page => "the size of the page",
            Self::Nodes => "the estimated number of objects in the answer",
            Self::Values => "the estimated number of values in the answer",
            Self::IntrospectionValues => "the estimated number of values about the schema",
            Self::SealedOpenings => "the estimated number of sealed files to open",
        })
    }
}

impl LimitError {
    /// The stable code of this refusal.
    pub const fn code(&self) -> Code {
        match self {
            Self::Over { measure, .. } => measure.code(),
            Self::FragmentCycle(_) => Code::FragmentCycle,
            Self::OperationUnknown(_) => Code::OperationUnknown,
            Self::OperationNameRequired => Code::OperationNameRequired,
            Self::VariableMissing(_) => Code::VariableMissing,
            Self::ActTwice(_) => Code::ActTwice,
        }
    }

    /// The refusal as it stands in an answer.
    pub fn server_error(&self) -> ServerError {
        self.code().server_error(self.to_string())
    }
}

//! What a caller is told when something is refused or fails: code and sentence.
//!
//! This is the one place where an error becomes words for a caller. An error
//! that carries one of our codes passes; an error that speaks of the document
//! alone passes under a code of ours; anything else becomes [`Code::Internal`]
//! with the request id under which the log holds the cause.

use async_graphql::{Error, ErrorExtensionValues, Response, ServerError, Value, parser};

/// Errors of one answer that are told; a document with thousands is not echoed.
const TOLD: usize = 20;
/// Longest message that is told or logged, in characters.
const LONGEST: usize = 600;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal: $sentence:literal,)+) => {
        /// Stable codes of refusals and faults, as in `extensions.code`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code {
            $($(#[$doc])* $variant,)+
        }

        impl Code {
            /// Every code, in the order in which they are declared.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code as callers see it, `SCREAMING_SNAKE_CASE`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The sentence that goes with the code when there is no better one.
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$variant => $sentence,)+ }
            }
        }
    };
}

codes! {
    /// The request is not well formed: bad JSON, a parameter of the wrong type.
    BadRequest = "BAD_REQUEST": "the request is not well formed",
    /// A value given in the request does not fit its type.
    BadInput = "BAD_INPUT": "a value in the request is not valid",
    /// A body in another form than JSON.
    UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE": "send `content-type: application/json` in UTF-8",
    /// No form of answer that the caller accepts.
    NotAcceptable = "NOT_ACCEPTABLE": "answers are `application/graphql-response+json` or `application/json`",
    /// A method that the page does not know, or a mutation over `GET`.
    MethodNotAllowed = "METHOD_NOT_ALLOWED": "this method is not allowed here",
    /// Several requests in one body.
    BatchNotSupported = "BATCH_NOT_SUPPORTED": "send one request at a time; batches are not accepted",
    /// A token on a request whose text ends up in logs and caches.
    TokenWithGet = "TOKEN_WITH_GET": "requests with a token are sent by `POST`",
    /// A token in the address, which ends up in logs and histories.
    TokenInAddress = "TOKEN_IN_ADDRESS": "send the token in the header `Authorization`, never in the address",
    /// A token that is not accepted; the same body whatever the cause.
    Unauthenticated = "UNAUTHENTICATED": "the token is not valid",
    /// A purpose that is no object of a code and a reason.
    PurposeMalformed = "PURPOSE_MALFORMED": "`purpose` has a `code` and a `reason`, both text",
    /// A purpose that is not on the list.
    PurposeUnknown = "PURPOSE_UNKNOWN": "`purpose.code` is not on the list of purposes",
    /// A purpose whose reason is empty, too long, or no plain text.
    PurposeReasonInvalid = "PURPOSE_REASON_INVALID": "`purpose.reason` is not valid",
    /// Too many requests from one subject or one address.
    RateLimited = "RATE_LIMITED": "too many requests; try again later",
    /// The time limit was reached, and the work was given up.
    TimedOut = "TIMED_OUT": "the request took longer than is allowed and was given up",
    /// The hub cannot answer now.
    Unavailable = "UNAVAILABLE": "the hub cannot answer at the moment",
    /// The hub was restored from a backup, and nobody has opened it yet.
    RestoredClosed = "RESTORED_CLOSED": "the hub was restored from a backup and is closed until its officers have looked at it",
    /// No page has this address.
    NoSuchPage = "NO_SUCH_PAGE": "there is no such page",

    /// The document is not GraphQL.
    ParseFailed = "GRAPHQL_PARSE_FAILED": "the document cannot be read",
    /// The document does not fit the schema.
    ValidationFailed = "GRAPHQL_VALIDATION_FAILED": "the document does not fit the schema",
    /// `operationName` names no operation of the document.
    OperationUnknown = "OPERATION_UNKNOWN": "the document has no operation of this name",
    /// Several operations, and no `operationName`.
    OperationNameRequired = "OPERATION_NAME_REQUIRED": "the document has several operations; give `operationName`",
    /// An operation type that this transport does not carry.
    SubscriptionNotSupported = "SUBSCRIPTION_NOT_SUPPORTED": "subscriptions are not answered here",
    /// A variable that must have a value has none.
    VariableMissing = "VARIABLE_MISSING": "a variable that must have a value has none",
    /// A mutation that asks for an act twice under one name.
    ActTwice = "ACT_TWICE": "an act is asked for twice under one name",

    /// The body is over its limit.
    BodyTooLarge = "BODY_TOO_LARGE": "the body is larger than is allowed",
    /// The document is over its limit of bytes.
    DocumentTooLarge = "DOCUMENT_TOO_LARGE": "the document is larger than is allowed",
    /// The document is nested over its limit.
    DocumentTooDeep = "DOCUMENT_TOO_DEEP": "the document is nested deeper than is allowed",
    /// The body or its variables are nested over their limit.
    InputTooDeep = "INPUT_TOO_DEEP": "the variables are nested deeper than is allowed",
    /// The document has more tokens than its limit.
    TooManyTokens = "TOO_MANY_TOKENS": "the document has more tokens than are allowed",
    /// The document asks for more fields than its limit, fragments expanded.
    TooManyFields = "TOO_MANY_FIELDS": "the document asks for more fields than are allowed",
    /// The document has more aliases than its limit.
    TooManyAliases = "TOO_MANY_ALIASES": "the document has more aliases than are allowed",
    /// An operation has more root fields than its limit.
    TooManyRootFields = "TOO_MANY_ROOT_FIELDS": "the operation has more root fields than are allowed",
    /// Something carries more directives than its limit.
    TooManyDirectives = "TOO_MANY_DIRECTIVES": "a field has more directives than are allowed",
    /// A page is asked for that is over its limit.
    PageTooLarge = "PAGE_TOO_LARGE": "the page is larger than is allowed",
    /// The answer is estimated to be over its limit.
    AnswerTooLarge = "ANSWER_TOO_LARGE": "the answer would be larger than is allowed",
    /// More persons' files would be opened than is allowed in one request.
    TooManySealedOpenings = "TOO_MANY_SEALED_OPENINGS": "the request would open more sealed files than are allowed",
    /// A fragment spreads itself, directly or through others.
    FragmentCycle = "FRAGMENT_CYCLE": "a fragment spreads itself",

    /// No such record, or none that the viewer may know of.
    NotFound = "NOT_FOUND": "there is no such record",
    /// The viewer sees the record, and may not do this to it.
    Forbidden = "FORBIDDEN": "this is not open to you",
    /// The record has changed since the caller read it.
    Conflict = "CONFLICT": "the record has changed since you read it",
    /// A cursor that was not made for this query and viewer.
    CursorInvalid = "CURSOR_INVALID": "the cursor does not belong to this query",
    /// A fault of ours; the cause is in the log under the request id.
    Internal = "INTERNAL": "internal error",
}

impl Code {
    /// The code of this name, if it is one of ours.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }

    /// An error for a resolver to return, with the code's own sentence.
    pub fn error(self) -> Error {
        self.says(self.sentence())
    }

    /// An error for a resolver to return, with a sentence that says more.
    pub fn says(self, sentence: impl Into<String>) -> Error {
        let mut error = Error::new(sentence);
        error.extensions = Some(self.extensions());
        error
    }

    /// The error as it stands in an answer that no resolver has made.
    pub fn server_error(self, sentence: impl Into<String>) -> ServerError {
        let mut error = ServerError::new(sentence, None);
        error.extensions = Some(self.extensions());
        error
    }

    /// The code that an error carries, if it is one of ours.
    pub fn of(error: &ServerError) -> Option<Self> {
        match error.extensions.as_ref()?.get("code")? {
            Value::String(name) => Self::parse(name),
            _ => None,
        }
    }

    fn extensions(self) -> ErrorExtensionValues {
        let mut values = ErrorExtensionValues::default();
        values.set("code", self.name());
        values
    }
}

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        code.error()
    }
}

/// A document that could not be parsed, in the parser's words.
pub fn parse_failed(error: parser::Error) -> ServerError {
    let mut told = ServerError::from(error);
    told.message = shortened(&told.message);
    told.extensions = Some(Code::ParseFailed.extensions());
    told
}

/// Masks every error of an answer that is not meant for the caller.
///
/// Errors with a code of ours stay. Errors of validation speak of the document
/// only and stay under [`Code::ValidationFailed`]. The rest is logged once,
/// under the request id, and told as [`Code::Internal`].
pub fn mask(response: &mut Response, request_id: &str) {
    let refused = response.data == Value::Null && response.errors.iter().all(before_execution);
    response.errors.truncate(TOLD);
    for error in &mut response.errors {
        let source = error.source.take();
        if Code::of(error).is_some() {
            continue;
        }
        if let (None, Some(sentence)) = (source, input_fault(&error.message)) {
            error.message = sentence;
            error.extensions = Some(Code::BadInput.extensions());
        } else if refused {
            error.message = shortened(&error.message);
            error.extensions = Some(Code::ValidationFailed.extensions());
        } else {
            tracing::error!(
                request.id = request_id,
                path = %path(error),
                cause = %without_values(&error.message),
                "a resolver failed"
            );
            error.message = Code::Internal.sentence().to_owned();
            let mut values = Code::Internal.extensions();
            values.set("requestId", request_id);
            error.extensions = Some(values);
        }
    }
}

/// Validation leaves neither a path nor a source; a resolver leaves one of them.
fn before_execution(error: &ServerError) -> bool {
    error.path.is_empty() && error.source.is_none()
}

/// The executor's words for a value that does not fit, without the value.
fn input_fault(message: &str) -> Option<String> {
    if let Some(rest) = message.strip_prefix("Variable ") {
        let name = rest.strip_suffix(" is not defined.")?;
        return is_type_name(name).then(|| format!("variable `{name}` has no value"));
    }
    let rest = message
        .strip_prefix("Failed to parse \"")
        .or_else(|| message.strip_prefix("Expected input type \""))?;
    let (name, _) = rest.split_once('"')?;
    is_type_name(name).then(|| format!("a value is not a valid `{name}`"))
}

fn is_type_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '[' | ']' | '!');
    (1..=80).contains(&name.len()) && name.chars().all(plain)
}

/// Field names of the path; positions in lists say nothing and are left out.
fn path(error: &ServerError) -> String {
    let fields = error.path.iter().filter_map(|segment| match segment {
        async_graphql::PathSegment::Field(name) => Some(name.as_str()),
        async_graphql::PathSegment::Index(_) => None,
    });
    fields.collect::<Vec<_>>().join(".")
}

/// A foreign error's message with everything quoted or in brackets left out.
///
/// Drivers quote the values they complain of. Our own errors name no value.
fn without_values(message: &str) -> String {
    let mut kept = String::new();
    let mut until: Option<char> = None;
    for c in message.chars().take(LONGEST) {
        match (until, c) {
            (Some(close), c) if c == close => until = None,
            (Some(_), _) => {}
            (None, '"' | '\'' | '`') => until = Some(c),
            (None, '(') => until = Some(')'),
            (None, '[') => until = Some(']'),
            (None, '{') => until = Some('}'),
            (None, c) => kept.push(c),
        }
    }
    kept
}

fn shortened(message: &str) -> String {
    match message.char_indices().nth(LONGEST) {
        Some((end, _)) => message.get(..end).unwrap_or_default().to_owned() + "…",
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_has_a_name_of_its_own() {
        for code in Code::ALL {
            assert_eq!(Code::parse(code.name()), Some(*code), "{}", code.name());
        }
    }

    #[test]
    fn the_log_gets_a_foreign_message_without_what_it_quotes() {
        let message = "duplicate key \"persons\" Key (name)=(CANARY) near 'CANARY' [CANARY]";
        assert_eq!(without_values(message), "duplicate key  Key = near  ");
        assert!(!without_values("unclosed 'CANARY").contains("CANARY"));
    }

    #[test]
    fn a_value_that_does_not_fit_is_not_repeated() {
        let told = input_fault("Failed to parse \"[Int!]\": \"CANARY\" is no number");
        assert_eq!(told.as_deref(), Some("a value is not a valid `[Int!]`"));
        assert_eq!(input_fault("Failed to parse \"a CANARY\": no"), None);
        assert_eq!(
            input_fault("Variable id is not defined."),
            Some("variable `id` has no value".to_owned())
        );
    }

    #[test]
    fn a_failure_after_execution_began_is_never_taken_for_validation() {
        let mut failed = ServerError::new("CANARY", None);
        failed.path = vec![async_graphql::PathSegment::Field("person".to_owned())];
        let pathless =
            Error::new_with_source(std::fmt::Error).into_server_error(Default::default());
        for error in [failed, pathless] {
            let mut answer = Response::from_errors(vec![error]);
            mask(&mut answer, "1");
            assert_eq!(
                answer.errors.first().and_then(Code::of),
                Some(Code::Internal)
            );
            assert_eq!(
                answer.errors.first().map(|e| e.message.as_str()),
                Some("internal error")
            );
        }
    }
}

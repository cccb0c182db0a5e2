//! A request as it came, read into its four parameters.

use async_graphql::Variables;
use axum::{
    extract::Query,
    http::{HeaderMap, HeaderName, Uri, header},
};
use serde_json::{Map, Value};

use super::refusal::Stop;
use crate::graphql::{error::Code, limits::scan_json};

/// Levels that the body has around its variables.
const AROUND: u64 = 1;
/// The parameter for a token in an address (RFC 6750, section 2.3), which is refused.
const TOKEN: &str = "access_token";
/// The header that proofs come in (RFC 9449).
pub(super) const PROOF: HeaderName = HeaderName::from_static("dpop");

/// The parameters of a GraphQL request, each of its type.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) document: String,
    pub(super) operation_name: Option<String>,
    pub(super) variables: Variables,
    pub(super) extensions: Map<String, Value>,
}

impl Asked {
    /// Reads the body of a `POST`.
    pub(super) fn from_body(headers: &HeaderMap, body: &[u8]) -> Result<Self, Stop> {
        if !is_plain_json(headers) {
            return Err(Code::UnsupportedMediaType.into());
        }
        scan_json(body, AROUND).map_err(|e| Stop::Request(e.code(), Some(e.to_string())))?;
        let mut parameters = match serde_json::from_slice(body) {
            Ok(Value::Object(parameters)) => parameters,
            Ok(Value::Array(_)) => return Err(Code::BatchNotSupported.into()),
            Ok(_) => return Err(bad("the body is not a JSON object")),
            Err(error) => {
                let place = format!("line {} column {}", error.line(), error.column());
                return Err(bad(format!("the body is not JSON, at {place}")));
            }
        };
        let mut take = |name: &str| parameters.remove(name).unwrap_or_default();
        Self::of(
            take("query"),
            take("operationName"),
            take("variables"),
            take("extensions"),
        )
    }

    /// Reads the query string of a `GET`.
    pub(super) fn from_uri(uri: &Uri) -> Result<Self, Stop> {
        let Ok(Query(pairs)) = Query::<Vec<(String, String)>>::try_from_uri(uri) else {
            return Err(bad("the query string cannot be read"));
        };
        let (mut document, mut name) = (Value::Null, Value::Null);
        let (mut variables, mut extensions) = (Value::Null, Value::Null);
        for (key, text) in pairs {
            let (place, value) = match key.as_str() {
                "query" => (&mut document, Value::String(text)),
                "operationName" => (&mut name, Value::String(text)),
                "variables" => (&mut variables, parsed(&key, &text)?),
                "extensions" => (&mut extensions, parsed(&key, &text)?),
                TOKEN => return Err(Stop::PostOnly(Code::TokenWithGet)),
                _ => continue,
            };
            if !place.is_null() {
                return Err(bad(format!("`{key}` is given twice")));
            }
            *place = value;
        }
        Self::of(document, name, variables, extensions)
    }

    fn of(
        document: Value,
        operation_name: Value,
        variables: Value,
        extensions: Value,
    ) -> Result<Self, Stop> {
        let Value::String(document) = document else {
            return Err(bad("`query` must be a string"));
        };
        let operation_name = match operation_name {
            Value::Null => None,
            Value::String(name) => Some(name).filter(|name| !name.is_empty()),
            _ => return Err(bad("`operationName` must be a string or null")),
        };
        let variables = match variables {
            Value::Null => Variables::default(),
            object @ Value::Object(_) => {
                serde_json::from_value(object).map_err(|_| bad("`variables` cannot be read"))?
            }
            _ => return Err(bad("`variables` must be an object or null")),
        };
        let extensions = match extensions {
            Value::Null => Map::new(),
            Value::Object(extensions) => extensions,
            _ => return Err(bad("`extensions` must be an object or null")),
        };
        Ok(Self {
            document,
            operation_name,
            variables,
            extensions,
        })
    }
}

/// Whether the address holds a token, which would stay in logs and histories.
pub(super) fn has_token(uri: &Uri) -> bool {
    Query::<Vec<(String, String)>>::try_from_uri(uri)
        .is_ok_and(|Query(pairs)| pairs.iter().any(|(key, _)| key == TOKEN))
}

/// A token as it came: how it was called, and with which proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credential<'a> {
    /// The token.
    pub token: &'a str,
    /// Whether it was called `DPoP`, and not `Bearer`.
    pub bound: bool,
    /// The proof that its sender has the key to which it is bound.
    pub proof: Option<&'a str>,
}

/// The token of a request, if it brings one.
///
/// Anything in `Authorization` that is not one token of a scheme of ours is `Err`: it is
/// refused as a bad token is, and never taken for no token.
pub(super) fn credential(headers: &HeaderMap) -> Result<Option<Credential<'_>>, Code> {
    let proof = proof(headers)?;
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let Some(first) = given.next() else {
        return Ok(None);
    };
    let named = first.to_str().ok().and_then(|text| text.split_once(' '));
    let scheme = named.map(|(scheme, _)| scheme.to_ascii_lowercase());
    let bound = match scheme.as_deref() {
        Some("bearer") => Some(false),
        Some("dpop") => Some(true),
        _ => None,
    };
    let token = named
        .map(|(_, token)| token.trim_matches(' '))
        .filter(|token| !token.is_empty());
    match (token, bound, given.next()) {
        (Some(token), Some(bound), None) => Ok(Some(Credential {
            token,
            bound,
            proof,
        })),
        _ => Err(Code::Unauthenticated),
    }
}

/// The proof of a request, if it brings one; two are none.
pub(super) fn proof(headers: &HeaderMap) -> Result<Option<&str>, Code> {
    let mut given = headers.get_all(PROOF).iter();
    match (given.next().map(|value| value.to_str()), given.next()) {
        (None, _) => Ok(None),
        (Some(Ok(proof)), None) => Ok(Some(proof)),
        _ => Err(Code::Unauthenticated),
    }
}

/// Whether the body is JSON in UTF-8, not packed.
pub(super) fn is_plain_json(headers: &HeaderMap) -> bool {
    let packed = headers
        .get(header::CONTENT_ENCODING)
        .is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"));
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let Some(content_type) = content_type.filter(|_| !packed) else {
        return false;
    };
    let mut parts = content_type.split(';').map(str::trim);
    let json = parts
        .next()
        .is_some_and(|name| name.eq_ignore_ascii_case("application/json"));
    json && parts.all(|parameter| match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            let charset = value.trim().trim_matches('"');
            charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8")
        }
        _ => true,
    })
}

fn parsed(name: &str, text: &str) -> Result<Value, Stop> {
    scan_json(text.as_bytes(), 0).map_err(|e| Stop::Request(e.code(), Some(e.to_string())))?;
    serde_json::from_str(text).map_err(|_| bad(format!("`{name}` is not JSON")))
}

fn bad(sentence: impl Into<String>) -> Stop {
    Stop::Request(Code::BadRequest, Some(sentence.into()))
}

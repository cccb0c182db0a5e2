//! What the door promises, asked of it over HTTP.

mod connections;
mod guards;
mod house;
mod requests;

/// The header of a caller who reads the status.
const STRICT: (&str, &str) = ("accept", "application/graphql-response+json");
/// The shortest query, in an address.
const HELLO: &str = "?query=%7Bhello%7D";

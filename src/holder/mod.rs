//! Holders of tokens: a mechanism's officers, its systems and displays, kept by itself.
//!
//! An officer with the role `ADMITS` keeps the list. Nobody gives more than is their own,
//! nobody amends themselves, and a token never exceeds the token with which it was issued.
//! They are no records: other mechanisms never know of them, and no clause opens them.

mod acts;
mod graphql;
mod mappings;
mod tokens;

pub use self::graphql::{
    Holder, HolderActs, IssuedToken, TokenActs, holders, issued,
    mappings::{MappedSubject, MappingActs, mapped},
};
pub use self::mappings::scopes;

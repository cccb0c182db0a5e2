//! A record as the demo brings it, before the gate has let it in.

use crate::store::texts::NewTranslation;

/// A record to be written: its place, its label, its values and its links.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    /// Kind in snake case, as in `schema.graphql`.
    pub kind: &'static str,
    /// Stable key within the kind; the record's id is derived from both.
    pub key: String,
    /// Codes of the mechanisms that own it; never empty.
    pub owners: Vec<String>,
    /// Level needed to know that it is there, `PUBLIC` … `SECRETARIAT`.
    pub existence: &'static str,
    /// Fields whose level differs from the declared one.
    pub overrides: Vec<(&'static str, &'static str)>,
    /// Embargo, unix seconds.
    pub public_from: Option<i64>,
    /// Mechanisms named on the record, each until a moment (unix seconds).
    pub named: Vec<(String, i64)>,
    /// ISO alpha-3 codes of the States it concerns.
    pub countries: Vec<String>,
    /// Theme codes.
    pub topics: Vec<String>,
    /// Column values, by column name.
    pub values: Vec<(&'static str, Value)>,
    /// To-one and to-many links: link name, kind and keys of the targets.
    pub links: Vec<(&'static str, &'static str, Vec<String>)>,
    /// Values to be sealed (`person` only), as JSON text by column name.
    pub sealed: Vec<(&'static str, String)>,
    /// What fields say in other languages, and in which they are themselves.
    pub texts: Vec<(&'static str, NewTranslation)>,
}

/// The value of one column.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text, a code of a list, or a partial date.
    Text(String),
    /// A whole number, or a moment in unix seconds.
    Number(i64),
    /// Yes or no.
    Flag(bool),
    /// A list of texts or codes.
    List(Vec<String>),
}

impl Draft {
    /// A record of `kind` that everybody may know of, as yet without an owner.
    pub fn new(kind: &'static str, key: &str) -> Self {
        Self {
            kind,
            key: key.to_owned(),
            existence: "PUBLIC",
            ..Self::default()
        }
    }

    /// Adds owners, each once.
    #[must_use]
    pub fn owned_by<'a>(mut self, owners: impl IntoIterator<Item = &'a str>) -> Self {
        for owner in owners {
            if !self.owners.iter().any(|known| known == owner) {
                self.owners.push(owner.to_owned());
            }
        }
        self
    }

    /// Sets what the record concerns: States and themes.
    #[must_use]
    pub fn about<'a>(
        mut self,
        countries: impl IntoIterator<Item = &'a str>,
        topics: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        self.countries = countries.into_iter().map(str::to_owned).collect();
        self.topics = topics.into_iter().map(str::to_owned).collect();
        self
    }

    /// Sets a column to a text; nothing where there is none.
    #[must_use]
    pub fn text<'a>(mut self, column: &'static str, text: impl Into<Option<&'a str>>) -> Self {
        if let Some(text) = text.into() {
            self.values.push((column, Value::Text(text.to_owned())));
        }
        self
    }

    /// Sets a column to a value.
    #[must_use]
    pub fn value(mut self, column: &'static str, value: Value) -> Self {
        self.values.push((column, value));
        self
    }

    /// Sets a column to a list; nothing where it is empty.
    #[must_use]
    pub fn list<'a>(
        mut self,
        column: &'static str,
        texts: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let list: Vec<String> = texts.into_iter().map(str::to_owned).collect();
        if !list.is_empty() {
            self.values.push((column, Value::List(list)));
        }
        self
    }

    /// Links to records of `kind`; no link where there is no key.
    #[must_use]
    pub fn link<'a>(
        mut self,
        name: &'static str,
        kind: &'static str,
        keys: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let keys: Vec<String> = keys.into_iter().map(str::to_owned).collect();
        if !keys.is_empty() {
            self.links.push((name, kind, keys));
        }
        self
    }

    /// Says where the facts are from, since when they stand, and under what licence.
    #[must_use]
    pub fn sourced<'a>(
        self,
        source: &str,
        as_of: impl Into<Option<&'a str>>,
        license: &str,
    ) -> Self {
        self.text("source", source)
            .text("as_of", as_of)
            .text("license", license)
    }
}

/// One of the cast: who may bear a token, and for whom they act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The token's subject.
    pub subject: String,
    /// Code of the mechanism that they act for.
    pub mechanism: String,
    /// `OFFICER` or `PARTNER_SYSTEM`.
    pub kind: String,
    /// The highest level that their tokens may have.
    pub clearance: &'static str,
    /// Roles, such as `GRANTS`.
    pub roles: Vec<String>,
}

/// The word of a person concerned on one disclosure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// Stable key among the consents.
    pub key: String,
    /// Key of the person.
    pub person: String,
    /// `GIVEN`, `REFUSED`, …
    pub basis: String,
    /// Code of the mechanism to which the disclosure would be.
    pub recipient: String,
    /// Purpose of the reading.
    pub purpose: String,
    /// Columns of `person`.
    pub fields: Vec<String>,
    /// Since when, unix seconds.
    pub given_at: i64,
    /// Until when, unix seconds.
    pub valid_until: i64,
}

/// Leave for one holder to open fields of one person's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Stable key among the grants.
    pub key: String,
    /// Key of the person.
    pub person: String,
    /// Subject of the holder.
    pub holder: String,
    /// Purposes of the reading.
    pub purposes: Vec<String>,
    /// Columns of `person`.
    pub fields: Vec<String>,
    /// Since when, unix seconds.
    pub valid_from: i64,
    /// Until when, unix seconds.
    pub valid_until: i64,
    /// When it was ended before its time, unix seconds.
    pub ended_at: Option<i64>,
}

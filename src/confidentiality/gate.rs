//! The gate: the only way from a classified value to a disclosed one.

use std::{borrow::Cow, sync::Arc};

use async_graphql::Value;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::{
    classified::Classified,
    declare::Domain,
    disclosed::Disclosed,
    facts::Facts,
    field::FieldIndex,
    label::Label,
    level::Level,
    reach::{Sight, sight, within_limits},
};
use crate::{id::RecordId, identity::viewer::Viewer};

/// What opens a [`Classified`]; only the gate has one.
///
/// ```compile_fail
/// let key = liaison::confidentiality::gate::Key(());
/// ```
pub struct Key(());

/// A record that the viewer may know of, with the decision for each of its fields.
#[derive(Debug)]
pub struct Known<D> {
    id: RecordId,
    row: D,
    label: Label,
    facts: Facts,
    sight: Sight,
    viewer: Arc<Viewer>,
    versions: Vec<(FieldIndex, i64)>,
}

impl<D: Domain> Known<D> {
    /// Decides on a record; `None` where the viewer may not know that it is there.
    pub fn meet(viewer: &Arc<Viewer>, row: D, label: Label, facts: Facts) -> Option<Self> {
        let sight = sight(viewer, &facts, &label, D::RULES)?;
        Some(Self {
            id: facts.id,
            row,
            label,
            facts,
            sight,
            viewer: Arc::clone(viewer),
            versions: Vec::new(),
        })
    }

    /// The same, with the versions of its sealed values.
    #[must_use]
    pub fn at_versions(mut self, versions: Vec<(FieldIndex, i64)>) -> Self {
        self.versions = versions;
        self
    }

    /// The record's id, which whoever knows of the record may know.
    pub fn id(&self) -> RecordId {
        self.id
    }

    /// Who holds the record and what it concerns, for those who decide on it again.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// What was decided; where something has ended since, what would be decided now.
    pub fn sight(&self) -> Sight {
        if self.viewer.is_undisturbed() {
            return self.sight;
        }
        let stands = self.viewer.stands();
        let label = self.label();
        let today = stands.then(|| sight(&self.viewer, &self.facts, &label, D::RULES));
        today.flatten().unwrap_or(Sight::NOTHING)
    }

    /// The label as it was read; with the levels that were raised since.
    fn label(&self) -> Cow<'_, Label> {
        let raised = self.viewer.raised(self.id);
        if raised.is_empty() {
            return Cow::Borrowed(&self.label);
        }
        Cow::Owned(self.label.clone().raised(D::RULES, &raised))
    }

    /// The viewer for whom it was decided.
    pub fn viewer(&self) -> &Arc<Viewer> {
        &self.viewer
    }

    /// Opens one value of the record: the comparison of reach and level.
    pub fn open<T>(&self, value: impl FnOnce(&D) -> &Classified<T>) -> Disclosed<Option<&T>> {
        let value = value(&self.row);
        if self.sees(value.field()) || planted!(DerivedDespiteLevel) {
            Disclosed::Visible(value.reveal(&Key(())))
        } else {
            Disclosed::Withheld
        }
    }

    /// Opens a value that is kept beside the record, under the field that it belongs to: as
    /// the field itself is opened.
    pub fn open_beside<'a, T>(&self, value: &'a Classified<T>) -> Disclosed<Option<&'a T>> {
        if self.sees(value.field()) || planted!(TranslationDespiteLevel) {
            Disclosed::Visible(value.reveal(&Key(())))
        } else {
            Disclosed::Withheld
        }
    }

    /// Opens one column, as GraphQL tells it.
    pub fn tell(&self, field: FieldIndex) -> Disclosed<Value> {
        if self.sees(field) || planted!(ColumnDespiteLevel) {
            Disclosed::Visible(self.row.told(field, &Key(())).unwrap_or(Value::Null))
        } else {
            Disclosed::Withheld
        }
    }

    /// What tells two states of the record apart for this viewer: a hash of the columns
    /// that the viewer is told and of the versions of sealed values that the viewer may
    /// open, and of nothing else.
    pub fn version(&self) -> String {
        let mut hash = self.columns();
        for (field, version) in self.versions.iter().filter(|(field, _)| self.sees(*field)) {
            hash.update(D::rule(*field).map_or("", |rule| rule.name));
            hash.update(format!("@{version}\n"));
        }
        named(hash)
    }

    /// The same of the columns alone, with the States and topics that it concerns where the
    /// viewer is told them: whatever purpose the viewer states.
    pub fn told(&self) -> String {
        let mut hash = self.columns();
        let (mut countries, mut topics) = (self.facts.countries.clone(), self.facts.topics.clone());
        countries.iter_mut().for_each(|codes| codes.sort_unstable());
        topics.sort_unstable();
        for (edge, concerned) in [
            ("countries", format!("{countries:?}")),
            ("themes", format!("{topics:?}")),
            ("issues", format!("{topics:?}")),
        ] {
            let place = D::RULES.iter().position(|rule| rule.name == edge);
            let place = place.and_then(|place| u8::try_from(place).ok());
            if place.is_some_and(|place| self.sees(FieldIndex(place))) {
                hash.update(concerned);
            }
        }
        named(hash)
    }

    fn columns(&self) -> Sha256 {
        let mut hash = Sha256::new();
        for (index, rule) in (0u8..).zip(D::RULES).take(D::COLUMNS.len()) {
            if let Disclosed::Visible(value) = self.tell(FieldIndex(index)) {
                hash.update(rule.name);
                hash.update(b"=");
                hash.update(value.to_string());
                hash.update(b"\n");
            }
        }
        hash
    }

    /// Whether a column has a value, told or not: for a planted leak alone.
    #[cfg(feature = "planted-leaks")]
    pub fn has_value(&self, field: FieldIndex) -> bool {
        self.row.told(field, &Key(())).is_some()
    }

    /// The record that a key points to; whether it is told, its own label decides.
    pub fn key(&self, name: &str) -> Option<RecordId> {
        self.row.key(name)
    }

    /// Whether the viewer is told `field`.
    ///
    /// A token that was revoked since the request began closes all that is not public; an
    /// agreement, a grant, a consent or a naming that has ended since, what was reached
    /// through it; a level that was raised since, what it is above.
    pub fn sees(&self, field: FieldIndex) -> bool {
        let public = || self.sight.fields.has(field) && self.level(field) == Some(Level::Public);
        self.sight().fields.has(field) || public()
    }

    /// Whether the record lies within what the token is limited to: what lies outside may be
    /// read as far as it is public, and is not acted on.
    pub fn is_within_limits(&self) -> bool {
        within_limits(&self.viewer, &self.facts)
    }

    /// The level at which it can be known that the record is there; `None` is a denial to all.
    pub fn existence(&self) -> Option<Level> {
        self.label().existence(self.viewer.now())
    }

    /// The levels set for single fields, as they are stored, with other ones for some.
    pub fn relabelled(&self, levels: &[(&str, Level)]) -> Option<String> {
        self.label.overrides.with(levels)
    }

    /// The level of `field` by its own label, apart from the record's existence.
    pub fn own_level(&self, field: FieldIndex) -> Option<Level> {
        self.label().level(D::rule(field)?)
    }

    /// The level of `field` on this record; `None` is a denial to all.
    pub fn level(&self, field: FieldIndex) -> Option<Level> {
        let label = self.label();
        let existence = label.existence(self.viewer.now())?;
        Some(label.level(D::rule(field)?)?.max(existence))
    }
}

fn named(hash: Sha256) -> String {
    let hash = hash.finalize();
    URL_SAFE_NO_PAD.encode(hash.get(..16).unwrap_or(&hash))
}

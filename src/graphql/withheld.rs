//! What was withheld: per pattern and level, how often, and whom to ask.
//!
//! Worked out from rules and labels alone, so that it is the same whether a value
//! stands behind it or not.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, PoisonError},
};

use async_graphql::{Name, Value, indexmap::IndexMap};

use crate::{
    confidentiality::{Domain, FieldIndex, Known, Level},
    id::{MechanismId, RecordId},
    mechanism::FocalPoint,
    store::{
        Reader, StoreError,
        page::{ListQuery, Under, Window},
        predicate::{Predicate, Scalar, Test},
    },
    vocabulary::{Coded, FocalPointRole},
};

/// The list, growing while the request is answered.
#[derive(Default)]
pub struct Withheld {
    entries: Mutex<BTreeMap<(String, Option<Level>, bool), Vec<RecordId>>>,
}

impl Withheld {
    /// Notes that a field of a record was withheld at this pattern.
    pub fn note<D: Domain>(&self, pattern: String, known: &Known<D>, field: FieldIndex) {
        self.add(pattern, known.level(field), false, known.id());
    }

    /// Notes that a sealed field could not be put on record, and so was not opened.
    pub fn note_unrecorded(&self, pattern: String, record: RecordId) {
        self.add(pattern, Some(Level::Victim), true, record);
    }

    fn add(&self, pattern: String, level: Option<Level>, unrecorded: bool, record: RecordId) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries
            .entry((pattern, level, unrecorded))
            .or_default()
            .push(record);
    }

    /// The list for `extensions.withheld`; `None` where nothing was withheld.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn told(&self, reader: &Reader) -> Result<Option<Value>, StoreError> {
        let entries =
            std::mem::take(&mut *self.entries.lock().unwrap_or_else(PoisonError::into_inner));
        if entries.is_empty() {
            return Ok(None);
        }
        let contacts = contacts(reader, entries.values().flatten()).await?;
        let mut told = Vec::new();
        for ((pattern, level, unrecorded), records) in entries {
            let mut counts: BTreeMap<Option<&str>, u64> = BTreeMap::new();
            for record in records {
                *counts
                    .entry(contacts.get(&record).map(String::as_str))
                    .or_default() += 1;
            }
            for (contact, count) in counts {
                told.push(entry(&pattern, level, unrecorded, count, contact));
            }
        }
        Ok(Some(Value::List(told)))
    }
}

fn entry(
    pattern: &str,
    level: Option<Level>,
    unrecorded: bool,
    count: u64,
    contact: Option<&str>,
) -> Value {
    let mut fields = IndexMap::new();
    let level = level.map_or(Value::Null, |level| Value::Enum(Name::new(level.code())));
    fields.insert(Name::new("path"), Value::from(pattern));
    fields.insert(Name::new("level"), level);
    fields.insert(Name::new("count"), Value::from(count));
    fields.insert(
        Name::new("contact"),
        contact.map_or(Value::Null, Value::from),
    );
    if unrecorded {
        fields.insert(Name::new("reason"), Value::from("AUDIT_UNAVAILABLE"));
    }
    Value::Object(fields)
}

/// The mailbox of the focal point for cooperation of each record's first owner, as
/// far as the viewer may be told it.
async fn contacts(
    reader: &Reader,
    records: impl Iterator<Item = &RecordId>,
) -> Result<HashMap<RecordId, String>, StoreError> {
    let mut ids: Vec<RecordId> = records.copied().collect();
    ids.sort_unstable();
    ids.dedup();
    let owners = reader.owners(&ids).await?;
    let mut mechanisms: Vec<MechanismId> = owners
        .values()
        .filter_map(|owners| owners.first().copied())
        .collect();
    mechanisms.sort_unstable();
    mechanisms.dedup();
    let parents: Vec<RecordId> = mechanisms.into_iter().map(RecordId::from).collect();
    let query = ListQuery {
        under: Under::Key("mechanism_id"),
        predicate: Predicate::Column(
            FocalPoint::role,
            Test::In(vec![Scalar::Text(
                FocalPointRole::Cooperation.code().to_owned(),
            )]),
        ),
        window: Window {
            size: 1,
            backward: false,
            after: None,
            before: None,
        },
        ..ListQuery::one(Predicate::always())
    };
    let points = reader.lists::<FocalPoint>(&parents, &query).await?;
    let mailbox = |owner: MechanismId| {
        let point = points.get(&Some(RecordId::from(owner)))?.rows.first()?;
        point.known.open(|row| &row.mailbox).visible()?.cloned()
    };
    Ok(owners
        .into_iter()
        .filter_map(|(id, owners)| Some((id, mailbox(*owners.first()?)?)))
        .collect())
}

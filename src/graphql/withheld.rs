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
    confidentiality::{Domain, FieldIndex, Known, Level, declare::place},
    id::{MechanismId, RecordId},
    mechanism::{FocalPoint, Mechanism},
    store::{
        Reader, StoreError,
        page::{ListQuery, Under, Window},
        predicate::{Far, Predicate},
    },
    vocabulary::FocalPointRole,
};

/// The list, growing while the request is answered.
#[derive(Default)]
pub struct Withheld {
    entries: Mutex<BTreeMap<Withholding, Vec<Option<RecordId>>>>,
}

/// What entries of the list have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Withholding {
    /// Where: the names on the path.
    pattern: String,
    /// What level it takes; `None` is a denial to all.
    level: Option<Level>,
    /// Why it was not opened, to a viewer who would have been told it.
    reason: Option<Reason>,
}

/// Why a sealed value was not opened to a viewer who would have been told it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The opening could not be put on record: fail closed.
    AuditUnavailable,
    /// What is stored is not what was sealed.
    SealBroken,
}

impl Reason {
    fn code(self) -> &'static str {
        match self {
            Self::AuditUnavailable => "AUDIT_UNAVAILABLE",
            Self::SealBroken => "SEAL_BROKEN",
        }
    }
}

impl Withheld {
    /// Notes that a field of a record was withheld at this pattern.
    pub fn note<D: Domain>(&self, pattern: String, known: &Known<D>, field: FieldIndex) {
        self.add(pattern, known.level(field), None, asked_of(known));
    }

    /// Notes that a sealed field was not opened to one who would have been told it.
    pub fn note_unopened(&self, pattern: String, record: RecordId, reason: Reason) {
        self.add(pattern, Some(Level::Victim), Some(reason), Some(record));
    }

    fn add(
        &self,
        pattern: String,
        level: Option<Level>,
        reason: Option<Reason>,
        record: Option<RecordId>,
    ) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let kind = Withholding {
            pattern,
            level,
            reason,
        };
        entries.entry(kind).or_default().push(record);
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
        let contacts = contacts(reader, entries.values().flatten().flatten()).await?;
        let mut told = Vec::new();
        for (kind, records) in entries {
            let mut counts: BTreeMap<Option<&str>, u64> = BTreeMap::new();
            for record in records {
                let contact = record.and_then(|record| contacts.get(&record));
                *counts.entry(contact.map(String::as_str)).or_default() += 1;
            }
            for (contact, count) in counts {
                told.push(entry(&kind, count, contact));
            }
        }
        Ok(Some(Value::List(told)))
    }
}

/// The record whose owner may be asked; none where who owns it is itself withheld.
fn asked_of<D: Domain>(known: &Known<D>) -> Option<RecordId> {
    let edges = ["mechanism", "parties", "from_mechanism"].map(|name| place(D::RULES, name));
    let told = |edge| D::rule(edge).is_none() || known.sees(edge);
    edges.into_iter().all(told).then(|| known.id())
}

fn entry(kind: &Withholding, count: u64, contact: Option<&str>) -> Value {
    let mut fields = IndexMap::new();
    let level = kind
        .level
        .map_or(Value::Null, |level| Value::Enum(Name::new(level.code())));
    fields.insert(Name::new("path"), Value::from(kind.pattern.as_str()));
    fields.insert(Name::new("level"), level);
    fields.insert(Name::new("count"), Value::from(count));
    fields.insert(
        Name::new("contact"),
        contact.map_or(Value::Null, Value::from),
    );
    if let Some(reason) = kind.reason {
        fields.insert(Name::new("reason"), Value::from(reason.code()));
    }
    Value::Object(fields)
}

/// Whom to ask about each record: a mailbox of its first owner, as far as the viewer
/// may be told it.
async fn contacts(
    reader: &Reader,
    records: impl Iterator<Item = &RecordId>,
) -> Result<HashMap<RecordId, String>, StoreError> {
    let mut ids: Vec<RecordId> = records.copied().collect();
    ids.sort_unstable();
    ids.dedup();
    let owners = reader.owners(&ids).await?;
    let mut mechanisms: Vec<RecordId> = owners
        .values()
        .filter_map(|owners| owners.first().copied().map(RecordId::from))
        .collect();
    mechanisms.sort_unstable();
    mechanisms.dedup();
    let query = ListQuery {
        under: Under::Key("mechanism_id"),
        window: Window {
            size: DESKS,
            backward: false,
            after: None,
            before: None,
        },
        // A desk leads to its mechanism: to one that is hidden, nothing may lead.
        ..ListQuery::one(if planted!(ContactOfHidden) {
            Predicate::always()
        } else {
            Predicate::Leads(
                FocalPoint::mechanism,
                "mechanism_id",
                Far::to::<Mechanism>(),
            )
        })
    };
    let desks = reader.lists::<FocalPoint>(&mechanisms, &query).await?;
    let mailbox = |owner: MechanismId| {
        let desks = desks.get(&Some(RecordId::from(owner)))?;
        let reached = desks.rows.iter().filter_map(|placed| {
            let point = &placed.known;
            let role = point.open(|row| &row.role).visible().flatten()?;
            let mailbox = point.open(|row| &row.mailbox).visible().flatten()?;
            Some((rank(*role), mailbox))
        });
        reached
            .min_by_key(|(rank, _)| *rank)
            .map(|(_, mailbox)| mailbox.clone())
    };
    Ok(owners
        .into_iter()
        .filter_map(|(id, owners)| Some((id, mailbox(*owners.first()?)?)))
        .collect())
}

/// Focal points of one mechanism that are looked at.
const DESKS: u32 = 50;

/// Whom to ask first: who is there for cooperation, then who keeps the docket.
fn rank(role: FocalPointRole) -> u8 {
    match role {
        FocalPointRole::Cooperation => 0,
        FocalPointRole::Petitions => 1,
        FocalPointRole::CountryDesk | FocalPointRole::Region | FocalPointRole::Theme => 2,
        FocalPointRole::Upr | FocalPointRole::Npm | FocalPointRole::DataProtection => 3,
    }
}

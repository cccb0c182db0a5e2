//! What has ended, on which access rested: in the database for other processes, on the board
//! for who is being answered.

use std::time::Duration;

use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

use super::{
    Store, StoreError,
    writer::{WriteError, Writer},
};
use crate::{
    confidentiality::Level,
    id::{MechanismId, RecordId},
    identity::watch::{Ended, Revocation, Revoked},
};

/// How often a process looks for what has ended elsewhere: well below the second that is
/// promised.
pub const LOOK: Duration = Duration::from_millis(300);
/// Seconds for which it is told to other processes.
const TOLD: i64 = 3_600;

impl Revoked {
    /// What sort of bearer, and which.
    pub(super) fn named(&self) -> (&'static str, &str) {
        match self {
            Self::Token(hash) => ("token", hash),
            Self::Holder(subject) => ("holder", subject),
            Self::Mechanism(code) => ("mechanism", code),
            Self::Client(id) | Self::ClientOf { client: id, .. } => ("client", id),
        }
    }
}

impl Ended {
    /// The kind, the name, and what it is limited to, as they are stored.
    fn stored(&self) -> (&'static str, String, Option<String>) {
        match self {
            Self::Tokens(whose) => {
                let (kind, name) = whose.named();
                let of = match whose {
                    Revoked::ClientOf { mechanism, .. } => Some(mechanism.clone()),
                    Revoked::Token(_)
                    | Revoked::Holder(_)
                    | Revoked::Mechanism(_)
                    | Revoked::Client(_) => None,
                };
                (kind, name.to_owned(), of)
            }
            Self::Mapping {
                issuer,
                subject,
                holder,
            } => {
                let there = serde_json::json!([issuer, subject]).to_string();
                ("mapping", there, Some(holder.clone()))
            }
            Self::Agreement(id) => ("agreement", id.0.to_string(), None),
            Self::Grants { person, holder } => {
                ("grants", holder.clone(), Some(person.0.to_string()))
            }
            Self::Consent { person, recipient } => {
                let recipient = recipient.0.to_string();
                ("consent", person.0.to_string(), Some(recipient))
            }
            Self::Naming { record, mechanism } => {
                let mechanism = mechanism.0.to_string();
                ("naming", record.0.to_string(), Some(mechanism))
            }
            Self::Level {
                record,
                field,
                level,
            } => {
                let field = field.as_deref().unwrap_or_default();
                let level = format!("{} {field}", level.rank());
                ("level", record.0.to_string(), Some(level))
            }
            Self::Unknown => ("unknown", String::new(), None),
        }
    }

    /// What is stored; what this version does not know ends everything.
    fn read(kind: &str, name: String, of: Option<String>) -> Self {
        let id = |text: &str| Uuid::try_parse(text).ok();
        let known = match (kind, of) {
            ("token", None) => Some(Self::Tokens(Revoked::Token(name))),
            ("holder", None) => Some(Self::Tokens(Revoked::Holder(name))),
            ("mechanism", None) => Some(Self::Tokens(Revoked::Mechanism(name))),
            ("client", None) => Some(Self::Tokens(Revoked::Client(name))),
            ("client", Some(mechanism)) => Some(Self::Tokens(Revoked::ClientOf {
                client: name,
                mechanism,
            })),
            ("mapping", Some(holder)) => {
                let there = serde_json::from_str::<[String; 2]>(&name).ok();
                there.map(|[issuer, subject]| Self::Mapping {
                    issuer,
                    subject,
                    holder,
                })
            }
            ("agreement", None) => id(&name).map(|id| Self::Agreement(RecordId(id))),
            ("grants", Some(person)) => id(&person).map(|person| Self::Grants {
                person: RecordId(person),
                holder: name,
            }),
            ("consent", Some(to)) => id(&name).zip(id(&to)).map(|(person, to)| Self::Consent {
                person: RecordId(person),
                recipient: MechanismId(to),
            }),
            ("naming", Some(mechanism)) => {
                id(&name)
                    .zip(id(&mechanism))
                    .map(|(record, mechanism)| Self::Naming {
                        record: RecordId(record),
                        mechanism: MechanismId(mechanism),
                    })
            }
            ("level", Some(level)) => id(&name).zip(raised(&level)).map(|(record, raised)| {
                let (field, level) = raised;
                Self::Level {
                    record: RecordId(record),
                    field,
                    level,
                }
            }),
            _ => None,
        };
        known.unwrap_or(Self::Unknown)
    }
}

/// A rank, and the name of a field where it is not the record's own.
fn raised(text: &str) -> Option<(Option<String>, Level)> {
    let (rank, field) = text.split_once(' ')?;
    let level = Level::from_rank(rank.parse().ok()?)?;
    let field = (!field.is_empty()).then(|| field.to_owned());
    Some((field, level))
}

impl Writer {
    /// Puts what ends on the board, with the commit, and where other processes look.
    pub(super) async fn note(&mut self, what: Ended) -> Result<(), WriteError> {
        let (kind, name, of) = what.stored();
        let mut sql = self.sql();
        sql.push("SELECT MAX(n) FROM revocation");
        let last = self.transaction().query_one_raw(sql.into_statement());
        let last: Option<i64> = match last.await? {
            Some(row) => row.try_get_by_index(0)?,
            None => None,
        };
        let n = last.unwrap_or(0).saturating_add(1);
        let row = vec![
            n.into(),
            kind.into(),
            name.into(),
            of.into(),
            self.at.seconds().into(),
        ];
        self.insert("revocation", &["n", "kind", "name", "mechanism", "at"], row)
            .await?;
        let mut sql = self.sql();
        // The last one stays whatever its age, so that numbers are never used twice.
        sql.push("DELETE FROM revocation WHERE at < ");
        sql.bind(self.at.plus_seconds(-TOLD).seconds());
        sql.push(" AND n < ").bind(last.unwrap_or(0));
        self.transaction().execute_raw(sql.into_statement()).await?;
        self.revoking.push(Revocation { n, what });
        Ok(())
    }

    /// Raises a level, for who is being answered: of a field, or of the record itself.
    pub(super) async fn note_raised(
        &mut self,
        record: RecordId,
        field: Option<&str>,
        level: Level,
    ) -> Result<(), WriteError> {
        let field = field.map(str::to_owned);
        self.note(Ended::Level {
            record,
            field,
            level,
        })
        .await
    }

    /// Closes an agreement, for who is being answered: what reads anew finds it closed.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn close_agreement(&mut self, agreement: RecordId) -> Result<(), WriteError> {
        self.note(Ended::Agreement(agreement)).await
    }
}

impl Store {
    /// Looks for what has ended in other processes, from now on and until it is dropped.
    pub async fn follow_revocations(self, every: Duration) {
        let mut last = None;
        loop {
            if let Err(error) = self.look_whether_restored().await {
                tracing::warn!(cause = %error, "whether the hub was restored could not be read");
            }
            match self.revocations_after(last).await {
                Ok((upto, revocations)) => {
                    // What was there before this process began is known to who asks anew.
                    if last.is_some() && !revocations.is_empty() {
                        self.watch().note(revocations);
                    }
                    last = Some(upto);
                }
                Err(error) => tracing::warn!(cause = %error, "revocations could not be read"),
            }
            tokio::time::sleep(every).await;
        }
    }

    async fn revocations_after(
        &self,
        last: Option<i64>,
    ) -> Result<(i64, Vec<Revocation>), StoreError> {
        let mut sql = self.sql();
        sql.push("SELECT n, kind, name, mechanism FROM revocation WHERE n > ");
        sql.bind(last.unwrap_or(0)).push(" ORDER BY n");
        let (mut upto, mut revocations) = (last.unwrap_or(0), Vec::new());
        for row in self.all(sql).await? {
            upto = row.try_get_by_index(0)?;
            revocations.push(noted(&row)?);
        }
        Ok((upto, revocations))
    }
}

fn noted(row: &QueryResult) -> Result<Revocation, StoreError> {
    let kind: String = row.try_get_by_index(1)?;
    let (name, of) = (row.try_get_by_index(2)?, row.try_get_by_index(3)?);
    Ok(Revocation {
        n: row.try_get_by_index(0)?,
        what: Ended::read(&kind, name, of),
    })
}

//! The holders of a mechanism, as its own officers keep them.

use sea_orm::{QueryResult, Value};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    Reader, StoreError,
    act::{Act, ActError, RefusalCode},
    writer::{ToldAct, WriteError},
};
use crate::{
    confidentiality::{
        Level,
        warrant::{WriteRefused, admits},
    },
    id::{MechanismId, RecordId},
    identity::{
        holder::{HolderKind, Role},
        watch::{Ended, Revoked},
    },
    journal::EntryKind,
    vocabulary::codes::Coded,
};

/// Holders that one mechanism lists at most.
const LISTED: i64 = 500;

/// A holder as the mechanism keeps it.
#[derive(Clone, Debug)]
pub struct KeptHolder {
    /// Its name.
    pub subject: String,
    /// What sort of holder it is.
    pub kind: HolderKind,
    /// The highest level that it may be shown.
    pub clearance: Level,
    /// What it is charged with.
    pub roles: Vec<Role>,
    /// Whether it is suspended.
    pub suspended: bool,
}

/// What is changed of a holder; what is not said stays.
#[derive(Clone, Debug, Default)]
pub struct HolderChange {
    /// The highest level.
    pub clearance: Option<Level>,
    /// The roles, all of them.
    pub roles: Option<Vec<Role>>,
    /// Whether it is suspended.
    pub suspended: Option<bool>,
}

/// By what the log and the keys of acts know a holder: nothing that tells the name.
pub fn holder_ref(subject: &str) -> RecordId {
    let hash = Sha256::new()
        .chain_update(b"holder\0")
        .chain_update(subject)
        .finalize();
    RecordId(first_half(&hash))
}

/// The first half of a hash, in the form of an id.
pub(super) fn first_half(hash: &[u8]) -> Uuid {
    let half = hash.first_chunk::<16>().copied().unwrap_or_default();
    Uuid::from_bytes(half)
}

impl Reader {
    /// The holders of the viewer's own mechanism; nobody, for who does not keep the list.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn holders(&self) -> Result<Vec<KeptHolder>, StoreError> {
        self.holders_called(None).await
    }

    async fn holders_called(&self, name: Option<&str>) -> Result<Vec<KeptHolder>, StoreError> {
        let viewer = self.viewer();
        let own = viewer.mechanism().filter(|_| viewer.stands());
        let (Some(own), true) = (own, viewer.standing().is_some_and(admits)) else {
            return Ok(Vec::new());
        };
        let mut sql = self.store().sql();
        sql.push("SELECT subject, kind, clearance, roles, suspended FROM holder");
        sql.push(" WHERE mechanism = ").bind(own.0);
        if let Some(name) = name {
            sql.push(" AND subject = ").bind(name);
        }
        sql.push(" ORDER BY subject LIMIT ").bind(LISTED);
        let rows = self.store().all(sql).await?;
        let kept = rows.iter().filter_map(|row| kept(row).transpose());
        kept.collect()
    }

    /// The holder of this name, as in [`Reader::holders`].
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn kept_holder(&self, subject: &str) -> Result<Option<KeptHolder>, StoreError> {
        let called = self.holders_called(Some(subject)).await?;
        Ok(called.into_iter().next())
    }
}

fn kept(row: &QueryResult) -> Result<Option<KeptHolder>, StoreError> {
    let (kind, clearance): (String, String) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
    let (Some(kind), Some(clearance)) =
        (HolderKind::from_code(&kind), Level::from_code(&clearance))
    else {
        // What this hub does not know is nobody.
        return Ok(None);
    };
    let roles: Vec<String> =
        serde_json::from_str(&row.try_get_by_index::<String>(3)?).unwrap_or_default();
    Ok(Some(KeptHolder {
        subject: row.try_get_by_index(0)?,
        kind,
        clearance,
        roles: roles
            .iter()
            .filter_map(|role| Role::from_code(role))
            .collect(),
        suspended: row.try_get_by_index(4)?,
    }))
}

/// Roles as a column holds them.
pub(super) fn role_list(roles: &[Role]) -> Value {
    let codes: Vec<&str> = roles.iter().map(|role| role.code()).collect();
    serde_json::json!(codes).to_string().into()
}

impl Act {
    /// The viewer's own mechanism and its code, for who keeps the list of its holders.
    ///
    /// # Errors
    /// Refuses who does not.
    pub fn keeps_holders(&self) -> Result<(MechanismId, String), ActError> {
        self.writer.warrant.may_admit()?;
        let viewer = self.reader().viewer();
        match (viewer.mechanism(), viewer.standing()) {
            (Some(own), Some(standing)) => Ok((own, standing.mechanism_code().to_owned())),
            _ => Err(WriteRefused::TokenNeeded.into()),
        }
    }

    /// Admits a holder of the viewer's own mechanism.
    ///
    /// # Errors
    /// Refuses who does not keep the list of holders, and a name that is taken.
    pub async fn admit_holder(&mut self, new: &KeptHolder) -> Result<RecordId, ActError> {
        let (own, _) = self.keeps_holders()?;
        if self.reader().kept_holder(&new.subject).await?.is_some() {
            let sentence = "your mechanism has a holder of this name";
            return Err(RefusalCode::Conflict.says(sentence).of("name").into());
        }
        let columns = [
            "subject",
            "mechanism",
            "kind",
            "clearance",
            "roles",
            "epoch",
            "suspended",
        ];
        let row = vec![
            new.subject.as_str().into(),
            own.0.into(),
            new.kind.code().into(),
            new.clearance.code().into(),
            role_list(&new.roles),
            0_i64.into(),
            new.suspended.into(),
        ];
        self.writer.insert("holder", &columns, row).await?;
        let to = holder_ref(&new.subject);
        self.writer.told = Some(ToldAct {
            kind: EntryKind::HolderAdmit,
            to,
            fields: vec!["clearance", "kind", "roles"],
            sealed: written(new),
        });
        Ok(to)
    }

    /// Amends a holder of the viewer's own mechanism. Who is suspended loses every token; who
    /// is given less is denied what goes beyond it at once.
    ///
    /// # Errors
    /// Refuses who does not keep the list of holders.
    pub async fn amend_holder(
        &mut self,
        before: &KeptHolder,
        change: &HolderChange,
    ) -> Result<RecordId, ActError> {
        let (own, _) = self.keeps_holders()?;
        let mut after = before.clone();
        let mut fields = Vec::new();
        let mut sql = self.writer.sql();
        sql.push("UPDATE holder SET suspended = ");
        after.suspended = change.suspended.unwrap_or(before.suspended);
        sql.bind(after.suspended);
        if change.suspended.is_some() {
            fields.push("suspended");
        }
        if let Some(clearance) = change.clearance {
            sql.push(", clearance = ").bind(clearance.code());
            after.clearance = clearance;
            fields.push("clearance");
        }
        if let Some(roles) = &change.roles {
            sql.push(", roles = ").bind(role_list(roles));
            after.roles.clone_from(roles);
            fields.push("roles");
        }
        if after.suspended && !before.suspended {
            // What was issued before stays refused when the suspension ends.
            sql.push(", epoch = epoch + 1");
        }
        sql.push(" WHERE subject = ").bind(before.subject.as_str());
        sql.push(" AND mechanism = ").bind(own.0);
        self.writer.run(sql).await?;
        let whose = Revoked::Holder(before.subject.clone());
        self.writer.note(Ended::Tokens(whose)).await?;
        let to = holder_ref(&before.subject);
        self.writer.told = Some(ToldAct {
            kind: EntryKind::HolderAmend,
            to,
            fields,
            sealed: written(&after),
        });
        Ok(to)
    }
}

/// A holder in one line, for the sealed part of an entry.
fn written(holder: &KeptHolder) -> String {
    let roles: Vec<&str> = holder.roles.iter().map(|role| role.code()).collect();
    let state = if holder.suspended { ", suspended" } else { "" };
    format!(
        "holder `{}`: {}, {}, [{}]{state}",
        holder.subject,
        holder.kind.code(),
        holder.clearance,
        roles.join(", "),
    )
}

impl From<sea_orm::DbErr> for ActError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Fault(WriteError::from(error))
    }
}

//! An act under way: what it finds it finds as its viewer does, what it writes is one
//! transaction, and under one key it is done once.

use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use sea_orm::ConnectionTrait;
use sha2::Sha256;

use super::{
    Reader, Store, StoreError, Writer,
    changes::within,
    standing::{On, ViewerError},
    writer::WriteError,
};
use crate::{
    confidentiality::{
        Domain, FieldIndex, Known, Level,
        warrant::{Warrant, WriteRefused},
    },
    id::RecordId,
    identity::{kind::Kind, viewer::Viewer},
    journal::EntryKind,
};

/// Why an act was not done, in words for who asked for it. Nothing was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Its stable code.
    pub code: RefusalCode,
    /// A sentence.
    pub sentence: String,
    /// The field of the input that it is about.
    pub field: Option<&'static str>,
}

crate::vocabulary::codes::codes! {
    /// Why an act was refused; nothing was written.
    pub RefusalCode {
        /// The act needs a token, and one of a mechanism.
        TokenNeeded => "TOKEN_NEEDED",
        /// There is no such record, or none that you may know of.
        NotFound => "NOT_FOUND",
        /// You may know of the record, and may not do this to it.
        Forbidden => "FORBIDDEN",
        /// The record stands otherwise than the act needs.
        Conflict => "CONFLICT",
        /// A value of the input is not valid.
        Invalid => "INVALID",
        /// The key was used for another input.
        KeyReused => "KEY_REUSED",
    }
}

impl RefusalCode {
    /// A refusal with this code.
    pub fn says(self, sentence: impl Into<String>) -> Refusal {
        Refusal {
            code: self,
            sentence: sentence.into(),
            field: None,
        }
    }
}

impl Refusal {
    /// The same, about one field of the input.
    #[must_use]
    pub fn of(mut self, field: &'static str) -> Self {
        self.field = Some(field);
        self
    }

    fn not_found() -> Self {
        RefusalCode::NotFound.says("there is no such record, or none that you may know of")
    }
}

/// Refuses what is not there, and what the viewer may not know of, alike.
pub fn not_found() -> ActError {
    Refusal::not_found().into()
}

/// Why an act was not done.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// It was refused.
    #[error("the act was refused")]
    Refused(Refusal),
    /// The database failed, or the log did not take the act.
    #[error(transparent)]
    Fault(#[from] WriteError),
}

impl ActError {
    /// A value of the input is not valid.
    pub fn invalid(field: &'static str, sentence: impl Into<String>) -> Self {
        RefusalCode::Invalid.says(sentence).of(field).into()
    }

    /// The record stands otherwise than the act needs.
    pub fn conflict(sentence: &str) -> Self {
        RefusalCode::Conflict.says(sentence).into()
    }
}

/// Refuses a text that is empty, or longer than so many bytes, or holds a NUL.
///
/// # Errors
/// Names the field and the limit.
pub fn check_text(field: &'static str, text: &str, most: usize) -> Result<(), ActError> {
    if text.trim().is_empty() || text.len() > most || text.contains('\0') {
        let sentence = format!("it has a text of at most {most} bytes, without NUL");
        return Err(ActError::invalid(field, sentence));
    }
    Ok(())
}

impl From<Refusal> for ActError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for ActError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<WriteRefused> for ActError {
    fn from(refused: WriteRefused) -> Self {
        let code = match refused {
            WriteRefused::TokenNeeded => RefusalCode::TokenNeeded,
            WriteRefused::NotOwner
            | WriteRefused::BeyondScope(..)
            | WriteRefused::BeyondLabels(..)
            | WriteRefused::WithoutRight(_)
            | WriteRefused::BeyondLimits
            | WriteRefused::BeyondOffice(_)
            | WriteRefused::ToOneself
            | WriteRefused::Unopened
            | WriteRefused::Registrars => RefusalCode::Forbidden,
        };
        Self::Refused(code.says(refused.to_string()))
    }
}

/// What was asked for: the act's name, its key if it has one, and the input as it came.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The act, as the API calls it.
    pub name: &'static str,
    /// What makes a second sending of the same act no second act.
    pub key: Option<&'a str>,
    /// The input, as text.
    pub input: &'a str,
}

/// An act that has begun, or one that was done before under the same key.
pub enum Begun {
    /// It is to be done.
    Now(Box<Act>),
    /// It was done to this record.
    Before(RecordId),
}

/// An act under way. Nobody else writes until it ends; dropped, it never was.
pub struct Act {
    pub(super) writer: Writer,
    pub(super) reader: Reader,
    done: Option<[Vec<u8>; 2]>,
}

impl Store {
    /// Begins an act of a viewer, whose token is looked at again: what was revoked since
    /// the request came does nothing.
    ///
    /// # Errors
    /// Refuses who has no token of a mechanism, and a key that was used for another input.
    pub async fn begin_act(
        &self,
        viewer: &Viewer,
        request: Request<'_>,
    ) -> Result<Begun, ActError> {
        let (Some(claims), Some(standing)) = (viewer.claims(), viewer.standing()) else {
            return Err(WriteRefused::TokenNeeded.into());
        };
        let warrant = Warrant::of(viewer)?;
        let now = viewer.now();
        let mut writer = self.begin(warrant, now).await?;
        let on = On {
            store: self,
            connection: writer.transaction(),
        };
        let purpose = viewer.purpose().cloned();
        let today = match on.viewer(claims, purpose, now).await {
            Ok(today) if viewer.stands() => today,
            Ok(_) | Err(ViewerError::Refused(_)) => return Err(WriteRefused::TokenNeeded.into()),
            Err(ViewerError::Store(error)) => return Err(error.into()),
        };
        // A role or a scope that was taken since does nothing either.
        writer.warrant = Warrant::of(&today)?;
        // Under another scope it is another act: what a wider token has done, a narrower one
        // is not told of.
        let scope = standing.scopes().to_string();
        let done = request.key.map(|key| {
            let key = format!("{scope}\0{key}");
            [key.as_str(), request.input].map(|text| self.tag(request.name, text))
        });
        if let Some([key, input]) = &done
            && let Some((record, before)) = writer.done(standing.subject(), key).await?
        {
            return if before == *input {
                Ok(Begun::Before(record))
            } else {
                let sentence = "this key was used for another input; take a new one";
                Err(RefusalCode::KeyReused.says(sentence).of("key").into())
            };
        }
        Ok(Begun::Now(Box::new(Act {
            writer,
            reader: self.read_as(Arc::new(today)),
            done,
        })))
    }

    /// A keyed hash: who has the database can't try out likely inputs.
    pub(super) fn tag(&self, act: &str, text: &str) -> Vec<u8> {
        let key = self.keys().audit().bytes();
        let hash = Hmac::<Sha256>::new_from_slice(key).map(|mac| {
            mac.chain_update(b"act\0")
                .chain_update(act.as_bytes())
                .chain_update(b"\0")
                .chain_update(text.as_bytes())
                .finalize()
                .into_bytes()
                .to_vec()
        });
        // A key of any length is a key to an HMAC.
        hash.unwrap_or_default()
    }
}

impl Act {
    /// Reads as the viewer does. Nobody else writes meanwhile, so that it is true until the
    /// end; what the act itself has written is not in it.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// What the act writes.
    pub fn writer(&mut self) -> &mut Writer {
        &mut self.writer
    }

    /// Says what the log is to call the act, where it is more than a change of records.
    pub fn is_a(&mut self, kind: EntryKind) {
        self.writer.deed.kind = Some(kind);
    }

    /// Says which fields the act is about, and for which purpose.
    pub fn is_about(&mut self, fields: Vec<&'static str>, purpose: Option<&'static str>) {
        self.writer.deed.fields = fields;
        self.writer.deed.purpose = purpose;
    }

    /// Says why it is done: sealed, beside the log's entry.
    pub fn because(&mut self, reason: String) {
        self.writer.deed.reason = Some(reason);
    }

    /// Refuses a record that is told otherwise than when the viewer read it.
    ///
    /// # Errors
    /// A conflict, where a version is expected and it is another.
    pub fn expect<D: Domain>(
        &self,
        record: &Known<D>,
        expected: Option<&str>,
    ) -> Result<(), ActError> {
        if expected.is_some_and(|expected| expected != record.version()) {
            let sentence = "the record has changed since you read it; read it again";
            return Err(RefusalCode::Conflict
                .says(sentence)
                .of("expectedVersion")
                .into());
        }
        Ok(())
    }

    /// Whether the holder is charged with signing for the mechanism.
    ///
    /// # Errors
    /// Refuses who is not.
    pub fn may_sign(&self) -> Result<(), ActError> {
        Ok(self.writer.warrant.may_sign()?)
    }

    /// Whether the token's scope lets its holder write a record of their own mechanism.
    ///
    /// # Errors
    /// Refuses records of others, and what lies beyond the scope.
    pub fn may_change<D: Domain>(&self, record: &Known<D>) -> Result<(), ActError> {
        self.writer.may_change(record)
    }

    /// The same for one field: asked before anything that the field says decides the act.
    ///
    /// # Errors
    /// As [`Act::may_change`].
    pub fn may_change_field<D: Domain>(
        &self,
        record: &Known<D>,
        field: FieldIndex,
    ) -> Result<(), ActError> {
        within(record)?;
        let level = record.level(field).unwrap_or(Level::Victim);
        let owners = &record.facts().owners;
        Ok(self.writer.warrant.may_write(D::KIND, owners, level)?)
    }

    /// The record that the act is about.
    ///
    /// # Errors
    /// Refuses what is not there and what the viewer may not know of, alike.
    pub async fn find<D: Domain>(&self, id: Option<RecordId>) -> Result<Arc<Known<D>>, ActError> {
        let Some(id) = id else {
            return Err(Refusal::not_found().into());
        };
        let mut found = self.reader.by_ids::<D>(&[id]).await?;
        Ok(found.remove(&id).ok_or_else(Refusal::not_found)?)
    }

    /// Ends the act: rows, entry and key together, or none of them.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn commit(self, record: RecordId) -> Result<RecordId, ActError> {
        let Self {
            mut writer, done, ..
        } = self;
        if !writer.chosen.is_empty() {
            let sentence = "a level is chosen for a field that the act writes";
            return Err(ActError::invalid("levels", sentence));
        }
        writer.deed.record = Some(record);
        if let Some([key, input]) = done {
            writer.remember(key, input, record).await?;
        }
        writer.commit().await?;
        Ok(record)
    }
}

impl Writer {
    async fn done(
        &self,
        subject: &str,
        key: &[u8],
    ) -> Result<Option<(RecordId, Vec<u8>)>, ActError> {
        let mut sql = self.sql();
        sql.push("SELECT record, input FROM act WHERE subject = ")
            .bind(subject);
        sql.push(" AND key = ").bind(key.to_vec());
        let row = self
            .transaction()
            .query_one_raw(sql.into_statement())
            .await
            .map_err(WriteError::from)?;
        let read = |row: sea_orm::QueryResult| {
            let record = row.try_get_by_index(0).map(RecordId)?;
            Ok::<_, sea_orm::DbErr>((record, row.try_get_by_index(1)?))
        };
        Ok(row.map(read).transpose().map_err(WriteError::from)?)
    }

    async fn remember(
        &self,
        key: Vec<u8>,
        input: Vec<u8>,
        record: RecordId,
    ) -> Result<(), WriteError> {
        let row = vec![
            self.warrant.actor().subject.as_str().into(),
            key.into(),
            input.into(),
            record.0.into(),
            self.at.seconds().into(),
        ];
        self.insert(
            "act",
            &["subject", "key", "input", "record", "done_at"],
            row,
        )
        .await
    }
}

/// The kind that an id must be of.
pub fn id_of(kind: Kind, text: &str) -> Option<RecordId> {
    let id = crate::id::GlobalId::parse(text)?;
    (id.kind == kind).then_some(id.id)
}

/// A request by its id, which is no record's.
pub fn request_of(text: &str) -> Option<RecordId> {
    uuid::Uuid::try_parse(text).ok().map(RecordId)
}

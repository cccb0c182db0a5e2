//! Rotation: a next epoch, to which every copy goes over, or a next root key; no data is
//! written anew, and no reading waits.

use sea_orm::DbErr;
use uuid::Uuid;

use super::{
    KeyStore, KeyStoreError, ProviderError, RETENTION,
    turn::{COPY, Turn, copy, month},
};
use crate::{
    clock::Moment,
    confidentiality::vault::chain::{EpochKey, KeyCopy},
};

/// Copies that are wrapped anew in one transaction: so long others wait who write.
const AT_ONCE: u64 = 500;

/// What a rotation has come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rotation {
    /// Keys that were wrapped anew.
    pub wrapped: usize,
    /// Keys that are not what was stored, and stay as they are.
    pub broken: usize,
    /// Epochs that were destroyed, their time being over.
    pub destroyed: u64,
}

impl KeyStore {
    /// Begins an epoch, and wraps all copies anew under it.
    ///
    /// # Errors
    /// Fails where the key store or the provider of its root key does; what was not wrapped
    /// anew is at the next rotation, and opens as before.
    pub async fn rotate_epoch(&self, now: Moment) -> Result<Rotation, KeyStoreError> {
        let mut turn = self.turn().await?;
        turn.begin_epoch(now).await?;
        turn.commit().await?;
        self.rewrap(now).await
    }

    /// The same where the month has turned since the present epoch began; goes on with a
    /// rotation that was cut off, and destroys epochs whose time is over.
    ///
    /// # Errors
    /// As [`KeyStore::rotate_epoch`].
    pub async fn turn_month(&self, now: Moment) -> Result<Rotation, KeyStoreError> {
        let mut turn = self.turn().await?;
        match turn.present().await? {
            // Nothing was sealed yet.
            None => return Ok(Rotation::default()),
            Some((_, begun)) if begun < month(now) => {
                turn.begin_epoch(now).await?;
                turn.commit().await?;
            }
            Some(_) => drop(turn),
        }
        self.rewrap(now).await
    }

    async fn rewrap(&self, now: Moment) -> Result<Rotation, KeyStoreError> {
        let mut done = Rotation::default();
        let mut after = None;
        loop {
            let mut turn = self.turn().await?;
            let Some((present, _)) = turn.present().await? else {
                return Ok(done);
            };
            let copies = turn.of_earlier(present, after).await?;
            let Some(last) = copies.last() else {
                turn.let_earlier_go(present, now, &mut done).await?;
                turn.commit().await?;
                return Ok(done);
            };
            after = Some((last.person.0, last.mechanism.0));
            let mut anew = Vec::with_capacity(copies.len());
            for copy in &copies {
                match turn.opened(copy).await {
                    Ok(key) => {
                        let above = turn.mechanism_key(copy.mechanism, present).await?;
                        anew.push(above.copy(copy.person, &key)?);
                    }
                    Err(KeyStoreError::Vault(_)) => done.broken += 1,
                    Err(error) => return Err(error),
                }
            }
            done.wrapped += anew.len();
            turn.put(anew).await?;
            turn.commit().await?;
        }
    }

    /// Makes a next root key, and wraps the keys of all epochs anew under it.
    ///
    /// The former root is kept until all are: cut off, it goes on where it was.
    ///
    /// # Errors
    /// Fails where the key store or the provider of its root key does.
    pub async fn rotate_root(&self) -> Result<Rotation, KeyStoreError> {
        let provider = &self.inner.provider;
        // In its turn, so that two who rotate make one next root between them.
        let turn = self.turn().await?;
        let root = provider.rotate()?;
        let mut sql = turn.sql();
        sql.push("SELECT id, root, wrapped FROM key_epoch WHERE root <> ")
            .bind(root.as_str());
        let mut done = Rotation::default();
        for row in turn.all(sql).await? {
            let id: Uuid = row.try_get_by_index(0)?;
            let (former, wrapped): (String, Vec<u8>) =
                (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
            let bound = EpochKey::binding(id);
            let key = provider.unwrap(&former, &wrapped, &bound)?;
            let (root, wrapped) = provider.wrap(&key, &bound)?;
            let mut sql = turn.sql();
            sql.push("UPDATE key_epoch SET root = ").bind(root);
            sql.push(", wrapped = ").bind(wrapped);
            sql.push(" WHERE id = ").bind(id);
            turn.run(sql).await?;
            done.wrapped += 1;
        }
        turn.commit().await?;
        // Only now that nothing is wrapped under it.
        provider.let_go()?;
        self.empty_journal().await?;
        Ok(done)
    }
}

impl KeyStore {
    /// Wraps the keys of all epochs anew under the root key of another provider, with
    /// [`super::Between`] as this one's; begins an epoch whose key was never under the former
    /// root, and lets go of that.
    ///
    /// Cut off anywhere, it goes on when it is run again.
    ///
    /// # Errors
    /// Fails where the key store or one of the providers does.
    pub async fn change_provider(&self, now: Moment) -> Result<Rotation, KeyStoreError> {
        let provider = &self.inner.provider;
        // In a turn: two that move make one root key between them.
        let turn = self.turn().await?;
        provider.make_root()?;
        drop(turn);
        self.rotate_root().await?;
        let done = self.rotate_epoch(now).await?;
        // Only now that nothing is wrapped under it.
        provider.leave()?;
        self.empty_journal().await?;
        Ok(done)
    }

    /// Destroys a former root key that its provider still keeps.
    ///
    /// # Errors
    /// Refuses one under which something is wrapped; fails where the provider does.
    pub async fn destroy_root(&self, root: &str) -> Result<(), KeyStoreError> {
        let turn = self.turn().await?;
        let mut sql = turn.sql();
        sql.push("SELECT 1 FROM key_epoch WHERE root = ").bind(root);
        if !turn.all(sql).await?.is_empty() {
            return Err(ProviderError::NotFormer(root.to_owned()).into());
        }
        Ok(self.inner.provider.destroy(root)?)
    }

    /// Whether the month has turned since the present epoch began.
    ///
    /// # Errors
    /// Fails where the key store does.
    pub async fn month_has_turned(&self, now: Moment) -> Result<bool, KeyStoreError> {
        let mut sql = self.sql();
        sql.push("SELECT month FROM key_epoch ORDER BY n DESC LIMIT 1");
        let rows = self.all(sql).await?;
        let begun = rows.first().map(|row| row.try_get_by_index::<String>(0));
        Ok(begun.transpose()?.is_some_and(|begun| begun < month(now)))
    }
}

impl Turn<'_> {
    /// Some copies of earlier epochs, in order, after those that were looked at.
    async fn of_earlier(
        &self,
        present: Uuid,
        after: Option<(Uuid, Uuid)>,
    ) -> Result<Vec<KeyCopy>, DbErr> {
        let mut sql = self.sql();
        sql.push(COPY).push(" FROM person_key p WHERE p.epoch <> ");
        sql.bind(present);
        if let Some((person, mechanism)) = after {
            sql.push(" AND (p.person > ").bind(person);
            sql.push(" OR (p.person = ").bind(person);
            sql.push(" AND p.mechanism > ").bind(mechanism);
            sql.push("))");
        }
        sql.push(" ORDER BY p.person, p.mechanism LIMIT ")
            .bind(i64::try_from(AT_ONCE).unwrap_or(i64::MAX));
        self.all(sql).await?.iter().map(copy).collect()
    }

    /// Notes earlier epochs in which no copy is left, and destroys those that have been so for
    /// as long as backups of the key store are kept.
    async fn let_earlier_go(
        &self,
        present: Uuid,
        now: Moment,
        done: &mut Rotation,
    ) -> Result<(), DbErr> {
        let mut sql = self.sql();
        sql.push("UPDATE key_epoch SET emptied_at = ")
            .bind(now.seconds());
        sql.push(" WHERE emptied_at IS NULL AND id <> ")
            .bind(present);
        sql.push(" AND NOT EXISTS (SELECT 1 FROM person_key p WHERE p.epoch = key_epoch.id)");
        self.run(sql).await?;
        let over = now.plus_seconds(-RETENTION).seconds();
        let mut sql = self.sql();
        sql.push(
            "DELETE FROM mechanism_key WHERE epoch IN \
             (SELECT id FROM key_epoch WHERE emptied_at <= ",
        );
        sql.bind(over).push(")");
        self.run(sql).await?;
        let mut sql = self.sql();
        sql.push("DELETE FROM key_epoch WHERE emptied_at <= ")
            .bind(over);
        done.destroyed = self.run(sql).await?;
        Ok(())
    }
}

//! How often may be asked: of one matter, and of a mechanism in a day.

use sea_orm::QueryResult;
use uuid::Uuid;

use super::checks::NewCheck;
use crate::{
    id::MechanismId,
    store::{
        act::{Act, ActError, RefusalCode},
        writer::WriteError,
    },
};

/// Questions about one matter within [`SEASON`].
const OF_A_MATTER: i64 = 3;
/// Seconds within which they are counted: 90 days.
const SEASON: i64 = 90 * 24 * 3_600;
/// Questions of one mechanism within a day.
const OF_A_DAY: i64 = 50;
/// Tokens that those questions ask for: 128 a question.
const TOKENS_OF_A_DAY: i64 = OF_A_DAY * 128;

impl Act {
    /// The version of a matter's snapshot: the next where it is another than the last.
    pub(super) async fn version_of(&self, check: &NewCheck) -> Result<i64, ActError> {
        let (key, id) = check.matter.key();
        let mut sql = self.writer.sql();
        sql.push("SELECT version, snapshot, asked_at FROM same_matter_check WHERE ");
        sql.push(key).push(" = ").bind(id.0);
        sql.push(" ORDER BY version DESC, asked_at DESC");
        let rows = self.rows(sql).await?;
        let read = |row: &QueryResult| {
            let snapshot: String = row.try_get_by_index(1)?;
            let (version, at): (i64, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(2)?);
            Ok::<_, sea_orm::DbErr>((version, snapshot, at))
        };
        let before = rows.iter().map(read).collect::<Result<Vec<_>, _>>();
        let before = before.map_err(WriteError::from)?;
        let since = self.writer.at.plus_seconds(-SEASON).seconds();
        let recent = before.iter().filter(|(.., at)| *at > since).count();
        if i64::try_from(recent).unwrap_or(i64::MAX) >= OF_A_MATTER {
            let sentence =
                format!("a matter is asked about {OF_A_MATTER} times in 90 days at most");
            return Err(RefusalCode::Conflict.says(sentence).into());
        }
        let now = serde_json::json!(check.snapshot).to_string();
        Ok(match before.first() {
            None => 1,
            Some((version, snapshot, _)) if *snapshot == now => *version,
            Some((version, ..)) => version.saturating_add(1),
        })
    }

    /// How many tokens the questions of these elements ask for.
    pub(super) async fn tokens_of(&self, elements: &[Uuid]) -> Result<i64, ActError> {
        let mut sql = self.writer.sql();
        sql.push("SELECT COUNT(*) FROM match_token WHERE asked AND element");
        sql.among(elements.iter().copied());
        let rows = self.rows(sql).await?;
        let count = rows.first().map(|row| row.try_get_by_index(0)).transpose();
        Ok(count.map_err(WriteError::from)?.unwrap_or_default())
    }

    pub(super) async fn within_the_day(
        &self,
        own: MechanismId,
        tokens: i64,
    ) -> Result<(), ActError> {
        let since = self.writer.at.plus_seconds(-24 * 3_600).seconds();
        let mut sql = self.writer.sql();
        sql.push("SELECT tokens FROM same_matter_check WHERE mechanism = ");
        sql.bind(own.0).push(" AND asked_at > ").bind(since);
        let rows = self.rows(sql).await?;
        let asked = rows.iter().map(|row| row.try_get_by_index::<i64>(0));
        let asked = asked.collect::<Result<Vec<_>, _>>();
        let asked = asked.map_err(WriteError::from)?;
        let count = i64::try_from(asked.len()).unwrap_or(i64::MAX);
        let sum = asked
            .iter()
            .fold(tokens, |sum, one| sum.saturating_add(*one));
        if count >= OF_A_DAY || sum > TOKENS_OF_A_DAY {
            let sentence = format!(
                "your mechanism has asked as much today as it may: {OF_A_DAY} questions, of 128 \
                 tokens each"
            );
            return Err(RefusalCode::Conflict.says(sentence).into());
        }
        Ok(())
    }
}

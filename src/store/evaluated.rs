//! Uses of the hub's share of blind tokens: capped by the day, and each on record.

use sea_orm::ConnectionTrait;

use super::{
    Store,
    act::{ActError, Begun, Request},
    writer::{WriteError, Writer},
};
use crate::{
    confidentiality::warrant::WriteRefused,
    id::MechanismId,
    identity::{
        kind::Right,
        viewer::{Narrowing, Viewer},
    },
    journal::EntryKind,
};

/// Seconds of a day.
const DAY: i64 = 24 * 3_600;

impl Store {
    /// Counts elements that a mechanism has multiplied by the hub's share, if its day has room
    /// for all of them, and puts it on record; says whether it has.
    ///
    /// # Errors
    /// Refuses a token without the right to ask, and one with limits: what is blinded shows no
    /// State to hold it to. Fails where the database does; nothing is counted then.
    pub async fn count_elements(
        &self,
        viewer: &Viewer,
        elements: u32,
        a_day: u32,
    ) -> Result<bool, ActError> {
        let request = Request {
            name: "evaluateElements",
            key: None,
            input: "",
        };
        // Without a key nothing was done before.
        let Begun::Now(mut act) = self.begin_act(viewer, request).await? else {
            return Ok(false);
        };
        act.writer().warrant.may(Right::MatchQuery)?;
        let mechanism = act.writer().warrant.mechanism();
        let mechanism = mechanism.ok_or(WriteRefused::TokenNeeded)?;
        if viewer
            .limits()
            .is_some_and(|limits| *limits != Narrowing::default())
        {
            return Err(WriteRefused::BeyondLimits.into());
        }
        let day = viewer.now().seconds().div_euclid(DAY);
        let counted = act.writer().count(mechanism, day, elements, a_day).await?;
        if counted {
            act.is_a(EntryKind::MatchEvaluate);
            act.because(format!("{elements} elements"));
            act.writer.commit().await?;
        }
        Ok(counted)
    }
}

impl Writer {
    async fn count(
        &mut self,
        mechanism: MechanismId,
        day: i64,
        elements: u32,
        a_day: u32,
    ) -> Result<bool, WriteError> {
        if elements > a_day {
            return Ok(false);
        }
        let mut sql = self.sql();
        sql.push("INSERT INTO match_use (mechanism, day, elements) VALUES (")
            .bind(mechanism.0);
        sql.push(", ").bind(day);
        sql.push(", ").bind(i64::from(elements));
        sql.push(
            ") ON CONFLICT (mechanism, day) DO UPDATE \
             SET elements = match_use.elements + excluded.elements \
             WHERE match_use.elements + excluded.elements <= ",
        );
        sql.bind(i64::from(a_day));
        let done = self.transaction().execute_raw(sql.into_statement()).await?;
        Ok(done.rows_affected() > 0)
    }
}

//! Feeds of the calendar, as the schema shows them to their holders.

use async_graphql::{Context, ID, InputObject, Object as GraphqlObject, Result, SimpleObject};

use super::super::feeds::{self, Handed};
use crate::{
    clock::Moment,
    graphql::{
        acts::{Outcome, UserError, perform},
        context::{Asking, failed},
        object::Told,
    },
    identity::holder::Proof,
    store::{act::request_of, calendar_feeds::KeptFeed},
};

/// A feed of the calendar: a credential for a calendar program, which reads events at most
/// at `PARTNER`, as far as its holder may, at `/calendar/own.ics`.
#[derive(SimpleObject)]
pub struct CalendarFeed {
    /// Its id: the name that the calendar program gives.
    id: ID,
    /// Name of its holder.
    holder: String,
    /// What its holder calls it.
    name: String,
    /// What it may read.
    scope: String,
    /// When it was made.
    created_at: Told<Moment>,
    /// When it ends.
    expires_at: Told<Moment>,
    /// When it was revoked; `null` where it was not.
    revoked_at: Option<Told<Moment>>,
}

impl From<KeptFeed> for CalendarFeed {
    fn from(kept: KeptFeed) -> Self {
        Self {
            id: ID(kept.id.0.to_string()),
            holder: kept.subject,
            name: kept.name,
            scope: kept.scope,
            created_at: Told(kept.created_at),
            expires_at: Told(kept.until),
            revoked_at: kept.revoked_at.map(Told),
        }
    }
}

/// The feeds that the asker has, or keeps.
///
/// # Errors
/// Fails where the database does.
pub async fn calendar_feeds(ctx: &Context<'_>) -> Result<Vec<CalendarFeed>> {
    let asked = ctx.asked()?;
    let kept = asked.reader.feeds().await.map_err(failed)?;
    asked.count(kept.len())?;
    Ok(kept.into_iter().map(CalendarFeed::from).collect())
}

/// A feed that is made.
#[derive(InputObject)]
pub struct CreateCalendarFeedInput {
    /// What makes a second sending no second act; a secret is shown once all the same.
    key: Option<String>,
    /// What you call it, such as the program that is to read it.
    name: String,
}

/// The feed that is revoked.
#[derive(InputObject)]
pub struct RevokeCalendarFeedInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The feed's id, as `calendarFeeds` gives it.
    feed: ID,
}

/// What an act on a feed answers.
pub struct CalendarFeedPayload {
    outcome: Outcome,
    handed: Handed,
}

/// What an act on a feed answers.
#[GraphqlObject]
impl CalendarFeedPayload {
    /// Its secret, shown this once: the password that the calendar program gives. `null`
    /// where none was made, and at a second sending.
    async fn secret(&self) -> Option<String> {
        let done = self.outcome.is_ok();
        self.handed.get().filter(|_| done).cloned()
    }

    /// What is kept of it; `null` where nothing was done.
    async fn calendar_feed(&self, ctx: &Context<'_>) -> Result<Option<CalendarFeed>> {
        let Ok(id) = &self.outcome else {
            return Ok(None);
        };
        let kept = ctx.asked()?.reader.feeds().await.map_err(failed)?;
        let found = kept.into_iter().find(|feed| feed.id == *id);
        Ok(found.map(CalendarFeed::from))
    }

    /// Why nothing was done; empty where it was.
    async fn user_errors(&self) -> Vec<UserError> {
        UserError::all_of(&self.outcome)
    }
}

/// Acts on feeds of the calendar.
#[derive(Default)]
pub struct CalendarFeedActs;

#[GraphqlObject]
impl CalendarFeedActs {
    /// Makes a feed of the calendar for yourself, with a token that has `token:issue`: it reads
    /// events, at most at `PARTNER` and never more than that token. It lives a year, and ends
    /// at once with whatever ends your tokens.
    async fn create_calendar_feed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: CreateCalendarFeedInput,
    ) -> Result<CalendarFeedPayload> {
        // As the hub asks of clients that say nothing.
        let proof = ctx.data_opt::<Proof>().copied().unwrap_or(Proof::Required);
        let (handed, name) = (Handed::default(), input.name);
        let to = handed.clone();
        let key = input.key.as_deref();
        let outcome = perform(ctx, "createCalendarFeed", key, move |act| {
            Box::pin(feeds::create(act, name, proof, to))
        });
        let outcome = outcome.await?;
        Ok(CalendarFeedPayload { outcome, handed })
    }

    /// Revokes a feed: yours, or as an officer who keeps your mechanism's holders anyone's.
    async fn revoke_calendar_feed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: RevokeCalendarFeedInput,
    ) -> Result<CalendarFeedPayload> {
        let id = request_of(&input.feed);
        let outcome = perform(
            ctx,
            "revokeCalendarFeed",
            input.key.as_deref(),
            move |act| Box::pin(act.revoke_feed(id)),
        );
        let outcome = outcome.await?;
        let handed = Handed::default();
        Ok(CalendarFeedPayload { outcome, handed })
    }
}

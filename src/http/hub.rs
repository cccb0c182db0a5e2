//! What the street door needs of the house behind it.

use std::{future::Future, sync::Arc};

use async_graphql::{Request, Response};
use serde_json::Value;

use super::{
    asked::Credential,
    blind::NoEvaluation,
    token::Presented,
    witness::{FromWitness, ToWitness},
};
use crate::{
    clock::{Clock, Moment},
    graphql::{error::Code, limits::SchemaKnowledge},
    same_matter::blind::wire::{AnsweredBatch, AskedBatch, Shares},
};

/// The hub as the door sees it: who asks, what is answered.
pub trait Hub: Clone + Send + Sync + 'static {
    /// The person or system that asks, made once for a request.
    type Viewer: Clone + Send + Sync + 'static;

    /// Makes the viewer from the token, its proof and the purpose, as they came by `POST` to
    /// this path.
    ///
    /// No token is a viewer like any other. A token that is not accepted is
    /// [`Refusal::Token`], whatever the cause; the door never falls back.
    /// `purpose` is `extensions.purpose` of the request, unread.
    fn viewer(
        &self,
        token: Option<Credential<'_>>,
        path: &str,
        purpose: Option<&Value>,
    ) -> impl Future<Output = Result<Self::Viewer, Refusal>> + Send;

    /// The same viewer once more, for the next part of one answer.
    ///
    /// A proof is good once, and was looked at: it is not asked for again. Whatever has ended
    /// since, the token itself too, is no more.
    fn again(
        &self,
        viewer: &Self::Viewer,
    ) -> impl Future<Output = Result<Self::Viewer, Refusal>> + Send;

    /// Whether nothing has ended, as far as this process knows, since the viewer was made on
    /// which what it was told may rest.
    fn keeps(viewer: &Self::Viewer) -> bool;

    /// Whether it is the viewer of who has shown no token.
    fn is_anyone(viewer: &Self::Viewer) -> bool;

    /// Uses a refresh token up for the next pair of tokens; `None` is every refusal.
    fn next_pair(
        &self,
        presented: Presented<'_>,
    ) -> impl Future<Output = Result<Option<Value>, Refusal>> + Send;

    /// The viewer of a feed of the calendar, by its name and its secret; `None` is every
    /// refusal, and takes the same time whatever the reason.
    fn viewer_of_feed(
        &self,
        _name: &str,
        _secret: &str,
    ) -> impl Future<Output = Result<Option<Self::Viewer>, Refusal>> + Send {
        async { Ok(None) }
    }

    /// Whose requests are counted together; `None` counts by address.
    fn subject(viewer: &Self::Viewer) -> Option<&str>;

    /// Executes a request that is within the limits.
    ///
    /// Its document is parsed, its variables have their defaults, and its data
    /// holds the [`Language`](crate::graphql::language::Language) asked for and
    /// the [`RequestId`](super::RequestId). The door masks the errors.
    fn execute(
        &self,
        viewer: Self::Viewer,
        request: Request,
    ) -> impl Future<Output = Response> + Send;

    /// The shares of this hub's blind tokens; `None` where it takes none.
    fn shares(&self) -> Option<Shares> {
        None
    }

    /// Multiplies a batch by the hub's share, if the viewer may ask and its day has room.
    fn evaluate(
        &self,
        _viewer: Self::Viewer,
        _batch: AskedBatch,
    ) -> impl Future<Output = Result<AnsweredBatch, NoEvaluation>> + Send {
        std::future::ready(Err(NoEvaluation::NoShare))
    }

    /// The edition of what is public, read after this is called; `None` where it can't be
    /// told now.
    fn edition(&self) -> impl Future<Output = Option<Edition>> + Send;

    /// What the hub's clock shows.
    fn now(&self) -> Moment {
        Clock::system().now()
    }

    /// Whether the hub can answer now: its database is there, and its log takes entries.
    fn ready(&self) -> impl Future<Output = bool> + Send;

    /// Whether the hub was restored, and is not opened yet.
    fn is_closed(&self) -> bool {
        false
    }

    /// The second of the last restore, or 0: what was told before it revalidates nothing.
    fn restored_at(&self) -> i64 {
        0
    }

    /// Whether enough others have put their names to the log of late.
    fn is_witnessed(&self) -> impl Future<Output = bool> + Send {
        async { true }
    }

    /// What a registered witness of the log is answered; `None` for everybody else, and for
    /// what there isn't.
    fn to_witness(
        &self,
        _asked: FromWitness<'_>,
    ) -> impl Future<Output = Result<Option<ToWitness>, Refusal>> + Send {
        async { Ok(None) }
    }

    /// The schema as text, served at `/schema.graphql`.
    fn sdl(&self) -> Arc<str>;

    /// The public halves of the keys that sign tokens, as a JWK set.
    fn published_keys(&self) -> String;

    /// What the limits need to know of the schema.
    fn knowledge(&self) -> &(dyn SchemaKnowledge + Sync);
}

/// What the answer to a public question rests on, besides the question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edition {
    /// Number of the last act that changed what anyone may see.
    pub public: i64,
    /// The second: what is embargoed, or ends, does so at the turn of one.
    pub second: i64,
}

/// Why the hub makes no viewer of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The token is not accepted; the door says no more than that.
    Token,
    /// The purpose is refused, under one of the `PURPOSE_…` codes.
    Purpose(Code, String),
    /// The hub cannot tell now who this is.
    Unavailable,
}

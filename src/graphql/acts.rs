//! Acts: a mutation takes one input, and says in `userErrors` why it was not done.

use async_graphql::{Context, Result, SimpleObject};
use futures::future::BoxFuture;

use super::{
    context::Asking,
    error::Code,
    object::{Object, Shown, Told},
};
use crate::{
    id::RecordId,
    store::{
        act::{Act, ActError, Begun, Refusal, RefusalCode, Request},
        batch::ById,
        writer::WriteError,
    },
};

/// Bytes of a key at most.
const KEY: usize = 100;

/// Why an act was not done, for the person who asked for it. Nothing was written.
#[derive(SimpleObject)]
pub struct UserError {
    /// A stable code.
    code: Told<RefusalCode>,
    /// A sentence.
    message: String,
    /// The field of the input that it is about.
    field: Option<&'static str>,
}

/// What an act has come to: the record that it was done to, or why it was not done.
pub type Outcome = std::result::Result<RecordId, Refusal>;

/// Does an act once for its key, and says what it has come to.
///
/// # Errors
/// Fails where the database does; then nothing was written.
pub async fn perform(
    ctx: &Context<'_>,
    name: &'static str,
    key: Option<&str>,
    work: impl for<'a> FnOnce(&'a mut Act) -> BoxFuture<'a, std::result::Result<RecordId, ActError>>,
) -> Result<Outcome> {
    if key.is_some_and(|key| key.is_empty() || key.len() > KEY) {
        let refusal = RefusalCode::Invalid.says(format!("a key has 1 to {KEY} bytes"));
        return Ok(Err(refusal.of("key")));
    }
    let mut input = String::new();
    for (name, value) in ctx.field().arguments()? {
        input.push_str(&format!("{name}: {value}\n"));
    }
    let request = Request {
        name,
        key,
        input: &input,
    };
    match done(ctx, request, work).await {
        Ok(record) => Ok(Ok(record)),
        Err(ActError::Refused(refusal)) => Ok(Err(refusal)),
        Err(ActError::Fault(WriteError::Refused(refused))) => match ActError::from(refused) {
            ActError::Refused(refusal) => Ok(Err(refusal)),
            ActError::Fault(fault) => Err(failed(&fault)),
        },
        Err(ActError::Fault(fault)) => Err(failed(&fault)),
    }
}

async fn done(
    ctx: &Context<'_>,
    request: Request<'_>,
    work: impl for<'a> FnOnce(&'a mut Act) -> BoxFuture<'a, std::result::Result<RecordId, ActError>>,
) -> std::result::Result<RecordId, ActError> {
    let reader = match ctx.asked() {
        Ok(asked) => asked.reader.clone(),
        Err(_) => return Err(RefusalCode::TokenNeeded.says("there is no viewer").into()),
    };
    match reader.store().begin_act(reader.viewer(), request).await? {
        Begun::Before(record) => Ok(record),
        Begun::Now(mut act) => {
            let record = work(&mut act).await?;
            act.commit(record).await
        }
    }
}

/// The cause is for the log; the caller is told that it is a fault of ours.
fn failed(fault: &WriteError) -> async_graphql::Error {
    tracing::error!(cause = %fault, "an act failed");
    Code::Internal.error()
}

/// What an act answers.
pub struct Payload<D: Shown>(Outcome, std::marker::PhantomData<fn() -> D>);

impl<D: Shown> Payload<D> {
    /// The payload of an outcome.
    pub fn of(outcome: Outcome) -> Self {
        Self(outcome, std::marker::PhantomData)
    }

    /// The record that the act was done to, as you may be told it now.
    pub async fn record(&self, ctx: &Context<'_>) -> Result<Option<Object<D>>> {
        let Ok(id) = self.0 else {
            return Ok(None);
        };
        let found = ctx.asked()?.loader.load_one(ById::<D>::new(id)).await;
        Ok(found.map_err(super::context::failed)?.map(Object::of))
    }

    /// Why it was not done.
    pub fn user_errors(&self) -> Vec<UserError> {
        user_errors(&self.0)
    }
}

/// Why an act was not done; nothing where it was.
pub fn user_errors(outcome: &Outcome) -> Vec<UserError> {
    let told = outcome.as_ref().err().map(|refusal| UserError {
        code: Told(refusal.code),
        message: refusal.sentence.clone(),
        field: refusal.field,
    });
    told.into_iter().collect()
}

/// Declares what acts on one kind of record answer: the record, and why nothing was done.
#[macro_export]
macro_rules! payload {
    ($(#[doc = $doc:literal])* $Payload:ident, $(#[doc = $rdoc:literal])* $record:ident : $Record:ty) => {
        $(#[doc = $doc])*
        pub struct $Payload($crate::graphql::acts::Payload<$Record>);

        impl From<$crate::graphql::acts::Outcome> for $Payload {
            fn from(outcome: $crate::graphql::acts::Outcome) -> Self {
                Self($crate::graphql::acts::Payload::of(outcome))
            }
        }

        $(#[doc = $doc])*
        #[async_graphql::Object]
        impl $Payload {
            $(#[doc = $rdoc])*
            async fn $record(
                &self,
                ctx: &async_graphql::Context<'_>,
            ) -> async_graphql::Result<Option<$crate::graphql::Object<$Record>>> {
                self.0.record(ctx).await
            }

            /// Why nothing was done; empty where it was.
            async fn user_errors(&self) -> Vec<$crate::graphql::acts::UserError> {
                self.0.user_errors()
            }
        }
    };
}

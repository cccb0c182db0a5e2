//! Acts: a mutation takes one input, and says in `userErrors` why it was not done.

use async_graphql::{Context, InputObject, Result, SimpleObject, Value};
use futures::future::BoxFuture;

use super::{
    context::{Asking, renew},
    error::Code,
    given::Given,
    object::{Object, Shown, Told},
};
use crate::{
    confidentiality::Level,
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

impl UserError {
    /// A refusal, as it is told.
    pub fn of(refusal: &Refusal) -> Self {
        Self {
            code: Told(refusal.code),
            message: refusal.sentence.clone(),
            field: refusal.field,
        }
    }
}

/// What an act has come to: the record that it was done to, or why it was not done.
pub type Outcome = std::result::Result<RecordId, Refusal>;

impl UserError {
    /// Why an act was not done; none where it was.
    pub fn all_of(outcome: &Outcome) -> Vec<Self> {
        outcome.as_ref().err().map(Self::of).into_iter().collect()
    }
}

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
    perform_at(ctx, (name, key), Vec::new(), work).await
}

/// A level that the author of a text chooses for it as it is written.
#[derive(InputObject)]
pub struct ChosenLevelInput {
    /// The field's name, such as `docketNote`: one that the act writes.
    field: String,
    /// Its level: at least the field's own, at most `SECRETARIAT`.
    level: Given<Level>,
}

/// As [`perform`], at the levels that the author has chosen: nobody reads in between.
///
/// # Errors
/// As [`perform`].
pub async fn perform_at(
    ctx: &Context<'_>,
    (name, key): (&'static str, Option<&str>),
    levels: Vec<ChosenLevelInput>,
    work: impl for<'a> FnOnce(&'a mut Act) -> BoxFuture<'a, std::result::Result<RecordId, ActError>>,
) -> Result<Outcome> {
    let levels = levels
        .into_iter()
        .map(|chosen| (chosen.field, chosen.level.0));
    let levels: Vec<(String, Level)> = levels.collect();
    if key.is_some_and(|key| key.is_empty() || key.len() > KEY) {
        let refusal = RefusalCode::Invalid.says(format!("a key has 1 to {KEY} bytes"));
        return Ok(Err(refusal.of("key")));
    }
    let mut input = String::new();
    for (name, value) in ctx.field().arguments()? {
        input.push_str(&format!("{name}: {}\n", in_order(value)));
    }
    let request = Request {
        name,
        key,
        input: &input,
    };
    match done(ctx, request, levels, work).await {
        Ok(record) => {
            renew(ctx).await?;
            Ok(Ok(record))
        }
        Err(ActError::Refused(refusal)) => Ok(Err(refusal)),
        Err(ActError::Fault(WriteError::Refused(refused))) => match ActError::from(refused) {
            ActError::Refused(refusal) => Ok(Err(refusal)),
            ActError::Fault(fault) => Err(failed(&fault)),
        },
        Err(ActError::Fault(fault)) => Err(failed(&fault)),
    }
}

/// An input with the fields of its objects by name: their order says nothing.
fn in_order(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.into_iter().collect();
            fields.sort_by(|(one, _), (other, _)| one.cmp(other));
            let fields = fields.into_iter();
            Value::Object(
                fields
                    .map(|(name, value)| (name, in_order(value)))
                    .collect(),
            )
        }
        Value::List(items) => Value::List(items.into_iter().map(in_order).collect()),
        plain => plain,
    }
}

async fn done(
    ctx: &Context<'_>,
    request: Request<'_>,
    levels: Vec<(String, Level)>,
    work: impl for<'a> FnOnce(&'a mut Act) -> BoxFuture<'a, std::result::Result<RecordId, ActError>>,
) -> std::result::Result<RecordId, ActError> {
    let reader = match ctx.asked() {
        Ok(asked) => asked.reader.clone(),
        Err(_) => return Err(RefusalCode::TokenNeeded.says("there is no viewer").into()),
    };
    match reader.store().begin_act(reader.viewer(), request).await? {
        Begun::Before(record) => Ok(record),
        Begun::Now(mut act) => {
            act.choose(levels)?;
            let record = work(&mut act).await?;
            act.commit(record).await
        }
    }
}

/// The cause is for the log; the caller is told that it is a fault of ours.
pub fn failed(fault: &WriteError) -> async_graphql::Error {
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
        UserError::all_of(&self.0)
    }
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

//! Overrides of consent for a vital interest, as the API takes and tells them.

use async_graphql::{Context, ID, InputObject, Object as GraphqlObject, Result, SimpleObject};

use super::file::PersonPayload;
use crate::{
    clock::Moment,
    communication::{
        FileField, Person,
        acts::vital::{self, Finding},
    },
    graphql::{
        acts::perform,
        context::{Asking, failed},
        given::Given,
        object::Told,
    },
    identity::{kind::Kind, purpose::PurposeCode},
    mechanism::Mechanism,
    store::{
        act::{id_of, request_of},
        batch::ById,
        vital::VitalInterest as Found,
    },
    vocabulary::VitalInterestStatus,
};

/// A finding that a vital interest of a person overrides consent, for the secretariat that
/// keeps the file. What is over is not told.
#[derive(SimpleObject)]
pub struct VitalInterest {
    /// Its id, for those who confirm or end it.
    id: ID,
    /// Code of the mechanism to which the file may be disclosed.
    recipient: Option<String>,
    /// For what.
    purpose: Told<PurposeCode>,
    /// Which fields of the file.
    fields: Vec<Told<FileField>>,
    /// Why.
    reason: String,
    /// Where it stands.
    status: Told<VitalInterestStatus>,
    /// The officer who has found it.
    invoked_by: String,
    /// When.
    invoked_at: Told<Moment>,
    /// The second officer, who has confirmed it.
    confirmed_by: Option<String>,
    /// Until when it waits, or overrides consent.
    until: Told<Moment>,
}

/// The findings on a person's file that wait or are in force; none for who is no owner.
///
/// # Errors
/// Fails where the database does.
pub async fn vital_interests(ctx: &Context<'_>, person: &str) -> Result<Vec<VitalInterest>> {
    let asked = ctx.asked()?;
    let Some(id) = id_of(Kind::Person, person) else {
        return Ok(Vec::new());
    };
    let known = asked.loader.load_one(ById::<Person>::new(id)).await;
    let Some(known) = known.map_err(failed)? else {
        return Ok(Vec::new());
    };
    let found = asked.reader.vital_interests(&known).await.map_err(failed)?;
    asked.count(found.len())?;
    let mut told = Vec::with_capacity(found.len());
    for one in found {
        let recipient = ById::<Mechanism>::new(one.recipient.into());
        let recipient = asked.loader.load_one(recipient).await.map_err(failed)?;
        let code = recipient
            .and_then(|mechanism| mechanism.open(|row| &row.code).visible().flatten().cloned());
        told.push(shown(one, code));
    }
    Ok(told)
}

fn shown(found: Found, recipient: Option<String>) -> VitalInterest {
    let fields = FileField::ALL.iter().copied();
    let fields = fields.filter(|field| found.fields.iter().any(|name| name == field.column()));
    VitalInterest {
        id: ID(found.id.0.to_string()),
        recipient,
        purpose: Told(found.purpose),
        fields: fields.map(Told).collect(),
        status: Told(found.status()),
        until: Told(found.end()),
        reason: found.reason,
        invoked_by: found.subject,
        invoked_at: Told(found.asked_at),
        confirmed_by: found.confirmed.map(|(by, _)| by),
    }
}

/// What the first of two officers finds.
#[derive(InputObject)]
pub struct InvokeVitalInterestInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The person's id.
    person: ID,
    /// Code of the mechanism to which the file is to be disclosed.
    recipient: String,
    /// For what the file may be opened there.
    purpose: Given<PurposeCode>,
    /// Which fields of it.
    fields: Vec<Given<FileField>>,
    /// Why; no person's name.
    reason: String,
}

/// A finding that is confirmed, refused or ended.
#[derive(InputObject)]
pub struct VitalInterestActInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The person's id.
    person: ID,
    /// The finding's id.
    vital_interest: ID,
}

/// Acts on overrides of consent.
#[derive(Default)]
pub struct VitalInterestActs;

#[GraphqlObject]
impl VitalInterestActs {
    /// Finds, as the first of two officers, that a vital interest of a person overrides
    /// consent to a disclosure. It waits 24 hours for the second, and opens nothing before.
    async fn invoke_vital_interest(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: InvokeVitalInterestInput,
    ) -> Result<PersonPayload> {
        let id = id_of(Kind::Person, &input.person);
        let finding = Finding {
            recipient: input.recipient,
            purpose: input.purpose.0,
            fields: input.fields.into_iter().map(|field| field.0).collect(),
            reason: input.reason,
        };
        let key = input.key.as_deref();
        let outcome = perform(ctx, "invokeVitalInterest", key, move |act| {
            Box::pin(vital::invoke(act, id, finding))
        });
        Ok(PersonPayload::from(outcome.await?))
    }

    /// Confirms it as the second officer, one charged with grants: for 72 hours a grant may
    /// rest on it, and no longer. What the person has said is in force again after it.
    async fn confirm_vital_interest(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: VitalInterestActInput,
    ) -> Result<PersonPayload> {
        let id = id_of(Kind::Person, &input.person);
        let found = request_of(&input.vital_interest);
        let key = input.key.as_deref();
        let outcome = perform(ctx, "confirmVitalInterest", key, move |act| {
            Box::pin(vital::confirm(act, id, found))
        });
        Ok(PersonPayload::from(outcome.await?))
    }

    /// Refuses it or takes it back while it waits; ends it at once, with the grants that
    /// rest on it, where it is in force.
    async fn end_vital_interest(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: VitalInterestActInput,
    ) -> Result<PersonPayload> {
        let id = id_of(Kind::Person, &input.person);
        let found = request_of(&input.vital_interest);
        let key = input.key.as_deref();
        let outcome = perform(ctx, "endVitalInterest", key, move |act| {
            Box::pin(vital::end(act, id, found))
        });
        Ok(PersonPayload::from(outcome.await?))
    }
}

//! The acts on the calendar, as the schema has them.

use async_graphql::{Context, Object as GraphqlObject, Result};

use super::{
    super::{CalendarEvent, EventInvitation, acts, invitations, terms},
    inputs::{
        AmendCalendarEventInput, AnswerEventInvitationInput, CalendarEventActInput,
        InviteToCalendarEventInput, PlanCalendarEventInput, PublishCalendarEventInput,
    },
};
use crate::{
    graphql::acts::{perform, perform_at},
    identity::kind::Kind,
    payload,
    store::act::id_of,
};

payload! {
    /// What an act on an event answers.
    CalendarEventPayload,
    /// The event, as you may be told of it now; `null` where nothing was done.
    calendar_event: CalendarEvent
}

payload! {
    /// What an act on an invitation answers.
    EventInvitationPayload,
    /// The invitation, as you may be told of it now; `null` where nothing was done.
    event_invitation: EventInvitation
}

/// Acts on the joint calendar.
#[derive(Default)]
pub struct CalendarActs;

/// One act on the record of an input, which takes what else the input says.
macro_rules! act {
    ($ctx:ident, $input:ident, $kind:expr, $name:literal, $act:path $(, $says:expr)?) => {{
        let (id, expected) = (id_of($kind, &$input.id), $input.expected_version);
        let outcome = perform($ctx, $name, $input.key.as_deref(), move |act| {
            Box::pin(async move { $act(act, (id, expected.as_deref()) $(, $says)?).await })
        });
        outcome.await?.into()
    }};
}

#[GraphqlObject]
impl CalendarActs {
    /// Plans an event of your mechanism: a session, a hearing, a visit, a deadline, a
    /// meeting. Nobody else knows of it, but the parties to an agreement whose clause names
    /// your work plans, unless you choose another level.
    async fn plan_calendar_event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: PlanCalendarEventInput,
    ) -> Result<CalendarEventPayload> {
        let key = input.key.clone();
        let (new, levels) = input.into();
        let named = ("planCalendarEvent", key.as_deref());
        let outcome = perform_at(ctx, named, levels, move |act| {
            Box::pin(acts::plan(act, new))
        });
        Ok(outcome.await?.into())
    }

    /// Amends an event of your mechanism. Other dates make a confirmed event, or one that was
    /// put off, a planned one again; those that are invited are told of them.
    async fn amend_calendar_event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: AmendCalendarEventInput,
    ) -> Result<CalendarEventPayload> {
        let id = id_of(Kind::CalendarEvent, &input.id);
        let (key, expected) = (input.key.clone(), input.expected_version.clone());
        let concerns = (input.countries.clone(), input.themes.clone());
        let (says, levels) = input.into();
        let named = ("amendCalendarEvent", key.as_deref());
        let outcome = perform_at(ctx, named, levels, move |act| {
            Box::pin(
                async move { terms::amend(act, (id, expected.as_deref()), says, concerns).await },
            )
        });
        Ok(outcome.await?.into())
    }

    /// Confirms the date of an event of your mechanism.
    async fn confirm_calendar_event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: CalendarEventActInput,
    ) -> Result<CalendarEventPayload> {
        Ok(act!(
            ctx,
            input,
            Kind::CalendarEvent,
            "confirmCalendarEvent",
            acts::confirm
        ))
    }

    /// Puts off an event of your mechanism, until you amend its dates.
    async fn postpone_calendar_event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: CalendarEventActInput,
    ) -> Result<CalendarEventPayload> {
        Ok(act!(
            ctx,
            input,
            Kind::CalendarEvent,
            "postponeCalendarEvent",
            acts::postpone
        ))
    }

    /// Gives up an event of your mechanism.
    async fn cancel_calendar_event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: CalendarEventActInput,
    ) -> Result<CalendarEventPayload> {
        Ok(act!(
            ctx,
            input,
            Kind::CalendarEvent,
            "cancelCalendarEvent",
            acts::cancel
        ))
    }

    /// Says that an event of your mechanism was held.
    async fn record_calendar_event_held(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: CalendarEventActInput,
    ) -> Result<CalendarEventPayload> {
        Ok(act!(
            ctx,
            input,
            Kind::CalendarEvent,
            "recordCalendarEventHeld",
            acts::hold
        ))
    }

    /// Publishes an event of your mechanism, at once or from a moment on: anyone is told of
    /// it. Places to visit, delegation and remark keep their levels.
    async fn publish_calendar_event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: PublishCalendarEventInput,
    ) -> Result<CalendarEventPayload> {
        let from = input.public_from.map(|moment| moment.0);
        Ok(act!(
            ctx,
            input,
            Kind::CalendarEvent,
            "publishCalendarEvent",
            acts::publish,
            from
        ))
    }

    /// Invites a mechanism to an event of yours. It is told what the event is called, its
    /// kind, dates, city and status, as they are and as they change, whatever else it may
    /// know of the event; and nobody else is told that it is invited.
    async fn invite_to_calendar_event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: InviteToCalendarEventInput,
    ) -> Result<EventInvitationPayload> {
        let says = (input.mechanism, input.message);
        Ok(act!(
            ctx,
            input,
            Kind::CalendarEvent,
            "inviteToCalendarEvent",
            invitations::invite,
            says
        ))
    }

    /// Answers an invitation to your mechanism; another answer may follow until the event
    /// has ended.
    async fn answer_event_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: AnswerEventInvitationInput,
    ) -> Result<EventInvitationPayload> {
        let says = (input.accepted, input.note);
        Ok(act!(
            ctx,
            input,
            Kind::EventInvitation,
            "answerEventInvitation",
            invitations::respond,
            says
        ))
    }

    /// Takes an invitation of your mechanism back.
    async fn withdraw_event_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: CalendarEventActInput,
    ) -> Result<EventInvitationPayload> {
        Ok(act!(
            ctx,
            input,
            Kind::EventInvitation,
            "withdrawEventInvitation",
            invitations::withdraw
        ))
    }
}

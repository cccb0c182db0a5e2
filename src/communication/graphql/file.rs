//! The acts on a person's file, as the API takes them.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object as GraphqlObject, Result};

use super::{PersonName, docket::PersonNameInput};
use crate::{
    communication::{
        FileField, Person,
        acts::{
            file::{self, AskedGrant, SaidWord},
            person::{self, Correction},
        },
    },
    confidentiality::grant::ConsentBasis,
    graphql::{
        acts::perform,
        given::{Given, GivenDate, GivenMoment},
    },
    identity::{kind::Kind, purpose::PurposeCode},
    payload,
    store::act::id_of,
    vocabulary::PersonRole,
};

/// What a person concerned has said on a disclosure, as the secretariat was told it.
#[derive(InputObject)]
pub struct RecordConsentInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The person's id.
    person: ID,
    /// Code of the mechanism to which the file may be disclosed, or may not.
    recipient: String,
    /// For what the file may be opened there.
    purpose: Given<PurposeCode>,
    /// Which fields; a word that takes leave back is about all of them.
    fields: Vec<Given<FileField>>,
    /// On what basis.
    basis: Given<ConsentBasis>,
    /// Until when it holds, where leave is given.
    valid_until: Option<GivenMoment>,
}

/// Leave for one officer to open fields of a person's file.
#[derive(InputObject)]
pub struct GiveGrantInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The person's id.
    person: ID,
    /// The officer, as tokens name them.
    holder: String,
    /// Code of the mechanism for which the officer acts.
    mechanism: String,
    /// For which purposes.
    purposes: Vec<Given<PurposeCode>>,
    /// Which fields.
    fields: Vec<Given<FileField>>,
    /// Until when; within a year.
    valid_until: GivenMoment,
}

/// The officer whose grants to a person's file are to end.
#[derive(InputObject)]
pub struct EndGrantsInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The person's id.
    person: ID,
    /// The officer, as tokens name them.
    holder: String,
}

/// What was entered wrongly in a person's file; what is left out stays.
#[derive(InputObject)]
pub struct CorrectPersonInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The person's id.
    person: ID,
    /// The `version` at which you have read it: refused where it has changed since.
    expected_version: Option<String>,
    /// Why; sealed, and for the log alone.
    reason: String,
    /// Names of the person, in each script and spelling in which they are known: all of them.
    names: MaybeUndefined<Vec<PersonNameInput>>,
    /// Date of birth, as far as it is known; `null` takes it away.
    birth_date: MaybeUndefined<GivenDate>,
    /// How the person can be reached; `null` takes it away.
    contact: MaybeUndefined<String>,
    /// What part the person has in a communication.
    part: Option<PersonPartInput>,
}

/// A person's part in a communication.
#[derive(InputObject)]
pub struct PersonPartInput {
    /// The communication's id.
    communication: ID,
    /// What part the person has in it.
    role: Given<PersonRole>,
}

payload! {
    /// What an act on a person's file answers.
    PersonPayload,
    /// The person, as you may be told of them now; `null` where nothing was done.
    person: Person
}

/// Acts on persons' files.
#[derive(Default)]
pub struct PersonActs;

#[GraphqlObject]
impl PersonActs {
    /// Corrects a person's file of your mechanism. To correct what is sealed takes leave to
    /// open it: a grant to you, for the purpose that the request states. What was there
    /// before is kept nowhere.
    async fn correct_person(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: CorrectPersonInput,
    ) -> Result<PersonPayload> {
        let id = id_of(Kind::Person, &input.person);
        let expected = input.expected_version;
        let names = |names: Vec<PersonNameInput>| names.into_iter().map(PersonName::from);
        let part = |part: PersonPartInput| {
            let communication = id_of(Kind::Communication, &part.communication);
            (communication, part.role.0)
        };
        let correction = Correction {
            reason: input.reason,
            names: input.names.map_value(|given| names(given).collect()),
            birth_date: input.birth_date.map_value(|date| date.0),
            contact: input.contact,
            part: input.part.map(part),
        };
        let outcome = perform(ctx, "correctPerson", input.key.as_deref(), move |act| {
            Box::pin(async move { person::correct(act, id, expected.as_deref(), correction).await })
        });
        Ok(PersonPayload::from(outcome.await?))
    }

    /// Records what a person concerned has said on a disclosure. A word that takes leave
    /// back closes the file to the recipient at once, and ends the grants that rest on it.
    async fn record_consent(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: RecordConsentInput,
    ) -> Result<PersonPayload> {
        let id = id_of(Kind::Person, &input.person);
        let said = SaidWord {
            recipient: input.recipient,
            purpose: input.purpose.0,
            fields: input.fields.into_iter().map(|field| field.0).collect(),
            basis: input.basis.0,
            until: input.valid_until.map(|moment| moment.0),
        };
        let outcome = perform(ctx, "recordConsent", input.key.as_deref(), move |act| {
            Box::pin(file::record_consent(act, id, said))
        });
        Ok(PersonPayload::from(outcome.await?))
    }

    /// Gives an officer leave to open fields of a person's file: as an officer charged with
    /// grants, and never to yourself. Another mechanism's officer is given no more than the
    /// person has consented to.
    async fn give_grant(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: GiveGrantInput,
    ) -> Result<PersonPayload> {
        let id = id_of(Kind::Person, &input.person);
        let asked = AskedGrant {
            holder: input.holder,
            purposes: input.purposes.into_iter().map(|code| code.0).collect(),
            fields: input.fields.into_iter().map(|field| field.0).collect(),
            until: input.valid_until.0,
        };
        let mechanism = input.mechanism;
        let outcome = perform(ctx, "giveGrant", input.key.as_deref(), move |act| {
            Box::pin(async move { file::give_grant(act, id, &mechanism, asked).await })
        });
        Ok(PersonPayload::from(outcome.await?))
    }

    /// Ends the grants of one officer to a person's file, as an officer charged with grants.
    async fn end_grants(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: EndGrantsInput,
    ) -> Result<PersonPayload> {
        let id = id_of(Kind::Person, &input.person);
        let holder = input.holder;
        let outcome = perform(ctx, "endGrants", input.key.as_deref(), move |act| {
            Box::pin(async move { file::end_grants(act, id, &holder).await })
        });
        Ok(PersonPayload::from(outcome.await?))
    }
}

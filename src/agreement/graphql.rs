//! What the schema shows of agreements and clauses.

use async_graphql::{Context, ID, InputObject, Object as GraphqlObject, Result};

use super::{
    Agreement, Clause,
    acts::{self, NewAgreement, NewClause},
    terms::{self, OpenedField},
};
use crate::{
    confidentiality::Level,
    edges,
    graphql::{
        acts::perform,
        given::{Given, GivenMoment},
    },
    identity::kind::Kind,
    mechanism::Mechanism,
    payload,
    store::{act::id_of, page::Under},
    vocabulary::{AgreementForm, ClausePurpose, InformationKind},
};

edges! {
    /// Where an agreement leads to.
    AgreementEdges of Agreement {
        one {}
        many {
            /// Mechanisms that are parties to it.
            parties: Mechanism, Under::Link("parties");
            /// Parties that have signed it.
            signatories: Mechanism, Under::Link("signatories");
            /// Parties that have suspended it and not resumed it.
            suspended_by: Mechanism, Under::Link("suspended_by");
        }
        lists {
            /// What it lets its parties see of each other; to others the list is empty.
            clauses: Clause, Under::Key("agreement_id");
        }
        told {
            /// The fields that its clauses open while it is in force, beyond what partners
            /// are told of each other anyway.
            opens: Vec<OpenedField>, |known, ctx| terms::opens(ctx, known).await.map(Some);
        }
    }
    texts { texts, translations }
}

edges! {
    /// Where a clause leads to.
    ClauseEdges of Clause {
        one {
            /// The agreement that it is part of.
            agreement: Agreement, by "agreement_id";
            /// Whose records it opens.
            from_mechanism: Mechanism, by "from_mechanism_id";
            /// To whom it opens them.
            to_mechanism: Mechanism, by "to_mechanism_id";
        }
        many {}
        lists {}
        told {
            /// What it says, as a text.
            text: String, |known, ctx| terms::text(ctx, known).await;
        }
    }
}

/// A clause of a proposed agreement.
#[derive(InputObject)]
pub struct ClauseInput {
    /// Code of the party whose records it opens.
    from_mechanism: String,
    /// Code of the party to whom it opens them.
    to_mechanism: String,
    /// Kinds of information that it covers; an empty list covers nothing.
    kinds: Vec<Given<InformationKind>>,
    /// ISO alpha-3 codes of the States that it names, or `ALL`; an empty list names nothing.
    countries: Vec<String>,
    /// Codes of the themes that it names, or `ALL`; an empty list names nothing.
    topics: Vec<String>,
    /// The highest level that it opens.
    cap: Given<Level>,
    /// Purposes for which the information may be used.
    purposes: Vec<Given<ClausePurpose>>,
    /// From when it holds; with the agreement where nothing is said.
    valid_from: Option<GivenMoment>,
    /// Until when it holds; with the agreement where nothing is said.
    valid_until: Option<GivenMoment>,
    /// Whether the recipient may pass the information on.
    #[graphql(default)]
    onward_sharing: bool,
}

impl From<ClauseInput> for NewClause {
    fn from(input: ClauseInput) -> Self {
        Self {
            from_mechanism: input.from_mechanism,
            to_mechanism: input.to_mechanism,
            kinds: input.kinds.into_iter().map(|kind| kind.0).collect(),
            countries: input.countries,
            topics: input.topics,
            cap: input.cap.0,
            purposes: input
                .purposes
                .into_iter()
                .map(|purpose| purpose.0)
                .collect(),
            from: input.valid_from.map(|moment| moment.0),
            until: input.valid_until.map(|moment| moment.0),
            onward_sharing: input.onward_sharing,
        }
    }
}

/// An agreement that one party proposes to the others.
#[derive(InputObject)]
pub struct DraftAgreementInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// What it is called.
    title: String,
    /// Its form.
    form: Given<AgreementForm>,
    /// What it is about.
    scope: Option<String>,
    /// Codes of the parties, your own mechanism among them.
    parties: Vec<String>,
    /// From when it is to be in force.
    valid_from: GivenMoment,
    /// Until when.
    valid_until: GivenMoment,
    /// At which level it is known that it is there, once every party has signed; to the
    /// parties alone where nothing is said.
    known_to: Option<Given<Level>>,
    /// What it lets its parties see of each other; without clauses it opens nothing.
    clauses: Vec<ClauseInput>,
}

impl From<DraftAgreementInput> for NewAgreement {
    fn from(input: DraftAgreementInput) -> Self {
        Self {
            title: input.title,
            form: input.form.0,
            scope: input.scope,
            parties: input.parties,
            from: input.valid_from.0,
            until: input.valid_until.0,
            known_to: input.known_to.map_or(Level::Secretariat, |level| level.0),
            clauses: input.clauses.into_iter().map(NewClause::from).collect(),
        }
    }
}

/// The agreement that an act is about.
#[derive(InputObject)]
pub struct AgreementActInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The agreement's id.
    id: ID,
}

payload! {
    /// What an act on an agreement answers.
    AgreementPayload,
    /// The agreement, as you may be told it now; `null` where nothing was done.
    agreement: Agreement
}

/// Acts on agreements.
#[derive(Default)]
pub struct AgreementActs;

/// One act on the agreement of an input.
macro_rules! act {
    ($ctx:ident, $input:ident, $name:literal, $act:path) => {{
        let id = id_of(Kind::Agreement, &$input.id);
        let outcome = perform($ctx, $name, $input.key.as_deref(), move |act| {
            Box::pin($act(act, id))
        });
        Ok(AgreementPayload::from(outcome.await?))
    }};
}

#[GraphqlObject]
impl AgreementActs {
    /// Proposes an agreement: its parties may know of it, and nobody else.
    async fn draft_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: DraftAgreementInput,
    ) -> Result<AgreementPayload> {
        let key = input.key.clone();
        let new = NewAgreement::from(input);
        let outcome = perform(ctx, "draftAgreement", key.as_deref(), move |act| {
            Box::pin(acts::draft(act, new))
        });
        Ok(AgreementPayload::from(outcome.await?))
    }

    /// Signs an agreement for your mechanism, as an officer charged with it. With the last
    /// party's signature it is in force, and its clauses open what they name.
    async fn sign_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: AgreementActInput,
    ) -> Result<AgreementPayload> {
        act!(ctx, input, "signAgreement", acts::sign)
    }

    /// Suspends an agreement in force, as any of its parties: its clauses open nothing from
    /// then on.
    async fn suspend_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: AgreementActInput,
    ) -> Result<AgreementPayload> {
        act!(ctx, input, "suspendAgreement", acts::suspend)
    }

    /// Takes your mechanism's suspension back, as an officer charged with it. When no
    /// party's is left, the agreement is in force again.
    async fn resume_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: AgreementActInput,
    ) -> Result<AgreementPayload> {
        act!(ctx, input, "resumeAgreement", acts::resume)
    }

    /// Ends an agreement for good, or takes a draft back, as an officer charged with it.
    async fn terminate_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: AgreementActInput,
    ) -> Result<AgreementPayload> {
        act!(ctx, input, "terminateAgreement", acts::terminate)
    }
}

//! The hub behind the street door: who asks, and what is answered.

use std::{collections::HashSet, sync::Arc};

use async_graphql::{
    Request, Response,
    parser::{
        parse_schema,
        types::{BaseType, TypeKind, TypeSystemDefinition},
    },
};

use crate::{
    clock::{Clock, Moment},
    graphql::{Schema, error::Code, limits::SchemaKnowledge, schema, sdl},
    http::{self, Credential, NoEvaluation},
    identity::{
        claims::{Refusal, TokenRefused},
        dpop::{Proofs, Sent},
        holder::{Proof, Standing},
        purpose::{Purpose, PurposeError},
        token::{TokenAuthority, asked},
        viewer::Viewer,
    },
    keys::KeyFileError,
    same_matter::blind::{
        BlindFault, Published, Share,
        wire::{AnsweredBatch, AskedBatch, Shares},
    },
    store::{Store, act::ActError, standing::ViewerError},
};

mod witnesses;

/// The hub, cheap to clone.
#[derive(Clone)]
pub struct Hub {
    store: Store,
    authority: Arc<TokenAuthority>,
    clock: Clock,
    schema: Schema,
    sdl: Arc<str>,
    knowledge: Arc<Knowledge>,
    proofs: Arc<Proofs>,
    default: Proof,
    blind: Option<Arc<Blind>>,
}

/// The hub's part in blind tokens.
struct Blind {
    share: Share,
    holder: Published,
    /// Elements of a mechanism in a day.
    a_day: u32,
}

impl Hub {
    /// The hub on this store, with this authority on tokens and this clock.
    pub fn new(store: Store, authority: Arc<TokenAuthority>, clock: Clock) -> Self {
        let schema = schema();
        let sdl: Arc<str> = sdl().into();
        let knowledge = Arc::new(Knowledge::of(&sdl));
        Self {
            store,
            authority,
            clock,
            schema,
            sdl,
            knowledge,
            proofs: Arc::new(Proofs::at("http://localhost")),
            default: Proof::Optional,
            blind: None,
        }
    }

    /// The hub as it takes blind tokens, where its key file has a share of them: so many
    /// elements of a mechanism in a day.
    ///
    /// # Errors
    /// Refuses a share that is none.
    pub fn evaluating(mut self, a_day: u32) -> Result<Self, KeyFileError> {
        if let Some(key) = self.store.keys().blind() {
            self.blind = Some(Arc::new(Blind {
                share: key.share()?,
                holder: key.holder(),
                a_day,
            }));
        }
        Ok(self)
    }

    /// The hub as it is reached at an address, with what it asks of clients that say nothing:
    /// whether a token above `CHANNEL`, or one that writes there, is bound to a key.
    #[must_use]
    pub fn reached_at(mut self, address: &str, default: Proof) -> Self {
        self.proofs = Arc::new(Proofs::at(address));
        self.default = default;
        self
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.store
    }

    fn anyone(&self, now: Moment) -> Viewer {
        let withheld = self.store.restored().withheld();
        let watch = self.store.watch().from_now();
        Viewer::anyone(now).watched(watch).withholding(withheld)
    }

    async fn viewer(
        &self,
        credential: Option<Credential<'_>>,
        path: &str,
        purpose: Option<Purpose>,
    ) -> Result<Viewer, ViewerError> {
        let now = self.clock.now();
        let Some(sent) = credential else {
            return Ok(self.anyone(now));
        };
        let recognised = match self.authority.recognise(sent.token, now) {
            Ok(recognised) => recognised,
            Err(refused) => {
                // The work that a revoked token is: the time of a refusal tells the two apart
                // no more than its words do.
                let said = self.authority.said(sent.token);
                self.store.look_for(&said, now).await?;
                return Err(refused.into());
            }
        };
        let viewer = self.store.viewer_of(&recognised, purpose, now).await;
        if let Err(ViewerError::Refused(_)) = &viewer {
            self.authority.forget(sent.token);
        }
        let viewer = viewer?;
        self.check_proof(sent, path, &viewer)?;
        Ok(viewer)
    }

    /// The same viewer at this moment: what has ended since is no more.
    async fn again(&self, before: &Viewer) -> Result<Viewer, ViewerError> {
        let now = self.clock.now();
        let Some(claims) = before.claims() else {
            return Ok(self.anyone(now));
        };
        self.authority.check_again(claims, now)?;
        let purpose = before.purpose().cloned();
        self.store.viewer(claims, purpose, now).await
    }

    /// Whether the sender has the key to which the token is bound, where it is or must be.
    fn check_proof(
        &self,
        sent: Credential<'_>,
        path: &str,
        viewer: &Viewer,
    ) -> Result<(), TokenRefused> {
        let claims = viewer.claims().ok_or(TokenRefused::from(Refusal::Proof))?;
        let of_client = viewer.standing().and_then(Standing::proof);
        let asked = asked(of_client, claims.scopes(), self.default);
        let refused = || TokenRefused::from(Refusal::Proof);
        match (claims.thumbprint(), asked) {
            (None, Proof::Optional | Proof::Off) if !sent.bound => Ok(()),
            (Some(thumbprint), Proof::Required | Proof::Optional) if sent.bound => {
                let proof = Sent {
                    proof: sent.proof.ok_or_else(refused)?,
                    method: "POST",
                    path,
                };
                let (token, now) = (Some(sent.token), viewer.now());
                let accepted = self.proofs.accept(proof, thumbprint, token, now);
                accepted.map_err(|reason| {
                    tracing::info!(%reason, "a proof was refused");
                    refused()
                })
            }
            (None | Some(_), Proof::Required | Proof::Optional | Proof::Off) => Err(refused()),
        }
    }
}

/// The router of a hub behind its door.
///
/// Not generic, so that what is behind the door is compiled once, here, and not again in
/// every program and test that opens one.
pub fn router(door: http::Door<Hub>) -> axum::Router {
    http::router(door)
}

impl http::Hub for Hub {
    type Viewer = Arc<Viewer>;

    async fn viewer(
        &self,
        token: Option<http::Credential<'_>>,
        path: &str,
        purpose: Option<&serde_json::Value>,
    ) -> Result<Arc<Viewer>, http::Refusal> {
        let purpose = purpose
            .map(Purpose::parse)
            .transpose()
            .map_err(refused_purpose)?;
        told(self.viewer(token, path, purpose).await)
    }

    async fn again(&self, viewer: &Arc<Viewer>) -> Result<Arc<Viewer>, http::Refusal> {
        told(self.again(viewer).await)
    }

    fn keeps(viewer: &Arc<Viewer>) -> bool {
        viewer.keeps_all()
    }

    fn is_anyone(viewer: &Arc<Viewer>) -> bool {
        viewer.standing().is_none()
    }

    async fn next_pair(
        &self,
        presented: http::Presented<'_>,
    ) -> Result<Option<serde_json::Value>, http::Refusal> {
        let now = self.clock.now();
        let proven = |thumbprint: &str| {
            presented.proof.is_some_and(|proof| {
                let sent = Sent {
                    proof,
                    method: "POST",
                    path: "/token",
                };
                self.proofs.accept(sent, thumbprint, None, now).is_ok()
            })
        };
        let (text, client) = (presented.refresh_token, presented.client);
        let pair = self
            .store
            .refresh(&self.authority, text, client, proven, now);
        let pair = pair.await.map_err(|error| {
            tracing::error!(cause = %error, "a token could not be refreshed");
            http::Refusal::Unavailable
        })?;
        Ok(pair.map(|pair| {
            serde_json::json!({
                "access_token": pair.issued.token,
                "token_type": if pair.bound { "DPoP" } else { "Bearer" },
                "expires_in": pair.life,
                "refresh_token": pair.refresh.as_str(),
                "scope": pair.scope,
            })
        }))
    }

    async fn viewer_of_feed(
        &self,
        name: &str,
        secret: &str,
    ) -> Result<Option<Arc<Viewer>>, http::Refusal> {
        let now = self.clock.now();
        let viewer = self
            .store
            .viewer_of_feed(&self.authority, (name, secret), now);
        let viewer = viewer.await.map_err(|error| {
            tracing::error!(cause = %error, "a feed could not be looked for");
            http::Refusal::Unavailable
        })?;
        Ok(viewer.map(Arc::new))
    }

    fn subject(viewer: &Arc<Viewer>) -> Option<&str> {
        viewer.standing().map(|standing| standing.subject())
    }

    async fn execute(&self, viewer: Arc<Viewer>, request: Request) -> Response {
        let request = request.data(Arc::clone(&self.authority)).data(self.default);
        crate::graphql::execute(&self.schema, &self.store, viewer, request).await
    }

    fn now(&self) -> Moment {
        self.clock.now()
    }

    async fn edition(&self) -> Option<http::Edition> {
        let public = self.store.edition().await.inspect_err(|error| {
            tracing::error!(cause = %error, "the edition could not be read");
        });
        let second = self.clock.now().seconds();
        let public = public.ok()?;
        Some(http::Edition { public, second })
    }

    async fn ready(&self) -> bool {
        self.store.answers().await
            && self.store.ledger().takes_entries().await
            && self.store.key_store().is_ready().await
    }

    fn is_closed(&self) -> bool {
        self.store.restored().is_closed()
    }

    fn restored_at(&self) -> i64 {
        self.store.restored().at()
    }

    async fn is_witnessed(&self) -> bool {
        let witnessed = self.store.is_witnessed(self.clock.now()).await;
        witnessed.unwrap_or(false)
    }

    async fn to_witness(
        &self,
        asked: http::FromWitness<'_>,
    ) -> Result<Option<http::ToWitness>, http::Refusal> {
        self.answer_witness(asked).await
    }

    fn shares(&self) -> Option<Shares> {
        let blind = self.blind.as_ref()?;
        Some(Shares::of(&blind.share.published(), &blind.holder))
    }

    async fn evaluate(
        &self,
        viewer: Arc<Viewer>,
        batch: AskedBatch,
    ) -> Result<AnsweredBatch, NoEvaluation> {
        let blind = self.blind.clone().ok_or(NoEvaluation::NoShare)?;
        if batch.share != blind.share.published().id() {
            let sentence = "the hub has no such share; ask it for its shares anew";
            return Err(NoEvaluation::Batch(sentence.to_owned()));
        }
        let wrong = |fault: BlindFault| NoEvaluation::Batch(fault.to_string());
        let asked = batch.read().map_err(wrong)?;
        let elements = u32::try_from(asked.len()).unwrap_or(u32::MAX);
        let counted = self.store.count_elements(&viewer, elements, blind.a_day);
        match counted.await {
            Ok(true) => {}
            Ok(false) => return Err(NoEvaluation::Exhausted),
            Err(ActError::Refused(refusal)) => {
                return Err(NoEvaluation::Forbidden(refusal.sentence));
            }
            Err(ActError::Fault(fault)) => {
                tracing::error!(cause = %fault, "elements could not be counted");
                return Err(NoEvaluation::Unavailable);
            }
        }
        let answer = move || AnsweredBatch::by(&blind.share, &asked);
        let answer = tokio::task::spawn_blocking(answer).await;
        let answer = answer.map_err(|_| NoEvaluation::Unavailable)?;
        answer.map_err(wrong)
    }

    fn sdl(&self) -> Arc<str> {
        Arc::clone(&self.sdl)
    }

    fn published_keys(&self) -> String {
        self.authority.published()
    }

    fn knowledge(&self) -> &(dyn SchemaKnowledge + Sync) {
        self.knowledge.as_ref()
    }
}

fn told(made: Result<Viewer, ViewerError>) -> Result<Arc<Viewer>, http::Refusal> {
    match made {
        Ok(viewer) => Ok(Arc::new(viewer)),
        Err(ViewerError::Refused(refused)) => {
            tracing::info!(reason = %refused.reason(), "a token was refused");
            Err(http::Refusal::Token)
        }
        Err(ViewerError::Store(error)) => {
            tracing::error!(cause = %error, "a viewer could not be made");
            Err(http::Refusal::Unavailable)
        }
    }
}

fn refused_purpose(error: PurposeError) -> http::Refusal {
    let code = match error {
        PurposeError::Malformed => Code::PurposeMalformed,
        PurposeError::UnknownCode => Code::PurposeUnknown,
        PurposeError::WrongReason => Code::PurposeReasonInvalid,
    };
    http::Refusal::Purpose(code, error.to_string())
}

/// Lists of these are values, and no records.
const SCALARS: [&str; 2] = ["String", "Int"];

/// What the limits need to know of the schema, taken from the schema itself.
struct Knowledge {
    connections: HashSet<String>,
    lists: HashSet<String>,
    sealed: HashSet<String>,
}

impl Knowledge {
    /// Reads the schema's own text: what takes `first` is a connection, what has the
    /// floor `VICTIM` is sealed.
    fn of(sdl: &str) -> Self {
        let mut known = Self {
            connections: HashSet::new(),
            lists: HashSet::new(),
            sealed: HashSet::new(),
        };
        let definitions = parse_schema(sdl).map(|document| document.definitions);
        for definition in definitions.unwrap_or_default() {
            let TypeSystemDefinition::Type(ty) = definition else {
                continue;
            };
            let TypeKind::Object(object) = ty.node.kind else {
                continue;
            };
            for field in object.fields {
                let name = field.node.name.node.to_string();
                if field
                    .node
                    .arguments
                    .iter()
                    .any(|argument| argument.node.name.node == "first")
                {
                    known.connections.insert(name.clone());
                }
                let is_list = matches!(field.node.ty.node.base, BaseType::List(_));
                // The edges of a connection are counted by its page.
                if is_list
                    && name != "edges"
                    && !SCALARS
                        .iter()
                        .any(|scalar| field.node.ty.node.to_string().contains(scalar))
                {
                    known.lists.insert(name.clone());
                }
                let floors = field.node.directives.iter().filter_map(|directive| {
                    directive
                        .node
                        .arguments
                        .iter()
                        .find(|(name, _)| name.node == "floor")
                });
                if floors
                    .into_iter()
                    .any(|(_, floor)| floor.node.to_string() == "VICTIM")
                {
                    known.sealed.insert(name);
                }
            }
        }
        known
    }
}

impl SchemaKnowledge for Knowledge {
    fn is_connection(&self, field: &str) -> bool {
        self.connections.contains(field)
    }

    fn is_list(&self, field: &str) -> bool {
        self.lists.contains(field)
    }

    fn is_sealed(&self, field: &str) -> bool {
        self.sealed.contains(field)
    }
}

//! What the hub says of itself and of the viewer: limits, token, access explained.

use async_graphql::{Context, Enum, Result, SimpleObject};

use super::{
    context::{Asking, failed},
    error::Code,
    kinds::of_kind,
    limits::Limits,
    object::{Shown, Told},
};
use crate::{
    clock::Moment,
    confidentiality::{FieldIndex, Level},
    id::GlobalId,
    identity::{kind::Kind, viewer::Viewer},
    store::batch::ById,
    vocabulary::codes::Coded,
};

/// Limits of this service. A request over one is refused with a stable code.
#[derive(SimpleObject)]
pub struct ServiceLimits {
    /// Bytes of a request's body.
    body_bytes: u64,
    /// Bytes of a document.
    document_bytes: u64,
    /// Depth of brackets in a document.
    nesting: u64,
    /// Depth of selections, fragments spread out.
    depth: u64,
    /// Tokens of a document.
    tokens: u64,
    /// Fields of an operation, its fragments spread out.
    expanded_fields: u64,
    /// Aliases of an operation.
    aliases: u64,
    /// Root fields of an operation.
    root_fields: u64,
    /// Directives of one field.
    directives_per_field: u64,
    /// Records of a page where nothing is asked for.
    page_default: u64,
    /// Records of a page at most.
    page: u64,
    /// Records of an answer, as estimated from its pages, without a token.
    nodes_without_token: u64,
    /// Records of an answer, as estimated from its pages, with a token.
    nodes_with_token: u64,
    /// Files of persons that one request may open, as estimated from its pages.
    sealed_openings: u64,
    /// Seconds that a request may take.
    seconds: u64,
}

impl ServiceLimits {
    /// The limits in force.
    pub fn published() -> Self {
        Self {
            body_bytes: Limits::BODY_BYTES as u64,
            document_bytes: Limits::DOCUMENT_BYTES as u64,
            nesting: Limits::NESTING,
            depth: Limits::DEPTH,
            tokens: Limits::TOKENS,
            expanded_fields: Limits::FIELDS,
            aliases: Limits::ALIASES,
            root_fields: Limits::ROOT_FIELDS,
            directives_per_field: Limits::DIRECTIVES,
            page_default: Limits::PAGE_DEFAULT,
            page: Limits::PAGE,
            nodes_without_token: Limits::NODES_ANONYMOUS,
            nodes_with_token: Limits::NODES_TOKEN,
            sealed_openings: Limits::SEALED_OPENINGS,
            seconds: Limits::TIME.as_secs(),
        }
    }
}

/// Up to which level a token may read a kind of record.
#[derive(SimpleObject)]
pub struct KindCeiling {
    /// The kind, as scopes call it.
    kind: String,
    /// The level.
    level: Told<Level>,
}

/// Who the asker is to this hub.
#[derive(SimpleObject)]
pub struct ViewerAnswer {
    /// The holder that the token stands for; `null` without a token.
    subject: Option<String>,
    /// Code of the mechanism that the holder acts for.
    mechanism: Option<String>,
    /// The scope that is left of the token, after holder and client.
    scope: Option<String>,
    /// The highest level that the token may read of anything.
    ceiling: Told<Level>,
    /// The kinds of which it may read more than what is public.
    kinds: Vec<KindCeiling>,
    /// The purpose stated with this request.
    purpose: Option<String>,
    /// When the token ends.
    expires_at: Option<Told<Moment>>,
}

impl ViewerAnswer {
    /// What this viewer may know of itself.
    pub fn of(viewer: &Viewer) -> Self {
        let standing = viewer.standing();
        let kinds: Vec<_> = Kind::ALL
            .into_iter()
            .map(|kind| (kind, viewer.cap(kind)))
            .filter(|(_, level)| *level > Level::Public)
            .collect();
        Self {
            subject: standing.map(|standing| standing.subject().to_owned()),
            mechanism: standing.map(|standing| standing.mechanism_code().to_owned()),
            scope: standing.map(|standing| standing.scopes().to_string()),
            ceiling: Told(
                kinds
                    .iter()
                    .map(|(_, level)| *level)
                    .max()
                    .unwrap_or(Level::Public),
            ),
            kinds: kinds
                .into_iter()
                .map(|(kind, level)| KindCeiling {
                    kind: kind.code().to_owned(),
                    level: Told(level),
                })
                .collect(),
            purpose: viewer
                .purpose()
                .map(|purpose| purpose.code.code().to_owned()),
            expires_at: standing.map(|standing| Told(standing.expires())),
        }
    }
}

/// Whether a field is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum AccessAnswer {
    /// You are told it.
    Visible,
    /// You are not: it is hidden, or absent, or the record is not there.
    Withheld,
}

/// Why a field is told or withheld. It speaks of levels and of your own token; never of
/// whether a consent, a grant or a channel exists.
#[derive(SimpleObject)]
pub struct AccessExplanation {
    /// Whether you are told it.
    answer: AccessAnswer,
    /// The field's level: on this record where you may know of it, else as declared.
    level: Option<Told<Level>>,
    /// The level that you reach on this record; `null` where you may not know of it.
    reach: Option<Told<Level>>,
    /// Up to which level your own token may read records of this kind.
    token_ceiling: Told<Level>,
}

/// Explains the access to one field of one record.
///
/// # Errors
/// Refuses an id that is none, and a field that the kind of record has not.
pub async fn explain(ctx: &Context<'_>, id: &str, field: &str) -> Result<AccessExplanation> {
    let id =
        GlobalId::parse(id).ok_or_else(|| Code::BadInput.says("`id` is not an id of this hub"))?;
    of_kind!(
        id.kind,
        |D| of::<D>(ctx, id, field).await,
        edge Err(Code::BadInput.says("`id` is not an id of this hub"))
    )
}

async fn of<D: Shown>(ctx: &Context<'_>, id: GlobalId, field: &str) -> Result<AccessExplanation> {
    let place = D::shown_names().iter().position(|shown| shown == field);
    let place = place
        .and_then(|place| u8::try_from(place).ok())
        .map(FieldIndex);
    let Some(place) = place else {
        let kind = D::KIND.type_name();
        return Err(Code::BadInput.says(format!("`{kind}` has no field of this name")));
    };
    let asked = ctx.asked()?;
    let token_ceiling = Told(asked.reader.viewer().cap(D::KIND));
    let known = asked
        .loader
        .load_one(ById::<D>::new(id.id))
        .await
        .map_err(failed)?;
    #[cfg(feature = "planted-leaks")]
    if planted!(ExplainTellsHidden) && known.is_none() {
        let there = asked.reader.is_there::<D>("id", id.id.0).await;
        if there.map_err(failed)? {
            return Err(Code::Forbidden.error());
        }
    }
    Ok(match known {
        Some(known) => AccessExplanation {
            answer: if known.sees(place) {
                AccessAnswer::Visible
            } else {
                AccessAnswer::Withheld
            },
            level: known.level(place).map(Told),
            reach: Some(Told(known.sight().reach.level)),
            token_ceiling,
        },
        None => AccessExplanation {
            answer: AccessAnswer::Withheld,
            level: D::rule(place).map(|rule| Told(rule.level)),
            reach: None,
            token_ceiling,
        },
    })
}

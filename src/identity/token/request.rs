//! A token to be issued: never more than its holder, through its client, may have.

use thiserror::Error;
use uuid::Uuid;

use crate::confidentiality::Level;
use crate::identity::claims::longest_life;
use crate::identity::holder::{Client, Holder, Proof, entitlement, epoch};
use crate::identity::scope::Scopes;

/// Why a token is not issued.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum IssueError {
    /// The scope goes beyond the holder, the client or the issuer.
    #[error("the scope asks for `{item}`, which is more than this holder may have")]
    BeyondHolder {
        /// The first item that does.
        item: String,
    },
    /// The life asked for is none, or longer than the scope allows.
    #[error("a token of this scope lives between 1 and {longest} seconds")]
    Life {
        /// The longest life, in seconds.
        longest: i64,
    },
    /// Its client proves with each request that it has a key, and it is bound to none.
    #[error(
        "the client `{client}` proves with each request that it has the key of its token (DPoP is \
         required of it), and this token would be bound to none, so that it would be refused \
         wherever it is sent: give the thumbprint of the client's key"
    )]
    Unbound {
        /// The client.
        client: String,
    },
    /// Its client never proves that it has a key, and it is bound to one.
    #[error(
        "DPoP is `OFF` for the client `{client}`, so that a token that is bound to a key would be \
         refused wherever it is sent: leave the thumbprint out"
    )]
    Bound {
        /// The client.
        client: String,
    },
    /// The holder is suspended.
    #[error("the holder is suspended")]
    Suspended,
    /// The holder's or the client's name, or an epoch, is not one that tokens carry.
    #[error("the holder or the client cannot be named in a token")]
    Unnameable,
    /// The key or the system's randomness failed.
    #[error("the token cannot be signed")]
    Unsignable,
}

/// Whether a proof is asked for with a token of this scope: as the client says; where it
/// says nothing, as the hub does for what is graver than `CHANNEL`.
pub fn asked(of_client: Option<Proof>, scopes: &Scopes, default: Proof) -> Proof {
    let grave = scopes.gravest() >= Level::Secretariat;
    of_client.unwrap_or(if grave { default } else { Proof::Optional })
}

/// A token to be issued, which cannot exceed its holder.
#[derive(Clone, Debug)]
pub struct TokenRequest {
    pub(super) subject: String,
    pub(super) client: String,
    pub(super) mechanism: String,
    pub(super) mechanism_id: Uuid,
    pub(super) epoch: i64,
    pub(super) methods: Vec<String>,
    pub(super) scopes: Scopes,
    pub(super) life: i64,
    pub(super) thumbprint: Option<String>,
}

impl TokenRequest {
    /// Asks for a token for a holder, through a client, for a life in seconds.
    pub fn new(
        holder: &Holder,
        client: &Client,
        scopes: Scopes,
        life: i64,
    ) -> Result<Self, IssueError> {
        if holder.suspended {
            return Err(IssueError::Suspended);
        }
        if let Some(item) = scopes.excess(&entitlement(holder, client)) {
            return Err(IssueError::BeyondHolder { item });
        }
        let longest = longest_life(&scopes);
        if !(1..=longest).contains(&life) {
            return Err(IssueError::Life { longest });
        }
        Ok(Self {
            subject: holder.subject.clone(),
            client: client.id.clone(),
            mechanism: holder.mechanism_code.clone(),
            mechanism_id: holder.mechanism_id,
            epoch: epoch(holder, client).ok_or(IssueError::Unnameable)?,
            methods: Vec::new(),
            scopes,
            life,
            thumbprint: None,
        })
    }

    /// Says how the holder was authenticated (RFC 8176), such as `pwd` or `hwk`.
    #[must_use]
    pub fn authenticated_by(mut self, methods: Vec<String>) -> Self {
        self.methods = methods;
        self
    }

    /// Binds the token to a key, by the thumbprint of its public half (RFC 7638).
    #[must_use]
    pub fn bound_to(mut self, thumbprint: Option<String>) -> Self {
        self.thumbprint = thumbprint;
        self
    }

    /// Whether the hub accepts the token wherever it is sent, as its client proves its key;
    /// where the client says nothing, as the hub asks of all (`default`).
    ///
    /// # Errors
    /// Refuses a token that would be of no use.
    pub fn is_of_use(&self, client: &Client, default: Proof) -> Result<(), IssueError> {
        let client_id = || client.id.clone();
        match (&self.thumbprint, asked(client.proof, &self.scopes, default)) {
            (None, Proof::Required) => Err(IssueError::Unbound {
                client: client_id(),
            }),
            (Some(_), Proof::Off) => Err(IssueError::Bound {
                client: client_id(),
            }),
            (None, Proof::Optional | Proof::Off) | (Some(_), Proof::Required | Proof::Optional) => {
                Ok(())
            }
        }
    }

    /// The holder whose token it is to be.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The client that is to carry it.
    pub fn client(&self) -> &str {
        &self.client
    }

    /// Code of the holder's mechanism.
    pub fn mechanism(&self) -> &str {
        &self.mechanism
    }

    /// Id of the holder's mechanism.
    pub const fn mechanism_id(&self) -> Uuid {
        self.mechanism_id
    }

    /// What it is to be good for.
    pub const fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    /// The epoch at which it is asked for.
    pub const fn epoch(&self) -> i64 {
        self.epoch
    }

    /// How long it is to live, in seconds.
    pub const fn life(&self) -> i64 {
        self.life
    }

    /// The key that it is to be bound to.
    pub fn thumbprint(&self) -> Option<&str> {
        self.thumbprint.as_deref()
    }
}

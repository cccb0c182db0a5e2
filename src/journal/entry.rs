//! What an entry of the log says, and in what form.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{clock::Moment, id::RecordId, identity::viewer::Viewer, keys::SecretKey};

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// Sealed fields of one person were opened.
    OpenVictim,
    /// Records were written.
    Write,
    /// A token was issued.
    TokenIssue,
    /// The tokens of a holder, a mechanism or a client were revoked.
    TokenRevoke,
    /// A holder, a mechanism's first officer, was admitted.
    HolderInvite,
    /// A word of a person concerned was recorded.
    ConsentRecord,
    /// Facts of a person's file were corrected.
    PersonCorrect,
    /// An officer was given leave to open fields of a person's file.
    GrantGive,
    /// An officer's leave to open a person's file was ended.
    GrantEnd,
    /// An officer found that a vital interest of a person overrides consent.
    VitalInterestInvoke,
    /// A second officer confirmed it.
    VitalInterestConfirm,
    /// It was refused, or taken back, before it was confirmed.
    VitalInterestRefuse,
    /// It was ended before its time.
    VitalInterestEnd,
    /// Another secretariat was asked for a person's file.
    DisclosureAsk,
    /// A request for a person's file was refused.
    DisclosureRefuse,
    /// A level of a record was raised.
    LabelRaise,
    /// A mechanism was named on a record.
    LabelName,
    /// The name of a mechanism was taken off a record.
    LabelUnname,
    /// It was asked to lower a level of a record, or it was lowered where one may.
    DeclassifyRequest,
    /// A second officer approved that a level of a record is lowered.
    DeclassifyApprove,
    /// It was refused to lower a level of a record.
    DeclassifyRefuse,
    /// An agreement was drafted.
    ChannelDraft,
    /// An agreement was signed by a party.
    ChannelSign,
    /// An agreement was suspended by a party.
    ChannelSuspend,
    /// A party took its suspension of an agreement back.
    ChannelResume,
    /// An agreement was ended.
    ChannelTerminate,
    /// A holder was admitted by an officer of the same mechanism.
    HolderAdmit,
    /// What a holder may do was amended.
    HolderAmend,
    /// A subject of another issuer was made a holder here.
    HolderMap,
    /// A subject of another issuer is nobody here any more.
    HolderUnmap,
    /// A client program was admitted, or what is asked of it was set.
    ClientAdmit,
    /// A record was retired, or an owner has agreed that it is.
    RecordRetire,
    /// A retired record was brought back.
    RecordRestore,
    /// A retired record was held back from being expunged, or no longer.
    RecordHold,
    /// A retired record was expunged, as its time was over.
    RecordExpunge,
}

impl EntryKind {
    /// Its code in the log.
    pub fn code(self) -> &'static str {
        match self {
            Self::OpenVictim => "OPEN_VICTIM",
            Self::Write => "WRITE",
            Self::TokenIssue => "TOKEN_ISSUE",
            Self::TokenRevoke => "TOKEN_REVOKE",
            Self::HolderInvite => "HOLDER_INVITE",
            Self::ConsentRecord => "CONSENT_RECORD",
            Self::PersonCorrect => "PERSON_CORRECT",
            Self::GrantGive => "GRANT_GIVE",
            Self::GrantEnd => "GRANT_END",
            Self::VitalInterestInvoke => "VITAL_INTEREST_INVOKE",
            Self::VitalInterestConfirm => "VITAL_INTEREST_CONFIRM",
            Self::VitalInterestRefuse => "VITAL_INTEREST_REFUSE",
            Self::VitalInterestEnd => "VITAL_INTEREST_END",
            Self::DisclosureAsk => "DISCLOSURE_ASK",
            Self::DisclosureRefuse => "DISCLOSURE_REFUSE",
            Self::LabelRaise => "LABEL_RAISE",
            Self::LabelName => "LABEL_NAME",
            Self::LabelUnname => "LABEL_UNNAME",
            Self::DeclassifyRequest => "DECLASSIFY_REQUEST",
            Self::DeclassifyApprove => "DECLASSIFY_APPROVE",
            Self::DeclassifyRefuse => "DECLASSIFY_REFUSE",
            Self::ChannelDraft => "CHANNEL_DRAFT",
            Self::ChannelSign => "CHANNEL_SIGN",
            Self::ChannelSuspend => "CHANNEL_SUSPEND",
            Self::ChannelResume => "CHANNEL_RESUME",
            Self::ChannelTerminate => "CHANNEL_TERMINATE",
            Self::HolderAdmit => "HOLDER_ADMIT",
            Self::HolderAmend => "HOLDER_AMEND",
            Self::HolderMap => "HOLDER_MAP",
            Self::HolderUnmap => "HOLDER_UNMAP",
            Self::ClientAdmit => "CLIENT_ADMIT",
            Self::RecordRetire => "RECORD_RETIRE",
            Self::RecordRestore => "RECORD_RESTORE",
            Self::RecordHold => "RECORD_HOLD",
            Self::RecordExpunge => "RECORD_EXPUNGE",
        }
    }
}

/// Who did it.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Code of the mechanism.
    pub mechanism: String,
    /// The holder.
    pub subject: String,
    /// Hash of the token's id, where there was a token.
    pub token: Option<[u8; 32]>,
}

impl Actor {
    /// The actor of a viewer, as its token says; `None` for anyone.
    pub fn of(viewer: &Viewer) -> Option<Self> {
        viewer.standing().map(|standing| {
            Self::bearing(
                standing.mechanism_code(),
                standing.subject(),
                standing.token_id(),
            )
        })
    }

    /// The bearer of the token with this id.
    pub fn bearing(mechanism: &str, subject: &str, token_id: &str) -> Self {
        Self {
            mechanism: mechanism.to_owned(),
            subject: subject.to_owned(),
            token: Some(Sha256::digest(token_id).into()),
        }
    }
}

/// One entry, before it has its place in the log.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What was done.
    pub kind: EntryKind,
    /// When.
    pub at: Moment,
    /// By whom.
    pub actor: Actor,
    /// On which record.
    pub record: Option<RecordId>,
    /// On which fields.
    pub fields: Vec<&'static str>,
    /// For which purpose.
    pub purpose: Option<&'static str>,
    /// On what ground.
    pub ground: &'static str,
    /// Why, in the officer's words: stored sealed, beside the entry.
    pub reason: Option<String>,
}

/// The version of the rules that decided.
const POLICY: u32 = 1;

impl Entry {
    /// The body, as it is hashed: names by keyed hashes, the reason by a salted and keyed one.
    ///
    /// The nonce makes the hash of an entry unguessable, so that hashes can be shown
    /// where bodies can't.
    pub(super) fn body(&self, n: i64, nonce: [u8; 16], key: &SecretKey) -> String {
        // Keyed, so that who has the log alone can't try out likely reasons.
        let reason = self.reason.as_ref();
        let reason = reason.map(|reason| tag(key, "reason", &[&nonce, reason.as_bytes()].concat()));
        json!({
            "v": 1,
            "n": n,
            "time": self.at.millis(),
            "nonce": hex(&nonce),
            "kind": self.kind.code(),
            "actor_mechanism": self.actor.mechanism,
            "actor_tag": tag(key, "actor", self.actor.subject.as_bytes()),
            "token_jti_hash": self.actor.token.map(|hash| hex(&hash)),
            "record_tag": self.record.map(|record| tag(key, "record", record.0.as_bytes())),
            "fields": self.fields,
            "level": (self.kind == EntryKind::OpenVictim).then_some("VICTIM"),
            "purpose": self.purpose,
            "reason_hash": reason,
            "decision": self.ground,
            "policy_version": POLICY,
        })
        .to_string()
    }
}

/// A name that only the holder of the hub's audit key can recognise.
fn tag(key: &SecretKey, what: &str, name: &[u8]) -> String {
    // INVARIANT: HMAC takes a key of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.bytes()) else {
        return String::new();
    };
    mac.update(what.as_bytes());
    mac.update(&[0]);
    mac.update(name);
    hex(&mac.finalize().into_bytes())
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

//! What an entry of the log says, and in what form.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::owned::Owned;
use crate::{
    clock::Moment,
    id::{MechanismId, RecordId},
    identity::viewer::Viewer,
    keys::SecretKey,
    vocabulary::codes::{Coded, codes},
};

codes! {
    /// What was done.
    pub EntryKind {
        /// Sealed fields of one person were opened.
        OpenVictim => "OPEN_VICTIM",
        /// Records were written.
        Write => "WRITE",
        /// A token was issued.
        TokenIssue => "TOKEN_ISSUE",
        /// The tokens of a holder, a mechanism or a client were revoked.
        TokenRevoke => "TOKEN_REVOKE",
        /// A holder, a mechanism's first officer, was admitted.
        HolderInvite => "HOLDER_INVITE",
        /// A word of a person concerned was recorded.
        ConsentRecord => "CONSENT_RECORD",
        /// Facts of a person's file were corrected.
        PersonCorrect => "PERSON_CORRECT",
        /// An officer was given leave to open fields of a person's file.
        GrantGive => "GRANT_GIVE",
        /// An officer's leave to open a person's file was ended.
        GrantEnd => "GRANT_END",
        /// An officer found that a vital interest of a person overrides consent.
        VitalInterestInvoke => "VITAL_INTEREST_INVOKE",
        /// A second officer confirmed it.
        VitalInterestConfirm => "VITAL_INTEREST_CONFIRM",
        /// It was refused, or taken back, before it was confirmed.
        VitalInterestRefuse => "VITAL_INTEREST_REFUSE",
        /// It was ended before its time.
        VitalInterestEnd => "VITAL_INTEREST_END",
        /// Another secretariat was asked for a person's file.
        DisclosureAsk => "DISCLOSURE_ASK",
        /// A request for a person's file was refused.
        DisclosureRefuse => "DISCLOSURE_REFUSE",
        /// A question whether another mechanism holds the same matter was put.
        SameMatterAsk => "SAME_MATTER_ASK",
        /// Such a question was refused.
        SameMatterRefuse => "SAME_MATTER_REFUSE",
        /// The hub has compared a question of another mechanism: a matter raised a signal.
        SameMatterCompare => "SAME_MATTER_COMPARE",
        /// A question of another mechanism has met a canary.
        SameMatterAlarm => "SAME_MATTER_ALARM",
        /// Two mechanisms were told that both plan to visit one State.
        VisitOverlapTell => "VISIT_OVERLAP_TELL",
        /// A signal on the same matter was answered.
        SameMatterAnswer => "SAME_MATTER_ANSWER",
        /// A matter was registered by its tokens, or taken away.
        SameMatterRegister => "SAME_MATTER_REGISTER",
        /// Tokens of the same-matter check were made of a person's file.
        SameMatterTokens => "SAME_MATTER_TOKENS",
        /// A canary of the same-matter check was registered.
        SameMatterCanary => "SAME_MATTER_CANARY",
        /// It was agreed to look at an overlap side by side.
        SideBySideAgree => "SIDE_BY_SIDE_AGREE",
        /// An overlap was looked at side by side.
        SideBySideOpen => "SIDE_BY_SIDE_OPEN",
        /// A level of a record was raised.
        LabelRaise => "LABEL_RAISE",
        /// A mechanism was named on a record.
        LabelName => "LABEL_NAME",
        /// The name of a mechanism was taken off a record.
        LabelUnname => "LABEL_UNNAME",
        /// It was asked to lower a level of a record, or it was lowered where one may.
        DeclassifyRequest => "DECLASSIFY_REQUEST",
        /// A second officer approved that a level of a record is lowered.
        DeclassifyApprove => "DECLASSIFY_APPROVE",
        /// It was refused to lower a level of a record.
        DeclassifyRefuse => "DECLASSIFY_REFUSE",
        /// An agreement was drafted.
        ChannelDraft => "CHANNEL_DRAFT",
        /// An agreement was signed by a party.
        ChannelSign => "CHANNEL_SIGN",
        /// An agreement was suspended by a party.
        ChannelSuspend => "CHANNEL_SUSPEND",
        /// A party took its suspension of an agreement back.
        ChannelResume => "CHANNEL_RESUME",
        /// An agreement was ended.
        ChannelTerminate => "CHANNEL_TERMINATE",
        /// A holder was admitted by an officer of the same mechanism.
        HolderAdmit => "HOLDER_ADMIT",
        /// What a holder may do was amended.
        HolderAmend => "HOLDER_AMEND",
        /// A subject of another issuer was made a holder here.
        HolderMap => "HOLDER_MAP",
        /// A subject of another issuer is nobody here any more.
        HolderUnmap => "HOLDER_UNMAP",
        /// A client program was admitted, or what is asked of it was set.
        ClientAdmit => "CLIENT_ADMIT",
        /// A record was retired, or an owner has agreed that it is.
        RecordRetire => "RECORD_RETIRE",
        /// A retired record was brought back.
        RecordRestore => "RECORD_RESTORE",
        /// A retired record was held back from being expunged, or no longer.
        RecordHold => "RECORD_HOLD",
        /// A retired record was expunged, as its time was over.
        RecordExpunge => "RECORD_EXPUNGE",
        /// What the log had said of a person was erased with the person's file.
        Erase => "ERASE",
        /// Blinded elements were multiplied by the hub's share, to make tokens of a docket that
        /// the hub does not see.
        MatchEvaluate => "MATCH_EVALUATE",
        /// The hub was restored from a backup.
        Restore => "RESTORE",
        /// What a restore had left to be looked at was looked at: records of a mechanism, or the
        /// hub, are open again.
        RestoreConfirm => "RESTORE_CONFIRM",
        /// The key by which a person finds the own entries was handed over.
        SubjectKey => "SUBJECT_KEY",
        /// A witness of the log was registered.
        WitnessAdd => "WITNESS_ADD",
        /// A witness of the log was taken off the list.
        WitnessRemove => "WITNESS_REMOVE",
        /// A next epoch of persons' keys was begun.
        KeyEpoch => "KEY_EPOCH",
        /// Another root key was put in the place of the present one.
        KeyRoot => "KEY_ROOT",
        /// Another provider was made the keeper of the root key.
        KeyProvider => "KEY_PROVIDER",
        /// The keys of the hub were split among keepers.
        KeyEscrow => "KEY_ESCROW",
        /// A former root key was destroyed.
        KeyDestroy => "KEY_DESTROY",
        /// A release of statistics was proposed.
        ProposeStats => "PROPOSE_STATS",
        /// A release of statistics was approved; with the last approval anyone is told it.
        ReleaseStats => "RELEASE_STATS",
        /// A release of statistics was refused, or taken back.
        RefuseStats => "REFUSE_STATS",
        /// A list of structural zeros was put in force.
        StatsZeros => "STATS_ZEROS",
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
    /// The person whose file it is about.
    pub person: Option<RecordId>,
    /// The actor's mechanism, as its owners are told.
    pub by: Option<MechanismId>,
    /// To whom it is told.
    pub owned: Vec<Owned>,
    /// The entries whose words are gone with it.
    pub erased: Vec<i64>,
    /// What was sealed with it: a commitment to each value, under the person's own key.
    pub sealed: Vec<[u8; 32]>,
}

/// The version of the rules that decided.
const POLICY: u32 = 1;

impl Entry {
    /// The body, as it is hashed: names by keyed hashes, the reason by a salted and keyed one.
    ///
    /// The nonce makes the hash of an entry unguessable, so that hashes can be shown
    /// where bodies can't.
    pub(super) fn body(
        &self,
        (n, nonce): (i64, [u8; 16]),
        subject: Option<String>,
        key: &SecretKey,
    ) -> String {
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
            "record_tag": self.record.map(|record| record_tag(key, record)),
            "subject_tag": subject,
            "fields": self.fields,
            "level": (self.kind == EntryKind::OpenVictim).then_some("VICTIM"),
            "purpose": self.purpose,
            "reason_hash": reason,
            "decision": self.ground,
            "policy_version": POLICY,
            "erased": self.erased,
            "sealed": self.sealed.iter().map(|mark| hex(mark)).collect::<Vec<_>>(),
        })
        .to_string()
    }
}

/// How an entry names the record that it is about.
pub(crate) fn record_tag(key: &SecretKey, record: RecordId) -> String {
    tag(key, "record", record.0.as_bytes())
}

/// A name that only the holder of the hub's audit key can recognise.
fn tag(key: &SecretKey, what: &str, name: &[u8]) -> String {
    hex(&keyed(key, what, name))
}

/// A keyed hash, for one end each.
pub(super) fn keyed(key: &SecretKey, what: &str, name: &[u8]) -> [u8; 32] {
    // INVARIANT: HMAC takes a key of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.bytes()) else {
        return [0; 32];
    };
    mac.update(what.as_bytes());
    mac.update(&[0]);
    mac.update(name);
    mac.finalize().into_bytes().into()
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

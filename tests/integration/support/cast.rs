//! The cast: ten kinds of viewer, each defined by its relation to the records of `cat`.
//!
//! Everybody but the partner, the owner and the admitted officers of the demo has the
//! highest clearance and the widest token there is: what they are not told, they are
//! not told for their relation to the record, and not for a lack of scope.

use liaison::{
    agreement::{Agreement, Clause},
    clock::Moment,
    confidentiality::Level,
    id::{MechanismId, RecordId},
    identity::{kind::Kind, purpose::Purpose, viewer::Viewer},
    store::writer::NewRecord,
};
use serde_json::json;

use super::house::{Answer, House, NOW, mechanism};

/// The mechanism that owns what the cast looks at.
pub(crate) const OWNER: &str = "cat";

/// Long after every test.
pub(crate) const LATER: i64 = NOW + 10 * 365 * 24 * 60 * 60;

/// A kind of viewer, by its relation to a record of [`OWNER`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cast {
    /// Without a token.
    Anyone,
    /// The holder of a State that the record concerns.
    State,
    /// An accredited mechanism without an agreement in force.
    Partner,
    /// A party of an active channel of cap `CHANNEL`, not named.
    Channel,
    /// Named, and once a party of a channel of the highest cap: it ended a second ago.
    ChannelExpired,
    /// Named on the record, and backed by a channel of cap `SECRETARIAT`.
    Named,
    /// The secretariat that owns the record.
    Owner,
    /// An officer of the owner with a grant for the file, stating a purpose.
    Officer,
    /// Another mechanism's officer: named, with grant, consent, purpose and a channel of
    /// cap `VICTIM`.
    ForeignOfficer,
    /// Whoever administers the hub: a token of the widest scope, and no accreditation.
    Admin,
}

impl Cast {
    /// All of them, in the order of the matrix.
    pub(crate) const ALL: [Self; 10] = [
        Self::Anyone,
        Self::State,
        Self::Partner,
        Self::Channel,
        Self::ChannelExpired,
        Self::Named,
        Self::Owner,
        Self::Officer,
        Self::ForeignOfficer,
        Self::Admin,
    ];

    /// The name over the matrix's column.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Anyone => "anyone",
            Self::State => "state",
            Self::Partner => "partner",
            Self::Channel => "channel",
            Self::ChannelExpired => "expired",
            Self::Named => "named",
            Self::Owner => "owner",
            Self::Officer => "officer",
            Self::ForeignOfficer => "foreign",
            Self::Admin => "admin",
        }
    }

    /// The holder whose token it bears.
    pub(crate) fn holder(self) -> Option<&'static str> {
        match self {
            Self::Anyone => None,
            Self::State => Some("state.mission"),
            Self::Partner => Some("iachr.sync"),
            Self::Channel => Some("cpt.liaison"),
            Self::ChannelExpired => Some("iachr.liaison"),
            Self::Named => Some("spt.liaison"),
            Self::Owner => Some("cat.secretary"),
            Self::Officer => Some("cat.petitions"),
            Self::ForeignOfficer => Some("achpr.protection"),
            Self::Admin => Some("hub.admin"),
        }
    }

    /// The highest level in its token.
    pub(crate) fn ceiling(self) -> Level {
        match self {
            Self::Anyone => Level::Public,
            Self::Partner => Level::Partner,
            Self::State => Level::Channel,
            Self::Owner => Level::Secretariat,
            Self::Channel
            | Self::ChannelExpired
            | Self::Named
            | Self::Officer
            | Self::ForeignOfficer
            | Self::Admin => Level::Victim,
        }
    }

    /// The purpose that it states.
    pub(crate) fn purpose(self) -> Option<&'static str> {
        match self {
            Self::Anyone | Self::State | Self::Partner => None,
            Self::Channel
            | Self::ChannelExpired
            | Self::Named
            | Self::Owner
            | Self::Officer
            | Self::ForeignOfficer
            | Self::Admin => Some("EXAMINATION"),
        }
    }
}

/// The cast on stage, each with a token.
pub(crate) struct Stage {
    /// The house that they are in.
    pub(crate) house: House,
    tokens: Vec<Option<String>>,
}

impl Stage {
    /// Admits whom the demo lacks, concludes the agreements, and gives out the tokens.
    pub(crate) async fn of(house: House) -> Self {
        let accredited = Some(0);
        for (code, holder, clearance, state, since) in [
            ("state", "state.mission", Level::Channel, true, accredited),
            ("hub", "hub.admin", Level::Victim, false, None),
            ("cpt", "cpt.liaison", Level::Victim, false, accredited),
            ("spt", "spt.liaison", Level::Victim, false, accredited),
            ("iachr", "iachr.liaison", Level::Victim, false, accredited),
        ] {
            house.admit(code, holder, clearance, state, since).await;
        }
        for (to, cap, until) in [
            ("cpt", Level::Channel, LATER),
            ("spt", Level::Secretariat, LATER),
            ("achpr", Level::Victim, LATER),
            ("iachr", Level::Victim, NOW - 1),
        ] {
            let agreement = concluded(&[OWNER, to], until);
            let clause = opening(agreement.id, OWNER, to, cap, until);
            house.add::<Agreement>(OWNER, agreement).await;
            house.add::<Clause>(OWNER, clause).await;
        }
        let mut stage = Self {
            house,
            tokens: Vec::new(),
        };
        stage.renew().await;
        stage
    }

    /// Gives out new tokens, for the clock as it stands.
    pub(crate) async fn renew(&mut self) {
        self.tokens.clear();
        for cast in Cast::ALL {
            self.tokens.push(match cast.holder() {
                Some(holder) => Some(self.house.token_up_to(holder, cast.ceiling()).await),
                None => None,
            });
        }
    }

    /// The token that one of the cast bears.
    pub(crate) fn token(&self, cast: Cast) -> Option<&str> {
        let place = Cast::ALL.iter().position(|one| *one == cast)?;
        self.tokens.get(place)?.as_deref()
    }

    /// The viewers of the cast, made as the hub makes them.
    pub(crate) async fn viewers(&self) -> Vec<Viewer> {
        let now = self.house.clock.now();
        let mut viewers = Vec::new();
        for cast in Cast::ALL {
            viewers.push(match self.token(cast) {
                None => Viewer::anyone(now),
                Some(token) => {
                    let claims = self.house.authority.verify(token, now).unwrap();
                    let stated = cast
                        .purpose()
                        .map(|code| json!({ "code": code, "reason": "a test" }));
                    let purpose = stated.map(|stated| Purpose::parse(&stated).unwrap());
                    self.house
                        .store
                        .viewer(&claims, purpose, now)
                        .await
                        .unwrap()
                }
            });
        }
        viewers
    }

    /// What one of the cast is answered, with the purpose that it states.
    pub(crate) async fn ask(&self, cast: Cast, query: &str) -> Answer {
        self.ask_with(cast, query, json!({})).await
    }

    /// The same, with variables.
    pub(crate) async fn ask_with(
        &self,
        cast: Cast,
        query: &str,
        variables: serde_json::Value,
    ) -> Answer {
        let mut request = json!({ "query": query, "variables": variables });
        if let Some(code) = cast.purpose() {
            request["extensions"] = json!({ "purpose": { "code": code, "reason": "a test" } });
        }
        self.house.post(self.token(cast), &request).await
    }
}

/// An agreement in force between two mechanisms, until a moment.
pub(crate) fn concluded(parties: &[&str], until: i64) -> NewRecord {
    let key = format!("stage/{}/{until}", parties.join("-"));
    let mut record = bare(Kind::Agreement, &key, parties);
    record.values = vec![
        ("title", "An agreement of the stage (invented)".into()),
        ("form", "EXCHANGE_OF_LETTERS".into()),
        ("status", "IN_FORCE".into()),
        ("valid_from", (NOW - 1_000_000).into()),
        ("valid_until", until.into()),
    ];
    record.links = parties
        .iter()
        .map(|code| ("parties", RecordId::from(mechanism(code))))
        .collect();
    record
}

/// A clause that opens everything of one party to another, up to a cap.
pub(crate) fn opening(
    agreement: RecordId,
    from: &str,
    to: &str,
    cap: Level,
    until: i64,
) -> NewRecord {
    let mut record = bare(Kind::Clause, &format!("{}/{to}", agreement.0), &[from, to]);
    record.existence = Level::Channel;
    record.values = vec![
        ("kinds", every_kind().into()),
        ("countries", r#"["ALL"]"#.into()),
        ("topics", r#"["ALL"]"#.into()),
        ("cap", cap.code().into()),
        ("purposes", r#"["SAME_MATTER_CHECK"]"#.into()),
        ("valid_from", (NOW - 1_000_000).into()),
        ("valid_until", until.into()),
        ("onward_sharing", false.into()),
        ("agreement_id", agreement.0.into()),
        ("from_mechanism_id", mechanism(from).0.into()),
        ("to_mechanism_id", mechanism(to).0.into()),
    ];
    record
}

/// Every kind of information, as a clause stores it.
fn every_kind() -> String {
    json!([
        "WORKING_METHODS",
        "CONTACTS",
        "WORK_PLANS",
        "AGREEMENTS",
        "DOCUMENTS",
        "PENDING_LIST",
        "INTERIM_MEASURES",
        "IDENTITIES",
        "REFERENCE",
        "RECOMMENDATIONS"
    ])
    .to_string()
}

/// A public record of these owners, without a value yet.
pub(crate) fn bare(kind: Kind, key: &str, owners: &[&str]) -> NewRecord {
    let owners = owners.iter().map(|code| mechanism(code)).collect();
    NewRecord::of(RecordId::derived(kind, key), owners, Level::Public)
}

/// The mechanisms of the cast that a record of [`OWNER`] names.
pub(crate) fn named() -> Vec<(MechanismId, Moment)> {
    ["spt", "achpr", "iachr"]
        .map(|code| (mechanism(code), Moment::from_seconds(LATER)))
        .to_vec()
}

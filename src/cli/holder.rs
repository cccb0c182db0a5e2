//! `liaison holder invite`: a mechanism's first officer, who brings the others.

use std::sync::Arc;

use clap::{Args, Subcommand};

use super::settings::{Database, Fault, Keys, Names};
use crate::{
    clock::{Clock, Moment},
    confidentiality::{Level, warrant::Warrant},
    demo::load::CLIENT,
    graphql::filter::moment,
    holder::scopes,
    id::{MechanismId, RecordId},
    identity::{
        elsewhere::is_subject,
        holder::{HolderKind, Role, entitlement},
        kind::Kind,
        token::IssueError,
    },
    keys::KeyFile,
    store::mappings::NewMapping,
    vocabulary::codes::Coded,
};

/// Admit holders of tokens.
#[derive(Debug, Subcommand)]
pub(super) enum Holder {
    /// Admit a mechanism and its first officer. The act is put on record.
    ///
    /// A mechanism that has a holder already is refused: whoever runs the hub's machine
    /// can't slip in among the officers of a secretariat.
    Invite(Invite),
    /// Say that a subject of another issuer (OpenID Connect) is a holder here, and up to what.
    /// The act is put on record.
    ///
    /// A revocation of the holder's, the client's or the mechanism's tokens ends it: then it
    /// is said anew.
    Map(Map),
    /// Take it back. Tokens of that subject are refused at once.
    Unmap(Unmap),
}

#[derive(Debug, Args)]
pub(super) struct Invite {
    /// Code of the mechanism, such as `achpr`.
    #[arg(long)]
    mechanism: String,
    /// Name of the officer, as tokens will carry it.
    #[arg(long)]
    holder: String,
    /// The highest level that the officer may be shown.
    #[arg(long, default_value = "SECRETARIAT")]
    clearance: String,
    /// What the officer is charged with: `SIGNS` (agreements), `GRANTS` (persons' files),
    /// `ADMITS` (the mechanism's other holders and their tokens).
    #[arg(long, value_delimiter = ',')]
    role: Vec<String>,
    /// It is the mission of a State, which is shown what is public and what a clause names.
    #[arg(long)]
    state: bool,
    /// It is no accredited mechanism: it is shown what is public.
    #[arg(long)]
    unaccredited: bool,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    keys: Keys,
}

impl Invite {
    pub(super) async fn run(self) -> Result<(), Fault> {
        let clearance = Level::from_code(&self.clearance);
        let clearance = clearance.ok_or_else(|| Fault::Level(self.clearance.clone()))?;
        let roles = self.role.iter();
        let roles = roles.map(|code| Role::from_code(code).ok_or(Fault::Role(code.clone())));
        let roles = roles.collect::<Result<Vec<_>, _>>()?;
        for name in [&self.mechanism, &self.holder] {
            if !is_name(name) {
                return Err(Fault::Name(name.clone()));
            }
        }
        let keys = Arc::new(KeyFile::open(&self.keys.file)?);
        let store = self.database.open(&self.keys, keys).await?;
        let now = Clock::system().now();
        let mechanism = MechanismId::from(RecordId::derived(Kind::Mechanism, &self.mechanism));
        let mut writer = store.begin(Warrant::of_registrar(), now).await?;
        if writer.has_holder(mechanism).await? {
            return Err(Fault::HasHolder(self.mechanism));
        }
        // Names are the mechanism's own, so that admitting one tells nothing of others'.
        let own = self.holder.strip_prefix(self.mechanism.as_str());
        if !own.is_some_and(|name| name.starts_with('.')) {
            return Err(Fault::HolderName(self.mechanism));
        }
        let since = (!self.unaccredited).then_some(now);
        writer.admit_client(CLIENT, Level::Victim, None).await?;
        writer
            .admit_institution(mechanism, &self.mechanism, self.state, since)
            .await?;
        writer
            .admit_holder(
                &self.holder,
                mechanism,
                HolderKind::Officer,
                clearance,
                &roles,
            )
            .await?;
        writer.commit().await?;
        println!(
            "`{}` is the first officer of `{}`; `liaison token issue --holder {}` makes a token",
            self.holder, self.mechanism, self.holder
        );
        store.close().await;
        Ok(())
    }
}

/// A subject of another issuer.
#[derive(Debug, Args)]
struct There {
    /// The issuer, exactly as its tokens name it (`iss`).
    #[arg(long = "of", value_name = "ISSUER")]
    issuer_name: String,
    /// As whom it knows the holder, exactly as its tokens name them (`sub`).
    #[arg(long)]
    subject: String,
}

#[derive(Debug, Args)]
pub(super) struct Map {
    #[command(flatten)]
    there: There,
    /// The holder.
    #[arg(long)]
    holder: String,
    /// The client through which its tokens count as acting.
    #[arg(long, default_value = CLIENT)]
    client: String,
    /// What its tokens may do, such as `read:communication@CHANNEL st:KEN,UGA`.
    #[arg(long)]
    scope: String,
    /// The highest level, whatever the scope says. VICTIM is reached by tokens alone that
    /// are bound to a key.
    #[arg(long, default_value = "CHANNEL")]
    cap: String,
    /// Until when, as in `2027-06-30T00:00:00Z`: afterwards the subject is nobody here. Until
    /// it is taken back, where nothing is said.
    #[arg(long)]
    until: Option<String>,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    keys: Keys,
    #[command(flatten)]
    names: Names,
}

impl Map {
    pub(super) async fn run(self) -> Result<(), Fault> {
        let cap = Level::from_code(&self.cap).ok_or_else(|| Fault::Level(self.cap.clone()))?;
        let scopes = scopes(&self.scope).map_err(Fault::Mapping)?;
        let (issuer, subject) = (self.there.issuer_name.as_str(), self.there.subject.as_str());
        if !is_subject(subject) {
            let sentence = "a subject has 1 to 255 bytes, and no control characters";
            return Err(Fault::Mapping(sentence.to_owned()));
        }
        let keys = Arc::new(KeyFile::open(&self.keys.file)?);
        let authority = self.names.authority(&keys)?;
        let store = self.database.open(&self.keys, keys).await?;
        let now = Clock::system().now();
        let until = self.until.as_deref().map(|text| {
            let until = moment(text).map(Moment::from_seconds);
            let until = until.filter(|until| *until > now);
            let sentence = format!("`{text}` is no moment to come, as `2027-06-30T00:00:00Z` is");
            until.ok_or(Fault::Mapping(sentence))
        });
        let until = until.transpose()?;
        let known = store.holder(&self.holder, &self.client, now).await?;
        let unknown = || Fault::UnknownHolder {
            holder: self.holder.clone(),
            client: self.client.clone(),
        };
        let (holder, client) = known.ok_or_else(unknown)?;
        if !authority.issuers().knows(issuer, &holder.mechanism_code) {
            let code = &holder.mechanism_code;
            let sentence =
                format!("tokens of `{issuer}` are not accepted for `{code}`: see `--issuers`");
            return Err(Fault::Mapping(sentence));
        }
        if let Some(item) = scopes.excess(&entitlement(&holder, &client)) {
            return Err(IssueError::BeyondHolder { item }.into());
        }
        if holder.suspended {
            return Err(IssueError::Suspended.into());
        }
        let mut writer = store.begin(Warrant::to_map(), now).await?;
        let new = NewMapping {
            issuer,
            subject,
            holder: &holder,
            client: &client,
            scopes: &scopes,
            cap,
            until,
        };
        writer.map_subject(new).await?;
        writer.commit().await?;
        let end = until.map(|until| format!(" until {until}"));
        println!(
            "`{subject}` of `{issuer}` is `{}` up to {cap}{}",
            holder.subject,
            end.unwrap_or_default()
        );
        store.close().await;
        Ok(())
    }
}

#[derive(Debug, Args)]
pub(super) struct Unmap {
    #[command(flatten)]
    there: There,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    keys: Keys,
}

impl Unmap {
    pub(super) async fn run(self) -> Result<(), Fault> {
        let (issuer, subject) = (self.there.issuer_name, self.there.subject);
        let keys = Arc::new(KeyFile::open(&self.keys.file)?);
        let store = self.database.open(&self.keys, keys).await?;
        let now = Clock::system().now();
        let mut writer = store.begin(Warrant::to_map(), now).await?;
        if !writer.unmap_subject(&issuer, &subject).await? {
            let sentence = format!("`{subject}` of `{issuer}` is nobody here");
            return Err(Fault::Mapping(sentence));
        }
        writer.commit().await?;
        println!("`{subject}` of `{issuer}` is nobody here any more");
        store.close().await;
        Ok(())
    }
}

/// Whether a name can stand in tokens and scopes.
fn is_name(text: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=100).contains(&text.len()) && text.bytes().all(letter)
}

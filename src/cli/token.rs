//! `liaison token issue`: a token for a holder of this hub, never more than is theirs.

use std::{path::PathBuf, sync::Arc};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use clap::{Args, Subcommand};
use zeroize::Zeroizing;

use super::settings::{Database, Fault, Keys, Names, token_in};
use crate::{
    clock::{Clock, Moment},
    confidentiality::{Level, warrant::Warrant},
    identity::{
        claims::is_thumbprint,
        elsewhere::named_in,
        holder::Proof,
        kind::{Action, Kind},
        scope::Scopes,
        token::{Issued, TokenAuthority, TokenRequest},
        watch::{Revoked, token_hash},
    },
    journal::Actor,
    keys::KeyFile,
    store::Store,
    vocabulary::codes::Coded,
};

/// Issue and revoke tokens.
#[derive(Debug, Subcommand)]
pub(super) enum Token {
    /// Issue a token and print it, once. The issue is put on record.
    ///
    /// Up to CHANNEL a token lives 24 hours at most; above, or with leave to write, 10
    /// minutes.
    Issue(Issue),
    /// Revoke one token, or every token of a holder, a mechanism or a client. The act is put
    /// on record.
    ///
    /// Whoever bears one is refused from then on, also by a hub that is running.
    Revoke(Revoke),
    /// List the tokens in force, without their text: id, holder, client, end, scope. Then the
    /// subjects of other issuers who are holders here: their tokens are not known before they
    /// come.
    List(List),
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Those of this holder alone.
    #[arg(long)]
    holder: Option<String>,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    keys: Keys,
}

impl List {
    pub(super) async fn run(self) -> Result<(), Fault> {
        let keys = Arc::new(KeyFile::open(&self.keys.file)?);
        let store = self.database.open(&self.keys, keys).await?;
        let now = Clock::system().now();
        for token in store.tokens_in_force(self.holder.as_deref(), now).await? {
            let state = token.revoked_at.map_or("in force", |_| "revoked");
            let (subject, client) = (token.subject, token.client);
            println!(
                "{}  {subject}  {client}  {state} until {}  {}",
                token.id, token.until, token.scope
            );
        }
        for mapped in store.all_mappings(now).await? {
            if self
                .holder
                .as_ref()
                .is_some_and(|name| *name != mapped.holder)
            {
                continue;
            }
            let state = if mapped.ended { "ended" } else { "in force" };
            let end = mapped.until.map(|until| format!(" until {until}"));
            println!(
                "`{}` of {}  {}  {}  {state}{} up to {}  {}",
                mapped.subject,
                mapped.issuer,
                mapped.holder,
                mapped.client,
                end.unwrap_or_default(),
                mapped.cap,
                mapped.scope
            );
        }
        store.close().await;
        Ok(())
    }
}

#[derive(Debug, Args)]
pub(super) struct Revoke {
    #[command(flatten)]
    whose: Whose,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    keys: Keys,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Whose {
    /// The holder.
    #[arg(long)]
    holder: Option<String>,
    /// The mechanism, by its code: all its holders.
    #[arg(long)]
    mechanism: Option<String>,
    /// The client program.
    #[arg(long)]
    client: Option<String>,
    /// One token, by the id that `liaison token list` gives; with it goes the refresh token
    /// that would bring the next.
    #[arg(long)]
    token: Option<String>,
    /// One token, by the file that its text is in: of this hub, or of another issuer.
    #[arg(long)]
    token_file: Option<PathBuf>,
}

impl Revoke {
    pub(super) async fn run(self) -> Result<(), Fault> {
        let Whose {
            holder,
            mechanism,
            client,
            token,
            token_file,
        } = self.whose;
        let (token, there) = match token_file {
            Some(file) => names_in(&token_in(&file)?),
            None => (token, None),
        };
        let (whose, name) = match (token, holder, mechanism, client) {
            (Some(id), ..) => (Revoked::Token(id.clone()), format!("token `{id}`")),
            (_, Some(name), ..) => (Revoked::Holder(name.clone()), format!("holder `{name}`")),
            (_, _, Some(code), _) => {
                let name = format!("mechanism `{code}`");
                (Revoked::Mechanism(code), name)
            }
            (.., id) => {
                let id = id.unwrap_or_default();
                (Revoked::Client(id.clone()), format!("client `{id}`"))
            }
        };
        let keys = Arc::new(KeyFile::open(&self.keys.file)?);
        let store = self.database.open(&self.keys, keys).await?;
        let now = Clock::system().now();
        let mut writer = store.begin(Warrant::to_revoke(), now).await?;
        let known = match &there {
            Some((issuer, subject, jti)) => writer.revoke_elsewhere(issuer, subject, jti).await?,
            None => writer.revoke(&whose).await?,
        };
        if !known {
            return Err(Fault::NothingRevoked(name));
        }
        writer.commit().await?;
        println!("{name}: revoked");
        store.close().await;
        Ok(())
    }
}

/// By what a token is known, of its text: here, and where it was issued elsewhere.
fn names_in(text: &str) -> (Option<String>, Option<(String, String, String)>) {
    let own = text
        .split('.')
        .nth(1)
        .and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let own = own.and_then(|json| serde_json::from_slice::<serde_json::Value>(&json).ok());
    // What only a token of a hub says.
    let own = own.filter(|claims| claims.get("lz").is_some());
    if let Some(claims) = own {
        let jti = claims.get("jti").and_then(serde_json::Value::as_str);
        return (jti.map(token_hash), None);
    }
    match named_in(text) {
        Some((issuer, subject, jti)) => (Some(jti.clone()), Some((issuer, subject, jti))),
        None => (Some(String::new()), None),
    }
}

#[derive(Debug, Args)]
pub(super) struct Issue {
    /// The holder: an officer or a partner system of a mechanism.
    #[arg(long)]
    holder: String,
    /// The client program that will carry the token.
    #[arg(long, default_value = crate::demo::load::CLIENT)]
    client: String,
    /// What it may do, such as `read:communication@CHANNEL st:KEN,UGA`.
    #[arg(long, conflicts_with = "up_to", required_unless_present = "up_to")]
    scope: Option<String>,
    /// Instead of a scope: let it read everything up to this level.
    #[arg(long)]
    up_to: Option<String>,
    /// With `--up-to`: let it write these kinds of record, too, as in `agreement,clause`.
    #[arg(long, value_delimiter = ',', requires = "up_to")]
    write: Vec<String>,
    /// How long it lives: `90s`, `10m`, `24h`.
    #[arg(long, default_value = "10m")]
    ttl: String,
    /// Bind it to the key with this SHA-256 thumbprint (RFC 7638): without a proof of that
    /// key (DPoP, RFC 9449) it is of no use.
    #[arg(long = "jkt")]
    thumbprint: Option<String>,
    /// Print a refresh token on a second line: for eight hours, `POST /token` with it brings
    /// the next pair.
    #[arg(long)]
    refresh: bool,
    /// What the hub asks of clients that say nothing, as it is started: with REQUIRED, what
    /// reads or writes above CHANNEL is issued with `--jkt` alone.
    #[arg(long, env = "LIAISON_DPOP", default_value = "OPTIONAL")]
    dpop: String,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    keys: Keys,
    #[command(flatten)]
    names: Names,
}

impl Issue {
    pub(super) async fn run(self) -> Result<(), Fault> {
        let scopes = match (&self.scope, &self.up_to) {
            (Some(scope), _) => scope.parse()?,
            (None, Some(code)) => {
                let level = Level::from_code(code).ok_or_else(|| Fault::Level(code.clone()))?;
                let writes = self.write.iter();
                let writes = writes.map(|kind| format!(" {}:{kind}@{level}", Action::Write));
                format!("{}{}", reads(level), writes.collect::<String>()).parse()?
            }
            (None, None) => Scopes::nothing(),
        };
        let life = seconds(&self.ttl).ok_or_else(|| Fault::Duration(self.ttl.clone()))?;
        let keys = Arc::new(KeyFile::open(&self.keys.file)?);
        let authority = self.names.authority(&keys)?;
        let store = self.database.open(&self.keys, keys).await?;
        let now = Clock::system().now();
        if let Some(text) = self.thumbprint.as_ref().filter(|text| !is_thumbprint(text)) {
            return Err(Fault::Thumbprint(text.clone()));
        }
        let asked = Asked {
            holder: &self.holder,
            client: &self.client,
            scopes,
            life,
            thumbprint: self.thumbprint.clone(),
            refresh: self.refresh,
            proof: Proof::from_code(&self.dpop).ok_or_else(|| Fault::Proof(self.dpop.clone()))?,
        };
        let (issued, refresh) = issue(&store, &authority, asked, now).await?;
        println!("{}", issued.token);
        if let Some(refresh) = refresh {
            println!("{}", refresh.as_str());
        }
        store.close().await;
        Ok(())
    }
}

/// The scope that reads every kind up to a level; files of persons at `VICTIM` only.
pub(super) fn reads(level: Level) -> Scopes {
    let items = Kind::ALL.map(|kind| {
        // Above SECRETARIAT there is the person's file alone.
        let level = if kind == Kind::Person {
            level
        } else {
            level.min(Level::Secretariat)
        };
        format!("{}:{kind}@{level}", Action::Read)
    });
    items
        .join(" ")
        .parse()
        .unwrap_or_else(|_| Scopes::nothing())
}

/// A token that is asked for at the hub's machine.
pub(super) struct Asked<'a> {
    pub(super) holder: &'a str,
    pub(super) client: &'a str,
    pub(super) scopes: Scopes,
    pub(super) life: i64,
    pub(super) thumbprint: Option<String>,
    pub(super) refresh: bool,
    /// What the hub asks of clients that say nothing.
    pub(super) proof: Proof,
}

/// Issues a token to a holder and puts the issue on record, both or neither; with it the
/// refresh token, where one is asked for.
pub(super) async fn issue(
    store: &Store,
    authority: &TokenAuthority,
    asked: Asked<'_>,
    now: Moment,
) -> Result<(Issued, Option<Zeroizing<String>>), Fault> {
    let known = store.holder(asked.holder, asked.client, now).await?;
    let unknown = || Fault::UnknownHolder {
        holder: asked.holder.to_owned(),
        client: asked.client.to_owned(),
    };
    let (holder, client) = known.ok_or_else(unknown)?;
    let request = TokenRequest::new(&holder, &client, asked.scopes, asked.life)?;
    let request = request.bound_to(asked.thumbprint);
    request.is_of_use(&client, asked.proof)?;
    let issued = authority.issue(&request, now)?;
    let bearer = Actor::bearing(&holder.mechanism_code, &holder.subject, &issued.id);
    let mut writer = store.begin(Warrant::to_issue(bearer), now).await?;
    let refresh = if asked.refresh {
        Some(writer.record_pair(&request, &issued).await?.1)
    } else {
        writer.record_token(&request, &issued).await?;
        None
    };
    writer.commit().await?;
    Ok((issued, refresh))
}

/// Seconds of a duration such as `90s`, `10m`, `24h`.
pub(super) fn seconds(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return None,
    };
    number.parse::<i64>().ok()?.checked_mul(unit)
}

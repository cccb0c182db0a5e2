//! `liaison holder invite`: a mechanism's first officer, who brings the others.

use std::sync::Arc;

use clap::{Args, Subcommand};

use super::settings::{Database, Fault, Keys};
use crate::{
    clock::Clock,
    confidentiality::{Level, warrant::Warrant},
    demo::load::CLIENT,
    id::{MechanismId, RecordId},
    identity::{
        holder::{HolderKind, Role},
        kind::Kind,
    },
    keys::KeyFile,
    store::Store,
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
        let store = Store::open(&self.database.url, keys).await?;
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

/// Whether a name can stand in tokens and scopes.
fn is_name(text: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=100).contains(&text.len()) && text.bytes().all(letter)
}

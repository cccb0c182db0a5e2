//! `liaison demo`: a hub to try, made in one command.

use std::{io::IsTerminal, path::PathBuf, sync::Arc};

use clap::Args;
use serde_json::json;

use super::{
    root_key::RootKey,
    serve::Open,
    settings::{Database, Fault, Keys, Names, Settings},
    token::{Asked, issue, reads},
};
use crate::{
    clock::Clock,
    confidentiality::Level,
    demo::load::{CLIENT, load},
    identity::holder::Proof,
    keys::KeyFile,
};

/// Make a demo hub in a folder of its own, load it, and serve it.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// The folder for database and keys; made where it is missing.
    #[arg(long, env = "LIAISON_DEMO_DIR", default_value = "liaison-demo")]
    data_dir: PathBuf,
    /// Instead of the database in that folder: `sqlite://FILE?mode=rwc` or `postgres://…`.
    #[arg(long, env = "LIAISON_DEMO_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// The key store, where that database is not in a file.
    #[arg(
        long = "key-store",
        env = "LIAISON_DEMO_KEY_STORE",
        hide_env_values = true
    )]
    key_store: Option<String>,
    /// Print one line of JSON when ready, and nothing else.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    names: Names,
    #[command(flatten)]
    settings: Settings,
}

/// The tokens of the demo: name, holder, level, life in seconds, and what it is.
const TOKENS: [(&str, &str, Level, i64, &str); 4] = [
    (
        "partner",
        "iachr.sync",
        Level::Partner,
        24 * 3600,
        "a partner system that shares no channel",
    ),
    (
        "channel",
        "achpr.liaison",
        Level::Channel,
        24 * 3600,
        "an officer of ACHPR, which shares a channel with CAT",
    ),
    (
        "secretariat",
        "cat.secretary",
        Level::Secretariat,
        600,
        "the secretariat of CAT, which owns its docket",
    ),
    (
        "officer",
        "cat.petitions",
        Level::Victim,
        600,
        "a petitions officer of CAT, with grants to some files",
    ),
];

impl Demo {
    pub(super) async fn run(mut self) -> Result<(), Fault> {
        let file = |cause| Fault::File {
            path: self.data_dir.display().to_string(),
            cause,
        };
        std::fs::create_dir_all(&self.data_dir).map_err(file)?;
        let key_path = self.data_dir.join("liaison.keys");
        let keys = if key_path.exists() {
            KeyFile::open(&key_path)?
        } else {
            KeyFile::create(&key_path)?
        };
        let keys = Arc::new(keys);
        let url = self.database_url.clone().unwrap_or_else(|| {
            format!(
                "sqlite://{}?mode=rwc",
                self.data_dir.join("liaison.db").display()
            )
        });
        // A demo is asked by one person from one address, and by tools in a hurry.
        self.settings.rate_anonymous = self.settings.rate_anonymous.max(DEMO_RATE);
        self.settings.rate_token = self.settings.rate_token.max(DEMO_RATE);

        let file = Keys {
            file: key_path.clone(),
        };
        let database = Database {
            url,
            key_store: self.key_store.clone(),
            root_key: RootKey::in_file(),
        };
        database.migrate(&file).await?;
        let store = database.open(&file, Arc::clone(&keys)).await?;
        let authority = Arc::new(self.names.authority(&keys)?);
        let now = Clock::system().now();
        let shows_progress = !self.json && std::io::stderr().is_terminal();
        let loaded = load(&store, &authority, now, |done, of| {
            if shows_progress {
                eprint!("\rloading {done} of {of} records ");
            }
        })
        .await?;
        if shows_progress {
            eprintln!();
        }
        let open = Open::on(
            store.clone(),
            Arc::clone(&authority),
            key_path,
            self.settings.clone(),
        )
        .await?;
        let mut tokens = serde_json::Map::new();
        for (name, holder, level, life, _) in TOKENS {
            let asked = Asked {
                proof: Proof::Optional,
                holder,
                client: CLIENT,
                scopes: reads(level),
                life,
                thumbprint: None,
                refresh: false,
            };
            let (issued, _) = issue(&store, &authority, asked, now).await?;
            tokens.insert(name.to_owned(), issued.token.into());
        }
        let address = format!("http://{}", open.address);
        if self.json {
            println!("{}", json!({ "url": address, "tokens": tokens }));
        } else {
            println!(
                "{} records are there ({} of them new).\n",
                loaded.written + loaded.kept,
                loaded.written
            );
            println!("{}", self.introduction(&address, &tokens));
        }
        open.serve().await
    }

    /// What to try, in three requests whose answers differ by viewer.
    fn introduction(
        &self,
        address: &str,
        tokens: &serde_json::Map<String, serde_json::Value>,
    ) -> String {
        let token = |name: &str| {
            tokens
                .get(name)
                .and_then(|token| token.as_str())
                .unwrap_or_default()
        };
        let query = r#"{"query":"{ communications(first: 3, filter: {mechanism: {eq: \"cat\"}, countries: {in: [\"KEN\", \"TUN\"]}}) { totalCount edges { node { reference status docketNote persons(first: 3) { totalCount edges { role node { names { text script } } } } } } } }""#;
        let purpose =
            r#","extensions":{"purpose":{"code":"EXAMINATION","reason":"trying the demo"}}"#;
        let send = "-H 'content-type: application/json'";
        let mut text =
            format!("The hub answers on {address}/graphql ({address}/ is a page to try it).\n\n");
        text += "The same question, asked by three:\n\n";
        text += &format!(
            "1. Anyone: what is public.\n\ncurl -s {address}/graphql {send} -d '{query}}}'\n\n"
        );
        text += &format!(
            "2. The secretariat of CAT: its whole docket with its notes, and no name.\n\ncurl -s {address}/graphql {send} -H 'authorization: Bearer {}' -d '{query}}}'\n\n",
            token("secretariat")
        );
        text += &format!(
            "3. A petitions officer with grants, who states a purpose: names of those persons whose file is open to\n   the officer. Each opening is put on record first.\n\ncurl -s {address}/graphql {send} -H 'authorization: Bearer {}' -d '{query}{purpose}}}'\n\n",
            token("officer")
        );
        text += "Tokens of the demo:\n";
        for (name, holder, level, life, what) in TOKENS {
            text += &format!(
                "\n  {name} ({holder}): {what};\n  up to {level}, for {}. A fresh one:\n",
                lifetime(life)
            );
            let database = match &self.database_url {
                Some(_) => "\"$LIAISON_DEMO_DATABASE_URL\" --key-store \"$LIAISON_DEMO_KEY_STORE\""
                    .to_owned(),
                None => format!("'sqlite://{}'", self.data_dir.join("liaison.db").display()),
            };
            text += &format!(
                "  {} token issue --holder {holder} --up-to {level} --ttl {life}s --database-url {database} --keys '{}'\n",
                program(),
                self.data_dir.join("liaison.keys").display(),
            );
        }
        text += "\n  Others of the cast: `cat.grants` gives officers leave to open files; `achpr.secretary` and \
                 `iachr.secretary`\n  sign agreements; `achpr.protection` is the officer of ACHPR to whom files can be \
                 opened.\n";
        text += &format!(
            "\n  partner: {}\n  channel: {}\n",
            token("partner"),
            token("channel")
        );
        text
    }
}

const DEMO_RATE: std::num::NonZeroU32 = std::num::NonZeroU32::MIN.saturating_add(1999);

/// This program, as it was called.
fn program() -> String {
    let called = std::env::args().next();
    called.unwrap_or_else(|| "liaison".to_owned())
}

fn lifetime(seconds: i64) -> String {
    if seconds >= 3600 {
        format!("{} hours", seconds / 3600)
    } else {
        format!("{} minutes", seconds / 60)
    }
}

//! A database as a file, consistent while the hub serves, and back into an empty one.
//!
//! SQLite writes a compact copy of itself (`VACUUM INTO`); PostgreSQL's own programs write
//! and read one, of the very snapshot in which the rows are counted.

use std::{
    collections::BTreeMap,
    env, fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use liaison_migrations::{KeyStoreMigrator, Migrator, MigratorTrait};
use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr,
    IsolationLevel, Statement, TransactionTrait,
};

use super::{
    connection,
    key_store::has_table,
    restored::{Mended, mend},
};
use crate::{
    clock::Moment,
    journal::{Actor, Carried, Entry, EntryKind, Ledger, LedgerError, LogFault, Note},
    keys::KeyFile,
};

/// What comes before an epoch that a token of before has not.
const BEYOND: i64 = 1_000_000;

/// Why a database was not written to a file, or not read from one.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The database.
    #[error("the database failed: {0}")]
    Database(#[from] DbErr),
    /// A file.
    #[error("the file of the database could not be read or written: {0}")]
    File(#[from] io::Error),
    /// There is something in the way.
    #[error(
        "the database is not empty; a backup goes into an empty one alone, and nothing was done"
    )]
    NotEmpty,
    /// A URL of another kind.
    #[error("the database is of another kind than the backup")]
    OtherKind,
    /// A program of PostgreSQL.
    #[error(
        "`{0}` of PostgreSQL is needed, of the server's version or later; name its folder with LIAISON_PG_BIN"
    )]
    NoProgram(&'static str),
    /// It failed.
    #[error("`{0}` failed: {1}")]
    Program(&'static str, String),
    /// It could not be opened.
    #[error(transparent)]
    Open(#[from] super::OpenError),
    /// The log was not carried on.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Neither was the copy of it.
    #[error(transparent)]
    Log(#[from] LogFault),
}

/// Which of the two databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The main one.
    Main,
    /// The key store.
    KeyStore,
}

/// What is in a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// The migrations that have made its tables.
    pub migrations: Vec<String>,
    /// How many rows each table has.
    pub rows: BTreeMap<String, i64>,
}

/// What was closed after a restore.
#[derive(Debug)]
pub struct Closed {
    /// Leave to open files that was ended.
    pub grants: u64,
    /// Subjects of other issuers that are nobody here any more.
    pub mappings: u64,
    /// Persons whose key is in the key store no more; `None` where there is no key store.
    pub erased: Option<usize>,
    /// What the log has of the time since the backup.
    pub carried: Carried,
    /// What of it was done again, and left to others.
    pub mended: Mended,
}

/// The migrations of this program.
pub fn migrations(part: Part) -> Vec<String> {
    let all = match part {
        Part::Main => Migrator::migrations(),
        Part::KeyStore => KeyStoreMigrator::migrations(),
    };
    all.iter().map(|one| one.name().to_owned()).collect()
}

/// Whether the URL is that of a file.
pub fn is_file(url: &str) -> bool {
    url.starts_with("sqlite://")
}

/// Writes a database to a file that is there and empty; what it holds.
///
/// # Errors
/// Fails where the database, the file or a program does.
pub async fn write(url: &str, to: &Path) -> Result<Content, CopyError> {
    if is_file(url) {
        let database = connection(url, true).await?;
        let into = Statement::from_sql_and_values(
            DbBackend::Sqlite,
            "VACUUM INTO $1",
            [to.display().to_string().into()],
        );
        let done = database.execute_raw(into).await;
        database.close().await?;
        done?;
        let copy = plain(&format!("sqlite://{}?mode=ro", to.display())).await?;
        let content = content(&copy).await;
        copy.close().await?;
        fs::File::open(to)?.sync_all()?;
        return Ok(content?);
    }
    let database = plain(url).await?;
    let level = Some(IsolationLevel::RepeatableRead);
    let snapshot = database
        .begin_with_config(level, Some(AccessMode::ReadOnly))
        .await?;
    let named = Statement::from_string(DbBackend::Postgres, "SELECT pg_export_snapshot()");
    let row = snapshot.query_one_raw(named).await?;
    let name: String = row.map_or(Ok(String::new()), |row| row.try_get_by_index(0))?;
    let content = content(&snapshot).await?;
    let mut dump = Program::of("pg_dump", url)?;
    dump.command
        // Not compressed: what is in it can be searched for what must not be.
        .args(["--format=custom", "--compress=0", "--no-owner", "--no-privileges"])
        .arg(format!("--snapshot={name}"))
        .arg("--file")
        .arg(to);
    let done = dump.run();
    snapshot.rollback().await?;
    database.close().await?;
    done?;
    fs::File::open(to)?.sync_all()?;
    Ok(content)
}

/// Refuses a database that has anything in it.
///
/// # Errors
/// As told.
pub async fn is_empty(url: &str) -> Result<(), CopyError> {
    if let Some(path) = path_of(url) {
        let beside = |what: &str| PathBuf::from(format!("{}{what}", path.display()));
        let size = fs::metadata(&path).map_or(0, |facts| facts.len());
        // A journal that was left beside would be read into what is restored.
        if size > 0
            || ["-wal", "-journal", "-shm"]
                .iter()
                .any(|what| beside(what).exists())
        {
            return Err(CopyError::NotEmpty);
        }
        return Ok(());
    }
    let database = plain(url).await?;
    let tables = tables(&database).await;
    database.close().await?;
    if tables?.is_empty() {
        Ok(())
    } else {
        Err(CopyError::NotEmpty)
    }
}

/// Reads a database from a file, into one that is empty; where it is until it is put in its
/// place.
///
/// # Errors
/// Fails where the database, the file or a program does.
pub async fn read(url: &str, from: &Path) -> Result<(String, Content), CopyError> {
    let place = match path_of(url) {
        Some(path) => {
            let waiting = waiting_at(&path);
            let mut to = new(&waiting)?;
            io::copy(&mut fs::File::open(from)?, &mut to)?;
            to.sync_all()?;
            format!("sqlite://{}?mode=rw", waiting.display())
        }
        None => {
            let mut restore = Program::of("pg_restore", url)?;
            restore
                .command
                .args(["--exit-on-error", "--single-transaction", "--no-owner"])
                .args(["--no-privileges"])
                .arg(from);
            restore.run()?;
            url.to_owned()
        }
    };
    let database = plain(&place).await?;
    let content = content(&database).await;
    database.close().await?;
    Ok((place, content?))
}

/// Puts a restored file in its place: from then on a hub can serve it.
///
/// # Errors
/// Fails where the system does.
pub fn put_in_place(url: &str) -> Result<(), CopyError> {
    if let Some(path) = path_of(url) {
        let waiting = waiting_at(&path);
        fs::rename(&waiting, &path)?;
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}

/// Takes away what was restored, as it could not be closed.
pub async fn take_away(url: &str) {
    let told = |error: &dyn std::fmt::Display| {
        tracing::error!(cause = %error, "what was restored could not be taken away: delete it");
    };
    match path_of(url) {
        Some(path) => {
            let waiting = waiting_at(&path);
            for what in ["", "-wal", "-shm"] {
                let _ = fs::remove_file(format!("{}{what}", waiting.display()));
            }
        }
        None => {
            let emptied = async {
                let database = plain(url).await?;
                let sql = "DROP SCHEMA public CASCADE; CREATE SCHEMA public";
                database.execute_unprepared(sql).await?;
                database.close().await
            };
            if let Err(error) = emptied.await {
                told(&error);
            }
        }
    }
}

/// Closes what an older main database would open again, carries its log on, and puts the
/// restore on record.
///
/// # Errors
/// Fails where the database does, and where the copy of the log is not this log's.
pub async fn close(
    url: &str,
    keys: &std::sync::Arc<KeyFile>,
    key_store: Option<&str>,
    (log, witnessed): (Option<&Path>, &[Note]),
    (made, now): (Moment, Moment),
) -> Result<Closed, CopyError> {
    let database = connection(url, true).await?;
    let ledger = Ledger::on(database.clone(), keys);
    let carried = match log {
        Some(log) => ledger.carry_on(log, witnessed).await?,
        None => {
            // The new log has a name of its own, under which nothing was signed yet, and
            // nothing witnessed.
            for table in [
                "audit_checkpoint",
                "audit_tick",
                "audit_tick_node",
                "audit_cosignature",
            ] {
                let delete = format!("DELETE FROM {table}");
                database.execute_unprepared(&delete).await?;
            }
            Carried::default()
        }
    };
    let page = ledger.open_page().await?;
    let since = log.map(|_| &carried);
    let mended = mend(page.transaction(), keys.audit(), since, now).await?;
    let run = async |sql: String| {
        let done = page.transaction().execute_unprepared(&sql).await?;
        Ok::<u64, DbErr>(done.rows_affected())
    };
    for table in ["holder", "institution", "client", "client_epoch"] {
        run(format!("UPDATE {table} SET epoch = epoch + {BEYOND}")).await?;
    }
    let at = now.seconds();
    run(format!(
        "UPDATE token_family SET ended_at = {at} WHERE ended_at IS NULL"
    ))
    .await?;
    run(format!(
        "UPDATE calendar_feed SET revoked_at = {at} WHERE revoked_at IS NULL"
    ))
    .await?;
    let mappings = run("DELETE FROM mapping".to_owned()).await?;
    let grants = run(format!(
        "UPDATE disclosure_grant SET ended_at = {at} WHERE ended_at IS NULL"
    ))
    .await?;
    let entry = Entry {
        kind: EntryKind::Restore,
        at: now,
        actor: Actor {
            mechanism: String::new(),
            subject: "registrar".to_owned(),
            token: None,
        },
        record: None,
        fields: Vec::new(),
        purpose: None,
        ground: "REGISTRAR",
        reason: Some(format!("the backup of {made}")),
        person: None,
        by: None,
        owned: Vec::new(),
        erased: Vec::new(),
        sealed: Vec::new(),
    };
    page.commit(&[entry]).await?;
    ledger.sign(now).await?;
    let erased = match key_store {
        Some(key_store) => keyless(&database, key_store).await?,
        None => None,
    };
    if is_file(url) {
        let journal = "PRAGMA wal_checkpoint(TRUNCATE)";
        database.execute_unprepared(journal).await?;
    }
    database.close().await?;
    Ok(Closed {
        grants,
        mappings,
        erased,
        carried,
        mended,
    })
}

/// How many persons have sealed fields and no key.
async fn keyless(main: &DatabaseConnection, key_store: &str) -> Result<Option<usize>, DbErr> {
    if path_of(key_store).is_some_and(|path| !path.exists()) {
        return Ok(None);
    }
    let keys = plain(key_store).await?;
    let there = has_table(&keys, "person_key").await?;
    let ids = async |database: &DatabaseConnection, sql: &str| {
        let all = Statement::from_string(database.get_database_backend(), sql);
        let rows = database.query_all_raw(all).await?;
        let ids = rows.iter().map(|row| row.try_get_by_index::<uuid::Uuid>(0));
        ids.collect::<Result<std::collections::HashSet<_>, DbErr>>()
    };
    let erased = if there {
        let sealed = ids(main, "SELECT DISTINCT record FROM sealed_field").await?;
        let keyed = ids(&keys, "SELECT DISTINCT person FROM person_key").await?;
        Some(sealed.difference(&keyed).count())
    } else {
        None
    };
    keys.close().await?;
    Ok(erased)
}

/// A connection that changes nothing of how the database is kept.
async fn plain(url: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await
}

async fn tables<C: ConnectionTrait>(database: &C) -> Result<Vec<String>, DbErr> {
    let backend = database.get_database_backend();
    let sql = match backend {
        DbBackend::Sqlite => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY 1"
        }
        _ => "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1",
    };
    let rows = database
        .query_all_raw(Statement::from_string(backend, sql))
        .await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

async fn content<C: ConnectionTrait>(database: &C) -> Result<Content, DbErr> {
    let backend = database.get_database_backend();
    let mut rows = BTreeMap::new();
    for table in tables(database).await? {
        let count = format!("SELECT COUNT(*) FROM \"{table}\"");
        let row = database
            .query_one_raw(Statement::from_string(backend, count))
            .await?;
        let count = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
        rows.insert(table, count);
    }
    let sql = "SELECT version FROM seaql_migrations ORDER BY version";
    let versions = database
        .query_all_raw(Statement::from_string(backend, sql))
        .await?;
    let migrations = versions.iter().map(|row| row.try_get_by_index(0));
    Ok(Content {
        migrations: migrations.collect::<Result<_, _>>()?,
        rows,
    })
}

/// The file of an SQLite database.
fn path_of(url: &str) -> Option<PathBuf> {
    let file = url.strip_prefix("sqlite://")?;
    Some(PathBuf::from(file.split('?').next().unwrap_or(file)))
}

fn waiting_at(path: &Path) -> PathBuf {
    PathBuf::from(format!("{}.restoring", path.display()))
}

/// A new file that nobody else can read.
fn new(path: &Path) -> io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true).mode(0o600).open(path)
}

/// A program of PostgreSQL, with the database's address and no secret in its arguments.
struct Program {
    name: &'static str,
    command: Command,
}

impl Program {
    fn of(name: &'static str, url: &str) -> Result<Self, CopyError> {
        let (address, password) = without_password(url).ok_or(CopyError::OtherKind)?;
        let path = found(name).ok_or(CopyError::NoProgram(name))?;
        let mut command = Command::new(path);
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("PG") {
                command.env_remove(name);
            }
        }
        command.env("LC_ALL", "C").stdin(Stdio::null());
        command.arg("--dbname").arg(address);
        if let Some(password) = password {
            command.env("PGPASSWORD", password);
        }
        Ok(Self { name, command })
    }

    fn run(mut self) -> Result<(), CopyError> {
        let output = self.command.output()?;
        if output.status.success() {
            return Ok(());
        }
        // Its first line says what is wrong; later ones may quote a row.
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().next().unwrap_or_default().to_owned();
        Err(CopyError::Program(self.name, said))
    }
}

/// Where a program of PostgreSQL is: the folder that is named, Debian's newest, the path.
fn found(name: &str) -> Option<PathBuf> {
    if let Some(named) = env::var_os("LIAISON_PG_BIN") {
        let path = PathBuf::from(named).join(name);
        return path.is_file().then_some(path);
    }
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let versions = versions.flatten().filter_map(|version| {
        let number: u32 = version.file_name().to_str()?.parse().ok()?;
        let path = version.path().join("bin").join(name);
        path.is_file().then_some((number, path))
    });
    let newest = versions.max().map(|(_, path)| path);
    newest.or_else(|| {
        let path = env::var_os("PATH")?;
        let mut paths = env::split_paths(&path).map(|folder| folder.join(name));
        paths.find(|path| path.is_file())
    })
}

/// An address without its password, and that; others on the machine read arguments.
fn without_password(url: &str) -> Option<(String, Option<String>)> {
    let (scheme, rest) = url.split_once("://")?;
    if !matches!(scheme, "postgres" | "postgresql") {
        return None;
    }
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at_checked(end)?;
    let Some((user, host)) = authority.rsplit_once('@') else {
        return Some((url.to_owned(), None));
    };
    let Some((user, password)) = user.split_once(':') else {
        return Some((url.to_owned(), None));
    };
    let password = unescaped(password)?;
    Some((format!("{scheme}://{user}@{host}{rest}"), Some(password)))
}

/// A text of which some bytes are written as `%XX`.
fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut parts = text.split('%');
    bytes.extend_from_slice(parts.next()?.as_bytes());
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_among_the_arguments() {
        for (url, address, password) in [
            (
                "postgres://u:p%40ss%3A@h:5/d?x=y",
                "postgres://u@h:5/d?x=y",
                Some("p@ss:"),
            ),
            ("postgres://u@h/d", "postgres://u@h/d", None),
            (
                "postgresql://h/d?host=/a:b@c",
                "postgresql://h/d?host=/a:b@c",
                None,
            ),
        ] {
            let (told, secret) = without_password(url).unwrap();
            assert_eq!((&*told, secret.as_deref()), (address, password), "{url}");
        }
        assert!(without_password("sqlite://x").is_none());
    }
}

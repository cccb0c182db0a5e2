//! A PostgreSQL of the tests' own, started from the installed server and thrown away.
//!
//! The cluster lives in a temporary folder, listens on a socket in that folder
//! and nowhere else, and is given up to speed: it never waits for the disk.
//! A small shell stands guard: it waits on a pipe that the tests hold open, and
//! stops the server and removes the folder once that pipe closes. So the end is
//! the same whether the tests finish, panic or are killed.

use std::{
    env, fs, io,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DbErr};
use thiserror::Error;

/// Programs without which there is no server.
const PROGRAMS: [&str; 3] = ["initdb", "pg_ctl", "postgres"];

/// Who owns the cluster's databases; there is no password, for there is no network.
const OWNER: &str = "liaison";

/// Number in the name of the socket; in a folder of its own it is always free.
const PORT: u16 = 5432;

/// Length of a folder's path over which a socket's name no longer fits.
const LONGEST_FOLDER: usize = 60;

/// Settings of a server whose data nobody will miss.
const SETTINGS: &str = "
    listen_addresses = ''
    max_connections = 400
    shared_buffers = 128MB
    fsync = off
    synchronous_commit = off
    full_page_writes = off
    wal_level = minimal
    max_wal_senders = 0
    autovacuum = off
    jit = off
    timezone = 'UTC'
    log_timezone = 'UTC'
";

/// What the guard does: wait for the pipe's end, then clear up.
const GUARD: &str = r#"
    trap '' HUP INT TERM
    cat >/dev/null
    "$1" stop --silent --mode=immediate --pgdata="$2/data"
    rm -rf "$2"
"#;

/// The cluster that all trials share, once one has asked for it.
static SHARED: Mutex<Option<Result<Arc<Cluster>, Arc<StartError>>>> = Mutex::new(None);

/// PostgreSQL's server is not there, and what to do about it.
#[derive(Clone, Debug, Error)]
pub(crate) enum Missing {
    /// No folder has all of the server's programs.
    #[error(
        "install PostgreSQL's server (Debian and Ubuntu: `apt-get install postgresql`), \
         or set LIAISON_PG_BIN to the folder that has `initdb` and `pg_ctl`"
    )]
    Server,
    /// The folder that was named lacks one of them.
    #[error("set LIAISON_PG_BIN to the folder of PostgreSQL's programs: `{0}` has no `{1}`")]
    Program(PathBuf, &'static str),
    /// As root, the server needs a user to run as.
    #[error("create a user `postgres`: PostgreSQL's server does not run as root")]
    User,
}

/// The server is there or is not, but has not started.
#[derive(Debug, Error)]
pub(crate) enum StartError {
    /// It is not there.
    #[error("PostgreSQL is missing: {0}")]
    Missing(#[from] Missing),
    /// A program refused; what it said.
    #[error("`{program}` failed: {said}")]
    Refused {
        /// The program's name.
        program: &'static str,
        /// Its own words, and the server's.
        said: String,
    },
    /// A folder or a process could not be made.
    #[error("no room for PostgreSQL: {0}")]
    System(#[from] io::Error),
}

/// Where the server's programs are, and as whom they run.
#[derive(Clone, Debug)]
pub(crate) struct Installation {
    programs: PathBuf,
    user: Option<User>,
}

/// The user `postgres`, as whom root runs the server.
#[derive(Clone, Copy, Debug)]
struct User {
    uid: u32,
    gid: u32,
}

impl Installation {
    /// Looks for the server: LIAISON_PG_BIN, the path, then Debian's folders.
    pub(crate) fn find() -> Result<Self, Missing> {
        let programs = match env::var_os("LIAISON_PG_BIN") {
            Some(named) => {
                let named = PathBuf::from(named);
                match PROGRAMS
                    .into_iter()
                    .find(|program| !named.join(program).is_file())
                {
                    Some(absent) => return Err(Missing::Program(named, absent)),
                    None => named,
                }
            }
            None => on_the_path()
                .into_iter()
                .chain(of_the_system())
                .find(|folder| {
                    PROGRAMS
                        .iter()
                        .all(|program| folder.join(program).is_file())
                })
                .ok_or(Missing::Server)?,
        };
        let user = match id(&["-u"]) {
            Some(0) => Some(User {
                uid: id(&["-u", "postgres"]).ok_or(Missing::User)?,
                gid: id(&["-g", "postgres"]).ok_or(Missing::User)?,
            }),
            _ => None,
        };
        Ok(Self { programs, user })
    }

    /// A program to be run in `folder`, as the right user, with no setting of the caller's.
    fn command(&self, program: impl AsRef<Path>, folder: &Path) -> Command {
        let mut command = Command::new(self.programs.join(program));
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("PG") {
                command.env_remove(name);
            }
        }
        command
            .current_dir(folder)
            .env("LC_ALL", "C")
            .stdin(Stdio::null());
        if let Some(User { uid, gid }) = self.user {
            command.uid(uid).gid(gid);
        }
        command
    }

    /// The server's major version, from words such as `pg_ctl (PostgreSQL) 15.18`.
    fn version(&self, folder: &Path) -> Option<u32> {
        let output = self.command("pg_ctl", folder).arg("--version").output();
        let said = String::from_utf8(output.ok()?.stdout).ok()?;
        said.split(|c: char| !c.is_ascii_digit())
            .find(|number| !number.is_empty())?
            .parse()
            .ok()
    }
}

/// A running server with databases that end with it.
#[derive(Debug)]
pub(crate) struct Cluster {
    folder: PathBuf,
    guard: Mutex<Option<Child>>,
    /// How databases are copied: by files, eight times as fast as the default since 15.
    strategy: &'static str,
    databases: AtomicU32,
}

impl Cluster {
    /// Starts a server; takes a second or two.
    pub(crate) fn start() -> Result<Self, StartError> {
        let installation = Installation::find()?;
        let folder = folder(&installation)?;
        let guard = installation
            .command("/bin/sh", &folder)
            .args(["-c", GUARD, "guard"])
            .arg(installation.programs.join("pg_ctl"))
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        // From here on, whatever fails, the guard clears up.
        let cluster = Self {
            guard: Mutex::new(Some(guard)),
            strategy: match installation.version(&folder) {
                Some(..15) | None => "",
                Some(15..) => "STRATEGY FILE_COPY",
            },
            databases: AtomicU32::new(0),
            folder,
        };
        cluster.initialise(&installation, "C.UTF-8").or_else(|_| {
            // Not every system has that locale; this one orders text alike.
            fs::remove_dir_all(cluster.folder.join("data")).or_else(nothing_there)?;
            cluster.initialise(&installation, "C")
        })?;
        cluster.launch(&installation)?;
        Ok(cluster)
    }

    /// Makes a database, empty or a copy of another (its name or URL); returns its URL.
    ///
    /// Nobody may be connected to the one that is copied.
    pub(crate) async fn create_database(&self, template: Option<&str>) -> Result<String, DbErr> {
        let name = format!("t{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let template = template.map_or("template1", name_in).replace('"', "\"\"");
        let strategy = self.strategy;
        let mut options = ConnectOptions::new(self.url("postgres"));
        options.max_connections(1).sqlx_logging(false);
        let connection = Database::connect(options).await?;
        let made = connection
            .execute_unprepared(&format!(
                "CREATE DATABASE \"{name}\" TEMPLATE \"{template}\" {strategy}"
            ))
            .await;
        connection.close().await?;
        made.map(|_| self.url(&name))
    }

    /// The address of a database of this cluster.
    pub(crate) fn url(&self, database: &str) -> String {
        // INVARIANT: the folder's path has no character that a query string must escape;
        // `folder` sees to it.
        let folder = self.folder.display();
        format!("postgres://{OWNER}@localhost:{PORT}/{database}?host={folder}&sslmode=disable")
    }

    /// Stops the server and waits until its folder is gone; a second call does nothing.
    pub(crate) fn stop(&self) {
        let guard = self
            .guard
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(mut guard) = guard {
            drop(guard.stdin.take());
            if let Err(error) = guard.wait() {
                eprintln!("the guard of {} is lost: {error}", self.folder.display());
            }
        }
    }

    fn initialise(&self, installation: &Installation, locale: &str) -> Result<(), StartError> {
        let mut command = installation.command("initdb", &self.folder);
        command
            .args(["--encoding=UTF8", "--auth=trust", "--no-sync"])
            .arg(format!("--locale={locale}"))
            .arg(format!("--username={OWNER}"))
            .arg("--pgdata=data");
        self.done("initdb", &mut command)
    }

    fn launch(&self, installation: &Installation) -> Result<(), StartError> {
        let settings = self.folder.join("data/postgresql.conf");
        let folder = self.folder.display();
        let mut text = fs::read_to_string(&settings)?;
        text.push_str(SETTINGS);
        text.push_str(&format!(
            "port = {PORT}\nunix_socket_directories = '{folder}'\n"
        ));
        fs::write(&settings, text)?;
        let mut command = installation.command("pg_ctl", &self.folder);
        command.args(["start", "--wait", "--timeout=60", "--silent"]);
        command.args(["--pgdata=data", "--log=log"]);
        self.done("pg_ctl", &mut command)
    }

    fn done(&self, program: &'static str, command: &mut Command) -> Result<(), StartError> {
        let output = command.output()?;
        if output.status.success() {
            return Ok(());
        }
        let mut said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        if let Ok(log) = fs::read_to_string(self.folder.join("log")) {
            said.push('\n');
            said.push_str(log.trim());
        }
        Err(StartError::Refused { program, said })
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The cluster of this run, started by whoever asks first.
///
/// It waits for the server, so it is not for use inside a runtime.
pub(crate) fn shared() -> Result<Arc<Cluster>, Arc<StartError>> {
    SHARED
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get_or_insert_with(|| Cluster::start().map(Arc::new).map_err(Arc::new))
        .clone()
}

/// Stops the cluster of this run, if there was one, and waits for its end.
pub(crate) fn stop_shared() {
    let shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(Ok(cluster)) = shared {
        cluster.stop();
    }
}

/// A new folder for a cluster, in the hands of the user who will run it.
fn folder(installation: &Installation) -> io::Result<PathBuf> {
    let mut parent = env::temp_dir();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-');
    // Root's own temporary folder may be closed to `postgres`.
    if installation.user.is_some()
        || parent.as_os_str().len() > LONGEST_FOLDER
        || !parent.to_string_lossy().chars().all(plain)
    {
        parent = PathBuf::from("/tmp");
    }
    let folder = tempfile::Builder::new()
        .prefix("liaison-pg-")
        .tempdir_in(parent)?;
    if let Some(User { uid, gid }) = installation.user {
        chown(folder.path(), Some(uid), Some(gid))?;
    }
    Ok(folder.keep())
}

/// The folders of the path that have an `initdb`, its links followed.
fn on_the_path() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .filter_map(|folder| fs::canonicalize(folder.join("initdb")).ok())
        .filter_map(|program| program.parent().map(Path::to_path_buf))
        .collect()
}

/// The folders where Debian puts the server's programs, newest version first.
fn of_the_system() -> Vec<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    versions.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    versions.into_iter().map(|(_, folder)| folder).collect()
}

/// What `id` says, as a number.
fn id(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(arguments).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// The database's name in a URL, or the name itself.
fn name_in(url: &str) -> &str {
    let address = url.split('?').next().unwrap_or(url);
    address.rsplit('/').next().unwrap_or(address)
}

/// A folder that is not there needs no removing.
fn nothing_there(error: io::Error) -> io::Result<()> {
    match error.kind() {
        io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    }
}

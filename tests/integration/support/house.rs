//! A hub of a test's own: a fresh database with the demo in it, and a fixed clock.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::{Arc, LazyLock},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::connect_info::MockConnectInfo,
    http::{HeaderMap, Request, StatusCode},
};
use liaison::{
    clock::{Clock, Moment},
    confidentiality::{Domain, Level, warrant::Warrant},
    demo::load::{CLIENT, load},
    http::{Door, Quota},
    hub::{Hub, router},
    id::{GlobalId, MechanismId, RecordId},
    identity::{
        holder::{HolderKind, Role},
        kind::{Action, Kind},
        scope::Scopes,
        token::{TokenAuthority, TokenRequest},
    },
    keys::KeyFile,
    store::{
        OpenError, Store,
        key_store::{FileProvider, KeyStore, Moving},
        writer::NewRecord,
    },
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::OnceCell;
use tower::ServiceExt;

use super::{harness::Backend, issuers::SIGNERS, postgres};

/// The instant at which every test begins: 1 June 2026, noon.
pub(crate) const NOW: i64 = 1_780_315_200;

/// Keys that all houses of this process share, as their template was sealed with them.
static KEYS: LazyLock<Arc<KeyFile>> =
    LazyLock::new(|| Arc::new(KeyFile::create(&key_file()).unwrap()));

/// The file that has those keys, for commands that are run beside a house.
pub(crate) fn key_file() -> PathBuf {
    static FOLDER: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());
    FOLDER.path().join("liaison.keys")
}

/// A database without a table, and the folder that it may be in.
pub(crate) async fn empty(backend: Backend) -> (String, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = match backend {
        Backend::Sqlite => {
            use std::os::unix::fs::OpenOptionsExt;
            let file = folder.path().join("liaison.db");
            let mut new = std::fs::OpenOptions::new();
            new.write(true)
                .create_new(true)
                .mode(0o600)
                .open(&file)
                .unwrap();
            sqlite_url(&file)
        }
        Backend::Postgres => {
            let cluster = postgres::shared().unwrap();
            cluster.create_database(None).await.unwrap()
        }
    };
    (url, folder)
}

/// Where the key store of a database is: beside a file, or another database of the cluster.
pub(crate) async fn key_store_for(url: &str) -> String {
    match KeyStore::beside(url) {
        Some(beside) => beside,
        None => {
            let cluster = postgres::shared().unwrap();
            cluster.create_database(None).await.unwrap()
        }
    }
}

/// Opens a key store with the keys that all houses share.
pub(crate) async fn open_key_store(url: &str) -> KeyStore {
    let provider = FileProvider::of(&key_file(), Arc::clone(&KEYS));
    KeyStore::open(url, provider).await.unwrap()
}

/// Brings a database and its key store up to date.
pub(crate) async fn migrate(url: &str, key_store: &str) -> Result<usize, OpenError> {
    let moving = Moving {
        root: KEYS.sealing().key(),
        provider: FileProvider::of(&key_file(), Arc::clone(&KEYS)),
    };
    Store::migrate(url, key_store, Some(moving), Moment::from_seconds(NOW)).await
}

/// A database with the demo in it, as of today, and where its keys are; for programs that go by
/// the machine's clock.
pub(crate) struct Place {
    pub(crate) url: String,
    pub(crate) key_store: String,
    /// What programs have in their environment besides, in the place of what they would have.
    pub(crate) env: Vec<(String, String)>,
    /// A folder for whatever goes with it.
    pub(crate) folder: TempDir,
}

impl Place {
    /// One with the demo in it.
    pub(crate) async fn today(backend: Backend) -> Self {
        static SQLITE: OnceCell<TempDir> = OnceCell::const_new();
        static POSTGRES: OnceCell<[String; 2]> = OnceCell::const_new();
        let now = || Clock::system().now();
        let folder = tempfile::tempdir().unwrap();
        match backend {
            Backend::Sqlite => {
                let template = SQLITE.get_or_init(|| async {
                    let folder = tempfile::tempdir().unwrap();
                    fill(&sqlite_url(&folder.path().join("liaison.db")), now()).await;
                    folder
                });
                let template = template.await.path();
                for name in ["liaison.db", "liaison.keys.db"] {
                    std::fs::copy(template.join(name), folder.path().join(name)).unwrap();
                }
                let url = sqlite_url(&folder.path().join("liaison.db"));
                let key_store = key_store_for(&url).await;
                Self {
                    url,
                    key_store,
                    env: Vec::new(),
                    folder,
                }
            }
            Backend::Postgres => {
                let template = POSTGRES.get_or_init(|| async {
                    let (url, _) = empty(Backend::Postgres).await;
                    let keys = fill(&url, now()).await;
                    [url, keys]
                });
                let [url, keys] = template.await;
                let cluster = postgres::shared().unwrap();
                let url = cluster.create_database(Some(url)).await.unwrap();
                let key_store = cluster.create_database(Some(keys)).await.unwrap();
                Self {
                    url,
                    key_store,
                    env: Vec::new(),
                    folder,
                }
            }
        }
    }

    /// An empty one.
    pub(crate) async fn empty(backend: Backend) -> Self {
        let (url, folder) = empty(backend).await;
        let key_store = key_store_for(&url).await;
        Self {
            url,
            key_store,
            env: Vec::new(),
            folder,
        }
    }
}

/// A hub with a database of its own.
pub(crate) struct House {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) authority: Arc<TokenAuthority>,
    pub(crate) router: Router,
    /// Where the database is: a URL.
    pub(crate) url: String,
    /// Where the keys of persons are: a URL.
    pub(crate) key_url: String,
    /// The key file.
    pub(crate) key_file: PathBuf,
    _folder: TempDir,
}

/// The databases of a house that is closed: houses begin with copies of them.
pub(crate) struct Closed {
    urls: [String; 2],
    _folder: TempDir,
}

impl Closed {
    /// A house that begins where the closed one ended.
    pub(crate) async fn open(&self) -> House {
        let folder = tempfile::tempdir().unwrap();
        let [url, _] = &self.urls;
        let urls = if url.starts_with("sqlite://") {
            self.urls.each_ref().map(|url| {
                let from = Path::new(
                    url.trim_start_matches("sqlite://")
                        .split('?')
                        .next()
                        .unwrap(),
                );
                let to = folder.path().join(from.file_name().unwrap());
                std::fs::copy(from, &to).unwrap();
                sqlite_url(&to)
            })
        } else {
            let cluster = postgres::shared().unwrap();
            let [main, keys] = &self.urls;
            [
                cluster.create_database(Some(main)).await.unwrap(),
                cluster.create_database(Some(keys)).await.unwrap(),
            ]
        };
        House::on_files(urls, folder).await
    }
}

/// What came back over HTTP.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("not JSON: {}", String::from_utf8_lossy(&self.body)))
    }

    /// `data`, of an answer without errors.
    pub(crate) fn data(&self) -> Value {
        let json = self.json();
        assert!(json.get("errors").is_none(), "{json}");
        json["data"].clone()
    }

    /// The code of the first error.
    pub(crate) fn code(&self) -> String {
        self.json()["errors"][0]["extensions"]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }
}

impl House {
    /// A house with the demo in it.
    pub(crate) async fn open(backend: Backend) -> Self {
        Self::with(backend, Arc::clone(&KEYS), key_file()).await
    }

    /// The same, with a key file of its own that has the same keys: one that is changed.
    pub(crate) async fn with_a_key_file(backend: Backend) -> Self {
        LazyLock::force(&KEYS);
        let folder = tempfile::tempdir().unwrap().keep();
        let file = folder.join("liaison.keys");
        std::fs::copy(key_file(), &file).unwrap();
        let keys = Arc::new(KeyFile::open(&file).unwrap());
        Self::with(backend, keys, file).await
    }

    async fn with(backend: Backend, keys: Arc<KeyFile>, file: PathBuf) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [url, key_url] = match backend {
            Backend::Sqlite => {
                let template = sqlite_template().await;
                ["liaison.db", "liaison.keys.db"].map(|name| {
                    let file = folder.path().join(name);
                    std::fs::copy(template.path().join(name), &file).unwrap();
                    sqlite_url(&file)
                })
            }
            Backend::Postgres => {
                let [main, keys] = postgres_template().await;
                let cluster = postgres::shared().unwrap();
                [
                    cluster.create_database(Some(main)).await.unwrap(),
                    cluster.create_database(Some(keys)).await.unwrap(),
                ]
            }
        };
        Self::on([url, key_url], (keys, file), folder).await
    }

    async fn on(
        [url, key_url]: [String; 2],
        (keys, key_file): (Arc<KeyFile>, PathBuf),
        folder: TempDir,
    ) -> Self {
        let provider = FileProvider::of(&key_file, Arc::clone(&keys));
        let key_store = KeyStore::open(&key_url, provider).await.unwrap();
        let store = Store::open(&url, keys, key_store).await.unwrap();
        let clock = Clock::fixed(NOW);
        let authority = TokenAuthority::new("liaison", "liaison", &KEYS).unwrap();
        let authority = Arc::new(authority.and_of(SIGNERS.issuers()));
        let hub = Hub::new(store.clone(), Arc::clone(&authority), clock.clone());
        let mut door = Door::new(hub);
        door.anonymous = Quota::of(1_000_000, 1_000_000);
        door.token = Quota::of(1_000_000, 1_000_000);
        let caller = SocketAddr::from((Ipv4Addr::LOCALHOST, 40_000));
        let router = router(door).layer(MockConnectInfo(caller));
        Self {
            store,
            clock,
            authority,
            router,
            url,
            key_url,
            key_file,
            _folder: folder,
        }
    }

    /// Serves it at an address of this machine, for as long as the test goes on.
    pub(crate) async fn address(&self) -> String {
        serve(self.router.clone()).await
    }

    /// A second store on the same databases, as another process has it.
    pub(crate) async fn elsewhere(&self) -> Store {
        let keys = Arc::new(KeyFile::open(&self.key_file).unwrap());
        let provider = FileProvider::of(&self.key_file, Arc::clone(&keys));
        let key_store = KeyStore::open(&self.key_url, provider).await.unwrap();
        Store::open(&self.url, keys, key_store).await.unwrap()
    }

    /// Closes it for good, so that it can be copied.
    pub(crate) async fn closed(self) -> Closed {
        self.store.close().await;
        Closed {
            urls: [self.url, self.key_url],
            _folder: self._folder,
        }
    }

    /// The same house, opened anew; its files are left where they are.
    pub(crate) async fn again(&self) -> Self {
        let files = [self.url.clone(), self.key_url.clone()];
        let mut again = Self::on_files(files, tempfile::tempdir().unwrap()).await;
        again.clock = self.clock.clone();
        again
    }

    /// A house on a copy of its files, or on others.
    pub(crate) async fn on_files(files: [String; 2], folder: TempDir) -> Self {
        Self::on(files, (Arc::clone(&KEYS), key_file()), folder).await
    }

    /// A token of a holder with this scope, for a minute.
    pub(crate) async fn token(&self, holder: &str, scope: &str) -> String {
        let now = self.clock.now();
        let (holder, client) = self
            .store
            .holder(holder, CLIENT, now)
            .await
            .unwrap()
            .unwrap();
        let request = TokenRequest::new(&holder, &client, scope.parse().unwrap(), 60).unwrap();
        self.authority.issue(&request, now).unwrap().token
    }

    /// A token of a holder that reads every kind up to a level.
    pub(crate) async fn token_up_to(&self, holder: &str, level: Level) -> String {
        self.token(holder, &reads(level)).await
    }

    /// Asks a question over HTTP.
    pub(crate) async fn ask(&self, token: Option<&str>, query: &str) -> Answer {
        self.post(token, &json!({ "query": query })).await
    }

    /// Asks a question with a stated purpose.
    pub(crate) async fn ask_for(&self, token: &str, purpose: &str, query: &str) -> Answer {
        let purpose = json!({ "code": purpose, "reason": "a test" });
        let request = json!({ "query": query, "extensions": { "purpose": purpose } });
        self.post(Some(token), &request).await
    }

    /// Posts a GraphQL request.
    pub(crate) async fn post(&self, token: Option<&str>, request: &Value) -> Answer {
        let mut builder = Request::post("/graphql").header("content-type", "application/json");
        if let Some(token) = token {
            builder = builder.header("authorization", format!("Bearer {token}"));
        }
        self.send(builder.body(Body::from(request.to_string())).unwrap())
            .await
    }

    /// Does an act, whose input is of the type `kind`; what it answers, with `told` of the
    /// record that it was done to.
    pub(crate) async fn act(
        &self,
        token: Option<&str>,
        (name, kind): (&str, &str),
        input: &Value,
        told: &str,
    ) -> Value {
        let query = format!(
            "mutation($input: {kind}!) {{ {name}(input: $input) {{ \
             {told} userErrors {{ code message field }} }} }}"
        );
        let request = json!({ "query": query, "variables": { "input": input } });
        self.post(token, &request).await.data()[name].clone()
    }

    /// Publishes a record of CAT's: asked for with this token, approved by its secretary.
    pub(crate) async fn publish(&self, token: &str, id: &Value) {
        let input = json!({ "id": id, "level": "PUBLIC", "reason": "Published (invented)" });
        let told = "lowerings { id status }";
        let lower = ("lowerLevel", "LowerLevelInput");
        let asked = self.act(Some(token), lower, &input, told).await;
        assert_eq!(asked["userErrors"], json!([]), "{asked}");
        let second = format!("{} declassify:approve", reads(Level::Secretariat));
        let second = self.token("cat.secretary", &second).await;
        // In one second there may be several: the one that waits is meant.
        let all = asked["lowerings"].as_array().unwrap();
        let waits = all.iter().find(|one| one["status"] == "PENDING").unwrap();
        let input = json!({ "record": id, "lowering": waits["id"] });
        let approve = ("approveLowering", "LoweringActInput");
        let done = self.act(Some(&second), approve, &input, told).await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
    }

    /// Sends any request.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    /// Writes a record as the registry of its first owner.
    pub(crate) async fn add<D: Domain>(&self, owner: &str, record: NewRecord) -> String {
        let mut writer = self.writer(&format!("{owner}.registry")).await;
        let id = GlobalId {
            kind: D::KIND,
            id: record.id,
        };
        assert!(writer.add::<D>(&record).await.unwrap());
        writer.commit().await.unwrap();
        id.to_string()
    }

    /// A transaction of a holder who may write up to the holder's own clearance.
    pub(crate) async fn writer(&self, holder: &str) -> liaison::store::Writer {
        let now = self.clock.now();
        let (known, _) = self
            .store
            .holder(holder, CLIENT, now)
            .await
            .unwrap()
            .unwrap();
        let scopes = Scopes::up_to(
            |action| (action == Action::Write).then_some(known.clearance),
            [],
        );
        let token = self.token(holder, &scopes.to_string()).await;
        let claims = self.authority.verify(&token, now).unwrap();
        let viewer = self.store.viewer(&claims, None, now).await.unwrap();
        self.store
            .begin(Warrant::of(&viewer).unwrap(), now)
            .await
            .unwrap()
    }

    /// Admits an institution with one holder, called as told.
    pub(crate) async fn admit(
        &self,
        code: &str,
        holder: &str,
        clearance: Level,
        state: bool,
        accredited: Option<i64>,
    ) {
        let mut writer = self
            .store
            .begin(Warrant::of_registrar(), self.clock.now())
            .await
            .unwrap();
        let mechanism = mechanism(code);
        writer
            .admit_institution(mechanism, code, state, accredited.map(Moment::from_seconds))
            .await
            .unwrap();
        writer
            .admit_holder(
                holder,
                mechanism,
                HolderKind::Officer,
                clearance,
                &[Role::Grants][..0],
            )
            .await
            .unwrap();
        writer.commit().await.unwrap();
    }

    /// An id as it stands in SQL of this database.
    pub(crate) fn literal(&self, id: RecordId) -> String {
        if self.url.starts_with("sqlite://") {
            format!("X'{}'", id.0.simple())
        } else {
            format!("'{}'", id.0)
        }
    }

    /// Bytes as they stand in SQL of this database.
    pub(crate) fn blob_literal(&self, bytes: &[u8]) -> String {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        if self.url.starts_with("sqlite://") {
            format!("X'{hex}'")
        } else {
            format!("'\\x{hex}'")
        }
    }

    /// The rows of a query, past the hub.
    async fn rows(&self, sql: &str) -> Vec<sea_orm::QueryResult> {
        Self::rows_in(&self.url, sql).await
    }

    async fn rows_in(url: &str, sql: &str) -> Vec<sea_orm::QueryResult> {
        use sea_orm::{ConnectionTrait, Statement};
        let connection = sea_orm::Database::connect(url).await.unwrap();
        let backend = connection.get_database_backend();
        let statement = Statement::from_string(backend, sql);
        let rows = connection.query_all_raw(statement).await.unwrap();
        connection.close().await.unwrap();
        rows
    }

    /// The number that a query finds, past the hub.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        self.rows(sql).await[0].try_get_by_index(0).unwrap()
    }

    /// The number that a query of the key store finds.
    pub(crate) async fn number_of_keys(&self, sql: &str) -> i64 {
        Self::rows_in(&self.key_url, sql).await[0]
            .try_get_by_index(0)
            .unwrap()
    }

    /// The bytes that a query of the key store finds.
    pub(crate) async fn bytes_of_keys(&self, sql: &str) -> Vec<u8> {
        Self::rows_in(&self.key_url, sql).await[0]
            .try_get_by_index(0)
            .unwrap()
    }

    /// The texts that a query finds, past the hub.
    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        let rows = self.rows(sql).await;
        rows.iter()
            .map(|row| row.try_get_by_index(0).unwrap())
            .collect()
    }

    /// Every byte that the database has written.
    pub(crate) async fn all_bytes(&self) -> Vec<u8> {
        let mut all = Vec::new();
        if let Some(file) = self.url.strip_prefix("sqlite://") {
            let file = file.split('?').next().unwrap();
            for end in ["", "-wal", "-shm"] {
                let name = format!("{file}{end}");
                if Path::new(&name).exists() {
                    all.extend(std::fs::read(&name).unwrap());
                }
            }
            return all;
        }
        let tables = "SELECT table_name::text FROM information_schema.tables \
                      WHERE table_schema = 'public'";
        for table in self.texts(tables).await {
            let sql = format!("SELECT t::text FROM \"{table}\" t");
            all.extend(
                self.texts(&sql)
                    .await
                    .into_iter()
                    .flat_map(String::into_bytes),
            );
        }
        all
    }

    /// The bytes that a query finds, past the hub.
    pub(crate) async fn bytes(&self, sql: &str) -> Vec<u8> {
        self.rows(sql).await[0].try_get_by_index(0).unwrap()
    }

    /// Runs SQL that the hub itself never would: to change what is hidden, or to break it.
    pub(crate) async fn meddle(&self, sql: &str) -> u64 {
        Self::meddle_in(&self.url, sql).await
    }

    /// The same in the key store.
    pub(crate) async fn meddle_with_keys(&self, sql: &str) -> u64 {
        Self::meddle_in(&self.key_url, sql).await
    }

    async fn meddle_in(url: &str, sql: &str) -> u64 {
        use sea_orm::ConnectionTrait;
        let connection = sea_orm::Database::connect(url).await.unwrap();
        let changed = connection
            .execute_unprepared(sql)
            .await
            .unwrap()
            .rows_affected();
        connection.close().await.unwrap();
        changed
    }
}

/// Serves a router at an address of this machine.
pub(crate) async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let listener = listener.await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://{address}")
}

/// The id of a mechanism of the demo.
pub(crate) fn mechanism(code: &str) -> MechanismId {
    RecordId::derived(Kind::Mechanism, code).into()
}

/// The id, as the API shows it, of a record of the demo.
pub(crate) fn global(kind: Kind, key: &str) -> String {
    GlobalId {
        kind,
        id: RecordId::derived(kind, key),
    }
    .to_string()
}

/// The scope that reads every kind up to a level; the person's file alone at `VICTIM`.
pub(crate) fn reads(level: Level) -> String {
    let items = Kind::ALL.map(|kind| {
        let level = if kind == Kind::Person {
            level
        } else {
            level.min(Level::Secretariat)
        };
        format!("read:{kind}@{level}")
    });
    items.join(" ")
}

pub(crate) fn sqlite_url(file: &Path) -> String {
    format!("sqlite://{}?mode=rwc", file.display())
}

/// The demo in a file, once for all houses.
async fn sqlite_template() -> &'static TempDir {
    static TEMPLATE: OnceCell<TempDir> = OnceCell::const_new();
    TEMPLATE
        .get_or_init(|| async {
            let folder = tempfile::tempdir().unwrap();
            let url = sqlite_url(&folder.path().join("liaison.db"));
            fill(&url, Moment::from_seconds(NOW)).await;
            folder
        })
        .await
}

/// The demo in a database of the cluster, once for all houses.
async fn postgres_template() -> &'static [String; 2] {
    static TEMPLATE: OnceCell<[String; 2]> = OnceCell::const_new();
    TEMPLATE
        .get_or_init(|| async {
            let cluster = postgres::shared().unwrap();
            let url = cluster.create_database(None).await.unwrap();
            let keys = fill(&url, Moment::from_seconds(NOW)).await;
            [url, keys]
        })
        .await
}

/// Fills a database with the demo; where its keys are.
pub(crate) async fn fill(url: &str, at: Moment) -> String {
    let key_url = key_store_for(url).await;
    fill_with(url, &key_url, at).await;
    key_url
}

/// Fills a database with the demo, as of a moment, and a key store with its keys.
pub(crate) async fn fill_with(url: &str, key_url: &str, at: Moment) {
    migrate(url, key_url).await.unwrap();
    let keys = open_key_store(key_url).await;
    let store = Store::open(url, Arc::clone(&KEYS), keys).await.unwrap();
    let authority = TokenAuthority::new("liaison", "liaison", &KEYS).unwrap();
    load(&store, &authority, at, |_, _| {}).await.unwrap();
    // The template is copied: everything must be in its file, and nobody connected.
    store.close().await;
}

/// Whether a word lies in these bytes, as it is or in hexadecimal digits.
pub(crate) fn lies_in(bytes: &[u8], word: &str) -> bool {
    let hex: String = word.bytes().map(|byte| format!("{byte:02x}")).collect();
    let text = String::from_utf8_lossy(bytes);
    text.contains(word) || text.contains(&hex)
}

//! Each test of behaviour, run once on SQLite and once on PostgreSQL.
//!
//! A thin layer over `libtest-mimic`: `cargo test`'s own arguments work, a test
//! called `x` is listed as `sqlite::x` and `postgres::x`. Where PostgreSQL's server
//! is not installed its trials are skipped and the last line says what to install;
//! with `LIAISON_REQUIRE_POSTGRES=1` they fail instead. The same goes for the tests of a
//! security module, SoftHSM2 and `LIAISON_REQUIRE_SOFTHSM=1`.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    collections::BTreeSet,
    env, fmt,
    future::Future,
    panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind},
    process::ExitCode,
    thread,
    time::Duration,
};

use libtest_mimic::{Arguments, Failed, FormatSetting, Trial};
use tokio::{runtime, time::timeout};

use super::{
    postgres::{self, Installation, Missing},
    softhsm,
};

/// Time after which a test that has not ended has failed; the search for planted leaks,
/// one after the other, takes longer.
const PATIENCE: Duration = Duration::from_secs(if cfg!(feature = "planted-leaks") {
    3_600
} else {
    600
});

/// The same for dockets as large as `LIAISON_DOCKETS` says, which are filled act by act.
const LONG: Duration = Duration::from_secs(6 * 3_600);

fn patience() -> Duration {
    env::var_os("LIAISON_DOCKETS").map_or(PATIENCE, |_| LONG)
}

/// Bytes of a thread's stack, as the hub has them.
const STACK: usize = 16 << 20;

/// Time that a test's background tasks have to end after it.
const FAREWELL: Duration = Duration::from_secs(5);

thread_local! {
    /// Whether this thread runs a trial, whose panics are told by the harness.
    static TRIAL: Cell<bool> = const { Cell::new(false) };
    /// The last panic of this thread: where, and what it said.
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// The database that a trial runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    /// A file of its own.
    Sqlite,
    /// A database of its own in the shared cluster.
    Postgres,
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        })
    }
}

/// The tests of this binary.
pub(crate) struct Suite {
    trials: Vec<Trial>,
    /// Why the trials on PostgreSQL are skipped, where they are.
    skipped: Option<Missing>,
    /// Trials that are skipped for want of SoftHSM2.
    without_hsm: usize,
}

impl Suite {
    /// An empty suite; looks whether PostgreSQL is there, but starts nothing.
    pub(crate) fn new() -> Self {
        let required = env::var_os("LIAISON_REQUIRE_POSTGRES").is_some_and(|value| value == "1");
        Self {
            trials: Vec::new(),
            skipped: Installation::find().err().filter(|_| !required),
            without_hsm: 0,
        }
    }

    /// Adds a test of behaviour; it runs on both databases.
    pub(crate) fn test<F, Fut>(&mut self, name: &str, test: F)
    where
        F: Fn(Backend) -> Fut + Send + Sync + Clone + 'static,
        Fut: Future<Output = ()>,
    {
        for backend in [Backend::Sqlite, Backend::Postgres] {
            let test = test.clone();
            let trial = Trial::test(format!("{backend}::{name}"), move || {
                if backend == Backend::Postgres {
                    postgres::shared().map_err(|error| Failed::from(&*error))?;
                }
                attempt(|| in_a_runtime(|| test(backend)))?
            });
            let skipped = backend == Backend::Postgres && self.skipped.is_some();
            self.trials.push(trial.with_ignored_flag(skipped));
        }
    }

    /// Adds a test of behaviour that needs a security module; it runs on both databases.
    pub(crate) fn with_hsm<F, Fut>(&mut self, name: &str, test: F)
    where
        F: Fn(Backend) -> Fut + Send + Sync + Clone + 'static,
        Fut: Future<Output = ()>,
    {
        let begun = self.trials.len();
        self.test(name, test);
        let required = env::var_os("LIAISON_REQUIRE_SOFTHSM").is_some_and(|value| value == "1");
        if softhsm::module().is_none() && !required {
            let those = self.trials.split_off(begun);
            self.without_hsm += those.len();
            let those = those.into_iter().map(|trial| trial.with_ignored_flag(true));
            self.trials.extend(those);
        }
    }

    /// Adds a test that needs no database.
    pub(crate) fn plain<F>(&mut self, name: &str, test: F)
    where
        F: FnOnce() + Send + 'static,
    {
        self.trials.push(Trial::test(name, move || attempt(test)));
    }

    /// What the tests that were added are called.
    pub(crate) fn names(&self) -> BTreeSet<String> {
        let names = self.trials.iter().map(|trial| trial.name().to_owned());
        names.collect()
    }

    /// Runs what the command line asks for, and stops PostgreSQL.
    pub(crate) fn run(self) -> ExitCode {
        let arguments = Arguments::from_args();
        let default = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if TRIAL.get() {
                PANIC.set(Some(describe(info)));
            } else {
                default(info);
            }
        }));
        let conclusion = libtest_mimic::run(&arguments, self.trials);
        postgres::stop_shared();
        if let Some(missing) = self.skipped
            && conclusion.num_ignored > 0
            && arguments.format != Some(FormatSetting::Json)
        {
            let skipped = conclusion.num_ignored;
            println!("{skipped} skipped, for want of PostgreSQL. To run them, {missing}.");
        }
        if self.without_hsm > 0 && arguments.format != Some(FormatSetting::Json) {
            println!(
                "Without a security module. To run its tests, {}.",
                softhsm::INSTALL
            );
        }
        conclusion.exit_code()
    }
}

/// Runs a test to its end in a runtime of its own, unless it takes too long.
fn in_a_runtime<F, Fut>(test: F) -> Result<(), Failed>
where
    F: FnOnce() -> Fut,
    Fut: Future<Output = ()>,
{
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_stack_size(STACK)
        .enable_all()
        .build()?;
    let ended = catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(async { timeout(patience(), test()).await })
    }));
    runtime.shutdown_timeout(FAREWELL);
    match ended {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(Failed::from(format!(
            "not at its end after {:?}",
            patience()
        ))),
        Err(payload) => std::panic::resume_unwind(payload),
    }
}

/// Runs `act` and turns its panic into a failure that says where and what.
fn attempt<T: Send>(act: impl FnOnce() -> T + Send) -> Result<T, Failed> {
    let tried = || {
        TRIAL.set(true);
        PANIC.take();
        let outcome = catch_unwind(AssertUnwindSafe(act));
        TRIAL.set(false);
        outcome.map_err(|payload| match PANIC.take() {
            Some(panic) => Failed::from(panic),
            None => Failed::from(said(&*payload)),
        })
    };
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(STACK);
        let outcome = thread.spawn_scoped(scope, tried)?.join();
        outcome.unwrap_or_else(|payload| Err(Failed::from(said(&*payload))))
    })
}

fn describe(info: &PanicHookInfo<'_>) -> String {
    match info.location() {
        Some(place) => format!("{place}: {}", said(info.payload())),
        None => said(info.payload()),
    }
}

fn said(payload: &(dyn Any + Send)) -> String {
    payload
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| payload.downcast_ref::<&str>().map(|text| text.to_string()))
        .unwrap_or_else(|| String::from("panicked without a word"))
}

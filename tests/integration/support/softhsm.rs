//! A security module for a test of its own: a token of SoftHSM2, in a folder that is named in
//! the environment of the programs that use it, and of no other.

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Where Linux distributions put the module.
const PLACES: [&str; 5] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
];
/// What to do where it is missing.
pub(crate) const INSTALL: &str = "install SoftHSM2 (Debian and Ubuntu: `apt-get install softhsm2`)";
/// The label of the token, and its PIN.
pub(crate) const TOKEN: &str = "invented";
pub(crate) const PIN: &str = "2468013579";

/// The module, where it is installed.
pub(crate) fn module() -> Option<PathBuf> {
    let util = env::var_os("PATH")
        .is_some_and(|path| env::split_paths(&path).any(|one| one.join("softhsm2-util").exists()));
    let module = PLACES.iter().map(PathBuf::from).find(|path| path.exists());
    module.filter(|_| util)
}

/// Makes a token in a folder; says what programs have to have in their environment.
pub(crate) fn token_in(folder: &Path) -> Vec<(String, String)> {
    let tokens = folder.join("tokens");
    fs::create_dir(&tokens).unwrap();
    let settings = folder.join("softhsm2.conf");
    let text = format!(
        "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n",
        tokens.display()
    );
    fs::write(&settings, text).unwrap();
    let arguments = [
        "--init-token",
        "--free",
        "--label",
        TOKEN,
        "--so-pin",
        "97531024",
        "--pin",
    ];
    let made = Command::new("softhsm2-util")
        .env("SOFTHSM2_CONF", &settings)
        .stdin(Stdio::null())
        .args(arguments)
        .arg(PIN)
        .output()
        .unwrap();
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let pin = folder.join("pin");
    write_pin(&pin, PIN);
    let text = |path: &Path| path.display().to_string();
    [
        ("SOFTHSM2_CONF", text(&settings)),
        ("LIAISON_PKCS11_MODULE", text(&module().expect(INSTALL))),
        ("LIAISON_PKCS11_TOKEN", TOKEN.to_owned()),
        ("LIAISON_PKCS11_PIN_FILE", text(&pin)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// Writes a PIN to a file that nobody else can read.
pub(crate) fn write_pin(path: &Path, pin: &str) {
    fs::write(path, format!("{pin}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

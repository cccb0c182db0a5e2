//! What hinders a security module, in words for an administrator; never a secret.

use cryptoki::error::Error;

/// Why the security module did not serve.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HsmFault {
    /// The module is not there, or is no module.
    #[error("the PKCS#11 module `{0}` can't be loaded: {1}")]
    Module(String, String),
    /// Others can change what this process would run.
    #[error("the PKCS#11 module `{0}` can be changed by others; run `chmod go-w` on it")]
    ModuleExposed(String),
    /// There is no such token.
    #[error("there is no token `{0}` in the security module, or it is not plugged in")]
    NoToken(String),
    /// More than one token of that label.
    #[error("there are several tokens `{0}`: give each a label of its own")]
    SeveralTokens(String),
    /// No PIN was given.
    #[error("no PIN is named: put it into a file and name it with `--pkcs11-pin-file`")]
    NoPin,
    /// The PIN's file.
    #[error("the PIN's file `{0}` {1}")]
    PinFile(String, String),
    /// It is another PIN.
    #[error(
        "the token `{0}` refuses the PIN. It is not tried again, so that the token does not lock itself: put the right one into the PIN's file"
    )]
    WrongPin(String),
    /// One more wrong PIN would lock it.
    #[error(
        "the token `{0}` has one try of its PIN left, and it is not used up here: log in once with the vendor's own tool"
    )]
    LastTry(String),
    /// It is locked.
    #[error("the token `{0}` has locked its PIN: its security officer sets another")]
    Locked(String),
    /// It has no root key.
    #[error(
        "the token has no root key `{0}`: `liaison keys create` makes one for a new hub, `liaison keys move` takes those of a hub over"
    )]
    NoKey(String),
    /// It has several of that label.
    #[error("the token has several keys `{0}`: name another, or take away which is not this hub's")]
    SeveralKeys(String),
    /// A key that could leave the token, or is too short.
    #[error("the key `{0}` of the token is no AES-256 key that can never leave it")]
    Weak(String),
    /// A second one in this process.
    #[error("this process has a security module open already")]
    Taken,
    /// It does not answer in time.
    #[error("the security module does not answer")]
    Silent,
    /// Anything else, as the module calls it.
    #[error("the security module failed: {0}")]
    Failed(String),
    /// No root key of that name.
    #[error("the token has no root key `{0}`")]
    UnknownRoot(String),
    /// What is to be unwrapped was not wrapped so.
    #[error("the key of an epoch does not unwrap")]
    DoesNotOpen,
    /// It is in use.
    #[error("`{0}` is no former root key that could be destroyed")]
    NotFormer(String),
}

impl From<Error> for HsmFault {
    fn from(error: Error) -> Self {
        // The words of the standard are whole paragraphs; their first sentence is enough.
        let said = error.to_string();
        let said = said.split(". ").next().unwrap_or_default();
        Self::Failed(said.trim_end_matches('.').to_owned())
    }
}

//! Escrow: the keys that can't be made anew, split so that several keepers together have them
//! and fewer know nothing.
//!
//! Shamir's sharing over GF(256). A share is a text that can be printed, read aloud and typed:
//! Crockford's base 32 in numbered lines, each with its own check, so that a slip is found
//! where it was made.

use std::fmt::Write;

use sha2::{Digest, Sha256};
use vsss_rs::Gf256;
use zeroize::Zeroizing;

use super::{CheckpointKey, KeyFile, KeyFileError, MatchingKey, SealingKey, SecretKey, SigningKey};

/// Most shares of one escrow: more nobody hands out, or finds again.
const MOST: u8 = 20;
/// Digits of Crockford's base 32: none is taken for another.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Bytes in a line of a share, and digits in its check.
const LINE: usize = 25;
const CHECK: usize = 3;
const VERSION: u8 = 1;
/// Bytes before the share itself: version, the escrow's name, how many, how many needed.
const HEAD: usize = 1 + SET + 2;
const SET: usize = 8;
const DIGEST: usize = 16;

/// Why keys are not split, or not put together again.
#[derive(Debug, thiserror::Error)]
pub enum EscrowError {
    /// So many shares can't be.
    #[error("2 to {MOST} shares can be made, of which 2 to all are needed to recover the keys")]
    WrongNumbers,
    /// A line was mistyped.
    #[error("line {1} of `{0}` is not as it was printed: compare it letter by letter")]
    Slip(String, usize),
    /// It is no share at all.
    #[error("`{0}` is no share of keys, or not a whole one")]
    NoShare(String),
    /// Shares of two escrows.
    #[error("`{0}` and `{1}` are shares of different escrows, and nothing can be made of both")]
    Mixed(String, String),
    /// A share twice.
    #[error("`{0}` and `{1}` are the same share")]
    Twice(String, String),
    /// Not enough.
    #[error("{needed} different shares are needed, and {given} were given")]
    TooFew {
        /// How many it takes.
        needed: u8,
        /// How many there are.
        given: usize,
    },
    /// What comes out is not what was split.
    #[error("these shares do not come to the keys that were split: one of them was forged")]
    Wrong,
    /// The root key is being changed.
    #[error("a rotation of the root key was cut off: run `liaison keys rotate root` first")]
    Rotating,
    /// Keys.
    #[error(transparent)]
    Keys(#[from] KeyFileError),
}

/// A share, as it is printed.
pub struct Share {
    /// Its number, from 1 on.
    pub index: u8,
    /// What is printed.
    pub text: Zeroizing<String>,
}

/// A share, as it was read.
struct Read<'a> {
    from: &'a str,
    set: [u8; SET],
    needed: u8,
    /// Index and share, as the sharing takes them.
    bytes: Vec<u8>,
}

impl KeyFile {
    /// Splits the keys that open what is sealed, go on with the log and make tokens.
    ///
    /// Not among them are the keys that sign tokens and seal cursors: those are made anew, so
    /// that who recovers the keys of a hub has no token of it.
    ///
    /// # Errors
    /// Refuses numbers that make no escrow.
    pub fn split(&self, shares: u8, needed: u8) -> Result<Vec<Share>, EscrowError> {
        if !(2..=MOST).contains(&shares) || !(2..=shares).contains(&needed) {
            return Err(EscrowError::WrongNumbers);
        }
        if self.former.is_some() {
            return Err(EscrowError::Rotating);
        }
        let mut set = [0; SET];
        getrandom::fill(&mut set).map_err(|_| KeyFileError::NoRandomness)?;
        let secret = self.kept();
        let chance = getrandom::rand_core::UnwrapErr(getrandom::SysRng);
        let split = Gf256::split_bytes(needed.into(), shares.into(), secret.as_slice(), chance);
        let split = split.map_err(|_| EscrowError::WrongNumbers)?;
        let share = |bytes: Vec<u8>| {
            let bytes = Zeroizing::new(bytes);
            let index = bytes.first().copied().unwrap_or_default();
            let mut whole = Zeroizing::new(vec![VERSION]);
            whole.extend_from_slice(&set);
            whole.extend_from_slice(&[shares, needed]);
            whole.extend_from_slice(&bytes);
            let digest = Sha256::digest(whole.as_slice());
            whole.extend_from_slice(digest.get(..DIGEST).unwrap_or_default());
            let mut text = Zeroizing::new(String::with_capacity(4_096));
            let key = self.sealing.id();
            // INVARIANT: a `String` takes whatever is written to it.
            let _ = writeln!(
                text,
                "# LIAISON: SHARE {index} OF {shares}, OF WHICH {needed} ARE NEEDED\n\
                 # The keys of the hub whose root key is {key}. Keep it apart from every other \
                 share."
            );
            for (line, bytes) in (1..).zip(whole.chunks(LINE)) {
                put_line(&mut text, line, bytes);
            }
            Share { index, text }
        };
        Ok(split.into_iter().map(share).collect())
    }

    /// The keys that enough shares come to, each given with where it was read.
    ///
    /// # Errors
    /// Refuses shares that are not as they were printed, that belong to different escrows, or
    /// are too few.
    pub fn joined(shares: &[(String, Zeroizing<String>)]) -> Result<Self, EscrowError> {
        let mut read: Vec<Read<'_>> = Vec::with_capacity(shares.len());
        for (from, text) in shares {
            let share = Read::of(from, text)?;
            for other in &read {
                if (other.set, other.needed) != (share.set, share.needed) {
                    return Err(EscrowError::Mixed(other.from.to_owned(), from.clone()));
                }
                if other.bytes.first() == share.bytes.first() {
                    return Err(EscrowError::Twice(other.from.to_owned(), from.clone()));
                }
            }
            read.push(share);
        }
        let needed = read.first().map_or(2, |first| first.needed);
        if read.len() < usize::from(needed) {
            let given = read.len();
            return Err(EscrowError::TooFew { needed, given });
        }
        let shares: Zeroizing<Vec<Vec<u8>>> =
            Zeroizing::new(read.into_iter().map(|share| share.bytes).collect());
        let secret = Gf256::combine_bytes(shares.as_slice()).map_err(|_| EscrowError::Wrong)?;
        Self::of_kept(&Zeroizing::new(secret))
    }

    /// The keys that can't be made anew, and what shows that they are these.
    fn kept(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(512));
        let names = [
            self.sealing.id(),
            self.checkpoint.name(),
            self.matching.id(),
        ];
        for name in names {
            bytes.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
            bytes.extend_from_slice(name.as_bytes());
        }
        let (log, matter) = (&self.checkpoint.private, &self.matching.secret);
        for key in [&self.sealing.key, &self.audit, log, matter] {
            bytes.extend_from_slice(key.bytes());
        }
        let digest = digest_of(&bytes);
        bytes.extend_from_slice(&digest);
        bytes
    }

    fn of_kept(bytes: &[u8]) -> Result<Self, EscrowError> {
        let wrong = || EscrowError::Wrong;
        let (bytes, digest) = bytes.split_last_chunk::<DIGEST>().ok_or_else(wrong)?;
        if digest_of(bytes) != *digest {
            return Err(EscrowError::Wrong);
        }
        let (sealing, rest) = name_of(bytes).ok_or_else(wrong)?;
        let (log, rest) = name_of(rest).ok_or_else(wrong)?;
        let (matter, rest) = name_of(rest).ok_or_else(wrong)?;
        let mut keys = rest.chunks_exact(32).map(|key| {
            let mut bytes = Zeroizing::new([0; 32]);
            bytes.copy_from_slice(key);
            SecretKey::of(*bytes)
        });
        let mut next = || keys.next().ok_or_else(wrong);
        let (sealing_key, audit) = (next()?, next()?);
        let (private, secret) = (next()?, next()?);
        let keys = Self {
            signing: vec![SigningKey::fresh()?],
            sealing: SealingKey {
                id: sealing,
                key: sealing_key,
            },
            former: None,
            cursor: SecretKey::fresh()?,
            audit,
            checkpoint: CheckpointKey { name: log, private },
            matching: MatchingKey { id: matter, secret },
            // A share of blind tokens is made anew, as one is every year.
            blind: None,
        };
        keys.check()?;
        Ok(keys)
    }
}

impl<'a> Read<'a> {
    fn of(from: &'a str, text: &str) -> Result<Self, EscrowError> {
        let mut whole = Zeroizing::new(Vec::with_capacity(1_024));
        let lines = text.lines().map(str::trim);
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        for (number, line) in (1..).zip(lines) {
            let bytes = line_of(line, number);
            let bytes = bytes.ok_or_else(|| EscrowError::Slip(from.to_owned(), number))?;
            whole.extend_from_slice(&bytes);
        }
        let none = || EscrowError::NoShare(from.to_owned());
        let (bytes, digest) = whole.split_last_chunk::<DIGEST>().ok_or_else(none)?;
        let good = Sha256::digest(bytes).get(..DIGEST) == Some(digest.as_slice());
        let (head, share) = bytes.split_first_chunk::<HEAD>().ok_or_else(none)?;
        let [version, set @ .., _, needed] = *head;
        if !good || version != VERSION || share.len() < 2 {
            return Err(none());
        }
        Ok(Self {
            from,
            set,
            needed,
            bytes: share.to_vec(),
        })
    }
}

/// Writes a line: its number, its digits in groups of five, its check.
fn put_line(text: &mut String, number: usize, bytes: &[u8]) {
    let digits = Zeroizing::new(digits_of(bytes));
    let _ = write!(text, "{number:02}");
    for group in digits.as_bytes().chunks(5) {
        text.push(' ');
        text.extend(group.iter().map(|digit| char::from(*digit)));
    }
    let _ = writeln!(text, " - {}", check_of(number, bytes));
}

/// The bytes of a line; `None` where it is not as it was written.
fn line_of(line: &str, number: usize) -> Option<Zeroizing<Vec<u8>>> {
    let (said, rest) = line.split_once(char::is_whitespace)?;
    let (digits, check) = rest.rsplit_once('-')?;
    let bytes = Zeroizing::new(bytes_of(digits)?);
    let same = |one: &str, other: &str| one.chars().map(read_as).eq(other.chars().map(read_as));
    let good = said.parse() == Ok(number) && same(check.trim(), &check_of(number, &bytes));
    (good && bytes.len() <= LINE).then_some(bytes)
}

/// A few digits that show whether a line is as it was written.
fn check_of(number: usize, bytes: &[u8]) -> String {
    let digest = Sha256::new()
        .chain_update(number.to_string())
        .chain_update(b"|")
        .chain_update(bytes)
        .finalize();
    digits_of(&digest).chars().take(CHECK).collect()
}

fn digits_of(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    for group in bytes.chunks(5) {
        let number = group
            .iter()
            .fold(0u64, |all, byte| all << 8 | u64::from(*byte));
        let number = number << (8 * (5 - group.len()));
        // Of a part of five bytes no more digits than it takes.
        for place in (0..8).take((group.len() * 8).div_ceil(5)) {
            let digit = (number >> (35 - 5 * place)) & 31;
            let digit = usize::try_from(digit)
                .ok()
                .and_then(|digit| DIGITS.get(digit));
            text.extend(digit.map(|digit| char::from(*digit)));
        }
    }
    text
}

/// The bytes of digits, however they were typed.
fn bytes_of(text: &str) -> Option<Vec<u8>> {
    let digits = text.chars().filter(|digit| !digit.is_whitespace());
    let digits: Option<Vec<u64>> = digits
        .map(|digit| {
            let digit = u8::try_from(read_as(digit)).ok()?;
            let place = DIGITS.iter().position(|known| *known == digit)?;
            u64::try_from(place).ok()
        })
        .collect();
    let digits = Zeroizing::new(digits?);
    let mut bytes = Vec::with_capacity(LINE);
    for group in digits.chunks(8) {
        let number = group.iter().fold(0u64, |all, digit| all << 5 | digit);
        let number = number << (5 * (8 - group.len()));
        let [_, _, _, five @ ..] = number.to_be_bytes();
        bytes.extend(five.iter().take(group.len() * 5 / 8));
    }
    Some(bytes)
}

/// A letter as who typed it meant it.
fn read_as(letter: char) -> char {
    match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    }
}

fn digest_of(bytes: &[u8]) -> [u8; DIGEST] {
    let digest = Sha256::new()
        .chain_update(b"liaison/escrow/1\n")
        .chain_update(bytes)
        .finalize();
    let mut short = [0; DIGEST];
    for (to, from) in short.iter_mut().zip(digest) {
        *to = from;
    }
    short
}

/// A name with its length before it, and what comes after.
fn name_of(bytes: &[u8]) -> Option<(String, &[u8])> {
    let (length, rest) = bytes.split_first()?;
    let (name, rest) = rest.split_at_checked(usize::from(*length))?;
    Some((String::from_utf8(name.to_vec()).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(shares: &[Share], which: &[usize]) -> Vec<(String, Zeroizing<String>)> {
        let share = |place: &usize| (format!("share {place}"), shares[*place].text.clone());
        which.iter().map(share).collect()
    }

    #[test]
    fn any_three_of_five_come_to_the_same_keys_and_no_two_do() {
        let keys = KeyFile::fresh().unwrap();
        let shares = keys.split(5, 3).unwrap();
        for one in 0..5 {
            for two in 0..5 {
                if one == two {
                    continue;
                }
                let few = KeyFile::joined(&given(&shares, &[one, two]));
                assert!(matches!(
                    few,
                    Err(EscrowError::TooFew {
                        needed: 3,
                        given: 2
                    })
                ));
                for three in 0..5 {
                    if three == one || three == two {
                        continue;
                    }
                    let joined = KeyFile::joined(&given(&shares, &[one, two, three])).unwrap();
                    assert_eq!(joined.sealing.id, keys.sealing.id);
                    assert_eq!(joined.sealing.key, keys.sealing.key);
                    assert_eq!(joined.audit, keys.audit);
                    assert_eq!(joined.checkpoint.public(), keys.checkpoint.public());
                    assert_ne!(joined.cursor, keys.cursor);
                    assert_ne!(joined.signing[0].private(), keys.signing[0].private());
                }
            }
        }
        assert!(KeyFile::joined(&given(&shares, &[4, 3, 2, 1, 0])).is_ok());
    }

    #[test]
    fn no_share_has_a_key_in_it() {
        let keys = KeyFile::fresh().unwrap();
        for share in keys.split(5, 3).unwrap() {
            let whole: Vec<u8> = share
                .text
                .lines()
                .filter(|line| !line.starts_with('#'))
                .zip(1..)
                .flat_map(|(line, number)| line_of(line, number).unwrap().to_vec())
                .collect();
            for key in [&keys.sealing.key, &keys.audit, &keys.checkpoint.private] {
                assert!(
                    !whole
                        .windows(8)
                        .any(|part| key.bytes().windows(8).any(|k| k == part))
                );
            }
        }
    }

    #[test]
    fn whatever_length_comes_back() {
        for length in 0..60u8 {
            let bytes: Vec<u8> = (0..length).map(|byte| byte.wrapping_mul(37)).collect();
            assert_eq!(bytes_of(&digits_of(&bytes)).unwrap(), bytes);
        }
        assert_eq!(bytes_of("o0Ii Ll1"), bytes_of("00111 11"));
        assert_eq!(bytes_of("U"), None);
    }
}

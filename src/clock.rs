//! Time as a parameter: the one place that reads the system clock.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// First millisecond that RFC 3339 can write: the start of the year 0.
const FIRST: i64 = -62_167_219_200_000;
/// Last millisecond that RFC 3339 can write: the end of the year 9999.
const LAST: i64 = 253_402_300_799_999;

/// A moment, in milliseconds since the start of 1970, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(i64);

impl Moment {
    /// The moment so many milliseconds after the start of 1970.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// The moment so many seconds after the start of 1970.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Milliseconds since the start of 1970.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the start of 1970, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The moment so many seconds later, or earlier where negative.
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }

    /// The moment as text, such as `2012-12-12T09:30:00Z`.
    ///
    /// What lies outside the years 0 to 9999 is written as the nearest of them.
    pub fn rfc3339(self) -> String {
        let nanos = i128::from(self.0.clamp(FIRST, LAST)) * 1_000_000;
        OffsetDateTime::from_unix_timestamp_nanos(nanos)
            .ok()
            .and_then(|at| at.format(&Rfc3339).ok())
            .unwrap_or_default()
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

/// The clock that the hub is given: the system's, or a fixed one for proofs.
///
/// Clones of a fixed clock share its hand.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// The clock of the machine.
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still at a moment, given in unix seconds.
    pub fn fixed(unix_seconds: i64) -> Self {
        let moment = Moment::from_seconds(unix_seconds);
        Self(Source::Fixed(Arc::new(AtomicI64::new(moment.millis()))))
    }

    /// What the clock shows.
    pub fn now(&self) -> Moment {
        match &self.0 {
            Source::System => read_system_clock(),
            Source::Fixed(hand) => Moment(hand.load(Ordering::SeqCst)),
        }
    }

    /// Moves a fixed clock on; the machine's clock stays as it is.
    pub fn advance(&self, seconds: i64) {
        match &self.0 {
            Source::System => {}
            Source::Fixed(hand) => {
                hand.fetch_add(seconds.saturating_mul(1000), Ordering::SeqCst);
            }
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the system clock"
)]
fn read_system_clock() -> Moment {
    let nanos = OffsetDateTime::now_utc().unix_timestamp_nanos();
    Moment(i64::try_from(nanos.div_euclid(1_000_000)).unwrap_or(LAST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_moves_only_when_told() {
        let clock = Clock::fixed(1_355_304_600);
        let other_hand = clock.clone();
        assert_eq!(clock.now().seconds(), 1_355_304_600);
        clock.advance(90);
        assert_eq!(other_hand.now().seconds(), 1_355_304_690);
    }

    #[test]
    fn the_system_clock_cannot_be_advanced() {
        let clock = Clock::system();
        let before = clock.now();
        clock.advance(1_000_000);
        assert!(clock.now().seconds() - before.seconds() < 1_000);
    }

    #[test]
    fn a_moment_is_written_in_rfc3339() {
        let table = [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (1_355_304_600_000, "2012-12-12T09:30:00Z"),
            (i64::MAX, "9999-12-31T23:59:59.999Z"),
            (i64::MIN, "0000-01-01T00:00:00Z"),
        ];
        for (millis, text) in table {
            assert_eq!(Moment::from_millis(millis).rfc3339(), text);
        }
    }

    #[test]
    fn seconds_round_down_and_never_overflow() {
        assert_eq!(Moment::from_millis(-1).seconds(), -1);
        assert_eq!(Moment::from_seconds(i64::MAX).millis(), i64::MAX);
        assert_eq!(Moment::from_seconds(7).plus_seconds(-8).seconds(), -1);
    }
}

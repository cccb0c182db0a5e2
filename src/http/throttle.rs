//! How many requests one subject, or one address, may send.

use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
};

use axum::{
    extract::ConnectInfo,
    http::{Extensions, HeaderMap},
};
use governor::{DefaultKeyedRateLimiter, RateLimiter, clock::Clock};

use super::refusal::Stop;

/// Checks between two sweeps of the keys that have been quiet.
const SWEEP: u32 = 1024;

/// Requests a second in the long run, and at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Requests a second, in the long run.
    pub per_second: NonZeroU32,
    /// Requests that may come at once.
    pub burst: NonZeroU32,
}

impl Quota {
    /// For an address without a token, where nothing else is set.
    pub const ANONYMOUS: Self = Self::of(20, 100);
    /// For the subject of a token, where nothing else is set.
    pub const TOKEN: Self = Self::of(50, 200);

    /// A quota; nought is taken for one.
    pub const fn of(per_second: u32, burst: u32) -> Self {
        Self {
            per_second: at_least_one(per_second),
            burst: at_least_one(burst),
        }
    }

    fn limiter<K: Clone + Eq + std::hash::Hash>(self) -> DefaultKeyedRateLimiter<K> {
        let quota = governor::Quota::per_second(self.per_second).allow_burst(self.burst);
        RateLimiter::keyed(quota)
    }
}

const fn at_least_one(number: u32) -> NonZeroU32 {
    match NonZeroU32::new(number) {
        Some(number) => number,
        None => NonZeroU32::MIN,
    }
}

/// The counters, by subject and by address.
#[derive(Debug)]
pub(super) struct Throttle {
    subjects: DefaultKeyedRateLimiter<String>,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    behind_proxy: bool,
    checks: AtomicU32,
}

impl Throttle {
    pub(super) fn new(anonymous: Quota, token: Quota, behind_proxy: bool) -> Self {
        Self {
            subjects: token.limiter(),
            addresses: anonymous.limiter(),
            behind_proxy,
            checks: AtomicU32::new(0),
        }
    }

    /// Counts a request with a token; `Err` says when to come again.
    pub(super) fn subject(&self, subject: &str) -> Result<(), Stop> {
        self.sweep();
        let checked = self.subjects.check_key(&subject.to_owned());
        checked.map_err(|until| Stop::TooMany(until.wait_time_from(self.subjects.clock().now())))
    }

    /// Counts a request without a token, or with one that was refused.
    pub(super) fn address(&self, from: IpAddr) -> Result<(), Stop> {
        self.sweep();
        let checked = self.addresses.check_key(&from);
        checked.map_err(|until| Stop::TooMany(until.wait_time_from(self.addresses.clock().now())))
    }

    /// Where a request comes from, as far as it is counted.
    ///
    /// Behind a proxy it is the last address of `X-Forwarded-For`, the one that
    /// the proxy itself has added. An IPv6 caller is its /64.
    pub(super) fn from(&self, headers: &HeaderMap, extensions: &Extensions) -> IpAddr {
        let forwarded = || headers.get_all("x-forwarded-for").iter().next_back();
        let named = self.behind_proxy.then(forwarded).flatten();
        let named =
            named.and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
        let peer = || {
            extensions
                .get::<ConnectInfo<SocketAddr>>()
                .map(|info| info.0.ip())
        };
        match named
            .or_else(peer)
            .map(|address: IpAddr| address.to_canonical())
        {
            Some(IpAddr::V6(address)) => IpAddr::V6(Ipv6Addr::from_bits(
                address.to_bits() & !u128::from(u64::MAX),
            )),
            Some(address) => address,
            None => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        }
    }

    /// Forgets the keys that have been quiet, so that the counters stay small.
    fn sweep(&self) {
        if self.checks.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            self.subjects.retain_recent();
            self.addresses.retain_recent();
        }
    }
}

//! Meters in the text form of Prometheus; no label carries a value.

use std::{
    fmt::Write,
    sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed},
    time::Duration,
};

/// Upper bounds of the histogram, in milliseconds.
const BOUNDS: [u64; 10] = [1, 5, 10, 25, 50, 100, 250, 1_000, 2_500, 10_000];

/// Requests by class of status, in flight, and how long they took.
#[derive(Debug, Default)]
pub(super) struct Meters {
    in_flight: AtomicI64,
    by_class: [AtomicU64; 5],
    within: [AtomicU64; BOUNDS.len()],
    count: AtomicU64,
    micros: AtomicU64,
}

impl Meters {
    pub(super) fn begin(&self) {
        self.in_flight.fetch_add(1, Relaxed);
    }

    pub(super) fn end(&self, status: u16, took: Duration) {
        self.in_flight.fetch_sub(1, Relaxed);
        let class = usize::from(status / 100).saturating_sub(1);
        if let Some(counter) = self.by_class.get(class) {
            counter.fetch_add(1, Relaxed);
        }
        for (bound, counter) in BOUNDS.iter().zip(&self.within) {
            if took <= Duration::from_millis(*bound) {
                counter.fetch_add(1, Relaxed);
            }
        }
        self.count.fetch_add(1, Relaxed);
        self.micros
            .fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Relaxed);
    }

    /// The meters as text.
    pub(super) fn text(&self, witnessed: bool) -> String {
        let mut text = String::with_capacity(1_800);
        // Writing to a string does not fail.
        let _ = self.write(&mut text);
        let name = "liaison_log_witnessed";
        let _ = writeln!(
            text,
            "# HELP {name} Whether witnesses of two mechanisms have signed the log within 24 hours.\n\
             # TYPE {name} gauge\n{name} {}",
            u8::from(witnessed)
        );
        text
    }

    fn write(&self, to: &mut String) -> std::fmt::Result {
        writeln!(
            to,
            "# HELP liaison_http_requests_total Requests answered, by class of status."
        )?;
        writeln!(to, "# TYPE liaison_http_requests_total counter")?;
        for (class, counter) in (1..).zip(&self.by_class) {
            let count = counter.load(Relaxed);
            writeln!(
                to,
                "liaison_http_requests_total{{class=\"{class}xx\"}} {count}"
            )?;
        }
        writeln!(
            to,
            "# HELP liaison_http_requests_in_flight Requests being answered."
        )?;
        writeln!(to, "# TYPE liaison_http_requests_in_flight gauge")?;
        writeln!(
            to,
            "liaison_http_requests_in_flight {}",
            self.in_flight.load(Relaxed)
        )?;
        let name = "liaison_http_request_duration_seconds";
        writeln!(to, "# HELP {name} Time from request to answer.")?;
        writeln!(to, "# TYPE {name} histogram")?;
        for (bound, counter) in BOUNDS.iter().zip(&self.within) {
            let (whole, part) = (bound / 1_000, bound % 1_000);
            let count = counter.load(Relaxed);
            writeln!(to, "{name}_bucket{{le=\"{whole}.{part:03}\"}} {count}")?;
        }
        let (count, micros) = (self.count.load(Relaxed), self.micros.load(Relaxed));
        writeln!(to, "{name}_bucket{{le=\"+Inf\"}} {count}")?;
        writeln!(
            to,
            "{name}_sum {}.{:06}",
            micros / 1_000_000,
            micros % 1_000_000
        )?;
        writeln!(to, "{name}_count {count}")
    }
}

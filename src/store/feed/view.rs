//! Which view a viewer has, and what it rests on beside the records.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::{
    clock::Moment,
    identity::{kind::Kind, viewer::Viewer},
    store::{Reader, StoreError, retirement::rule},
};

/// Seconds of a day: what ends with a day is looked at with the next.
const DAY: i64 = 86_400;

fn named(hash: Sha256) -> String {
    let hash = hash.finalize();
    URL_SAFE_NO_PAD.encode(hash.get(..16).unwrap_or(&hash))
}

/// The name of the viewer's view: alike for those of one mechanism whom token, client and
/// clearance leave the same, and for all without a token.
pub(super) fn of(viewer: &Viewer) -> String {
    let mut hash = Sha256::new();
    match viewer.mechanism() {
        None => hash.update(b"anyone\n"),
        Some(own) => {
            hash.update(own.0.as_bytes());
            hash.update(format!("\n{}\n", viewer.is_state()));
            for kind in Kind::ALL {
                hash.update(format!("{kind} {}\n", viewer.cap(kind).rank()));
            }
            hash.update(format!("{:?}\n", viewer.limits()));
        }
    }
    named(hash)
}

/// What the view rests on beside the records: agreements, accreditation, what a restore has
/// left.
pub(super) fn standing(viewer: &Viewer) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("{} {:?}\n", viewer.is_partner(), viewer.withheld()));
    let now = viewer.now();
    let channels = viewer.channels().filter(|channel| channel.is_active(now));
    let mut channels: Vec<String> = channels.map(|channel| format!("{channel:?}\n")).collect();
    channels.sort_unstable();
    for channel in channels {
        hash.update(channel);
    }
    named(hash)
}

impl Reader {
    /// When time alone may next change a view: an embargo, a term, a naming, or the day.
    pub(super) async fn until(&self) -> Result<Moment, StoreError> {
        let now = self.viewer().now().seconds();
        let mut sql = self.store().sql();
        sql.push("SELECT MIN(at) FROM (SELECT MIN(until) AS at FROM record_named WHERE until > ");
        sql.bind(now);
        for (table, column) in [
            ("clause", "valid_from"),
            ("clause", "valid_until"),
            ("agreement", "valid_from"),
            ("agreement", "valid_until"),
            ("institution", "accredited_from"),
            ("institution", "accredited_until"),
        ] {
            sql.push(" UNION ALL SELECT MIN(")
                .push(column)
                .push(") FROM ");
            sql.push(table)
                .push(" WHERE ")
                .push(column)
                .push(" > ")
                .bind(now);
        }
        for kind in Kind::ALL {
            sql.push(" UNION ALL SELECT MIN(public_from) FROM ")
                .push(rule::table(kind));
            sql.push(" WHERE public_from > ").bind(now);
        }
        sql.push(") ends");
        let rows = self.store().all(sql).await?;
        let next = rows
            .first()
            .map(|row| row.try_get_by_index::<Option<i64>>(0));
        let midnight = (now.div_euclid(DAY) + 1) * DAY;
        let next = next.transpose()?.flatten().unwrap_or(midnight);
        Ok(Moment::from_seconds(next.min(midnight)))
    }
}

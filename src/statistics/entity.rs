//! The table of releases of statistics.

use crate::{
    confidentiality::stored::Codes,
    date::PartialDate,
    domain,
    vocabulary::{ReleaseStatus, StatisticDimension},
};

domain! {
    /// Statistics of communications: how many persons, counted once and frozen. What is small
    /// is withheld, with as much else as would tell it.
    StatisticRelease, kind StatisticRelease, table "statistic_release" {
        columns {
            /// Proposed, released or refused.
            status: ReleaseStatus [Public],
            /// By what persons are counted, in this order.
            dimensions: Codes<StatisticDimension> [Public],
            /// The first quarter that is counted.
            first_quarter: String [Public],
            /// The last quarter that is counted.
            last_quarter: String [Public],
            /// The rule by which cells are withheld, and its parameters.
            algorithm: String [Public],
            /// Cells of fewer persons are withheld.
            threshold: i64 [Public],
            /// The version of the hub that has counted.
            code_version: String [Public],
            /// The day on which it was proposed, and what one mechanism releases was counted.
            counted_on: PartialDate [Public],
            /// The day on which it was released.
            released_on: PartialDate [Public],
        }
        sealed {}
        edges {
            mechanisms [Public],
            cells [Public],
            csv [Public],
        }
        keys {}
    }
}

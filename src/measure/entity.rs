//! The table of interim measures.

use crate::{
    date::PartialDate,
    domain,
    vocabulary::{MeasureKind, MeasureStatus},
};

domain! {
    /// A measure that protects while a matter is considered: interim, provisional,
    /// precautionary or immediate measures, as each mechanism calls them.
    InterimMeasure, kind InterimMeasure, table "interim_measure" {
        columns {
            /// Reference under which the mechanism keeps it; not sequential.
            reference: String [Public],
            /// What the mechanism calls it.
            kind: MeasureKind [Public],
            /// Where it stands; one whose day has passed reads as expired.
            status: MeasureStatus [Public],
            /// When it was asked for.
            requested_on: PartialDate [Public],
            /// When it was last decided on.
            decided_on: PartialDate [Public],
            /// The last day on which it is in force.
            in_force_until: PartialDate [Public],
            /// What the State is asked to do: not published with the measure, but by itself.
            asked_of_state: String [Channel, floor Public],
            /// The risk, as the secretariat sees it.
            risk: String [Secretariat],
            /// Why it was lifted.
            reason_for_lifting: String [Channel, floor Public],
        }
        sealed {}
        edges {
            mechanism [Public],
            status_label [Public],
            communication [Public],
            countries [Public],
            beneficiaries [Secretariat],
        }
        lists { texts, translations }
        keys { mechanism_id, communication_id }
        lapses { status, after in_force_until, from ["GRANTED", "EXTENDED", "MODIFIED"], to "EXPIRED" }
    }
}

//! The table of documents.

use crate::{date::PartialDate, domain, vocabulary::DocumentKind};

domain! {
    /// A document: a report, a resolution, a treaty, a letter.
    Document, kind Document, table "document" {
        columns {
            /// Its symbol, such as `A/HRC/15/56`.
            symbol: String [Public],
            /// Its title.
            title: String [Public],
            /// What kind of document it is.
            kind: DocumentKind [Public],
            /// Its date.
            date: PartialDate [Public],
            /// Where it can be read.
            url: String [Public],
            /// A remark on the entry.
            note: String [Public],
        }
        sealed {}
        edges {
            mechanism [Public],
            organisation [Public],
        }
        lists { texts, translations }
        keys { mechanism_id, organisation_id }
    }
}

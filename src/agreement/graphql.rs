//! What the schema shows of agreements and clauses.

use super::{Agreement, Clause};
use crate::{edges, mechanism::Mechanism, store::page::Under};

edges! {
    /// Where an agreement leads to.
    AgreementEdges of Agreement {
        one {}
        many {
            /// Mechanisms that are parties to it.
            parties: Mechanism, Under::Link("parties");
        }
        lists {
            /// What it lets its parties see of each other; to others the list is empty.
            clauses: Clause, Under::Key("agreement_id");
        }
        told {}
    }
}

edges! {
    /// Where a clause leads to.
    ClauseEdges of Clause {
        one {
            /// The agreement that it is part of.
            agreement: Agreement, by "agreement_id";
            /// Whose records it opens.
            from_mechanism: Mechanism, by "from_mechanism_id";
            /// To whom it opens them.
            to_mechanism: Mechanism, by "to_mechanism_id";
        }
        many {}
        lists {}
        told {}
    }
}

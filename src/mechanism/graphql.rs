//! What the schema shows of mechanisms, mandates and focal points.

use super::{FocalPoint, Mandate, Mechanism};
use crate::{
    agreement::Agreement,
    communication::Communication,
    document::Document,
    edges,
    organisation::Organisation,
    store::{
        page::Under,
        predicate::{Far, Via},
    },
    work_plan::WorkPlan,
};

edges! {
    /// Where a mechanism leads to.
    MechanismEdges of Mechanism {
        one {
            /// The mechanism that it is part of.
            parent: Mechanism, by "parent_id";
            /// The organisation that it belongs to.
            organisation: Organisation, by "organisation_id";
        }
        many {
            /// Members, where it is a group of mechanisms.
            members: Mechanism, Under::Link("members");
        }
        lists {
            /// Mechanisms that are part of it.
            subsidiaries: Mechanism, Under::Key("parent_id");
            /// What it is charged with.
            mandates: Mandate, Under::Key("mechanism_id");
            /// Through whom it is reached.
            focal_points: FocalPoint, Under::Key("mechanism_id");
            /// What it plans.
            work_plans: WorkPlan, Under::Key("mechanism_id");
            /// Communications before it.
            communications: Communication, Under::Key("mechanism_id");
            /// Documents that it has issued.
            documents: Document, Under::Key("mechanism_id");
            /// Agreements that it is a party to.
            agreements: Agreement, Under::Linked("parties");
        }
        told {}
    }
}

edges! {
    /// Where a mandate leads to.
    MandateEdges of Mandate {
        one {
            /// The mechanism that holds it.
            mechanism: Mechanism, by "mechanism_id";
        }
        many {}
        lists {}
        told {}
    }
    filters {
        mechanism: Via::Key("mechanism_id", Far::of::<Mechanism>());
    }
}

edges! {
    /// Where a focal point leads to.
    FocalPointEdges of FocalPoint {
        one {
            /// The mechanism that is reached through it.
            mechanism: Mechanism, by "mechanism_id";
        }
        many {}
        lists {}
        told {}
    }
    filters {
        mechanism: Via::Key("mechanism_id", Far::of::<Mechanism>());
    }
}

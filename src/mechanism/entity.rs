//! The tables of mechanisms, mandates and focal points.

use crate::{
    date::PartialDate,
    domain,
    vocabulary::{FocalPointRole, FocalPointStatus, HumanRightsSystem, MechanismKind, Region},
};

domain! {
    /// A human rights mechanism: a body, court, mandate or office that examines,
    /// monitors or decides.
    Mechanism, kind Mechanism, table "mechanism" {
        columns {
            /// Code by which this hub speaks of it; look-ups accept acronym and aliases.
            code: String [Public],
            /// Its official name, in English.
            name: String [Public],
            /// Its acronym.
            acronym: String [Public],
            /// What kind of mechanism it is.
            kind: MechanismKind [Public],
            /// The system that it belongs to.
            system: HumanRightsSystem [Public],
            /// The region that it works in.
            region: Region [Public],
            /// How it works: for partners until it is published.
            working_methods: String [Partner, floor Public],
            /// Instruments that it rests on.
            legal_basis: Vec<String> [Public],
            /// Other ways in which it is written.
            aliases: Vec<String> [Public],
            /// A remark on the entry.
            note: String [Public],
        }
        sealed {}
        edges {
            parent [Public],
            organisation [Public],
            members [Public],
        }
        lists { subsidiaries, mandates, focal_points, work_plans, communications, interim_measures, documents, agreements, recommendations, joint_activities, calendar_events, texts, translations }
        keys { parent_id, organisation_id }
    }
}

domain! {
    /// A mandate: what a mechanism is charged with, and on which basis.
    Mandate, kind Mandate, table "mandate" {
        columns {
            /// Code by which this hub speaks of it.
            code: String [Public],
            /// What it is called.
            title: String [Public],
            /// The instrument or resolution that it rests on.
            basis: String [Public],
        }
        sealed {}
        edges {
            mechanism [Public],
        }
        lists { texts, translations }
        keys { mechanism_id }
    }
}

domain! {
    /// A focal point: a function through which a mechanism is reached on something.
    FocalPoint, kind FocalPoint, table "focal_point" {
        columns {
            /// What the function is called.
            title: String [Public],
            /// What it is for.
            role: FocalPointRole [Public],
            /// Whether it is filled.
            status: FocalPointStatus [Public],
            /// The region that it is for.
            region: String [Public],
            /// The theme that it is for.
            theme: String [Public],
            /// What it covers, in words.
            scope: String [Public],
            /// The function's mailbox.
            mailbox: String [Public],
            /// Who holds the function: for partners.
            person_name: String [Partner],
            /// The direct telephone: for partners.
            phone: String [Partner],
            /// Since when it is held.
            since: PartialDate [Public],
            /// Until when it is held.
            until: PartialDate [Public],
        }
        sealed {}
        edges {
            mechanism [Public],
        }
        lists { texts, translations }
        keys { mechanism_id }
    }
}

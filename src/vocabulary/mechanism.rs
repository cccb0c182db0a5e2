//! Who the mechanisms are: their kinds, systems and regions.

use super::codes::codes;

codes! {
    /// What a human rights mechanism is, whichever system set it up.
    pub MechanismKind {
        /// A committee that monitors a United Nations human rights treaty.
        TreatyBody => "TREATY_BODY",
        /// A body set up beside a treaty body, such as the SPT under OPCAT.
        Subcommittee => "SUBCOMMITTEE",
        /// A mandate of the Human Rights Council on a theme, in all States.
        SpecialProcedureThematic => "SPECIAL_PROCEDURE_THEMATIC",
        /// A mandate of the Human Rights Council on one State or territory.
        SpecialProcedureCountry => "SPECIAL_PROCEDURE_COUNTRY",
        /// The review of each State by its peers in the Human Rights Council.
        UniversalPeriodicReview => "UNIVERSAL_PERIODIC_REVIEW",
        /// The Council's confidential procedure on consistent patterns of violations.
        HrcComplaintProcedure => "HRC_COMPLAINT_PROCEDURE",
        /// A commission of inquiry, fact-finding mission or body that keeps evidence.
        InvestigativeBody => "INVESTIGATIVE_BODY",
        /// A commission of a regional system, such as ACHPR, IACHR or AICHR.
        RegionalCommission => "REGIONAL_COMMISSION",
        /// A court of a regional or subregional system.
        RegionalCourt => "REGIONAL_COURT",
        /// A committee of a regional system, such as ACERWC, CEDDIS or ACWC.
        RegionalCommittee => "REGIONAL_COMMITTEE",
        /// A rapporteur, committee or working group within a regional body.
        RegionalSpecialMechanism => "REGIONAL_SPECIAL_MECHANISM",
        /// A body that monitors a regional treaty or standard, such as CPT or ECRI.
        TreatyMonitoringBody => "TREATY_MONITORING_BODY",
        /// An independent office held by one person, such as the CoE Commissioner.
        Commissioner => "COMMISSIONER",
        /// An agency that gives expertise and data, such as FRA.
        ExpertAgency => "EXPERT_AGENCY",
        /// An office of a political organisation, such as ODIHR or the HCNM.
        PoliticalOffice => "POLITICAL_OFFICE",
        /// A national human rights institution.
        Nhri => "NHRI",
        /// A national preventive mechanism under OPCAT.
        Npm => "NPM",
        /// A civil society organisation that cooperates with the mechanisms.
        CivilSociety => "CIVIL_SOCIETY",
        /// A State, where it takes part as the addressee of a mechanism.
        State => "STATE",
        /// A secretariat, registry or unit that serves one or more mechanisms.
        Secretariat => "SECRETARIAT",
    }

    /// The system of human rights protection that a mechanism belongs to.
    pub HumanRightsSystem {
        /// The United Nations: treaty bodies, Human Rights Council, OHCHR.
        UnitedNations => "UNITED_NATIONS",
        /// The African Union: ACHPR, African Court, ACERWC.
        AfricanUnion => "AFRICAN_UNION",
        /// The Organization of American States: IACHR, IACtHR, CEDDIS.
        OrganizationOfAmericanStates => "ORGANIZATION_OF_AMERICAN_STATES",
        /// The Council of Europe: ECtHR, CPT, ECRI, the Commissioner and others.
        CouncilOfEurope => "COUNCIL_OF_EUROPE",
        /// The European Union: FRA, European Parliament.
        EuropeanUnion => "EUROPEAN_UNION",
        /// The Organization for Security and Co-operation in Europe: ODIHR, HCNM.
        Osce => "OSCE",
        /// The Association of Southeast Asian Nations: AICHR, ACWC.
        Asean => "ASEAN",
        /// The League of Arab States: the Arab Human Rights Committee.
        LeagueOfArabStates => "LEAGUE_OF_ARAB_STATES",
        /// The Organisation of Islamic Cooperation: IPHRC.
        Oic => "OIC",
        /// The Economic Community of West African States: its Court of Justice.
        Ecowas => "ECOWAS",
        /// The East African Community: its Court of Justice (EACJ).
        Eac => "EAC",
        /// Institutions of one country, such as an NHRI or an NPM.
        National => "NATIONAL",
    }

    /// The part of the world that a mechanism or a focal point covers.
    pub Region {
        /// All regions.
        Global => "GLOBAL",
        /// Africa.
        Africa => "AFRICA",
        /// North, Central and South America and the Caribbean.
        Americas => "AMERICAS",
        /// The States of the Arab region.
        ArabStates => "ARAB_STATES",
        /// Asia and the Pacific.
        AsiaPacific => "ASIA_PACIFIC",
        /// Europe, with the area of the Council of Europe and the OSCE.
        Europe => "EUROPE",
        /// Several regions, but not all.
        Interregional => "INTERREGIONAL",
    }

    /// What an organisation is that is not itself a human rights mechanism.
    pub OrganisationKind {
        /// An organisation of States, or one of its political organs.
        Intergovernmental => "INTERGOVERNMENTAL",
        /// A public institution of one country.
        National => "NATIONAL",
        /// A non-governmental organisation, network or academic institution.
        CivilSociety => "CIVIL_SOCIETY",
        /// A category of actors named together, such as all NGOs or all NPMs.
        CategoryOfActors => "CATEGORY_OF_ACTORS",
        /// A conference or forum that meets and issues outcomes.
        Conference => "CONFERENCE",
        /// A group of States named together, such as the Member States of the UN.
        StateGroup => "STATE_GROUP",
    }
}

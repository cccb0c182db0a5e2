//! The table of countries.

use crate::domain;

domain! {
    /// A State or territory of the UN's M49 list.
    ///
    /// Names are the UN's own, in its six official languages.
    Country, kind Country, table "country" {
        columns {
            /// ISO 3166-1 alpha-3 code: the code by which this hub speaks of it.
            code: String [Public],
            /// ISO 3166-1 alpha-2 code.
            alpha2: String [Public],
            /// UN M49 code: three digits, with leading zeros.
            m49: String [Public],
            /// Region of the M49 list.
            region: String [Public],
            /// Sub-region of the M49 list.
            subregion: String [Public],
            /// Name in Arabic.
            name_ar: String [Public],
            /// Name in English.
            name_en: String [Public],
            /// Name in Spanish.
            name_es: String [Public],
            /// Name in French.
            name_fr: String [Public],
            /// Name in Russian.
            name_ru: String [Public],
            /// Name in Chinese.
            name_zh: String [Public],
        }
        sealed {}
        edges {
            name [Public],
            member_of [Public],
        }
        keys {}
    }
}

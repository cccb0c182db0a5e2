//! What a code list is, and the macro that writes one.

/// A closed list of codes.
pub trait Coded: Copy + Send + Sync + 'static {
    /// The list as the schema shows it.
    const LIST: &'static CodeList;

    /// The code of this value.
    fn code(self) -> &'static str;

    /// The value of a code; unknown codes are none.
    fn from_code(code: &str) -> Option<Self>;
}

/// A list of codes with their descriptions.
#[derive(Debug, PartialEq, Eq)]
pub struct CodeList {
    /// Name of the enumeration in `schema.graphql`.
    pub name: &'static str,
    /// What the list is about, for a desk officer.
    pub doc: &'static str,
    /// Its codes, in the order in which they are shown.
    pub codes: &'static [Code],
}

/// One code of a list.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// The code: capitals and underscores.
    pub code: &'static str,
    /// What it means, for a desk officer.
    pub doc: &'static str,
}

/// Writes enums and their lists from one text, so that they cannot differ.
///
/// A list or a value without a doc comment does not build. The lines of a doc
/// comment are joined to one: each begins with the space after `///`.
macro_rules! codes {
    ($(
        $(#[doc = $about:literal])+
        pub $list:ident {
            $( $(#[doc = $doc:literal])+ $value:ident => $code:literal ),+ $(,)?
        }
    )+) => { $(
        $(#[doc = $about])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $list {
            $( $(#[doc = $doc])+ $value, )+
        }

        impl $list {
            /// Every value, in the order of the list.
            pub const ALL: &'static [Self] = &[$( Self::$value ),+];
        }

        impl $crate::vocabulary::codes::Coded for $list {
            const LIST: &'static $crate::vocabulary::codes::CodeList = &$crate::vocabulary::codes::CodeList {
                name: stringify!($list),
                doc: concat!($($about),+).trim_ascii(),
                codes: &[$(
                    $crate::vocabulary::codes::Code { code: $code, doc: concat!($($doc),+).trim_ascii() }
                ),+],
            };

            fn code(self) -> &'static str {
                match self {
                    $( Self::$value => $code, )+
                }
            }

            fn from_code(code: &str) -> Option<Self> {
                match code {
                    $( $code => Some(Self::$value), )+
                    _ => None,
                }
            }
        }
    )+ };
}

pub(crate) use codes;

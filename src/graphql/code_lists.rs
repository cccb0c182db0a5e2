//! The code lists of the schema, each code with its label in the six languages.

use async_graphql::{Context, Object as GraphqlObject, Result};

use super::{
    error::Code,
    language::{Language, LocalizedText},
};
use crate::vocabulary::spoken::{SpokenCode, SpokenList, spoken, spoken_list};

/// A list of codes, with what each is called.
pub struct CodeListAnswer(&'static SpokenList);

/// A code of a list.
pub struct ListedCode(&'static SpokenCode);

/// A list of codes, with what each is called.
#[GraphqlObject(name = "CodeList")]
impl CodeListAnswer {
    /// The name of the list: that of the enumeration, where the schema has it as one.
    async fn name(&self) -> &'static str {
        self.0.name
    }

    /// Its codes.
    async fn codes(&self) -> Vec<ListedCode> {
        self.0.codes.iter().map(ListedCode).collect()
    }
}

/// A code of a list.
#[GraphqlObject]
impl ListedCode {
    /// The code.
    async fn code(&self) -> &'static str {
        self.0.code
    }

    /// What it is called in a language; where none is asked for, in that of
    /// `Accept-Language`.
    async fn label(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In which of the six languages.")] language: Option<Language>,
    ) -> LocalizedText {
        let language = language.or(ctx.data_opt().copied()).unwrap_or_default();
        let (label, status) = self.0.label(language.code());
        LocalizedText::of(label.to_owned(), language, status)
    }
}

/// The lists with these names, in this order; all of them where none is named.
///
/// # Errors
/// Refuses a name that no list has.
pub fn code_lists(names: Option<&[String]>) -> Result<Vec<CodeListAnswer>> {
    let Some(names) = names else {
        return Ok(spoken().iter().map(CodeListAnswer).collect());
    };
    let unknown = || Code::BadInput.says("`names` has a name that no code list has");
    let find = |name: &String| spoken_list(name).map(CodeListAnswer).ok_or_else(unknown);
    names.iter().map(find).collect()
}

//! Each limit at its edge, and the documents that others fell over.

use async_graphql::{Variables, parser::parse_query};
use serde_json::{Value, json};

use super::*;

struct Schema;

impl SchemaKnowledge for Schema {
    fn is_connection(&self, field: &str) -> bool {
        matches!(field, "communications" | "persons" | "mechanisms")
    }

    fn is_list(&self, field: &str) -> bool {
        field == "tags"
    }

    fn is_sealed(&self, field: &str) -> bool {
        matches!(field, "names" | "birthDate" | "contact")
    }
}

fn cost_with(document: &str, variables: Value) -> Result<Cost, LimitError> {
    scan(document)?;
    let document = parse_query(document).expect("a document");
    let mut variables: Variables = serde_json::from_value(variables).expect("variables");
    fill_defaults(&document, None, &mut variables)?;
    inspect(&document, None, &variables, Tier::Anonymous, &Schema)
}

fn cost(document: &str) -> Result<Cost, LimitError> {
    cost_with(document, json!({}))
}

fn code(result: Result<Cost, LimitError>) -> Code {
    result.expect_err("a refusal").code()
}

#[test]
fn brackets_count_to_the_limit_and_no_further() {
    let nested = |n| format!("{{ a(x: {}{}) }}", "[".repeat(n), "]".repeat(n));
    assert_eq!(scan(&nested(62)), Ok(()));
    let refusal = scan(&nested(63)).expect_err("a refusal");
    assert_eq!(
        refusal.to_string(),
        "the document's nesting is 65; the limit is 64"
    );
    assert_eq!(refusal.code(), Code::DocumentTooDeep);
}

#[test]
fn brackets_in_strings_and_comments_are_text() {
    let deep = "[".repeat(100);
    for document in [
        format!("{{ a(x: \"{deep}\\\"{deep}\") }}"),
        format!("{{ a(x: \"\"\"{deep}\\\"\"\"{deep} \" \"\" \"\"\") }}"),
        format!("# {deep}\r{{ a }}"),
        format!("{{ a(x: \"\" y: \"{deep}\") }}"),
    ] {
        assert_eq!(scan(&document), Ok(()), "{document}");
        assert!(parse_query(&document).is_ok(), "{document}");
    }
    assert!(scan(&format!("{{ a(x: \"\", y: {deep}) }}")).is_err());
    assert!(scan(&format!("# comment\n{deep}")).is_err());
    assert!(scan(&format!("\"\"\" x \"\"\" {deep}")).is_err());
}

#[test]
fn tokens_and_bytes_are_counted() {
    assert_eq!(scan(&format!("{{ {} }}", "a ".repeat(9_998))), Ok(()));
    assert_eq!(
        scan(&format!("{{ {} }}", "a ".repeat(9_999))).map_err(|e| e.code()),
        Err(Code::TooManyTokens)
    );
    assert_eq!(
        scan(&" ".repeat(Limits::DOCUMENT_BYTES + 1)).map_err(|e| e.code()),
        Err(Code::DocumentTooLarge)
    );
}

#[test]
fn json_is_measured_before_it_is_parsed() {
    let nested = |n| format!("{}{}", "[".repeat(n), "]".repeat(n));
    assert_eq!(scan_json(nested(64).as_bytes(), 0), Ok(()));
    assert_eq!(
        scan_json(nested(65).as_bytes(), 0).map_err(|e| e.code()),
        Err(Code::InputTooDeep)
    );
    assert_eq!(
        scan_json(
            format!("{{\"a\\\"\": \"{}\"}}", "[".repeat(99)).as_bytes(),
            0
        ),
        Ok(())
    );
}

#[test]
fn fragments_that_double_are_refused_at_once() {
    let mut document = "query { a { ...f0 } }".to_owned();
    for i in 0..20 {
        document += &format!(" fragment f{i} on T {{ ...f{0} ...f{0} }}", i + 1);
    }
    document += " fragment f20 on T { a }";
    let begun = std::time::Instant::now();
    assert_eq!(code(cost(&document)), Code::TooManyFields);
    assert!(begun.elapsed() < Duration::from_secs(1));
}

#[test]
fn a_fragment_that_spreads_itself_is_refused() {
    let cycle = "{ a } fragment f on T { ...g } fragment g on T { b { ...f } }";
    assert_eq!(code(cost(cycle)), Code::FragmentCycle);
    assert_eq!(
        code(cost("{ ...f } fragment f on Query { ...f }")),
        Code::FragmentCycle
    );
}

#[test]
fn a_chain_of_fragments_is_as_deep_as_nested_fields() {
    let mut document = "{ a }".to_owned();
    for i in 0..500 {
        document += &format!(" fragment f{i} on T {{ ...f{} }}", i + 1);
    }
    document += " fragment f500 on T { a }";
    assert_eq!(code(cost(&document)), Code::DocumentTooDeep);
}

#[test]
fn aliases_root_fields_and_directives_have_limits() {
    let aliases = |n: usize| (0..n).map(|i| format!("a{i}: b ")).collect::<String>();
    assert!(cost(&format!("{{ x {{ {} }} }}", aliases(30))).is_ok());
    assert_eq!(
        code(cost(&format!("{{ x {{ {} }} }}", aliases(31)))),
        Code::TooManyAliases
    );
    let spread = format!(
        "{{ x {{ ...f }} y {{ ...f }} }} fragment f on T {{ {} }}",
        aliases(16)
    );
    assert_eq!(code(cost(&spread)), Code::TooManyAliases);
    assert_eq!(
        code(cost(&format!("{{ {} }}", "a ".repeat(21)))),
        Code::TooManyRootFields
    );
    assert_eq!(
        code(cost(&format!(
            "{{ a {} }}",
            "@include(if: true) ".repeat(6)
        ))),
        Code::TooManyDirectives
    );
}

#[test]
fn pages_multiply_what_they_hold() {
    let rows = |n| format!("{{ mechanisms{n} {{ edges {{ node {{ name code }} }} }} }}");
    assert_eq!(cost(&rows("")).map(|c| c.nodes), Ok(21));
    assert_eq!(cost(&rows("(first: 100)")).map(|c| c.nodes), Ok(101));
    assert_eq!(code(cost(&rows("(first: 101)"))), Code::PageTooLarge);
    assert_eq!(
        cost("{ mechanisms { totalCount } }").map(|c| c.nodes),
        Ok(1)
    );
    let nested = "{ mechanisms(first: 100) { edges { node { communications(last: 100) { edges { \
                  node { title } } } } } } }";
    assert_eq!(code(cost(nested)), Code::AnswerTooLarge);
}

#[test]
fn a_page_in_a_variable_or_its_default_counts() {
    let document = "query($n: Int = 50) { mechanisms(first: $n) { edges { node { name } } } }";
    assert_eq!(cost(document).map(|c| c.nodes), Ok(51));
    assert_eq!(
        cost_with(document, json!({ "n": 7 })).map(|c| c.nodes),
        Ok(8)
    );
    assert_eq!(
        code(cost_with(document, json!({ "n": 1000 }))),
        Code::PageTooLarge
    );
}

#[test]
fn ids_asked_for_together_are_a_page() {
    let document = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    let ids = |n| json!({ "ids": vec!["x"; n] });
    assert_eq!(cost_with(document, ids(100)).map(|c| c.nodes), Ok(101));
    assert_eq!(code(cost_with(document, ids(101))), Code::PageTooLarge);
}

#[test]
fn a_persons_file_is_opened_once_for_all_its_fields() {
    let persons = |n, m| {
        format!(
            "{{ communications(first: {n}) {{ edges {{ node {{ persons(first: {m}) {{ edges {{ \
             node {{ names {{ text }} ...f }} }} }} }} }} }} }} fragment f on Person {{ \
             birthDate contact }}"
        )
    };
    assert_eq!(cost(&persons(5, 5)).map(|c| c.sealed_openings), Ok(25));
    assert_eq!(code(cost(&persons(6, 5))), Code::TooManySealedOpenings);
    let skipped = "{ persons(first: 100) { edges { node { names @skip(if: true) { text } } } } }";
    assert_eq!(cost(skipped).map(|c| c.sealed_openings), Ok(0));
}

#[test]
fn a_default_decides_what_is_skipped() {
    let document = "query($all: Boolean = false) { persons(first: 100) { edges { node { \
                    names @include(if: $all) { text } } } } }";
    assert_eq!(cost(document).map(|c| c.sealed_openings), Ok(0));
    assert_eq!(
        code(cost_with(document, json!({ "all": true }))),
        Code::TooManySealedOpenings
    );
}

#[test]
fn a_required_variable_without_a_value_is_named() {
    let refusal = cost("query($id: ID!) { node(id: $id) { id } }").expect_err("a refusal");
    assert_eq!(refusal, LimitError::VariableMissing("id".to_owned()));
    assert_eq!(
        code(cost_with(
            "query($id: ID!) { node(id: $id) { id } }",
            json!({ "id": null })
        )),
        Code::VariableMissing
    );
}

#[test]
fn the_usual_introspection_passes_and_the_endless_one_does_not() {
    assert!(cost(USUAL_INTROSPECTION).is_ok());
    let types = |n: usize| {
        let (open, close) = ("ofType { ".repeat(n), " }".repeat(n));
        format!("{{ __schema {{ types {{ {open} name {close} }} }} }}")
    };
    assert!(cost(&types(17)).is_ok());
    assert_eq!(code(cost(&types(18))), Code::DocumentTooDeep);
    let fields = |n: usize| {
        let (open, close) = ("fields { type { ".repeat(n), " } }".repeat(n));
        format!("{{ __schema {{ types {{ {open} name {close} }} }} }}")
    };
    assert!(cost(&fields(2)).is_ok());
    assert_eq!(code(cost(&fields(4))), Code::AnswerTooLarge);
}

#[test]
fn the_operation_meant_is_found_or_named() {
    let document = parse_query("query A { a } mutation B { b }").expect("a document");
    assert_eq!(
        operation(&document, None).map(|o| o.ty),
        Err(LimitError::OperationNameRequired)
    );
    assert!(operation(&document, Some("A")).is_ok());
    assert_eq!(
        operation(&document, Some("C")).map(|o| o.ty),
        Err(LimitError::OperationUnknown("C".to_owned()))
    );
}

#[test]
fn an_act_is_asked_for_once_under_one_name() {
    let twice = [
        "mutation { a { b } a { b } }",
        "mutation { a { b } ... { a { c } } }",
        "mutation { ...F ...F } fragment F on Mutation { a { b } }",
    ];
    for document in twice {
        assert_eq!(code(cost(document)), Code::ActTwice, "{document}");
    }
    assert!(cost("mutation { one: a { b } two: a { b } }").is_ok());
    assert!(cost("{ a { b } a { b } }").is_ok());
}

/// As graphql-js writes it, with all that it can ask for.
const USUAL_INTROSPECTION: &str = "
    query IntrospectionQuery { __schema { description
        queryType { name kind } mutationType { name kind } subscriptionType { name kind }
        types { ...FullType }
        directives { name description isRepeatable locations
            args(includeDeprecated: true) { ...InputValue } } } }
    fragment FullType on __Type { kind name description specifiedByURL isOneOf
        fields(includeDeprecated: true) { name description
            args(includeDeprecated: true) { ...InputValue }
            type { ...TypeRef } isDeprecated deprecationReason }
        inputFields(includeDeprecated: true) { ...InputValue }
        interfaces { ...TypeRef }
        enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
        possibleTypes { ...TypeRef } }
    fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue
        isDeprecated deprecationReason }
    fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind
        name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
        ofType { kind name ofType { kind name } } } } } } } } } }";

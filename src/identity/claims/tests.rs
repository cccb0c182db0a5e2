use super::*;

#[test]
fn a_refusal_looks_the_same_whatever_the_reason() {
    for reason in Refusal::ALL {
        let refused = TokenRefused::from(reason);
        assert_eq!(refused.to_string(), "the token is not valid");
        assert_eq!(
            format!("{refused:?} {refused:#?}"),
            "TokenRefused TokenRefused"
        );
        assert_eq!(refused.reason(), reason);
    }
}

#[test]
fn an_array_is_no_object() {
    let refused: [&[u8]; 6] = [
        br#"["cat", 0, []]"#,
        br#"{"mech": "cat", "epoch": 0, "amr": []} {}"#,
        br#"{"mech": "cat", "epoch": 0, "epoch": 0, "amr": []}"#,
        br#"{"mech": "cat", "epoch": 0}"#,
        br#"{"mech": "cat", "epoch": 0, "amr": [], "admin": true}"#,
        b"",
    ];
    for bytes in refused {
        assert!(
            parse_object::<Ours>(bytes).is_err(),
            "{}",
            String::from_utf8_lossy(bytes)
        );
    }
    assert!(parse_object::<Ours>(br#" {"amr": ["pwd"], "mech": "cat", "epoch": 0} "#).is_ok());
}

#[test]
fn a_grave_scope_makes_a_short_life() {
    let table = [
        ("read:communication@CHANNEL", LONGEST_LIFE),
        ("read:communication@SECRETARIAT", LONGEST_LIFE_ABOVE_CHANNEL),
        (
            "read:communication@PARTNER token:issue",
            LONGEST_LIFE_ABOVE_CHANNEL,
        ),
        (
            "read:communication@PUBLIC write:person@VICTIM",
            LONGEST_LIFE_ABOVE_CHANNEL,
        ),
    ];
    for (scope, life) in table {
        assert_eq!(longest_life(&scope.parse().unwrap()), life, "{scope}");
    }
}

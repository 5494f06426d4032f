use serde_json::json;

use super::{AddressMask, masked_address};

#[test]
fn an_address_keeps_two_characters_at_each_end() {
    for (address, masked) in [
        ("+12065550107", "+1…07"),
        ("akua@example.com", "ak…om"),
        ("夸夸123夸", "夸夸…3夸"),
        ("123456", "12…56"),
        ("12345", "…"),
        ("", "…"),
    ] {
        assert_eq!(masked_address(address), masked);
    }
}

#[test]
fn addresses_are_masked_at_any_depth() {
    let mask = AddressMask::default();
    let document = json!({"Channels": [
        {"Name": "mobile", "DeliveryAddress": {"SimpleAddress": "+12065550107"}},
        {"Name": "short", "DeliveryAddress": {"SimpleAddress": "+1"}},
        {"Name": "list", "DeliveryAddress": {"SimpleAddress": ["+12065550107"]}},
        {"Name": "flat", "DeliveryAddress": "+12065550107"},
    ], "Count": 4});
    let masked = json!({"Channels": [
        {"Name": "mobile", "DeliveryAddress": {"SimpleAddress": "+1…07"}},
        {"Name": "short", "DeliveryAddress": {"SimpleAddress": "…"}},
        {"Name": "list", "DeliveryAddress": {"SimpleAddress": "…"}},
        {"Name": "flat", "DeliveryAddress": "+1…07"},
    ], "Count": 4});
    assert_eq!(mask.json(&document), masked);
}

#[test]
fn a_learned_address_is_masked_in_other_text() {
    let mut mask = AddressMask::default();
    let text = "'+12065550107 99' is not '+12065550107' or '+1'";
    assert_eq!(mask.text(text), text);
    for address in ["+12065550107", "+12065550107 99", "+1"] {
        mask.learn(&json!([{"DeliveryAddress": {"SimpleAddress": address}}]));
    }
    let masked = "'+1…99' is not '+1…07' or '+1'";
    assert_eq!(mask.text(text), masked);
    assert_eq!(
        mask.json(&json!({"Message": text, "+12065550107": [text]})),
        json!({"Message": masked, "+1…07": [masked]})
    );
}

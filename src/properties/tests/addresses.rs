//! An address is repeated nowhere, whatever property it stands in.

use super::*;

#[test]
fn no_violation_repeats_an_address_as_a_value_or_as_a_key() {
    for properties in valid() {
        for place in values::places(&properties) {
            for address in ADDRESSES {
                let number = address.parse::<u64>().map(Value::from);
                let name = format!("{place}/{address}");
                let list = json!([{address: address}]);
                let mut all = vec![
                    values::replaced(&properties, &place, json!(address)),
                    values::replaced(&properties, &place, list),
                    values::replaced(&properties, &place, json!({address: address})),
                ];
                all.extend(number.map(|number| values::replaced(&properties, &place, number)));
                let is_object = properties.pointer(&place).unwrap().is_object();
                all.extend(is_object.then(|| values::replaced(&properties, &name, json!(1))));
                for changed in all {
                    let told = told(&changed.to_string());
                    assert!(!told.contains(address), "{place}: {told}");
                    assert!(!told.contains("5550107"), "{place}: {told}");
                }
            }
        }
    }
}

#[test]
fn arns_and_aliases_are_told_and_nothing_under_an_address() {
    let told_of = |value: &str| {
        told(
            &person(json!({"Type": value, "Channels": [{"Name": "a", "Type": "SMS",
            "DeliveryAddress": {"SimpleAddress": value, "secret": value}}]}))
            .to_string(),
        )
    };
    for value in ["arn:aws:sns:us-east-2:111122223333:topic", "team-206"] {
        let told = told_of(value);
        assert_eq!(told.matches(value).count(), 1, "{told}");
        assert!(!told.contains("secret"), "{told}");
        assert!(
            told.contains("DeliveryAddress: has an unknown member; it may have SimpleAddress"),
            "{told}"
        );
    }
    let misnamed = person(json!({"Channels": [{"Name": "a", "Type": "SMS",
        "DeliveryAddress": {"Address": "+1206"}}]}));
    assert!(told(&misnamed.to_string()).contains("1 violation:"), "one mistake is one violation");
    // The Name that is nearest is not told either, if it may be a number.
    let named = person(json!({"Channels": [mail("2065550107")],
        "Plan": {"Stages": [{"DurationInMinutes": 1, "Targets": [
            {"ChannelTargetInfo": {"ContactChannelName": "2065550108"}}]}]}}));
    assert!(!told(&named.to_string()).contains("206555"));
    let tags = json!([{"Key": "2065550107", "Value": "a"}, {"Key": "2065550107", "Value": "b"}]);
    assert!(
        told(&person(json!({"Tags": tags})).to_string())
            .ends_with("Tags[1]: repeats the key of another tag")
    );
}

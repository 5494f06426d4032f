//! Finds the name that an unknown one probably means.

/// Names that other tools use, each with the names of this resource that it can mean. The first
/// one that is known at the place counts.
const OTHER_TOOLS: [(&str, &[&str]); 7] = [
    // AWS::SSMContacts::ContactChannel and AWS::SSMContacts::Contact
    ("channelname", &["ContactChannelName", "Name"]),
    ("channeltype", &["Type"]),
    ("channeladdress", &["DeliveryAddress"]),
    ("channelid", &["ContactChannelId"]),
    ("simpleaddress", &["DeliveryAddress"]),
    // Terraform's aws_ssmcontacts_plan
    ("stage", &["Stages"]),
    ("target", &["Targets"]),
];

/// What an unknown name suggests.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Suggestion {
    /// The known name that it means.
    pub(super) means: Option<&'static str>,
    /// What to write in its place.
    pub(super) hint: Option<&'static str>,
}

impl Suggestion {
    pub(super) fn of(name: &str, known: &[&'static str]) -> Self {
        let name = folded(name);
        let other_tools = OTHER_TOOLS.iter().filter(|(other, _)| *other == name);
        let means = other_tools.flat_map(|(_, meant)| *meant).find(|meant| known.contains(meant));
        let means = means.copied().or_else(|| nearest(&name, known));
        let hint = match (name.as_str(), means) {
            ("rotationids", None) => Some("Plan: {RotationIds: […]}; a stage has no rotations"),
            ("channelid", Some("ContactChannelId")) => {
                Some("ContactChannelId or ContactChannelName")
            }
            ("channeladdress" | "simpleaddress", Some("DeliveryAddress")) => {
                Some("DeliveryAddress: {SimpleAddress: …}")
            }
            _ => means,
        };
        Self { means, hint }
    }
}

/// The known name that differs in case and separators, is longer, or has about one letter in four
/// otherwise.
pub(super) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let name = folded(name);
    let distance = |known: &str| {
        let known = folded(known);
        if name.len() >= 5 && known.starts_with(&name) {
            return Some(0);
        }
        let distance = strsim::damerau_levenshtein(&known, &name);
        (distance * 4 <= known.chars().count()).then_some(distance)
    };
    let near = known.iter().filter_map(|known| Some((distance(known)?, *known)));
    near.min_by_key(|(distance, _)| *distance).map(|(_, known)| known)
}

fn folded(name: &str) -> String {
    let letters = name.chars().filter(|c| !matches!(c, '_' | '-' | ' '));
    // Longer names are near to none.
    letters.take(64).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_near_is_suggested() {
        let root = &super::super::NAMES;
        let target = &["ContactChannelId", "ContactChannelName", "RetryIntervalInMinutes"][..];
        let channel = &["DeferActivation", "DeliveryAddress", "Name", "Type"][..];
        for (name, known, expected) in [
            ("DisplyName", &root[..], Some("DisplayName")),
            ("display_name", root, Some("DisplayName")),
            ("alias", root, Some("Alias")),
            ("Display", root, Some("DisplayName")),
            ("TimeZone", root, None),
            ("Name", root, None),
            ("Tag", root, Some("Tags")),
            ("ChannelType", channel, Some("Type")),
            ("ChannelName", channel, Some("Name")),
            ("ChannelAddress", channel, Some("DeliveryAddress")),
            ("ChannelName", target, Some("ContactChannelName")),
            ("ChannelId", target, Some("ContactChannelId")),
            ("retry_interval", target, Some("RetryIntervalInMinutes")),
            ("stage", &["RotationIds", "Stages"], Some("Stages")),
        ] {
            assert_eq!(Suggestion::of(name, known).means, expected, "{name}");
        }
        let hint = Suggestion::of("RotationIds", &["DurationInMinutes", "Targets"]).hint;
        assert!(hint.unwrap().contains("Plan: {RotationIds"));
    }
}

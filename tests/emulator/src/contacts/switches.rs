//! Switches for behaviour that the documents of the service do not specify.

use serde_json::{Map, Value};

/// Behaviour that no public source specifies. The README says what each switch does.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is independent")]
pub struct Switches {
    pub refuses_to_list_tags: bool,
    pub gone_is_invalid_arn: bool,
    pub first_region: Option<String>,
    pub quota: Option<usize>,
    pub quota_before_alias: bool,
    pub fills_in_retry_interval: Option<i64>,
    pub channels_block_delete: bool,
    pub channel_names_are_unique: bool,
    pub changed_address_keeps_activation: bool,
    pub normalizes_addresses: bool,
    pub channels_per_page: Option<usize>,
    pub contacts_per_page: Option<usize>,
    pub refuses_unknown_targets: bool,
    pub channel_addresses_are_unique: bool,
    pub forgets_channel_tokens: bool,
    pub taken_alias_names_no_contact: bool,
}

impl Switches {
    pub(super) fn stored_plan(&self, plan: &Value) -> Value {
        let mut plan = plan.clone();
        if let Some(minutes) = self.fills_in_retry_interval {
            for channel in channel_targets(&mut plan) {
                let retry = channel.entry("RetryIntervalInMinutes").or_insert(Value::Null);
                if retry.is_null() {
                    *retry = minutes.into();
                }
            }
        }
        plan
    }

    pub(super) fn stored_address(&self, channel_type: &str, address: &str) -> String {
        match (self.normalizes_addresses, channel_type) {
            (false, _) => address.to_owned(),
            (true, "EMAIL") => address.to_lowercase(),
            (true, _) => address.replace([' ', '-', '.', '(', ')'], ""),
        }
    }
}

fn channel_targets(plan: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    let stages = plan.get_mut("Stages").and_then(Value::as_array_mut);
    stages
        .into_iter()
        .flatten()
        .filter_map(|stage| stage.get_mut("Targets")?.as_array_mut())
        .flatten()
        .filter_map(|target| target.get_mut("ChannelTargetInfo")?.as_object_mut())
}

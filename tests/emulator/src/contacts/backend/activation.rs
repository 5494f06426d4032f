//! The activation of channels with codes.

use serde_json::{Value, json};

use super::{Backend, Channel, Output, text};
use crate::contacts::ServiceError;

#[derive(Clone, Debug, PartialEq)]
pub struct SentCode {
    pub channel: Channel,
    pub code: String,
}

impl Backend {
    pub fn sent_codes(&self) -> &[SentCode] {
        &self.sent_codes
    }

    /// Activates a channel, as its owner does with the code that the service sent.
    pub fn activate_channel(&mut self, arn: &str) {
        if let Some(channel) = self.channels.get_mut(arn) {
            channel.is_activated = true;
        }
    }

    /// Sends a code to a channel. Only the last one activates it, unless its address has changed.
    pub(super) fn send_code_to(&mut self, channel: Channel) {
        let code = format!("{:06}", self.sent_codes.len() + 1);
        self.sent_codes.push(SentCode { channel, code });
    }

    pub(super) fn send_code(&mut self, input: &Value) -> Output {
        let (_, channel) = self.found_channel("SendActivationCode", input)?;
        self.send_code_to(channel);
        Ok(json!({}))
    }

    pub(super) fn activate(&mut self, input: &Value) -> Output {
        let (_, channel) = self.found_channel("ActivateContactChannel", input)?;
        let last = self.sent_codes.iter().rev();
        let last = last.into_iter().find(|sent| sent.channel.arn == channel.arn);
        let fits = last.is_some_and(|sent| {
            sent.code == text(input, "ActivationCode") && sent.channel.address == channel.address
        });
        if !fits {
            let message =
                "Invalid value provided - the activation code is not the one that was sent";
            return Err(ServiceError::invalid(message));
        }
        self.activate_channel(&channel.arn);
        Ok(json!({}))
    }
}

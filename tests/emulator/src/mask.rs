//! Masks the addresses of contact channels, which are personal data, in text for people.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde_json::Value;

const MASK: &str = "…";
/// A shorter address is masked as a whole, and only where it stands as an address: its characters
/// may be part of any other text.
const SHORTEST: usize = 6;

/// Masks the addresses in JSON documents, and the addresses that it has learned in all text.
#[derive(Clone, Debug, Default)]
pub struct AddressMask(BTreeSet<String>);

impl AddressMask {
    /// Adds the addresses in a document. An error of the service repeats the address of the request.
    pub fn learn(&mut self, value: &Value) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    if let (true, Value::String(address)) = (is_address(name, value), value)
                        && address.chars().count() >= SHORTEST
                    {
                        self.0.insert(address.clone());
                    }
                    self.learn(value);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.learn(item)),
            _ => {}
        }
    }

    pub fn json(&self, value: &Value) -> Value {
        match value {
            Value::Object(members) => members
                .iter()
                .map(|(name, value)| {
                    let masked = match value {
                        Value::String(address) if is_address(name, value) => {
                            masked_address(address).into()
                        }
                        value if is_address(name, value) => MASK.into(),
                        value => self.json(value),
                    };
                    (self.text(name), masked)
                })
                .collect(),
            Value::Array(items) => items.iter().map(|item| self.json(item)).collect(),
            Value::String(text) => self.text(text).into(),
            other => other.clone(),
        }
    }

    pub fn text(&self, text: &str) -> String {
        let mut addresses: Vec<&String> = self.0.iter().collect();
        // An address may be part of another one.
        addresses.sort_by_key(|address| std::cmp::Reverse(address.len()));
        addresses.into_iter().fold(text.to_owned(), |text, address| {
            text.replace(address.as_str(), &masked_address(address))
        })
    }
}

/// Masks an address except for its first two and last two characters.
pub fn masked_address(address: &str) -> String {
    let characters: Vec<char> = address.chars().collect();
    match characters.as_slice() {
        [first, second, .., last_but_one, last] if characters.len() >= SHORTEST => {
            format!("{first}{second}{MASK}{last_but_one}{last}")
        }
        _ => MASK.to_owned(),
    }
}

/// Whether a member is an address. Somebody may write it where the structure belongs.
fn is_address(name: &str, value: &Value) -> bool {
    name == "SimpleAddress" || (name == "DeliveryAddress" && value.is_string())
}

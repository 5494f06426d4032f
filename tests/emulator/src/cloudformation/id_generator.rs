//! Generates ids in the form of CloudFormation's.

/// Generates ids from a seed, so that a failing test can be reproduced. The ids need not be
/// secret, so a splitmix64 sequence is enough and saves a dependency.
#[derive(Clone, Debug)]
pub(super) struct IdGenerator(u64);

impl IdGenerator {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn uuid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0x0fff,
            0x8000 | ((low >> 48) & 0x3fff),
            low & 0xffff_ffff_ffff,
        )
    }

    /// Returns `<stack>-<logical id>-<suffix>`, the physical id that CloudFormation generates for
    /// a resource whose Create had no response with an id
    /// (aws-cloudformation/cloudformation-coverage-roadmap#1814).
    pub(super) fn physical_id(&mut self, stack: &str, logical_id: &str) -> String {
        let mut rest = self.next();
        let suffix: String = std::iter::repeat_with(|| {
            let digit = u32::try_from(rest % 36).unwrap_or_default();
            rest /= 36;
            char::from_digit(digit, 36).unwrap_or('0').to_ascii_uppercase()
        })
        .take(12)
        .collect();
        format!("{stack}-{logical_id}-{suffix}")
    }
}

//! The name that a request of a batch goes by, and that its result brings back.

use std::fmt;
use std::str::FromStr;

use avibench_protocol::{Folder, Position};
use avibench_store::{Epoch, Label};
use sha2::{Digest as _, Sha256};

/// Hex digits of the request's hash that stand in a name.
const REQUEST_DIGITS: usize = 16;
/// Hex digits of the label's hash.
const LABEL_DIGITS: usize = 8;

/// `FOLDER-POSITION-EPOCH-REQUEST-LABEL`, such as `AVM-17-1-3f0c7a44d1e29b60-9d2e01aa`: the sample, how often
/// it has been asked with this one, the beginning of the hash of the request, and that of the label's name,
/// so that answers to the same question do not go under another label by mistake. At most 64
/// characters, as providers want it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CustomId {
    /// The folder of the sample.
    pub folder: Folder,
    /// Its place there.
    pub position: Position,
    /// Which repeat of the question it is.
    pub epoch: Epoch,
    request: String,
    label: String,
}

/// A name that no export gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no export of this program named a request so")]
pub struct CustomIdError;

impl CustomId {
    /// The name of a request under `label` that has the hex sha256 `request`.
    #[must_use]
    pub fn new(
        folder: Folder,
        position: Position,
        epoch: Epoch,
        request: &str,
        label: &Label,
    ) -> Self {
        let label = hex::encode(Sha256::digest(label.as_str()));
        let beginning = |hash: &str, digits| hash.get(..digits).unwrap_or(hash).to_owned();
        Self {
            folder,
            position,
            epoch,
            request: beginning(request, REQUEST_DIGITS),
            label: beginning(&label, LABEL_DIGITS),
        }
    }

    /// Whether it is of this label.
    #[must_use]
    pub fn is_of(&self, label: &Label) -> bool {
        self.label == Self::new(self.folder, self.position, self.epoch, "", label).label
    }
}

impl fmt::Display for CustomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { folder, position, epoch, request, label } = self;
        write!(f, "{folder}-{position}-{epoch}-{request}-{label}")
    }
}

impl FromStr for CustomId {
    type Err = CustomIdError;

    fn from_str(text: &str) -> Result<Self, CustomIdError> {
        let parts: Vec<&str> = text.splitn(6, '-').collect();
        let [folder, position, epoch, request, label] = parts[..] else {
            return Err(CustomIdError);
        };
        let is_hash = |text: &str, digits| {
            text.len() == digits && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        };
        let id = Self {
            folder: folder.parse().map_err(|_| CustomIdError)?,
            position: Position(position.parse().map_err(|_| CustomIdError)?),
            epoch: epoch
                .parse()
                .ok()
                .and_then(|number: u32| number.try_into().ok())
                .ok_or(CustomIdError)?,
            request: request.to_owned(),
            label: label.to_owned(),
        };
        // One request has one name, however numbers and letters could be written otherwise.
        let is_ours = is_hash(request, REQUEST_DIGITS)
            && is_hash(label, LABEL_DIGITS)
            && id.to_string() == text;
        if is_ours { Ok(id) } else { Err(CustomIdError) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    #[test]
    fn names_are_short_and_read_back() {
        let label = Label::new("a_b").unwrap();
        for folder in Folder::ALL {
            let id = CustomId::new(
                folder,
                Position(9_999_999),
                Epoch::FIRST.later_by(99),
                &"a0".repeat(32),
                &label,
            );
            let text = id.to_string();
            assert!(text.len() <= 64, "{text}");
            assert_eq!(text.parse(), Ok(id.clone()), "{text}");
            assert!(id.is_of(&label) && !id.is_of(&Label::new("c").unwrap()));
        }
    }

    proptest! {
        #[test]
        fn a_request_has_one_name_and_a_name_one_request(
            folder in select(Folder::ALL.to_vec()),
            position in 0_usize..10_000_000,
            epoch in 1..=Epoch::MOST,
            request in "[0-9a-f]{64}",
            changed in "[0-9a-zA-Z_+-]{0,70}",
        ) {
            let label = Label::new("m").unwrap();
            let id = CustomId::new(folder, Position(position), Epoch::try_from(epoch).unwrap(), &request, &label);
            prop_assert_eq!(id.to_string().parse(), Ok(id));
            if let Ok(other) = changed.parse::<CustomId>() {
                prop_assert_eq!(other.to_string(), changed);
            }
        }
    }

    #[test]
    fn other_names_are_refused() {
        let label = Label::new("m").unwrap();
        let good = CustomId::new(Folder::Avm, Position(3), Epoch::FIRST, &"a".repeat(64), &label)
            .to_string();
        assert!(good.parse::<CustomId>().is_ok());
        for bad in [
            "request-1".to_owned(),
            String::new(),
            good.replace("-3-", "-03-"),
            good.replace("-3-", "--3-"),
            good.replace("AVM", "avm"),
            good.replace("AVM", "AVX"),
            good.to_uppercase(),
            format!("{good}-0"),
            good[..good.len() - 1].to_owned(),
        ] {
            assert_eq!(bad.parse::<CustomId>(), Err(CustomIdError), "{bad}");
        }
    }
}

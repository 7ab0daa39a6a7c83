//! What rated captions, and the mark of numbers that rest on a stand-in.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Stands beside every number that rests on captions by the stand-in.
pub const STAND_IN_MARK: &str = "§";
/// What the mark says, in a whole sentence after it.
pub const STAND_IN_CAUTION: &str = "rests on captions (AVC) that were rated by a stand-in for FENSE, which \
                                    compares words and not meaning: it compares with no number by FENSE, \
                                    published ones included.";

/// What rated captions: ratings by different ones do not compare. A reader that does not know the
/// stand-in refuses the report, so that it takes none of its numbers for FENSE.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum CaptionRaterReport {
    /// The models of FENSE.
    Fense {
        /// SHA-256 over the files of the sentence encoder, in hexadecimal.
        sentence_sha256: String,
        /// SHA-256 over the files of the fluency error detector.
        detector_sha256: String,
    },
    /// The rules that stand in for them.
    StandIn {
        /// Version of the rules.
        stand_in_version: u32,
    },
}

impl CaptionRaterReport {
    /// Whether it is the stand-in.
    #[must_use]
    pub const fn is_stand_in(&self) -> bool {
        matches!(self, Self::StandIn { .. })
    }
}

impl fmt::Display for CaptionRaterReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = |hash: &str| hash.get(..12).unwrap_or(hash).to_owned();
        match self {
            Self::Fense { sentence_sha256, detector_sha256 } => write!(
                f,
                "FENSE (encoder {}, error detector {})",
                short(sentence_sha256),
                short(detector_sha256)
            ),
            Self::StandIn { stand_in_version } => {
                write!(f, "the stand-in for FENSE (version {stand_in_version})")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_hold_either_rater_under_names_of_its_own() {
        let fense = CaptionRaterReport::Fense {
            sentence_sha256: "aa".to_owned(),
            detector_sha256: "bb".to_owned(),
        };
        let stand_in = CaptionRaterReport::StandIn { stand_in_version: 1 };
        let earlier = r#"{"sentence_sha256":"aa","detector_sha256":"bb"}"#;
        assert_eq!(serde_json::to_string(&fense).unwrap(), earlier);
        assert_eq!(serde_json::from_str::<CaptionRaterReport>(earlier).unwrap(), fense);
        let json = serde_json::to_string(&stand_in).unwrap();
        assert_eq!(json, r#"{"stand_in_version":1}"#);
        assert_eq!(serde_json::from_str::<CaptionRaterReport>(&json).unwrap(), stand_in);
        // A report that claims both is neither.
        let both = r#"{"sentence_sha256":"aa","detector_sha256":"bb","stand_in_version":1}"#;
        assert!(serde_json::from_str::<CaptionRaterReport>(both).is_err());
    }
}

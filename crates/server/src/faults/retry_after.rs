//! The `Retry-After` header of a refusal: seconds, a date, or anything else.

use std::time::{Duration, SystemTime};

use axum::http::HeaderValue;
use serde::{Deserialize, Deserializer, de};

/// What a `Retry-After` header holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RetryAfter {
    /// The HTTP date so many seconds from now, maybe negative; written `date+3`, `date-60`.
    Date(i64),
    /// These very characters: a number of seconds, or garbage. Nothing at all: no header.
    Verbatim(String),
}

impl RetryAfter {
    /// Whole seconds.
    pub(crate) fn seconds(seconds: u64) -> Self {
        Self::Verbatim(seconds.to_string())
    }

    /// The header's value at the time `now`.
    pub(crate) fn header(&self, now: SystemTime) -> Option<HeaderValue> {
        let text = match self {
            Self::Verbatim(text) if text.is_empty() => return None,
            Self::Verbatim(text) => text.clone(),
            Self::Date(offset) => {
                let distance = Duration::from_secs(offset.unsigned_abs());
                let date =
                    if *offset < 0 { now.checked_sub(distance) } else { now.checked_add(distance) };
                httpdate::fmt_http_date(date?)
            }
        };
        HeaderValue::from_str(&text).ok()
    }
}

impl<'de> Deserialize<'de> for RetryAfter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// Dates beyond this many seconds from now cannot be written.
        const FURTHEST: i64 = 1_000_000_000;

        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Seconds(i64),
            Text(String),
        }

        match Written::deserialize(deserializer)? {
            Written::Seconds(seconds) => Ok(Self::Verbatim(seconds.to_string())),
            Written::Text(text) => match text.strip_prefix("date") {
                Some(offset) if offset.starts_with(['+', '-']) => offset
                    .parse()
                    .ok()
                    .filter(|offset| (-FURTHEST..=FURTHEST).contains(offset))
                    .map(Self::Date)
                    .ok_or_else(|| {
                        de::Error::custom("retry_after: expected a date like date+3 or date-60")
                    }),
                _ if HeaderValue::from_str(&text).is_err() => {
                    Err(de::Error::custom("retry_after: a header cannot hold control characters"))
                }
                _ => Ok(Self::Verbatim(text)),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<RetryAfter, toml::de::Error> {
        #[derive(Deserialize)]
        struct Holder {
            value: RetryAfter,
        }
        toml::from_str::<Holder>(&format!("value = {text}")).map(|holder| holder.value)
    }

    #[test]
    fn seconds_dates_and_garbage() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        for (written, header) in [
            ("2", "2"),
            ("-1", "-1"),
            ("'1.5'", "1.5"),
            ("'soon'", "soon"),
            ("'date'", "date"),
            ("'date+3'", "Sun, 06 Nov 1994 08:49:40 GMT"),
            ("'date-37'", "Sun, 06 Nov 1994 08:49:00 GMT"),
        ] {
            assert_eq!(read(written).unwrap().header(now).unwrap(), header, "{written}");
        }
        assert_eq!(read("''").unwrap().header(now), None);
        assert!(read("'date+x'").is_err());
        assert!(read("'date+99999999999999'").is_err());
        assert!(read("\"a\\nb\"").is_err());
    }
}

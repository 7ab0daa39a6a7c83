//! How long a server asks to wait, and whether a quota is used up: every way in which servers say
//! so, in headers, in fields of the body and in words.
//!
//! What is explicit counts most: `Retry-After` in any form, fields such as `retryDelay`, and words
//! such as "try again in 20s"; of several, the longest. Only where there is none of these, the times
//! at which limits are reset count, and of these only the times of limits that are used up.

use std::sync::LazyLock;
use std::time::Duration;

use jiff::Timestamp;
use regex::Regex;
use reqwest::header::{DATE, HeaderMap};
use serde_json::Value;

use crate::failure::Failure;

/// What a refusal says beside its words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Asked {
    /// How long to wait.
    wait: Option<Duration>,
    /// Whether a quota is used up that comes back tomorrow or with money, whatever the wait.
    quota: bool,
}

/// Adds to a failure what headers and body say about waiting. Whatever is no refusal stays as it
/// is; without a body, the failure's own words are read.
pub(crate) fn completed(failure: Failure, headers: &HeaderMap, body: &str) -> Failure {
    // Servers' clocks may differ from this one.
    let now = headers.get(DATE).and_then(|date| http_date(date.to_str().ok()?));
    let read = |status, message: &str| {
        let body = if body.is_empty() { message } else { body };
        asked(status, headers, body, now.unwrap_or_else(Timestamp::now))
    };
    match failure {
        Failure::Status { status, message, code, retry_after } => {
            let Asked { wait, quota } = read(status, &message);
            let wait = wait.max(retry_after);
            if quota {
                Failure::Quota { status, message, wait }
            } else {
                Failure::Status { status, message, code, retry_after: wait }
            }
        }
        Failure::Quota { status, message, wait } => {
            let wait = read(status, &message).wait.max(wait);
            Failure::Quota { status, message, wait }
        }
        other => other,
    }
}

/// A refusal, and when and how long the server says that it lasts.
pub(crate) fn with_wait(refusal: &str, wait: Duration, max_wait: Duration) -> String {
    let refusal = refusal.trim_end_matches('.');
    let until = jiff::SignedDuration::try_from(wait).ok();
    let until = until.and_then(|wait| Timestamp::now().checked_add(wait).ok());
    let until = until.map(|at| at.strftime(", until %Y-%m-%d %H:%M UTC").to_string());
    let until = until.unwrap_or_default();
    let longer = if wait > max_wait {
        format!(", longer than --max-wait allows ({})", in_words(max_wait))
    } else {
        String::new()
    };
    format!("{refusal}; the server asks to wait {}{until}{longer}", in_words(wait))
}

/// A length of time in its largest two units.
pub(crate) fn in_words(length: Duration) -> String {
    let seconds = length.as_secs_f64().round() as u64;
    match seconds {
        0 => format!("{:.1} s", length.as_secs_f64()),
        1..60 => format!("{seconds} s"),
        60..3_600 if seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3_600..172_800 => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} days {} h", seconds / 86_400, seconds % 86_400 / 3_600),
    }
}

fn asked(status: u16, headers: &HeaderMap, body: &str, now: Timestamp) -> Asked {
    let root: Value = serde_json::from_str(body).unwrap_or_default();
    let error = root.get("error").or_else(|| root.get(0)?.get("error")).unwrap_or(&root);
    let codes: Vec<&str> =
        ["code", "type", "status"].iter().filter_map(|&name| error.get(name)?.as_str()).collect();
    let pairs: Vec<(String, &str)> = headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?)))
        .collect();
    let explicit = [of_retry_after(&pairs, now), of_fields(body, now), of_words(body)];
    let wait = explicit.into_iter().flatten().max().or_else(|| {
        let own = of_resets(&pairs, now);
        own.or_else(|| of_resets(&quoted_headers(error), now))
    });
    Asked { wait, quota: is_quota(status, body, &codes) }
}

/// `Retry-After` in seconds or as a date, and its siblings in milliseconds.
fn of_retry_after(headers: &[(String, &str)], now: Timestamp) -> Option<Duration> {
    let waits = headers.iter().filter_map(|(name, value)| match name.as_str() {
        "retry-after" | "x-retry-after" | "x-ratelimit-retry-after" => {
            seconds(value).or_else(|| length_of_time(value)).or_else(|| until(value, now))
        }
        "retry-after-ms" | "x-ms-retry-after-ms" => Some(seconds(value)? / 1000),
        _ => None,
    });
    waits.max()
}

/// Fields of the body, at whatever depth, also of a body that stands as text in another one, as
/// gateways pass errors on.
fn of_fields(body: &str, now: Timestamp) -> Option<Duration> {
    static FIELD: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r#"(?i)["'](retryDelay|retry[_-]?after(?:[_-]?(?:ms|seconds))?|reset[_-]?at)\\*["']\s*:\s*\\*["']?([^"'\\,}\s]+)"#,
        )
        .expect("the pattern is constant")
    });
    let waits = FIELD.captures_iter(body).filter_map(|found| {
        let (name, value) = (found[1].to_ascii_lowercase(), &found[2]);
        if name.starts_with("reset") {
            until(value, now)
        } else if name.ends_with("ms") {
            Some(seconds(value)? / 1000)
        } else {
            seconds(value).or_else(|| length_of_time(value)).or_else(|| until(value, now))
        }
    });
    waits.max()
}

/// "Please try again in 1m3.2s", "retry after 29 seconds", "wait 20 seconds", "resets in 42m".
fn of_words(body: &str) -> Option<Duration> {
    static WORDS: LazyLock<Regex> = LazyLock::new(|| {
        let unit =
            r"(?:ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)\b";
        let length = format!(r"\d+(?:\.\d+)?\s*{unit}");
        // Units without a space in between, as in 1m3.2s, have no end of a word after them.
        let tight = r"(?:\d+(?:\.\d+)?(?:d|h|ms|m|s))+\b";
        Regex::new(&format!(
            r"(?i)\b(?:(?:re)?try(?:ing)?(?:\s+again)?\s+(?:in|after)|wait(?:ing)?(?:\s+for)?|(?:resets?|available)(?:\s+again)?\s+(?:in|after))\s+(?:about\s+|at\s+least\s+)?({tight}|{length}(?:\s*(?:,|and)?\s*{length})*)"
        ))
        .expect("the pattern is constant")
    });
    WORDS.captures_iter(body).filter_map(|found| spoken(&found[1])).max()
}

/// The times at which limits are reset, of those that are used up. Where only one limit is named
/// and nothing says how much of it is left, it is that one.
fn of_resets<V: AsRef<str>>(headers: &[(String, V)], now: Timestamp) -> Option<Duration> {
    let left = |name: &str| {
        let wanted = name.replacen("reset", "remaining", 1);
        let (_, value) = headers.iter().find(|(name, _)| *name == wanted)?;
        value.as_ref().trim().parse::<f64>().ok()
    };
    let resets: Vec<(Option<f64>, Duration)> = headers
        .iter()
        .filter(|(name, _)| {
            (name.contains("ratelimit") || name.contains("rate-limit")) && name.contains("reset")
        })
        .filter_map(|(name, value)| Some((left(name), reset(value.as_ref(), now)?)))
        .chain(headers.iter().filter_map(|(name, value)| {
            (name == "ratelimit").then(|| structured(value.as_ref())).flatten()
        }))
        .collect();
    match resets.as_slice() {
        [(None, only)] => Some(*only),
        several => several
            .iter()
            .filter(|(left, _)| left.is_some_and(|left| left <= 0.0))
            .map(|(_, wait)| *wait)
            .max(),
    }
}

/// `RateLimit: limit=100, remaining=0, reset=50`, and the later `"name";r=0;t=50`.
fn structured(value: &str) -> Option<(Option<f64>, Duration)> {
    let field = |names: [&str; 2]| {
        let pairs = value.split([',', ';']).filter_map(|pair| pair.trim().split_once('='));
        let mut found = pairs.filter(|(name, _)| names.contains(name));
        found.next().map(|(_, value)| value.trim())
    };
    let wait = seconds(field(["reset", "t"])?)?;
    Some((field(["remaining", "r"]).and_then(|left| left.parse().ok()), wait))
}

/// Headers of the server behind a gateway, as the gateway quotes them in an error's `metadata`.
fn quoted_headers(error: &Value) -> Vec<(String, String)> {
    let headers = error.pointer("/metadata/headers").and_then(Value::as_object);
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let pairs = headers.into_iter().flatten();
    pairs.map(|(name, value)| (name.to_ascii_lowercase(), text(value))).collect()
}

/// Whether a refusal is about a quota that waiting does not bring back, or only by tomorrow.
fn is_quota(status: u16, body: &str, codes: &[&str]) -> bool {
    static DAILY_ID: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?i)["']quotaId\\*["']\s*:\s*\\*["'][^"'\\]*Per(?:Day|Week|Month)"#)
            .expect("the pattern is constant")
    });
    static DAILY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?ix) \bper[\s_-]?(?:day|week|month)\b | \b(?:RPD|TPD)\b | \btomorrow\b
                | \b(?:daily|weekly|monthly)\b .{0,40} \b(?:limit|quota|cap|allowance|usage)\b
                | \b(?:limit|quota|cap|allowance)\b .{0,20} \b(?:daily|for\s(?:the|this|today)|today)\b",
        )
        .expect("the pattern is constant")
    });
    static SOONER: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\bper[\s_-]?(?:min(?:ute)?|sec(?:ond)?|hour)\b|\b(?:RPM|TPM|RPS)\b")
            .expect("the pattern is constant")
    });
    static MONEY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\bcredit balance is too low\b|\binsufficient (?:balance|credits?|funds)\b")
            .expect("the pattern is constant")
    });
    let by_code = codes.iter().any(|code| {
        let code = code.to_ascii_lowercase();
        matches!(
            code.as_str(),
            "insufficient_quota" | "insufficient_balance" | "insufficient_credits" | "arrearage"
        ) || code.starts_with("billing_")
            || code.contains("freetieronly")
    });
    match status {
        402 => true,
        _ if by_code => true,
        400 | 403 => MONEY.is_match(body),
        429 | 503 | 529 => {
            MONEY.is_match(body)
                || DAILY_ID.is_match(body)
                // A text that explains limits of both kinds does not say which of them it was.
                || DAILY.is_match(body) && !SOONER.is_match(body)
        }
        _ => false,
    }
}

/// The wait until a limit is reset: a length, a date, seconds or milliseconds since 1970, or
/// seconds from now.
fn reset(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    let Ok(number) = value.parse::<f64>() else {
        return length_of_time(value).or_else(|| until(value, now));
    };
    let since_1970 = match number {
        number if number >= 1e12 => number / 1e3,
        number if number >= 1e9 => number,
        _ => return seconds(value),
    };
    let now = now.as_millisecond() as f64 / 1e3;
    Some(Duration::try_from_secs_f64(since_1970 - now).unwrap_or_default())
}

fn seconds(value: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(value.trim().parse().ok()?).ok()
}

/// The time left until a date; none if it is past.
fn until(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    let date = value.parse().ok().or_else(|| http_date(value))?;
    Some(Duration::try_from(now.duration_until(date)).unwrap_or_default())
}

fn http_date(value: &str) -> Option<Timestamp> {
    Some(jiff::fmt::rfc2822::parse(value.trim()).ok()?.timestamp())
}

/// A length of time written without spaces: `850ms`, `90s`, `1m2.5s`, `1h30m`; a bare number is
/// seconds.
#[must_use]
pub fn length_of_time(text: &str) -> Option<Duration> {
    if let Some(bare) = seconds(text) {
        return Some(bare);
    }
    if text.contains(char::is_whitespace) {
        return None;
    }
    spoken(text)
}

/// A length of time in units, in any notation: `1m3.2s`, `1 minute and 3 seconds`.
fn spoken(text: &str) -> Option<Duration> {
    let text = text.to_ascii_lowercase();
    let mut rest = text.trim();
    let mut sum = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number: f64 = rest[..end].parse().ok()?;
        rest = rest[end..].trim_start();
        let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let factor = match &rest[..end] {
            "ms" | "millisecond" | "milliseconds" => 0.001,
            "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
            "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
            "h" | "hr" | "hrs" | "hour" | "hours" => 3_600.0,
            "d" | "day" | "days" => 86_400.0,
            _ => return None,
        };
        sum += number * factor;
        rest = rest[end..].trim_start_matches([' ', ',']);
        rest = rest.strip_prefix("and ").unwrap_or(rest).trim_start();
    }
    Duration::try_from_secs_f64(sum).ok()
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    /// What a refusal with this status, these headers and this body asks for, at noon of
    /// 2026-01-01 (1767268800 s since 1970): milliseconds to wait, and whether a quota is used up.
    fn of(status: u16, headers: &[(&str, &str)], body: &str) -> (Option<u128>, bool) {
        let noon: Timestamp = "2026-01-01T12:00:00Z".parse().unwrap();
        let pairs = headers.iter().map(|(name, value)| {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            (name, HeaderValue::from_str(value).unwrap())
        });
        let asked = asked(status, &pairs.collect(), body, noon);
        (asked.wait.map(|wait| wait.as_millis()), asked.quota)
    }

    #[test]
    fn waits_in_headers() {
        let zero = ("x-ratelimit-remaining-requests", "0");
        for (headers, wait) in [
            (&[("retry-after", " 7 ")][..], Some(7_000)),
            (&[("retry-after", "0.5")], Some(500)),
            (&[("retry-after", "Thu, 01 Jan 2026 12:01:00 GMT")], Some(60_000)),
            (&[("retry-after", "Thu, 01 Jan 2015 00:01:00 GMT")], Some(0)),
            (&[("retry-after", "2m")], Some(120_000)),
            (&[("retry-after", "soon")], None),
            (&[("retry-after", "-3")], None),
            (&[("retry-after", "NaN")], None),
            (&[("retry-after", "1e400")], None),
            (&[("retry-after-ms", "1500")], Some(1_500)),
            (&[("retry-after", "2"), ("retry-after-ms", "1500")], Some(2_000)),
            // OpenAI: only the limit that is used up counts.
            (
                &[
                    ("x-ratelimit-reset-requests", "1m2.5s"),
                    zero,
                    ("x-ratelimit-reset-tokens", "6m0s"),
                    ("x-ratelimit-remaining-tokens", "149984"),
                ],
                Some(62_500),
            ),
            (
                &[
                    ("x-ratelimit-reset-requests", "850ms"),
                    zero,
                    ("x-ratelimit-reset-tokens", "2s"),
                    ("x-ratelimit-remaining-tokens", "0"),
                ],
                Some(2_000),
            ),
            (&[("x-ratelimit-reset-requests", "8.64s"), ("x-ratelimit-reset-tokens", "2s")], None),
            (
                &[("x-ratelimit-reset-requests", "8.64s"), ("x-ratelimit-remaining-requests", "9")],
                None,
            ),
            // Azure counts in whole seconds.
            (&[("x-ratelimit-reset-tokens", "26")], Some(26_000)),
            // Anthropic.
            (
                &[
                    ("anthropic-ratelimit-requests-remaining", "0"),
                    ("anthropic-ratelimit-requests-reset", "2026-01-01T12:00:30Z"),
                    ("anthropic-ratelimit-tokens-remaining", "16000"),
                    ("anthropic-ratelimit-tokens-reset", "2026-01-01T13:00:00Z"),
                ],
                Some(30_000),
            ),
            // An explicit wait goes before times of resets.
            (&[("retry-after", "3"), ("x-ratelimit-reset-requests", "1h0m0s"), zero], Some(3_000)),
            // Seconds since 1970, milliseconds, seconds from now, the drafts of a standard.
            (&[("x-ratelimit-reset", "1767268805"), ("x-ratelimit-remaining", "0")], Some(5_000)),
            (&[("x-ratelimit-reset", "1767268805250")], Some(5_250)),
            (&[("x-ratelimit-reset", "1767268700")], Some(0)),
            (&[("x-rate-limit-reset", "24")], Some(24_000)),
            (&[("ratelimit-reset", "24"), ("ratelimit-remaining", "3")], None),
            (&[("ratelimit", "limit=100, remaining=0, reset=50")], Some(50_000)),
            (&[("ratelimit", "\"burst\";r=0;t=12")], Some(12_000)),
            // Mistral.
            (&[("ratelimitbysize-remaining", "0"), ("ratelimitbysize-reset", "38")], Some(38_000)),
        ] {
            assert_eq!(of(429, headers, ""), (wait, false), "{headers:?}");
        }
    }

    #[test]
    fn waits_in_bodies() {
        for (body, wait) in [
            // OpenAI, Azure, Gemini, and gateways in words.
            (
                r#"{"error":{"message":"Rate limit reached for gpt-4o on tokens per min (TPM): Limit 30000, Used 29000, Requested 2000. Please try again in 1m3.2s. Visit x"}}"#,
                Some(63_200),
            ),
            (r#"{"error":{"message":"Please try again in 850ms."}}"#, Some(850)),
            (
                r#"{"error":{"code":"429","message":"Requests to the ChatCompletions_Create Operation have exceeded call rate limit. Please retry after 29 seconds."}}"#,
                Some(29_000),
            ),
            (r#"{"error":{"message":"Please retry in 33.97s."}}"#, Some(33_970)),
            ("Too many requests, wait 2 minutes and 5 seconds", Some(125_000)),
            ("Limit reached. Resets in 42m.", Some(2_520_000)),
            ("Slow down, try again later", None),
            ("Please try again in a moment, 5 seconds are not promised", None),
            // Google's RetryInfo, also as an array and inside a text.
            (
                r#"[{"error":{"code":429,"details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"43.5s"}]}}]"#,
                Some(43_500),
            ),
            (
                r#"{"error":{"message":"litellm.RateLimitError: {\n \"retryDelay\": \"17s\"}"}}"#,
                Some(17_000),
            ),
            // Fields of gateways.
            (
                r#"{"error":{"retry_after":2520,"reset_at":"2026-01-01T12:42:00.000Z"}}"#,
                Some(2_520_000),
            ),
            (r#"{"retry_after_ms": 1500}"#, Some(1_500)),
            (r#"{"detail":"x","retryAfter":"5"}"#, Some(5_000)),
            // OpenRouter quotes headers.
            (
                r#"{"error":{"code":429,"message":"Rate limit exceeded: free-models-per-min.","metadata":{"headers":{"X-RateLimit-Limit":"20","X-RateLimit-Remaining":"0","X-RateLimit-Reset":"1767268842000"}}}}"#,
                Some(42_000),
            ),
            // DashScope says nothing of time.
            (
                r#"{"error":{"code":"limit_requests","type":"limit_requests","message":"You have exceeded your current request limit."}}"#,
                None,
            ),
        ] {
            assert_eq!(of(429, &[], body), (wait, false), "{body}");
        }
        let body = r#"{"error":{"message":"Please try again in 20s."}}"#;
        assert_eq!(of(429, &[("retry-after", "1")], body).0, Some(20_000), "the longest counts");
    }

    #[test]
    fn quotas_that_last_are_told_from_limits_that_pass() {
        for (status, body) in [
            (
                429,
                r#"{"error":{"details":[{"violations":[{"quotaId":"GenerateRequestsPerMinutePerProjectPerModel-FreeTier"},{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]},{"retryDelay":"34s"}]}}"#,
            ),
            (429, r#"{"error":{"message":"b'{\"quotaId\": \"GenerateRequestsPerDayPerUser\"}'"}}"#),
            (
                429,
                r#"{"error":{"message":"Rate limit reached for m on requests per day (RPD): Limit 200, Used 200. Please try again in 7m12s."}}"#,
            ),
            (
                429,
                r#"{"error":{"message":"Rate limit exceeded: free-models-per-day. Add 10 credits"}}"#,
            ),
            (429, r#"{"error":{"message":"You have reached your daily usage limit."}}"#),
            (429, r#"{"error":{"message":"The limit for today is reached; try again tomorrow"}}"#),
            (429, r#"{"error":{"message":"x","type":"insufficient_quota","code":null}}"#),
            (429, r#"{"error":{"message":"x","type":"insufficient_quota","code":"429"}}"#),
            (429, r#"{"error":{"message":"x","code":"billing_hard_limit_reached"}}"#),
            (
                400,
                r#"{"error":{"code":"Arrearage","message":"Access denied, please make sure your account is in good standing."}}"#,
            ),
            (
                403,
                r#"{"code":"AllocationQuota.FreeTierOnly","message":"The free tier of the model has been exhausted."}"#,
            ),
            (400, r#"{"error":{"message":"Your credit balance is too low to access the API."}}"#),
            (402, "Insufficient Balance"),
        ] {
            assert!(of(status, &[], body).1, "{body}");
        }
        for (status, body) in [
            // Google says this of every limit, minutes included.
            (
                429,
                r#"{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details.","status":"RESOURCE_EXHAUSTED","details":[{"quotaId":"GenerateRequestsPerMinutePerProjectPerModel"}]}}"#,
            ),
            (
                429,
                r#"{"error":{"message":"Free models: 20 requests per minute, 200 requests per day"}}"#,
            ),
            (429, r#"{"error":{"message":"Too many requests","code":"rate_limit_exceeded"}}"#),
            (503, "overloaded"),
            (400, r#"{"error":{"message":"videos per day of the week are not supported"}}"#),
        ] {
            assert!(!of(status, &[], body).1, "{body}");
        }
    }
}

//! The ranges of numbers on the command line. A number outside of its range, and what is no number
//! at all, is an error that says the range.

use std::ops::RangeInclusive;
use std::time::Duration;

use avibench_store::Epoch;

/// Requests side by side: as many as a machine has ports.
pub(crate) const CONCURRENCY: RangeInclusive<u64> = 1..=65_535;
/// Parts of a run.
pub(crate) const SHARDS: RangeInclusive<u64> = 1..=100_000;
/// Repeats of a question.
pub(crate) const EPOCHS: RangeInclusive<u64> = 1..=Epoch::MOST as u64;
/// Programs side by side.
pub(crate) const WORKERS: RangeInclusive<u64> = 1..=1_024;
/// Tries of one sample.
pub(crate) const TRIES: RangeInclusive<u64> = 1..=1_000;
/// Requests a minute.
pub(crate) const REQUESTS_A_MINUTE: RangeInclusive<u64> = 1..=10_000_000;
/// Tokens a minute.
pub(crate) const TOKENS_A_MINUTE: RangeInclusive<u64> = 1..=1_000_000_000_000;
/// Media in memory, in MiB.
pub(crate) const INFLIGHT_MIB: RangeInclusive<u64> = 1..=1_048_576;
/// Media in a page, in MiB: browsers do not open larger files.
pub(crate) const EMBED_MIB: RangeInclusive<u64> = 1..=2048;
/// Rewritten media on disk, in MiB.
pub(crate) const CACHE_MIB: RangeInclusive<u64> = 0..=16_777_216;
/// A file of requests, in megabytes.
pub(crate) const FILE_MB: RangeInclusive<u64> = 1..=1_000_000;
/// How many samples: far more than any data set has.
pub(crate) const SAMPLES: RangeInclusive<u64> = 1..=10_000_000;
/// The position of a sample.
pub(crate) const POSITION: RangeInclusive<u64> = 0..=10_000_000;
/// Seeds.
pub(crate) const SEED: RangeInclusive<u64> = 0..=u64::MAX;
/// Random resamples, which earlier versions drew.
pub(crate) const RESAMPLES: RangeInclusive<u64> = 1..=1_000_000;
/// Ports; 0 is any.
pub(crate) const PORT: RangeInclusive<u64> = 0..=65_535;

/// The longest wait for an answer in seconds: a day.
const LONGEST_REQUEST: f64 = 86_400.0;
/// The longest wait for a server.
const LONGEST_WAIT: Duration = Duration::from_hours(7 * 24);
/// The most US dollars.
const MOST_DOLLARS: f64 = 1e9;

/// A whole number in a range that `T` can hold.
pub(crate) fn whole<T: TryFrom<u64>>(
    range: RangeInclusive<u64>,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static {
    move |text| {
        let number = text.trim().parse::<u64>().ok().filter(|number| range.contains(number));
        number.and_then(|number| T::try_from(number).ok()).ok_or_else(|| {
            format!("expected a whole number from {} to {}", range.start(), range.end())
        })
    }
}

/// A length of time in seconds, above 0.
pub(crate) fn seconds(text: &str) -> Result<f64, String> {
    let number = text.trim().parse::<f64>().ok().filter(|number| *number > 0.0);
    number
        .filter(|number| *number <= LONGEST_REQUEST)
        // What is rounded to nothing would be no time at all.
        .filter(|number| !Duration::from_secs_f64(*number).is_zero())
        .ok_or_else(|| {
            format!("expected a number of seconds above 0, at most {LONGEST_REQUEST} (a day)")
        })
}

/// An amount of money.
pub(crate) fn dollars(text: &str) -> Result<f64, String> {
    let amount =
        text.trim().parse::<f64>().ok().filter(|amount| (0.0..=MOST_DOLLARS).contains(amount));
    amount.ok_or_else(|| format!("expected an amount of US dollars from 0 to {MOST_DOLLARS}"))
}

/// A length of time: a number with `s`, `m` or `h`, or several (`1h30m`); a bare number is seconds.
pub(crate) fn length_of_time(text: &str) -> Result<Duration, String> {
    let time = avibench_engine::length_of_time(text.trim());
    time.filter(|time| *time <= LONGEST_WAIT).ok_or_else(|| {
        let hours = LONGEST_WAIT.as_secs() / 3600;
        format!("expected a length of time such as 90s, 15m or 1h, at most {hours}h")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_stay_in_their_range() {
        let positive = whole::<usize>(CONCURRENCY);
        assert_eq!(positive("65535"), Ok(65_535));
        let said = Err("expected a whole number from 1 to 65535".to_owned());
        for text in ["0", "65536", "1e3", "99999999999999999999999", "-1", "nan", "", "1.0"] {
            assert_eq!(positive(text), said, "{text}");
        }
        assert_eq!(whole::<u64>(SEED)("18446744073709551615"), Ok(u64::MAX));
    }

    #[test]
    fn amounts_and_times_are_finite() {
        for text in ["nan", "inf", "-inf", "-1", "1e18", "", "x"] {
            assert!(seconds(text).is_err() && dollars(text).is_err(), "{text}");
        }
        assert!(seconds("0").is_err() && seconds("1e-300").is_err() && seconds("86401").is_err());
        assert_eq!((seconds("0.5"), seconds("86400")), (Ok(0.5), Ok(86_400.0)));
        assert_eq!((dollars("0"), dollars("2.5")), (Ok(0.0), Ok(2.5)));
    }

    #[test]
    fn waits_have_units() {
        for (text, seconds) in
            [("90s", 90), ("15m", 900), ("1h", 3600), ("1h30m", 5400), ("5", 5), ("0s", 0)]
        {
            assert_eq!(length_of_time(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "m", "-5s", "1x", "1h 30", "inf", "nan", "169h", "1e18s", "1e300"] {
            assert!(length_of_time(text).is_err(), "{text}");
        }
    }
}

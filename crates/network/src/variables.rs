//! Environment variables, of which empty ones count as unset.

use std::collections::HashMap;
use std::ffi::OsString;

/// Those that the network depends on, as they were when they were read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Variables(HashMap<&'static str, OsString>);

/// Everything that is read.
const NAMES: [&str; 10] = [
    "http_proxy",
    "HTTP_PROXY",
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
    "no_proxy",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];

impl Variables {
    pub(crate) fn of_process() -> Self {
        Self::read(|name| std::env::var_os(name))
    }

    pub(crate) fn read(lookup: impl Fn(&str) -> Option<OsString>) -> Self {
        let set = |name: &'static str| {
            let value = lookup(name).filter(|value| !value.to_string_lossy().trim().is_empty())?;
            Some((name, value))
        };
        Self(NAMES.into_iter().filter_map(set).collect())
    }

    /// The first of `names` that is set, and its value.
    pub(crate) fn first<'a>(
        &'a self,
        names: &[&'static str],
    ) -> Option<(&'static str, &'a OsString)> {
        names.iter().find_map(|&name| Some((name, self.0.get(name)?)))
    }
}

#[cfg(test)]
impl<const N: usize> From<[(&str, &str); N]> for Variables {
    fn from(pairs: [(&str, &str); N]) -> Self {
        Self::read(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into()))
    }
}

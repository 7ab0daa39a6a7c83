//! Addresses as `urllib.parse.urlparse` of Python 3.11 takes them apart, and refuses them.

use unicode_normalization::UnicodeNormalization as _;

use crate::bracketed_host;

/// Why an address is no https address to the validator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UrlError {
    #[error("it does not begin with `https://`")]
    NotHttps,
    #[error("no host follows `https://`")]
    NoHost,
    #[error("only one of `[` and `]` stands in its host")]
    Bracket,
    #[error("what stands in brackets is no IPv6 address")]
    BracketedHost,
    #[error("a character of its host stands for one of `/ ? # @ :` in a longer form")]
    Lookalike,
}

/// Whether `urlparse(url)` has the scheme `https` and a host. `url` is stripped of white space.
pub(crate) fn check_https(url: &str) -> Result<(), UrlError> {
    // Control characters and spaces before it are passed over, and these three everywhere.
    let url: String = url
        .trim_start_matches(|c| matches!(c, '\0'..=' '))
        .chars()
        .filter(|c| !matches!(c, '\t' | '\r' | '\n'))
        .collect();
    let (scheme, rest) = match url.split_once(':') {
        Some((scheme, rest)) if is_scheme(scheme) => (scheme, rest),
        _ => ("", url.as_str()),
    };
    let host = rest.strip_prefix("//").map(|rest| {
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        &rest[..end]
    });
    let host = host.unwrap_or_default();
    match (host.split_once('['), host.contains(']')) {
        (None, false) => {}
        (Some((_, after)), true) => {
            let inside = after.split(']').next().unwrap_or_default();
            if !bracketed_host::is_accepted(inside) {
                return Err(UrlError::BracketedHost);
            }
        }
        _ => return Err(UrlError::Bracket),
    }
    if !host.is_ascii() && host.chars().any(hides_separator) {
        return Err(UrlError::Lookalike);
    }
    if !scheme.eq_ignore_ascii_case("https") {
        return Err(UrlError::NotHttps);
    }
    if host.is_empty() { Err(UrlError::NoHost) } else { Ok(()) }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// Whether the compatibility form (NFKC) of a character holds one that separates parts of an address.
/// Composition never makes or removes these, so that each character can be looked at alone.
fn hides_separator(c: char) -> bool {
    !c.is_ascii() && std::iter::once(c).nfkd().any(|part| "/?#@:".contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_refused_as_python_refuses_them() {
        for (url, verdict) in [
            ("https://x", Ok(())),
            ("HTTPS://x", Ok(())),
            ("ht\ttps:/\n/x", Ok(())),
            ("\0\u{1f} https://x", Ok(())),
            ("https://\u{3000}x", Ok(())),
            ("https://user@:99999/", Ok(())),
            ("https://[::1]x", Ok(())),
            ("https://[v1.a]", Ok(())),
            ("https://é", Ok(())),
            ("https:\\\\x", Err(UrlError::NoHost)),
            ("https:/x", Err(UrlError::NoHost)),
            ("https:///x", Err(UrlError::NoHost)),
            ("https://#f", Err(UrlError::NoHost)),
            ("https//x", Err(UrlError::NotHttps)),
            ("//x", Err(UrlError::NotHttps)),
            ("http://x", Err(UrlError::NotHttps)),
            ("1https://x", Err(UrlError::NotHttps)),
            ("\u{a0}https://x", Err(UrlError::NotHttps)),
            ("https://[x", Err(UrlError::Bracket)),
            ("https://x]", Err(UrlError::Bracket)),
            ("https://]x[", Err(UrlError::BracketedHost)),
            ("https://[1.2.3.4]", Err(UrlError::BracketedHost)),
            ("https://\u{2100}.com", Err(UrlError::Lookalike)),
            ("https://a\u{ff0f}b", Err(UrlError::Lookalike)),
            ("https://x/\u{2100}", Ok(())),
        ] {
            assert_eq!(check_https(url), verdict, "{url:?}");
        }
    }
}

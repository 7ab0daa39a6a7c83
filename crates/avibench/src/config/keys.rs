//! Keys must not stand in a config file: people share such files. They are known by their names and
//! by how they look.

/// Names that end like those of keys, and are none.
const HARMLESS: [&str; 6] =
    ["key-variable", "api-key-variable", "api-key-file", "pass-key", "max-tokens", "max-token"];
/// Ends of the names of what opens something.
const NAMES: [&str; 8] =
    ["key", "secret", "password", "passwd", "token", "credential", "credentials", "authorization"];
/// How keys of known providers begin.
const BEGINNINGS: [&str; 9] =
    ["sk-", "sk_", "hf_", "AIza", "xai-", "gsk_", "ghp_", "Bearer ", "Basic "];
/// Characters that such a key has at least.
const LEAST: usize = 12;

/// Whether something by this name is a key.
pub(crate) fn is_name_of_key(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('_', "-");
    if HARMLESS.contains(&name.as_str()) {
        return false;
    }
    let last = name.rsplit('-').next().unwrap_or(&name);
    NAMES.contains(&last) || name == "apikey"
}

/// Whether a text is a key or holds one, such as a password as part of an address.
pub(crate) fn is_key(text: &str) -> bool {
    let text = text.trim();
    let is_one = |word: &str| {
        let begins = BEGINNINGS.iter().any(|beginning| word.starts_with(beginning));
        (begins && word.len() >= LEAST) || has_password(word) || is_known(word)
    };
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, '=' | ',' | '"' | '\''));
    is_one(text) || words.chain(text.split(['=', ','])).any(is_one)
}

/// Whether an address has a user name before its host, or a key in its query.
fn has_password(text: &str) -> bool {
    let Some((_, rest)) = text.split_once("://") else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let query = rest.split_once('?').map_or("", |(_, query)| query);
    let mut names = query.split('&').filter_map(|part| part.split_once('=')).map(|(name, _)| name);
    host.contains('@') || names.any(is_name_of_key)
}

/// Whether it is the value of a variable that holds a key.
fn is_known(text: &str) -> bool {
    text.len() >= LEAST
        && std::env::vars_os().any(|(name, value)| {
            name.to_str().is_some_and(is_name_of_key) && value.to_str() == Some(text)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_known_by_name_and_look() {
        for name in
            ["key", "api-key", "API_KEY", "openai_api_key", "apikey", "hf-token", "password"]
        {
            assert!(is_name_of_key(name), "{name}");
        }
        for name in
            ["key-variable", "api-key-file", "api_key_variable", "pass-key", "max_tokens", "monkey"]
        {
            assert!(!is_name_of_key(name), "{name}");
        }
        for text in [
            "sk-0123456789abcdef",
            "Bearer abcdefghijkl",
            "https://me:pw@host/v1",
            "https://host/v1?key=abc",
            "exec:worker.py --key sk-0123456789abcdef",
            "Authorization=Bearer abcdefghijkl",
            "a=sk-0123456789abcdef",
        ] {
            assert!(is_key(text), "{text}");
        }
        for text in [
            "https://host/v1?api-version=2024-10-21",
            "sk-small",
            "https://host/v1?a=b@c",
            "GEMINI_KEY",
            "gemini-2.5-flash",
            "0.5",
        ] {
            assert!(!is_key(text), "{text}");
        }
    }
}

//! The file of the leaderboard's page, and the policy that lets nothing else in.

use std::io::{self, Write};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use super::text::visible;

const STYLE: &str =
    concat!(include_str!("../../web/page.css"), include_str!("../../web/leaderboard.css"));
const SCRIPT: &str = include_str!("../../web/leaderboard.js");

/// Writes the file: versions are linked by their number.
pub(crate) fn write_document(
    out: &mut dyn Write,
    versions: &[&str],
    body: &Markup,
) -> io::Result<()> {
    let head = html! {
        meta charset="utf-8";
        meta http-equiv="Content-Security-Policy" content=(policy());
        meta name="viewport" content="width=device-width, initial-scale=1";
        meta name="color-scheme" content="light dark";
        meta name="referrer" content="no-referrer";
        meta name="description" content="Scores of omni-modal language models on AVI-Bench, by stage, level and task.";
        title { "AVI-Bench leaderboard" }
        // The style is the program's own.
        style { (PreEscaped(STYLE)) }
    };
    let markup = html! {
        a.skip href="#content" { "Skip to the content" }
        header.top {
            nav aria-label="Benchmark versions" {
                @for (at, version) in versions.iter().enumerate() {
                    a href={ "#version-" (at) } { (visible(version)) }
                }
                a href="#reading" { "How to read this" }
            }
            p.brand { "AVI-Bench leaderboard" }
        }
        main #content tabindex="-1" { article.page.leaderboard { (body) } }
        p.status #status role="status" {}
    };
    write!(
        out,
        "{}<html lang=\"en\"><head>{}</head>\n<body>{}\n<script type=\"module\">{SCRIPT}</script>\n</body></html>\n",
        DOCTYPE.into_string(),
        head.into_string(),
        markup.into_string()
    )
}

/// Nothing but this style and this script runs, and nothing is fetched.
fn policy() -> String {
    let hash = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text));
    format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(SCRIPT),
        hash(STYLE),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn style_and_script_do_not_end_their_elements() {
        assert!(!STYLE.contains('<') && !SCRIPT.contains("</"));
    }
}

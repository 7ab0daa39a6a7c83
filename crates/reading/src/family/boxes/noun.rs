//! The thing that a piece of text before or after a box names.

use std::sync::LazyLock;

use regex::Regex;

use super::categories::Categories;

/// What may stand before a name.
static BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)^(?:[\s\-*•·#>|`_\x22'“”,;:.()\[\]{}]+|\d{1,3}[.):]\s+",
        r"|(?:here|there|these|this|those|that|and|while|whereas|also|then|next|finally|so|thus|is|are|was|the|a|an|his|her|its|their|my|our|your|one|another|other|first|second|third|fourth|fifth|last|1st|2nd|3rd|4th",
        r"|two|three|four|five|six|seven|eight|nine|ten|both|all|each|several",
        r"|label|labels|name|names|category|class|object|objects|instance|instances|sounding|source|sound|type|bounding|box|boxes|bbox|bboxes|bbox_2d|box_2d|bndbox|coordinates?|coords|position|location|located|region|detected|detection|of|for|at|in|on|with|answer|final|result|results|can|be|found|approximately|around|about|i|see|hear|id|main|following|as|follows|it|they|them|left|right|top|bottom|upper|lower|corners?|cent(?:er|re)|x|y|width|height|size|[xy]_?(?:min|max|[0-2])|pixels?|normali[sz]ed|spanning|from|to|respectively|respective)\b)+",
    ))
    .expect("the pattern is constant and tested")
});

/// What ends a name.
static AFTER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)\s*(?:[:：=→|\[\](){}<>*`\x22“”]|[-–—]+(?:\s|>|$)|,|;",
        r"|\b(?:is|are|was|were|at|located|can|could|appears?|sits?|stands?|seems?|has|have|occup\w+|spans?|within|inside|in|on|from|with|bounding|box|bbox|bbox_2d|coordinates?|position|location|label|name|and|which|that|who|should|would|lies?|covers?)\b).*",
    ))
    .expect("the pattern is constant and tested")
});

/// Longer names are sentences.
const WORDS: usize = 4;

/// The name in a piece of text: a category of the folder, else the thing that it starts with.
/// `None` if it names nothing.
pub(super) fn noun(piece: &str, categories: &Categories) -> Option<String> {
    let clause = last_clause(piece, categories);
    let found = categories.within(clause);
    if let Some((_, first)) = found.first() {
        // Right before the box stands its label: `the dog by the piano - dog:`.
        let label = found.last().filter(|(place, _)| {
            let rest = clause[place.end..]
                .trim_matches(|c: char| c.is_whitespace() || "*_`\"'\\)".contains(c));
            rest.starts_with([':', '：', '=']) && rest.len() <= 2
        });
        return Some(label.map_or(*first, |(_, last)| *last).to_owned());
    }
    let start = BEFORE.find(clause).map_or(0, |before| before.end());
    let rest = &clause[start..];
    let end = AFTER.find(rest).map_or(rest.len(), |after| after.start());
    let name = rest[..end].trim();
    let is_name = !name.is_empty()
        && name.split_whitespace().count() <= WORDS
        && name.chars().any(char::is_alphabetic);
    if is_name { categories.folded(name) } else { None }
}

/// The part after the last conjunction that still names something.
fn last_clause<'a>(piece: &'a str, categories: &Categories) -> &'a str {
    static CUT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i),\s+|\s(?:and|while|whereas|but|then)\s|，|、")
            .expect("the pattern is constant and tested")
    });
    let last =
        CUT.find_iter(piece).filter(|cut| !categories.within(&piece[cut.end()..]).is_empty());
    last.last().map_or(piece, |cut| &piece[cut.end()..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Question;
    use avibench_protocol::Folder;

    #[test]
    fn names_in_pieces_of_text() {
        let categories = Categories::of(&Question { folder: Folder::Avl, text: "", options: &[] });
        for (piece, name) in [
            ("The first dog is at ", Some("dog")),
            (" and the second dog is at ", Some("dog")),
            ("- dog_1: ", Some("dog")),
            ("- **Striped tin drum**: ", Some("striped tin drum")),
            ("1. kettle: ", Some("kettle")),
            ("The whistle is located at ", Some("whistle")),
            ("\"label\": \"kettle\", \"bbox\": ", Some("kettle")),
            ("Bounding box of the kettle: ", Some("kettle")),
            ("The third trumpet from the left is located at ", Some("trumpet")),
            ("the dog next to the piano is at ", Some("dog")),
            ("I see a dog, and the cat is at ", Some("cat")),
            ("two tubas sound: one at ", Some("tuba")),
            (" and one at ", None),
            ("Bounding box: ", None),
            ("is located at ", None),
            (", ", None),
            ("Piper: ", Some("piper")),
            ("Two of them: ", None),
            ("Two boxes: ", None),
            ("Both: ", None),
            ("Three kettles: ", Some("kettles")),
        ] {
            assert_eq!(noun(piece, &categories).as_deref(), name, "{piece}");
        }
    }
}

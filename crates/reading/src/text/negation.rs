//! Which words of a clause are denied.

use super::words::Word;

/// Words that deny what follows them.
pub(crate) fn is_negator(word: &str) -> bool {
    word.ends_with("n't")
        || matches!(
            word,
            "not"
                | "no"
                | "never"
                | "neither"
                | "nor"
                | "without"
                | "cannot"
                | "cant"
                | "dont"
                | "doesnt"
                | "isnt"
                | "arent"
                | "none"
                | "nobody"
                | "nothing"
                | "nowhere"
                | "hardly"
                | "scarcely"
                | "rarely"
                | "non"
                | "nicht"
                | "kein"
                | "keine"
                | "keinen"
                | "ni"
                | "pas"
                | "nunca"
                | "jamais"
                | "не"
                | "нет"
                | "ningún"
                | "ninguna"
                | "ningun"
                | "tidak"
                | "bukan"
                | "không"
                | "não"
                | "nem"
                | "aucun"
                | "aucune"
                | "不"
                | "没"
                | "無"
                | "无"
                | "非"
        )
}

/// Negators whose denial is taken back by the words after them: `no doubt`, `not only`.
pub(crate) fn is_idiom(words: &[Word], at: usize) -> bool {
    let next = words.get(at + 1).map_or("", |word| word.text.as_str());
    let after = words.get(at + 2).map_or("", |word| word.text.as_str());
    match words[at].text.as_str() {
        "no" => {
            matches!(next, "doubt" | "question" | "wonder" | "surprise" | "mistake" | "mistaking" | "denying" | "problem" | "less" | "longer" if next != "longer")
                || (next == "other" && after == "than")
        }
        "not" => matches!(next, "only" | "just" | "merely" | "simply"),
        "without" => {
            matches!(next, "doubt" | "question" | "fail")
                || (matches!(next, "a" | "any") && after == "doubt")
        }
        "nothing" => matches!(next, "but"),
        _ => false,
    }
}

/// Words at which the scope of a denial ends.
pub(crate) fn ends_scope(word: &str) -> bool {
    matches!(
        word,
        "but"
            | "however"
            | "yet"
            | "though"
            | "although"
            | "while"
            | "whereas"
            | "because"
            | "since"
            | "instead"
            | "rather"
            | "so"
            | "then"
            | "it's"
            | "sondern"
            | "sino"
            | "mais"
            | "而"
            | "但"
    )
}

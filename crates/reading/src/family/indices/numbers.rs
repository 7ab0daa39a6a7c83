//! Numbers that name items, without sentences around them: `0, 3, 7`, `Indices: 1 and 4`, `0=yes 1=no`.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::words::denies;

pub(super) const ITEMS: &str = concat!(
    r"(?:images?|imgs?|pictures?|photos?|audios?|sounds?|clips?|candidates?|options?|index|indices|indexes|items?|",
    r"recordings?|videos?|tracks?|numbers?|nos?\.|audio clips?|ones?|图片|图像|图|音频|声音|画像|音声|序号|索引|",
    r"imágenes|imagen|sonidos?|images|bilder|bild|klänge|imagens?|sons?|tonos?)",
);

static ONLY_NUMBERS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(
        concat!(
            r"(?i)^\W*(?:(?:so|therefore|thus|hence|only|just|of (?:these|them|those)|i(?:'d|’d| would| will)? (?:say|pick|choose|select|go with|guess|answer(?: with)?)|(?:it|that|this|those|these|they|the answer)(?:'s|’s| is| are| must be| would be| will be| should be| has to be| have to be| can only be| could only be))\W+)*(?:(?:the |my |final |correct |matching |matched |relevant |best |selected )*",
            r"(?:answers?|results?|output|indices|index|indexes|images?|pictures?|audios?|sounds?|clips?|candidates?|match(?:es)?|ranking|ones?|答案|索引|图片|音频)",
            r"(?: (?:index|indices|are|is|numbers?|clips?|(?:that|which) match(?:es)?))*\s*[:：=是为]*\s*)*(?:only |just |are |is )?",
            r"(?P<list>(?:(?:{items})?[ _#:\-]*(?:\d{{1,4}}|zero|one|two|three|four|five|six|seven|eight|nine|ten)",
            r"(?:[\s,;、，&+/<>≻|\-*•·()\[\]{{}}\x22']|\band\b|\bthen\b|\by\b|\bet\b|\bund\b|和|与|及)*)+)(?:it is|it’s|they are|match(?:es)?|then)?\W*$"
        ),
        items = ITEMS
    ))
    .expect("the pattern is constant and tested")
});

pub(super) static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\d+|\b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten)\b")
        .expect("the pattern is constant and tested")
});

/// A range, a file name, a letter, an ordinal: what the number means is open.
static OPEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)\d[ \t]*(?:-|–|—|~|\.\.+|to|through|bis|至|到)[ \t]*\d|\d[\w\-]*\.(?:wav|mp3|jpe?g|png|flac|ogg|mp4|webp|gif|m4a)\b|",
        r"\b(?:all|every|each)\b[^.;\n]{0,20}\b(?:except|but|of|images?|sounds?|audios?|clips?|match)|\beverything (?:except|but)\b|^\W*all\W*$|第\s*[\d一二三四五六七八九十]|",
        r"\b(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|\d+(?:st|nd|rd|th))\b",
    ))
    .expect("the pattern is constant and tested")
});

/// Words before a colon that lead to the indices.
static LEADS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)\b(?:rank(?:ed|ing)?|best|order|ordered|match\w*|indices|indexes|index|answers?|relevant|result|list|choice|selected|",
        r"selection|correspond\w*|final|conclusion)\b|答案|匹配|符合|索引|排序",
    ))
    .expect("the pattern is constant and tested")
});

/// Numbers and nothing else but what leads to them.
pub(super) fn bare(text: &str) -> Option<Vec<u64>> {
    static ASIDE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\([^()\d]*\)|（[^（）\d]*）").expect("the pattern is constant and tested")
    });
    let text = ASIDE.replace_all(text.trim(), " ");
    let found = ONLY_NUMBERS.captures(text.trim())?;
    let list = found.name("list")?.as_str();
    (!OPEN.is_match(list)).then(|| numbers(list)).filter(|found| !found.is_empty())
}

/// Numbers that a line leads to with a colon: `Ranked from best to worst: 2, 6, 1`.
pub(super) fn led(text: &str) -> Option<(Vec<u64>, Range<usize>)> {
    let mut at = 0;
    let mut found = None;
    for line in text.split_inclusive('\n') {
        if let Some((before, after)) = line.split_once([':', '：']) {
            let leads = LEADS.is_match(before)
                && !before.chars().any(|c| c.is_ascii_digit())
                && !denies(before);
            if let Some(indices) = bare(after).filter(|_| leads) {
                // Two such lines contradict each other or judge in groups.
                if found.is_some() {
                    return None;
                }
                found = Some((indices, at..at + line.len()));
            }
        }
        at += line.len();
    }
    found
}

/// A verdict behind every number: `0=yes 1=no 2=yes`.
pub(super) fn by_pairs(text: &str) -> Option<Vec<u64>> {
    static PAIR: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(concat!(
            r"(?i)(\d{1,4})[\])]?\s*(?:[:=：\-–—(→]|->|is)?\s*(yes|no match|no|true|false|y|n|match(?:es|ed)?|not (?:a )?match|mismatch|",
            r"doesn't(?: match)?|does not match|does not|doesn’t|does|fits|relevant|irrelevant|not relevant|[✓✔✅☑✗✘❌✕])(?:\b|[^\w]|$)",
        ))
        .expect("the pattern is constant and tested")
    });
    let mut chosen = Vec::new();
    let mut pairs = 0;
    for found in PAIR.captures_iter(text) {
        let says = found[2].to_lowercase();
        let matches = says == "does" || super::words::verdict(&says)?;
        pairs += 1;
        if matches {
            chosen.push(found[1].parse().ok()?);
        }
    }
    let numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).count();
    (pairs >= 2 && pairs == numbers).then_some(chosen)
}

pub(super) fn is_open(text: &str) -> bool {
    OPEN.is_match(text)
}

/// Numbers in digits or words.
fn numbers(text: &str) -> Vec<u64> {
    const WORDS: [&str; 11] =
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    NUMBER
        .find_iter(text)
        .filter_map(|found| {
            let word = found.as_str().to_lowercase();
            word.parse()
                .ok()
                .or_else(|| WORDS.iter().position(|known| *known == word).map(|at| at as u64))
        })
        .collect()
}

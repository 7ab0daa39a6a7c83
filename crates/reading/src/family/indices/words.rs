//! Words around indices: what counts from 1, what matches, what does not, what is no index.

use std::sync::LazyLock;

use regex::Regex;

fn pattern(parts: &[&str]) -> Regex {
    let parts: Vec<String> = parts.iter().map(|part| part.replace('\'', "['’]")).collect();
    regex(&parts.join("|"))
}

/// Word characters and their boundaries are those of ASCII, which is much faster and enough here.
fn regex(pattern: &str) -> Regex {
    let pattern = pattern
        .replace(r"\b", r"(?-u:\b)")
        .replace(r"\w", "[a-z0-9_]")
        .replace(r"\W", "[^a-z0-9_]")
        .replace(r"\d", "[0-9]");
    Regex::new(&format!("(?i){pattern}")).expect("the pattern is constant and tested")
}

static FROM_ONE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&[
        r"\b(?:1|one)[- ]?(?:based|indexed)\b",
        r"\b(?:counting|counted|numbered|numbering|indexed|indexing|indices|index|indexes|starting|starts?|start)\b[^.\n]{0,24}?\b(?:from|at|with) (?:1|one)\b",
        r"从\s*(?:1|一)\s*开始|1から(?:数え|始)|1부터",
    ])
});

static REMARKS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&[
        // The base.
        r"\b(?:0|1|zero|one)[- ]?(?:based|indexed)(?: (?:index(?:ing|es)?|indices|numbering))?",
        r"(?:\b(?:when|if|with|while)\s+)?\b(?:counting|counted|numbered|numbering|indexed|indexing|indices|index|indexes|starting|starts?|start)\b[^.\n]{0,24}?\b(?:from|at|with) (?:0|1|zero|one)\b",
        r"从\s*[01零一]\s*开始",
        // Times, shares, decimals and measures.
        r"\b\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?\b",
        r"\d+(?:\.\d+)?\s*(?:%|％|percent\b)",
        r"\b\d+(?:\.\d+)?\s*(?:-|–|to)\s*\d+(?:\.\d+)?\s*(?:s|sec|secs|seconds?|minutes?)\b",
        r"\b\d+(?:\.\d+)?\s*(?:s|sec|secs|seconds?|ms|minutes?|mins?|hours?|k?hz|db|fps|px|pixels|points?|stars?|years?|秒)\b",
        r"\b\d+\.\d*[1-9]\d*\b",
        r"\(?\b(?:confidence|score|similarity|probability|certainty)\b(?: (?:score|level))?\s*(?:of|:|=|is)?\s*[\d. %]+\)?",
        // What is left.
        r"(?:[,;]|\band\b|\bwhile\b)?\s*\b(?:all )?(?:the )?(?:others?|rest|remaining (?:ones|\w+)|other \w+)(?: ones)? (?:do not|don't|does not|doesn't|are not|aren't|is not|isn't|can be|are excluded|are unrelated|are irrelevant)[^.;\n]*",
        // How many there are.
        r"\b(?:out )?of (?:the |all |these )?(?:\d+|ten|eight|six|five|four)\b(?: (?:\w+ )?(?:images?|pictures?|photos?|audios?|sounds?|clips?|candidates?|options?|files?|items?|recordings?))?",
        r"\b(?:the|all|these) (?:\d+|ten|eight|six|five|four|three|two) (?:\w+ )?(?:images|pictures|photos|audios|sounds|clips|candidates|options|files|items|recordings|ones|indices)\b",
        r"\b\d+ (?:(?:matching|relevant|different|candidate|audio|sound|given|total|other|such|correct|similar) )?(?:images|pictures|photos|audios|sounds|clips|candidates|options|files|items|recordings|of them)\b",
        r"\b(?:found|are|has|have|there is|of) \d+ match(?:es)?\b",
        r"\b(?:step|top|rank|no more than|at most|exactly|total of|total:|count:)[- ]?\s*\d+\b",
    ])
});

/// The number of a line before the name of an item: `1. Image 0`.
static ENUMERATED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?im)^[ \t]*(\d{1,2}[.)][ \t]+)[*_\x60<\[]*(?:image|img|picture|photo|audio|sound|clip|candidate|option|index|item|file|recording|",
        r"图片|图像|音频|声音)s?(?: clip| index| number)?[ _#:\-]*\d",
    ))
    .expect("the pattern is constant and tested")
});

static MATCHES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&[
        r"\b(?:match(?:es|ed|ing)?|fits?|fitting|corresponds?|corresponding|suits?|suitable|relevant|related|belongs?|consistent|align(?:s|ed)?|appropriate|yes|true|correct|agrees?|compatible|go(?:es)? (?:well )?(?:with|together)|pairs? well|work(?:s)? with|plausible|selected?|chosen|choose|pick|answers?|applicable|positive|associated|right|include|keep|valid|good|similar|accompan(?:y|ies)|(?:which|that|this) leaves?|points? to|leaving|leaves only|come(?:s)? from the same|resembles?)\b",
        r"✓|✔|✅|☑|👍|匹配|符合|对应|對應|相符|一致|吻合|选择|是的|答案|当てはまり|対応|合う|일치|맞습니다|해당|맞는",
        r"\b(?:corresponden?|coinciden?|encajan?|correspondent?|correspond|passen|passt|entsprechen|entspricht|combinam|corrispondono|sí|oui|ja)\b",
    ])
});

static DENIES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&[
        r"\b(?:not|no|none|neither|nor|never|cannot|without|isn't|aren't|doesn't|don't|can't|unrelated|irrelevant|mismatch(?:e[sd])?|false|incorrect|inconsistent|exclud(?:e|es|ed|ing)|rejected|reject|rule(?:d)? out|wrong|unsuitable|different|except|excluding|other than|rather than|instead of|non[- ]?match\w*|unlike|negative|incompatible|dissimilar|eliminat\w+|discard\w*|skip|unlikely|lacks?|fails?)\b|n't\b",
        r"✗|✘|❌|✕|👎|不|没有|無|排除|否|除了|ない|ません|아니|않",
        r"\b(?:kein\w*|nicht|ningun[oa]?s?|aucune?|pas|não|nessun\w*|nein|non)\b",
    ])
});

static HEDGES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&[
        r"\b(?:maybe|perhaps|possibly|might|could be|may be|either|unsure|not sure|not certain|partially|partly|somewhat|uncertain|unclear)\b|可能|也许",
    ])
});

static NOTHING: LazyLock<Regex> = LazyLock::new(|| {
    let items = r"(?:images?|pictures?|photos?|audios?|sounds?|clips?|candidates?|options?|files?|items?|recordings?|ones?|of (?:the|them|these|those)|match(?:es|ing)?|matching|indices|index|results?|correspond\w*|suitable|relevant|audio)";
    let verbs = r"(?:match(?:es|ed|ing)?|fits?|corresponds?|suits?|belongs?|go(?:es)? with|align\w*|found|relevant|related|consistent|identified|suitable|appl(?:y|ies)|appropriate|shows?|contain\w*|depict\w*|exists?|available|qualif\w+|work|compatible|agree)";
    regex(&format!(
        concat!(
            r"(?i)^\W*(?:(?:the )?(?:answer|result|output|final answer|indices|matches|matching \w+)(?: is| are)?\W*)?(?:none(?: of (?:the above|them|these|those))?|nothing|empty(?: (?:list|set))?|no match(?:es)?|null|nil|∅|无|沒有|没有|なし|없음|aucune?|ningun[oa]?s?|keine?s?)\W*$|",
            r"\b(?:none|no|nothing)\b (?:\w+ ){{0,2}}?{items}\b[^.;\n]{{0,60}}?\b{verbs}|",
            r"\bnot (?:a|one|any)(?: single)?(?: {items})?\b[^.;\n]{{0,60}}?\b{verbs}|\bneither\b[^.;,\n\d]{{0,60}}\b{verbs}|",
            r"\bnone (?:of (?:the|them|these|those)\b[^.;\n]{{0,80}})?{verbs}|",
            r"\bnothing (?:here )?(?:\w+ )?{verbs}|",
            r"\bthere (?:is|are|were|was) (?:no|none|nothing|zero)(?: \w+){{0,2}}? (?:match(?:es|ing)?|{items})|",
            r"\bno (?:\w+ )?(?:match|matches|matching (?:\w+ )?\w+)\b(?: (?:found|is|are|was|were|exists?|here|at all|among)|\W*$)|",
            r"\bnone (?:match|fit|correspond|suit|apply|is|are|do|does)\w*|\b(?:i|we) (?:find|found|see|hear) no (?:match|{items})|",
            r"\bempty (?:list|set)\b|没有(?:任何)?(?:一个|一张)?(?:匹配|符合|对应|相符|图片|图像|音频)|(?:都|均|全部)(?:不|没有)(?:匹配|符合|对应)|无匹配|無匹配|一致する\S{{0,8}}(?:ありません|ない)|일치하는 \S+ 없|없음|",
            r"\b(?:ningun[oa]?s?|aucune?|kein\w*|nessun[ao]?|nenhuma?)\b[^.;\n]{{0,50}}(?:corresponde?|coincide|encaja|correspond|passt|entspricht|corrisponde|combina)"
        ),
        items = items,
        verbs = verbs
    ))
});

/// The number from which the answer says that it counts.
pub(super) fn base(text: &str) -> u64 {
    u64::from(FROM_ONE.is_match(text))
}

/// The text with blanks for what holds numbers that are no indices.
pub(super) fn without_remarks(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for found in REMARKS.find_iter(text) {
        bytes[found.range()].fill(b' ');
    }
    for found in ENUMERATED.captures_iter(text) {
        if let Some(number) = found.get(1) {
            bytes[number.range()].fill(b' ');
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

/// Whether a clause says of what it names that it matches.
pub(super) fn matches(text: &str) -> bool {
    MATCHES.is_match(text)
}

/// Whether a clause denies something.
pub(super) fn denies(text: &str) -> bool {
    DENIES.is_match(text)
}

/// Whether a clause leaves open what it says.
pub(super) fn hedges(text: &str) -> bool {
    HEDGES.is_match(text)
}

/// Whether a clause says that nothing matches.
pub(super) fn says_nothing(text: &str) -> bool {
    NOTHING.is_match(text)
}

/// What a verdict or the key of a verdict says; `None` if it is no verdict.
pub(super) fn verdict(text: &str) -> Option<bool> {
    let lower = text.trim().to_lowercase();
    match lower.as_str() {
        "y" | "1" | "t" => Some(true),
        "n" | "0" | "f" => Some(false),
        _ if denies(&lower) => Some(false),
        _ if matches(&lower) => Some(true),
        _ => None,
    }
}

//! Statements in scripts that are written without spaces.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::family::full_match::question::{About, Asked};
use crate::text::words::is_glued;
use crate::text::{Pattern, pattern};

/// A sentence of more characters lists or tells, it does not answer.
const MOST_CHARACTERS: usize = 120;

/// Words that deny.
static DENIAL: Pattern =
    LazyLock::new(|| pattern("没|不|未|无|無|沒|并非|不是|ません|ない|なかった|いません"));

/// Words with a denial in them that deny nothing.
static IDIOM: Pattern = LazyLock::new(|| {
    pattern("不仅|不但|不只|不是不|无疑|毫无疑问|没错|不停|不断|不久|不同寻常|无论|不管|不过")
});

/// Characters of questions without content of their own.
const FILLERS: &str = "的了吗呢是在中有这那个和与被会能可以否不没视频画面音声里上一吗么か";

/// Words with which a sentence claims nothing.
const HEDGES: [&str; 3] = ["可能", "也许", "或许"];

/// Words that tell of sight.
const SIGHT: [&str; 11] =
    ["看", "见", "出现", "画面", "有", "可见", "镜头", "显示", "映", "見", "在"];

/// Words that tell of sound.
const SOUND: [&str; 12] =
    ["声", "聲", "听", "叫", "响", "唱", "鸣", "音", "聞", "吹", "演奏", "说话"];

/// Words that tell whether two things belong together.
const TOGETHER: [&str; 12] = [
    "一致",
    "匹配",
    "对应",
    "同步",
    "吻合",
    "符合",
    "相符",
    "一样",
    "无关",
    "不同",
    "一緒",
    "合って",
];

/// What a sentence says: no to `Is the dog visible?` if it is `画面中看不到狗`.
pub(super) fn statement(asked: &Asked, sentence: &str) -> Option<bool> {
    let is_long = sentence.chars().nth(MOST_CHARACTERS).is_some();
    if is_long || HEDGES.iter().any(|hedge| sentence.contains(hedge)) {
        return None;
    }
    // `not this, but that`: what follows counts.
    let sentence = sentence.rsplit("而是").next().unwrap_or(sentence);
    let question: String = asked.words.concat();
    let is_glued_question = question.chars().any(is_glued);
    let wanted: BTreeSet<char> =
        question.chars().filter(|c| is_glued(*c) && !FILLERS.contains(*c)).collect();
    let mut said = None;
    let mut most = 0;
    for clause in sentence.split(['，', ',', '；', ';', '。', '、', '：', ':']) {
        if clause.trim().is_empty() {
            continue;
        }
        let hits = wanted.iter().filter(|c| clause.contains(**c)).count();
        let tells = predicates(asked.about).iter().any(|word| clause.contains(word));
        let is_close = if is_glued_question {
            hits * 2 >= wanted.len().max(1) || (tells && hits > 0)
        } else {
            tells
        };
        let is_denied = is_denied(clause);
        let weight = hits * 2 + usize::from(tells) + 1;
        if (is_close || (is_denied && tells)) && weight > most {
            most = weight;
            said = Some(!is_denied);
        }
    }
    said
}

/// The words that tell of what a question asks about.
fn predicates(about: About) -> &'static [&'static str] {
    match about {
        About::Visible => &SIGHT,
        About::Sounding => &SOUND,
        About::Match => &TOGETHER,
        About::Other => &[],
    }
}

/// Whether a clause denies, an odd number of times.
fn is_denied(clause: &str) -> bool {
    let count = |text: &str| DENIAL.find_iter(text).count();
    let idle: usize = IDIOM.find_iter(clause).map(|found| count(found.as_str())).sum();
    count(clause).saturating_sub(idle) % 2 == 1
}

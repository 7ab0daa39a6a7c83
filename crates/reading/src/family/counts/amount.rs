//! Counts as they are written: digits, words, classifiers; and what is no whole number.

use crate::Count;

/// A count, or what is said instead of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Amount {
    /// A whole number, 0 included.
    Whole(u64),
    /// It is there, in no certain number: `several`, `at least 2`, `1.5`.
    Unclear,
}

impl Amount {
    /// The count of something that is there.
    pub(super) const fn count(self) -> Option<Count> {
        match self {
            Self::Whole(0) => None,
            Self::Whole(count) => Some(Count::Whole(count)),
            Self::Unclear => Some(Count::Unclear),
        }
    }

    /// The count that a number is.
    pub(super) fn of_number(value: f64) -> Self {
        match value {
            value if value.fract() == 0.0 && (0.0..1e9).contains(&value) => {
                format!("{value:.0}").parse().map_or(Self::Unclear, Self::Whole)
            }
            _ => Self::Unclear,
        }
    }

    /// The amount that a whole text is: `2`, `two`, `x2`, `2 dogs`, `several`.
    pub(super) fn of_text(text: &str) -> Option<Self> {
        let text = text.trim().trim_matches(|c: char| "*`\"'“”.()[]".contains(c)).trim();
        let lower = text.to_lowercase();
        let lower = lower.trim_start_matches(['x', '×', '✕', '=', ':']).trim();
        // `2x`, but not `deux`.
        let times = lower.trim_end_matches(['x', '×']).trim_end();
        let lower = if times.ends_with(|c: char| c.is_ascii_digit()) { times } else { lower };
        // `1 (meowing)`, `2 - both bark`.
        let digits = lower.find(|c: char| !c.is_ascii_digit()).unwrap_or(lower.len());
        let remark = lower[digits..].trim_start();
        let is_remark = digits > 0 && remark.starts_with(['(', '（', ',', ';', '-', '–', '—']);
        let hedged = ["maybe", "possibly", "perhaps", "or ", "at least", "about", "?"];
        let plain = is_remark
            && remark.chars().any(char::is_alphabetic)
            && !remark.chars().any(|c| c.is_ascii_digit())
            && !hedged.iter().any(|word| remark.contains(word));
        let lower = if plain { &lower[..digits] } else { lower };
        if let Ok(value) = lower.parse::<f64>()
            && lower.starts_with(|c: char| c.is_ascii_digit())
        {
            return Some(Self::of_number(value));
        }
        word(lower).or_else(|| asian(lower).map(Self::Whole)).or_else(|| {
            let starts_with = |words: &[&str]| words.iter().any(|word| lower.starts_with(word));
            let vague = starts_with(&[
                "at least",
                "at most",
                "more than",
                "less than",
                "about",
                "around",
                "approx",
                "several",
                "many",
                "multiple",
                "some",
                "a few",
                "few",
                "numerous",
                "up to",
                "over ",
                "unknown",
                "unclear",
                "not sure",
                ">",
                "<",
                "~",
                "≥",
                "≤",
                "≈",
                "various",
                "a lot",
                "lots",
                "may",
                "nearly",
                "almost",
                "a couple",
                "various",
                "uncertain",
                "可能",
                "多",
                "几",
                "至少",
                "若干",
                "大约",
                "约",
            ]);
            let range = lower.chars().any(|c| c.is_ascii_digit())
                && lower.chars().all(|c| c.is_ascii_digit() || "-–~+ ?to".contains(c));
            (vague || range).then_some(Self::Unclear)
        })
    }
}

const WORDS: &[(&str, u64)] = &[
    ("zero", 0),
    ("no", 0),
    ("none", 0),
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
    ("twenty", 20),
    ("thirty", 30),
    ("a", 1),
    ("an", 1),
    ("single", 1),
    ("both", 2),
    ("pair", 2),
    ("dozen", 12),
    ("trio", 3),
    ("duo", 2),
    ("quartet", 4),
    // Spanish, French, German, Portuguese, Italian.
    ("un", 1),
    ("una", 1),
    ("uno", 1),
    ("unos", 99),
    ("dos", 2),
    ("tres", 3),
    ("cuatro", 4),
    ("cinco", 5),
    ("seis", 6),
    ("siete", 7),
    ("ocho", 8),
    ("nueve", 9),
    ("diez", 10),
    ("une", 1),
    ("deux", 2),
    ("trois", 3),
    ("quatre", 4),
    ("cinq", 5),
    ("sept", 7),
    ("huit", 8),
    ("neuf", 9),
    ("dix", 10),
    ("ein", 1),
    ("eine", 1),
    ("einen", 1),
    ("einem", 1),
    ("einer", 1),
    ("zwei", 2),
    ("drei", 3),
    ("vier", 4),
    ("fünf", 5),
    ("sechs", 6),
    ("sieben", 7),
    ("acht", 8),
    ("neun", 9),
    ("zehn", 10),
    ("um", 1),
    ("uma", 1),
    ("dois", 2),
    ("duas", 2),
    ("três", 3),
    ("due", 2),
    ("tre", 3),
    ("quattro", 4),
    ("cinque", 5),
    ("sei", 6),
    ("sette", 7),
    ("otto", 8),
    ("nove", 9),
    ("dieci", 10),
    ("ningún", 0),
    ("ninguna", 0),
    ("aucun", 0),
    ("aucune", 0),
    ("kein", 0),
    ("keine", 0),
    ("once", 1),
    ("twice", 2),
    ("thrice", 3),
    ("doce", 12),
    ("douze", 12),
];

/// The amount that one word is.
pub(super) fn word(word: &str) -> Option<Amount> {
    let found = WORDS.iter().find(|(known, _)| *known == word)?.1;
    Some(if found == 99 { Amount::Unclear } else { Amount::Whole(found) })
}

/// Counters of Chinese, Japanese and Korean.
pub(super) const COUNTERS: &str = concat!(
    "个個只隻条條匹头頭辆輛架台臺部把支枝张張本位名棵朵艘座块塊片件瓶面顶頂颗顆串套对對双雙人羽枚冊つ根尾峰具间間份盘盤碗杯盒袋箱束幅副扇盏株粒柄挺",
    "艇機脚着膳皿匙通개마리명대그루권장병송이척켤레자루분잔정",
);

/// A number in the digits and words of Chinese, Japanese and Korean, with a counter behind it or not.
pub(super) fn asian(text: &str) -> Option<u64> {
    let (number, length) = asian_prefix(text)?;
    let rest = text[length..].trim();
    rest.chars().all(|c| COUNTERS.contains(c)).then_some(number)
}

const KOREAN: [(&str, u64); 18] = [
    ("하나", 1),
    ("한", 1),
    ("둘", 2),
    ("두", 2),
    ("셋", 3),
    ("세", 3),
    ("넷", 4),
    ("네", 4),
    ("다섯", 5),
    ("여섯", 6),
    ("일곱", 7),
    ("여덟", 8),
    ("아홉", 9),
    ("열", 10),
    ("ひとつ", 1),
    ("ふたつ", 2),
    ("みっつ", 3),
    ("一つ", 1),
];

/// The number at the start of a text, and its length in bytes.
pub(super) fn asian_prefix(text: &str) -> Option<(u64, usize)> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    if (1..=4).contains(&digits) {
        return Some((text[..digits].parse().ok()?, digits));
    }
    if let Some((word, number)) = KOREAN.iter().find(|(word, _)| text.starts_with(word)) {
        return Some((*number, word.len()));
    }
    let mut number = 0;
    let mut length = 0;
    for c in text.chars().take(3) {
        let digit = match c {
            '零' | '〇' => 0,
            '一' | '壹' => 1,
            '二' | '两' | '兩' | '俩' | '贰' => 2,
            '三' | '叁' => 3,
            '四' => 4,
            '五' => 5,
            '六' => 6,
            '七' => 7,
            '八' => 8,
            '九' => 9,
            '十' => {
                number = if length == 0 { 10 } else { number * 10 };
                length += c.len_utf8();
                continue;
            }
            _ => break,
        };
        if length > 0 && number % 10 != 0 {
            return None;
        }
        number += digit;
        length += c.len_utf8();
    }
    (length > 0).then_some((number, length))
}

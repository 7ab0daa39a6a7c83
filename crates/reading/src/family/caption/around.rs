//! What stands around a caption: preambles, quotes, emphasis, remarks, alternatives.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::Piece;
use crate::ReadingRule;

/// Words of assent before the caption.
static ASSENT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)^(?:sure(?: thing)?|certainly|of course|absolutely|okay|ok|alright|all right|great|got it|understood|no problem|",
        r"gladly|with pleasure|happy to help|i'd be happy to help|i’d be happy to help|here you go|here it is|here goes|definitely|yes|well|right|",
        r"thank you[^.!\n]{0,60}|thanks[^.!\n]{0,60}|you're welcome|good question|great question|as requested|done|",
        r"当然(?:可以)?|好的|可以|没问题|もちろん(?:です)?|はい|물론(?:입니다|이죠)?|네|claro(?: que sí)?|por supuesto|bien sûr|natürlich|gerne|klar|certo|com certeza)",
        r"(?:[ \t]*(?:[!.,，！。、:：—–\n]|-\s)+\s*)",
    ))
    .expect("the pattern is constant and tested")
});

/// A clause that introduces the caption and ends with a colon. A caption may have a colon of its own, so that
/// the words before it must all be about the answer.
static INTRODUCTION: LazyLock<Regex> = LazyLock::new(|| {
    let noun = r"(?:captions?|descriptions?|sentences?|summary|summari[sz]es?|answers?|describes?|described|response|version|attempt|result|output|follows|following|put it|sums? up)";
    let kind = r"(?:one|single|short|brief|final|concise|possible|suitable|appropriate|fitting|accurate|audio|visual|video|sentence|combined|good|best|better|simple|detailed|complete|full|generated|requested|clear|and|most|of|the|sound|scene|clip)";
    let tail = r"(?:of|for|to|the|this|that|which|videos?|clips?|audio|visuals?|and|scene|content|sounds?|sight|both|describe[sd]?|describing|combin\w+|captur\w+|cover\w*|is|are|as|follows?|would|could|can|be|based|on|provided|below|here|in|one|single|sentences?|what|i|see|hear|seen|heard|you|requested|its|with|accompanying|following|it|captions?|descriptions?|like|english|short|style|my|given|footage|recording|picture|shown|happens|happening|going)";
    Regex::new(&format!(
        concat!(
            r"(?i)^(?:here(?:'s|’s| is| are| you have| comes (?:a|the|my))|below (?:is|are)|based on|considering|given (?:the|this)|according to|combining|having (?:watched|seen|viewed|listened|analy\w+)|",
            r"after (?:watching|viewing|listening|analy\w+)|from (?:the|this) (?:video|clip|audio)|to (?:describe|summari[sz]e|caption|put)|i(?:'d|’d| would|'ll|’ll| will)|let me|let(?:'|’)s|i have (?:written|prepared|made))\b",
            r"[^\n:：]{{0,220}}?\b{noun}\b(?:[ ,()-]+{tail})*[ ,()-]*[:：]\s*|",
            r"^(?:this is )?(?:the|my|a|an|one|this|possible|possibly|short|final|in one|in a(?: single)?|as a|single|your)\b(?:[ -]+{kind})*[ -]+{noun}\b(?:[ ,()-]+{tail})*[ ,()-]*[:：]\s*|^(?:it|that|this) (?:can|could|may|might) be (?:described|put|summari[sz]ed|captioned)\b(?: {tail})*[:：]\s*|",
            r"^(?:here(?:'s|’s| is))(?: what)? (?:i|my)\b[^\n:：]{{0,60}}[:：]\s*|",
            r"^(?:以下|下面|这|這|根据|基于|该|此|视频|影片)[^\n:：]{{0,60}}(?:描述|字幕|标题|句子|说明|总结|概括|如下)[^\n:：]{{0,20}}[:：]\s*|",
            r"^(?:以下|こちら|動画)[^\n:：]{{0,40}}(?:説明|キャプション|です)[:：。]\s*|^(?:다음|아래)[^\n:：]{{0,40}}[:：]\s*|",
            r"^(?:aquí (?:está|tienes)|esta es|la descripción|una descripción)[^\n:]{{0,80}}:\s*|^(?:voici|la description|une description)[^\n:]{{0,80}}:\s*|^(?:hier ist|die beschreibung|eine beschreibung)[^\n:]{{0,80}}:\s*"
        ),
        noun = noun,
        kind = kind,
        tail = tail
    ))
    .expect("the pattern is constant and tested")
});

/// The same after a line of thought: `So the caption would be: ...`.
static CONCLUDING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)(?:^|[.!?]\s+|\n\s*)(?:(?:so|thus|therefore|hence|overall|putting (?:it|this|these) (?:all )?together|combining (?:these|both|them|the two)|",
        r"in summary|to sum up|combined)[ ,]+)*(?:(?:the|my|a|this|an|one)\s+(?:[\w-]+\s+){0,2}?(?:captions?|description|sentence|summary|answer)\b[^\n:：.]{0,40}|here(?:'s|’s| is) (?:the|my|a|your)\s+(?:[\w-]+\s+){0,3}?(?:captions?|description|sentence|summary)\b[^\n:：.]{0,60}|i (?:would|will) (?:say|write))[:：]\s*",
    ))
    .expect("the pattern is constant and tested")
});

/// A sentence about the answer before it, without a colon: `Here is the caption.`
static INTRODUCING_SENTENCE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("(?i)^(?:here(?:'s|’s| is| are)|below is|this is|the following is|i(?:'ll| will| have|'ve|’ve|’ll)|let me|let's|let’s)\\b[^\\n:.]{0,120}\\b(?:captions?|descriptions?|sentence|summary|describe|description|the video|the clip)\\b[^\\n:.]{0,60}(?:\\.\\s+|\\.?[ \\t]*\\n+)")
    .expect("the pattern is constant and tested")
});

/// `answer=`, which prompts of other folders ask for.
static ASSIGNMENT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:(?:answer|output|result|predict(?:ion)?)\s*=|(?:final |video )?(?:caption|description)\s*[=:：])\s*")
        .expect("the pattern is constant and tested")
});

/// The start of a remark to the reader.
static REMARK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)^\W*(?:let me know|feel free|tell me|please (?:let|note|feel|tell)|i hope|hope (?:this|that|it)|would you like|do you (?:want|need)|should you|",
        r"if you(?:'d|’d)?\b|is there anything|note(?: that)?\s*[:：,]|note that|\(?note\b|n\.b\.|ps\b|p\.s\.|this (?:caption|sentence|description|summary|answer|response)|these (?:captions|sentences)|",
        r"the (?:caption|sentence|description|summary) (?:above |here )?(?:covers?|captures?|combines?|includes?|describes?|mentions?|is|was|reflects?|focuses|integrates)|",
        r"i (?:can|could|would be|have|tried|kept|combined|focused|chose|made|am happy|included|also|based|wrote|used)\b[^.\n]{0,80}\b(?:also|caption|shorter|longer|more|detail|style|sentence|describ\w*|happy|version|it)|i(?:'d|’d) be happy|happy to|",
        r"\(?\d+ words\)?\W*$|\(?word count|\(?words?\s*[:：]\s*\d|\(?length\s*[:：]|\(?confidence|explanation\s*[:：]|reasoning\s*[:：]|rationale\s*[:：]|keywords?\s*[:：]|tags\s*[:：]|justification\s*[:：]|why\s*[:：]|",
        r"(?:any|need|want)\b[^.\n]{0,60}\?|(?:is|was|does|do|are|shall|should) (?:that|this|it|these|i)\b[^\n]*\?\W*$|anything else|thank you|thanks\b|cheers\b|enjoy\b|end of|\[?end\]?\W*$|###|---|",
        r"希望|如果(?:你|您|需要)|请(?:告诉|让)我|注[:：]|(?:需要|想要)[^。\n]{0,30}吗|ご要望|必要(?:でしたら|であれば)|도움이|필요하시면|espero|si (?:quieres|necesitas|deseas)|n'hésitez|si vous|lass mich|wenn du|gerne kann ich|falls)",
    ))
    .expect("the pattern is constant and tested")
});

/// A remark in the line of the caption: its last sentences.
static COURTESY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)(?:[.!?。][”\x22’']?\s+|[”\x22]\s+)(?P<remark>\(?(?:let me know|feel free|please let me know|i hope (?:this|that|it)|hope this|would you like (?:me|a|another)|do you want me|if you(?:'d| would|’d) like|if you (?:want|need)|is there anything|",
        r"\(?note(?: that|:)|this (?:caption|sentence|description) |\(?\d+ words|如果您|如果你|希望这)[^\n]*)$",
    ))
    .expect("the pattern is constant and tested")
});

/// The number of words in parentheses at the end.
static COUNT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\s*[(\[](?:\d+ words|word count:? ?\d+|\d+ characters|end)[)\]]\W{0,2}$")
        .expect("the pattern is constant and tested")
});

/// Numbers or letters of alternatives.
static ALTERNATIVE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?m)^[ \t]*(?:[*_]*(?:(?:option|alternative|version|caption|variant)\s*)?(?:\d{1,2}|[a-cA-C])[.):：][*_]*[ \t]+|[-*•][ \t]+)").expect("the pattern is constant and tested")
});

const QUOTES: &[(char, char)] = &[
    ('"', '"'),
    ('“', '”'),
    ('”', '”'),
    ('„', '“'),
    ('„', '”'),
    ('«', '»'),
    ('»', '«'),
    ('\'', '\''),
    ('‘', '’'),
    ('‚', '‘'),
    ('「', '」'),
    ('『', '』'),
    ('`', '`'),
    ('《', '》'),
    ('＂', '＂'),
    ('〝', '〞'),
    ('“', '"'),
    ('"', '”'),
    ('‹', '›'),
    ('“', '“'),
];

/// The piece without anything around it.
pub(super) fn stripped(text: &str, piece: &Piece) -> Piece {
    let mut span = piece.span.clone();
    for _ in 0..12 {
        let before = span.clone();
        span = trimmed(text, span);
        span = unfenced(text, span);
        span = after_preamble(text, span);
        span = first_alternative(text, span);
        span = before_remarks(text, span);
        span = unquoted(text, span);
        if span == before {
            break;
        }
    }
    let rule = if span.len() == text.trim().len() || piece.rule != ReadingRule::Whole {
        piece.rule
    } else {
        ReadingRule::Statement
    };
    Piece { span, rule }
}

/// The text with blanks for what stands in double quotes.
pub(super) fn without_quotes(text: &str) -> String {
    static SPEECH: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            "[\"“„«][^\"“”„«»\n]{1,300}[\"”“»]|(?:^|\\s)['‘][^'‘’\n]{1,300}['’](?:\\s|[.,!?]|$)",
        )
        .expect("the pattern is constant and tested")
    });
    SPEECH.replace_all(text, " ").into_owned()
}

fn trimmed(text: &str, span: Range<usize>) -> Range<usize> {
    let shown = &text[span.clone()];
    let start = span.start + shown.len() - shown.trim_start().len();
    start..(span.start + shown.trim_end().len()).max(start)
}

/// Cuts `count` bytes off the start.
fn cut(span: &Range<usize>, count: usize) -> Range<usize> {
    span.start + count..span.end
}

/// The content of a code fence: all of it, or the only one below an introduction.
fn unfenced(text: &str, span: Range<usize>) -> Range<usize> {
    let shown = &text[span.clone()];
    if !shown.starts_with("```") {
        return span;
    }
    let first = shown.find('\n').map_or(3, |at| {
        let language = shown[3..at].trim();
        if language.chars().all(|c| c.is_alphanumeric() || c == '-') { at } else { 3 }
    });
    let end = shown[first.max(3)..].find("```").map_or(shown.len(), |at| first.max(3) + at);
    span.start + first..span.start + end
}

fn after_preamble(text: &str, span: Range<usize>) -> Range<usize> {
    let shown = &text[span.clone()];
    let plain = shown.trim_start_matches(['*', '_', '#', '>', ' ']);
    let marks = shown.len() - plain.len();
    for pattern in [&*ASSIGNMENT, &*INTRODUCTION, &*INTRODUCING_SENTENCE] {
        if let Some(found) = pattern.find(plain)
            && plain[found.end()..].chars().any(char::is_alphanumeric)
        {
            let rest = plain[found.end()..].trim_start_matches("**").len();
            return cut(&span, shown.len() - rest);
        }
    }
    if let Some(found) = CONCLUDING.find_iter(shown).last()
        && found.start() > 0
        && shown[found.end()..].trim().contains(' ')
    {
        return cut(&span, found.end());
    }
    // `Yes` opens a caption too; words of assent end with a stop and something follows.
    if let Some(found) = ASSENT.find(plain)
        && plain[found.end()..].chars().any(char::is_alphanumeric)
    {
        return cut(&span, marks + found.end());
    }
    // Marks of a heading or a quotation before a caption of one line.
    if shown.starts_with(['#', '>']) && !shown.contains('\n') && marks < shown.len() {
        let marks = shown.len() - shown.trim_start_matches(['#', '>', ' ']).len();
        return cut(&span, marks);
    }
    span
}

/// The first of several alternatives, or the only item of a list.
fn first_alternative(text: &str, span: Range<usize>) -> Range<usize> {
    let shown = &text[span.clone()];
    let mut found = ALTERNATIVE.find_iter(shown);
    let Some(first) = found.next().filter(|first| first.start() == 0) else { return span };
    let next = found.next().map_or(shown.len(), |next| next.start());
    if first.end() >= next || !shown[first.end()..next].contains(' ') {
        return span;
    }
    span.start + first.end()..span.start + next
}

/// Cuts remarks to the reader off the end: paragraphs, lines, and sentences of plain courtesy.
fn before_remarks(text: &str, span: Range<usize>) -> Range<usize> {
    let shown = &text[span.clone()];
    // The first line that is a remark ends the caption, unless it is the first of all.
    let opens_with_label = super::labels::OTHER.find(shown).is_some_and(|label| label.start() == 0);
    let mut at = 0;
    for line in shown.split_inclusive('\n') {
        let content = line.trim();
        let rule = content.len() >= 3 && content.chars().all(|c| "-*_=~#".contains(c));
        let bare = content.trim_matches(['*', '_', ' ']);
        let aside = bare.starts_with(['(', '（']) && bare.ends_with([')', '）']);
        let labelled = !opens_with_label && super::labels::OTHER.is_match(content);
        if at > 0
            && !content.is_empty()
            && (rule || aside || labelled || REMARK.is_match(content))
            && shown[..at].chars().any(char::is_alphanumeric)
        {
            return span.start..span.start + at;
        }
        at += line.len();
    }
    // A remark in the caption's own line: its last sentences.
    if let Some(remark) = COURTESY.captures(shown).and_then(|found| found.name("remark")) {
        return span.start..span.start + remark.start();
    }
    COUNT.find(shown).map_or(span.clone(), |found| span.start..span.start + found.start())
}

/// Takes off quotes and emphasis that enclose everything.
fn unquoted(text: &str, span: Range<usize>) -> Range<usize> {
    let shown = &text[span.clone()];
    for mark in ["***", "**", "__", "*", "_", "~~"] {
        if let Some(inner) = shown.strip_prefix(mark).and_then(|rest| rest.strip_suffix(mark))
            && !inner.contains(mark)
            && !inner.trim().is_empty()
        {
            return span.start + mark.len()..span.end - mark.len();
        }
    }
    // An opening mark whose partner was cut off with the label before or the remark behind.
    if let Some(rest) = shown.strip_suffix("**").filter(|rest| !rest.contains("**")) {
        return span.start..span.start + rest.len();
    }
    if let Some(rest) = shown.strip_prefix("**").filter(|rest| !rest.contains("**")) {
        return span.end - rest.len()..span.end;
    }
    // Two or three quotes on either side.
    for quotes in ["\"\"\"", "'''", "''", "\"\"", "``"] {
        if let Some(inner) = shown.strip_prefix(quotes).and_then(|rest| rest.strip_suffix(quotes))
            && !inner.trim().is_empty()
            && !inner.contains(quotes)
        {
            return span.start + quotes.len()..span.end - quotes.len();
        }
    }
    let (Some(first), Some(last)) = (shown.chars().next(), shown.chars().next_back()) else {
        return span;
    };
    let size = first.len_utf8();
    // A stop behind the closing quote belongs to the sentence around it.
    let (body, last) = if ".。".contains(last) {
        let body = &shown[..shown.len() - last.len_utf8()];
        (body, body.chars().next_back().unwrap_or(last))
    } else {
        (shown, last)
    };
    let pair = QUOTES.iter().any(|(open, close)| *open == first && *close == last);
    if !pair || body.len() < size + last.len_utf8() + 1 {
        return span;
    }
    let inner = &body[size..body.len() - last.len_utf8()];
    let apostrophes = "'‘’".contains(first);
    let closes = |(at, c): (usize, char)| {
        // Apostrophes within words are no quotes.
        c == last && !(apostrophes && inner[at + c.len_utf8()..].starts_with(char::is_alphabetic))
    };
    let interior = inner.char_indices().any(closes);
    let speech = inner.matches(first).count() > 0 && first != last;
    if interior || speech {
        // `"A dog barks," says "Rex".` is not enclosed; doubled quotes are.
        return span;
    }
    // Without the stop behind the quote a sentence may lack one; it stays as the quote has it.
    span.start + size..span.start + body.len() - last.len_utf8()
}

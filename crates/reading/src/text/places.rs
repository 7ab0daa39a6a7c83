//! Where answers stand: boxes, tags, fields of JSON, markers.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::ReadingRule;

/// A place in a text that is made for the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) rule: ReadingRule,
    /// Bytes of the content.
    pub(crate) content: Range<usize>,
    /// Bytes of the place with what opens and closes it.
    pub(crate) whole: Range<usize>,
}

static TAGS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?is)<(?:final_?)?answer>(?P<a>.*?)(?:</?(?:final_?)?answer>|\z)",
        r"|<\|begin_of_box\|>(?P<b>.*?)(?:<\|end_of_box\|>|\z)",
        r"|\[answer\](?P<c>.*?)(?:\[/answer\]|\z)",
        r"|<(?:output|response|result|conclusion|choice|final)>(?P<d>.*?)(?:</(?:output|response|result|conclusion|choice|final)>|\z)",
    ))
    .expect("the pattern is constant")
});

static FIELD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"(?i)["'“](?:final[_ ]?|correct[_ ]?|predicted[_ ]?)?(?:answers?|result|prediction|output|response|choice|option|verdict|label|value|conclusion|decision|count|total|number|selected(?:[_ ]?option)?)["'”]\s*[:：=]\s*"#,
        r#"(?:"(?P<a>(?:[^"\\\n]|\\.)*)"|'(?P<b>(?:[^'\\\n]|\\.)*)'|“(?P<c>[^”\n]*)”|(?P<d>-?[\w.]+)|(?P<e>\[[^\]\n]*\]))"#,
    ))
    .expect("the pattern is constant")
});

/// The places of `text` that are made for machines, in their order: boxes, tags, fields of JSON.
pub(crate) fn places(text: &str) -> Vec<Place> {
    let mut found = boxed(text);
    for tag in TAGS.captures_iter(text) {
        if let (Some(whole), Some(content)) = (tag.get(0), tag.iter().skip(1).flatten().next()) {
            found.push(Place {
                rule: ReadingRule::Tagged,
                content: content.range(),
                whole: whole.range(),
            });
        }
    }
    if found.is_empty() && text.contains('{') {
        for field in FIELD.captures_iter(text) {
            if let (Some(whole), Some(content)) =
                (field.get(0), field.iter().skip(1).flatten().next())
            {
                found.push(Place {
                    rule: ReadingRule::Container,
                    content: content.range(),
                    whole: whole.range(),
                });
            }
        }
    }
    found
}

/// `\boxed{...}` with balanced braces; `\text{...}` inside is taken off.
fn boxed(text: &str) -> Vec<Place> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(offset) = text[from..].find("\\boxed") {
        let start = from + offset;
        let mut open = start + "\\boxed".len();
        open += text[open..].len() - text[open..].trim_start_matches(' ').len();
        from = open;
        if !text[open..].starts_with('{') {
            continue;
        }
        let mut depth = 0_usize;
        let close = text[open..].char_indices().take(2_000).find_map(|(at, c)| {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            (depth == 0).then_some(open + at)
        });
        let end =
            close.unwrap_or_else(|| text[open..].find('\n').map_or(text.len(), |at| open + at));
        let mut content = open + 1..end;
        for command in ["\\text{", "\\textbf{", "\\mathrm{", "\\mathbf{", "\\textit{"] {
            if text[content.clone()].trim_start().starts_with(command) {
                let inside = content.start + text[content.clone()].find('{').unwrap_or(0) + 1;
                let closing =
                    text[inside..content.end].rfind('}').map_or(content.end, |at| inside + at);
                content = inside..closing;
            }
        }
        from = end;
        let whole = start..(end + 1).min(text.len());
        if text.is_char_boundary(whole.end) {
            found.push(Place { rule: ReadingRule::Boxed, content, whole });
        }
    }
    found
}

/// Words that lead to an answer.
static MARKERS: LazyLock<Regex> = LazyLock::new(|| {
    let noun = r"(?:answer|choice|option|verdict|conclusion|response|prediction|judg?ement|decision|result|pick|guess|one|statement|estimate|total|caption)";
    let adjective = r"(?:final|correct|right|best|only|short|overall|most (?:likely|probable|fitting|appropriate)|appropriate|likely|likeliest|proper|closest|chosen|predicted|direct|suitable|concise|fitting|accurate)";
    let verb = r"(?:is|was|would be|should be|must be|will be|has to be|can only be|seems to be|appears to be|remains|comes out as|reads|stands|becomes)";
    let parts = [
        format!(r"\b(?:the|my|our|this|that|a|an|its|your|here is the|here's the|here is my)\s+(?:\*\*|[*_`])?(?:{adjective}[,\s]+)*{noun}(?:\*\*|[*_`])?(?:\s+(?:here|then|to (?:this|the|your) question|to that|among (?:these|them|the options)|from (?:the|these) (?:options|choices)))?\s*(?:(?:is|{verb})\b(?:\s+(?:that|therefore|thus|hence|then|clearly|simply|most likely|likely|probably|definitely|option|choice|the (?:following|option)))*\s*[:：,]?|[:：=])"),
        format!(r"(?:^|[\n.!?;,(*#]|\bso|\bthus|\bhence)\s*(?:\*\*|[*_`#]+\s*)?(?:{adjective}\s+)*(?:answer|final answer|conclusion|verdict|final verdict|final decision|decision|choice|prediction|response|result|option|total|total count|final count|sum|tally|final|count|estimate|judgement|judgment)\s*(?:\*\*|[*_`])*\s*(?:[:：=]|\bis\b\s*[:：]?|-|–|—|→|⇒|->)"),
        format!(r"\b(?:{adjective}\s+{noun}\s+{verb}\b)\s*[:：]?"),
        r"\b(?:i(?:'d| would)?|we(?:'d| would)?|let me|let us|let's)\s+(?:therefore\s+|thus\s+|hence\s+|would\s+|then\s+|will\s+)*(?:choose|pick|select|go (?:with|for)|opt for|settle (?:on|for)|answer(?: with)?|conclude(?: that)?|say|vote for|conclude with)\b(?:\s+(?:that\s+)?(?:the answer is|option|choice))?\s*[:：,]?".to_owned(),
        r"(?:^|\n)[ \t]*(?:#{1,6}|\*\*)[ \t]*(?:final |my |the |short |correct )?(?:answer|conclusion|verdict|decision|result|summary|count|final count|total|number|final answer)(?:\*\*)?:?[ \t]*\n+".to_owned(),
        r"\b(?:is|was|be|as|with|say|choose|pick)\s*[:：]?\s*[(（]?[A-H][)）]\s*".to_owned(),
        r"\b(?:corresponds to|matches|amounts to|leads (?:me |us )?to)\s+(?:the\s+)?(?:option|choice|answer)\s*[:：]?".to_owned(),
        r"(?:正确|最终|最後|最后)?(?:答案|选项|結論|结论|回答|答え|答)\s*(?:应该|应当|應該)?(?:就)?(?:是|为|為|选|選|：|:|は|，)+[:：]?".to_owned(),
        r"(?:정답|답변|답|결론)\s*(?:은|는|:|：)".to_owned(),
        r"\b(?:la |el )?respuesta(?: (?:correcta|final))?\s*(?:es|:|sería)|\b(?:la )?réponse(?: (?:correcte|finale))?\s*(?:est|:|serait)|\b(?:die |meine )?(?:richtige )?antwort\s*(?:ist|lautet|:|wäre)\s*:?|\b(?:a )?resposta(?: (?:correta|final))?\s*(?:é|:|seria)|\b(?:la )?risposta\s*(?:è|:)|\b(?:правильный )?ответ\s*[:—–-]|\bjawaban(?:nya)?\s*(?:adalah|:)|\bcevap\s*:|\b(?:câu )?trả lời\s*(?:là|:)|\bđáp án\s*(?:là|:)|الجواب\s*:?|الإجابة\s*(?:هي)?\s*:?|उत्तर\s*(?:है)?\s*[:：]?".to_owned(),
    ];
    Regex::new(&format!("(?im){}", parts.join("|").replace('\'', "['’]")))
        .expect("the pattern is constant")
});

/// Content of a marker: bytes from the marker's end to the end of its sentence or, if nothing
/// follows on the line, of the next line that is not empty.
pub(crate) fn marked(text: &str, sentences: &[crate::text::sentences::Sentence]) -> Vec<Place> {
    let mut found: Vec<Place> = Vec::new();
    for marker in MARKERS.find_iter(text) {
        let Some(last) = marker.as_str().chars().next_back() else { continue };
        let at = marker.end();
        let content_start = at;
        // Sentences are in order.
        let index = sentences.partition_point(|sentence| sentence.span.end <= content_start);
        let Some(sentence) = sentences.get(index) else { continue };
        let is_asked = sentence.is_question && !text[marker.range()].contains([':', '：']);
        if is_asked {
            continue;
        }
        // A marker without a colon must be followed in its own sentence.
        let same = sentence.span.start < content_start;
        if !same
            && !matches!(
                last,
                ':' | '：'
                    | '='
                    | 's'
                    | 'S'
                    | 'e'
                    | '是'
                    | '为'
                    | '-'
                    | '–'
                    | '—'
                    | '\n'
                    | '*'
                    | ')'
            )
        {
            continue;
        }
        let start = content_start.max(sentence.span.start);
        found.push(Place {
            rule: ReadingRule::Marked,
            content: start..sentence.span.end,
            whole: marker.start()..sentence.span.end,
        });
    }
    found
}

/// Sentences behind one that ends with a colon: `So the skater turns:` and on the next line the
/// answer. They are answers only if they are nothing but one.
pub(crate) fn led(text: &str, sentences: &[crate::text::sentences::Sentence]) -> Vec<Place> {
    let leads = |span: &Range<usize>| {
        text[span.clone()].trim_end_matches(['*', '_', ' ']).ends_with([':', '：'])
    };
    sentences
        .windows(2)
        .filter(|pair| leads(&pair[0].span))
        .map(|pair| Place {
            rule: ReadingRule::Marked,
            content: pair[1].span.clone(),
            whole: pair[0].span.start..pair[1].span.end,
        })
        .collect()
}

/// Words that open a conclusion.
static CONCLUDES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)^(?:\W*)(?:(?:and|but)\s+)?(?:so|thus|therefore|hence|consequently|accordingly|overall|in (?:conclusion|summary|short|total|all|sum|the end|brief|other words)|that is to say|which is to say|to put it (?:shortly|briefly|simply|plainly)|meaning that|to (?:conclude|summari[sz]e|sum up)|as a result|all in all|for (?:these|this|that) reasons?|based on (?:this|that|these)|given (?:this|that|these)|this (?:means|implies|shows|tells)|that (?:means|makes)|which (?:means|makes|gives|leaves)|it follows|from this|conclusion|summary|finally|altogether|ultimately|al(?:so|tro)?tal|因此|所以|综上|总之|由此|故|つまり|したがって|따라서|그러므로|por (?:lo )?tanto|en resumen|donc|en conclusion|also|daher|insgesamt|portanto|следовательно|таким образом|итого|итак)",
        r"(?:\b|[，,])",
    ))
    .expect("the pattern is constant")
});

/// The length of the words that open a conclusion, if the sentence begins with any.
pub(crate) fn concludes(sentence: &str) -> Option<usize> {
    CONCLUDES.find(sentence).map(|found| found.end())
}

static EMPHASIS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\*\*(?P<a>[^*\n]{1,160})\*\*|__(?P<b>[^_\n]{1,160})__")
        .expect("the pattern is constant")
});

/// Emphasised pieces.
pub(crate) fn emphasised(text: &str) -> Vec<Place> {
    EMPHASIS
        .captures_iter(text)
        .filter_map(|found| {
            let (whole, content) = (found.get(0)?, found.iter().skip(1).flatten().next()?);
            Some(Place {
                rule: ReadingRule::Emphasised,
                content: content.range(),
                whole: whole.range(),
            })
        })
        .collect()
}

//! Words that lead to an answer.

use std::ops::Range;
use std::sync::LazyLock;

use super::places::Place;
use super::sentences::Sentence;
use super::{LONGEST_SENTENCE, Pattern, pattern};
use crate::ReadingRule;

/// Words that name the answer: `the correct option is`, `Verdict:`.
static MARKERS: Pattern = LazyLock::new(|| {
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
    pattern(&format!("(?im){}", parts.join("|").replace('\'', "['’]")))
});

/// Words that open a conclusion.
static CONCLUDES: Pattern = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)^(?:\W*)(?:(?:and|but)\s+)?(?:so|thus|therefore|hence|consequently|accordingly|overall|in (?:conclusion|summary|short|total|all|sum|the end|brief|other words)|that is to say|which is to say|to put it (?:shortly|briefly|simply|plainly)|meaning that|to (?:conclude|summari[sz]e|sum up)|as a result|all in all|for (?:these|this|that) reasons?|based on (?:this|that|these)|given (?:this|that|these)|this (?:means|implies|shows|tells)|that (?:means|makes)|which (?:means|makes|gives|leaves)|it follows|from this|conclusion|summary|finally|altogether|ultimately|al(?:so|tro)?tal|因此|所以|综上|总之|由此|故|つまり|したがって|따라서|그러므로|por (?:lo )?tanto|en resumen|donc|en conclusion|also|daher|insgesamt|portanto|следовательно|таким образом|итого|итак)",
        r"(?:\b|[，,])",
    ))
});

/// The places that words mark as the answer: from the end of the words to the end of their sentence
/// or, if nothing follows on the line, of the next sentence. `The answer is **red**.` has one, with
/// the content `**red**.`
pub(crate) fn marked(text: &str, sentences: &[Sentence]) -> Vec<Place> {
    MARKERS
        .find_iter(text)
        .filter_map(|marker| {
            // Sentences are in order.
            let index = sentences.partition_point(|sentence| sentence.span.end <= marker.end());
            let sentence = sentences.get(index)?;
            let has_colon = marker.as_str().contains([':', '：']);
            let is_asked = sentence.is_question && !has_colon;
            let is_within = sentence.span.start < marker.end();
            if is_asked || !(is_within || leads_on(marker.as_str())) {
                return None;
            }
            Some(Place {
                rule: ReadingRule::Marked,
                content: marker.end().max(sentence.span.start)..sentence.span.end,
                whole: marker.start()..sentence.span.end,
            })
        })
        .filter(|place| place.content.len() <= LONGEST_SENTENCE)
        .collect()
}

/// Whether a marker may lead to the sentence behind its own.
fn leads_on(marker: &str) -> bool {
    marker.ends_with([':', '：', '=', 's', 'S', 'e', '是', '为', '-', '–', '—', '\n', '*', ')'])
}

/// Sentences behind one that ends with a colon: `So the skater turns:` and on the next line the
/// answer. They are answers only if they are nothing but one.
pub(crate) fn led(text: &str, sentences: &[Sentence]) -> Vec<Place> {
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

/// The length of the words that open a conclusion, if the sentence begins with any: 9 of
/// `Therefore, no.`
pub(crate) fn concludes(sentence: &str) -> Option<usize> {
    CONCLUDES.find(sentence).map(|found| found.end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::sentences::sentences;

    #[test]
    fn markers_lead_to_the_rest_of_their_sentence_or_to_the_next() {
        for (text, wanted) in [
            ("The answer is **red**. Not blue.", "**red**."),
            ("Final answer:\n\nred", "red"),
            ("I would therefore choose the red one.", "the red one."),
            ("答案是红色。", "红色。"),
            ("Verdict: red", "red"),
        ] {
            let places = marked(text, &sentences(text));
            let found: Vec<_> =
                places.into_iter().map(|place| text[place.content].trim()).collect();
            assert_eq!(found, [wanted], "{text}");
        }
        for text in ["Is the answer red?", "The dog answers."] {
            assert_eq!(marked(text, &sentences(text)), [], "{text}");
        }
    }

    #[test]
    fn conclusions_begin_with_words_that_conclude() {
        assert_eq!(concludes("Therefore, no."), Some(9));
        assert_eq!(concludes("Some say no."), None);
    }
}

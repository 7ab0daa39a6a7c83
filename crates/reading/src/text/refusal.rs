//! Words in which a model declines: it cannot, may not, has nothing to go by.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use super::{Pattern, pattern};

/// What a question may rest on. A model that misses one of these answers nothing.
const EVIDENCE: &str = "(?:audio|video|image|picture|photo|file|clip|recording|transcript|transcription|footage|media|input|attachment|soundtrack|content|material|frames?|information|data|context)";

/// The model declines, or what the question rests on is missing.
static DECLINES: Pattern = LazyLock::new(|| {
    let evidence = EVIDENCE;
    english(&[
        // Apologies.
        r"\b(?:i'?m|i am|we'?re|we are)?\s*(?:so |very |really |terribly )?sorry\b(?:,|\.|!|\s+but|\s+i\b|\s+that\b|\s+this\b|\s+for\b)",
        r"(?:^|[.!?\n]\s*)(?:my |our |sincere )?apologies\b|\bi apologi[sz]e\b|(?:^|[.!?\n]\s*)unfortunately,? (?:i|we|the (?:audio|video|image|clip|file)|no|there (?:is|was)|it is not possible)\b",
        // What it is.
        r"\bas an? (?:ai\b|(?:large )?language model|text[- ](?:based|only)|(?:vision|image)[- ](?:only|based|language)|virtual|artificial|assistant|llm\b|multimodal (?:ai|model))",
        r"\bi(?:'m| am) (?:just |only |merely )?an? (?:ai\b|(?:large )?language model|text[- ](?:based|only)|virtual assistant)",
        // A model that speaks of what it is does not answer.
        r"\b(?:text|language)(?:[- ]only)? models?\b|\bsighted (?:assistant|person|helper)\b|\bnot among the things i\b|\b(?:were i|if i were|if only i were) able to\b|\brequest cannot be\b|\ball i (?:got|have|received|see) is your\b",
        &format!(
            r"\b(?:have|has|got|had) neither (?:the |an? )?(?:\w+ )?{evidence}s?\b|\b(?:see|find|found|got|received?|have|get) (?:0|zero|no) (?:attachments?|files?|media|uploads?|inputs?)\b|\bwhere (?:can|could|do|should|is|are) (?:i |the |your )(?:\w+ ){{0,2}}?{evidence}s?\b|\b(?:could|may|can) i (?:have|get|see|hear) the {evidence}s?\b"
        ),
        // What it has no access to.
        &format!(
            r"\b(?:can(?:not|'t| not)|could(?: not|n't)|do(?:es)?(?: not|n't)|unable to|not able to|no way (?:for me )?to|lack the ability to|not capable of|incapable of|no ability to|never) (?:\w+ ){{0,2}}?(?:access(?:ing)?|process(?:ing)?|play(?:ing)?(?: back)?|open(?:ing)?|view(?:ing)?|watch(?:ing)?|listen(?:ing)?(?: to)?|analy[sz](?:e|ing)|receiv(?:e|ing)|interpret(?:ing)?|load(?:ing)?|support(?:ing)?|perceiv(?:e|ing)|hear(?:ing)?|see(?:ing)?|have (?:access to )?)\b ?(?:(?:to|the|any|this|that|your|an?|such|these|those|actual|provided|attached|uploaded|given|raw|audio|video|image|visual|sound|embedded|shared|media|and|or|directly)[ -]){{0,5}}?{evidence}s?\b"
        ),
        r"\b(?:do not|don't|does not|doesn't|lack|have no|has no|without|no) (?:\w+ ){0,2}?(?:access to|ability to|capability to|capacity to|means (?:to|of)|way (?:to|of)|basis (?:to|for))\b",
        &format!(r"\bhave no {evidence}s?\b|\bdo(?: not|n't) have (?:\w+ ){{0,2}}?{evidence}s?\b"),
        r"\b(?:i|we) lack\b|\bbeyond (?:me\b|what i can|my (?:capabilities|abilities|scope|reach))|\boutside (?:of )?my (?:capabilities|abilities|scope)|\bnot (?:within|in) my (?:capabilities|power)",
        // What is not there.
        &format!(
            r"\b(?:no|any|neither|0|zero|without|lacks? an?) (?:\w+[ -]){{0,3}}?{evidence}s?(?: \w+){{0,3}}? (?:(?:was|is|were|are|has been|have been|had been|being|been|seems to (?:be|have been)|appears to (?:be|have been)|got) )?(?:provided|attached|given|included|supplied|available|uploaded|shared|received|accessible|submitted|sent|embedded|detected|found|loaded|stands|accompan\w+|comes?|came|reached|arrived)\b"
        ),
        &format!(
            r"\b{evidence}s?(?: \w+){{0,3}}? (?:is|was|are|were|has|have|seems?|appears?|did|does|could|can)(?: to be| been)? ?(?:missing|unavailable|inaccessible|corrupted|corrupt|broken|damaged|empty|blank|absent|not (?:\w+ )?(?:provided|available|attached|accessible|included|loaded|shared|given|uploaded|supported|playable|there|load|play|open|come through|arrive|received|be (?:loaded|played|opened|accessed|processed)))\b"
        ),
        &format!(
            r"\b(?:was|is|were|am|are)(?:n't| not) (?:able to (?:see|hear|access|receive)|given|provided(?: with)?|sent|shown) (?:\w+ ){{0,2}}?{evidence}s?\b"
        ),
        &format!(
            r"\bthere (?:is|was|are|were|'s) (?:no|nothing) (?:\w+[ -]){{0,2}}?(?:{evidence}s?|above|attached)(?: (?:with|in|for|to|here|above|attached|provided|given|included|available|that|about|on|from|of)\b|[.,;!]|$)"
        ),
        &format!(
            r"\b(?:missing|absent|lacking|without) (?:the |an? |any )?(?:\w+ )?{evidence}s?\b"
        ),
        r"\bnothing (?:above|here|there|attached|provided|to (?:read|hear|see|listen to|watch|go (?:on|by)))\b",
        r"\b(?:am|is|are|was)(?: not|n't) (?:able|something i can|possible) (?:to )?(?:do|for me)\b|\b(?:which|that|this|so) i (?:cannot|can't|am unable|am not able)\b(?: (?:do|to do))?|\bnot something i (?:can|am able)\b|\bi (?:do not|don't|can't|cannot|won't|will not) (?:report|identify people|comment|disclose|discuss|share|provide|offer)\b|\bfor (?:privacy|safety|security|ethical|legal|policy) reasons\b",
        &format!(
            r"\bi(?:'d| would)? (?:need|require)\b(?: \w+){{0,4}}? {evidence}s?\b|\brequires? (?:me )?(?:to )?(?:view|see|hear|listen|watch)\w*\b|\bthat i (?:do not|don't) have\b|\bone of (?:them|which) never\b|\bnever (?:reached|arrived|got)\b"
        ),
        r"\b(?:link|url|file|message|attachment|upload|download|stream|player|decoder)s?\b(?: \w+){0,6}? (?:does|did|do|is|was|has|have|could|can|cannot|seems?)(?: ?not|n't|not)?\b(?: \w+)? ?(?:open|work|load|play|broken|dead|empty|missing|expired|failed|corrupt\w*|unavailable|invalid|accessible|arrive)\b",
        r"\bfail(?:s|ed)? to (?:load|open|play|decode|process|upload|download)\b|\berror (?:\d{3}|code|while|loading|processing)\b",
        // What it asks for.
        &format!(
            r"\b(?:please|could you|can you|would you|just|simply|kindly|if you (?:can|could|would)?|feel free to|you (?:can|could|may)|try to|try) (?:\w+ ){{0,2}}?(?:provide|upload|share|attach|describe|send|resend|supply|paste|re-?upload|give me)\b(?: \w+){{0,5}}? ?{evidence}?"
        ),
        r"\b(?:i )?(?:must|have to|need to|will|would|prefer to|choose to|'ll) (?:decline|refuse|abstain|pass)\b|\b(?:decline|refuse) to (?:answer|say|guess)\b|\bleave (?:the|this|that) question\b|\bi(?:'d| would) rather not\b|\bnot (?:comfortable|allowed|permitted) (?:to |with )?\w*",
    ])
});

/// The model cannot tell.
static CANNOT_TELL: Pattern = LazyLock::new(|| {
    let verbs = "(?:determine|tell|say|judge|answer|verify|confirm|assess|know|establish|ascertain|decide|help|assist|evaluate|conclude|infer|specify|count|check|compare|listen|fulfil|resolve|settle|predict|guess|be (?:sure|certain)|respond|choose|pick|comment|speculate|give|provide|offer)";
    let said = "(?:determined|said|told|judged|answered|verified|confirmed|established|known|assessed|settled|decided|inferred|concluded|resolved|ascertained|given|named|specified|guessed)";
    english(&[
        &format!(
            r"\b(?:can(?:not|'t| not)|could(?: not|n't)|unable to|not able to|not possible (?:for \w+ )?to|impossible (?:for \w+ )?to|no way to|difficult to|hard to|tough to|tricky to|(?:nobody|no ?one|none) (?:can|could)|(?:not|isn't|aren't) (?:in a position|enough|sufficient|qualified) (?:\w+ )?to|(?:does|do|did|would) ?(?:not|n't) (?:allow|let|permit|enable|suffice)(?: \w+){{0,3}}?(?: to)?|fails? to|won't|will not|wouldn't|would not) (?:\w+ ){{0,3}}?{verbs}\b"
        ),
        &format!(
            r"\b(?:can(?:not|'t| not)|could(?: not|n't)|impossible to|not|never) (?:\w+ ){{0,2}}?be (?:\w+ )?{said}\b"
        ),
        r"\b(?:insufficient|not enough|too little|inadequate|not sufficient|lack(?:s|ing)? (?:of )?(?:\w+ )?)(?: \w+){0,2}? ?(?:information|evidence|context|data|details?|to go (?:on|by)|material|clues?|clarity)\b",
        r"\bnot (?:entirely |really |quite |completely |fully |very )?(?:clear|evident|certain|obvious|specified|stated|mentioned|discernible|possible) (?:whether|if|from|what|which|who|how|where)\b",
        r"\b(?:is|are|remains?|it'?s|was|verdict:|answer:|stays?) (?:\w+ )?(?:unclear|uncertain|unknown|undetermined|ambiguous|inconclusive|indeterminate|undecided|unanswerable|not known|open)\b",
        r"^(?u:\W)*(?:unclear|inconclusive|undetermined|indeterminate|undecidable|unanswerable|n/?a|not applicable|cannot (?:determine|tell|say|answer)|can't (?:tell|say)|impossible to (?:tell|say|determine)|hard to (?:tell|say)|no comment|i pass|pass)\b",
        r"\b(?:i|we) (?:really |honestly |just |simply )?(?:do not|don't|cannot|can't) (?:really )?(?:know|answer|tell|say|understand)\b|\bno idea\b|\bnot sure\b|\bunsure\b|\bdepends on\b|\bmight be either\b|\bcould go either way\b|\bcould be either\b|\banyone's guess\b",
        r"\b(?:says?|tells?|mentions?|reveals?|contains?|gives?|offers?|provides?|holds?) (?:\w+ )?(?:nothing|no (?:\w+ )?(?:information|detail|details|hint|clue|word)) (?:on|about|of|regarding|as to|to|that)\b|\b(?:did not|didn't|does not|doesn't|never) (?:reach|arrive|come through|get to) ?(?:me|us|here)?\b|\bis silent (?:on|about)\b",
        r"\bno (?:\w+ )?(?:information|mention|details?|clue|clues|context|hint)\b (?:about|of|on|regarding|as to|in|is|that|whether|which|here)|\bnothing (?:\w+ ){0,4}?(?:tells?|says?|indicates?|mentions?|reveals?)\b|\b(?:nothing|little|no way|not much) to (?:judge|tell|decide|go|answer|work)\b|\b(?:does|do|did) ?(?:not|n't) (?:say|mention|tell|specify|state|indicate|reveal|contain enough|provide enough|give enough|provide|describe|name)\b",
    ])
});

/// `Sorry, I meant the last` corrects, it does not decline.
static MEANT: Pattern = LazyLock::new(|| {
    english(&[
        r"\bsorry,? (?:i mean|i meant|i mixed|i misread|i misheard|i misspoke|i confused|i swapped|i got|it should be|make that|wrong one)\b",
    ])
});

/// The same in other languages.
static DECLINES_ABROAD: Pattern = LazyLock::new(|| {
    foreign(&[
        r"抱歉|对不起|對不起|很遗憾|没有(?:提供|收到|附上|附带|上传)|沒有提供|未(?:提供|收到|附|上传)|无法(?:访问|处理|听|播放|观看|查看|获取|接收|打开|直接)|作为(?:一个|一名)?(?:AI|人工智能|语言模型|文本)|我(?:只)?是(?:一个)?(?:AI|人工智能|语言模型|文本)|请(?:您)?(?:提供|上传|描述)|音频(?:文件)?(?:缺失|不可用)|没有音频|没有视频|没有图像|没有图片|没有字幕|没有文字稿",
        r"申し訳|すみません|提供されてい(?:ない|ません)|アクセスできません|再生できません|聞くことができません|添付されていません",
        r"죄송|제공되지|들을 수 없|볼 수 없습니다|접근할 수",
        r"\blo siento\b|\bno tengo acceso\b|\bno puedo (?:escuchar|ver|procesar|acceder|reproducir|analizar|oír)\b|\bno se (?:ha )?proporcion\w+|\bdisculp\w+|\bcomo (?:modelo|ia|inteligencia)\b",
        r"\bdésolée?\b|\bje n'ai pas (?:accès|reçu)|\bje ne peux pas (?:écouter|voir|accéder|traiter|entendre|regarder)\b|\baucun (?:fichier|audio|enregistrement)\b|\ben tant qu(?:e |')(?:ia|modèle)",
        r"\btut mir leid\b|\bes tut mir\b|\bleider\b|\bkeinen zugriff\b|\bentschuldig\w+|\bals (?:ki|sprachmodell)\b|\bkeine audiodatei\b",
        r"\bdesculpe\b|\bnão (?:tenho acesso|posso ouvir|posso ver|consigo ouvir|consigo processar)\b|\binfelizmente\b|\bmi dispiace\b|\bnon (?:posso|ho accesso)\b",
        r"\bизвините\b|\bк сожалению\b|\bне могу (?:прослушать|услышать|обработать|просмотреть)\b|\bпростите\b|\bкак (?:ии|языковая модель)\b",
        r"\bmaaf\b|\bxin lỗi\b|\büzgünüm\b|آسف|عذر|क्षमा करें|माफ़",
    ])
});

/// The same in other languages.
static CANNOT_TELL_ABROAD: Pattern = LazyLock::new(|| {
    foreign(&[
        r"无法|不能(?:确定|判断|回答|确认)|难以(?:判断|确定|分辨|辨别)|不(?:太)?(?:确定|清楚|知道)|信息不足|没有(?:足够|相关)的?信息|未知|不明",
        r"判断できません|分かりません|わかりません|不明です|判断できない|特定できません",
        r"모르겠|알 수 없|판단할 수 없|확인할 수 없",
        r"\bno (?:se )?puede(?:n)? (?:determinar|saber|decir|confirmar)\b|\bno es posible (?:determinar|saber|decir)\b|\bno (?:lo )?sé\b|\bno estoy segur\w|\bno puedo (?:determinar|decir|saber|confirmar|responder)\b",
        r"\bimpossible de (?:dire|savoir|déterminer)\b|\bje ne (?:sais|peux) pas\b|\bon ne peut pas (?:dire|savoir|déterminer)\b",
        r"\b(?:kann|lässt sich|können|konnte) (?:\w+ ){0,4}?nicht (?:\w+ ){0,3}?(?:sagen|beurteilen|bestimmen|feststellen|beantworten|erkennen lassen|wissen)\b|\b(?:kann|lässt sich) (?:\w+ ){0,3}?nicht\s*(?:sagen|beurteilen|bestimmen|feststellen|beantworten)|\bweiß (?:ich )?(?:es )?nicht\b|\bnicht (?:zu )?(?:erkennen|bestimmbar|möglich),? (?:ob|zu)\b|\bunklar\b",
        r"\bnão (?:é possível (?:determinar|saber|dizer)|sei|posso (?:determinar|dizer|responder))\b|\bnon (?:è possibile|so)\b",
        r"\bневозможно (?:сказать|определить|установить)\b|\bне могу (?:сказать|определить|ответить)\b|\bне знаю\b|\bнеизвестно\b|\bнельзя (?:сказать|определить)\b",
        r"\btidak (?:dapat|bisa) (?:menentukan|dipastikan|menjawab)\b|\bkhông thể (?:xác định|biết|trả lời)\b|\bbelirlenemiyor\b|\bbilmiyorum\b",
    ])
});

/// A pattern of English alternatives. Letters are those of ASCII, which makes it ten times smaller.
fn english(parts: &[&str]) -> Regex {
    pattern(&format!("(?i-u){}", parts.join("|")))
}

/// A pattern of alternatives in other languages.
fn foreign(parts: &[&str]) -> Regex {
    pattern(&format!("(?i){}", parts.join("|")))
}

/// How a text declines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Refusal {
    /// It cannot tell.
    CannotTell,
    /// It declines, or what the question rests on is missing.
    Declines,
}

/// How `text`, a sentence or a short answer, declines, if it does: `I cannot hear the audio.`
pub(crate) fn refusal(text: &str) -> Option<Refusal> {
    let plain = plain(text);
    if MEANT.is_match(&plain) {
        None
    } else if DECLINES.is_match(&plain) || DECLINES_ABROAD.is_match(&plain) {
        Some(Refusal::Declines)
    } else if CANNOT_TELL.is_match(&plain) || CANNOT_TELL_ABROAD.is_match(&plain) {
        Some(Refusal::CannotTell)
    } else {
        None
    }
}

/// `text` with plain apostrophes.
fn plain(text: &str) -> Cow<'_, str> {
    if text.contains('’') { Cow::Owned(text.replace('’', "'")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_and_excuses_are_told_from_denials() {
        for text in [
            "I'm sorry, but I can't assist with that.",
            "No audio was provided.",
            "I cannot hear the audio.",
            "As an AI language model, I can't listen to sounds.",
            "I don't have access to the video.",
            "There is no recording with this question, so I cannot tell what the motor does.",
            "No, the transcript is missing, and with it any way to settle whether a lamb bleats.",
            "No, as there is nothing above to read, one cannot tell whether a single singer performs.",
            "The audio file could not be loaded.",
            "Please upload the clip so that I can have a look.",
            "From this clip nobody could judge the swimming stroke.",
            "Too little to go on.",
            "It is impossible to say.",
            "抱歉，我无法听到音频。",
            "Lo siento, no puedo escuchar audio.",
            "My apologies, I lack the figures on tea imports by month.",
            "Sorry, this is beyond what I can do.",
            "I have no means to tell which device hums in this audio.",
            "how often it fell is unknown.",
            "The answer is not sure",
            "No, I have neither the picture nor the sound at hand and cannot compare them.",
            "I see 0 attachments in your message.",
            "A violin maker might know; I, for one, cannot listen.",
            "Whether a cube or a cone makes a noise is not for a text model to say.",
            "Where can I find the recording?",
        ] {
            assert!(refusal(text).is_some(), "{text}");
        }
        for text in [
            "No, there isn't.",
            "I cannot see a cat.",
            "I can't hear any dog.",
            "The cat is not visible in the video.",
            "No footsteps can be heard.",
            "No, the dog cannot be seen.",
            "The answer is clear.",
            "There is no doubt that the cat is visible.",
            "No question about it, the bell rings.",
            "Certainly not.",
            "The dog is missing from the picture.",
            "No, we hear no humming in this one.",
            "One cannot see the boat.",
        ] {
            assert_eq!(refusal(text), None, "{text}");
        }
    }
}

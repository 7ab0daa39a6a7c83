//! Whether an answer that should list or describe something declines to.

use std::sync::LazyLock;

use regex::Regex;

const MEDIA: &str = concat!(
    r"(?:audios?|videos?|images?|pictures?|photos?|files?|clips?|recordings?|footage|media|",
    r"attachments?|links?|urls?|sound tracks?|soundtracks?|contents?|frames?|streams?|inputs?|",
    r"multimedia|sounds? (?:files?|clips?)|audio[- ]?visual|visuals?|",
    r"visual (?:data|input|content|information)|external|sound data)",
);

/// It declines, whatever else stands there.
static DECLINES: LazyLock<Regex> = LazyLock::new(|| {
    let cannot = concat!(
        r"(?:can(?:not|'t| not)|could(?: not|n't)|(?:am|'m|are|is|was)(?: currently| also)? (?:not able|unable|not capable|",
        r"incapable)(?: of| to)?|unable to|not able to|do(?:es)?(?: not|n't) (?:have|possess) (?:the |any |an? )?(?:\w+ ){0,2}?",
        r"(?:ability|capability|capabilities|capacity|means|tools?|access)(?: to| of|s to)?|",
        r"lack the (?:ability|capability|capacity)(?: to)?|have no (?:ability|way|means)(?: to| of)?|wasn't able to)",
    );
    let take = concat!(
        r"(?:access|process|play|open|view|watch|listen(?: to)?|analy[sz]e|receive|interpret|load|",
        r"perceive|hear|see|examine|inspect|handle|work with|get|read|look at|reach|find|detect|directly|retrieve|assess|",
        r"viewing|listening(?: to)?|hearing|seeing|watching|processing|analy[sz]ing|accessing|playing)",
    );
    let asked = r"(?:provide|upload|share|attach|send|resend|supply|paste|re-?upload|give me|include|submit)";
    pattern(&[
        &format!(
            r"\b(?:i|we|model|assistant|system|me)\b[^.!?\n]{{0,40}}?\b{cannot}\s+(?:\w+[ ,]+(?:or |and )?){{0,3}}?{take}\b(?:[ ,]+(?:\w+[ ,/-]+){{0,6}}?{MEDIA}|\s*[.!]?\s*$|[.,!;])"
        ),
        &format!(
            r"^\W*(?:sorry|apologies|unfortunately)?\W*{cannot}\s+(?:\w+ )?{take}\b[^.!?\n]{{0,30}}\b{MEDIA}"
        ),
        &format!(
            r"\b(?:i|we)\b[^.!?\n]{{0,20}}?\b{cannot}\s+(?:\w+ ){{0,2}}?(?:perceive|access|process)\b"
        ),
        &format!(
            r"\b(?:i|we) (?:do(?: not|n't)|did(?: not|n't)|can(?:not|'t)) (?:actually |currently |really )?(?:see|have|find|hear|receive|get|detect) (?:any|an?|the|your|that|those|these|access to|enough)\b (?:\w+[ -]){{0,5}}?{MEDIA}\b"
        ),
        r"\b(?:were i|if i were|if only i were) able to\b|\b(?:request|task|this) cannot be (?:fulfilled|done|carried out|completed)\b|\bnot among the things i\b|\ball i (?:got|have|received|see) is your\b|^\W*\[?(?:video|audio|image|clip|media|caption)\]?\W*$|\byou (?:meant|forgot|wanted) to (?:add|attach|send|upload|include|share)\b|\bturn to an?\b[^.!?\n]{0,20}\b(?:assistant|tool|model|person)\b",
        r"\bas an? (?:ai\b|(?:large )?language model|text[- ](?:based|only)|artificial intelligence|llm\b)",
        r"\bi(?:'m| am) (?:just |only |merely )?an? (?:ai\b|(?:large )?language model|text[- ](?:based|only))",
        r"^\W*(?:oh,? |i'm |i am |we are |we're )?(?:so |very |really |terribly )?sorry\b(?:,| but|\.|!| i\b| that\b| for (?:the|any|that)\b)",
        r"^\W*(?:my |our )?(?:sincere )?apologies\b|\bi apologi[sz]e\b",
        &format!(r"^\W*(?:unfortunately|regrettably)\b[^.!?\n]{{0,30}}\b(?:i|we|{MEDIA}|no)\b"),
        &format!(
            r"\bno (?:\w+ ){{0,3}}?{MEDIA}\b(?: \w+){{0,3}}? (?:was|were|is|are|has been|have been|seems to|appears to|got) ?(?:\w+ )?(?:provided|attached|given|included|supplied|available|uploaded|shared|received|accessible|sent|found|loaded|been|present here)\b"
        ),
        &format!(
            r"^\W*no (?:\w+ ){{0,2}}?{MEDIA} (?:was |were |has been |have been )?(?:provided|attached|given|available|uploaded|received|found|included)\b"
        ),
        &format!(
            r"\b{MEDIA}\b(?: \w+){{0,3}}? (?:is|was|are|were|has|have|could|can|did|does|seems?|appears?)(?: to (?:be|have))?(?: been)? ?(?:missing|unavailable|inaccessible|not (?:\w+ )?(?:provided|available|attached|accessible|included|loaded|shared|given|uploaded|supported|come through|load|received|arrive|be (?:loaded|played|opened|accessed|processed))|n't (?:\w+ )?(?:provided|attached|available|load|come through|received|be (?:loaded|opened|played)))\b"
        ),
        &format!(
            r"\b0 {MEDIA} (?:was|were) (?:received|provided|attached)\b|\b(?:need|require) (?:\w+ ){{0,3}}?{MEDIA}\b[^.!?\n]{{0,20}}(?:to answer|to help|in order to|to (?:be able|describe|analy[sz]e|identify))"
        ),
        &format!(
            r"\b(?:please|could you|can you|would you|kindly|if you(?: can| could)?|feel free to|once you|you (?:can|could|may))\b (?:\w+ ){{0,3}}?{asked}\b[^.!?\n]{{0,50}}\b(?:{MEDIA}|it|them|description|details?|information|again|what you)\b"
        ),
        r"\b(?:must|have to|need to|will|'ll) (?:respectfully )?(?:decline|refuse|abstain)\b|\b(?:i|we) (?:won't|will not|cannot|can't|can not|am unable to|'m unable to|am not able to|'m not able to) (?:be able to )?(?:assist|help|comply|fulfil\w*|do that|do this|complete (?:this|the|your))\b|\bnot (?:comfortable|allowed|permitted) (?:with|to)\b|\bbeyond (?:what i can|my (?:capabilities|abilities))|\bagainst my\b",
        r"\bi(?:'m| am) (?:not (?:able|capable)|unable) (?:to|of) (?:provid|generat|creat|produc|describ|identif|determin)\w*",
        r"\b(?:i|we) (?:cannot|can't|can not|couldn't|am unable to|'m unable to) (?:provide|generate|create|give|produce|write|describe|caption|offer)\b[^.!?\n]{0,40}\b(?:descriptions?|captions?|answers?|lists?|counts?|it|this|that|one|sentence|video|clip|audio|image|what)\b",
        r"\b(?:only|just) (?:a )?text[- ]?(?:based|only)? (?:model|assistant|input|format)|\btext[- ]only (?:model|assistant|ai)|\bmy capabilities are limited\b",
        r"\b(?:you|user) (?:have not|haven't|did not|didn't|forgot to|never) (?:\w+ )?(?:provid\w+|attach\w*|upload\w*|shar\w+|includ\w+|sen[dt])\b|\bi (?:was|were|have) (?:not|never) (?:been )?(?:given|provided|shown|sent)\b|\bi (?:wasn't|haven't been) (?:given|provided|shown|sent)\b",
        r"\bthere(?: is|'s| was| seems to be| appears to be) no (?:actual |video |audio |media |attached |uploaded |accompanying )?(?:videos?|audio|images?|clips?|files?|attachments?|recordings?|media|pictures?|links?)(?: (?:to|for|in this|here|attached|in your|that i|with your|provided|available)\b|\W*$)|\b(?:nothing|none) (?:was|has been|is) (?:attached|provided|uploaded|shared|sent)\b",
        r"\b(?:outside|beyond|not (?:within|part of|among|one of)) (?:of )?my (?:capabilit\w+|abilit\w+|scope|skills|reach|powers?)|\bi(?:'m| am) (?:not (?:equipped|designed|built|trained|made)|blind|deaf)\b|\bi have no (?:way|means|ears|eyes|access)\b|\bi (?:do not|don't) have (?:eyes|ears|access)\b|\b(?:i|we) lack\b|\bi (?:won't|will not) be able to\b",
        r"\bi(?:'d| would) (?:have|need) (?:to (?:see|hear|watch|view|listen|look|have)|the|access|a)\b|\bi need (?:to (?:see|hear|watch|view|listen)|the (?:video|audio|image|clip|file|sound)\w*|access)\b|\bi only (?:see|have|received?|process|handle|work with) text\b",
        r"(?:^|[，。\s])(?:没有|沒有|未见|缺少)(?:任何)?(?:视频|音频|图片|图像|文件|附件|輸入|输入|影片)(?:[，。！]|$|可|文件|附)",
        &format!(
            r"\bno way for me to\b|^\W*no (?:captions?|descriptions?|answers?|summary|response)\b[^.!?\n]{{0,20}}\b(?:available|possible|can be|could be|generated)\b|^\W*(?:i am |i'm )?(?:unable|not able|impossible|failed) to (?:generate|create|provide|produce|describe|caption|process|give|write|answer|comply|help|assist|identify the \w+ without)\b|\b{MEDIA} (?:not found|error|is invalid)\b|\bnot in a position to\b|\bi(?:'m| am) afraid (?:i|that i|the|there)\b"
        ),
        r"\bnot something (?:that )?i (?:can|could|am able)\b|\b(?:not|n't) (?:let|allow|permit|enable) me\b|^\W*(?:tell|give|send|show) me\b[^.!?\n]*\b(?:and|so|then) i(?:'ll| will| can)\b|\bi regret\b",
        r"抱歉|对不起|對不起|很遗憾|無法(?:处理|處理|聽|觀看|查看)|无法(?:访问|处理|听|播放|观看|查看|获取|接收|打开|直接|识别|看到|感知|分析)|不能(?:听|看到|处理|访问|播放|直接|查看)|作为(?:一个|一名|一款)?(?:文本|AI|人工智能|语言|大型)|我(?:只)?是(?:一个|一款)?(?:AI|人工智能|语言模型|文本)|请(?:您)?(?:提供|上传|重新)|(?:没有|未|沒有)(?:提供|收到|附上|附带|上传|看到(?:任何)?(?:视频|图片|音频))",
        r"申し訳|すみません|提供されてい(?:ない|ません)|アクセスできません|再生できません|(?:聞|見|視聴する)(?:く|る)?ことができません|添付されていません|処理できません",
        r"죄송|제공되지 않|들을 수 없|볼 수 없|접근할 수 없|처리할 수 없",
        r"\blo siento\b|\bno tengo acceso\b|\bno puedo (?:escuchar|ver|procesar|acceder|reproducir|analizar|oír|ayudar)|\bdisculp\w+|\bcomo (?:modelo|ia|inteligencia)\b",
        r"\bdésolée?\b|\bje n'ai pas (?:accès|reçu)|\bje ne (?:peux|suis) pas (?:écouter|voir|accéder|traiter|entendre|regarder|capable|en mesure)|\ben tant qu(?:e |')(?:ia|modèle)",
        r"\btut mir leid\b|\bich kann (?:\w+ ){0,4}?nicht (?:\w+ )?(?:hören|sehen|anhören|ansehen|verarbeiten|öffnen|abspielen|zugreifen)|\bkeinen zugriff\b|\bals (?:ki|sprachmodell)\b",
        r"\bdesculpe\b|\bnão (?:tenho acesso|posso|consigo)|\bmi dispiace\b|\bnon (?:posso|ho accesso)\b|\bизвините\b|\bк сожалению\b|\bне могу\b",
    ])
});

/// It cannot tell; this decides only where nothing else is read.
static CANNOT_TELL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&[
        r"\b(?:can(?:not|'t| not)|could(?: not|n't)|unable to|not able to|not possible to|impossible to|no way to|difficult to|hard to) (?:\w+ ){0,3}?(?:determine|tell|say|judge|answer|verify|know|decide|identify|name|count|be sure|describe|guess|find out)\b",
        r"\b(?:not|insufficient|no) (?:enough |sufficient )?(?:information|context|data|evidence)\b",
        r"^\W*(?:not sure|unsure|unclear|unknown|i (?:do not|don't) know|idk|uncertain|n/?a|not applicable|cannot (?:say|tell)|can't (?:say|tell)|no idea|i have no idea|no answer|undetermined)\b",
        r"\bi(?:'m| am) not (?:sure|certain)\b|\bi have no idea\b|\bi (?:do not|don't) know\b",
        r"无法(?:确定|判断|识别|回答|分辨)|不(?:能|太)?(?:确定|清楚|知道)|不明|判断できません|分かりません|わかりません|모르겠|알 수 없|판단할 수 없",
    ])
});

fn pattern(parts: &[&str]) -> Regex {
    let parts: Vec<String> = parts.iter().map(|part| part.replace('\'', "['’]")).collect();
    let parts = parts
        .join("|")
        .replace(r"\b", r"(?-u:\b)")
        .replace(r"\w", "[a-z0-9_]")
        .replace(r"\W", "[^a-z0-9_]");
    Regex::new(&format!("(?im){parts}")).expect("the pattern is constant and tested")
}

/// Words without which no sentence declines. They are found much faster than the patterns above.
static TRIGGERS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)can(?:not|['’]t| not)|not|n['’]t|me\b|regret|unable|sorry|apolog|unfortunately|regrettably|as an? |i['’]?a?m |\bno\b|missing|unavailable|",
        r"inaccessible|please|you |kindly|decline|refuse|abstain|beyond|outside|against|need|have to|lack|nothing|none|only|just|limited|",
        r"decline|[^\x00-\x7f]|siento|disculp|como |acceso|puedo|peux|acc[eè]s|leid|kann |sprachmodell|ki\b|posso|dispiace",
    ))
    .expect("the pattern is constant and tested")
});

/// Sentences at the start and at the end of a text that are looked at. What stands between them in a very
/// long text does not decide.
const SENTENCES: usize = 60;

/// Whether the text refuses, excuses itself, or says that there is nothing to go by.
pub(super) fn declines(text: &str) -> bool {
    any_sentence(text, &DECLINES)
}

fn any_sentence(text: &str, pattern: &Regex) -> bool {
    if !TRIGGERS.is_match(text) {
        return false;
    }
    let sentences = || text.split_inclusive(['.', '!', '?', '\n', '。', '！', '？']);
    let says = |sentence: &str| {
        sentence.len() <= 2_000 && TRIGGERS.is_match(sentence) && pattern.is_match(sentence.trim())
    };
    sentences().take(SENTENCES).any(says)
        || (text.len() > 2_000 && sentences().rev().take(SENTENCES).any(says))
}

/// Whether the text says that it cannot tell.
pub(super) fn cannot_tell(text: &str) -> bool {
    any_sentence(text, &CANNOT_TELL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_told_from_answers() {
        for text in [
            "I can't listen to the audio, so I can't say which sound sources it holds.",
            "Sorry, I cannot process the image. For 2 images at once please use another model.",
            "I'm sorry, but I can't hear the 10 audio clips you mention.",
            "I need the images in order to answer; 0 images were received.",
            "It looks like no video was attached. Could you please share it so that I can describe it?",
            "As an AI language model, I don't have the capability to perceive sound.",
            "作为一个文本模型，我无法观看视频。",
            "抱歉，我无法处理音频。",
            "I'm unable to view videos directly.",
            "I don't have access to the audio file.",
            "I do not see any video in your message.",
            "The video could not be loaded.",
            "Please upload the video and I will describe it.",
            "I'm not able to provide a caption for this clip.",
            "I can't process audio",
            "No audio was provided.",
            "Lo siento, no puedo ver el video.",
            "I can't help with that.",
            "It seems the video didn't come through.",
            "I can’t directly view or listen to video content.",
            "Unable to access the video.",
        ] {
            assert!(declines(text), "{text}");
        }
        for text in [
            "A man says that he cannot hear the bell.",
            "I can't hear any other sounds.",
            "I do not hear a dog.",
            "No one is in the picture, but a phone rings on the desk.",
            "The video shows a ferry that sounds its horn as it leaves the quay.",
            "There is no sound in the video.",
            "A girl uploads a video and laughs.",
            "A woman apologizes to a man while rain falls.",
            "No images match.",
            "None of the sounds match the image.",
            "A man is unable to open a jar and groans.",
            "A singer who cannot see the audience hums into a microphone.",
        ] {
            assert!(!declines(text), "{text}");
        }
        assert!(cannot_tell("I cannot determine which of them match."));
        assert!(cannot_tell("not sure"));
    }
}

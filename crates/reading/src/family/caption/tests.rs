use avibench_protocol::Folder;

use super::*;
use crate::Read;

fn shown(text: &str) -> String {
    let question = Question { folder: Folder::Avc, text: "", options: &[] };
    match read(&question, text).read {
        Read::Unread(reason) => format!("<{}>", reason.name()),
        Read::Value(Value::Caption(caption)) => caption,
        Read::Value(_) => unreachable!("the family gives captions"),
    }
}

const CAPTION: &str = "A brown dog barks at a passing bicycle.";

#[test]
fn plain_captions_come_out_unchanged() {
    for caption in [
        CAPTION,
        "The video shows a ferry that sounds its horn as it leaves the quay.",
        "In the video, a young man taps on a handpan in a park and gentle tones ring out.",
        "Someone says \"Come here, Rex!\" and a puppy runs across the yard.",
        "\"Come here!\" a man shouts, and his dog answers with a \"woof\"",
        "No one is in the picture, but a phone rings on the desk.",
        "A potter works at a wheel. A radio plays in the background.",
        "A man says, \"I'm sorry, I can't hear you,\" as a train passes.",
        "A boy's dog barks while the boys' mother laughs.",
        "Two captions appear on a screen while a man speaks: one is red, one blue.",
        "A sign reads: open.",
        "This is a video of a man playing guitar.",
        "A summary of the news is read: rain, wind and snow.",
        "For one sentence's worth of time, a man is silent: then he sings.",
        "The man reads a caption: a bird sings behind him.",
        "In one scene, a man says a sentence: his dog barks.",
        "A man reads a description of a bird aloud while rain falls.",
        "The final answer of a quiz show is read out and the audience claps.",
        "Sure-footed goats climb a cliff while bells ring.",
        "I see a man who plays a flute.",
        "If you listen closely, a bird sings behind the roar of the falls.",
        "Note by note, a woman plays a slow melody on the piano.",
        "一只棕色的狗在街道上吠叫。",
        "A dog barks\n\nA man laughs",
        "Well-dressed men dance to music.",
    ] {
        assert_eq!(shown(caption), caption);
    }
}

#[test]
fn what_stands_around_is_taken_off() {
    for (before, after) in [
        ("Sure! Here is one sentence on what is seen and heard:\n\n", ""),
        ("Here's a one-sentence description:\n\n", ""),
        ("Caption: ", ""),
        ("**Caption:** ", ""),
        ("**Caption**: ", ""),
        ("**Caption: ", "**"),
        ("Certainly! ", ""),
        ("Sure, here is the caption for the video and its audio: ", ""),
        ("answer=", ""),
        ("### Description\n", ""),
        ("当然，以下是描述：\n\n", ""),
        ("\"", "\""),
        ("“", "”"),
        ("「", "」"),
        ("'", "'"),
        ("**", "**"),
        ("*", "*"),
        ("> ", ""),
        ("Caption: \"", "\""),
        ("The one-sentence caption is as follows:\n\"", "\""),
        ("", "\n\nLet me know if you would like a more detailed description!"),
        ("", "\n\n(Note: the caption covers both the visual and the audio content.)"),
        ("", "\n\nTell me if you want it shorter."),
        ("", " Let me know if you need changes."),
        ("", " (7 words)"),
        ("{\"caption\": \"", "\"}"),
        ("```json\n{\"reasoning\": \"A dog and a bike.\", \"caption\": \"", "\"}\n```"),
        ("```\n", "\n```"),
        ("<answer>", "</answer>"),
        ("\\boxed{\\text{", "}}"),
        ("Final answer: ", ""),
        ("**Visual:** a dog, a street.\n**Audio:** barking.\n\n**One-sentence caption:** ", ""),
        ("## Analysis\n\n- A dog stands on a street.\n- It barks.\n\n## Final caption\n\n", ""),
        ("**Analysis**\n\n- A dog stands on a street.\n- It barks.\n\n**Caption**\n\n", ""),
        ("Based on the video and its audio, here is a caption:\n\n", ""),
        ("", "\n\nUser: Describe the next video."),
        ("1. ", "\n2. On a street, a dog barks at a bicycle."),
        ("Option 1: ", "\nOption 2: A dog barks."),
        ("- ", ""),
        ("**Final Caption:**\n\n> ", ""),
        ("Here is a caption: **\"", "\"**"),
        ("Final answer:\n\n\"", "\"\n\n---\nHope this helps!"),
    ] {
        assert_eq!(shown(&format!("{before}{CAPTION}{after}")), CAPTION, "{before}...{after}");
    }
}

#[test]
fn refusals_are_no_captions() {
    for text in [
        "I'm sorry, but I can't view the video or listen to its audio.",
        "It looks like no video was attached. Could you please share it so that I can describe it in one sentence?",
        "作为一个文本模型，我无法观看视频。",
        "I can't process audio",
        "I cannot determine what happens in the clip.",
        "Caption: I am unable to view the video.",
        "{\"caption\": \"I cannot access the video file.\"}",
        "Not sure.",
    ] {
        assert_eq!(shown(text), "<refused>", "{text}");
    }
    for text in ["", "\n\n...\n\n", "answer=", "Caption:", "\"\"", "None", "{\"caption\": \"\"}"] {
        assert_eq!(shown(text), "<nothing_found>", "{text}");
    }
}

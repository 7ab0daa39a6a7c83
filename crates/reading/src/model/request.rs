//! What a language model is asked: to say what an answer says, not what is right.

use avibench_protocol::Family;

use crate::Question;

const TASK: &str = "Somebody was asked a question and gave the answer below. Say what the answer says. Do not \
answer the question yourself and do not correct the answer: it may be wrong.\n\nReply with one line of JSON and \
nothing else. If the answer says what was asked for, the line is ";

const UNREAD: &str = "\n\nIf the answer does not say it, the line is {\"unread\": REASON} instead, where REASON is one of:\n\
\"refused\": it declines to answer, or says that it cannot;\n\
\"cut_off\": it breaks off before it comes to an answer;\n\
\"contradictory\": it says one thing and its opposite;\n\
\"several_left\": several values remain, and nothing in it decides between them;\n\
\"nothing_found\": nothing in it answers the question.\n\
Where you are not sure what it says, it does not say it.";

const BOXES: &str = "Copy the four numbers of each box as the answer writes them: never convert, scale, round or \
reorder them. ORDER says what the four numbers are, if the answer itself says so (by its keys or in words): \
\"xyxy\" left, top, right, bottom; \"yxyx\" top, left, bottom, right; \"xywh\" left, top, width, height; \"centre\" \
centre across, centre down, width, height; otherwise null. SCALE says what they count, if the answer itself says so: \
\"unit\" fractions from 0 to 1; \"percent\"; \"thousandths\"; \"parts1024\" 1024ths; \"pixels\"; otherwise null.";

/// The whole text for the model. The answer stands last, so that nothing in it can be taken for a
/// later instruction.
#[must_use]
pub fn request(question: &Question<'_>, raw: &str) -> String {
    let mut text = TASK.to_owned();
    text.push_str(&form(question));
    text.push_str(UNREAD);
    if !question.text.is_empty() {
        text.push_str("\n\nThe question was: ");
        text.push_str(question.text);
    }
    if !question.options.is_empty() {
        let options: Vec<String> =
            question.options.iter().map(|option| format!("{option:?}")).collect();
        text.push_str("\n\nThe options were: ");
        text.push_str(&options.join(", "));
    }
    text.push_str("\n\nThe answer is all that follows.\n\n");
    text.push_str(raw);
    text
}

/// The form of the line and what its value is.
fn form(question: &Question<'_>) -> String {
    match question.folder.family() {
        Family::FullMatch if question.options.is_empty() => {
            "{\"value\": TEXT}, where TEXT is what is answered in as few words of the answer as \
             possible; a number in digits, such as \"4\"."
                .to_owned()
        }
        Family::FullMatch => "{\"value\": OPTION}, where OPTION is the option that the answer chooses, written as \
             it is written below, or a number in digits if the question asks for one. What is only \
             mentioned is not chosen."
            .to_owned(),
        Family::SetMatch => "{\"value\": [OPTION, ...]}, where each OPTION is one that the answer chooses, written \
             as it is written below, in the order of the answer."
            .to_owned(),
        Family::Instances => "{\"value\": {NAME: COUNT, ...}}, where NAME is a thing that the answer counts, in its \
             words and in the singular, and COUNT is the whole number that it gives, or null if it \
             gives none (\"several\"). Leave out what it counts as 0; {} if it says that there is nothing."
            .to_owned(),
        Family::Boxes => format!(
            "{{\"value\": {{NAME: [a, b, c, d], ...}}, \"order\": ORDER, \"scale\": SCALE}}, where NAME is \
             the thing in the box, with _1, _2, ... after it. {BOXES} The value is {{}} if the answer \
             says that there is nothing to locate."
        ),
        Family::FrameBoxes => format!(
            "{{\"value\": {{\"frame_0\": BOX, ...}}, \"order\": ORDER, \"scale\": SCALE}}, where BOX is \
             [a, b, c, d], or null if the answer says that the object is not in that frame, or [] if \
             its box cannot be read. Leave out frames that it does not speak of. {BOXES}"
        ),
        Family::Retrieval => "{\"value\": [INDEX, ...]}, where each INDEX is an item that the answer says matches, \
             counted from 0 and in the order of the answer; if the answer says that it counts from 1, \
             take 1 off. [] if it says that nothing matches. Leave out items that it says do not match."
            .to_owned(),
        Family::Caption => "{\"value\": CAPTION}, where CAPTION is the caption alone, word for word: without \
             introductions, labels, quotation marks, remarks, and without alternatives after the first."
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use avibench_protocol::Folder;

    #[test]
    fn the_answer_stands_last_and_boxes_are_never_converted() {
        for folder in Folder::ALL {
            let options = ["yes".to_owned(), "no".to_owned()];
            let question = Question { folder, text: "Is it?", options: &options };
            let text = request(&question, "Sure.");
            assert!(text.ends_with("\n\nSure."), "{folder}");
            assert!(text.contains("Is it?") && text.contains("\"yes\", \"no\""), "{folder}");
            assert!(!text.contains("  "), "{folder}");
            let has_boxes = matches!(folder.family(), Family::Boxes | Family::FrameBoxes);
            assert_eq!(text.contains("never convert"), has_boxes, "{folder}");
        }
    }
}

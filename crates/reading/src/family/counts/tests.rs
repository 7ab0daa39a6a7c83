use avibench_protocol::Folder;

use super::*;
use crate::Read;

fn shown(folder: Folder, text: &str) -> String {
    let question = Question { folder, text: "", options: &[] };
    match read(&question, text).read {
        Read::Unread(reason) => reason.name().to_owned(),
        Read::Value(Value::Counts(counts)) => {
            let one = |(name, count): &(String, Count)| match count {
                Count::Whole(count) => format!("{name}={count}"),
                Count::Unclear => format!("{name}=?"),
            };
            counts.named.iter().map(one).collect::<Vec<_>>().join(" ")
        }
        Read::Value(_) => unreachable!("the family gives counts"),
    }
}

fn check(folder: Folder, cases: &[(&str, &str)]) {
    for (text, counts) in cases {
        assert_eq!(shown(folder, text), *counts, "{text}");
    }
}

#[test]
fn containers_are_read() {
    check(
        Folder::Amic,
        &[
            ("answer={'dog': 2, 'cat': 1}", "dog=2 cat=1"),
            ("{dog: 2, cat: 1}", "dog=2 cat=1"),
            ("{\"dog\": {\"count\": 2}, \"cat\": {\"count\": 1}}", "dog=2 cat=1"),
            ("[{\"name\": \"dog\", \"count\": 2}, {\"label\": \"cat\"}]", "dog=2 cat=1"),
            ("[\"dog\", \"dog\", \"cat\"]", "dog=2 cat=1"),
            ("{'dog_1': 1, 'dog_2': 1, 'cat_1': 1}", "dog=2 cat=1"),
            ("{'dog': 2, 'cat': 1, 'bird': 0}", "dog=2 cat=1"),
            ("{'dog': 2.0, 'confidence': 0.9}", "dog=2"),
            ("{'dog': 1.5, 'cat': 1}", "dog=? cat=1"),
            ("{'dog': 'at least 2', 'cat': 1}", "dog=? cat=1"),
            ("{'dog': 'two', 'cat': 'x1'}", "dog=2 cat=1"),
            ("{'fox': 1, 'dog': 1}", "fox=1 dog=1"),
            ("{\"animals\": {\"dog\": 2}, \"vehicles\": {\"car\": 1}}", "dog=2 car=1"),
            ("{\"reasoning\": \"I hear 2 dogs\", \"answer\": {\"dog\": 1}}", "dog=1"),
            ("{\"answer\": \"2 dogs and 1 cat\"}", "dog=2 cat=1"),
            ("{\"answer\": \"{'dog': 2}\"}", "dog=2"),
            ("{\"names\": [\"dog\", \"cat\"], \"counts\": [2, 1]}", "dog=2 cat=1"),
            ("[[\"dog\", 2], [\"cat\", 1]]", "dog=2 cat=1"),
            ("{\"dog\": 2}\n{\"cat\": 1}", "dog=2 cat=1"),
            ("{'dog': 2}\n{'dog': 2}", "dog=2"),
            ("First {'dog': 1}. Final answer: {'dog': 2}", "dog=2"),
            ("{'dog': 1} {'dog': 2}", "several_left"),
            ("{}", ""),
            ("[]", ""),
            ("{\"\": \"\"}", "nothing_found"),
            ("{'not sure': 1}", "nothing_found"),
            ("{\"bass\": 1, \"guitar\": 1}", "bass=1 guitar=1"),
            ("<answer>{'dog': 2}</answer>", "dog=2"),
            ("\\boxed{\\{\"dog\": 2\\}}", "dog=2"),
        ],
    );
}

#[test]
fn lines_tables_and_enumerations_are_read() {
    check(
        Folder::Amic,
        &[
            ("- dog: 2\n- cat: 1", "dog=2 cat=1"),
            ("**dog**: 2\n**cat**: 1", "dog=2 cat=1"),
            ("dog=2; cat=1", "dog=2 cat=1"),
            ("dog x2, cat x1", "dog=2 cat=1"),
            ("2x dog, 1x cat", "dog=2 cat=1"),
            ("2 dogs and 1 cat", "dog=2 cat=1"),
            ("Two dogs, one cat, and a bird.", "dog=2 cat=1 bird=1"),
            ("There are 3 animals: 2 dogs and 1 cat.", "dog=2 cat=1"),
            (
                "| object | count |\n|---|---|\n| dog | 2 |\n| cat | 1 |\n| Total | 3 |",
                "dog=2 cat=1",
            ),
            ("object,count\ndog,2\ncat,1", "dog=2 cat=1"),
            ("Sound sources:\n1. Dog (2)\n2. Cat (1)\n\nTotal: 3", "dog=2 cat=1"),
            ("```yaml\nsources:\n  dog: 2\n  cat: 1\n```", "dog=2 cat=1"),
            ("- Dog\n- Cat", "dog=1 cat=1"),
            ("dog, dog, cat", "dog=2 cat=1"),
            ("狗：2，猫：1", "dog=2 cat=1"),
            ("dog: 2 (barking)\ncat: 1 - meowing", "dog=2 cat=1"),
            ("- 2 dogs\n- 1 cat", "dog=2 cat=1"),
        ],
    );
}

#[test]
fn sentences_are_read_where_they_leave_no_doubt() {
    check(
        Folder::Amic,
        &[
            ("What howls there is a wolf.", "wolf=1"),
            ("A bus drives off.", "bus=1"),
            ("I can hear two women and one baby.", "woman=2 baby=1"),
            ("There is one man speaking and 2 horses galloping.", "man=1 horse=2"),
            ("A cello is played.", "cello=1"),
            ("The sound of a dog barking and a man's voice.", "dog=1 man=1"),
            ("I hear a dog. The dog barks.", "dog=1"),
            ("Two dogs, but no cat.", "dog=2"),
            ("There is a dog or a wolf.", "several_left"),
            ("It might be a lion.", "several_left"),
            ("A dog barks, then another dog.", "several_left"),
            ("Hay dos perros y un gato.", "dog=2 cat=1"),
            ("我听到两只狗和一个女人的声音。", "dog=2 woman=1"),
            ("犬が2匹、猫が1匹聞こえます。", "dog=2 cat=1"),
            ("개 두 마리와 고양이 한 마리", "dog=2 cat=1"),
        ],
    );
    check(
        Folder::Vmic,
        &[
            (
                "Four things are on the table: a ripe banana, a wooden box, a thick book and a small bottle.",
                "banana=1 box=1 book=1 bottle=1",
            ),
            (
                "In this picture I see a total of five airplanes and one helicopter.",
                "airplane=5 helicopter=1",
            ),
            ("An orange cat sits under an apple tree.", "cat=1 tree=1"),
        ],
    );
}

#[test]
fn answers_without_counts_stay_unread() {
    check(
        Folder::Amic,
        &[
            ("5", "nothing_found"),
            ("There are three sound sources in the audio.", "nothing_found"),
            ("The audio has a duration of 10 seconds and was recorded outdoors.", "nothing_found"),
            ("not sure", "refused"),
            ("I can't listen to the audio.", "refused"),
            ("Several birds.", "nothing_found"),
            ("", "nothing_found"),
        ],
    );
    check(
        Folder::Vmic,
        &[("Several people are walking along a beach with some boats.", "nothing_found")],
    );
}

#[test]
fn nothing_on_purpose_is_an_answer() {
    for text in [
        "none",
        "There are no sound sources.",
        "No objects of the list are visible.",
        "The audio is silent.",
        "I hear nothing.",
        "None of the listed categories can be heard.",
    ] {
        assert_eq!(shown(Folder::Amic, text), "", "{text}");
    }
}

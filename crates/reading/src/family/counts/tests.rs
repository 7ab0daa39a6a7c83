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

/// As `check`, with the names in the order of the alphabet.
fn check_sorted(folder: Folder, cases: &[(&str, &str)]) {
    for (text, counts) in cases {
        let found = shown(folder, text);
        let mut words: Vec<&str> = found.split(' ').collect();
        words.sort_unstable();
        assert_eq!(words.join(" "), *counts, "{text}");
    }
}

#[test]
fn counts_of_many_kinds_are_read() {
    check_sorted(
        Folder::Amic,
        &[
            (
                "In this recording, I can clearly hear one violin and two cellos playing together.",
                "cello=2 violin=1",
            ),
            ("One man.", "man=1"),
            ("Just one helicopter.", "helicopter=1"),
            ("Dog - 1, Cat - 2, Bird - 3", "bird=3 cat=2 dog=1"),
            ("A pair of violins and a piano.", "piano=1 violin=2"),
            ("这段音频中有一个男人和一只猫。", "cat=1 man=1"),
            (
                "| Sound source | Quantity | Notes |\n| --- | --- | --- |\n| Ambulance | 1 | siren |\n| Bus | 2 | engines |\n| **Total** | **3** | |",
                "ambulance=1 bus=2",
            ),
            ("answer = dog: 1, man: 2", "dog=1 man=2"),
            (
                "I hear two dogs barking, one cat meowing and three birds chirping.",
                "bird=3 cat=1 dog=2",
            ),
            ("You can hear an erhu.", "erhu=1"),
            ("Off drives a bus.", "bus=1"),
            ("The one who cries is a baby.", "baby=1"),
            ("Two men are arguing while a baby cries.", "baby=1 man=2"),
            ("The howling comes from three wolves.", "wolf=3"),
            ("A duet of violin and piano.", "piano=1 violin=1"),
            ("Dog barking; cat meowing.", "cat=1 dog=1"),
            ("Birds: 4.", "bird=4"),
            ("4 × bird, 1 × dog", "bird=4 dog=1"),
            ("bird|4\ndog|1", "bird=4 dog=1"),
            ("There are 4 birds. There is 1 dog.", "bird=4 dog=1"),
            ("Dog count: 2\nCat count: 1", "cat=1 dog=2"),
            (
                "{\"source\": \"dog\", \"count\": 2}\n{\"source\": \"cat\", \"count\": 1}",
                "cat=1 dog=2",
            ),
            ("[\"dog: 2\", \"cat: 1\"]", "cat=1 dog=2"),
            ("{“dog”: 2， “cat”: 1}", "cat=1 dog=2"),
            ("{\"dog\": 2 // two barks\n, \"cat\": 1}", "cat=1 dog=2"),
            ("Sure! {\"dog\": 2}. Is there anything else?", "dog=2"),
            ("dog and dog and cat", "cat=1 dog=2"),
            ("Total: 3\ndog: 2\ncat: 1", "cat=1 dog=2"),
            ("音频里有一把吉他和一架钢琴", "guitar=1 piano=1"),
            ("1只狗", "dog=1"),
            ("un chien, deux chats", "cat=2 dog=1"),
            ("Barking comes from two dogs, meowing from one cat.", "cat=1 dog=2"),
            ("An accordion and two guitars accompany a man.", "accordion=1 guitar=2 man=1"),
            ("Of the instruments one hears just the harp.", "harp=1"),
            ("dog barking (2), cat meowing (1)", "cat=1 dog=2"),
            ("There's one baby crying and there are two women talking.", "baby=1 woman=2"),
            ("man, woman, and piano", "man=1 piano=1 woman=1"),
            ("Man........1\nWoman......2", "man=1 woman=2"),
            ("dog\": 2, \"cat\": 1}", "cat=1 dog=2"),
            ("{'dog' 2, 'cat' 1}", "cat=1 dog=2"),
            ("{'dog': '2', 'unit': 'animals'}", "dog=2"),
            ("{\"thought\": \"two dogs bark\", \"dog\": 2}", "dog=2"),
            (
                "{\"dog\": {\"count\": 2, \"confidence\": 0.9}, \"cat\": {\"count\": 1, \"confidence\": 0.5}}",
                "cat=1 dog=2",
            ),
            ("{\"vacuum\": 1}", "vacuum-cleaner=1"),
            ("{'fox': 2}", "fox=2"),
            ("<think>Two dogs?</think><think>no, one</think>{'dog': 1}", "dog=1"),
            (
                "Here are the detected sound sources with their counts:\n- Guitar: 2 instances\n- Drum: 1 instance",
                "drum=1 guitar=2",
            ),
            ("Based on the audio, there are: 2 dogs, 1 cat.", "cat=1 dog=2"),
            ("2 dog", "dog=2"),
            ("The loud one is a lion, the faint one a bird.", "bird=1 lion=1"),
            ("Sources -> {'saw': 1, 'man': 1}", "man=1 saw=1"),
            ("{\"dog\": \"2\"}\n\nNote: the second dog is faint.", "dog=2"),
            ("A horse. Nothing else.", "horse=1"),
        ],
    );
    check_sorted(
        Folder::Vmic,
        &[
            (
                "The image contains:\n- Chairs: 6\n- Table: 1\n- Plates: 6\n- Bottles: 2",
                "bottle=2 chair=6 plate=6 table=1",
            ),
            ("{\"detected_objects\": {\"Apples\": 3, \"Bananas\": 5}}", "apple=3 banana=5"),
            ("dog 2\ncat 1", "cat=1 dog=2"),
            ("('dog', 2), ('cat', 1)", "cat=1 dog=2"),
            ("dict(dog=2, cat=1)", "cat=1 dog=2"),
            ("<answer>{'tower': 1}</answer>", "tower=1"),
            ("Final Answer: answer={'tower': 1, 'tree': 3}", "tower=1 tree=3"),
            ("りんごが3個、バナナが2本あります。", "apple=3 banana=2"),
            ("Il y a deux chevaux et un chien.", "dog=1 horse=2"),
            ("{'Book ': 3, ' Shelf': 1}", "book=3 shelf=1"),
            ("One horse, one horse, one dog", "dog=1 horse=2"),
            ("A watch and a tie lie on a bed.", "bed=1 tie=1 watch=1"),
            ("An airplane crosses the sky above two towers.", "airplane=1 tower=2"),
            ("dog: 2, cat: 0, bird: 0", "dog=2"),
            (
                "<table><tr><td>dog</td><td>2</td></tr><tr><td>cat</td><td>1</td></tr></table>",
                "cat=1 dog=2",
            ),
            ("dogs=2, cats=1, total=3", "cat=1 dog=2"),
            ("I count seven sheep.", "sheep=7"),
            ("Two women sit on a bed; a cat sleeps beside them.", "bed=1 cat=1 woman=2"),
            ("cats: 3 (two black, one white)", "cat=3"),
            ("1个男人、2辆自行车", "bicycle=2 man=1"),
            ("Une pomme, deux citrons", "apple=1 lemon=2"),
            ("answer={'soccer ball': 1}", "football=1"),
            ("Next to a wheelchair stand two men.", "man=2 wheelchair=1"),
            ("Objects: sushi (4), plate (1)", "plate=1 sushi=4"),
            ("- name: sushi\n  count: 4\n- name: plate\n  count: 1", "plate=1 sushi=4"),
        ],
    );
}

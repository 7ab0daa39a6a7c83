use avibench_protocol::Folder;

use super::*;
use crate::Read;

fn shown(text: &str) -> String {
    let question = Question { folder: Folder::Avr, text: "", options: &[] };
    match read(&question, text).read {
        Read::Unread(reason) => reason.name().to_owned(),
        Read::Value(Value::Indices(indices)) => format!("{indices:?}"),
        Read::Value(_) => unreachable!("the family gives indices"),
    }
}

fn check(cases: &[(&str, &str)]) {
    for (text, indices) in cases {
        assert_eq!(shown(text), *indices, "{text}");
    }
}

#[test]
fn lists_in_brackets_are_read() {
    check(&[
        ("[0, 3]", "[0, 3]"),
        ("answer=[0,3]", "[0, 3]"),
        ("```json\n{\"indices\": [1, 4]}\n```", "[1, 4]"),
        ("Final Answer: The final answer is $\\boxed{[1, 4, 9]}$", "[1, 4, 9]"),
        ("$\\boxed{1, 4}$", "[1, 4]"),
        ("[image_0, image_3]", "[0, 3]"),
        ("[\"audio 1\", \"audio 4\"]", "[1, 4]"),
        ("[2] > [0] > [5]", "[2, 0, 5]"),
        ("[3, 3, 1]", "[3, 1]"),
        ("[1, 4] (1-based)", "[0, 3]"),
        ("Indices: 1, 4, 9 (0-indexed)", "[1, 4, 9]"),
        ("Of the 10 images, 2 match: [3, 8].", "[3, 8]"),
        ("At 0:05 a dog barks; matching images: [1].", "[1]"),
        ("{\"0\": true, \"1\": false, \"2\": true}", "[0, 2]"),
        (
            "{\"matches\": [{\"index\": 0, \"score\": 0.91}, {\"index\": 7, \"score\": 0.84}]}",
            "[0, 7]",
        ),
        ("[{\"index\": 0, \"match\": true}, {\"index\": 1, \"match\": false}]", "[0]"),
        ("{\"non_matching\": [0], \"matching\": [1, 2]}", "[1, 2]"),
        ("{\"reasoning\": \"image 3\", \"answer\": [2]}", "[2]"),
        ("Matching: [1, 3]. Not matching: [0, 2].", "[1, 3]"),
        ("Candidates: [0, 1, 2]. Answer: [1]", "[1]"),
        ("[4]\n\nQuestion: Which?\nAnswer: [0, 2]", "[4]"),
        ("<answer>[2, 7]</answer>", "[2, 7]"),
        ("[[0, 3]]", "[0, 3]"),
        ("[]", "[]"),
    ]);
}

#[test]
fn indices_in_words_are_read() {
    check(&[
        ("0, 3, 7", "[0, 3, 7]"),
        ("The answer is: 0 3 7", "[0, 3, 7]"),
        ("zero and three", "[0, 3]"),
        ("only zero", "[0]"),
        ("4 > 1 > 8", "[4, 1, 8]"),
        ("Image 2 and image 5 match the sound.", "[2, 5]"),
        ("Not 3 but 5.", "[5]"),
        ("Not 2, but 4 and 7.", "[4, 7]"),
        (
            "Only the sounds at indices 2 and 6 fit a forest; those at 0, 1 and 4 come from a town.",
            "[2, 6]",
        ),
        ("Audio 0 does not fit, audio 1 does not fit, audio 2 fits.", "[2]"),
        ("Image 0: no\nImage 1: yes\nImage 2: no", "[1]"),
        ("- Audio 0: dog bark - matches\n- Audio 1: siren - does not match", "[0]"),
        ("Las imágenes que corresponden son la 1 y la 6.", "[1, 6]"),
        (
            "The picture shows a farm. Sound 1, a rooster, and sound 6, a tractor, suit it well.",
            "[1, 6]",
        ),
    ]);
}

#[test]
fn nothing_on_purpose_is_an_answer() {
    for text in [
        "none",
        "None of the images match.",
        "No sound fits the picture.",
        "There are no matching images.",
        "没有匹配的音频。",
        "Everything but a match: no sound fits.",
        "Nothing matches.",
    ] {
        assert_eq!(shown(text), "[]", "{text}");
    }
}

#[test]
fn what_is_open_stays_unread() {
    for text in [
        "00003.wav",
        "0-3",
        "all of them",
        "All except 2.",
        "The second sound.",
        "第2个和第4个音频匹配",
        "The sound is that of a harp.",
        "3 images match.",
        "Image 0 shows a cat. Image 1 shows a dog.",
        "I cannot determine which of them match.",
        "",
        "Maybe image 3.",
    ] {
        assert!(!shown(text).starts_with('['), "{text}: {}", shown(text));
    }
}

#[test]
fn indices_of_many_kinds_are_read() {
    check(&[
        ("The images that match the audio are at indices 0, 2, and 5.", "[0, 2, 5]"),
        ("Answer: 2, 4", "[2, 4]"),
        ("I would choose audios 1 and 7.", "[1, 7]"),
        ("Index 4", "[4]"),
        ("{\"matching_indices\": [2, 3], \"confidence\": 0.8}", "[2, 3]"),
        ("{\"answer\": 5}", "[5]"),
        ("0: No\n1: No\n2: Yes\n3: No", "[2]"),
        (
            "1. Image 0: a dog on a lawn. Match.\n2. Image 1: a car. No match.\n3. Image 2: a puppy. Match.",
            "[0, 2]",
        ),
        ("The sound is a siren. So image 3 matches.", "[3]"),
        ("Image 2, not image 3.", "[2]"),
        ("No match found.", "[]"),
        ("\\boxed{[]}", "[]"),
        ("索引：2、5", "[2, 5]"),
        ("{2, 6}", "[2, 6]"),
        ("2 & 6", "[2, 6]"),
        ("Ranked from best to worst: 2, 6, 1", "[2, 6, 1]"),
        ("Counting from one, these are [3, 7].", "[2, 6]"),
        ("After 3 seconds a horn sounds. [5]", "[5]"),
        ("To the harp belong 1 and 6.", "[1, 6]"),
        ("Not a single image fits.", "[]"),
        ("[0] matches, [1] doesn't, [2] matches.", "[0, 2]"),
        ("0: match; 1: mismatch; 2: match", "[0, 2]"),
        ("Matching: 0, 2. Non-matching: 1, 3.", "[0, 2]"),
        ("The dog is in images 0 and 2.", "[0, 2]"),
        ("five", "[5]"),
        ("[five, six]", "[5, 6]"),
        ("[5; 6]", "[5, 6]"),
        ("5 6", "[5, 6]"),
        ("Image 6 and 7 when counting from 1.", "[5, 6]"),
        ("{\"indices\": null}", "[]"),
        ("{\"rank\": [5, 6, 1]}", "[5, 6, 1]"),
        ("With 95% confidence: [2]", "[2]"),
        ("图片2和图片5", "[2, 5]"),
        ("図2と図5が一致します。", "[2, 5]"),
        ("Aucune image ne correspond.", "[]"),
        ("Clips 4 and 8 it is.", "[4, 8]"),
        ("Audio 3!", "[3]"),
        ("`[3, 5]`", "[3, 5]"),
        ("【3，5】", "[3, 5]"),
        ("[[3], [5]]", "[3, 5]"),
        ("{\"answer\": \"audio_3, audio_5\"}", "[3, 5]"),
        ("[{\"audio_id\": \"audio_3\", \"relevance\": \"high\"}]", "[3]"),
        ("Audio 1 and 2 contain waves, which corresponds to the beach in the image.", "[1, 2]"),
        ("Among the 10 audios, only audio 1 matches the image.", "[1]"),
        ("1 (waves), 6 (seagulls)", "[1, 6]"),
        ("I exclude 0, 2 and 3, which leaves 1.", "[1]"),
        ("None match.", "[]"),
        ("没有任何音频与图片匹配。", "[]"),
        ("匹配的音频索引为 1 和 6", "[1, 6]"),
        ("2: fits\n3: fits\n4: does not fit", "[2, 3]"),
        ("Images: 7", "[7]"),
        ("[7] is right, [8] is wrong.", "[7]"),
        ("No picture shows a drum.", "[]"),
        ("None of them is related to the sound.", "[]"),
        ("Image 7 -> yes, image 8 -> no", "[7]"),
        ("Bild 7", "[7]"),
    ]);
}

//! Cleaning what a refining language model wrote.

use std::sync::LazyLock;

use avibench_protocol::Folder;
use regex::Regex;

/// Version of [`clean_refined`]. It grows whenever some reply is cleaned differently than before.
pub const CLEANING_VERSION: u32 = 1;

static FENCES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"```(?:json|JSON|python|py|text|plaintext)?").expect("the pattern is constant")
});
static ASSIGNMENT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)^answer\s*=\s*").expect("the pattern is constant"));

/// A refining model's reply as it is written to disk.
///
/// Answers to questions stay unchanged. Elsewhere code fences, line breaks and runs of four
/// spaces go, double quotes become single ones, `null` becomes `[]`, and a leading `answer=` goes.
#[must_use]
pub fn clean_refined(folder: Folder, reply: &str) -> String {
    if matches!(folder, Folder::Asqa | Folder::VsqaI | Folder::VsqaV | Folder::Avsqa | Folder::Avqa)
    {
        return reply.to_owned();
    }
    let text = FENCES.replace_all(reply, "");
    let text = text.replace(['\n', '\r'], "").replace("    ", "");
    let text = text.replace('"', "'").replace("null", "[]");
    ASSIGNMENT.replace(text.trim(), "").into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structure_is_cleaned_and_answers_to_questions_stay() {
        let reply = "```json\n{\n    \"dog\": \"1\",\n    \"man\": \"2\"\n}\n```";
        assert_eq!(clean_refined(Folder::Amic, reply), "{'dog': '1','man': '2'}");
        assert_eq!(
            clean_refined(Folder::Avlg, "answer={\"frame_0\": null, \"frame_1\": [1, 2, 3, 4]}"),
            "{'frame_0': [], 'frame_1': [1, 2, 3, 4]}"
        );
        assert_eq!(clean_refined(Folder::Var, " Answer = [0, 3]\n"), "[0, 3]");
        let answer = "```\n**\"yes\"**\n```";
        for folder in [Folder::Asqa, Folder::VsqaI, Folder::VsqaV, Folder::Avsqa, Folder::Avqa] {
            assert_eq!(clean_refined(folder, answer), answer);
        }
    }
}

//! The floor: answers drawn uniformly from what a question allows.

use avibench_protocol::{Conversation, LocalModel};
use sha2::{Digest as _, Sha256};

use crate::observer::Question;
use crate::random::Stream;

/// Guesses. The same conversation gets the same guess from the same seed.
#[derive(Debug, Clone, Copy)]
pub struct Chance {
    seed: u64,
}

impl Chance {
    /// A guesser.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// How likely a guess at a sensation question is `truth`: nothing but the form of the question
    /// counts.
    pub(crate) fn probability(conversation: &Conversation, truth: &str) -> f64 {
        let question = Question::read(&conversation.text);
        let options = choices(&question);
        if options.is_empty() {
            let is_one_of = |count: usize, is_possible: bool| {
                if is_possible { 1.0 / count as f64 } else { 0.0 }
            };
            return if question.says("yes or no") {
                is_one_of(2, ["yes", "no"].contains(&truth))
            } else {
                is_one_of(COUNTS, truth.parse().is_ok_and(|count| (1..=COUNTS).contains(&count)))
            };
        }
        let fitting = options.iter().filter(|option| **option == truth).count();
        fitting as f64 / options.len() as f64
    }
}

/// Numbers are guessed from 1 to this.
const COUNTS: usize = 9;

impl LocalModel for Chance {
    fn name(&self) -> &'static str {
        "chance"
    }

    fn answer(&self, conversation: &Conversation) -> String {
        let mut stream = stream(self.seed, conversation);
        let question = Question::read(&conversation.text);
        let guess = guess(&question, conversation, &mut stream);
        if question.wants_hash_marks() { format!("#{guess}#") } else { guess }
    }
}

/// The draws for a conversation: they depend on all that is given.
pub(crate) fn stream(seed: u64, conversation: &Conversation) -> Stream {
    Stream::new(seed, &fingerprint(conversation))
}

/// A hash of all that is given.
pub(crate) fn fingerprint(conversation: &Conversation) -> String {
    let mut hash = Sha256::new();
    let media = conversation.images.iter().chain(&conversation.audios).chain(&conversation.video);
    for medium in media {
        hash.update((medium.bytes.len() as u64).to_le_bytes());
        hash.update(&medium.bytes);
    }
    hash.update(&conversation.text);
    hex::encode(hash.finalize())
}

/// A draw from what the form of the question allows.
pub(crate) fn guess(
    question: &Question,
    conversation: &Conversation,
    stream: &mut Stream,
) -> String {
    if question.mentions("frame_0") {
        let frames: Vec<String> =
            (0..10).map(|frame| format!("'frame_{frame}': {}", any_box(stream))).collect();
        return format!("answer={{{}}}", frames.join(", "));
    }
    if question.mentions("x_min") {
        let name = any_option(question, stream).unwrap_or("object");
        return format!("answer={{'{name}_1': '{}'}}", any_box(stream));
    }
    if question.mentions("answer={") {
        let name = any_option(question, stream).unwrap_or("object");
        return format!("answer={{'{name}': {}}}", 1 + stream.below(3));
    }
    if let Some(option) = any_option(question, stream) {
        return option.to_owned();
    }
    if question.says("yes or no") {
        return stream.pick(["yes", "no"]).to_owned();
    }
    if question.wants_number() {
        return (1 + stream.below(COUNTS)).to_string();
    }
    let candidates = conversation.images.len().max(conversation.audios.len());
    if !conversation.images.is_empty() && !conversation.audios.is_empty() && candidates > 1 {
        let chosen: Vec<String> =
            (0..candidates).filter(|_| stream.chance(0.5)).map(|i| i.to_string()).collect();
        return format!("[{}]", chosen.join(", "));
    }
    "Something can be seen and something can be heard.".to_owned()
}

/// One of the options that answer the question.
fn any_option<'a>(question: &'a Question, stream: &mut Stream) -> Option<&'a str> {
    stream.try_pick(&choices(question)).copied()
}

/// The options that answer the question: not being sure is none.
pub(crate) fn choices(question: &Question) -> Vec<&str> {
    let options = question.options.iter().map(String::as_str);
    options.filter(|option| *option != "not sure").collect()
}

fn any_box(stream: &mut Stream) -> String {
    let [mut xs, mut ys] = [0, 1].map(|_| [stream.unit(), stream.unit()]);
    xs.sort_by(f64::total_cmp);
    ys.sort_by(f64::total_cmp);
    format!("[{:.3}, {:.3}, {:.3}, {:.3}]", xs[0], ys[0], xs[1], ys[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Conversation {
        Conversation { text: text.to_owned(), ..Conversation::default() }
    }

    #[test]
    fn guesses_are_uniform_over_the_options_and_repeatable() {
        let mut counts = std::collections::BTreeMap::new();
        let chance = Chance::new(1);
        for i in 0..900 {
            let asked = asked(&format!("Available options are: ['a', 'b', 'c', 'not sure']. {i}?"));
            let guess = chance.answer(&asked);
            assert_eq!(guess, chance.answer(&asked));
            *counts.entry(guess).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 3);
        assert!(counts.values().all(|count| (240..360).contains(count)), "{counts:?}");
    }

    #[test]
    fn how_likely_a_guess_is_right() {
        let offered = asked("Available options are: ['a', 'b', 'not sure']. ?");
        let open = asked("How many beats do you hear?");
        let check = asked("Is it silent? Answer yes or no.");
        for (asked, truth, choices) in
            [(&offered, "a", 2.0), (&open, "3", 9.0), (&check, "no", 2.0)]
        {
            assert!((Chance::probability(asked, truth) - 1.0 / choices).abs() < 1e-12);
        }
        for (asked, truth) in [(&offered, "a;b"), (&open, "10"), (&check, "maybe")] {
            assert!(Chance::probability(asked, truth) < 1e-12);
        }
    }

    #[test]
    fn guesses_have_the_wanted_form() {
        let chance = Chance::new(2);
        let digit: usize = chance.answer(&asked("How many beats?")).parse().unwrap();
        assert!((1..=9).contains(&digit));
        let frames = chance.answer(&asked("answer={'frame_0': [x_min, y_min, x_max, y_max]}"));
        assert!(frames.starts_with("answer={'frame_0': [0.") && frames.contains("'frame_9'"));
        let marked = chance.answer(&asked(
            "Put the answer between hash marks. Available options are: ['red']. Which?",
        ));
        assert_eq!(marked, "#red#");
    }
}

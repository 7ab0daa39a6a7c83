//! What is known from outside about a run that is killed again and again: its journals against
//! the server's own record.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use avibench_protocol::Folder;
use avibench_store::{AskOutcome, read_journal};

use super::questions::{Place, Question, Questions};
use super::server::Logged;

/// All that was seen so far.
pub(super) struct Evidence {
    questions: Questions,
    /// What the journals hold, by sample.
    journaled: BTreeMap<Place, String>,
    /// Lines of each journal that were looked at.
    seen: BTreeMap<Folder, usize>,
    /// The question of each request body.
    bodies: HashMap<String, Question>,
    said: HashMap<Question, String>,
    pub(super) figures: Figures,
}

/// Numbers for the report.
#[derive(Debug, Default)]
pub(super) struct Figures {
    pub(super) asked: usize,
    /// Questions that a session asked although an earlier one had: they were in flight, or waiting
    /// for another try, when it ended.
    pub(super) asked_again: usize,
    pub(super) torn_tails: usize,
}

impl Evidence {
    pub(super) fn new(questions: Questions) -> Self {
        Self {
            questions,
            journaled: BTreeMap::new(),
            seen: BTreeMap::new(),
            bodies: HashMap::new(),
            said: HashMap::new(),
            figures: Figures::default(),
        }
    }

    /// Samples that are to be asked.
    pub(super) fn samples(&self) -> usize {
        self.questions.of.len()
    }

    /// Samples whose answer is in a journal.
    pub(super) fn answered(&self) -> usize {
        self.journaled.len()
    }

    /// Forgets the journals: another label begins.
    pub(super) fn next_label(&mut self) {
        self.journaled.clear();
        self.seen.clear();
    }

    /// Takes in one session: what the server logged of it, and the journals after its end.
    pub(super) fn take_session(&mut self, lines: &[Logged], label: &Path) {
        let asked = self.take_log(lines);
        for (question, times) in &asked {
            let askers = &self.questions.askers[question];
            let open = askers.iter().filter(|place| !self.journaled.contains_key(place)).count();
            assert!(
                open > 0,
                "asked {times} times although all its answers were on disk: {question:?}, {askers:?}"
            );
        }
        self.take_journals(label, &asked);
    }

    /// How often each question was asked.
    fn take_log(&mut self, lines: &[Logged]) -> HashMap<Question, usize> {
        let mut asked: HashMap<Question, usize> = HashMap::new();
        let mut numbers = HashMap::new();
        for line in lines {
            match line {
                Logged::Asked { number, request, text, media } => {
                    let question = (text.clone(), media.clone());
                    assert!(
                        self.questions.askers.contains_key(&question),
                        "never to be asked: {question:?}"
                    );
                    self.figures.asked += 1;
                    if self.bodies.insert(request.clone(), question.clone()).is_some()
                        && !asked.contains_key(&question)
                    {
                        self.figures.asked_again += 1;
                    }
                    *asked.entry(question.clone()).or_default() += 1;
                    numbers.insert(*number, question);
                }
                Logged::Answers { number, answer: Some(answer) } if !answer.is_empty() => {
                    let question = numbers[number].clone();
                    let said = self.said.entry(question).or_insert_with(|| answer.clone());
                    assert_eq!(said, answer, "the model answers each question always the same");
                }
                Logged::Answers { .. } => {}
                Logged::Refused { request } => {
                    // A body that was always turned away belongs to an unknown question.
                    if let Some(question) = self.bodies.get(request) {
                        *asked.entry(question.clone()).or_default() += 1;
                    }
                }
            }
        }
        asked
    }

    fn take_journals(&mut self, label: &Path, asked: &HashMap<Question, usize>) {
        let mut found = BTreeMap::new();
        for folder in Folder::ALL {
            let journal = read_journal(&label.join(format!("journal/{folder}.jsonl"))).unwrap();
            assert!(journal.damaged.is_empty(), "{folder}: {:?}", journal.damaged);
            self.figures.torn_tails += usize::from(journal.torn > 0);
            let seen = self.seen.insert(folder, journal.entries.len()).unwrap_or(0);
            assert!(journal.entries.len() >= seen, "{folder} lost lines");
            for (index, entry) in journal.entries.into_iter().enumerate() {
                if entry.outcome != AskOutcome::Answered {
                    continue;
                }
                let place = (folder, entry.position.0);
                let answer = entry.answer.unwrap();
                let question = &self.questions.of[&place];
                assert_eq!(
                    Some(&answer),
                    self.said.get(question),
                    "{place:?} was answered otherwise"
                );
                if index >= seen && self.questions.askers[question].len() == 1 {
                    let times = asked.get(question).copied().unwrap_or(0);
                    let tries = entry.tries as usize;
                    assert!(tries >= times, "{place:?} was asked {times} times in {tries} tries");
                }
                let before = found.insert(place, answer);
                assert_eq!(before, None, "{place:?} was answered twice");
            }
        }
        for (place, answer) in &self.journaled {
            assert_eq!(found.get(place), Some(answer), "{place:?} was lost");
        }
        self.journaled = found;
    }

    /// What the prediction files must hold.
    pub(super) fn journaled(&self) -> &BTreeMap<Place, String> {
        &self.journaled
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::{folder, run, smoke_set};

    /// Evidence after a session in which everything was answered, and the log of it.
    fn after_a_whole_session() -> (Evidence, tempfile::TempDir, Logged) {
        let root = folder();
        let data = smoke_set();
        run(root.path(), &format!("run --backend chance --data-root {}", data.display())).expect(0);
        let mut evidence = Evidence::new(Questions::of(&data));
        let (text, media) = evidence.questions.askers.keys().next().unwrap().clone();
        let label = root.path().join("user_outputs/chance");
        for (place, question) in evidence.questions.of.clone() {
            let journal = read_journal(&label.join(format!("journal/{}.jsonl", place.0))).unwrap();
            let entry = journal.entries.iter().find(|entry| entry.position.0 == place.1).unwrap();
            evidence.said.insert(question, entry.answer.clone().unwrap());
        }
        evidence.take_session(&[], &label);
        assert_eq!(evidence.answered(), evidence.samples());
        (evidence, root, Logged::Asked { number: 1, request: "r".to_owned(), text, media })
    }

    #[test]
    #[should_panic(expected = "although all its answers were on disk")]
    fn asking_again_what_is_journaled_is_noticed() {
        let (mut evidence, root, asked) = after_a_whole_session();
        evidence.take_session(&[asked], &root.path().join("user_outputs/chance"));
    }

    #[test]
    #[should_panic(expected = "lost lines")]
    fn a_journal_that_shrinks_is_noticed() {
        let (mut evidence, root, _) = after_a_whole_session();
        let label = root.path().join("user_outputs/chance");
        std::fs::write(label.join("journal/AVM.jsonl"), "").unwrap();
        evidence.take_session(&[], &label);
    }

    #[test]
    #[should_panic(expected = "was answered otherwise")]
    fn an_answer_that_the_model_never_gave_is_noticed() {
        let (mut evidence, root, _) = after_a_whole_session();
        evidence.said.values_mut().for_each(|answer| answer.push('!'));
        evidence.take_session(&[], &root.path().join("user_outputs/chance"));
    }
}

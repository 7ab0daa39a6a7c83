//! When answers show an ability, and when they show that it is lacking.
//!
//! Answers come one after the other, each right or wrong, and after each of them the rule may decide.
//! Two things must be rare over the whole sequence, and are so by exact computation ([`odds`], and the
//! tests below):
//!
//! * Who guesses is right in one of so many choices, because the right answers are drawn uniformly. He
//!   must be called able in under 1%.
//! * Who is able may still be wrong in one of ten. He must be called unable in under 1%.
//!
//! Right answers among four choices are drawn independently of each other, so that this holds whatever
//! the guesser says. Questions about an order come in pairs of which one answer is right for one and
//! wrong for the other: whoever answers the same words in the same way is wrong in half of them, and so
//! surely called unable.
//!
//! Among two choices seven right answers in a row are the fewest that guessing brings in under 1%
//! (1 in 128), and leave no room for a mistake within eight questions. Among four choices four in a row
//! do (1 in 256), and what is left of the 1% allows one mistake in six and two in eight.

/// Most questions that an ability is asked.
pub const MOST_QUESTIONS: usize = 8;

/// Among how many answers somebody chooses who guesses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChoiceCount {
    /// One of two: right in half of all questions.
    Two,
    /// One of four or more: right in a quarter of all questions at most.
    Four,
}

impl ChoiceCount {
    /// How often a guess is right.
    #[must_use]
    pub const fn chance(self) -> f64 {
        match self {
            Self::Two => 0.5,
            Self::Four => 0.25,
        }
    }

    /// So many answers with at most so many wrong ones show the ability.
    const fn shown_by(self) -> &'static [(usize, usize)] {
        match self {
            Self::Two => &[(7, 0)],
            Self::Four => &[(4, 0), (6, 1), (8, 2)],
        }
    }
}

/// So many wrong answers within so many show that the ability is lacking: a model that is right nine
/// times in ten has them in under 1%.
const LACKING_BY: [(usize, usize); 2] = [(3, 4), (4, MOST_QUESTIONS)];

/// What `asked` answers of which `wrong` are wrong show: `Some(true)` the ability, `Some(false)` that it
/// is lacking. To be asked after every answer; the first ruling stands.
#[must_use]
pub fn ruling(choices: ChoiceCount, asked: usize, wrong: usize) -> Option<bool> {
    if choices.shown_by().iter().any(|&(of, most)| asked == of && wrong <= most) {
        return Some(true);
    }
    LACKING_BY.iter().any(|&(least, within)| wrong >= least && asked <= within).then_some(false)
}

/// The fewest further answers after which there can be a ruling; `None` if there will be none, whatever
/// they are.
pub(crate) fn fewest_to_ruling(choices: ChoiceCount, asked: usize, wrong: usize) -> Option<usize> {
    let shown = choices.shown_by().iter();
    let shown = shown.filter(|&&(of, most)| of > asked && wrong <= most).map(|&(of, _)| of - asked);
    let lacking = LACKING_BY.iter().filter_map(|&(least, within)| {
        let more = least.checked_sub(wrong)?;
        (asked + more <= within).then_some(more)
    });
    shown.chain(lacking).min()
}

/// How often the rule says what of somebody who is right with a fixed probability, one answer
/// independent of the other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RulingOdds {
    /// The ability counts as shown.
    pub yes: f64,
    /// It counts as lacking.
    pub no: f64,
    /// Neither.
    pub unclear: f64,
    /// Questions asked on average.
    pub questions: f64,
}

/// The exact odds for somebody who is right with probability `right`, 0 to 1.
#[must_use]
pub fn odds(choices: ChoiceCount, right: f64) -> RulingOdds {
    let mut odds = RulingOdds { yes: 0.0, no: 0.0, unclear: 0.0, questions: 0.0 };
    // By number of wrong answers: how likely it is to get there without a ruling before.
    let mut undecided = [0.0; MOST_QUESTIONS + 1];
    undecided[0] = 1.0;
    for asked in 0..=MOST_QUESTIONS {
        let mut next = [0.0; MOST_QUESTIONS + 1];
        for (wrong, &likely) in undecided.iter().enumerate().filter(|(_, likely)| **likely > 0.0) {
            let ended = match ruling(choices, asked, wrong) {
                Some(true) => &mut odds.yes,
                Some(false) => &mut odds.no,
                None if fewest_to_ruling(choices, asked, wrong).is_none() => &mut odds.unclear,
                None => {
                    next[wrong] += likely * right;
                    next[wrong + 1] += likely * (1.0 - right);
                    continue;
                }
            };
            *ended += likely;
            odds.questions += likely * asked as f64;
        }
        undecided = next;
    }
    odds
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: [ChoiceCount; 2] = [ChoiceCount::Two, ChoiceCount::Four];

    #[test]
    fn rulings_are_those_that_are_promised() {
        assert_eq!(ruling(ChoiceCount::Two, 7, 0), Some(true));
        assert_eq!(ruling(ChoiceCount::Four, 4, 0), Some(true));
        assert_eq!(ruling(ChoiceCount::Two, 6, 0), None);
        assert_eq!(ruling(ChoiceCount::Two, 8, 1), None);
        assert_eq!(ruling(ChoiceCount::Four, 3, 0), None);
        assert_eq!(ruling(ChoiceCount::Four, 6, 1), Some(true));
        assert_eq!(ruling(ChoiceCount::Four, 8, 3), None);
        for choices in BOTH {
            assert_eq!(ruling(choices, 3, 3), Some(false));
            assert_eq!(ruling(choices, 5, 3), None);
            assert_eq!(ruling(choices, 8, 4), Some(false));
        }
    }

    #[test]
    fn who_guesses_is_called_able_in_under_one_percent() {
        for (choices, yes) in [(ChoiceCount::Two, 0.0078), (ChoiceCount::Four, 0.0087)] {
            let odds = odds(choices, choices.chance());
            assert!(odds.yes < 0.01, "{choices:?}: {odds:?}");
            assert!((odds.yes - yes).abs() < 1e-4, "{choices:?}: {odds:?}");
        }
    }

    #[test]
    fn who_is_right_nine_times_in_ten_is_called_unable_in_under_one_percent() {
        for choices in BOTH {
            for right in [0.9, 0.95, 1.0] {
                let odds = odds(choices, right);
                assert!(odds.no < 0.01, "{choices:?} {right}: {odds:?}");
            }
        }
    }

    #[test]
    fn who_is_always_right_is_called_able_and_who_never_is_unable() {
        for (choices, questions) in [(ChoiceCount::Two, 7.0), (ChoiceCount::Four, 4.0)] {
            let able = odds(choices, 1.0);
            assert_eq!((able.yes, able.questions), (1.0, questions));
            let unable = odds(choices, 0.0);
            assert_eq!((unable.no, unable.questions), (1.0, 3.0));
        }
    }

    /// Every sequence of eight answers, walked through as a session does: the odds add up to the
    /// same, and no batch of [`fewest_to_ruling`] answers goes past a ruling.
    #[test]
    fn the_odds_are_those_of_all_sequences() {
        for choices in BOTH {
            for right in [0.25, 0.5, 0.9] {
                let mut found = [0.0; 3];
                for sequence in 0_u32..1 << MOST_QUESTIONS {
                    let is_wrong = |at: usize| sequence >> at & 1 == 1;
                    let likely: f64 = (0..MOST_QUESTIONS)
                        .map(|at| if is_wrong(at) { 1.0 - right } else { right })
                        .product();
                    let (mut asked, mut wrong, mut said) = (0, 0, None);
                    while let (None, Some(more)) = (said, fewest_to_ruling(choices, asked, wrong)) {
                        for at in asked..asked + more {
                            assert_eq!(said, None, "a ruling within a batch");
                            wrong += usize::from(is_wrong(at));
                            said = ruling(choices, at + 1, wrong);
                        }
                        asked += more;
                    }
                    assert!(asked <= MOST_QUESTIONS);
                    found[match said {
                        Some(true) => 0,
                        Some(false) => 1,
                        None => 2,
                    }] += likely;
                }
                let odds = odds(choices, right);
                for (found, wanted) in found.into_iter().zip([odds.yes, odds.no, odds.unclear]) {
                    assert!((found - wanted).abs() < 1e-12, "{choices:?} {right}");
                }
            }
        }
    }
}

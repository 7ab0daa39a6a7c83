//! What a statement says to a yes/no question, where it says neither yes nor no.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::question::{About, Asked};
use crate::text::negation::{ends_scope, is_idiom, is_negator};
use crate::text::numbers::number_at;
use crate::text::words::{Word, is_glued, stem, words};

/// Words that say that something can be seen.
const SEEN: &[&str] = &[
    "visible",
    "visibly",
    "see",
    "sees",
    "seen",
    "seeing",
    "shown",
    "show",
    "shows",
    "showing",
    "appear",
    "appears",
    "appeared",
    "appearing",
    "appearance",
    "present",
    "displayed",
    "displays",
    "depicted",
    "depicts",
    "featured",
    "features",
    "featuring",
    "view",
    "screen",
    "onscreen",
    "frame",
    "frames",
    "picture",
    "shot",
    "scene",
    "image",
    "footage",
    "foreground",
    "background",
    "lies",
    "lying",
    "stands",
    "standing",
    "stand",
    "sits",
    "sitting",
    "walks",
    "walking",
    "runs",
    "running",
    "hangs",
    "hanging",
    "holds",
    "holding",
    "held",
    "contains",
    "includes",
    "captured",
    "camera",
    "spot",
    "spotted",
    "noticed",
    "notice",
    "observed",
    "observe",
    "found",
    "detected",
    "identified",
    "occupies",
    "fills",
    "resting",
    "rests",
    "parked",
    "swims",
    "swimming",
    "flies",
    "flying",
    "wearing",
    "carries",
    "enters",
    "made",
    "sight",
    "there",
    "exist",
    "exists",
    "video",
];

/// Words that say that something cannot be seen.
const UNSEEN: &[&str] = &[
    "invisible",
    "hidden",
    "absent",
    "missing",
    "offscreen",
    "unseen",
    "obscured",
    "off",
    "outside",
    "lacks",
    "lacking",
    "behind",
];

/// Words that say that something sounds.
const HEARD: &[&str] = &[
    "sound",
    "sounds",
    "sounding",
    "sounded",
    "hear",
    "heard",
    "hears",
    "audible",
    "audibly",
    "noise",
    "noises",
    "noisy",
    "loud",
    "loudly",
    "voice",
    "voices",
    "tone",
    "tones",
    "melody",
    "tune",
    "note",
    "notes",
    "music",
    "ring",
    "rings",
    "ringing",
    "rang",
    "bark",
    "barks",
    "barking",
    "barked",
    "meow",
    "meows",
    "meowing",
    "miaow",
    "purr",
    "sing",
    "sings",
    "singing",
    "sang",
    "speak",
    "speaks",
    "speaking",
    "spoke",
    "speech",
    "talk",
    "talks",
    "talking",
    "play",
    "plays",
    "playing",
    "played",
    "hum",
    "hums",
    "humming",
    "buzz",
    "buzzes",
    "buzzing",
    "roar",
    "roars",
    "roaring",
    "neigh",
    "neighs",
    "neighing",
    "moo",
    "mooing",
    "moos",
    "chirp",
    "chirps",
    "chirping",
    "tick",
    "ticks",
    "ticking",
    "honk",
    "honks",
    "honking",
    "cry",
    "cries",
    "crying",
    "shout",
    "shouts",
    "shouting",
    "scream",
    "screams",
    "screaming",
    "laugh",
    "laughs",
    "laughing",
    "laughter",
    "whistle",
    "whistles",
    "whistling",
    "beep",
    "beeps",
    "click",
    "clicks",
    "clicking",
    "rumble",
    "rumbles",
    "rumbling",
    "strum",
    "strums",
    "strummed",
    "strumming",
    "growl",
    "growls",
    "growling",
    "howl",
    "howls",
    "howling",
    "hiss",
    "hisses",
    "hissing",
    "squeal",
    "creak",
    "creaks",
    "creaking",
    "rattle",
    "rattles",
    "rattling",
    "rustle",
    "splash",
    "splashes",
    "bleat",
    "bleats",
    "bleating",
    "crow",
    "crows",
    "crowing",
    "quack",
    "quacks",
    "croak",
    "croaks",
    "whine",
    "whines",
    "squeak",
    "squeaks",
    "clatter",
    "crackle",
    "blare",
    "blares",
    "toot",
    "toots",
    "peal",
    "peals",
    "toll",
    "tolls",
    "chime",
    "chimes",
    "chiming",
    "drip",
    "drips",
    "dripping",
    "drone",
    "drones",
    "vibrates",
    "pound",
    "pounds",
    "clang",
    "clangs",
    "thud",
    "thuds",
    "snore",
    "snores",
    "sobs",
    "wail",
    "wails",
    "wailing",
    "yell",
    "yells",
    "chatter",
    "applause",
    "clap",
    "claps",
    "clapping",
    "knock",
    "knocks",
    "knocking",
    "gunshot",
    "idling",
    "revving",
    "revs",
    "soundtrack",
    "tweets",
    "trills",
    "warbles",
    "grunts",
    "whinnies",
    "whinny",
    "babbles",
    "coos",
    "gurgles",
    "whirring",
    "whirs",
    "whirr",
    "blow",
    "blows",
    "blowing",
    "blew",
    "rev",
    "thunder",
    "thunders",
    "thundering",
    "echo",
    "echoes",
    "resounds",
    "tap",
    "taps",
    "tapping",
    "cackles",
    "gobbles",
    "cheer",
    "cheers",
    "cheering",
    "boom",
    "booms",
    "jingle",
    "jingles",
    "swish",
    "hooting",
    "hoots",
    "coo",
    "yelp",
    "yelps",
    "moan",
    "moans",
    "sigh",
    "sighs",
    "cough",
    "coughs",
    "sneezes",
    "gasps",
    "murmur",
    "murmurs",
    "narrates",
    "recites",
    "vocals",
    "vocalizing",
];

/// Words that say that something does not sound.
const UNHEARD: &[&str] = &[
    "silent",
    "silently",
    "silence",
    "mute",
    "muted",
    "inaudible",
    "quiet",
    "soundless",
    "unheard",
    "noiseless",
];

/// Words that say that sound and picture belong together.
const MATCHED: &[&str] = &[
    "match",
    "matches",
    "matched",
    "matching",
    "belong",
    "belongs",
    "correspond",
    "corresponds",
    "corresponding",
    "fit",
    "fits",
    "fitting",
    "agree",
    "agrees",
    "align",
    "aligns",
    "aligned",
    "consistent",
    "synchronized",
    "synchronised",
    "synchronous",
    "sync",
    "synced",
    "coincide",
    "coincides",
    "related",
    "together",
    "suit",
    "suits",
    "harmonize",
    "compatible",
    "line",
    "pair",
    "paired",
    "complement",
    "complements",
    "coherent",
    "congruent",
    "accompanies",
    "connected",
    "linked",
    "common",
    "connection",
];

/// Words that say that they do not.
const MISMATCHED: &[&str] = &[
    "mismatch",
    "mismatched",
    "mismatches",
    "differ",
    "differs",
    "different",
    "unrelated",
    "inconsistent",
    "incompatible",
    "contradict",
    "contradicts",
    "discrepancy",
    "disconnect",
    "disconnected",
    "incongruent",
    "incongruous",
    "asynchronous",
    "independent",
    "dissimilar",
    "conflict",
    "conflicts",
    "clash",
    "clashes",
];

/// Words with which nothing is claimed.
const HEDGES: &[&str] = &[
    "might",
    "may",
    "possibly",
    "perhaps",
    "maybe",
    "if",
    "whether",
    "would",
    "could've",
    "supposedly",
    "allegedly",
    "suggest",
    "suggests",
    "suggesting",
    "expect",
    "expected",
];

/// Words that say the opposite of each other.
const OPPOSITES: &[(&str, &str)] = &[
    ("open", "closed"),
    ("open", "shut"),
    ("left", "right"),
    ("first", "last"),
    ("first", "second"),
    ("before", "after"),
    ("indoors", "outdoors"),
    ("inside", "outside"),
    ("indoor", "outdoor"),
    ("male", "female"),
    ("man", "woman"),
    ("boy", "girl"),
    ("day", "night"),
    ("above", "below"),
    ("empty", "full"),
    ("on", "off"),
    ("top", "bottom"),
    ("front", "behind"),
    ("same", "different"),
    ("equal", "different"),
    ("alone", "together"),
    ("alive", "dead"),
    ("wet", "dry"),
    ("hot", "cold"),
    ("fast", "slow"),
    ("near", "far"),
    ("close", "far"),
    ("awake", "asleep"),
    ("standing", "sitting"),
    ("black", "white"),
    ("young", "old"),
    ("happy", "sad"),
    ("real", "fake"),
    ("live", "recorded"),
    ("louder", "quieter"),
    ("louder", "softer"),
    ("longer", "shorter"),
    ("taller", "shorter"),
    ("bigger", "smaller"),
    ("larger", "smaller"),
    ("brighter", "darker"),
    ("brighter", "dimmer"),
    ("higher", "lower"),
    ("faster", "slower"),
    ("wider", "narrower"),
    ("heavier", "lighter"),
    ("older", "younger"),
    ("nearer", "farther"),
    ("closer", "farther"),
    ("earlier", "later"),
    ("more", "fewer"),
    ("more", "less"),
    ("clearer", "blurrier"),
    ("warmer", "colder"),
    ("thicker", "thinner"),
    ("stronger", "weaker"),
    ("deeper", "higher"),
];

const EQUAL: &[&str] =
    &["equal", "equally", "same", "identical", "alike", "similar", "equivalent", "identically"];

static HEARD_STEMS: LazyLock<BTreeSet<String>> =
    LazyLock::new(|| HEARD.iter().map(|word| stem(word)).collect());

fn is_heard(word: &Word) -> bool {
    HEARD.contains(&word.text.as_str()) || HEARD_STEMS.contains(&stem(&word.text))
}

/// What a sentence says to the question: `Some(true)` for yes. `None` if it is about something else,
/// claims nothing, or says it too faintly.
pub(crate) fn statement(asked: &Asked, sentence: &str) -> Option<bool> {
    if sentence.chars().any(is_glued) {
        return glued(asked, sentence);
    }
    let words = words(sentence);
    if words.len() > 80 {
        return None;
    }
    if !asked.numbers.is_empty() {
        return by_number(asked, sentence, &words);
    }
    if let Some(said) = comparison(asked, &words) {
        return Some(said);
    }
    let clauses = clauses(sentence, &words);
    // `No doubt: the horn blows` affirms whatever it names.
    let is_sure = (0..words.len().min(3))
        .any(|at| matches!(words[at].text.as_str(), "no" | "without") && is_idiom(&words, at));
    if is_sure
        && !words
            .iter()
            .enumerate()
            .any(|(at, word)| is_negator(&word.text) && !is_idiom(&words, at))
        && names(&words, &subject(asked))
    {
        return Some(true);
    }
    let subject: BTreeSet<String> = subject(asked);
    let mut best: Option<(usize, bool)> = None;
    let mut inherited = false;
    for clause in clauses {
        let clause = &words[clause];
        if let Some((weight, said)) = of_clause(asked, &subject, clause, inherited)
            && best.is_none_or(|(known, _)| weight > known)
        {
            best = Some((weight, said));
        }
        inherited |= names(clause, &subject);
    }
    best.map(|(_, said)| said)
}

/// Stems of what is asked about, without the words that ask whether it is seen or heard.
fn subject(asked: &Asked) -> BTreeSet<String> {
    let predicates: BTreeSet<String> = match asked.about {
        About::Visible => SEEN.iter().map(|word| stem(word)).collect(),
        About::Sounding => HEARD
            .iter()
            .chain(["making", "producing", "emitting", "coming"].iter())
            .map(|word| stem(word))
            .collect(),
        About::Match => MATCHED.iter().map(|word| stem(word)).collect(),
        About::Other => BTreeSet::new(),
    };
    main_clause(asked).into_iter().filter(|stem| !predicates.contains(stem)).collect()
}

fn names(clause: &[Word], subject: &BTreeSet<String>) -> bool {
    clause.iter().any(|word| subject.contains(&stem(&word.text)))
}

/// What a clause says, with how closely it answers.
fn of_clause(
    asked: &Asked,
    subject: &BTreeSet<String>,
    clause: &[Word],
    inherited: bool,
) -> Option<(usize, bool)> {
    let hedges = clause.iter().any(|word| HEDGES.contains(&word.text.as_str()))
        && !asked.words.iter().any(|word| HEDGES.contains(&word.as_str()));
    let is_skipped =
        hedges || clause.windows(2).any(|pair| pair[0].text == "not" && pair[1].text == "that");
    if clause.is_empty() || is_skipped {
        return None;
    }
    let count = |list: &[&str]| {
        clause
            .iter()
            .filter(|word| list.contains(&word.text.as_str()) && !asked.words.contains(&word.text))
            .count()
    };
    let has = |list: &[&str]| clause.iter().any(|word| list.contains(&word.text.as_str()));
    // `It could not fit any better` praises.
    let praises = clause.iter().any(|word| {
        matches!(word.text.as_str(), "better" | "clearer" | "closer" | "louder" | "more")
    }) && clause.iter().any(|word| {
        matches!(word.text.as_str(), "couldn't" | "could" | "can't" | "cannot" | "hardly")
    });
    let fails = clause
        .iter()
        .filter(|word| matches!(word.text.as_str(), "fail" | "fails" | "failed" | "failing"))
        .count();
    let negators = fails
        + (0..clause.len())
            .filter(|&at| is_negator(&clause[at].text) && !is_idiom(clause, at))
            // `neither ... nor` denies once.
            .filter(|&at| {
                clause[at].text != "nor" || !clause.iter().any(|word| word.text == "neither")
            })
            .filter(|_| !praises)
            .count();
    let named = names(clause, subject);
    let pronoun = clause.first().is_some_and(|word| {
        matches!(
            word.text.as_str(),
            "it" | "they"
                | "he"
                | "she"
                | "this"
                | "that"
                | "these"
                | "those"
                | "both"
                | "it's"
                | "isn't"
                | "never"
                | "not"
                | "none"
                | "is"
                | "are"
                | "does"
                | "do"
        )
    });
    let about = named || subject.is_empty() || (pronoun && (inherited || clause.len() <= 6));
    // `Not the owl but ...` denies what it names, whatever predicate follows.
    if named
        && clause.len() <= 4
        && negators == 1
        && clause.first().is_some_and(|word| word.text == "not")
    {
        return Some((10, false));
    }
    let even = |n: usize| n.is_multiple_of(2);
    let stems: BTreeSet<String> = clause.iter().map(|word| stem(&word.text)).collect();
    let overlap = asked.overlap(&stems);
    let weight = overlap * 4 + usize::from(named) * 2 + 1;
    match asked.about {
        About::Visible => {
            let out = clause
                .windows(3)
                .filter(|w| {
                    w[0].text == "out"
                        && w[1].text == "of"
                        && matches!(
                            w[2].text.as_str(),
                            "view" | "sight" | "frame" | "shot" | "picture"
                        )
                })
                .count();
            let unseen = count(UNSEEN) + out;
            let seen = has(SEEN) || unseen > 0;
            let heard = clause.iter().any(is_heard) || has(UNHEARD);
            let exists = clause.len() >= 2 && clause[0].text.starts_with("there")
                || (negators > 0 && clause.len() <= 4);
            let is_seen =
                has(&["visible", "seen", "see", "shown", "shows", "visibly", "appears", "appear"]);
            (about && (seen || exists) && (!heard || is_seen || unseen > 0))
                .then(|| (weight + usize::from(is_seen) * 2, even(negators + unseen)))
        }
        About::Sounding => {
            let silent = clause.iter().filter(|word| UNHEARD.contains(&word.text.as_str())).count();
            let heard = clause.iter().any(is_heard) || silent > 0;
            let asks_silence = asked.words.iter().any(|word| {
                UNHEARD.contains(&word.as_str()) || word == "free" || word == "without"
            });
            (about && heard).then(|| (weight + 1, even(negators + silent) != asks_silence))
        }
        About::Match => {
            let apart = count(MISMATCHED)
                + usize::from(clause.windows(3).any(|w| {
                    w[0].text == "out"
                        && w[1].text == "of"
                        && matches!(w[2].text.as_str(), "sync" | "step" | "place")
                }));
            // `nothing in common` is one denial, `do not differ` two.
            (has(MATCHED) || apart > 0).then(|| (weight, even(negators + apart)))
        }
        About::Other => {
            of_other(asked, clause, &stems, negators, weight, (pronoun && inherited, named))
        }
    }
}

fn of_other(
    asked: &Asked,
    clause: &[Word],
    stems: &BTreeSet<String>,
    negators: usize,
    weight: usize,
    (continues, named): (bool, bool),
) -> Option<(usize, bool)> {
    let wanted = main_clause(asked);
    // Which of two events is the earlier cannot be told from the words alone.
    let asks_order = asked.words.iter().any(|word| {
        matches!(
            word.as_str(),
            "before" | "after" | "first" | "between" | "earlier" | "later" | "then"
        )
    });
    if wanted.is_empty() || asks_order {
        return None;
    }
    let hits = wanted.iter().filter(|stem| stems.contains(*stem)).count()
        + usize::from(continues && !named);
    // A statement with an opposite denies.
    if opposite(asked, clause) && hits + 1 >= wanted.len().min(2) {
        // Where two things are named, which stands on which side cannot be told from the words alone.
        let sides = ["left", "right", "above", "below", "behind", "front"];
        let asks_side =
            wanted.len() > 2 && asked.words.iter().any(|word| sides.contains(&word.as_str()));
        return (!asks_side).then_some((weight, negators % 2 == 1));
    }
    let is_denied = negators % 2 == 1;
    if is_denied && hits * 2 >= wanted.len() {
        return Some((weight, false));
    }
    let sides = ["left", "right", "above", "below", "behind", "front"];
    let place = |stem_of: &String| clause.iter().position(|word| stem(&word.text) == *stem_of);
    let turned = asked.words.iter().any(|word| sides.contains(&word.as_str()))
        && wanted.len() > 2
        && wanted.first().and_then(place) > wanted.last().and_then(place);
    (!is_denied && !turned && hits >= wanted.len()).then_some((weight, true))
}

/// Questions that name a number: `Are two riders shown?`, `Is more than one cyclist visible?`
fn by_number(asked: &Asked, sentence: &str, words: &[Word]) -> Option<bool> {
    let [wanted] = asked.numbers.as_slice() else { return None };
    let mut said = BTreeSet::new();
    let mut denied = false;
    for at in 0..words.len() {
        if words[at].text == "but"
            || (at > 0
                && sentence[words[at - 1].span.end..words[at].span.start].contains([',', ';', ':']))
        {
            denied = false;
        }
        denied |= is_negator(&words[at].text) && !is_idiom(words, at);
        if let Some(value) = number_at(sentence, words, at).and_then(|number| number.value)
            && !denied
        {
            said.insert(value);
        }
    }
    let (1, Some(&value)) = (said.len(), said.first()) else { return None };
    let before = |phrase: [&str; 2]| {
        asked.words.windows(2).any(|pair| pair[0] == phrase[0] && pair[1] == phrase[1])
    };
    if before(["more", "than"]) {
        Some(value > *wanted)
    } else if before(["at", "least"]) {
        Some(value >= *wanted)
    } else if before(["less", "than"]) || before(["fewer", "than"]) {
        Some(value < *wanted)
    } else {
        Some(value == *wanted)
    }
}

/// Whether a word tells of a sound.
pub(crate) fn is_sound(word: &str) -> bool {
    HEARD.contains(&word) || UNHEARD.contains(&word)
}

/// Words with which a subordinate clause begins.
pub(crate) fn subordinates(word: &str) -> bool {
    matches!(word, "when" | "while" | "after" | "before" | "because" | "until" | "as")
}

/// Stems of the question's main clause: `Did someone open when the bell rang?` asks for opening.
fn main_clause(asked: &Asked) -> Vec<String> {
    let cut = asked.words.iter().position(|word| subordinates(word));
    let Some(cut) = cut else { return asked.content.clone() };
    let before: BTreeSet<String> = asked.words[..cut].iter().map(|word| stem(word)).collect();
    let main: Vec<String> =
        asked.content.iter().filter(|stem| before.contains(*stem)).cloned().collect();
    if main.is_empty() { asked.content.clone() } else { main }
}

/// Whether the clause has the opposite of a word of the question in its place.
fn opposite(asked: &Asked, clause: &[Word]) -> bool {
    let asks = |word: &str| asked.words.iter().any(|known| known == word);
    let says = |word: &str| clause.iter().any(|known| known.text == word);
    OPPOSITES.iter().flat_map(|(a, b)| [(*a, *b), (*b, *a)]).any(|(asked_for, other)| {
        asks(asked_for) && !asks(other) && says(other) && !says(asked_for)
    })
}

/// Statements about which of two is the more: `The left rope is longer`, `Both are equally long`.
fn comparison(asked: &Asked, words: &[Word]) -> Option<bool> {
    let wanted = asked.comparatives.first()?;
    let equal = words
        .iter()
        .any(|word| EQUAL.contains(&word.text.as_str()) && !asked.words.contains(&word.text));
    if words.iter().any(|word| HEDGES.contains(&word.text.as_str())) {
        return None;
    }
    let denials =
        (0..words.len()).filter(|&at| is_negator(&words[at].text) && !is_idiom(words, at)).count();
    if equal && denials == 0 {
        return Some(false);
    }
    let than = asked.words.iter().position(|word| word == "than")?;
    let at = asked.words.iter().position(|word| word == wanted)?;
    let text = |word: &Word| word.text.clone();
    let negated =
        (0..words.len()).filter(|&at| is_negator(&words[at].text) && !is_idiom(words, at)).count()
            % 2
            == 1;
    if words.iter().any(|word| EQUAL.contains(&word.text.as_str()))
        || words.windows(2).any(|pair| pair[0].text == "one" && pair[1].text != "is")
            && words
                .iter()
                .any(|word| word.text == "both" || word.text == "these" || word.text == "have")
    {
        return (!negated).then_some(false);
    }
    let is_opposite = |word: &str| {
        OPPOSITES.iter().any(|(a, b)| (*a == wanted && *b == word) || (*b == wanted && *a == word))
    };
    let place = words.iter().position(|word| word.text == *wanted || is_opposite(&word.text))?;
    let flipped = words[place].text != *wanted;
    let before: BTreeSet<String> = words[..place].iter().map(text).collect();
    let first: Vec<&String> =
        asked.words[..at].iter().filter(|word| !asked.words[than..].contains(word)).collect();
    let second: Vec<&String> =
        asked.words[than..].iter().filter(|word| !asked.words[..at].contains(word)).collect();
    let content = |list: &[&String]| {
        list.iter().any(|word| {
            before.contains(*word)
                && !matches!(word.as_str(), "is" | "does" | "the" | "a" | "than" | "are" | "was")
        })
    };
    match (content(&first), content(&second)) {
        (true, false) => Some(negated == flipped),
        (false, true) if !negated => Some(flipped),
        _ => None,
    }
}

/// Word ranges of the clauses of a sentence.
fn clauses(sentence: &str, words: &[Word]) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for at in 1..words.len() {
        let gap = &sentence[words[at - 1].span.end..words[at].span.start];
        let parts = gap.contains([',', ';', ':', '—', '–', '(', ')'])
            || gap.contains(" - ")
            || gap.contains("->")
            || gap.contains('→');
        let word = words[at].text.as_str();
        let joins = (ends_scope(word) && word != "it's" && word != "so" && word != "then")
            || (word == "and"
                && words.get(at + 1).is_some_and(|next| {
                    matches!(
                        next.text.as_str(),
                        "it" | "the" | "there" | "they" | "no" | "not" | "is" | "does" | "a"
                    )
                }));
        if parts || joins {
            if at > start {
                found.push(start..at);
            }
            start = if joins { at + 1 } else { at };
        }
    }
    if words.len() > start {
        found.push(start..words.len());
    }
    found
}

static GLUED_NO: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("没|不|未|无|無|沒|并非|不是|ません|ない|なかった|いません")
        .expect("the pattern is constant")
});

static GLUED_IDIOM: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("不仅|不但|不只|不是不|无疑|毫无疑问|没错|不停|不断|不久|不同寻常|无论|不管|不过")
        .expect("the pattern is constant")
});

/// The same for scripts that are written without spaces.
fn glued(asked: &Asked, sentence: &str) -> Option<bool> {
    if sentence.chars().count() > 120
        || sentence.contains("可能")
        || sentence.contains("也许")
        || sentence.contains("或许")
    {
        return None;
    }
    // `not this, but that`: what follows counts.
    let sentence = sentence.split("而是").last().unwrap_or(sentence);
    let classes: &[&str] = match asked.about {
        About::Visible => {
            &["看", "见", "出现", "画面", "有", "可见", "镜头", "显示", "映", "見", "在"]
        }
        About::Sounding => {
            &["声", "聲", "听", "叫", "响", "唱", "鸣", "音", "聞", "吹", "演奏", "说话"]
        }
        About::Match => &[
            "一致",
            "匹配",
            "对应",
            "同步",
            "吻合",
            "符合",
            "相符",
            "一样",
            "无关",
            "不同",
            "一緒",
            "合って",
        ],
        About::Other => &[],
    };
    let question: String = asked.words.concat();
    let asks_glued = question.chars().any(is_glued);
    let clauses = sentence.split(['，', ',', '；', ';', '。', '、', '：', ':']);
    let shared = |clause: &str| {
        let mut asked_for: BTreeSet<char> = question.chars().filter(|c| is_glued(*c)).collect();
        for filler in "的了吗呢是在中有这那个和与被会能可以否不没视频画面音声里上一吗么か".chars()
        {
            asked_for.remove(&filler);
        }
        (asked_for.iter().filter(|c| clause.contains(**c)).count(), asked_for.len())
    };
    let mut said = None;
    let mut weight = 0;
    for clause in clauses.filter(|clause| !clause.trim().is_empty()) {
        let (hits, of) = shared(clause);
        let names_class = classes.iter().any(|word| clause.contains(word));
        let close = if asks_glued {
            hits * 2 >= of.max(1) || (names_class && hits > 0)
        } else {
            names_class
        };
        let idioms = GLUED_IDIOM
            .find_iter(clause)
            .map(|found| GLUED_NO.find_iter(found.as_str()).count())
            .sum::<usize>();
        let denials = GLUED_NO.find_iter(clause).count().saturating_sub(idioms);
        let apart = usize::from(
            asked.about == About::Match && (clause.contains("无关") || clause.contains("不同")),
        );
        let denied = denials > 0 && denials % 2 == 1;
        let _ = apart;
        let strength = hits * 2 + usize::from(names_class) + 1;
        let enough =
            if denied { names_class || close } else { close && (asks_glued || names_class) };
        if enough && strength > weight {
            weight = strength;
            said = Some(!denied);
        }
    }
    said
}

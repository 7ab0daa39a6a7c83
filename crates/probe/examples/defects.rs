//! Probes an observer behind servers that treat media badly, over many seeds, and counts the verdicts.
//! Ends with an error if one of them is not what it must be.
//!
//! ```sh
//! cargo run --release -p avibench-probe --example defects -- 200
//! ```

use std::collections::BTreeMap;
use std::process::ExitCode;

use avibench_probe::{Ability, Sensed};
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

#[path = "../tests/rehearsal/mod.rs"]
mod rehearsal;

use rehearsal::{FORM, probed, rehearsals};

fn main() -> ExitCode {
    let seeds: u64 = std::env::args().nth(1).and_then(|seeds| seeds.parse().ok()).unwrap_or(200);
    let mut wrong = 0;
    for (name, impairments, lacking) in rehearsals() {
        let all: Vec<_> =
            (0..seeds).into_par_iter().map(|seed| probed(seed, impairments)).collect();
        let mut counts: BTreeMap<(Ability, Sensed), u64> = BTreeMap::new();
        let (mut questions, mut forms) = (0, 0);
        for (seed, (found, asked)) in (0..).zip(all) {
            questions += asked;
            forms += u64::from(found[&Ability::Boxes].boxes == Some(FORM));
            for (ability, finding) in found {
                let wanted = if lacking.contains(&ability) { Sensed::No } else { Sensed::Yes };
                if finding.verdict != wanted {
                    wrong += 1;
                    println!("{name}, seed {seed}: {finding:?}");
                }
                *counts.entry((ability, finding.verdict)).or_default() += 1;
            }
        }
        println!("{name}: {:.1} questions", questions as f64 / seeds as f64);
        for ((ability, verdict), count) in counts {
            println!("  {ability:12} {verdict:7} {count:4} of {seeds}");
        }
        if name == "boxes" {
            println!("  boxes in the form that is given: {forms} of {seeds}");
            wrong += u64::from(forms != seeds);
        }
    }
    println!("{wrong} verdicts are not as they must be");
    if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

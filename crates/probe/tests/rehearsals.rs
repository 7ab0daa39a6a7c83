//! Every rehearsed defect is told from every other and from none, by an observer that decodes what it is
//! given. `cargo run --release -p avibench-probe --example defects` does the same over 200 seeds.

use avibench_probe::{Ability, Sensed};

mod rehearsal;

use rehearsal::{FORM, probed, rehearsals};

#[test]
fn every_defect_is_told_and_a_sound_endpoint_passes() {
    for (seed, (name, impairments, lacking)) in (0..).zip(rehearsals()) {
        let (found, asked) = probed(seed, impairments);
        for (ability, finding) in &found {
            let wanted = if lacking.contains(ability) { Sensed::No } else { Sensed::Yes };
            assert_eq!(finding.verdict, wanted, "{name}: {finding:?}");
        }
        if name == "boxes" {
            assert_eq!(found[&Ability::Boxes].boxes, Some(FORM));
        }
        if lacking.is_empty() {
            assert_eq!(asked, 46);
        }
    }
}

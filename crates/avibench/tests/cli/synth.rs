//! `synth prise` and `synth check` as a user sees them.

use crate::program::{folder, run};

#[test]
fn a_set_is_made_drawn_and_checked() {
    let root = folder();
    let line = "synth prise --seed 12 --tasks ASQA --scale 0.1 --contact-sheet --out data";
    let made = run(root.path(), line).expect(0);
    assert!(made.stderr.contains("made a prise set of 50 records in 1 folder "), "{}", made.stderr);
    let sheet = std::fs::read(root.path().join("data/contact_sheets/ASQA.png")).unwrap();
    assert_eq!(&sheet[1..4], b"PNG");
    let checked = run(root.path(), "synth check data").expect(0).stdout;
    for text in ["The observer is right on 100.00%", "Guessing on ASQA: ", "No leak was found in"] {
        assert!(checked.contains(text), "{text}: {checked}");
    }

    let wav = root.path().join("data/levels/sensation/ASQA/input/wavs/00003.wav");
    let mut bytes = std::fs::read(&wav).unwrap();
    // Silence where beats were: the file and the answer differ now.
    bytes[44..].fill(0);
    std::fs::write(&wav, bytes).unwrap();
    let checked = run(root.path(), "synth check data").expect(2).stdout;
    let altered = "Altered: levels/sensation/ASQA/input/wavs/00003.wav";
    assert!(checked.contains(altered) && checked.contains("Mistake: ASQA 6"), "{checked}");
}

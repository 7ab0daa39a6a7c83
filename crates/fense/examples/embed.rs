//! Prints the embeddings of the lines of standard input as JSON, one list a line, to compare a
//! sentence model's numbers with those of other tools.
//!
//! ```text
//! cargo run --release -p avibench-fense --example embed -- FOLDER < lines.txt
//! ```

use std::error::Error;
use std::path::Path;

use avibench_fense::{BatchOptions, SentenceModel};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("name a Sentence Transformers folder")?;
    let model = SentenceModel::read(Path::new(&folder))?;
    let lines = std::io::stdin().lines().collect::<Result<Vec<_>, _>>()?;
    let texts: Vec<&str> = lines.iter().map(String::as_str).collect();
    for embedding in model.embed(&texts, BatchOptions::default(), |_| {})? {
        println!("{}", serde_json::to_string(&embedding)?);
    }
    Ok(())
}

//! Reads answers from stdin, one JSON object a line with `folder`, `question`, `options_key` and
//! `answer`, and writes one reading a line. For trying rules on a corpus.

use std::io::{BufRead as _, Write as _};

use avibench_protocol::{Folder, option_list};
use avibench_reading::{Question, read};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let item: serde_json::Value = serde_json::from_str(&line?)?;
        let text = |key: &str| item[key].as_str().unwrap_or_default();
        let folder: Folder = serde_json::from_value(item["folder"].clone())?;
        let options = option_list(folder, text("options_key")).unwrap_or_default();
        let question = Question { folder, text: text("question"), options };
        serde_json::to_writer(&mut out, &read(&question, text("answer")))?;
        writeln!(out)?;
    }
    Ok(())
}

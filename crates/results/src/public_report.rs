//! What of a report names the machine that it was made on, which is nobody else's business.

use serde_json::{Map, Value};

use crate::{Report, UnscoredCause};

impl Report {
    /// Takes out what names the machine or its network: paths and commands in the names of models,
    /// workers and parameters, hosts, and reasons that name files. Models keep the last part of a path,
    /// which is what people call them by.
    pub fn take_out_machine(&mut self) {
        let away = || "the reason stands in the run's own report".to_owned();
        for mode in [&mut self.official, &mut self.strict] {
            for unscored in &mut mode.unscored {
                if matches!(unscored.reason, UnscoredCause::Other(_)) {
                    unscored.reason = UnscoredCause::Other(away());
                }
            }
        }
        if let Some(asking) = &mut self.asking {
            shorten(&mut asking.model);
            without_command(&mut asking.backend);
            shorten_values(&mut asking.parameters);
        }
        if let Some(probe) = &mut self.probe {
            shorten(&mut probe.model);
            without_command(&mut probe.backend);
            shorten_values(&mut probe.parameters);
            probe.hosts.clear();
        }
        if let Some(refiner) = self.formatting.as_mut().and_then(|known| known.refiner.as_mut()) {
            shorten(refiner);
        }
        for origin in self.origins.iter_mut().flat_map(|origins| &mut origins.origins) {
            if let Some(model) = &mut origin.origin.model {
                shorten(model);
            }
        }
    }
}

/// `exec:python worker.py` is `exec`.
fn without_command(backend: &mut String) {
    if let Some(colon) = backend.find(':') {
        backend.truncate(colon);
    }
}

/// The last part of what is a path of this machine; `Qwen/Qwen2.5-Omni-7B` is none.
fn shorten(name: &mut String) {
    let bytes = name.as_bytes();
    let has_drive = matches!(bytes, [drive, b':', ..] if drive.is_ascii_alphabetic());
    if !has_drive && !name.starts_with(['/', '.', '~', '\\']) {
        return;
    }
    let parts = name.split(['/', '\\']).rev();
    let last = parts.map(str::trim).find(|part| !part.is_empty()).unwrap_or("local model");
    *name = last.to_owned();
}

fn shorten_values(values: &mut Map<String, Value>) {
    values.values_mut().for_each(shorten_value);
}

fn shorten_value(value: &mut Value) {
    match value {
        Value::String(text) => shorten(text),
        Value::Array(values) => values.iter_mut().for_each(shorten_value),
        Value::Object(values) => shorten_values(values),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lose_all_but_their_last_part() {
        let short = |name: &str| {
            let mut name = name.to_owned();
            shorten(&mut name);
            name
        };
        for (name, expected) in [
            ("/models/me/Qwen2.5-Omni-7B/", "Qwen2.5-Omni-7B"),
            ("./omni", "omni"),
            ("~/omni", "omni"),
            (r"C:\models\omni", "omni"),
            (r"\\server\share\omni", "omni"),
            ("/", "local model"),
            ("Qwen/Qwen2.5-Omni-7B", "Qwen/Qwen2.5-Omni-7B"),
            ("gpt-4o", "gpt-4o"),
        ] {
            assert_eq!(short(name), expected);
        }
    }

    #[test]
    fn paths_within_parameters_and_commands_go() {
        let mut values = serde_json::json!({"lora": ["/home/me/lora"], "seed": 7});
        shorten_value(&mut values);
        assert_eq!(values, serde_json::json!({"lora": ["lora"], "seed": 7}));
        let mut backend = "exec:/home/me/worker.py".to_owned();
        without_command(&mut backend);
        assert_eq!(backend, "exec");
    }
}

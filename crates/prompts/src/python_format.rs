//! `format(value, spec)` and `str.format`, as far as prompts go.

use avibench_python::{Value, repr, to_str};

use crate::not_read::{NotRead, shown};
use crate::python_expression::size;

/// No prompt is padded further.
const WIDEST: usize = 10_000;

/// `format(value, spec)`: any value without a spec; strings, integers and floats with alignment,
/// width and precision.
pub(crate) fn format_value(value: &Value, spec: &str) -> Result<String, NotRead> {
    if spec.is_empty() {
        return Ok(to_str(value));
    }
    let unread = || NotRead::Format(shown(spec));
    let parsed = Spec::parse(spec).ok_or_else(unread)?;
    let (text, default) = match (value, parsed.kind) {
        (Value::Str(text), None | Some('s')) if !parsed.zeros => {
            let kept: String = text.chars().take(parsed.precision.unwrap_or(usize::MAX)).collect();
            (kept, '<')
        }
        (Value::Int(number), None | Some('d')) if parsed.precision.is_none() => {
            (number.to_string(), '>')
        }
        (Value::Float(number), Some('f')) if number.is_finite() => {
            (format!("{number:.*}", parsed.precision.unwrap_or(6)), '>')
        }
        _ => return Err(unread()),
    };
    Ok(parsed.pad(&text, default))
}

/// `[[fill]align][0][width][.precision][type]`.
struct Spec {
    fill: char,
    align: Option<char>,
    zeros: bool,
    width: usize,
    precision: Option<usize>,
    kind: Option<char>,
}

impl Spec {
    fn parse(spec: &str) -> Option<Self> {
        let is_align = |c: char| matches!(c, '<' | '>' | '^');
        let mut chars: Vec<char> = spec.chars().collect();
        let (fill, align) = match chars.as_slice() {
            [fill, align, ..] if is_align(*align) => (*fill, Some(*align)),
            [align, ..] if is_align(*align) => (' ', Some(*align)),
            _ => (' ', None),
        };
        let explicit_fill = chars.get(1).copied().is_some_and(is_align);
        chars.drain(..usize::from(align.is_some()) + usize::from(explicit_fill));
        let kind = chars.pop_if(|last| last.is_ascii_alphabetic());
        let rest: String = chars.into_iter().collect();
        let (width, precision) = match rest.split_once('.') {
            Some((width, precision)) => (width, Some(precision.parse().ok()?)),
            None => (rest.as_str(), None),
        };
        let zeros = width.starts_with('0') && align.is_none();
        let width = if width.is_empty() { 0 } else { width.parse().ok()? };
        (width <= WIDEST && precision.is_none_or(|precision| precision <= WIDEST)).then_some(Self {
            fill,
            align,
            zeros,
            width,
            precision,
            kind,
        })
    }

    fn pad(&self, text: &str, default: char) -> String {
        let lacking = self.width.saturating_sub(text.chars().count());
        if self.zeros {
            let digits = text.trim_start_matches('-');
            let sign = &text[..text.len() - digits.len()];
            return format!("{sign}{}{digits}", "0".repeat(lacking));
        }
        let before = match self.align.unwrap_or(default) {
            '<' => 0,
            '^' => lacking / 2,
            _ => lacking,
        };
        let fill = |count: usize| std::iter::repeat_n(self.fill, count).collect::<String>();
        format!("{}{text}{}", fill(before), fill(lacking - before))
    }
}

/// `text.format(*positional, **named)` with fields `{}`, `{0}`, `{name}`, each maybe with `!r`,
/// `!s` and a spec. All values that are written together may have `most` characters and values.
pub(crate) fn format_method(
    text: &str,
    positional: &[Value],
    named: &[(String, Value)],
    most: usize,
) -> Result<String, NotRead> {
    let mut out = String::with_capacity(text.len());
    let mut left = most;
    let mut rest = text;
    let mut next = 0;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if let Some(doubled) = rest.strip_prefix(brace) {
            out.push_str(brace);
            rest = doubled;
            continue;
        }
        let (field, after) = match rest.split_once('}') {
            Some(parts) if brace == "{" => parts,
            _ => return Err(NotRead::LoneBrace),
        };
        rest = after;
        let (name, spec) = field.split_once(':').unwrap_or((field, ""));
        let (name, conversion) = name.split_once('!').unwrap_or((name, ""));
        let value = if name.is_empty() {
            next += 1;
            positional.get(next - 1)
        } else if let Ok(index) = name.parse::<usize>() {
            positional.get(index)
        } else {
            named.iter().find(|(known, _)| known == name).map(|(_, value)| value)
        };
        let value = value.ok_or_else(|| NotRead::NothingToFormat(shown(field)))?;
        // Before the value is written, and after that for what padding and escapes have added.
        left = left.checked_sub(size(value)).ok_or(NotRead::TooMuchText)?;
        let written = match conversion {
            "" => format_value(value, spec)?,
            "r" => format_value(&Value::Str(repr(value)), spec)?,
            "s" => format_value(&Value::Str(to_str(value)), spec)?,
            _ => return Err(NotRead::Conversion(shown(conversion))),
        };
        left = left.checked_sub(written.len()).ok_or(NotRead::TooMuchText)?;
        out.push_str(&written);
    }
    out.push_str(rest);
    Ok(out)
}

//! AVL: boxes of sounding instances, `{'banjo_1': '[0.1, 0.2, 0.3, 0.4]'}`.

use std::collections::{HashMap, HashSet};

use crate::answer::{Answer, Step};
use crate::blocks::{self, Block};
use crate::coordinates::BoxValue;
use crate::rule::FormattingRule;
use crate::{fields, lines, tagged};

pub(crate) const RULES: &[Step] = &[
    (FormattingRule::Whole, |answer| blocks::whole(answer, convert)),
    (FormattingRule::Fenced, |answer| blocks::fenced(answer, convert)),
    (FormattingRule::Assigned, |answer| blocks::assigned(answer, convert)),
    (FormattingRule::Tagged, |answer| tagged::tagged(answer, convert)),
    (FormattingRule::Lines, |answer| lines::lines(answer, &['\n', ';'], convert)),
    (FormattingRule::OnlyBlock, |answer| blocks::only_block(answer, &['{', '['], convert)),
];

fn convert(block: &Block, answer: &Answer<'_>) -> Result<String, &'static str> {
    let pairs = fields::pairs(fields::unwrap(&block.value), &fields::BOX)
        .ok_or("the value is not one of instances with boxes")?;
    let mut instances = Vec::new();
    for (name, value) in pairs {
        let name = name.as_text().ok_or("an instance whose name is no text")?;
        let (category, number) = answer.categories().instance(name)?;
        match BoxValue::of(value) {
            BoxValue::Corners(corners) => instances.push((category, number, corners)),
            BoxValue::Several(boxes) if number.is_none() => {
                let boxes = boxes.into_iter().map(|corners| (category.clone(), None, corners));
                instances.extend(boxes);
            }
            BoxValue::Several(_) => return Err("several boxes for one instance"),
            BoxValue::Absent => return Err("an instance without a box"),
            BoxValue::Unusable => return Err("a box that is not four corner coordinates"),
        }
    }
    let keys = keys(&instances)?;
    let entries: Vec<String> = keys
        .iter()
        .zip(&instances)
        .map(|(key, (_, _, corners))| format!("'{key}': '[{}]'", corners.join(", ")))
        .collect();
    Ok(format!("{{{}}}", entries.join(", ")))
}

type Instance = (String, Option<u32>, [String; 4]);

/// `banjo_1`, `banjo_2`, ...: the numbers as they stand, or counted where a category has none.
fn keys(instances: &[Instance]) -> Result<Vec<String>, &'static str> {
    let mut counted: HashMap<&str, u32> = HashMap::new();
    let mut numbered: HashSet<&str> = HashSet::new();
    let mut keys = Vec::with_capacity(instances.len());
    for (category, number, _) in instances {
        let number = if let Some(number) = number {
            numbered.insert(category);
            *number
        } else {
            let count = counted.entry(category).or_default();
            *count += 1;
            *count
        };
        keys.push(format!("{category}_{number}"));
    }
    if counted.keys().any(|category| numbered.contains(category)) {
        return Err("instances of one category with and without numbers");
    }
    if keys.iter().collect::<HashSet<_>>().len() < keys.len() {
        return Err("two boxes for the same instance");
    }
    Ok(keys)
}

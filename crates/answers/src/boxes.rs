//! AVL: boxes of sounding instances, `{'banjo_1': '[0.1, 0.2, 0.3, 0.4]'}`.

use std::collections::{HashMap, HashSet};

use crate::answer::{Answer, Step};
use crate::blocks::{self, Block};
use crate::coordinates::BoxValue;
use crate::rule::FormattingRule;
use crate::unread_reason::Misfit;
use crate::{fields, lines, tagged};

pub(crate) const RULES: &[Step] = &[
    (FormattingRule::Whole, |answer| blocks::whole(answer, convert)),
    (FormattingRule::Fenced, |answer| blocks::fenced(answer, convert)),
    (FormattingRule::Assigned, |answer| blocks::assigned(answer, convert)),
    (FormattingRule::Tagged, |answer| tagged::tagged(answer, convert)),
    (FormattingRule::Lines, |answer| lines::lines(answer, &['\n', ';'], convert)),
    (FormattingRule::OnlyBlock, |answer| blocks::only_block(answer, &['{', '['], convert)),
];

fn convert(block: &Block, answer: &Answer<'_>) -> Result<String, Misfit> {
    let pairs =
        fields::pairs(fields::unwrap(&block.value), &fields::BOX).ok_or(Misfit::NoInstances)?;
    let mut instances = Vec::new();
    for (name, value) in pairs {
        let name = name.as_text().ok_or(Misfit::InstanceNotText)?;
        let (category, number) = answer.categories().instance(name)?;
        match BoxValue::of(value) {
            BoxValue::Corners(corners) => instances.push((category, number, corners)),
            BoxValue::Several(boxes) if number.is_none() => {
                let boxes = boxes.into_iter().map(|corners| (category.clone(), None, corners));
                instances.extend(boxes);
            }
            BoxValue::Several(_) => return Err(Misfit::InstanceWithSeveralBoxes),
            BoxValue::Absent => return Err(Misfit::InstanceWithoutBox),
            BoxValue::Unusable => return Err(Misfit::NotFourCorners),
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
fn keys(instances: &[Instance]) -> Result<Vec<String>, Misfit> {
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
        return Err(Misfit::NumbersInPart);
    }
    if keys.iter().collect::<HashSet<_>>().len() < keys.len() {
        return Err(Misfit::InstanceTwice);
    }
    Ok(keys)
}

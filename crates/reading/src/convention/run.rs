//! How a run settles what its answers leave open.

use super::form::{BoxForm, LARGEST_FRACTION, LARGEST_THOUSANDTH, largest, scale_of_coordinates};
use crate::{Convention, Corners, FrameBox, Order, Scale, Value};

/// Orders from the likeliest on, for where nothing else decides.
const ORDERS: [Order; 4] = [Order::Xyxy, Order::Xywh, Order::Yxyx, Order::Centre];

/// Scales that coordinates up to 1001 leave open, from the likelier on.
const SCALES: [Scale; 2] = [Scale::Thousandths, Scale::Pixels];

/// A convention is out if it contradicts more than one answer in so many, ...
const ONE_IN: u64 = 50;

/// ... and at least so many answers.
const AT_LEAST: u64 = 2;

/// Pictures whose smaller side is below this show thousandths that are read as pixels.
const SMALL_SIDE: f64 = 900.0;

/// Pictures whose larger side is above this show pixels that are read as thousandths.
const LARGE_SIDE: f64 = 1100.0;

/// How many more answers must speak for pixels than for thousandths until pixels are likelier.
const MARGIN: u64 = 3;

/// Where both are out, pixels must be contradicted by so many times fewer answers to be likelier.
const FACTOR: u64 = 3;

/// Gathers, over all answers of a run, what speaks against each convention, and settles what
/// single answers leave open.
///
/// An answer's own evidence goes first: names of keys, units, what its text says, and its
/// coordinates (with no other evidence at most 1.5: fractions; at most 1001: thousandths or pixels;
/// above: pixels). Where that leaves the order or the choice between thousandths and pixels open:
///
/// 1. A convention that the answer's own coordinates contradict is not taken where another is left
///    that contradicts fewer of its boxes. Coordinates contradict a convention if, read so, a box
///    has its right edge left of its left one or its bottom above its top, a negative size, or
///    reaches more than 1% beyond the picture.
/// 2. What a probe of the endpoint has shown is taken.
/// 3. A convention contradicted by more than 2% of the run's answers that leave the matter open, and
///    by at least two, is out. If one is left, it is taken. (Coordinates above 1001 without a unit
///    count as answers that contradict thousandths.)
/// 4. The form that the prompt asks for is taken, unless it is out. If every convention is out, the
///    run shows nothing, and the prompt's form is taken even so.
/// 5. Else two conventions stay open: the likelier is scored and the other one is named beside it.
///    Of thousandths and pixels, pixels are likelier if no answer of the run contradicts them and
///    the answers that stay inside a picture with a side below 900 pixels outnumber those that stay
///    below 1001 in a picture with a side above 1100 by three; if both are out, pixels are likelier if
///    they are contradicted less than a third as often; else thousandths. Of orders, corners
///    with x first are likeliest, then x, y, width, height, then corners with y first, then centres.
///
/// Only counts are kept, so the order in which answers are added does not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunConventions {
    asked: Convention,
    probed: Convention,
    scale: ScaleEvidence,
    order: OrderEvidence,
}

/// Answers without a stated scale whose coordinates are no fractions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct ScaleEvidence {
    answers: u64,
    against_thousandths: u64,
    against_pixels: u64,
    for_thousandths: u64,
    for_pixels: u64,
}

/// Answers without a stated order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct OrderEvidence {
    answers: u64,
    /// As in [`ORDERS`].
    against: [u64; 4],
}

/// How a run's answers are meant: [`RunConventions::settle`] makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettledConventions {
    /// Scales from the one to be taken first on, and how many of them are not decided between.
    scales: Ranking<Scale>,
    orders: Ranking<Order>,
}

/// Conventions from the one to be taken first on.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Ranking<T> {
    ranked: Vec<T>,
    /// How many of the first are open: 1 if the first is settled.
    open: usize,
}

/// How one answer is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Settled {
    /// The form in which it is scored.
    pub form: BoxForm,
    /// The next likeliest form, if two stay open.
    pub other: Option<BoxForm>,
}

impl RunConventions {
    /// A run whose prompt asks for boxes in a form, as far as that is known. Folders whose prompts
    /// ask for the same form may share one.
    #[must_use]
    pub fn new(asked: Convention) -> Self {
        Self {
            asked,
            probed: Convention::default(),
            scale: ScaleEvidence::default(),
            order: OrderEvidence::default(),
        }
    }

    /// The same with what a probe of the endpoint has shown.
    #[must_use]
    pub const fn with_probe(mut self, probed: Convention) -> Self {
        self.probed = probed;
        self
    }

    /// Adds what an answer's coordinates show. Readings that are no boxes show nothing.
    /// `picture` is its picture's `[width, height]` in pixels, if known.
    pub fn add(&mut self, value: &Value, picture: Option<[f64; 2]>) {
        let Some((boxes, convention)) = boxes_of(value) else { return };
        self.add_boxes(&boxes, convention, picture);
    }

    fn add_boxes(&mut self, boxes: &[Corners], convention: Convention, picture: Option<[f64; 2]>) {
        if boxes.is_empty() {
            return;
        }
        let largest = largest(boxes);
        let is_beyond = largest > LARGEST_THOUSANDTH;
        let is_open = convention.scale.is_none() && largest > LARGEST_FRACTION;
        if is_open || (convention.scale == Some(Scale::Pixels) && is_beyond) {
            let order = convention.order.or(self.asked.order).unwrap_or(Order::Xyxy);
            self.scale.add(boxes, order, is_beyond, picture);
        }
        if convention.order.is_none() {
            let scales = scales(boxes, convention);
            self.order.answers += 1;
            for (against, order) in self.order.against.iter_mut().zip(ORDERS) {
                let is_impossible = |&scale: &Scale| {
                    let form = BoxForm { order, scale };
                    boxes.iter().any(|numbers| form.is_contradicted(numbers, picture))
                };
                *against += u64::from(scales.iter().all(is_impossible));
            }
        }
    }

    /// What the run settles.
    #[must_use]
    pub fn settle(&self) -> SettledConventions {
        let [thousandths, pixels] = [self.scale.against_thousandths, self.scale.against_pixels]
            .map(|against| is_out(against, self.scale.answers));
        let likelier = if self.scale.pixels_are_likelier() { [1, 0] } else { [0, 1] };
        let scales = likelier.map(|at| SCALES[at]);
        let is_scale_out = |scale| if scale == Scale::Thousandths { thousandths } else { pixels };
        let is_order_out = |order| {
            let against = self.order.against.iter().zip(ORDERS).find(|(_, known)| *known == order);
            against.is_some_and(|(&against, _)| is_out(against, self.order.answers))
        };
        SettledConventions {
            scales: Ranking::new(&scales, self.probed.scale, self.asked.scale, is_scale_out),
            orders: Ranking::new(&ORDERS, self.probed.order, self.asked.order, is_order_out),
        }
    }
}

impl ScaleEvidence {
    fn add(&mut self, boxes: &[Corners], order: Order, is_beyond: bool, picture: Option<[f64; 2]>) {
        self.answers += 1;
        let Some([width, height]) = picture else {
            self.against_thousandths += u64::from(is_beyond);
            return;
        };
        let form = BoxForm { order, scale: Scale::Pixels };
        // A box that is impossible in any scale shows nothing about the scale.
        let is_outside = boxes.iter().any(|numbers| {
            form.is_contradicted(numbers, picture) && !form.is_contradicted(numbers, None)
        });
        if is_beyond {
            self.against_thousandths += 1;
        } else if is_outside {
            self.against_pixels += 1;
        } else {
            self.for_pixels += u64::from(width.min(height) < SMALL_SIDE);
            self.for_thousandths += u64::from(width.max(height) > LARGE_SIDE);
        }
    }

    fn pixels_are_likelier(&self) -> bool {
        if is_out(self.against_thousandths, self.answers)
            || is_out(self.against_pixels, self.answers)
        {
            return self.against_thousandths > FACTOR * self.against_pixels;
        }
        self.against_pixels == 0 && self.for_pixels >= self.for_thousandths + MARGIN
    }
}

impl<T: Copy + PartialEq> Ranking<T> {
    fn new(
        likeliest: &[T],
        probed: Option<T>,
        asked: Option<T>,
        is_out: impl Fn(T) -> bool,
    ) -> Self {
        let all_out = likeliest.iter().all(|&known| is_out(known));
        let left = likeliest.iter().filter(|&&known| all_out || !is_out(known)).count();
        // What is asked for goes first where it is not out.
        let first = probed.or(asked.filter(|&asked| all_out || !is_out(asked)));
        let first = first.filter(|first| likeliest.contains(first));
        let mut ranked: Vec<T> = first.into_iter().collect();
        let is_last = |&known: &T| !all_out && is_out(known);
        let (last, rest): (Vec<T>, Vec<T>) = likeliest.iter().copied().partition(is_last);
        ranked.extend(rest.into_iter().chain(last).filter(|&known| Some(known) != first));
        Self { ranked, open: if first.is_some() { 1 } else { left } }
    }

    /// The one to be taken of those that contradict the fewest boxes, and the next one if the
    /// ranking does not decide between the two.
    fn best(&self, contradicted: impl Fn(T) -> usize) -> (T, Option<T>) {
        let counted: Vec<(usize, T)> =
            self.ranked.iter().map(|&known| (contradicted(known), known)).collect();
        let fewest = counted.iter().map(|(count, _)| *count).min().unwrap_or(0);
        let mut left = (0..).zip(&counted).filter(|(_, (count, _))| *count == fewest);
        let (at, first) = left.next().map_or((0, self.ranked[0]), |(at, (_, known))| (at, *known));
        let next = left.next().filter(|(next, _)| at < self.open && *next < self.open);
        (first, next.map(|(_, (_, known))| *known))
    }
}

impl SettledConventions {
    /// How an answer is meant; `None` for readings that are no boxes.
    #[must_use]
    pub fn of(&self, value: &Value, picture: Option<[f64; 2]>) -> Option<Settled> {
        let (boxes, convention) = boxes_of(value)?;
        Some(self.of_boxes(&boxes, convention, picture))
    }

    fn of_boxes(
        &self,
        boxes: &[Corners],
        convention: Convention,
        picture: Option<[f64; 2]>,
    ) -> Settled {
        let contradicted = |form: BoxForm| {
            boxes.iter().filter(|numbers| form.is_contradicted(numbers, picture)).count()
        };
        let (scale, other_scale) = if let [scale] = scales(boxes, convention)[..] {
            (scale, None)
        } else {
            // An order that is not the run's would excuse many a scale.
            let usual = &self.orders.ranked[..self.orders.open];
            let orders = convention.order.as_ref().map_or(usual, std::slice::from_ref);
            self.scales.best(|scale| {
                let counts = orders.iter().map(|&order| contradicted(BoxForm { order, scale }));
                counts.min().unwrap_or(0)
            })
        };
        let (order, other_order) = convention.order.map_or_else(
            || self.orders.best(|order| contradicted(BoxForm { order, scale })),
            |order| (order, None),
        );
        let other = other_scale
            .map(|scale| BoxForm { order, scale })
            .or(other_order.map(|order| BoxForm { order, scale }));
        Settled { form: BoxForm { order, scale }, other }
    }

    /// The form of answers that leave everything open but that their numbers are no fractions.
    #[must_use]
    pub fn usual(&self) -> BoxForm {
        BoxForm { order: self.orders.ranked[0], scale: self.scales.ranked[0] }
    }
}

/// Whether a convention contradicts too many answers to be the run's.
const fn is_out(against: u64, answers: u64) -> bool {
    against >= AT_LEAST && against * ONE_IN > answers
}

/// The scales in which an answer may be meant.
fn scales(boxes: &[Corners], convention: Convention) -> Vec<Scale> {
    let scale = convention.scale.or_else(|| scale_of_coordinates(largest(boxes)));
    scale.map_or_else(|| SCALES.to_vec(), |scale| vec![scale])
}

fn boxes_of(value: &Value) -> Option<(Vec<Corners>, Convention)> {
    match value {
        Value::Boxes(found) => {
            let boxes = found.boxes.iter().filter_map(|found| found.numbers);
            Some((boxes.collect(), found.convention))
        }
        Value::Frames(frames, convention) => {
            let boxes = frames.values().filter_map(|found| match found {
                FrameBox::Box(numbers) => Some(*numbers),
                FrameBox::Absent | FrameBox::Unreadable => None,
            });
            Some((boxes.collect(), *convention))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Boxes, NamedBox};

    const VIDEO: Option<[f64; 2]> = Some([1280.0, 720.0]);
    const SMALL: Option<[f64; 2]> = Some([640.0, 480.0]);
    const OPEN: Convention = Convention { order: None, scale: None };

    fn asked() -> Convention {
        Convention { order: Some(Order::Xyxy), scale: Some(Scale::Unit) }
    }

    fn answer(numbers: Corners, convention: Convention) -> Value {
        let boxes = vec![NamedBox { name: "dog_1".to_owned(), numbers: Some(numbers) }];
        Value::Boxes(Boxes { boxes, convention })
    }

    fn run(answers: &[(Corners, Option<[f64; 2]>)]) -> SettledConventions {
        let mut run = RunConventions::new(asked());
        for (numbers, picture) in answers {
            run.add(&answer(*numbers, OPEN), *picture);
        }
        run.settle()
    }

    fn settled(
        run: &SettledConventions,
        numbers: Corners,
        picture: Option<[f64; 2]>,
    ) -> (Order, Scale, Option<(Order, Scale)>) {
        let found = run.of(&answer(numbers, OPEN), picture).unwrap();
        let other = found.other.map(|other| (other.order, other.scale));
        (found.form.order, found.form.scale, other)
    }

    #[test]
    fn an_answer_of_its_own_says_most() {
        let none = run(&[]);
        for (numbers, order, scale, other) in [
            ([0.1, 0.2, 0.5, 0.9], Order::Xyxy, Scale::Unit, None),
            ([0.5, 0.2, 0.4, 0.7], Order::Xywh, Scale::Unit, None),
            ([0.9, 0.7, 0.2, 0.5], Order::Centre, Scale::Unit, None),
            ([100.0, 200.0, 500.0, 900.0], Order::Xyxy, Scale::Thousandths, None),
            (
                [100.0, 200.0, 500.0, 400.0],
                Order::Xyxy,
                Scale::Thousandths,
                Some((Order::Xyxy, Scale::Pixels)),
            ),
            ([100.0, 200.0, 1100.0, 400.0], Order::Xyxy, Scale::Pixels, None),
        ] {
            assert_eq!(settled(&none, numbers, VIDEO), (order, scale, other), "{numbers:?}");
        }
    }

    #[test]
    fn pixels_that_two_answers_contradict_are_out() {
        let small = [10.0, 10.0, 300.0, 300.0];
        let mut answers = vec![(small, SMALL); 30];
        assert_eq!(settled(&run(&answers), small, SMALL).1, Scale::Pixels, "likelier");
        answers.push(([10.0, 10.0, 300.0, 900.0], SMALL));
        let both = (Order::Xyxy, Scale::Thousandths, Some((Order::Xyxy, Scale::Pixels)));
        assert_eq!(settled(&run(&answers), small, SMALL), both, "one is not enough");
        answers.push(([10.0, 10.0, 300.0, 900.0], SMALL));
        assert_eq!(settled(&run(&answers), small, SMALL), (Order::Xyxy, Scale::Thousandths, None));
    }

    #[test]
    fn thousandths_that_coordinates_above_exceed_are_out() {
        let mut answers = vec![([10.0, 10.0, 300.0, 300.0], VIDEO); 20];
        assert_eq!(settled(&run(&answers), answers[0].0, VIDEO).1, Scale::Thousandths);
        answers.extend([([10.0, 10.0, 1200.0, 300.0], VIDEO); 2]);
        let pixels = (Order::Xyxy, Scale::Pixels, None);
        assert_eq!(settled(&run(&answers), answers[0].0, VIDEO), pixels);
    }

    #[test]
    fn corners_that_the_run_contradicts_are_sizes() {
        let corner = [0.5, 0.5, 0.2, 0.2];
        let open = [0.1, 0.1, 0.2, 0.3];
        let mut answers = vec![(open, VIDEO); 60];
        answers.push((corner, VIDEO));
        assert_eq!(settled(&run(&answers), open, VIDEO).0, Order::Xyxy);
        answers.push((corner, VIDEO));
        let sizes = settled(&run(&answers), open, VIDEO);
        assert_eq!((sizes.0, sizes.2.is_some()), (Order::Xywh, false));
        // What contradicts every order shows nothing.
        answers.extend([([0.9, 0.9, 0.8, 0.2], VIDEO); 2]);
        assert_eq!(settled(&run(&answers), open, VIDEO).0, Order::Xyxy);
    }

    #[test]
    fn a_probe_goes_before_the_run() {
        let shown = Convention { order: Some(Order::Yxyx), scale: Some(Scale::Thousandths) };
        let run = RunConventions::new(asked()).with_probe(shown).settle();
        let form = settled(&run, [100.0, 200.0, 500.0, 400.0], VIDEO);
        assert_eq!(form, (Order::Yxyx, Scale::Thousandths, None));
        assert_eq!(run.usual(), BoxForm { order: Order::Yxyx, scale: Scale::Thousandths });
    }

    #[test]
    fn what_an_answer_says_is_never_changed() {
        let said = Convention { order: Some(Order::Yxyx), scale: Some(Scale::Pixels) };
        let found = run(&[]).of(&answer([500.0, 400.0, 100.0, 100.0], said), VIDEO).unwrap();
        assert_eq!(found.form, BoxForm { order: Order::Yxyx, scale: Scale::Pixels });
        assert_eq!(run(&[]).of(&Value::Indices(Vec::new()), VIDEO), None);
    }
}

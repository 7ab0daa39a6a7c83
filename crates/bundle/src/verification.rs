//! What verifying a bundle found.

use serde::Serialize;

use crate::BundleForm;

/// What was computed anew of a bundle, and how it compares with what the bundle says. That everything
/// agrees shows that the bundle is consistent: whoever makes up parts and computes numbers from them makes a
/// consistent bundle, too.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verification {
    /// Whom the bundle is for.
    pub form: BundleForm,
    /// What was compared, by kind, kinds without any left out.
    pub compared: Vec<ComparedNumbers>,
    /// What differs, in the order of the report.
    pub differences: Vec<BundleDifference>,
    /// What could not be checked.
    pub unchecked: Vec<Unchecked>,
}

/// How many things of a kind were compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ComparedNumbers {
    /// The kind, in the plural: `task scores`.
    pub what: &'static str,
    /// How many.
    pub count: usize,
}

/// Something that is not what the bundle says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BundleDifference {
    /// Where it stands, such as `official.estimates.tasks.avm.headline.value`.
    pub place: String,
    /// What stands there.
    pub stored: String,
    /// What was computed.
    pub recomputed: String,
}

/// Something that could not be checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unchecked {
    /// What.
    pub what: String,
    /// Why not.
    pub why: String,
}

impl Verification {
    pub(crate) const fn new(form: BundleForm) -> Self {
        Self { form, compared: Vec::new(), differences: Vec::new(), unchecked: Vec::new() }
    }

    /// Whether everything that was compared agrees.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.differences.is_empty()
    }

    pub(crate) fn count(&mut self, what: &'static str, count: usize) {
        match self.compared.iter_mut().find(|known| known.what == what) {
            Some(known) => known.count += count,
            None if count > 0 => self.compared.push(ComparedNumbers { what, count }),
            None => {}
        }
    }

    pub(crate) fn differs(
        &mut self,
        place: impl Into<String>,
        stored: impl Into<String>,
        recomputed: impl Into<String>,
    ) {
        let (stored, recomputed) = (stored.into(), recomputed.into());
        self.differences.push(BundleDifference { place: place.into(), stored, recomputed });
    }

    pub(crate) fn leaves_out(&mut self, what: impl Into<String>, why: impl Into<String>) {
        self.unchecked.push(Unchecked { what: what.into(), why: why.into() });
    }
}

//! Row-major f32 matrices and the one place that multiplies them.

use gemm_common::Parallelism;

/// Floats added to every row of a buffer the kernels write to. Rows of 3,072 floats lie exactly
/// three pages apart and then compete for the same cache sets, which halves the kernels' speed.
const ROW_PADDING: usize = 16;

/// A buffer of rows that grows when needed and is reused from layer to layer.
#[derive(Debug, Default)]
pub(crate) struct Matrix {
    data: Vec<f32>,
    rows: usize,
    columns: usize,
}

impl Matrix {
    /// Makes the buffer `rows` x `columns`; the contents are unspecified afterwards.
    pub(crate) fn reshape(&mut self, rows: usize, columns: usize) {
        self.rows = rows;
        self.columns = columns;
        let needed = rows * (columns + ROW_PADDING);
        if self.data.len() < needed {
            self.data.resize(needed, 0.0);
        }
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    fn stride(&self) -> usize {
        self.columns + ROW_PADDING
    }

    pub(crate) fn row(&self, index: usize) -> &[f32] {
        let start = index * self.stride();
        &self.data[start..start + self.columns]
    }

    /// All rows in order, without their padding.
    pub(crate) fn rows_mut(&mut self) -> impl Iterator<Item = &mut [f32]> {
        let (columns, stride) = (self.columns, self.stride());
        self.data.chunks_exact_mut(stride).take(self.rows).map(move |row| &mut row[..columns])
    }

    /// The block of `rows` x `columns` whose first element is (`row`, `column`).
    pub(crate) fn block(&self, row: usize, rows: usize, column: usize, columns: usize) -> View<'_> {
        View {
            data: &self.data[row * self.stride() + column..],
            rows,
            columns,
            row_stride: self.stride(),
            column_stride: 1,
        }
    }

    /// As [`Matrix::block`], to be written to.
    pub(crate) fn block_mut(
        &mut self,
        row: usize,
        rows: usize,
        column: usize,
        columns: usize,
    ) -> ViewMut<'_> {
        let row_stride = self.stride();
        ViewMut { data: &mut self.data[row * row_stride + column..], rows, columns, row_stride }
    }
}

/// A rectangle of someone else's floats, possibly transposed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    data: &'a [f32],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
}

impl<'a> View<'a> {
    /// A contiguous row-major matrix.
    pub(crate) fn contiguous(data: &'a [f32], rows: usize, columns: usize) -> Self {
        Self { data, rows, columns, row_stride: columns, column_stride: 1 }
    }

    /// The same numbers with rows and columns exchanged; nothing is copied.
    pub(crate) fn transposed(self) -> Self {
        Self {
            data: self.data,
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
        }
    }
}

/// A rectangle of rows to be written to.
#[derive(Debug)]
pub(crate) struct ViewMut<'a> {
    data: &'a mut [f32],
    rows: usize,
    columns: usize,
    row_stride: usize,
}

/// What the product is added to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Onto {
    /// Nothing: the target is overwritten.
    Zero,
    /// The target's present contents, such as a bias or a residual.
    Target,
}

/// `target = onto + scale * left * right`, on the calling thread.
#[expect(unsafe_code, reason = "the kernels take raw pointers; every reach is checked first")]
pub(crate) fn multiply(
    target: &mut ViewMut<'_>,
    onto: Onto,
    scale: f32,
    left: View<'_>,
    right: View<'_>,
) {
    let (rows, columns, inner) = (target.rows, target.columns, left.columns);
    assert!(left.rows == rows && right.columns == columns && right.rows == inner);
    assert!(reach(rows, columns, target.row_stride, 1) <= target.data.len());
    assert!(reach(rows, inner, left.row_stride, left.column_stride) <= left.data.len());
    assert!(reach(inner, columns, right.row_stride, right.column_stride) <= right.data.len());
    if rows == 0 || columns == 0 {
        return;
    }
    let kernel = gemm_f32::gemm::f32::get_gemm_fn();
    // SAFETY: the assertions above bound every element the kernel may touch by the slices'
    // lengths, the target is borrowed exclusively, and no stride exceeds a slice's length.
    unsafe {
        kernel(
            rows,
            columns,
            inner,
            target.data.as_mut_ptr(),
            1,
            target.row_stride as isize,
            onto == Onto::Target,
            left.data.as_ptr(),
            left.column_stride as isize,
            left.row_stride as isize,
            right.data.as_ptr(),
            right.column_stride as isize,
            right.row_stride as isize,
            1.0,
            scale,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}

/// How many floats from its first a matrix spans.
fn reach(rows: usize, columns: usize, row_stride: usize, column_stride: usize) -> usize {
    if rows == 0 || columns == 0 {
        return 0;
    }
    (rows - 1) * row_stride + (columns - 1) * column_stride + 1
}

#[cfg(test)]
mod tests {
    #![expect(clippy::float_cmp, reason = "the numbers are exact")]

    use super::*;

    fn filled(rows: usize, columns: usize, seed: usize) -> Vec<f32> {
        (0..rows * columns).map(|i| ((i * 7 + seed) % 11) as f32 - 5.0).collect()
    }

    #[test]
    fn agrees_with_the_definition() {
        for (rows, columns, inner) in [(1, 1, 1), (3, 5, 7), (17, 33, 20), (64, 40, 48), (2, 3, 0)]
        {
            let left = filled(rows, inner, 1);
            let right = filled(columns, inner, 2);
            let mut target = Matrix::default();
            target.reshape(rows, columns);
            for row in target.rows_mut() {
                row.fill(2.0);
            }
            multiply(
                &mut target.block_mut(0, rows, 0, columns),
                Onto::Target,
                0.5,
                View::contiguous(&left, rows, inner),
                View::contiguous(&right, columns, inner).transposed(),
            );
            for r in 0..rows {
                for c in 0..columns {
                    let expected = 2.0
                        + 0.5
                            * (0..inner)
                                .map(|k| left[r * inner + k] * right[c * inner + k])
                                .sum::<f32>();
                    assert_eq!(target.row(r)[c], expected, "{rows}x{columns}x{inner} at {r},{c}");
                }
            }
        }
    }

    #[test]
    fn blocks_leave_their_surroundings_alone() {
        let mut target = Matrix::default();
        target.reshape(4, 6);
        for row in target.rows_mut() {
            row.fill(9.0);
        }
        let ones = [1.0; 4];
        multiply(
            &mut target.block_mut(1, 2, 2, 2),
            Onto::Zero,
            1.0,
            View::contiguous(&ones, 2, 2),
            View::contiguous(&ones, 2, 2),
        );
        let sum: f32 = (0..4).map(|r| target.row(r).iter().sum::<f32>()).sum();
        assert_eq!(sum, 20.0 * 9.0 + 4.0 * 2.0);
        assert_eq!(target.row(1), [9.0, 9.0, 2.0, 2.0, 9.0, 9.0]);
    }
}

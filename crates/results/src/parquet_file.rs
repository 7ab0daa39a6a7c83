//! Rows as a Parquet file.

use std::borrow::Cow;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;

use crate::columns::{Column, parquet_columns};
use crate::{Detail, Row};

/// Rows that are turned into columns at a time.
const GROUP: usize = 16_384;

/// The whole file; columns must be complete before they can be written, so it is built in memory.
/// Text is UTF-8 and dictionary-coded, pages are Snappy-compressed.
pub(crate) fn parquet_bytes(rows: &[Row<'_>], detail: Detail) -> Result<Vec<u8>, ParquetError> {
    let columns = &parquet_columns(detail);
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut file = SerializedFileWriter::new(Vec::new(), schema(columns)?, Arc::new(properties))?;
    for rows in rows.chunks(GROUP) {
        let mut group = file.next_row_group()?;
        for (_, column) in columns {
            write_column(&mut group, column, rows)?;
        }
        group.close()?;
    }
    file.into_inner()
}

fn schema(columns: &[&(&str, Column)]) -> Result<Arc<Type>, ParquetError> {
    let fields = columns.iter().map(|(name, column)| {
        let (physical, logical, repetition) = match column {
            Column::Text(_) => {
                (Physical::BYTE_ARRAY, Some(LogicalType::String), Repetition::REQUIRED)
            }
            Column::MaybeText(_) | Column::Object(_) | Column::Part(_) => {
                (Physical::BYTE_ARRAY, Some(LogicalType::String), Repetition::OPTIONAL)
            }
            Column::Integer(_) => (Physical::INT64, None, Repetition::OPTIONAL),
            Column::Real(_) => (Physical::DOUBLE, None, Repetition::OPTIONAL),
            Column::Flag(_) => (Physical::BOOLEAN, None, Repetition::OPTIONAL),
        };
        let field = Type::primitive_type_builder(name, physical);
        field.with_logical_type(logical).with_repetition(repetition).build().map(Arc::new)
    });
    let fields = fields.collect::<Result<Vec<_>, _>>()?;
    Ok(Arc::new(Type::group_type_builder("samples").with_fields(fields).build()?))
}

fn write_column(
    group: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
    column: &Column,
    rows: &[Row<'_>],
) -> Result<(), ParquetError> {
    let Some(mut writer) = group.next_column()? else {
        return Err(ParquetError::General("the schema has fewer columns than the table".into()));
    };
    match column {
        Column::Text(get) => {
            let mut texts = Texts::default();
            let values: Vec<ByteArray> = rows.iter().map(|row| texts.bytes(get(row))).collect();
            writer.typed::<ByteArrayType>().write_batch(&values, None, None)?;
        }
        Column::MaybeText(get) => {
            let mut texts = Texts::default();
            let (values, present) = nullable(rows, |row| get(row).map(|text| texts.bytes(text)));
            writer.typed::<ByteArrayType>().write_batch(&values, Some(&present), None)?;
        }
        Column::Part(get) => {
            let part =
                |row: &Row<'_>| row.about.reading.and_then(|r| get(r).map(|t| t.as_ref().into()));
            let (values, present) = nullable(rows, part);
            writer.typed::<ByteArrayType>().write_batch(&values, Some(&present), None)?;
        }
        // Objects are not among the columns of this file.
        Column::Object(_) => {}
        Column::Integer(get) => {
            // Counts beyond 63 bits do not occur; one would stand as the largest that fits.
            let fit = |count| i64::try_from(count).unwrap_or(i64::MAX);
            let (values, present) = nullable(rows, |row| get(row).map(fit));
            writer.typed::<Int64Type>().write_batch(&values, Some(&present), None)?;
        }
        Column::Real(get) => {
            let (values, present) = nullable(rows, get);
            writer.typed::<DoubleType>().write_batch(&values, Some(&present), None)?;
        }
        Column::Flag(get) => {
            let (values, present) = nullable(rows, get);
            writer.typed::<BoolType>().write_batch(&values, Some(&present), None)?;
        }
    }
    writer.close()
}

/// The values that are there, and for each row whether one is.
fn nullable<'r, T>(
    rows: &'r [Row<'_>],
    mut get: impl FnMut(&'r Row<'_>) -> Option<T>,
) -> (Vec<T>, Vec<i16>) {
    let mut values = Vec::new();
    let mut present = Vec::with_capacity(rows.len());
    for row in rows {
        let value = get(row);
        present.push(i16::from(value.is_some()));
        values.extend(value);
    }
    (values, present)
}

/// Texts of a column as the writer takes them. Most are those of the row before, and share its
/// bytes.
#[derive(Default)]
struct Texts(Option<ByteArray>);

impl Texts {
    fn bytes(&mut self, text: Cow<'_, str>) -> ByteArray {
        match &self.0 {
            Some(last) if last.data() == text.as_bytes() => last.clone(),
            _ => self.0.insert(text.into_owned().into_bytes().into()).clone(),
        }
    }
}

//! Reads a Python pickle as data.
//!
//! Nothing is executed: calls are kept as a note of what would be called with what, and only the
//! handful of names that PyTorch writes for tensors are let through. All values live in one flat
//! arena and refer to each other by index, so nesting, sharing and cycles of any depth cost
//! neither stack nor copies. Opcodes as described in Python's own `pickletools`.

use std::collections::HashMap;
use std::io::{BufRead, Read as _};

/// The most bytes one pickle may have, which bounds all that is kept of it; a checkpoint of a large
/// encoder has some hundred thousand, because the tensors' bytes are not in it.
const LONGEST: u64 = 1 << 24;
/// The most values one pickle may hold; a checkpoint of a large encoder has some ten thousand.
const MOST_VALUES: usize = 1 << 20;

/// Why a pickle is not read.
#[derive(Debug, thiserror::Error)]
#[error("pickle, byte {offset}: {problem}")]
pub(super) struct PickleError {
    /// Bytes that were taken before.
    offset: u64,
    problem: Problem,
}

/// What is wrong in a pickle: it is cut short, malformed, or calls something that no tensor needs.
#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("the data ends here")]
    CutShort,
    #[error("a string of {0} bytes")]
    LongString(u64),
    #[error("more than {LONGEST} bytes")]
    TooLong,
    #[error("a text that is not UTF-8")]
    NotUtf8,
    #[error("a line without an end")]
    EndlessLine,
    #[error("protocol {0} is not known")]
    Protocol(u8),
    #[error("opcode {0:#04x} does not occur in model weights")]
    Opcode(u8),
    #[error("an import whose name is not a text")]
    UnnamedImport,
    #[error("it asks for `{0}`, which model weights do not need; the file is not trusted")]
    Untrusted(String),
    #[error("a call of what is no name")]
    UnnamedCall,
    #[error("{0:?} is not an integer")]
    NotInteger(String),
    #[error("an integer of more than 128 bits")]
    LargeInteger,
    #[error("items are added to what is no list")]
    NoList,
    #[error("entries are added to what is no dictionary")]
    NoDictionary,
    #[error("a dictionary key without a value")]
    KeyAlone,
    #[error("too many values")]
    FullMemo,
    #[error("more than {MOST_VALUES} values")]
    TooManyValues,
    #[error("a memo slot that is no number")]
    SlotName,
    #[error("a memo slot that was never filled")]
    EmptySlot,
    #[error("the stack is empty")]
    EmptyStack,
    #[error("a mark is missing")]
    NoMark,
}

/// A value's place in the [`Pickle`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Index(u32);

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// `None`.
    None,
    /// `True` or `False`.
    Bool(bool),
    /// An integer; those beyond 128 bits are refused.
    Int(i128),
    /// A float.
    Float(f64),
    /// A text.
    Text(String),
    /// A byte string.
    Bytes(Vec<u8>),
    /// A tuple, list or set.
    Sequence(Vec<Index>),
    /// A dictionary in insertion order.
    Dict(Vec<(Index, Index)>),
    /// A name to be imported, `module.name`.
    Global(String),
    /// What a call of a known name would give.
    Call {
        /// The callable's `module.name`.
        callable: String,
        /// The tuple of arguments.
        arguments: Index,
    },
    /// A reference to data outside of the pickle.
    Persistent(Index),
}

/// A pickle that was read to its end.
#[derive(Debug)]
pub(super) struct Pickle {
    values: Vec<Value>,
    root: Index,
}

impl Pickle {
    /// The most bytes of a pickle.
    pub(super) const LONGEST: u64 = LONGEST;

    /// Reads one pickle and leaves `input` right behind it.
    ///
    /// # Errors
    ///
    /// [`PickleError`] for anything that is cut short, malformed, or calls something that no tensor
    /// needs.
    pub(super) fn read(input: &mut impl BufRead) -> Result<Self, PickleError> {
        let mut machine = Machine {
            input: Counted { input, offset: 0 },
            values: Vec::new(),
            stack: Vec::new(),
            marks: Vec::new(),
            memo: HashMap::new(),
        };
        let root = machine
            .run()
            .map_err(|problem| PickleError { offset: machine.input.offset, problem })?;
        Ok(Self { values: machine.values, root })
    }

    /// The value everything hangs from.
    pub(super) fn root(&self) -> &Value {
        self.get(self.root)
    }

    /// The value at an index taken from this pickle.
    pub(super) fn get(&self, index: Index) -> &Value {
        &self.values[index.0 as usize]
    }

    /// All values, in the order of their creation.
    pub(super) fn values(&self) -> impl Iterator<Item = &Value> {
        self.values.iter()
    }

    /// The text at an index, if it is one.
    pub(super) fn text(&self, index: Index) -> Option<&str> {
        match self.get(index) {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The non-negative integer at an index, if it is one.
    pub(super) fn size(&self, index: Index) -> Option<usize> {
        match self.get(index) {
            Value::Int(value) => usize::try_from(*value).ok(),
            _ => None,
        }
    }

    /// The items of the tuple, list or set at an index, if it is one.
    pub(super) fn items(&self, index: Index) -> Option<&[Index]> {
        match self.get(index) {
            Value::Sequence(items) => Some(items),
            _ => None,
        }
    }
}

/// Counts what was taken from a reader.
struct Counted<'a, R> {
    input: &'a mut R,
    offset: u64,
}

impl<R: BufRead> Counted<'_, R> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Problem> {
        let mut bytes = [0; N];
        self.input.read_exact(&mut bytes)?;
        self.offset += N as u64;
        Ok(bytes)
    }

    fn bytes(&mut self, length: u64) -> Result<Vec<u8>, Problem> {
        if length > LONGEST {
            return Err(Problem::LongString(length));
        }
        let mut bytes = Vec::new();
        let read = self.input.by_ref().take(length).read_to_end(&mut bytes)?;
        self.offset += read as u64;
        if bytes.len() as u64 == length { Ok(bytes) } else { Err(Problem::CutShort) }
    }

    fn text(&mut self, length: u64) -> Result<String, Problem> {
        String::from_utf8(self.bytes(length)?).map_err(|_| Problem::NotUtf8)
    }

    /// The text up to the next line end, which is taken but not returned.
    fn line(&mut self) -> Result<String, Problem> {
        let mut bytes = Vec::new();
        let read = self.input.by_ref().take(4096).read_until(b'\n', &mut bytes)?;
        self.offset += read as u64;
        if bytes.pop() != Some(b'\n') {
            return Err(Problem::EndlessLine);
        }
        String::from_utf8(bytes).map_err(|_| Problem::NotUtf8)
    }
}

struct Machine<'a, R> {
    input: Counted<'a, R>,
    values: Vec<Value>,
    stack: Vec<Index>,
    /// The stack's heights at the marks that are still open.
    marks: Vec<usize>,
    memo: HashMap<u32, Index>,
}

impl<R: BufRead> Machine<'_, R> {
    fn run(&mut self) -> Result<Index, Problem> {
        loop {
            if self.input.offset > LONGEST {
                return Err(Problem::TooLong);
            }
            let [opcode] = self.input.array()?;
            if opcode == b'.' {
                return self.pop();
            }
            self.step(opcode)?;
        }
    }

    fn step(&mut self, opcode: u8) -> Result<(), Problem> {
        match opcode {
            0x80 => {
                let [version] = self.input.array()?;
                if version > 5 {
                    return Err(Problem::Protocol(version));
                }
            }
            // A frame's length only helps readers that fetch ahead.
            0x95 => drop(self.input.array::<8>()?),
            b'(' => self.marks.push(self.stack.len()),
            // Besides POP: state set on an object, such as a state dictionary's versions, is not
            // needed.
            b'0' | b'b' => drop(self.pop()?),
            b'1' => drop(self.pop_to_mark()?),
            b'2' => {
                let top = self.top()?;
                self.stack.push(top);
            }
            b'N' => self.push(Value::None)?,
            0x88 => self.push(Value::Bool(true))?,
            0x89 => self.push(Value::Bool(false))?,
            b'J' | b'K' | b'M' | 0x8a | 0x8b | b'I' | b'L' | b'G' => self.number(opcode)?,
            b'X' | 0x8c | 0x8d | b'U' | b'T' | b'C' | b'B' | 0x8e => self.string(opcode)?,
            b')' | b't' | 0x85 | 0x86 | 0x87 | b']' | b'l' | 0x8f | 0x91 => {
                self.sequence(opcode)?;
            }
            b'a' | b'e' | 0x90 => self.extend(opcode)?,
            b'}' => self.push(Value::Dict(Vec::new()))?,
            b'd' => {
                let items = self.pop_to_mark()?;
                let pairs = pairs(&items)?;
                self.push(Value::Dict(pairs))?;
            }
            b's' | b'u' => self.set_items(opcode)?,
            b'q' | b'r' | 0x94 | b'p' | b'h' | b'j' | b'g' => self.memory(opcode)?,
            b'c' => {
                let (module, name) = (self.input.line()?, self.input.line()?);
                self.global(&module, &name)?;
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                match (self.value(module), self.value(name)) {
                    (Value::Text(module), Value::Text(name)) => {
                        let (module, name) = (module.clone(), name.clone());
                        self.global(&module, &name)?;
                    }
                    _ => return Err(Problem::UnnamedImport),
                }
            }
            b'R' | 0x81 => self.call()?,
            b'Q' => {
                let reference = self.pop()?;
                self.push(Value::Persistent(reference))?;
            }
            other => return Err(Problem::Opcode(other)),
        }
        Ok(())
    }

    fn number(&mut self, opcode: u8) -> Result<(), Problem> {
        let value = match opcode {
            b'J' => Value::Int(i32::from_le_bytes(self.input.array()?).into()),
            b'K' => Value::Int(u8::from_le_bytes(self.input.array()?).into()),
            b'M' => Value::Int(u16::from_le_bytes(self.input.array()?).into()),
            b'G' => Value::Float(f64::from_be_bytes(self.input.array()?)),
            0x8a | 0x8b => {
                let length = if opcode == 0x8a {
                    u64::from(u8::from_le_bytes(self.input.array()?))
                } else {
                    u64::from(u32::from_le_bytes(self.input.array()?))
                };
                Value::Int(little_endian(&self.input.bytes(length)?)?)
            }
            _ => {
                let line = self.input.line()?;
                match line.as_str() {
                    "00" => Value::Bool(false),
                    "01" => Value::Bool(true),
                    digits => Value::Int(
                        digits
                            .trim_end_matches('L')
                            .parse()
                            .map_err(|_| Problem::NotInteger(digits.to_owned()))?,
                    ),
                }
            }
        };
        self.push(value)
    }

    fn string(&mut self, opcode: u8) -> Result<(), Problem> {
        let length = match opcode {
            0x8c | b'U' | b'C' => u64::from(u8::from_le_bytes(self.input.array()?)),
            b'X' | b'T' | b'B' => u64::from(u32::from_le_bytes(self.input.array()?)),
            _ => u64::from_le_bytes(self.input.array()?),
        };
        let value = match opcode {
            b'C' | b'B' | 0x8e => Value::Bytes(self.input.bytes(length)?),
            _ => Value::Text(self.input.text(length)?),
        };
        self.push(value)
    }

    fn sequence(&mut self, opcode: u8) -> Result<(), Problem> {
        let items = match opcode {
            b't' | b'l' | 0x91 => self.pop_to_mark()?,
            0x85..=0x87 => self.pop_many(usize::from(opcode - 0x84))?,
            _ => Vec::new(),
        };
        self.push(Value::Sequence(items))
    }

    fn extend(&mut self, opcode: u8) -> Result<(), Problem> {
        let new = if opcode == b'a' { vec![self.pop()?] } else { self.pop_to_mark()? };
        let target = self.top()?;
        match &mut self.values[target.0 as usize] {
            Value::Sequence(items) => {
                items.extend(new);
                Ok(())
            }
            _ => Err(Problem::NoList),
        }
    }

    fn set_items(&mut self, opcode: u8) -> Result<(), Problem> {
        let items = if opcode == b's' { self.pop_many(2)? } else { self.pop_to_mark()? };
        let new = pairs(&items)?;
        let target = self.top()?;
        match &mut self.values[target.0 as usize] {
            Value::Dict(entries) => {
                entries.extend(new);
                Ok(())
            }
            _ => Err(Problem::NoDictionary),
        }
    }

    fn memory(&mut self, opcode: u8) -> Result<(), Problem> {
        let slot = match opcode {
            b'q' | b'h' => u32::from(u8::from_le_bytes(self.input.array()?)),
            b'r' | b'j' => u32::from_le_bytes(self.input.array()?),
            0x94 => u32::try_from(self.memo.len()).map_err(|_| Problem::FullMemo)?,
            _ => self.input.line()?.parse().map_err(|_| Problem::SlotName)?,
        };
        match opcode {
            b'h' | b'j' | b'g' => {
                let value = *self.memo.get(&slot).ok_or(Problem::EmptySlot)?;
                self.stack.push(value);
            }
            _ => {
                let top = self.top()?;
                self.memo.insert(slot, top);
            }
        }
        Ok(())
    }

    fn global(&mut self, module: &str, name: &str) -> Result<(), Problem> {
        let name = format!("{module}.{name}");
        if !is_known(&name) {
            return Err(Problem::Untrusted(name));
        }
        self.push(Value::Global(name))
    }

    fn call(&mut self) -> Result<(), Problem> {
        let (arguments, callable) = (self.pop()?, self.pop()?);
        let Value::Global(name) = self.value(callable) else {
            return Err(Problem::UnnamedCall);
        };
        let result = match name.as_str() {
            "collections.OrderedDict" => Value::Dict(Vec::new()),
            name => Value::Call { callable: name.to_owned(), arguments },
        };
        self.push(result)
    }

    fn value(&self, index: Index) -> &Value {
        &self.values[index.0 as usize]
    }

    fn push(&mut self, value: Value) -> Result<(), Problem> {
        if self.values.len() >= MOST_VALUES {
            return Err(Problem::TooManyValues);
        }
        self.stack.push(Index(self.values.len() as u32));
        self.values.push(value);
        Ok(())
    }

    fn top(&self) -> Result<Index, Problem> {
        let floor = self.marks.last().copied().unwrap_or(0);
        match self.stack.last() {
            Some(&top) if self.stack.len() > floor => Ok(top),
            _ => Err(Problem::EmptyStack),
        }
    }

    fn pop(&mut self) -> Result<Index, Problem> {
        let top = self.top()?;
        self.stack.pop();
        Ok(top)
    }

    fn pop_many(&mut self, count: usize) -> Result<Vec<Index>, Problem> {
        let floor = self.marks.last().copied().unwrap_or(0);
        match self.stack.len().checked_sub(count) {
            Some(start) if start >= floor => Ok(self.stack.split_off(start)),
            _ => Err(Problem::EmptyStack),
        }
    }

    fn pop_to_mark(&mut self) -> Result<Vec<Index>, Problem> {
        let mark = self.marks.pop().ok_or(Problem::NoMark)?;
        Ok(self.stack.split_off(mark))
    }
}

/// What PyTorch writes for tensors, and a few harmless companions of training scripts, which are
/// noted and never used.
fn is_known(name: &str) -> bool {
    const NAMES: [&str; 16] = [
        "_codecs.encode",
        "argparse.Namespace",
        "builtins.set",
        "collections.OrderedDict",
        "collections.defaultdict",
        "numpy.core.multiarray.scalar",
        "numpy._core.multiarray.scalar",
        "numpy.dtype",
        "torch.Size",
        "torch.Tensor",
        "torch.device",
        "torch._utils._rebuild_parameter",
        "torch._utils._rebuild_tensor",
        "torch._utils._rebuild_tensor_v2",
        "torch.nn.parameter.Parameter",
        "torch.serialization._get_layout",
    ];
    let storage = |rest: &str| rest.ends_with("Storage") && !rest.contains('.');
    let element = |rest: &str| {
        ["float", "double", "half", "bfloat", "int", "uint", "long", "bool", "short"]
            .iter()
            .any(|kind| rest.starts_with(kind))
            && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    NAMES.contains(&name)
        || name.strip_prefix("torch.").is_some_and(|rest| storage(rest) || element(rest))
        || name.strip_prefix("torch.storage.").is_some_and(storage)
}

fn pairs(items: &[Index]) -> Result<Vec<(Index, Index)>, Problem> {
    let (pairs, rest) = items.as_chunks::<2>();
    if rest.is_empty() {
        Ok(pairs.iter().map(|&[key, value]| (key, value)).collect())
    } else {
        Err(Problem::KeyAlone)
    }
}

/// A two's complement integer of up to 16 bytes; no bytes are zero.
fn little_endian(bytes: &[u8]) -> Result<i128, Problem> {
    let negative = bytes.last().is_some_and(|byte| byte & 0x80 != 0);
    let mut filled = [if negative { 0xff } else { 0 }; 16];
    filled.get_mut(..bytes.len()).ok_or(Problem::LargeInteger)?.copy_from_slice(bytes);
    Ok(i128::from_le_bytes(filled))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(bytes: &[u8]) -> Result<Pickle, PickleError> {
        Pickle::read(&mut &*bytes)
    }

    #[test]
    fn plain_values_are_read() {
        // pickle.dumps({"a": [1, -2, 3.5, None, True], "b": ("x", b"y")}, 4)
        let bytes =
            b"\x80\x04\x95\x2e\0\0\0\0\0\0\0}\x94(\x8c\x01a\x94]\x94(K\x01J\xfe\xff\xff\xff\
            G@\x0c\0\0\0\0\0\0N\x88e\x8c\x01b\x94\x8c\x01x\x94C\x01y\x94\x86\x94u.";
        let pickle = read(bytes).unwrap();
        let Value::Dict(entries) = pickle.root() else { panic!("{pickle:?}") };
        assert_eq!(pickle.text(entries[0].0), Some("a"));
        let items: Vec<_> =
            pickle.items(entries[0].1).unwrap().iter().map(|&item| pickle.get(item)).collect();
        assert_eq!(
            items,
            [&Value::Int(1), &Value::Int(-2), &Value::Float(3.5), &Value::None, &Value::Bool(true)]
        );
        let pair = pickle.items(entries[1].1).unwrap();
        assert_eq!(pickle.get(pair[1]), &Value::Bytes(b"y".to_vec()));
    }

    #[test]
    fn long_integers_keep_their_sign() {
        assert_eq!(read(b"\x80\x02\x8a\0.").unwrap().root(), &Value::Int(0));
        assert_eq!(read(b"\x80\x02\x8a\x01\xff.").unwrap().root(), &Value::Int(-1));
        assert_eq!(read(b"\x80\x02\x8a\x02\xff\0.").unwrap().root(), &Value::Int(255));
        assert!(read(&[b"\x8a\x11".as_slice(), &[1; 17], b"."].concat()).is_err());
    }

    #[test]
    fn foreign_calls_are_refused_by_name() {
        for hostile in [
            b"cos\nsystem\n(S'id'\ntR.".as_slice(),
            b"cposix\nsystem\nX\x02\0\0\0id\x85R.",
            b"\x80\x04\x8c\x08builtins\x8c\x04eval\x93\x8c\x011\x85R.",
            b"ctorch.hub\nload\n)R.",
            b"ctorch\nhub.loadStorage\n)R.",
            b"ctorch\nfloat_power.x\n)R.",
        ] {
            let error = read(hostile).unwrap_err().to_string();
            assert!(error.contains("not trusted"), "{error}");
        }
    }

    #[test]
    fn deep_nesting_costs_no_stack() {
        let depth = 500_000;
        let mut bytes = vec![b']'; depth];
        bytes.extend(vec![b'a'; depth - 1]);
        bytes.push(b'.');
        assert!(read(&bytes).is_ok());
    }

    #[test]
    fn a_list_may_hold_itself() {
        let pickle = read(b"]q\0h\0a.").unwrap();
        assert!(matches!(pickle.root(), Value::Sequence(items) if items.len() == 1));
    }

    #[test]
    fn a_pickle_without_end_is_left() {
        let mut endless = std::io::BufReader::new(std::io::repeat(b'('));
        let error = Pickle::read(&mut endless).unwrap_err().to_string();
        assert!(error.contains("more than 16777216 bytes"), "{error}");
        let mut endless = std::io::BufReader::new(std::io::repeat(b'N'));
        let error = Pickle::read(&mut endless).unwrap_err().to_string();
        assert!(error.contains("more than 1048576 values"), "{error}");
    }

    #[test]
    fn an_announced_length_allocates_nothing() {
        assert!(read(b"X\xff\xff\xff\x00abc.").unwrap_err().to_string().contains("ends here"));
        assert!(read(b"\x8d\xff\xff\xff\xff\xff\xff\xff\xffabc.").is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
        }

        #[test]
        fn no_opcodes_make_it_panic(
            opcodes in prop::collection::vec(prop::sample::select(
                b"(.012N\x88\x89)t\x85\x86\x87]l}dsuaebQR\x81\x93\x94q\0h\0K\x01\x8c\x01a".to_vec()
            ), 0..60)
        ) {
            let _ = read(&opcodes);
        }
    }
}

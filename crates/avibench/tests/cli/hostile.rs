//! Media that do harm to whoever reads them trustingly, made on the spot, and a data set of them.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// A clip of the media crate's tests.
pub(crate) fn clip(name: &str) -> Vec<u8> {
    let clips = Path::new(env!("CARGO_MANIFEST_DIR")).join("../media/tests/clips");
    std::fs::read(clips.join(name)).unwrap()
}

/// Where in a question a medium stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Image,
    Audio,
    Video,
}

/// A data set of one question a medium.
pub(crate) struct DataSet {
    pub(crate) task: PathBuf,
    records: Vec<Value>,
}

impl DataSet {
    /// An empty one below `root`.
    pub(crate) fn new(root: &Path) -> Self {
        let task = root.join("data/levels/reasoning/AVQA");
        std::fs::create_dir_all(task.join("input")).unwrap();
        Self { task, records: Vec::new() }
    }

    /// Adds a question about what already stands at `path` in the task folder, or does not.
    pub(crate) fn ask(&mut self, place: Place, path: &str) {
        let mut input = json!({"question": {"text": "?"}});
        match place {
            Place::Image => input["image_list"] = json!([path]),
            Place::Audio => input["audio_list"] = json!([path]),
            Place::Video => input["video"] = json!(path),
        }
        let id = self.records.len().to_string();
        let output = json!({"question_answer": "yes"});
        self.records.push(json!({"id": id, "task": "AVQA", "input": input, "output": output}));
        std::fs::write(self.task.join("data.json"), json!(self.records).to_string()).unwrap();
    }

    /// Adds a file and a question about it.
    pub(crate) fn add(&mut self, place: Place, name: &str, bytes: &[u8]) {
        let path = format!("input/{name}");
        std::fs::write(self.task.join(&path), bytes).unwrap();
        self.ask(place, &path);
    }
}

/// The last line about each position of the journal of AVQA under a label, by position.
pub(crate) fn outcomes(label: &Path) -> Vec<Value> {
    let journal = std::fs::read_to_string(label.join("journal/AVQA.jsonl")).unwrap();
    let mut lines: Vec<Value> = Vec::new();
    for line in journal.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let position = line["position"].as_u64().unwrap() as usize;
        lines.resize(lines.len().max(position + 1), Value::Null);
        lines[position] = line;
    }
    lines
}

/// A WAV of silence, with another chunk before its samples.
pub(crate) fn wav(samples: u32, chunk: &[u8]) -> Vec<u8> {
    let mut chunks = b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0".to_vec();
    if !chunk.is_empty() {
        chunks.extend(b"LIST");
        chunks.extend((chunk.len() as u32).to_le_bytes());
        chunks.extend(chunk);
        chunks.resize(chunks.len().next_multiple_of(2), 0);
    }
    chunks.extend(b"data");
    chunks.extend((2 * samples).to_le_bytes());
    chunks.resize(chunks.len() + 2 * samples as usize, 0);
    let mut file = b"RIFF".to_vec();
    file.extend((chunks.len() as u32).to_le_bytes());
    file.extend(chunks);
    file
}

/// A chunk of a PNG.
fn png_chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let mut checksum = flate2::Crc::new();
    checksum.update(&kind);
    checksum.update(data);
    [&(data.len() as u32).to_be_bytes()[..], &kind, data, &checksum.sum().to_be_bytes()].concat()
}

/// A black RGB picture that claims this size, of so many rows, with a text.
pub(crate) fn png(width: u32, height: u32, rows: u32, text: &str) -> Vec<u8> {
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    let mut pixels = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    let row = vec![0; 1 + 3 * width as usize];
    for _ in 0..rows {
        pixels.write_all(&row).unwrap();
    }
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        png_chunk(*b"IHDR", &[&size[..], &[8, 2, 0, 0, 0]].concat()),
        png_chunk(*b"tEXt", format!("Comment\0{text}").as_bytes()),
        png_chunk(*b"IDAT", &pixels.finish().unwrap()),
        png_chunk(*b"IEND", b""),
    ]
    .concat()
}

/// A GIF of one pixel on a canvas of this size.
pub(crate) fn gif(width: u16, height: u16) -> Vec<u8> {
    let size = [width.to_le_bytes(), height.to_le_bytes()].concat();
    let image = b"\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
    [b"GIF89a", &size[..], image].concat()
}

/// An archive that holds one file as it is.
pub(crate) fn zip(name: &str, content: &[u8]) -> Vec<u8> {
    let mut checksum = flate2::Crc::new();
    checksum.update(content);
    let (length, name_length) =
        ((content.len() as u32).to_le_bytes(), (name.len() as u16).to_le_bytes());
    let entry =
        [&[0; 4][..], &[0; 4], &checksum.sum().to_le_bytes(), &length, &length, &name_length]
            .concat();
    let local = [b"PK\x03\x04\x0a\0", &entry[..], &[0; 2], name.as_bytes(), content].concat();
    let central =
        [b"PK\x01\x02\x0a\0\x0a\0", &entry[..], &[0; 12], &[0; 4], name.as_bytes()].concat();
    let end = [
        b"PK\x05\x06\0\0\0\0\x01\0\x01\0",
        &(central.len() as u32).to_le_bytes()[..],
        &(local.len() as u32).to_le_bytes(),
        &[0; 2],
    ]
    .concat();
    [local, central, end].concat()
}

/// Frames of AAC silence, mono at 48 kHz, 13 bytes and 1024 samples each.
pub(crate) fn adts(frames: usize) -> Vec<u8> {
    // 13 bytes with the header, AAC-LC, one channel; then an empty spectrum.
    b"\xff\xf1\x4c\x40\x01\xbf\xfc\0\xc8\0\x80\x23\x80".repeat(frames)
}

/// An MP4 whose box at `path` has another payload; the boxes around it grow with it. Only for files
/// whose index comes last.
pub(crate) fn with_box(
    mp4: &[u8],
    path: &[&[u8; 4]],
    change: &dyn Fn(&[u8]) -> Vec<u8>,
) -> Vec<u8> {
    let Some((kind, inner)) = path.split_first() else { return change(mp4) };
    // Fields before the boxes in a box.
    let fields = match *kind {
        b"stsd" => 8,
        b"avc1" => 78,
        _ => 0,
    };
    let (mut out, mut at, mut is_done) = (Vec::new(), 0, false);
    while at < mp4.len() {
        let size = u32::from_be_bytes(mp4[at..at + 4].try_into().unwrap()) as usize;
        if &mp4[at + 4..at + 8] == *kind && !is_done {
            is_done = true;
            let (head, boxes) = mp4[at + 8..at + size].split_at(fields);
            let payload = [head, &with_box(boxes, inner, change)].concat();
            out.extend((payload.len() as u32 + 8).to_be_bytes());
            out.extend(*kind);
            out.extend(payload);
        } else {
            out.extend(&mp4[at..at + size]);
        }
        at += size;
    }
    assert!(is_done, "no box {}", String::from_utf8_lossy(*kind));
    out
}

/// A clip whose pictures lie in another file, as a data reference of `QuickTime` says.
pub(crate) fn mp4_of_another_file(secret: &Path) -> Vec<u8> {
    let entry = format!("file://{}\0", secret.display());
    with_box(&clip("hevc.mp4"), &[b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"], &|_| {
        let mut references = b"\0\0\0\0\0\0\0\x01".to_vec();
        references.extend((entry.len() as u32 + 12).to_be_bytes());
        references.extend(b"url \0\0\0\0");
        references.extend(entry.as_bytes());
        references
    })
}

/// A clip whose H.264 claims pictures of 16,384 x 16,384 pixels.
pub(crate) fn mp4_of_huge_pictures() -> Vec<u8> {
    let path: [&[u8; 4]; 8] =
        [b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"avc1", b"avcC"];
    with_box(&clip("vfr.mp4"), &path, &|_| {
        // Baseline, level 5.1; then, as Exp-Golomb codes: number 0, frame numbers of 4 bits, order of
        // pictures 2, 1 reference, no gaps, 1024 macroblocks each way, whole frames, no cropping.
        let sequence = "1 1 011 010 0 000000000010000000000 000000000010000000000 1 1 0 0 1";
        let mut bits: String = sequence.split(' ').collect();
        bits.extend(std::iter::repeat_n('0', bits.len().next_multiple_of(8) - bits.len()));
        let bytes = bits.as_bytes().chunks(8);
        let bytes = bytes.map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | (bit - b'0')));
        let sequence = [vec![0x67, 66, 0, 51], bytes.collect()].concat();
        let picture = [0x68, 0xce, 0x38, 0x80];
        [
            &[1, 66, 0, 51, 0xff, 0xe1, 0, sequence.len() as u8][..],
            &sequence,
            &[1, 0, picture.len() as u8],
            &picture,
        ]
        .concat()
    })
}

/// Matroska with an attachment and a link to a segment in another file.
pub(crate) fn matroska(secret: &Path) -> Vec<u8> {
    fn element(id: &[u8], payload: &[u8]) -> Vec<u8> {
        [id, &(payload.len() as u32 | 0x1000_0000).to_be_bytes(), payload].concat()
    }
    let name = secret.display().to_string();
    let info = element(&[0x15, 0x49, 0xa9, 0x66], &element(&[0x3c, 0x83, 0xab], name.as_bytes()));
    let track = [
        element(&[0xd7], &[1]),
        element(&[0x83], &[1]),
        element(&[0x86], b"V_MPEG4/ISO/AVC"),
        element(&[0xe0], &[element(&[0xb0], &[64]), element(&[0xba], &[64])].concat()),
    ];
    let tracks = element(&[0x16, 0x54, 0xae, 0x6b], &element(&[0xae], &track.concat()));
    let file = [element(&[0x46, 0x6e], name.as_bytes()), element(&[0x46, 0x5c], name.as_bytes())];
    let attached = element(&[0x19, 0x41, 0xa4, 0x69], &element(&[0x61, 0xa7], &file.concat()));
    let cluster = element(&[0x1f, 0x43, 0xb6, 0x75], &element(&[0xa3], b"\x81\0\0\x80no picture"));
    let segment = [info, tracks, attached, cluster].concat();
    let header = element(&[0x42, 0x82], b"matroska");
    [element(&[0x1a, 0x45, 0xdf, 0xa3], &header), element(&[0x18, 0x53, 0x80, 0x67], &segment)]
        .concat()
}

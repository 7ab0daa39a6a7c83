//! What a file turns out to be when it is not what was expected.
//!
//! A data set that was only half fetched holds pointers, error pages and archives under the names
//! of media and JSON files. Saying what such a file is saves its owner the look inside.

/// Something that stands in a file in place of what should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownContent {
    /// What it is, with its article, such as `an HTML page`.
    pub what: &'static str,
    /// What to do about it; empty if there is nothing special to do.
    pub mend: &'static str,
}

/// How far into a text its first word is looked for.
const LEADING_SPACE: usize = 512;

const UNPACK: &str = "unpack it";
const FETCH_AGAIN: &str = "it is likely the error page of a failed download: fetch the file again";

/// By the bytes that a file begins with.
const BY_MAGIC: [(&[u8], &str, &str); 16] = [
    (b"\x1f\x8b", "a gzip archive", UNPACK),
    (b"PK\x03\x04", "a ZIP archive", UNPACK),
    (b"PK\x05\x06", "an empty ZIP archive", ""),
    (b"BZh", "a bzip2 archive", UNPACK),
    (b"\xfd7zXZ\0", "an xz archive", UNPACK),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", UNPACK),
    (b"Rar!\x1a\x07", "a RAR archive", UNPACK),
    (b"%PDF-", "a PDF document", ""),
    (b"\x7fELF", "a program", ""),
    (b"PAR1", "a Parquet file", ""),
    (b"\x93NUMPY", "a NumPy array", ""),
    (b"\x89HDF", "an HDF5 file", ""),
    (b"SQLite format 3\0", "an SQLite database", ""),
    (b"\0\0\xfe\xff", "text in UTF-32", "save it as UTF-8"),
    (b"\xff\xfe\0\0", "text in UTF-32", "save it as UTF-8"),
];

/// By the first word of a text, in small letters.
const BY_WORD: [(&str, &str, &str); 14] = [
    ("<!doctype html", "an HTML page", FETCH_AGAIN),
    ("<html", "an HTML page", FETCH_AGAIN),
    ("<head", "an HTML page", FETCH_AGAIN),
    ("<body", "an HTML page", FETCH_AGAIN),
    ("<svg", "an SVG drawing", "convert it to PNG"),
    ("<mpd", "a DASH manifest, which only names media", "put the medium itself there"),
    ("<?xml", "an XML document", ""),
    ("<error", "an XML error message", FETCH_AGAIN),
    ("version https://git-lfs", "a Git LFS pointer", "run `git lfs pull` to fetch the file itself"),
    ("#extm3u", "an HLS playlist, which only names media", "put the medium itself there"),
    ("[playlist]", "a playlist, which only names media", "put the medium itself there"),
    ("ffconcat version", "an ffconcat list, which only names media", "put the medium itself there"),
    ("/annex/objects/", "a git-annex pointer", "run `git annex get` to fetch the file itself"),
    ("../.git/annex/", "a git-annex pointer", "run `git annex get` to fetch the file itself"),
];

/// What the bytes at the beginning of a file show it to be, as far as it is among what stands in
/// for data and media by mistake; a kilobyte is enough to look at.
#[must_use]
pub fn known_content(beginning: &[u8]) -> Option<KnownContent> {
    let known = |what, mend| Some(KnownContent { what, mend });
    if let Some((_, what, mend)) = BY_MAGIC.iter().find(|(magic, ..)| beginning.starts_with(magic))
    {
        return known(what, mend);
    }
    if beginning.get(257..262) == Some(b"ustar") {
        return known("a tar archive", UNPACK);
    }
    if is_utf16(beginning) {
        return known("text in UTF-16", "save it as UTF-8");
    }
    if is_pickle(beginning) {
        return known("a Python pickle", "");
    }
    if beginning.len() >= 16 && beginning.iter().all(|byte| *byte == 0) {
        let mend = "it was likely reserved and never filled: fetch the file again";
        return known("nothing but zero bytes", mend);
    }
    let text = beginning.strip_prefix(b"\xef\xbb\xbf").unwrap_or(beginning);
    let start = text.iter().take(LEADING_SPACE).position(|byte| !byte.is_ascii_whitespace())?;
    let text = &text[start..];
    let starts_with = |word: &str| {
        text.get(..word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word.as_bytes()))
    };
    let (_, what, mend) = BY_WORD.iter().find(|(word, ..)| starts_with(word))?;
    if *what == "an XML document" {
        // A declaration says nothing about what follows it.
        let rest = text.split(|byte| *byte == b'<').skip(2);
        let mut named = rest.filter(|tag| !tag.starts_with(b"!--") && !tag.starts_with(b"?"));
        let tag =
            named.find(|tag| !tag.starts_with(b"!DOCTYPE") || tag.starts_with(b"!DOCTYPE html"));
        let tag = [b"<", tag.unwrap_or_default()].concat();
        return known_content(&tag).or(known(what, mend));
    }
    known(what, mend)
}

/// Whether every other byte is zero, as in English text, or a byte order mark says so.
fn is_utf16(beginning: &[u8]) -> bool {
    if beginning.starts_with(b"\xff\xfe") || beginning.starts_with(b"\xfe\xff") {
        // MPEG audio begins alike; its second byte is never followed by text.
        let pairs: Vec<_> = beginning[2..].chunks_exact(2).take(64).collect();
        let zeroes = pairs.iter().filter(|pair| (pair[0] == 0) != (pair[1] == 0)).count();
        return !pairs.is_empty() && 2 * zeroes > pairs.len();
    }
    let pairs: Vec<_> = beginning.chunks_exact(2).take(64).collect();
    let is_letter = |byte: u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    let all = |high: usize| pairs.iter().all(|pair| pair[high] == 0 && is_letter(pair[1 - high]));
    pairs.len() >= 4 && (all(0) || all(1))
}

/// Protocols 2 to 5 say so in the first two bytes, and the last is a full stop.
fn is_pickle(beginning: &[u8]) -> bool {
    matches!(beginning, [0x80, 2..=5, next, ..] if matches!(next, 0x95 | b']' | b'}' | b'c' | b'(' | b'X' | 0x8c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_for_a_file_is_named() {
        for (bytes, what) in [
            (&b"\x1f\x8b\x08\0"[..], "a gzip archive"),
            (b"\n  <!DOCTYPE HTML><title>404</title>", "an HTML page"),
            (b"\xef\xbb\xbf<html>", "an HTML page"),
            (b"<?xml version=\"1.0\"?>\n<!-- x --><svg xmlns=\"\">", "an SVG drawing"),
            (
                b"<?xml version=\"1.0\"?><MPD type=\"static\">",
                "a DASH manifest, which only names media",
            ),
            (b"<?xml version=\"1.0\"?><Error><Code>AccessDenied", "an XML error message"),
            (b"<?xml version=\"1.0\"?><a/>", "an XML document"),
            (b"version https://git-lfs.github.com/spec/v1\noid", "a Git LFS pointer"),
            (b"#EXTM3U\n", "an HLS playlist, which only names media"),
            (b"ffconcat version 1.0\n", "an ffconcat list, which only names media"),
            (b"\xff\xfe[\0{\0", "text in UTF-16"),
            (b"[\0{\0\"\0a\0\"\0", "text in UTF-16"),
            (b"\0[\0{\0\"\0a\0\"", "text in UTF-16"),
            (b"\xff\xfe\0\0[\0\0\0", "text in UTF-32"),
            (b"\x80\x04\x95\x10\0", "a Python pickle"),
            (&[0; 64], "nothing but zero bytes"),
        ] {
            assert_eq!(known_content(bytes).map(|known| known.what), Some(what), "{bytes:?}");
        }
        let tar = [&[b'a'; 257][..], b"ustar\0"].concat();
        assert_eq!(known_content(&tar).unwrap().what, "a tar archive");
    }

    #[test]
    fn the_rest_is_not() {
        for bytes in [
            &b""[..],
            b"[{\"id\": 1}]",
            b"{'id': 1}",
            b"\xff\xfb\x90\x64\0\0\0\0",
            b"RIFF\0\0\0\0WAVE",
            b"\x89PNG\r\n\x1a\n",
            b"\0\0\0\x20ftypisom",
            b"   ",
        ] {
            assert_eq!(known_content(bytes), None, "{bytes:?}");
        }
    }
}

//! Where a page finds the media of samples.

use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};

/// How media are named on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaLinks {
    /// Relative to the page's file, as far as there is a way from one to the other.
    RelativeTo {
        /// The folder in which the page will stand.
        page: PathBuf,
    },
    /// Below an address of the server that serves the page, such as `/media/`.
    Served {
        /// The address, with a slash at its end.
        base: String,
    },
    /// Not at all.
    None,
}

impl MediaLinks {
    /// The address of a task folder, with a slash at its end, escaped; `None` if there is none.
    #[must_use]
    pub fn folder(&self, task_folder: &Path, stage: &str, name: &str) -> Option<String> {
        match self {
            Self::None => None,
            Self::Served { base } => Some(format!("{base}{stage}/{name}/")),
            Self::RelativeTo { page } => {
                let (page, folder) = (absolute(page)?, absolute(task_folder)?);
                let path = relative(&page, &folder)?;
                let mut link = String::new();
                for part in &path {
                    // The name of a file that is no UTF-8 cannot be written in a page.
                    link.push_str(&escaped(part.to_str()?));
                    link.push('/');
                }
                // Never empty and never with a scheme: `./` stands before names.
                Some(if link.starts_with("../") { link } else { format!("./{link}") })
            }
        }
    }
}

fn absolute(path: &Path) -> Option<PathBuf> {
    path.canonicalize().or_else(|_| std::path::absolute(path)).ok()
}

/// The way from one folder to another, by names and `..`.
fn relative<'a>(from: &'a Path, to: &'a Path) -> Option<Vec<&'a std::ffi::OsStr>> {
    let (mut here, mut there) = (from.components().peekable(), to.components().peekable());
    // Other drives cannot be reached.
    if !matches!((here.peek(), there.peek()), (Some(a), Some(b)) if a == b) {
        return None;
    }
    while here.peek().is_some() && here.peek() == there.peek() {
        here.next();
        there.next();
    }
    let up = here.map(|_| std::ffi::OsStr::new(".."));
    let down = there.filter_map(|component| match component {
        Component::Normal(name) => Some(name),
        _ => None,
    });
    Some(up.chain(down).collect())
}

/// A name as it stands in an address: all but letters, digits and `-._~` as `%` with two digits.
#[must_use]
pub fn escaped(name: &str) -> String {
    let mut link = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            link.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(link, "%{byte:02X}");
        }
    }
    link
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped() {
        assert_eq!(escaped("a#b ?%.wav"), "a%23b%20%3F%25.wav");
        assert_eq!(escaped("javascript:alert(1)"), "javascript%3Aalert%281%29");
        assert_eq!(escaped("tön"), "t%C3%B6n");
    }

    #[test]
    fn links_lead_from_the_page_to_the_data() {
        let root = tempfile::tempdir().unwrap();
        let data = root.path().join("my data/levels/perception/AVM");
        let page = root.path().join("out");
        std::fs::create_dir_all(&data).unwrap();
        std::fs::create_dir_all(&page).unwrap();
        let links = MediaLinks::RelativeTo { page: page.clone() };
        let link = links.folder(&data, "perception", "AVM").unwrap();
        assert_eq!(link, "../my%20data/levels/perception/AVM/");
        let beside = MediaLinks::RelativeTo { page: root.path().to_owned() };
        let link = beside.folder(&data, "perception", "AVM").unwrap();
        assert_eq!(link, "./my%20data/levels/perception/AVM/");
    }
}

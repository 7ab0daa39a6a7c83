//! The name of this machine, by which people find the process that holds a lock.

/// The most characters of a name that are kept.
const LONGEST: usize = 255;

/// The name of this machine in its network, such as `node17`; `None` where the system does not tell.
#[must_use]
pub fn machine_name() -> Option<String> {
    let name = system_name();
    let is_shown = |c: &char| !c.is_control() && !c.is_whitespace();
    let name: String = name.chars().filter(is_shown).take(LONGEST).collect();
    (!name.is_empty()).then_some(name)
}

/// The name as the system has it; empty where it has none.
#[cfg(unix)]
fn system_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
fn system_name() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_has_a_name_of_one_word() {
        let name = machine_name().unwrap();
        assert!(!name.contains(char::is_whitespace), "{name}");
    }
}

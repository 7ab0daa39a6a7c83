//! Which build of the program this is: what reports, rows and `run.json` name, so that numbers can
//! be traced to the code that made them.

macro_rules! build_line {
    () => {
        concat!(
            env!("CARGO_PKG_VERSION"),
            " (commit ",
            env!("AVIBENCH_COMMIT"),
            ", ",
            env!("AVIBENCH_PROFILE"),
            ", ",
            env!("AVIBENCH_TARGET"),
            ")"
        )
    };
}
/// A build of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Build {
    /// The program's name.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// First digits of the git commit, with `+changes` if sources differed from it; `unknown` if the
    /// sources were neither a repository nor an archive of one.
    pub commit: &'static str,
    /// Profile of the build: `release`, `debug` or a profile of its own.
    pub profile: &'static str,
    /// Target triple, such as `x86_64-unknown-linux-gnu`.
    pub target: &'static str,
    /// Instruction sets that the compiler was allowed to use, such as `fxsr,sse,sse2`.
    pub features: &'static str,
}

/// This build.
pub const BUILD: Build = Build {
    name: "avibench",
    version: env!("CARGO_PKG_VERSION"),
    commit: env!("AVIBENCH_COMMIT"),
    profile: env!("AVIBENCH_PROFILE"),
    target: env!("AVIBENCH_TARGET"),
    features: env!("AVIBENCH_TARGET_FEATURES"),
};

/// This build in one line:
/// `avibench 0.1.0 (commit 0123456789ab, release, x86_64-unknown-linux-gnu)`.
pub const PROGRAM: &str = concat!("avibench ", build_line!());

/// The same without the name and with the features, for `--version`.
pub const LONG_VERSION: &str =
    concat!(build_line!(), "\nfeatures: ", env!("AVIBENCH_TARGET_FEATURES"));

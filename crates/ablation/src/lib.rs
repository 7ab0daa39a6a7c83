//! Media as an ablation shows them: without sound, without picture, exchanged, out of step.
//!
//! [`ShownMedia::new`] says what a question's media become, without touching a file. [`Rewriter`]
//! makes a medium that has to be rewritten, and [`RewrittenMedia`] keeps what was made in a folder
//! of limited size, so that a medium that several questions share is made once. Models get files or
//! bytes like any others, so that requests and their hashes are of the rewritten media.

mod cache;
mod error;
mod exchange;
mod rewriter;
mod shown;

pub use cache::{Kept, RewrittenMedia};
pub use error::RewriteError;
pub use exchange::Exchange;
pub use rewriter::{Rewriter, Rewritten};
pub use shown::{Rewriting, Shown, ShownMedia};

//! Serves a model that repeats the question, with the faults given as arguments, until Ctrl-C:
//!
//! ```text
//! cargo run -p avibench-bench --bin rehearse -- "status status=503 first_tries=1" sse_crlf
//! ```

use std::error::Error;
use std::sync::Arc;

use avibench_server::{FaultPlan, Scripted, Server, ServerOptions};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut faults = FaultPlan::default();
    for words in std::env::args().skip(1) {
        faults.add(&words)?;
    }
    let options = ServerOptions { faults, ..ServerOptions::default() };
    let server = Server::bind(0, Arc::new(Scripted::echo("echo")), options)?;
    println!("{}", server.base_url());
    let counters = server.counters();
    server
        .serve_until(async {
            // Without a signal handler the server simply runs until the process ends.
            let _ = tokio::signal::ctrl_c().await;
        })
        .await;
    println!("{}", serde_json::to_string_pretty(&counters.snapshot())?);
    Ok(())
}

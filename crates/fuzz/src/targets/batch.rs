//! Files of results of batches.

use avibench_batch::{CustomId, ResultLines};
use avibench_engine::{BatchResult, Secret, Secrets};

/// Reads the bytes as a file of results, whose lines may tell a key. No line is lost or counted twice,
/// what is read of an answer tells no key, and a request has one name only.
pub(crate) fn batch_results(bytes: &[u8]) {
    const KEY: &str = "sk-012345/6789";
    let secrets: Secrets = std::iter::once(Secret::new(KEY)).collect();
    let mut lines = ResultLines::new(bytes);
    let (mut last, mut torn) = (0, false);
    while let Ok(Some(line)) = lines.next_line() {
        assert!(line.number > last && !torn, "lines come in order, and none after a torn one");
        (last, torn) = (line.number, line.is_torn);
        assert!(!torn || !bytes.ends_with(b"\n"), "a file that ends with a line feed is not torn");
        let Some(text) = line.text else { continue };
        let Ok(result) = BatchResult::read(&text, &secrets) else { continue };
        assert!(text.contains("custom_id") || text.contains("key") || text.contains('\\'));
        match result.answer {
            Ok(reply) => {
                let says_nothing = reply.text.is_empty()
                    && reply.thinking.is_none()
                    && reply.refusal.is_none()
                    && reply.finish_reason.is_none();
                assert!(!says_nothing, "a result that says nothing is taken for an answer");
                assert!(!reply.text.contains(KEY), "the key is in the answer");
            }
            Err(failure) => {
                assert!(!failure.to_string().contains(KEY), "the key is in the error");
                let _ = failure.consequence();
            }
        }
        if let Ok(id) = result.custom_id.parse::<CustomId>() {
            assert_eq!(id.to_string(), result.custom_id, "a request has two names");
        }
    }
    let parts = bytes.split(|&byte| byte == b'\n').count();
    assert!(last <= parts, "more lines than there are");
}

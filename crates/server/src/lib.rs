//! The loopback server: a local model behind an OpenAI-compatible HTTP endpoint on 127.0.0.1.

//! Asking models: requests, limits, retries, journal, backends, the loopback server.

//! Pixels and samples: decoding and encoding of PNG, WAV and MP4.

//! A file of certificates in PEM, and what to do about one that is none.

use std::path::Path;

use avibench_files::SizeLimit;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use crate::NetworkError;

/// The certificates in a file that a person named by `origin`: at least one, and each can be used.
pub(crate) fn read(
    origin: &'static str,
    path: &Path,
) -> Result<Vec<CertificateDer<'static>>, NetworkError> {
    let bad =
        |problem: String| NetworkError::Certificates { origin, path: path.to_owned(), problem };
    let bytes = SizeLimit::SETTINGS
        .read(path)
        .map_err(|error| bad(format!("cannot be read: {}", error.source)))?;
    let mut certificates = Vec::new();
    for (index, section) in CertificateDer::pem_slice_iter(&bytes).enumerate() {
        let number = index + 1;
        let certificate = section.map_err(|error| {
            bad(format!("cannot be read as PEM at its certificate {number}: {error}"))
        })?;
        RootCertStore::empty().add(certificate.clone()).map_err(|error| {
            bad(format!("holds a certificate, its number {number}, that cannot be used: {error}"))
        })?;
        certificates.push(certificate);
    }
    if certificates.is_empty() {
        return Err(bad(what_it_is(&bytes)));
    }
    Ok(certificates)
}

/// Why a file holds no certificate.
fn what_it_is(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let label = |label: &str| {
        text.lines().any(|line| {
            let line = line.trim();
            line.starts_with("-----BEGIN ") && line.trim_end_matches('-').ends_with(label)
        })
    };
    let what = if text.trim().is_empty() {
        "is empty"
    } else if label("PRIVATE KEY") {
        "holds a private key and no certificate; name the file of the certificate, which begins \
         with -----BEGIN CERTIFICATE-----"
    } else if label("CERTIFICATE REQUEST") {
        "holds a request for a certificate and no certificate; name what the authority made of it"
    } else if label("PUBLIC KEY") {
        "holds a public key and no certificate; name the file of the certificate, which begins \
         with -----BEGIN CERTIFICATE-----"
    } else if bytes.starts_with(&[0x30, 0x82]) || bytes.starts_with(&[0x30, 0x81]) {
        "is binary (DER or PKCS #12), but is read as PEM; convert it, for a certificate in DER with \
         openssl x509 -inform DER -in FILE -out FILE.pem"
    } else {
        "holds no certificate; it should be PEM, with a line -----BEGIN CERTIFICATE-----"
    };
    what.to_owned()
}

/// What can be used of the files in a folder, as OpenSSL reads `SSL_CERT_DIR`: anything else in
/// it is left alone.
pub(crate) fn read_folder(
    origin: &'static str,
    path: &Path,
) -> Result<Vec<CertificateDer<'static>>, NetworkError> {
    let bad = |error: std::io::Error| NetworkError::Certificates {
        origin,
        path: path.to_owned(),
        problem: format!("cannot be read: {error}"),
    };
    let mut certificates = Vec::new();
    for entry in std::fs::read_dir(path).map_err(bad)? {
        let Ok(bytes) = SizeLimit::SETTINGS.read(&entry.map_err(bad)?.path()) else { continue };
        certificates.extend(CertificateDer::pem_slice_iter(&bytes).filter_map(Result::ok));
    }
    // Folders hold each certificate under several names.
    certificates.sort_unstable_by(|one: &CertificateDer, other| one.as_ref().cmp(other.as_ref()));
    certificates.dedup();
    Ok(certificates)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_none_is_told_by_what_it_is() {
        let made = rcgen::generate_simple_self_signed(["a.org".to_owned()]).unwrap();
        let pem = made.cert.pem();
        let dir = tempfile::tempdir().unwrap();
        let of = |bytes: &[u8]| {
            let path = dir.path().join("ca.pem");
            std::fs::write(&path, bytes).unwrap();
            read("--ca-file", &path).map(|found| found.len()).map_err(|error| error.to_string())
        };
        assert_eq!(of(pem.as_bytes()), Ok(1));
        assert_eq!(of(format!("# two\n{pem}\n{pem}").as_bytes()), Ok(2));
        let key_too = format!("{}{pem}", made.key_pair.serialize_pem());
        assert_eq!(of(key_too.as_bytes()), Ok(1), "a key beside it is of no concern");
        let cut = &pem[..pem.len() / 2];
        let garbled = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for (bytes, words) in [
            (b"".as_slice(), "is empty"),
            (b" \n", "is empty"),
            (b"hello", "holds no certificate"),
            (made.key_pair.serialize_pem().as_bytes(), "holds a private key"),
            (
                b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
                "a request",
            ),
            (made.cert.der(), "-inform DER"),
            (cut.as_bytes(), "as PEM at its certificate 1"),
            (garbled.as_bytes(), "its number 1, that cannot be used"),
        ] {
            let message = of(bytes).unwrap_err();
            assert!(message.starts_with("--ca-file: "), "{message}");
            assert!(message.contains("ca.pem") && message.contains(words), "{message}");
        }
        let absent = read("SSL_CERT_FILE", &dir.path().join("absent")).unwrap_err().to_string();
        assert!(
            absent.starts_with("SSL_CERT_FILE: ") && absent.contains("cannot be read"),
            "{absent}"
        );
    }
}

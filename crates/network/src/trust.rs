//! Which certificates are trusted.
//!
//! Besides what chains to a trusted authority, a server's certificate is accepted if it is itself
//! among those trusted, as OpenSSL and Python do: `openssl req -x509` makes certificates that are
//! authority and server in one, which the rules for chains forbid. Its dates and names count all
//! the same.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, OtherError, RootCertStore,
    SignatureScheme,
};

use crate::NetworkError;
use crate::ca_file;
use crate::variables::Variables;

/// What `SSL_CERT_FILE` and `SSL_CERT_DIR` name, or else what the system trusts.
pub(crate) fn of_environment(
    variables: &Variables,
) -> Result<Vec<CertificateDer<'static>>, NetworkError> {
    Ok(named(variables)?.unwrap_or_else(of_this_machine))
}

/// TLS for a client that trusts these certificates; where there are none, as in a container without
/// any, those of the authorities that browsers trust.
pub(crate) fn client(trusted: Vec<CertificateDer<'static>>) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    // What the system holds need not all be readable; what a person named was checked.
    roots.add_parsable_certificates(trusted.iter().cloned());
    if roots.is_empty() {
        let built_in = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned();
        roots.add_parsable_certificates(built_in);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Verifier::new(roots, trusted, &provider);
    with_provider(provider, verifier)
}

/// TLS for a client that is not to speak any: it trusts nobody, which is quick to set up.
pub(crate) fn nobody() -> ClientConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Verifier::new(RootCertStore::empty(), Vec::new(), &provider);
    with_provider(provider, verifier)
}

fn with_provider(provider: Arc<CryptoProvider>, verifier: Verifier) -> ClientConfig {
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider knows the usual versions of TLS")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}

/// What `SSL_CERT_FILE` and `SSL_CERT_DIR` name, if either is set.
fn named(variables: &Variables) -> Result<Option<Vec<CertificateDer<'static>>>, NetworkError> {
    let file = variables.first(&["SSL_CERT_FILE"]);
    let folders = variables.first(&["SSL_CERT_DIR"]);
    if file.is_none() && folders.is_none() {
        return Ok(None);
    }
    let mut found = Vec::new();
    if let Some((origin, path)) = file {
        found.extend(ca_file::read(origin, Path::new(path))?);
    }
    if let Some((origin, paths)) = folders {
        let paths: Vec<_> =
            std::env::split_paths(paths).filter(|path| !path.as_os_str().is_empty()).collect();
        for path in &paths {
            found.extend(ca_file::read_folder(origin, path)?);
        }
        if let (true, Some(path)) = (found.is_empty(), paths.first()) {
            return Err(NetworkError::Certificates {
                origin,
                path: path.clone(),
                problem: "holds no file with a certificate in PEM".to_owned(),
            });
        }
    }
    Ok(Some(found))
}

/// What the system trusts. What it cannot read is left out, as every program does.
#[cfg(all(unix, not(target_vendor = "apple")))]
fn of_this_machine() -> Vec<CertificateDer<'static>> {
    // Asked for by hand, because the crate takes an empty SSL_CERT_FILE for a file.
    let file = openssl_probe::probe().cert_file.filter(|path| !path.as_os_str().is_empty());
    let found = rustls_native_certs::load_certs_from_paths(file.as_deref(), None).certs;
    if !found.is_empty() {
        return found;
    }
    let folder = openssl_probe::candidate_cert_dirs().next();
    rustls_native_certs::load_certs_from_paths(None, folder).certs
}

#[cfg(not(all(unix, not(target_vendor = "apple"))))]
fn of_this_machine() -> Vec<CertificateDer<'static>> {
    rustls_native_certs::load_native_certs().certs
}

#[derive(Debug)]
struct Verifier {
    /// Nothing where no authority is trusted.
    chains: Option<Arc<WebPkiServerVerifier>>,
    trusted: HashSet<CertificateDer<'static>>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Verifier {
    fn new(
        roots: RootCertStore,
        trusted: Vec<CertificateDer<'static>>,
        provider: &Arc<CryptoProvider>,
    ) -> Self {
        let chains =
            WebPkiServerVerifier::builder_with_provider(roots.into(), Arc::clone(provider));
        Self {
            // It is refused only for want of roots.
            chains: chains.build().ok(),
            trusted: trusted.into_iter().collect(),
            algorithms: provider.signature_verification_algorithms,
        }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(chains) = &self.chains else {
            return Err(CertificateError::UnknownIssuer.into());
        };
        match chains.verify_server_cert(end_entity, intermediates, name, ocsp_response, now) {
            Err(rustls::Error::InvalidCertificate(error))
                if lacks_only_an_issuer(&error) && self.trusted.contains(end_entity) =>
            {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, name)?;
                Ok(ServerCertVerified::assertion())
            }
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Whether all that is wrong with a certificate is where it comes from. Its dates are checked before
/// that, which a test watches.
fn lacks_only_an_issuer(error: &CertificateError) -> bool {
    matches!(error, CertificateError::UnknownIssuer | CertificateError::BadSignature)
        || is_authority_as_server(error)
}

/// Whether a server shows the certificate of an authority as its own.
pub(crate) fn is_authority_as_server(error: &CertificateError) -> bool {
    match error {
        CertificateError::Other(OtherError(inner)) => {
            matches!(inner.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
    use time::{Duration, OffsetDateTime};

    use super::*;

    /// A certificate for a.org, changed by `change`, that has signed itself.
    fn own(change: impl FnOnce(&mut CertificateParams)) -> CertificateDer<'static> {
        let mut params = CertificateParams::new(["a.org".to_owned()]).unwrap();
        change(&mut params);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().clone()
    }

    fn authority(params: &mut CertificateParams) {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }

    fn verify(
        trusted: &[CertificateDer<'static>],
        shown: &CertificateDer<'static>,
        name: &'static str,
    ) -> Result<(), CertificateError> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(trusted.iter().cloned());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = Verifier::new(roots, trusted.to_vec(), &provider);
        let name = ServerName::try_from(name).unwrap();
        match verifier.verify_server_cert(shown, &[], &name, &[], UnixTime::now()) {
            Ok(_) => Ok(()),
            Err(rustls::Error::InvalidCertificate(error)) => Err(error),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn a_trusted_certificate_is_accepted_as_the_servers_own() {
        let both = own(authority);
        assert_eq!(verify(std::slice::from_ref(&both), &both, "a.org"), Ok(()));
        let plain = own(|_| ());
        assert_eq!(verify(std::slice::from_ref(&plain), &plain, "a.org"), Ok(()));
        // Another one of the same name is not the same.
        let other = own(authority);
        let error = verify(&[other], &both, "a.org").unwrap_err();
        assert!(is_authority_as_server(&error), "{error:?}");
        let error = verify(&[both], &plain, "a.org").unwrap_err();
        assert!(
            matches!(error, CertificateError::UnknownIssuer | CertificateError::BadSignature),
            "{error:?}"
        );
    }

    #[test]
    fn a_leaf_is_trusted_by_itself_and_by_its_issuer() {
        let mut params = CertificateParams::new(["ca.org".to_owned()]).unwrap();
        authority(&mut params);
        params.distinguished_name.push(rcgen::DnType::CommonName, "An authority");
        let issuer_key = KeyPair::generate().unwrap();
        let issuer = params.self_signed(&issuer_key).unwrap();
        let params = CertificateParams::new(["a.org".to_owned()]).unwrap();
        let leaf = params.signed_by(&KeyPair::generate().unwrap(), &issuer, &issuer_key).unwrap();
        let leaf = leaf.der().clone();
        assert_eq!(verify(&[issuer.der().clone()], &leaf, "a.org"), Ok(()));
        assert_eq!(verify(std::slice::from_ref(&leaf), &leaf, "a.org"), Ok(()));
        let stranger = own(|_| ());
        assert_eq!(verify(&[stranger], &leaf, "a.org"), Err(CertificateError::UnknownIssuer));
    }

    #[test]
    fn names_and_dates_count_for_a_trusted_certificate_as_well() {
        let days = |days| OffsetDateTime::now_utc() + Duration::days(days);
        for as_authority in [true, false] {
            let made = |from: i64, to: i64| {
                own(|params| {
                    if as_authority {
                        authority(params);
                    }
                    params.not_before = days(from);
                    params.not_after = days(to);
                })
            };
            let good = made(-1, 1);
            assert_eq!(verify(std::slice::from_ref(&good), &good, "a.org"), Ok(()));
            let error = verify(std::slice::from_ref(&good), &good, "b.org").unwrap_err();
            assert!(matches!(error, CertificateError::NotValidForNameContext { .. }), "{error:?}");
            let old = made(-2, -1);
            let error = verify(std::slice::from_ref(&old), &old, "a.org").unwrap_err();
            assert!(matches!(error, CertificateError::ExpiredContext { .. }), "{error:?}");
            let early = made(1, 2);
            let error = verify(std::slice::from_ref(&early), &early, "a.org").unwrap_err();
            assert!(matches!(error, CertificateError::NotValidYetContext { .. }), "{error:?}");
        }
    }

    #[test]
    fn variables_and_flag_name_what_is_trusted() {
        let dir = tempfile::tempdir().unwrap();
        let made = rcgen::generate_simple_self_signed(["a.org".to_owned()]).unwrap();
        let file = dir.path().join("ca.pem");
        std::fs::write(&file, made.cert.pem()).unwrap();
        let path = |path: &Path| path.to_str().unwrap().to_owned();
        let trusted =
            |variables: Variables| named(&variables).map(|found| found.map(|found| found.len()));
        assert_eq!(trusted([].into()).unwrap(), None);
        assert_eq!(trusted([("SSL_CERT_FILE", ""), ("SSL_CERT_DIR", "")].into()).unwrap(), None);
        assert_eq!(trusted([("SSL_CERT_FILE", path(&file).as_str())].into()).unwrap(), Some(1));
        assert_eq!(trusted([("SSL_CERT_DIR", path(dir.path()).as_str())].into()).unwrap(), Some(1));
        let absent = path(&dir.path().join("absent"));
        for variable in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
            let message = trusted([(variable, absent.as_str())].into()).unwrap_err().to_string();
            assert!(message.contains(variable) && message.contains("absent"), "{message}");
        }
        let absent: Variables = [("SSL_CERT_FILE", absent.as_str())].into();
        let network = crate::Network::new(absent);
        assert!(network.tls(true).is_err());
        assert!(network.tls(false).is_ok(), "who speaks no TLS is not held up");
        assert!(network.clone().with_ca_file(Some(file)).tls(false).is_ok());
        assert!(network.with_ca_file(Some(dir.path().join("b"))).tls(false).is_err());
    }
}

//! The way to a server: proxies, certificates, encodings, headers.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::hostile::{DataSet, Place, wav};
use crate::program::{Ended, VARIABLES, avibench, contents, folder, run, smoke_set};

const ANSWER: &str = r#"{"choices":[{"message":{"content":"yes"},"finish_reason":"stop"}]}"#;
const PASSWORD: &str = "hidden-0123456789";

/// What happens to a connection.
type Serve = Arc<dyn Fn(TcpStream) + Send + Sync>;

/// Takes connections on a free port for as long as the tests run.
fn listen(serve: Serve) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = Arc::clone(&serve);
            std::thread::spawn(move || serve(stream));
        }
    });
    port
}

/// Reads a head, up to and with the empty line.
fn head(stream: &mut impl Read) -> Option<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    String::from_utf8(head).ok()
}

/// The heads of the requests that came in.
#[derive(Clone, Default)]
struct Heads(Arc<Mutex<Vec<String>>>);

impl Heads {
    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    /// Answers the requests of a connection with `response`.
    fn answer(&self, stream: &mut (impl Read + Write), response: &[u8]) {
        while let Some(head) = head(stream) {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().unwrap())
            });
            std::io::copy(&mut stream.take(length.unwrap_or(0)), &mut std::io::sink()).unwrap();
            self.0.lock().unwrap().push(head);
            if stream.write_all(response).and_then(|()| stream.flush()).is_err() {
                return;
            }
        }
    }
}

fn response(headers: &str, body: &[u8]) -> Vec<u8> {
    let mut response =
        format!("HTTP/1.1 200 OK\r\n{headers}Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    response.extend_from_slice(body);
    response
}

/// A server without TLS.
fn plain(response: Vec<u8>) -> (u16, Heads) {
    let heads = Heads::default();
    let kept = heads.clone();
    (listen(Arc::new(move |mut stream| kept.answer(&mut stream, &response))), heads)
}

/// A certificate that has signed itself, and the file that holds it.
struct Own {
    config: Arc<rustls::ServerConfig>,
    file: PathBuf,
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

impl Own {
    fn new(folder: &Path, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        // As `openssl req -x509` makes it: authority and server in one.
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let file = folder.join("own.pem");
        std::fs::write(&file, certificate.pem()).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key.clone_key())
            .unwrap();
        Self { config: Arc::new(config), file, certificate: certificate.der().clone(), key }
    }

    /// The same server when it wants to know its clients by certificates of its own making.
    fn with_known_clients(self, version: &'static rustls::SupportedProtocolVersion) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = rustls::RootCertStore::empty();
        roots.add(self.certificate.clone()).unwrap();
        let clients = rustls::server::WebPkiClientVerifier::builder_with_provider(
            Arc::new(roots),
            Arc::clone(&provider),
        );
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[version])
            .unwrap()
            .with_client_cert_verifier(clients.build().unwrap())
            .with_single_cert(vec![self.certificate.clone()], self.key.clone_key())
            .unwrap();
        Self { config: Arc::new(config), ..self }
    }

    fn serve(&self) -> (u16, Heads) {
        let (heads, config) = (Heads::default(), Arc::clone(&self.config));
        let kept = heads.clone();
        let answer = response("", ANSWER.as_bytes());
        let serve = move |stream| {
            let session = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            kept.answer(&mut rustls::StreamOwned::new(session, stream), &answer);
        };
        (listen(Arc::new(serve)), heads)
    }
}

/// Sends bytes both ways until either end is done.
fn join(one: TcpStream, other: TcpStream) {
    let (mut from, mut to) = (one.try_clone().unwrap(), other.try_clone().unwrap());
    let there = std::thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(std::net::Shutdown::Write);
    });
    let (mut from, mut to) = (other, one);
    let _ = std::io::copy(&mut from, &mut to);
    let _ = to.shutdown(std::net::Shutdown::Write);
    let _ = there.join();
}

/// An HTTP proxy that leads everywhere to one port and may ask for a user: plain requests and
/// tunnels.
fn http_proxy(target: u16, user: Option<&'static str>) -> (u16, Heads) {
    let heads = Heads::default();
    let kept = heads.clone();
    let serve = move |mut stream: TcpStream| {
        let Some(head) = head(&mut stream) else { return };
        kept.0.lock().unwrap().push(head.clone());
        let credentials = user.map(|user| format!("proxy-authorization: Basic {user}\r\n"));
        if !credentials
            .is_none_or(|line| head.to_ascii_lowercase().contains(&line.to_ascii_lowercase()))
        {
            let refusal =
                "HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            let _ = stream.write_all(refusal.as_bytes());
            return;
        }
        let mut server = TcpStream::connect(("127.0.0.1", target)).unwrap();
        if head.starts_with("CONNECT ") {
            stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").unwrap();
        } else {
            server.write_all(head.as_bytes()).unwrap();
        }
        join(stream, server);
    };
    (listen(Arc::new(serve)), heads)
}

/// A SOCKS 5 proxy that leads everywhere to one port; it notes the names it is asked for.
fn socks_proxy(target: u16, user: Option<&'static str>) -> (u16, Heads) {
    let heads = Heads::default();
    let kept = heads.clone();
    let serve = move |mut stream: TcpStream| {
        let take = |stream: &mut TcpStream, count: usize| {
            let mut bytes = vec![0; count];
            stream.read_exact(&mut bytes).unwrap();
            bytes
        };
        let methods = take(&mut stream, 2)[1];
        take(&mut stream, methods.into());
        stream.write_all(&[5, if user.is_some() { 2 } else { 0 }]).unwrap();
        if let Some(user) = user {
            let length = take(&mut stream, 2)[1];
            let mut given = String::from_utf8(take(&mut stream, length.into())).unwrap();
            let length = take(&mut stream, 1)[0];
            given += ":";
            given += &String::from_utf8(take(&mut stream, length.into())).unwrap();
            stream.write_all(&[1, u8::from(given != user)]).unwrap();
            if given != user {
                return;
            }
        }
        let request = take(&mut stream, 5);
        assert_eq!(request[3], 3, "the proxy is to look the name up");
        let name = take(&mut stream, usize::from(request[4]) + 2);
        kept.0.lock().unwrap().push(String::from_utf8_lossy(&name[..name.len() - 2]).into_owned());
        stream.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 0]).unwrap();
        join(stream, TcpStream::connect(("127.0.0.1", target)).unwrap());
    };
    (listen(Arc::new(serve)), heads)
}

/// Asks one question at `base_url`.
fn ask(root: &Path, base_url: &str, variables: &[(&str, &str)], arguments: &[&str]) -> Ended {
    let mut command = avibench(root);
    command
        .args(["run", "--base-url", base_url, "--model-path", "m", "--model-label", "m"])
        .args(["--tasks", "AVM", "--n-samples", "1", "--tries", "1", "--data-root"])
        .arg(smoke_set())
        .args(arguments)
        .env("OPENAI_API_KEY", "EMPTY")
        .envs(variables.iter().copied());
    command.output().unwrap().into()
}

/// As [`ask`] in a folder of its own, and it is answered.
#[track_caller]
fn answered(base_url: &str, variables: &[(&str, &str)], arguments: &[&str]) {
    let root = folder();
    ask(root.path(), base_url, variables, arguments).expect(0);
    let files = contents(&root.path().join("user_outputs"));
    assert!(files.values().any(|file| String::from_utf8_lossy(file).contains("\"yes\"")));
    for (path, file) in files {
        assert!(!String::from_utf8_lossy(&file).contains(PASSWORD), "{}", path.display());
    }
}

/// As [`ask`] in a folder of its own; it fails, and this is everything it says.
#[track_caller]
fn complaint(base_url: &str, variables: &[(&str, &str)], arguments: &[&str]) -> String {
    let root = folder();
    let ended = ask(root.path(), base_url, variables, arguments);
    assert_ne!(ended.code, Some(0), "{ended:?}");
    assert!(!ended.stderr.contains(PASSWORD), "{}", ended.stderr);
    for (path, file) in contents(root.path()) {
        assert!(!String::from_utf8_lossy(&file).contains(PASSWORD), "{}", path.display());
    }
    ended.stderr.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn requests_go_through_proxies_of_every_kind() {
    let (port, heads) = plain(response("", ANSWER.as_bytes()));
    let base_url = "http://model.test:8000/v1";
    let (proxy, seen) = http_proxy(port, None);
    answered(base_url, &[("HTTP_PROXY", &format!("http://127.0.0.1:{proxy}"))], &[]);
    assert!(seen.all()[0].starts_with("POST http://model.test:8000/v1/chat/completions HTTP/1.1"));
    answered(base_url, &[("all_proxy", &format!("127.0.0.1:{proxy}"))], &[]);
    assert_eq!(seen.all().len(), 2);
    let (proxy, _) = http_proxy(port, Some("bWU6aGlkZGVuLTAxMjM0NTY3ODk="));
    answered(base_url, &[("http_proxy", &format!("http://me:{PASSWORD}@127.0.0.1:{proxy}"))], &[]);
    for (user, credentials) in
        [(None, String::new()), (Some("me:hidden-0123456789"), format!("me:{PASSWORD}@"))]
    {
        let (proxy, names) = socks_proxy(port, user);
        let proxy = format!("socks5h://{credentials}127.0.0.1:{proxy}");
        answered(base_url, &[("ALL_PROXY", &proxy)], &[]);
        assert_eq!(names.all(), ["model.test"]);
    }
    assert_eq!(heads.all().len(), 5);
}

#[test]
fn tls_goes_through_tunnels() {
    let root = folder();
    let own = Own::new(root.path(), "model.test", |_| ());
    let (port, heads) = own.serve();
    let trusted = ["--ca-file", own.file.to_str().unwrap()];
    let (proxy, seen) = http_proxy(port, None);
    let proxy = format!("http://127.0.0.1:{proxy}");
    answered("https://model.test/v1", &[("HTTPS_PROXY", &proxy)], &trusted);
    assert!(seen.all()[0].starts_with("CONNECT model.test:443 "));
    let (proxy, _) = socks_proxy(port, None);
    let proxy = format!("socks5h://127.0.0.1:{proxy}");
    answered("https://model.test/v1", &[("https_proxy", &proxy)], &trusted);
    assert_eq!(heads.all().len(), 2);
    let said = complaint("https://other.test/v1", &[("https_proxy", &proxy)], &trusted);
    assert!(said.contains("is for model.test, not for other.test"), "{said}");
    assert!(said.contains("through the proxy socks5h://127.0.0.1"), "{said}");
}

#[test]
fn what_goes_wrong_at_a_proxy_names_it_and_its_variable() {
    let (port, heads) = plain(response("", ANSWER.as_bytes()));
    let (asking, _) = http_proxy(port, Some("xxxx"));
    let asking = format!("http://me:{PASSWORD}@127.0.0.1:{asking}");
    let dead = format!("http://me:{PASSWORD}@127.0.0.1:9");
    let dead_socks = "socks5h://127.0.0.1:9";
    for (base_url, variable, value, words) in [
        (
            "http://model.test/v1",
            "HTTP_PROXY",
            dead.as_str(),
            "connection refused at the proxy http://127.0.0.1:9 (HTTP_PROXY)",
        ),
        (
            "https://model.test/v1",
            "https_proxy",
            &dead,
            "at the proxy http://127.0.0.1:9 (https_proxy)",
        ),
        (
            "http://model.test/v1",
            "ALL_PROXY",
            dead_socks,
            "at the proxy socks5h://127.0.0.1:9 (ALL_PROXY)",
        ),
        (
            "http://model.test/v1",
            "HTTP_PROXY",
            &asking,
            "(HTTP_PROXY) asks for a user name and a password",
        ),
        ("https://model.test/v1", "HTTPS_PROXY", &asking, "(HTTPS_PROXY)"),
        (
            "http://model.test/v1",
            "HTTP_PROXY",
            "ftp://hidden-0123456789@x",
            "HTTP_PROXY holds no proxy",
        ),
        (
            "https://model.test/v1",
            "ALL_PROXY",
            "http://:::hidden-0123456789",
            "ALL_PROXY holds no proxy",
        ),
    ] {
        let said = complaint(base_url, &[(variable, value)], &[]);
        assert!(said.contains(words), "{variable}={value}: {said}");
        assert!(!said.contains("is --base-url right"), "{said}");
    }
    assert_eq!(heads.all().len(), 0);
}

#[test]
fn this_machine_is_reached_whatever_the_proxies() {
    let (port, _) = plain(response("", ANSWER.as_bytes()));
    for host in ["127.0.0.1", "localhost"] {
        for value in ["http://127.0.0.1:9", "socks5://127.0.0.1:9", "::::", "ftp://x"] {
            let all = ["HTTP_PROXY", "http_proxy", "ALL_PROXY"].map(|name| (name, value));
            answered(&format!("http://{host}:{port}/v1"), &all, &[]);
        }
    }
}

/// Proxies that nobody answers at and certificates that are not there, as the environment may name them.
pub(crate) const NOBODY_THERE: [(&str, &str); 3] = [
    ("ALL_PROXY", "socks5://127.0.0.1:9"),
    ("http_proxy", "http://127.0.0.1:9"),
    ("SSL_CERT_FILE", "/nowhere"),
];

#[test]
fn a_certificate_that_signed_itself_is_trusted_where_it_is_named() {
    let root = folder();
    let own = Own::new(root.path(), "127.0.0.1", |_| ());
    let (port, heads) = own.serve();
    let base_url = format!("https://127.0.0.1:{port}/v1");
    let file = own.file.to_str().unwrap();
    answered(&base_url, &[], &["--ca-file", file]);
    answered(&base_url, &[("SSL_CERT_FILE", file)], &[]);
    answered(
        &base_url,
        &[("SSL_CERT_DIR", root.path().to_str().unwrap()), ("SSL_CERT_FILE", "")],
        &[],
    );
    assert_eq!(heads.all().len(), 3);
    let said = complaint(&base_url, &[], &[]);
    assert!(said.contains("has signed itself") && said.contains("--ca-file"), "{said}");
}

#[test]
fn what_is_wrong_with_tls_is_said_with_the_mend() {
    let root = folder();
    let days = |days| time::OffsetDateTime::now_utc() + time::Duration::days(days);
    let file = root.path().join("own.pem");
    let trusted = ["--ca-file", file.to_str().unwrap()];
    let told = |own: &Own| {
        let (port, _) = own.serve();
        complaint(&format!("https://127.0.0.1:{port}/v1"), &[], &trusted)
    };
    let said = told(&Own::new(root.path(), "model.test", |_| ()));
    assert!(said.contains("is for model.test, not for 127.0.0.1"), "{said}");
    let said = told(&Own::new(root.path(), "127.0.0.1", |params| params.not_after = days(-1)));
    assert!(said.contains("its certificate expired at 20"), "{said}");
    let said = told(&Own::new(root.path(), "127.0.0.1", |params| params.not_before = days(1)));
    assert!(said.contains("its certificate is valid from 20"), "{said}");

    // What is no HTTP is answered at once, as servers do.
    let port = listen(Arc::new(|mut stream| {
        let _ = stream.read(&mut [0; 64]);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    }));
    let said = complaint(&format!("https://127.0.0.1:{port}/v1"), &[], &[]);
    assert!(said.contains("use http:// instead of https://"), "{said}");
    let own = Own::new(root.path(), "127.0.0.1", |_| ());
    let said = complaint(&format!("http://127.0.0.1:{}/v1", own.serve().0), &[], &[]);
    assert!(said.contains("https://"), "{said}");

    for (content, words) in [("", "is empty"), ("hello", "holds no certificate")] {
        std::fs::write(&file, content).unwrap();
        let said = complaint(&format!("http://127.0.0.1:{port}/v1"), &[], &trusted);
        assert!(said.contains("--ca-file: ") && said.contains(words), "{said}");
    }
}

#[test]
fn a_server_that_wants_a_certificate_of_the_client_is_told_of_by_what_it_wants() {
    for version in [&rustls::version::TLS13, &rustls::version::TLS12] {
        let root = folder();
        let own = Own::new(root.path(), "127.0.0.1", |_| ()).with_known_clients(version);
        let (port, heads) = own.serve();
        let trusted = ["--ca-file", own.file.to_str().unwrap()];
        let said = complaint(&format!("https://127.0.0.1:{port}/v1"), &[], &trusted);
        assert!(said.contains("asks for a certificate of the client"), "{version:?}: {said}");
        assert!(said.contains("ask its keeper for a way in with a key"), "{version:?}: {said}");
        assert!(heads.all().is_empty(), "nothing was asked");
    }
}

#[test]
fn an_answer_that_unpacks_to_more_than_its_bound_is_given_up() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let blanks = vec![b' '; 1 << 20];
    for _ in 0..64 {
        gzip.write_all(&blanks).unwrap();
    }
    gzip.write_all(ANSWER.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    for headers in [
        "Content-Encoding: gzip\r\n",
        "Content-Encoding: gzip\r\nContent-Type: text/event-stream\r\n",
    ] {
        let (port, _) = plain(response(headers, &gzip));
        let said = complaint(&format!("http://127.0.0.1:{port}/v1"), &[], &[]);
        assert!(said.contains("the body is longer than 16 MiB"), "{said}");
    }
    // What belongs to an error status is bounded, too, and the status counts.
    let refusal = String::from_utf8_lossy(&response("Content-Encoding: gzip\r\n", b"")[..])
        .replace("200 OK", "500 Broken")
        .replace("Content-Length: 0", &format!("Content-Length: {}", gzip.len()));
    let (port, _) = plain([refusal.as_bytes(), &gzip].concat());
    let said = complaint(&format!("http://127.0.0.1:{port}/v1"), &[], &[]);
    assert!(said.contains("HTTP 500"), "{said}");
}

#[test]
fn answers_are_decoded_though_nobody_asked_for_it() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(ANSWER.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    zlib.write_all(ANSWER.as_bytes()).unwrap();
    for (headers, body) in [
        ("Content-Encoding: gzip\r\nContent-Type: application/json\r\n", gzip),
        ("Content-Encoding: deflate\r\n", zlib.finish().unwrap()),
        ("Content-Encoding: identity\r\n", ANSWER.as_bytes().to_vec()),
    ] {
        let (port, heads) = plain(response(headers, &body));
        answered(&format!("http://127.0.0.1:{port}/v1"), &[], &[]);
        assert!(!heads.all()[0].to_ascii_lowercase().contains("gzip"), "it is not asked for");
    }
    let (port, _) = plain(response("Content-Encoding: x-own\r\n", b"\x01\x02"));
    let said = complaint(&format!("http://127.0.0.1:{port}/v1"), &[], &[]);
    assert!(said.contains("Content-Encoding") && said.contains("x-own"), "{said}");
}

/// Left to themselves, the operating system and the client give up an upload that nobody takes for
/// half a minute, and call that a timeout.
#[test]
fn an_upload_waits_for_a_busy_server_as_long_as_a_request_may_take() {
    let serve = |mut stream: TcpStream| {
        std::thread::sleep(Duration::from_secs(40));
        Heads::default().answer(&mut stream, &response("", ANSWER.as_bytes()));
    };
    let port = listen(Arc::new(serve));
    let root = folder();
    // More than what both sides of a connection hold on the way.
    DataSet::new(root.path()).add(Place::Audio, "large.wav", &wav(12 << 20, b""));
    let endpoint = format!("--base-url http://127.0.0.1:{port}/v1 --model-path m --tries 1");
    run(root.path(), &format!("run --data-root data {endpoint}")).expect(0);
}

#[test]
fn headers_bring_a_key_from_elsewhere_and_stay_secret() {
    let echo = format!(
        "{{\"choices\":[{{\"message\":{{\"content\":\"yes {PASSWORD}\"}},\"finish_reason\":\"stop\"}}]}}"
    );
    let (port, heads) = plain(response("", echo.as_bytes()));
    let root = folder();
    let file = root.path().join("value");
    std::fs::write(&file, format!("Token {PASSWORD}\n")).unwrap();
    let base_url = format!("http://127.0.0.1:{port}/openai/deployments/d?api-version=2024-10-21");
    let from_file = format!("Authorization=@{}", file.display());
    let ended = ask(
        root.path(),
        &base_url,
        &[("AZURE_KEY", PASSWORD), ("OPENAI_API_KEY", "sk-another-0123")],
        &["--header", "api-key=AZURE_KEY", "--header", &from_file, "--log-json", "log"],
    )
    .expect(0);
    assert!(!ended.stderr.contains(PASSWORD));
    let head = &heads.all()[0];
    assert!(
        head.starts_with("POST /openai/deployments/d/chat/completions?api-version=2024-10-21 "),
        "{head}"
    );
    let lower = head.to_ascii_lowercase();
    assert!(lower.contains(&format!("api-key: {PASSWORD}")), "{head}");
    assert!(lower.contains(&format!("authorization: token {PASSWORD}")), "{head}");
    assert!(!lower.contains("bearer"), "{head}");
    std::fs::remove_file(&file).unwrap();
    for (path, file) in contents(root.path()) {
        assert!(!String::from_utf8_lossy(&file).contains(PASSWORD), "{}", path.display());
    }
    for (flag, words) in [
        ("Content-Length=AZURE_KEY", "the length of a request is measured"),
        ("Host=AZURE_KEY", "it follows from --base-url"),
        ("x-key=NOT_THERE", "NOT_THERE is not set"),
        ("x-key: hidden-0123456789", "does not belong on the command line"),
    ] {
        let said = complaint(&base_url, &[("AZURE_KEY", PASSWORD)], &["--header", flag]);
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn users_in_urls_are_let_in_and_their_passwords_told_to_nobody() {
    let echo = format!(
        "{{\"choices\":[{{\"message\":{{\"content\":\"yes {PASSWORD}\"}},\"finish_reason\":\"stop\"}}]}}"
    );
    let (port, heads) = plain(response("", echo.as_bytes()));
    let root = folder();
    let base_url = format!("http://me:{PASSWORD}@127.0.0.1:{port}/v1");
    ask(root.path(), &base_url, &[], &[]).expect(0);
    assert!(heads.all()[0].contains("Basic bWU6aGlkZGVuLTAxMjM0NTY3ODk="), "{:?}", heads.all());
    for (path, file) in contents(&root.path().join("user_outputs")) {
        assert!(!String::from_utf8_lossy(&file).contains(PASSWORD), "{}", path.display());
    }
}

#[test]
fn empty_variables_are_unset() {
    let (port, _) = plain(response("", ANSWER.as_bytes()));
    let empty: Vec<(&str, &str)> = VARIABLES.map(|name| (name, "")).into();
    answered(&format!("http://127.0.0.1:{port}/v1"), &empty, &[]);
    let root = folder();
    let ended: Ended = avibench(root.path())
        .args(["run", "--model-path", "m"])
        .envs(empty.iter().copied())
        .output()
        .unwrap()
        .into();
    assert!(!ended.stderr.contains("is no base URL"), "{}", ended.stderr);
}

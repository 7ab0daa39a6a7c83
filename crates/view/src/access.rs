//! Who may see anything: whoever brings the cookie that the token in the printed address gives, from this
//! server's own pages.
//!
//! Other users of the machine reach 127.0.0.1, too, and pages of other servers may send requests here in
//! the name of whoever looks at them; both get nothing.

use axum::extract::{Request, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, COOKIE, HOST, ORIGIN, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use sha2::{Digest as _, Sha256};

use crate::ViewError;
use crate::answer;

/// Where the token is handed in.
pub(crate) const ENTRANCE: &str = "/enter/";

/// The secrets of one server.
#[derive(Debug)]
pub(crate) struct Access {
    token: String,
    /// Name and value. The name is the server's own, because cookies do not tell ports apart.
    cookie: (String, String),
}

impl Access {
    pub(crate) fn new() -> Result<Self, ViewError> {
        let cookie = (format!("avibench-{}", random::<4>()?), random::<32>()?);
        Ok(Self { token: random::<24>()?, cookie })
    }

    /// The path that lets in.
    pub(crate) fn entrance(&self) -> String {
        format!("{ENTRANCE}{}", self.token)
    }

    fn has_cookie(&self, headers: &HeaderMap) -> bool {
        let (name, value) = &self.cookie;
        let cookies = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
        let mut pairs = cookies.flat_map(|header| header.split(';')).map(str::trim);
        pairs.any(|pair| pair.split_once('=').is_some_and(|(n, v)| n == name && is_same(v, value)))
    }

    /// The answer to a token: a page that goes on to the first one. A redirection would not do, because
    /// browsers send no strict cookie along when another site led here.
    fn let_in(&self, token: &str) -> Response {
        if !is_same(token, &self.token) {
            return forbidden();
        }
        let (name, value) = &self.cookie;
        let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict");
        let page = "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><meta http-equiv=\"refresh\" content=\"0;url=/\">\
                    <link rel=\"icon\" href=\"data:,\">\
                    <title>avibench</title><p><a href=\"/\">All labels</a></p></html>\n";
        let mut response = answer::html(page.to_owned().into_bytes());
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().insert(SET_COOKIE, cookie);
        }
        response
    }
}

/// Lets requests through that may, and puts on every answer what browsers should keep to.
pub(crate) async fn guard(
    State(access): State<std::sync::Arc<Access>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = answered(&access, request, next).await;
    let headers = response.headers_mut();
    let mut set = |name: &'static str, value: &'static str| {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    };
    set("cache-control", "no-store");
    set("x-content-type-options", "nosniff");
    set("x-frame-options", "DENY");
    set("referrer-policy", "no-referrer");
    set("cross-origin-resource-policy", "same-origin");
    set("cross-origin-opener-policy", "same-origin");
    // Pages have a policy of their own, which this one only narrows.
    if !headers.contains_key(CONTENT_SECURITY_POLICY) {
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("frame-ancestors 'none'"));
    }
    response
}

async fn answered(access: &Access, request: Request, next: Next) -> Response {
    let headers = request.headers();
    // Of two, another program on the way might take the other one.
    let is_clear = [HOST, ORIGIN].iter().all(|name| headers.get_all(name).iter().count() < 2);
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).filter(|_| is_clear);
    let Some(host) = host else {
        return answer::text(StatusCode::BAD_REQUEST, "the request does not name one host");
    };
    if !is_local(host) {
        return answer::text(
            StatusCode::FORBIDDEN,
            "this server answers as localhost, 127.0.0.1 or [::1] only: open the address that \
             `avibench view` printed",
        );
    }
    if let Some(token) = request.uri().path().strip_prefix(ENTRANCE) {
        return match *request.method() {
            Method::GET => access.let_in(token),
            _ => answer::text(StatusCode::METHOD_NOT_ALLOWED, "the entrance is only looked at"),
        };
    }
    if !is_own(host, request.method(), headers) || !access.has_cookie(headers) {
        return forbidden();
    }
    next.run(request).await
}

fn forbidden() -> Response {
    answer::text(
        StatusCode::FORBIDDEN,
        "open the address that `avibench view` printed: it lets your browser in",
    )
}

/// Whether a `Host` is this machine by a name that no other server can take on; any port, because
/// tunnels have ports of their own.
fn is_local(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => host,
    };
    name.eq_ignore_ascii_case("localhost") || name == "127.0.0.1" || name == "[::1]"
}

/// Whether a request comes from a page of this server, or from a person. What changes something must say
/// where it comes from.
fn is_own(host: &str, method: &Method, headers: &HeaderMap) -> bool {
    let text =
        |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let site = text(&HeaderName::from_static("sec-fetch-site"));
    if site.is_some_and(|site| site != "same-origin" && site != "none") {
        return false;
    }
    match text(&ORIGIN) {
        Some(origin) => origin.strip_prefix("http://") == Some(host),
        None => matches!(*method, Method::GET | Method::HEAD),
    }
}

/// Compares without telling by its time how much is the same.
fn is_same(given: &str, right: &str) -> bool {
    Sha256::digest(given) == Sha256::digest(right)
}

fn random<const BYTES: usize>() -> Result<String, ViewError> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(ViewError::Random)?;
    Ok(hex::encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn only_this_machine_is_local() {
        for host in ["localhost", "LocalHost:8000", "127.0.0.1:1", "[::1]", "[::1]:9000"] {
            assert!(is_local(host), "{host}");
        }
        for host in
            ["", "example.org", "localhost.example.org", "127.0.0.1.nip.io:80", "::1", "[::2]"]
        {
            assert!(!is_local(host), "{host}");
        }
    }

    #[test]
    fn requests_of_other_pages_are_not_own() {
        let own = |method, pairs: &[(&'static str, &str)]| {
            is_own("localhost:8000", &method, &headers(pairs))
        };
        assert!(own(Method::GET, &[]));
        assert!(own(Method::GET, &[("sec-fetch-site", "none")]));
        assert!(own(Method::POST, &[("origin", "http://localhost:8000")]));
        assert!(!own(Method::POST, &[]), "what changes something says where it comes from");
        assert!(!own(Method::POST, &[("origin", "http://localhost:9000")]));
        assert!(!own(Method::POST, &[("origin", "null")]));
        assert!(!own(Method::GET, &[("origin", "https://localhost:8000")]));
        for site in ["same-site", "cross-site"] {
            assert!(!own(Method::GET, &[("sec-fetch-site", site)]), "{site}");
        }
    }

    #[test]
    fn the_cookie_is_found_among_others_and_must_be_right() {
        let access = Access::new().unwrap();
        let (name, value) = &access.cookie;
        let has = |cookie: String| access.has_cookie(&headers(&[("cookie", &cookie)]));
        assert!(has(format!("a=b; {name}={value}; c=d")));
        assert!(!has(format!("{name}=x")) && !has(format!("x={value}")) && !has(String::new()));
        assert_ne!(Access::new().unwrap().token, access.token);
        assert_eq!(access.token.len(), 48);
    }
}

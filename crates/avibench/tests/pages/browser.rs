//! A headless browser, spoken to by its debugging protocol. A library that knows the whole protocol
//! takes minutes to compile; a dozen of its messages are needed here.

use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

/// How long anything may take; a busy machine is slow.
const PATIENCE: Duration = Duration::from_mins(2);

/// A browser with one page open. It ends with its handle.
pub(crate) struct Browser {
    child: Child,
    socket: WebSocket<MaybeTlsStream<TcpStream>>,
    last: u64,
    session: Option<String>,
    events: Vec<Value>,
    /// Where requests may go to, besides files.
    allowed: Option<String>,
    _profile: tempfile::TempDir,
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Browser {
    /// Starts the browser that is installed; the gate installs one.
    pub(crate) fn start() -> Self {
        let names = ["chromium", "chromium-browser", "google-chrome"];
        let is_there = |name: &&str| Command::new(name).arg("--version").output().is_ok();
        let name = names.into_iter().find(is_there).expect(
            "these tests look at pages in Chromium: install it, as `apt install chromium` does",
        );
        let profile = tempfile::tempdir().unwrap();
        let mut child = Command::new(name)
            .args([
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--mute-audio",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--autoplay-policy=no-user-gesture-required",
                "--remote-debugging-port=0",
                "about:blank",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = said
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("DevTools listening on ").map(str::to_owned))
            .expect("the browser says where it listens");
        // What it says further on must not fill the pipe.
        std::thread::spawn(move || said.for_each(drop));
        let (socket, _) = tungstenite::connect(address.trim()).unwrap();
        let mut browser = Self {
            child,
            socket,
            last: 0,
            session: None,
            events: Vec::new(),
            allowed: None,
            _profile: profile,
        };
        let target = browser.send("Target.createTarget", &json!({"url": "about:blank"}));
        let attached = browser.send(
            "Target.attachToTarget",
            &json!({"targetId": target["targetId"], "flatten": true}),
        );
        browser.session = Some(attached["sessionId"].as_str().unwrap().to_owned());
        for domain in ["Page", "Runtime", "Network", "Log"] {
            browser.send(&format!("{domain}.enable"), &json!({}));
        }
        browser
    }

    fn send(&mut self, method: &str, parameters: &Value) -> Value {
        let answer = self.answer(method, parameters);
        assert!(answer["error"].is_null(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// Sends a message; what is answered, be it an error.
    fn answer(&mut self, method: &str, parameters: &Value) -> Value {
        self.last += 1;
        let mut message = json!({"id": self.last, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        self.socket.send(Message::text(message.to_string())).unwrap();
        loop {
            let Message::Text(text) = self.socket.read().unwrap() else { continue };
            let answer: Value = serde_json::from_str(&text).unwrap();
            if answer["id"] == json!(self.last) {
                return answer;
            }
            self.events.push(answer);
        }
    }

    /// The value of a script, which may be a promise.
    pub(crate) fn run(&mut self, script: &str) -> Value {
        let result = self.send("Runtime.evaluate", &evaluated(script));
        assert!(result["exceptionDetails"].is_null(), "{script}: {result}");
        result["result"]["value"].clone()
    }

    /// Waits until a script gives something true. While a page goes away, nothing is.
    pub(crate) fn wait_for(&mut self, script: &str) {
        let begun = Instant::now();
        loop {
            let answer = self.answer("Runtime.evaluate", &evaluated(script));
            if answer["result"]["result"]["value"] == json!(true) {
                return;
            }
            let has_time = begun.elapsed() < PATIENCE;
            let shown = "document.querySelector('.page.current')?.innerText?.slice(0, 2000)";
            let mut shown = || self.answer("Runtime.evaluate", &evaluated(shown));
            assert!(has_time, "waited in vain for {script}: {answer}; shown is {}", shown());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Opens a file and waits until its script has run.
    pub(crate) fn open(&mut self, file: &Path) {
        self.visit(&format!("file://{}", file.display()));
    }

    /// Opens an address in a page that was empty before.
    pub(crate) fn visit(&mut self, address: &str) {
        self.send("Page.navigate", &json!({"url": "about:blank"}));
        self.wait_for("location.href === 'about:blank'");
        self.send("Page.navigate", &json!({"url": address}));
        self.wait_for(
            "document.readyState === 'complete' && !!document.querySelector('.page.current')",
        );
    }

    /// Goes to a place of the page, such as `#/samples`.
    pub(crate) fn go(&mut self, place: &str) {
        self.run(&format!(
            "location.hash = {}; new Promise(done => requestAnimationFrame(() => setTimeout(done)))",
            json!(place)
        ));
    }

    /// Presses a key that has no letter, such as `Enter` or `ArrowDown`, or a letter.
    pub(crate) fn press(&mut self, key: &str) {
        let mut event = json!({"type": "keyDown", "key": key});
        if key.chars().count() == 1 {
            event["text"] = json!(key);
        }
        if key == "Enter" {
            event["text"] = json!("\r");
        }
        if let Some(code) = [("Enter", 13), ("Escape", 27), ("Tab", 9)].iter().find(|k| k.0 == key)
        {
            event["windowsVirtualKeyCode"] = json!(code.1);
        }
        self.send("Input.dispatchKeyEvent", &event);
        event["type"] = json!("keyUp");
        self.send("Input.dispatchKeyEvent", &event);
    }

    /// Types a text into what has the focus.
    pub(crate) fn type_in(&mut self, text: &str) {
        self.send("Input.insertText", &json!({"text": text}));
    }

    /// Light or dark, and the size of the window.
    pub(crate) fn look(&mut self, width: u32, height: u32, scheme: &str) {
        self.send(
            "Emulation.setDeviceMetricsOverride",
            &json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}),
        );
        let feature = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.send("Emulation.setEmulatedMedia", &json!({"features": feature}));
    }

    /// Lets requests go to addresses that begin so.
    pub(crate) fn allow(&mut self, beginning: &str) {
        self.allowed = Some(beginning.to_owned());
    }

    /// Errors of the page, what its policy blocked, and requests to anywhere but files and what is allowed, in
    /// words.
    pub(crate) fn problems(&mut self) -> Vec<String> {
        // Whatever is under way is told before the answer to this.
        self.run("new Promise(done => setTimeout(done, 50))");
        let allowed = self.allowed.clone();
        let problem = |event: Value| -> Option<String> {
            let about = &event["params"];
            let text = match event["method"].as_str()? {
                "Runtime.exceptionThrown" => about["exceptionDetails"].to_string(),
                "Log.entryAdded" => about["entry"].to_string(),
                "Runtime.consoleAPICalled" => about["args"].to_string(),
                "Network.requestWillBeSent" => {
                    let url = about["request"]["url"].as_str()?;
                    let is_own = ["file:", "data:", "blob:", "about:"]
                        .iter()
                        .any(|scheme| url.starts_with(scheme));
                    if is_own || allowed.as_ref().is_some_and(|own| url.starts_with(own)) {
                        return None;
                    }
                    format!("request to {url}")
                }
                _ => return None,
            };
            Some(text)
        };
        std::mem::take(&mut self.events).into_iter().filter_map(problem).collect()
    }
}

fn evaluated(script: &str) -> Value {
    json!({"expression": script, "awaitPromise": true, "returnByValue": true})
}

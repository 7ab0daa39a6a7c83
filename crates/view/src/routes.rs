//! What is answered to which request.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use avibench_pages::{LabelRow, LabelsPage};
use avibench_store::Label;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::sse::{Event, KeepAlive};
use axum::response::{IntoResponse as _, Response, Sse};
use axum::routing::get;
use futures_util::StreamExt as _;
use tokio::sync::{Semaphore, watch};
use tokio_stream::wrappers::WatchStream;

use crate::access::{Access, guard};
use crate::labels::Labels;
use crate::media::{self, MediaNames};
use crate::pages::{KeptPage, PageOf};
use crate::{ViewSettings, answer, doubt_file};

/// Where news come from.
pub(crate) const NEWS: &str = "/news";
/// How often files are looked at: seldom enough to take one part in [`SHARE`] of the time of a core, but
/// often enough for whoever waits.
const TICK: Duration = Duration::from_secs(3);
const LONGEST_TICK: Duration = Duration::from_secs(6);
const SHARE: u32 = 100;
/// The longest body of a request: a doubt.
const LONGEST_BODY: usize = 32 << 10;

/// What all requests share.
pub(crate) type Shared = Arc<Parts>;

/// The parts of the server.
pub(crate) struct Parts {
    pub(crate) settings: ViewSettings,
    pub(crate) media: MediaNames,
    labels: Mutex<Labels>,
    /// The rows as news, as JSON.
    news: watch::Sender<Arc<str>>,
    stopped: watch::Receiver<bool>,
    /// Pages are made one at a time, since each takes memory.
    making: Semaphore,
    kept: Mutex<Option<KeptPage>>,
}

impl Parts {
    pub(crate) fn new(settings: ViewSettings, stopped: watch::Receiver<bool>) -> Self {
        Self {
            media: MediaNames::of(&settings.folders),
            settings,
            labels: Mutex::default(),
            news: watch::Sender::new(Arc::from("")),
            stopped,
            making: Semaphore::new(1),
            kept: Mutex::default(),
        }
    }

    /// Looks at the files of all labels.
    fn rows(&self) -> Vec<LabelRow> {
        let mut labels = self.labels.lock().unwrap_or_else(PoisonError::into_inner);
        labels.refresh(&self.settings)
    }

    fn is_open(&self, label: &Label) -> bool {
        self.labels.lock().unwrap_or_else(PoisonError::into_inner).is_open(label)
    }

    /// Sends news as long as somebody listens, and looks at no file else.
    pub(crate) async fn watch(self: Shared) {
        let mut pause = TICK;
        loop {
            tokio::time::sleep(pause).await;
            if self.news.receiver_count() == 0 {
                continue;
            }
            let begun = Instant::now();
            let shared = Arc::clone(&self);
            let news = tokio::task::spawn_blocking(move || news_of(&shared.rows())).await;
            if let Ok(news) = news {
                self.news.send_if_modified(|known| {
                    let is_new = **known != *news;
                    *known = Arc::from(news.as_str());
                    is_new
                });
            }
            pause = (begun.elapsed() * SHARE).clamp(TICK, LONGEST_TICK);
        }
    }
}

fn news_of(rows: &[LabelRow]) -> String {
    let news: Vec<_> = rows.iter().map(LabelRow::news).collect();
    // Texts and numbers are always JSON.
    serde_json::to_string(&news).unwrap_or_default()
}

/// All routes behind the guard.
pub(crate) fn routes(shared: Shared, access: Arc<Access>) -> Router {
    let media = format!("{}{{stage}}/{{folder}}/{{*path}}", media::BASE);
    Router::new()
        .route("/", get(labels))
        .route(NEWS, get(news))
        .route("/report/{*labels}", get(report))
        .route("/so-far/{label}", get(so_far))
        .route(doubt_file::ADDRESS, get(doubt_file::doubts).post(doubt_file::note))
        .route(&media, get(media::medium))
        .fallback(|| async { answer::text(StatusCode::NOT_FOUND, "there is no such page") })
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(from_fn_with_state(access, guard))
        .with_state(shared)
}

/// The page of all labels.
async fn labels(State(shared): State<Shared>) -> Response {
    let made = tokio::task::spawn_blocking(move || {
        let rows = shared.rows();
        let page = LabelsPage {
            title: &shared.settings.title,
            is_restricted: shared.settings.generated.is_none(),
            rows: &rows,
            news: NEWS,
        };
        let mut html = Vec::new();
        page.write(&mut html).map(|()| html)
    });
    match made.await {
        Ok(Ok(page)) => answer::html(page),
        Ok(Err(error)) => answer::problem(&error),
        Err(error) => answer::problem(&error),
    }
}

/// News of all labels, as long as the browser listens.
async fn news(State(shared): State<Shared>) -> Response {
    let mut stopped = shared.stopped.clone();
    let news = WatchStream::from_changes(shared.news.subscribe());
    let events =
        news.map(|news| Ok::<Event, Infallible>(Event::default().event("labels").data(&*news)));
    let end = async move {
        // The sender lives longer than the server.
        let _ = stopped.wait_for(|&stopped| stopped).await;
    };
    Sse::new(events.take_until(Box::pin(end))).keep_alive(KeepAlive::default()).into_response()
}

/// The page of one or several scored labels.
async fn report(State(shared): State<Shared>, Path(labels): Path<String>) -> Response {
    let labels: Result<Vec<Label>, _> = labels.split('/').map(Label::new).collect();
    match labels {
        Ok(labels) => page(shared, PageOf::Scored(labels)).await,
        Err(error) => answer::no_page(&error),
    }
}

/// The page of a label's answers as they are now.
async fn so_far(State(shared): State<Shared>, Path(label): Path<String>) -> Response {
    match Label::new(label) {
        Ok(label) => page(shared, PageOf::Answers(label)).await,
        Err(error) => answer::no_page(&error),
    }
}

async fn page(shared: Shared, of: PageOf) -> Response {
    // The semaphore is never closed.
    let _turn = shared.making.acquire().await;
    let maker = Arc::clone(&shared);
    let made = tokio::task::spawn_blocking(move || {
        // Runs may have ended since somebody looked last.
        maker.rows();
        let is_open = |label: &Label| maker.is_open(label);
        let mut kept = maker.kept.lock().unwrap_or_else(PoisonError::into_inner);
        of.make(&maker.settings, &is_open, &mut kept)
    });
    match made.await {
        Ok(Ok(page)) => answer::html(page),
        Ok(Err(error)) => answer::no_page(&error),
        Err(error) => answer::no_page(&error),
    }
}

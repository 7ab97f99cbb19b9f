//! What is asked by machines: is it alive, is it ready, and how it does.

use std::time::Duration;

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};
use sightline_alerts::notices::operators::IN_A_FILE;
use sightline_model::{Notice, NoticeKind, counted};
use sightline_pipeline::PipelineError;
use sightline_store::{inbox, notices};
use tokio::time::timeout;

use crate::{Console, Error};

/// Alerts that are counted at most: what lies beyond is too many in any case.
const COUNTED: u32 = 10_000;

/// How long the store is waited for: whoever probes has no more patience.
const PATIENCE: Duration = Duration::from_secs(3);

/// The process answers.
pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

/// The process can do its work; or which part of it can't.
pub(crate) async fn readyz(State(console): State<Console>) -> Response {
    let asked = async {
        let mut tx = console.read().await?;
        inbox::counts(&mut tx, "", 1).await?;
        let open = notices::open(&mut tx).await?;
        drop(tx);
        let failing = open.iter().filter(|notice| gives_nothing(notice)).count();
        let shortage = console.parts.instance.is_short_of_room().await?;
        Ok::<_, PipelineError>((shortage, failing))
    };
    match timeout(PATIENCE, asked).await {
        Err(_) => {
            tracing::error!("not ready: the store does not answer in time");
            not_ready(
                "store",
                "not ready: the store does not answer in time; the log says more",
            )
        }
        Ok(Ok((Some(shortage), _))) => not_ready("disk", &format!("not ready: {shortage}")),
        Ok(Ok((None, failing))) => ready_but_for(
            console.parts.instance.broken().len(),
            failing,
            console.parts.unusable.len(),
        )
        .into_response(),
        Ok(Err(error)) => {
            tracing::error!(%error, "not ready: the store does not answer");
            not_ready(
                "store",
                "not ready: the store does not answer; the log says why",
            )
        }
    }
}

/// As JSON's media type would be: what is said here is said to machines, not dressed as a page.
fn not_ready(part: &str, words: &str) -> Response {
    let media_type = [(header::CONTENT_TYPE, "application/json")];
    let body = serde_json::json!({"ready": false, part: words}).to_string();
    (StatusCode::SERVICE_UNAVAILABLE, media_type, body).into_response()
}

/// Others are crawled, and others are told: the process is ready, and says what it leaves out.
fn ready_but_for(broken: usize, failing: usize, unusable: usize) -> String {
    let sources = (broken > 0).then(|| {
        format!(
            "{} not crawled, whose {} wrong",
            counted(broken, "source that is", "sources that are"),
            if broken == 1 { "file is" } else { "files are" }
        )
    });
    let nothing = (failing > 0).then(|| {
        format!(
            "{} nothing, as `sightline notices --open` says",
            counted(failing, "source that gives", "sources that give")
        )
    });
    let channels = (unusable > 0).then(|| {
        format!(
            "{} out of use",
            counted(unusable, "channel that is", "channels that are")
        )
    });
    let left_out: Vec<String> = [sources, nothing, channels].into_iter().flatten().collect();
    match left_out.is_empty() {
        true => "ready\n".to_owned(),
        false => format!(
            "ready, but for {}: `sightline check` says more\n",
            left_out.join(", and ")
        ),
    }
}

/// True of what operators were told of a source that refuses, is held up, or fails; what its file says is counted with the files.
fn gives_nothing(notice: &Notice) -> bool {
    notice.kind == NoticeKind::SourceFailing && !notice.subject.starts_with(IN_A_FILE)
}

/// The label sets of a request's measurements. A route is a pattern; no label holds anything of a person.
#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct Answered {
    route: String,
    status: u16,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct Taken {
    route: String,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct InState {
    state: &'static str,
}

/// What is measured.
pub(crate) struct Metrics {
    registry: Registry,
    answers: Family<Answered, Counter>,
    seconds: Family<Taken, Histogram>,
    alerts: Family<InState, Gauge>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("sightline");
        let answers = Family::default();
        registry.register(
            "http_answers",
            "Answers of the console and the API",
            answers.clone(),
        );
        let buckets: fn() -> Histogram = || Histogram::new(exponential_buckets(0.001, 2.0, 14));
        let seconds = Family::new_with_constructor(buckets);
        registry.register_with_unit(
            "http_answer_time",
            "Time until an answer began",
            Unit::Seconds,
            seconds.clone(),
        );
        let alerts = Family::default();
        registry.register(
            "alerts",
            "Alerts by state; 10000 are counted at most",
            alerts.clone(),
        );
        Self {
            registry,
            answers,
            seconds,
            alerts,
        }
    }
}

impl Metrics {
    /// Counts an answer.
    pub(crate) fn answered(&self, route: String, status: u16, took: Duration) {
        let taken = Taken {
            route: route.clone(),
        };
        self.seconds
            .get_or_create(&taken)
            .observe(took.as_secs_f64());
        self.answers
            .get_or_create(&Answered { route, status })
            .inc();
    }
}

/// The measurements, as Prometheus reads them.
pub(crate) async fn metrics(State(console): State<Console>) -> Result<Response, Error> {
    let mut tx = console.read().await?;
    let (counts, _) = inbox::counts(&mut tx, "", COUNTED).await?;
    drop(tx);
    let metrics = &console.metrics;
    for (state, count) in counts {
        metrics.alerts.get_or_create(&InState { state }).set(count);
    }
    let mut body = String::new();
    text::encode(&mut body, &metrics.registry).map_err(Error::internal)?;
    let media_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, media_type)], body).into_response())
}

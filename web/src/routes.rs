//! Every route: where, who may, which handler; and for the API, what goes in and out.
//!
//! There is no other way to serve anything: a route without its line, and so without its guard, can't be. The tests go
//! through this table with every role, and the OpenAPI document is made of it.

use axum::{
    Router,
    extract::DefaultBodyLimit,
    handler::Handler,
    http::Method,
    middleware,
    routing::{MethodFilter, MethodRouter, on},
};

use crate::{
    Console,
    access::{Door, Permission, guard},
    api::{self, Operation},
    assets, pages, probes, shell, trial, uploads,
};

/// For whom a route is, and so how they are known and what failures look like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Face {
    /// People, by a session in a cookie.
    Page,
    /// Programs, by a token.
    Api,
}

/// What somebody needs to be let through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Needs {
    /// Nothing: the handler knows nobody.
    Nobody,
    /// The right password: the second factor is being set up.
    Enrolling,
    /// To be signed in, as whatever.
    SignedIn,
    /// This permission.
    May(Permission),
}

/// A route.
pub struct Route {
    /// Its method.
    pub method: Method,
    /// Its path, parameters in braces.
    pub path: &'static str,
    /// For whom it is.
    pub face: Face,
    /// What they need.
    pub needs: Needs,
    /// What goes in and out, where it is described.
    pub operation: Option<Operation>,
    handler: MethodRouter<Console>,
}

impl Route {
    pub(crate) fn get<H: Handler<T, Console>, T: 'static>(
        path: &'static str,
        needs: Needs,
        handler: H,
    ) -> Self {
        Self::new(Method::GET, path, needs, on(MethodFilter::GET, handler))
    }

    pub(crate) fn post<H: Handler<T, Console>, T: 'static>(
        path: &'static str,
        needs: Needs,
        handler: H,
    ) -> Self {
        Self::new(Method::POST, path, needs, on(MethodFilter::POST, handler))
    }

    fn new(
        method: Method,
        path: &'static str,
        needs: Needs,
        handler: MethodRouter<Console>,
    ) -> Self {
        Self {
            method,
            path,
            face: Face::Page,
            needs,
            operation: None,
            handler,
        }
    }

    /// The same for programs, described.
    pub(crate) fn api(self, operation: Operation) -> Self {
        Self {
            face: Face::Api,
            operation: Some(operation),
            ..self
        }
    }

    /// The same for programs that do not read the reference.
    pub(crate) fn probe(self) -> Self {
        Self {
            face: Face::Api,
            ..self
        }
    }
}

/// Every route there is.
pub fn table() -> Vec<Route> {
    use Needs::{Enrolling, May, Nobody, SignedIn};
    use Permission::*;
    let mut routes = vec![
        // The machinery.
        Route::get("/assets/{version}/{name}", Nobody, assets::give),
        Route::get("/healthz", Nobody, probes::healthz).probe(),
        Route::get("/readyz", Nobody, probes::readyz).probe(),
        Route::get("/metrics", May(ReadMetrics), probes::metrics).probe(),
        // Signing in.
        Route::get("/welcome/{secret}", Nobody, pages::welcome::show),
        Route::post("/welcome/{secret}", Nobody, pages::welcome::accept),
        Route::get("/reset/{secret}", Nobody, pages::reset::show),
        Route::post("/reset/{secret}", Nobody, pages::reset::choose),
        Route::get("/sign-in", Nobody, pages::sign_in::show),
        Route::post("/sign-in", Nobody, pages::sign_in::sign_in),
        Route::get("/enrol", Enrolling, pages::enrol::show),
        Route::post("/enrol", Enrolling, pages::enrol::finish),
        Route::post("/sign-out", Enrolling, pages::sign_in::sign_out),
        Route::get("/account", SignedIn, pages::account::show),
        Route::post("/account/password", SignedIn, pages::account::set_password),
        Route::get(
            "/account/second-factor",
            SignedIn,
            pages::second_factor::show,
        ),
        Route::post(
            "/account/second-factor/move",
            SignedIn,
            pages::second_factor::begin,
        ),
        Route::post(
            "/account/second-factor/finish",
            SignedIn,
            pages::second_factor::finish,
        ),
        Route::post(
            "/account/second-factor/codes",
            SignedIn,
            pages::second_factor::renew,
        ),
        Route::post("/account/tokens", SignedIn, pages::account::make_token),
        Route::post(
            "/account/tokens/{id}/end",
            SignedIn,
            pages::account::end_token,
        ),
        Route::post(
            "/account/sessions/{id}/end",
            SignedIn,
            pages::account::end_session,
        ),
        // Alerts.
        Route::get("/", SignedIn, pages::inbox::show),
        Route::get("/events", May(ReadAlerts), pages::events::listen),
        Route::post(
            "/alerts/acknowledge",
            May(JudgeAlerts),
            pages::inbox::acknowledge,
        ),
        Route::get("/alerts/{id}", May(ReadAlerts), pages::alert::show),
        Route::post(
            "/alerts/{id}/images",
            May(ReadEvidence),
            pages::alert::unveil,
        ),
        Route::post(
            "/alerts/{id}/acknowledge",
            May(JudgeAlerts),
            pages::judge::acknowledge,
        ),
        Route::post(
            "/alerts/{id}/assign",
            May(JudgeAlerts),
            pages::judge::assign,
        ),
        Route::post(
            "/alerts/{id}/comment",
            May(JudgeAlerts),
            pages::judge::comment,
        ),
        Route::post("/alerts/{id}/close", May(JudgeAlerts), pages::judge::close),
        Route::post(
            "/alerts/{id}/silence",
            May(SilenceAlerts),
            pages::judge::silence,
        ),
        Route::post(
            "/sightings/{id}/verdict",
            May(JudgeAlerts),
            pages::judge::verdict,
        ),
        Route::get("/silences", May(ReadAlerts), pages::silences::show),
        Route::post("/silences", May(SilenceAlerts), pages::silences::add),
        Route::post(
            "/silences/{id}/end",
            May(SilenceAlerts),
            pages::silences::end,
        ),
        // Files, as the API gives them.
        Route::get(
            "/watchlists/{id}/export",
            May(ReadWatchlists),
            api::exports::entries,
        ),
        Route::get("/exports/alerts", May(ReadAlerts), api::exports::alerts),
        Route::get(
            "/exports/sightings",
            May(ReadAlerts),
            api::exports::sightings,
        ),
        Route::get(
            "/exports/listings",
            May(ReadListings),
            api::exports::listings,
        ),
        Route::get("/exports/audit", May(ReadAudit), api::exports::audit),
        // Sources.
        Route::get("/sources", May(ReadSources), pages::sources::show),
        Route::get("/sources/{id}", May(ReadSources), pages::source::show),
        Route::post("/sources/{id}/run", May(EditSources), pages::source::run),
        Route::post(
            "/sources/{id}/pause",
            May(EditSources),
            pages::source::pause,
        ),
        Route::post(
            "/sources/{id}/resume",
            May(EditSources),
            pages::source::resume,
        ),
        Route::post(
            "/sources/{id}/furniture",
            May(EditSources),
            pages::source::overrule,
        ),
        Route::get(
            "/sources/{id}/edit",
            May(EditSources),
            pages::source_edit::show,
        ),
        Route::post(
            "/sources/{id}/edit",
            May(EditSources),
            pages::source_edit::save,
        ),
        Route::post(
            "/sources/{id}/check",
            May(EditSources),
            pages::source_edit::check,
        ),
        Route::get(
            "/sources/{id}/schedule",
            May(EditSources),
            pages::source_schedule::show,
        ),
        Route::post(
            "/sources/{id}/schedule",
            May(EditSources),
            pages::source_schedule::save,
        ),
        Route::post(
            "/sources/{id}/plan",
            May(EditSources),
            pages::source_schedule::preview,
        ),
        Route::get("/sources/{id}/test", May(EditSources), pages::bench::show),
        Route::post(
            "/sources/{id}/test",
            May(EditSources),
            pages::bench::attempt.layer(DefaultBodyLimit::max(trial::LARGEST)),
        ),
        Route::get("/runs/{id}", May(ReadSources), pages::run::show),
        // Messages.
        Route::get("/deliveries", May(ReadDeliveries), pages::deliveries::show),
        Route::post(
            "/deliveries/{id}/replay",
            May(EditDeliveries),
            pages::deliveries::replay,
        ),
        Route::post(
            "/channels/{name}/test",
            May(EditDeliveries),
            pages::deliveries::test,
        ),
        Route::post(
            "/channels/{name}/enable",
            May(EditDeliveries),
            pages::deliveries::enable,
        ),
        // Administration.
        Route::get("/accounts", May(ManageAccounts), pages::accounts::show),
        Route::post(
            "/accounts/invite",
            May(ManageAccounts),
            pages::accounts::invite,
        ),
        Route::post(
            "/accounts/{id}/role",
            May(ManageAccounts),
            pages::accounts::set_role,
        ),
        Route::post(
            "/accounts/{id}/disable",
            May(ManageAccounts),
            pages::accounts::disable,
        ),
        Route::post(
            "/accounts/{id}/enable",
            May(ManageAccounts),
            pages::accounts::enable,
        ),
        Route::post(
            "/accounts/{id}/reset-link",
            May(ManageAccounts),
            pages::accounts::reset,
        ),
        Route::post(
            "/accounts/{id}/let-in",
            May(ManageAccounts),
            pages::accounts::admit,
        ),
        Route::post(
            "/accounts/{id}/reset-second-factor",
            May(ManageAccounts),
            pages::accounts::reset_factor,
        ),
        Route::post(
            "/invitations/{id}/withdraw",
            May(ManageAccounts),
            pages::accounts::withdraw,
        ),
        Route::get("/sessions", May(ManageAccounts), pages::sessions::show),
        Route::post(
            "/sessions/{id}/end",
            May(ManageAccounts),
            pages::sessions::end,
        ),
        Route::post(
            "/tokens/{id}/end",
            May(ManageAccounts),
            pages::sessions::end_token,
        ),
        Route::get("/audit", May(ReadAudit), pages::audit::show),
        Route::get("/holds", May(ReadHolds), pages::holds::show),
        Route::post("/holds", May(PlaceHolds), pages::holds::place),
        Route::post("/holds/{id}/lift", May(PlaceHolds), pages::holds::lift),
        // Watchlists and entries.
        Route::get("/watchlists", May(ReadWatchlists), pages::watchlists::show),
        Route::get(
            "/watchlists/due",
            May(ReadWatchlists),
            pages::watchlists::due,
        ),
        Route::get(
            "/watchlists/new",
            May(EditWatchlists),
            pages::list_form::blank,
        ),
        Route::post(
            "/watchlists/new",
            May(EditWatchlists),
            pages::list_form::create,
        ),
        Route::get(
            "/watchlists/{id}/edit",
            May(EditWatchlists),
            pages::list_form::show,
        ),
        Route::post(
            "/watchlists/{id}/edit",
            May(EditWatchlists),
            pages::list_form::save,
        ),
        Route::get(
            "/watchlists/{id}",
            May(ReadWatchlists),
            pages::watchlist::show,
        ),
        Route::get(
            "/watchlists/{id}/add",
            May(EditWatchlists),
            pages::add::show,
        ),
        Route::post("/watchlists/{id}/add", May(EditWatchlists), pages::add::add),
        Route::post(
            "/watchlists/{id}/preview",
            May(EditWatchlists),
            pages::add::preview,
        ),
        Route::get(
            "/watchlists/{id}/import",
            May(EditWatchlists),
            pages::import::show,
        ),
        Route::post(
            "/watchlists/{id}/import",
            May(EditWatchlists),
            pages::import::upload.layer(DefaultBodyLimit::max(uploads::LARGEST)),
        ),
        Route::post(
            "/watchlists/{id}/import/confirm",
            May(EditWatchlists),
            pages::import::confirm,
        ),
        Route::get(
            "/watchlists/{id}/import/refused",
            May(EditWatchlists),
            pages::import::refused,
        ),
        Route::get("/entries/{id}", May(ReadWatchlists), pages::entry::show),
        Route::get(
            "/entries/{id}/edit",
            May(EditWatchlists),
            pages::entry_form::show,
        ),
        Route::post(
            "/entries/{id}/edit",
            May(EditWatchlists),
            pages::entry_form::save,
        ),
        Route::post(
            "/entries/{id}/activate",
            May(EditWatchlists),
            pages::entry_deeds::activate,
        ),
        Route::post(
            "/entries/{id}/review",
            May(EditWatchlists),
            pages::entry_deeds::review,
        ),
        Route::post(
            "/entries/{id}/withdraw",
            May(EditWatchlists),
            pages::entry_deeds::withdraw,
        ),
        // What was seen.
        Route::get("/search", May(ReadListings), pages::search::show),
        Route::get("/selectors", May(ReadListings), pages::selector::show),
        Route::get("/listings/{id}", May(ReadListings), pages::listing::show),
        Route::post(
            "/listings/{id}/images",
            May(ReadEvidence),
            pages::listing::unveil,
        ),
        Route::get("/images/{id}", May(ReadEvidence), pages::evidence::image),
        Route::get(
            "/images/{id}/veiled",
            May(ReadEvidence),
            pages::evidence::veiled,
        ),
        Route::get(
            "/alerts/{id}/evidence",
            May(ReadEvidence),
            pages::evidence::bundle,
        ),
        Route::get(
            "/captures/{id}/download",
            May(ReadEvidence),
            pages::evidence::capture,
        ),
    ];
    routes.extend(api::routes());
    routes
}

/// The table as a router: each route behind its guard.
pub(crate) fn router(console: &Console) -> Router {
    let mut router = Router::new();
    for route in table() {
        let mut handler = route.handler;
        if let Some(operation) = &route.operation {
            handler = handler.layer(DefaultBodyLimit::max(operation.largest));
        }
        let operation = route.operation.as_ref();
        let door = Door {
            console: console.clone(),
            face: route.face,
            needs: route.needs,
            largest: operation.map_or(shell::LARGEST, |it| it.largest),
            is_secret: operation.is_some_and(|it| it.is_secret),
        };
        let guarded = handler.layer(middleware::from_fn_with_state(door, guard));
        router = router.route(route.path, guarded);
    }
    router.with_state(console.clone())
}

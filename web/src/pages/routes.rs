//! The lines of the pages in the table of routes.

use axum::{extract::DefaultBodyLimit, handler::Handler};

use super::{
    account, accounts, add, alert, audit, bench, deliveries, enrol, entry, entry_deeds, entry_form,
    events, evidence, holds, import, inbox, judge, list_form, listing, listings, reset, run,
    search, second_factor, selector, sessions, sightings, sign_in, silences, source, source_edit,
    source_schedule, sources, watchlist, watchlists, welcome,
};
use crate::{
    access::Permission,
    api::{exports, list_export},
    routes::{Needs, Route},
    trial, uploads,
};

/// Every route for people.
pub(crate) fn routes() -> Vec<Route> {
    use Needs::{Enrolling, May, Nobody, SignedIn};
    use Permission::*;
    vec![
        // Signing in.
        Route::get("/welcome/{secret}", Nobody, welcome::show),
        Route::post("/welcome/{secret}", Nobody, welcome::accept),
        Route::get("/reset/{secret}", Nobody, reset::show),
        Route::post("/reset/{secret}", Nobody, reset::choose),
        Route::get("/sign-in", Nobody, sign_in::show),
        Route::post("/sign-in", Nobody, sign_in::sign_in),
        Route::get("/enrol", Enrolling, enrol::show),
        Route::post("/enrol", Enrolling, enrol::finish),
        Route::post("/sign-out", Enrolling, sign_in::sign_out),
        Route::get("/account", SignedIn, account::show),
        Route::post("/account/password", SignedIn, account::set_password),
        Route::get("/account/second-factor", SignedIn, second_factor::show),
        Route::post(
            "/account/second-factor/move",
            SignedIn,
            second_factor::begin,
        ),
        Route::post(
            "/account/second-factor/finish",
            SignedIn,
            second_factor::finish,
        ),
        Route::post(
            "/account/second-factor/codes",
            SignedIn,
            second_factor::renew,
        ),
        Route::post("/account/tokens", SignedIn, account::make_token),
        Route::post("/account/tokens/{id}/end", SignedIn, account::end_token),
        Route::post("/account/sessions/{id}/end", SignedIn, account::end_session),
        // Alerts.
        Route::get("/", SignedIn, inbox::show),
        Route::get("/events", May(ReadAlerts), events::listen),
        Route::post("/alerts/acknowledge", May(JudgeAlerts), inbox::acknowledge),
        Route::get("/alerts/{id}", May(ReadAlerts), alert::show),
        Route::post("/alerts/{id}/images", May(ReadEvidence), alert::unveil),
        Route::post(
            "/alerts/{id}/acknowledge",
            May(JudgeAlerts),
            judge::acknowledge,
        ),
        Route::post("/alerts/{id}/take-over", May(JudgeAlerts), judge::take_over),
        Route::post("/alerts/{id}/hand-back", May(JudgeAlerts), judge::hand_back),
        Route::post("/alerts/{id}/reopen", May(JudgeAlerts), judge::reopen),
        Route::post("/alerts/{id}/assign", May(JudgeAlerts), judge::assign),
        Route::post("/alerts/{id}/comment", May(JudgeAlerts), judge::comment),
        Route::post("/alerts/{id}/close", May(JudgeAlerts), judge::close),
        Route::post("/alerts/{id}/silence", May(SilenceAlerts), judge::silence),
        Route::post("/sightings/{id}/verdict", May(JudgeAlerts), judge::verdict),
        Route::get("/silences", May(ReadAlerts), silences::show),
        Route::post("/silences", May(SilenceAlerts), silences::add),
        Route::post("/silences/{id}/end", May(SilenceAlerts), silences::end),
        // Files, as the API gives them.
        Route::get(
            "/watchlists/{id}/export",
            May(ReadWatchlists),
            list_export::export,
        ),
        Route::get("/exports/alerts", May(ReadAlerts), exports::alerts),
        Route::get("/exports/sightings", May(ReadAlerts), exports::sightings),
        Route::get("/exports/listings", May(ReadListings), exports::listings),
        Route::get("/exports/audit", May(ReadAudit), exports::audit),
        // Sources.
        Route::get("/sources", May(ReadSources), sources::show),
        Route::get("/sources/{id}", May(ReadSources), source::show),
        Route::post("/sources/{id}/run", May(EditSources), source::run),
        Route::post("/sources/{id}/pause", May(EditSources), source::pause),
        Route::post("/sources/{id}/resume", May(EditSources), source::resume),
        Route::post(
            "/sources/{id}/furniture",
            May(EditSources),
            source::overrule,
        ),
        Route::get("/sources/{id}/edit", May(EditSources), source_edit::show),
        Route::post("/sources/{id}/edit", May(EditSources), source_edit::save),
        Route::post("/sources/{id}/check", May(EditSources), source_edit::check),
        Route::get(
            "/sources/{id}/schedule",
            May(EditSources),
            source_schedule::show,
        ),
        Route::post(
            "/sources/{id}/schedule",
            May(EditSources),
            source_schedule::save,
        ),
        Route::post(
            "/sources/{id}/plan",
            May(EditSources),
            source_schedule::preview,
        ),
        Route::get("/sources/{id}/test", May(EditSources), bench::show),
        Route::post(
            "/sources/{id}/test",
            May(EditSources),
            bench::attempt.layer(DefaultBodyLimit::max(trial::LARGEST)),
        ),
        Route::get("/runs/{id}", May(ReadSources), run::show),
        // Messages.
        Route::get("/deliveries", May(ReadDeliveries), deliveries::show),
        Route::post(
            "/deliveries/{id}/replay",
            May(EditDeliveries),
            deliveries::replay,
        ),
        Route::post(
            "/deliveries/replay",
            May(EditDeliveries),
            deliveries::replay_all,
        ),
        Route::post(
            "/channels/{name}/replay",
            May(EditDeliveries),
            deliveries::replay_channel,
        ),
        Route::post(
            "/channels/{name}/test",
            May(EditDeliveries),
            deliveries::test,
        ),
        Route::post(
            "/channels/{name}/enable",
            May(EditDeliveries),
            deliveries::enable,
        ),
        // Administration.
        Route::get("/accounts", May(ManageAccounts), accounts::show),
        Route::post("/accounts/invite", May(ManageAccounts), accounts::invite),
        Route::post(
            "/accounts/{id}/role",
            May(ManageAccounts),
            accounts::set_role,
        ),
        Route::post(
            "/accounts/{id}/disable",
            May(ManageAccounts),
            accounts::disable,
        ),
        Route::post(
            "/accounts/{id}/enable",
            May(ManageAccounts),
            accounts::enable,
        ),
        Route::post(
            "/accounts/{id}/reset-link",
            May(ManageAccounts),
            accounts::reset,
        ),
        Route::post(
            "/accounts/{id}/let-in",
            May(ManageAccounts),
            accounts::admit,
        ),
        Route::post(
            "/accounts/{id}/reset-second-factor",
            May(ManageAccounts),
            accounts::reset_factor,
        ),
        Route::post(
            "/invitations/{id}/withdraw",
            May(ManageAccounts),
            accounts::withdraw,
        ),
        Route::get("/sessions", May(ManageAccounts), sessions::show),
        Route::post("/sessions/{id}/end", May(ManageAccounts), sessions::end),
        Route::post("/tokens/{id}/end", May(ManageAccounts), sessions::end_token),
        Route::get("/audit", May(ReadAudit), audit::show),
        Route::get("/holds", May(ReadHolds), holds::show),
        Route::post("/holds", May(PlaceHolds), holds::place),
        Route::post("/holds/{id}/lift", May(PlaceHolds), holds::lift),
        // Watchlists and entries.
        Route::get("/watchlists", May(ReadWatchlists), watchlists::show),
        Route::get("/watchlists/due", May(ReadWatchlists), watchlists::due),
        Route::get("/watchlists/new", May(EditWatchlists), list_form::blank),
        Route::post("/watchlists/new", May(EditWatchlists), list_form::create),
        Route::get(
            "/watchlists/{id}/edit",
            May(EditWatchlists),
            list_form::show,
        ),
        Route::post(
            "/watchlists/{id}/edit",
            May(EditWatchlists),
            list_form::save,
        ),
        Route::post(
            "/watchlists/{id}/delete",
            May(EditWatchlists),
            list_form::delete,
        ),
        Route::get("/watchlists/{id}", May(ReadWatchlists), watchlist::show),
        Route::get("/watchlists/{id}/add", May(EditWatchlists), add::show),
        Route::post("/watchlists/{id}/add", May(EditWatchlists), add::add),
        Route::post(
            "/watchlists/{id}/preview",
            May(EditWatchlists),
            add::preview,
        ),
        Route::get("/watchlists/{id}/import", May(EditWatchlists), import::show),
        Route::post(
            "/watchlists/{id}/import",
            May(EditWatchlists),
            import::upload.layer(DefaultBodyLimit::max(uploads::LARGEST)),
        ),
        Route::post(
            "/watchlists/{id}/import/confirm",
            May(EditWatchlists),
            import::confirm,
        ),
        Route::get(
            "/watchlists/{id}/import/refused",
            May(EditWatchlists),
            import::refused,
        ),
        Route::get("/entries/{id}", May(ReadWatchlists), entry::show),
        Route::get("/entries/{id}/edit", May(EditWatchlists), entry_form::show),
        Route::post("/entries/{id}/edit", May(EditWatchlists), entry_form::save),
        Route::post(
            "/entries/{id}/activate",
            May(EditWatchlists),
            entry_deeds::activate,
        ),
        Route::post(
            "/entries/{id}/review",
            May(EditWatchlists),
            entry_deeds::review,
        ),
        Route::post(
            "/entries/{id}/withdraw",
            May(EditWatchlists),
            entry_deeds::withdraw,
        ),
        // What was seen.
        Route::get("/search", May(ReadListings), search::show),
        Route::get("/selectors", May(ReadListings), selector::show),
        Route::get("/listings", May(ReadListings), listings::show),
        Route::get("/sightings", May(ReadAlerts), sightings::show),
        Route::get("/listings/{id}", May(ReadListings), listing::show),
        Route::post("/listings/{id}/images", May(ReadEvidence), listing::unveil),
        Route::get("/images/{id}", May(ReadEvidence), evidence::image),
        Route::get("/images/{id}/veiled", May(ReadEvidence), evidence::veiled),
        Route::get("/alerts/{id}/evidence", May(ReadEvidence), evidence::bundle),
        Route::get(
            "/captures/{id}/download",
            May(ReadEvidence),
            evidence::capture,
        ),
    ]
}

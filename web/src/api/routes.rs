//! The lines of the API in the table of routes.

use sightline_model::EntryDeed;

use super::{
    alerts, audit, bench, deliveries, entries, entry_deeds, events, evidence, exports, gone, holds,
    imports, list_deeds, list_export, listings, people, reader, selectors, sightings, silences,
    source_deeds, source_file, sources, watchlists,
};
use crate::{
    access::Permission,
    routes::{Needs, Route},
};

/// Every route for programs that read the reference.
pub(crate) fn routes() -> Vec<Route> {
    use Needs::{May, Nobody};
    use Permission::*;
    let mut routes = vec![
        // Alerts.
        Route::get("/api/v1", Nobody, reader::show),
        Route::get("/api/v1/openapi.json", Nobody, reader::document).probe(),
        Route::get("/api/v1/alerts", May(ReadAlerts), alerts::list).api(alerts::list_described()),
        Route::get("/api/v1/alerts/{id}", May(ReadAlerts), alerts::show)
            .api(alerts::show_described()),
        Route::post(
            "/api/v1/alerts/acknowledge",
            May(JudgeAlerts),
            alerts::acknowledge_all,
        )
        .api(alerts::acknowledge_all_described()),
        Route::post(
            "/api/v1/alerts/{id}/acknowledge",
            May(JudgeAlerts),
            alerts::acknowledge,
        )
        .api(alerts::acknowledge_described()),
        Route::post(
            "/api/v1/alerts/{id}/take-over",
            May(JudgeAlerts),
            alerts::take_over,
        )
        .api(alerts::take_over_described()),
        Route::post(
            "/api/v1/alerts/{id}/hand-back",
            May(JudgeAlerts),
            alerts::hand_back,
        )
        .api(alerts::hand_back_described()),
        Route::post(
            "/api/v1/alerts/{id}/reopen",
            May(JudgeAlerts),
            alerts::reopen,
        )
        .api(alerts::reopen_described()),
        Route::post(
            "/api/v1/alerts/{id}/assign",
            May(JudgeAlerts),
            alerts::assign,
        )
        .api(alerts::assign_described()),
        Route::post(
            "/api/v1/alerts/{id}/comments",
            May(JudgeAlerts),
            alerts::comment,
        )
        .api(alerts::comment_described()),
        Route::post("/api/v1/alerts/{id}/close", May(JudgeAlerts), alerts::close)
            .api(alerts::close_described()),
        Route::get("/api/v1/silences", May(ReadAlerts), silences::list)
            .api(silences::list_described()),
        Route::post("/api/v1/silences", May(SilenceAlerts), silences::add)
            .api(silences::add_described()),
        Route::post(
            "/api/v1/silences/{id}/end",
            May(SilenceAlerts),
            silences::end,
        )
        .api(silences::end_described()),
        Route::get("/api/v1/events", May(ReadAlerts), events::listen)
            .api(events::listen_described()),
        // What is looked for, and what was seen of it.
        Route::get("/api/v1/watchlists", May(ReadWatchlists), watchlists::list)
            .api(watchlists::list_described()),
        Route::get(
            "/api/v1/watchlists/{id}",
            May(ReadWatchlists),
            watchlists::show,
        )
        .api(watchlists::show_described()),
        Route::get(
            "/api/v1/watchlists/{id}/entries",
            May(ReadWatchlists),
            watchlists::entries,
        )
        .api(watchlists::entries_described()),
        Route::get("/api/v1/entries/due", May(ReadWatchlists), watchlists::due)
            .api(watchlists::due_described()),
        Route::get(
            "/api/v1/entries/ending",
            May(ReadWatchlists),
            watchlists::ending,
        )
        .api(watchlists::ending_described()),
        Route::get(
            "/api/v1/entries/{id}/days",
            May(ReadWatchlists),
            entries::days,
        )
        .api(entries::days_described()),
        Route::get("/api/v1/entries/{id}", May(ReadWatchlists), entries::show)
            .api(entries::show_described()),
        Route::get(
            "/api/v1/entries/{id}/sightings",
            May(ReadWatchlists),
            entries::sightings,
        )
        .api(entries::sightings_described()),
        Route::get(
            "/api/v1/entries/{id}/alerts",
            May(ReadAlerts),
            entries::alerts,
        )
        .api(entries::alerts_described()),
        Route::get("/api/v1/sightings", May(ReadAlerts), sightings::list)
            .api(sightings::list_described()),
        Route::get("/api/v1/sightings/{id}", May(ReadAlerts), sightings::show)
            .api(sightings::show_described()),
        Route::get("/api/v1/listings", May(ReadListings), listings::list)
            .api(listings::list_described()),
        Route::get(
            "/api/v1/listings/search",
            May(ReadListings),
            listings::search,
        )
        .api(listings::search_described()),
        Route::get("/api/v1/listings/{id}", May(ReadListings), listings::show)
            .api(listings::show_described()),
        Route::get(
            "/api/v1/listings/{id}/versions/{version}",
            May(ReadListings),
            listings::version,
        )
        .api(listings::version_described()),
        Route::get("/api/v1/selectors", May(ReadListings), selectors::lookup)
            .api(selectors::lookup_described()),
        Route::get(
            "/api/v1/selectors/about",
            May(ReadListings),
            selectors::about,
        )
        .api(selectors::about_described()),
        Route::get(
            "/api/v1/selectors/observations",
            May(ReadListings),
            selectors::observations,
        )
        .api(selectors::observations_described()),
        Route::get(
            "/api/v1/alerts/{id}/evidence",
            May(ReadEvidence),
            crate::pages::evidence::bundle,
        )
        .api(evidence::bundle_described()),
        Route::get(
            "/api/v1/images/{id}",
            May(ReadEvidence),
            crate::pages::evidence::image,
        )
        .api(evidence::image_described()),
        Route::get(
            "/api/v1/captures/{id}",
            May(ReadEvidence),
            evidence::capture,
        )
        .api(evidence::capture_described()),
        Route::get(
            "/api/v1/captures/{id}/body",
            May(ReadEvidence),
            crate::pages::evidence::capture,
        )
        .api(evidence::body_described()),
        Route::get("/api/v1/sources", May(ReadSources), sources::list)
            .api(sources::list_described()),
        Route::get("/api/v1/sources/broken", May(ReadSources), sources::broken)
            .api(sources::broken_described()),
        Route::get("/api/v1/sources/{id}", May(ReadSources), sources::show)
            .api(sources::show_described()),
        Route::get(
            "/api/v1/sources/{id}/politeness",
            May(ReadSources),
            sources::politeness,
        )
        .api(sources::politeness_described()),
        Route::get(
            "/api/v1/sources/{id}/furniture",
            May(ReadSources),
            sources::furniture,
        )
        .api(sources::furniture_described()),
        Route::get("/api/v1/runs", May(ReadSources), sources::runs).api(sources::runs_described()),
        Route::get("/api/v1/runs/{id}", May(ReadSources), sources::run)
            .api(sources::run_described()),
        Route::get(
            "/api/v1/runs/{id}/visits",
            May(ReadSources),
            sources::visits,
        )
        .api(sources::visits_described()),
        Route::get("/api/v1/deliveries", May(ReadDeliveries), deliveries::list)
            .api(deliveries::list_described()),
        Route::get(
            "/api/v1/deliveries/{id}",
            May(ReadDeliveries),
            deliveries::show,
        )
        .api(deliveries::show_described()),
        Route::get(
            "/api/v1/channels",
            May(ReadDeliveries),
            deliveries::channels,
        )
        .api(deliveries::channels_described()),
        Route::get("/api/v1/audit", May(ReadAudit), audit::list).api(audit::list_described()),
        Route::get("/api/v1/holds", May(ReadHolds), holds::list).api(holds::list_described()),
        Route::post("/api/v1/holds", May(PlaceHolds), holds::place).api(holds::place_described()),
        Route::post("/api/v1/holds/{id}/lift", May(PlaceHolds), holds::lift)
            .api(holds::lift_described()),
        Route::get("/api/v1/purges", May(ReadHolds), gone::purges).api(gone::purges_described()),
        Route::get("/api/v1/erasures", May(ReadHolds), gone::erasures)
            .api(gone::erasures_described()),
        // Files.
        Route::get(
            "/api/v1/watchlists/{id}/export",
            May(ReadWatchlists),
            list_export::export,
        )
        .api(list_export::described()),
        Route::get("/api/v1/exports/alerts", May(ReadAlerts), exports::alerts)
            .api(exports::alerts_described()),
        Route::get(
            "/api/v1/exports/sightings",
            May(ReadAlerts),
            exports::sightings,
        )
        .api(exports::sightings_described()),
        Route::get(
            "/api/v1/exports/listings",
            May(ReadListings),
            exports::listings,
        )
        .api(exports::listings_described()),
        Route::get("/api/v1/exports/audit", May(ReadAudit), exports::audit)
            .api(exports::audit_described()),
        // What is done.
        Route::post(
            "/api/v1/watchlists",
            May(EditWatchlists),
            list_deeds::create,
        )
        .api(list_deeds::create_described()),
        Route::post(
            "/api/v1/watchlists/{id}/edit",
            May(EditWatchlists),
            list_deeds::edit,
        )
        .api(list_deeds::edit_described()),
        Route::post(
            "/api/v1/watchlists/{id}/delete",
            May(EditWatchlists),
            list_deeds::delete,
        )
        .api(list_deeds::delete_described()),
        Route::post(
            "/api/v1/watchlists/{id}/entries",
            May(EditWatchlists),
            entry_deeds::add,
        )
        .api(entry_deeds::add_described()),
        Route::post(
            "/api/v1/watchlists/{id}/preview",
            May(EditWatchlists),
            entry_deeds::preview,
        )
        .api(entry_deeds::preview_described()),
        Route::post(
            "/api/v1/watchlists/{id}/backtest",
            May(EditWatchlists),
            entry_deeds::backtest,
        )
        .api(entry_deeds::backtest_described()),
        Route::post(
            "/api/v1/watchlists/{id}/import",
            May(EditWatchlists),
            imports::import,
        )
        .api(imports::import_described()),
        Route::post(
            "/api/v1/entries/{id}/edit",
            May(EditWatchlists),
            entry_deeds::changing(EntryDeed::Edited),
        )
        .api(entry_deeds::changing_described(
            "Change what is said of an entry",
        )),
        Route::post(
            "/api/v1/entries/{id}/activate",
            May(EditWatchlists),
            entry_deeds::changing(EntryDeed::Activated),
        )
        .api(entry_deeds::changing_described(
            "Have a draft looked for from now on, with what is still missing of it",
        )),
        Route::post(
            "/api/v1/entries/{id}/review",
            May(EditWatchlists),
            entry_deeds::changing(EntryDeed::Reviewed),
        )
        .api(entry_deeds::changing_described(
            "Say that an entry goes on, until `review_at` or as long as its watchlist says",
        )),
        Route::post(
            "/api/v1/entries/{id}/withdraw",
            May(EditWatchlists),
            entry_deeds::withdraw,
        )
        .api(entry_deeds::withdraw_described()),
        Route::post(
            "/api/v1/sightings/{id}/verdict",
            May(JudgeAlerts),
            sightings::judge,
        )
        .api(sightings::judge_described()),
        Route::post(
            "/api/v1/sources/{id}/run",
            May(EditSources),
            source_deeds::run,
        )
        .api(source_deeds::run_described()),
        Route::post(
            "/api/v1/sources/{id}/pause",
            May(EditSources),
            source_deeds::pause,
        )
        .api(source_deeds::pause_described()),
        Route::post(
            "/api/v1/sources/{id}/resume",
            May(EditSources),
            source_deeds::resume,
        )
        .api(source_deeds::resume_described()),
        Route::post(
            "/api/v1/sources/{id}/furniture",
            May(EditSources),
            source_deeds::overrule,
        )
        .api(source_deeds::overrule_described()),
        Route::post(
            "/api/v1/sources/{id}/test",
            May(EditSources),
            bench::attempt,
        )
        .api(bench::attempt_described()),
        Route::get(
            "/api/v1/sources/{id}/file",
            May(EditSources),
            source_file::show,
        )
        .api(source_file::show_described()),
        Route::get(
            "/api/v1/sources/{id}/file/versions",
            May(EditSources),
            source_file::versions,
        )
        .api(source_file::versions_described()),
        Route::post(
            "/api/v1/sources/{id}/file/check",
            May(EditSources),
            source_file::check,
        )
        .api(source_file::check_described()),
        Route::post(
            "/api/v1/sources/{id}/file/edit",
            May(EditSources),
            source_file::edit,
        )
        .api(source_file::edit_described()),
        Route::post(
            "/api/v1/deliveries/{id}/replay",
            May(EditDeliveries),
            deliveries::replay,
        )
        .api(deliveries::replay_described()),
        Route::post(
            "/api/v1/deliveries/replay",
            May(EditDeliveries),
            deliveries::replay_all,
        )
        .api(deliveries::replay_all_described()),
        Route::post(
            "/api/v1/channels/{name}/replay",
            May(EditDeliveries),
            deliveries::replay_channel,
        )
        .api(deliveries::replay_channel_described()),
        Route::post(
            "/api/v1/channels/{name}/test",
            May(EditDeliveries),
            deliveries::test,
        )
        .api(deliveries::test_described()),
        Route::post(
            "/api/v1/channels/{name}/enable",
            May(EditDeliveries),
            deliveries::enable,
        )
        .api(deliveries::enable_described()),
    ];
    routes.extend(people::routes());
    routes
}

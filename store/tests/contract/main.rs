//! The store's contract: one set of stories, told to both engines.
//!
//! SQLite always; PostgreSQL where `SIGHTLINE_TEST_POSTGRES` holds the URL of a server's superuser (`scripts/postgres`
//! starts one). With `SIGHTLINE_TEST_REQUIRE_SERVICES=1` a missing server is a failure, not a shorter run.

mod admitting;
mod alerting;
mod chaining;
mod crawling;
mod cut_off;
mod erasing;
mod fences;
mod furnishing;
mod inbox;
mod judged;
mod judging;
mod keeping;
mod leasing;
mod lists;
mod living;
mod losing;
mod matching;
mod noticing;
mod opening;
mod operating;
mod planning;
mod reminding;
mod removing;
mod returning;
mod schema;
mod searching;
mod set_back;
mod sharing;
mod showing;
mod side_by_side;
mod silencing;
mod support;
mod telling;
mod tenancy;
mod upgrading;
mod world;

/// Tells each story to both engines, each in a place of its own. A story that is not named here is dead code, which
/// clippy refuses.
macro_rules! stories {
    ($($module:ident: $($story:ident),+ $(,)?;)+) => {
        mod sqlite {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $story() {
                    let place = crate::support::Place::sqlite();
                    crate::$module::$story(&place).await;
                }
            )+)+
        }

        mod postgres {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $story() {
                    if let Some(place) = crate::support::Place::postgres().await {
                        crate::$module::$story(&place).await;
                        place.remove().await;
                    }
                }
            )+)+
        }
    };
}

stories! {
    opening: opens_again_with_what_was_stored, one_data_folder_belongs_to_what_is_stored, refuses_a_newer_schema, refuses_an_unknown_organisation,
        names_its_health, backs_up_while_in_use, a_copy_under_load_is_a_state_that_was, keeps_numbers_unique;
    upgrading: listings_keep_their_page_through_the_upgrade, sightings_keep_what_was_seen_through_the_upgrade,
        messages_keep_their_place_in_the_outbox_through_the_upgrade, what_was_indexed_before_is_indexed_anew,
        what_was_taken_for_unchanged_is_read_anew_after_the_upgrade;
    cut_off: an_upgrade_that_is_cut_off_anywhere_is_the_whole_one, each_older_schema_leads_to_the_same,
        a_migration_that_is_half_done_is_found_out;
    planning: a_source_keeps_its_plan_when_its_file_changes, a_run_is_planned_once, a_run_begins_counts_and_ends,
        planners_do_not_overwrite_each_other;
    leasing: a_url_is_visited_once_in_a_run, two_workers_never_share_a_host, a_renewed_lease_stays,
        a_visit_that_its_worker_does_not_know_of_is_due_again,
        it_is_known_what_waits_for_whom, hosts_take_turns, turns_are_reserved_ahead,
        a_host_that_backs_off_is_left_alone, sources_can_be_picked, ends_and_retries_are_kept,
        leasing_is_quick_among_many_visits;
    sharing: a_host_s_stretches_follow_each_other, a_lease_says_what_is_reserved, sources_can_be_left_to_others,
        a_host_is_free_once_its_owner_has_nothing_there, what_nobody_has_can_be_ended;
    set_back: a_clock_that_was_set_back_keeps_no_host_waiting, a_clock_that_was_set_back_keeps_no_page_waiting,
        a_clock_that_was_set_back_keeps_no_message_waiting;
    losing: a_dead_workers_lease_is_taken_over, a_released_lease_costs_no_try,
        a_visit_that_a_worker_died_of_costs_a_try;
    crawling: pages_keep_their_identifier, captures_are_found_again, listings_change_and_vanish,
        images_are_stored_once, observations_follow_their_listing,
        an_image_was_seen_when_its_bytes_came, a_stranger_s_nul_is_harmless;
    removing: a_listing_stands_on_several_pages, what_is_on_two_pages_is_touched_and_told_of_by_both,
        a_page_that_is_gone_leaves_what_stands_elsewhere, a_run_removes_what_it_did_not_see,
        the_own_page_of_what_no_list_shows_is_asked_once_in_a_run,
        what_a_list_leads_to_is_listed_whatever_its_page_answers,
        one_that_moved_leaves_the_page_that_no_list_leads_to,
        a_failed_page_spares_its_listings, what_came_back_says_when_it_was_gone;
    matching: entries_are_added_once, the_same_selector_is_found_on_other_lists, matchers_see_active_entries_only, what_changed_is_found_by_its_generation,
        entries_are_hunted_once, changed_entries_are_kept_with_their_changes, memory_spans_all_listings, sightings_follow_their_listing;
    admitting: an_account_is_found_by_its_name_in_any_case, what_proves_somebody_is_accepted_once,
        sessions_begin_and_end, tokens_and_invitations_hold_for_a_time, what_is_asked_under_a_key_is_answered_once,
        failures_are_counted_and_forgotten, ways_back_are_found_and_used_up;
    inbox: the_inbox_has_the_gravest_first;
    searching: what_listings_say_is_found, words_are_the_same_on_both_engines;
    showing: a_list_is_shown_in_every_order, a_list_goes_on_while_it_changes, it_is_shown_where_something_was_seen;
    judging: the_last_word_on_a_sighting_counts, identifiers_are_found_by_their_beginning;
    alerting: an_alert_lives_and_closes, batches_tell_their_own_sightings,
        the_outbox_is_fair, a_delivery_ends_once, waits_are_released, what_was_withdrawn_goes_out_after_all;
    telling: an_alert_is_found_by_its_group_and_by_what_it_holds,
        alerts_are_overdue_by_what_each_message_counts_from, a_digest_carries_what_waits_for_it,
        what_waits_is_hastened_or_let_go_by_what_it_waits_for,
        what_is_put_off_was_not_tried_and_takes_along_what_it_carries,
        what_is_put_off_leaves_its_digest_and_goes_when_it_may,
        what_an_entry_brings_about_is_remembered_for_a_day;
    reminding: a_reminder_takes_along_what_a_ceiling_holds, an_alert_comes_to_the_best_of_what_stands_in_it;
    returning: how_an_entry_was_last_withdrawn_is_known;
    noticing: a_notice_is_told_and_resolved, a_digest_of_reviews_is_taken_once,
        whose_reviews_are_due_is_known,
        messages_of_notices_go_through_the_outbox, what_operators_are_told_is_counted;
    silencing: silences_hold_for_a_while, what_silences_keep_quiet_is_counted,
        what_silences_kept_quiet_is_owed_once_they_are_over, what_alerts_gather_is_read_as_silences_know_it,
        what_ends_early_is_reminded_of_from_then_on;
    lists: a_list_goes_where_nothing_ever_stood_on_it;
    living: an_alert_is_given_and_talked_about, quiet_alerts_are_found;
    operating: runs_are_read_by_source_the_latest_first, visits_and_paces_of_a_run_are_read,
        messages_are_read_by_state, the_audit_log_is_read_by_every_filter, whoever_changes_an_account_ends_its_sessions,
        no_page_of_the_operator_reads_a_whole_table, what_a_sources_file_said_is_kept;
    furnishing: what_a_source_shows_is_counted, furniture_is_kept_by_source, withheld_sightings_count_for_nothing,
        ten_thousand_listings_are_counted_at_once;
    keeping: what_may_go_goes_and_the_rest_stays, a_purge_goes_on_where_it_was_stopped, a_hold_keeps_what_it_covers,
        captures_move_with_their_file;
    judged: what_an_alert_rests_on_stays_as_it_was_judged, what_a_judgement_was_read_from_is_not_purged;
    erasing: every_table_is_on_the_erasure_list, what_is_erased_is_nowhere, what_is_erased_is_in_no_file,
        what_other_listings_show_stays,
        a_digest_that_tells_of_what_goes_is_forgotten,
        what_was_erased_is_known_if_it_comes_again;
    chaining: the_audit_log_grows, the_log_refuses_to_be_changed, every_change_of_the_log_is_found,
        what_was_signed_outlives_whoever_writes_the_log_anew, deeds_of_before_are_chained_when_the_store_is_opened,
        a_log_may_begin_where_that_was_signed,
        a_beginning_that_was_cut_where_it_was_signed_is_found, deeds_of_many_at_once_are_one_chain,
        a_deed_on_what_something_held_was_read_from_is_held;
    tenancy: organisations_do_not_see_each_other, whoever_forgets_its_organisation_is_found_out;
    fences: foreign_identifiers_are_as_good_as_none, nobody_judges_what_is_anothers, every_table_belongs_to_an_organisation;
    side_by_side: writers_do_not_block_each_other, one_alert_is_raised_by_two, workers_share_the_work,
        who_takes_alerts_together_waits_with_nothing_in_hand, a_change_of_entries_waits_for_a_commit, a_renewal_waits_for_a_commit;
}

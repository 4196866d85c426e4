"""What `make test` leaves out, and `make test-all` runs: tests that take long and try what a shorter one tries in the small.

By file: functions, or one case of a function as pytest writes it. A name that is not there any more fails tests/test_longer.py.
"""

from __future__ import annotations

from typing import Final

LONGER: Final[dict[str, tuple[str, ...]]] = {
    "backup/test_restoring.py": ("test_any_flipped_byte_is_refused_and_leaves_nothing",),
    "browser/test_console.py": (
        "test_an_input_is_put_on_the_air", "test_it_says_when_nobody_answers_and_comes_back",
        "test_the_delay_and_what_it_holds", "test_graphs_begin_with_what_was_kept", "test_an_offset_is_sent_when_it_is_let_go",
    ),
    "browser/test_console_looks.py": (
        "test_it_fits[en-1600]", "test_it_fits[fa-1280]", "test_it_fits[fa-900]", "test_it_fits[en-360]",
        "test_it_fits[en-320]", "test_it_fits[fa-320]", "test_it_fits_when_all_is_wrong",
    ),
    "browser/test_demo.py": (
        "test_huma_plays_on_and_plays_nothing_false", "test_the_page_speaks_farsi_and_stays_on_this_machine",
        "test_a_file_plays_and_can_be_prepared",
    ),
    "browser/test_desk_looks.py": (
        "test_it_fits[fa-1280]", "test_it_fits[fa-900]", "test_it_fits[en-360]", "test_it_fits[en-320]",
        "test_it_fits_when_all_is_wrong",
    ),
    "browser/test_desk.py": ("test_it_says_when_nobody_answers_and_comes_back",),
    "browser/test_faults.py": (
        "test_a_programme_that_nobody_goes_on_with_is_not_a_slow_line", "test_all_mirrors_die_and_return",
    ),
    "browser/test_keyboard.py": (
        "test_tab_reaches_everything_and_shows_where_it_is", "test_nothing_moves_for_who_wants_no_motion",
        "test_a_sheet_holds_the_focus_and_escape_gives_it_back",
    ),
    "browser/test_keys.py": (
        "test_a_stolen_key_is_seen_and_the_branch_in_play_stays",
        "test_the_recording_goes_back_over_a_take_over_before_the_new_key_has_a_chapter",
    ),
    "browser/test_newsroom.py": ("test_three_languages_go_on_the_air_and_fail_over_before_a_viewer",),
    "browser/test_opening.py": (
        "test_a_spoilt_pin_is_not_no_pin", "test_a_player_whose_hash_is_not_the_signed_one_is_not_kept",
        "test_the_page_stands_in_other_peoples_sites[element]", "test_leave_no_trace", "test_a_host_that_was_taken_over_cannot_replace_a_kept_page",
    ),
    "browser/test_playing.py": (
        "test_sound_only_fetches_no_picture", "test_volunteers_can_be_turned_off",
        "test_the_next_visit_asks_the_mirrors_of_this_one",
    ),
    "browser/test_programme.py": (
        "test_who_comes_after_the_end_sees_the_replay", "test_the_signed_end_and_the_replay", "test_a_pause_leaves_one_behind_until_one_rejoins",
        "test_who_only_listens_waits_for_sound_and_not_for_a_picture",
    ),
    "browser/test_screens.py": (
        "test_every_screen[1280-900]", "test_every_screen[320-640]", "test_the_real_page_fits_a_narrow_phone",
        "test_who_only_listens_is_told_nothing_of_a_picture", "test_two_builds_give_the_same_bytes",
    ),
    "browser/test_thin_line.py": (
        "test_a_line_that_turns_thin_is_answered_with_long_segments_and_left_again",
        "test_sound_comes_first_and_the_picture_behind_it",
    ),
    "cli/test_backup.py": (
        "test_a_restored_event_never_signs_on_with_the_rank_that_was_in_use", "test_others_are_refused_and_told_the_mend",
        "test_what_cannot_be_is_told_and_leaves_nothing",
    ),
    "cli/test_console.py": (
        "test_a_console_that_is_not_wanted_or_cannot_be", "test_nobody_is_on_the_air", "test_wrong_words",
        "test_status_says_everything_that_the_document_says",
    ),
    "cli/test_desk.py": (
        "test_signing_needs_the_passphrases_of_as_many_as_must", "test_the_cold_pair_wants_two_stores",
    ),
    "cli/test_live.py": (
        "test_what_makes_no_sense_is_refused",
        "test_a_standby_that_takes_over_ends_the_first", "test_what_is_served_has_a_plain_address_and_says_who_can_reach_it",
        "test_two_on_one_machine_are_refused", "test_a_second_signal_ends_it_without_a_signed_end",
        "test_a_clock_measured_wrong_does_not_go_on_the_air_unless_told",
        "test_a_second_signal_after_the_signed_end_takes_nothing_back", "test_a_signal_signs_the_end[15]",
        "test_a_store_that_is_dead_at_the_start_keeps_nobody_waiting",
        "test_one_person_whose_log_is_lost_goes_on_with_the_next_rank",
        "test_others_whose_log_is_lost_are_refused_and_told_the_mend", "test_two_accounts_of_one_machine_are_refused",
    ),
    "cli/test_liveevent.py": (
        "test_a_source_that_cannot_be_copied_leaves_no_event_behind",
        "test_a_bit_rate_that_is_measured_otherwise_is_nobodys_trouble",
        "test_an_encoded_event_that_becomes_a_copy_is_told_once_it_is_one", "test_the_event_of_a_copied_source_is_used_again",
        "test_a_file_ends_by_itself",
    ),
    "cli/test_new.py": (
        "test_what_cannot_be_is_refused_and_leaves_nothing",
        "test_killed_at_any_moment_there_is_a_whole_event_or_none",
        "test_held_keys_take_their_passphrases_from_the_environment",
    ),
    "clip/test_command.py": ("test_what_makes_no_sense_is_told",),
    "demo/test_command.py": (
        "test_light_uses_what_was_prepared", "test_it_is_stopped_calmly_at_any_moment",
        "test_a_signal_ends_it_and_leaves_nothing_behind", "test_for_ends_it_after_so_much_programme",
    ),
    "deploy/test_units.py": ("test_huma_live_works_within_its_unit",),
    "keys/test_docs.py": ("test_every_key_file_is_listed",),
    "keys/test_updater.py": (
        "test_a_swapped_target_is_refused[two of three]", "test_an_expired_timestamp_is_refused[two of three]",
        "test_every_target_is_accepted[two of three]", "test_the_cold_pair_signs_what_is_accepted[two of three]",
    ),
    "media/test_copying.py": (
        "test_key_frames_a_minute_apart_are_left_out_and_told", "test_every_container_gives_every_picture[2-.mkv]",
        "test_every_container_gives_every_picture[2-.ts]", "test_every_container_gives_every_picture[2-.flv]",
        "test_every_container_gives_every_picture[2-.mp4]",
    ),
    "media/test_delay.py": (
        "test_one_who_returns_while_his_first_call_still_waits_is_not_lost",
        "test_of_a_recording_a_dump_leaves_out_as_much_as_the_delay", "test_a_dump_with_nothing_held_harms_nothing",
        "test_a_loss_is_seen_when_it_is_on_the_air[mpegts]", "test_a_dump_throws_away_all_that_was_held[mpegts]",
        "test_nothing_goes_on_the_air_before_its_time_and_everything_after[flv]",
    ),
    "media/test_faults.py": ("test_an_encoder_that_hangs_is_not_waited_for_for_ever",),
    "media/test_files.py": ("test_every_size_and_shape_fits_with_bars", "test_rates_and_layouts_of_every_kind"),
    "media/test_in_browsers.py": (
        "test_a_copy_with_b_frames_and_a_break_plays", "test_a_slow_ladder_of_several_fragments_plays",
        "test_an_encoded_programme_plays",
    ),
    "media/test_intake.py": ("test_main_is_chosen_again_by_hand",),
    "net/srt/test_encoders.py": (
        "test_an_encoder_that_goes_may_return_at_once",
        "test_every_length_of_key[16]", "test_every_length_of_key[24]", "test_a_stream_id",
        "test_an_encoder_may_ask_for_a_longer_latency", "test_an_encoder_that_was_killed_makes_room_when_it_has_been_silent",
        "test_what_the_latency_still_holds_of_one_who_has_gone_is_not_lost",
    ),
    "net/srt/test_hostile.py": (
        "test_a_flood_of_handshakes_neither_fills_the_memory_nor_reaches_the_publisher",
        "test_nor_does_it_while_nobody_sends_and_passphrases_are_tried",
        "test_thousands_of_passphrases_beside_a_publisher_are_not_even_tried",
        "test_ten_thousand_datagrams_of_noise_beside_a_publisher_lose_nothing",
    ),
    "record/test_recorder.py": ("test_mpv_seeks_in_it", "test_a_change_of_codec_parameters_begins_new_files",
        "test_chromium_plays_it_from_a_seek_to_the_end"),
    "restream/test_beside.py": ("test_nothing_beside_it_delays_what_is_signed",),
    "restream/test_output.py": (
        "test_a_platform_that_is_killed_and_comes_back",
        "test_a_platform_that_hangs_is_left_and_called_again", "test_srt_with_a_passphrase_that_is_killed_and_comes_back",
        "test_the_sender_does_not_outlive_us",
    ),
    "restream/test_rtmps.py": ("test_only_the_right_certificate_is_spoken_to",),
    "store/test_objects.py": (
        "test_a_server_that_is_away_hangs_or_has_no_such_bucket", "test_paths_that_lead_elsewhere_do_not_exist",
        "test_a_wrong_key_is_refused_and_told_without_it",
    ),
    "system/test_kill.py": ("test_killed_at_any_moment_it_never_contradicts_itself[50]",),
    "system/test_players.py": ("test_ffmpeg[index-slow.m3u8]",),
    "system/test_three_stores.py": (
        "test_three_kinds_of_store_hold_the_same_and_one_that_goes_disturbs_nobody",
        "test_the_command_line_publishes_to_all_three",
    ),
}  # fmt: skip


def is_longer(file: str, name: str) -> bool:
    """Whether a test, as pytest names it, is one of them. `file` is relative to tests/."""
    names = LONGER.get(file, ())
    return name in names or name.partition("[")[0] in names

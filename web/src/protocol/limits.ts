/** Every limit and every shared number of huma/1: the twin of config.py (spec/limits.md says why each is what it is). */

export const PROTOCOL_VERSION = 1;

// -- sizes, after decompression ------------------------------------------------------------------------
export const KIB = 1024;
export const MIB = 1024 * 1024;
export const LIVE_MAX_BYTES = 16 * KIB;
export const LIVE_MAX_SEGMENTS = 12;
export const LIVE_WINDOW_SEGMENTS = 6;
export const CHAPTER_MAX_BYTES = 256 * KIB;
export const CHAPTER_TICKS = 280;
export const CHECKPOINT_MAX_BYTES = 64 * KIB;
export const REVOKED_MAX_BYTES = 64 * KIB;
export const BOOT_MAX_BYTES = 512 * KIB;
export const ROOT_MAX_BYTES = 512_000;
export const TIMESTAMP_MAX_BYTES = 16 * KIB;
export const METADATA_MAX_BYTES = MIB;
export const TARGET_MAX_BYTES = MIB;
export const PLAYER_MAX_BYTES = 4 * MIB;
export const LINE_MAX_BYTES = KIB;
export const SEGMENT_MAX_BYTES = 8 * MIB;
export const MAX_INTEGER = 2**53 - 1;
export const MAX_ROOT_ROTATIONS = 256;
export const MAX_RENDITIONS = 64;
export const MAX_LIVE_KEYS = 16;
export const MAX_MIRRORS = 1000;
export const MAX_HINTS = 8;
export const MAX_LANGUAGES = 64;
export const MAX_SCHEDULE = 200;
export const MAX_ADDRESSES = 8;
export const TEXT_MAX_BYTES = 512;
export const URL_MAX_BYTES = 256;
export const LINK_MAX_BYTES = 4 * KIB;
export const JSON_MAX_DEPTH = 16;
export const INIT_MAX_BYTES = 64 * KIB;
export const MAX_TICKS_PER_SEGMENT = 16;
export const MAX_TICK_PART = 100_000;
export const TICK_MIN_MS = 200;
export const TICK_MAX_MS = 10_000;
export const MAX_TARGET_DURATION_S = 60;

// -- belief (spec/client.md, B) ------------------------------------------------------------------------
export const FUTURE_MS = 60_000;
export const RISE_SLACK_TICKS = 15;
export const BEHIND_MS = 10_000;
export const LIVE_WINDOW_MS = 60_000;
export const GAP_FILL_SEGMENTS = 12;
export const RENDITION_SKEW_TICKS = 3;
export const EVIDENCE_KEPT = 16;
export const TRAIL_TICKS = 64;
export const MAX_REVOKED = 256;

// -- mirrors (spec/client.md, M) -----------------------------------------------------------------------
export const STICKY_MIRRORS = 3;
export const SILENT_MS = 2_500;
export const SILENT_FACTOR = 3;
export const SILENT_ONION_MS = 30_000;
export const LATE_SEGMENTS = 1.6;
export const LATE_MS = 1_500;
export const FROZEN_TICKS = 3;
export const FROZEN_TARGET_DURATIONS = 3;
export const FROZEN_MS = 4_000;
export const CUT_OFF_TICKS = 6;
export const CUT_OFF_MS = 10_000;
export const FORGING_STRIKES = 2;
export const YOUNG_SEGMENT_MS = 3_000;
export const PENALTY_FIRST_MS = 1_000;
export const PENALTY_MAX_MS = 600_000;
export const HEDGE_TOKENS = 3.0;
export const HEDGE_REFILL = 0.05;
export const RETRY_FIRST_MS = 250;
export const RETRY_MAX_MS = 4_000;
export const RETRY_JITTER = 0.5;
export const REVOKED_POLL_MS = 10_000;
export const TIMESTAMP_POLL_MS = 30_000;
export const TIMESTAMP_POLL_JITTER = 0.2;
export const ENDED_POLL_MS = 30_000;
export const ENDED_POLL_FOR_MS = 1_800_000;
export const START_MIRRORS = 3;
export const START_GRACE_MS = 400;
export const FRESH_MS = 2_000;
export const REASK_SEGMENTS = 0.5;
export const EXPECT_KEPT = 8;
export const EXPECT_MARGIN_MS = 60;
export const PROBE_SEGMENTS = 0.125;
export const REASK_AGAIN_SEGMENTS = 0.25;
export const REVOKED_START_MIRRORS = 2;
export const WATCH_TRIES = 3;
export const COMPARE_MS = 10_000;
export const ROUND_MIRRORS = 6;
export const BENCH_STRIKES = 3;
export const PATIENCE_MAX = 8;
export const HEDGE_SEGMENTS = 0.5;
export const HEDGE_FACTOR = 2;
export const SLOW_GRACE_MS = 250;
export const STALL_MS = 500;
export const BETTER_FACTOR = 2;
export const CRAWL_FACTOR = 4;
export const RATE_MIN_BYTES = 16_384;
export const RATE_MEMORY_MS = 60_000;
export const BODY_MS = 1_500;
export const UNSIZED_MS = 30_000;
export const LOOK_EVERY_MS = 30_000;
export const AUDIO_ONLY_MS = 15_000;
export const FETCH_BURST = 30;
export const FETCH_EVERY_MS = 80;
export const SUSPENDED_MS = 10_000;

// -- trust documents -----------------------------------------------------------------------------------
export const TIMESTAMP_SIGN_EVERY_S = 300;
export const TIMESTAMP_LIFE_S = 24 * 3600;
export const STEERING_LIFE_S = 24 * 3600;
export const SNAPSHOT_LIFE_S = 7 * 24 * 3600;
export const SLOW_ROLE_LIFE_DAYS = 365;
export const MAX_ROLE_KEYS = 32;
export const MAX_SIGNATURES = 64;
export const MAX_LISTED_FILES = 64;
export const MAX_REMEMBERED = 66;
export const TRUST_SOURCES = 8;
export const TRUST_VOLUNTEERS = 2;
export const TRUST_AT_ONCE = 4;
export const TRUST_FIRST_BYTE_MS = 10_000;
export const TRUST_PATIENT_MS = 10_000;
export const TRUST_MIN_BYTES_PER_S = 256;
export const TRUST_SUSPECT_MS = 60_000;
export const RATE_WINDOW_MS = 2000;
export const LIVE_KEY_LIFE_DAYS = 30;

// -- clocks --------------------------------------------------------------------------------------------
export const CLOCK_OFF_MAX_S = 2.0;

// -- default doors (tests use port 0) ------------------------------------------------------------------
export const SERVE_PORT = 8400;
export const MIRROR_PORT = 8401;
export const CONSOLE_PORT = 8405;
export const DESK_PORT = 8415;

"""Every limit and every shared number of huma/1, in one place (spec/limits.md says why each is what it is)."""

from __future__ import annotations

from typing import Final

PROTOCOL_VERSION: Final = 1

# -- sizes, after decompression ------------------------------------------------------------------------
KIB: Final = 1024
MIB: Final = 1024 * 1024
LIVE_MAX_BYTES: Final = 16 * KIB
LIVE_MAX_SEGMENTS: Final = 12
LIVE_WINDOW_SEGMENTS: Final = 6
CHAPTER_MAX_BYTES: Final = 256 * KIB
CHAPTER_TICKS: Final = 280
CHECKPOINT_MAX_BYTES: Final = 64 * KIB
REVOKED_MAX_BYTES: Final = 64 * KIB
BOOT_MAX_BYTES: Final = 512 * KIB
ROOT_MAX_BYTES: Final = 512_000
TIMESTAMP_MAX_BYTES: Final = 16 * KIB
METADATA_MAX_BYTES: Final = MIB
TARGET_MAX_BYTES: Final = MIB
PLAYER_MAX_BYTES: Final = 4 * MIB
LINE_MAX_BYTES: Final = KIB
SEGMENT_MAX_BYTES: Final = 8 * MIB
MAX_INTEGER: Final = 2**53 - 1
MAX_ROOT_ROTATIONS: Final = 256
MAX_RENDITIONS: Final = 64
MAX_LIVE_KEYS: Final = 16
MAX_MIRRORS: Final = 1000
MAX_HINTS: Final = 8
MAX_LANGUAGES: Final = 64
MAX_SCHEDULE: Final = 200
MAX_ADDRESSES: Final = 8
TEXT_MAX_BYTES: Final = 512
URL_MAX_BYTES: Final = 256
LINK_MAX_BYTES: Final = 4 * KIB
JSON_MAX_DEPTH: Final = 16
INIT_MAX_BYTES: Final = 64 * KIB
MAX_TICKS_PER_SEGMENT: Final = 16
MAX_TICK_PART: Final = 100_000
TICK_MIN_MS: Final = 200
TICK_MAX_MS: Final = 10_000
MAX_TARGET_DURATION_S: Final = 60

# -- belief (spec/client.md, B) ------------------------------------------------------------------------
FUTURE_MS: Final = 60_000
RISE_SLACK_TICKS: Final = 15
BEHIND_MS: Final = 10_000
LIVE_WINDOW_MS: Final = 60_000
GAP_FILL_SEGMENTS: Final = 12
RENDITION_SKEW_TICKS: Final = 3
EVIDENCE_KEPT: Final = 16
TRAIL_TICKS: Final = 64
MAX_REVOKED: Final = 256

# -- mirrors (spec/client.md, M) -----------------------------------------------------------------------
STICKY_MIRRORS: Final = 3
SILENT_MS: Final = 2_500
SILENT_FACTOR: Final = 3
SILENT_ONION_MS: Final = 30_000
LATE_SEGMENTS: Final = 1.6
LATE_MS: Final = 1_500
FROZEN_TICKS: Final = 3
FROZEN_TARGET_DURATIONS: Final = 3
FROZEN_MS: Final = 4_000
CUT_OFF_TICKS: Final = 6
CUT_OFF_MS: Final = 10_000
FORGING_STRIKES: Final = 2
YOUNG_SEGMENT_MS: Final = 3_000
PENALTY_FIRST_MS: Final = 1_000
PENALTY_MAX_MS: Final = 600_000
HEDGE_TOKENS: Final = 3.0
HEDGE_REFILL: Final = 0.05
RETRY_FIRST_MS: Final = 250
RETRY_MAX_MS: Final = 4_000
RETRY_JITTER: Final = 0.5
REVOKED_POLL_MS: Final = 10_000
TIMESTAMP_POLL_MS: Final = 30_000
TIMESTAMP_POLL_JITTER: Final = 0.2
ENDED_POLL_MS: Final = 30_000
ENDED_POLL_FOR_MS: Final = 1_800_000
START_MIRRORS: Final = 3
START_GRACE_MS: Final = 400
FRESH_MS: Final = 2_000
REASK_SEGMENTS: Final = 0.5
EXPECT_KEPT: Final = 8
EXPECT_MARGIN_MS: Final = 60
PROBE_SEGMENTS: Final = 0.125
REASK_AGAIN_SEGMENTS: Final = 0.25
REVOKED_START_MIRRORS: Final = 2
WATCH_TRIES: Final = 3
COMPARE_MS: Final = 10_000
ROUND_MIRRORS: Final = 6
BENCH_STRIKES: Final = 3
PATIENCE_MAX: Final = 8
HEDGE_SEGMENTS: Final = 0.5
HEDGE_FACTOR: Final = 2
SLOW_GRACE_MS: Final = 250
STALL_MS: Final = 500
BETTER_FACTOR: Final = 2
CRAWL_FACTOR: Final = 4
RATE_MIN_BYTES: Final = 16_384
RATE_MEMORY_MS: Final = 60_000
BODY_MS: Final = 1_500
UNSIZED_MS: Final = 30_000
LOOK_EVERY_MS: Final = 30_000
AUDIO_ONLY_MS: Final = 15_000
FETCH_BURST: Final = 30
FETCH_EVERY_MS: Final = 80
SUSPENDED_MS: Final = 10_000

# -- trust documents -----------------------------------------------------------------------------------
TIMESTAMP_SIGN_EVERY_S: Final = 300
TIMESTAMP_LIFE_S: Final = 24 * 3600
STEERING_LIFE_S: Final = 24 * 3600
SNAPSHOT_LIFE_S: Final = 7 * 24 * 3600
SLOW_ROLE_LIFE_DAYS: Final = 365
MAX_ROLE_KEYS: Final = 32
MAX_SIGNATURES: Final = 64
MAX_LISTED_FILES: Final = 64
MAX_REMEMBERED: Final = 66
TRUST_SOURCES: Final = 8
TRUST_VOLUNTEERS: Final = 2
TRUST_AT_ONCE: Final = 4
TRUST_FIRST_BYTE_MS: Final = 10_000
TRUST_PATIENT_MS: Final = 10_000
TRUST_MIN_BYTES_PER_S: Final = 256
TRUST_SUSPECT_MS: Final = 60_000
RATE_WINDOW_MS: Final = 2000
LIVE_KEY_LIFE_DAYS: Final = 30

# -- clocks --------------------------------------------------------------------------------------------
CLOCK_OFF_MAX_S: Final = 2.0

# -- default doors (tests use port 0) ------------------------------------------------------------------
SERVE_PORT: Final = 8400
CONSOLE_PORT: Final = 8405
MIRROR_PORT: Final = 8401
DESK_PORT: Final = 8415

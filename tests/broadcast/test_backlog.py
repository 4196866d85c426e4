from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from huma.broadcast.backlog import FIRST_PAUSE_MS, LONGEST_PAUSE_MS, Backlog, Job


def drain(backlog: Backlog, now_ms: float = 0.0) -> list[str]:
    done = []
    while (job := backlog.next_job(now_ms)) is not None:
        done.append(job.path)
        backlog.done(job)
    return done


def test_a_playlist_waits_for_its_media_and_only_for_them() -> None:
    backlog = Backlog()
    backlog.want_file("old", 1)
    backlog.want_file("b", 20)
    backlog.want_file("a", 10)
    backlog.want_document("live", b"1", ["a", "b", "there already"], live=True)
    assert drain(backlog) == ["a", "b", "live", "old"]


def test_what_was_overtaken_is_never_sent() -> None:
    backlog = Backlog()
    for n in range(100):
        backlog.want_file(f"m{n}", 5)
        backlog.want_document("live", b"%d" % n, [f"m{n}"], live=True)
    job = backlog.next_job(0)
    assert job is not None
    assert job.path == "m99"
    backlog.done(job)
    job = backlog.next_job(0)
    assert job is not None
    assert (job.path, job.data) == ("live", b"99")
    backlog.done(job)
    assert drain(backlog) == [f"m{n}" for n in range(99)]


def test_sound_goes_before_pictures_on_a_thin_line() -> None:
    backlog = Backlog()
    for name, size in (("video", 240_000), ("sound", 16_000)):
        backlog.want_file(name, size)
        backlog.want_document(f"live/{name}", b"", [name], live=True)
    assert drain(backlog) == ["sound", "live/sound", "video", "live/video"]


def test_one_path_is_never_sent_twice_at_once() -> None:
    backlog = Backlog()
    backlog.want_document("live", b"1", [], live=True)
    first = backlog.next_job(0)
    assert first is not None
    backlog.want_document("live", b"2", [], live=True)
    assert backlog.next_job(0) is None
    backlog.done(first)
    second = backlog.next_job(0)
    assert second is not None
    assert second.data == b"2"


def test_a_failed_playlist_gives_way_to_a_newer_one() -> None:
    backlog = Backlog()
    backlog.want_document("live", b"1", [], live=True)
    first = backlog.next_job(0)
    assert first is not None
    backlog.want_document("live", b"2", [], live=True)
    backlog.failed(first, 0)
    second = backlog.next_job(FIRST_PAUSE_MS)
    assert second is not None
    assert second.data == b"2"
    backlog.failed(second, FIRST_PAUSE_MS)
    assert backlog.behind == 1


def test_pauses_grow_and_end_with_a_success() -> None:
    backlog = Backlog()
    backlog.want_document("live", b"1", [], live=True)
    now, pauses = 0.0, []
    for _ in range(8):
        job = backlog.next_job(now)
        assert job is not None
        backlog.failed(job, now)
        assert backlog.next_job(now) is None
        pauses.append(backlog.pause_left_ms(now))
        now += pauses[-1]
    assert pauses[0] == FIRST_PAUSE_MS
    assert pauses[-1] == LONGEST_PAUSE_MS
    assert pauses == sorted(pauses)
    assert drain(backlog, now) == ["live"]
    assert backlog.pause_left_ms(now) == 0


def test_a_file_that_is_refused_for_ever_keeps_the_others_moving() -> None:
    backlog = Backlog()
    for name, size in (("refused", 1), ("fine", 100)):
        backlog.want_file(name, size)
        backlog.want_document(f"live/{name}", b"", [name], live=True)
    now, done = 0.0, []
    for _ in range(20):
        job = backlog.next_job(now)
        if job is None:
            now += backlog.pause_left_ms(now) or 1
        elif job.path == "refused":
            backlog.failed(job, now)
        else:
            done.append(job.path)
            backlog.done(job)
    assert done == ["fine", "live/fine"]


def test_too_many_files_lose_the_oldest_and_say_so() -> None:
    backlog = Backlog(max_files=3)
    backlog.want_document("chapter", b"", ["x"], live=False)
    for name in "abcde":
        backlog.want_file(name, 1)
    assert backlog.dropped == 2
    assert drain(backlog) == ["chapter", "c", "d", "e"]


def test_a_document_does_not_wait_for_what_was_given_up() -> None:
    backlog = Backlog()
    backlog.want_file("a", 1)
    backlog.want_document("chapter", b"", ["a"], live=False)
    backlog.give_up("a")
    assert drain(backlog) == ["chapter"]


def test_deleting_comes_last_and_what_is_wanted_again_stays() -> None:
    backlog = Backlog()
    backlog.want_gone("old")
    backlog.want_gone("back")
    backlog.want_file("back", 1)
    backlog.want_file("never sent", 1)
    backlog.want_gone("never sent")
    assert drain(backlog) == ["back", "old", "never sent"]
    assert backlog.idle
    assert backlog.dropped == 0


class AnyOrder(RuleBasedStateMachine):
    """Whatever is wanted, done and failed in whatever order: no playlist before its media, nothing sent backwards."""

    def __init__(self) -> None:
        super().__init__()
        self.backlog = Backlog()
        self.busy: list[Job] = []
        self.store: dict[str, int] = {}
        self.version = 0
        self.needs: dict[int, list[str]] = {}
        self.now = 0.0

    @rule(name=st.sampled_from("ab"), count=st.integers(1, 3))
    def publish(self, name: str, count: int) -> None:
        self.version += 1
        files = [f"{name}{self.version}.{n}" for n in range(count)]
        for file in files:
            self.backlog.want_file(file, count)
        self.needs[self.version] = files
        self.backlog.want_document(f"live/{name}", b"%d" % self.version, files, live=True)

    @rule()
    def begin(self) -> None:
        job = self.backlog.next_job(self.now)
        if job is not None:
            assert job.path not in [other.path for other in self.busy]
            if job.kind == "document":
                assert all(need in self.store for need in self.needs[int(job.data)])
            self.busy.append(job)

    @precondition(lambda self: self.busy)
    @rule(index=st.integers(0, 20), well=st.booleans())
    def end(self, index: int, well: bool) -> None:
        job = self.busy.pop(index % len(self.busy))
        if not well:
            self.backlog.failed(job, self.now)
            return
        if job.kind == "document":
            assert int(job.data) > self.store.get(job.path, 0)
        self.store[job.path] = int(job.data or b"0")
        self.backlog.done(job)

    @rule()
    def wait(self) -> None:
        self.now += LONGEST_PAUSE_MS

    @invariant()
    def counts_what_is_left(self) -> None:
        assert self.backlog.behind >= len(self.busy)

    def teardown(self) -> None:
        """When all goes well again, everything arrives."""
        for job in self.busy:
            self.backlog.failed(job, self.now)
        self.busy = []
        self.now += LONGEST_PAUSE_MS
        while (left := self.backlog.next_job(self.now)) is not None:
            self.busy = [left]
            self.end(0, well=True)
        assert self.backlog.idle
        latest = {f"live/{name}": 0 for name in "ab"}
        for version, files in self.needs.items():
            latest[f"live/{files[0][0]}"] = version
        assert all(self.store.get(path, 0) == version for path, version in latest.items())


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)

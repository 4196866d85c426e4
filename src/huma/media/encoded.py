"""The programme that is encoded here: slot by slot from a feed, with the slate where the feed has nothing."""

from __future__ import annotations

import threading
from itertools import count
from typing import TYPE_CHECKING, Final

from huma.media.cards import slate
from huma.media.crew import Crew
from huma.media.feed import silence
from huma.media.ladder import canvas_of, picture_workers, refuse_unusable, sound_worker
from huma.media.sounds import LOOKAHEAD_SAMPLES
from huma.media.speed import SpeedGauge
from huma.media.state import ProgrammeState
from huma.media.workers import Shot, Stretch

if TYPE_CHECKING:
    from huma.media.bulletin import Bulletin
    from huma.media.clock import Clock
    from huma.media.feed import Feed
    from huma.media.onair import OnAir
    from huma.media.segment import Origin, Sink
    from huma.media.timeline import Timeline
    from huma.media.workers import PictureWorker, SoundWorker
    from huma.protocol.event import Event

_SOUND_STEP_SLOTS: Final = 4
_LATE_MS: Final = 250
_LOOK_SLOTS: Final = 6


class EncodedProgramme:
    """Paces the slots, asks the feed for each, and hands pictures and sound to the encoders."""

    def __init__(
        self,
        feed: Feed,
        event: Event,
        timeline: Timeline,
        clock: Clock,
        bulletin: Bulletin,
        *,
        on_air: OnAir | None = None,
    ) -> None:
        refuse_unusable(event)
        self._feed = feed
        self._event = event
        self._timeline = timeline
        self._clock = clock
        self._bulletin = bulletin
        self._on_air = on_air
        self._speed = SpeedGauge()
        self._languages = tuple({each.language or "" for each in event.renditions if each.kind == "audio"})
        self._slate = slate(canvas_of(event), event.title)
        self._stop = threading.Event()
        self._end_slot: int | None = None
        self._pictures: list[PictureWorker] = []
        self._origin: Origin = "slate"
        self._slot: int | None = None
        self._sounded = 0
        self._late_ms = 0
        self._returns = 0

    def run(self, sink: Sink) -> None:
        """Fill segments until the feed ends or `stop` is called."""
        crew = Crew()
        self._pictures = picture_workers(self._event, self._timeline, sink, self._clock, crew)
        sound = sound_worker(self._event, self._timeline, sink, self._clock, crew)
        for number, worker in enumerate(self._pictures):
            crew.start(f"picture-{number}", worker.work)
        crew.start("sound", sound.work)
        try:
            self._feed.start()
            end = self._fill(sound, crew)
            for worker in self._pictures:
                worker.end(end)
            self._hear(sound, end, ahead=0)
            sound.end(self._timeline.sample_of_slot(end))
            crew.join()
        finally:
            crew.dismiss()
            self._feed.stop()

    def stop(self, at_tick: int | None = None) -> None:
        """End now, or before tick `at_tick`."""
        if at_tick is None:
            self._stop.set()
        else:
            self._end_slot = max(0, at_tick - self._timeline.first_tick) * self._timeline.slots_per_tick

    def state(self) -> ProgrammeState:
        """How it is doing."""
        slot = self._slot
        return ProgrammeState(
            source=self._feed.status(),
            origin=self._origin,
            tick=None if slot is None else self._timeline.tick_of_slot(slot),
            dropped=sum(worker.dropped for worker in self._pictures),
            late_ms=self._late_ms,
            limited=sum(worker.encoder.limited for worker in self._pictures),
            returns=self._returns,
            speed=self._speed.speed,
            messages=self._bulletin.messages(),
        )

    def _fill(self, sound: SoundWorker, crew: Crew) -> int:
        """Slot after slot; gives the first that is not filled."""
        clock, timeline = self._clock, self._timeline
        zero = clock.mono() + float(timeline.slot_ms(0) - clock.wall())
        for slot in count():
            due = zero + float(slot * 1000 / timeline.frame_rate)
            clock.wait(due, self._stop)
            crew.check()
            self._late_ms = max(0, int(clock.mono() - due)) if clock.paced else 0
            if self._stop.is_set() or slot == self._end_slot or self._feed.ended(slot):
                return slot
            self._see(slot)
            if slot % _LOOK_SLOTS == 0:
                self._watch_pace()
            if slot % _SOUND_STEP_SLOTS == _SOUND_STEP_SLOTS - 1:
                self._hear(sound, slot + 1, ahead=LOOKAHEAD_SAMPLES)
        raise AssertionError  # a count does not end

    def _see(self, slot: int) -> None:
        picture = self._feed.picture(slot)
        came_back = picture is not None and self._origin == "slate" and slot > 0
        self._returns += came_back
        self._origin = "slate" if picture is None else "programme"
        self._slot = slot
        if self._on_air is not None and slot % _LOOK_SLOTS == 0:
            self._on_air.see(picture, self._clock.wall())
        shot = Shot(slot, self._slate if picture is None else picture, slate=picture is None)
        place = slot % self._timeline.slots_per_tick
        inside = 0 < place < self._timeline.slots_per_tick - 1
        before = sum(worker.dropped for worker in self._pictures)
        for worker in self._pictures:
            worker.offer(shot, may_drop=self._clock.paced and inside)
        if sum(worker.dropped for worker in self._pictures) > before or self._late_ms > _LATE_MS:
            self._bulletin.tell("encoding is slower than real time: pictures are left out")

    def _hear(self, sound: SoundWorker, slot: int, *, ahead: int) -> None:
        """Sound up to `slot`, and so many samples further."""
        end = self._timeline.sample_of_slot(slot) + ahead
        start, length = self._sounded, end - self._sounded
        if length <= 0:
            return
        samples = {}
        for language in self._languages:
            heard = self._feed.sound(language, start, length)
            samples[language] = silence(length) if heard is None else heard
        if self._on_air is not None:
            self._on_air.hear(samples, self._clock.wall())
        tick = self._timeline.first_tick + start // self._timeline.samples_per_tick
        sound.offer(Stretch(tick, samples, slate=self._origin == "slate"))
        self._sounded = end

    def _watch_pace(self) -> None:
        """Note how much the slowest encoder has made. Where time does not pass by itself there is no pace."""
        if not self._clock.paced or not self._pictures:
            return
        made = min(worker.made for worker in self._pictures)
        self._speed.note(self._clock.mono(), float(made / self._timeline.frame_rate))
        if self._on_air is not None:
            self._on_air.pace(self._speed.speed, self._clock.wall())

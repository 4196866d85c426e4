/** A short sound at an alarm. Off until a person switches it on: no browser lets a page sound before that. */

const NOTES_HZ = [880, 660];
const NOTE_S = 0.14;
const LOUDNESS = 0.2;

export class Beeper {
  private context: AudioContext | null = null;

  get on(): boolean {
    return this.context !== null;
  }

  /** Called by a press, which is what lets it sound; it sounds at once, so that one hears how loud it is. */
  switch(on: boolean): void {
    if (!on) {
      void this.context?.close();
      this.context = null;
      return;
    }
    this.context ??= new AudioContext();
    this.beep();
  }

  beep(): void {
    const { context } = this;
    if (context === null) return;
    void context.resume();
    NOTES_HZ.forEach((frequency, n) => note(context, frequency, context.currentTime + n * NOTE_S));
  }
}

/** One note that begins and ends softly: a click would be heard as a fault of the line. */
function note(context: AudioContext, frequency: number, from: number): void {
  const tone = new OscillatorNode(context, { frequency });
  const gain = new GainNode(context, { gain: 0 });
  gain.gain.setValueAtTime(0, from);
  gain.gain.linearRampToValueAtTime(LOUDNESS, from + 0.01);
  gain.gain.setValueAtTime(LOUDNESS, from + NOTE_S - 0.02);
  gain.gain.linearRampToValueAtTime(0, from + NOTE_S);
  tone.connect(gain).connect(context.destination);
  tone.start(from);
  tone.stop(from + NOTE_S);
}

/** The two numbers of an fMP4 that the sound engine needs. Verified bytes; yet a reader never leaves its box. */

interface Box {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

function* boxesIn(view: DataView, from: number, to: number): Generator<Box> {
  let at = from;
  while (at + 8 <= to) {
    const size = view.getUint32(at);
    if (size < 8 || at + size > to) return;
    const type = String.fromCharCode(view.getUint8(at + 4), view.getUint8(at + 5), view.getUint8(at + 6), view.getUint8(at + 7));
    yield { type, start: at + 8, end: at + size };
    at += size;
  }
}

function find(view: DataView, path: readonly string[], from = 0, to = view.byteLength): Box | null {
  const [type, ...rest] = path;
  for (const box of boxesIn(view, from, to)) {
    if (box.type !== type) continue;
    return rest.length === 0 ? box : find(view, rest, box.start, box.end);
  }
  return null;
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Units a second of the first track, from an init segment. */
export function timescale(init: Uint8Array): number | null {
  const view = viewOf(init);
  const box = find(view, ['moov', 'trak', 'mdia', 'mdhd']);
  if (box === null || box.end - box.start < 24) return null;
  const long = view.getUint8(box.start) === 1;
  const at = box.start + (long ? 20 : 12);
  return at + 4 <= box.end ? view.getUint32(at) : null;
}

/** When the first fragment begins, in units of the track. */
export function baseDecodeTime(segment: Uint8Array): number | null {
  const view = viewOf(segment);
  const box = find(view, ['moof', 'traf', 'tfdt']);
  if (box === null || box.end - box.start < 8) return null;
  if (view.getUint8(box.start) !== 1) return view.getUint32(box.start + 4);
  return box.end - box.start < 12 ? null : Number(view.getBigUint64(box.start + 4));
}

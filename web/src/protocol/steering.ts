/** steering.json: how much of the audience each mirror should get, and which are withdrawn (spec/documents.md, D51). Twin of steering.py. */
import { malformed } from './errors';
import { MAX_MIRRORS, METADATA_MAX_BYTES } from './limits';
import { isMirrorId } from './roster';
import { parseMembers, parseVersion } from './strictjson';

/** Seen from this network, these mirrors do not work. */
export interface Hint {
  readonly network: string;
  readonly avoid: readonly string[];
}

/** Weights 1 to 100 by mirror id. It knows no URL. */
export interface Steering {
  readonly weights: Readonly<Record<string, number>>;
  readonly withdrawn: readonly string[];
  readonly hints: readonly Hint[];
}

/** The steering that `data` holds, or one of our errors. */
export function parseSteering(data: Uint8Array): Steering {
  const members = parseMembers(data, METADATA_MAX_BYTES, 'steering.json');
  parseVersion(members);
  const listed = members.inner('weights');
  const ids = Object.keys(listed.members);
  const steering: Steering = {
    weights: Object.fromEntries(ids.map((id) => [id, listed.integer(id, 1, 100)])),
    withdrawn: members.texts('withdrawn', MAX_MIRRORS, 32),
    hints: members
      .objects('hints', MAX_MIRRORS)
      .map((item) => ({ network: item.text('network', 64), avoid: item.texts('avoid', MAX_MIRRORS, 32) })),
  };
  const named = [...ids, ...steering.withdrawn, ...steering.hints.flatMap((hint) => hint.avoid)];
  if (ids.length > MAX_MIRRORS || !named.every(isMirrorId)) {
    throw malformed('steering.json names something that is not the id of a mirror, or too many');
  }
  if (new Set(steering.withdrawn).size !== steering.withdrawn.length) {
    throw malformed('steering.json withdraws a mirror twice');
  }
  return steering;
}

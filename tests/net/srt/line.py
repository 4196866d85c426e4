"""A sender by libsrt in a process of its own: where the library fails, it fails here.

First line: port and options. Then one for each errand: the first packet's number, datagrams, rest in seconds.
"""

from __future__ import annotations

import json
import os
import sys
import time

from huma.net.srt.library import PAYLOAD
from huma.restream.srt import SrtCaller
from tests.net.srt.pushing import packets

BABBLE = (b"this is no transport stream " * 47)[:PAYLOAD]


def run() -> None:
    port, options = json.loads(sys.stdin.readline())
    try:
        caller = SrtCaller("127.0.0.1", port, options)
    except ConnectionError:
        print("refused", flush=True)
        return
    print("done", flush=True)
    for line in sys.stdin:
        first, payloads, rest_s = json.loads(line)
        try:
            for number in range(payloads):
                caller.write(BABBLE if first < 0 else packets(first + 7 * number, 7))
                time.sleep(rest_s)
        except ConnectionError:
            print("cut", flush=True)
        else:
            print("done", flush=True)
    caller.close()


if __name__ == "__main__":
    run()
    sys.stdout.flush()
    os._exit(0)

"""Serve the platform until Ctrl-C: `python -m demo.platform [--port 8600]`."""

from __future__ import annotations

import argparse
from contextlib import suppress
from threading import Event

from demo.platform.platform_server import PlatformServer, serving


def main() -> None:
    """Serve it, and say how the demo city is connected to it."""
    parser = argparse.ArgumentParser(prog="python -m demo.platform", description=__doc__)
    parser.add_argument("--port", type=int, default=8600)
    parser.add_argument("--turns", nargs="*", default=[], help="down cut lost later garbled …")
    given = parser.parse_args()
    with serving(PlatformServer(turns=list(given.turns)), given.port) as platform:
        print(f"演示平台：{platform.url}/（Ctrl-C 结束）")
        print(f"接通：NUOXIN_EXCHANGE_CC_CREDIT_CHINA_TO={platform.url} make run")
        Event().wait()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main()

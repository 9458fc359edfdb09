"""Asking Prefect through its REST interface; the desk works on when it does not answer."""

from __future__ import annotations

import httpx

# Deployments with this tag are sweeps that may be run at any time, and any number of times.
SWEEP_TAG = "sweep"
_TIMEOUT = httpx.Timeout(2.0)


class Prefect:
    """A Prefect server, by the address of its API (`http://host:4200/api`); None: there is none."""

    def __init__(self, url: str | None, transport: httpx.BaseTransport | None = None) -> None:
        self.url = url.rstrip("/") if url else None
        self._transport = transport

    def healthy(self) -> bool:
        """Whether the server answers."""
        try:
            with self._client() as client:
                return client.get("/health").is_success
        except (httpx.HTTPError, _Absent):
            return False

    def sweep(self) -> list[str]:
        """Ask for one run of every sweep now; gives the names of those that will run.

        Empty if the server does not answer or knows no sweeps.
        """
        asked = []
        try:
            with self._client() as client:
                found = client.post(
                    "/deployments/filter", json={"deployments": {"tags": {"all_": [SWEEP_TAG]}}}
                )
                for deployment in found.raise_for_status().json():
                    run = client.post(f"/deployments/{deployment['id']}/create_flow_run", json={})
                    run.raise_for_status()
                    asked.append(str(deployment["name"]))
        except (httpx.HTTPError, _Absent):
            return asked
        return asked

    def _client(self) -> httpx.Client:
        if self.url is None:
            raise _Absent
        # Its address is on this network: a proxy of the environment has no part in it.
        return httpx.Client(
            base_url=self.url, timeout=_TIMEOUT, transport=self._transport, trust_env=False
        )


class _Absent(Exception):
    """No server is configured."""

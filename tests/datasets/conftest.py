"""Fixtures of the tests of data sets: a server on this machine, an empty cache, and the real files if available."""

import hashlib
import http.server
import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from forcest import datasets
from forcest.datasets import registry

CONTENT = b"days,loss_count\n1,10\n" * 5_000


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers with the status and body set by the test; the stated length may exceed what is sent."""

    def do_GET(self):
        self.server.requested.append(self.path)
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.server.body) + self.server.withheld))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, format, *args):
        pass


@pytest.fixture
def server(monkeypatch):
    """A server on 127.0.0.1 in place of the real one; it sends CONTENT."""
    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as served:
        served.status, served.body, served.withheld, served.requested = 200, CONTENT, 0, []
        thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setattr(registry, "RAW", f"http://127.0.0.1:{served.server_port}")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.setenv(name, "127.0.0.1")
        yield served
        served.shutdown()
        thread.join()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache, and no local store."""
    monkeypatch.setenv("FORCEST_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("FORCEST_DATA", raising=False)
    return tmp_path / "cache"


@pytest.fixture
def small(monkeypatch):
    """The entry of radford2023 with CONTENT as its content."""
    file = replace(datasets.PUBLIC["radford2023"], sha256=hashlib.sha256(CONTENT).hexdigest(), size=len(CONTENT))
    monkeypatch.setitem(datasets.PUBLIC, "radford2023", file)
    return file


@pytest.fixture
def public():
    """Path of a real public file. The test is skipped if FORCEST_DATA is not set, and fails if the file is not there."""

    def path_of(name):
        if not os.environ.get("FORCEST_DATA"):
            pytest.skip("reads the authors' file, which the project does not hold; set FORCEST_DATA to a folder with it")
        path = Path(os.environ["FORCEST_DATA"]) / datasets.PUBLIC[name].stored
        assert path.is_file(), f"FORCEST_DATA is set but {path} is missing"
        return datasets.fetch(name)

    return path_of

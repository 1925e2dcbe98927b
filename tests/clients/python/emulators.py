"""Starts an emulator of a test's own, and speaks to its control API."""

import contextlib
import json
import os
import subprocess
import urllib.parse
import urllib.request


@contextlib.contextmanager
def started(*flags: str):
    """Runs an emulator with these flags on a port that the system picks; gives its `HOST:PORT`."""
    command = [os.environ["SWAS_EMULATOR_BIN"], "--listen", "127.0.0.1:0", "--log", "warn", *flags]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            endpoint = process.stdout.readline().strip().removeprefix("Listening on http://")
            assert process.stdout.readline() == "Ready.\n"
            yield endpoint
        finally:
            process.terminate()


def control(endpoint: str, method: str, path: str, body=None, **query: str):
    """Makes one control request; gives the answer's body. A refusal is raised."""
    url = f"http://{endpoint}/_emulator/{path}?{urllib.parse.urlencode(query)}"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method)
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)

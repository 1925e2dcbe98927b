"""Pools whose connections are idle between two requests: none of the second requests may fail.

`tests/clients/run pools` starts this with `SWAS_EMULATOR_POOL_IDLE_MS`: one round of each client for
each idle time, all of them at once. A round has a client, a pool and a host name of its own.
"""

import os
import sys
import threading
import time

import httpx
import requests
from clients import Core, Tea

FORM = {"Action": "ListCustomImages", "Version": "2020-06-01", "RegionId": "cn-hangzhou"}


def of_requests(endpoint: str):
    session = requests.Session()
    return lambda: session.post(f"http://{endpoint}/", data=FORM, timeout=30).raise_for_status()


def of_httpx(endpoint: str):
    # Its pool drops a connection after 5 s by default; users who keep it longer set this.
    client = httpx.Client(limits=httpx.Limits(keepalive_expiry=None), timeout=30)
    return lambda: client.post(f"http://{endpoint}/", data=FORM).raise_for_status()


def of_sdk(sdk):
    def of_endpoint(endpoint: str):
        client = sdk(endpoint)
        return lambda: client.list_custom_images({"RegionId": "cn-hangzhou"})

    return of_endpoint


CLIENTS = {"requests": of_requests, "httpx": of_httpx, "tea-v3": of_sdk(Tea), "core": of_sdk(Core)}


def play(call, start_ms: int, idle_ms: int, failures: list):
    time.sleep(start_ms / 1000)
    try:
        call()
        time.sleep(idle_ms / 1000)
        call()
    except Exception as error:  # Whatever a client raises is a failure.
        failures.append(f"idle for {idle_ms} ms: {type(error).__name__}: {error}"[:300])


def main() -> int:
    port = os.environ["SWAS_EMULATOR_ENDPOINT"].rpartition(":")[2]
    idle_times = [int(text) for text in os.environ["SWAS_EMULATOR_POOL_IDLE_MS"].split()]
    failures = {name: [] for name in CLIENTS}
    threads = []
    for number, (name, make) in enumerate(CLIENTS.items(), 1):
        for place, idle_ms in enumerate(idle_times, 1):
            call = make(f"127.0.{number}.{place}:{port}")
            # One after the other, so that no round waits for another.
            round_ = (call, 25 * place, idle_ms, failures[name])
            threads.append(threading.Thread(target=play, args=round_))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name, failed in failures.items():
        print("\n".join(failed[:5]), end="\n" if failed else "")
        print(f"pool {name}: {len(idle_times) - len(failed)} passed, {len(failed)} failed")
    return int(any(failures.values()))


if __name__ == "__main__":
    sys.exit(main())

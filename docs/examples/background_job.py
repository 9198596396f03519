"""A web app's background job: computes features over HTTP and saves them as Parquet.

It needs only Python's standard library. Start a server first (npm start), then

    python3 background_job.py --function rsi-macd --out rsi-macd.parquet
    python3 background_job.py --function rsi-macd --symbols QAAA,QAAB --from 2023-01-01 --out two.parquet
"""

import argparse
import json
import os
import shutil
import sys
import time
import urllib.error
import urllib.request


def invoke(url, function, body, accept, token="", attempts=5):
    """Posts an invocation and returns the open response; waits and retries while the server is busy."""
    headers = {"Content-Type": "application/json", "Accept": accept}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    for attempt in range(attempts):
        request = urllib.request.Request(
            f"{url}/functions/{function}", json.dumps(body).encode(), headers, method="POST"
        )
        try:
            return urllib.request.urlopen(request)
        except urllib.error.HTTPError as refusal:
            problem = json.load(refusal)
            if refusal.code not in (429, 503) or attempt == attempts - 1:
                # One sentence says what was wrong; if a handler threw, its stack follows.
                raise SystemExit(f"{problem['code']}: {problem['detail']}\n{problem.get('stack', '')}".rstrip())
            time.sleep(float(refusal.headers.get("Retry-After", "1")))
        except urllib.error.URLError as failure:
            raise SystemExit(f"Cannot reach {url}: {failure.reason}. Is the server running? Start it with: npm start")


def save(response, path):
    """Streams the body to a file that gets its name only when it is complete."""
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        with open(temporary, "wb") as file:
            shutil.copyfileobj(response, file, 1 << 20)
        os.replace(temporary, path)
    finally:
        if os.path.exists(temporary):
            os.remove(temporary)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:8787")
    parser.add_argument("--token", default=os.environ.get("QUIVER_TOKEN", ""))
    parser.add_argument("--function", default="rsi-macd")
    parser.add_argument("--dataset")
    parser.add_argument("--symbols", help="separated by commas; all when left out")
    parser.add_argument("--params", default="{}", help="parameters as JSON")
    parser.add_argument("--from", dest="start")
    parser.add_argument("--to", dest="end")
    parser.add_argument("--out", required=True, help="a .parquet file")
    given = parser.parse_args()

    body = {
        "dataset": given.dataset,
        "params": json.loads(given.params),
        "symbols": given.symbols.split(",") if given.symbols else None,
        "from": given.start,
        "to": given.end,
    }
    body = {name: value for name, value in body.items() if value is not None}
    started = time.monotonic()
    with invoke(given.url, given.function, body, "application/vnd.apache.parquet", given.token) as response:
        save(response, given.out)
        rows, stages = response.headers["Quiver-Rows"], response.headers["Server-Timing"]
    seconds = time.monotonic() - started
    print(f"{given.out}: {rows} rows, {os.path.getsize(given.out)} bytes in {seconds:.2f} s ({stages})")
    return 0


if __name__ == "__main__":
    sys.exit(main())

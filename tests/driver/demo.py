"""The main job on a report made for the purpose, told step by step and checked.

python -m tests.driver.demo --url URL --database NAME --standins FILE --folder FOLDER

FILE is what the stand-ins wrote (addresses, credentials). FOLDER gets the report and
the labels. The exit code is 1 when a check fails.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

import requests

from devtools.waiting import wait_until

from . import checks, shop
from .client import OdooClient, OdooError
from .main_job import MainJob
from .unshipped_report import PRODUCTS, make_report, read_report

ORDERS = 500
# Long enough for a slow machine; the steps themselves are not waited for any longer.
PATIENCE = 900
CLERK = "warehouse"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.driver.demo")
    parser.add_argument("--url", required=True)
    parser.add_argument("--database", required=True)
    parser.add_argument("--standins", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    outside = Outside(json.loads(options.standins.read_text("utf-8")))
    demo = Demo(options.url, options.database, outside, options.folder)
    try:
        demo.run()
    except (CheckFailed, OdooError) as failure:
        print(f"\nThe demo failed: {failure}", file=sys.stderr)
        return 1
    return 0


class CheckFailed(Exception):
    """What came out is not what went in."""


class Outside:
    """The stand-ins as another process sees them."""

    def __init__(self, connection: dict[str, str]):
        self.connection = connection
        self._session = requests.Session()
        self._session.trust_env = False

    def ask(self, service: str, part: str, **query):
        url = f"{self.connection[service]}/__standin__/{part}"
        answer = self._session.get(url, params=query, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def state(self, service: str) -> dict:
        return self.ask(service, "state")

    def count(self, service: str, operation: str, **query) -> int:
        return self.ask(service, "counts", operation=operation, **query)["count"]

    def violations(self) -> list[dict]:
        services = ("amazon", "lwa", "myparcel")
        return [found for name in services for found in self.ask(name, "violations")]

    def load(self, report: bytes) -> None:
        """Let Amazon have the orders of a report."""
        url = f"{self.connection['amazon']}/__standin__/orders"
        headers = {"Content-Type": "text/plain; charset=utf-8"}
        answer = self._session.post(url, data=report, headers=headers, timeout=60)
        answer.raise_for_status()


class Demo:
    """One run: ``run()`` does the steps, prints, checks."""

    def __init__(
        self, url: str, database: str, outside: Outside, folder: Path, count=ORDERS
    ):
        self.url, self.database = url, database
        self.outside, self.folder = outside, folder
        self.report = make_report(count, datetime.now(timezone.utc))
        self.expected = read_report(self.report)

    def run(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "unshipped.txt").write_bytes(self.report)
        self.outside.load(self.report)
        with step("Shop connected, products in stock"):
            job = self._set_up()
        with step("Report read and checked") as told:
            import_id = job.check(self.report, "unshipped.txt")
            read = self._read_import(job, import_id)
            told(f"{read['order_count']} orders read, {read['problem_count']} problems")
        with step("Orders imported") as told:
            job.start_import(import_id)
            self._wait(lambda: job.has_imported(import_id), "the import")
            deliveries = job.deliveries()
            told(f"{len(deliveries)} deliveries created")
        with step("Labels created, deliveries validated") as told:
            run_id = job.create_labels(deliveries)
            job.start_labels(run_id)
            self._wait(lambda: job.has_labelled(run_id), "the labels")
            parcels = self._read_parcels(job, run_id)
            told(f"{parcels['labelled']} labels for {parcels['all']} parcels")
        with step("Labels downloaded") as told:
            pdf = job.labels(run_id)
            path = self.folder / "labels.pdf"
            path.write_bytes(pdf)
            told(f"{len(checks.page_texts(pdf))} pages in {path}")
        with step("Tracking numbers sent to Amazon") as told:
            self._wait(lambda: not job.confirmations("to_push"), "the confirmations")
            told(f"{self._answered_204()} confirmations answered 204")
        with step("Everything compared with the report"):
            self._check(job, read, deliveries, parcels, pdf)

    def _set_up(self) -> MainJob:
        admin = OdooClient(self.url, self.database, "admin", "admin")
        connection = self.outside.connection
        shop_id = shop.set_up(admin, connection, name="Demo shop")
        shop.put_in_stock(admin, PRODUCTS)
        shop.create_user(admin, CLERK, shop.USER, name="Wil Magazijn")
        clerk = OdooClient(self.url, self.database, CLERK, CLERK)
        return MainJob(clerk, shop_id)

    def _wait(self, condition, what: str) -> None:
        try:
            wait_until(condition, PATIENCE, what, every=0.2)
        except (RuntimeError, TimeoutError) as error:
            raise CheckFailed(str(error)) from error

    def _read_import(self, job: MainJob, import_id: int) -> dict:
        return job.client.read(
            "amazon.order.import", import_id, "order_count", "problem_count"
        )

    def _read_parcels(self, job: MainJob, run_id: int) -> dict[str, int]:
        of_run = [("run_id", "=", run_id)]
        return {
            "all": job.client.count("delivery.parcel", of_run),
            "labelled": job.client.count(
                "delivery.parcel", [*of_run, ("state", "=", "labelled")]
            ),
        }

    def _answered_204(self) -> int:
        return self.outside.count("amazon", "confirmShipment", status=204)

    def _check(self, job, read, deliveries, parcels, pdf) -> None:
        count = len(self.expected)
        done = job.client.count("stock.picking", [("state", "=", "done")])
        sent = self.outside.count("amazon", "confirmShipment")
        labels, pages = parcels["labelled"], len(checks.page_texts(pdf))
        check_equal("orders read = orders of the report", read["order_count"], count)
        check_equal(
            "orders read = deliveries created", read["order_count"], len(deliveries)
        )
        check_equal("deliveries created = deliveries done", len(deliveries), done)
        check_equal("labels = parcels", labels, parcels["all"])
        check_equal("labels = orders", labels, count)
        check_equal("pages of the PDF = labels", pages, labels)
        check_equal("confirmations = orders", sent, count)
        check_equal("every confirmation answered 204", self._answered_204(), sent)
        amazon, myparcel = map(self.outside.state, ("amazon", "myparcel"))
        check(
            "one label per order was bought, each is one page of the PDF",
            checks.compare_labels(self.expected, myparcel, pdf),
        )
        check(
            "Amazon holds items, quantities, carrier and number of every order",
            checks.compare_confirmations(self.expected, amazon, myparcel),
        )
        check("nobody was asked wrongly", map(str, self.outside.violations()))


def check_equal(sentence: str, found: int, wanted: int) -> None:
    check(f"{sentence}: {found}", [] if found == wanted else [f"{found}, not {wanted}"])


def check(sentence: str, differences: Iterable[str]) -> None:
    """Print what is true; raises CheckFailed with the first of the differences."""
    found = list(differences)
    if found:
        shown = "; ".join(found[:5])
        raise CheckFailed(f"{sentence}? {len(found)} differences: {shown}")
    print(f"  {sentence}", flush=True)


@contextmanager
def step(title: str):
    """Print what was done, what the block told about it, and the time it took."""
    started = time.monotonic()
    told: list[str] = []
    yield told.append
    words = ": ".join([title, *told])
    print(f"{words} ({time.monotonic() - started:.1f} s)", flush=True)


if __name__ == "__main__":
    sys.exit(main())

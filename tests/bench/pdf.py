"""Labels laid out on A4 sheets, and on a roll, against Odoo's ``merge_pdf``.

That one puts the pages one behind the other and moves nothing.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator

from devtools.paths import ROOT
from tests.plain import layers
from tests.standins.labels import Label, pdf_a6

from .frame import Figure, Setting, peak_memory, ratio

COUNT, QUICK_COUNT = 2_000, 40
REPETITIONS, QUICK_REPETITIONS = 3, 1
BASELINE = "Odoo's merge_pdf, same pages"
LAYOUTS = {"a4": "A4 sheets", "a6": "roll"}
# Pixels of a picture that no two labels share, such as a code in two dimensions.
PICTURE = 100


def run(setting: Setting) -> Iterator[Figure]:
    count = QUICK_COUNT if setting.quick else COUNT
    repetitions = QUICK_REPETITIONS if setting.quick else REPETITIONS
    for layout, name in LAYOUTS.items():
        told = _measure(setting, "time", count, layout, repetitions)
        target = 1.5 if layout == "a4" else None
        yield Figure(
            f"time, {count:,} labels, {name}",
            told["ratio"],
            "x",
            BASELINE,
            at_most=target,
        )
        yield Figure(f"labels a second, {name}", count / told["seconds"], "")
        yield Figure(f"size, {name}", told["size"], "x", BASELINE)
    for kind in ("plain", "with pictures"):
        told = _measure(setting, "memory", count, "a4", kind)
        yield Figure(
            f"peak memory, {count:,} labels, {kind}", told["after"], "MB", at_most=400
        )
        yield Figure(
            f"memory a label, {kind}",
            (told["after"] - told["before"]) * 1024 / count,
            "kB",
            "beyond Odoo's modules",
        )


def _measure(setting: Setting, *words) -> dict[str, float]:
    """In a process of its own, which has Odoo's modules and no database."""
    told = subprocess.run(
        [sys.executable, "-m", "tests.bench.pdf", *map(str, words)],
        env=setting.environment.variables(),
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads(told.stdout)


def make_labels(count: int, kind: str = "plain") -> Iterator[bytes]:
    for number in range(count):
        address = (f"Recipient {number}", "Voorbeeldstraat 12 a", "3500 AA Utrecht")
        label = pdf_a6([Label("PostNL", f"3SMYPA{number:09d}", address)])
        yield label if kind == "plain" else with_picture(label)


def with_picture(label: bytes) -> bytes:
    from PIL import Image
    from pypdf import PdfReader, PdfWriter
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    noise = Image.frombytes("RGB", (PICTURE, PICTURE), os.urandom(3 * PICTURE**2))
    drawn, merged = io.BytesIO(), io.BytesIO()
    canvas = Canvas(drawn)
    canvas.drawImage(ImageReader(noise), 20, 150, 50, 50)
    canvas.save()
    writer = PdfWriter(clone_from=io.BytesIO(label))
    writer.pages[0].merge_page(PdfReader(drawn).pages[0])
    writer.write(merged)
    return merged.getvalue()


def time_layout(count: str, layout: str, repetitions: str) -> dict[str, float]:
    from carriers.label_sheets import lay_out

    from odoo.tools.pdf import merge_pdf

    labels = list(make_labels(int(count)))
    seconds, _others, times = ratio(
        lambda: lay_out(labels, layout), lambda: merge_pdf(labels), int(repetitions)
    )
    size = len(lay_out(labels, layout).pdf) / len(merge_pdf(labels))
    return {"seconds": seconds, "ratio": times, "size": size}


def weigh_layout(count: str, layout: str, kind: str) -> dict[str, float]:
    from carriers.label_sheets import lay_out

    import odoo.tools.pdf  # noqa: F401  what every Odoo has in its memory

    for label in make_labels(1, kind):
        lay_out([label], layout)
    before = peak_memory()
    document = lay_out(make_labels(int(count), kind), layout)
    if document.left_out:
        raise RuntimeError(f"{len(document.left_out)} labels were left out")
    return {"before": before, "after": peak_memory()}


if __name__ == "__main__":
    layers.register()
    work = {"time": time_layout, "memory": weigh_layout}[sys.argv[1]]
    print(json.dumps(work(*sys.argv[2:])))

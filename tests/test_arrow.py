# SPDX-License-Identifier: MIT
"""An answer as Arrow, read by the libraries that there are."""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path

import pytest

import rmcy
from rmcy import AffectedApp, AffectedList, AppStatus, AppType, FileUse, UniqueProcess, UseKind

from fix_program import Program

pytestmark = pytest.mark.linux("polars, which is among the libraries that are read, does not run under Wine 8")

pa = pytest.importorskip("pyarrow")
pl = pytest.importorskip("polars")

APPS = [
    AffectedApp(UniqueProcess(1, 2**64 - 1), "one"),
    AffectedApp(
        UniqueProcess(2, 3),
        "caf\udce9",
        exe="/bin/é",
        uid=0,
        service="a.service",
        service_manager_uid=7,
        type=AppType(77),
        status=AppStatus.RUNNING | AppStatus.STOPPED,
        ts_session_id=5,
        restartable=True,
        uses=[FileUse("/x", UseKind.OPEN, device=2**60 + 1, inode=2**63 + 1), FileUse("/y", "mapped", deleted=True)],
    ),
    AffectedApp(UniqueProcess(4, 5), "", uses=()),
]


def expected(answer: AffectedList) -> list[dict[str, object]]:
    """The JSON document, with numbers as numbers and without the bytes of names."""
    made = []
    for app in answer.to_dict()["apps"]:
        row = {word: value for word, value in app.items() if not word.endswith("_bytes")}
        row["process"] = {"pid": app["process"]["pid"], "start_time": int(app["process"]["start_time"])}
        if app["uses"] is not None:
            row["uses"] = [{**use, "device": int(use["device"]), "inode": int(use["inode"])} for use in app["uses"]]
        made.append(row)
    return made


@pytest.mark.parametrize("apps", [APPS, APPS[:1], [], APPS * 20])
def test_pyarrow_reads_what_the_document_has(apps: list[AffectedApp]) -> None:
    answer = AffectedList(apps, complete=True)
    batch = pa.record_batch(answer)
    batch.validate(full=True)
    assert batch.to_pylist() == expected(answer)
    assert pa.array(answer).type.names == batch.schema.names


def test_polars_reads_it_too() -> None:
    answer = AffectedList(APPS, complete=True)
    assert pl.DataFrame(pa.record_batch(answer)).to_dicts() == expected(answer)


def test_a_real_answer_outlives_its_list(tmp_path: Path, run_program: Callable[..., Program]) -> None:
    (tmp_path / "held").write_text("x")
    holder = run_program(
        "import sys; f = open(sys.argv[1]); print(flush=True); sys.stdin.read()", str(tmp_path / "held")
    )
    answer = rmcy.who(tmp_path / "held")
    rows, batch = expected(answer), pa.record_batch(answer)
    del answer
    gc.collect()
    assert batch.to_pylist() == rows
    assert batch["process"].field("pid").to_pylist() == [holder.pid]
    assert batch["uses"][0][0]["path"].as_py() == str(tmp_path / "held")


def test_capsules_that_nobody_takes_are_let_go() -> None:
    answer = AffectedList(APPS, complete=True)
    for _ in range(100):
        assert len(answer.__arrow_c_array__()) == 2
    gc.collect()
    assert pa.record_batch(answer).num_rows == 3

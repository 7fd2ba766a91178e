# SPDX-License-Identifier: MIT
"""Results as parts of the JSON document, and back. The shapes are in `rmcy.bench.schema`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rmcy.bench.place import Interpreter, Machine
from rmcy.bench.result import Absent, Entrant, Measure, Result, Round, Spread
from rmcy.document import checked

if TYPE_CHECKING:
    from rmcy.bench.schema import (
        InterpreterDict,
        MachineDict,
        MeasureDict,
        ResultDict,
        RoundDict,
        SpreadDict,
    )

__all__: list[str] = []


def _spread(spread: Spread) -> SpreadDict:
    return {
        "median": spread.median,
        "lower_quartile": spread.lower_quartile,
        "upper_quartile": spread.upper_quartile,
        "min": spread.min,
        "max": spread.max,
    }


def result_to_dict(result: Result) -> ResultDict:
    names = [one.name for one in result.entrants]
    return {
        "name": result.name,
        "library": result.library,
        "processes": result.processes,
        "size": result.size,
        "calls": result.calls,
        "subject": result.subject.name,
        "contenders": names,
        "units": {one.name: one.units for one in result.entrants if one.units != 1},
        "wrong": {one.name: one.wrong for one in result.entrants if one.wrong is not None},
        "absent": {one.name: one.reason for one in result.absent},
        "ns_per_call": {name: _spread(result.per_call(name)) for name in names},
        "ratios": {one.name: _spread(result.ratio(one.name)) for one in result.rivals},
        "rounds": [{"order": list(one.order), "ns": one.ns} for one in result.rounds],
    }


def result_from_dict(data: ResultDict) -> Result:
    names = [checked(name, str) for name in checked(data["contenders"], list)]
    units, wrong = data["units"], data["wrong"]
    if not names or names[0] != data["subject"]:
        raise ValueError(f"the first of the contenders {names} is not the subject, {data['subject']!r}")
    if len(set(names)) != len(names):
        raise ValueError(f"two contenders have the same name: {names}")
    if not data["rounds"] or checked(data["calls"], int) < 1:
        raise ValueError(f"the contest {data['name']!r} has no rounds or no calls")
    return Result(
        name=checked(data["name"], str),
        library=checked(data["library"], str),
        size=checked(data["size"], int),
        calls=data["calls"],
        processes=None if data["processes"] is None else checked(data["processes"], int),
        entrants=tuple(
            Entrant(name, _positive(units.get(name, 1)), checked(wrong[name], str) if name in wrong else None)
            for name in names
        ),
        absent=tuple(Absent(name, checked(reason, str)) for name, reason in data["absent"].items()),
        rounds=tuple(_round(one, names) for one in checked(data["rounds"], list)),
    )


def _round(data: RoundDict, names: list[str]) -> Round:
    order, ns = data["order"], data["ns"]
    if sorted(order) != sorted(names):
        raise ValueError(f"a round has {order}, not each of {names} once")
    return Round(tuple(order), tuple(_positive(ns[name]) for name in order))


def _positive(value: int) -> int:
    if checked(value, int) < 1:
        raise ValueError(f"{value} stands where only numbers from 1 on make sense")
    return value


def measure_to_dict(measure: Measure) -> MeasureDict:
    return {"name": measure.name, "size": measure.size, "value": measure.value, "unit": measure.unit}


def measure_from_dict(data: MeasureDict) -> Measure:
    return Measure(
        checked(data["name"], str), checked(data["size"], int), _number(data["value"]), checked(data["unit"], str)
    )


def _number(value: float) -> float:
    # JSON has 1 for 1.0.
    return float(value if isinstance(value, int) else checked(value, float))


def interpreter_to_dict(one: Interpreter) -> InterpreterDict:
    return {
        "implementation": one.implementation,
        "compiler": one.compiler,
        "configured": one.configured,
        "flags": one.flags,
        "gil": one.gil,
    }


def interpreter_from_dict(data: InterpreterDict) -> Interpreter:
    return Interpreter(
        implementation=checked(data["implementation"], str),
        compiler=checked(data["compiler"], str),
        configured=checked(data["configured"], str),
        flags=checked(data["flags"], str),
        gil=checked(data["gil"], bool),
    )


def machine_to_dict(machine: Machine) -> MachineDict:
    return {
        "system": machine.system,
        "release": machine.release,
        "architecture": machine.architecture,
        "processor": machine.processor,
        "processors": machine.processors,
        "load": list(machine.load),
    }


def machine_from_dict(data: MachineDict) -> Machine:
    return Machine(
        system=checked(data["system"], str),
        release=checked(data["release"], str),
        architecture=checked(data["architecture"], str),
        processor=checked(data["processor"], str),
        processors=checked(data["processors"], int),
        load=tuple(_number(load) for load in checked(data["load"], list)),
    )

# SPDX-License-Identifier: MIT
"""What type checkers must refuse. Each line that ends in `# E: RULES` is an error with one of these rules, in both."""

import rmcy

with rmcy.join() as joined:
    joined.affected()  # E: attr-defined, reportAttributeAccessIssue, reportUnknownMemberType
    joined.plan()  # E: attr-defined, reportAttributeAccessIssue, reportUnknownMemberType
    joined.shutdown()  # E: attr-defined, reportAttributeAccessIssue, reportUnknownMemberType
    joined.restart()  # E: attr-defined, reportAttributeAccessIssue, reportUnknownMemberType
    joined.cancel()  # E: attr-defined, reportAttributeAccessIssue, reportUnknownMemberType
    joined.filters()  # E: attr-defined, reportAttributeAccessIssue, reportUnknownMemberType
    joined.add_critical("x")  # E: attr-defined, reportAttributeAccessIssue, reportUnknownMemberType


def any_role(session: rmcy.Session) -> None:
    session.affected()  # E: attr-defined, reportAttributeAccessIssue, reportUnknownMemberType


rmcy.start("a label")  # E: call-arg, reportCallIssue
rmcy.start(timeout="5")  # E: arg-type, reportArgumentType
rmcy.join(b"0" * 32)  # E: arg-type, reportArgumentType
rmcy.who(5)  # E: arg-type, reportArgumentType
rmcy.who("/bin/sh", scope="others")  # E: arg-type, reportArgumentType

with rmcy.start() as session:
    session.register(5)  # E: arg-type, reportArgumentType
    session.register([5])  # E: list-item, reportArgumentType
    session.register("/bin/sh", directories="ignore")  # E: arg-type, reportArgumentType
    session.register(processes=4711)  # E: arg-type, reportArgumentType
    session.register(processes=[4711])  # E: list-item, reportArgumentType
    session.register(services=b"x")  # E: arg-type, reportArgumentType
    session.key = "x"  # E: misc, assignment, reportAttributeAccessIssue
    answer = session.affected()
    session.shutdown(5)  # E: arg-type, reportArgumentType
    session.shutdown(on_critical="kill")  # E: arg-type, reportArgumentType
    session.shutdown(on_progress=lambda: None)  # E: arg-type, misc, reportArgumentType
    session.plan()[0].action = rmcy.StopAction.NONE  # E: misc, reportAttributeAccessIssue
    session.shutdown().outcome = rmcy.Outcome()  # E: misc, reportAttributeAccessIssue
    session.add_filter("no_restart")  # E: call-overload, reportCallIssue
    session.add_filter("no_restart", module="/x", service="y")  # E: call-overload, reportCallIssue, reportArgumentType
    session.add_filter("kill", module="/x")  # E: call-overload, reportCallIssue, reportArgumentType
    session.remove_filter()  # E: call-overload, reportCallIssue

rmcy.recover(timeout="now")  # E: arg-type, reportArgumentType
rmcy.Plan(complete=True)[0] = rmcy.PlanStep(name="x")  # E: index, reportIndexIssue
answer[0] = answer[1]  # E: index, reportIndexIssue
answer.complete = True  # E: misc, reportAttributeAccessIssue
answer[0].name = "x"  # E: misc, reportAttributeAccessIssue
answer[0].uses[0]  # E: index, reportOptionalSubscript
answer.to_dict()["complet"]  # E: typeddict-item, reportTypedDictNotRequiredAccess, reportGeneralTypeIssues
rmcy.UniqueProcess(1)  # E: call-arg, reportCallIssue
rmcy.UniqueProcess("1", 2)  # E: arg-type, reportArgumentType
rmcy.FileUse("/x", deleted=True)  # E: call-arg, reportCallIssue


class Derived(rmcy.UniqueProcess):  # E: misc, reportGeneralTypeIssues
    pass


rmcy.PathList(5)  # E: arg-type, reportArgumentType
rmcy.PathList.from_separated("/bin/sh")  # E: arg-type, reportArgumentType
rmcy.PathList(["/bin/sh"])[0] = "/bin/ls"  # E: index, reportIndexIssue
rmcy.ProcessList([4711])  # E: list-item, reportArgumentType

rmcy.register_application_restart([b"x"])  # E: list-item, reportArgumentType
rmcy.register_application_restart(["x"], environment={"A": 1})  # E: dict-item, reportArgumentType
rmcy.register_application_restart(["x"], "/srv")  # E: call-arg, misc, reportCallIssue
rmcy.register_application_restart([]).arguments = ()  # E: misc, reportAttributeAccessIssue

"""A dataset rule for Hone: the shortest right completion of a problem over its longest wrong ones."""

import json
import math
import signal
import sys
from concurrent import futures

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from hone.pairbuilder.v1 import rule_pb2, rule_pb2_grpc
from hone.types.v1 import preference_pb2, sampling_pb2, verdict_pb2

NAME = "short-over-long"
VERSION = 1
MOST = {"type": "integer", "minimum": 1, "maximum": 1000, "default": 1, "description": "Most pairs a problem."}
SCHEMA = {"type": "object", "properties": {"per_problem": MOST}, "additionalProperties": False}


class Refused(Exception):
    """What is wrong with a request: the text is "field: rule", several of them separated by "; "."""


def read_settings(given):
    """The settings with defaults filled in. A Struct has numbers of one kind only: 3 comes as 3.0."""
    wrong = [f"config.settings.{name}: is no setting: there is per_problem" for name in given if name != "per_problem"]
    most = given.get("per_problem", MOST["default"])
    is_number = isinstance(most, float | int) and not isinstance(most, bool) and math.isfinite(most)
    if not is_number or most != int(most) or not MOST["minimum"] <= most <= MOST["maximum"]:
        wrong.append(f"config.settings.per_problem: must be a whole number from 1 to 1000, but is {most}")
    if wrong:
        raise Refused("; ".join(wrong))
    return {"per_problem": int(most)}


def plain(value):
    """A google.protobuf.Value as a Python value."""
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return {name: plain(held) for name, held in value.struct_value.fields.items()}
    if kind == "list_value":
        return [plain(held) for held in value.list_value.values]
    return None if kind in (None, "null_value") else getattr(value, kind)


def read_config(request):
    if request.WhichOneof("message") != "config":
        raise Refused("config: must be the first message of the stream")
    config = request.config
    if config.rule != NAME:
        raise Refused(f'config.rule: must be "{NAME}", but is "{config.rule}"')
    return read_settings({name: plain(value) for name, value in config.settings.fields.items()})


def read_problem(request):
    if request.WhichOneof("message") != "problem":
        raise Refused("message: must be a problem")
    problem = request.problem
    if not problem.problem_id:
        raise Refused("problem.problem_id: must not be empty")
    if not problem.completions:
        raise Refused(f'problem.completions: must not be empty (problem "{problem.problem_id}")')
    for index, judged in enumerate(problem.completions):
        if judged.verdict.state == verdict_pb2.VERDICT_STATE_UNSPECIFIED:
            raise Refused(f"problem.completions[{index}].verdict: must be set, with its state")
    return problem


def length(judged):
    return len(judged.completion.token_ids) // 4


def kind_of(judged):
    """The completion by its verdict, as the report counts it."""
    state = judged.verdict.state
    if state == verdict_pb2.VERDICT_STATE_SCORED:
        return "correct" if judged.verdict.score >= 1 else "wrong"
    names = {verdict_pb2.VERDICT_STATE_UNSCORABLE: "unscorable", verdict_pb2.VERDICT_STATE_TRUNCATED: "truncated"}
    return names.get(state, "error")


def is_whole(judged):
    """What was cut off neither wins nor loses: where it ends says nothing."""
    return judged.completion.finish_reason != sampling_pb2.FINISH_REASON_LENGTH


def group_of(problem, settings):
    """The shortest right completion over the longest wrong ones; None where a side is missing."""
    sides = {"correct": [], "wrong": []}
    seen = set()
    for judged in problem.completions:
        tokens = judged.completion.token_ids
        if kind_of(judged) in sides and is_whole(judged) and tokens not in seen:
            sides[kind_of(judged)].append(judged)
            seen.add(tokens)
    # By sample index where lengths are equal, so that the same problem always gives the same pairs.
    right = sorted(sides["correct"], key=lambda it: (length(it), it.completion.sample_index))
    wrong = sorted(sides["wrong"], key=lambda it: (-length(it), it.completion.sample_index))[: settings["per_problem"]]
    if not right or not wrong:
        return None
    group = preference_pb2.PreferenceGroup(problem_id=problem.problem_id, prompt_token_ids=problem.prompt_token_ids)
    for judged in [right[0], *wrong]:
        completion = judged.completion
        group.completions.add(token_ids=completion.token_ids, sample_index=completion.sample_index)
    for place in range(len(wrong)):
        group.pairs.add(chosen=0, rejected=place + 1)
    return group


def add_to_report(report, problem, group):
    report.problems += 1
    kinds = [kind_of(judged) for judged in problem.completions]
    for kind in kinds:
        setattr(report.completions, kind, getattr(report.completions, kind) + 1)
    if group is not None:
        report.problems_used += 1
        report.pairs += len(group.pairs)
    elif "correct" in kinds and "wrong" not in kinds:
        report.problems_all_right += 1
    elif "wrong" in kinds and "correct" not in kinds:
        report.problems_all_wrong += 1
    else:
        report.problems_empty += 1


class Rules(rule_pb2_grpc.RuleServiceServicer):
    def ListRules(self, request, context):
        rule = rule_pb2.Rule(
            name=NAME,
            version=VERSION,
            summary="The shortest right completion over the longest wrong ones.",
            source="an example: right answers in fewer tokens",
            settings_schema_json=json.dumps(SCHEMA),
            produces=rule_pb2.RULE_OUTPUT_PAIRS,
            needs=rule_pb2.RuleNeeds(verdicts=True),
        )
        return rule_pb2.ListRulesResponse(rules=[rule])

    def ApplyRule(self, requests, context):
        try:
            yield from apply_rule(requests)
        except Refused as refused:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(refused))


def apply_rule(requests):
    first = next(requests, None)
    if first is None:
        raise Refused("config: must be the first message of the stream")
    settings = read_config(first)
    report = rule_pb2.RuleReport(rule=f"{NAME}/{VERSION}")
    report.settings.update(settings)
    report.completions.SetInParent()
    for request in requests:
        problem = read_problem(request)
        group = group_of(problem, settings)
        add_to_report(report, problem, group)
        if group is not None:
            yield rule_pb2.ApplyRuleResponse(group=group)
    yield rule_pb2.ApplyRuleResponse(report=report)


def main():
    address = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:50080"
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=8))
    rule_pb2_grpc.add_RuleServiceServicer_to_server(Rules(), server)
    checks = health.HealthServicer()
    checks.set("", health_pb2.HealthCheckResponse.SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(checks, server)
    services = (
        rule_pb2.DESCRIPTOR.services_by_name["RuleService"].full_name,
        health.SERVICE_NAME,
        reflection.SERVICE_NAME,
    )
    reflection.enable_server_reflection(services, server)
    port = server.add_insecure_port(address)
    server.start()
    print(f"listening on {address.rsplit(':', 1)[0]}:{port}", flush=True)
    signal.signal(signal.SIGTERM, lambda *_: server.stop(grace=5))
    server.wait_for_termination()


if __name__ == "__main__":
    main()

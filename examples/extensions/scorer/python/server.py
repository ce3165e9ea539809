"""A scorer for Hone: the number behind "Final answer:", right within one part in a million."""

import math
import re
import signal
import sys
from concurrent import futures

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from hone.scorer.v1 import scorer_pb2, scorer_pb2_grpc
from hone.types.v1 import sampling_pb2, verdict_pb2

NAME = "final-number"
VERSION = "1"
RELATIVE_TOLERANCE = 1e-6
MAX_ITEMS = 1000

# Nothing may follow the number on its line but a full stop: "42 or 41" is no answer.
STATEMENT = re.compile(r"Final answer:[ \t]*([^\n]*)", re.IGNORECASE)
NUMBER = re.compile(r"\$?(-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|-?\.\d+)\.?\s*")


def read_number(text):
    """The number that a text is, or None."""
    match = NUMBER.fullmatch(text.strip())
    return None if match is None else float(match.group(1).replace(",", ""))


def utf16_length(text):
    """Spans count UTF-16 code units; Python counts code points."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def judge(item):
    verdict = verdict_pb2.Verdict(id=item.id, scorer=NAME, scorer_version=VERSION)
    gold = read_number(item.gold)
    if gold is None:
        verdict.state = verdict_pb2.VERDICT_STATE_UNSCORABLE
        verdict.message = "the gold answer is not a number"
        return verdict
    statements = list(STATEMENT.finditer(item.completion))
    numbers = {read_number(statement.group(1)) for statement in statements}
    if len(numbers) != 1 or None in numbers:
        cut_off = not statements and item.finish_reason == sampling_pb2.FINISH_REASON_LENGTH
        verdict.state = verdict_pb2.VERDICT_STATE_TRUNCATED if cut_off else verdict_pb2.VERDICT_STATE_UNSCORABLE
        verdict.message = "no final answer that is one number"
        return verdict
    (answer,) = numbers
    verdict.state = verdict_pb2.VERDICT_STATE_SCORED
    verdict.score = float(math.isclose(answer, gold, rel_tol=RELATIVE_TOLERANCE))
    verdict.extracted_answer = repr(answer)
    verdict.normal_gold = repr(gold)
    verdict.rule = "final-number.statement"
    start, end = statements[-1].span(1)
    verdict.span.start = utf16_length(item.completion[:start])
    verdict.span.end = utf16_length(item.completion[:end])
    return verdict


class Scorer(scorer_pb2_grpc.ScorerServiceServicer):
    def Score(self, request, context):
        if request.scorer != NAME:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f'scorer: must be "{NAME}", but is "{request.scorer}"')
        if not 1 <= len(request.items) <= MAX_ITEMS:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"items: must be 1 to {MAX_ITEMS}, but are {len(request.items)}")
        if request.config:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "config: this scorer has no settings")
        verdicts = []
        for item in request.items:
            if not context.is_active():
                context.abort(grpc.StatusCode.CANCELLED, "the caller has left")
            verdicts.append(judge(item))
        return scorer_pb2.ScoreResponse(verdicts=verdicts)

    def ListScorers(self, request, context):
        description = f'The number behind "Final answer:", right within {RELATIVE_TOLERANCE:g} of the gold answer.'
        scorer = scorer_pb2.Scorer(name=NAME, version=VERSION, description=description)
        return scorer_pb2.ListScorersResponse(scorers=[scorer])


def main():
    address = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:50070"
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=8))
    scorer_pb2_grpc.add_ScorerServiceServicer_to_server(Scorer(), server)
    checks = health.HealthServicer()
    checks.set("", health_pb2.HealthCheckResponse.SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(checks, server)
    services = (
        scorer_pb2.DESCRIPTOR.services_by_name["ScorerService"].full_name,
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

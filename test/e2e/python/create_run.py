"""A client with nothing but the generated stubs: checks a run of a base, two problem sets and a recipe's name; prints the effective spec."""

import sys

import grpc
from google.protobuf.json_format import MessageToJson
from hone.orchestrator.v1 import orchestrator_pb2 as orchestrator
from hone.orchestrator.v1 import orchestrator_pb2_grpc as stubs

address, base, train, test, recipe = sys.argv[1:]
with grpc.insecure_channel(address) as channel:
    service = stubs.OrchestratorServiceStub(channel)
    spec = orchestrator.RunSpec(base_checkpoint=base, train_problem_set=train, test_problem_set=test, recipe=recipe)
    checked = service.CreateRun(orchestrator.CreateRunRequest(spec=spec, validate_only=True))
    assert checked.name == "", checked.name
    created = service.CreateRun(orchestrator.CreateRunRequest(spec=spec))
    assert created.name.startswith("runs/"), created.name
    assert created.spec == checked.spec
    service.CancelRun(orchestrator.CancelRunRequest(name=created.name))
    print(MessageToJson(created.spec))

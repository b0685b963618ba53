"""Decodes each document of a Cloud Run configuration into the messages of gcloud, and prints what they do not know.

Run by the Python of gcloud: decode.py ROOT FILE, with the folder of the SDK.
"""

import os
import sys

root, path = sys.argv[1:]
sys.path[:0] = [os.path.join(root, "lib"), os.path.join(root, "lib", "third_party")]

from apitools.base.protorpclite import messages
from apitools.base.py import encoding
from googlecloudsdk.core import yaml
from googlecloudsdk.generated_clients.apis.run.v1 import run_v1_messages as run


def unknown_fields(message, at):
  """Yields the paths of fields that the API does not have; maps of free keys are no such fields."""
  if "additionalProperties" not in [field.name for field in message.all_fields()]:
    for name in message.all_unrecognized_fields():
      yield f"{at}.{name}"
  for field in message.all_fields():
    value = message.get_assigned_value(field.name)
    for item in value if field.repeated and value is not None else [value]:
      if isinstance(item, messages.Message):
        yield from unknown_fields(item, f"{at}.{field.name}")


for document in yaml.load_all_path(path):
  kind = document["kind"]
  message = encoding.PyValueToMessage({"Service": run.Service, "Job": run.Job}[kind], document)
  print(kind, message.metadata.name)
  for field in unknown_fields(message, kind):
    print("unknown:", field)

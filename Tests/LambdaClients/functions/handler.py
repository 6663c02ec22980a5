"""A function that does what its event says."""

import json
import os
import time


def handle(event, context):
    order = event["do"]
    print("told to", order)
    if order == "raise":
        raise ValueError(event["text"])
    if order == "exit":
        os._exit(event["code"])
    if order == "sleep":
        time.sleep(event["seconds"])
    if order == "wait":  # until somebody opens the other end
        open(event["path"]).close()
    if order == "meet":  # until all are there
        open(f"{event['folder']}/{event['number']}", "x").close()
        while len(os.listdir(event["folder"])) < event["count"]:
            time.sleep(0.01)
    if order == "say":
        print(event["text"] * event["times"])
    if order == "context":
        client = context.client_context
        return {
            "id": context.aws_request_id, "arn": context.invoked_function_arn, "name": context.function_name,
            "version": context.function_version, "memory": context.memory_limit_in_mb,
            "left": context.get_remaining_time_in_millis(), "custom": client and client.custom,
        }
    if order == "pid":
        return os.getpid()
    return {"event": event}

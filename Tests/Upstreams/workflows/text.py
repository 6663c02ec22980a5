"""Events as an event stream has them, for frameworks that have no words for it."""


def event_text(event):
    lines = [f"{name}: {event[name]}" for name in ("event", "id", "retry") if name in event]
    if "data" in event:
        lines += [f"data: {line}" for line in event["data"].split("\n")]
    return "\n".join(lines) + "\n\n"

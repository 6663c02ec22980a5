"""Writes events as text, for frameworks without support for server-sent events."""


def event_text(event):
    lines = [f"{name}: {event[name]}" for name in ("event", "id", "retry") if name in event]
    if "data" in event:
        lines += [f"data: {line}" for line in event["data"].split("\n")]
    return "\n".join(lines) + "\n\n"

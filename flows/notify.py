"""Tell somebody that a run failed: a message to the address in DECANT_NOTIFY, with no text of the corpus."""

import json
import logging
import os
import urllib.request

ADDRESS = "DECANT_NOTIFY"
"""Name in the environment, so that an address with a secret in it is no parameter that the UI shows."""

TIMEOUT_SECONDS = 20


def tell_failure(flow: object, flow_run: object, state: object) -> None:
    """Send `{"text", "flow_run_id"}`; `text` is the key that chat services show. Failing to, only a log line says so.

    Args:
        flow: always the same.
        flow_run: which run; Prefect's own, as it calls its hooks.
        state: how it ended.
    """
    del flow
    address = os.environ.get(ADDRESS)
    if not address:
        return
    name, said = getattr(state, "name", None), getattr(state, "message", None)
    text = f"Decant: run {getattr(flow_run, 'name', '?')} {str(name).lower()}: {said}"
    body = json.dumps({"text": text, "flow_run_id": str(getattr(flow_run, "id", ""))}).encode()
    try:
        request = urllib.request.Request(address, body, {"Content-Type": "application/json"})  # noqa: S310 - the operator's own address
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):  # noqa: S310
            pass
    except (OSError, ValueError) as error:
        logging.getLogger("decant").warning("The message about the failure could not be sent: %s", error)

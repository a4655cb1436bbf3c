"""The loop of a driver: one JSON request a line on standard input, one JSON answer a line on standard output."""

import json
import sys


def serve(operations):
    """Answers requests with the operations until the input ends. What an operation raises becomes an error."""
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = operations[request["op"]](request)
        except Exception as error:
            cause = f" ({error.__cause__})" if error.__cause__ else ""
            answer = {"error": f"{type(error).__name__}: {error}{cause}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

"""
Answers Jellyfin's clients that look for a server on the LAN: jellyfin-discovery.py NAME URL [PORT]

A client broadcasts a question to UDP 7359 and takes the address from the answer. Pods hear no broadcast, and a
machine that is asleep answers none; this runs on the always-on control plane and names the port that is held there.
"""

import json
import socket
import sys
import uuid

PORT = 7359
QUESTION = b"who is jellyfinserver?"


def render_answer(name, url):
    """The document that Jellyfin itself sends; a client learns the server's real Id when it connects."""
    number = uuid.uuid5(uuid.NAMESPACE_URL, url).hex
    return json.dumps({"Address": url, "Id": number, "Name": name, "EndpointAddress": None}).encode()


def serve(name, url, port):
    answer = render_answer(name, url)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("0.0.0.0", port))
        print(f"answering on UDP {listening.getsockname()[1]}", flush=True)
        while True:
            question, client = listening.recvfrom(512)
            if QUESTION in question.lower():
                try:
                    listening.sendto(answer, client)
                except OSError as error:
                    print(f"no way to {client[0]}: {error}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else PORT)

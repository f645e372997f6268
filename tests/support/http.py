"""What the HTTP clients of the tests share."""

import ssl

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For clients that never speak TLS (``verify=``); it trusts nobody. Otherwise httpx loads for each of them all
certificates that it trusts, which takes 60 ms."""

import hashlib
import json

from tests.bench.workload import sale

DIGEST = "71e2d829baa45975a662eb828b810daf54c442ce2358e44f1759654db0eaeea5"


def test_the_documents_are_the_same_bytes_as_ever() -> None:
    text = "\n".join(json.dumps(sale(i), separators=(",", ":")) for i in range(10_000))
    assert round(len(text) / 10_000) == 442
    assert hashlib.sha256(text.encode()).hexdigest() == DIGEST

"""``caravan serve --lan``: phones in the same network, with TLS by a certificate authority of this data folder."""
